"""Measurements of trained models that take minutes: one row a model, in records that chapters and claims read."""

from __future__ import annotations

import json
import math
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from lrnrbook.files import machine, plain, write_json
from study.ledger.models import Subject, about, subject
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


def _plain(value):
    """A measurement fit for a record: Python's own numbers, and None where there is none."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _row(run: Callable[[str, int], dict], name: str, seed: int, whose: Subject) -> dict:
    torch.set_num_threads(1)
    with about(whose):
        return _plain(run(name, seed))


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
    path = Path(path)
    record = json.loads(path.read_text()) if path.exists() else {"rows": {}, "machine": machine()}
    todo = [(name, seed) for name in what.sets for seed in subject().seeds(name)
            if (what.every_seed or seed == 0) and f"{name} {seed}" not in record["rows"]]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool, tqdm(total=len(todo), unit="model") as bar:
        runs = {pool.submit(_row, what.run, *model, subject()): model for model in todo}
        for run in as_completed(runs):
            name, seed = runs[run]
            record["rows"][f"{name} {seed}"] = plain(run.result())
            record["date"] = date.today().isoformat()
            write_json(path, record)
            bar.update()
    return record
