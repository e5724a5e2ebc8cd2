"""What the page on hypermodes shows: figures and numbers."""

from __future__ import annotations

from matplotlib.figure import Figure

from lrnrbook.encode import POINTS
from lrnrbook.model import MetaNetwork
from lrnrbook.modes import Hypermodes
from study.hypermodes import figures as drawn
from study.hypermodes.claims import c1_3, c5_1_4
from study.hypermodes.claims_coefficients import c5_0_1, c5_0_2, c5_0_3
from study.instruments.pages import spread
from study.ledger.records import load_measurement
from study.ledger.verdicts import SETS, Verdict


def figures(model: MetaNetwork, modes: dict[str, Hypermodes], layer: int) -> dict[str, Figure]:
    """Figures of the hypermodes of all waves, and of a layer's coefficients of the Euler model before truncation."""
    reduced = load_measurement("hypermodes-coefficients")["rows"]
    ahead = load_measurement("hypermodes-forecasts")["rows"]
    paths = {name: (one.times, one.temporal * one.singular_values @ one.basis.T) for name, one in modes.items()}
    return {
        "fig-08": drawn.plot_spectrum(modes),
        "fig-07": drawn.plot_coefficients(model, layer),
        "linearity": drawn.plot_linearity(paths),
        "polynomials": drawn.plot_polynomials(modes),
        "reduced": drawn.plot_reduced({name: reduced[f"{name} 0"] for name in SETS}),
        "forecast": drawn.plot_forecasts({name: ahead[f"{name} 0"] for name in SETS}),
    }


def values(model: MetaNetwork, modes: dict[str, Hypermodes]) -> dict[str, str | int]:
    """Numbers in the text."""
    zero, smooth, linear, pod, fits = (check() for check in (c5_0_1, c5_0_2, c5_0_3, c1_3, c5_1_4))
    return {
        "total": model.lrnr.ranks.total, "counts": ", ".join(str(one.count()) for one in modes.values()),
        "smooth-share": percent(smooth, "euler: share of smooth"),
        "rough-share": percent(smooth, "advection: share of smooth"),
        "pod-share": percent(smooth, "euler: share of smooth", part=1),
        "zero-weights": percent(zero, "share of weights"), "zero-biases": percent(zero, "share of biases"),
        "worst-fit": f"{percent(fits, '')} %",
        "linear-share": percent(linear, "share of linear"), "points": POINTS,
        "pod-times": spread([ratio for name, ratio in pod.numbers.items() if "E1 of POD" in name]),
    }


def percent(verdict: Verdict, start: str, part: int = 0) -> str:
    """Least and largest of the shares that the numbers of a verdict have under names that begin so, in per cent.

    Examples
    --------
    >>> from study.ledger.verdicts import NOT, Claim
    >>> found = Verdict(Claim(*"abcdef"), NOT, {"share, x": "0.12, 0.5; 0.9", "other": "1"})
    >>> percent(found, "share"), percent(found, "share", part=1)
    ('12 to 50', '90')
    """
    texts = [str(value).split(";")[part] for name, value in verdict.numbers.items() if name.startswith(start)]
    return spread([100 * float(share) for text in texts for share in text.split(", ")])
