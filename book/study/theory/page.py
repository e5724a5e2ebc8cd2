"""What the page on the coefficient count shows: figures and numbers."""

from __future__ import annotations

from matplotlib.figure import Figure

from lrnrbook.model import MetaNetwork
from study.theory import figures as drawn
from study.theory import problems
from study.theory.conservation import FLUXES, PROFILES, track
from study.theory.entropy import front_network


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
