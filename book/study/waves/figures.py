"""Figures of the data."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lrnrbook.plots import figure


def plot_fields(data, times: Sequence[float]) -> Figure:
    """All fields of a 1d data set at some times, darker as time goes on."""
    frames = [data[data.index(t)] for t in times]
    colours = plt.get_cmap("viridis_r")(np.linspace(0.15, 1, len(frames)))
    with figure(1, len(data.fields), 2.9) as (fig, axes):
        for j, ax in enumerate(axes[0]):
            for frame, colour in zip(frames, colours, strict=True):
                ax.plot(frame.x[:, 0], frame.u[:, j], color=colour, label=f"t = {frame.t:.4g}", lw=1.1)
            ax.set(xlabel="x", title=data.label(data.fields[j]), xlim=data.domain[0])
        handles, labels = axes[0, 0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=len(frames))
    return fig
