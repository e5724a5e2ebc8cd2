"""Make the data sets again with Clawpack, the solver of the paper (section 4.3).

The Euler set, and any set on a uniform grid, take PyClaw from the extra `data`. The 2d sets as shipped take AMRClaw,
which is in Clawpack's source only: see `amrclaw`. Either needs a Fortran compiler.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from lrnrbook.datasets import INTERVALS, DataSet, find_dataset
from study.waves import amrclaw, pyclaw_run
from study.waves.files import write_data
from study.waves.solver import GenerationError, run

__all__ = ["GenerationError", "generate"]


def generate(name: str, path: str | os.PathLike[str], uniform: int | None = None) -> Path:
    """Solve the equations of a data set anew and write it to a file for `read_data`.

    For a 2d set this downloads Clawpack's source with pip, unless the environment variable CLAW names a tree of it.

    Parameters
    ----------
    name : str
        One of `datasets()`.
    path : path
        The `.npz` file to write; it appears when it is complete, and an existing one is replaced.
    uniform : int, optional
        Cells along each axis of one uniform grid, solved by PyClaw, in place of the grid of the shipped set: 800 cells
        in 1d, in 2d patches that have 200 (acoustics, burgers) or 320 (advection) where they are finest.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ValueError
        If the name is unknown, or the number of cells is not between 10 and 4000.
    GenerationError
        If Clawpack, gfortran or make is missing, or a run fails.
    """
    entry = find_dataset(name)
    if uniform is not None and not 10 <= uniform <= 4000:
        raise ValueError(f"uniform = {uniform}: expected 10 to 4000 cells along each axis")
    with tempfile.TemporaryDirectory() as folder:
        if uniform is None and name in amrclaw.EXAMPLES:
            x, u, setup = amrclaw.solve(name, entry.final_time, INTERVALS, Path(folder))
        else:
            x, u, setup = _uniform(entry, uniform or 800, Path(folder))
    return write_data(path, name, x, u, {"equation": entry.equation, "final_time": entry.final_time, **setup})


def _uniform(entry: DataSet, cells: int, folder: Path) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Return half-cell indices (P, d), values (161, P, m) and set-up of a run of PyClaw."""
    _require_clawpack()
    output, d = folder / "frames.npz", len(entry.domain)
    arguments = [output, entry.name, cells, entry.final_time, INTERVALS]
    run([sys.executable, "-P", pyclaw_run.__file__, *map(str, arguments)], folder)
    with np.load(output, allow_pickle=False) as file:
        u, version = file["u"], str(file["version"])
    index = np.indices((cells,) * d).reshape(d, -1).T
    return 2 * index + 1, u, {**UNIFORM[entry.name], "cells": [cells] * d, "clawpack": version}


UNIFORM = {
    "euler": {
        "initial_state": "density 1, velocity 0, pressure 1000 for x < 0.1, 100 for x >= 0.9, 0.01 between",
        "boundary": "solid walls",
        "solver": "PyClaw ClawSolver1D, Roe with entropy fix, MC limiter, CFL 0.9",
    },
    "acoustics": {
        "initial_state": amrclaw.EXAMPLES["acoustics"].setup["initial_state"],
        "boundary": "periodic",
        "solver": "PyClaw ClawSolver2D, unsplit, van Leer limiter, CFL 0.9",
    },
    "burgers": {
        "initial_state": amrclaw.EXAMPLES["burgers"].setup["initial_state"],
        "boundary": "periodic",
        "solver": "PyClaw ClawSolver2D, unsplit, van Leer limiter, CFL 0.9",
    },
    "advection": {
        "initial_state": amrclaw.EXAMPLES["advection"].setup["initial_state"],
        "boundary": "no flow through the sides",
        "solver": "PyClaw ClawSolver2D, unsplit, MC limiter, CFL 0.9",
    },
}  # set-ups of the runs in `pyclaw_run`


def _require_clawpack() -> None:
    if importlib.util.find_spec("clawpack") is not None:
        return
    message = "Clawpack is not installed: `pip install lrnrbook[data]` compiles it in a few minutes"
    if shutil.which("gfortran") is None:
        message += (
            ", once a Fortran compiler is there too: gfortran is not found (on Debian: `apt-get install gfortran`)"
        )
    raise GenerationError(message)
