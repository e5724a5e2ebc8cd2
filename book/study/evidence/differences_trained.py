"""What the paper's slips and silences amount to, measured with the shipped data, models and records."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import torch

from lrnrbook.datasets import load_data
from lrnrbook.fast import FastLRNR
from lrnrbook.modes import hypermodes
from lrnrbook.patches import finest_grid
from lrnrbook.recipes import get_recipe
from lrnrbook.trainer import new_model
from lrnrbook.truncation import column_norms, truncate
from study.evidence.differences import THRESHOLD, listed
from study.fast.measure import key
from study.instruments.tables import TABLE_2
from study.ledger.models import load_pretrained, load_record
from study.ledger.records import load_measurement
from study.ledger.verdicts import SETS


@torch.no_grad()
def _sizes(name: str, scaled: bool = True):
    """The shipped model and the largest size of each of its coefficients over 801 times, in unit columns or not."""
    model = load_pretrained(name)
    size = model.coefficients(np.linspace(*model.times, 801)).abs().amax(0)
    return model, size * column_norms(model.lrnr) if scaled else size


def _count(values: np.ndarray) -> int:
    return int((values > THRESHOLD * values[0]).sum())


@torch.no_grad()
def scaling() -> dict[str, dict[str, int]]:
    """Coefficients kept, and hypermodes, at 5e-5: with columns of norm 1 and as trained; after `s / 100, 100 U` too.

    The last multiplies U of layer 1 by 100 and divides its coefficients by as much, which leaves the network the same.
    """
    rows = {}
    for name in SETS:
        model, unit = _sizes(name)
        _, raw = _sizes(name, scaled=False)
        s = model.coefficients(np.linspace(*model.times, 801)).double()
        moved = torch.ones_like(unit)
        moved[: model.ranks.weights[0]] = 100
        kinds = {"unit columns": column_norms(model.lrnr).double(), "as trained": torch.ones_like(unit),
                 "layer 1 rescaled": 1 / moved}
        rows[name] = {}
        for label, size in (("unit columns", unit), ("as trained", raw), ("layer 1 rescaled", raw / moved)):
            rows[name][f"kept, {label}"] = int((size > THRESHOLD * size.max()).sum())
        for label, factor in kinds.items():
            rows[name][f"hypermodes, {label}"] = _count(torch.linalg.svdvals(s * factor).numpy())
    return rows


@torch.no_grad()
def clocks() -> pd.DataFrame:
    """Before training, at Table 1's sizes: coefficients kept and hypermodes, by the time the hypernetwork is fed."""
    rows = {}
    for name in SETS:
        r, weights, biases, count = TABLE_2[name]
        rows[name] = {"last time": load_data(name).t[-1]}
        for label, time in (("raw", "raw"), ("in [-1, 1]", "unit")):
            recipe = get_recipe("paper", name, hyper_start="default", hyper_time=time)
            small, ranks = truncate(model := new_model(load_data(name), recipe, 0))
            rows[name][f"kept, time {label}"] = f"{100 * ranks.total / model.ranks.total:.0f} %"
            rows[name][f"modes, time {label}"] = hypermodes(small).count()
        kept = sum(weights) + sum(biases)
        rows[name] |= {"kept, Table 2": f"{100 * kept / (2 * r * len(weights)):.0f} %", "modes, Table 2": count}
    return pd.DataFrame.from_dict(rows, orient="index")


def thresholds() -> dict[str, tuple[int, int]]:
    """Coefficients above 5e-5 of the largest of the model, and of the largest of their own layer and kind."""
    rows = {}
    for name in SETS:
        model, size = _sizes(name)
        parts = [part for pair in model.lrnr.split(size) for part in pair if len(part)]
        rows[name] = (int((size > THRESHOLD * size.max()).sum()),
                      sum(int((part > THRESHOLD * part.max()).sum()) for part in parts))
    return rows


@torch.no_grad()
def snapshots(counts=(81, 801, 3201)) -> dict[str, dict[str, int]]:
    """Hypermodes at 5e-5 with so many snapshots in (5.1), and with the mean over time taken off first."""
    rows = {}
    for name in SETS:
        model = truncate(load_pretrained(name))[0]
        s = {n: model.coefficients(np.linspace(*model.times, n)).double() for n in counts}
        rows[name] = {f"{n} times": _count(torch.linalg.svdvals(values).numpy()) for n, values in s.items()}
        middle = s[counts[1]]
        rows[name]["centred"] = _count(torch.linalg.svdvals(middle - middle.mean(0)).numpy())
    return rows


