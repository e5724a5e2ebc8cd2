"""LRNR and the two kinds of hypernetwork that the paper compares with, at equal bytes and equal seconds of a core."""

from __future__ import annotations

import time
from itertools import pairwise

import torch

from lrnrbook.hyper import HyperNetwork, folded
from lrnrbook.model import MetaNetwork
from lrnrbook.recipes import Recipe, get_recipe
from lrnrbook.trainer import Trainer
from lrnrbook.training import run
from lrnrbook.truncation import truncate
from study.rivals.grids import HALF
from study.rivals.networks import halve, widest
from study.rivals.stored import quantised

KEPT = 0.6  # share of the numbers of an LRNR that pruning and truncation leave, about
PROBE = 3  # epochs


class Stored:
    """A network as it is stored: an LRNR truncated, its factors in half precision; another one in half precision."""

    def __init__(self, model: MetaNetwork, lrnr: bool, seconds: float):
        if lrnr:
            self.model, self.stored = quantised(truncate(model)[0], 16)
        else:
            self.model, self.stored = halve(model), HALF * sum(p.numel() for p in model.parameters())
        self.fields, self.normalisation, self.seconds = model.fields, model.normalisation, seconds

    def predict(self, data) -> list[torch.Tensor]:
        """Values at the points and times of a data set: a list of (P_k, m)."""
        with torch.no_grad():
            return [self.model(frame.x, frame.t)[0] for frame in data]


def _recipe(base: str, data, width: int, **changes) -> Recipe:
    size = {"width": width, "rank": width // 4} if base == "laptop" else {"width": width}
    return get_recipe(base, data.name, **size | changes)


def _epochs_in(seconds: float, data, recipe: Recipe) -> int:
    """Epochs that take so many seconds of processor time."""
    probe = Trainer(data, recipe, 0)
    probe.run_epoch()
    start = time.process_time()
    for _ in range(PROBE):
        probe.run_epoch()
    return max(1, round(seconds * PROBE / (time.process_time() - start)))


def count(recipe: Recipe, data) -> int:
    """Numbers of an untrained network: factors, if it has any, and the hypernetwork."""
    dims = [data.dim, *[recipe.width] * (recipe.depth - 1), len(data.fields)]
    if recipe.network == "lrnr":
        factors = sum(recipe.rank * (a + 2 * b) for a, b in pairwise(dims))
        outputs = 2 * recipe.rank * recipe.depth
    else:
        factors, outputs = 0, sum(a * b + b for a, b in pairwise(dims))
    bottleneck = recipe.bottleneck if recipe.network == "nif" else 0
    sizes = HyperNetwork.sizes(outputs, recipe.hyper_width, recipe.hyper_depth, bottleneck)
    return factors + sum(a * b + b for a, b in pairwise(sizes))


def train(base: str, data, stored: int, seconds: float, share: float, **changes) -> Stored:
    """Train by a recipe of the library, at a share of the width that fits into the bytes.

    Parameters
    ----------
    base : {"laptop", "siren", "nif"}
    changes
        Fields of the recipe.
    """
    factor = KEPT if base == "laptop" else 1.0
    most = widest(stored, lambda width: factor * count(_recipe(base, data, width), data))
    recipe = _recipe(base, data, max(8, round(share * most / 4) * 4), **changes)
    recipe = get_recipe(recipe, epochs=_epochs_in(0.95 * seconds, data, recipe))  # the rest looks at the error
    trainer, start = Trainer(data, recipe, 0), time.process_time()
    if (reason := run(trainer, None, {}, progress=False)).startswith("interrupted"):
        raise KeyboardInterrupt(reason)  # what is not trained to its end is not measured
    spent = time.process_time() - start
    trainer.model.load_state_dict(trainer.best["weights"])
    trainer.model.hyper = folded(trainer.model.hyper)
    model = Stored(trainer.model.eval(), base == "laptop", spent)
    model.steps = trainer.epoch * trainer.batches.steps
    return model
