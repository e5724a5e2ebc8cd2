"""Claims about single hypermodes (5.2, Figs. 9-15), decided by the record "hypermodes-tangents"."""

from __future__ import annotations

import numpy as np

from study.instruments.descriptions import READ, read_verdict
from study.ledger.models import record_of, seeds_of
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, SETS, Claims, Verdict, text
from study.steps.measure import MARGIN

CLAIMS = Claims("06")


SET_OF = {"1": "euler", "2": "acoustics", "3": "burgers", "4": "advection"}


@CLAIMS.add("C5.2-1", "1, 5.2-5.3",
            "a few hypermode tangents capture the directions that the dynamics follows",
            paper="words only",
            rule="residual of u_t after the sum over i <= k of c_i' J phi_i, relative l2: reproduced if at most 0.1 "
                 "at all times named in 5.2, partly 0.3")
def c5_2_1() -> Verdict:
    """What the tangents of the first modes leave of du/dt."""
    numbers, worst = {}, []
    for name in SETS:
        rows = [record_of("tangents", name, seed)["shares"] for seed in seeds_of(name)]
        left = [max(r["residual"] for r in found) for found in rows]
        numbers[f"{name}: largest residual"] = text(left, ".2g")
        numbers[f"{name}: share of mode 2 at the named times"] = text((r["shares"][1] for r in rows[0]), ".2f")
        worst.append(float(np.median(left)))
    verdict = REPRODUCED if max(worst) <= 0.1 else PARTLY if max(worst) <= 0.3 else NOT
    return Verdict(CLAIMS["C5.2-1"], verdict, numbers, "Median of the seeds decides a set.")


@CLAIMS.add("C5.2-2", "5.2.1, Fig. 9",
            "tangent perturbations are physically plausible",
            paper="a picture",
            rule="over modes, signs, times: total variation at most 1.1 times and values within the data's range +- "
                 "5 %: reproduced in 80 %, partly in 50 %, on all sets")
def c5_2_2() -> Verdict:
    """Variation and range of perturbed fields."""
    numbers, least = {}, []
    for name in SETS:
        shares = []
        for seed in seeds_of(name):
            rows = [r for r in record_of("tangents", name, seed)["plausible"] if r["eta"] is not None]
            shares.append(np.mean([r["variation"] <= 1.1 and r["beyond"] <= MARGIN for r in rows]))
        numbers[f"{name}: share of plausible perturbations"] = text(shares, ".2f")
        least.append(float(np.median(shares)))
    verdict = REPRODUCED if min(least) >= 0.8 else PARTLY if min(least) >= 0.5 else NOT
    return Verdict(CLAIMS["C5.2-2"], verdict, numbers)


@CLAIMS.add("C5.2-3", "5.2",
            "each mode corresponds to an interpretable physical feature, so the modes of another training do the same",
            paper="words only",
            rule="three trainings of Euler and of Burgers: a mode is stable if its changed field du (all changes of "
                 "one size, the sign is free) has cosine 0.9 or more, at all times named, with that of one and the "
                 "same mode of each other training. Reproduced if at least three modes are stable on both sets, "
                 "partly if one is. The share of random directions that are stable is printed, and decides nothing")
def c5_2_3() -> Verdict:
    """Modes whose effect survives three trainings."""
    numbers, counts = {}, []
    for name in ("euler", "burgers"):
        found = record_of("stability", name, 0)
        stable = [len(modes) for modes in found["stable"].values()]
        numbers[f"{name}: stable modes, seen from each training"] = "; ".join(
            ", ".join(map(str, modes)) or "none" for modes in found["stable"].values())
        numbers[f"{name}: share of random directions that are stable"] = text(found["control"].values(), ".2f")
        counts.append(float(np.median(stable)))
    verdict = REPRODUCED if min(counts) >= 3 else PARTLY if min(counts) >= 1 else NOT
    return Verdict(CLAIMS["C5.2-3"], verdict, numbers, "The median of the trainings decides a set. A mode has one sign "
                   "at all times.")


def _described(claim_id: str, where: str, text: str, rule: str, paper: str = "a picture",
               observation: bool = True) -> None:
    """Add a statement about what one mode does, which the paper's descriptions, measured by `steps.measure`, decide."""
    CLAIMS.add(claim_id, where, text, paper=paper, rule=READ + rule, observation=observation)(
        lambda: read_verdict(CLAIMS[claim_id], "tangents", SET_OF[claim_id[5]]))


_described("C5.2.1-1", "5.2.1",
           "before the collision Euler mode 1 shifts both shocks and parts the peaks slightly, mode 2 draws them "
           "together",
           "Frames 20, 40, 50. Mode 1: both blast fronts move the same way, separation grows by less than half of "
           "the mean shift; mode 2: separation falls by 2 %. Partly one")
_described("C5.2.1-2", "5.2.1",
           "after it mode 1 moves the left-most slope, mode 2 does not; overall mode 1 moves everything right, mode 2 "
           "widens the middle",
           "Frames 70, 80: shift of that slope under mode 1 at least 4 times that under mode 2; mode 1: the profile "
           "moves one way by a cell at frames 20..80; mode 2: distance of the outermost fronts grows by 2 % after "
           "the collision. All three, partly two")
