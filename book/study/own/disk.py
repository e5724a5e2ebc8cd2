"""Benchmark of waves larger than memory: 4 GB on disk, the memory that training on them takes, and its rate."""

from __future__ import annotations

import multiprocessing
import os
import re
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from lrnrbook import WaveData, fit
from lrnrbook.batches import WINDOW
from lrnrbook.files import write_json
from lrnrbook.recipes import get_recipe
from lrnrbook.trainer import Trainer
from study.ledger.records import load_measurement, machine, plain

TIMES, SIDE, CHUNK = 4096, 512, 8  # of the set; times in a chunk
EVERY = 16  # the run in memory has every so many times: with all of them it would not fit
ROUNDS = 8  # turns of each run
SECONDS = 60.0  # of a whole fit


def make(path: Path, times: int = TIMES, side: int = SIDE) -> int:
    """Write two crossing fronts in the plane, float32, to Zarr with its usual compression; returns the bytes stored."""
    x = 2 * (np.arange(side) + 0.5) / side - 1
    t = np.linspace(0, 1, times)
    for k in range(0, times, CHUNK):
        moved = 0.5 * t[k : k + CHUNK, None, None]
        ahead, aslant = x[:, None] + 0.5 - moved, 0.6 * x[:, None] + 0.8 * x + 0.2 - moved
        u = np.tanh(20 * ahead) + np.tanh(20 * aslant)
        u = np.broadcast_to(u, (len(moved), side, side)).astype("float32")
        part = xr.Dataset({"u": (("time", "x", "y"), u)}, {"time": t[k : k + CHUNK], "x": x, "y": x})
        part.to_zarr(path, zarr_format=2, **{"append_dim": "time"} if k else {"encoding": {"time": {"chunks": times}}})
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _forget(path: Path) -> None:
    """Ask the system to drop the file from its memory, so that it is read from the disk."""
    for file in filter(Path.is_file, path.rglob("*")):
        descriptor = os.open(file, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def _most() -> int:
    """Most memory that this process has had, bytes."""
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1])


def _run(path: Path, in_memory: bool, pipe) -> None:
    """A process that trains as many epochs as it is told, and answers with points, seconds, processor seconds."""
    torch.set_num_threads(1)
    part = xr.open_dataset(path, engine="zarr").isel(time=slice(0, None, EVERY)) if in_memory else None
    data = WaveData.open(path) if part is None else WaveData.from_xarray(part)
    trainer = Trainer(data, replace(get_recipe("laptop"), epochs=10**9), 0)
    pipe.send(getattr(trainer.batches, "stay", None))
    while epochs := pipe.recv():
        start, spent = time.perf_counter(), time.process_time()
        for _ in range(epochs):
            trainer.run_epoch()
        points = epochs * len(trainer.batches.frames) * trainer.recipe.batch_points
        pipe.send((points, time.perf_counter() - start, time.process_time() - spent))
    pipe.send({"peak": _most(), "steps": trainer.epoch * trainer.batches.steps})


def _fit(path: Path, pipe) -> None:
    """A process that does what a user does."""
    found = fit(WaveData.open(path), "laptop", seconds=SECONDS, holdout="auto", progress=False)
    pipe.send({"peak": _most(), "error": found.heldout.mean, "steps": found.record["steps"]})


def _started(function, *args):
    """Another process, and our end of its pipe."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=function, args=(*args, theirs), daemon=True)
    process.start()
    return process, ours


def measure(out: Path, folder: Path | None = None) -> dict:
    """Make the set in a temporary folder, train on it beside a run in memory, in turns, and write the record."""
    with tempfile.TemporaryDirectory(dir=folder) as where:
        path = Path(where) / "fronts.zarr"
        record = {"set": {"times": TIMES, "side": SIDE, "chunk": CHUNK, "bytes": 4 * TIMES * SIDE**2,
                          "stored": make(path), "every": EVERY}, "window": WINDOW}
        process, pipe = _started(_fit, path)
        record["fit"] = pipe.recv() | {"seconds": SECONDS}
        process.join()
        runs = {"disk": _started(_run, path, False), "memory": _started(_run, path, True)}
        stay = [pipe.recv() for _, pipe in runs.values()][0]  # epochs of a window: a turn reads one
        turns = {name: [] for name in runs}
        for _ in range(1 + ROUNDS):  # the first turn warms up
            for name, (_, pipe) in runs.items():
                _forget(path)
                pipe.send(stay)
                turns[name].append(pipe.recv())
        for name, (process, pipe) in runs.items():
            pipe.send(0)
            record[name] = pipe.recv() | {"turns": turns[name][1:]}
            process.join()
    record = plain(record) | {"machine": machine(), "date": date.today().isoformat()}
    write_json(out, record)
    return record


def shares(record: dict, of: int = 1) -> np.ndarray:
    """Rate of the run on disk over that of the run in memory, a turn each: of wall clock (1) or processor time (2)."""
    disk, memory = (np.array(record[name]["turns"]) for name in ("disk", "memory"))
    return (disk[:, 0] / disk[:, of]) / (memory[:, 0] / memory[:, of])


def told(record: dict) -> tuple[str, str, str]:
    """The record's row in the table of all: what, result, compared."""
    return (f"training on {record['set']['bytes'] / 1e9:.1f} GB on disk",
            f"at most {record['disk']['peak'] / 1e9:.2f} GB of memory",
            f"{100 * np.median(shares(record)):.0f} % of the rate in memory")


def values() -> dict[str, str]:
    """Numbers and sentences for the page on benchmarks."""
    record = load_measurement("benchmark-disk")
    size, wall, cpu = record["set"], shares(record), shares(record, 2)
    peak, share = max(record[name]["peak"] for name in ("disk", "fit")) / 1e9, float(np.median(wall))
    holds = peak < 2 and share >= 0.8
    return {"disk-size": f"{size['bytes'] / 1e9:.1f}", "disk-stored": f"{size['stored'] / 1e9:.1f}",
            "disk-times": str(size["times"]), "disk-side": str(size["side"]), "disk-chunk": str(size["chunk"]),
            "disk-every": str(size["every"]), "disk-window": f"{record['window'] / 2**20:.0f}",
            "disk-peak": f"{record['disk']['peak'] / 1e9:.2f}", "disk-fit": f"{record['fit']['peak'] / 1e9:.2f}",
            "disk-fit-seconds": f"{record['fit']['seconds']:.0f}", "disk-fit-error": f"{record['fit']['error']:.1e}",
            "disk-share": f"{100 * share:.0f}", "disk-turns": str(len(wall)),
            "disk-least": f"{100 * wall.min():.0f}", "disk-best": f"{100 * wall.max():.0f}",
            "disk-cpu": f"{100 * float(np.median(cpu)):.0f}",
            "disk-memory": f"{record['memory']['peak'] / 1e9:.1f}",
            "disk-aim": "We aimed at less than 2 GB and at 80 % of the rate or more, and both hold." if holds else
                        "We aimed at less than 2 GB and at 80 % of the rate or more, and missed it."}
