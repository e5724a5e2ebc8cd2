"""What the chapter on far steps says, a sentence for each outcome."""

from __future__ import annotations

from study.ledger.verdicts import NOT, PARTLY, REPRODUCED

COHERENT = {
    REPRODUCED: "On every wave nearly all far steps stay coherent, up to a change as large as the field itself.",
    PARTLY: "Most far steps stay coherent. The share falls with the size of the step, and on the waves with shocks a "
            "good part of the largest steps does not.",
    NOT: "On some waves most far steps do not stay coherent.",
}
OTHERS = {
    REPRODUCED: "Both other models lose coherence when they are pushed as far, on both waves.",
    PARTLY: "One of the two other models loses coherence on both waves when it is pushed as far, the other one does "
            "not.",
    NOT: "Each of the two other models stays coherent on at least one of two waves when it is pushed as far.",
}
NEW = {
    REPRODUCED: "By the distance to the nearest frame, most far steps are fields that no training frame resembles.",
    PARTLY: "By the distance to the nearest frame, single modes lead to fields that no training frame resembles, most "
            "do not.",
    NOT: "By the distance to the nearest frame, hardly any mode leads to a field that no training frame resembles.",
}

# What the page calls each sentence, and the claim whose verdict chooses it.
SAID = {
    "coherent": ("C5.3-1", COHERENT),
    "others": ("C5.3-2", OTHERS),
    "new": ("C5.3-3", NEW),
}
