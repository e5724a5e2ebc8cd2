"""What the page on training shows: figures and numbers."""

from __future__ import annotations

from matplotlib.figure import Figure

from lrnrbook.datasets import load_data
from lrnrbook.model import MetaNetwork
from study.instruments.courses import plot_history, plot_space_time
from study.ledger.models import load_record
from study.ledger.verdicts import SETS
from study.training.figures import plot_pictures_compared, plot_reconstruction

TIMES = [0.009975, 0.0266, 0.0285, 0.038]
ZOOMS = [{"t": 0.0311, "x": (0.6, 0.76), "title": "after the collision"},
         {"t": 0.0278, "x": (0.66, 0.72), "title": "before the merger"}]
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
    """Numbers in the text: errors of the Euler model by field, minutes."""
    samples = record["errors"]["samples"]["q1"]
    seconds = sum(load_record(name)["seconds"] for name in SETS)
    return {field: f"{row['points']:.2e}" for field, row in samples.items()} | {
        "minutes": f"{record['seconds'] / 60:.1f}", "all-minutes": f"{seconds / 2 / 60:.0f}"}
