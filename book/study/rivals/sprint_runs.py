"""Runs of sprints: an LRNR with changes, and a network with Fourier features, whose schedules follow their own time."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import torch
from pytorch_optimizer import SOAP, Muon
from torch import Tensor
from torch._inductor import config as inductor

from lrnrbook.batches import Batches
from lrnrbook.losses import misfit
from lrnrbook.recipes import get_recipe
from lrnrbook.trainer import Trainer, new_model, rate_at
from lrnrbook.truncation import Pruning
from study.instruments.costs import compile_step
from study.rivals.networks import Coordinates
from study.rivals.sprint_batches import BATCHES, ByError
from study.rivals.sprint_models import fit_start, grow, sines_first

GUESS = 400  # epochs, until the speed of a run is known
WIDTH = 96  # of the network with Fourier features: as in the record of the rivals
OWN = ("batches", "first", "muon", "share", "bfloat16", "compiled", "fitted", "grown", "late", "end")


class Sprint(Trainer):
    """An LRNR whose schedule and pruning follow its processor time, all of which goes into steps.

    Parameters
    ----------
    change : dict
        Fields of the laptop recipe, and of `OWN`: "batches" (see `BATCHES`), "first" (see `sines_first`), "muon" (its
        rate), "share" (of the seconds, which it has), "bfloat16", "compiled" and "fitted" (if true), "grown" (how many
        times wider and of how much higher rank the network is from half of its time on), "late" (steps between
        preconditioners from then on), "end" (the last rate's share of the first, where the rate is even for half of
        the time and then falls exponentially).
    seconds : float
        Processor time of the run.
    held : WaveData, optional
        Times that are not trained on.
    """

    def __init__(self, data, change: dict, seed: int, seconds: float, held=None):
        self.own = {key: change[key] for key in OWN if key in change}
        fields = {key: value for key, value in change.items() if key not in OWN}
        super().__init__(data, get_recipe("laptop", data.name, epochs=GUESS, **fields), seed, held=held)
        self.budget, self.spent, self.steps = self.own.get("share", 1.0) * seconds, 0.0, 0
        self.data, self.second_half, self.compiling = data, False, 0.0
        if "batches" in self.own:
            self.batches.__class__ = BATCHES[self.own["batches"]]
        if "muon" in self.own:
            self._muon(self.own["muon"])
        if "end" in self.own:
            self.recipe = replace(self.recipe, schedule="constant")
        self._prepare()
        if "fitted" in self.own:
            self._fitted()

    def _prepare(self) -> None:
        """Make of a new model what the changes ask for."""
        if "first" in self.own:
            sines_first(self.model, self.own["first"])
        if "bfloat16" in self.own:
            self.model.lrnr.bfloat16 = True
        if "compiled" in self.own:
            self._compiled()

    def _muon(self, rate: float) -> None:
        """Muon for the matrices and AdamW for the rest, both at this rate: a schedule knows no two."""
        groups = [{"params": [p for p in self.parameters if (p.ndim == 2) == muon], "use_muon": muon, "lr": rate}
                  for muon in (True, False)]
        self.recipe, self.optimizer = replace(self.recipe, learning_rate=rate), Muon(groups)

    def _compiled(self) -> None:
        """Compile the step, for both misfits and all shapes of batches: off the clock, and its seconds are kept."""
        torch.compiler.reset()  # the steps of other runs count against a limit of PyTorch
        start, batches = time.perf_counter(), {len(k): (k, index) for k, index in self.batches.epoch(0)}
        compile_step(self)
        with inductor.patch(force_disable_caches=True):
            for self.q in (1, 2):
                for batch in batches.values():
                    self._gradients(*batch)
        self.compiling = time.perf_counter() - start

    def _fitted(self) -> None:
        start, (k, index) = time.process_time(), next(iter(self.batches.epoch(0)))
        fit_start(self.model, self.batches.x[index], self.batches.t[k], self.batches.u[index])
        self.spent += time.process_time() - start

    def _grown(self, times: int) -> None:
        small, recipe = self.model, self.recipe
        self.recipe = replace(recipe, width=times * recipe.width, rank=times * recipe.rank)
        self.model = new_model(self.data, self.recipe, self.seed)
        self.parameters, self.pruning = list(self.model.parameters()), Pruning(self.model, 0.0)
        self._prepare()
        grow(small, self.model)
        self._new_optimizer()

    def _halfway(self) -> None:
        """What changes when half of the time is over."""
        self.second_half = True
        if "grown" in self.own:
            self._grown(self.own["grown"])
        if "late" in self.own:
            for group in self.optimizer.param_groups:
                group["precondition_frequency"] = self.own["late"]

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
        start, share = time.process_time(), self.spent / self.budget
        if share >= 0.5 and not self.second_half:
            self._halfway()
        if self.epoch > 1:
            self.recipe = replace(self.recipe, epochs=max(self.epoch + 1, round(self.epoch * self.budget / self.spent)))
        if "end" in self.own:
            self._set_rate(self.recipe.learning_rate * min(100 * share + 0.1, self.own["end"] ** max(2 * share - 1, 0)))
        mean = self.run_epoch()
        self.spent += time.process_time() - start
        self.steps += self.batches.steps
        return math.isfinite(mean)


class Features:
    """The network of (x, t) with Fourier features, as `networks.train` trains it, with a schedule of processor time."""

    def __init__(self, data, change: None, seed: int, seconds: float, held=None):
        torch.manual_seed(seed)
        recipe, cpu = get_recipe("laptop", data.name), torch.device("cpu")
        self.batches = Batches(data, recipe, seed, cpu)
        self.held = held and Batches(held.spread, recipe, seed, cpu, self.batches.box)
        self.network = Coordinates(data.dim, len(data.fields), WIDTH, spread=1.5)
        self.optimizer = SOAP([p for p in self.network.parameters() if p.requires_grad], lr=3e-3, weight_decay=0.0,
                              precondition_frequency=10, max_precondition_dim=600)
        self.budget, self.spent, self.steps, self.epoch, self.compiling = seconds, 0.0, 0, 0, 0.0

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

    def error(self) -> float:
        """As that of `Sprint`."""
        return self._error(self.batches)

    def between(self) -> dict[str, float]:
        """As that of `Sprint`."""
        return {"held": self._error(self.held)} if self.held else {}

    @torch.no_grad()
    def _error(self, batches: Batches) -> float:
        x, exact = batches.measured
        u = torch.cat([self.network(x[k], batches.t[k]) for k in torch.arange(len(x)).split(16)])
        return float(((u - exact).abs().sum((0, 1)) / exact.abs().sum((0, 1))).mean())
