"""Data of a run as tensors in normalised units, and random batches of them (section 4.2)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from lrnrbook.model import Normalisation
from lrnrbook.mollify import half_cells, mollify, uniform_grid
from lrnrbook.recipes import Recipe

EVALUATION_POINTS = 65_536


class Batches:
    """Points and values of a data set as tensors in normalised units, and random batches of them.

    Parameters
    ----------
    data : WaveData
    recipe : Recipe
        Gives the batch shape and whether the data are to be mollified.
    seed : int
        The batches of an epoch depend on (seed, epoch) alone.
    device : torch.device

    Attributes
    ----------
    even : bool
        Whether batches have few shapes: not so if all points are taken, and ever different ones many.
    """

    def __init__(self, data, recipe: Recipe, seed: int, device: torch.device):
        self.recipe, self.seed, self.device = recipe, seed, device
        self.normalisation = box = Normalisation.of(data)
        low, high = np.array(box.domain).T
        self.counts = np.array([len(frame.x) for frame in data])
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        self.t = self._tensor((data.t - box.times[0]) * (2 / (box.times[1] - box.times[0])) - 1)
        self.x = self._tensor((np.concatenate([frame.x for frame in data]) - low) * (2 / (high - low)) - 1)
        self._u = np.concatenate([frame.u for frame in data]) / np.array(box.scale)
        self.exact = self._tensor(self._u)
        self.u = self.exact.clone() if recipe.mollifier_radius else self.exact
        self.even = recipe.batch_points is not None or len(set(self.counts)) == 1
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
