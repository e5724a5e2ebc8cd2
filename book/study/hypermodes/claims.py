"""Claims about hypermodes (5.1, Fig. 8, Table 2), decided on the models of `subject`.

What needs errors over the data comes from the record "hypermodes-coefficients".
"""

from __future__ import annotations

import copy

import numpy as np
import torch

from lrnrbook.modes import TOLERANCE, hypermodes
from study.hypermodes.decided import each_set, measured, modes_of, paths
from study.instruments.ablation_rows import row
from study.instruments.neighbourhood import uniform_points
from study.instruments.smoothness import chebyshev_residual
from study.instruments.states import dimension
from study.ledger.models import load_pretrained, load_record, pretrained, seeds_of, subject
from study.ledger.records import load_measurement
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, SETS, Claims, Verdict, text

CLAIMS = Claims("05")

PAPER = dict(zip(SETS, (5, 23, 38, 26), strict=True))  # hypermodes of Table 2


@CLAIMS.add("C1-3", "abstract, 1",
            "low-dimensional encoding where linear spaces fail (Kolmogorov barrier)",
            paper="words only",
            rule="POD of the data with r-bar modes against the LRNR reduced to r-bar hypermodes by (5.6), E1: "
                 "reproduced if POD is at least 3 times worse on 3 sets, partly on 1")
def c1_3() -> Verdict:
    """POD against the reduced LRNR with as many modes."""
    numbers, good = {}, 0
    pods = load_measurement("benchmark-pod")["rows"]
    for name in SETS:
        found = measured(name)
        count = found["modes"]
        ratio = found["pod"][count - 1] / found["reduced"][count - 1]
        good += ratio >= 3
        numbers[f"{name}: E1 of POD / LRNR, {count} modes each"] = ratio
        stored = subject().record(name)["parameters"]
        cells = round(pods[name]["parameters"] / pods[name]["modes"])
        numbers[f"{name}: POD modes for equal E1; numbers stored, POD and LRNR"] = (
            f"{pods[name]['equal']}; {pods[name]['equal'] * cells} and {stored}")
    return Verdict(CLAIMS["C1-3"], REPRODUCED if good >= 3 else PARTLY if good else NOT, numbers, "Seed 0.")


@torch.no_grad()
def hidden_count(model, tolerance: float = TOLERANCE) -> float:
    """Median over hidden layers and 9 points of the dimension of the hidden states over time."""
    model, cells = copy.deepcopy(model).double(), 9 if model.lrnr.dims[0] == 1 else 3
    states = model.states(uniform_points(model, cells), model.coefficients(np.linspace(*model.times, 201)))
    return float(np.median(np.concatenate([dimension(z, tolerance).numpy() for z in states])))


@CLAIMS.add("C4.3-6", "4.3.2",
            "even an equally accurate SIREN lacks LRNR's low-dimensional structure",
            paper="words only",
            rule="r-bar of all outputs of the hypernetwork, and singular values of hidden states at fixed x over t, "
                 "both at 5e-5: reproduced if SIREN and NIF need at least 3 times as many as LRNR in both, partly in "
                 "one")
def c4_3_6() -> Verdict:
    """Hypermodes and hidden states of LRNR, SIREN and NIF trained for equal seconds."""
    numbers, ratios = {}, {"hypermodes": [], "hidden states": []}
    for name in SETS:
        counts, siren = {}, "siren_long" if (name, "siren_long", 0) in pretrained() else "siren"
        for recipe in ("short", siren, "nif"):
            record, model = load_record(name, recipe), load_pretrained(name, recipe)
            e2 = np.mean([v["points"] for v in record["errors"]["samples"]["q2"].values()])
            counts[recipe] = (record["modes"], hidden_count(model), e2)
        numbers[f"{name}: hypermodes of LRNR, SIREN, NIF"] = text([counts[r][0] for r in counts], "d")
        numbers[f"{name}: dimension of hidden states"] = text([counts[r][1] for r in counts], ".0f")
        numbers[f"{name}: E2"] = text([counts[r][2] for r in counts], ".2g")
        for i, kind in enumerate(ratios):
            ratios[kind].append(min(counts[r][i] / counts["short"][i] for r in (siren, "nif")))
    held = [float(np.median(values)) >= 3 for values in ratios.values()]
    numbers |= {f"least ratio to LRNR, median of the sets, {kind}": float(np.median(v)) for kind, v in ratios.items()}
    return Verdict(CLAIMS["C4.3-6"], [NOT, PARTLY, REPRODUCED][sum(held)], numbers,
                   "On Euler and advection the SIREN of a longer run, which is more accurate than LRNR. A narrow "
                   "hypernetwork bounds the hypermodes of SIREN and NIF, which end in a linear step, and the width 64 "
                   "the hidden states of SIREN.")


