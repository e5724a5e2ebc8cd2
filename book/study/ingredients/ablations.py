"""Ablations: short runs that leave out or change one ingredient of section 4 at a time, three seeds each.

The paper trains with Adam, so what it says of training is decided on runs with Adam; SOAP stands beside. Runs that are
compared have equal epochs. `python -m study measure ablations` makes them, and goes on where it stopped.
"""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from lrnrbook.data import WaveData
from lrnrbook.datasets import load_data
from lrnrbook.evaluation import both_errors
from lrnrbook.files import write_json
from lrnrbook.losses import misfit, sparsity_penalty
from lrnrbook.modes import hypermodes
from lrnrbook.patches import finest_grid
from lrnrbook.recipes import Recipe, get_recipe
from lrnrbook.trainer import Trainer
from lrnrbook.training import fit
from study.instruments.ablation_rows import SEEDS
from study.instruments.figures_of_merit import quality
from study.ledger.records import begun, fill
from study.ledger.verdicts import SETS

PLANES = SETS[1:]
# A network so small that a run takes less than a minute; the rank is half of the width, to leave something to cut.
SMALL = {"width": 64, "rank": 32, "optimizer": "adam", "learning_rate": 3e-3, "prune": 0.0, "prune_below": 0.0,
         "batch_points": 64, "epochs": 500, "threads": 1}
SOAP = {"optimizer": "soap"}
# As in Fig. 6, with the loss (4.10), the plateau schedule and more time.
LONG = {"schedule": "plateau", "epochs": 2000, "mollifier_radius": 0.02}
RADIUS = 0.03  # of the mollifier in 2d, as a share of the domain
# Table 1.
TABLE = {name: {key: getattr(get_recipe("paper", name), key) for key in ("lambda_sparse", "gamma")} for name in SETS}
# Networks that these weights are tried on: of the ablations' size, and those of the fair trial.
LAMBDA = {"table 1": ("laptop", SMALL), "table 1, trial": ("trial", {})}
# SIREN with the best values that Adam had in the race "siren".
SIREN = {"optimizer": "adam", "learning_rate": 1e-4, "hyper_width": 32, "omega": 30.0, "hyper_spread": 0.3}


def _sweep(name: str, field: str, values) -> dict[str, tuple]:
    return {f"{name} {value:g}": (SETS, {field: value}) for value in values}


# What each variant is tried on, and the fields of `SMALL` that it changes.
VARIANTS: dict[str, tuple[tuple[str, ...], dict]] = {
    "Adam": (SETS, {}),
    "SOAP": (SETS, SOAP),
    "no R_ortho": (SETS, {"lambda_ortho": 0.0}),
    "linear output": (SETS, {"hyper_output": "linear"}),
    "MSE": (("euler", "burgers"), {"switch_threshold": 0.0}),
    "mollifier": (("euler",), {"mollifier_radius": 0.02}),
    "mollifier, MSE": (("euler",), {"mollifier_radius": 0.02, "switch_threshold": 0.0}),
    "uniform points": (PLANES, {}),
    "uniform points, mollifier": (PLANES, {"mollifier_radius": RADIUS}),
    "long": (("euler",), LONG),
    "long, MSE": (("euler",), LONG | {"switch_threshold": 0.0}),
    "long, MSE, no mollifier": (("euler",), LONG | {"switch_threshold": 0.0, "mollifier_radius": 0.0}),
    "SIREN": (("euler",), SIREN),
    "SIREN, half the width": (("euler",), SIREN | {"width": 32}),
    "long, SIREN": (("euler",), SIREN | {"epochs": LONG["epochs"]}),
    "long, SIREN, l1 switch and mollifier": (
        ("euler",), SIREN | {"epochs": LONG["epochs"], "mollifier_radius": 0.02, "switch_threshold": 5e-3}),
    "SOAP, SIREN": (("euler",), {}),
    "SOAP, no R_ortho": (SETS, SOAP | {"lambda_ortho": 0.0}),
    "SOAP, linear output": (SETS, SOAP | {"hyper_output": "linear"}),
    "SOAP, MSE": (("euler", "burgers"), SOAP | {"switch_threshold": 0.0}),
    "SOAP, mollifier, MSE": (("euler",), SOAP | {"mollifier_radius": 0.02, "switch_threshold": 0.0}),
    "R_sparse as in Table 1": (SETS, {}),
    **_sweep("R_sparse", "lambda_sparse", (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)),
    **{f"R_sparse 0.0001, gamma {gamma:g}": (SETS, {"lambda_sparse": 1e-4, "gamma": gamma})
       for gamma in (1.0125, 1.1, 1.2)},
    "R_sparse 0.001, gamma 1.2": (SETS, {"lambda_sparse": 1e-3, "gamma": 1.2}),
    **_sweep("R_ortho", "lambda_ortho", (1e-4, 1e-3, 1e-1, 1.0)),
    **{f"l1 {value:g}": (("euler", "burgers"), {"lambda_l1": value})
       for value in (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2)},
}
SWEEPS = ("R_sparse ", "R_ortho ", "l1 ")  # these come last


