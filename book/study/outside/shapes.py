"""Shapes of the Burgers waves outside the square (7.2, Fig. 18 below): corners, wrinkles, drift, fronts, fans."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import label

from study.instruments.roughness import roughness
from study.outside.comparison import correlation
from study.outside.extension import ENTERS, Extension, values

CORNER, STRIP, DRIFT = 0.62, 1.5, (1.4, 1.6)  # times of the corners, of wrinkles and fronts, of the drift
FANS = 2.5
WIDE = 0.1  # of the strips at the inflow sides
CELL = 0.005
OFFSETS = np.linspace(-0.4, 0.4, 81)  # x2 - x1 of the diagonals on which the front is looked at
ALONG = np.arange(-0.3, 0.3, 0.00125)  # places on a diagonal around the front
FREE, WINDOW = 0.15, 0.1  # how far the model's front may be from the data's; how far a front reaches
FLAT = 0.3  # a fall below this share of the data's is no front
TIP = 0.1  # offsets up to which the tip's curvature is fitted


def _grid(x1: tuple[float, float], x2: tuple[float, float], cell: float = CELL) -> tuple[np.ndarray, tuple[int, int]]:
    """Centres of the cells of a rectangle, (P, 2), and how many along each axis."""
    axes = [a + (np.arange(round((b - a) / cell)) + 0.5) * cell for a, b in (x1, x2)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2), tuple(map(len, axes))


def corners(model, extension: Extension) -> dict[str, float]:
    """Correlation with the extension beyond the upper right corner and beyond the lower left one, 30 % wide.

    With "amplitude" before the corner's name: standard deviation over that of the extension.
    """
    found = {}
    for name, span in (("upper right", (1.0, 1.3)), ("lower left", (-0.3, 0.0))):
        x, _ = _grid(span, span)
        u, v = extension.at(CORNER, x), values(model, x, _frame(extension, CORNER))
        found |= {name: correlation(u, v), f"amplitude {name}": float(v.std() / u.std())}
    return found


def _frame(extension: Extension, t: float) -> float:
    return float(extension.t[np.abs(extension.t - t).argmin()])


def wrinkles(model, extension: Extension) -> dict[str, float]:
    """Total variation per area just outside the inflow sides over that just inside: of the model, of the extension."""
    t, sums = _frame(extension, STRIP), np.zeros((2, 2))
    for j, (a, b) in enumerate(((-WIDE, 0.0), (0.0, WIDE))):
        for x, shape in (_grid((a, b), (0, 1)), _grid((0, 1), (a, b))):
            for i, u in enumerate((values(model, x, t), extension.at(t, x))):
                sums[i, j] += roughness(u.reshape(shape))
    return dict(zip(("model", "data"), (sums[:, 0] / sums[:, 1]).tolist(), strict=True))


def drift(model, extension: Extension) -> dict[str, float]:
    """Shift along (1, 1) that best turns the strips outside the inflow sides at 1.4 into those at 1.6."""
    before, after = (_frame(extension, t) for t in DRIFT)
    x = np.concatenate([_grid((-WIDE, 0), (0, 1))[0], _grid((0, 1), (-WIDE, 0))[0]])
    steps = np.arange(-40, 41) * CELL
    found = {}
    for name, at in (("model", lambda x, t: values(model, x, t)), ("data", lambda x, t: extension.at(t, x))):
        base = at(x, before)
        found[name] = float(steps[np.nanargmax([correlation(base, at(x + step, after)) for step in steps])])
    return found


def front_width(s: np.ndarray, v: np.ndarray, fall: float) -> tuple[float, float]:
    """Place and 10-90 % width of the steepest fall of a profile v(s); nan, inf where it falls by less than `fall`.

    Examples
    --------
    >>> s = np.linspace(-1, 1, 2001)
    >>> place, width = front_width(s, np.clip(0.5 - 10 * (s - 0.02), 0, 1), 0.5)
    >>> round(place, 1), round(width, 3)
    (0.0, 0.08)
    """
    near = np.abs(s) <= FREE
    i = np.flatnonzero(near)[np.diff(v[near]).argmin()]
    behind, ahead = (np.flatnonzero((side * (s - s[i]) >= 0) & (side * (s - s[i]) <= WINDOW)) for side in (-1, 1))
    top, bottom = v[behind].max(), v[ahead].min()
    if top - bottom < fall:
        return float("nan"), float("inf")
    high = s[behind][v[behind] >= bottom + 0.9 * (top - bottom)].max()
    low = s[ahead][v[ahead] <= bottom + 0.1 * (top - bottom)].min()
    return float(s[i]), float(low - high)


def _shock(extension: Extension, t: float, offset: float) -> float:
    """Coordinate x1 of the shock that set out from the square's front, on the diagonal x2 = x1 + offset."""
    start = 0.6 - max(offset, 0.0) + 0.1 * t  # behind it: nothing is slower than 0.1, and the data repeat after 1
    s = start + np.arange(0, 1, 0.0025)
    return float(s[np.diff(extension.at(t, np.stack([s, s + offset], 1))).argmin()] + 0.00125)


