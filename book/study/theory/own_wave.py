"""Draw your own wave: a page in which a sketched profile becomes the network with five coefficients (Proposition 1).

The page computes by itself what `study.theory.conservation` and `front_network` do here; its code is in ``static/``.
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np

from lrnrbook.widget import static
from study.theory.conservation import FLUXES, PROFILES, track
from study.theory.entropy import front_network
from study.theory.figures import plot_fronts

CODE = Path(__file__).with_name("static")
NODES = np.linspace(0, 1, 81)  # of what is drawn
STARTS = {"box, triangle, bump": "shapes", "three shocks": "mergers", "N-wave": "wave"}
SIZES = (4, 6, 8, 12, 16, 24, 32, 48, 64)  # steps of the values in a unit, one network each
TIME, SIZE = 0.4, 4  # at the beginning: share of the last time, and which of the sizes


class OwnWave:
    """In a page something to play with; without JavaScript, and as an object, the figure of its first state."""

    def _repr_html_(self) -> str:
        starts = {title: [0.0, *PROFILES[name](NODES[1:-1]).round(6).tolist(), 0.0] for title, name in STARTS.items()}
        look = {"starts": starts, "start": next(iter(starts)), "time": TIME, "size": SIZE, "sizes": SIZES}
        code = "\n".join([static("drawing.js").decode(), *((CODE / f"{name}.js").read_text()
                                                           for name in ("front_tracking", "own_wave"))])
        style = static("explorer.css").decode() + (CODE / "own_wave.css").read_text()
        return (f'<style>{style}</style>\n<div class="lrnr-explorer lrnr-own" id="own-wave">'
                f'<img alt="Fronts of a box, a triangle and a bump in space and time, and profiles at two times." '
                f'src="data:image/png;base64,{base64.b64encode(_still()).decode()}"></div>\n'
                f'<script type="module">\n{code}\n'
                f'ownWave(document.getElementById("own-wave"), {json.dumps(look)});\n</script>\n')


def _still() -> bytes:
    """PNG of the fronts and profiles that it begins with."""
    until = 0.7
    fronts = track(FLUXES["burgers"], PROFILES["shapes"], 1 / SIZES[SIZE], until)
    out = io.BytesIO()
    figure = plot_fronts(fronts, front_network(fronts, until), "burgers", "shapes", [0.1, TIME * until])
    figure.savefig(out, format="png", dpi=100, metadata={"Software": None})
    return out.getvalue()
