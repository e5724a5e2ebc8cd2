"""Figures of FastLRNR (section 6)."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from lrnrbook.plots import BLUE, GREEN, ORANGE, RED, figure
from lrnrbook.verdicts import SETS

COLOURS = {"deim": BLUE, "qdeim": ORANGE, "oversampled": GREEN, "eim": RED}
MARKS = dict(zip(COLOURS, "os^v", strict=True))


def plot_ranks(record: dict) -> Figure:
    """Error against rank (Fig. 17): median over the points; for the paper's choice also least and largest."""
    with figure(2, 2, 5.0, sharex=True, sharey=True) as (fig, axes):
        for ax, name in zip(axes.flat, SETS, strict=True):
            for points, colour in COLOURS.items():
                rows = record["rows"][f"{name}, float64, {points}"]
                ranks = [int(rank) for rank in rows]
                errors = np.array([row["errors"] for row in rows.values()])
                ax.semilogy(ranks, np.median(errors, 1), color=colour, marker=MARKS[points], ms=3.5, label=points)
                if points == "deim":
                    ax.fill_between(ranks, errors.min(1), errors.max(1), color=colour, alpha=0.15, lw=0)
            ax.axhline(1e-4, color="0.5", lw=0.8, ls="--")
            ax.set(title=name, ylim=(1e-9, 3))
        for ax in axes[-1]:
            ax.set_xlabel("rank of the bases")
        for ax in axes[:, 0]:
            ax.set_ylabel("relative $\\ell_2$ error")
        axes[0, 0].legend()
    return fig
