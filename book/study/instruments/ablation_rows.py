"""Rows of the record "ablations": short runs that several chapters decide claims by."""

from __future__ import annotations

import math
from collections.abc import Iterable

from study.ledger.records import load_measurement
from study.ledger.verdicts import Missing

SEEDS = (0, 1, 2)


def row(variant: str, data: str, seed: int) -> dict:
    """Row of the ablations, by what was run."""
    found = load_measurement("ablations")["rows"].get(f"{variant} | {data} | {seed}")
    if found is None:
        raise Missing(f"{variant}, {data}, seed {seed}")
    return found


def seeds_of(variants: Iterable[str], sets: Iterable[str]) -> list[int]:
    """Seeds for which every variant has been run on every set; at least one."""
    variants = list(variants)
    complete = complete_seeds(variants, sets)
    if not complete:
        raise Missing(f"no seed has {', '.join(variants)} on {', '.join(sets)}")
    return complete


def complete_seeds(variants: Iterable[str], sets: Iterable[str]) -> list[int]:
    """As `seeds_of`, or none: for what only stands beside."""
    rows, pairs = load_measurement("ablations")["rows"], [(name, data) for name in variants for data in sets]
    return [seed for seed in SEEDS if all(f"{name} | {data} | {seed}" in rows for name, data in pairs)]


def share(variant: str, data: str, seed: int) -> float:
    """Share of the coefficients above 5e-5 of the largest."""
    found = row(variant, data, seed)
    return found["kept"] / found["coefficients"]


def epochs_to(evaluations: list, threshold: float) -> float:
    """First epoch at which the MSE of the data themselves is below a threshold, between evaluations by a line in log.

    Examples
    --------
    >>> epochs_to([[10, 0.1, 1e-1], [20, 0.1, 1e-3]], 1e-2)
    15.0
    """
    before = None
    for epoch, _, mse in evaluations:
        if mse is not None and mse < threshold:
            if before is None:
                return float(epoch)
            part = math.log(before[1] / threshold) / math.log(before[1] / mse)
            return before[0] + part * (epoch - before[0])
        before = (epoch, mse) if mse is not None else before
    return math.inf
