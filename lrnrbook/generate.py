"""Make the data sets again with Clawpack, the solver of the paper (section 4.3).

Needs the extra `data` (Clawpack) and, to install that, a Fortran compiler.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from lrnrbook import _pyclaw
from lrnrbook.datasets import INTERVALS, DataSet, find_dataset, write_data


class GenerationError(RuntimeError):
    """The data cannot be made here; the message says what is missing."""


def generate(name: str, path: str | os.PathLike[str]) -> Path:
    """Solve the equations of a data set anew and write it to a file for `read_data`.

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
        If Clawpack is not installed, or its run fails.
    """
    entry = find_dataset(name)
    _require_clawpack()
    with tempfile.TemporaryDirectory() as folder:
        x, u, setup = GENERATORS[name](entry, Path(folder))
    return write_data(path, name, x, u, {"equation": entry.equation, "final_time": entry.final_time, **setup})


def _euler(entry: DataSet, folder: Path) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Return half-cell indices (P, 1), values (161, P, 3) and set-up of the interacting blast waves."""
    cells, output = 800, folder / "frames.npz"
    arguments = [output, cells, entry.final_time, INTERVALS]
    _run([sys.executable, "-P", _pyclaw.__file__, *map(str, arguments)], folder)
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


GENERATORS = {"euler": _euler}  # (entry, empty folder) -> x, u, setup of write_data


def _require_clawpack() -> None:
    if importlib.util.find_spec("clawpack") is not None:
        return
    message = "Clawpack is not installed: `pip install lrnrbook[data]` compiles it in a few minutes"
    if shutil.which("gfortran") is None:
        message += (
            ", once a Fortran compiler is there too: gfortran is not found (on Debian: `apt-get install gfortran`)"
        )
    raise GenerationError(message)


def _run(command: list[str], folder: Path) -> None:
    """Run a solver in a folder of its own, with the import path of this process."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(os.path.abspath(p) for p in sys.path if p)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise GenerationError(f"the solver stopped with exit status {done.returncode}: {last}")
