"""Claims about the trained models between their samples (4.3, Fig. 5)."""

from __future__ import annotations

import numpy as np
import torch

from lrnrbook.datasets import load_data
from lrnrbook.model import MetaNetwork
from study.instruments.fronts import front_errors, fronts
from study.ledger.models import subject
from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED, SETS, Claims, Verdict

CLAIMS = Claims("04")


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


@CLAIMS.add("C4.3-8", "Fig. 5a, b",
            "at interpolated times rarefactions and shocks are each transported accurately, and the merged peak sits "
            "right though its time must be inferred",
            paper="a picture",
            rule="Euler midpoints after t = 0.0285: every front within one data cell of the solver's; midpoints "
                 "nearest the merger: peak within two cells and 5 % in height; the model's time of merger (fronts "
                 "less than 0.01 apart) within half a sampling interval. All three: reproduced, two: partly")
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


@CLAIMS.add("C4.3-9", "8, 5",
            "LRNRs interpolate well in time",
            paper="words only",
            rule="E1 at midpoints at most 1.3 times that at samples on all sets, partly on half of them")
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
