"""What the chapter on hypermodes says, a sentence for each outcome."""

from __future__ import annotations

from study.ledger.verdicts import NOT, PARTLY, REPRODUCED

REMOVED = {
    REPRODUCED: "Truncation removes half of the coefficients or more on every wave, at next to no cost in accuracy.",
    PARTLY: "Truncation removes half of the coefficients or more on some of the waves, at next to no cost in "
            "accuracy.",
    NOT: "Truncation removes less than half of the coefficients on most waves.",
}
SMOOTH = {
    REPRODUCED: "At least nine tenths of the coefficients of every wave are within one per cent of a polynomial of "
                "degree 10: they are smooth.",
    PARTLY: "Half or more of the coefficients of every wave are within one per cent of a polynomial of degree 10, and "
            "on some waves fewer than nine tenths.",
    NOT: "Our rule asks that nine tenths of the coefficients of every wave are within one per cent of a polynomial of "
         "degree 10. This fails, and on one wave by far.",
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
            "the others it takes one or two more.",
    NOT: "The hypermodes above the threshold are not enough to keep the error of the whole network.",
}
POLYNOMIAL = {
    REPRODUCED: "Polynomials of degree 30 give all temporal modes that count to a millionth.",
    PARTLY: "Polynomials of degree 30 give all temporal modes that count to a thousandth, not to machine precision.",
    NOT: "Polynomials of degree 30 do not give all temporal modes that count: they miss some of them by far more than "
         "a thousandth.",
}
POD = {
    REPRODUCED: "With as many modes, POD has at least three times the network's error on three waves or more.",
    PARTLY: "With as many modes, POD has a much larger error than the network on some waves.",
    NOT: "With as many modes, POD is as good as the network.",
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
}
