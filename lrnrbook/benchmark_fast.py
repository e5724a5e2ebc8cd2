"""Benchmark of FastLRNR: error against rank at seeded points and unseen times, every selection of rows (Fig. 17)."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date

import numpy as np
import torch
from tqdm.auto import tqdm

from lrnrbook.benchmark import machine
from lrnrbook.datasets import datasets
from lrnrbook.fast import POINTS, FastLRNR
from lrnrbook.storage import load_pretrained, write_json

RANKS = (8, 16, 24, 32, 48, 64, 96)
COUNT = 16  # points, uniform in the domain, seed 0
SNAPSHOTS = 3201
UNSEEN = 997  # times, none of them a snapshot


def measure(path, jobs: int = 2) -> dict:
    """Relative l2 errors over time at each point, by data set, precision, selection and rank; laptop models.

    A row has the errors (P,), the error of all points together, its estimate, the ranks of the hidden layers, the
    largest condition number, and the seconds that the build took.
    """
    tasks = [(name, dtype, points) for name in datasets() for dtype, points in
             [*(("float64", points) for points in POINTS), ("float32", "qdeim")]]
    with ProcessPoolExecutor(jobs) as pool:
        found = list(tqdm(pool.map(_rows, tasks), total=len(tasks), unit="selection"))
    rows = {", ".join(task): row for task, row in zip(tasks, found, strict=True)}
    record = {"rows": rows, "points": COUNT, "snapshots": SNAPSHOTS, "times": UNSEEN, "machine": machine(),
              "date": date.today().isoformat()}
    write_json(path, record)
    return record


@torch.no_grad()
def _rows(task) -> dict[str, dict]:
    torch.set_num_threads(1)
    name, dtype, points = task
    model = load_pretrained(name).to(getattr(torch, dtype))
    low, high = model.domain.T
    x = low + (high - low) * np.random.default_rng(0).random((COUNT, len(low)))
    first, last = model.times
    times = np.linspace(first, last, SNAPSHOTS)
    unseen = first + (last - first) * (np.arange(UNSEEN) + 0.37) / UNSEEN
    u = model(x, unseen).double()
    found = {}
    for rank in RANKS:
        start = time.perf_counter()
        try:
            fast = FastLRNR.build(model, x, rank, times, points)
        except ValueError:  # no layer's states span so much
            break
        seconds = time.perf_counter() - start
        wrong = (fast(unseen).double() - u).square().sum((0, 2)).sqrt()
        size = u.square().sum((0, 2)).sqrt()
        found[str(rank)] = {
            "errors": (wrong / size).tolist(), "together": float(wrong.norm() / size.norm()),
            "estimate": fast.error(unseen), "ranks": list(fast.ranks), "condition": float(fast.condition.max()),
            "operations": fast.operations, "seconds": seconds}
    return found
