"""The paper's own sizes (Table 1: M 1200-2000, r 150-190): train, measure, decide the claims again.

Everything lies in one folder: models with their records, measurements, and what is to be shipped. Each part goes on
after a stop, and is kept once it is done.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import torch

from lrnrbook.datasets import load_data
from lrnrbook.evaluation import both_errors
from lrnrbook.fast import FastLRNR
from lrnrbook.files import write_json
from lrnrbook.modes import hypermodes
from lrnrbook.recipes import get_recipe
from lrnrbook.storage import load, save
from lrnrbook.training import device_name, fit
from lrnrbook.truncation import truncate
from study.fast.measure import key
from study.hypermodes.measure import EVERY
from study.instruments.costs import STEPS, count, peak, seconds_a_step, some_batches, wait, warm
from study.instruments.figures_of_merit import errors_of
from study.ledger.models import Subject
from study.ledger.records import machine, plain
from study.sizes.again import judge, points_in

RECIPES = ("paper-fast", "paper")
PARTS = ("train", "steps", "errors", "speed", "coefficients", "tangents", "extrapolation", "claims", "ship")
MANY, TIMES = 64, 200  # points and times of its speed


def measure(path, names: Sequence[str] = ("euler", "burgers"), parts: Sequence[str] = PARTS, device: str = "cpu",
            seconds: float | None = None, slice_seconds: float | None = None, jobs: int = 2,
            recipes: Sequence[str] = RECIPES) -> dict:
    """Train models of Table 1's sizes and measure them; everything but the record lies in a folder beside it.

    Parameters
    ----------
    path : path
        JSON record, continued if it exists; the folder has its name, without the ending.
    names : list of str
        Data sets.
    parts : list of str
        Some of `PARTS`.
    device : str
        Of training and of the speeds; the other measurements are made on the CPU.
    seconds : float, optional
        Training time of each run, for "paper-fast" and "paper" alike; by default as many epochs as the recipe says.
    slice_seconds : float, optional
        Stop after this time of training; the same call goes on, and measures when all models are done.
    jobs : int
        Measurements side by side, one thread each.
    recipes : list of str
        Some of `RECIPES`, trained and timed in this order; the first one's models are measured and judged.

    Returns
    -------
    dict
        runs: one a data set and recipe; steps: speed of a step; recipe: whose models the rest is about; fast: FastLRNR;
        claims: verdict and numbers of each claim that is decided on trained models alone.
    """
    _check(parts, recipes)
    path = Path(path)
    folder = path.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    record = _begun(path, recipes[0])
    whose, end = Subject(recipes[0], folder), time.perf_counter() + (slice_seconds or np.inf)

    def keep(part: str, name: str, found: dict) -> None:
        record[part][name] = plain(found)
        write_json(path, record | {"machine": machine(), "date": date.today().isoformat()})

    for name in names if "train" in parts else ():
        for kind in recipes:
            if time.perf_counter() < end:
                found = run(folder, name, kind, device, seconds, end)
                keep("runs", f"{name}, {kind}", record["runs"].get(f"{name}, {kind}", {}) | found)
    if time.perf_counter() < end:  # nothing is measured on models that are not done
        _measure(whose, record, keep, names, parts, recipes, device, jobs)
    return record


def _check(parts: Sequence[str], recipes: Sequence[str]) -> None:
    for kind, asked, known in (("part", parts, PARTS), ("recipe of this size", recipes, RECIPES)):
        for one in asked:
            if one not in known:
                raise ValueError(f"no {kind} {one!r}: expected some of {', '.join(known)}")


def _begun(path: Path, recipe: str) -> dict:
    """The record so far, or a new one; what was measured on models of another recipe is not kept."""
    record = json.loads(path.read_text()) if path.exists() else {}
    if record.get("recipe") != recipe:
        record |= {"recipe": recipe, "fast": {}, "claims": {}}
    return {"runs": {}, "steps": {}} | record


def _measure(whose: Subject, record: dict, keep: Callable[[str, str, dict], None], names: Sequence[str],
             parts: Sequence[str], recipes: Sequence[str], device: str, jobs: int) -> None:
    """Measure and judge the trained models, and make what is to be shipped of them; arguments as of `measure`."""
    for name in names if "steps" in parts else ():
        for kind in recipes:
            if (label := f"{name}, {kind}, {device_name(torch.device(device))}") not in record["steps"]:
                keep("steps", label, steps(name, kind, device))
    judge(whose, parts, partial(keep, "claims"), jobs)
    for name, _ in whose.models() if "speed" in parts else ():
        keep("fast", name, speed(whose, name, device))
    for name in names if "ship" in parts else ():
        for kind in recipes:
            if row := record["runs"].get(f"{name}, {kind}"):
                keep("runs", f"{name}, {kind}", row | {"shipped": ship(Subject(kind, whose.folder), name)})


def run(folder: Path, name: str, recipe: str, device: str, seconds: float | None, end: float) -> dict:
    """Train a model, or go on with it, unless its record says that it is done; its row of the record."""
    path = folder / f"{name}-{recipe}-0.safetensors"
    records = path.with_suffix(".json")
    done = json.loads(records.read_text()) if records.exists() else None
    if done is None or done["stop_reason"].startswith(("slice over", "interrupted")):
        left = end - time.perf_counter()
        fit(load_data(name), recipe, seconds=seconds, checkpoint=path.with_suffix(".checkpoint"), device=device,
            slice_seconds=left if left < np.inf else None).save(path)
        done = json.loads(records.read_text())
    model = load(path)
    if "midpoints" not in done["errors"]:  # at the samples `fit` has them
        done["errors"] |= errors_of(model, name, ["midpoints"])
        write_json(records, done)
    small, ranks = truncate(model)
    kept = ("device", "threads", "seconds", "steps", "epochs", "best_epoch", "parameters", "coefficients", "kept",
            "stop_reason", "versions", "errors")
    return {what: done[what] for what in kept} | {
        "ranks": asdict(ranks), "modes": hypermodes(small).count(),
        "epochs of the paper": get_recipe("paper", name).epochs, "width": done["recipe"]["width"],
        "rank": done["recipe"]["rank"]}


def steps(name: str, recipe: str, device: str) -> dict:
    """Speed of a training step: operations counted, steps a second, share of the device's measured peak.

    On a GPU also with TF32, which rounds factors of products to 11 bits.
    """
    where = torch.device(device)
    trainer, best = warm(get_recipe(recipe, name), load_data(name), device), peak(device)
    few = int(np.clip(20 / seconds_a_step(trainer, 1, 1), 2, STEPS))
    counted, seconds = count(trainer, few), seconds_a_step(trainer, 1, few)
    row = counted | {"seconds": seconds, "peak": best, "share": counted["flops"] / seconds / best["flops"],
                     "points": round(np.mean([index.numel() for _, index in some_batches(trainer, few)])),
                     "steps an epoch": trainer.batches.steps}
    if where.type == "cuda":
        torch.set_float32_matmul_precision("high")
        row["seconds with TF32"] = seconds_a_step(warm(trainer.recipe, load_data(name), device), 1, few)
        torch.set_float32_matmul_precision("highest")
    return row


@torch.no_grad()
def speed(whose: Subject, name: str, device: str) -> dict:
    """Seconds of FastLRNR and the full model on CPU and GPU, at the first rank whose error is 1e-4, or the last."""
    torch.set_num_threads(1)
    row = whose.measurement("benchmark-fastlrnr")["rows"][key(name, whose.recipe)]
    errors = {rank: found["together"] for rank, found in row.items()}
    rank = next((int(rank) for rank, error in errors.items() if error <= 1e-4), int(list(errors)[-1]))
    model, _ = truncate(whose.model(name))
    fast = FastLRNR.build(model, points_in(model, MANY), rank, np.linspace(*model.times, 401))
    seconds = {"cpu": _speed(model, fast, "cpu")}
    if torch.device(device).type == "cuda":
        seconds[device_name(torch.device(device))] = _speed(model.to(device), fast.to(device), device)
    return {"rank": rank, "errors": errors, "seconds": seconds, "points": MANY, "times": TIMES}


def _speed(model, fast, device: str) -> dict[str, float]:
    """Seconds of full and compressed network for all points and times, taking turns."""
    where, least = torch.device(device), {"full": np.inf, "fast": np.inf}
    s = model.coefficients(np.linspace(*model.times, TIMES))
    x = model.tensor(fast.x)

    def full():
        return torch.cat([model.evaluate(x, part) for part in s.split(20)])  # so many hidden states at a time

    for _ in range(4):
        for name, action in (("full", full), ("fast", lambda: fast.evaluate(s))):
            wait(where)
            start = time.perf_counter()
            action()
            wait(where)
            least[name] = min(least[name], time.perf_counter() - start)
    return least


def ship(whose: Subject, name: str) -> dict:
    """Truncate a model, store its factors in half precision, evaluate what is read back: into the folder "ship"."""
    path = whose.folder / "ship" / f"{name}-{whose.recipe}-0.safetensors"
    small, ranks = truncate(whose.model(name))
    save(small, path, half=True)
    model, some = load(path), load_data(name)[::EVERY]
    record = whose.record(name) | {"errors": errors_of(model, name), "modes": hypermodes(model).count()}
    write_json(path.with_suffix(".json"), record | {"truncated": asdict(ranks)})
    whole, cut, half = (both_errors(m, some)[1].mean for m in (whose.model(name), small, model))
    return {"bytes": path.stat().st_size, "change by truncation": cut / whole - 1, "by half precision": half / cut - 1}
