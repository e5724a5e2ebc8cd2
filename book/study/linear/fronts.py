"""A front that moves across the unit interval, its best linear spaces, and a network that follows it.

``u(x, t) = 1`` where ``x < t``, for x and t in (0, 1). The inner product of two frames is ``min(s, t)``, a kernel whose
eigenvalues are ``1 / ((k - 1/2) pi)^2``: so the error of the best space of every dimension is known in closed form.
"""

from __future__ import annotations

import numpy as np
from scipy.special import polygamma

from lrnrbook.layers import FactoredLayer
from lrnrbook.model import LRNR


def centres(n: int) -> np.ndarray:
    """Middles of n equal cells of (0, 1)."""
    return (np.arange(n) + 0.5) / n


def front(x: np.ndarray, t: np.ndarray, width: float = 0.0) -> np.ndarray:
    """Frames (T, P) of a front that is at x = t: a step, or a smooth one of a width, from 1 on its left to 0.

    Examples
    --------
    >>> front(np.array([0.25, 0.75]), np.array([0.5, 1.0])).tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    distance = x - np.asarray(t)[:, None]
    return (distance < 0).astype(float) if width == 0 else (1 - np.tanh(distance / width)) / 2


def best_errors(singular_values) -> np.ndarray:
    """Relative error of the best linear space of dimension 0, 1, 2, ...: root mean square over all frames.

    Examples
    --------
    >>> best_errors([4.0, 3.0]).tolist()
    [1.0, 0.6]
    """
    energy = np.square(singular_values)[::-1].cumsum()[::-1]
    return np.sqrt(energy / energy[0])


def step_errors(n) -> np.ndarray:
    """What `best_errors` are for the step, in closed form: ``sqrt(2 psi'(n + 1/2)) / pi``, about ``0.45 / sqrt(n)``.

    Examples
    --------
    >>> step_errors([0, 100]).round(4).tolist()
    [1.0, 0.045]
    """
    return np.sqrt(2 * polygamma(1, np.asarray(n) + 0.5)) / np.pi


def project(frames: np.ndarray, n: int) -> np.ndarray:
    """The frames (T, P) in the best linear space of dimension n for all of them together."""
    left, values, right = np.linalg.svd(frames, full_matrices=False)
    return (left[:, :n] * values[:n]) @ right[:n]


def needed(errors: np.ndarray, tolerance: float) -> int | None:
    """Smallest dimension whose error is at most a tolerance, if there is one.

    Examples
    --------
    >>> needed(np.array([1.0, 0.3, 0.01]), 0.1)
    2
    """
    good = np.flatnonzero(np.asarray(errors) <= tolerance)
    return int(good[0]) if len(good) else None


def front_network(width: float) -> LRNR:
    """A network of two layers that is the front of a width: its coefficients are (1, t, 1, 1)."""
    return LRNR([FactoredLayer([[1 / width]], [[1.0]], [[-1 / width]]), FactoredLayer([[-0.5]], [[1.0]], [[0.5]])])
