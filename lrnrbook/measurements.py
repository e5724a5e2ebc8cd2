"""Measurements of section 5 that take minutes: one row a model, in records that chapters and claims read."""

from __future__ import annotations

import json
import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from lrnrbook import autoencoder, encode, extrapolation, forecast, readings_2d, readings_euler
from lrnrbook.benchmark import machine
from lrnrbook.datasets import load_data
from lrnrbook.evaluation import errors
from lrnrbook.features import roughness
from lrnrbook.modes import Hypermodes, hypermodes
from lrnrbook.perturbation import Neighbourhood, uniform_points
from lrnrbook.pod import Pod
from lrnrbook.readings import directions
from lrnrbook.regularity import smooth
from lrnrbook.storage import load_pretrained, plain, pretrained, write_json
from lrnrbook.subject import SHIPPED, Subject, about, subject
from lrnrbook.truncation import truncate
from lrnrbook.verdicts import SETS

EVERY = 4  # of the frames, where errors of many reduced models are compared
NAMED = {"euler": tuple(k * 0.038 / 80 for k in readings_euler.FRAMES), "acoustics": (0.04, 0.38, 0.67),
         "burgers": (0.62, 1.5, 2.5), "advection": (0.8, 1.6, 1.8, 2.4, 3.2)}  # times of section 5.2
MARGIN = 0.05  # of the data's range, that plausible values may leave it by


def leading(name: str) -> int:
    """How many hypermodes the paper looks at: 5 for Euler, 6 for the 2d waves."""
    return readings_euler.COUNT if name == "euler" else readings_2d.COUNT


def truncated_modes(name: str, seed: int = 0) -> Hypermodes:
    """Hypermodes of the model after truncation at 5e-5."""
    return hypermodes(truncate(subject().model(name, seed))[0])


def coefficients(name: str, seed: int) -> dict:
    """Errors of the full, the truncated and the reduced models, and of POD with as many modes; every fourth frame.

    Returns
    -------
    dict
        full, truncated: mean E1; modes: r-bar; reduced: mean E1 with 1, 2, ... hypermodes (5.6); pod: mean E1 with
        1, 2, ... modes; pod_smooth: share of its first r-bar coefficients that are smooth; its singular values.
    """
    data, model = load_data(name), subject().model(name, seed)
    some, modes, pod = data[::EVERY], truncated_modes(name, seed), Pod(data, len(data))
    counts = range(1, modes.count() + 5)
    return {"full": errors(model, some).mean, "truncated": errors(modes.model, some).mean,
            "modes": modes.count(), "reduced": [errors(modes.reduced(k), some).mean for k in counts],
            "pod": [errors(pod.first(k), some).mean for k in counts],
            "pod_smooth": smooth(pod.t, pod.first(modes.count()).coefficients),
            "pod_singular_values": (pod.singular_values / pod.singular_values[0]).tolist()}


def plausible(modes: Hypermodes, name: str, count: int) -> list[dict]:
    """Tangent perturbations at the paper's times: total variation over the base's, values beyond the data's range."""
    data = load_data(name)
    j = len(data.fields) - 1
    low = min(frame.u[:, j].min() for frame in data)
    high = max(frame.u[:, j].max() for frame in data)
    one = len(data.domain) == 1
    x = uniform_points(modes.model, readings_euler.POINTS if one else readings_2d.CELLS)
    shape = (len(x),) if one else (readings_2d.CELLS,) * 2
    along, rows = directions(count, 0), []
    for t in NAMED[name]:
        near = Neighbourhood(modes, x, t, count)
        eta = near.step_lengths(along)
        for step, direction, u in zip(eta, along, near(np.nan_to_num(eta)[:, None] * along), strict=True):
            i = int(np.abs(direction).argmax())
            beyond = max(u.max() - high, low - u.min(), 0.0) / (high - low)
            rows.append({"t": t, "mode": i + 1, "sign": int(direction[i]), "eta": float(step), "beyond": float(beyond),
                         "variation": roughness(u.reshape(shape)) / roughness(near.base.reshape(shape))})
    return rows


