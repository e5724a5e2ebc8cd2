"""Benchmark of one training step: operations and bytes counted, time measured, against what a core can do."""

from __future__ import annotations

import multiprocessing
import shutil
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import torch

from lrnrbook.datasets import load_data
from lrnrbook.files import write_json
from lrnrbook.layers import FactoredLayer
from lrnrbook.recipes import get_recipe
from lrnrbook.trainer import Trainer
from study.instruments.costs import STEPS, compile_step, count, peak, seconds_a_step, some_batches, warm
from study.ledger.records import machine


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


def _beside(name: str, pipe) -> None:
    """One of the processes of `side_by_side`: says that it is ready, waits for all, and sends its time."""
    torch.set_num_threads(1)
    trainer = warm(get_recipe("laptop", name), load_data(name))
    pipe.send("ready")
    pipe.recv()
    pipe.send(seconds_a_step(trainer))
    pipe.recv()


def side_by_side(name: str, jobs: int) -> float:
    """Seconds a step of each of some processes that train at once, one thread each; the slowest."""
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe() for _ in range(jobs)]
    runs = [context.Process(target=_beside, args=(name, theirs), daemon=True) for _, theirs in pipes]
    for run in runs:
        run.start()
    for question in ("time", "end"):  # each is put to all of them when all have answered the one before
        answers = [ours.recv() for ours, _ in pipes]
        for ours, _ in pipes:
            ours.send(question)
    for run in runs:
        run.join()
    return max(answers)


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
        compile_step(compiled)
        for batch in some_batches(compiled, 12):
            compiled._step(*batch)
        record["seconds"]["one thread, compiled"] = seconds_a_step(compiled)
    record["seconds"]["two runs side by side, one thread each"] = side_by_side(name, 2)
    write_json(Path(path), record)
    return record
