"""Claims about FastLRNR (section 6, Fig. 17): exactness computed here, errors from the record "benchmark-fastlrnr"."""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import spearmanr

from lrnrbook.claims_ablations import guarded
from lrnrbook.fast import POINTS, FastLRNR
from lrnrbook.storage import load_benchmark, load_pretrained
from lrnrbook.verdicts import NOT, PARTLY, REPRODUCED, SETS, Claim, Verdict

TARGET = 1e-4
PAPER = "deim"  # a basis by singular value decomposition, rows by empirical interpolation
_CLAIMS = (
    Claim("C6-3", "(6.4)-(6.9)", "the compressed network is the full one projected: exact when z lies in the basis",
          "exact", "rank = snapshot rank, snapshot times: FastLRNR against full at most 1e-9 in float64", "08"),
    Claim("C6-4", "Fig. 17", "the error falls consistently with the EIM rank, below 1e-4", "< 1e-4",
          "9 points a set, ranks 4 to 96, unseen times, relative l2: reproduced if 1e-4 is reached on all sets and "
          "Spearman(rank, error) <= -0.9; partly on two or more. Raised for the paper's EIM; others beside", "08"),
    Claim("C6-5", "Fig. 17", "the rank needed is comparable with r1 of the weights", "about r1",
          "smallest rank for 1e-4 between 0.5 and 2 times the median truncated r1 of the hidden layers, all sets",
          "08"),
)
CLAIMS = {claim.id: claim for claim in _CLAIMS}


def _rows(name: str, points: str = PAPER) -> dict[int, dict]:
    return {int(rank): row for rank, row in load_benchmark("benchmark-fastlrnr")["rows"][
        f"{name}, float64, {points}"].items()}


def needed(name: str, points: str = PAPER) -> int | None:
    """Smallest measured rank whose error, over all points and times together, is at most 1e-4."""
    return next((rank for rank, row in sorted(_rows(name, points).items()) if row["together"] <= TARGET), None)


@torch.no_grad()
def c6_3() -> Verdict:
    """FastLRNR at the times of its snapshots, with as large a basis as they span."""
    numbers = {}
    for name in SETS:
        model = load_pretrained(name).double()
        low, high = model.domain.T
        times = np.linspace(*model.times, 12)[1:-1]
        fast = FastLRNR.build(model, low + (high - low) * np.array([[0.31], [0.74]]), len(times), times)
        u = model(fast.x, times)
        numbers[f"{name}: relative difference"] = float((fast(times) - u).norm() / u.norm())
    return Verdict(CLAIMS["C6-3"], REPRODUCED if max(numbers.values()) <= 1e-9 else NOT, numbers)


def c6_4() -> Verdict:
    """Error against rank."""
    numbers, held = {}, []
    for name in SETS:
        rows = _rows(name)
        rank = spearmanr(list(rows), [row["together"] for row in rows.values()])[0]
        held.append(needed(name) is not None and rank <= -0.9)
        best = min(rows.values(), key=lambda row: row["together"])
        numbers[f"{name}: least error, all points together; median; most"] = (
            f"{best['together']:.1e}; {np.median(best['errors']):.1e}; {max(best['errors']):.1e}")
        numbers[f"{name}: rank for 1e-4 by {', '.join(POINTS)}"] = ", ".join(
            str(needed(name, points) or "none") for points in POINTS)
        numbers[f"{name}: Spearman of rank and error"] = f"{rank:.2f}"
    verdict = REPRODUCED if all(held) else PARTLY if sum(held) >= 2 else NOT
    return Verdict(CLAIMS["C6-4"], verdict, numbers, "16 points and ranks from 8, where the rule says 9 and from 4. "
                   "All points together decide; deim is the paper's choice of basis and rows.")


def c6_5() -> Verdict:
    """Rank needed against the rank of the weights."""
    numbers, held = {}, []
    for name in SETS:
        r1 = float(np.median(load_pretrained(name, "truncated").ranks.weights[:-1]))
        rank = needed(name)
        held.append(rank is not None and 0.5 * r1 <= rank <= 2 * r1)
        numbers[f"{name}: rank for 1e-4; truncated r1"] = f"{rank or 'none'}; {r1:g}"
    good = sum(held)
    return Verdict(CLAIMS["C6-5"], REPRODUCED if good == len(SETS) else PARTLY if good >= 2 else NOT, numbers)


CHECKS = {key: guarded(CLAIMS[key], check) for key, check in (("C6-3", c6_3), ("C6-4", c6_4), ("C6-5", c6_5))}
