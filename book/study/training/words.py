"""What the chapter on training says, a sentence for each outcome."""

from __future__ import annotations

from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED, Verdict

BETWEEN = {
    REPRODUCED: "On all four waves the error at the midpoints is at most 1.3 times that at the samples.",
    PARTLY: "On some of the waves the error at the midpoints is at most 1.3 times that at the samples.",
    NOT: "On most of the waves the error at the midpoints is more than 1.3 times that at the samples.",
    CANNOT: "For some waves there is no trained network yet.",
}
CARRIES = {
    REPRODUCED: "Between the samples the network carries every shock and the merged peak as accurately as our rule "
                "asks.",
    PARTLY: "Between the samples the network carries most of the shocks as accurately as our rule asks, and one of "
            "its parts fails.",
    NOT: "By our rule, which counts in cells of the data, the network does not carry the shocks accurately enough "
         "between the samples. To the eye the curves coincide.",
}

# What the page calls each sentence, and the claim whose verdict chooses it.
SAID = {
    "between": ("C4.3-9", BETWEEN),
    "carries": ("C4.3-8", CARRIES),
}


def offset(found: Verdict) -> str:
    """How far the highest points of data and network are apart near the merger, from the verdict on C4.3-8.

    Examples
    --------
    >>> from study.ledger.verdicts import Claim
    >>> offset(Verdict(Claim(*"abcdef"), NOT, {"peak at t = 0.0278: offset, cells": 2}))
    '2 cells'
    """
    cells = next(value for name, value in found.numbers.items() if name.startswith("peak at t"))
    return f"{cells} cell{'' if cells == 1 else 's'}"
