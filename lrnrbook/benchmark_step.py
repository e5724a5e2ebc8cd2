"""Benchmark of one training step: operations and bytes counted, time measured, against what a core can do."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from lrnrbook.benchmark import machine
from lrnrbook.datasets import load_data
from lrnrbook.layers import FactoredLayer
from lrnrbook.recipes import get_recipe
from lrnrbook.storage import write_json
from lrnrbook.trainer import Trainer

STEPS = 60  # timed at a time: six rounds of SOAP's preconditioner, which comes every tenth step


class BytesMoved(TorchDispatchMode):
    """Sums the sizes of tensors that go into and come out of operations, views aside."""

    total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        if not function.is_view:
            tensors = [a for a in tree_leaves((args, kwargs, out)) if isinstance(a, torch.Tensor)]
            self.total += sum(a.numel() * a.element_size() for a in tensors)
        return out


def some_batches(trainer: Trainer, count: int):
    """So many batches, from the first epoch on."""
    epoch = 0
    while True:
        for batch in trainer.batches.epoch(epoch):
            if count == 0:
                return
            count -= 1
            yield batch
        epoch += 1


def warm(recipe, data, device: str = "cpu") -> Trainer:
    """A trainer that has taken a dozen steps."""
    trainer = Trainer(data, recipe, 0, device)
    for batch in some_batches(trainer, 12):
        trainer._step(*batch)
    return trainer


def seconds_a_step(trainer: Trainer, rounds: int = 3, count: int | None = None) -> float:
    """Least mean time of so many steps, `STEPS` unless given, over some rounds."""
    count = count or STEPS
    best = float("inf")
    for _ in range(rounds):
        batches = list(some_batches(trainer, count))
        wait(trainer.device)
        start = time.perf_counter()
        for batch in batches:
            trainer._step(*batch)
        wait(trainer.device)
        best = min(best, (time.perf_counter() - start) / count)
    return best


def wait(device: torch.device) -> None:
    """Until a GPU has done what it was given; the CPU never lags behind."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _least(action, repeats: int, device: torch.device) -> float:
    times = []
    for _ in range(repeats):
        wait(device)
        start = time.perf_counter()
        action()
        wait(device)
        times.append(time.perf_counter() - start)
    return min(times)


def peak(device: str = "cpu") -> dict[str, float]:
    """What one core or a GPU does at best: float32 operations (a large product) and bytes (a large copy) a second."""
    torch.set_num_threads(1)
    where, n = torch.device(device), 1024 if device == "cpu" else 8192
    a, b = torch.randn(2, n, n, device=where)
    x, y = torch.empty(2, 32 * 2**20, device=where)
    product, copy = _least(lambda: torch.mm(a, b), 12, where), _least(lambda: y.copy_(x), 8, where)
    return {"flops": 2 * n**3 / product, "bytes": 2 * x.nbytes / copy}


def count(trainer: Trainer, steps: int = 10) -> dict[str, float]:
    """Operations in matrix products and bytes moved by one step, mean over some; the steps are not recorded ones."""
    with FlopCounterMode(display=False) as flops, BytesMoved() as moved:
        for batch in some_batches(trainer, steps):
            trainer._gradients_and_update(*batch)
    return {"flops": flops.get_total_flops() / steps, "bytes": moved.total / steps}


def _share_of_the_optimizer(trainer: Trainer) -> float:
    spent, step = [0.0], trainer.optimizer.step

    def timed():
        start = time.perf_counter()
        step()
        spent[0] += time.perf_counter() - start

    trainer.optimizer.step = timed
    start = time.perf_counter()
    for batch in some_batches(trainer, STEPS):
        trainer._step(*batch)
    total = time.perf_counter() - start
    trainer.optimizer.step = step
    return spent[0] / total


SIDE = """
import sys, time, torch
from lrnrbook import benchmark_step as b
torch.set_num_threads(1)
trainer = b.warm(b.get_recipe("laptop", sys.argv[1]), b.load_data(sys.argv[1]))
print("ready", flush=True); sys.stdin.readline()
print(b.seconds_a_step(trainer), flush=True); sys.stdin.readline()
"""


def side_by_side(name: str, jobs: int) -> float:
    """Seconds a step of each of some processes that train at once, one thread each; the slowest."""
    runs = [subprocess.Popen([sys.executable, "-c", SIDE, name], text=True, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE) for _ in range(jobs)]
    try:
        for command in ("ready", "time"):
            lines = [run.stdout.readline() for run in runs]
            if command == "time":
                return max(map(float, lines))
            for run in runs:
                print(file=run.stdin, flush=True)
    finally:
        for run in runs:
            run.communicate("\n")


class _Fused(FactoredLayer):
    """The same map by one product with [U B], as in (6.1), instead of two."""

    def forward(self, z, s1, s2):
        """Map z as `FactoredLayer` does."""
        zeta = (z @ self.V) * s1[:, None, :]
        both = torch.cat([zeta, s2[:, None, :].expand(-1, zeta.shape[1], -1)], dim=-1)
        return both @ torch.cat([self.U, self.B], dim=1).T


def step(name: str, path) -> dict:
    """Measure a step of the laptop recipe on a data set, and variants of it.

    Parameters
    ----------
    name : str
        Data set.
    path : path
        JSON record to write.

    Returns
    -------
    dict
        The record: peak of a core, operations, bytes and seconds of a step, shares reached, seconds of the variants.
    """
    data, recipe = load_data(name), get_recipe("laptop", name)
    best = peak()
    torch.set_num_threads(1)
    trainer = warm(recipe, data)
    counted, alone = count(trainer), seconds_a_step(trainer)
    record = {
        "data": name, "recipe": "laptop", "machine": machine(), "date": date.today().isoformat(),
        "peak": best, "step": counted | {"seconds": alone, "optimizer": _share_of_the_optimizer(trainer)},
        "fraction": {what: counted[what] / alone / best[what] for what in ("flops", "bytes")},
        "seconds": {"one thread": alone},
    }
    adam = warm(replace(recipe, optimizer="adam"), data)
    record["seconds"]["one thread, Adam instead of SOAP"] = seconds_a_step(adam)
    torch.set_num_threads(2)
    record["seconds"]["two threads"] = seconds_a_step(trainer)
    torch.set_num_threads(1)
    fused = warm(recipe, data)
    for layer in fused.model.lrnr.layers:
        layer.__class__ = _Fused
    record["seconds"]["one thread, one product with [U B]"] = seconds_a_step(fused)
    if shutil.which("g++"):  # which torch.compile calls
        compiled = warm(recipe, data)
        compiled.model.lrnr = torch.compile(compiled.model.lrnr)
        for batch in some_batches(compiled, 12):
            compiled._step(*batch)
        record["seconds"]["one thread, LRNR compiled"] = seconds_a_step(compiled)
    record["seconds"]["two runs side by side, one thread each"] = side_by_side(name, 2)
    write_json(Path(path), record)
    return record
