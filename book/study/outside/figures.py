"""Figures of spatial extrapolation (section 7, Fig. 18)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from lrnrbook.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, figure
from study.instruments.tables import WAVES
from study.outside.comparison import BINS, DEPTHS, STRIPS
from study.outside.extension import Extension, classes, extend
from study.outside.measure import ACTIVATIONS, FORWARD, NAMED, PERIODIC, REVERSED, SEEDS, Run

COLOURS = {"enters": BLUE, "left": ORANGE, "neither": "0.55", "both": SKY}
WORDS = {"enters": "will enter", "left": "has left", "neither": "neither", "both": "both"}


def _look(extension: Extension) -> dict:
    top = float(np.abs(extension.cells).max())
    signed = extension.cells.min() < -0.1 * top
    return {"cmap": "RdBu_r" if signed else "viridis", "vmin": -top if signed else 0.0, "vmax": top}


def _picture(ax, extension: Extension, u: np.ndarray, **look):
    extent = [side for axis in extension.axes for side in
              (axis[0] - (axis[1] - axis[0]) / 2, axis[-1] + (axis[1] - axis[0]) / 2)]
    ax.spines[:].set_visible(True)
    (a, b), (c, d) = extension.domain
    ax.set(xticks=[a, b], yticks=[c, d])
    image = ax.imshow(u.T, origin="lower", extent=extent, interpolation="nearest", **look)
    ax.add_patch(Rectangle((a, c), b - a, d - c, fc="none", ec=BLACK if look.get("vmin") else "white", lw=1.2))
    return image


def plot_outside(model, data, times: Sequence[float], margin: float = 0.5, every: int = 1) -> Figure:
    """A model on the extended domain, the periodic extension of the data, and the error (Fig. 18); 2d, one field.

    The square of the training data is framed. Colours end at the data's range, those of the error at half of it.
    Every so many cells are drawn along each axis.
    """
    extension = extend(data, times, margin, every)
    v, look = extension.of(model), _look(extension)
    rows = (("LRNR", v, look), ("data, continued", extension.u, look),
            ("error", np.abs(v - extension.u), {"cmap": "magma", "vmin": 0.0, "vmax": 0.5 * look["vmax"]}))
    with figure(3, len(times), 2.35 * 3, sharex=True, sharey=True) as (fig, axes):
        for axs, (label, fields, kind) in zip(axes, rows, strict=True):
            for ax, u in zip(axs, fields, strict=True):
                image = _picture(ax, extension, u, **kind)
            axs[0].set_ylabel(f"{label}\n$x_2$")
            ends = "both" if kind["vmin"] else "max"
            fig.colorbar(image, ax=axs, pad=0.01, shrink=0.9, extend=ends,
                         label="|LRNR - data|" if label == "error" else data.label(data.fields[0]))
        for ax, t in zip(axes[0], extension.t, strict=True):
            ax.set_title(f"t = {t:.4g}")
        for ax in axes[-1]:
            ax.set_xlabel("$x_1$")
    return fig


def plot_outside_1d(model, data, field: str = "pressure", share: float = 0.35) -> Figure:
    """A 1d model beyond its walls over space and time, the data mirrored there, and the error.

    Colours end at `share` of the largest value, those of the error at half of that.
    """
    extension = extend(data, data.t[::2], field=field)
    v, top = extension.of(model), share * float(np.abs(extension.cells).max())
    parts = (("LRNR", v, top), ("data, mirrored", extension.u, top), ("error", np.abs(v - extension.u), top / 2))
    with figure(1, 3, 2.6, sharex=True, sharey=True) as (fig, axes):
        for ax, (label, u, end) in zip(axes[0], parts, strict=True):
            kind = {"cmap": "magma" if label == "error" else "viridis", "vmin": 0, "vmax": end}
            mesh = ax.pcolormesh(extension.axes[0], extension.t, u, shading="nearest", rasterized=True, **kind)
            for wall in extension.domain[0]:
                ax.axvline(wall, color="white", lw=1.2)
            ax.set(xlabel="$x$", title=label)
            fig.colorbar(mesh, ax=ax, pad=0.02, extend="max", label=data.label(field) if label == "error" else None)
        axes[0, 0].set_ylabel("$t$")
    return fig


def plot_classes(data, times: Sequence[float], margin: float = 0.4) -> Figure:
    """Which points outside hold information that will enter, has left, both or neither."""
    extension = extend(data, times, margin, every=2)
    flags = classes(data, extension).astype(float)
    flags[:, extension.distance == 0] = np.nan
    names = ("neither", "enters", "left", "both")  # in the order of the flags 0 to 3
    colours = ListedColormap([COLOURS[name] for name in names])
    with figure(1, len(times), 2.7, sharey=True) as (fig, axes):
        for ax, t, found in zip(axes[0], extension.t, flags, strict=True):
            _picture(ax, extension, found, cmap=colours, vmin=-0.5, vmax=3.5)
            ax.set(title=f"t = {t:.4g}", xlabel="$x_1$")
        axes[0, 0].set_ylabel("$x_2$")
        shown = [name for k, name in enumerate(names) if (flags == k).any()]
        fig.legend(handles=[Patch(color=COLOURS[name], label=WORDS[name]) for name in shown],
                   loc="outside lower center", ncols=4)
    return fig


def plot_distance(record: dict) -> Figure:
    """Shipped models: error against distance by class, above; correlation in strips against time, below."""
    middle = 100 * (np.array(BINS[1:]) + np.array(BINS[:-1])) / 2
    shades = (BLUE, GREEN, ORANGE, PURPLE)
    with figure(2, 2, 5.2) as (fig, axes):
        for name, (above, below) in zip(NAMED, axes.T, strict=True):
            rows = [row for key, row in record["rows"].items() if key.startswith(f"{name}, laptop")]
            for kind, colour in COLOURS.items():
                for k, row in enumerate(rows):
                    values = np.array(row["classes"]["by distance"][kind], dtype=float)
                    above.semilogy(middle, values, color=colour, marker="os^v"[k], ms=3.5, lw=1.1,
                                   label=WORDS[kind] if k == 0 and np.isfinite(values).any() else None)
            above.set(title=WAVES[name], xlabel="distance outside [% of the side]",
                      ylabel="median error / mean magnitude")
            above.legend()
            found = np.array(rows[0]["correlations"]["all"], dtype=float)
            for j, colour in enumerate(shades):
                label = f"{100 * STRIPS[j]:.0f}-{100 * STRIPS[j + 1]:.0f} %"
                below.plot(record["times"][name], found[:, j], color=colour, label=label)
            below.axhline(0, color="0.6", lw=0.8)
            below.set(xlabel="$t$", ylabel="correlation with the extension", ylim=(-0.7, 1.05))
            below.legend(ncols=2)
    return fig


def plot_directions(record: dict) -> Figure:
    """Small models: median error of "will enter" over that of "has left", in the direction of time of the training.

    Networks of periodic coordinates, which have no outside, stand beside: they show how hard the places are.
    """
    kinds = [*((a, k) for a in ACTIVATIONS for k in (FORWARD, REVERSED)), (ACTIVATIONS[0], PERIODIC)]
    colours = {FORWARD: BLUE, REVERSED: ORANGE, PERIODIC: GREEN}
    with figure(1, 2, 2.9, sharey=True) as (fig, axes):
        for ax, name in zip(axes[0], NAMED, strict=True):
            for k, (activation, kind) in enumerate(kinds):
                keys = [Run(name, activation, kind, seed).key for seed in SEEDS]
                values = [record["rows"][key]["classes"]["ratio"]["left"] for key in keys if key in record["rows"]]
                ax.semilogy([k] * len(values), values, "o", color=colours[kind], mfc="none", ms=5)
                ax.plot([k - 0.25, k + 0.25], [np.exp(np.mean(np.log(values)))] * 2, color=colours[kind], lw=2)
            ax.axhline(1, color="0.6", lw=0.8)
            ax.axhline(0.67, color="0.6", lw=0.8, ls="--")
            ax.set(title=WAVES[name], xlim=(-0.5, 4.5), xticks=range(len(kinds)),
                   xticklabels=[f"{a}\n{k.split()[0]}" for a, k in kinds])
        axes[0, 0].set_ylabel("error, will enter / has left")
    return fig


def plot_depths(record: dict) -> Figure:
    """Error inside by the distance to the nearest side: shipped models, small ones, periodic coordinates."""
    middle = 100 * (np.array(DEPTHS[1:]) + np.array(DEPTHS[:-1])) / 2
    looks = {"shipped": (BLACK, "laptop"), "small": (BLUE, f"tanh, {FORWARD}"),
             "small, periodic coordinates": (GREEN, "tanh, periodic coordinates")}
    with figure(1, 2, 2.7, sharey=True) as (fig, axes):
        for ax, name in zip(axes[0], NAMED, strict=True):
            for label, (colour, kind) in looks.items():
                rows = [row for key, row in record["rows"].items() if key.startswith(f"{name}, {kind}")]
                for k, row in enumerate(rows):
                    ax.loglog(middle, row["sides"]["depths"], color=colour, marker="os^v"[k], ms=3, lw=1,
                              label=label if k == 0 else None)
            ax.set(title=WAVES[name], xlabel="distance to the nearest side [%]", xticks=[1, 3, 10, 30],
                   xticklabels=["1", "3", "10", "30"])
            ax.minorticks_off()
        axes[0, 0].set_ylabel("relative $\\ell_1$ error")
        axes[0, 1].legend()
    return fig
