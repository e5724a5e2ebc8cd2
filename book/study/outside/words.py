"""What the chapter on the outside of the square says, a sentence for each outcome."""

from __future__ import annotations

from study.ledger.verdicts import NOT, PARTLY, REPRODUCED

CAUSAL = {
    REPRODUCED: "Outside, the networks are better at what will still enter than at what has left, in both directions "
                "of time: they do know something about causality.",
    PARTLY: "Outside, the networks are better at what will still enter than at what never touches the square, but not "
            "better than at what has left it. That is continuity, and no causality.",
    NOT: "Outside, the networks are no better at what will still enter than at what never touches the square.",
}
PERIODIC = {
    REPRODUCED: "Even so, on both periodic waves it is about as good along the sides as elsewhere, and its values on "
                "opposite sides agree within its error.",
    PARTLY: "Even so, on one of the two periodic waves it is about as good along the sides as elsewhere, and its "
            "values on opposite sides agree within its error.",
    NOT: "On both periodic waves it is worse along the sides than elsewhere, or its values on opposite sides differ "
         "by more than its error.",
}
IMAGES = {
    REPRODUCED: "On both waves the field outside resembles the periodic continuation near the square, and less and "
                "less farther out.",
    PARTLY: "On only one of the two waves the field outside resembles the periodic continuation near the square, and "
            "less and less farther out.",
    NOT: "The field outside does not resemble the periodic continuation.",
}
QUIET = {
    REPRODUCED: "Beyond the upper right corner, where nothing comes from, the field has nothing in common with the "
                "continuation.",
    PARTLY: "Beyond the upper right corner, where nothing comes from, the field has little in common with the "
            "continuation.",
    NOT: "By our measure this is not so: what little there is beyond the upper right corner has the shape of the "
         "continuation in most trainings.",
}

# What the page calls each sentence, and the claim whose verdict chooses it.
SAID = {
    "causal": ("C7-8", CAUSAL),
    "periodic": ("C7-1", PERIODIC),
    "images": ("C7-2", IMAGES),
    "quiet": ("C7-5", QUIET),
}
