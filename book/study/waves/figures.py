"""Figures of the data."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lrnrbook.plots import figure
from study.instruments.drawing import colours_of, draw_picture, on_grid


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


def plot_pictures(data, times: Sequence[float], field: str | None = None, share: float = 1.0) -> Figure:
    """A field of 2d data at some times, with the edges of its grid patches.

    The cells must be squares that fill the domain. ``share`` < 1 clips the colours at that share of the largest
    magnitude.
    """
    j = data.fields.index(field or data.fields[0])
    frames = [data[data.index(t)] for t in times]
    grids = [on_grid(data, frame, frame.u)[:, :, j] for frame in frames]
    look = colours_of(grids, share)
    with figure(1, len(frames), 2.0, sharey=True) as (fig, axes):
        for ax, frame, grid in zip(axes[0], frames, grids, strict=True):
            image = draw_picture(ax, data, grid, look)
            if frame.patches is not None:
                edges = [Rectangle(box[:, 0], *(box[:, 1] - box[:, 0])) for box in frame.patches]
                ax.add_collection(PatchCollection(edges, fc="none", ec="0.3" if look["vmin"] else "0.6", lw=0.4))
            ax.set(xlabel="$x_1$", title=f"t = {frame.t:.4g}")
        axes[0, 0].set_ylabel("$x_2$")
        ends = "neither" if share >= 1 else "both" if look["vmin"] else "max"
        fig.colorbar(image, ax=axes[0], pad=0.01, label=data.label(data.fields[j]), shrink=0.9, extend=ends)
    return fig
