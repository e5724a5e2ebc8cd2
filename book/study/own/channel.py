"""The files of the chapters on your own waves: a gate opens in a channel with walls at both ends.

`python book/study/own/channel.py channel.nc` runs PyClaw (extra `data`, gfortran) and writes one run;
`python book/study/own/channel.py gates.nc family` writes 16 of them, over as many depths beyond the gate. It imports
nothing of this book, so that the files are as others have them.
"""

import sys
import tempfile
from contextlib import chdir
from pathlib import Path

import numpy as np
import xarray as xr

LENGTH, GATE, GRAVITY = 100.0, 30.0, 9.81  # m, m, m/s^2
DEEP, SHALLOW = 2.0, 1.0  # depth of the water before and beyond the gate, m
CELLS, FINAL_TIME, INTERVALS = 400, 30.0, 80  # the finest the file needs; s; frames but for the first
TAILWATER = np.round(np.arange(0.25, 1.76, 0.1), 2)  # depths beyond the gate of the family, m
FAMILY = {"time": 16.0, "intervals": 40, "cells": 250}  # as above, of each of its runs


def solve(shallow: float = SHALLOW, time: float = FINAL_TIME, intervals: int = INTERVALS, cells: int = CELLS) -> list:
    """Frames of a run: Roe's solver with an entropy fix, second order with the MC limiter."""
    from clawpack import pyclaw, riemann

    solver = pyclaw.ClawSolver1D(riemann.shallow_roe_with_efix_1D)
    solver.limiters = pyclaw.limiters.tvd.MC
    solver.bc_lower[0] = solver.bc_upper[0] = pyclaw.BC.wall
    state = pyclaw.State(pyclaw.Domain([0.0], [LENGTH], [cells]), 2)
    state.problem_data["grav"] = GRAVITY
    state.q[0] = np.where(state.grid.x.centers < GATE, DEEP, shallow)
    state.q[1] = 0.0
    run = pyclaw.Controller()
    run.solution, run.solver = pyclaw.Solution(state, pyclaw.Domain(state.patch)), solver
    run.tfinal, run.num_output_times = time, intervals
    run.keep_copy, run.output_format, run.verbosity = True, None, 0
    run.run()
    return run.frames


def labelled(frames: list) -> xr.Dataset:
    """Depth and velocity over time and place, with the attributes of the CF conventions."""
    from clawpack import __version__

    depth, discharge = np.stack([frame.q for frame in frames], axis=1)  # (2, T, P)
    opened = np.datetime64("2026-03-02T09:00", "ns")
    seconds = np.round(1e9 * np.array([frame.t for frame in frames])).astype("timedelta64[ns]")
    dims = ("time", "x")
    return xr.Dataset(
        {"depth": (dims, depth.astype("f4"), {"long_name": "depth of the water", "units": "m"}),
         "velocity": (dims, (discharge / depth).astype("f4"), {"long_name": "velocity", "units": "m/s"})},
        {"time": ("time", opened + seconds, {"standard_name": "time", "axis": "T"}),
         "x": ("x", frames[0].grid.x.centers, {"long_name": "distance from the left wall", "units": "m", "axis": "X"})},
        {"Conventions": "CF-1.11", "title": "A gate opens in a channel",
         "source": f"shallow water, PyClaw {__version__}: Roe solver with entropy fix, MC limiter, {CELLS} cells",
         "history": "python book/study/own/channel.py channel.nc"})


def family() -> xr.Dataset:
    """A run for each depth of the water beyond the gate, along a dimension of its own; times in seconds."""
    from clawpack import __version__

    runs = [solve(depth, **FAMILY) for depth in TAILWATER.tolist()]
    q = np.stack([[frame.q for frame in frames] for frames in runs])  # (R, T, 2, P)
    dims = ("tailwater", "time", "x")
    return xr.Dataset(
        {"depth": (dims, q[:, :, 0].astype("f4"), {"long_name": "depth of the water", "units": "m"}),
         "velocity": (dims, (q[:, :, 1] / q[:, :, 0]).astype("f4"), {"long_name": "velocity", "units": "m/s"})},
        {"tailwater": ("tailwater", TAILWATER, {"long_name": "depth of the water beyond the gate", "units": "m"}),
         "time": ("time", [frame.t for frame in runs[0]], {"axis": "T", "long_name": "seconds since the gate opened"}),
         "x": ("x", runs[0][0].grid.x.centers, {"long_name": "distance from the left wall", "units": "m"})},
        {"Conventions": "CF-1.11", "title": "A gate opens onto shallower water: sixteen depths of it",
         "source": f"shallow water, PyClaw {__version__}: Roe solver with entropy fix, MC limiter, "
                   f"{FAMILY['cells']} cells; values are rounded to 14 bits",
         "history": "python book/study/own/channel.py gates.nc family"})


def main(path: str, kind: str = "") -> None:
    """Run the solver in a folder that goes away, since it writes its log there, and write the file."""
    target = Path(path).absolute()
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        found = family() if kind == "family" else labelled(solve())
    packed = {"zlib": True, "complevel": 9, "shuffle": True}
    if kind == "family":
        packed |= {"quantize_mode": "BitRound", "significant_digits": 14}
        time = {"dtype": "f8"}
    else:
        time = {"units": "milliseconds since 2026-03-02 09:00:00", "dtype": "i4"}
    found.to_netcdf(target, encoding={"depth": packed, "velocity": packed, "time": time})


if __name__ == "__main__":
    main(*sys.argv[1:])
