"""Figures of merit outside the box (section 7): by strip, by class of points, and at the sides inside."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm, rankdata

from lrnrbook.data import WaveData
from study.outside.extension import ENTERS, LEFT, Extension, values

STRIPS = (0.0, 0.05, 0.1, 0.2, 0.4)  # limits of the strips outside, as shares of the side
BINS = (0.0, 0.05, 0.1, 0.15, 0.2)  # of the distances at which classes are compared
DEPTHS = (0.0, 0.025, 0.05, 0.1, 0.2, 0.5)  # of the distances to the nearest side, inside
SIDE, FAR = (0.0, 0.025), (0.175, 0.225)  # "at the side" and "at 20 %"
NAMES = {"enters": ENTERS, "left": LEFT, "neither": 0, "both": ENTERS + LEFT}
SIDES = ("left", "right", "lower", "upper")
CORNERS = ("lower left", "upper left", "lower right", "upper right")
LEAST = 50  # points, for a median or a correlation


def correlation(u: np.ndarray, v: np.ndarray) -> float:
    """Pearson correlation; nan for fewer than 50 points, or where one of both is constant.

    Examples
    --------
    >>> u = np.arange(60.0)
    >>> round(correlation(u, 3 - 2 * u), 9), correlation(u, 0 * u)
    (-1.0, nan)
    """
    if u.size < LEAST or min(np.ptp(a) - 1e-9 * np.abs(a).max() for a in (u, v)) <= 0:
        return float("nan")
    return float(np.corrcoef(u.ravel(), v.ravel())[0, 1])


def strip_correlations(extension: Extension, v: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Correlation of v with the extension in each of `STRIPS`, at each time, over the wanted points: (T, 4)."""
    bins = np.digitize(extension.distance, STRIPS, right=True)  # 0 is inside
    return np.array([[correlation(u[mask & (bins == i)], w[mask & (bins == i)]) for i in range(1, len(STRIPS))]
                     for u, w, mask in zip(extension.u, v, wanted, strict=True)])


def side_correlations(extension: Extension, v: np.ndarray, limits: tuple[float, float] = (0.1, 0.2)) -> np.ndarray:
    """Correlation beyond each of `SIDES` (between the limits) and each of `CORNERS` (up to the second): (T, 8)."""
    low, high = extension.domain.T
    x = ((extension.x - low) / (high - low)).reshape(*extension.shape, 2)
    below, above = -x, x - 1
    within = (below <= 0) & (above <= 0)
    parts = [(a > limits[0]) & (a <= limits[1]) & within[..., 1 - k] for k in (0, 1)
             for a in (below[..., k], above[..., k])]
    parts += [(a > 0) & (a <= limits[1]) & (b > 0) & (b <= limits[1])
              for a in (below[..., 0], above[..., 0]) for b in (below[..., 1], above[..., 1])]
    return np.array([[correlation(u[part], w[part]) for part in parts] for u, w in zip(extension.u, v, strict=True)])


def strip_errors(extension: Extension, v: np.ndarray, limits=STRIPS) -> np.ndarray:
    """Mean error in each strip at each time, (T, n), as a share of the mean magnitude in the box."""
    bins = np.digitize(extension.distance, limits, right=True)
    error = np.abs(v - extension.u) / extension.scale
    return np.stack([error[:, bins == i].mean(1) for i in range(1, len(limits))], 1)


def side_ratio(extension: Extension, v: np.ndarray, wanted: np.ndarray) -> float:
    """Mean error at the side over that at 20 % outside, wanted points at all times."""
    error, d = np.abs(v - extension.u), extension.distance
    near, far = (error[wanted & (d > a) & (d <= b)].mean() for a, b in (SIDE, FAR))
    return float(near / far)


