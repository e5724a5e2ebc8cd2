"""Mollified data for sharp fronts in one dimension (section 4.2.1)."""

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


def uniform_spacing(data) -> float:
    """Spacing of the uniform grid that all frames of a 1d `WaveData` share.

    Raises
    ------
    ValueError
        If the data are not 1d, or their points not equally spaced and the same at all times.
    """
    if data.dim != 1:
        raise ValueError(f"a mollifier was asked for in {data.dim} dimensions: expected 1 (set mollifier_radius=0)")
    x = data[0].x[:, 0]
    steps = np.diff(x)
    if any(frame.x.shape != data[0].x.shape or not np.array_equal(frame.x, data[0].x) for frame in data) or not (
        np.allclose(steps, steps[0], rtol=1e-6, atol=0) and steps[0] > 0
    ):
        raise ValueError(
            f"a mollifier needs one equally spaced grid at all times, but the spacing of {data.name!r} lies between "
            f"{steps.min():.3g} and {steps.max():.3g} or changes in time (set mollifier_radius=0)"
        )
    return float(steps[0])


def mollify(u: np.ndarray, cells: int) -> np.ndarray:
    """Convolution with a box of 2 `cells` + 1 cells along the second axis (4.11).

    At the ends the data are mirrored evenly, every field alike (at a solid wall the velocity would be odd). The paper
    does not say what it does there; with w -> 0 the choice has no effect on the result.

    Parameters
    ----------
    u : (T, P, m) array on a uniform 1d grid
    cells : int
        Half width k in cells.

    Returns
    -------
    (T, P, m) array

    Examples
    --------
    >>> mollify(np.array([0.0, 0, 3, 0, 0]).reshape(1, 5, 1), 1).ravel()
    array([0., 1., 1., 1., 0.])
    """
    if cells == 0:
        return u
    if cells >= u.shape[1]:
        raise ValueError(f"mollifier half width of {cells} cells: expected less than the grid's {u.shape[1]} cells")
    padded = np.pad(u, ((0, 0), (cells, cells), (0, 0)), mode="symmetric")
    sums = np.concatenate([np.zeros_like(padded[:, :1]), np.cumsum(padded, axis=1)], axis=1)
    width = 2 * cells + 1
    return (sums[:, width:] - sums[:, :-width]) / width
