"""What the chapter on the ingredients says, a sentence for each outcome."""

from __future__ import annotations

from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED

LOWRANK = {
    REPRODUCED: "The singular values of SIREN's weights hardly fall: a hypernetwork that may choose any weights does "
                "not choose low-rank ones.",
    PARTLY: "On some waves the singular values of SIREN's weights hardly fall.",
    NOT: "The singular values of SIREN's weights fall as those of LRNR do.",
}
SQUARE = {
    REPRODUCED: "With the square the network overshoots beside fronts; the absolute value takes the oscillations away "
                "and is more accurate.",
    PARTLY: "The absolute value takes the oscillations away or is more accurate, not both on both waves.",
    NOT: "The absolute value neither takes the oscillations away nor is more accurate.",
}
ADAM = {
    REPRODUCED: "Our runs with Adam reach the paper's thresholds.",
    PARTLY: "Our short runs with Adam reach the paper's thresholds on some waves, or only another optimiser does. "
            "They are far shorter than the paper's; the fair trial trains as long.",
    NOT: "Our short runs with Adam do not reach the paper's thresholds. They are far shorter than the paper's; the "
         "fair trial trains as long.",
}
SOONER = {
    REPRODUCED: "With blurred data the threshold is reached sooner.",
    PARTLY: "With blurred data the threshold on the loss is reached sooner, that on the data is not.",
    NOT: "With blurred data the threshold is not reached sooner.",
    CANNOT: "Whether the threshold is reached sooner with blurred data our short runs cannot say, since on the blast "
            "waves none of them reaches it.",
}
ADAPTIVE = {
    REPRODUCED: "With equally many points, those of the adaptive grid give smaller errors than a uniform grid, "
                "blurred or not.",
    PARTLY: "On one of the waves, points of the adaptive grid give smaller errors than a uniform grid.",
    NOT: "With equally many points, those of the adaptive grid do not give smaller errors than a uniform grid. All "
         "are judged on a uniform grid, which is a home match for the latter.",
}
ORTHO = {
    REPRODUCED: "The orthogonality penalty lowers the error in nearly all pairs of runs.",
    PARTLY: "The orthogonality penalty lowers the error in most pairs of runs.",
    NOT: "The orthogonality penalty does not lower the error consistently: with it and without it the better run is a "
         "matter of the wave and the seed.",
}
SHRINK = {
    REPRODUCED: "Plain shrinkage gives no sparse coefficients before it costs accuracy.",
    PARTLY: "Plain shrinkage gives sparse coefficients on some waves.",
    NOT: "Plain shrinkage gives sparse coefficients without loss of accuracy.",
}
DECAY = {
    REPRODUCED: "The paper's penalty removes half of the coefficients at no loss of accuracy.",
    PARTLY: "The paper's penalty removes half of the coefficients on some waves, at no loss of accuracy.",
    NOT: "No weight and no rate of the paper's penalty that we tried removes half of the coefficients without loss of "
         "accuracy.",
}
FELT = {
    REPRODUCED: "With Table 1's weights the penalty has an effect on every wave.",
    PARTLY: "With Table 1's weights the penalty has an effect on some waves. On the blast waves its gradient is so "
            "small that single precision does not see it.",
    NOT: "With Table 1's weights the penalty has no effect that single precision could see.",
}

# What the page calls each sentence, and the claim whose verdict chooses it.
SAID = {
    "lowrank": ("C4.0-1", LOWRANK),
    "square": ("C4.2-5", SQUARE),
    "adam": ("C4.3-1", ADAM),
    "sooner": ("C4.2-2", SOONER),
    "adaptive": ("C4.2-3", ADAPTIVE),
    "ortho": ("C4.1-6", ORTHO),
    "shrink": ("C4.1-2", SHRINK),
    "decay": ("C4.1-4", DECAY),
    "felt": ("C4.1-5", FELT),
}
