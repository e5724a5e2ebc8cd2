"""Data of a run as tensors in normalised units, mollified (section 4.2.1), and random batches of them (section 4.2)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from scipy.ndimage import uniform_filter
from torch import Tensor

from lrnrbook.normalisation import Normalisation
from lrnrbook.recipes import Recipe


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

    Raises ValueError if the points are not the same at all times, or not those of a grid with equal spacing (last axis
    fastest).
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
        raise ValueError(f"a mollifier needs one equally spaced grid at all times, but the spacing of {data.name!r} "
                         f"lies between {steps.min():.3g} and {steps.max():.3g}, or its points change in time or are "
                         "not those of a grid (set mollifier_radius=0)")
    return shape, float(steps[0])


def mollify(u: np.ndarray, cells: int) -> np.ndarray:
    """Convolution of u, (T, n_1, m) or (T, n_1, n_2, m) on a uniform grid, with a box of 2 `cells` + 1 cells (4.11).

    At the ends the data are mirrored evenly, every field alike (at a solid wall the velocity would be odd). The paper
    does not say what it does there; with w -> 0 the choice has no effect on the result.

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
    return uniform_filter(u, 2 * cells + 1, axes=tuple(range(1, u.ndim - 1)), mode="reflect")


EVALUATION_POINTS = 65_536


class Batches:
    """Points and values of a data set as tensors in normalised units, and random batches of them.

    Parameters
    ----------
    data : WaveData
    recipe : Recipe: gives the batch shape and whether the data are to be mollified
    seed : int: the batches of an epoch depend on (seed, epoch) alone
    device : torch.device

    Attributes
    ----------
    fixed_shapes : bool: whether batches have few shapes: not so if all points are taken, and ever different ones many
    """

    def __init__(self, data, recipe: Recipe, seed: int, device: torch.device, box: Normalisation | None = None):
        self.recipe, self.seed, self.device = recipe, seed, device
        self.box = box = box or Normalisation.of(data)
        self.counts = np.array([len(frame.x) for frame in data])
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        self.t = self._tensor(box.moments(data.t, data.parameters))
        self.x = self._tensor(box.unit_points(np.concatenate([frame.x for frame in data])))
        self._u = box.unit_values(np.concatenate([frame.u for frame in data])).numpy()
        self.exact = self._tensor(self._u)
        self.u = self.exact.clone() if recipe.mollifier_radius else self.exact
        self.fixed_shapes = recipe.batch_points is not None or len(set(self.counts)) == 1
        self.norms = {q: self.u.abs().pow(q).mean(0) for q in (1, 2)}
        zero = [f for f, norm in zip(data.fields, self.norms[1], strict=True) if norm == 0]
        if zero:
            raise ValueError(f"field {zero[0]!r} is zero everywhere: a relative misfit needs a nonzero field")
        self.grid, self.spacing = uniform_grid(data) if recipe.mollifier_radius else ((), 1.0)
        self.cells = 0
        self.steps = math.ceil(len(self.t) / recipe.batch_times)  # batches an epoch

    def _tensor(self, values) -> Tensor:
        return torch.as_tensor(values, dtype=torch.float32, device=self.device)

    def set_radius(self, radius: float) -> bool:
        """Mollify the data in place, if the box kernel changed. True if it did."""
        cells = half_cells(radius, self.spacing)
        if cells == self.cells:
            return False
        grid = self._u.reshape(len(self.t), *self.grid, self._u.shape[-1])
        self.u.copy_(torch.as_tensor(mollify(grid, cells)).reshape(self.exact.shape))
        self.cells = cells
        return True

    def epoch(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Times (b,) and point indices (b, p) of batches of nearly equal size, once over all times.

        All are drawn and sent to the device at once: a copy for each would make it wait at every step.
        """
        rng = np.random.default_rng([self.seed, epoch])
        points, parts = self.recipe.batch_points, []
        for k in np.array_split(rng.permutation(len(self.t)), self.steps):
            counts = self.counts[k][:, None]
            if points is None:  # all points; of ragged frames the smaller ones are repeated to the largest
                index = np.arange(counts.max())[None] % counts
            else:
                index = (rng.random((len(k), points)) * counts).astype(np.int64)
            parts += [k, index + self.starts[k][:, None]]
        flat = torch.as_tensor(np.concatenate([a.ravel() for a in parts]), device=self.device)
        tensors = [a.reshape(part.shape) for a, part in zip(flat.split([a.size for a in parts]), parts, strict=True)]
        return zip(tensors[::2], tensors[1::2], strict=True)

    def evaluation(self) -> tuple[Tensor, Tensor]:
        """All times, and equally many evenly spread points of each."""
        p = min(max(EVALUATION_POINTS // len(self.t), 1), int(self.counts.min()))
        index = self.starts[:, None] + (np.arange(p)[None] * self.counts[:, None]) // p
        return torch.arange(len(self.t), device=self.device), torch.as_tensor(index, device=self.device)
