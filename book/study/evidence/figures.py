"""A picture of the verdicts: how many claims hold, by chapter."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lrnrbook.plots import ORANGE, figure
from study.ledger.verdicts import COLOURS, PARTLY


def plot_counts(table: pd.DataFrame) -> Figure:
    """Stacked bars of `study.evidence.scoreboard.counts`: a bar a chapter, its length the number of claims."""
    rows = table.drop(index="all")
    with figure(1, 1, 0.27 * len(rows) + 1.1) as (fig, axes):
        ax, left = axes[0, 0], np.zeros(len(rows))
        for verdict, face in COLOURS.items():
            count = rows[verdict].to_numpy()
            label = f"{verdict}: {table.loc['all', verdict]}"
            hatch = "////" if verdict == PARTLY else ""  # without colours it is told from its neighbours by this
            bars = ax.barh(list(rows.index), count, left=left, color=face, edgecolor="white", hatch=hatch, label=label)
            ax.bar_label(bars, [str(n or "") for n in count], label_type="center", color="white", fontsize=8,
                         bbox={"facecolor": face, "edgecolor": "none", "pad": 1.5})
            left += count
        ax.invert_yaxis()
        ax.set(xlabel="claims")
        ax.xaxis.get_major_locator().set_params(integer=True)
        fig.legend(loc="outside lower center", ncols=len(COLOURS))
    return fig


def plot_tubes(tubes: dict[str, tuple[np.ndarray, np.ndarray]], data, t: float) -> Figure:
    """Pressure of the blast waves by the small scheme of `differences.tube`, a panel each, over the data."""
    frame = data[data.index(t)]
    with figure(1, len(tubes), 2.4, sharey=True) as (fig, axes):
        for ax, (label, (x, pressure)) in zip(axes[0], tubes.items(), strict=True):
            ax.plot(frame.x[:, 0], frame.u[:, data.fields.index("pressure")], color="black", lw=1, label="the data")
            ax.plot(x, pressure, color=ORANGE, ls="--", label="first-order scheme")
            ax.set(title=label, xlabel="x", xlim=data.domain[0])
        axes[0, 0].set(ylabel=f"pressure at t = {t:g}")
        axes[0, 1].legend()
    return fig
