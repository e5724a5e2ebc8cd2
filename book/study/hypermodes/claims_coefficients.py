"""Claims about single coefficients (4.1, 5, Fig. 7, Table 2): how many vanish, how they move, in which order."""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import kendalltau

from lrnrbook.model import MetaNetwork
from lrnrbook.truncation import column_norms, kept
from study.hypermodes.decided import each_set, measured, modes_of, paths
from study.instruments.smoothness import line_r2, smooth
from study.ledger.models import SHIPPED, in_trial, load_pretrained, seeds_of, subject
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, SETS, Claims, Verdict, majority, text

CLAIMS = Claims("05")


def linear(name: str, seed: int) -> np.ndarray:
    """Which kept coefficients count as linear: (n,) of bool."""
    s = paths(name, seed)
    return (line_r2(modes_of(name, seed).times, s) >= 0.9) | (np.ptp(s, axis=0) < 0.01 * np.abs(s).max())


@torch.no_grad()
def _order(model: MetaNetwork, whole: bool = False) -> float:
    """Median over layers and t > T/2 of Kendall's tau between the orders of |s_1|, kept or `whole`, at t and at 0."""
    s = model.coefficients(np.linspace(*model.times, 21)) * column_norms(model.lrnr)
    some = torch.ones(s.shape[1], dtype=torch.bool) if whole else kept(model)
    pairs = zip(model.lrnr.split(s), model.lrnr.split(some), strict=True)
    alive = [s1[:, these].abs().numpy() for (s1, _), (these, _) in pairs if these.sum() > 1]
    return float(np.nanmedian([kendalltau(s1[0], s1[k]).statistic for s1 in alive for k in range(11, 21)]))


@CLAIMS.add("C4.1-3", "4.1",
            "a plain l1 penalty fails because the dominating coefficients change over time",
            paper="words only",
            rule="Kendall's tau between the orders of the entries of s_1^l at t and at t = 0: reproduced if its "
                 "median over layers and t > T/2 is below 0.8, partly below 0.95; all sets; of the entries that "
                 "truncation keeps, on the fair trial where it has the wave (both added when the numbers of all "
                 "entries of the laptop networks were known)")
def c4_1_3() -> Verdict:
    """Order of the weights' coefficients over time."""
    numbers, worst, before = {}, [], []
    for name in SETS:
        models = [subject().model(name, seed) for seed in seeds_of(name)]
        taus, whole = [_order(model) for model in models], [_order(model, whole=True) for model in models]
        trial = {reading: _order(load_pretrained(name, f"trial_{reading}"))
                 for reading in (in_trial(name) if subject() == SHIPPED else ())}
        numbers |= {f"Kendall's tau in the trial, {reading}, {name}": tau for reading, tau in trial.items()}
        numbers[f"Kendall's tau, {name}; of all entries"] = f"{text(taus, '.2f')}; {text(whole, '.2f')}"
        worst.append(max(trial.values(), default=float(np.median(taus))))
        before.append(float(np.median(whole)))
    found, first = (REPRODUCED if max(taus) < 0.8 else PARTLY if max(taus) < 0.95 else NOT for taus in (worst, before))
    note = "Unit columns. Entries that pruning has set to zero for good keep their order, so they say nothing."
    return Verdict(CLAIMS["C4.1-3"], found, numbers, note, first)


@CLAIMS.add("C5.0-1", "5, Fig. 7",
            "many coefficients stay near zero throughout",
            paper="layer 2: 28 + 58 of 300",
            rule="Euler, layer 2, share below 5e-5: reproduced if at least 0.5 for weights and for biases, partly if "
                 "0.2",
            observation=True)
def c5_0_1() -> Verdict:
    """Coefficients of layer 2 of the Euler models below 5e-5."""
    verdicts, shares = [], []
    for seed in seeds_of("euler"):
        model = subject().model("euler", seed)
        pair = model.lrnr.split(kept(model))[1]
        shares.append([1 - float(part.double().mean()) for part in pair])
        verdicts.append(REPRODUCED if min(shares[-1]) >= 0.5 else PARTLY if min(shares[-1]) >= 0.2 else NOT)
    numbers = {f"share of {kind} near zero": text(values, ".2f")
               for kind, values in zip(("weights", "biases"), zip(*shares, strict=True), strict=True)}
    return Verdict(CLAIMS["C5.0-1"], majority(verdicts), {"seeds": len(shares)} | numbers,
                   "The recipe's pruning empties biases rather than weights; see C5.0-4 for all layers.")


@CLAIMS.add("C5.0-2", "1, 5, Fig. 7",
            "coefficients evolve smoothly although the data jump",
            paper="a picture",
            rule="Chebyshev fit of degree 10 to each kept coefficient: residual at most 1 % of its range for 90 % of "
                 "them on all sets, partly for 50 %")
def c5_0_2() -> Verdict:
    """Polynomials of degree 10 for the kept coefficients, and for POD coefficients of the data."""
    numbers, least = {}, []
    for name in SETS:
        shares = [smooth(modes_of(name, seed).times, paths(name, seed)) for seed in seeds_of(name)]
        numbers[f"{name}: share of smooth coefficients; of POD coefficients of the data"] = (
            f"{text(shares, '.2f')}; {measured(name)['pod_smooth']:.2f}")
        least.append(float(np.median(shares)))
    verdict = REPRODUCED if min(least) >= 0.9 else PARTLY if min(least) >= 0.5 else NOT
    return Verdict(CLAIMS["C5.0-2"], verdict, numbers)


@CLAIMS.add("C5.0-3", "1, 5, Fig. 7",
            "they look approximately linear in most cases",
            paper="a picture",
            rule="a coefficient counts if R^2 of its best line is at least 0.9, or its range is below 1 % of the "
                 "largest value. Euler decides: reproduced if more than half of the kept ones count, partly if only "
                 "in layer 2")
def c5_0_3() -> Verdict:
    """Share of coefficients that a line describes."""
    numbers, verdicts = {}, []
    for name in SETS:
        shares = [float(linear(name, seed).mean()) for seed in seeds_of(name)]
        numbers[f"share of linear coefficients, {name}"] = text(shares, ".2f")
    for seed in seeds_of("euler"):
        counts = linear("euler", seed)
        second = torch.cat(modes_of("euler", seed).model.lrnr.split(torch.as_tensor(counts))[1])
        verdicts.append(REPRODUCED if counts.mean() > 0.5 else PARTLY if second.double().mean() > 0.5 else NOT)
    return Verdict(CLAIMS["C5.0-3"], majority(verdicts), numbers)


@CLAIMS.add("C5.0-4", "Table 2",
            "truncation at 5e-5 removes a substantial share",
            paper="kept 727/1500, 544/1520, 211/1360, 503/1440",
            rule="kept at most 0.5 with E1 of the truncated model at most 1.1 times: reproduced on all sets, partly "
                 "on 2")
def c5_0_4() -> Verdict:
    """Share of coefficients kept, and the error of the truncated model."""
    def good(name, seed):
        model, found = subject().model(name, seed), measured(name, seed)
        share = float(kept(model).double().mean())
        return share <= 0.5 and found["truncated"] <= 1.1 * found["full"], share

    verdict = each_set(CLAIMS["C5.0-4"], good, "share kept")
    for name in SETS:
        ratios = [measured(name, seed)["truncated"] / measured(name, seed)["full"] for seed in seeds_of(name)]
        verdict.numbers[f"E1 truncated / full, {name}"] = text(ratios)
    return verdict
