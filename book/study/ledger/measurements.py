"""Measurements of trained models that take minutes: one row a model, in records that chapters and claims read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch

from study.ledger.models import Subject, about, subject
from study.ledger.records import begun, fill, plain
from study.ledger.verdicts import SETS


@dataclass(frozen=True)
class Measurement:
    """What is measured on each model of some data sets.

    Attributes
    ----------
    name : str
        The record is "hypermodes-NAME".
    run : callable
        Maps (data set, seed) to what goes into the record; a function of a module, since other processes call it.
    sets : tuple of str
        Data sets.
    every_seed : bool
        Whether models of all seeds are measured, or only the first.
    """

    name: str
    run: Callable[[str, int], dict]
    sets: tuple[str, ...] = SETS
    every_seed: bool = False


def _row(run: Callable[[str, int], dict], name: str, seed: int, whose: Subject) -> dict:
    torch.set_num_threads(1)
    with about(whose):
        return plain(run(name, seed))


def measure(what: Measurement, path, jobs: int = 2) -> dict:
    """Measure the models of `subject`; rows are written as they come, and done ones are not measured again.

    Parameters
    ----------
    what : Measurement
    path : path
        JSON record, continued if it exists; delete it after the models have changed.
    jobs : int
        Models side by side, one thread each.

    Returns
    -------
    dict
        rows: "NAME SEED" -> what the measurement's function returns.
    """
    record = begun(path)
    todo = {f"{name} {seed}": partial(_row, what.run, name, seed, subject()) for name in what.sets
            for seed in subject().seeds(name) if what.every_seed or seed == 0}
    return fill(path, record, {key: task for key, task in todo.items() if key not in record["rows"]}, jobs, "model")
