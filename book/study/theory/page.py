"""What the page on the coefficient count shows: figures and numbers."""

from __future__ import annotations

from matplotlib.figure import Figure

from lrnrbook.model import MetaNetwork
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED
from study.theory import figures as drawn
from study.theory import problems
from study.theory.conservation import FLUXES, PROFILES, track
from study.theory.entropy import front_network

LEARNED = {
    REPRODUCED: "On all three equations the best of five networks with ReLU comes within twice the error of the one "
                "built by hand.",
    PARTLY: "On all three equations the best of five networks with ReLU comes within ten times the error of the one "
            "built by hand, though not on all within twice.",
    NOT: "On at least one equation not even the best of five networks with ReLU comes within ten times the error of "
         "the one built by hand.",
}
SAID = {"learned": ("C3-6", LEARNED)}


def figures(built: MetaNetwork) -> dict[str, Figure]:
    """Figures that do not depend on the page's own code; `built` is a network of fronts of Burgers' equation."""
    quartic = track(FLUXES["quartic"], PROFILES["shapes"], 0.05, until=0.5)
    return {
        "fig-01": drawn.plot_gallery({"Burgers": built, "$F = u^4/4 + u^2/2$": front_network(quartic, 0.5)}),
        "entropy-rates": drawn.plot_entropy_rates(),
        "learned-built": drawn.plot_learned(),
    }


def values() -> dict[str, str]:
    """Numbers in the text."""
    rows = [problems.row(f"shallow | {k}") for k in (4, 6, 8)]
    return {"shallow-slope": f"{problems.entropy_slope(rows):.2f}",
            "shallow-widths": ", ".join(str(row["width"]) for row in rows)}
