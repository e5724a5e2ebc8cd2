"""Forecast of hypermode coordinates by a small linear model (beyond the paper)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RIDGES = tuple(10.0**k for k in range(-8, 5))
VALIDATION = 0.15  # last part of the known times, on which the ridge is chosen


@dataclass(frozen=True)
class Forecast:
    """Linear model of coordinates at equal steps: each new step is the last one plus a linear map of place and step.

    ``d_(n+1) = d_n + M^T (c_n, d_n, 1)``, d_n = c_n - c_(n-1): ridge regression draws M towards 0, the straight line.

    Attributes
    ----------
    matrix : (2 k + 1, k) array
        M, for coordinates centred and over their range.
    centre, width : (k,) arrays
    """

    matrix: np.ndarray
    centre: np.ndarray
    width: np.ndarray

    @classmethod
    def fit(cls, c: np.ndarray) -> Forecast:
        """Learn from known coordinates (T, k); the ridge is the one that steps best through their last part.

        Examples
        --------
        >>> t = np.arange(60)
        >>> c = np.stack([np.cos(0.1 * t), np.sin(0.1 * t), 0.02 * t], 1)     # a circle and a drift: linear
        >>> ahead = Forecast.fit(c[:50]).step(c[:50], 10)
        >>> bool(np.abs(ahead - c[50:]).max() < 1e-2)
        True
        """
        if c.ndim != 2 or len(c) < 8:
            raise ValueError(f"coordinates have shape {c.shape}: expected (T, k) with T of 8 or more")
        centre, width = c.mean(0), np.maximum(np.ptp(c, axis=0), 1e-300)
        known = (c - centre) / width
        cut = len(known) - max(2, round(VALIDATION * len(known)))

        def regress(z, ridge):
            d = np.diff(z, axis=0)
            rows = np.column_stack([z[1:-1], d[:-1], np.ones(len(z) - 2)])
            normal = rows.T @ rows + ridge * len(rows) * np.eye(rows.shape[1])
            return cls(np.linalg.solve(normal, rows.T @ np.diff(d, axis=0)), centre, width)

        def error(ridge):
            trial = regress(known[:cut], ridge).step(c[:cut], len(c) - cut)
            return np.abs((trial - c[cut:]) / width).mean()

        errors = [error(ridge) for ridge in RIDGES]
        return regress(known, RIDGES[int(np.nanargmin(errors))])

    def step(self, c: np.ndarray, count: int) -> np.ndarray:
        """Coordinates (count, k) of the next steps after those known, (T, k) with T of 2 or more."""
        before, z = (c[-2:] - self.centre) / self.width
        d, found = z - before, []
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(count):
                d = d + np.concatenate([z, d, [1.0]]) @ self.matrix
                z = z + d
                found.append(z * self.width + self.centre)
        return np.array(found)
