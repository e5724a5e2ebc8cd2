"""How regular coefficients are over time: polynomials and straight lines (section 5, Figs. 7 and 8)."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import chebyshev


def chebyshev_residual(t: np.ndarray, values: np.ndarray, degree: int) -> np.ndarray:
    """Values (T, k) minus their best Chebyshev polynomials over t, (T, k).

    Examples
    --------
    >>> t = np.linspace(0, 1, 50)
    >>> bool(np.abs(chebyshev_residual(t, t[:, None] ** 3, 3)).max() < 1e-12)
    True
    """
    z = 2 * (t - t[0]) / (t[-1] - t[0]) - 1
    basis = np.linalg.qr(chebyshev.chebvander(z, degree))[0]
    return values - basis @ (basis.T @ values)


def line_r2(t: np.ndarray, values: np.ndarray, degree: int = 1) -> np.ndarray:
    """R^2 of the best polynomial (a line) for each column of values (T, k); 1 for a constant: (k,)."""
    residual = chebyshev_residual(t, values, degree)
    spread = ((values - values.mean(0)) ** 2).sum(0)
    return 1 - (residual**2).sum(0) / np.maximum(spread, 1e-300)


def smooth(t: np.ndarray, values: np.ndarray) -> float:
    """Share of columns whose Chebyshev polynomial of degree 10 leaves at most 1 % of their range."""
    residual = np.abs(chebyshev_residual(t, values, 10)).max(0)
    return float((residual <= 0.01 * np.ptp(values, axis=0) + 1e-300).mean())
