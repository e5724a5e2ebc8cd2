"""Figures of 2d data and models, as pictures on the finest cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lrnrbook._patches import finest_grid
from lrnrbook.plots import figure


def plot_data(data, times: Sequence[float], field: str | None = None, share: float = 1.0) -> Figure:
    """A field at some times, with the edges of its grid patches (Fig. 3).

    The cells must be squares that fill the domain. ``share`` < 1 clips the colours at that share of the largest
    magnitude.
    """
    j = data.fields.index(field or data.fields[0])
    frames = [data[data.index(t)] for t in times]
    grids = [_grid(data, frame, frame.u)[:, :, j] for frame in frames]
    look = _look(grids, share)
    with figure(1, len(frames), 2.0, sharey=True) as (fig, axes):
        for ax, frame, grid in zip(axes[0], frames, grids, strict=True):
            image = _picture(ax, data, grid, look)
            if frame.patches is not None:
                edges = [Rectangle(box[:, 0], *(box[:, 1] - box[:, 0])) for box in frame.patches]
                ax.add_collection(PatchCollection(edges, fc="none", ec="0.3" if look["vmin"] else "0.6", lw=0.4))
            ax.set(xlabel="$x_1$", title=f"t = {frame.t:.4g}")
        axes[0, 0].set_ylabel("$x_2$")
        ends = "neither" if share >= 1 else "both" if look["vmin"] else "max"
        fig.colorbar(image, ax=axes[0], pad=0.01, label=data.label(data.fields[j]), shrink=0.9, extend=ends)
    return fig


def plot_reconstruction(model, data, times: Sequence[float], field: str | None = None) -> Figure:
    """Data, model and their difference, one column a time; colours of the difference end at its 99.9 % quantile."""
    j = data.fields.index(field or data.fields[0])
    frames = [data[data.index(t)] for t in times]
    exact = [_grid(data, frame, frame.u)[:, :, j] for frame in frames]
    ours = [_grid(data, frame, model(frame.x, frame.t)[0].detach().numpy())[:, :, j] for frame in frames]
    wrong = [v - u for u, v in zip(exact, ours, strict=True)]
    end = float(np.quantile(np.abs(wrong), 0.999))
    looks = (_look(exact), _look(exact), {"cmap": "RdBu_r", "vmin": -end, "vmax": end})
    with figure(3, len(frames), 5.6, sharex=True, sharey=True) as (fig, axes):
        names = ("data", "LRNR", "difference")
        for row, grids, look, name in zip(axes, (exact, ours, wrong), looks, names, strict=True):
            for ax, grid in zip(row, grids, strict=True):
                image = _picture(ax, data, grid, look)
            row[0].set_ylabel(f"{name}\n$x_2$")
            fig.colorbar(image, ax=row, pad=0.01, shrink=0.9, extend="both" if name == "difference" else "neither")
        for ax, frame in zip(axes[0], frames, strict=True):
            ax.set_title(f"t = {frame.t:.4g}")
        for ax in axes[-1]:
            ax.set_xlabel("$x_1$")
    return fig


def _grid(data, frame, u) -> np.ndarray:
    return finest_grid(frame.x, u, frame.area, data.domain)


def _look(grids: list[np.ndarray], share: float = 1.0) -> dict:
    """Colours for values of one sign, or of two."""
    top, signed = share * max(np.abs(grid).max() for grid in grids), min(grid.min() for grid in grids) < -0.1
    return {"cmap": "RdBu_r" if signed else "viridis", "vmin": -top if signed else 0, "vmax": top}


def _picture(ax, data, grid: np.ndarray, look: dict):
    extent = data.domain.ravel()
    ax.set(xticks=np.linspace(*extent[:2], 3), yticks=np.linspace(*extent[2:], 3))
    ax.spines[:].set_visible(True)
    return ax.imshow(grid.T, origin="lower", extent=extent, interpolation="nearest", **look)
