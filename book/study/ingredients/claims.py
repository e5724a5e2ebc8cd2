"""Claims about the ingredients of training (4.1, 4.2), decided by the ablations: Adam as in the paper, SOAP beside.

Every check reads rows of the shipped record "ablations"; a missing run gives "cannot be tested".
"""

from __future__ import annotations

import math

import numpy as np

from study.ingredients.ablations import PLANES, VARIANTS
from study.instruments.ablation_rows import complete_seeds, epochs_to, row, seeds_of, share
from study.ledger.models import in_trial, load_record
from study.ledger.records import load_measurement
from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED, SETS, Claims, Missing, Verdict, majority, text

CLAIMS = Claims("04")
ON_TRIAL = "; on the fair trial, where it has such runs (added when those of short runs were known)"


def _verdict(claim: str, verdicts: list[str], numbers: dict, note: str = "", before: str = "") -> Verdict:
    """Combined verdict of the seeds."""
    return Verdict(CLAIMS[claim], majority(verdicts), {"seeds": len(verdicts)} | numbers, note, before)


TRIAL = ("For the blast waves the runs of the fair trial decide, for the others short runs, since the trial has none "
         "of them. The rule was first applied to short runs alone.")


def trials(*variants: str) -> dict[str, dict]:
    """Records of runs of the fair trial on the blast waves; none, unless all of them come with the book."""
    known = in_trial("euler", variants)
    return {name: load_record("euler", f"trial_{name}") for name in known} if len(known) == len(variants) else {}


def _kept(record: dict) -> float:
    return record["kept"] / record["coefficients"]


def _e1(record: dict) -> float:
    return float(np.mean([field["points"] for field in record["errors"]["samples"]["q1"].values()]))


@CLAIMS.add("C4.1-1", "4.1",
            "without the sparsity term coefficients do not decay",
            paper="r about M",
            rule="lambda_sparse = 0: at least 0.9 of the coefficients above 5e-5 on all sets, with linear and with "
                 "ReLU output of the hypernetwork; partly with one of them" + ON_TRIAL)
def c4_1_1() -> Verdict:
    """Shares of coefficients kept without R_sparse, linear and ReLU output."""
    outputs = {"Adam": "off", "linear output": "linear"}  # short run: run of the trial
    found = trials(*outputs.values())
    long = {name: _kept(found[variant]) for name, variant in outputs.items()} if found else {}
    seeds, numbers, verdicts, short = seeds_of(outputs, SETS), {}, [], []
    for seed in seeds:
        shares = {name: {data: share(name, data, seed) for data in SETS} for name in outputs}
        short.append(_by_output(shares))
        verdicts.append(_by_output({name: kept | ({"euler": long[name]} if long else {})
                                    for name, kept in shares.items()}))
    numbers |= {f"kept in the trial, {name}, euler": kept for name, kept in long.items()}
    for name in ("Adam", "linear output", "SOAP", "SOAP, linear output"):
        for data in SETS:
            shares = [share(name, data, seed) for seed in complete_seeds([name], [data])]
            numbers[f"kept, {name}, {data}"] = text(shares) or "not run"
    note = f"{TRIAL} Its run with a linear output has Table 1's weight, which changes no bit there (C4.1-5)."
    return _verdict("C4.1-1", verdicts, numbers, note if long else "", majority(short) if long else "")


def _by_output(shares: dict[str, dict[str, float]]) -> str:
    return [NOT, PARTLY, REPRODUCED][sum(min(kept.values()) >= 0.9 for kept in shares.values())]


def _thinned(variants: list[str], data: str, seed: int) -> list[tuple[str, float, float]]:
    """Variants with at most half of the coefficients, their share and E1 against no penalty, if that is at most 1.1."""
    base = row("Adam", data, seed)["e1"]
    pairs = [(name, share(name, data, seed), row(name, data, seed)["e1"] / base) for name in variants]
    return [(name, kept, ratio) for name, kept, ratio in pairs if kept <= 0.5 and ratio <= 1.1]


@CLAIMS.add("C4.1-2", "4.1",
            "a plain l1 penalty does not give sparse coefficients",
            paper="words only",
            rule="l1 on s, seven decades of lambda, Euler and Burgers: reproduced if no run keeps at most 0.5 of the "
                 "coefficients at E1 at most 1.1 times that of lambda 0; partly if on one of the two sets")