_described("C5.2.1-3", "5.2.1, t = 0.0285",
           "mode 1 shifts peak and adjoining slopes right",
           "Peak, left and right slope all move the same way, by within a factor of 2")
_described("C5.2.1-4", "5.2.1, t = 0.0285",
           "mode 2 raises and narrows the peak, lowers the left slope and pulls it inward",
           "Height up, width down, mean of the left slope down, it moves towards the peak")
_described("C5.2.1-5", "5.2.1, t = 0.0285",
           "mode 3 narrows and lowers the peak, steepens the left slope, right unchanged",
           "Width and height down, gradient of the left slope up, mean of the right slope unchanged, its place by less "
           "than a cell")
_described("C5.2.1-6", "5.2.1, t = 0.0285",
           "mode 4 raises and broadens the peak, steepens the right slope, adds a jump in the smooth descent",
           "Height, width, right gradient up, one more front right of the peak (down to 0.02 of the steepest slope)")
_described("C5.2.1-7", "5.2.1, t = 0.0285",
           "mode 5 keeps both slopes and shifts the peak to one side (left)",
           "The peak moves, both slopes stay")
_described("C5.2.2-1", "5.2.2, Figs. 10-11",
           "acoustics mode 2 advances time",
           "rho (distance to the nearest field of the next tenth of the time, over that to the present) of mode 2 is "
           "at most 0.5, with one sign, at two thirds of five times; partly at half of them. First written: and "
           "the least of all modes", observation=False)
_described("C5.2.2-2", "5.2.2",
           "at t = 0.04 it foresees a wave coming in from the upper boundary",
           "Activity in the strip of width 0.2 below the upper side at least 1")
_described("C5.2.2-3", "5.2.2",
           "at 0.38 it stresses the two narrow peaks near x2 = 0.75, not the broad one; later it leaves flat "
           "axis-aligned fronts",
           "Acts on discs at (+-1, 0.75), leaves discs at (0, +-0.75), (+-0.75, 0); at 0.5 and 0.67 leaves fronts "
           "whose normal is within 10 degrees of an axis")
_described("C5.2.2-4", "Fig. 11, t = 0.67",
           "mode 1 shifts the field uniformly in amplitude",
           "Standard deviation of the change at most 0.5 of its mean")
_described("C5.2.2-5", "Fig. 11",
           "mode 3 moves the contours joining the peaks; mode 4 presses the centre, keeps corner peaks; mode 5 widens "
           "peaks",
           "3: acts between neighbouring peaks, leaves discs on them; 4: acts on r < 0.25, leaves corner peaks; 5: "
           "half-height area up 2 %, places stay. All three, partly one or two")
_described("C5.2.2-6", "Fig. 11",
           "mode 6 moves peaks slightly, the upper two near x2 = 0.5 inward",
           "The maxima nearest (+-1, 0.47) both move towards x1 = 0, by 0.002 to 0.05")
_described("C5.2.3-1", "5.2.3, Figs. 12-13",
           "Burgers mode 2 advances time: sharper tip, moved fan, corner profiles moving in",
           "As C5.2.2-1, and at 0.62 the gradient at the tip up, at 1.50 corner profiles move inward. Partly one",
           observation=False)
_described("C5.2.3-2", "Fig. 13, t = 1.50",
           "mode 1 moves the fans back, leaves the shocks",
           "The fan moves along (1,1); displacement of the shocks at most 0.25 of the fan's")
_described("C5.2.3-3", "Fig. 13",
           "mode 3 tilts the central slope, keeps the contours; mode 4 acts on the diagonal, not on corner profiles",
           "3: acts on fan points of the middle, contours of the rest move by at most 0.25 of those; 4: acts on |x1 "
           "- x2| < 0.2, leaves both corner squares. Partly one")
_described("C5.2.3-4", "Fig. 13",
           "modes 5 and 6 reshape the tip near (0.4, 0.4); one moves the slanted profiles down, the other up",
           "Acts on the tip, corner profiles move along x2, opposite ways for equal sense of change at the tip. "
           "Partly one")
_described("C5.2.4-1", "5.2.4, Figs. 14-15",
           "advection mode 2 advances time, twisting the interface",
           "As C5.2.2-1, at 0.8, 1.6, 1.8, 2.4, 3.2", observation=False)
_described("C5.2.4-2", "5.2.4",
           "at 1.80 it foresees the return to the straight line x2 = 0.5",
           "Distance of the contour 0.5 from that line falls by 30 % at the size where rho is least",
           "x2 = 0.5")
_described("C5.2.4-3", "Fig. 15, t = 2.40",
           "mode 1 shifts contours up and down; mode 3 changes their height with a slight twist",
           "Contour 0.5: 1: moves along x2 with one sign on 80 % of it; 3: along x2 on average, with a part of "
           "opposite sign of 10 %. Partly one")
_described("C5.2.4-4", "Fig. 15",
           "mode 4 changes the upper left part, mode 5 the lower right; mode 6 advances a little, pushing upper left "
           "down and lower right up",
           "4: acts on fronts in the upper left quarter, leaves those in the lower right; 5: the reverse; 6: rho at "
           "most 0.8, displacement along x2 negative and positive there. All three, partly one or two")
