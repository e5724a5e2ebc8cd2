"""How good a reconstruction is beyond its mean error: fronts in place, overshoot, oscillation, sharpness (section 4.3).

Two-dimensional fields are judged along rows of the finest grid.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrnrbook.data import WaveData
from lrnrbook.datasets import load_data
from lrnrbook.evaluation import both_errors
from lrnrbook.modes import hypermodes
from lrnrbook.patches import finest_grid
from study.instruments.fronts import fronts

WINDOW = 0.02  # to both sides of a front, as a share of the domain
ROWS = 8  # rows of a 2d frame that are looked at


def lines(data: WaveData, every: int = 8) -> tuple[WaveData, list[np.ndarray]]:
    """Points of straight lines through every few frames of a data set, along the first axis.

    Returns
    -------
    WaveData, list of (n,) arrays
        Frames with the points of all lines, one line after the other, and x along the lines of each frame.
    """
    frames = list(data)[every // 2 :: every]
    if data.dim == 1:
        return data[every // 2 :: every], [frame.x[:, 0] for frame in frames]
    points, values, along = [], [], []
    for frame in frames:
        u = finest_grid(frame.x, frame.u, frame.area, data.domain)
        x1, x2 = (low + (np.arange(n) + 0.5) * (high - low) / n
                  for (low, high), n in zip(data.domain, u.shape[:2], strict=True))
        rows = np.linspace(0, len(x2), ROWS + 2, dtype=int)[1:-1]
        grid = np.stack(np.meshgrid(x1, x2[rows], indexing="ij"), -1)  # (n, rows, 2)
        points.append(grid.swapaxes(0, 1).reshape(-1, 2))
        values.append(u[:, rows].swapaxes(0, 1).reshape(-1, u.shape[2]))
        along.append(x1)
    return WaveData.from_arrays([frame.t for frame in frames], points, values, list(data.fields)), along


def jumps(x: np.ndarray, u: np.ndarray, window: float, least: float) -> np.ndarray:
    """Fronts of u over which it changes by at least `least` within half a window to both sides; (n,).

    Examples
    --------
    >>> x = np.linspace(0, 1, 1001)
    >>> jumps(x, np.where(x < 0.5, 1.0, 0.0) + 0.05 * np.tanh(300 * (x - 0.2)), 0.1, 0.5).round(3)
    array([0.5])
    """
    return np.array([p for p in fronts(x, u) if np.ptp(u[np.abs(x - p) <= window / 2]) >= least])


def overshoots(x: np.ndarray, u: np.ndarray, v: np.ndarray, at: np.ndarray, window: float) -> list[float]:
    """How far v leaves the range of u within `window` of each of the fronts `at`, over the jump there.

    Examples
    --------
    >>> x = np.linspace(0, 1, 101)
    >>> u = np.where(x < 0.505, 1.0, 0.0)
    >>> overshoots(x, u, np.where(np.abs(x - 0.49) < 1e-9, 1.25, u), [0.505], 0.05)
    [0.25]
    """
    found = []
    for position in at:
        near = np.abs(x - position) <= window
        low, high = u[near].min(), u[near].max()
        found.append(float(max(v[near].max() - high, low - v[near].min(), 0.0) / (high - low)))
    return found


def front_widths(x: np.ndarray, u: np.ndarray, v: np.ndarray, at: np.ndarray, window: float) -> list[float]:
    """Distance over which v passes from 10 % to 90 % of the jump of u, for each of the fronts `at`.

    The levels are those of u within half a window of its front; a front that v does not pass counts as a window.

    Examples
    --------
    >>> x = np.linspace(0, 1, 1001)
    >>> width = front_widths(x, np.where(x < 0.5, 1.0, 0.0), np.clip((0.55 - x) / 0.1, 0, 1), [0.5], 0.2)
    >>> round(width[0], 3)
    0.08
    """
    found = []
    for position in at:
        near, far = (np.abs(x - position) <= distance for distance in (window / 2, window))
        low, high = u[near].min(), u[near].max()
        z, share, middle = x[far], (v[far] - low) / (high - low), position
        if u[near][-1] < u[near][0]:  # make it rise
            z, share, middle = -z[::-1], share[::-1], -position
        ups = [_crossings(z, share, level) for level in (0.1, 0.5, 0.9)]
        width = window
        if len(ups[1]):
            centre = ups[1][np.abs(ups[1] - middle).argmin()]
            before, after = ups[0][ups[0] <= centre], ups[2][ups[2] >= centre]
            width = after.min() - before.max() if len(before) and len(after) else window
        found.append(float(width))
    return found


def _crossings(x: np.ndarray, u: np.ndarray, level: float) -> np.ndarray:
    """Where u passes `level` upwards, between points by a line."""
    i = np.nonzero((u[:-1] < level) & (u[1:] >= level))[0]
    return x[i] + (level - u[i]) / (u[i + 1] - u[i]) * (x[i + 1] - x[i])


def quality(model, data: WaveData, every: int = 8) -> dict[str, float | None]:
    """Figures of merit of a model on a data set, means over fields, times, lines and fronts.

    A front counts if the field changes across it by a fifth of its range over the whole data set. Fronts are looked at
    in every so many frames.

    Returns
    -------
    dict
        e1, e2: relative l1 and l2 errors; max: largest error over the field's largest magnitude; front: median
        distance of fronts, in finest cells; overshoot: see `overshoots`; variation: total variation over that of the
        data; width: 10-90 % width of fronts over that of the data's. None for the last ones where nothing jumps.
    """
    parts: dict[str, list] = {name: [] for name in ("front", "overshoot", "width", "data width", "variation")}
    where, along = lines(data, every)
    window = WINDOW * float(np.diff(data.domain[0])[0])
    ranges = np.max([u.max(0) for u in data.u], axis=0) - np.min([u.min(0) for u in data.u], axis=0)
    for frame, x, p in zip(where, along, model.predict(where), strict=True):
        for j, size in enumerate(ranges):
            pairs = (values[:, j].reshape(-1, len(x)) for values in (frame.u, p.double().cpu().numpy()))
            for u, v in zip(*pairs, strict=True):
                if np.ptp(u) < 0.05 * size:
                    continue  # a line on which nothing happens
                at = jumps(x, u, window, 0.2 * size)
                places = fronts(x, v, 0.1)
                parts["front"] += [np.abs(places - place).min() / (x[1] - x[0]) for place in at if len(places)]
                parts["overshoot"] += overshoots(x, u, v, at, window)
                parts["width"] += front_widths(x, u, v, at, window)
                parts["data width"] += front_widths(x, u, u, at, window)
                parts["variation"].append(np.abs(np.diff(v)).sum() / np.abs(np.diff(u)).sum())
    found = {name: float(np.mean(values)) if values else None for name, values in parts.items()}
    found["front"] = float(np.median(parts["front"])) if parts["front"] else None
    reference = found.pop("data width")
    found["width"] = found["width"] / reference if reference else None
    largest = max(float((np.abs(p.double().cpu().numpy() - frame.u).max(0) / data.max_abs).max())
                  for frame, p in zip(data, model.predict(data), strict=True))
    both = both_errors(model, data)
    return {"e1": both[1].mean, "e2": both[2].mean, "max": largest} | found


def errors_of(model, name: str, splits: Sequence[str] = ("samples", "midpoints")) -> dict:
    """Errors at samples and midpoints of a data set, for a record."""
    found = {split: both_errors(model, load_data(name, split)) for split in splits}
    return {split: {f"q{q}": values.as_dict() for q, values in both.items()} for split, both in found.items()}


def evaluated(model, name: str) -> dict:
    """What a record says of a model of a data set: errors, figures of merit, hypermodes."""
    return {"errors": errors_of(model, name), "quality": quality(model, load_data(name)),
            "modes": hypermodes(model).count()}
