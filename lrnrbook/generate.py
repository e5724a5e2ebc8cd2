"""Make the data sets again with Clawpack, the solver of the paper (section 4.3).

The Euler set and uniform grids take PyClaw, from the extra `data`. The 2d sets as shipped take AMRClaw, which is in
Clawpack's source only: see `_amrclaw`. Either needs a Fortran compiler, gfortran.
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

from lrnrbook import _amrclaw, _pyclaw
from lrnrbook._solver import GenerationError, run
from lrnrbook.datasets import INTERVALS, DataSet, find_dataset, write_data

__all__ = ["GenerationError", "generate"]


def generate(name: str, path: str | os.PathLike[str]) -> Path:
    """Solve the equations of a data set anew and write it to a file for `read_data`.

    For a 2d set this downloads Clawpack's source with pip, unless the environment variable CLAW names a tree of it.

    Parameters
    ----------
    name : str
        One of `datasets()`.
    path : path
        The `.npz` file to write; it appears when it is complete, and an existing one is replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ValueError
        If the name is unknown.
    GenerationError
        If Clawpack, gfortran or make is missing, or a run fails.
    """
    entry = find_dataset(name)
    with tempfile.TemporaryDirectory() as folder:
        x, u, setup = GENERATORS[name](entry, Path(folder))
    return write_data(path, name, x, u, {"equation": entry.equation, "final_time": entry.final_time, **setup})


def _adaptive(entry: DataSet, folder: Path) -> tuple[list[np.ndarray], list[np.ndarray], dict[str, Any]]:
    """Return patches, values (P_k, 1) and set-up of a 2d set, by adaptive mesh refinement."""
    return _amrclaw.solve(entry.name, entry.final_time, INTERVALS, folder)


def _euler(entry: DataSet, folder: Path) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Return half-cell indices (P, 1), values (161, P, 3) and set-up of the interacting blast waves."""
    _require_clawpack()
    cells, output = 800, folder / "frames.npz"
    arguments = [output, cells, entry.final_time, INTERVALS]
    run([sys.executable, "-P", _pyclaw.__file__, *map(str, arguments)], folder)
    with np.load(output, allow_pickle=False) as file:
        u, version = file["u"], str(file["version"])
    setup = {
        "initial_state": "density 1, velocity 0, pressure 1000 for x < 0.1, 100 for x >= 0.9, 0.01 between",
        "boundary": "solid walls",
        "solver": "PyClaw ClawSolver1D, Roe with entropy fix, MC limiter, CFL 0.9",
        "cells": [cells],
        "clawpack": version,
    }
    return 2 * np.arange(cells)[:, None] + 1, u, setup


GENERATORS = {"euler": _euler, "acoustics": _adaptive, "burgers": _adaptive, "advection": _adaptive}
# (entry, empty folder) -> x, u, setup of write_data


def _require_clawpack() -> None:
    if importlib.util.find_spec("clawpack") is not None:
        return
    message = "Clawpack is not installed: `pip install lrnrbook[data]` compiles it in a few minutes"
    if shutil.which("gfortran") is None:
        message += (
            ", once a Fortran compiler is there too: gfortran is not found (on Debian: `apt-get install gfortran`)"
        )
    raise GenerationError(message)
