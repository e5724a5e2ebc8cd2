"""The paper's claims, each decided by a rule that was written down before its number was known.

A claim is data (`CLAIMS`), its check a small function that returns a `Verdict` with the numbers measured.
A failed claim is a result, and a measurement that is missing gives "cannot be tested", never a verdict.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from lrnrbook import (
    claims_ablations,
    claims_coefficients,
    claims_constructions,
    claims_curves,
    claims_extrapolation,
    claims_fast,
    claims_networks,
    claims_outside,
    claims_tangents,
)
from lrnrbook._patches import finest_grid
from lrnrbook.data import WaveData
from lrnrbook.datasets import load_data
from lrnrbook.features import front_errors, fronts
from lrnrbook.layers import ACTIVATIONS, FactoredLayer
from lrnrbook.model import LRNR, MetaNetwork
from lrnrbook.storage import load_pretrained, pretrained
from lrnrbook.subject import SHIPPED, subject
from lrnrbook.verdicts import CANNOT, NOT, PARTLY, REPRODUCED, SETS, Claim, Verdict

CLAIMS = {
    claim.id: claim
    for claim in (
        Claim("C2-1", "(2.4), (2.10), 6.1",
              "over all s the weights' column and row spaces have dimension at most r1, the biases' at most r2, and "
              "the affine outputs at most r1 + r2", "r1, r2, r1 + r2",
              "numerical ranks (1e-10) of W(s), b(s) stacked over 200 random s and of pre-activations over 500 random "
              "(x, s), every layer of all shipped models", "02"),
        Claim("C2-2", "(2.6)-(2.9)", "the factored form equals the sum of rank-1 terms", "exact",
              "factored against dense forward, float64, random s: relative difference at most 1e-12", "02"),
        Claim("C4.2-4", "4.2.2, 4.3.3", "adaptive data save memory and make the mollifier unnecessary", "words only",
              "points a frame / cells of the finest uniform grid below 1 on all three 2d sets, and an MSE of 5e-3 "
              "reached without mollifier on all; partly if one of the two", "03"),
        Claim("C4.3-8", "Fig. 5a, b",
              "at interpolated times rarefactions and shocks are each transported accurately, and the merged peak sits "
              "right though its time must be inferred", "a picture",
              "Euler midpoints after t = 0.0285: every front within one data cell of the solver's; midpoints nearest "
              "the merger: peak within two cells and 5 % in height; the model's time of merger (fronts less than 0.01 "
              "apart) within half a sampling interval. All three: reproduced, two: partly", "04"),
        Claim("C4.3-9", "8, 5", "LRNRs interpolate well in time", "words only",
              "E1 at midpoints at most 1.3 times that at samples on all sets, partly on half of them", "04"),
        Claim("C4.3-10", "4.3", "the set-ups: 81 equal times; the named times, places and shapes fit", "text",
              "from the data alone: 81 times; 0.0285 is a frame and the blasts have merged; the ring crosses at "
              "x2 = 0.75 at t = 0.375; Burgers' tip within 0.05 of (0.4, 0.4) at 1.5; swirl returns at 2 and 4. "
              "All: reproduced, four: partly", "03"),
    )
}


APART = "Shipped models of the paper's own size are decided apart, since they take long: see the paper's size."


def _factored_models() -> list[MetaNetwork]:
    """The models in question; of the shipped ones all LRNRs but those of the paper's size, which take long."""
    if subject() != SHIPPED:
        return [subject().model(*model) for model in subject().models()]
    models = [load_pretrained(*shipped) for shipped in pretrained() if not shipped[1].startswith("paper")]
    return [model for model in models if all(isinstance(layer, FactoredLayer) for layer in model.lrnr.layers)]


def _random_coefficients(model: MetaNetwork, count: int, seed: int) -> torch.Tensor:
    """Random s of the size that each coefficient has in the model, in float64."""
    t = np.linspace(*model.times, 81)
    with torch.no_grad():
        size = model.coefficients(t).abs().amax(0).double().clamp_min(1e-3)
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, len(size), generator=generator, dtype=torch.float64) * size


def _double(lrnr: LRNR) -> LRNR:
    copy = LRNR.random(lrnr.dims, lrnr.ranks, lrnr.activation).double()
    copy.load_state_dict({name: tensor.double() for name, tensor in lrnr.state_dict().items()})
    return copy.requires_grad_(False)