@CLAIMS.add("C5.1-1", "Fig. 8",
            "singular values of the coefficient snapshots decay rapidly",
            paper="a picture",
            rule="r-bar at most 5 % of n on all sets and below the number of POD modes of the data at 5e-5; partly "
                 "if only the first")
def c5_1_1() -> Verdict:
    """Hypermodes as a share of n, and against POD modes of the data at the same threshold."""
    numbers, first, second = {}, [], []
    for name in SETS:
        count, n = modes_of(name).count(), subject().model(name).ranks.total
        pod = int((np.array(measured(name)["pod_singular_values"]) > TOLERANCE).sum())
        values = modes_of(name).singular_values
        numbers[f"{name}: r-bar of n; next singular value; POD modes of the data"] = (
            f"{count} of {n}; {values[count] / values[0]:.1e}; {pod}")
        first.append(count <= 0.05 * n)
        second.append(count < pod)
    verdict = NOT if not all(first) else REPRODUCED if all(second) else PARTLY
    return Verdict(CLAIMS["C5.1-1"], verdict, numbers, "Seed 0.")


@CLAIMS.add("C5.1-2", "Table 2",
            "number of significant hypermodes",
            paper="5, 23, 38, 26",
            rule="within a factor of 2 of the paper's on all sets, partly on 2", observation=True)
def c5_1_2() -> Verdict:
    """Hypermodes against Table 2, at several thresholds, and of small models with a linear output."""
    def good(name, seed):
        count = modes_of(name, seed).count()
        return 0.5 <= count / PAPER[name] <= 2, count

    verdict = each_set(CLAIMS["C5.1-2"], good, "hypermodes", form="d")
    for name in SETS:
        counts = [modes_of(name).count(tolerance) for tolerance in (1e-4, 5e-5, 1e-5)]
        small = [[row(variant, name, seed)["modes"] for seed in range(3)] for variant in ("Adam", "linear output")]
        verdict.numbers[f"{name}: at 1e-4, 5e-5, 1e-5; small models with ReLU and with linear output"] = (
            f"{text(counts, 'd')}; {text(small[0], 'd')} and {text(small[1], 'd')}")
    return verdict


@CLAIMS.add("C5.1-3", "5.1",
            "their number is bounded by the hypernetwork's width",
            paper="at most 25; at most 10",
            rule="rank of S at 1e-12 in float64 at most width + 1: reproduced for the recipe's output (ReLU), partly "
                 "only for a linear one")
def c5_1_3() -> Verdict:
    """Numerical rank of the coefficient snapshots against the width of the hypernetwork."""
    def rank(model):
        values = hypermodes(model.double()).singular_values
        return int((values > 1e-12 * values[0]).sum())

    def linear_output(model):
        model = copy.deepcopy(model)
        model.hyper.output = "linear"
        return model

    ranks = {"ReLU": [], "linear": []}
    for name in SETS:
        model = subject().model(name)
        ranks["ReLU"].append(rank(model))
        ranks["linear"].append(rank(linear_output(model)))
    bound = subject().model("euler").hyper.width + 1
    numbers = {"width + 1": bound} | {f"rank with {kind} output, four sets": text(v, "d") for kind, v in ranks.items()}
    held = {kind: max(values) <= bound for kind, values in ranks.items()}
    verdict = REPRODUCED if held["ReLU"] else PARTLY if held["linear"] else NOT
    return Verdict(CLAIMS["C5.1-3"], verdict, numbers,
                   "Linear: the same trained hypernetworks without their ReLU. Seed 0.")


@CLAIMS.add("C5.1-4", "5.1, Fig. 8",
            "polynomials of degree up to 30 give all temporal modes to machine precision",
            paper="30",
            rule="Chebyshev fits of degree 30 to each of the r-bar temporal modes, relative residual: reproduced if "
                 "all are at most 1e-6, partly if at most 1e-3")
