"""Sprints: ways to train, in turns in one process, each for as much processor time; the error is followed on samples.

Whatever else the machine does slows all of them alike, so what they reach can be compared on a machine that is shared.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import torch

from lrnrbook.datasets import load_data
from lrnrbook.files import write_json
from lrnrbook.training import apart
from study.ledger.records import begun, plain
from study.ledger.verdicts import SETS
from study.rivals.sprint_runs import Features, Sprint

# A small LRNR at the rate that the trials of the rivals chose; one change of it each; changes together.
BEFORE = {"width": 112, "rank": 28, "learning_rate": 5e-3}
LINEAR = {"prune": 0.0, "prune_below": 0.0, "hyper_output": "linear"}
TOGETHER = BEFORE | LINEAR | {"first": 2.0, "switch_threshold": 0.05, "lambda_ortho": 0.0}
FEATURES = "network with Fourier features"
SOON = "sines first, early l1, linear, no R_ortho"
ONE = {"plain LRNR": BEFORE, FEATURES: None} | {name: BEFORE | change for name, change in {
    "no pruning, linear hypernetwork output": LINEAR,
    "hypernetwork 25 x 4": {"hyper_width": 25, "hyper_depth": 4},
    "preconditioner every 30 steps": {"precondition_every": 30},
    "batches 16 x 64": {"batch_points": 64},
    "no R_ortho": {"lambda_ortho": 0.0},
    "sines after the first layer": {"first": 1.0},
    "sines after the first layer, twice the frequencies": {"first": 2.0},
    "GELU": {"activation": "gelu"},
    "rate 1e-2": {"learning_rate": 1e-2},
    "l1 from an MSE of 0.05": {"switch_threshold": 0.05},
}.items()}
MORE = {SOON: TOGETHER} | {f"{SOON}; {name}": TOGETHER | change for name, change in {
    "strata of points and times": {"batches": "strata"},
    "four times the frequencies": {"first": 4.0},
    "rate 3e-3": {"learning_rate": 3e-3},
    "points by error": {"batches": "by error"},
    "Muon": {"muon": 0.02},
}.items()}
BEST = f"{SOON}; strata of points and times"
LEADS = {BEST: MORE[BEST]} | {f"{BEST}; {name}": MORE[BEST] | change for name, change in {
    "rate 1e-2": {"learning_rate": 1e-2},
    "start fitted to a batch": {"fitted": True},
    "half of width and rank for half of the time": {"width": 56, "rank": 14, "grown": 2},
    "preconditioner every 30 steps in the second half": {"late": 30},
    "bfloat16 between first and last layer": {"bfloat16": True},
    "compiled step": {"compiled": True},
    "neighbouring times in a batch": {"batches": "neighbours"},
    "even rate, then exponential end": {"end": 1e-3},
}.items()}
LAST = {"plain LRNR": BEFORE, FEATURES: None, BEST: MORE[BEST]}
SOONER = f"{BEST}; half of the seconds"
HALF = {"plain LRNR": BEFORE, SOONER: MORE[BEST] | {"share": 0.5}}
COMPILED = f"{BEST}; compiled step"
COMPILED_SOONER = f"{COMPILED}; half of the seconds"
HALF_COMPILED = {"plain LRNR": BEFORE, COMPILED_SOONER: LEADS[COMPILED] | {"share": 0.5}}
LONG = {FEATURES: None, COMPILED: LEADS[COMPILED]}


class Round(NamedTuple):
    """Runs that are compared: seconds of each, waves, seeds, variants, whether every eighth time is kept apart.

    The first variant is what the others are held against; one with a "share" has only this part of the seconds.
    """

    seconds: float
    names: tuple[str, ...]
    seeds: tuple[int, ...]
    variants: dict[str, dict | None]
    apart: bool = False


ROUNDS = {
    "one change": Round(25.0, ("euler", "burgers"), (0,), ONE),
    "together": Round(22.0, ("euler", "burgers"), (0,), MORE),
    "leads": Round(40.0, ("euler", "acoustics"), (0,), LEADS),
    "final": Round(30.0, tuple(SETS), (0, 1, 2), LAST),
    "half": Round(60.0, tuple(SETS), (0, 1, 2), HALF, apart=True),
    "compiled half": Round(50.0, tuple(SETS), (0, 1, 2), HALF_COMPILED, apart=True),
    "long": Round(240.0, tuple(SETS), (0,), LONG, apart=True),
}
MARKS = 20  # times at which a run's error is looked at, evenly in time


def sprint(name: str, variants: dict[str, dict], seed: int, seconds: float,
           keep: Callable[[str, dict], None], holdout: str | None = None) -> None:
    """Train all variants in turns, an epoch each; `keep` takes the row of each when it ends.

    A row has the change (None of the network with Fourier features), steps, seconds, "course" as pairs of seconds and
    error, and "e1", the error at the end; None for one that diverged. With a holdout, as that of `fit`, also "held",
    the error at the times kept apart. A compiled one has the seconds on the clock that it took to compile it, which
    are not among its own.
    """
    data, held = apart(load_data(name), holdout)
    runs = {key: (Sprint if change is not None else Features)(data, change, seed, seconds, held)
            for key, change in variants.items()}
    course: dict[str, list] = {key: [] for key in runs}
    while runs:
        for key, run in list(runs.items()):
            fine = run.advance()
            over = not fine or run.spent >= run.budget
            if over or run.spent >= (len(course[key]) + 1) * run.budget / MARKS:
                course[key].append([run.spent, run.error()])
            if over:
                del runs[key]
                keep(key, plain({"change": variants[key], "steps": run.steps, "seconds": run.spent,
                                 "course": course[key], "e1": course[key][-1][1] if fine else None}
                                | (run.between() if held and fine else {})
                                | ({"compiling": run.compiling} if run.compiling else {})))


def key(what: str, name: str, seed: int, variant: str) -> str:
    """Name of a row, as "final, euler, 0, plain LRNR"."""
    return f"{what}, {name}, {seed}, {variant}"


def missing(record: dict) -> dict[tuple[str, str, int], dict]:
    """Variants that a record lacks, by round, wave and seed; all waves have a seed before any has the next."""
    left = {(what, name, seed): {variant: change for variant, change in one.variants.items()
                                 if key(what, name, seed, variant) not in record["rows"]}
            for what, one in ROUNDS.items() for seed in one.seeds for name in one.names}
    return {where: variants for where, variants in left.items() if variants}


def measure(path, names: tuple[str, ...] = SETS) -> dict:
    """Run what a record lacks on these waves; each row is written when its run ends.

    Returns
    -------
    dict
        rows: as from `sprint`, see `key`.
    """
    torch.set_num_threads(1)
    record = begun(path)
    for (what, name, seed), variants in missing(record).items():
        def keep(variant: str, row: dict, where: tuple = (what, name, seed)) -> None:
            record["rows"][key(*where, variant)] = row
            record["date"] = date.today().isoformat()
            write_json(path, record)

        if name in names:
            sprint(name, variants, seed, ROUNDS[what].seconds, keep, "auto" if ROUNDS[what].apart else None)
    return record


def soon(course: list, target: float) -> float | None:
    """Seconds after which the error of a run is below a target, or None.

    Examples
    --------
    >>> soon([[1.0, 0.1], [2.0, 0.01]], 0.05)
    2.0
    """
    return next((seconds for seconds, error in course if error is not None and error <= target), None)
