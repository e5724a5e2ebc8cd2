"""Models and measurements of section 7: what is outside the square, and whether the direction of time matters there.

Small models are trained for the question, on the frames as they are, on the same frames in reversed order, and with
periodic coordinates. ``python -m study measure outside`` makes them and a record of them and the shipped models.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch

from lrnrbook.data import WaveData
from lrnrbook.datasets import load_data
from lrnrbook.model import MetaNetwork
from lrnrbook.storage import load
from lrnrbook.training import fit
from study.ledger.models import load_pretrained, pretrained
from study.ledger.records import begun, fill, plain
from study.ledger.verdicts import SETS
from study.outside.comparison import compare, side_correlations, side_ratio, sides, strip_correlations, strip_errors
from study.outside.extension import (
    ENTERS,
    LEFT,
    QUIET,
    SOUND,
    Extension,
    backwards,
    classes,
    embed,
    extend,
    periodic_coordinates,
    quiet,
    rays,
    reverse,
    swap,
)
from study.outside.shapes import corners, drift, fans, outgoing_front, unowned_roughness, wrinkles

SMALL = {"width": 128, "rank": 32, "epochs": 500}  # of the laptop recipe; about a minute of one core
SEEDS, ACTIVATIONS = (0, 1, 2), ("tanh", "sine")
NAMED = {"acoustics": (0.19, 0.38, 0.64), "burgers": (0.62, 1.5, 2.5)}  # times of Fig. 18
REST = {"acoustics": 0.0, "burgers": 0.1}  # what is there where no wave is
EVERY, CELLS = 4, 3  # every so many frames and, along each axis, cells
FORWARD, REVERSED, PERIODIC = "forward", "reversed", "periodic coordinates"
CHANGES = {FORWARD: lambda data: data, REVERSED: reverse, PERIODIC: periodic_coordinates}


@dataclass(frozen=True)
class Run:
    """A small model: data set, activation, what is done to the data, seed."""

    data: str
    activation: str
    kind: str
    seed: int

    @property
    def key(self) -> str:
        """Name of its row in the record, and of its file."""
        return f"{self.data}, {self.activation}, {self.kind}, {self.seed}"

    def load(self) -> WaveData:
        """What it is trained on."""
        return CHANGES[self.kind](load_data(self.data))


def runs() -> list[Run]:
    """Every small model: both directions of time for both activations, seed by seed; then periodic coordinates."""
    pairs = [(a, k) for a in ACTIVATIONS for k in (FORWARD, REVERSED)]
    found = [Run(name, a, kind, seed) for seed in SEEDS for a, kind in pairs for name in NAMED]
    return found + [Run(name, ACTIVATIONS[0], PERIODIC, seed) for seed in SEEDS for name in NAMED]


def trained(run: Run, folder) -> tuple[MetaNetwork, dict]:
    """A small model and the record of its training, from `folder`, or trained now; a run that was stopped goes on."""
    path = Path(folder) / f"{run.key}.safetensors"
    if not path.with_suffix(".json").exists():
        checkpoint, start = path.with_suffix(".checkpoint"), time.process_time()
        resumed = checkpoint.exists()
        made = fit(run.load(), "laptop", seed=run.seed, checkpoint=checkpoint, progress=False,
                   activation=run.activation, **SMALL)
        made.record["core_seconds"] = None if resumed else round(time.process_time() - start, 1)
        made.save(path)
        checkpoint.unlink()
    return load(path), json.loads(path.with_suffix(".json").read_text())


def as_before(model: MetaNetwork, data: WaveData, kind: str) -> Callable:
    """A model of changed data as a function of the points and times of `data`: (x, t) -> (1, P, m)."""
    if kind == PERIODIC:
        return lambda x, t: quiet(model)(embed(x, data.domain), t)
    return backwards(model, data) if kind == REVERSED else model


@cache
def extension_of(name: str) -> tuple[WaveData, Extension, dict[str, np.ndarray]]:
    """A data set, its extension at the times of the record, and the flags of the points, by kind."""
    data = load_data(name)
    chosen = set(range(0, len(data), EVERY)) | {data.index(t) for t in NAMED.get(name, ())}
    extension = extend(data, data.t[sorted(chosen)], every=1 if data.dim == 1 else CELLS)
    flags = {"classes": classes(data, extension)} if data.dim == 2 else {}
    if name in REST:
        wave = np.abs(extension.u - REST[name]) > 0.05 * np.abs(extension.cells).max()
        flags["waves"] = np.where(wave, flags["classes"], QUIET)
    return data, extension, flags | ({"rays": rays(data, extension, SOUND)} if name == "acoustics" else {})


def row(name: str, model: Callable, kind: str = FORWARD, brief: bool = False) -> dict:
    """Everything that is measured of a model; classes are those of its own direction of time.

    Parameters
    ----------
    name : str
    model : callable
        Of the data as `kind` changes them.
    kind : str
    brief : bool
        Instead of correlations at every time their medians.

    Returns
    -------
    dict
        errors: of strips (T, 4); correlations: of strips (T, 4), all points; and for the waves that cross the sides:
        those of points that will enter and that left; sides, side ratio; classes, of all points, and waves, of those
        where the extension is not at rest; rays; beyond: correlations by side and corner at the paper's times; for
        burgers: shapes.
    """
    data, extension, kinds = extension_of(name)
    model = as_before(model, data, kind)
    v = extension.of(model)
    masks = {"all": np.ones(v.shape, dtype=bool)}
    kinds = {key: swap(flags) if kind == REVERSED else flags for key, flags in kinds.items()}
    for key, end in (("classes", ""), ("rays", ", rays")):
        for label, flag in (("enters", ENTERS), ("left", LEFT)):
            if name in NAMED and key in kinds:
                masks[label + end] = (kinds[key] > 0) & (kinds[key] & flag > 0)
    found = {"errors": strip_errors(extension, v),
             "correlations": {key: strip_correlations(extension, v, mask) for key, mask in masks.items()}}
    if brief:
        found["correlations"] = {key: _middle(values) for key, values in found["correlations"].items()}
        found["errors"] = found["errors"].mean(0)
    if name in NAMED:
        found |= {key: compare(extension, v, flags) for key, flags in kinds.items()}
        found |= {"side ratio": side_ratio(extension, v, masks["enters"]), "sides": sides(model, data[::EVERY])}
        at = [int(np.abs(extension.t - t).argmin()) for t in NAMED[name]]
        found["beyond"] = side_correlations(extension, v)[at]
    if name == "burgers":
        every_frame = extend(data, every=CELLS)
        found["shapes"] = {f.__name__: f(model, every_frame) for f in (corners, wrinkles, drift, outgoing_front, fans)}
        if not brief:
            found["shapes"]["roughness"] = unowned_roughness(extension, v, kinds["classes"])
    return plain(found)


def _middle(values: np.ndarray) -> list[float | None]:
    """Median over the times of each column, of what is there."""
    return [float(np.median(column[np.isfinite(column)])) if np.isfinite(column).any() else None for column in values.T]


def measure(path, folder) -> dict:
    """Measure the shipped laptop models, then train and measure the small ones; done rows are not made again.

    Parameters
    ----------
    path : path
        JSON record, continued if it exists; delete it after the models have changed.
    folder : path
        For the small models.

    Returns
    -------
    dict
        times: of each data set; rows: "NAME, laptop, SEED" or `Run.key` -> `row`, brief for small models, with E1
        and core seconds.
    """
    torch.set_num_threads(1)
    record = begun(path, small=SMALL)
    if record["small"] != SMALL:
        raise ValueError(f"{str(path)!r} is a record of small models {record['small']}: delete it or give another path")
    record["times"] = {name: plain(extension_of(name)[1].t) for name in SETS}
    shipped = {f"{name}, laptop, {seed}": (name, seed) for name, recipe, seed in pretrained() if recipe == "laptop"}
    todo = {key: partial(_shipped, *model) for key, model in shipped.items()}
    todo |= {run.key: partial(_small, run, folder) for run in runs()}
    return fill(path, record, {key: task for key, task in todo.items() if key not in record["rows"]}, unit="model")


def _shipped(name: str, seed: int) -> dict:
    return row(name, load_pretrained(name, "laptop", seed))


def _small(run: Run, folder) -> dict:
    """Row of a small model, which is trained unless it is in the folder."""
    model, made = trained(run, folder)
    error = next(iter(made["errors"]["samples"]["q1"].values()))["points"]
    return row(run.data, model, run.kind, brief=True) | plain(
        {"e1": error, "core seconds": made["core_seconds"], "parameters": made["parameters"]})