@torch.no_grad()
def doubled() -> dict[str, float]:
    """Relative l1 change of the field if delta s contains Phi c(t), as (5.7) prints it: u(x; 2 s(t)) for u(x; s(t))."""
    rows = {}
    for name in SETS:
        model, data = load_pretrained(name), load_data(name)
        change = []
        for k in range(0, len(data), 10):
            s, x = model.coefficients(data.t[k]), data[k].x[::7]
            u = model.evaluate(x, s)
            change.append(float((model.evaluate(x, 2 * s) - u).abs().sum() / u.abs().sum()))
        rows[name] = float(np.median(change))
    return rows


def frame_norms() -> dict[str, tuple[float, int]]:
    """Largest over least mean of ``|u|`` over the frames of a field, vanishing frames left out, and their number."""
    rows = {}
    for name in SETS:
        data = load_data(name)
        means = np.array([np.abs(frame.u).mean(0) for frame in data])
        for field, values in zip(data.fields, means.T, strict=True):
            some = values[values > 0]
            rows[f"{name}, {field}"] = (float(some.max() / some.min()), int((values == 0).sum()))
    return rows


def weighted_errors() -> dict[str, float]:
    """Area-weighted over unweighted relative l1 error at the samples, 2d sets."""
    rows = {}
    for name in SETS[1:]:
        found = next(iter(load_record(name)["errors"]["samples"]["q1"].values()))
        rows[name] = found["area"] / found["points"]
    return rows


def last_biases() -> dict[str, tuple[int, int, int]]:
    """Bias coefficients of the last layer in Table 2, in the shipped model, and values of u: more are never needed."""
    rows = {}
    for name in SETS:
        small, ranks = truncate(load_pretrained(name))
        rows[name] = (TABLE_2[name][2][-1], ranks.biases[-1], len(small.fields))
    return rows


@torch.no_grad()
def reduced_change() -> dict[str, float]:
    """Relative l2 change of u by projecting the coefficients onto r-bar hypermodes (5.6): (6.10) has it, (6.11) not."""
    rows = {}
    for name in SETS:
        model = load_pretrained(name).double()
        modes = hypermodes(model)
        low, high = model.domain.T
        x = low + (high - low) * np.random.default_rng(0).random((100, len(low)))
        t = np.linspace(*model.times, 60)
        u = model(x, t)
        rows[name] = float((modes.reduced(modes.count())(x, t) - u).norm() / u.norm())
    return rows


@torch.no_grad()
def literal_last_layer() -> dict[str, float]:
    """Relative l2 error of FastLRNR (Euler, x = 0.69) with the last layer right, and without V-hat^T as in (6.9)."""
    model = load_pretrained("euler").double()
    last = model.ranks.weights[-1]  # the shapes of (6.9) fit only if the reduced width is r1
    fast = FastLRNR.build(model, [[0.69]], [last] * (len(model.lrnr.layers) - 1), np.linspace(*model.times, 801))
    literal = copy.deepcopy(fast)
    literal.factors[0].V[-1].data = torch.eye(last, dtype=torch.float64)[None]
    t = np.linspace(*model.times, 118)[1:-1]
    u = model(fast.x, t)
    return {name: float((f(t) - u).norm() / u.norm()) for name, f in (("corrected", fast), ("printed", literal))}


def ranks_needed(points: str = "deim") -> dict[str, dict[str, str]]:
    """Rank for an error of 1e-4 if the median point decides, all points together, or the worst; r1 and r1 + r2."""
    rows = {}
    for name in SETS:
        found = load_measurement("benchmark-fastlrnr")["rows"][key(name, points=points)]
        judged = {"median point": lambda r: np.median(r["errors"]), "all together": lambda r: r["together"],
                  "worst point": lambda r: max(r["errors"])}
        rows[name] = {
            label: next((rank for rank in sorted(found, key=int) if error(found[rank]) <= 1e-4), "–")
            for label, error in judged.items()}
        ranks = truncate(load_pretrained(name))[1]
        hidden = np.array([ranks.weights[:-1], ranks.biases[:-1]])
        rows[name] |= {"r1": f"{np.median(hidden[0]):g}", "r1 + r2": f"{np.median(hidden.sum(0)):g}"}
    return rows


