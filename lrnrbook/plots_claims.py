"""A picture of the verdicts: how many claims hold, by chapter."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lrnrbook.plots import BLUE, ORANGE, SKY, figure
from lrnrbook.verdicts import CANNOT, NOT, PARTLY, REPRODUCED

FACES = {REPRODUCED: (BLUE, "white"), PARTLY: (SKY, "black"), NOT: (ORANGE, "black"), CANNOT: ("#bbbbbb", "black")}


def plot_counts(table: pd.DataFrame) -> Figure:
    """Stacked bars of `lrnrbook.scoreboard.counts`: a bar a chapter, its length the number of claims."""
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
        ax.set(xlabel="claims", ylabel="chapter")
        fig.legend(loc="outside lower center", ncols=len(FACES))
    return fig
