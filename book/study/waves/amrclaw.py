"""The 2d data sets from examples of AMRClaw (section 4.3): get the source, build and run it, read what it writes.

AMRClaw's Fortran is in Clawpack's source only, not in an installed Clawpack. So each run takes a copy of the source
into a temporary folder, from $CLAW or else by `pip download`, and needs gfortran and make.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lrnrbook.patches import visible_cells
from study.waves import setrun
from study.waves.solver import GenerationError, require, run

VERSION = "5.11.0"
PARTS = ("amrclaw", "classic", "clawpack", "clawutil", "pyclaw", "riemann")  # of the source, that a run needs


@dataclass(frozen=True)
class Example:
    """An example of AMRClaw and what is changed in it.

    Attributes
    ----------
    folder : str
        Of the source, in amrclaw/examples.
    cells, refinement : tuples of int
        Cells of the coarsest level along each axis, and the refinement of each level against the one before.
    lower : float
        Lower end of both axes.
    setup : dict
        Words on the set-up, for people.
    changes : dict
        What `setrun.py` shall set differently, such as {"clawdata.bc_lower": [...]}.
    transposed : bool
        Whether the axes are swapped on output.
    """

    folder: str
    cells: tuple[int, int]
    refinement: tuple[int, ...]
    lower: float
    setup: dict[str, str]
    changes: dict[str, Any] = field(default_factory=dict)
    transposed: bool = False


EXAMPLES = {
    "acoustics": Example(
        "acoustics_2d_radial", (50, 50), (2, 2), -1.0,
        {"initial_state": "at rest, pressure 1 + cos(pi (r - 0.5) / 0.2) where |r - 0.5| <= 0.2, else 0",
         "boundary": "periodic (in the example: outflow)",
         "solver": "AMRClaw example acoustics_2d_radial, van Leer limiter, CFL 0.9"},
        changes={"clawdata.bc_lower": ["periodic", "periodic"], "clawdata.bc_upper": ["periodic", "periodic"]}),
    "burgers": Example(
        "burgers_2d_square", (50, 50), (2, 2), 0.0,
        {"initial_state": "1 on (0.1, 0.6)^2, 0.1 elsewhere",
         "boundary": "periodic",
         "solver": "AMRClaw example burgers_2d_square, van Leer limiter, CFL 0.9"}),
    "advection": Example(
        "advection_2d_swirl", (40, 40), (2, 4), 0.0,
        {"initial_state": "1 for x2 < 0.5, else 0",
         "boundary": "no flow through the sides",
         "solver": "AMRClaw example advection_2d_swirl, x1 and x2 swapped on output, MC limiter, CFL 0.9"},
        transposed=True),
}  # fmt: skip


def solve(name: str, final_time: float, intervals: int, folder: Path) -> tuple[list, list, dict[str, Any]]:
    """Build and run the example behind a data set.

    Parameters
    ----------
    name : str
        Of `EXAMPLES`.
    final_time, intervals : float, int
        The solution is written at intervals + 1 equal times, the first at 0.
    folder : Path
        An empty one.

    Returns
    -------
    patches : list of (n, 5) integers
        One a time, see `_patches`.
    values : list of (P_k, 1)
        First component of the solution at their visible cells.
    setup : dict
        For the data's `setup`.
    """
    require("gfortran", "make")
    example = EXAMPLES[name]
    claw, version = copy_source(folder)
    home = claw / "amrclaw" / "examples" / example.folder
    output = {
        "clawdata.num_output_times": intervals, "clawdata.tfinal": final_time, "clawdata.output_t0": True,
        "clawdata.output_format": "binary64", "clawdata.output_aux_components": "none",
        "clawdata.verbosity": 0, "gaugedata.gauges": [],
    }  # fmt: skip
    settings = {
        "CLAW": str(claw), "CLAW_PYTHON": sys.executable, "FC": "gfortran", "FFLAGS": "-O2", "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    print(f"building and running {example.folder}", flush=True)
    changes = json.dumps(output | example.changes)
    run([sys.executable, "-P", setrun.__file__, changes], home, "setrun.py", path=(str(claw),), **settings)
    run(["make", ".exe"], home, "make", **settings)
    run([str(home / "xamr")], home, **settings)
    frames = [read_frame(home, k, example) for k in range(intervals + 1)]
    setup = {
        **example.setup, "cells": list(example.cells), "refinement": list(example.refinement), "clawpack": version,
        "compiler": f"gfortran {run(['gfortran', '-dumpfullversion'], home).strip()}",
    }  # fmt: skip
    return [patches for patches, _ in frames], [values for _, values in frames], setup


def copy_source(folder: Path) -> tuple[Path, str]:
    """Copy the parts of Clawpack's source that a run needs into `folder`; return the copy and its version."""
    if os.environ.get("CLAW"):
        source = Path(os.environ["CLAW"])
        if not all((source / part).is_dir() for part in PARTS):
            raise GenerationError(f"$CLAW is {source}: expected a tree of Clawpack's source, with amrclaw/examples")
    else:
        source = _download(folder)
    for part in PARTS:
        leftovers = shutil.ignore_patterns("*.o", "*.mod", "*.so", "xamr", ".git", "_output", "_plots")
        shutil.copytree(source / part, folder / "claw" / part, ignore=leftovers)
    version = re.search(r"__version__ = '(.*?)'", (source / "clawpack" / "__init__.py").read_text())
    return folder / "claw", version[1] if version else "unknown"


