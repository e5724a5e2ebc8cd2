"""State of a training run and the steps that advance it (section 4, (4.10)-(4.13)).

A run is determined by data, recipe and seed: batches are drawn from (seed, epoch), rates depend on the step or on
past misfits, and a checkpoint holds the rest, so a resumed run gives the weights of an uninterrupted one.
"""

import io
import math
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from pytorch_optimizer import SOAP
from torch import Tensor
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lrnrbook.batches import Batches, Windows, radius_at
from lrnrbook.cuda_graphs import Recorder, Replay
from lrnrbook.files import write_atomically
from lrnrbook.hyper import HyperNetwork, initial_scales
from lrnrbook.losses import misfit, orthogonality_penalty, sparsity_penalty
from lrnrbook.model import LRNR, MetaNetwork
from lrnrbook.normalisation import Normalisation
from lrnrbook.recipes import Recipe
from lrnrbook.truncation import Pruning

HISTORY_ROWS = 1000  # epochs are averaged so that a history has at most about this many rows
EVALUATIONS = 40  # times a run looks at its error, to keep the best weights
COLUMNS = ("epoch", "misfit", "q", "learning_rate", "mollifier_radius", "r_sparse", "r_ortho")


def new_model(data, recipe: Recipe, seed: int = 0) -> MetaNetwork:
    """Untrained model for a data set, as a recipe says."""
    dims = (data.dim, *[recipe.width] * (recipe.depth - 1), len(data.fields))
    if recipe.network == "lrnr":
        lrnr = LRNR.random(dims, recipe.rank, recipe.activation, seed)
    else:
        lrnr = LRNR.dense(dims, recipe.activation, recipe.omega)
    bottleneck = recipe.bottleneck if recipe.network == "nif" else 0
    box = Normalisation.of(data)
    hyper = HyperNetwork(initial_scales(lrnr, seed), recipe.hyper_width, recipe.hyper_depth, recipe.hyper_output,
                         seed + 1, bottleneck, recipe.hyper_spread, recipe.hyper_start,
                         box.times if recipe.hyper_time == "raw" else None, 1 + len(box.parameters))
    return MetaNetwork(lrnr, hyper, box, data.fields, data.units)


def _optimizer(recipe: Recipe, parameters, device: torch.device):
    """Adam on a GPU keeps its rate and step number there, so that a step can be recorded; SOAP always runs as it is."""
    if recipe.optimizer == "adam":
        on_gpu = device.type == "cuda"
        rate = torch.tensor(recipe.learning_rate, device=device) if on_gpu else recipe.learning_rate
        return torch.optim.Adam(parameters, lr=rate, capturable=on_gpu, fused=True)
    return SOAP(parameters, lr=recipe.learning_rate, weight_decay=0.0, max_precondition_dim=recipe.precondition_most,
                precondition_frequency=recipe.precondition_every)


def rate_at(step: int, steps: int, schedule: str) -> float:
    """Rate at a step, as a share of the recipe's; a warm-up of 1 % precedes cosine and trapezoid."""
    share, warm = step / steps, min((step + 1) / (0.01 * steps), 1.0)
    if schedule == "cosine":
        return warm * 0.5 * (1 + math.cos(math.pi * share))
    return warm * min(1.0, (1 - share) / 0.3)


