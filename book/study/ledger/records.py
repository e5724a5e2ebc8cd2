"""Records: what long runs measured, as JSON files beside this package, and the runs that fill them."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import platform
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from lrnrbook.files import write_json
from study.ledger.verdicts import Missing

RECORDS = Path(__file__).parents[1] / "records"


def machine() -> dict:
    """What a figure was measured on."""
    return {"cores": os.cpu_count(), "architecture": platform.machine(), "system": platform.system()}


def plain(value):
    """A measurement fit for a record: four digits, and None where there is no number."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(part) for part in value]
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return float(f"{value:.4g}") if math.isfinite(value) else None
    return value


def record_names() -> list[str]:
    """Names of all records, as "race-recipe-euler".

    Examples
    --------
    >>> "ablations" in record_names()
    True
    """
    return sorted(path.stem for path in RECORDS.glob("*.json"))


@cache
def load_measurement(name: str) -> dict:
    """Record of a measurement, race or ablations, as "race-recipe-euler"; read once, so do not change it.

    Raises
    ------
    Missing
        If there is none of this name, naming those that are there.
    """
    if name not in record_names():
        raise Missing(f"no record {name!r}: expected one of {', '.join(record_names())}")
    return json.loads((RECORDS / f"{name}.json").read_text())


def begun(path, **head) -> dict:
    """The record at `path`, to go on with, or a new one with no rows."""
    path = Path(path)
    return json.loads(path.read_text()) if path.exists() else head | {"machine": machine(), "rows": {}}


def fill(path, record: dict, tasks: dict[str, Callable[[], dict]], jobs: int | None = None, unit: str = "row") -> dict:
    """Fill the rows that a record lacks, and write it after each, so that a stop loses one row for each process.

    Parameters
    ----------
    path : path
        JSON record to write.
    record : dict
        As from `begun`.
    tasks : dict
        Name of a row -> function that measures it; for several processes it must be one that can be pickled.
    jobs : int, optional
        Processes side by side; by default everything is measured in this one, in order.
    unit : str
        What a row is, for the progress bar.
    """
    def keep(name: str, row: dict) -> None:
        record["rows"][name] = row
        record["date"] = date.today().isoformat()
        write_json(path, record)

    if jobs is None:
        for name, task in tqdm(tasks.items(), unit=unit):
            keep(name, task())
        return record
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context) as pool, tqdm(total=len(tasks), unit=unit) as bar:
        running = {pool.submit(task): name for name, task in tasks.items()}
        try:
            for done in as_completed(running):
                keep(running[done], done.result())
                bar.update()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return record
