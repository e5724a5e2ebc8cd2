"""What the paper says of the Euler pressure far off its path (5.3, Fig. 16)."""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

from study.instruments.descriptions import CONTROLS, flags, moved, read, together
from study.instruments.fronts import fronts
from study.instruments.neighbourhood import Neighbourhood, uniform_points
from study.instruments.profiles import PART, REACH, peak, relative, shift
from study.instruments.views import CELL, MODES, POINTS

LARGE = 0.5


def moves_and_smooths(pair) -> bool:
    """The whole profile moves by 8 cells or more and its largest slope falls by 10 % or more (Fig. 16)."""
    move, u = pair
    x = move.x[:, 0]
    steeper = relative(np.abs(np.diff(u)).max(), np.abs(np.diff(move.base)).max())
    return abs(shift(x, move.base, u, 0.0, 1.0, most=0.2)) >= 8 * CELL and steeper <= -0.1


def lowers_and_jumps(pair) -> bool:
    """The peak is lower by 5 % or more, and a front appears left of it (Fig. 16)."""
    move, u = pair
    x = move.x[:, 0]
    before, after = (np.sum(fronts(x, v) < peak(x, v)["left"] - 0.01) for v in (move.base, u))
    return relative(u.max(), move.base.max()) <= -0.05 and after > before


def _two_peaks(x, u) -> tuple[np.ndarray, float]:
    """Indices of the two highest peaks (prominence 0.2 of the highest value) from left to right, and the valley."""
    at, _ = find_peaks(np.pad(u, 1, constant_values=u.min()), prominence=0.2 * u.max())
    at = np.sort(at[np.argsort(-u[at - 1])][:2] - 1)
    return at, float(u[at[0] : at[-1] + 1].min()) if len(at) == 2 else np.nan


def splits(pair, early: np.ndarray, late: np.ndarray) -> bool:
    """Two peaks with a valley below half of the lower, and nearer to a frame before the merger than after (Fig. 16)."""
    move, u = pair
    at, valley = _two_peaks(move.x[:, 0], u)
    if len(at) < 2 or valley >= 0.5 * u[at].min():
        return False
    return np.abs(early - u).sum(1).min() < np.abs(late - u).sum(1).min()


def splits_to_the_right(pair) -> bool:
    """Two peaks, the left below 0.7 of the right, and the centre of mass 8 cells or more to the right (Fig. 16)."""
    move, u = pair
    x = move.x[:, 0]
    at, _ = _two_peaks(x, u)
    centres = [(x * v).sum() / v.sum() for v in (move.base, u)]
    return len(at) == 2 and u[at[0]] < 0.7 * u[at[1]] and centres[1] - centres[0] >= 8 * CELL


def sharpens_with_a_kink(pair) -> bool:
    """Peak narrower by 5 %, one more kink left of it, and a right side that a line fits (Fig. 16)."""
    move, u = pair
    x = move.x[:, 0]

    def kinks(v):
        bend = np.abs(np.diff(v, 2))
        at, _ = find_peaks(bend, height=0.2 * bend.max())
        return int((x[at + 1] < peak(x, v)["left"] - PART).sum())

    def line(v):
        p = peak(x, v)
        inside = (x >= p["right"] + PART) & (x <= p["right"] + REACH)
        return float(np.corrcoef(x[inside], v[inside])[0, 1] ** 2)

    narrower = relative(peak(x, u)["width"], peak(x, move.base)["width"]) <= -0.05
    return narrower and kinks(u) > kinks(move.base) and line(u) >= 0.95 and line(u) > line(move.base)


def extrapolation_readings(modes) -> dict[str, dict]:
    """Readings of Fig. 16 by claim: steps from t = 0.0285 whose output changes by half."""
    x, model = uniform_points(modes.model, POINTS), modes.model
    near = Neighbourhood(modes, x, model.times[1] * 0.75, MODES["euler"], "pressure")
    move = moved(near, LARGE, CONTROLS)
    t = np.linspace(*model.times, 81)
    profiles = near.at_coefficients(model.coefficients(t).detach())
    early, late = profiles[t < 0.0276], profiles[t > 0.028]  # the solver's fronts merge in between

    def reading(mode, holds):
        return read(flags([move], holds), mode, MODES["euler"])

    parts = {
        "C5.3-4": {"mode 1": reading(1, moves_and_smooths), "mode 2": reading(2, lowers_and_jumps)},
        "C5.3-5": {"mode 3": reading(3, lambda pair: splits(pair, early, late)),
                   "mode 5": reading(5, splits_to_the_right)},
        "C5.3-6": {"mode 4": reading(4, sharpens_with_a_kink)},
    }
    return {claim: {"verdict": together([r["verdict"] for r in found.values()]), "readings": found}
            for claim, found in parts.items()}
