"""Benchmark of FastLRNR's speed: cost against width and rank, one value, gradients, memory, break-even; one thread.

Candidates that are compared take turns, and the least time of each counts: what disturbs one disturbs all.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import torch
from scipy.interpolate import CubicSpline
from torch.utils.flop_counter import FlopCounterMode
from tqdm.auto import tqdm

from lrnrbook.fast import FastLRNR
from lrnrbook.files import write_json
from lrnrbook.hyper import HyperNetwork, initial_scales
from lrnrbook.layers import ACTIVATIONS
from lrnrbook.machine_code import compiled
from lrnrbook.model import LRNR, MetaNetwork
from lrnrbook.normalisation import Normalisation
from lrnrbook.truncation import truncate
from study.instruments.costs import BytesMoved, peak
from study.ledger.models import load_pretrained
from study.ledger.records import machine

POINTS, TIMES = 64, 1000
WIDTHS, DENSE = (256, 512, 1024, 2048, 4096, 8192), 2048
RANKS = (8, 16, 32, 48, 64, 96)
TARGET = 1e-4


def measure(path) -> dict:
    """Measure everything, some minutes during which nothing else should run; parts that the record has are kept."""
    torch.set_num_threads(1)
    parts = {"peak": peak, "width": _width, "rank": _rank, "paper": _paper, "gradients": _gradients,
             "one value": _one_value, "build": _build, "siren": _siren}
    path = Path(path)
    record = json.loads(path.read_text()) if path.exists() else {}
    record |= {"points": POINTS, "times": TIMES, "machine": machine(), "date": date.today().isoformat()}
    todo = {name: part for name, part in parts.items() if name not in record}
    for name, part in (bar := tqdm(todo.items(), unit="part")):
        bar.set_description(name)
        record[name] = part()
        write_json(path, record)
        gc.collect()
    return record


def turns(actions: dict[str, Callable], rounds: int = 5) -> dict[str, float]:
    """Least seconds of each of some actions that take turns, after one call to warm up."""
    least = dict.fromkeys(actions, float("inf"))
    for k in range(rounds + 1):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            if k:
                least[name] = min(least[name], time.perf_counter() - start)
    return least


def counted(action: Callable) -> dict[str, float]:
    """Multiplications in matrix products, and bytes into and out of all operations, of one call."""
    with FlopCounterMode(display=False) as flops, BytesMoved() as moved:
        action()
    return {"operations": flops.get_total_flops() / 2, "bytes": moved.total}


def network(width: int, rank: int, depth: int, fields: int = 3) -> MetaNetwork:
    """Random network of a size, its hypernetwork that of Table 1's Euler, coefficients varying by half their size."""
    lrnr = LRNR.random((1, *[width] * (depth - 1), fields), rank, seed=0)
    hyper = HyperNetwork(initial_scales(lrnr), 25, 4, "linear", seed=0, spread=0.5)
    box = Normalisation(((0.0, 1.0),), (0.0, 1.0), (1.0,) * fields)
    return MetaNetwork(lrnr, hyper, box, [f"u{k}" for k in range(fields)])


def _setting(model) -> tuple[torch.Tensor, torch.Tensor]:
    low, high = model.domain[0]
    x = low + (high - low) * np.random.default_rng(0).random((POINTS, 1))
    return torch.as_tensor(x), torch.as_tensor(np.linspace(*model.times, TIMES))


