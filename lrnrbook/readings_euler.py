"""What the paper reads off the Euler pressure when it steps along hypermodes (5.2.1, 5.3, Figs. 9 and 16)."""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks, peak_widths

from lrnrbook.features import fronts
from lrnrbook.perturbation import Neighbourhood, uniform_points
from lrnrbook.readings import CONTROLS, Moved, flags, found_mode, moved, read, together
from lrnrbook.verdicts import NOT, REPRODUCED

COUNT, POINTS = 5, 4000
CELL = 1 / 800  # of the data
FRAMES = (20, 30, 40, 50, 60, 70, 80)  # of 81; the 60th is t = 0.0285
PART, REACH = 0.005, 0.1  # slopes beside the peak: from this far beyond its flanks, and this long
LARGE = 0.5


def shift(x: np.ndarray, u: np.ndarray, v: np.ndarray, low: float, high: float, most: float = 0.03) -> float:
    """How far the part of u between `low` and `high` has moved in v: maximum of the normalised cross-correlation.

    Examples
    --------
    >>> x = np.linspace(0, 1, 2001)
    >>> u, v = (np.exp(-(((x - at) / 0.05) ** 2)) for at in (0.5, 0.5123))
    >>> round(shift(x, u, v, 0.3, 0.7), 4)
    0.0123
    """
    step = x[1] - x[0]
    reach = int(round(most / step))
    inside = np.flatnonzero((x >= low) & (x <= high))
    inside = inside[(inside >= reach) & (inside < len(x) - reach)]
    windows = np.lib.stride_tricks.sliding_window_view(v[inside[0] - reach : inside[-1] + reach + 1], len(inside))
    windows = windows - windows.mean(1, keepdims=True)
    centred = u[inside] - u[inside].mean()
    score = windows @ centred / np.maximum(np.linalg.norm(windows, axis=1), 1e-12)
    i = int(np.clip(score.argmax(), 1, len(score) - 2))
    a, b, c = score[i - 1 : i + 2]
    return float((i - reach + (0.5 * (a - c) / (a - 2 * b + c) if a - 2 * b + c else 0.0)) * step)


def blast_fronts(x: np.ndarray, u: np.ndarray) -> tuple[float, float]:
    """Places of the steepest fall, and of the steepest rise to the right of it: the two blasts before they meet."""
    slope, middle = np.diff(u), (x[1:] + x[:-1]) / 2
    i = int(slope.argmin())
    return float(middle[i]), float(middle[i + int(slope[i:].argmax())])


def peak(x: np.ndarray, u: np.ndarray) -> dict[str, float]:
    """The highest point: its place, height, width at half prominence, and its flanks (steepest rise and fall)."""
    i = int(u.argmax())
    at, _ = find_peaks(np.pad(u, 1, constant_values=u.min()), prominence=0.05 * u.max())
    j = int(at[np.abs(at - 1 - i).argmin()])
    step, slope = x[1] - x[0], np.diff(u)
    width = float(peak_widths(np.pad(u, 1, constant_values=u.min()), [j])[0][0] * step)
    near = int(0.03 / step)
    left, right = max(i - near, 0), min(i + near, len(slope))
    rise = left + int(slope[left : max(i, left + 1)].argmax())
    fall = i + int(slope[min(i, right - 1) : right].argmin())
    return {"at": float(x[i]), "height": float(u[i]), "width": width, "left": float(x[rise]), "right": float(x[fall])}


def _relative(new: float, old: float) -> float:
    return new / old - 1


def _slope_windows(x, u) -> tuple[tuple[float, float], tuple[float, float], dict]:
    p = peak(x, u)
    return (p["left"] - REACH, p["left"] - PART), (p["right"] + PART, p["right"] + REACH), p


def _steepness(x, u, window) -> float:
    inside = (x >= window[0]) & (x <= window[1])
    return float(np.abs(np.diff(u[inside])).max())


def _mean(x, u, window) -> float:
    return float(u[(x >= window[0]) & (x <= window[1])].mean())


def _blasts(pair) -> tuple[np.ndarray, float, float]:
    """Shifts of the two blast fronts, and their distance before and after."""
    move, u = pair
    x = move.x[:, 0]
    before, after = blast_fronts(x, move.base), blast_fronts(x, u)
    return np.subtract(after, before), before[1] - before[0], after[1] - after[0]


def both_fronts_move(*pairs) -> bool:
    """Both blast fronts go the same way, and part by less than half of their mean shift, at all times."""
    for pair in pairs:
        shifts, before, after = _blasts(pair)
        same = shifts.min() * shifts.max() > 0
        if not (same and 0 < after - before < 0.5 * abs(shifts.mean())):
            return False
    return True


