"""What the chapter on fast evaluation says, a sentence for each outcome."""

from __future__ import annotations

from study.ledger.verdicts import NOT, PARTLY, REPRODUCED

FALLS = {
    REPRODUCED: "On all four waves the error falls steadily with the rank, to below one in ten thousand.",
    PARTLY: "On some of the waves the error falls steadily with the rank, to below one in ten thousand.",
    NOT: "On most of the waves the error does not fall steadily to below one in ten thousand.",
}
RANK = {
    REPRODUCED: "The rank that it takes to get there is between half and twice the rank of the weights.",
    PARTLY: "On some waves the rank that it takes to get there is between half and twice the rank of the weights.",
    NOT: "On most waves the rank that it takes to get to one in ten thousand is not between half and twice the rank of "
         "the weights.",
}
FLAT = {
    REPRODUCED: "The run time of FastLRNR is independent of the width, as its number of operations is.",
    PARTLY: "The number of operations of FastLRNR is independent of the width; its run time is not quite.",
    NOT: "The run time of FastLRNR depends on the width.",
}
STATES = {
    REPRODUCED: "At nine tenths of the points and layers the states span no more directions than the two ranks "
                "together, and with a rectifier as activation they span more.",
    PARTLY: "At nine tenths of the points and layers the states span no more directions than the two ranks together; "
            "a rectifier as activation does not make them span more on every wave.",
    NOT: "At many points and layers the states span more directions than the two ranks together.",
}
ALONE = {
    REPRODUCED: "In the median of the waves the states of every other kind of network span at least three times as "
                "many directions as those of LRNR.",
    PARTLY: "The states of one or two of the other kinds of network span at least three times as many directions as "
            "those of LRNR, in the median of the waves; those of the rest do not.",
    NOT: "In the median of the waves none of the other kinds of network needs three times as many directions as LRNR. "
         "But two of the three could not: their layers are less than three times as wide as LRNR's states have "
         "dimensions. The third, a dense network, needs fewer, at a larger error. So these networks do not decide it.",
}
GRADIENTS = {
    REPRODUCED: "Gradients through FastLRNR are accurate, and several times faster.",
    PARTLY: "We ask two things of these gradients: an error of at most a thousandth, and a gain of at least three "
            "times in speed, at the size of the paper's Euler network. Only one of the two holds.",
    NOT: "Gradients through FastLRNR are neither accurate nor several times faster.",
}

# What the page calls each sentence, and the claim whose verdict chooses it.
SAID = {
    "falls": ("C6-4", FALLS),
    "rank": ("C6-5", RANK),
    "flat": ("C1-4", FLAT),
    "states-are": ("C6-1", STATES),
    "alone": ("C6-2", ALONE),
    "gradients": ("C1-5", GRADIENTS),
}
