"""What the chapter on the outside of the square says, a sentence for each outcome."""

from __future__ import annotations

from study.ledger.verdicts import NOT, PARTLY, REPRODUCED

CAUSAL = {
    REPRODUCED: "Up to 20 % outside, the median error is smaller where information will still enter than where it has "
                "left, in both directions of time: the networks do know something about causality.",
    PARTLY: "Up to 20 % outside Burgers' square, the median error is smaller where information will still enter than "
            "where it never touches the square. At equal distances little or nothing of this is left. And in at least "
            "one of the two directions of time the error is not clearly larger where information has already left. "
            "That is continuity, not causality.",
    NOT: "Up to 20 % outside, the median error where information will still enter is more than half of that where it "
         "never touches the square.",
}
PERIODIC = {
    REPRODUCED: "Even so, on both periodic waves it is about as good along the sides as elsewhere, and its values on "
                "opposite sides agree within twice its error.",
    PARTLY: "Even so, on one of the two periodic waves it is about as good along the sides as elsewhere, and its "
            "values on opposite sides agree within twice its error.",
    NOT: "On neither periodic wave do its values on opposite sides agree within twice its error while it is about as "
         "good along the sides as elsewhere.",
}
IMAGES = {
    REPRODUCED: "On both waves the field outside resembles the periodic continuation near the square, and less and "
                "less farther out.",
    PARTLY: "On one of the two waves the field outside resembles the periodic continuation near the square, and less "
            "and less farther out. On the other wave one part of this fails.",
    NOT: "On neither wave does the field outside resemble the periodic continuation near the square, and less and less "
         "farther out: a part of this fails on both.",
}
QUIET = {
    REPRODUCED: "Beyond the upper right corner, where nothing comes from, the field has little in common with the "
                "continuation, far less than beyond the opposite corner.",
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
