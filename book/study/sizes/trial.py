"""The fair trial: the paper's own recipe run to its end, at a size that a core trains in some hours.

Each run is one choice where the paper is silent or can be read in two ways. Runs go on where they were stopped, from a
checkpoint beside the model; a run whose record says that all epochs are done is not touched again.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import torch

from lrnrbook import training
from lrnrbook.datasets import load_data
from lrnrbook.files import alone, write_json
from lrnrbook.recipes import get_recipe
from lrnrbook.storage import load, save
from lrnrbook.trainer import Trainer
from study.instruments.costs import compile_loss, compile_step
from study.instruments.figures_of_merit import errors_of
from study.ledger.models import MODELS
from study.ledger.verdicts import SETS

RECIPE = "trial"
FELT = 1e-4  # weight of R_sparse whose gradient is felt at this size
LARGE = 1_000_000  # parameters: a larger network is stored in half precision


@dataclass(frozen=True)
class Trial:
    """One run: a data set, a variant of the recipe, a seed."""

    name: str
    variant: str
    seed: int = 0
    change: dict = field(default_factory=dict, compare=False)

    @property
    def stem(self) -> str:
        """Name of its files, without ending; `models_in` reads it as data set, recipe and seed."""
        return f"{self.name}-{RECIPE}_{self.variant}-{self.seed}"


VARIANTS = {
    "printed": {},  # the plateau schedule as in 4.3.3, and Table 1's weight of R_sparse
    "restarted": {"plateau_restart": True},
    "unit_time": {"plateau_restart": True, "hyper_time": "unit", "hyper_start": "spread"},
    "linear": {"plateau_restart": True, "hyper_output": "linear"},
    "felt": {"plateau_restart": True, "lambda_sparse": FELT},
    "off": {"plateau_restart": True, "lambda_sparse": 0.0},
    # Table 1's size, whole frames; a run that went back to the first rate at the switch collapsed (misfit 0.74)
    "full": {"plateau_restart": True, "switch_rate": 0.1, "width": 1200, "rank": 150, "batch_points": None,
             "epochs": 69_000},
}


def trials() -> list[Trial]:
    """All runs, the most telling first.

    Examples
    --------
    >>> trials()[0].stem
    'euler-trial_printed-0'
    """
    first = [Trial("euler", variant, 0, VARIANTS[variant]) for variant in ("printed", "restarted", "unit_time")]
    waves = [Trial(name, "printed", 0) for name in SETS[1:]]
    seeds = [Trial(name, variant, seed, VARIANTS[variant]) for seed in (1, 2)
             for name, variant in (("euler", "restarted"), ("burgers", "printed"))]
    rest = [Trial("euler", variant, 0, VARIANTS[variant]) for variant in ("linear", "felt", "off", "full")]
    return [*first, *waves, *seeds, *rest]


def done(folder, trial: Trial) -> int:
    """Epochs that a run has behind it, by its checkpoint or record, or by what is shipped; 0 if it has not begun."""
    checkpoint = Path(folder) / f"{trial.stem}.checkpoint"
    if checkpoint.is_file():
        return training.read_checkpoint(checkpoint)["epoch"]
    records = [place / f"{trial.stem}.json" for place in (Path(folder), MODELS)]
    return next((json.loads(path.read_text())["epochs"] for path in records if path.is_file()), 0)


def status(folder) -> pd.DataFrame:
    """A row for each run: epochs done, of how many."""
    return pd.DataFrame.from_dict({trial.stem: {
        "done": done(folder, trial), "epochs": get_recipe(RECIPE, trial.name, **trial.change).epochs}
        for trial in trials()},
        orient="index")


def ship(folder, stem: str, target=MODELS) -> None:
    """Copy a finished run's model and record to those of the book, a large one in half precision.

    Errors at samples and midpoints are measured here, once, of what is stored.
    """
    folder, target = Path(folder), Path(target)
    record = json.loads((folder / f"{stem}.json").read_text())
    model = load(folder / f"{stem}.safetensors")
    stored = save(model, target / f"{stem}.safetensors", half=record["parameters"] > LARGE)
    record["errors"] |= errors_of(load(stored), record["data"]["name"], ["samples", "midpoints"])
    write_json(target / f"{stem}.json", record)


def train(folder, stem: str, slice_seconds: float | None = None, compiled: bool = False, device: str = "cpu") -> str:
    """Begin a run or go on with it, for a time or to its end; model and record are written at the end of each slice.

    Returns
    -------
    str
        Why it stopped.

    Raises
    ------
    ValueError
        If no run has this name, or it cannot be compiled.
    """
    known = {trial.stem: trial for trial in trials()}
    if stem not in known:
        raise ValueError(f"no run {stem!r}: expected one of {', '.join(known)}")
    trial, folder = known[stem], Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    data, recipe = load_data(trial.name), get_recipe(RECIPE, trial.name, **trial.change)
    path = folder / f"{stem}.checkpoint"
    torch.set_num_threads(recipe.threads)
    with alone(path):
        state = training.last_checkpoint(path) if path.exists() else None
        trainer = Trainer(data, recipe, trial.seed, device)
        if state:
            training.resume(trainer, path, state)
        if compiled:
            (compile_step if trainer.device.type == "cpu" else compile_loss)(trainer)
        reason = training.run(trainer, path, {"asked": {"seconds": None}}, True, slice_seconds or math.inf)
        found = training.result(trainer, data, reason)
        found.record["compiled"] = compiled
        found.save(path.with_suffix(".safetensors"))
    return reason