def whole(model, x, s, most: int = 2**21) -> torch.Tensor:
    """The full network at all times, so many of them at a time that the hidden states fit the cache."""
    few = max(1, most // (len(x) * max(model.lrnr.dims)))
    return torch.cat([model.evaluate(x, part) for part in s.split(few)])


def _dense(model, x, s, times: int = 8) -> float:
    """Seconds for all times of a network whose W(t) is formed at each: measured at a few of them."""
    x, sigma = model.tensor(2 * x - 1), ACTIVATIONS[model.lrnr.activation]

    def run():
        for k in range(times):
            z, pairs = x, model.lrnr.split(s[k * len(s) // times])
            for i, (layer, (s1, s2)) in enumerate(zip(model.lrnr.layers, pairs, strict=True)):
                z = (sigma(z) if i else z) @ layer.weight(s1).T + layer.B @ s2

    return turns({"dense": run}, 2)["dense"] * len(s) / times


@torch.no_grad()
def _width() -> dict:
    """Cost against the width, rank 48 of the factors and 32 of the bases."""
    found = {}
    for width in WIDTHS:
        model = network(width, 48, 4)
        x, t = _setting(model)
        fast, s = FastLRNR.build(model, x, 32, np.linspace(0, 1, 101)), model.coefficients(t)
        actions = {"full": lambda m=model, x=x, s=s: whole(m, x, s), "fast": lambda f=fast, s=s: f.evaluate(s)}
        seconds = turns(actions, 3 if width < 4096 else 2)
        row = {name: counted(action) | {"seconds": seconds[name]} for name, action in actions.items()}
        if width <= DENSE:
            row["dense"] = {"seconds": _dense(model, x, s)}
        found[str(width)] = row | {"value": [_value(model), fast.operations]}
    return found


def _value(model) -> int:
    """Multiplications of one value of the full network at one point and time, hypernetwork aside."""
    return sum((a.shape[1] + 1) * r1 + a.shape[0] * (r1 + r2)
               for a, (r1, r2) in ((layer, layer.ranks) for layer in model.lrnr.layers))


@torch.no_grad()
def _rank() -> dict:
    """Cost of the compressed network against its rank; width 1024, rank 48 of the factors."""
    model = network(1024, 48, 4)
    x, t = _setting(model)
    s = model.coefficients(t)
    networks = {str(k): FastLRNR.build(model, x, k, np.linspace(0, 1, 201)) for k in RANKS}
    seconds = turns({k: lambda f=f: f.evaluate(s) for k, f in networks.items()})
    return {k: {"seconds": seconds[k], "operations": f.operations} for k, f in networks.items()}


@torch.no_grad()
def _paper() -> dict:
    """Table 1's Euler (M 1200, r 150, L 5), random weights: at the rank for 1e-4, and at that of the trained models."""
    model = network(1200, 150, 5)
    x, t = _setting(model)
    s, snapshots, few = model.coefficients(t), np.linspace(0, 1, 401), np.linspace(0, 1, 99)
    u = whole(model, x[:4], model.coefficients(few))

    def error(k):
        return float((FastLRNR.build(model, x[:4], k, snapshots)(few) - u).norm() / u.norm())

    errors = {k: error(k) for k in RANKS}
    ranks = {next((k for k in RANKS if errors[k] <= TARGET), RANKS[-1]), 48, 64}
    networks = {str(k): FastLRNR.build(model, x, k, snapshots) for k in sorted(ranks)}
    actions = {"full": lambda: whole(model, x, s)} | {k: lambda f=f: f.evaluate(s) for k, f in networks.items()}
    seconds = turns(actions, 3)
    rows = {name: counted(action) | {"seconds": seconds[name]} for name, action in actions.items()}
    return {"rows": rows, "errors": {str(k): e for k, e in errors.items()}}


def _gradients() -> dict:
    """Forward and backward through a misfit, gradient with respect to s: width, number of points and threads apart."""
    cases = {"euler, laptop, rank 64": (load_pretrained("euler"), 64, 1601),
             "M 1200, r 150, rank 64": (network(1200, 150, 5), 64, 401)}
    cases |= {f"M {m}, r 48, rank 32": (network(m, 48, 4), 32, 101) for m in (256, 1024, 4096)}
    return {name: _gradient(*case) for name, case in cases.items()}


def _gradient(model, rank: int, snapshots: int) -> dict[str, float]:
    """Seconds of a gradient by full and compressed network at the points and a tenth of the times."""
    x, t = _setting(model)
    fast, s = FastLRNR.build(model, x, rank, np.linspace(*model.times, snapshots)), model.coefficients(t[::10]).detach()
    model.requires_grad_(False)

    def gradient(evaluate):
        free = s.clone().requires_grad_()
        return torch.autograd.grad(evaluate(free).square().mean(), free)

    actions = {"full": lambda: gradient(lambda s: model.evaluate(x, s)), "fast": lambda: gradient(fast.evaluate)}
    many = x.repeat(8, 1)
    found = turns(actions | {"full, 8 times the points": lambda: gradient(lambda s: model.evaluate(many, s))}, 3)
    torch.set_num_threads(2)
    found |= {f"{name}, two threads": seconds for name, seconds in turns(actions, 3).items()}
    torch.set_num_threads(1)
    return found


@torch.no_grad()
def _one_value(calls: int = 20_000) -> dict:
    """One value at one point and time, hypernetwork included: truncated Euler model, float32; microseconds a call."""
    model, _ = truncate(load_pretrained("euler"))
    times = [float(t) for t in np.random.default_rng(0).uniform(*model.times, calls)]
    unseen = np.linspace(*model.times, 499)[1:-1]
    exact = model.double()([0.69], unseen)
    found = {}
    for rank, pieces in ((48, 1), (64, 1), (32, 4), (48, 4)):
        fast = FastLRNR.build(model.float(), [0.69], rank, np.linspace(*model.times, 3201), pieces=pieces)
        gauge = compiled(fast)
        error = float((torch.as_tensor(gauge(unseen)).double() - exact).norm() / exact.norm())
        row = {"compiled": (gauge, calls), "FastLRNR": (fast, 1000), "full": (lambda t: model([0.69], t), 1000)}
        found[f"rank {rank}, {pieces} piece" + "s" * (pieces > 1)] = {"error": error, "operations": fast.operations} | {
            name: _latency(call, times[:count]) for name, (call, count) in row.items()}
    return found


def _latency(call: Callable, times: list[float]) -> dict[str, float]:
    """Median and 99th percentile of the microseconds of a call, over the times."""
    call(times[0])
    taken = []
    for t in times:
        start = time.perf_counter_ns()
        call(t)
        taken.append(time.perf_counter_ns() - start)
    return {"median": float(np.median(taken)) / 1e3, "p99": float(np.percentile(taken, 99)) / 1e3}


@torch.no_grad()
def _build() -> dict:
    """What a FastLRNR costs and when it has paid for itself: Euler at the points, float32; and a spline beside it."""
    model, _ = truncate(load_pretrained("euler"))
    x, t = _setting(model)
    s, found = model.coefficients(t), {}
    for rank, pieces in ((64, 1), (48, 4)):
        start = time.perf_counter()
        fast = FastLRNR.build(model, x, rank, np.linspace(*model.times, 3201), pieces=pieces)
        build, gauge = time.perf_counter() - start, compiled(fast)
        seconds = turns({"full": lambda: whole(model, x, s), "fast": lambda f=fast: f(t),
                         "compiled": lambda g=gauge: g(t.numpy())}, 3)
        gain = (seconds["full"] - seconds["fast"]) / (POINTS * TIMES)
        u = whole(model, x, s)
        found[f"rank {rank}, {pieces} piece" + "s" * (pieces > 1)] = seconds | {
            "build": build, "pays after": build / gain if gain > 0 else None,
            "error": float((fast(t) - u).norm() / u.norm()),
            "bytes": sum(a.numel() * a.element_size() for a in fast.state_dict().values()),
            "model bytes": sum(a.numel() * a.element_size() for a in model.state_dict().values())}
    nodes = np.linspace(*model.times, 3201)
    start = time.perf_counter()
    spline = CubicSpline(nodes, whole(model, x, model.coefficients(nodes)).numpy())
    build = time.perf_counter() - start
    v, seconds = spline(t.numpy()), turns({"spline": lambda: spline(t.numpy())}, 3)["spline"]
    found["cubic spline, 3201 times"] = {"fast": seconds, "build": build, "bytes": spline.c.nbytes,
                                         "error": float(np.linalg.norm(v - u.numpy()) / u.norm())}
    return found


@torch.no_grad()
def _siren(times: int = 20) -> dict:
    """Hypernetwork-SIREN of 4.3.2 (512 x 5, hypernetwork 256 wide), random weights: seconds for all times."""
    lrnr = LRNR.dense((1, *[512] * 4, 3))
    hyper = HyperNetwork(torch.full((lrnr.ranks.total,), 0.01), 256, 3, "linear")
    model = MetaNetwork(lrnr, hyper, Normalisation(((0.0, 1.0),), (0.0, 1.0), (1.0,) * 3), list("abc"))
    x, t = _setting(model)
    seconds = turns({"siren": lambda: model(x, t[:times])}, 2)["siren"] * TIMES / times
    return {"seconds": seconds, "parameters": sum(p.numel() for p in model.parameters())}
