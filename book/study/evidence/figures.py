"""A picture of the verdicts: how many claims hold, by chapter."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lrnrbook.plots import BLUE, ORANGE, SKY, figure
from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED

FACES = {REPRODUCED: (BLUE, "white"), PARTLY: (SKY, "black"), NOT: (ORANGE, "black"), CANNOT: ("#bbbbbb", "black")}


def plot_counts(table: pd.DataFrame) -> Figure:
    """Stacked bars of `study.evidence.scoreboard.counts`: a bar a chapter, its length the number of claims."""
    rows = table.drop(index="all")
    with figure(1, 1, 0.27 * len(rows) + 1.1) as (fig, axes):
        ax, left = axes[0, 0], np.zeros(len(rows))
        for verdict, (face, ink) in FACES.items():
            count = rows[verdict].to_numpy()
            label = f"{verdict}: {table.loc['all', verdict]}"
            bars = ax.barh(list(rows.index), count, left=left, color=face, edgecolor="white", label=label)
            ax.bar_label(bars, [str(n or "") for n in count], label_type="center", color=ink, fontsize=8)
            left += count
        ax.invert_yaxis()
        ax.set(xlabel="claims")
        fig.legend(loc="outside lower center", ncols=len(FACES))
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
