"""Sprints: ways to train, in turns in one process, each for as much processor time; the error is followed on samples.

Whatever else the machine does slows all of them alike, so what they reach can be compared on a machine that is shared.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import torch
from pytorch_optimizer import SOAP, Muon
from torch import Tensor

from lrnrbook.batches import Batches
from lrnrbook.datasets import load_data
from lrnrbook.files import write_json
from lrnrbook.losses import misfit
from lrnrbook.model import LRNR
from lrnrbook.recipes import get_recipe
from lrnrbook.trainer import Trainer, rate_at
from lrnrbook.training import apart
from study.ledger.records import begun, plain
from study.ledger.verdicts import SETS
from study.rivals.networks import Coordinates

# A small LRNR at the rate that the trials of the rivals chose; one change of it each; changes together.
BEFORE = {"width": 112, "rank": 28, "learning_rate": 5e-3}
LINEAR = {"prune": 0.0, "prune_below": 0.0, "hyper_output": "linear"}
TOGETHER = BEFORE | LINEAR | {"first": 2.0, "switch_threshold": 0.05, "lambda_ortho": 0.0}
FEATURES = "network with Fourier features"
SOON = "sines first, early l1, linear, no R_ortho"
ONE = {"plain LRNR": BEFORE, FEATURES: None} | {name: BEFORE | change for name, change in {
    "no pruning, linear hypernetwork output": LINEAR,
    "hypernetwork 25 x 4": {"hyper_width": 25, "hyper_depth": 4},
    "preconditioner every 30 steps": {"precondition_every": 30},
    "batches 16 x 64": {"batch_points": 64},
    "no R_ortho": {"lambda_ortho": 0.0},
    "sines after the first layer": {"first": 1.0},
    "sines after the first layer, twice the frequencies": {"first": 2.0},
    "GELU": {"activation": "gelu"},
    "rate 1e-2": {"learning_rate": 1e-2},
    "l1 from an MSE of 0.05": {"switch_threshold": 0.05},
}.items()}
MORE = {SOON: TOGETHER} | {f"{SOON}; {name}": TOGETHER | change for name, change in {
    "strata of points and times": {"batches": "strata"},
    "four times the frequencies": {"first": 4.0},
    "rate 3e-3": {"learning_rate": 3e-3},
    "points by error": {"batches": "by error"},
    "Muon": {"muon": 0.02},
}.items()}
BEST = f"{SOON}; strata of points and times"
LAST = {"plain LRNR": BEFORE, FEATURES: None, BEST: MORE[BEST]}
SOONER = f"{BEST}; half of the seconds"
HALF = {"plain LRNR": BEFORE, SOONER: MORE[BEST] | {"share": 0.5}}


class Round(NamedTuple):
    """Runs that are compared: seconds of each, waves, seeds, variants, whether every eighth time is kept apart.

    The first variant is what the others are held against; one with a "share" has only this part of the seconds.
    """

    seconds: float
    names: tuple[str, ...]
    seeds: tuple[int, ...]
    variants: dict[str, dict | None]
    apart: bool = False


ROUNDS = {
    "one change": Round(25.0, ("euler", "burgers"), (0,), ONE),
    "together": Round(22.0, ("euler", "burgers"), (0,), MORE),
    "final": Round(30.0, tuple(SETS), (0, 1, 2), LAST),
    "half": Round(60.0, tuple(SETS), (0, 1, 2), HALF, apart=True),
}
MARKS = 20  # times at which a run's error is looked at, evenly in time
GUESS = 400  # epochs, until the speed of a run is known
WIDTH = 96  # of the network with Fourier features: as in the record of the rivals


class Sprint(Trainer):
    """An LRNR whose schedule and pruning follow its processor time, all of which goes into steps.

    Parameters
    ----------
    change : dict
        Fields of the laptop recipe, and "batches", "first" or "muon": see `BATCHES`, `SineFirst` and `_muon`; "share".
    seconds : float
        Processor time of the run, of which it takes its share.
    held : WaveData, optional
        Times that are not trained on.
    """

    def __init__(self, data, change: dict, seed: int, seconds: float, held=None):
        own = {key: change[key] for key in ("batches", "first", "muon", "share") if key in change}
        fields = {key: value for key, value in change.items() if key not in own}
        super().__init__(data, get_recipe("laptop", data.name, epochs=GUESS, **fields), seed, held=held)
        if "batches" in own:
            self.batches.__class__ = BATCHES[own["batches"]]
        if "first" in own:
            self._sine_first(own["first"])
        if "muon" in own:
            self._muon(own["muon"])
        self.budget, self.spent, self.steps = own.get("share", 1.0) * seconds, 0.0, 0

    @torch.no_grad()
    def _sine_first(self, scale: float) -> None:
        self.model.lrnr.__class__ = SineFirst
        last, count = self.model.hyper.layers[-1], sum(self.model.lrnr.layers[0].ranks)
        last.weight[:count] *= scale
        last.bias[:count] *= scale

    def _muon(self, rate: float) -> None:
        """Muon for the matrices and AdamW for the rest, both at this rate: a schedule knows no two."""
        groups = [{"params": [p for p in self.parameters if (p.ndim == 2) == muon], "use_muon": muon, "lr": rate}
                  for muon in (True, False)]
        self.recipe, self.optimizer = replace(self.recipe, learning_rate=rate), Muon(groups)

    def loss(self, k: Tensor, index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As that of `Trainer`, with weights of the points if its batches have them."""
        if not isinstance(self.batches, ByError):
            return super().loss(k, index)
        batches, s = self.batches, self.pruning.watch(self.model.hyper(self.batches.t[k]))
        error = (self.model.lrnr(batches.x[index], s) - batches.u[index]).abs()
        batches.learn((error.detach() / batches.norms[1]).mean(-1).numpy())
        loss = ((error if self.q == 1 else error.square()) * batches.weights).mean((0, 1)) / batches.norms[self.q]
        return loss.mean(), torch.stack([loss.detach().mean(), loss.new_zeros(()), loss.new_zeros(())]), s

    def evaluate(self) -> float:
        """Nothing: what looks at the error is not on the clock."""
        return math.inf

    @torch.no_grad()
    def error(self) -> float:
        """Mean relative l1 error on (a spread of) the samples."""
        return self._errors(self.batches)[0]

    @torch.no_grad()
    def between(self) -> dict[str, float]:
        """The same at the times kept apart, if there are some."""
        return {"held": self._errors(self.held)[0]} if self.held else {}

    def advance(self) -> bool:
        """One epoch; whether the misfit is finite."""
        if self.epoch > 1:
            self.recipe = replace(self.recipe, epochs=max(self.epoch + 1, round(self.epoch * self.budget / self.spent)))
        start = time.process_time()
        mean = self.run_epoch()
        self.spent += time.process_time() - start
        self.steps += self.batches.steps
        return math.isfinite(mean)