def c4_1_2() -> Verdict:
    """Sweep of a plain l1 penalty."""
    variants = [name for name in VARIANTS if name.startswith("l1 ")]
    seeds, numbers, verdicts = seeds_of(["Adam", *variants], ("euler", "burgers")), {}, []
    for seed in seeds:
        sparse = [data for data in ("euler", "burgers") if _thinned(variants, data, seed)]
        verdicts.append([REPRODUCED, PARTLY, NOT][len(sparse)])
    for data in ("euler", "burgers"):
        for name in ["Adam", *variants]:
            ratio = np.mean([row(name, data, seed)["e1"] / row("Adam", data, seed)["e1"] for seed in seeds])
            kept = np.mean([share(name, data, seed) for seed in seeds])
            label = "no penalty" if name == "Adam" else name
            numbers[f"{data}, {label}: share kept; E1 against no penalty"] = f"{kept:.2f}; {ratio:.2f}"
    return _verdict("C4.1-2", verdicts, numbers)


@CLAIMS.add("C4.1-4", "(4.7), 5",
            "R_sparse gives decay",
            paper="words only",
            rule="sweep of lambda_sparse and gamma, all else equal: holds on a set if some run keeps at most 0.5, "
                 "and at most 0.7 of the share at lambda 0, at E1 at most 1.1 times. Reproduced on 3 sets, partly on "
                 "1" + ON_TRIAL)
def c4_1_4() -> Verdict:
    """Sweep of lambda_sparse and gamma."""
    variants = [name for name in VARIANTS if name.startswith("R_sparse ") and name != "R_sparse as in Table 1"]
    seeds, numbers, where, long = seeds_of(["Adam", *variants], SETS), {}, {}, trials("off", "felt")
    for data in SETS:
        where[data] = []
        for seed in seeds:
            most = 0.7 * share("Adam", data, seed)
            found = [entry for entry in _thinned(variants, data, seed) if entry[1] <= most]
            where[data].append(min(found, key=lambda e: e[1])[0] if found else "none")
        best = min((np.mean([share(v, data, s) for s in seeds]), v) for v in variants)
        ratio = np.mean([row(best[1], data, s)["e1"] / row("Adam", data, s)["e1"] for s in seeds])
        none = np.mean([share("Adam", data, s) for s in seeds])
        numbers[f"{data}: run that meets the rule, by seed"] = "; ".join(where[data])
        numbers[f"{data}: fewest kept"] = f"{best[0]:.2f} ({best[1]}, E1 {ratio:.2f} times), without {none:.2f}"
    short = _on_sets(where, len(seeds))
    if not long:
        return _verdict("C4.1-4", short, numbers)
    kept, ratio = {name: _kept(record) for name, record in long.items()}, _e1(long["felt"]) / _e1(long["off"])
    numbers = {"kept in the trial, euler, with a weight that is felt; without": text(kept[v] for v in ("felt", "off")),
               "their ratio of E1": ratio} | numbers
    holds = kept["felt"] <= 0.5 and kept["felt"] <= 0.7 * kept["off"] and ratio <= 1.1
    where["euler"] = ["felt" if holds else "none"] * len(seeds)
    note = f"{TRIAL} The trial has one weight that is felt, {long['felt']['recipe']['lambda_sparse']:g}."
    return _verdict("C4.1-4", _on_sets(where, len(seeds)), numbers, note, majority(short))


def _on_sets(where: dict[str, list[str]], seeds: int) -> list[str]:
    """Verdict of each seed of C4.1-4, by the runs that meet its rule on each set."""
    good = [sum(found[i] != "none" for found in where.values()) for i in range(seeds)]
    return [REPRODUCED if sets >= 3 else PARTLY if sets else NOT for sets in good]


@CLAIMS.add("C4.1-5", "Table 1",
            "the tuned lambda_sparse have an effect",
            paper="3.65e-18 to 2.35e-8",
            rule="500 Adam steps in float32 with Table 1's lambda and gamma and with 0, same seed: reproduced if the "
                 "relative difference of s is above 1e-5 in all four, partly in some; not, if no more than the "
                 "change of one weight by one rounding unit makes" + ON_TRIAL)
def c4_1_5() -> Verdict:
    """What Table 1's lambda_sparse changes in 500 steps."""
    record = load_measurement("ablations")
    if not record.get("table 1"):
        raise Missing("500 steps with Table 1's values")
    numbers, verdicts = {}, []
    for kind, network in (("table 1, trial", "trial, "), ("table 1", "")):
        if found := record.get(kind):
            moved = [entry["difference"] > max(1e-5, entry["rounding"]) for entry in found.values()]
            verdicts.append(REPRODUCED if all(moved) and len(moved) == 4 else PARTLY if any(moved) else NOT)
        for data, entry in (found or {}).items():
            numbers[f"{network}{data}: relative difference of s; by one rounding unit of one weight"] = (
                f"{entry['difference']:.1e}; {entry['rounding']:.1e}")
            numbers[f"{network}{data}: lambda |grad R_sparse| / |grad misfit|"] = entry["ratio"]
    note = "Differences that rounding makes as well do not count."
    if len(verdicts) == 1:
        return Verdict(CLAIMS["C4.1-5"], verdicts[0], numbers, f"Networks of the ablations' size. {note}")
    return Verdict(CLAIMS["C4.1-5"], verdicts[0], numbers, "Decided on networks of the fair trial; the rule was first "
                   f"applied to small ones. {note}", verdicts[1])


