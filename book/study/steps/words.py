"""What the chapter on small steps says, a sentence for each outcome."""

from __future__ import annotations

import pandas as pd

from study.instruments.sentences import outcome, said
from study.ledger.models import record_of, seeds_of
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, majority
from study.steps.claims import SET_OF

# A sentence for each outcome of the claims that the chapter's text rests on.
CAPTURED = {
    REPRODUCED: "On every wave, in most trainings where there are three, the tangents of the first five or six modes "
                "leave at most a tenth of ∂u/∂t at every time that the paper names: between them they hold the "
                "direction in which the wave moves.",
    PARTLY: "On every wave, in most trainings where there are three, the tangents of the first five or six modes leave "
            "at most three tenths of ∂u/∂t at the times that the paper names, but not at most a tenth: they hold most "
            "of the direction in which the wave moves.",
    NOT: "On some wave, in most trainings where there are three, the tangents of the first five or six modes leave "
         "more than three tenths of ∂u/∂t at some of the times that the paper names: they do not hold the direction in "
         "which the wave moves.",
}
STABLE = {
    REPRODUCED: "At least three modes of either wave do the same in every training, so these do deserve a name.",
    PARTLY: "Some modes, most on Burgers' wave, do the same in every training. Others fall short, narrowly or wholly.",
    NOT: "On at least one of the two waves no mode does the same in every training.",
}
ADVANCES = {
    REPRODUCED: "By this measure mode 2 advances time here, at most of the times that we looked at.",
    PARTLY: "By this measure mode 2 advances time at some of these times, and at others it does not.",
    NOT: "Mode 2 passes at too few of the times to say that it advances time on this wave.",
}
CHANCE = ("Mode 2 passes at half of these times or more, but on this wave so do {} of random directions in the span of "
          "the modes. By our rule that is no more than chance.")

# What the page calls each sentence, and the claim whose verdict chooses it.
SAID = {
    "captured": ("C5.2-1", CAPTURED),
    "stable": ("C5.2-3", STABLE),
}


def seen(claim: str, label: str = "") -> str:
    """Sentence on one reading of a statement, such as "mode 3" of C5.2.2-5; by default its only one."""
    return said("tangents", SET_OF[claim[5]], claim, label)


def rho_table(name: str, claim: str) -> pd.DataFrame:
    """Ratio rho of mode 2 at some times, and the least of the other modes, in the first training."""
    readings = record_of("tangents", name, 0)["readings"][claim]["readings"]
    found = next(reading for reading in readings.values() if "rho of mode 2" in reading)
    rows = {"mode 2": found["rho of mode 2"], "the best other mode": found["least rho of the others"]}
    return pd.DataFrame(rows, index=[f"t = {t:g}" for t in found["times"]]).T.map("{:.2f}".format)


def second_mode_sign(name: str) -> int:
    """The sign of mode 2 that comes nearer to a later time."""
    readings = record_of("tangents", name, 0)["readings"]
    found = next(r for claim in readings.values() for r in claim["readings"].values() if "sign" in r)
    return found["sign"]


def stability_table() -> pd.DataFrame:
    """Each mode of the first training: its best cosine with a mode of the others, which that is, if it is stable."""
    rows = {}
    for name, label in (("euler", "Euler"), ("burgers", "Burgers")):
        found = record_of("stability", name, 0)
        for i in range(len(found["best"]["0 1"])):
            rows[f"{label}, mode {i + 1}"] = {
                **{f"training {k + 1}": "{1:.2f} (mode {0})".format(*found["best"][f"0 {k}"][i]) for k in (1, 2)},
                "the same in all three": "yes" if i + 1 in found["stable"]["0"] else "no"}
    return pd.DataFrame.from_dict(rows, orient="index")


def stable_by_chance() -> str:
    """Largest share of random directions in the span of the modes that are stable as well, in per cent."""
    shares = [share for name in ("euler", "burgers") for share in record_of("stability", name, 0)["control"].values()]
    return f"{100 * max(shares):.0f}"


def advances(name: str, claim: str) -> str:
    """Whether mode 2 advances time, by how many of the trainings say so at how many of the times."""
    found = []
    for seed in seeds_of(name):
        readings = record_of("tangents", name, seed)["readings"][claim]["readings"]
        found.append(next(r for r in readings.values() if "rho of mode 2" in r))
    verdict = majority([reading["verdict"] for reading in found])
    if verdict == NOT and sum(outcome(reading, 2) == "own by chance" for reading in found) > len(found) / 2:
        return CHANCE.format(f"{100 * max(reading['control'] for reading in found):.0f} %")
    return ADVANCES[verdict]
