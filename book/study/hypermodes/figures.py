"""Figures of coefficients and hypermodes (sections 5 and 5.1: Figs. 7 and 8)."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure

from lrnrbook.modes import Hypermodes
from lrnrbook.plots import BLACK, BLUE, ORANGE, RED, STYLE, WIDTH, figure
from lrnrbook.truncation import column_norms
from study.instruments.drawing import OF_MODE, OF_SET
from study.instruments.smoothness import chebyshev_residual, line_r2
from study.instruments.tables import WAVES


@torch.no_grad()
def scaled_coefficients(model, times) -> list[tuple[np.ndarray, np.ndarray]]:
    """Coefficients in unit columns over the largest of all, a pair (T, r1), (T, r2) a layer."""
    s = model.coefficients(times) * column_norms(model.lrnr)
    s = s / s.abs().max()
    return [(a.numpy(), b.numpy()) for a, b in model.lrnr.split(s)]


def plot_coefficients(model, layer: int) -> Figure:
    """Coefficients of a layer (from 1) over time, weights and biases, over the largest of the model (Fig. 7)."""
    t = np.linspace(*model.times, 201)
    pair = scaled_coefficients(model, t)[layer - 1]
    with figure(1, 2, 2.7) as (fig, axes):
        for ax, s, name in zip(axes[0], pair, ("weights", "biases"), strict=True):
            small = np.abs(s).max(0) <= 5e-5 if s.size else np.zeros(0, dtype=bool)
            shades = plt.get_cmap("viridis")(np.linspace(0, 0.9, max(1, (~small).sum())))
            order = np.argsort(s[0, ~small]) if s.size else []
            for shade, k in zip(shades, order, strict=False):
                ax.plot(t, s[:, ~small][:, k], color=shade, lw=0.8)
            if small.any():
                ax.axhline(0, color=RED, lw=1.6, ls="--")
            ax.set(title=f"{name}, layer {layer}: {small.sum()} of {len(small)} below 5e-5 (dashed)", xlabel="t",
                   xlim=(t[0], t[-1]))
        axes[0, 0].set_ylabel("$s_i$ over the largest")
    return fig


def plot_linearity(paths: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Distribution of R^2 of the best line and the best quadratic over the kept coefficients.

    Parameters
    ----------
    paths : dict
        Data set -> times (T,), coefficients (T, n).
    """
    with figure(1, 2, 2.6, sharey=True) as (fig, axes):
        for ax, degree, title in zip(axes[0], (1, 2), ("best line", "best quadratic"), strict=True):
            for name, (t, s) in paths.items():
                r2 = np.sort(line_r2(t, s, degree))
                ax.step(np.clip(r2, 0, 1), np.arange(1, len(r2) + 1) / len(r2), where="post", color=OF_SET[name],
                        label=WAVES[name])
            ax.axvline(0.9, color="0.6", lw=0.8, ls=":")
            ax.set(xlabel=f"$R^2$ of the {title}", xlim=(0, 1), ylim=(0, 1))
        axes[0, 0].set_ylabel("share of the coefficients\nwith at most this $R^2$")
        axes[0, 0].legend(loc="upper left")
    return fig