class Trainer:
    """State of a run and the steps that advance it; `fit` drives it.

    Attributes
    ----------
    compute : callable
        Loss and its parts (misfit, R_sparse, R_ortho) of a batch; several workers may wrap it, to share the batch.
    total : callable: sum of a tensor over the workers
    """

    def __init__(self, data, recipe: Recipe, seed: int, device: str = "cpu", held=None):
        self.compute: Callable = self.loss
        self.total: Callable[[Tensor], Tensor] = lambda a: a
        since = {key: value for key, value in data.setup.items() if key == "time"}  # the date of t = 0
        self.recipe, self.seed, self.data_id = recipe, seed, {"name": data.name, "sha256": data.sha256} | since
        self.device = torch.device(device)
        self.model = new_model(data, recipe, seed).to(self.device)
        self.parameters = list(self.model.parameters())
        self.batches = (Windows if data.on_disk else Batches)(data, recipe, seed, self.device, self.model.normalisation)
        self.held = held and Batches(held.spread, recipe, seed, self.device, self.batches.box)
        self.pruning = Pruning(self.model, recipe.prune, recipe.prune_below)
        self.q, self.epoch, self.seconds = 2, 0, 0.0
        self.mean = [p.detach().clone() for p in self.parameters] if recipe.average else None
        self.best = {"error": math.inf, "epoch": -1, "weights": self._weights()}
        self.rows: list[list[float]] = []
        self.window: list[list[float]] = []
        self.evaluations: list[list[float]] = []
        self.heldout: list[list[float]] = []  # epoch, error at the times kept apart
        self.recoveries: list[int] = []  # epochs that diverged and were gone back from
        self.cuts: list[list[float]] = []  # epoch at which the mollifier shrank, misfit before and in it
        self.last = [0, math.nan]
        self.switch_epoch: int | None = None
        self._new_optimizer()

    def _new_optimizer(self) -> None:
        self.optimizer = _optimizer(self.recipe, self.parameters, self.device)
        self._forget_recorded()
        self._new_plateau()

    @torch.no_grad()
    def recover(self) -> None:
        """Go back to the best weights after a divergence, and on from there with half the rate."""
        self.recoveries.append(self.epoch)
        self.model.load_state_dict(self.best["weights"])
        self.mean = self.mean and [p.detach().clone() for p in self.parameters]
        self.pruning.worth.zero_()
        self.pruning.apply()
        self._new_optimizer()

    def _new_plateau(self) -> None:
        """(Re)set the rate, and the plateau scheduler of 4.3.3."""
        rate = self.recipe.learning_rate * 0.5 ** len(self.recoveries)
        self._set_rate(rate * (self.recipe.switch_rate if self.q == 1 else 1.0))
        self.plateau = ReduceLROnPlateau(self.optimizer, factor=0.98, patience=10, threshold=1e-3)

    @property
    def rate(self) -> float:
        """The learning rate; reading it from a GPU waits for it."""
        return float(self.optimizer.param_groups[0]["lr"])

    def _set_rate(self, rate: float) -> None:
        """In place where the rate is a tensor, which a recorded step reads."""
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def _weights(self) -> dict[str, Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}

    def run_epoch(self) -> float:
        """One pass over the times; returns the mean misfit (NaN if it diverged)."""
        recipe, batches, epoch = self.recipe, self.batches, self.epoch
        radius = radius_at(epoch, recipe.epochs, recipe.mollifier_radius)
        cut = batches.set_radius(radius) and epoch > 0
        sums = torch.zeros(3, device=batches.device)
        for i, (k, index) in enumerate(batches.epoch(epoch)):
            if recipe.schedule in ("cosine", "trapezoid"):
                share = rate_at(epoch * batches.steps + i, recipe.epochs * batches.steps, recipe.schedule)
                self._set_rate(recipe.learning_rate * share * 0.5 ** len(self.recoveries))
            try:
                sums += self._step(k, index)
            except torch.linalg.LinAlgError:  # of SOAP, when a run diverges
                return math.nan
        mean, r_sparse, r_ortho = (self.total(sums) / batches.steps).tolist()
        if math.isfinite(mean):
            if cut and self.last[0] == self.q:
                self.cuts.append([epoch, self.last[1], mean])
            if cut and recipe.plateau_restart:
                self._new_plateau()
            self.last = [self.q, mean]
            self._log([epoch, mean, self.q, self.rate, radius, r_sparse, r_ortho])
            self._after_epoch(mean)
        return mean

    def _step(self, k: Tensor, index: Tensor) -> Tensor:
        """One optimizer step; returns misfit, R_sparse and R_ortho.

        On a GPU the step is recorded, but for an optimizer that cannot be, and but for batches of ever new shapes.
        """
        whole = self.device.type == "cuda" and self.recipe.optimizer == "adam"
        parts, *gradients = self._replayed(whole, k, index)
        if not whole:
            for p, gradient in zip(self.parameters, gradients, strict=True):
                p.grad = gradient
            self._update()
        return parts

    def _replayed(self, whole: bool, k: Tensor, index: Tensor) -> list[Tensor]:
        function = self._gradients_and_update if whole else self._gradients
        if not self.batches.fixed_shapes:
            return function(k, index)
        key = (self.q, *index.shape)
        if key not in self.recorded:
            self.recorded[key] = Replay(function, self.recorder)
        return self.recorded[key](k, index)

    def _forget_recorded(self) -> None:
        """Begin with no recorded step: one for each misfit and shape of batches is made when it comes up."""
        self.recorded: dict[tuple, Replay] = {}
        self.recorder = Recorder(self.device)

    def _gradients(self, k: Tensor, index: Tensor) -> list[Tensor]:
        """Parts of the loss, and its gradient with respect to every parameter."""
        loss, parts, s = self.compute(k, index)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.pruning.observe(s, self.total)
        return [parts, *(p.grad for p in self.parameters)]

    def _gradients_and_update(self, k: Tensor, index: Tensor) -> list[Tensor]:
        parts, *_ = self._gradients(k, index)
        self._update()
        return [parts]

    def _update(self) -> None:
        """Move the weights along the gradient."""
        self.optimizer.step()
        self.pruning.apply()
        if self.mean is not None:
            with torch.no_grad():
                torch._foreach_lerp_(self.mean, self.parameters, 1 - self.recipe.average)

    @contextmanager
    def _averaged(self):
        """The model with the mean of its weights, if the recipe keeps one; what was removed stays removed."""
        own = [p.detach().clone() for p in self.parameters]
        for p, mean in zip(self.parameters, self.mean or self.parameters, strict=True):
            p.copy_(mean)
        self.pruning.apply()
        yield
        for p, value in zip(self.parameters, own, strict=True):
            p.copy_(value)

    def loss(self, k: Tensor, index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Loss (4.10) of times (b,) and point indices (b, p); misfit, R_sparse and R_ortho; the coefficients."""
        recipe, batches, lrnr = self.recipe, self.batches, self.model.lrnr
        s = self.pruning.watch(self.model.hyper(batches.t[k]))
        loss = misfit(lrnr(batches.x[index % len(batches.x)], s), batches.u[index], self.q, batches.norms[self.q])
        parts = [loss.detach()]
        for weight, penalty in ((recipe.lambda_sparse, lambda: sparsity_penalty(lrnr, s, recipe.gamma)),
                                (recipe.lambda_ortho, lambda: orthogonality_penalty(lrnr))):
            with torch.set_grad_enabled(weight > 0):
                value = penalty() if recipe.network == "lrnr" else loss.new_zeros(())
            loss = loss + weight * value
            parts.append(value.detach())
        if recipe.lambda_l1:
            loss = loss + recipe.lambda_l1 * s.abs().sum(1).mean()
        return loss, torch.stack(parts), s

    def _log(self, row: list[float]) -> None:
        """Add an epoch to the history: means over windows of epochs, the last value of q."""
        self.window.append(row)
        if len(self.window) >= math.ceil(self.recipe.epochs / HISTORY_ROWS):
            means = np.mean(self.window, axis=0).tolist()
            self.rows.append([self.window[-1][0], means[1], self.window[-1][2], *means[3:]])
            self.window = []

    def _after_epoch(self, mean: float) -> None:
        """Plateau schedule, misfit switch (4.13), evaluation."""
        if self.recipe.schedule == "plateau":
            with self._rate_in_place():
                self.plateau.step(mean)
        if self.q == 2 and mean < self.recipe.switch_threshold:
            self.q, self.switch_epoch = 1, self.epoch
            self._new_plateau()
        self.epoch += 1
        if self.epoch % math.ceil(self.recipe.epochs / EVALUATIONS) == 0 or self.epoch == self.recipe.epochs:
            if self.pruning.advance(self.epoch / self.recipe.epochs):
                self.best["error"] = math.inf  # the best weights are those of a network with as few coefficients
            self.evaluate()

    @contextmanager
    def _rate_in_place(self):
        """What sets the rate within may replace it: afterwards a tensor, which recorded steps read, is the old one."""
        mine = self.optimizer.param_groups[0]["lr"]
        yield
        found, self.optimizer.param_groups[0]["lr"] = self.rate, mine
        self._set_rate(found)

    @torch.no_grad()
    def evaluate(self) -> float:
        """Mean relative l1 error on (a spread of) the unmollified data; keeps the best weights.

        The history has this error and the MSE (4.6) of the same points, and the error at times kept apart.
        """
        with self._averaged():
            error, mse = self._errors(self.batches)
            self.evaluations.append([self.epoch, *(v if math.isfinite(v) else None for v in (error, mse))])
            if self.held and math.isfinite(held := self._errors(self.held)[0]):
                self.heldout.append([self.epoch, held])
            if error < self.best["error"]:
                self.best = {"error": error, "epoch": self.epoch, "weights": self._weights()}
        return error

    def _errors(self, batches: Batches) -> tuple[float, float]:
        x, exact = batches.measured
        parts = torch.arange(len(x), device=self.device).split(16)
        off = torch.cat([self.model.lrnr(x[k], self.model.hyper(batches.t[k])) for k in parts]) - exact
        sums = [(size(off).sum((0, 1)), size(exact).sum((0, 1))) for size in (torch.abs, torch.square)]
        return tuple(float((a / b.clamp_min(1e-30)).mean()) for a, b in sums)

    def history(self) -> dict:
        """Columns of the history as lists."""
        columns = list(zip(*self.rows, strict=True)) or [()] * len(COLUMNS)
        out = {name: list(column) for name, column in zip(COLUMNS, columns, strict=True)}
        return out | {name: getattr(self, name) for name in self.KEPT}

    KEPT = ("evaluations", "heldout", "switch_epoch", "cuts", "recoveries")
    STATE = ("q", "epoch", "seconds", "best", "rows", "window", "last", "mean", *KEPT)

    def identity(self) -> dict:
        """What must agree for a checkpoint to continue: recipe, data, their domain, seed, kind of device."""
        return {"recipe": asdict(self.recipe), "data": self.data_id, "domain": self.model.normalisation.domain,
                "seed": self.seed, "device": self.device.type}

    def save_checkpoint(self, path: Path, extra: dict) -> None:
        """Write the whole state, atomically; the checkpoint before it is kept beside it."""
        state = {name: getattr(self, name) for name in self.STATE} | self.identity() | extra
        state |= {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
                  "plateau": self.plateau.state_dict(), "pruning": self.pruning.state_dict()}
        content = io.BytesIO()
        torch.save(state, content)
        write_atomically(path, lambda temporary: temporary.write_bytes(content.getbuffer()), Path(f"{path}.before"))

    def restore(self, state: dict) -> None:
        """Continue from a checkpoint's state."""
        self._forget_recorded()  # recorded steps write to the tensors that are replaced here
        for name in self.STATE:
            if type(state[name]) is not type(getattr(self, name)) and name != "switch_epoch":
                raise TypeError(f"{name} is a {type(state[name]).__name__}")
            setattr(self, name, state[name])
        self.mean = self.mean and [a.to(self.device) for a in self.mean]
        self.model.load_state_dict(state["model"])
        with self._rate_in_place():
            self.optimizer.load_state_dict(state["optimizer"])
        self.plateau.load_state_dict(state["plateau"])
        self.pruning.load_state_dict(state["pruning"])
        self.batches.set_radius(radius_at(max(self.epoch - 1, 0), self.recipe.epochs, self.recipe.mollifier_radius))
