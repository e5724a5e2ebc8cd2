"""What the page on the outside of the square shows: figures and numbers."""

from __future__ import annotations

from matplotlib.figure import Figure

from lrnrbook.data import WaveData
from lrnrbook.model import MetaNetwork
from study.instruments.pages import spread
from study.ledger.records import load_measurement
from study.outside import figures as drawn
from study.outside.claims import CLAIMS, effects, interval, opposed, periodic_gain

TIMES = {"acoustics": (0.19, 0.38, 0.64), "burgers": (0.62, 1.5, 2.5), "advection": (0.8, 1.8, 3.2)}


def figures(models: dict[str, MetaNetwork], data: dict[str, WaveData]) -> dict[str, Figure]:
    """Figures of the four waves beyond their domains, and of what the small models are worth there."""
    record = load_measurement("benchmark-outside")
    return {
        **{f"outside-{name}": drawn.plot_outside(models[name], data[name], times, every=1 + (name == "advection"))
           for name, times in TIMES.items()},
        "outside-euler": drawn.plot_outside_1d(models["euler"], data["euler"]),
        "classes-burgers": drawn.plot_classes(data["burgers"], TIMES["burgers"]),
        "distance": drawn.plot_distance(record),
        "directions": drawn.plot_directions(record),
        "depths": drawn.plot_depths(record),
    }


def values() -> dict[str, str]:
    """Numbers in the text: geometric means with their intervals."""
    numbers = CLAIMS.checks["C7-1"]().numbers
    sides = [str(text).split(";") for name, text in numbers.items() if "mismatch over E1" in name]
    outgoing = CLAIMS.checks["C7-3"]().numbers
    found = {"outgoing": outgoing["correlation by strip, distance at most c t"],
             "outgoing-fall": outgoing["Spearman of strip and correlation"],
             "opposed": "{} of {}".format(*opposed())} | {
        what: spread([float(one) for both in sides for one in both[k].split(", ")], ".1f")
        for k, what in enumerate(("sides", "mismatch"))}
    for label, name, what in (("acoustics", "acoustics", "classes"), ("burgers", "burgers", "classes"),
                              ("rays", "acoustics", "rays")):
        found |= {f"{label}_{kind}": _shown(*interval(rows)) for kind, rows in effects(name, what).items()}
    return found | {f"{name}_{part}": _shown(*periodic_gain(name, part))
                    for name in ("acoustics", "burgers") for part in ("strip", "rest")}


def _shown(mean: float, low: float, high: float) -> str:
    return f"{mean:.2f} ({low:.2f} to {high:.2f})"