def tangents(name: str, seed: int) -> dict:
    """Shares of the modes in du/dt, what they leave of it, plausibility, and the paper's readings."""
    modes, count = truncated_modes(name, seed), leading(name)
    x = uniform_points(modes.model, readings_euler.POINTS if name == "euler" else readings_2d.CELLS)
    shares = []
    for t in NAMED[name]:
        near = Neighbourhood(modes, x, t, count)
        cosine = near.tangents @ near.speed / np.linalg.norm(near.tangents, axis=1) / np.linalg.norm(near.speed)
        shares.append({"t": t, "shares": near.shares.tolist(), "residual": near.residual, "cosine": cosine.tolist()})
    if name == "euler":
        readings = readings_euler.tangent_readings(modes)
    else:
        readings = readings_2d.READINGS[name](readings_2d.Waves(modes))
    return {"modes": modes.count(), "shares": shares, "plausible": plausible(modes, name, count), "readings": readings}


def large_steps(name: str, seed: int) -> dict:
    """Large steps along the modes and along the path; for seed 0 also of the SIREN; readings of Fig. 16 for Euler."""
    modes = truncated_modes(name, seed)
    found = {"steps": extrapolation.push_along_modes(modes, name, leading(name)),
             "path": {"LRNR": extrapolation.push_along_path(modes, name)}}
    if subject() == SHIPPED and (name, "siren", seed) in pretrained():
        siren = hypermodes(load_pretrained(name, "siren", seed))
        found["path"]["SIREN"] = extrapolation.push_along_path(siren, name)
    if name == "euler":
        found["readings"] = readings_euler.extrapolation_readings(modes)
    return found


def encoding(name: str, seed: int) -> dict:
    """Errors and times of encoding the midpoints frames."""
    return {"frames": encode.compare(name, seed)}


def forecasts(name: str, seed: int) -> dict:
    """Errors of forecasting the coordinates of the last tenth of the times."""
    return forecast.compare(name, seed)


def autoencoders(name: str, seed: int) -> dict:
    """A convolutional autoencoder with as many latent numbers as the model has hypermodes, pushed off its path."""
    return autoencoder.measure(name, truncated_modes(name, seed).count(), AUTOENCODER_STEPS[name], seed)


AUTOENCODER_STEPS = {"euler": 6000, "burgers": 3000}
# Kind: what is measured, the data sets, and whether for every seed or only for the first.
KINDS = {"coefficients": (coefficients, SETS, True), "tangents": (tangents, SETS, True),
         "extrapolation": (large_steps, SETS, True), "encoding": (encoding, SETS, False),
         "forecasts": (forecasts, SETS, False), "autoencoders": (autoencoders, tuple(AUTOENCODER_STEPS), False)}


def _plain(value):
    """A measurement fit for a record: Python's own numbers, and None where there is none."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _row(kind: str, name: str, seed: int, whose: Subject) -> dict:
    torch.set_num_threads(1)
    with about(whose):
        return _plain(KINDS[kind][0](name, seed))


def measure(kind: str, path, jobs: int = 2) -> dict:
    """Measure the models of `subject`; rows are written as they come, and done ones are not measured again.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    path : path
        JSON record, continued if it exists; delete it after the models have changed.
    jobs : int
        Models side by side, one thread each.

    Returns
    -------
    dict
        rows: "NAME SEED" -> what the function of this kind returns.
    """
    if kind not in KINDS:
        raise ValueError(f"no measurement {kind!r}: expected one of {', '.join(KINDS)}")
    path = Path(path)
    record = json.loads(path.read_text()) if path.exists() else {"rows": {}, "machine": machine()}
    _, names, every_seed = KINDS[kind]
    todo = [(name, seed) for name in names for seed in subject().seeds(name)
            if (every_seed or seed == 0) and f"{name} {seed}" not in record["rows"]]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool, tqdm(total=len(todo), unit="model") as bar:
        runs = {pool.submit(_row, kind, *model, subject()): model for model in todo}
        for run in as_completed(runs):
            name, seed = runs[run]
            record["rows"][f"{name} {seed}"] = plain(run.result())
            record["date"] = date.today().isoformat()
            write_json(path, record)
            bar.update()
    return record
