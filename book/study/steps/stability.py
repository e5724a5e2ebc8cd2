"""Which effects of hypermodes another training repeats (5.2)."""

from __future__ import annotations

import numpy as np

from study.instruments.descriptions import Moved, moved
from study.instruments.neighbourhood import Neighbourhood, uniform_points
from study.instruments.views import CELLS, MODES, NAMED, POINTS
from study.ledger.measurements import Measurement
from study.ledger.models import seeds_of, truncated_modes

COSINE = 0.9


def changes(moves: list[Moved]) -> np.ndarray:
    """Changed fields du of every direction around every time, each scaled to length 1: (T, directions, P).

    Where no step makes the change, nan.
    """
    du = [move.fields - move.base for move in moves]
    return np.stack([rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in du])


def agreement(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Least cosine over the times of changes (T, n, P) with changes (T, m, P): (n, m); -1 where one is not known.

    Examples
    --------
    >>> a, b = np.array([[[1.0, 0.0]], [[0.0, 1.0]]]), np.array([[[1.0, 0.0]], [[0.6, 0.8]]])
    >>> agreement(a, b)
    array([[0.8]])
    """
    return np.nan_to_num(np.einsum("tnp,tmp->tnm", ours, theirs).min(0), nan=-1.0)


def partners(cosines: np.ndarray) -> list[list]:
    """For each mode the mode of another training whose effect is nearest, of either sign, and their cosine.

    Examples
    --------
    >>> partners(np.array([[0.1, 0.2, 0.3, 0.0], [0.9, 0.0, 0.0, 0.0]]))
    [[1, 0.9]]
    """
    both = cosines.reshape(len(cosines) // 2, -1)  # one sign after the other
    at = both.argmax(1)
    return [[int(j % cosines.shape[1]) // 2 + 1, float(row[j])] for row, j in zip(both, at, strict=True)]


def repeated(cosines: list[np.ndarray]) -> np.ndarray:
    """Which directions have one with a cosine of at least 0.9 in every other training; its cosines (n, k) for each.

    Examples
    --------
    >>> repeated([np.array([[0.95, 0.1], [0.95, 0.1]]), np.array([[0.2, 0.91], [0.89, 0.5]])])
    array([ True, False])
    """
    return np.all([one.max(1) >= COSINE for one in cosines], axis=0)


def stability(name: str, seed: int) -> dict:
    """Modes of each training whose effect is that of one and the same mode of every other, and how often chance has it.

    Returns
    -------
    dict
        best: for each pair of trainings "a b", the best cosine of each mode of a (least over the times), and the mode
        of b that has it; stable: for each training its stable modes; control: share of random directions in the span
        of its modes that are stable by the same rule.
    """
    seeds, count = seeds_of(name), MODES[name]
    found = {}
    for k in seeds:
        modes = truncated_modes(name, k)
        x = uniform_points(modes.model, POINTS if name == "euler" else CELLS)
        found[k] = changes([moved(Neighbourhood(modes, x, t, count)) for t in NAMED[name]])
    best, stable, control = {}, {}, {}
    for a in seeds:
        cosines = {b: agreement(found[a], found[b][:, : 2 * count]) for b in seeds if a != b}
        best |= {f"{a} {b}": partners(own[: 2 * count]) for b, own in cosines.items()}
        all_of = repeated(list(cosines.values()))
        stable[a] = [i + 1 for i in range(count) if all_of[2 * i : 2 * i + 2].any()]
        control[a] = all_of[2 * count :].mean()
    return {"times": list(NAMED[name]), "best": best, "stable": stable, "control": control}


STABILITY = Measurement("stability", stability, sets=("euler", "burgers"))
