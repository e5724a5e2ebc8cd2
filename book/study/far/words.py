"""What the chapter on far steps says, a sentence for each outcome."""

from __future__ import annotations

from study.ledger.verdicts import NOT, PARTLY, REPRODUCED

COHERENT = {
    REPRODUCED: "On the waves with shocks nine tenths of the far steps stay coherent, up to a change as large as the "
                "field itself.",
    PARTLY: "Most far steps stay coherent. The share falls with the size of the step, and on the waves with shocks a "
            "good part of the largest steps is no longer coherent.",
    NOT: "On a wave with shocks more than four far steps in ten are incoherent.",
}
OTHERS = {
    REPRODUCED: "In the median of their steps both other models lose coherence when they are pushed as far, on both "
                "waves.",
    PARTLY: "In the median of its steps one of the two other models loses coherence on both waves when it is pushed "
            "as far, and the other one does not.",
    NOT: "In the median of its steps each of the two other models stays coherent on at least one of the two waves when "
         "it is pushed as far.",
}
NEW = {
    REPRODUCED: "By the distance to the nearest frame, at least half of the modes lead to fields that "
                "no training frame resembles.",
    PARTLY: "By the distance to the nearest frame, some modes lead to fields that no training frame resembles, on at "
            "least half of the waves.",
    NOT: "By the distance to the nearest frame, hardly any mode leads to a field that no training frame resembles.",
}

# What the page calls each sentence, and the claim whose verdict chooses it.
SAID = {
    "coherent": ("C5.3-1", COHERENT),
    "others": ("C5.3-2", OTHERS),
    "new": ("C5.3-3", NEW),
}
