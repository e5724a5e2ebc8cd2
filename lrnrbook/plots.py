"""Figures of the book; every function returns a matplotlib figure, fit for colour-blind readers and for print."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lrnrbook.losses import orthogonality_floor
from lrnrbook.storage import write_atomically

# Okabe and Ito's palette, which colour-blind readers can tell apart.
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7")
STYLE = {
    "font.size": 9, "axes.titlesize": 9.5, "axes.labelsize": 9, "legend.fontsize": 8, "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "lines.linewidth": 1.3, "savefig.dpi": 200,
    "figure.facecolor": "white", "axes.facecolor": "white",
}
WIDTH = 7.2  # inches


def notebook() -> None:
    """Sharp figures in a notebook; called once at its top."""
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("retina")


@contextmanager
def figure(rows: int, cols: int, height: float, **kwargs):
    """Axes in the book's style; the figure is closed on leaving, so that a notebook shows it once."""
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(rows, cols, figsize=(WIDTH, height), layout="constrained", squeeze=False, **kwargs)
        yield fig, axes
        plt.close(fig)


def save_figure(fig: Figure, folder: str, name: str) -> Figure:
    """Save a figure as PDF and PNG in `folder` (nothing is written if it is empty) and return it."""
    if folder:
        for kind in ("pdf", "png"):
            # without a date in the file, a figure made twice is the same file
            stamp = {"CreationDate": None} if kind == "pdf" else None
            path = Path(folder) / f"{name}.{kind}"
            write_atomically(path, lambda p, k=kind, m=stamp: fig.savefig(p, format=k, metadata=m, bbox_inches="tight"))
    return fig


def values_at(model, x, t: float, field: str) -> np.ndarray:
    """Values of a field at points and a time, (P,)."""
    with torch.no_grad():
        return model(x, t)[0, :, model.fields.index(field)].numpy()


def plot_fields(data, times: Sequence[float]) -> Figure:
    """All fields of a 1d data set at some times, darker as time goes on (first row of Fig. 3)."""
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


def plot_space_time(data, model=None, fields: Sequence[str] | None = None, share: float = 1.0) -> Figure:
    """Fields of a 1d data set over space and time; with a model, its values and error below.

    ``share`` < 1 clips the colours at that share of the largest magnitude, where one peak would hide the rest.
    """
    fields = list(fields or data.fields)
    x, t = data[0].x[:, 0], data.t
    rows = 1 if model is None else 3
    with figure(rows, len(fields), 0.5 + 2.0 * rows, sharex=True, sharey=True) as (fig, axes):
        for j, field in enumerate(fields):
            u = np.stack([frame.u[:, data.fields.index(field)] for frame in data])
            top = share * np.abs(u).max()
            signed = u.min() < 0
            look = {"cmap": "RdBu_r" if signed else "viridis", "vmin": -top if signed else 0, "vmax": top}
            parts = [(u, look, field)]
            if model is not None:
                v = np.stack([p[:, data.fields.index(field)].numpy() for p in model.predict(data)])
                d = np.quantile(np.abs(v - u), 0.999)  # the very largest errors are single cells at shocks
                parts += [(v, look, f"{field}, model"),
                          (v - u, {"cmap": "RdBu_r", "vmin": -d, "vmax": d}, f"{field}, model minus data")]
            for ax, (values, kind, title) in zip(axes[:, j], parts, strict=True):
                mesh = ax.pcolormesh(x, t, values, shading="nearest", rasterized=True, **kind)
                ax.set_title(title)
                clipped = np.abs(values).max() > 1.001 * kind["vmax"]
                ends = "both" if kind["vmin"] < 0 else "max"
                fig.colorbar(mesh, ax=ax, pad=0.02, extend=ends if clipped else "neither")
            axes[-1, j].set_xlabel("x")
        for ax in axes[:, 0]:
            ax.set_ylabel("t")
    return fig


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
            _compare(ax, frame, j, fine, values_at(model, fine, frame.t, field), marker=".")
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