@CLAIMS.add("C4.1-6", "4.1",
            "R_ortho consistently improves the decay of the loss",
            paper="consistently",
            rule="with and without, 4 sets x 3 seeds, equal epochs, misfit alone: reproduced if better in 10 of 12 "
                 "pairs, partly in 8")
def c4_1_6() -> Verdict:
    """Pairs of runs with and without R_ortho."""
    numbers, better = {}, {}
    for base, without in (("Adam", "no R_ortho"), ("SOAP", "SOAP, no R_ortho")):
        seeds = complete_seeds((base, without), SETS)
        ratios = {data: [row(without, data, s)["misfit"] / row(base, data, s)["misfit"] for s in seeds]
                  for data in SETS}
        pairs = [ratio for values in ratios.values() for ratio in values]
        better[base] = sum(ratio > 1 for ratio in pairs), len(pairs)
        numbers |= {f"{base}: misfit without / with, {data}": text(v) or "not run" for data, v in ratios.items()}
        numbers[f"{base}: better with R_ortho"] = f"{better[base][0]} of {len(pairs)} pairs"
    good, pairs = better["Adam"]
    if pairs < 12:
        return Verdict(CLAIMS["C4.1-6"], CANNOT, numbers, f"Only {pairs} of 12 pairs have been run.")
    return Verdict(CLAIMS["C4.1-6"], REPRODUCED if good >= 10 else PARTLY if good >= 8 else NOT, numbers)


@CLAIMS.add("C4.2-1", "4.2.1, 4.3.2",
            "ordinary training of a network fails on the Euler shocks",
            paper="words only",
            rule="hypernetwork-SIREN, MSE, no mollifier, equal epochs: reproduced if E2 is at least 3 times LRNR's "
                 "with all techniques; partly if 1.5 times")
def c4_2_1() -> Verdict:
    """Hypernetwork-SIREN against LRNR at equal epochs, Euler."""
    both = "SIREN, l1 switch and mollifier"
    names = {"LRNR, all techniques": "long", "LRNR, MSE alone": "long, MSE, no mollifier",
             "SIREN, MSE alone": "long, SIREN", both: f"long, {both}"}
    seeds = seeds_of(names.values(), ("euler",))
    e2 = {label: [row(name, "euler", s)["e2"] for s in seeds] for label, name in names.items()}
    ratios = np.array(e2["SIREN, MSE alone"]) / e2["LRNR, all techniques"]
    verdicts = [REPRODUCED if r >= 3 else PARTLY if r >= 1.5 else NOT for r in ratios]
    numbers = {f"E2, {label}": text(values) for label, values in e2.items()}
    numbers |= {"SIREN / LRNR": text(ratios), "epochs": row("long, SIREN", "euler", seeds[0])["epochs"]}
    return _verdict("C4.2-1", verdicts, numbers, "Adam. SIREN with the values that were best for Adam in its race.")


def _on_loss(history: dict, threshold: float) -> float:
    """First epoch of a history whose MSE as trained on is below a threshold."""
    hits = [k for k, m, q in zip(history["epoch"], history["misfit"], history["q"], strict=True)
            if q == 2 and m < threshold]
    return hits[0] if hits else math.inf


@CLAIMS.add("C4.2-2", "4.2.1, 4.3.1",
            "mollified data reach the threshold sooner",
            paper="words only",
            rule="epochs to MSE 5e-4 with and without mollifier: reproduced if at least 20 % fewer, judged on the "
                 "unmollified data as well as on the loss itself; partly only on the loss")
