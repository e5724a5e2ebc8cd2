"""A wave of one dimension over space and time (Fig. 3a), and the course of a training run (Fig. 6)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from lrnrbook.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY, figure


def orthogonality_floor(lrnr) -> float:
    """Least possible value of `orthogonality_penalty`: (r - rows) / #A for each matrix with r > rows columns."""
    return sum(max(a.shape[1] - a.shape[0], 0) / a.numel() for a in (*lrnr.U, *lrnr.V, *lrnr.B) if a.numel())


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
            begin = min(1.5 * (switch or epoch[-1] // 3), epoch[-1])
            for ax, limit in zip(row, (begin, epoch[-1]), strict=True):
                ax.set_xlim(0, limit + 1)
                if switch is not None:
                    ax.axvline(switch, color=RED, lw=0.8)
        axes[0, 0].set_title("around the misfit switch" if switch is not None else "begin")
        axes[0, 1].set_title("whole run")
    return fig