def outgoing_front(model, extension: Extension) -> dict[str, float]:
    """The shock that leaves the square, at t = 1.5, against its images inside, along diagonals.

    Returns
    -------
    dict
        lines: diagonals on which it is at most 40 % outside; outside, inside: median 10-90 % widths; tip outside, tip
        inside: radius of the parabola through its places near the diagonal x1 = x2, nan where there is no front.
    """
    t, widths, places = _frame(extension, STRIP), [], {"outside": [], "inside": []}
    for offset in OFFSETS:
        s = _shock(extension, t, offset)
        x = np.array([s, s + offset])
        beyond = float(np.linalg.norm(np.maximum(x - 1, 0)))
        line = x + ALONG[:, None]
        u = extension.at(t, line)
        fall = FLAT * (u[np.abs(ALONG) < WINDOW].max() - u[np.abs(ALONG) < WINDOW].min())
        rows = {"outside": front_width(ALONG, values(model, line, t), fall),
                "inside": front_width(ALONG, values(model, line - np.floor(x), t), fall)}
        if 0 < beyond <= 0.4:
            widths.append([rows[key][1] for key in ("outside", "inside")])
        if abs(offset) <= TIP + 1e-9:
            for key, (place, _) in rows.items():
                places[key].append((offset, s + place))
    outside, inside = np.median(np.array(widths), axis=0).tolist()
    return {"lines": len(widths), "outside": outside, "inside": inside,
            **{f"tip {key}": _radius(np.array(rows)) for key, rows in places.items()}}


def _radius(rows: np.ndarray) -> float:
    """Radius of curvature of the curve through (offset, x1), by a parabola across the diagonal; half must be there."""
    there = np.isfinite(rows[:, 1])
    if there.mean() < 0.5:
        return float("nan")
    offset, s = rows[there].T
    second = 2 * np.polyfit(offset / np.sqrt(2), (2 * s + offset) / np.sqrt(2), 2)[0]
    return float(1 / abs(second))


def fans(model, extension: Extension) -> dict[str, float]:
    """R^2 of a plane on the largest fan just outside the upper left and the lower right, at t = 2.5.

    A fan is where the extension rises along (1, 1).
    """
    t, found = _frame(extension, FANS), {}
    for name, box in (("upper left", ((-WIDE, 0), (0.5, 1))), ("lower right", ((0.5, 1), (-WIDE, 0)))):
        x, shape = _grid(*box)
        rising = extension.at(t, x + CELL) > extension.at(t, x - CELL)
        parts, _ = label(rising.reshape(shape))
        sizes = np.bincount(parts.ravel())
        sizes[0] = 0
        mask = parts.ravel() == sizes.argmax()
        v = values(model, x[mask], t)
        plane = np.column_stack([x[mask], np.ones(len(v))])
        rest = v - plane @ np.linalg.lstsq(plane, v, rcond=None)[0]
        found[name] = float(1 - rest.var() / v.var())
    return found


def unowned_roughness(extension: Extension, v: np.ndarray, flags: np.ndarray) -> list[float]:
    """Mean of |dv/dx1| + |dv/dx2| at points up to 20 % outside from which nothing will enter, at each time."""
    h = [np.diff(axis)[0] for axis in extension.axes]
    slopes = np.abs(np.diff(v, axis=1))[:, :, :-1] / h[0] + np.abs(np.diff(v, axis=2))[:, :-1] / h[1]
    near = ((extension.distance > 0) & (extension.distance <= 0.2))[:-1, :-1]
    masks = near & (flags[:, :-1, :-1] & ENTERS == 0)
    return [float(slope[mask].mean()) for slope, mask in zip(slopes, masks, strict=True)]
