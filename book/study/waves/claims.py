"""Claims about the data sets (4.2.2, 4.3), decided from the data alone."""

from __future__ import annotations

import numpy as np

from lrnrbook.data import WaveData
from lrnrbook.datasets import load_data
from lrnrbook.patches import finest_grid
from study.ledger.models import subject
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, SETS, Claims, Verdict

CLAIMS = Claims("03")


@CLAIMS.add("C4.2-4", "4.2.2, 4.3.3",
            "adaptive data save memory and make the mollifier unnecessary",
            paper="words only",
            rule="points a frame / cells of the finest uniform grid below 1 on all three 2d sets, and an MSE of 5e-3 "
                 "reached without mollifier on all; partly if one of the two")
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


@CLAIMS.add("C4.3-10", "4.3",
            "the set-ups: 81 equal times; the named times, places and shapes fit",
            paper="text",
            rule="from the data alone: 81 times; 0.0285 is a frame and the blasts have merged; the ring crosses at "
                 "x2 = 0.75 at t = 0.375; Burgers' tip within 0.05 of (0.4, 0.4) at 1.5; swirl returns at 2 and 4. "
                 "All: reproduced, four: partly")
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
