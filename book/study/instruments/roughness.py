"""How rough a field is: total variation, and the energy in its finest waves."""

from __future__ import annotations

import numpy as np
from scipy.fft import dctn


def roughness(u: np.ndarray) -> float:
    """Total variation of a profile (P,), or of a grid (n1, n2): sum of all differences of neighbours.

    Examples
    --------
    >>> roughness(np.array([0.0, 2.0, 1.0])), roughness(np.eye(2))
    (3.0, 4.0)
    """
    return float(sum(np.abs(np.diff(u, axis=axis)).sum() for axis in range(u.ndim)))


def fine_energy(u: np.ndarray) -> float:
    """Share of the energy of a profile (P,), or grid (n1, n2), in waves finer than a quarter of what it resolves.

    Taken of the field mirrored at its ends, so that different ends are no jump; its mean does not count.

    Examples
    --------
    >>> x = np.arange(64) + 0.5
    >>> fine_energy(np.cos(np.pi * x / 64)) < 1e-12 < 0.9 < fine_energy(np.cos(np.pi * 40 * x / 64))
    True
    """
    energy = dctn(u, norm="ortho") ** 2
    index = np.meshgrid(*(np.arange(n) / n for n in u.shape), indexing="ij")
    energy.flat[0] = 0.0
    total = energy.sum()
    return float(energy[np.max(index, axis=0) > 0.25].sum() / total) if total > 0 else 0.0
