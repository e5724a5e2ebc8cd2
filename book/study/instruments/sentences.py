"""What the readings of the paper's descriptions say, as sentences."""

from __future__ import annotations

from collections.abc import Sequence

from study.ledger.models import record_of, seeds_of


def outcome(reading: dict, mode: int) -> str:
    """How a reading came out: "own" mode, "other" mode, by "chance" as well, or "none".

    Examples
    --------
    >>> outcome({"modes": "+1 -3", "specific": True}, 3), outcome({"modes": "none", "specific": True}, 3)
    ('own', 'none')
    """
    names = [] if reading["modes"] == "none" else reading["modes"].split()
    if not names:
        return "none"
    if not reading["specific"]:
        return "chance"
    return "own" if any(int(name[1:]) == mode for name in names) else "other"


def sentence(readings: Sequence[dict], mode: int) -> str:
    """What came of looking for a description of the paper's mode, in one training or several.

    Examples
    --------
    >>> sentence([{"modes": "none", "control": 0.04, "specific": True}], 2)
    'Not seen: no mode of ours does this, with either sign. Of random directions in their span, 4 % do.'
    """
    found = [outcome(reading, mode) for reading in readings]
    n, own, other, chance = len(found), *(found.count(kind) for kind in ("own", "other", "chance"))
    percent = f"{100 * max(reading['control'] for reading in readings):.0f} %"
    among = f" in {{}} of {n} trainings" if n > 1 else ""
    others = f"Of random directions in their span, {percent} do."
    if own > n / 2:
        return f"Seen: our mode {mode} does this{among.format(own)}. {others}"
    if own + other:
        which = [f"mode {mode} does this{among.format(own)}"] * bool(own)
        which += [f"another mode does this{among.format(other)}"] * bool(other)
        return f"Seen in part: {', and '.join(which)}. {others}"
    if chance:
        return (f"Not to be told from chance: some of our modes do this{among.format(chance)}, but so do {percent} of "
                "random directions in their span.")
    return (f"Not seen: no mode of ours does this{' in any training' if n > 1 else ''}, with either sign. {others}")


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