class SineFirst(LRNR):
    """LRNR with sines after the first layer, as Fourier features whose phases move with s, and tanh after the others.

    "first" of a variant is a factor of the first layer's coefficients at the start: it spreads the frequencies.
    """

    def forward(self, x: Tensor, s: Tensor) -> Tensor:
        """u(x; s), as that of `LRNR`."""
        (first, *rest), (pair, *pairs) = self.layers, self.split(s)
        z = torch.sin(first(x, *pair))
        for i, (layer, (s1, s2)) in enumerate(zip(rest, pairs, strict=True)):
            z = layer(torch.tanh(z) if i else z, s1, s2)
        return z


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


BATCHES = {"strata of points": StratifiedPoints, "strata": Stratified, "by error": ByError}


class Features:
    """The network of (x, t) with Fourier features, as `networks.train` trains it, with a schedule of processor time."""

    def __init__(self, data, change: None, seed: int, seconds: float, held: None = None):
        torch.manual_seed(seed)
        self.batches = Batches(data, get_recipe("laptop", data.name), seed, torch.device("cpu"))
        self.network = Coordinates(data.dim, len(data.fields), WIDTH, spread=1.5)
        self.optimizer = SOAP([p for p in self.network.parameters() if p.requires_grad], lr=3e-3, weight_decay=0.0,
                              precondition_frequency=10, max_precondition_dim=600)
        self.budget, self.spent, self.steps, self.epoch = seconds, 0.0, 0, 0

    def advance(self) -> bool:
        """One epoch; whether the misfit is finite."""
        start, batches = time.process_time(), self.batches
        for k, index in batches.epoch(self.epoch):
            share = min(self.spent / self.budget, 1.0)
            self.optimizer.param_groups[0]["lr"] = 3e-3 * rate_at(round(1e4 * share), 10_000, "cosine")
            q = 2 if share < 0.1 else 1
            self.optimizer.zero_grad()
            loss = misfit(self.network(batches.x[index], batches.t[k]), batches.u[index], q, batches.norms[q])
            loss.backward()
            self.optimizer.step()
            self.steps += 1
        self.epoch += 1
        self.spent += time.process_time() - start
        return math.isfinite(float(loss.detach()))

    @torch.no_grad()
    def error(self) -> float:
        """As that of `Sprint`."""
        batches = self.batches
        x, exact = batches.measured
        u = torch.cat([self.network(x[k], batches.t[k]) for k in torch.arange(len(x)).split(16)])
        return float(((u - exact).abs().sum((0, 1)) / exact.abs().sum((0, 1))).mean())