def _download(folder: Path) -> Path:
    print(f"downloading Clawpack {VERSION} with pip, a minute or two; or set CLAW to a tree of its source", flush=True)
    download = ["pip", "download", "--quiet", "--no-deps", "--no-binary", "clawpack", f"clawpack=={VERSION}"]
    run([sys.executable, "-m", *download, "--dest", str(folder)], folder, "pip download")
    with tarfile.open(folder / f"clawpack-{VERSION}.tar.gz") as archive:
        archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # from 3.11.4 on
    return folder / f"clawpack-{VERSION}"


def read_frame(folder: Path, k: int, example: Example) -> tuple[np.ndarray, np.ndarray]:
    """Read frame k of a run: patches (n, 5), and values (P, 1) at their visible cells, as `_patches` orders them.

    fort.q has a header for each patch, numbers with their names; fort.b has the values of all patches with ghost
    cells on each side, in float64 and Fortran order (component, i1, i2).
    """
    text = (folder / f"fort.q{k:04d}").read_text()
    names = ("AMR_level", "mx", "my", "xlow", "ylow", "dx", "dy")
    level, *shape, x, y, dx, dy = (_numbers(text, name) for name in names)
    first = np.rint([(x - example.lower) / dx, (y - example.lower) / dy])
    patches = np.stack([level - 1, *first, *shape], axis=1).astype(np.int16)
    header = (folder / f"fort.t{k:04d}").read_text()
    components, ghosts = (int(_numbers(header, name)[0]) for name in ("meqn", "nghost"))

    raw, values, start = np.fromfile(folder / f"fort.b{k:04d}", dtype=np.float64), [], 0
    inner = slice(ghosts, -ghosts)
    for n, m in patches[:, 3:].astype(int) + 2 * ghosts:
        stop = start + components * n * m
        values.append(raw[start:stop].reshape(components, n, m, order="F")[0, inner, inner])
        start = stop
    if example.transposed:
        patches, values = patches[:, [0, 2, 1, 4, 3]], [u.T for u in values]
    masks = visible_cells(patches, example.cells, example.refinement)
    return patches, np.concatenate([u[mask] for u, mask in zip(values, masks, strict=True)])[:, None]


def _numbers(text: str, name: str) -> np.ndarray:
    """Numbers in the lines "number name"."""
    return np.array(re.findall(rf"^\s*(\S+)\s+{name}\s*$", text, re.MULTILINE), dtype=float)
