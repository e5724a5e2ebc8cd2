"""Mollified data for sharp fronts, on uniform grids (section 4.2.1)."""

from __future__ import annotations

import numpy as np


def radius_at(epoch: int, epochs: int, initial: float) -> float:
    """Mollifier radius w at an epoch: linear from `initial` to 0 at half of the epochs (4.12).

    Examples
    --------
    >>> [radius_at(i, 100, 0.02) for i in (0, 25, 50, 99)]
    [0.02, 0.01, 0.0, 0.0]
    """
    return initial * max((epochs - 2 * epoch) / epochs, 0.0)


def half_cells(radius: float, spacing: float) -> int:
    """Radius in whole cells, rounded: the box covers 2 k + 1 cells, so the data change only when k does."""
    return int(np.floor(radius / spacing + 0.5))


def uniform_grid(data) -> tuple[tuple[int, ...], float]:
    """Cells along each axis, and their spacing, of the uniform grid that all frames of a `WaveData` share.

    Raises
    ------
    ValueError
        If the points are not the same at all times, or not those of a grid with equal spacing (last axis fastest).
    """
    x = data[0].x
    axes = [np.unique(x[:, i]) for i in range(data.dim)]
    shape = tuple(len(axis) for axis in axes)
    steps = np.concatenate([np.diff(axis) for axis in axes])
    fixed = all(np.array_equal(frame.x, x) for frame in data)
    if not fixed or np.prod(shape) != len(x) or not (
        np.allclose(steps, steps[0], rtol=1e-6, atol=0)
        and np.array_equal(np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(x.shape), x)
    ):
        raise ValueError(
            f"a mollifier needs one equally spaced grid at all times, but the spacing of {data.name!r} lies between "
            f"{steps.min():.3g} and {steps.max():.3g}, or its points change in time or are not those of a grid "
            "(set mollifier_radius=0)"
        )
    return shape, float(steps[0])


def mollify(u: np.ndarray, cells: int) -> np.ndarray:
    """Convolution with a box of 2 `cells` + 1 cells along each space axis (4.11).

    At the ends the data are mirrored evenly, every field alike (at a solid wall the velocity would be odd). The paper
    does not say what it does there; with w -> 0 the choice has no effect on the result.

    Parameters
    ----------
    u : (T, n_1, m) or (T, n_1, n_2, m) array on a uniform grid
    cells : int
        Half width k in cells.

    Returns
    -------
    array of the same shape

    Examples
    --------
    >>> mollify(np.array([0.0, 0, 3, 0, 0]).reshape(1, 5, 1), 1).ravel()
    array([0., 1., 1., 1., 0.])
    """
    if cells == 0:
        return u
    if cells >= min(u.shape[1:-1]):
        raise ValueError(f"mollifier half width of {cells} cells: expected less than the grid's "
                         f"{min(u.shape[1:-1])} cells")
    width = 2 * cells + 1
    for axis in range(1, u.ndim - 1):
        rows = np.moveaxis(u, axis, 0)
        padded = np.pad(rows, [(cells, cells)] + [(0, 0)] * (u.ndim - 1), mode="symmetric")
        sums = np.concatenate([np.zeros_like(padded[:1]), np.cumsum(padded, axis=0)])
        u = np.moveaxis((sums[width:] - sums[:-width]) / width, 0, axis)
    return u
