"""What the chapter on hypermodes says, a sentence for each outcome."""

from __future__ import annotations

from study.ledger.verdicts import NOT, PARTLY, REPRODUCED

REMOVED = {
    REPRODUCED: "Truncation removes half of the coefficients or more on every wave, and in most trainings the error "
                "grows by less than a tenth.",
    PARTLY: "On some of the waves truncation removes half of the coefficients or more, and the error grows by less "
            "than a tenth.",
    NOT: "On most waves truncation removes less than half of the coefficients, or makes the error grow by more than a "
         "tenth.",
}
SMOOTH = {
    REPRODUCED: "At least nine tenths of the coefficients of every wave are within one per cent of a polynomial of "
                "degree 10: they are smooth.",
    PARTLY: "Half or more of the coefficients of every wave are within one per cent of a polynomial of degree 10, and "
            "on some waves fewer than nine tenths.",
    NOT: "Our rule asks that nine tenths of the coefficients of every wave are within one per cent of a polynomial of "
         "degree 10. This fails, and on at least one wave less than half of them pass.",
}
LINEAR = {
    REPRODUCED: "More than half of the coefficients of the Euler networks are nearly straight lines.",
    PARTLY: "More than half of the coefficients in layer 2 of the Euler networks are nearly straight lines; over all "
            "layers it is less than half.",
    NOT: "Less than half of the coefficients of the Euler networks are nearly straight lines.",
}
DECAY = {
    REPRODUCED: "On every wave the hypermodes that count are a few per cent of the coefficients.",
    PARTLY: "On every wave the hypermodes that count are a few per cent of the coefficients, but not on all fewer "
            "than the POD modes of the data.",
    NOT: "On some waves the hypermodes that count are more than a few per cent of the coefficients.",
}
ENOUGH = {
    REPRODUCED: "The hypermodes above the threshold are enough to keep the error of the whole network on every wave.",
    PARTLY: "The hypermodes above the threshold are enough to keep the error of the whole network on some waves. On "
            "the others the threshold cuts off modes that still matter.",
    NOT: "On most waves the hypermodes above the threshold are not enough to keep the error of the whole network.",
}
POLYNOMIAL = {
    REPRODUCED: "Polynomials of degree 30 give all temporal modes that count to a millionth.",
    PARTLY: "Polynomials of degree 30 give all temporal modes that count to a thousandth, not to machine precision.",
    NOT: "Polynomials of degree 30 do not give all temporal modes that count.",
}
POD = {
    REPRODUCED: "With as many modes, POD has at least three times the network's error on three waves or more.",
    PARTLY: "With as many modes, POD has at least three times the network's error on one or two of the waves.",
    NOT: "With as many modes, POD has less than three times the network's error on every wave.",
}
NEAR_ZERO = {
    REPRODUCED: "In layer 2, which the paper shows, more than half of the coefficients of weights and of those of "
                "biases stay near zero, as in the paper.",
    PARTLY: "In layer 2, which the paper shows, a fifth or more of the coefficients of weights and of those of biases "
            "stay near zero; in the paper it is more than half of both.",
    NOT: "But other coefficients vanish than in the paper. In layer 2, which it shows, more than half of the "
         "coefficients of the weights stay near zero there, and more than half of those of the biases. Here one of "
         "the two shares, or both, is below a fifth.",
}
ORDER = {
    REPRODUCED: "On every wave their order by size changes a lot over time.",
    PARTLY: "Their order by size does change over time on every wave, though not on all as much as our rule asks.",
    NOT: "On some wave their order by size hardly changes over time.",
}
PRIVILEGE = {
    REPRODUCED: "A SIREN or a NIF with as narrow a hypernetwork moves along at least three times as many directions, "
                "and its hidden states need as many times more room.",
    PARTLY: "By one of our two counts, of hypermodes and of hidden states, a SIREN or a NIF with as narrow a "
            "hypernetwork needs at least three times as many; by the other LRNR has no privilege.",
    NOT: "A narrow hypernetwork keeps the number of hypermodes small in a SIREN or a NIF as well, so by this count "
         "LRNR has no privilege. In these two, whose hypernetwork ends in a linear step, it bounds the number, so "
         "the factor of three that our rule asks for could hardly have shown. LRNR ends in a rectifier, which has "
         "no such bound, and its number is small all the same.",
}

# What the page calls each sentence, and the claim whose verdict chooses it.
SAID = {
    "removed": ("C5.0-4", REMOVED),
    "smooth": ("C5.0-2", SMOOTH),
    "linear": ("C5.0-3", LINEAR),
    "decay": ("C5.1-1", DECAY),
    "enough": ("C5.1-6", ENOUGH),
    "polynomial": ("C5.1-4", POLYNOMIAL),
    "pod": ("C1-3", POD),
    "near-zero": ("C5.0-1", NEAR_ZERO),
    "order": ("C4.1-3", ORDER),
    "privilege": ("C4.3-6", PRIVILEGE),
}
