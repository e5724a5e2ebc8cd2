"""What the readings of the paper's descriptions say, as sentences."""

from __future__ import annotations

from collections.abc import Sequence

from study.ledger.models import record_of, seeds_of
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, majority

# The verdict that a reading has by its outcome, as `descriptions.read` decides it.
VERDICTS = {"own": REPRODUCED, "other": PARTLY, "own by chance": PARTLY, "other by chance": NOT, "none": NOT}


def outcome(reading: dict, mode: int) -> str:
    """How a reading came out: "own" mode, "other" mode, either "by chance", or "none".

    Examples
    --------
    >>> outcome({"modes": "+1 -3", "specific": True}, 3), outcome({"modes": "none", "specific": True}, 3)
    ('own', 'none')
    """
    names = [] if reading["modes"] == "none" else reading["modes"].split()
    if not names:
        return "none"
    own = "own" if any(int(name[1:]) == mode for name in names) else "other"
    return own if reading["specific"] else f"{own} by chance"


def sentence(readings: Sequence[dict], mode: int) -> str:
    """What came of looking for a description of the paper's mode, in one training or several: by most of them.

    Examples
    --------
    >>> sentence([{"modes": "none", "control": 0.0, "specific": True}], 2)
    'We did not see this: no mode of ours does it, with either sign, nor does any random direction in their span.'
    """
    found = [outcome(reading, mode) for reading in readings]
    n, verdict = len(found), majority([VERDICTS[kind] for kind in found])
    chance, some = sum(kind.endswith("by chance") for kind in found), n - found.count("none")
    if some:
        does = [f"{mine} does it" + (f" in {count} of {n} trainings" if n > 1 else "")
                for mine, count in ((f"our mode {mode}", sum(kind.startswith("own") for kind in found)),
                                    ("another mode", sum(kind.startswith("other") for kind in found))) if count]
        which = "which" if chance == some else f"{chance} of which"
        what = " and ".join(does) + (f", {which} chance explains as well" if chance else "")
    else:
        what = f"no mode of ours does it{' in any training' if n > 1 else ''}, with either sign"
    seen = {REPRODUCED: "We saw this", PARTLY: "We saw this in part",
            NOT: "We count this as not seen" if some else "We did not see this"}[verdict]
    percent = 100 * max(reading["control"] for reading in readings)
    if not some and percent == 0:
        return f"{seen}: {what}, nor does any random direction in their span."
    share = "none" if percent == 0 else f"{'up to ' * (n > 1)}{percent:.0f} %" if percent >= 1 else "less than 1 %"
    return f"{seen}: {what}. Of random directions in the span of the modes, {share} do."


def said(kind: str, name: str, claim: str, label: str = "") -> str:
    """Sentence on one reading, such as "mode 3", of a statement; by default its only one.

    Parameters
    ----------
    kind : str
        The record "hypermodes-KIND" has the readings.
    name : str
        Data set.
    """
    rows = [record_of(kind, name, seed)["readings"][claim]["readings"] for seed in seeds_of(name)]
    label = label or next(iter(rows[0]))
    return sentence([row[label] for row in rows], int(label.split()[1]))
