"""What the chapter on the ingredients says, a sentence for each outcome."""

from __future__ import annotations

from study.instruments.pages import UNDECIDED, listed
from study.instruments.tables import WAVES
from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED, Verdict

LOWRANK = {
    REPRODUCED: "More than half of the singular values of SIREN's weights are above a hundredth of the first: a "
                "hypernetwork that may choose any weights does not choose low-rank ones.",
    PARTLY: "Between a quarter and a half of the singular values of SIREN's weights are above a hundredth of the "
            "first.",
    NOT: "More than three quarters of the singular values of SIREN's weights are below a hundredth of the first, "
         "though nobody asked for it.",
}
SQUARE = {
    REPRODUCED: "With the square the network overshoots beside fronts; with the absolute value it overshoots less, and "
                "is more accurate.",
    PARTLY: "With the absolute value the network overshoots less beside fronts or is more accurate, not both in most "
            "runs.",
    NOT: "With the absolute value the network in most runs neither overshoots less beside fronts nor is more accurate.",
}
SOONER = {
    REPRODUCED: "With blurred data the threshold is reached sooner.",
    PARTLY: "With blurred data the threshold on the loss is reached sooner, that on the data is not.",
    NOT: "With blurred data the threshold is not reached sooner.",
    CANNOT: "Whether the threshold is reached sooner with blurred data our short runs cannot say, since on the blast "
            "waves none of them reaches it. At ten times the threshold the loss, which sees the blurred data, gets "
            "there much sooner, but the error on the data themselves does not.",
}
ADAPTIVE = {
    REPRODUCED: "With equally many points, those of the adaptive grid give smaller errors than blurred data on a "
                "uniform grid, on at least two of the three waves in the plane.",
    PARTLY: "With equally many points, those of the adaptive grid give smaller errors than blurred data on a uniform "
            "grid, on at least two of the three waves in the plane, but not in every seed.",
    NOT: "With equally many points, those of the adaptive grid do not give smaller errors than blurred data on a "
         "uniform grid, by our rule: it asks for two of the three waves in the plane, in most seeds. The errors are "
         "those on a uniform grid, which favours the latter.",
}
ORTHO = {
    REPRODUCED: "The orthogonality penalty lowers the misfit in nearly all pairs of runs.",
    PARTLY: "The orthogonality penalty lowers the misfit in most pairs of runs.",
    NOT: "The orthogonality penalty does not lower the misfit consistently: whether the run with it or without it is "
         "better depends on the wave and the seed.",
}
SHRINK = {
    REPRODUCED: "A plain penalty on the sum of magnitudes gives no sparse coefficients before it costs accuracy.",
    PARTLY: "A plain penalty on the sum of magnitudes gives sparse coefficients without loss of accuracy on one of "
            "the two waves tried.",
    NOT: "A plain penalty on the sum of magnitudes gives sparse coefficients without loss of accuracy on both waves "
         "tried.",
}
DECAY = {
    REPRODUCED: "The paper's penalty removes half of the coefficients on three waves or more, at no loss of accuracy.",
    PARTLY: "The paper's penalty removes half of the coefficients on some waves, at no loss of accuracy.",
    NOT: "The paper's penalty, with all weights and all rates that we tried, in most seeds and on every wave removes "
         "less than half of the coefficients or costs accuracy.",
}
FELT = {
    REPRODUCED: "With Table 1's weights the penalty has an effect on every wave.",
    PARTLY: "With Table 1's weights the penalty has an effect, if a small one, on some waves but not on all. On the "
            "others the coefficients change by less than one part in a hundred thousand, or by no more than rounding "
            "does.",
    NOT: "With Table 1's weights the penalty has no effect that single precision could see.",
}
ORDINARY = {
    REPRODUCED: "After equally many epochs on the blast waves, a SIREN that is trained without any of these "
                "ingredients has at least three times the E2 of an LRNR that has them all.",
    PARTLY: "After equally many epochs on the blast waves, a SIREN that is trained without any of these ingredients "
            "has more than one and a half times the E2 of an LRNR that has them all, but less than three times.",
    NOT: "After equally many epochs on the blast waves, a SIREN that is trained without any of these ingredients has "
         "less than one and a half times the E2 of an LRNR that has them all.",
}
HALF = {
    REPRODUCED: "A SIREN of half the width has at least one and a half times the error of the whole in most seeds.",
    PARTLY: "A SIREN of half the width has at least one and a half times the error of the whole in half of the seeds.",
    NOT: "A SIREN of half the width has less than one and a half times the error of the whole in most seeds.",
}
COURSE = {
    REPRODUCED: "There the misfit rises at each cut of the blur's radius and comes down again, and it falls steadily "
                "once the data are sharp, as in the paper.",
    PARTLY: "There the course of the misfit is the paper's in part. It should rise at each cut of the blur's radius "
            "and come down again, and it should fall steadily once the data are sharp; not both hold in both runs.",
    NOT: "There the course of the misfit is not the paper's. It should rise at each cut of the blur's radius and come "
         "down again, and it should fall steadily once the data are sharp; in one run or both neither holds.",
}
LEVELS = {
    REPRODUCED: "By our rule the penalties take the paper's course: that of orthogonality changes far less after the "
                "switch than before it, and that of sparsity hardly changes at all. But in the paper's run "
                "orthogonality comes last; here its penalty is near its least hundreds of epochs before the switch, "
                "and rises a little afterwards.",
    PARTLY: "The orthogonality penalty should fall there until the switch and then level off, and the sparsity penalty "
            "should hardly change; not both hold in both runs.",
    NOT: "The orthogonality penalty should fall there until the switch and then level off, and the sparsity penalty "
         "should hardly change; in one run or both neither holds.",
}
STATEMENTS = ("The paper makes three statements on tuning: the weight of this penalty matters far more than that of "
              "the orthogonality penalty, so does its rate, and 0.01 is a good weight of the latter.")
