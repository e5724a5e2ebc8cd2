"""What the page on training shows: figures and numbers."""

from __future__ import annotations

from operator import itemgetter

from matplotlib.figure import Figure

from lrnrbook.datasets import load_data
from lrnrbook.model import MetaNetwork
from study.instruments import tables
from study.instruments.courses import plot_history, plot_space_time
from study.instruments.pages import spread
from study.instruments.tables import WAVES, mean
from study.ledger.models import load_record, pretrained
from study.ledger.records import load_measurement
from study.ledger.verdicts import SETS
from study.training.figures import plot_pictures_compared, plot_reconstruction

TIMES = [0.009975, 0.0266, 0.0285, 0.038]
ZOOMS = [{"t": 0.0311, "x": (0.6, 0.76), "title": "after the collision"},
         {"t": 0.0278, "x": (0.66, 0.72), "title": "as the fronts meet"}]
BETWEEN = {"acoustics": [0.1, 0.35, 0.67], "burgers": [0.7, 1.5, 2.3], "advection": [0.9, 2.1, 3.1]}


def figures(models: dict[str, MetaNetwork], record: dict) -> dict[str, Figure]:
    """Figures of the four models; `record` is that of the training of the Euler model."""
    data, model = load_data("euler"), models["euler"]
    midpoints = {name: load_data(name, split="midpoints") for name in SETS}
    return {
        "fig-05": plot_reconstruction(model, data, midpoints["euler"], "pressure", TIMES, ZOOMS),
        "fig-06": plot_history(record, model.lrnr),
        "euler-error": plot_space_time(data, model, share=0.5),
        **{f"{name}-midpoints": plot_pictures_compared(models[name], midpoints[name], times)
           for name, times in BETWEEN.items()},
    }


def values(record: dict) -> dict[str, str]:
    """Numbers in the text: errors of the Euler model by field, minutes, seeds, and the race for the recipe."""
    samples = record["errors"]["samples"]["q1"]
    seconds = sum(load_record(name)["seconds"] for name in SETS)
    race, final = (load_measurement(f"race-{kind}-euler") for kind in ("recipe", "final"))
    short, long = (tables.race(found)["mean"] for found in (race, final))  # best first
    leader = short.index[0]
    return {field: f"{row['points']:.2e}" for field, row in samples.items()} | {
        "minutes": f"{record['seconds'] / 60:.1f}", "all-minutes": f"{seconds / 2 / 60:.0f}",
        "seeds-euler": _of_seeds("euler"), "seeds-burgers": _of_seeds("burgers"),
        "race-seconds": f"{race['seconds']:.0f}", "race-leader": leader.replace(",", " and"),
        "race-first": short[leader], "race-laptop": short["laptop recipe"],
        "final-first": long[leader], "final-laptop": long["laptop recipe"], "fewer": _fewer()}


def _fewer() -> str:
    """Runs that had the truncated ranks from the start, beside those that were pruned."""
    said, costs = [], []
    for name in SETS:
        pruned, fewer = load_record(name), load_record(name, "truncated")
        steps, seconds, error = (of(fewer) / of(pruned) for of in (
            itemgetter("steps"), itemgetter("seconds"), lambda record: mean(record["errors"]["samples"])))
        costs.append(seconds / steps)
        said.append(f"{error:.2f} on the {WAVES[name]}, after {steps:.2f} times as many steps")
    return (f"Their errors are those of the pruned networks times {'; '.join(said)}. One of their steps takes "
            f"{spread(costs, '.2f')} times as long.")


def _of_seeds(name: str) -> str:
    """Least and largest E1 at the samples of all laptop models of a data set."""
    seeds = [seed for of, kind, seed in pretrained() if (of, kind) == (name, "laptop")]
    found = sorted(tables.models({seed: load_record(name, "laptop", seed) for seed in seeds})["E1 samples"], key=float)
    return f"{found[0]} to {found[-1]}"