def c4_2_2() -> Verdict:
    """Epochs to the threshold with and without mollifier."""
    names = {"with": "long, MSE", "without": "long, MSE, no mollifier"}
    seeds = seeds_of(names.values(), ("euler",))
    numbers, verdicts = {}, []
    for threshold in (5e-4, 5e-3):
        for where, measure in (("loss", lambda r, h=threshold: _on_loss(r["history"], h)),
                               ("data", lambda r, h=threshold: epochs_to(r["evaluations"], h))):
            for label, name in names.items():
                numbers[f"epochs to MSE {threshold:g} on the {where}, {label} mollifier"] = text(
                    [measure(row(name, "euler", s)) for s in seeds], ".0f").replace("inf", "never")
    for label, name in (("with", "SOAP, mollifier, MSE"), ("without", "SOAP, MSE")):
        found = [epochs_to(row(name, "euler", s)["evaluations"], 5e-4) for s in complete_seeds([name], ["euler"])]
        numbers[f"the same with SOAP, short runs, on the data, {label} mollifier"] = (
            text(found, ".0f").replace("inf", "never") or "not run")
    for seed in seeds:
        pairs = [(measure(row(names["with"], "euler", seed)), measure(row(names["without"], "euler", seed)))
                 for measure in (lambda r: _on_loss(r["history"], 5e-4), lambda r: epochs_to(r["evaluations"], 5e-4))]
        if all(math.isinf(value) for value in pairs[1]):
            verdicts.append(CANNOT)
            continue
        loss, data = (a <= 0.8 * b and math.isfinite(a) for a, b in pairs)
        verdicts.append(REPRODUCED if loss and data else PARTLY if loss else NOT)
    note = "Adam does not reach the threshold in these runs." if CANNOT in verdicts else ""
    return _verdict("C4.2-2", verdicts, numbers, note)


@CLAIMS.add("C4.2-3", "4.2.2",
            "in 2d, adaptive data beat the mollifier",
            paper="words only",
            rule="uniform points with mollifier against adaptive points without, same number of points, E1 on a "
                 "common uniform grid at the finest level: reproduced if the adaptive ones are better on 2 of 3 sets "
                 "in all seeds, partly if in most seeds")
def c4_2_3() -> Verdict:
    """Adaptive points against uniform points with and without mollifier."""
    uniform = "uniform points, mollifier"
    seeds, numbers, better = seeds_of(("Adam", uniform), PLANES), {}, []
    for data in PLANES:
        e1 = {name: [row(name, data, s)["grid_e1"] for s in seeds] for name in ("Adam", uniform, "uniform points")}
        better.append(sum(a < b for a, b in zip(e1["Adam"], e1[uniform], strict=True)))
        for label, name in (("adaptive points", "Adam"), ("uniform points", "uniform points"), (uniform, uniform)):
            numbers[f"E1 on the finest grid, {data}, {label}"] = text(e1[name])
    always, mostly = sum(n == len(seeds) for n in better), sum(n > len(seeds) / 2 for n in better)
    numbers["sets on which adaptive points are better in all seeds; in most"] = f"{always}; {mostly}"
    verdict = REPRODUCED if always >= 2 else PARTLY if mostly >= 2 else NOT
    return Verdict(CLAIMS["C4.2-3"], verdict, {"seeds": len(seeds)} | numbers)


# Runs with and without the switch, the same until then; a short run with Adam does not get that far on Euler.
SWITCHED = {"Adam": {"euler": ("long", "long, MSE"), "burgers": ("Adam", "MSE")},
            "SOAP": {"euler": ("SOAP", "SOAP, MSE"), "burgers": ("SOAP", "SOAP, MSE")}}


@CLAIMS.add("C4.2-5", "4.2.3, Fig. 6",
            "MSE leaves Gibbs-like oscillations, l1 removes them and is more accurate",
            paper="words only",
            rule="from one checkpoint, equal further epochs with q = 2 and q = 1, Euler and Burgers: reproduced if "
                 "l1 is lower in overshoot and E1, partly in one")
def c4_2_5() -> Verdict:
    """The same run with and without the switch of the misfit."""
    numbers, verdicts, missed = {}, [], 0
    for optimizer, pairs in SWITCHED.items():
        for data, names in pairs.items():
            seeds = seeds_of(names, [data]) if optimizer == "Adam" else complete_seeds(names, [data])
            rows = [[row(name, data, seed) for name in names] for seed in seeds]
            for key in ("E1", "overshoot", "variation"):
                values = [[r["e1"] if key == "E1" else r["quality"][key] for r in pair] for pair in rows]
                numbers[f"{optimizer}, {data}: {key}, l1 | MSE"] = " | ".join(
                    text(column) for column in zip(*values, strict=True)) or "not run"
            for one, two in rows if optimizer == "Adam" else ():
                good = (one["e1"] < two["e1"]) + (one["quality"]["overshoot"] < two["quality"]["overshoot"])
                missed += one["switch_epoch"] is None
                verdicts += [[NOT, PARTLY, REPRODUCED][good]] if one["switch_epoch"] is not None else []
    note = f"{missed} runs never reached the threshold of the switch and are not counted." if missed else ""
    return Verdict(CLAIMS["C4.2-5"], majority(verdicts), {"runs": len(verdicts)} | numbers, note)
