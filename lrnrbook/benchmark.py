"""Benchmarks and races: training runs at equal seconds, one after the other, their results in one record."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

from lrnrbook.datasets import load_data
from lrnrbook.evaluation import errors
from lrnrbook.recipes import Recipe, get_recipe
from lrnrbook.storage import write_json
from lrnrbook.training import fit

# What the Euler race compares: each row changes these fields of the laptop recipe.
RACE: dict[str, dict] = {
    "base: 192, 48, 8 x 64": {},
    "linear hypernetwork output": {"hyper_output": "linear"},
    "width 256, rank 64": {"width": 256, "rank": 64},
    "width 128, rank 48": {"width": 128, "rank": 48},
    "hypernetwork 25 x 4": {"hyper_width": 25, "hyper_depth": 4},
    "rate 3e-3": {"learning_rate": 3e-3},
    "rate 1e-2": {"learning_rate": 1e-2},
    "batches 8 x 128": {"batch_points": 128},
    "batches 16 x 64": {"batch_times": 16},
    "batches 4 x 128": {"batch_times": 4, "batch_points": 128},
    "batches 8 x 32": {"batch_points": 32},
    "sine": {"activation": "sine"},
    "no l1 switch": {"switch_threshold": 0.0},
    "switch at 5e-3": {"switch_threshold": 5e-3},
    "mollifier 0.01": {"mollifier_radius": 0.01},
    "trapezoid": {"schedule": "trapezoid"},
    "depth 4": {"depth": 4},
    "depth 6": {"depth": 6},
    "no R_ortho": {"lambda_ortho": 0.0},
}
PAPER_ROW = "paper's recipe, same size"


def machine() -> dict:
    """What a figure was measured on."""
    return {"cores": os.cpu_count(), "architecture": platform.machine(), "system": platform.system()}


def race(data, recipe: str | Recipe, variants: dict[str, dict], seconds: float, path, seed: int = 0,
         progress: bool = True) -> dict:
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

    Returns
    -------
    dict
        The record: what was asked for, and a row for each variant with its errors at the samples.
    """
    path = Path(path)
    head = {"data": data.name, "fields": list(data.fields), "sha256": data.sha256, "seconds": seconds, "seed": seed,
            "machine": machine()}
    record = json.loads(path.read_text()) if path.exists() else head | {"rows": {}}
    if any(record[key] != head[key] for key in ("sha256", "seconds", "seed")):
        raise ValueError(f"{str(path)!r} is the record of another race: delete it or give another path")
    for name, change in variants.items():
        if name in record["rows"]:
            continue
        result = fit(data, get_recipe(recipe, data.name, **change), seconds=seconds, seed=seed, progress=progress)
        measured = {f"e{q}": dict(zip(data.fields, errors(result.model, data, q).values, strict=True)) for q in (1, 2)}
        kept = ("recipe", "steps", "epochs", "seconds", "threads", "parameters", "versions", "stop_reason")
        record["rows"][name] = measured | {key: result.record[key] for key in kept} | {
            "change": change, "switch_epoch": result.history["switch_epoch"], "date": date.today().isoformat()}
        write_json(path, record)
    return record


def training(seconds: float, path, seed: int = 0, progress: bool = True) -> dict:
    """Euler pressure at equal seconds: our recipe, Adam in its place, and the paper's recipe at the same size."""
    data = load_data("euler").select(["pressure"])
    ours = get_recipe("laptop", "euler")
    size = {key: getattr(ours, key) for key in ("width", "rank", "depth", "hyper_width", "hyper_depth", "threads")}
    paper = {k: v for k, v in asdict(replace(get_recipe("paper", "euler"), **size)).items() if k != "epochs"}
    variants = {
        "laptop recipe (SOAP)": {},
        "Adam 1e-3": {"optimizer": "adam", "learning_rate": 1e-3},
        "Adam 3e-3": {"optimizer": "adam", "learning_rate": 3e-3},
        PAPER_ROW: paper,
    }
    return race(data, "laptop", variants, seconds, path, seed, progress)


def training_summary(record: dict) -> str:
    """The ratios that the training benchmark is for."""
    error = {name: row["e2"]["pressure"] for name, row in record["rows"].items()}
    ours = error["laptop recipe (SOAP)"]
    adam = min(value for name, value in error.items() if name.startswith("Adam"))
    return (f"relative l2 error after {record['seconds']:.0f} s: the better Adam {adam / ours:.1f} times, "
            f"the paper's recipe {error[PAPER_ROW] / ours:.1f} times that of the laptop recipe")
