"""Benchmark of FastLRNR: errors of values (Fig. 17) and gradients against rank, and fits of u(x, .) beside it."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import torch
from scipy.fft import dct
from scipy.interpolate import CubicSpline
from tqdm.auto import tqdm

from lrnrbook.compress import States
from lrnrbook.datasets import datasets, load_data
from lrnrbook.fast import POINTS, FastLRNR
from lrnrbook.files import write_json
from lrnrbook.model import MetaNetwork
from lrnrbook.modes import hypermodes
from lrnrbook.storage import load
from lrnrbook.training import fit
from study.instruments.neighbourhood import uniform_points
from study.ledger.models import load_pretrained, load_record, pretrained
from study.ledger.records import machine, plain

RANKS = (4, 8, 16, 24, 32, 48, 64, 96)
GRADIENT_RANKS = (32, 48, 64, 96)
COUNT = 16  # points, uniform in the domain, seed 0
SNAPSHOTS = 3201
UNSEEN = 997  # times, none of them a snapshot
PIECES = 4
# Networks for comparison, which this benchmark trains for as many epochs as a shipped model of its kind:
# recipe, changes, and whose epochs.
VARIANTS = {"smooth": ("laptop", {"hyper_output": "linear", "prune": 0.0, "prune_below": 0.0}, "short"),
            "relu": ("laptop", {"activation": "relu"}, "short"),
            "dense_tanh": ("siren", {"activation": "tanh"}, "siren")}
COMPARED = ("euler", "burgers")  # sets for which "relu" and "dense_tanh" are trained
NODES = (51, 101, 201, 401, 801, 1601, 3201, 6401)
KINDS = {("laptop", "float64", 1): POINTS, ("laptop", "float32", 1): ("qdeim",),
         ("laptop", "float64", PIECES): ("deim", "oversampled"), ("smooth", "float64", 1): ("deim", "oversampled"),
         ("smooth", "float64", PIECES): ("deim", "oversampled")}


def key(name: str, recipe: str = "laptop", dtype: str = "float64", points: str = "deim", pieces: int = 1) -> str:
    """Name of a row of the record.

    Examples
    --------
    >>> key("euler", pieces=4)
    'euler, laptop, float64, deim, 4 pieces'
    """
    return f"{name}, {recipe}, {dtype}, {points}, {pieces} piece" + "s" * (pieces > 1)


def measure(path, jobs: int = 2) -> dict:
    """Relative l2 errors over time at each point, by data set, recipe, precision, selection, pieces and rank.

    What the record at `path` already has is kept; it is written after each table. Models of `VARIANTS` are trained
    first, into the folder "fastlrnr" beside the record, unless they are there.

    A row has, by rank, the errors (P,), the error of all points together, its estimate, the ranks of the hidden layers,
    the largest condition number, and the numbers stored a point. "fits" has the errors of splines and polynomials
    through values of the same model, "gradients" those of derivatives; "states" has the dimensions of hidden states.
    """
    path = Path(path)
    record: dict = json.loads(path.read_text()) if path.exists() else {}
    record = {"rows": {}, "fits": {}, "gradients": {}, "states": {}} | record
    record |= {"points": COUNT, "snapshots": SNAPSHOTS, "times": UNSEEN, "machine": machine(),
               "date": date.today().isoformat()}
    folder, known = path.parent / "fastlrnr", pretrained()
    kinds = [(name, *kind) for name in datasets() for kind in KINDS]
    models = [(name, recipe) for name in datasets() for recipe in ("laptop", "smooth")]
    networks = [(name, recipe) for name in datasets() for recipe in ("laptop", "short", "siren", "siren_long", "nif")
                if (name, recipe, 0) in known]
    networks += [(name, recipe) for name in COMPARED for recipe in ("relu", "dense_tanh")]
    todo = [(part, partial(function, folder), task) for part, function, tasks in (
        ("rows", _rows, kinds), ("fits", _fits, models), ("gradients", _gradients, models),
        ("states", _dimensions, networks)) for task in tasks if not set(_keys(part, task)) <= set(record[part])]
    with ProcessPoolExecutor(jobs) as pool, tqdm(total=len(todo), unit="table") as bar:
        missing = {task[:2] for _, _, task in todo if task[1] in VARIANTS}
        list(pool.map(partial(_trained, folder), sorted(missing)))
        running = {pool.submit(function, task): part for part, function, task in todo}
        for done in as_completed(running):
            record[running[done]] |= plain(done.result())
            write_json(path, record)
            bar.update()
    return record


def _keys(part: str, task) -> list[str]:
    """Names under which the tables of a task stand in the record."""
    if part == "rows":
        name, recipe, dtype, pieces = task
        return [key(name, recipe, dtype, points, pieces) for points in KINDS[task[1:]]]
    return [", ".join(task)]


def _trained(folder: Path, task: tuple[str, str]) -> tuple[MetaNetwork, float]:
    """A model, shipped or of `VARIANTS`, trained unless it is in the folder; and its E2, mean over the fields."""
    name, kind = task
    if kind not in VARIANTS:
        model, record = load_pretrained(name, kind), load_record(name, kind)
    else:
        path = folder / f"{name}-{kind}-0.safetensors"
        if not path.with_suffix(".json").exists():
            recipe, changes, like = VARIANTS[kind]
            folder.mkdir(parents=True, exist_ok=True)
            epochs, checkpoint = load_record(name, like)["epochs"], path.with_suffix(".checkpoint")
            fit(load_data(name), recipe, epochs=epochs, checkpoint=checkpoint, progress=False, **changes).save(path)
        model, record = load(path), json.loads(path.with_suffix(".json").read_text())
    return model, float(np.mean([row["points"] for row in record["errors"]["samples"]["q2"].values()]))


def _setting(folder: Path, name: str, recipe: str, dtype: str = "float64"):
    """Model, points, and times that are no snapshots."""
    torch.set_num_threads(1)
    model = _trained(folder, (name, recipe))[0].to(getattr(torch, dtype))
    low, high = model.domain.T
    x = low + (high - low) * np.random.default_rng(0).random((COUNT, len(low)))
    first, last = model.times
    return model, x, first + (last - first) * (np.arange(UNSEEN) + 0.37) / UNSEEN


def _errors(u, v) -> dict:
    """Relative l2 errors of v against u (T, P, m): at each point, and of all together."""
    wrong, size = ((a.double().square().sum((0, 2)).sqrt()) for a in (v - u, u))
    return {"errors": (wrong / size).tolist(), "together": float(wrong.norm() / size.norm())}


def _states(model, x, pieces: int, along: int = 0) -> list[States]:
    ends, count = np.linspace(*model.times, pieces + 1), SNAPSHOTS // pieces + 1
    return [States.at(model, x, np.linspace(*pair, count), along) for pair in zip(ends[:-1], ends[1:], strict=True)]


@torch.no_grad()
def _rows(folder: Path, task) -> dict[str, dict]:
    name, recipe, dtype, pieces = task
    model, x, unseen = _setting(folder, name, recipe, dtype)
    found = errors_by_rank(model, x, _states(model, x, pieces), unseen, RANKS, KINDS[task[1:]])
    return {key(name, recipe, dtype, points, pieces): row for points, row in found.items()}


@torch.no_grad()
def errors_by_rank(model, x, states: list[States], unseen, ranks, kinds=POINTS) -> dict[str, dict]:
    """Errors of FastLRNR at points x (P, d) and times `unseen`, by selection of rows and rank, from given states."""
    u, found = model(x, unseen), {}
    for points in kinds:
        row = found[points] = {}
        for rank in ranks:
            if rank > max(max(one.ranks()) for one in states):
                break  # no layer's states span so much
            fast = FastLRNR.of(model, x, states, rank, points)
            row[str(rank)] = _errors(u, fast(unseen)) | {
                "estimate": fast.error(unseen), "ranks": list(fast.ranks), "condition": float(fast.condition.max()),
                "operations": fast.operations, "numbers": fast.numbers}
    return found


@torch.no_grad()
def _fits(folder: Path, task) -> dict[str, dict]:
    """Cubic splines (not-a-knot) at equal steps and Chebyshev interpolants of u(x, .): so many numbers a field."""
    model, x, unseen = _setting(folder, *task)
    u, (first, last) = model(x, unseen), model.times
    found: dict = {"spline": {}, "chebyshev": {}}
    for n in NODES:
        times = np.linspace(first, last, n)
        spline = CubicSpline(times, model(x, times).numpy())
        found["spline"][str(n)] = _errors(u, torch.as_tensor(spline(unseen)))
        roots = np.cos(np.pi * (np.arange(n) + 0.5) / n)
        a = dct(model(x, first + (last - first) * (roots + 1) / 2).numpy().reshape(n, -1), axis=0) / n
        a[0] /= 2
        values = np.polynomial.chebyshev.chebval(2 * (unseen - first) / (last - first) - 1, a)
        found["chebyshev"][str(n)] = _errors(u, torch.as_tensor(values.T.reshape(u.shape)))
    return {", ".join(task): found}


def _gradients(folder: Path, task) -> dict[str, dict]:
    """Relative errors of the gradients of a misfit in t, in the hypermode coordinates, and in s itself.

    The misfit is the mean square distance to the values a hundredth of the run later, fields over their scale.
    """
    model, x, unseen = _setting(folder, *task)
    modes = hypermodes(model)
    count, times = modes.count(), torch.as_tensor(unseen[::10])
    with torch.no_grad():
        later = model(x, times + 0.01 * (model.times[1] - model.times[0]))
        c, s = modes.coordinates(times)[:, :count], model.coefficients(times)
        rest = s - modes.coefficients(c)  # what the first hypermodes leave out
        scale = model.tensor(model.normalisation.scale)

    def gradients(evaluate):
        def misfit(s):
            return ((evaluate(s, times) - later) / scale).square().mean()

        functions = {"t": (lambda t: misfit(model.coefficients(t)), times),
                     "modes": (lambda c: misfit(modes.coefficients(c) + rest), c), "s": (misfit, s)}
        return {name: torch.func.grad(function)(at) for name, (function, at) in functions.items()}

    full, found = gradients(lambda s, t: model.evaluate(x, s)), {}
    for along in (0, count):
        for pieces in (1, PIECES):
            with torch.no_grad():
                states = _states(model, x, pieces, along)
            for rank in GRADIENT_RANKS:
                if rank > max(max(one.ranks()) for one in states):
                    break  # no layer's states span so much
                with torch.no_grad():
                    fast = FastLRNR.of(model, x, states, rank, "deim")
                    values = _errors(model(x, times), fast(times))["together"]
                ours = gradients(fast.evaluate)
                row = {name: float(((ours[name] - full[name]).norm() / full[name].norm()).detach()) for name in full}
                found[f"rank {rank}, {pieces} piece{'s' * (pieces > 1)}, along {along} hypermodes"] = {
                    "values": values} | row
    return {", ".join(task): found}


@torch.no_grad()
def _dimensions(folder: Path, task) -> dict[str, dict]:
    """Singular values of the hidden states over 201 times at 9 points, over the first of each.

    "counts" has how many are above 1e-4, (hidden layers, 9); "values" the median over the points, a list a layer.
    """
    torch.set_num_threads(1)
    model, e2 = _trained(folder, task)
    model = model.double()
    points = uniform_points(model, 9 if model.lrnr.dims[0] == 1 else 3)
    states = model.states(points, model.coefficients(np.linspace(*model.times, 201)))
    values = [torch.linalg.svdvals(z.transpose(0, 1)) for z in states]  # (9, j) a layer
    middle = [(v / v[:, :1]).median(0).values for v in values]
    return {", ".join(task): {
        "e2": e2, "counts": [(v > 1e-4 * v[:, :1]).sum(1).tolist() for v in values],
        "values": [v[v > 1e-9].tolist() for v in middle]}}
