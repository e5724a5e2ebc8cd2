"""Figures of data, models and runs: matplotlib figures, fit for colour-blind readers and for print."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lrnrbook.losses import orthogonality_floor

# Okabe and Ito's palette, which colour-blind readers can tell apart.
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7")
STYLE = {
    "font.size": 9, "axes.titlesize": 9.5, "axes.labelsize": 9, "legend.fontsize": 8, "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "lines.linewidth": 1.3, "savefig.dpi": 200,
    "figure.facecolor": "white", "axes.facecolor": "white",
}
WIDTH = 7.2  # inches
LEVELS = 6  # contour lines of an explorer


@contextmanager
def figure(rows: int, cols: int, height: float, **kwargs):
    """Axes in the book's style; the figure is closed on leaving, so that a notebook shows it once."""
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(rows, cols, figsize=(WIDTH, height), layout="constrained", squeeze=False, **kwargs)
        yield fig, axes
        plt.close(fig)


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


def plot_history(record: dict, lrnr) -> Figure:
    """Curves of a training run: misfit, regularisers, rate and mollifier radius.

    Parameters
    ----------
    record : dict
        Of a `Fit`, or from `load_record`.
    lrnr : LRNR
        Its shapes give the least value that R_ortho can have, drawn as a dotted line.
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


def colour_map(signed: bool):
    """Colours for values of both signs, or of one."""
    return plt.get_cmap("RdBu_r" if signed else "viridis")


def look(u: np.ndarray, dimensions: int) -> dict:
    """What an explorer draws fields u (T, P, m) with: ends of their axes; in the plane contour levels and colours too.

    Colours of both signs lie evenly about zero. A field of hardly more than two values, with a jump, has one level.
    """
    low, high = u.min((0, 1)), u.max((0, 1))
    if dimensions == 1:
        margin = 0.12 * np.maximum(high - low, 1e-12)
        return {"limits": np.stack([low - margin, high + margin], 1).tolist()}
    signed = low < -0.1 * high
    most = np.maximum(-low, high)
    limits = np.where(signed[:, None], np.stack([-most, most], 1), np.stack([low, high], 1))
    bottom, top = np.quantile(u, [0.005, 0.995], axis=(0, 1))
    between = np.mean(np.abs((u - bottom) / np.maximum(top - bottom, 1e-300) - 0.5) < 0.3, axis=(0, 1))
    levels = [np.linspace(a, b, 2 + (1 if share < 0.1 else LEVELS))[1:-1].tolist()
              for a, b, share in zip(bottom, top, between, strict=True)]
    colours = [(255 * colour_map(both)(np.linspace(0, 1, 64))[:, :3]).round().astype(int).tolist() for both in signed]
    return {"limits": limits.tolist(), "levels": levels, "signed": signed.tolist(), "colours": colours}


def draw_still(u: np.ndarray, x: np.ndarray, told: dict) -> bytes:
    """WebP of an explorer's wave at its start, for readers without JavaScript.

    Parameters
    ----------
    u, x : (P, m), (P, d)
        On a line, or in a plane on as many points along either side.
    told : dict
        The explorer's description: first, labels, limits, domain, signed.
    """
    with plt.rc_context({"font.size": 9}):
        if x.shape[1] == 1:
            fig = Figure(figsize=(7, 1.5 * u.shape[1]), layout="constrained")
            axes = fig.subplots(u.shape[1], 1, sharex=True, squeeze=False)
            for ax, values, label, ends in zip(axes[:, 0], u.T, told["labels"], told["limits"], strict=True):
                ax.plot(x[:, 0], values, color="black", lw=1.2)
                ax.set(ylabel=label, ylim=ends)
            ax.set_xlabel(f"x (t = {told['first']['time']:.4g})")
        else:
            fig = Figure(figsize=(5, 4), layout="constrained")
            ax, n = fig.subplots(), round(len(x) ** 0.5)
            k = told["first"]["field"]
            low, high = told["limits"][k]
            image = ax.imshow(u[:, k].reshape(n, n).T, origin="lower", extent=np.ravel(told["domain"][:2]), vmin=low,
                              vmax=high, cmap=colour_map(told["signed"][k]))
            ax.set(xlabel="$x_1$", ylabel="$x_2$", title=f"t = {told['first']['time']:.4g}")
            fig.colorbar(image, label=told["labels"][k])
        out = io.BytesIO()
        fig.savefig(out, format="webp", dpi=110)
    return out.getvalue()