TUNED = {
    REPRODUCED: "As the paper says, results depend on the weight and the rate of this penalty far more than on the "
                "weight of the orthogonality penalty, for which 0.01 is good everywhere.",
    PARTLY: f"{STATEMENTS} Two of them hold in our runs.",
    NOT: f"{STATEMENTS} In our runs two of them or all three fail.",
}

# What the page calls each sentence, and the claim whose verdict chooses it.
SAID = {
    "lowrank": ("C4.0-1", LOWRANK),
    "square": ("C4.2-5", SQUARE),
    "sooner": ("C4.2-2", SOONER),
    "adaptive": ("C4.2-3", ADAPTIVE),
    "ortho": ("C4.1-6", ORTHO),
    "shrink": ("C4.1-2", SHRINK),
    "decay": ("C4.1-4", DECAY),
    "felt": ("C4.1-5", FELT),
    "ordinary": ("C4.2-1", ORDINARY),
    "half": ("C4.3-5", HALF),
    "course": ("C4.3-2", COURSE),
    "levels": ("C4.3-3", LEVELS),
    "tuned": ("C4.3-7", TUNED),
}


def adam(found: Verdict) -> str:
    """How many runs with Adam reach the paper's thresholds, short ones and those of the fair trial, by C4.3-1.

    Examples
    --------
    >>> from study.ledger.verdicts import Claim
    >>> numbers = {"burgers: epochs to MSE 0.005 in short runs, of 500": "never, 467",
    ...            "burgers: epoch of MSE 0.005 in the trial, printed; least MSE": "1066; 0.0005"}
    >>> said = adam(Verdict(Claim(*"abcdef"), PARTLY, numbers))
    >>> said[:40], said[-59:]
    ('Of our 2 short runs with Adam, 1 reaches', 'long ones of the fair trial 1 does, on the wave of Burgers.')
    """
    if found.verdict == CANNOT:
        return UNDECIDED
    short = [run for name, value in found.numbers.items() if ": epochs to MSE" in name for run in value.split(", ")]
    few = sum(not run.startswith("never") for run in short)
    trial = [(name.split(":")[0], value) for name, value in found.numbers.items() if ": epoch of MSE" in name]
    there = [f"the {WAVES[name]}" for name, run in trial if not run.startswith("never")]
    does = "does" if len(there) == 1 else "do"
    many = f"{len(there)} {does}, on {listed(dict.fromkeys(there))}" if there else "none does"
    return (f"Of our {len(short)} short runs with Adam, {few or 'none'} reach{'es' if few < 2 else ''} the paper's "
            f"threshold on the data themselves; of the {len(trial)} long ones of the fair trial {many}.")


def asleep(found: Verdict) -> str:
    """What the fair trial keeps without a penalty that is felt, by C4.1-1.

    Examples
    --------
    >>> from study.ledger.verdicts import Claim
    >>> numbers = {"kept in the trial, Adam, euler": 0.4, "kept in the trial, linear output, euler": 0.95}
    >>> asleep(Verdict(Claim(*"abcdef"), PARTLY, numbers))[-71:]
    '95 % with a linear last step. So it is the rectifier that lets them go.'
    """
    kept = [found.numbers.get(f"kept in the trial, {name}, euler") for name in ("Adam", "linear output")]
    if None in kept:
        return "The fair trial's runs without a penalty are not finished."
    few = [share < 0.9 for share in kept]
    so = {(True, True): "So coefficients vanish there without any penalty, whatever the last step.",
          (True, False): "So it is the rectifier that lets them go.",
          (False, True): "So it is the linear step that lets them go.",
          (False, False): "So without a penalty hardly any vanish there either."}
    return ("Networks that start as the paper's do, and see times as they are, which are tiny on the blast waves, are "
            f"another matter: with no penalty that is felt, the fair trial keeps {100 * kept[0]:.0f} % of the "
            f"coefficients with a rectifier, and {100 * kept[1]:.0f} % with a linear last step. {so[tuple(few)]}")
