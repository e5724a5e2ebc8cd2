"""Benchmarks and races: training runs at equal seconds, their results in one record."""

from __future__ import annotations

import os
import random
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from pathlib import Path

from lrnrbook.datasets import load_data
from lrnrbook.evaluation import both_errors
from lrnrbook.recipes import Recipe, get_recipe
from lrnrbook.training import fit
from study.ledger.records import begun, fill
from study.training.search import DENSE

# What the Euler race compares: each row changes these fields of the laptop recipe.
RACE: dict[str, dict] = {
    "laptop recipe": {},
    "no pruning": {"prune": 0.0},
    "no pruning, linear hypernetwork output": {"prune": 0.0, "hyper_output": "linear"},
    "width 256, rank 64": {"width": 256, "rank": 64},
    "width 128, rank 32": {"width": 128, "rank": 32},
    "hypernetwork 25 x 4": {"hyper_width": 25, "hyper_depth": 4},
    "rate 1.5e-3": {"learning_rate": 1.5e-3},
    "rate 6e-3": {"learning_rate": 6e-3},
    "batches 16 x 64": {"batch_points": 64},
    "batches 8 x 128": {"batch_times": 8},
    "batches 32 x 64": {"batch_times": 32, "batch_points": 64},
    "preconditioner every 3 steps": {"precondition_every": 3},
    "preconditioner every 30 steps": {"precondition_every": 30},
    "sine": {"activation": "sine"},
    "no l1 switch": {"switch_threshold": 0.0},
    "mollifier 0.01": {"mollifier_radius": 0.01},
    "trapezoid schedule": {"schedule": "trapezoid"},
    "depth 4": {"depth": 4},
    "depth 6": {"depth": 6},
    "no R_ortho": {"lambda_ortho": 0.0},
}
# What makes coefficients vanish: each row changes these fields of the laptop recipe.
SPARSITY: dict[str, dict] = {
    "no pruning": {"prune": 0.0},
    "no pruning, linear hypernetwork output": {"prune": 0.0, "hyper_output": "linear"},
    "no pruning, R_sparse 1e-5": {"prune": 0.0, "lambda_sparse": 1e-5},
    "no pruning, R_sparse 1e-4": {"prune": 0.0, "lambda_sparse": 1e-4},
    "no pruning, R_sparse 1e-3": {"prune": 0.0, "lambda_sparse": 1e-3},
    "prune 0.3": {"prune": 0.3},
    "prune 0.5 (laptop recipe)": {},
    "prune 0.7": {"prune": 0.7},
}
# What is done with the weights: a mean of them, and SOAP on one side of each only.
WEIGHTS: dict[str, dict] = {
    "laptop recipe": {},
    "mean of the weights, decay 0.99": {"average": 0.99},
    "mean of the weights, decay 0.999": {"average": 0.999},
    "mean of the weights, decay 0.999, constant rate": {"average": 0.999, "schedule": "constant"},
    "rank x rank side preconditioned only": {"precondition_most": 100},
}
# Small networks lead short races, since their steps are cheap: these two meet again at the length of a real run.
FINAL: dict[str, dict] = {name: RACE[name] for name in ("laptop recipe", "width 128, rank 32")}


def draws(space: dict[str, tuple], first: dict, count: int, seed: int = 0) -> dict[str, dict]:
    """A first guess and random choices from a space of recipe fields, by names that say what was chosen.

    Examples
    --------
    >>> list(draws({"width": (48, 64), "depth": (4, 5)}, {"width": 32, "depth": 4}, 3))
    ['width 32, depth 4', 'width 64, depth 5', 'width 48, depth 5']
    """
    generator, found, change = random.Random(seed), {}, first
    while len(found) < count:
        found.setdefault(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in change.items()), change)
        change = {name: generator.choice(choices) for name, choices in space.items()}
    return found


GUESS = {"optimizer": "adam", "learning_rate": 1e-4, "width": 64, "depth": 5, "hyper_width": 32, "omega": 30.0,
         "hyper_spread": 0.3}
RACES = {"recipe": RACE, "sparsity": SPARSITY, "final": FINAL, "weights": WEIGHTS,
         "siren": draws(DENSE, GUESS, len(RACE)),
         "nif": draws(DENSE | {"bottleneck": (5, 10, 20)}, GUESS | {"bottleneck": 10}, len(RACE))}
