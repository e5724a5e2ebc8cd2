"""What the chapter on the network says, a sentence for each outcome."""

from __future__ import annotations

from study.ledger.verdicts import NOT, PARTLY, REPRODUCED

RANKS = {
    REPRODUCED: "No rank that we measured exceeds its bound, in any layer.",
    PARTLY: "Most ranks that we measured keep to their bounds.",
    NOT: "Some ranks that we measured exceed their bounds.",
}
FACTORED = {
    REPRODUCED: "In all networks that we tried the two agree to rounding.",
    PARTLY: "In most networks that we tried the two agree to rounding.",
    NOT: "In some of the networks that we tried the two differ by more than rounding.",
}
STABLE = {
    REPRODUCED: "On three of the four waves or more the LRNR is at least twice as stable, as the paper says.",
    PARTLY: "On two of the four waves the LRNR is at least twice as stable, as the paper says.",
    NOT: "Our rule asks that the LRNR is at least twice as stable on three of the four waves. It is not, so we "
         "do not see that low rank makes a network stable.",
}

# What the page calls each sentence, and the claim whose verdict chooses it.
SAID = {
    "ranks": ("C2-1", RANKS),
    "factored": ("C2-2", FACTORED),
    "stable": ("C2-3", STABLE),
}
