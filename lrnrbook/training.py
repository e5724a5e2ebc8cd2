"""The training loop of section 4: random times and points, mollifier, misfit switch, regularisers, checkpoints.

A run is determined by data, recipe and seed: batches are drawn from (seed, epoch), rates depend on the step or on
past misfits, and a checkpoint holds the rest, so a resumed run gives the weights of an uninterrupted one.
"""

from __future__ import annotations

import math
import platform
import time
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.optim.lr_scheduler import ReduceLROnPlateau
from tqdm.auto import tqdm

from lrnrbook.datasets import load_data
from lrnrbook.evaluation import errors
from lrnrbook.losses import misfit, orthogonality_penalty, sparsity_penalty
from lrnrbook.model import LRNR, HyperNetwork, MetaNetwork, Normalisation, initial_scales
from lrnrbook.mollify import half_cells, mollify, radius_at, uniform_spacing
from lrnrbook.recipes import Recipe, get_recipe
from lrnrbook.storage import load_pretrained, load_record, save, write_atomically, write_json

HISTORY_ROWS = 1000  # epochs are averaged so that a history has at most about this many rows
EVALUATIONS = 40  # times a run looks at its error, to keep the best weights
EVALUATION_POINTS = 65_536
CHECKPOINT_SECONDS = 20.0
COLUMNS = ("epoch", "misfit", "q", "learning_rate", "mollifier_radius", "r_sparse", "r_ortho")


@dataclass
class Fit:
    """Result of `fit`.

    Attributes
    ----------
    model : MetaNetwork
        With the best weights of the run.
    history : dict of lists
        Columns epoch, misfit (as trained on: MSE while q = 2, l1 while q = 1), q, learning_rate, mollifier_radius,
        r_sparse, r_ortho; and evaluations: epoch and relative l1 error on the data themselves.
    stop_reason : str
    record : dict
        Recipe, seed, steps, seconds, device, threads, versions, data, errors, history, stop_reason.
    """

    model: MetaNetwork
    history: dict
    stop_reason: str
    record: dict

    def plot(self):
        """Figure of the history, as Fig. 6 of the paper."""
        from lrnrbook.plots import plot_history

        return plot_history(self.record)

    def save(self, path) -> Path:
        """Save the model to ``path`` and the record beside it, as ``.json``."""
        path = save(self.model, path)
        write_json(path.with_suffix(".json"), self.record)
        return path


