"""What the page on the trials says about two long runs, a sentence for each outcome."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from study.instruments.pages import listed, spread
from study.instruments.tables import WAVES, short
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, Verdict
from study.sizes.portraits import BEFORE, course

THRESHOLD, PAPER_EPOCHS = 5e-4, 3000  # of the switch for the blast waves, and when the paper's run reached it
PRINTED, RESTARTED, FULL = "trial, as printed", "trial, restarted", "paper's size, paper's recipe"
MUCH = 1.5  # times: what counts as a difference between two networks
LESS = 0.5  # cosine: a temporal mode below this is not the one before training
CLOSER = 0.1  # by so much more a network has to be like its own start than like others


def sentences(found: dict[str, dict], table: pd.DataFrame, alike: pd.DataFrame) -> dict[str, str]:
    """Sentences for the page, by name.

    Parameters
    ----------
    found : dict
        Records, as from `portraits.records`.
    table : DataFrame
        As from `portraits.portraits`.
    alike : DataFrame
        Cosines of temporal modes with those before training, as from `tables.likeness`.
    """
    printed, restarted = course(found[PRINTED]), course(found[RESTARTED])
    return {"reached": _reached(printed, restarted), "data-reached": _data(printed, restarted),
            "floor": _floor(printed), "gain": _gain(printed, restarted), "steady": _steady(printed, restarted),
            "start-said": _start(alike), "full-said": _full(found[FULL], table), "cut-said": _cut(table)
            } | inside(table)


def inside(table: pd.DataFrame) -> dict[str, str]:
    """Sentences on the coefficients of the trial's networks beside those of the laptop."""
    return {"modes-said": _modes(table), "kept-said": _kept(table), "lines": _lines(table)}


def _reached(printed: dict, restarted: dict) -> str:
    epochs = [printed["switch"], restarted["switch"]]
    if math.inf in epochs:
        return "Not every run reaches the paper's threshold on the blurred data."
    sooner = "sooner than" if max(epochs) < PAPER_EPOCHS else "within" if min(epochs) < 5000 else "later than"
    return (f"Yes, on the blurred data that the loss sees: both runs fall below an MSE of 5e-4, at epochs "
            f"{epochs[0]:.0f} and {epochs[1]:.0f}, {sooner} the 3000 to 5000 that the paper's text and its Fig. 6 "
            "suggest. One epoch below it is enough, and the loss is noisy: of the epochs recorded in the "
            f"{BEFORE} before, the best have {short(printed['before'])} and {short(restarted['before'])}.")


def _data(printed: dict, restarted: dict) -> str:
    values = {"as printed": printed["mse"], "restarted": restarted["mse"]}
    below = [name for name, value in values.items() if value < THRESHOLD]
    numbers = f"the least MSE there is {printed['mse']:.1e} (as printed) and {restarted['mse']:.1e} (restarted)"
    if len(below) == 2:
        return f"On the data themselves both get there too: {numbers}."
    if below:
        return f"On the data themselves only the run with the schedule {below[0]} gets there: {numbers}."
    return f"On the data themselves neither run gets there: {numbers}."


def _floor(printed: dict) -> str:
    if math.isinf(printed["floor"]):
        return "As printed, the schedule never reaches its floor."
    share = printed["floor"] / printed["sharp"]
    return (f"As printed, the schedule has cut the rate to its floor by epoch {printed['floor']:.0f}, when the blur "
            f"has shrunk by {100 * share:.0f} %. It takes each rise of the misfit, which comes from the blur, for a "
            "sign that training has stalled. Everything later is learnt at a two-thousandth of the first rate.")


def _gain(printed: dict, restarted: dict) -> str:
    ratio = printed["end"] / restarted["end"]
    if ratio > MUCH:
        return (f"Restarting the schedule whenever the blur shrinks costs nothing, and the error at the end is "
                f"{ratio:.1f} times smaller.")
    return ("Restarting the schedule changes little: the errors at the end differ by a factor of "
            f"{max(ratio, 1 / ratio):.1f}.")


def _steady(printed: dict, restarted: dict) -> str:
    falls = [1 - run["end"] / run["at sharp"] for run in (printed, restarted)]
    numbers = f"by {100 * falls[0]:.0f} % (as printed) and {100 * falls[1]:.0f} % (restarted)"
    if min(falls) > 0.02:
        return f"After the blur is gone both errors fall on, {numbers}, as the misfit does in the paper's Fig. 6."
    return f"After the blur is gone the errors change {numbers}, not both downwards as in the paper's Fig. 6."