def fronts_close_in(*pairs) -> bool:
    """The distance of the blast fronts falls by 2 % or more at all times."""
    return all(_relative(after, before) <= -0.02 for _, before, after in map(_blasts, pairs))


def profile_moves(*pairs) -> bool:
    """The whole profile moves one way by a cell or more at all times."""
    shifts = [shift(m.x[:, 0], m.base, u, 0.0, 1.0) for m, u in pairs]
    return min(shifts) >= CELL or max(shifts) <= -CELL


def middle_widens(*pairs) -> bool:
    """The distance of the outermost fronts grows by 2 % or more at all times."""
    for move, u in pairs:
        before, after = (fronts(move.x[:, 0], v) for v in (move.base, u))
        if len(before) < 2 or len(after) < 2 or _relative(np.ptp(after), np.ptp(before)) < 0.02:
            return False
    return True


def peak_and_slopes_move(pair) -> bool:
    """Peak and both slopes move the same way, by within a factor of 2 and by a cell or more."""
    move, u = pair
    x = move.x[:, 0]
    left, right, p = _slope_windows(x, move.base)
    shifts = [shift(x, move.base, u, *w) for w in (left, (p["left"] - PART, p["right"] + PART), right)]
    sizes = np.abs(shifts)
    return (min(shifts) > 0 or max(shifts) < 0) and sizes.min() >= CELL and sizes.max() <= 2 * sizes.min()


def _shape(pair) -> dict[str, float]:
    """Relative changes of peak and slopes, and shifts in units of x."""
    move, u = pair
    x = move.x[:, 0]
    left, right, p = _slope_windows(x, move.base)
    q = peak(x, u)
    windows = {"left": left, "right": right, "peak": (p["left"] - PART, p["right"] + PART)}
    found = {name: _relative(q[name], p[name]) for name in ("height", "width")}
    for name, window in windows.items():
        found[f"{name} shift"] = shift(x, move.base, u, *window)
        found[f"{name} mean"] = _relative(_mean(x, u, window), _mean(x, move.base, window))
        found[f"{name} steepness"] = _relative(_steepness(x, u, window), _steepness(x, move.base, window))
    return found


def raises_and_narrows(pair) -> bool:
    """Peak higher and narrower, left slope lower and drawn towards the peak."""
    s = _shape(pair)
    return s["height"] >= 0.02 and s["width"] <= -0.02 and s["left mean"] <= -0.02 and s["left shift"] >= CELL


def narrows_and_lowers(pair) -> bool:
    """Peak lower and narrower, left slope steeper, right slope as it was."""
    s = _shape(pair)
    stays = abs(s["right mean"]) < 0.01 and abs(s["right shift"]) < CELL
    return s["height"] <= -0.02 and s["width"] <= -0.02 and s["left steepness"] >= 0.02 and stays


def raises_and_widens(pair) -> bool:
    """Peak higher and wider, right slope steeper, and one more front right of the peak."""
    move, u = pair
    x, s = move.x[:, 0], _shape(pair)
    before, after = (np.sum(fronts(x, v, 0.02) > peak(x, v)["at"]) for v in (move.base, u))
    return s["height"] >= 0.02 and s["width"] >= 0.02 and s["right steepness"] >= 0.02 and after == before + 1


def only_peak_moves(pair) -> bool:
    """The peak moves by a cell or more while both slopes stay."""
    s = _shape(pair)
    most = abs(s["peak shift"])
    return most >= CELL and max(abs(s["left shift"]), abs(s["right shift"])) <= 0.25 * most


def moves_and_smooths(pair) -> bool:
    """The whole profile moves by 8 cells or more and its largest slope falls by 10 % or more (Fig. 16)."""
    move, u = pair
    x = move.x[:, 0]
    steeper = _relative(np.abs(np.diff(u)).max(), np.abs(np.diff(move.base)).max())
    return abs(shift(x, move.base, u, 0.0, 1.0, most=0.2)) >= 8 * CELL and steeper <= -0.1


def lowers_and_jumps(pair) -> bool:
    """The peak is lower by 5 % or more, and a front appears left of it (Fig. 16)."""
    move, u = pair
    x = move.x[:, 0]
    before, after = (np.sum(fronts(x, v) < peak(x, v)["left"] - 0.01) for v in (move.base, u))
    return _relative(u.max(), move.base.max()) <= -0.05 and after > before


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

    narrower = _relative(peak(x, u)["width"], peak(x, move.base)["width"]) <= -0.05
    return narrower and kinks(u) > kinks(move.base) and line(u) >= 0.95 and line(u) > line(move.base)


