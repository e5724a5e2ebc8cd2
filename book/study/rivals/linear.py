"""Rivals that are linear in space: POD between times by splines or radial functions, and a quadratic manifold."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline, make_interp_spline

from study.rivals.grids import HALF, Frames, GridModel, half


class DoesNotFit(ValueError):
    """Not even one mode, or the coarsest store, fits the bytes."""


def modes_in(stored: int, cells: int, times: int) -> int:
    """Modes of so many cells, each with a coefficient a time, that fit into so many bytes; at most one a time.

    Examples
    --------
    >>> modes_in(50_000, 2400, 81), modes_in(10_000_000, 2400, 81)
    (10, 81)
    """
    count = min(stored // HALF // (cells + times), times)
    if count < 1:
        raise DoesNotFit(f"{stored} bytes hold no mode of {cells} cells: expected at least {HALF * (cells + times)}")
    return count


def decompose(rows: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Leading modes (n, N) of rows (T, N), with mean square 1, and coefficients (T, n); as stored in half precision.

    Examples
    --------
    >>> rows = np.outer([1.0, 2.0, 4.0], np.ones(50))
    >>> modes, coefficients = decompose(rows, 1)
    >>> bool(np.allclose(coefficients @ modes, rows, rtol=2e-3))
    True
    """
    u, values, v = np.linalg.svd(rows, full_matrices=False)
    norm = np.sqrt(rows.shape[1])
    return half(v[:count] * norm), half(u[:, :count] * values[:count] / norm)


def pod(data, stored: int, coarsen: int, degree: int = 3) -> GridModel:
    """Proper orthogonal decomposition, its coefficients between the samples by a spline, or straight lines (1)."""
    frames = Frames(data, coarsen)
    modes, c = decompose(frames.rows, modes_in(stored, frames.rows.shape[1], len(data)))
    path = make_interp_spline(frames.t, c, degree)
    return GridModel(frames, lambda t: frames.grid(path(t) @ modes), HALF * (modes.size + c.size))


def pod_rbf(data, stored: int, coarsen: int) -> GridModel:
    """Proper orthogonal decomposition with radial basis functions in time, by EZyRB (extra `rivals`)."""
    from ezyrb import POD, RBF, Database, ReducedOrderModel

    frames = Frames(data, coarsen)
    times = (frames.t - frames.t[0])[:, None] / np.ptp(frames.t)
    count = modes_in(stored, frames.rows.shape[1], len(data))
    model = ReducedOrderModel(Database(times, half(frames.rows)), POD("svd", rank=count), RBF()).fit()
    first, span = frames.t[0], np.ptp(frames.t)

    def at(t):
        return frames.grid(model.predict(np.array([[(t - first) / span]]))[0])

    return GridModel(frames, at, HALF * count * (frames.rows.shape[1] + len(data)))


def quadratic(data, stored: int, coarsen: int, share: float, ridge: float) -> GridModel:
    """Quadratic manifold: mean + V q + W (q x q), W in the span of the next modes, fitted with a ridge penalty.

    Of the modes that fit into the bytes, a `share` are V; q follows a cubic spline in time. Geelen, Wright and Willcox
    (2023) store W as it is, which at equal bytes leaves fewer modes.
    """
    frames = Frames(data, coarsen)
    mean = half(frames.rows.mean(0))
    room = stored - HALF * mean.size
    count = modes_in(room, mean.size, len(data))
    linear = max(1, round(share * count))
    while count > linear and HALF * _size(mean.size, len(data), linear, count) > stored:
        count -= 1
    if count == linear:
        raise DoesNotFit(f"{stored} bytes hold no mode beyond {linear} linear ones of {mean.size} cells")
    modes, c = decompose(frames.rows - mean, count)
    q, rest = c[:, :linear], c[:, linear:]
    centre = products(q).mean(0)  # what it adds is part of the mean, once the weights are known
    features = products(q) - centre
    size = np.square(features).sum() / len(features)
    weights = half(np.linalg.solve(features.T @ features + ridge * size * np.eye(features.shape[1]),
                                   features.T @ rest))
    path = CubicSpline(frames.t, q)

    def at(t):
        now = path(t)[None]
        return frames.grid(mean + np.concatenate([now, (products(now) - centre) @ weights], 1)[0] @ modes)

    return GridModel(frames, at, HALF * _size(mean.size, len(data), linear, count))


def _size(cells: int, times: int, linear: int, count: int) -> int:
    """Numbers of a quadratic manifold: mean, modes, path, and the map from products to the other modes."""
    return cells * (1 + count) + times * linear + linear * (linear + 1) // 2 * (count - linear)


def products(q: np.ndarray) -> np.ndarray:
    """Products q_i q_j, i <= j, of rows (T, r): (T, r (r + 1) / 2)."""
    i, j = np.triu_indices(q.shape[1])
    return q[:, i] * q[:, j]