def plot_history(record: dict, lrnr, siren: dict | None = None) -> Figure:
    """Curves of a training run: misfit, regularisers, rate and mollifier radius (Fig. 6).

    Parameters
    ----------
    record : dict
        Of a `Fit`, or from `load_record`.
    lrnr : LRNR
        Its shapes give the least value that R_ortho can have, drawn as a dotted line.
    siren : dict, optional
        Record of a network trained by its MSE alone, whose square root is drawn over the share of its epochs.
    """
    h = record["history"]
    epoch, value, q = np.array(h["epoch"]), np.array(h["misfit"]), np.array(h["q"])
    at, error = np.array([row[:2] for row in h["evaluations"] if row[1] is not None]).T
    switch = h["switch_epoch"]
    with figure(3, 2, 5.6, width_ratios=[1, 2.2], sharey="row") as (fig, axes):
        for ax in axes[0]:
            mse = q == 2
            ax.semilogy(epoch[mse], value[mse], color=BLUE, label="MSE misfit (q = 2)")
            ax.semilogy(epoch[mse], np.sqrt(value[mse]), color=SKY, ls="--", label="its square root")
            ax.semilogy(epoch[~mse], value[~mse], color=RED, label="$\\ell_1$ misfit (q = 1)")
            if siren:
                other = {name: np.array(siren["history"][name]) for name in ("epoch", "misfit")}
                ax.semilogy(other["epoch"] * epoch[-1] / other["epoch"][-1], np.sqrt(other["misfit"]), color=GREEN,
                            lw=0.8, label=f"SIREN, root of the MSE ({siren['epochs']} epochs)")
            ax.semilogy(at, error, color=BLACK, ls=":", marker=".", ms=3, label="relative $\\ell_1$ error, all data")
        for ax in axes[1]:
            for name, label, colour in (("r_sparse", "$R_{sparse}$", ORANGE), ("r_ortho", "$R_{ortho}$", GREEN)):
                ax.semilogy(epoch, np.maximum(h[name], 1e-12), color=colour, label=label)
            ax.axhline(orthogonality_floor(lrnr), color=GREEN, ls=":", label="least possible $R_{ortho}$")
        for ax in axes[2]:
            ax.plot(epoch, np.array(h["learning_rate"]) / max(h["learning_rate"]), color=PURPLE,
                    label=f"learning rate / {max(h['learning_rate']):.2g}")
            if max(h["mollifier_radius"]) > 0:
                ax.plot(epoch, np.array(h["mollifier_radius"]) / max(h["mollifier_radius"]), color=BLACK, ls="--",
                        label=f"mollifier radius / {max(h['mollifier_radius']):.2g}")
            ax.set_xlabel("epoch")
        for row, name in zip(axes, ("misfit", "regulariser", "share of start"), strict=True):
            row[0].set_ylabel(name)
            row[1].legend(loc="upper right", ncols=2 if name == "misfit" else 1)
            begin = min(2.5 * (switch or epoch[-1] // 4), epoch[-1])
            for ax, limit in zip(row, (begin, epoch[-1]), strict=True):
                ax.set_xlim(0, limit + 1)
                if switch is not None:
                    ax.axvline(switch, color=RED, lw=0.8)
        axes[0, 0].set_title("around the misfit switch" if switch is not None else "begin")
        axes[0, 1].set_title("whole run")
    return fig


def plot_coefficients(model, layer: int, points: int = 201) -> Figure:
    """Coefficients s_1 and s_2 of a layer (counted from 1) over time."""
    t = np.linspace(*model.times, points)
    with torch.no_grad():
        pair = model.lrnr.split(model.coefficients(t))[layer - 1]
    with figure(1, 2, 2.4) as (fig, axes):
        for p, (ax, s) in enumerate(zip(axes[0], pair, strict=True), start=1):
            size = s.abs().amax(0)
            order = torch.argsort(size, descending=True)
            colours = plt.get_cmap("viridis")(np.linspace(0, 0.9, s.shape[1]))
            for i, colour in zip(order, colours, strict=True):
                ax.plot(t, s[:, i], color=colour, lw=0.9)
            kind = "weights" if p == 1 else "biases"
            ax.set(xlabel="t", title=f"$s_{p}^{layer}$ ({kind}, {s.shape[1]} coefficients)", xlim=model.times)
        axes[0, 0].set_ylabel("coefficient")
    return fig


def plot_teaser(model, data, field: str, times: Sequence[float]) -> Figure:
    """Space-time picture of a model, and its profile at some times against the data."""
    j = data.fields.index(field)
    x, t = np.linspace(*data.domain[0], 600), np.linspace(*model.times, 400)
    with torch.no_grad():
        u = model(x, t)[..., j].numpy()
    with figure(1, 2, 3.0, width_ratios=[1, 1.25]) as (fig, axes):
        left, right = axes[0]
        mesh = left.pcolormesh(x, t, np.maximum(u, 0) ** 0.5, cmap="inferno", shading="nearest", rasterized=True)
        bar = fig.colorbar(mesh, ax=left, pad=0.02, label=data.label(field))
        ticks = np.array([0, 10, 50, 100, 250, 500, 900])
        ticks = ticks[ticks <= max(u.max(), 100)]
        bar.set_ticks(np.sqrt(ticks), labels=[str(k) for k in ticks])
        left.set(xlabel="x", ylabel="t", title="the network, at any point and time")
        for value, colour in zip(times, (BLUE, GREEN, RED, PURPLE), strict=False):
            frame = data[data.index(value)]
            left.axhline(frame.t, color="white", lw=0.8, ls="--")
            right.plot(frame.x[:, 0], frame.u[:, j], color=BLACK, lw=2.6, alpha=0.3)
            right.plot(x, values_at(model, x, frame.t, field), color=colour, label=f"t = {frame.t:.4g}")
        right.set(xlabel="x", ylabel=data.label(field), xlim=data.domain[0],
                  title="against the finite volume solution (grey)")
        right.legend(loc="upper left")
    return fig


def draw_meta_network() -> Figure:
    """Diagram of hypernetwork and LRNR: only the coefficients depend on time (Fig. 2)."""
    with plt.rc_context(STYLE):
        fig, ax = plt.subplots(figsize=(WIDTH, 3.7), layout="constrained")
        ax.set(xlim=(0, 100), ylim=(0, 52), aspect="equal")
        ax.axis("off")
        _draw_hypernetwork(ax)
        _draw_layer(ax)
        plt.close(fig)
    return fig


def _draw_hypernetwork(ax) -> None:
    columns = [(4, [38]), (14, [32, 36, 40, 44]), (24, [32, 36, 40, 44]), (35, [29, 33, 37, 41, 45, 49])]
    for (xa, ya), (xb, yb) in zip(columns[:-1], columns[1:], strict=True):
        for a in ya:
            for b in yb:
                ax.plot([xa, xb], [a, b], color="0.8", lw=0.5, zorder=0)
    for x, ys in columns:
        last = x == 35
        ax.scatter([x] * len(ys), ys, s=50, color=[ORANGE] * 3 + [GREEN] * 3 if last else "0.35", zorder=2)
    ax.text(4, 41.5, "time $t$", ha="center")
    ax.text(17, 49, "hypernetwork $f_{hyper}$", ha="center", weight="bold")
    ax.text(37.5, 45, "$s_2^\\ell(t)$", va="center", color=GREEN, fontsize=11)
    ax.text(37.5, 33, "$s_1^\\ell(t)$", va="center", color="#B87400", fontsize=11)


def _draw_layer(ax) -> None:
    def matrix(x, y, w, h, colour, label, alpha=0.25):
        ax.add_patch(Rectangle((x, y), w, h, fc=colour, ec="0.25", alpha=alpha, lw=0.8))
        ax.text(x + w / 2, y - 2.6, label, ha="center")

    y = 6
    ax.text(3, y + 7, "$z^\\ell = \\sigma\\,($", fontsize=12, va="center")
    matrix(16, y, 7, 14, BLUE, "$U^\\ell$")
    matrix(26, y + 7, 7, 7, "white", "diag $s_1^\\ell$", alpha=1)
    for k in range(3):
        ax.add_patch(Rectangle((26 + 7 * k / 3, y + 14 - 7 * (k + 1) / 3), 7 / 3, 7 / 3, fc=ORANGE, ec="0.25", lw=0.6))
    matrix(36, y + 7, 14, 7, BLUE, "$V^{\\ell\\top}$")
    matrix(53, y, 2.6, 14, "0.5", "$z^{\\ell-1}$", alpha=0.35)
    ax.text(58.5, y + 7, "+", fontsize=13, va="center", ha="center")
    matrix(62, y, 7, 14, BLUE, "$B^\\ell$")
    ax.add_patch(Rectangle((72, y + 7), 2.6, 7, fc=GREEN, ec="0.25", lw=0.6))
    ax.text(73.3, y + 4.4, "$s_2^\\ell$", ha="center")
    ax.text(77, y + 7, "$)$", fontsize=12, va="center")
    arrow = {"arrowstyle": "-|>", "lw": 1.2, "connectionstyle": "arc3,rad=-0.1"}
    ax.annotate("", (29.5, y + 14.8), (35, 27.6), arrowprops=arrow | {"color": ORANGE})
    arrow |= {"color": GREEN, "connectionstyle": "arc3,rad=-0.3"}
    ax.annotate("", (73.3, y + 14.8), (36.5, 42), arrowprops=arrow)
    ax.text(99, 36, "blue: learnt once,\nthe same at all times", ha="right", color=BLUE)
    ax.text(99, 28, "orange and green:\nthe only things that move", ha="right", color="#8a5a00")
    ax.text(82, y + 7, "LRNR: $u(x; s)$,\n$z^0 = x$, $\\ell = 1..L$", va="center", fontsize=9)
