"""What happens to a 1d profile: shifts, the highest peak and its flanks, the two blasts."""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks, peak_widths

PART, REACH = 0.005, 0.1  # slopes beside the peak: from this far beyond its flanks, and this long


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


def relative(new: float, old: float) -> float:
    """Relative change."""
    return new / old - 1


def slope_windows(x, u) -> tuple[tuple[float, float], tuple[float, float], dict]:
    """Intervals of the slopes to the left and to the right of the peak, and the peak."""
    p = peak(x, u)
    return (p["left"] - REACH, p["left"] - PART), (p["right"] + PART, p["right"] + REACH), p
