"""The reconstruction beside the data (Fig. 5)."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lrnrbook.plots import BLACK, RED, STYLE, WIDTH, figure
from study.instruments.drawing import colours_of, draw_picture, on_grid, values_at


def plot_reconstruction(model, data, midpoints, field: str, times: Sequence[float], zooms: Sequence[dict]) -> Figure:
    """Model against data at sampled times, and zooms at times between samples (Fig. 5).

    Parameters
    ----------
    model : MetaNetwork
    data, midpoints : WaveData
        Samples, and frames the model has not seen.
    field : str
    times : sequence of float
        Sampled times, drawn side by side.
    zooms : sequence of dict
        With "t" (the nearest of `midpoints` is drawn), "x" (low, high) and "title".
    """
    j = data.fields.index(field)
    x = np.linspace(*data.domain[0], 2001)
    with plt.rc_context(STYLE):
        fig = plt.figure(figsize=(WIDTH, 5.0), layout="constrained")
        top, bottom = fig.subfigures(2, 1, height_ratios=[1, 1.25])
        axes = top.subplots(1, len(times), sharey=True)
        for ax, t in zip(axes, times, strict=True):
            frame = data[data.index(t)]
            _compare(ax, frame, j, x, values_at(model, x, frame.t, field))
            ax.set(title=f"t = {frame.t:.4g}", xlabel="x", xlim=data.domain[0])
        axes[0].set_ylabel(data.label(field))
        for ax, zoom, letter in zip(bottom.subplots(1, len(zooms), squeeze=False)[0], zooms, "abcd", strict=False):
            frame = midpoints[midpoints.index(zoom["t"])]
            fine = np.linspace(*zoom["x"], 2001)
            _compare(ax, frame, j, fine, values_at(model, fine, frame.t, field), marker="o")
            inside = (frame.x[:, 0] >= zoom["x"][0]) & (frame.x[:, 0] <= zoom["x"][1])
            ax.set(xlim=zoom["x"], ylim=(None, 1.12 * frame.u[inside, j].max()), xlabel="x",
                   title=f"({letter}) {zoom['title']}, t = {frame.t:.5g}\n(midway between two samples)")
        bottom.axes[0].set_ylabel(data.label(field))
        bottom.axes[0].legend(loc="upper left")
        plt.close(fig)
    return fig


def _compare(ax, frame, j: int, x: np.ndarray, values: np.ndarray, marker: str = "") -> None:
    ax.plot(frame.x[:, 0], frame.u[:, j], color=BLACK, lw=0 if marker else 2.4, marker=marker, ms=3.5, alpha=0.55,
            mec="none", label="finite volumes")
    ax.plot(x, values, color=RED, lw=1.2, label="LRNR")


def plot_pictures_compared(model, data, times: Sequence[float], field: str | None = None) -> Figure:
    """2d data, model and their difference, one column a time; colours of the difference end at its 99.9 % quantile."""
    j = data.fields.index(field or data.fields[0])
    frames = [data[data.index(t)] for t in times]
    exact = [on_grid(data, frame, frame.u)[:, :, j] for frame in frames]
    ours = [on_grid(data, frame, model(frame.x, frame.t)[0].detach().numpy())[:, :, j] for frame in frames]
    wrong = [v - u for u, v in zip(exact, ours, strict=True)]
    end = float(np.quantile(np.abs(wrong), 0.999))
    looks = (colours_of(exact), colours_of(exact), {"cmap": "RdBu_r", "vmin": -end, "vmax": end})
    with figure(3, len(frames), 5.6, sharex=True, sharey=True) as (fig, axes):
        names = ("data", "LRNR", "difference")
        for row, grids, look, name in zip(axes, (exact, ours, wrong), looks, names, strict=True):
            for ax, grid in zip(row, grids, strict=True):
                image = draw_picture(ax, data, grid, look)
            row[0].set_ylabel(f"{name}\n$x_2$")
            fig.colorbar(image, ax=row, pad=0.01, shrink=0.9, extend="both" if name == "difference" else "neither")
        for ax, frame in zip(axes[0], frames, strict=True):
            ax.set_title(f"t = {frame.t:.4g}")
        for ax in axes[-1]:
            ax.set_xlabel("$x_1$")
    return fig
