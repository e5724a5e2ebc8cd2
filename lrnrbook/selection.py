"""Which rows of a basis are looked at: empirical interpolation and its kin (6.4).

Each takes an orthonormal basis (M, k) and gives row numbers; a vector z near its column space is then known from those
rows alone, ``z = basis solve(basis[rows], z[rows])``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.linalg


def deim(basis: np.ndarray) -> np.ndarray:
    """Greedy rows of discrete empirical interpolation, Algorithm 1 of Chaturantabut and Sorensen (2010): (k,).

    On an orthonormal basis this is also what the empirical interpolation method (Barrault et al. 2004) gives.

    Examples
    --------
    >>> deim(np.array([[0.0, 0.6], [1.0, 0.0], [0.0, 0.8]]))
    array([1, 2])
    """
    rows = [int(np.abs(basis[:, 0]).argmax())]
    for k in range(1, basis.shape[1]):
        c = np.linalg.solve(basis[rows, :k], basis[rows, k])
        rows.append(int(np.abs(basis[:, k] - basis[:, :k] @ c).argmax()))
    return np.array(rows)


def qdeim(basis: np.ndarray) -> np.ndarray:
    """Pivots of a QR factorisation with pivoting (Drmac and Gugercin 2016): (k,)."""
    return scipy.linalg.qr(basis.T, mode="r", pivoting=True)[1][: basis.shape[1]].copy()


def oversampled(basis: np.ndarray) -> np.ndarray:
    """Twice as many rows, for least squares: those of `qdeim`, then pivots among the rows left: (2 k,)."""
    first = qdeim(basis)
    left = np.setdiff1d(np.arange(len(basis)), first)
    more = scipy.linalg.qr(basis[left].T, mode="r", pivoting=True)[1][: len(first)]
    return np.concatenate([first, left[more]])


SELECTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "qdeim": qdeim, "deim": deim, "oversampled": oversampled}


def ei_greedy(snapshots: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Empirical interpolation, greedy in the snapshots (M, T) too (Maday et al. 2009).

    Each step takes the snapshot that interpolation so far reproduces worst (largest maximum of the residual), and the
    row where it does so; the basis (M, k) is those residuals, scaled to 1 at their row. Returns basis and rows (k,).
    """
    residual, basis, rows = snapshots.copy(), [], []
    for _ in range(rank):
        worst = np.abs(residual).max(0).argmax()
        row = int(np.abs(residual[:, worst]).argmax())
        if residual[row, worst] == 0:
            break
        new = residual[:, worst] / residual[row, worst]
        basis.append(new)
        rows.append(row)
        residual = residual - np.outer(new, residual[row])
    return np.array(basis).T, np.array(rows)