@dataclass(frozen=True)
class Run:
    """One training run of the ablations."""

    variant: str
    data: str
    seed: int

    @property
    def key(self) -> str:
        """Name of its row in the record."""
        return f"{self.variant} | {self.data} | {self.seed}"

    @property
    def recipe(self) -> Recipe:
        """What it trains by."""
        change = VARIANTS[self.variant][1]
        if "SIREN" in self.variant:
            own = {key: SMALL[key] for key in ("epochs", "batch_points", "threads")}
            return get_recipe("siren", self.data, **own | change)
        change = SMALL | change
        if self.variant == "R_sparse as in Table 1":
            change = change | TABLE[self.data]
        if "uniform" in self.variant and change.get("mollifier_radius"):
            change = change | {"mollifier_radius": RADIUS * float(np.diff(load_data(self.data).domain[0])[0])}
        return get_recipe("laptop", self.data, **change)


def all_runs() -> list[Run]:
    """Every run, most telling ones first: single changes with Adam, one seed of the sweeps, SOAP, the other seeds."""
    sweeps = [name for name in VARIANTS if name.startswith(SWEEPS)]
    soap = [name for name in VARIANTS if name.startswith("SOAP")]
    single = [name for name in VARIANTS if name not in sweeps + soap]
    parts = ((single, SEEDS), (sweeps, SEEDS[:1]), (soap, SEEDS), (sweeps, SEEDS[1:]))
    return [Run(name, data, seed) for names, seeds in parts for seed in seeds
            for name in names for data in VARIANTS[name][0]]


def uniform_points(data: WaveData) -> WaveData:
    """As many points as `data` has in a frame, on one uniform grid; each takes the value of its place.

    The frames must be squares that fill the domain, as adaptive mesh refinement leaves them.
    """
    side = round(math.sqrt(np.mean([len(x) for x in data.x])))
    values = []
    for frame in data:
        u = finest_grid(frame.x, frame.u, frame.area, data.domain)
        i, j = (((np.arange(side) + 0.5) * n / side).astype(int) for n in u.shape[:2])
        values.append(u[np.ix_(i, j)].reshape(side * side, -1))
    low, high = data.domain.T
    places = [a + (np.arange(side) + 0.5) * (b - a) / side for a, b in zip(low, high, strict=True)]
    x = np.stack(np.meshgrid(*places, indexing="ij"), -1).reshape(-1, 2)
    return WaveData.from_arrays(data.t, x, np.stack(values), list(data.fields), name=data.name)


def finest_points(data: WaveData, every: int = 16) -> WaveData:
    """Every few frames of a 2d data set on its finest uniform grid: the same points whatever a model was trained on."""
    frames = list(data)[:: every]
    grids = [finest_grid(f.x, f.u, f.area, data.domain) for f in frames]
    low, high = data.domain.T
    points = []
    for u in grids:
        places = [a + (np.arange(n) + 0.5) * (b - a) / n for a, b, n in zip(low, high, u.shape[:2], strict=True)]
        points.append(np.stack(np.meshgrid(*places, indexing="ij"), -1).reshape(-1, 2))
    values = [u.reshape(-1, u.shape[2]) for u in grids]
    return WaveData.from_arrays([f.t for f in frames], points, values, list(data.fields))


def execute(run: Run) -> dict:
    """Train one run and measure it: a row of the record."""
    data = load_data(run.data)
    made = fit(uniform_points(data) if "uniform" in run.variant else data, run.recipe, seed=run.seed, progress=False)
    model, history, record = made.model, made.history, made.record
    measured = both_errors(model, data) if "uniform" in run.variant else None
    e1, e2 = (measured[q].mean if measured else _mean(record["errors"]["samples"][f"q{q}"]) for q in (1, 2))
    modes = hypermodes(model)
    share = modes.singular_values / modes.singular_values[0]
    row = {
        "e1": e1, "e2": e2,
        "misfit": _last(history, "misfit"), "q": history["q"][-1], "r_sparse": _last(history, "r_sparse"),
        "r_ortho": _last(history, "r_ortho"),
        "kept": record["kept"], "coefficients": record["coefficients"], "modes": modes.count(),
        "singular_values": [_short(v) for v in share[:40]], "switch_epoch": history["switch_epoch"],
        "evaluations": [[k, *map(_short, rest)] for k, *rest in history["evaluations"]],
        "parameters": record["parameters"], "epochs": record["epochs"], "steps": record["steps"],
        "seconds": record["seconds"], "stop_reason": record["stop_reason"],
    }
    if run.data in PLANES:
        row["grid_e1"] = both_errors(model, finest_points(data))[1].mean
    if run.data in ("euler", "burgers"):
        row["quality"] = quality(model, data[:: 2 if data.dim == 1 else 4])
    if "long" in run.variant:
        row["cuts"] = [[k, _short(a), _short(b)] for k, a, b in history["cuts"]]
        thin = math.ceil(len(history["epoch"]) / 300)
        row["history"] = {name: [_short(v) for v in history[name][::thin]] for name in
                          ("epoch", "misfit", "q", "learning_rate", "mollifier_radius", "r_sparse", "r_ortho")}
    return row