def peak_changes(modes) -> list[dict]:
    """What a step along each mode does to the merged peak at t = 0.0285: shift in cells, height, width in per cent."""
    x = uniform_points(modes.model, POINTS)
    near = Neighbourhood(modes, x, modes.model.times[1] * 0.75, COUNT, "pressure")
    move, rows = moved(near, controls=0), []
    before = peak(x[:, 0], move.base)
    for j, u in enumerate(move.fields):
        after = peak(x[:, 0], u)
        rows.append({"mode": f"{'+-'[j % 2]}{j // 2 + 1}",
                     "shift, cells": shift(x[:, 0], move.base, u, before["left"] - PART, before["right"] + PART) / CELL,
                     "height, %": 100 * _relative(after["height"], before["height"]),
                     "width, %": 100 * _relative(after["width"], before["width"]),
                     "share of du/dt": float(near.shares[j // 2])})
    return rows


def tangent_readings(modes) -> dict[str, dict]:
    """Readings of section 5.2.1 by claim: each verdict, and what was found for each of the paper's modes."""
    x, step = uniform_points(modes.model, POINTS), modes.model.times[1] / 80
    at = {k: moved(Neighbourhood(modes, x, k * step, COUNT, "pressure")) for k in FRAMES}

    def reading(mode, holds, *frames):
        return read(flags([at[k] for k in frames], holds), mode, COUNT)

    before = {"mode 1": reading(1, both_fronts_move, 20, 40, 50), "mode 2": reading(2, fronts_close_in, 20, 40, 50)}
    after = {"mode 1": reading(1, profile_moves, *FRAMES), "mode 2": reading(2, middle_widens, 70, 80)}
    ratio = _slope_ratio(at, *(found_mode(before[f"mode {m}"], m) for m in (1, 2)))
    single = {"C5.2.1-3": (1, peak_and_slopes_move), "C5.2.1-4": (2, raises_and_narrows),
              "C5.2.1-5": (3, narrows_and_lowers), "C5.2.1-6": (4, raises_and_widens), "C5.2.1-7": (5, only_peak_moves)}
    found = {claim: {f"mode {m}": reading(m, holds, 60)} for claim, (m, holds) in single.items()}
    found |= {"C5.2.1-1": before, "C5.2.1-2": after}
    rows = {claim: {"verdict": together([r["verdict"] for r in parts.values()]), "readings": parts}
            for claim, parts in found.items()}
    all_parts = [r["verdict"] for r in after.values()] + [REPRODUCED if ratio >= 4 else NOT]
    rows["C5.2.1-2"] |= {"verdict": together(all_parts, partly=2), "left slope moved by mode 1 / mode 2": ratio}
    return rows


def _slope_ratio(at: dict[int, Moved], one: tuple[int, int], two: tuple[int, int]) -> float:
    """Shift of the left-most slope under one mode over that under another; the smaller of frames 70 and 80."""
    ratios = []
    for k in (70, 80):
        x, base = at[k].x[:, 0], at[k].base
        edge = fronts(x, base)[0] - 0.01
        rows = [2 * (mode - 1) + (sign < 0) for mode, sign in (one, two)]
        a, b = (abs(shift(x, base, at[k].fields[row], 0.0, edge)) for row in rows)
        ratios.append(a / max(b, 1e-9))
    return float(min(ratios))


def extrapolation_readings(modes) -> dict[str, dict]:
    """Readings of Fig. 16 by claim: steps from t = 0.0285 whose output changes by half."""
    x, model = uniform_points(modes.model, POINTS), modes.model
    near = Neighbourhood(modes, x, model.times[1] * 0.75, COUNT, "pressure")
    move = moved(near, LARGE, CONTROLS)
    t = np.linspace(*model.times, 81)
    profiles = near.at_coefficients(model.coefficients(t).detach())
    early, late = profiles[t < 0.0276], profiles[t > 0.028]  # the solver's fronts merge in between

    def reading(mode, holds):
        return read(flags([move], holds), mode, COUNT)

    parts = {
        "C5.3-4": {"mode 1": reading(1, moves_and_smooths), "mode 2": reading(2, lowers_and_jumps)},
        "C5.3-5": {"mode 3": reading(3, lambda pair: splits(pair, early, late)),
                   "mode 5": reading(5, splits_to_the_right)},
        "C5.3-6": {"mode 4": reading(4, sharpens_with_a_kink)},
    }
    return {claim: {"verdict": together([r["verdict"] for r in found.values()]), "readings": found}
            for claim, found in parts.items()}