def _rank(matrix: torch.Tensor) -> int:
    """Numerical rank: singular values above 1e-10 of the largest."""
    values = torch.linalg.svdvals(matrix)
    return int((values > 1e-10 * values[0]).sum())


def c2_1() -> Verdict:
    """Ranks of weights, biases and affine outputs over random s, for every layer of the shipped models.

    The span of all column (row) spaces is found from one random vector in each: with 200 of them, more than any
    rank, a dimension above the bound cannot hide.
    """
    checked, excess, full = 0, 0, 0
    generator = torch.Generator().manual_seed(4)
    models = _factored_models()
    for model in models:
        lrnr, s = _double(model.lrnr), _random_coefficients(model, 500, seed=0)
        x = torch.rand(500, 1, lrnr.dims[0], generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 2 - 1
        z = x
        for layer, (s1, s2) in zip(lrnr.layers, lrnr.split(s), strict=True):
            affine = layer(z, s1, s2)  # (500, 1, M_out)
            left, right = (torch.randn(200, 1, n, generator=generator, dtype=torch.float64) for n in layer.shape)
            right.requires_grad_()
            columns = layer(right, s1[:200], torch.zeros_like(s2[:200]))  # W(s) v (200, 1, M_out), and y^T W(s)
            rows, = torch.autograd.grad((left * columns).sum(), right)
            stacks = (columns.detach()[:, 0], rows[:, 0], s2[:200] @ layer.B.T, affine[:, 0])
            r1, r2 = layer.ranks
            bounds = (r1, r1, r2, r1 + r2)
            found = [_rank(stack) for stack in stacks]
            checked += 4
            excess += sum(rank > bound for rank, bound in zip(found, bounds, strict=True))
            full += sum(rank == bound for rank, bound in zip(found, bounds, strict=True))
            z = ACTIVATIONS[lrnr.activation](affine)
    numbers = {"ranks measured": checked, "above the bound": excess, "equal to it": full, "models": len(models)}
    return Verdict(CLAIMS["C2-1"], REPRODUCED if excess == 0 else NOT, numbers, APART)


def c2_2() -> Verdict:
    """Factored forward against dense matrices W(s) summed from rank-1 terms, for every shipped model."""
    worst = 0.0
    for model in _factored_models():
        lrnr, s = _double(model.lrnr), _random_coefficients(model, 5, seed=2)
        x = torch.rand(100, lrnr.dims[0], generator=torch.Generator().manual_seed(3), dtype=torch.float64) * 2 - 1
        z = x.expand(5, -1, -1)
        for i, (layer, (s1, s2)) in enumerate(zip(lrnr.layers, lrnr.split(s), strict=True)):
            W = torch.einsum("tr,mr,kr->tmk", s1, layer.U, layer.V)  # sum over i of s_i u_i v_i^T (2.6), (2.7)
            z = (ACTIVATIONS[lrnr.activation](z) if i else z) @ W.mT + (s2 @ layer.B.T)[:, None]
        factored = lrnr(x, s)
        worst = max(worst, float((factored - z).abs().max() / z.abs().max()))
    return Verdict(CLAIMS["C2-2"], REPRODUCED if worst <= 1e-12 else NOT, {"largest relative difference": worst},
                   APART)


def c4_2_4() -> Verdict:
    """Points of the 2d sets against a uniform grid, and the training error that their models reached."""
    shares, reached = {}, {}
    for name in SETS[1:]:
        data, record = load_data(name), subject().record(name)
        cells = [np.prod(np.diff(data.domain)) / frame.area.min() for frame in data]
        shares[name] = float(np.mean([len(frame.x) for frame in data]) / max(cells))
        history, plain = record["history"], record["recipe"]["mollifier_radius"] == 0
        reached[name] = plain and any(
            misfit < 5e-3 for misfit, q in zip(history["misfit"], history["q"], strict=True) if q == 2)
        reached[name] |= plain and history["switch_epoch"] is not None and record["recipe"]["switch_threshold"] <= 5e-3
    parts = [max(shares.values()) < 1, all(reached.values())]
    numbers = {f"points / cells, {name}": share for name, share in shares.items()}
    numbers["MSE below 5e-3 without mollifier"] = ", ".join(name for name, yes in reached.items() if yes) or "none"
    return Verdict(CLAIMS["C4.2-4"], [NOT, PARTLY, REPRODUCED][sum(parts)], numbers,
                   "Trained by the laptop recipe (SOAP, random points as batches), not by the paper's.")


def _pressure(model: MetaNetwork, x: np.ndarray, t) -> np.ndarray:
    with torch.no_grad():
        return model(x, t)[..., model.fields.index("pressure")].numpy()


def merger_time(x: np.ndarray, t: np.ndarray, pressure: np.ndarray) -> float:
    """Time at which the two fronts of the Euler pressure are 0.01 apart: a line through their distances (T, P).

    The front from the right has about 0.15 of the other's slope, so fronts are taken down to 0.1 of the largest.
    """
    pairs = [(time, fronts(x, p, threshold=0.1)) for time, p in zip(t, pressure, strict=True)]
    gaps = np.array([(time, found[-1] - found[0]) for time, found in pairs if len(found) == 2])
    if len(gaps) < 2:
        return float("nan")
    rate, offset = np.polyfit(gaps[:, 0], gaps[:, 1], 1)
    return float((0.01 - offset) / rate)


def c4_3_8() -> Verdict:
    """Fronts, merged peak and time of merger of the Euler model between the samples."""
    model, samples, midpoints = subject().model("euler"), load_data("euler"), load_data("euler", "midpoints")
    x, j = midpoints[0].x[:, 0], midpoints.fields.index("pressure")
    cell = x[1] - x[0]
    late = [frame for frame in midpoints if frame.t > 0.0285]
    offsets = np.concatenate([front_errors(x, f.u[:, j], _pressure(model, x, f.t)[0]) for f in late]) / cell
    near = midpoints[midpoints.index(0.0278)]  # the solver's fronts merge between 0.0276 and 0.0280
    u, v = near.u[:, j], _pressure(model, x, near.t)[0]
    shift, height = abs(int(v.argmax()) - int(u.argmax())), float(v.max() / u.max() - 1)
    window = [frame for frame in samples if 0.025 < frame.t < 0.0273]
    solver = merger_time(x, [f.t for f in window], [f.u[:, j] for f in window])
    dense = np.linspace(window[0].t, window[-1].t, 41)
    ours = merger_time(x, dense, _pressure(model, x, dense))
    interval = samples.t[1] - samples.t[0]
    parts = [bool(offsets.max() <= 1), shift <= 2 and abs(height) <= 0.05, abs(ours - solver) <= 0.5 * interval]
    numbers = {
        f"fronts at {len(late)} midpoints after 0.0285": len(offsets), "largest offset, cells": float(offsets.max()),
        f"peak at t = {near.t:.5g}: offset, cells": shift, "its relative error in height": height,
        "time of merger, solver": f"{solver:.6f}", "time of merger, model": f"{ours:.6f}",
        "difference, sampling intervals": float(abs(ours - solver) / interval),
        "parts that hold": f"{sum(parts)} of 3 ({', '.join('yes' if part else 'no' for part in parts)})",
    }
    note = ("For the time of merger fronts count from 0.1 of the largest slope on: at the rule's 0.2 the data "
            "show only one front before the merger, and that part could not be tested.")
    return Verdict(CLAIMS["C4.3-8"], [NOT, NOT, PARTLY, REPRODUCED][sum(parts)], numbers, note)


def c4_3_9() -> Verdict:
    """Errors between samples against errors at samples, from the records of the shipped models."""
    ratios = {}
    for name, seed in subject().models():
        found = subject().record(name, seed)["errors"]
        if seed == 0 and found.get("midpoints"):
            between, at = ([row["points"] for row in found[k]["q1"].values()] for k in ("midpoints", "samples"))
            ratios[name] = float(np.mean(between) / np.mean(at))
    numbers = {f"E1 at midpoints / at samples, {name}": ratio for name, ratio in ratios.items()}
    missing = [name for name in SETS if name not in ratios]
    if missing:
        return Verdict(CLAIMS["C4.3-9"], CANNOT, numbers, f"No model yet for {', '.join(missing)}.")
    good = sum(ratio <= 1.3 for ratio in ratios.values())
    return Verdict(CLAIMS["C4.3-9"], REPRODUCED if good == 4 else PARTLY if good >= 2 else NOT, numbers)


def _picture(data: WaveData, t: float) -> np.ndarray:
    """Values of a 2d set with one field on its finest cells (n1, n2), at the sample nearest to t."""
    frame = data[data.index(t)]
    return finest_grid(frame.x, frame.u, frame.area, data.domain)[:, :, 0]


def _crossing(data: WaveData, t: float) -> list[float]:
    """Where the sound is loudest along the side x1 = -1, for x2 < 0 and x2 > 0: there two waves cross."""
    side = _picture(data, t)[0]
    x = -1 + (np.arange(len(side)) + 0.5) * 2 / len(side)
    return [float(x[half][side[half].argmax()]) for half in (x < 0, x > 0)]


def _tip(data: WaveData, t: float) -> float:
    """Place of the steepest fall along the diagonal x1 = x2 of the unit square: the tip of the Burgers shock."""
    diagonal = np.diag(_picture(data, t))
    return float((np.diff(diagonal).argmin() + 1) / len(diagonal))


def c4_3_10() -> Verdict:
    """Times and places that the paper's text names, found in the data."""
    sets = {name: load_data(name) for name in SETS}
    euler, swirl = sets["euler"], sets["advection"]
    pressure = [euler[euler.index(t)].u[:, euler.fields.index("pressure")].max() for t in (0.0266, 0.0285)]
    ring, tip = _crossing(sets["acoustics"], 0.375), _tip(sets["burgers"], 1.5)
    start = _picture(swirl, 0)
    away = {t: float(np.abs(_picture(swirl, t) - start).mean() / start.mean()) for t in (1, 2, 3, 4)}
    parts = {
        "81 equal times, all sets": all(
            len(data) == 81 and np.allclose(np.diff(data.t), data.t[-1] / 80, rtol=1e-9) for data in sets.values()),
        "0.0285 is a frame, after the merger": (
            np.abs(euler.t - 0.0285).min() < 1e-9 and pressure[1] > 2 * pressure[0]),
        "ring crosses within a cell of x2 = 0.75": np.allclose(ring, (-0.75, 0.75), rtol=0, atol=0.01),
        "Burgers' tip": abs(tip - 0.4) <= 0.05,
        "swirl returns": max(away[2], away[4]) < 0.1 * min(away[1], away[3]),
    }
    numbers = {name: "yes" if holds else "no" for name, holds in parts.items()}
    numbers |= {
        "largest pressure at 0.0266, 0.0285": f"{pressure[0]:.0f}, {pressure[1]:.0f}",
        "ring crosses x1 = -1 at t = 0.375 at x2": ", ".join(f"{x:.3f}" for x in ring),
        "Burgers' tip at t = 1.5, x1 = x2": tip,
        "swirl, relative l1 difference from t = 0 at t = 1, 2, 3, 4": ", ".join(f"{away[t]:.3f}" for t in away),
    }
    good = sum(map(bool, parts.values()))
    note = "The swirl counts as returned if less than a tenth of the difference at t = 1 and 3 is left."
    return Verdict(CLAIMS["C4.3-10"], REPRODUCED if good == 5 else PARTLY if good == 4 else NOT, numbers, note)


CHECKS: dict[str, Callable[[], Verdict]] = {
    "C2-1": c2_1, "C2-2": c2_2, "C4.2-4": c4_2_4, "C4.3-8": c4_3_8, "C4.3-9": c4_3_9, "C4.3-10": c4_3_10,
}
_PARTS = (claims_ablations, claims_curves, claims_networks, claims_coefficients, claims_tangents,
          claims_extrapolation, claims_fast, claims_outside, claims_constructions)
for _part in _PARTS:
    CLAIMS |= _part.CLAIMS
    CHECKS |= _part.CHECKS


def check(claim_id: str) -> Verdict:
    """Decide a claim by its rule.

    Raises
    ------
    ValueError
        If no check of this name exists, naming those that do.
    """
    if claim_id not in CHECKS:
        raise ValueError(f"no check for claim {claim_id!r}: expected one of {', '.join(CHECKS)}")
    return CHECKS[claim_id]()