class Batches:
    """Points and values of a data set as tensors in normalised units, and random batches of them."""

    def __init__(self, data, recipe: Recipe, seed: int, device: str):
        self.recipe, self.seed, self.device = recipe, seed, device
        self.normalisation = box = Normalisation.of(data)
        low, high = np.array(box.domain).T
        self.counts = np.array([len(frame.x) for frame in data])
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        self.t = self._tensor((data.t - box.times[0]) * (2 / (box.times[1] - box.times[0])) - 1)
        self.x = self._tensor((np.concatenate([frame.x for frame in data]) - low) * (2 / (high - low)) - 1)
        self._u = np.concatenate([frame.u for frame in data]) / np.array(box.scale)
        self.exact = self.u = self._tensor(self._u)
        self.norms = {q: self.u.abs().pow(q).mean(0) for q in (1, 2)}
        zero = [f for f, norm in zip(data.fields, self.norms[1], strict=True) if norm == 0]
        if zero:
            raise ValueError(f"field {zero[0]!r} is zero everywhere: a relative misfit needs a nonzero field")
        self.spacing = uniform_spacing(data) if recipe.mollifier_radius else 1.0
        self.cells = 0
        self.steps = math.ceil(len(self.t) / recipe.batch_times)  # batches an epoch

    def _tensor(self, values) -> Tensor:
        return torch.as_tensor(values, dtype=torch.float32, device=self.device)

    def set_radius(self, radius: float) -> None:
        """Mollify the data, if the box kernel changed."""
        cells = half_cells(radius, self.spacing)
        if cells != self.cells:
            grid = self._u.reshape(len(self.t), -1, self._u.shape[-1])
            self.u = self._tensor(mollify(grid, cells)).reshape(self.exact.shape) if cells else self.exact
            self.cells = cells

    def epoch(self, epoch: int):
        """Yield (times (b,), point indices (b, p)) once over all times, in batches of nearly equal size."""
        rng = np.random.default_rng([self.seed, epoch])
        points = self.recipe.batch_points
        for k in np.array_split(rng.permutation(len(self.t)), self.steps):
            counts = self.counts[k][:, None]
            if points is None:  # all points; of ragged frames the smaller ones are repeated to the largest
                index = np.arange(counts.max())[None] % counts
            else:
                index = (rng.random((len(k), points)) * counts).astype(np.int64)
            yield torch.as_tensor(k, device=self.device), torch.as_tensor(
                index + self.starts[k][:, None], device=self.device)

    def evaluation(self) -> tuple[Tensor, Tensor]:
        """All times, and equally many evenly spread points of each."""
        p = min(max(EVALUATION_POINTS // len(self.t), 1), int(self.counts.min()))
        index = self.starts[:, None] + (np.arange(p)[None] * self.counts[:, None]) // p
        return torch.arange(len(self.t), device=self.device), torch.as_tensor(index, device=self.device)


def new_model(data, recipe: Recipe, seed: int = 0) -> MetaNetwork:
    """Untrained model for a data set, as a recipe says."""
    dims = (data.dim, *[recipe.width] * (recipe.depth - 1), len(data.fields))
    lrnr = LRNR.random(dims, recipe.rank, recipe.activation, seed)
    hyper = HyperNetwork(initial_scales(lrnr), recipe.hyper_width, recipe.hyper_depth, recipe.hyper_output, seed + 1)
    return MetaNetwork(lrnr, hyper, Normalisation.of(data), data.fields, data.units)


def _optimizer(recipe: Recipe, parameters):
    if recipe.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=recipe.learning_rate)
    from pytorch_optimizer import SOAP

    return SOAP(parameters, lr=recipe.learning_rate, weight_decay=0.0, max_precondition_dim=600)


def rate_at(step: int, steps: int, schedule: str) -> float:
    """Rate at a step, as a share of the recipe's; a warm-up of 1 % precedes cosine and trapezoid.

    Examples
    --------
    >>> [round(rate_at(k, 1000, "trapezoid"), 2) for k in (0, 500, 900, 999)]
    [0.1, 1.0, 0.33, 0.0]
    """
    share, warm = step / steps, min((step + 1) / (0.01 * steps), 1.0)
    if schedule == "cosine":
        return warm * 0.5 * (1 + math.cos(math.pi * share))
    if schedule == "trapezoid":
        return warm * min(1.0, (1 - share) / 0.3)
    return 1.0


class Trainer:
    """State of a run and the steps that advance it; `fit` drives it."""

    def __init__(self, data, recipe: Recipe, seed: int, device: str = "cpu"):
        self.recipe, self.seed, self.data_id = recipe, seed, {"name": data.name, "sha256": data.sha256}
        self.model = new_model(data, recipe, seed).to(device)
        self.batches = Batches(data, recipe, seed, device)
        self.optimizer = _optimizer(recipe, self.model.parameters())
        self.q, self.epoch, self.seconds, self.lowered = 2, 0, 0.0, None
        self.best = {"error": math.inf, "epoch": -1, "weights": self._weights()}
        self.rows: list[list[float]] = []
        self.window: list[list[float]] = []
        self.evaluations: list[list[float]] = []
        self.switch_epoch: int | None = None
        self._new_plateau()

    def _new_plateau(self) -> None:
        """(Re)set the rate, and the plateau scheduler of 4.3.3."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.learning_rate
        self.plateau = ReduceLROnPlateau(self.optimizer, factor=0.98, patience=10, threshold=1e-3)

    def _weights(self) -> dict[str, Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}

    def run_epoch(self) -> float:
        """One pass over the times; returns the mean misfit (NaN if it diverged)."""
        recipe, batches, epoch = self.recipe, self.batches, self.epoch
        radius = radius_at(epoch, recipe.epochs, recipe.mollifier_radius)
        batches.set_radius(radius)
        sums = torch.zeros(3, device=batches.device)
        for i, (k, index) in enumerate(batches.epoch(epoch)):
            if recipe.schedule in ("cosine", "trapezoid"):
                rate = rate_at(epoch * batches.steps + i, recipe.epochs * batches.steps, recipe.schedule)
                for group in self.optimizer.param_groups:
                    group["lr"] = recipe.learning_rate * rate
            sums += self._step(k, index)
        mean, r_sparse, r_ortho = (sums / batches.steps).tolist()
        if math.isfinite(mean):
            self._log([epoch, mean, self.q, self.optimizer.param_groups[0]["lr"], radius, r_sparse, r_ortho])
            self._after_epoch(mean)
        return mean

    def _step(self, k: Tensor, index: Tensor) -> Tensor:
        """One optimizer step on the loss (4.10); returns misfit, R_sparse and R_ortho."""
        recipe, batches, lrnr = self.recipe, self.batches, self.model.lrnr
        s = self.model.hyper(batches.t[k])
        loss = misfit(lrnr(batches.x[index], s), batches.u[index], self.q, batches.norms[self.q])
        parts = [loss.detach()]
        for weight, penalty in ((recipe.lambda_sparse, lambda: sparsity_penalty(lrnr, s, recipe.gamma)),
                                (recipe.lambda_ortho, lambda: orthogonality_penalty(lrnr))):
            with torch.set_grad_enabled(weight > 0):
                value = penalty()
            loss = loss + weight * value
            parts.append(value.detach())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return torch.stack(parts)

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
            self.plateau.step(mean)
        if self.q == 2 and mean < self.recipe.switch_threshold:
            self.q, self.switch_epoch = 1, self.epoch
            self._new_plateau()
        self.epoch += 1
        if self.epoch % math.ceil(self.recipe.epochs / EVALUATIONS) == 0 or self.epoch == self.recipe.epochs:
            self.evaluate()

    @torch.no_grad()
    def evaluate(self) -> float:
        """Mean relative l1 error on (a spread of) the unmollified data; keeps the best weights."""
        batches, sums = self.batches, 0.0
        k, index = batches.evaluation()
        for part in torch.split(k, 16):
            u = self.model.lrnr(batches.x[index[part]], self.model.hyper(batches.t[part]))
            sums = sums + (u - batches.exact[index[part]]).abs().sum((0, 1))
        norm = batches.exact[index].abs().sum((0, 1))
        error = float((sums / norm.clamp_min(1e-30)).mean())
        self.evaluations.append([self.epoch, error if math.isfinite(error) else None])
        if error < self.best["error"]:
            self.best = {"error": error, "epoch": self.epoch, "weights": self._weights()}
        return error

    def history(self) -> dict:
        """Columns of the history as lists."""
        columns = list(zip(*self.rows, strict=True)) or [()] * len(COLUMNS)
        out = {name: list(column) for name, column in zip(COLUMNS, columns, strict=True)}
        return out | {"evaluations": self.evaluations, "switch_epoch": self.switch_epoch}

    STATE = ("q", "epoch", "seconds", "best", "rows", "window", "evaluations", "switch_epoch")

    def identity(self) -> dict:
        """What must agree for a checkpoint to continue: recipe, data, seed."""
        return {"recipe": asdict(self.recipe), "data": self.data_id, "seed": self.seed}

    def save_checkpoint(self, path: Path, extra: dict) -> None:
        """Write the whole state, atomically."""
        state = {name: getattr(self, name) for name in self.STATE} | self.identity() | extra
        state |= {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
                  "plateau": self.plateau.state_dict()}
        write_atomically(path, lambda temporary: torch.save(state, temporary))

    def restore(self, state: dict) -> None:
        """Continue from a checkpoint's state."""
        for name in self.STATE:
            setattr(self, name, state[name])
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.plateau.load_state_dict(state["plateau"])


def read_checkpoint(path: Path) -> dict:
    """State in a checkpoint; tensors and plain values only, no code."""
    try:
        state = torch.load(path, weights_only=True)
        state["recipe"], state["data"], state["seed"], state["asked"]
    except Exception as error:  # whatever torch raises for a file that is none of its own
        raise ValueError(f"{str(path)!r} is no checkpoint of lrnrbook ({type(error).__name__}): "
                         "delete it, or give another path") from None
    return state


def _check_same(path: Path, old: dict, new: dict) -> None:
    for key in ("seed", "data"):
        if old[key] != new[key]:
            raise ValueError(f"checkpoint {str(path)!r} has {key} {old[key]}, this run {new[key]}: "
                             "expected the same (or give another path)")
    for name, value in new["recipe"].items():
        if old["recipe"].get(name) != value:
            raise ValueError(f"checkpoint {str(path)!r} has {name} = {old['recipe'].get(name)}, this run {value}: "
                             "expected the same (or give another path)")


def epochs_in(seconds: float, data, recipe: Recipe, seed: int, device: str = "cpu") -> int:
    """Number of epochs that fit into `seconds`, from the speed of a throw-away run's epochs."""
    probe = Trainer(data, replace(recipe, epochs=10**9), seed, device)
    while probe.epoch * probe.batches.steps < 11:  # past the first preconditioners
        probe.run_epoch()
    start, first, budget = time.perf_counter(), probe.epoch, min(4.0, 0.1 * seconds)
    while probe.epoch < first + 2 or time.perf_counter() - start < budget:
        probe.run_epoch()
    per_epoch = (time.perf_counter() - start) / (probe.epoch - first)
    start = time.perf_counter()
    probe.evaluate()
    evaluations = EVALUATIONS * (time.perf_counter() - start)
    return max(1, round((seconds - min(evaluations, 0.5 * seconds)) / per_epoch))


def fit(data, recipe: str | Recipe = "laptop", seconds: float | None = None, epochs: int | None = None, seed: int = 0,
        checkpoint=None, device: str = "cpu", progress: bool = True, **overrides) -> Fit:
    """Train an LRNR with its hypernetwork on a data set (section 4).

    Parameters
    ----------
    data : WaveData
    recipe : str or Recipe
        "laptop", "page", "smoke", "paper", or your own.
    seconds : float, optional
        Time to train for: the speed is measured once and fixes the number of epochs.
    epochs : int, optional
        Passes over the times, instead of the recipe's number.
    seed : int
        Fixes weights and batches; the same seed gives the same result on the same machine.
    checkpoint : path, optional
        Written every 20 seconds; if it exists, the run continues from it, to the same result bit for bit.
    device : str
        A torch device.
    progress : bool
        Show a progress bar.
    **overrides
        Fields of `Recipe`.

    Raises
    ------
    ValueError
        For values out of range, a checkpoint of another run, a field that is zero everywhere, or a mollifier on
        data without a uniform 1d grid.

    Examples
    --------
    >>> import lrnrbook as lb
    >>> x, t = np.linspace(-1, 1, 50), np.linspace(0, 1, 11)
    >>> data = lb.WaveData.from_arrays(t, x, np.exp(-20 * (x[None] - 0.5 * t[:, None]) ** 2))
    >>> fit = lb.fit(data, "smoke", epochs=50, progress=False)
    >>> fit.stop_reason
    'all 50 epochs done'
    """
    if seconds is not None and epochs is not None:
        raise ValueError(f"seconds = {seconds} and epochs = {epochs} are both given: expected one of them")
    if seconds is not None and not 0 < seconds < math.inf:
        raise ValueError(f"seconds = {seconds}: expected a positive number")
    if not (isinstance(seed, int) and seed >= 0):
        raise ValueError(f"seed = {seed!r}: expected a whole number of at least 0")
    if epochs is not None:
        overrides["epochs"] = epochs
    recipe = get_recipe(recipe, data.name, **overrides)
    path, state = (Path(checkpoint) if checkpoint else None), None
    threads = torch.get_num_threads()
    torch.set_num_threads(recipe.threads)
    try:
        if path and path.exists():
            state = read_checkpoint(path)
            if seconds is not None and state["asked"]["seconds"] == seconds:
                recipe = replace(recipe, epochs=state["recipe"]["epochs"])
        if seconds is not None and state is None:
            recipe = replace(recipe, epochs=epochs_in(seconds, data, recipe, seed, device))
        trainer = Trainer(data, recipe, seed, device)
        if state:
            _check_same(path, state, trainer.identity())
            trainer.restore(state)
        reason = _run(trainer, path, {"asked": {"seconds": seconds}}, progress)
        return _result(trainer, data, reason)
    finally:
        torch.set_num_threads(threads)


def trained(name: str, recipe: str = "laptop", retrain: bool = False) -> tuple[MetaNetwork, dict]:
    """Model of a shipped data set and its record: the shipped one, or with `retrain` one trained now.

    Parameters
    ----------
    name : str
        Data set, as in `load_data`.
    recipe : str
    retrain : bool
    """
    if retrain:
        result = fit(load_data(name), recipe)
        return result.model, result.record
    return load_pretrained(name, recipe), load_record(name, recipe)


def _run(trainer: Trainer, path: Path | None, extra: dict, progress: bool) -> str:
    """Train to the end, to divergence or to Ctrl-C; returns which."""
    total, saved, begun = trainer.recipe.epochs, time.perf_counter(), time.perf_counter() - trainer.seconds
    if path and not path.exists():
        trainer.save_checkpoint(path, extra)
    bar = tqdm(total=total, initial=trainer.epoch, unit="epoch", disable=not progress, mininterval=0.5)
    with bar:
        while trainer.epoch < total:
            try:
                epoch, mean = trainer.epoch, trainer.run_epoch()
            except KeyboardInterrupt:
                trainer.evaluate()
                trainer.seconds = time.perf_counter() - begun
                return f"interrupted in epoch {trainer.epoch} of {total}"
            trainer.seconds = time.perf_counter() - begun
            if not math.isfinite(mean):
                return f"diverged in epoch {epoch}: the misfit is {mean}; the best weights before it are kept"
            bar.update()
            bar.set_postfix_str(f"{'MSE' if trainer.q == 2 else 'l1'} {mean:.2e}, "
                                f"rate {trainer.optimizer.param_groups[0]['lr']:.1e}, best {trainer.best['error']:.2e}",
                                refresh=False)
            if path and (time.perf_counter() - saved > CHECKPOINT_SECONDS or trainer.epoch == total):
                trainer.save_checkpoint(path, extra)
                saved = time.perf_counter()
    return f"all {total} epochs done"


def _result(trainer: Trainer, data, reason: str) -> Fit:
    """Model with the best weights, and the record of the run."""
    model, recipe = trainer.model, trainer.recipe
    model.load_state_dict(trainer.best["weights"])
    model.eval()
    versions = {name: version(name) for name in ("lrnrbook", "torch", "numpy", "pytorch_optimizer")}
    identity = trainer.identity() | {
        "steps": trainer.epoch * trainer.batches.steps, "epochs": trainer.epoch, "best_epoch": trainer.best["epoch"],
        "seconds": round(trainer.seconds, 1), "device": trainer.batches.device, "threads": recipe.threads,
        "machine": platform.machine(), "versions": versions | {"python": platform.python_version()},
        "parameters": sum(p.numel() for p in model.parameters()), "stop_reason": reason,
    }
    model.provenance = identity
    measured = {f"q{q}": errors(model, data, q).as_dict() for q in (1, 2)} if trainer.best["epoch"] >= 0 else None
    record = identity | {"errors": {"samples": measured}, "history": trainer.history()}
    return Fit(model, record["history"], reason, record)
