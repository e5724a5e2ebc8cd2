"""What the paper says of the Euler pressure when it steps along hypermodes (5.2.1, Fig. 9)."""

from __future__ import annotations

import numpy as np

from study.instruments.descriptions import Moved, flags, found_mode, moved, read, together
from study.instruments.fronts import fronts
from study.instruments.neighbourhood import Neighbourhood, uniform_points
from study.instruments.profiles import PART, blast_fronts, peak, relative, shift, slope_windows
from study.instruments.views import CELL, FRAMES, MODES, POINTS
from study.ledger.verdicts import NOT, REPRODUCED


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
    return all(relative(after, before) <= -0.02 for _, before, after in map(_blasts, pairs))


def profile_moves(*pairs) -> bool:
    """The whole profile moves one way by a cell or more at all times."""
    shifts = [shift(m.x[:, 0], m.base, u, 0.0, 1.0) for m, u in pairs]
    return min(shifts) >= CELL or max(shifts) <= -CELL


def middle_widens(*pairs) -> bool:
    """The distance of the outermost fronts grows by 2 % or more at all times."""
    for move, u in pairs:
        before, after = (fronts(move.x[:, 0], v) for v in (move.base, u))
        if len(before) < 2 or len(after) < 2 or relative(np.ptp(after), np.ptp(before)) < 0.02:
            return False
    return True


def peak_and_slopes_move(pair) -> bool:
    """Peak and both slopes move the same way, by within a factor of 2 and by a cell or more."""
    move, u = pair
    x = move.x[:, 0]
    left, right, p = slope_windows(x, move.base)
    shifts = [shift(x, move.base, u, *w) for w in (left, (p["left"] - PART, p["right"] + PART), right)]
    sizes = np.abs(shifts)
    return (min(shifts) > 0 or max(shifts) < 0) and sizes.min() >= CELL and sizes.max() <= 2 * sizes.min()


def _shape(pair) -> dict[str, float]:
    """Relative changes of peak and slopes, and shifts in units of x."""
    move, u = pair
    x = move.x[:, 0]
    left, right, p = slope_windows(x, move.base)
    q = peak(x, u)
    windows = {"left": left, "right": right, "peak": (p["left"] - PART, p["right"] + PART)}
    found = {name: relative(q[name], p[name]) for name in ("height", "width")}
    for name, window in windows.items():
        found[f"{name} shift"] = shift(x, move.base, u, *window)
        found[f"{name} mean"] = relative(_mean(x, u, window), _mean(x, move.base, window))
        found[f"{name} steepness"] = relative(_steepness(x, u, window), _steepness(x, move.base, window))
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


def tangent_readings(modes) -> dict[str, dict]:
    """Readings of section 5.2.1 by claim: each verdict, and what was found for each of the paper's modes."""
    x, step = uniform_points(modes.model, POINTS), modes.model.times[1] / 80
    at = {k: moved(Neighbourhood(modes, x, k * step, MODES["euler"], "pressure")) for k in FRAMES}

    def reading(mode, holds, *frames):
        return read(flags([at[k] for k in frames], holds), mode, MODES["euler"])

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