PAPER_ROW = "paper's recipe, same size"


def race(data, recipe: str | Recipe, variants: dict[str, dict], seconds: float, path, seed: int = 0,
         jobs: int = 1) -> dict:
    """Train one model a variant at equal seconds; each result is written at once, and done ones are not run again.

    Parameters
    ----------
    data : WaveData
    recipe : str or Recipe
        What the variants change.
    variants : dict
        Name -> recipe fields to override.
    seconds : float
        Training time of each.
    path : path
        JSON record, continued if it exists.
    jobs : int
        Runs side by side, which share the cores: with as many as there are cores, each has one thread.

    Returns
    -------
    dict
        The record: what was asked for, and a row for each variant with its errors at the samples.
    """
    path = Path(path)
    head = {"data": data.name, "fields": list(data.fields), "sha256": data.sha256, "seconds": seconds, "seed": seed,
            "jobs": jobs}
    record = begun(path, **head)
    if any(record[key] != head[key] for key in ("sha256", "seconds", "seed", "jobs")):
        raise ValueError(f"{str(path)!r} is the record of another race: delete it or give another path")
    for name, row in record["rows"].items():
        if row["change"] != variants.get(name, row["change"]):
            raise ValueError(f"{str(path)!r} has {name!r} with {row['change']}, asked is {variants[name]}: delete it "
                             "or give another path")
    threads = max(1, (os.cpu_count() or 1) // jobs)
    recipes = {name: get_recipe(recipe, data.name, **{"threads": threads} | change)
               for name, change in variants.items() if name not in record["rows"]}
    todo = {name: partial(_run, data, choice, seconds, seed, variants[name]) for name, choice in recipes.items()}
    return fill(path, record, todo, jobs, "run")


def _run(data, recipe: Recipe, seconds: float, seed: int, change: dict) -> dict:
    """One run of a race: its errors at the samples, and what it took."""
    result = fit(data, recipe, seconds=seconds, seed=seed, progress=False)
    found = both_errors(result.model, data)
    measured = {f"e{q}": dict(zip(data.fields, found[q].values, strict=True)) for q in (1, 2)}
    kept = ("recipe", "steps", "epochs", "seconds", "threads", "parameters", "coefficients", "kept", "versions",
            "stop_reason")
    return measured | {key: result.record[key] for key in kept} | {
        "switch_epoch": result.history["switch_epoch"], "date": date.today().isoformat(), "change": change}


def training(seconds: float, path, seed: int = 0) -> dict:
    """Euler pressure at equal seconds: our recipe, Adam in its place, and the paper's recipe at the same size.

    Two runs go side by side, one thread each: what disturbs one disturbs the other.
    """
    data = load_data("euler").select(["pressure"])
    ours = get_recipe("laptop", "euler")
    size = {key: getattr(ours, key) for key in ("width", "rank", "depth", "hyper_width", "hyper_depth")}
    paper = asdict(replace(get_recipe("paper", "euler"), **size))
    paper = {key: value for key, value in paper.items() if key not in ("epochs", "threads")}
    variants = {
        "laptop recipe (SOAP)": {},
        "Adam 1e-3": {"optimizer": "adam", "learning_rate": 1e-3},
        "Adam 3e-3": {"optimizer": "adam", "learning_rate": 3e-3},
        PAPER_ROW: paper,
    }
    return race(data, "laptop", variants, seconds, path, seed, jobs=2)


def training_summary(record: dict) -> str:
    """The ratios that the training benchmark is for."""
    lines = [f"errors after {record['seconds']:.0f} s, against that of the laptop recipe:"]
    for q in (2, 1):
        error = {name: row[f"e{q}"]["pressure"] for name, row in record["rows"].items()}
        ours = error["laptop recipe (SOAP)"]
        adam = min(value for name, value in error.items() if name.startswith("Adam"))
        lines.append(f"relative l{q}: the better Adam {adam / ours:.1f} times, "
                     f"the paper's recipe {error[PAPER_ROW] / ours:.1f} times")
    return "\n".join(lines)