def sprint(name: str, variants: dict[str, dict], seed: int, seconds: float,
           keep: Callable[[str, dict], None], holdout: str | None = None) -> None:
    """Train all variants in turns, an epoch each; `keep` takes the row of each when it ends.

    A row has the change (None of the network with Fourier features), steps, seconds, "course" as pairs of seconds and
    error, and "e1", the error at the end; None for one that diverged. With a holdout, as that of `fit`, also "held",
    the error at the times kept apart.
    """
    data, held = apart(load_data(name), holdout)
    runs = {key: (Sprint if change is not None else Features)(data, change, seed, seconds, held)
            for key, change in variants.items()}
    course: dict[str, list] = {key: [] for key in runs}
    while runs:
        for key, run in list(runs.items()):
            fine = run.advance()
            over = not fine or run.spent >= run.budget
            if over or run.spent >= (len(course[key]) + 1) * run.budget / MARKS:
                course[key].append([run.spent, run.error()])
            if over:
                del runs[key]
                keep(key, plain({"change": variants[key], "steps": run.steps, "seconds": run.spent,
                                 "course": course[key], "e1": course[key][-1][1] if fine else None}
                                | (run.between() if held and fine else {})))


def key(what: str, name: str, seed: int, variant: str) -> str:
    """Name of a row, as "final, euler, 0, plain LRNR"."""
    return f"{what}, {name}, {seed}, {variant}"


def missing(record: dict) -> dict[tuple[str, str, int], dict]:
    """Variants that a record lacks, by round, wave and seed; all waves have a seed before any has the next."""
    left = {(what, name, seed): {variant: change for variant, change in one.variants.items()
                                 if key(what, name, seed, variant) not in record["rows"]}
            for what, one in ROUNDS.items() for seed in one.seeds for name in one.names}
    return {where: variants for where, variants in left.items() if variants}


def measure(path, names: tuple[str, ...] = SETS) -> dict:
    """Run what a record lacks on these waves; each row is written when its run ends.

    Returns
    -------
    dict
        rows: as from `sprint`, see `key`.
    """
    torch.set_num_threads(1)
    record = begun(path)
    for (what, name, seed), variants in missing(record).items():
        def keep(variant: str, row: dict, where: tuple = (what, name, seed)) -> None:
            record["rows"][key(*where, variant)] = row
            record["date"] = date.today().isoformat()
            write_json(path, record)

        if name in names:
            sprint(name, variants, seed, ROUNDS[what].seconds, keep, "auto" if ROUNDS[what].apart else None)
    return record


def soon(course: list, target: float) -> float | None:
    """Seconds after which the error of a run is below a target, or None.

    Examples
    --------
    >>> soon([[1.0, 0.1], [2.0, 0.01]], 0.05)
    2.0
    """
    return next((seconds for seconds, error in course if error is not None and error <= target), None)
