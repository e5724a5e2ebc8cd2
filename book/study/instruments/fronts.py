"""Features of 1d profiles that the claims are decided by: fronts and peaks."""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks


def fronts(x: np.ndarray, u: np.ndarray, threshold: float = 0.2, apart: float = 0.01) -> np.ndarray:
    """Positions of fronts: local maxima of |du/dx| of at least `threshold` of the largest, `apart` from each other.

    Parameters
    ----------
    x, u : (P,) arrays
        Cell centres and values; the maximum of the slope is placed between cells by a parabola.

    Returns
    -------
    (n,) array, increasing

    Examples
    --------
    >>> x = np.linspace(0, 1, 201)
    >>> fronts(x, np.tanh((x - 0.301) / 0.01)).round(3)
    array([0.301])
    """
    slope, middle = np.abs(np.diff(u) / np.diff(x)), (x[1:] + x[:-1]) / 2
    inner = np.arange(1, len(slope) - 1)
    peak = inner[(slope[inner] >= slope[inner - 1]) & (slope[inner] > slope[inner + 1])]
    peak = peak[slope[peak] >= threshold * slope.max()]
    kept: list[float] = []
    for i in peak[np.argsort(-slope[peak])]:
        left, centre, right = slope[i - 1 : i + 2]
        curvature = left - 2 * centre + right
        position = middle[i] + (0.5 * (left - right) / curvature if curvature else 0.0) * (middle[i + 1] - middle[i])
        if all(abs(position - other) >= apart for other in kept):
            kept.append(position)
    return np.sort(kept)


def front_errors(x: np.ndarray, u: np.ndarray, v: np.ndarray, threshold: float = 0.2) -> np.ndarray:
    """Distance from each front of `u` to the nearest of `v`, in units of x; (n,).

    Fronts of `v` are taken down to half the threshold, so that a front of `u` just above it finds its partner.
    """
    found = fronts(x, v, threshold / 2)
    return np.array([np.abs(found - position).min() for position in fronts(x, u, threshold)])


def extrema(u: np.ndarray, share: float = 0.02) -> float:
    """Number of maxima and minima of a profile (P,) with a prominence of at least `share` of its range.

    For a grid (n1, n2) the mean over 16 rows and 16 columns, with prominences over the range of the whole grid.

    Examples
    --------
    >>> extrema(np.sin(np.linspace(0, 20, 400)))
    6.0
    """
    least = share * np.ptp(u)
    lines = [u] if u.ndim == 1 else [line for a in (u, u.T) for line in a[:: max(1, len(a) // 16)][:16]]
    if least == 0:
        return 0.0
    counts = [len(find_peaks(sign * line, prominence=least)[0]) for line in lines for sign in (1, -1)]
    return float(sum(counts)) / len(lines)
