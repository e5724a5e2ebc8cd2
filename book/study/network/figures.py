"""Figures of the network: hypernetwork and LRNR drawn (Fig. 2), coefficients of a layer over time."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lrnrbook.plots import BLUE, GREEN, ORANGE, STYLE, WIDTH, figure


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
    ax.text(82, y + 7, "LRNR $u(x; s)$:\n$z^0 = x$, and no $\\sigma$\nin the last layer", va="center", fontsize=9)


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


def plot_turned(model, t: float, layers: Sequence[int], factors=(0.0, 0.5, 1.0, 1.5, 2.0), points: int = 600) -> Figure:
    """The last field of a 1d model when one coefficient of the weights is turned up and down, a panel for each layer.

    Of each layer, counted from 1, the coefficient is taken whose change matters most to the field; a factor a curve.
    """
    x = np.linspace(*model.domain[0], points)
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(factors)))

    @torch.no_grad()
    def turned(layer: int, i: int, factor: float) -> np.ndarray:
        pairs = model.lrnr.split(model.coefficients(t).clone())
        pairs[layer - 1][0][0, i] *= factor
        return model.evaluate(x, model.lrnr.join(pairs))[0, :, -1].numpy()

    with figure(-(-len(layers) // 2), 2, 4.4, sharex=True, sharey=True) as (fig, axes):
        for ax, layer in zip(axes.flat, layers, strict=True):
            base = turned(layer, 0, 1.0)
            effects = [np.abs(turned(layer, i, 1.1) - base).sum() for i in range(model.lrnr.ranks.weights[layer - 1])]
            for factor, colour in zip(factors, colours, strict=True):
                u = turned(layer, int(np.argmax(effects)), factor)
                ax.plot(x, u, color=colour, lw=2.2 if factor == 1 else 1.1, label=f"{factor:g} times")
            ax.set(title=f"layer {layer}", xlim=(x[0], x[-1]))
        for ax in axes[-1]:
            ax.set_xlabel("x")
        for ax in axes[:, 0]:
            ax.set_ylabel(f"{model.fields[-1]}, t = {t:.4g}")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=len(factors))
    return fig
