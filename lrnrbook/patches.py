"""Cells of nested grid patches, as adaptive mesh refinement leaves them (section 4.2.2).

Patches are rows (level, i1, i2, n1, n2) of integers: the level counted from 0, the first cell and the number of
cells along each axis, in cells of that level. Of the cells at a place the finest counts: the others are covered.
So the patches say where all points lie, and a file of such data needs no coordinates.
"""

from collections.abc import Sequence

import numpy as np


def factors(refinement: Sequence[int]) -> np.ndarray:
    """Cells of the finest level along a side of a cell of each level, such as [8, 4, 1] for refinement by 2 and 4."""
    return np.cumprod([1, *reversed(refinement)])[::-1]


def visible_cells(patches: np.ndarray, cells: Sequence[int], refinement: Sequence[int]) -> list[np.ndarray]:
    """Return for each patch which of its cells no finer patch covers, (n1, n2) of bool.

    `patches` are (n, 5) integers, `cells` those of the coarsest level, which covers the domain, along both axes, and
    `refinement` is that of each level against the one before.
    """
    size = factors(refinement)
    finest = np.full(np.array(cells) * size[0], -1, dtype=np.int8)  # level seen at each cell of the finest level
    for level, i, j, n, m in patches[np.argsort(patches[:, 0], kind="stable")].astype(int):
        f = size[level]
        finest[f * i : f * (i + n), f * j : f * (j + m)] = level
    masks = []
    for level, i, j, n, m in patches.astype(int):
        f = size[level]
        masks.append(finest[f * i : f * (i + n) : f, f * j : f * (j + m) : f] == level)
    return masks


def cell_centres(patches: np.ndarray, cells: Sequence[int], refinement: Sequence[int]) -> tuple[np.ndarray, ...]:
    """Return centres (P, 2) in half cells of the finest level, and sides (P,) in its cells, of all visible cells.

    They come patch by patch, the second axis running fastest.
    """
    size = factors(refinement)
    x, side = [], []
    for (level, i, j, _, _), mask in zip(patches.astype(int), visible_cells(patches, cells, refinement), strict=True):
        index = np.argwhere(mask) + (i, j)
        x.append((2 * index + 1) * size[level])
        side.append(np.full(len(index), size[level]))
    return np.concatenate(x), np.concatenate(side)


def corners(patches: np.ndarray, cells: Sequence[int], refinement: Sequence[int]) -> np.ndarray:
    """Return lower and upper corners (n, 2, 2) of the patches, as shares of the domain's sides."""
    size = factors(refinement)
    lower, count = patches[:, 1:3].astype(int), patches[:, 3:].astype(int)
    edges = np.stack([lower, lower + count], axis=2) * size[patches[:, 0]][:, None, None]
    return edges / (np.array(cells) * size[0])[:, None]


def finest_grid(x: np.ndarray, u: np.ndarray, area: np.ndarray, domain: np.ndarray, least=None) -> np.ndarray:
    """Spread values at cells over a grid of the smallest cells, or of cells of area `least`, (n1, n2, m).

    x (P, 2), u (P, m) and area (P,) are centres, values and areas of squares that fill the domain (2, 2).
    """
    lower, upper = domain.T
    cell = np.sqrt(least or area.min())
    sides = np.rint(np.sqrt(area) / cell).astype(int)
    grid = np.full((*np.rint((upper - lower) / cell).astype(int), u.shape[1]), np.nan)
    for side in np.unique(sides):
        rows = sides == side
        i, j = np.rint((x[rows] - lower) / cell - side / 2).astype(int).T[..., None] + np.arange(side)  # (P, side)
        grid[i[:, :, None], j[:, None]] = u[rows, None, None]
    if np.isnan(grid).any():
        raise ValueError(f"{len(x)} cells do not fill the domain {domain.tolist()}: expected squares that do")
    return grid
