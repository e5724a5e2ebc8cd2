"""What the readings of the paper's descriptions say, as sentences."""

from __future__ import annotations

from collections.abc import Sequence

from study.ledger.models import record_of, seeds_of
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, SEEN, majority

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
    >>> sentence([{"modes": "none", "control": 0.04, "specific": True}], 2)
    'Not seen: no mode of ours does this, with either sign. Of random directions in their span, 4 % do.'
    """
    found = [outcome(reading, mode) for reading in readings]
    n, verdict = len(found), majority([VERDICTS[kind] for kind in found])
    does = {kind: f"{'our mode ' + str(mode) if kind.startswith('own') else 'another mode'} does this"
                  + (f" in {found.count(kind)} of {n} trainings" if n > 1 else "")
                  + (", as it well might by chance" if kind.endswith("chance") else "")
            for kind in VERDICTS if kind in found and kind != "none"}
    if not does:
        what = f"no mode of ours does this{' in any training' if n > 1 else ''}, with either sign"
    else:
        what = ", and ".join(does.values())
    word = SEEN[verdict].capitalize() + (" in most trainings" if verdict == NOT and does and n > 1 else "")
    percent = f"{100 * max(reading['control'] for reading in readings):.0f} %"
    return f"{word}: {what}. Of random directions in their span, {percent} do."


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
