"""Figures of large steps along hypermodes (section 5.3: Fig. 16)."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrnrbook.modes import Hypermodes
from lrnrbook.plots import BLACK, figure
from study.far.coherence import MOST, SIZES
from study.instruments.drawing import CELLS, OF_MODE, POINTS
from study.instruments.neighbourhood import Neighbourhood, uniform_points
from study.instruments.tables import WAVES


def plot_extrapolation_1d(modes: Hypermodes, field: str, t: float, count: int) -> Figure:
    """Large steps along each hypermode from one time (Fig. 16): above the way c_i runs at t, below against it."""
    x = uniform_points(modes.model, POINTS)
    near = Neighbourhood(modes, x, t, count, field)
    colours = plt.get_cmap("viridis_r")(np.linspace(0.25, 1, len(SIZES)))
    with figure(2, count, 4.1, sharex=True, sharey=True) as (fig, axes):
        for way, row in zip((1, -1), axes, strict=True):
            for i, ax in enumerate(row, start=1):
                sign = int(way * (np.sign(near.rates[i - 1]) or 1))
                for size, colour in zip(SIZES, colours, strict=True):
                    eta, u = near.step(i, sign, size)
                    if np.isfinite(eta):
                        ax.plot(x[:, 0], u, color=colour, lw=1.0)
                ax.plot(x[:, 0], near.base, color=BLACK, lw=1.0, ls="--")
                ax.set_title(f"mode {i}, {'+' if sign > 0 else '-'}$\\phi_{i}$")
        for ax in axes[-1]:
            ax.set_xlabel("x")
        axes[0, 0].set_ylabel(f"{field}\nas $c_i$ runs")
        axes[1, 0].set_ylabel(f"{field}\nagainst it")
        handles = [Line2D([], [], color=BLACK, ls="--"), *(Line2D([], [], color=colour) for colour in colours)]
        fig.legend(handles, [f"t = {t:.4g}", *(f"changed by {100 * size:.0f} %" for size in SIZES)],
                   loc="outside lower center", ncols=4)
    return fig


def plot_extrapolation_2d(modes: Hypermodes, t: float, count: int, sizes: Sequence[float] = (0.5, 1.0)) -> Figure:
    """Fields far along each hypermode, the way its coordinate runs at t: one column a mode, one row a size."""
    x = uniform_points(modes.model, CELLS)
    near = Neighbourhood(modes, x, t, count)
    extent = modes.model.domain.ravel()
    signed = near.base.min() < -0.1
    top = np.abs(near.base).max()
    look = {"cmap": "RdBu_r" if signed else "viridis", "vmin": -top if signed else 0, "vmax": top}
    with figure(len(sizes), count + 1, 0.3 + 1.2 * len(sizes), sharex=True, sharey=True) as (fig, axes):
        for row, size in zip(axes, sizes, strict=True):
            pictures = [(near.base, f"t = {t:.4g}")]
            for i in range(1, count + 1):
                sign = int(np.sign(near.rates[i - 1]) or 1)
                pictures.append((near.step(i, sign, size, every=5)[1], f"mode {i}"))
            for ax, (u, title) in zip(row, pictures, strict=True):
                image = ax.imshow(u.reshape(CELLS, CELLS).T, origin="lower", extent=extent, **look)
                ax.set_title(title if size == sizes[0] else "")
                ax.set(xticks=[], yticks=[])
            row[0].set_ylabel(f"changed by\n{100 * size:.0f} %")
        fig.colorbar(image, ax=axes, pad=0.01, shrink=0.8, extend="both" if signed else "max",
                     label=modes.model.fields[-1])
    return fig


def plot_coherence(groups: dict[str, dict[str, list[dict]]]) -> Figure:
    """Total variation of extrapolated fields over the largest of the training frames, every step a point.

    Parameters
    ----------
    groups : dict
        Data set -> dict of label -> rows with "size", "variation" and "eta".
    """
    with figure(1, len(groups), 2.7, sharey=True) as (fig, axes):
        for ax, (name, kinds) in zip(axes[0], groups.items(), strict=True):
            for j, (label, rows) in enumerate(kinds.items()):
                found = [row for row in rows if row["eta"] is not None]
                place = [SIZES.index(row["size"]) + 0.2 * (j - (len(kinds) - 1) / 2) for row in found]
                ax.semilogy(place, [max(row["variation"], 0.1) for row in found], ls="", marker="os^D"[j], ms=3.5,
                            color=OF_MODE[(1, 0, 2, 3)[j]], alpha=0.6, mec="none", label=label)
            ax.axhline(MOST, color="0.5", lw=0.8, ls=":")
            ax.set(title=WAVES[name], xlabel="change of the output", xticks=range(len(SIZES)),
                   xticklabels=[f"{100 * size:.0f} %" for size in SIZES])
        axes[0, 0].set_ylabel("total variation\nover the training frames'")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig


def plot_coder_steps(rows: list[dict], t: float) -> Figure:
    """Fields of an autoencoder moved along its latent path from a time, both ways, as shares of the largest value."""
    colours = plt.get_cmap("viridis_r")(np.linspace(0.25, 1, len(SIZES)))
    with figure(1, 2, 2.5, sharey=True) as (fig, axes):
        for ax, sign, title in zip(axes[0], (1, -1), ("forwards", "backwards"), strict=True):
            for row in rows:
                if row["t"] == t and row["sign"] == sign and row["eta"] is not None:
                    u = np.array(row["u"])
                    ax.plot((np.arange(len(u)) + 0.5) / len(u), u, color=colours[SIZES.index(row["size"])], lw=1.0,
                            label=f"changed by {100 * row['size']:.0f} %")
            ax.set(title=title, xlabel="x")
        axes[0, 0].set_ylabel("pressure over its largest")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return fig
