"""What claims on coefficients and hypermodes share: the truncated models of `subject`, and a rule on each wave."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch

from lrnrbook.modes import Hypermodes, hypermodes
from lrnrbook.truncation import truncate
from study.ledger.models import Subject, seeds_of, subject
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, SETS, Claim, Missing, Verdict, text


def modes_of(name: str, seed: int = 0) -> Hypermodes:
    """Hypermodes, in float64, of the truncated model."""
    return _modes_of(subject(), name, seed)


@cache
def _modes_of(whose: Subject, name: str, seed: int) -> Hypermodes:
    model, _ = truncate(whose.model(name, seed))
    return hypermodes(model.double())


@torch.no_grad()
def paths(name: str, seed: int = 0) -> np.ndarray:
    """Coefficients of the truncated model over 801 times, unit columns, float64: (801, n)."""
    modes = modes_of(name, seed)
    return modes.model.coefficients(modes.times).numpy()


def measured(name: str, seed: int = 0) -> dict:
    """Row of the record of errors of reduced models."""
    found = subject().measurement("hypermodes-coefficients")["rows"].get(f"{name} {seed}")
    if found is None:
        raise Missing(f"errors of the reduced models of {name}, seed {seed}")
    return found


def each_set(claim: Claim, good, label: str, sets=SETS, least: int = 2, form: str = ".3g") -> Verdict:
    """Verdict of a rule on each set: the majority of its seeds decides a set; partly if it holds on `least` sets.

    Parameters
    ----------
    good : callable
        Maps (name, seed) to (whether the rule holds, number).
    """
    numbers, held = {}, []
    for name in sets:
        found = [good(name, seed) for seed in seeds_of(name)]
        numbers[f"{label}, {name}"] = text([value for _, value in found], form)
        held.append(sum(yes for yes, _ in found) > len(found) / 2)
    verdict = REPRODUCED if all(held) else PARTLY if sum(held) >= least else NOT
    return Verdict(claim, verdict, {f"{label}: sets where it holds": f"{sum(held)} of {len(sets)}"} | numbers)
