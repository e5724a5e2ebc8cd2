"""Slow measurements of chapters 01 and A: sampling rates, rates of entropy networks, learned against built."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch

from lrnrbook.data import WaveData
from lrnrbook.layers import Ranks
from lrnrbook.model import MetaNetwork
from lrnrbook.training import fit
from study.ledger.records import begun, fill
from study.theory import barron, entropy
from study.theory.conservation import FLUXES, PROFILES, Flux, Profile, lax_oleinik, track
from study.theory.constructions import advection, interpolant, plane_waves, values, wave

SIZES = range(4, 15)  # M = 2^k
DRAWS = 20
FEW, LARGE = 4, 12  # draws above 2^LARGE
UNTIL = {"burgers": {"mergers": 0.7, "wave": 0.7, "shapes": 0.8},
         "quartic": {"mergers": 0.35, "wave": 0.35, "shapes": 0.5}}  # last times: the support stays in (0, 1)
GRID = 2048  # midpoints of (0, 1) at which entropy solutions are compared
TIMES = 24
MERGED = 0.01  # of T after a merger, when shocks are looked for
SHOCK = 0.15  # least size of a shock that counts
SEEDS = 5
WIDTH = 128
STEPS = 4000


def sampling(dim: int, method: str, k: int) -> dict[str, list[float]]:
    """Errors of draws of width 2^k: "h1", "ut", "l2" of the wave (Thm. 3.2), "advection" in L2 (Thm. 3.3)."""
    problem, draws = barron.Problem(dim), DRAWS if k <= LARGE else FEW
    stratified, times = method == "stratified", (0.0, 0.5)
    rows = [barron.wave_errors(problem, 2**k // 4, seed, stratified, times) for seed in range(draws)]
    found = {name: [row[name] for row in rows] for name in rows[0]}
    found["advection"] = [barron.advection_error(problem, 2**k, seed, stratified, times) for seed in range(draws)]
    return {name: [float(f"{value:.4g}") for value in column] for name, column in found.items()}


def energy(dim: int, c: int, velocity: bool) -> dict[str, list[float]]:
    """Energy of the error over 41 times, "printed" and "right" (3.20), of 64 stratified ridges of each kind."""
    times = np.linspace(0, 0.5 / c, 41)
    found = barron.energies(barron.Problem(dim, float(c), 0.5 / c, k_v=4.0 if velocity else 0.0), 64, 0, times)
    return {kind: [float(f"{value:.5g}") for value in column] for kind, column in found.items()} | {
        "t": times.tolist()}


def shock(x: np.ndarray, u: np.ndarray, near: float, reach: float, level: float) -> float:
    """Where u falls through `level` nearest to `near`, within `reach`; NaN if nowhere."""
    at = np.flatnonzero((u[:-1] >= level) & (u[1:] < level) & (np.abs(x[:-1] - near) <= reach))
    return float(x[at[np.abs(x[at] - near).argmin()]] + 0.5 * (x[1] - x[0])) if len(at) else math.nan


def reference(flux_name: str, data_name: str) -> dict:
    """Lax-Oleinik solution at `TIMES` times, and shocks (t, place, level) after each merger of two shocks."""
    flux, data, until = FLUXES[flux_name], PROFILES[data_name], UNTIL[flux_name][data_name]
    x, t = (np.arange(GRID) + 0.5) / GRID, until * (np.arange(TIMES) + 1) / TIMES
    after = [time + MERGED * until for time in track(flux, data, 0.005, until).mergers(SHOCK)]
    shocks = []
    for time in after:
        u = lax_oleinik(flux, data, x, time)
        drops = u[:-1] - u[1:]
        shocks += [(time, float(0.5 * (x[j] + x[j + 1])), float(0.5 * (u[j] + u[j + 1])))
                   for j in np.flatnonzero(drops >= SHOCK)]
    return {"x": x, "t": t, "u": np.array([lax_oleinik(flux, data, x, time) for time in t]), "shocks": shocks,
            "flux": flux, "data": data, "until": until}


def _front(flux: Flux, data: Profile, until: float, size: int) -> tuple[MetaNetwork, float]:
    """Front network with delta = 1 / size, and its spacing: 1 over the number of fronts at the start."""
    fronts = track(flux, data, 1 / size, until)
    return entropy.front_network(fronts, until), 1 / int((fronts.born == 0).sum())


def _particle(flux: Flux, data: Profile, until: float, size: int) -> tuple[MetaNetwork, float]:
    return entropy.particle_network(entropy.particles(flux, data, size, until), until), 1 / size


def _strip(flux: Flux, data: Profile, until: float, size: int, dilated: bool = False) -> tuple[MetaNetwork, float]:
    x = np.linspace(0, 1, size + 1)
    frames = np.array([lax_oleinik(flux, data, x, (j + 0.5) * until / size) for j in range(size)])
    frames[:, [0, -1]] = 0
    if dilated:
        return entropy.dilation_strip(x, frames, until, ratio=2.0 * size), 1 / size
    return entropy.film_strip(x, frames, until), 1 / size


def _dilated(flux: Flux, data: Profile, until: float, size: int) -> tuple[MetaNetwork, float]:
    return _strip(flux, data, until, size, dilated=True)


# Kind of network: how it is built, sizes (1 / delta, particles, frames).
NETWORKS: dict[str, tuple[Callable, tuple[int, ...]]] = {
    "fronts": (_front, (10, 20, 40, 80, 160)), "particles": (_particle, (25, 50, 100, 200, 400)),
    "film strip": (_strip, (4, 8, 16, 32)), "dilation strip": (_dilated, (2, 4, 6))}


def entropy_rows(flux_name: str, data_name: str) -> dict:
    """Errors of every kind of network in L1, largest over the times, and of the shocks after mergers in spacings."""
    known, out = reference(flux_name, data_name), {}
    for kind, (build, sizes) in NETWORKS.items():
        rows = []
        for size in sizes:
            try:
                model, spacing = build(known["flux"], known["data"], known["until"], size)
            except ValueError:  # more particles than float64 can scale
                break
            errors = np.abs(values(model, known["x"], known["t"]) - known["u"]).mean(1)
            off = [abs(shock(known["x"], values(model, known["x"], t), at, 0.1, level) - at)
                   for t, at, level in known["shocks"]]
            rows.append({"size": size, "width": max(model.lrnr.dims), "count": model.ranks.total,
                         "ranks": str(model.ranks), "error": float(f"{errors.max():.4g}"),
                         "mean": float(f"{errors.mean():.4g}"),
                         "shocks": [None if math.isnan(v) else float(f"{v / spacing:.3g}") for v in off]})
        out[kind] = rows
    return out | {"norm": float(np.abs(known["u"]).mean(1).max()), "variation": known["data"].variation,
                  "shocks": known["shocks"], "until": known["until"]}


def shallow(k: int) -> dict:
    """Least squares with 2^k ridges of (x, t), ranks (1, 1; 2, 0), on Burgers' equation and "mergers": 4 coefficients.

    No proof stands behind it: the ridges are 2^(k/2) directions times as many offsets, fitted on a grid of (x, t).
    """
    flux, data, until = FLUXES["burgers"], PROFILES["mergers"], UNTIL["burgers"]["mergers"]
    x, t = (np.arange(192) + 0.5) / 192, until * (np.arange(96) + 1) / 96
    u = np.array([lax_oleinik(flux, data, x, time) for time in t])
    n = 2 ** (k // 2)
    angle = np.repeat(np.pi * (np.arange(n) + 0.5) / n, 2**k // n)
    w = np.stack([np.cos(angle), np.sin(angle)], 1)
    corners = w @ np.array([[0, 0, 1, 1], [0, until, 0, until]])
    share = (np.tile(np.arange(2**k // n), n) + 0.5) / (2**k // n)
    b = -(corners.min(1) + share * np.ptp(corners, axis=1))
    points = np.stack(np.broadcast_arrays(x, t[:, None]), -1).reshape(-1, 2)
    features = np.maximum(points @ w.T + b, 0)
    a = np.linalg.lstsq(features, u.ravel(), rcond=1e-8)[0]
    size = np.abs(w[:, 0])
    model = plane_waves(a * size, np.sign(w[:, :1]), b / size, w[:, 1] / size, [(0, 1)], until)
    errors = np.abs(values(model, x, t) - u).mean(1)
    return {"width": 2**k, "count": model.ranks.total, "error": float(errors.max()), "mean": float(errors.mean())}


def bump(x):
    """Smooth initial value of the learned networks."""
    return np.exp(-(((np.asarray(x) - 0.35) / 0.08) ** 2))


def learning_problem(name: str) -> tuple[WaveData, MetaNetwork, dict[str, Ranks]]:
    """Data of a problem, the network built by hand at width about `WIDTH`, and the ranks to train."""
    x, t = (np.arange(256) + 0.5) / 256, np.linspace(0, 0.4, 41)
    linear = Ranks((1, 1), (2, 0))
    if name == "burgers":
        nodes = np.linspace(0.05, 0.65, 201)
        data = Profile.of(nodes, np.r_[0, bump(nodes[1:-1]), 0])
        u = np.array([data(x), *(lax_oleinik(FLUXES["burgers"], data, x, time) for time in t[1:])])
        fronts = next(f for f in (track(FLUXES["burgers"], data, 1 / n, 0.4) for n in range(80, 4, -1))
                      if max(entropy.front_network(f, 0.4).lrnr.dims) <= WIDTH)
        built = entropy.front_network(fronts, 0.4)
        ranks = {"Thm. 3.4": Ranks((1, 2, 1, 1, 1), (1, 1, 2, 2, 0)), "fronts": Ranks((1, 1, 1), (2, 0, 0))}
        return _as_data(name, x, t, u), built, ranks
    count = WIDTH if name == "advection" else WIDTH // 2
    nodes = np.linspace(0.05, 0.65, count)
    sum_of = interpolant(nodes, np.r_[0, bump(nodes[1:])])
    if name == "advection":
        built, u = advection(sum_of, [0.8], [(0, 1)], 0.4), bump(x - 0.8 * t[:, None])
    else:
        built = wave(sum_of, None, 0.8, [(0, 1)], 0.4)
        u = 0.5 * (bump(x - 0.8 * t[:, None]) + bump(x + 0.8 * t[:, None]))
    return _as_data(name, x, t, u), built, {"Thm. 3.3" if name == "advection" else "Thm. 3.2": linear}


def _as_data(name: str, x, t, u) -> WaveData:
    return WaveData.from_arrays(t, x, u, ["u"], domain=[(0.0, 1.0)], name=name)


PROBLEMS = ("advection", "wave", "burgers")


def error_of(model: MetaNetwork, data: WaveData) -> float:
    """E1 of a network built by hand, as `lrnrbook.errors` has it."""
    u = np.stack([frame.u[:, 0] for frame in data])
    return float(np.abs(values(model, data[0].x, data.t) - u).sum() / np.abs(u).sum())


def learned(name: str, theorem: str, activation: str, seed: int) -> dict:
    """Train a network of a theorem's ranks, and of the built one's width: E1, seconds, steps."""
    torch.set_num_threads(1)
    data, built, ranks = learning_problem(name)
    depth = len(ranks[theorem].weights)
    result = fit(data, "laptop", epochs=STEPS // 6, seed=seed, progress=False, width=WIDTH, depth=depth,
                 rank=ranks[theorem], activation=activation, hyper_output="linear", prune=0.0, batch_times=8,
                 batch_points=64, lambda_ortho=0.0)
    samples = result.record["errors"]["samples"]
    return {"e1": samples["q1"]["u"]["points"] if samples else None, "built": error_of(built, data),
            "width": max(built.lrnr.dims), "count": ranks[theorem].total, "built count": built.ranks.total,
            "steps": result.record["steps"], "seconds": result.record["seconds"], "stop": result.stop_reason}


def _tasks() -> Iterator[tuple[str, Callable, tuple]]:
    """(key, function, arguments) of every row, quick ones first."""
    for flux_name in FLUXES:
        for data_name in PROFILES:
            yield f"entropy | {flux_name} | {data_name}", entropy_rows, (flux_name, data_name)
    for dim in (1, 2):
        for c in (1, 2):
            for velocity in (True, False):
                yield f"energy | {dim} | {c} | {velocity}", energy, (dim, c, velocity)
    for k in (4, 6, 8):
        yield f"shallow | {k}", shallow, (k,)
    for k in SIZES:
        for dim in (1, 2):
            for method in ("stratified", "independent"):
                yield f"sampling | {dim} | {method} | {k}", sampling, (dim, method, k)
    for seed in range(SEEDS):
        for name in PROBLEMS:
            for theorem in ("Thm. 3.3",) if name == "advection" else (
                    ("Thm. 3.2",) if name == "wave" else ("Thm. 3.4", "fronts")):
                for activation in ("relu", "tanh"):
                    yield (f"learned | {name} | {theorem} | {activation} | {seed}", learned,
                           (name, theorem, activation, seed))


def measure(path, only: str = "") -> dict:
    """Measure what is missing in the record at `path`, row by row; interrupt it and call again to go on.

    Parameters
    ----------
    path : path
        JSON record; delete it, or rows of it, to measure anew.
    only : str
        Begin of the rows' names, as "sampling"; by default all.
    """
    record = begun(path)
    return fill(path, record, {key: partial(function, *arguments) for key, function, arguments in _tasks()
                               if key.startswith(only) and key not in record["rows"]})