def c5_1_4() -> Verdict:
    """Chebyshev polynomials of degree 30 for the temporal modes and for the coefficients."""
    numbers, worst = {}, []
    for name in SETS:
        per_seed = []
        for seed in seeds_of(name):
            modes = modes_of(name, seed)
            psi = modes.temporal[:, : modes.count()]
            per_seed.append(float(np.linalg.norm(chebyshev_residual(modes.times, psi, 30), axis=0).max()))
        s = paths(name)
        relative = np.abs(chebyshev_residual(modes_of(name).times, s, 30)).max() / np.abs(s).max()
        label = f"{name}: worst temporal mode; coefficients over the largest"
        numbers[label] = f"{text(per_seed, '.1e')}; {relative:.1e}"
        worst.append(float(np.median(per_seed)))
    verdict = REPRODUCED if max(worst) <= 1e-6 else PARTLY if max(worst) <= 1e-3 else NOT
    return Verdict(CLAIMS["C5.1-4"], verdict, numbers)


@CLAIMS.add("C5.1-5", "(5.3)-(5.5)",
            "hypermodes turn the weights into a rank-r1 tensor decomposition in c",
            paper="exact",
            rule="W(c), b(c) by (5.3) with its missing sum against W(s), b(s) at s = Phi c: at most 1e-12")
@torch.no_grad()
def c5_1_5() -> Verdict:
    """Weights and biases as tensors in c, against those of s = Phi c."""
    worst = 0.0
    for name in SETS:
        modes = modes_of(name)
        lrnr, phi = modes.model.lrnr, torch.as_tensor(modes.basis)
        c = modes.coordinates(np.linspace(*modes.model.times, 5))
        s = c @ phi.T
        pairs = zip(lrnr.layers, lrnr.split(phi.T.contiguous()), lrnr.split(s), strict=True)
        for layer, (phi1, phi2), (s1, s2) in pairs:
            W = torch.einsum("tj,ji,mi,ki->tmk", c, phi1, layer.U, layer.V)  # (5.3)
            b = torch.einsum("tj,ji,mi->tm", c, phi2, layer.B)
            worst = max(worst, float((W - layer.weight(s1)).norm() / W.norm()))
            if layer.ranks[1]:
                worst = max(worst, float((b - s2 @ layer.B.T).norm() / b.norm()))
    return Verdict(CLAIMS["C5.1-5"], REPRODUCED if worst <= 1e-12 else NOT, {"largest relative difference": worst},
                   "By construction a sum of r_1 rank-one terms for each c_j, as (5.4)-(5.5) say.")


@CLAIMS.add("C5.1-6", "(5.6)",
            "the reduced hypernetwork keeps the model's accuracy",
            paper="words only",
            rule="E1 with r-bar hypermodes at most 1.1 times that of the full model, all sets")
def c5_1_6() -> Verdict:
    """Error with r-bar hypermodes, and the least number that suffices."""
    def good(name, seed):
        found = measured(name, seed)
        ratio = found["reduced"][found["modes"] - 1] / found["full"]
        return ratio <= 1.1, ratio

    verdict = each_set(CLAIMS["C5.1-6"], good, "E1 with r-bar hypermodes / full")
    for name in SETS:
        found = measured(name)
        enough = [k for k, e1 in enumerate(found["reduced"], 1) if e1 <= 1.1 * found["full"]]
        verdict.numbers[f"{name}: r-bar; least number within 1.1 times"] = (
            f"{found['modes']}; {enough[0] if enough else 'more'}")
    return verdict


@CLAIMS.add("C5.1-7", "5.2",
            "the decomposition couples layers, beyond the layer-wise ranks",
            paper="words only",
            rule="r-bar of all coefficients together at most 0.5 of the sum over layers and kinds of separate counts "
                 "at the same threshold, all sets")
def c5_1_7() -> Verdict:
    """One count for all coefficients against a count for each layer and kind."""
    def good(name, seed):
        modes = modes_of(name, seed)
        parts = [part for pair in modes.model.lrnr.split(torch.as_tensor(paths(name, seed))) for part in pair]
        counts = [int((v > TOLERANCE * v[0]).sum()) for v in map(torch.linalg.svdvals, parts) if len(v)]
        return modes.count() <= 0.5 * sum(counts), modes.count() / sum(counts)

    return each_set(CLAIMS["C5.1-7"], good, "r-bar / sum of separate counts")