def lambda_effect(data_name: str, kind: str = "table 1", steps: int = 500) -> dict[str, float]:
    """What Table 1's lambda_sparse changes in so many Adam steps, against what one rounding unit of one weight does.

    Parameters
    ----------
    data_name : str
    kind : str
        Of `LAMBDA`: a small network, or one of the fair trial.
    steps : int

    Returns
    -------
    dict
        difference, rounding: relative differences of the coefficients at the samples from those of a run without
        R_sparse; ratio: norm of lambda times the gradient of R_sparse over that of the misfit's, after the run.
    """
    data, found = load_data(data_name), []
    base, change = LAMBDA[kind]
    recipe = get_recipe(base, data_name, **change | TABLE[data_name])
    for run in ("without", "with", "rounding"):
        trainer = Trainer(data, recipe if run == "with" else replace(recipe, lambda_sparse=0.0), seed=0)
        if run == "rounding":
            with torch.no_grad():
                weight = trainer.model.hyper.layers[0].weight.view(-1)
                weight[0] = torch.nextafter(weight[0], torch.tensor(torch.inf))
        while trainer.epoch * trainer.batches.steps < steps:
            trainer.run_epoch()
        with torch.no_grad():
            found.append(trainer.model.hyper(trainer.batches.t))
        if run == "with":
            ratio = _gradient_ratio(trainer)
    base = found[0].norm()
    return {"difference": float((found[1] - found[0]).norm() / base),
            "rounding": float((found[2] - found[0]).norm() / base), "ratio": ratio}


def _gradient_ratio(trainer: Trainer) -> float:
    """|lambda grad R_sparse| / |grad misfit| on the first batch of the next epoch, all parameters."""
    k, index = next(trainer.batches.epoch(trainer.epoch))
    batches, model, recipe = trainer.batches, trainer.model, trainer.recipe
    norms = []
    for which in ("misfit", "R_sparse"):
        model.zero_grad()
        s = model.hyper(batches.t[k])
        if which == "misfit":
            misfit(model.lrnr(batches.x[index], s), batches.u[index], trainer.q, batches.norms[trainer.q]).backward()
        else:
            (recipe.lambda_sparse * sparsity_penalty(model.lrnr, s.double(), recipe.gamma)).backward()
        norms.append(math.sqrt(sum(float(p.grad.double().square().sum()) for p in model.parameters()
                                   if p.grad is not None)))
    return norms[1] / norms[0]


def _mean(found: dict) -> float:
    """Mean over the fields of the errors in a record."""
    return float(np.mean([entry["points"] for entry in found.values()]))


def _last(history: dict, name: str) -> float:
    """Mean over the last fiftieth of the run."""
    values = history[name]
    return float(np.mean(values[-max(1, len(values) // 50) :]))


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def run_all(folder, jobs: int | None = 2, only: list[Run] | None = None) -> dict:
    """Make all runs that the record lacks, several side by side, one thread each.

    Parameters
    ----------
    folder : path
        Gets ablations.json, which is continued if it exists; a run whose recipe has changed is made again.
    jobs : int or None
        Runs side by side; with None they are made in this process.
    only : list of Run, optional
        Some of `all_runs`.

    Returns
    -------
    dict
        The record. Its rows are named "variant | data set | seed".
    """
    path = Path(folder) / "ablations.json"
    record = begun(path)
    rows = record["rows"]
    defaults = _plain(Recipe())  # of fields that are newer than a row
    todo = [run for run in only or all_runs()
            if run.key not in rows or defaults | rows[run.key]["recipe"] != _plain(run.recipe)]
    fill(path, record, {run.key: partial(_row, run) for run in todo}, jobs, "run")
    for kind, name in itertools.product(LAMBDA, SETS) if only is None else ():
        if name not in record.setdefault(kind, {}):
            record[kind][name] = lambda_effect(name, kind)
            write_json(path, record)
    return record


def _row(run: Run) -> dict:
    return execute(run) | {"recipe": _plain(run.recipe)}


def _plain(recipe: Recipe) -> dict:
    """As JSON gives it back."""
    return json.loads(json.dumps(asdict(recipe)))
