"""Figures of the opening chapter: a step in linear spaces, and how slowly they come near."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from lrnrbook.plots import BLACK, BLUE, GREEN, ORANGE, RED, SKY, figure
from study.instruments.drawing import OF_SET
from study.instruments.tables import WAVES
from study.linear.fronts import best_errors, centres, front, project, step_errors


def plot_gibbs(counts=(4, 16, 64), t: float = 0.6, points: int = 1000) -> Figure:
    """A step and its projections onto the best linear spaces of some dimensions."""
    x = centres(points)
    frames, k = front(x, x), int(np.abs(x - t).argmin())
    with figure(1, len(counts), 2.3, sharey=True) as (fig, axes):
        for ax, n in zip(axes[0], counts, strict=True):
            ax.plot(x, frames[k], color=BLACK, lw=1.0, label="the wave")
            ax.plot(x, project(frames, n)[k], color=RED, lw=1.2, label="in the linear space")
            ax.set(xlabel="x", title=f"n = {n}", xlim=(0, 1), ylim=(-0.25, 1.25), xticks=(0, 0.5, 1))
        axes[0, 0].set_ylabel("u")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return fig


def plot_decay(waves: dict[str, list[float]], widths=(0.1, 0.03, 0.01), points: int = 1000) -> Figure:
    """Error of the best linear space over its dimension: of fronts on the left, of data sets on the right.

    Parameters
    ----------
    waves : dict
        Data set -> singular values of its frames.
    """
    x, n = centres(points), np.arange(0, 201)
    with figure(1, 2, 3.3, sharey=True) as (fig, (axes,)):
        for width, colour in zip(widths, (GREEN, SKY, BLUE), strict=True):
            values = np.linalg.svd(front(x, x, width), compute_uv=False)
            axes[0].loglog(n[1:], best_errors(values)[n[1:]], color=colour, label=f"front of width {width:g}")
        values = np.linalg.svd(front(x, x), compute_uv=False)
        axes[0].loglog(n[1:], best_errors(values)[n[1:]], color=RED, label="step")
        axes[0].loglog(n[1:], step_errors(n[1:]), color=BLACK, ls=":", lw=1.5, label="step, closed form")
        for name, values in waves.items():
            errors = best_errors(values)
            axes[1].loglog(np.arange(1, len(errors)), errors[1:], color=OF_SET[name], label=WAVES[name])
        axes[1].loglog([2, 60], 0.9 / np.sqrt([2, 60]), color=ORANGE, ls="--", label="$n^{-1/2}$")
        for ax, title in zip(axes, ("a front that moves", "the four waves of this book"), strict=True):
            ax.set(xlabel="dimension n of the linear space", title=title, ylim=(1e-3, 1))
            ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
        axes[0].set_ylabel("relative error of the best space")
    return fig
