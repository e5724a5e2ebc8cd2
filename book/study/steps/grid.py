"""A perturbed field of a wave in the plane: where it changes, and which way its contours go."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import label, maximum_filter

from study.instruments.descriptions import Moved

FRONT = 0.2  # of the largest gradient
RADIUS = 0.15


class Grid:
    """Values and slopes of a perturbed field on the grid.

    Attributes
    ----------
    x1, x2, base, du : (n, n) arrays
        Places, unperturbed field and its change.
    slope : (2, n, n) array
        Gradient of the unperturbed field.
    """

    def __init__(self, move: Moved, u: np.ndarray):
        n = int(round(len(move.base) ** 0.5))
        self.x1, self.x2 = move.x.T.reshape(2, n, n)
        self.base = move.base.reshape(n, n)
        self.after = u.reshape(n, n)
        self.du = self.after - self.base
        self.cell = self.x1[1, 0] - self.x1[0, 0]
        self.slope = np.stack(np.gradient(self.base, self.cell))

    @property
    def steep(self) -> np.ndarray:
        """Where the gradient is at least 0.2 of its largest: fronts, (n, n) of bool."""
        size = np.linalg.norm(self.slope, axis=0)
        return size >= FRONT * size.max()

    def activity(self, where: np.ndarray) -> float:
        """Mean of |du| over a part of the square, over that of the whole; nan for an empty part."""
        return float(np.abs(self.du[where]).mean() / np.abs(self.du).mean()) if where.any() else np.nan

    def acts(self, where: np.ndarray) -> bool:
        """The change there is twice the mean or more."""
        return self.activity(where) >= 2

    def leaves(self, where: np.ndarray) -> bool:
        """The change there is half the mean or less."""
        return self.activity(where) <= 0.5

    def displacement(self, where: np.ndarray) -> np.ndarray:
        """Movement of the contours ``-du grad u / |grad u|^2`` at the points of a part, (2, points)."""
        g = self.slope[:, where]
        return -self.du[where] * g / np.maximum((g**2).sum(0), 1e-12)

    def disc(self, a: float, b: float, radius: float = RADIUS) -> np.ndarray:
        """Points within a radius of (a, b)."""
        return np.hypot(self.x1 - a, self.x2 - b) <= radius

    def peaks(self, u: np.ndarray, least: float = 0.3) -> np.ndarray:
        """Places of local maxima of at least a share of the highest, one for each plateau: (n, 2)."""
        top = (u == maximum_filter(u, size=9)) & (u >= least * u.max())
        groups, count = label(top)
        return np.array([[self.x1[groups == i].mean(), self.x2[groups == i].mean()] for i in range(1, count + 1)])


def along(displacement: np.ndarray, e) -> tuple[float, bool]:
    """Mean movement along a direction, and whether the points move along it: |mean d.e| at least half of mean |d|.

    Examples
    --------
    >>> along(np.array([[1.0, 1.0], [0.0, 0.1]]), (1, 0))
    (1.0, True)
    """
    e = np.asarray(e, dtype=float) / np.linalg.norm(e)
    mean = float((e @ displacement).mean())
    return mean, bool(abs(mean) >= 0.5 * np.linalg.norm(displacement, axis=0).mean())