def _full(record: dict, table: pd.DataFrame) -> str:
    """How far the run of the paper's size got, beside the smaller one and the laptop's."""
    run = course(record)
    if math.isinf(run["switch"]):
        return "The run of the paper's size never reaches the threshold at which the misfit changes."
    error = {name: float(table.loc["E1 between them", name]) for name in (FULL, RESTARTED, "laptop")}
    size, laptop = error[RESTARTED] / error[FULL], error["laptop"] / error[FULL]
    buys = (f"{size:.1f} times smaller than that of the smaller network" if size >= MUCH else
            f"no more than {MUCH} times smaller than that of the smaller network")
    ours = (f"{laptop:.1f} times smaller than the laptop network's" if laptop >= MUCH else
            f"{1 / laptop:.1f} times larger than the laptop network's" if laptop * MUCH <= 1 else
            "about the laptop network's")
    return (f"The misfit changes at epoch {run['switch']:.0f}, and after the blur is gone the error falls on by "
            f"{100 * (1 - run['end'] / run['at sharp']):.0f} %. Between the samples it ends at {error[FULL]:.2e}: "
            f"{buys} ({error[RESTARTED]:.2e}), and {ours} ({error['laptop']:.2e}).")


def _cut(table: pd.DataFrame) -> str:
    """What truncation at the paper's tolerance costs each network."""
    factor = {name: float(row["E1 between them, truncated"]) / float(row["E1 between them"])
              for name, row in table.items()}
    costly = {name: f"{value:.1f} in the network called \"{name}\"" for name, value in factor.items() if value >= MUCH}
    if not costly:
        return "Truncation at 5e-5 changes the error of none of these networks much."
    others = [abs(value - 1) for name, value in factor.items() if name not in costly]
    rest = f"; the others change by less than {math.ceil(100 * max(others) + 0.1)} %" if others else ""
    return ("Truncation at 5e-5 is not free: it multiplies the error between the samples by "
            f"{listed(costly.values())}{rest}.")


def _beside(table: pd.DataFrame, what: str) -> str:
    """The same of the network of the paper's size, where the table has it."""
    return f" (at the paper's own size {table.loc[what, FULL]})" if FULL in table else ""


def _modes(table: pd.DataFrame) -> str:
    count = table.loc["hypermodes"]
    more = sum(count[name] >= MUCH * count["laptop"] for name in (PRINTED, RESTARTED))
    return (f"{('Hardly', 'Clearly more in one of the two', 'Yes')[more]}: {count[PRINTED]} and {count[RESTARTED]}, "
            f"where the laptop network has {count['laptop']}{_beside(table, 'hypermodes')}. The paper's network of "
            "this wave has 5.")


def _kept(table: pd.DataFrame) -> str:
    share = {name: int(str(value).split()[0]) for name, value in table.loc["coefficients kept"].items()}
    if max(share[PRINTED], share[RESTARTED]) <= 50:
        return (f"Yes, and without pruning: {share[PRINTED]} and {share[RESTARTED]} % of them"
                f"{_beside(table, 'coefficients kept')} are ever above 5e-5, where the paper's share for this wave is "
                "48 %. It comes from the start: fed with raw times, which are tiny here, a hypernetwork that ends in a "
                "ReLU starts with half of its outputs at zero.")
    return (f"Not to the paper's extent: {share[PRINTED]} and {share[RESTARTED]} % of the coefficients are above 5e-5, "
            "the paper has 48 %.")


def _lines(table: pd.DataFrame) -> str:
    share = {name: int(value.split()[0]) for name, value in table.loc["linear coefficients"].items()}
    if min(share[PRINTED], share[RESTARTED]) > 50:
        return (f"Most are, as the paper says: {share[PRINTED]} and {share[RESTARTED]} % of those kept are nearly "
                f"linear in time{_beside(table, 'linear coefficients')}, against {share['laptop']} % in the laptop "
                "network.")
    return (f"Not here either: {share[PRINTED]} and {share[RESTARTED]} % of the coefficients kept are nearly linear in "
            f"time; in the laptop network, {share['laptop']} %.")


NETWORKS = {"trial_printed": "the run as printed", "trial_restarted": "the restarted run",
            "trial_full": "the run of the paper's size",
            "laptop": "the laptop network", "paper-fast": "the network of the paper's size by our recipe"}


def _start(alike: pd.DataFrame) -> str:
    """What trained networks have kept of the temporal modes that they started with, beside those of other starts."""
    own, others = ({recipe: row for (_, recipe), row in alike.xs(start, level=2).iterrows()}
                   for start in ("own start", "other starts"))
    few = {recipe: row.dropna() for recipe, row in own.items() if row.isna().any()}
    said = []
    if few:
        least, counts = min(row.min() for row in few.values()), spread([len(row) for row in few.values()])
        keeps = "still has them" if least >= LESS else "has not kept them all"
        said.append(f"In {listed(NETWORKS[name] for name in few)} the network has {counts} temporal modes that count "
                    f"before training, and {keeps} afterwards (cosines of at least {least:.2f}). All others come "
                    "from training.")
    full = {recipe: (row.min(), others[recipe].min()) for recipe, row in own.items() if recipe not in few}
    if full:
        both = listed(f"{a:.2f} in {NETWORKS[recipe]} ({b:.2f} with other starts)" for recipe, (a, b) in full.items())
        closer = [NETWORKS[recipe] for recipe, (a, b) in full.items() if a > b + CLOSER]
        only = ", and of these in no other" * (len(closer) < len(full))
        said.append("Networks that start with all modes of the table have a least cosine with their own start of "
                    f"{both}.")
        said.append(f"Something of it is left in {listed(closer)}{only}." if closer else
                    "It is no larger than with any other start, so it says nothing of where they began.")
    return " ".join(said)