def fan(levels=(0.3, 0.5, 0.7)) -> dict[float, float]:
    """How far levels of the Burgers fan move along x1 = x2 between t = 0.375 and 0.625, in the data."""
    data, places = load_data("burgers"), []
    for k in (12, 20):
        frame = data[k]
        u = np.diag(finest_grid(frame.x, frame.u, frame.area, data.domain)[:, :, 0])
        top = int(u.argmax())
        places.append(np.interp(levels, u[:top], (np.arange(top) + 0.5) / len(u)))
    return dict(zip(levels, (places[1] - places[0]).tolist(), strict=True))


def upper_strip() -> tuple[float, float]:
    """Acoustics: largest pressure within 0.2 of the upper side at t = 0.04, and the first time it exceeds 0.01."""
    data = load_data("acoustics")
    most = [float(np.abs(frame.u[frame.x[:, 1] > 0.8, 0]).max()) for frame in data]
    return most[4], float(data.t[next(k for k, value in enumerate(most) if value > 0.01)])


def switch() -> dict[str, float]:
    """Misfit of a run on Euler before and after the switch from q = 2 to q = 1, and the root of the one before."""
    history = load_record("euler", "short")["history"]
    k = history["q"].index(1)
    before, after = history["misfit"][k - 1], history["misfit"][k]
    return {"MSE": before, "its root": before**0.5, "l1": after}


def silences() -> dict[str, float]:
    """Mean relative l1 error of short runs with another choice where the paper is silent, over that of the recipe."""
    rows = load_measurement("race-recipe-euler")["rows"]
    mean = {name: float(np.mean(list(row["e1"].values()))) for name, row in rows.items()}
    chosen = ("sine", "hypernetwork 25 x 4", "mollifier 0.01", "batches 32 x 64", "depth 4")
    return {name: mean[name] / mean["laptop recipe"] for name in chosen}


def off_by(tube: tuple[np.ndarray, np.ndarray], t: float = 0.0285) -> float:
    """Relative l1 difference of a pressure from `study.evidence.differences.tube` to the data at that time."""
    data = load_data("euler")
    frame = data[data.index(t)]
    pressure = frame.u[:, data.fields.index("pressure")]
    return float(np.abs(np.interp(frame.x[:, 0], *tube) - pressure).sum() / pressure.sum())


def measured() -> dict[str, str]:
    """The numbers of this module as the chapter on differences writes them, by name."""
    jump, norms, literal, strip, bias = switch(), frame_norms(), literal_last_layer(), upper_strip(), last_biases()
    rows = scaling().values()
    kept = [{value for key, value in row.items() if key.startswith("kept")} for row in rows]
    modes = [[value for key, value in row.items() if key.startswith("hypermodes")] for row in rows]
    return {
        "mse": f"{jump['MSE']:.4f}", "root": f"{jump['its root']:.3f}", "l1": f"{jump['l1']:.3f}",
        "norm-velocity": f"{norms['euler, velocity'][0]:.0f}", "norm-zero": str(norms["euler, velocity"][1]),
        "norm-others": f"{max(ratio for name, (ratio, _) in norms.items() if 'velocity' not in name):.1f}",
        "areas": listed(weighted_errors()), "silent": listed(silences()),
        "doubled": listed(doubled()), "reduced": listed(reduced_change(), ".1e"),
        "literal": f"{literal['printed']:.2f}", "literal-right": f"{literal['corrected']:.0e}",
        "bias": ", ".join(f"{paper} / {ours} ({name})" for name, (paper, ours, _) in bias.items()),
        "fields": ", ".join(str(fields) for *_, fields in bias.values()),
        "limits": ", ".join(f"{whole} / {own} ({name})" for name, (whole, own) in thresholds().items()),
        "kept-same": f"the same in {sum(len(values) == 1 for values in kept)} of {len(kept)} models",
        "modes-change": str(max(max(values) - min(values) for values in modes)),
        "strip": f"{strip[0]:.0e}", "strip-time": f"{strip[1]:.3f}",
        "fan": ", ".join(f"{move:+.3f} (u = {level:g})" for level, move in fan().items()),
    }
