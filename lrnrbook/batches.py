"""Data of a run as tensors in normalised units, mollified (section 4.2.1), and random batches of them (section 4.2)."""

import dataclasses
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from scipy.ndimage import uniform_filter
from torch import Tensor

from lrnrbook.normalisation import Normalisation
from lrnrbook.recipes import Recipe


def radius_at(epoch: int, epochs: int, initial: float) -> float:
    """Mollifier radius w at an epoch: linear from `initial` to 0 at half of the epochs (4.12)."""
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
    steps = np.concatenate([np.diff(axis) if len(axis) > 1 else [np.nan] for axis in axes])
    fixed = all(np.array_equal(frame.x, x) for frame in data)
    if not (fixed and np.prod(shape) == len(x) and np.allclose(steps, steps[0], rtol=1e-6, atol=0)
            and np.array_equal(np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(x.shape), x)):
        raise ValueError(f"a mollifier needs one equally spaced grid at all times, but the spacing of {data.name!r} "
                         f"lies between {steps.min():.3g} and {steps.max():.3g}, its points change in time or are not "
                         "those of a grid, or it is too large to be loaded (set mollifier_radius=0)")
    return shape, float(steps[0])


def mollify(u: np.ndarray, cells: int) -> np.ndarray:
    """Convolution of u, (T, n_1, m) or (T, n_1, n_2, m) on a uniform grid, with a box of 2 `cells` + 1 cells (4.11).

    At the ends the data are mirrored evenly, every field alike (at a solid wall the velocity would be odd). The paper
    does not say what it does there; with w -> 0 the choice has no effect on the result.
    """
    if cells == 0:
        return u
    if cells >= min(u.shape[1:-1]):
        raise ValueError(f"mollifier half width of {cells} cells: expected less than the grid's "
                         f"{min(u.shape[1:-1])} cells")
    return uniform_filter(u, 2 * cells + 1, axes=tuple(range(1, u.ndim - 1)), mode="reflect")


EVALUATION_POINTS, FEWEST = 65_536, 17  # over all times, and of each time at least
WINDOW = 2**28  # bytes of data on disk that are in memory, as float32, while as many are read
REUSE = 32  # the next ones come when one in so many values has been drawn


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
    measured : evenly spread points of each time (T, p, d), and the unmollified values there (T, p, m)
    """

    def __init__(self, data, recipe: Recipe, seed: int, device: torch.device, box: Normalisation | None = None):
        self.recipe, self.seed, self.device = recipe, seed, device
        self.box = box = box or Normalisation.of(data)
        self.frames, self.counts = np.arange(len(data)), np.array([len(x) for x in data.x])
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        self.t = self._tensor(box.moments(data.t, data.parameters))
        self.x = self._tensor(box.unit_points(torch.as_tensor(np.concatenate([frame.x for frame in data]))))
        self._u = box.unit_values(torch.as_tensor(np.concatenate([frame.u for frame in data]))).numpy()
        self.exact = self._tensor(self._u)
        self.u = self.exact.clone() if recipe.mollifier_radius else self.exact
        self.fixed_shapes = recipe.batch_points is not None or len(set(self.counts)) == 1
        self.norms = {q: self.u.abs().pow(q).mean(0) for q in (1, 2)}
        if zero := [f for f, norm in zip(data.fields, self.norms[1], strict=True) if norm == 0]:
            raise ValueError(f"field {zero[0]!r} is zero everywhere at {len(data)} times: a misfit needs values")
        self.grid, self.spacing = uniform_grid(data) if recipe.mollifier_radius else ((), 1.0)
        self.cells, self.steps = 0, math.ceil(len(self.t) / recipe.batch_times)  # batches an epoch
        p = min(max(EVALUATION_POINTS // len(self.t), FEWEST) - 1 | 1, int(self.counts.min()))  # odd: off grid lines
        index = torch.as_tensor(self.starts[:, None] + (np.arange(p)[None] * self.counts[:, None]) // p)
        self.measured = self.x[index.to(device)], self.exact[index.to(device)]

    def _tensor(self, values) -> Tensor:
        return torch.as_tensor(values, dtype=torch.get_default_dtype(), device=self.device)

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
        for k in np.array_split(rng.permutation(len(self.frames)), self.steps):
            counts = self.counts[k][:, None]
            if points is None:  # all points; of ragged frames the smaller ones are repeated to the largest
                index = np.arange(counts.max())[None] % counts
            else:
                index = (rng.random((len(k), points)) * counts).astype(np.int64)
            parts += [self.frames[k], index + self.starts[k][:, None]]
        flat = torch.as_tensor(np.concatenate([a.ravel() for a in parts]), device=self.device)
        tensors = [a.reshape(part.shape) for a, part in zip(flat.split([a.size for a in parts]), parts, strict=True)]
        return zip(tensors[::2], tensors[1::2], strict=True)


class Windows(Batches):
    """Batches of data on disk, from a window of chunks at random; a thread reads the next window meanwhile.

    An epoch goes once over the times of a window, which depends on (seed, epoch) alone. x has the points of one time;
    norms and `measured` are those of `data.spread`.
    """

    def __init__(self, data, recipe: Recipe, seed: int, device: torch.device, box: Normalisation):
        super().__init__(data.spread, recipe, seed, device, box)
        new = np.flatnonzero(np.diff(data.u.frames // data.u.length)) + 1
        self.u_on_disk, self.chunks = dataclasses.replace(data.u), np.split(self.frames, new)
        points, m = len(data.x[0]), len(data.fields)
        self.windows = min(-(-4 * m * points * len(data) // WINDOW), len(data))  # of a pass through the data
        self.stay = max(1, points // (REUSE * (recipe.batch_points or points)))  # epochs
        self.steps, most = -(-(len(data) // self.windows) // recipe.batch_times), -(-len(data) // self.windows)
        self.x, self.u = self._tensor(self.box.unit_points(data.x[0])), self._tensor(np.zeros((most * points, m)))
        self.counts, self.starts = np.full(most, points), points * np.arange(most)
        self.present, self.reads, self.fixed_shapes = -1, {}, True

    def epoch(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """See `Batches.epoch`."""
        if epoch // self.stay != self.present:
            self.present = epoch // self.stay
            thread = ThreadPoolExecutor(1, "window")
            wanted = [i for i in (self.present, self.present + 1) if i * self.stay < self.recipe.epochs]
            self.reads |= {i: thread.submit(self._read, i) for i in wanted if i not in self.reads}
            thread.shutdown(wait=False)  # it ends when it has read
            self.frames, u = self.reads.pop(self.present).result()
            self.u[: len(u)] = u.to(self.device)
        return super().epoch(epoch)

    def _read(self, i: int) -> tuple[np.ndarray, Tensor]:
        """Frames of the i-th window (W,), and their values (W P, m)."""
        order = np.random.default_rng([self.seed, i // self.windows, 1]).permutation(len(self.chunks))
        frames = np.array_split(np.concatenate([self.chunks[j] for j in order]), self.windows)[i % self.windows]
        u = torch.empty(len(frames), len(self.x), self.u.shape[1])
        for part, k in zip(u, frames, strict=True):
            part.copy_(self.box.unit_values(self.u_on_disk[k]))
        return frames, u.flatten(0, 1)