def plot_spectrum(modes: dict[str, Hypermodes], shown: int = 6) -> Figure:
    """Singular values of the coefficient snapshots, and the first temporal modes of each data set (Fig. 8)."""
    with plt.rc_context(STYLE):
        fig = plt.figure(figsize=(WIDTH, 3.9), layout="constrained")
        left, right = fig.subfigures(1, 2, width_ratios=[1, 1.5])
        ax = left.subplots()
        for (name, found), marker in zip(modes.items(), "os^D", strict=False):
            values = found.singular_values[:20] / found.singular_values[0]
            ax.semilogy(np.arange(1, len(values) + 1), values, marker=marker, ms=3, color=OF_SET[name],
                        label=WAVES[name])
        ax.axhline(5e-5, color="0.4", lw=0.8, ls=":")
        ax.text(1, 6e-5, "5e-5", color="0.3", fontsize=8)
        ax.set(xlabel="hypermode", ylabel="singular value over the first", ylim=(1e-9, 2), xticks=range(1, 21, 3))
        ax.legend(loc="lower left")
        panels = right.subplots(2, 2, sharey=True)
        for panel, (name, found) in zip(panels.flat, modes.items(), strict=True):
            for i in range(shown):
                panel.plot(found.times, found.temporal[:, i] * len(found.times) ** 0.5, color=OF_MODE[i], lw=1.0,
                           label=f"mode {i + 1}")
            panel.set(title=WAVES[name], xlim=(found.times[0], found.times[-1]))
        for panel in panels[-1]:
            panel.set_xlabel("t")
        right.supylabel("temporal mode $\\psi_i(t)$", fontsize=9)
        right.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=shown,
                     columnspacing=0.8, handlelength=1.2)
        plt.close(fig)
    return fig


def plot_polynomials(modes: dict[str, Hypermodes], degrees: Sequence[int] = range(0, 61, 2)) -> Figure:
    """Residual of Chebyshev polynomials of growing degree for the temporal modes that count: median and worst."""
    with figure(1, 1, 2.8) as (fig, axes):
        ax = axes[0, 0]
        for name, found in modes.items():
            psi = found.temporal[:, : found.count()]
            left = np.array([np.linalg.norm(chebyshev_residual(found.times, psi, k), axis=0) for k in degrees])
            ax.semilogy(degrees, left.max(1), color=OF_SET[name], label=f"{WAVES[name]}, worst")
            ax.semilogy(degrees, np.median(left, 1), color=OF_SET[name], ls="--", lw=1.0,
                        label=f"{WAVES[name]}, median")
        ax.axvline(30, color="0.6", lw=0.8, ls=":")
        ax.set(xlabel="degree of the polynomial", ylabel="relative residual", xlim=(0, max(degrees)))
        fig.legend(loc="outside right upper")
    return fig


def plot_reduced(rows: dict[str, dict]) -> Figure:
    """Error of LRNR with the reduced hypernetwork (5.6), and of POD, against the number of modes.

    Parameters
    ----------
    rows : dict
        Data set -> row of the record "hypermodes-coefficients".
    """
    with figure(1, len(rows), 2.6, sharey=True) as (fig, axes):
        for ax, (name, row) in zip(axes[0], rows.items(), strict=True):
            k = np.arange(1, len(row["reduced"]) + 1)
            ax.semilogy(k, row["reduced"], "o-", ms=3, color=RED, label="LRNR, first modes")
            ax.semilogy(k, row["pod"], "s-", ms=3, color=BLUE, label="POD of the data")
            ax.axhline(row["full"], color=BLACK, lw=0.9, ls="--", label="LRNR, all coefficients")
            ax.axvline(row["modes"], color="0.6", lw=0.8, ls=":", label="$\\bar r$")
            ax.set(title=WAVES[name], xlabel="modes")
        axes[0, 0].set_ylabel("relative $\\ell_1$ error")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig


def plot_forecasts(rows: dict[str, dict]) -> Figure:
    """Errors of forecasts over the last tenth of the times, one panel a data set.

    Parameters
    ----------
    rows : dict
        Data set -> row of the record "hypermodes-forecasts".
    """
    looks = {"linear": (RED, "o", "linear model"), "line": (BLUE, "s", "straight line"),
             "persistence": (ORANGE, "^", "persistence"), "model": (BLACK, "", "hypernetwork (knows these times)")}
    with figure(1, len(rows), 2.6, sharey=True) as (fig, axes):
        for ax, (name, row) in zip(axes[0], rows.items(), strict=True):
            for kind, (colour, marker, label) in looks.items():
                ax.semilogy(row["t"], row[kind], color=colour, marker=marker, ms=3, label=label,
                            ls="-" if marker else "--")
            ax.set(title=WAVES[name], xlabel="t")
        axes[0, 0].set_ylabel("relative $\\ell_1$ error")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig
