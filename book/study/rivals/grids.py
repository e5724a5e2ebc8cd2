"""Frames of a data set on one grid, and models that give values on it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy.ndimage import map_coordinates

from lrnrbook.patches import finest_grid

HALF = 2  # bytes of a number: what a rival stores is rounded to half precision (of EZyRB's POD the frames are)


def half(a: np.ndarray) -> np.ndarray:
    """Values as they are read back from half precision.

    Raises
    ------
    ValueError
        If some magnitude is beyond 65504.

    Examples
    --------
    >>> half(np.array([0.1])).item()
    0.0999755859375
    """
    if np.abs(a).max() > 65504:
        raise ValueError(f"{np.abs(a).max():.3g} is too large for half precision: expected at most 65504")
    return a.astype(np.float16).astype(np.float64)


class Frames:
    """Frames of a data set on one grid of the domain, the fields over their largest magnitudes.

    Parameters
    ----------
    data : WaveData
        Cells that fill the domain; adaptive ones are spread over the finest grid.
    coarsen : int
        Cells along a side that are averaged to one.

    Attributes
    ----------
    t : (T,) array
    values : (T, m, cells...) array
    fields, domain, scale
        Names, (d, 2) array, largest magnitudes (m,).
    """

    def __init__(self, data, coarsen: int = 1):
        self.t, self.fields, self.domain, self.scale = data.t, data.fields, data.domain, np.array(data.max_abs)
        if data.dim == 1:
            grids = np.stack([frame.u for frame in data])
        else:
            grids = np.stack([finest_grid(frame.x, frame.u, frame.area, data.domain) for frame in data])
        values = np.moveaxis(grids / self.scale, -1, 1)
        cells = values.shape[2:]
        if any(n % coarsen for n in cells):
            raise ValueError(f"coarsen = {coarsen}: expected a divisor of {cells} cells")
        blocks = [part for n in cells for part in (n // coarsen, coarsen)]
        averaged = tuple(range(3, 3 + 2 * len(cells), 2))
        self.values = values.reshape(*values.shape[:2], *blocks).mean(averaged)

    @property
    def rows(self) -> np.ndarray:
        """Frames as rows of a matrix (T, N)."""
        return self.values.reshape(len(self.t), -1)

    def grid(self, row: np.ndarray) -> np.ndarray:
        """A row (N,) as fields on the grid (m, cells...)."""
        return row.reshape(self.values.shape[1:])

    def read(self, grid: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Values (P, m), in physical units, of fields on the grid (m, cells...) at points (P, d), between centres."""
        low, high = self.domain.T
        place = ((x - low) / (high - low) * grid.shape[1:] - 0.5).T
        return np.stack([map_coordinates(g, place, order=1, mode="nearest") for g in grid], 1) * self.scale


class GridModel:
    """Fields on a grid at any time, read at any points.

    Parameters
    ----------
    frames : Frames
        What the model was made of: names, domain and scales.
    at : callable
        Maps a time to fields (m, cells...).
    stored : int
        Bytes that a file of it has.
    seconds : float, optional
        Of its training.
    """

    def __init__(self, frames: Frames, at: Callable[[float], np.ndarray], stored: int, seconds: float | None = None):
        self.frames, self.at, self.stored, self.seconds = frames, at, int(stored), seconds
        self.fields = frames.fields

    def predict(self, data) -> list[torch.Tensor]:
        """Values at the points and times of a data set: a list of (P_k, m)."""
        return [torch.as_tensor(self.frames.read(self.at(frame.t), frame.x)) for frame in data]
