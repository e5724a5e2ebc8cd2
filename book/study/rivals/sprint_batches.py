"""Batches of sprints: strata of points and times, neighbouring times, more points where the error is."""

from __future__ import annotations

import numpy as np
import torch

from lrnrbook.batches import Batches


class StratifiedPoints(Batches):
    """Batches that take one point of each of as many equal pieces of a frame as they have points."""

    def times(self, rng) -> list[np.ndarray]:
        """Numbers of times, a batch each."""
        return np.array_split(rng.permutation(len(self.t)), self.steps)

    def epoch(self, epoch: int):
        """As that of `Batches`."""
        rng, points = np.random.default_rng([self.seed, epoch]), self.recipe.batch_points
        for k in self.times(rng):
            share = (np.arange(points) + rng.random((len(k), points))) / points
            index = (share * self.counts[k][:, None]).astype(np.int64)
            yield torch.as_tensor(k), torch.as_tensor(index + self.starts[k][:, None])


class Stratified(StratifiedPoints):
    """The same, and of each run of neighbouring times one time for every batch."""

    def times(self, rng) -> list[np.ndarray]:
        """Numbers of times, a batch each."""
        runs = [rng.permutation(np.arange(i, min(i + self.steps, len(self.t)))) for i in
                range(0, len(self.t), self.steps)]
        return [np.array([run[j] for run in runs if j < len(run)]) for j in range(self.steps)]


class Neighbours(StratifiedPoints):
    """The same points, of neighbouring times in every batch, so that its coefficients are alike."""

    def times(self, rng) -> list[np.ndarray]:
        """Numbers of times, a batch each, in random order; where the first begins is drawn too."""
        runs = np.array_split(np.roll(np.arange(len(self.t)), rng.integers(len(self.t))), self.steps)
        return [runs[i] for i in rng.permutation(self.steps)]


class ByError(Batches):
    """Batches with more points where the error is large, and weights that make up for it; without R_ortho.

    Half of the probability is even, half in proportion to a running mean of the error in each of `PIECES` equal pieces
    of a frame.
    """

    PIECES, KEEP = 64, 0.7

    def epoch(self, epoch: int):
        """As that of `Batches`."""
        rng, points = np.random.default_rng([self.seed, epoch]), self.recipe.batch_points
        if epoch == 0:
            self.seen = np.ones((len(self.t), self.PIECES))
        for k in np.array_split(rng.permutation(len(self.t)), self.steps):
            chance = 0.5 / self.PIECES + 0.5 * self.seen[k] / self.seen[k].sum(1, keepdims=True)
            bounds = np.cumsum(chance, 1) + np.arange(len(k))[:, None]
            drawn = (np.arange(points) + rng.random((len(k), points))) / points + np.arange(len(k))[:, None]
            piece = np.searchsorted(bounds.ravel(), drawn.ravel()).reshape(drawn.shape)
            piece = np.clip(piece - self.PIECES * np.arange(len(k))[:, None], 0, self.PIECES - 1)
            self.drawn = k, piece
            self.weights = self._tensor(1 / (self.PIECES * np.take_along_axis(chance, piece, 1)))[..., None]
            index = ((piece + rng.random(piece.shape)) / self.PIECES * self.counts[k][:, None]).astype(np.int64)
            yield torch.as_tensor(k), torch.as_tensor(index + self.starts[k][:, None])

    def learn(self, error: np.ndarray) -> None:
        """Take the errors (b, p) of the batch drawn last."""
        k, piece = self.drawn
        flat = (piece + self.PIECES * np.arange(len(k))[:, None]).ravel()
        count, total = (np.bincount(flat, weights, len(k) * self.PIECES).reshape(len(k), -1)
                        for weights in (None, error.ravel()))
        new = np.divide(total, count, out=self.seen[k], where=count > 0)
        self.seen[k] = self.KEEP * self.seen[k] + (1 - self.KEEP) * new


BATCHES = {"strata of points": StratifiedPoints, "strata": Stratified, "neighbours": Neighbours, "by error": ByError}