def rank_test(groups: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Whether the first of two samples is smaller, group by group: p of van Elteren's combined rank sum test.

    Parameters
    ----------
    groups : list of pairs of (n,) and (m,) arrays
        One pair of samples a group; pairs with an empty sample say nothing.

    Examples
    --------
    >>> low, high = np.arange(20.0), np.arange(20.0) + 10
    >>> rank_test([(low, high), (low, high)]) < 1e-4, rank_test([(low, low)]) == 0.5
    (True, True)
    """
    score, variance = 0.0, 0.0
    for a, b in groups:
        n, m = len(a), len(b)
        if n and m:
            ranks = rankdata(np.concatenate([a, b]))
            score += (ranks[:n].sum() - n * (n + m + 1) / 2) / (n + m + 1)
            variance += n * m * ranks.var(ddof=1) / (n + m) / (n + m + 1) ** 2
    return float(norm.cdf(score / np.sqrt(variance))) if variance > 0 else float("nan")


def compare(extension: Extension, v: np.ndarray, flags: np.ndarray) -> dict:
    """Errors of the classes of points at most 20 % outside.

    Returns
    -------
    dict
        median: of each class, as a share of the mean magnitude in the box; points: their numbers, all times; by
        distance: medians in each of `BINS`; ratio, matched, p: of "enters" over each of the others the ratio of
        medians, its geometric mean over the bins that have both, and `rank_test` by bins, of points 5 % of the side
        apart. None where there are too few points.
    """
    error = np.abs(v - extension.u) / extension.scale
    bins = np.broadcast_to(np.digitize(extension.distance, BINS, right=True), error.shape)
    step = max(1, round(0.05 / (np.diff(extension.axes[0])[0] / np.diff(extension.domain)[0, 0])))
    thin = np.zeros(extension.shape, dtype=bool)
    thin[tuple([slice(None, None, step)] * thin.ndim)] = True
    near = (bins >= 1) & (bins < len(BINS))
    parts, few = ({name: [error[(flags == flag) & (bins == i) & mask] for i in range(1, len(BINS))]
                   for name, flag in NAMES.items()} for mask in (True, thin))
    found = {"median": {name: _median(error[near & (flags == flag)]) for name, flag in NAMES.items()},
             "points": {name: sum(map(len, part)) for name, part in parts.items()},
             "by distance": {name: [_median(p) for p in part] for name, part in parts.items()},
             "ratio": {}, "matched": {}, "p": {}}
    for other in ("neither", "left"):
        found["ratio"][other] = _ratio(*(found["median"][name] for name in ("enters", other)))
        pairs = zip(*(found["by distance"][name] for name in ("enters", other)), strict=True)
        ratios = [r for r in (_ratio(a, b) for a, b in pairs) if r]
        found["matched"][other] = float(np.exp(np.mean(np.log(ratios)))) if ratios else None
        found["p"][other] = rank_test(list(zip(few["enters"], few[other], strict=True)))
    return found


def _ratio(a: float | None, b: float | None) -> float | None:
    return None if a is None or not b else a / b


def _median(values_: np.ndarray) -> float | None:
    return float(np.median(values_)) if len(values_) >= LEAST else None


def sides(model, data: WaveData, field: int = -1) -> dict:
    """Errors inside, by the distance to the nearest side, and how well opposite sides agree; points of the data.

    Returns
    -------
    dict
        e1, e1 by area: of all points, alike and weighted by their cells; depths: relative l1 error in each of
        `DEPTHS`; strip, rest: within 5 % of the sides and elsewhere; mismatch: relative l1 difference of opposite
        sides, at 201 places each.
    """
    low, high = data.domain.T
    wrong, size, gap, norm_, weighted = np.zeros(len(DEPTHS)), np.zeros(len(DEPTHS)), 0.0, 0.0, np.zeros(2)
    for frame in data:
        depth = (np.minimum(frame.x - low, high - frame.x) / (high - low)).min(1)
        bins = np.clip(np.digitize(depth, DEPTHS, right=True), 1, len(DEPTHS) - 1)
        u, v = frame.u[:, field], values(model, frame.x, frame.t, field)
        wrong += np.bincount(bins, np.abs(v - u), len(wrong))
        size += np.bincount(bins, np.abs(u), len(size))
        weighted += [np.abs(v - u) @ frame.area, np.abs(u) @ frame.area]
        for a, b in _opposite(data.domain):
            one, other = values(model, a, frame.t, field), values(model, b, frame.t, field)
            gap, norm_ = gap + np.abs(one - other).sum(), norm_ + (np.abs(one) + np.abs(other)).sum() / 2
    wrong, size = wrong[1:], size[1:]
    strip = np.array(DEPTHS[1:]) <= 0.05
    return {"e1": float(wrong.sum() / size.sum()), "e1 by area": float(weighted[0] / weighted[1]),
            "depths": (wrong / size).tolist(), "strip": float(wrong[strip].sum() / size[strip].sum()),
            "rest": float(wrong[~strip].sum() / size[~strip].sum()), "mismatch": float(gap / norm_)}


def _opposite(domain: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Points of opposite sides of a square, 201 each."""
    pairs = []
    for k in range(len(domain)):
        a = np.linspace(domain[:, 0], domain[:, 1], 201)
        b = a.copy()
        a[:, k], b[:, k] = domain[k]
        pairs.append((a, b))
    return pairs