IS_TIME = {"C5.2.2-1": WAVES["acoustics"], "C5.2.3-1": WAVES["burgers"], "C5.2.4-1": WAVES["advection"]}
RHO = "rho of mode 2; least of the others"  # distance to the nearest later field, over that to the present one


def mode_2(trial: dict[str, dict], laptop: dict[str, dict]) -> str:
    """Whether the second mode moves a wave along its own future, by the numbers of claims on two kinds of networks.

    Parameters
    ----------
    trial : dict: claim -> verdict and numbers on the networks of the trial; waves that are not there are left out
    laptop : dict: claim -> numbers on the laptop networks

    Examples
    --------
    >>> rho = {f"{RHO}, seed 0": "0.2, 0.3; 0.4, 0.25"}
    >>> rule, count = mode_2({"C5.2.2-1": {"verdict": NOT, "numbers": rho}}, {"C5.2.2-1": rho}).split(". ")
    >>> rule
    'By the rule of the chapter on small steps it is not in the network of the ring of sound'
    >>> count.split("; ")[0]
    "At 1 of 2 times no other mode comes as close to the wave's own future"
    """
    groups: dict[str, list[str]] = {}
    for claim in filter(trial.get, IS_TIME):
        groups.setdefault(trial[claim]["verdict"], []).append(IS_TIME[claim])
    said = [f"{word}in {'that' if i else 'the network'} of the {' and of the '.join(waves)}"
            for i, (word, waves) in enumerate((word, groups[verdict]) for verdict, word in (
                (REPRODUCED, ""), (PARTLY, "partly "), (NOT, "not ")) if verdict in groups)]
    return f"By the rule of the chapter on small steps it is {', '.join(said)}. {nearest(trial, laptop)}"


def nearest(trial: dict[str, dict], laptop: dict[str, dict]) -> str:
    """At how many times no other mode comes as close to a wave's future as the second; arguments as of `mode_2`."""
    told = [claim for claim in IS_TIME if claim in trial]
    (first, times), (before, _) = np.sum([[_closest(trial[claim]["numbers"]), _closest(laptop[claim])]
                                          for claim in told], axis=0)
    return (f"At {first} of {times} times no other mode comes as close to the wave's own future; in the laptop "
            f"networks of the same waves, at {before}.")


def _closest(numbers: dict[str, str]) -> tuple[int, int]:
    """Times at which the second mode comes closer to the wave's future than all others, and all times; seed 0."""
    two, others = ([float(rho) for rho in part.split(", ")] for part in numbers[f"{RHO}, seed 0"].split("; "))
    return sum(a < b for a, b in zip(two, others, strict=True)), len(two)


def told(full: dict[str, dict]) -> str:
    """How many of the paper's descriptions of single modes of the blast waves are seen in the run of its size.

    Examples
    --------
    >>> told({"C5.2.1-1": {"verdict": NOT}, "C5.2.1-2": {"verdict": PARTLY}, "C2-1": {"verdict": REPRODUCED}})
    "Of the paper's 2 descriptions of what single modes of the blast waves do, none is seen there, 1 in part."
    """
    found = [row["verdict"] for claim, row in full.items() if claim.startswith("C5.2.1-")]
    seen, part = found.count(REPRODUCED), found.count(PARTLY)
    return (f"Of the paper's {len(found)} descriptions of what single modes of the blast waves do, "
            f"{seen or 'none'} {'are' if seen > 1 else 'is'} seen there, {part or 'not even one'} in part.")


def pushed(trial: dict[str, dict], laptop: dict[str, Verdict]) -> str:
    """How large steps along the modes of the trial's networks compare with those of the laptop networks.

    Parameters
    ----------
    trial : dict: claim -> verdict and numbers on the networks of the trial
    laptop : dict: claim -> verdict on the laptop networks
    """
    here, there = (coherent(numbers) for numbers in (trial["C5.3-1"]["numbers"], laptop["C5.3-1"].numbers))
    other = [claim for claim, found in laptop.items() if trial[claim]["verdict"] != found.verdict]
    same = (f"Another verdict there: {', '.join(other)}." if other else
            "The claims of this section have the same verdict there.")
    return (f"Networks that were trained by the paper's own recipe were pushed as far: {here} % of their fields are "
            f"coherent, depending on the wave, where those of the laptop have {there} %. {same}")


def coherent(numbers: dict[str, str]) -> str:
    """Least and largest share of coherent fields of a wave and seed, in per cent."""
    shares = [100 * float(part) for name, value in numbers.items() if "share of coherent" in name
              for part in value.split(", ")]
    return f"{min(shares):.0f} to {max(shares):.0f}"
