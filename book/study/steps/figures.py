"""Figures of small steps along hypermodes (section 5.2: Figs. 9 to 15)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrnrbook.modes import Hypermodes
from lrnrbook.plots import BLACK, BLUE, RED, figure
from study.instruments.descriptions import directions
from study.instruments.drawing import CELLS, OF_MODE, POINTS
from study.instruments.neighbourhood import SIZE, Neighbourhood, uniform_points


def plot_steps_1d(modes: Hypermodes, field: str, times: Sequence[float], shown: Sequence[int],
                  size: float = SIZE) -> Figure:
    """A 1d field and the field after a step along hypermodes: one row a mode, one column a time (Fig. 9)."""
    x = uniform_points(modes.model, POINTS)
    with figure(len(shown), len(times), 0.6 + 1.45 * len(shown), sharex=True, sharey="col") as (fig, axes):
        for column, t in zip(axes.T, times, strict=True):
            near = Neighbourhood(modes, x, t, max(shown), field)
            for ax, mode in zip(column, shown, strict=True):
                _base_and_steps(ax, near, mode, x, size)
            column[0].set_title(f"t = {t:.4g}")
            column[-1].set_xlabel("x")
        for ax, mode in zip(axes[:, 0], shown, strict=True):
            ax.set_ylabel(f"mode {mode}\n{field}")
        _step_legend(fig, size)
    return fig


def plot_zooms_1d(modes: Hypermodes, field: str, t: float, window: tuple[float, float],
                  shown: Sequence[int]) -> Figure:
    """The same at one time, enlarged: one column a mode (Fig. 9, right)."""
    near = Neighbourhood(modes, uniform_points(modes.model, POINTS), t, max(shown), field)
    fine = np.linspace(*window, 801)[:, None]
    with figure(1, len(shown), 2.4, sharey=True) as (fig, axes):
        for ax, mode in zip(axes[0], shown, strict=True):
            _base_and_steps(ax, near, mode, fine, SIZE)
            ax.set(title=f"mode {mode}", xlabel="x", xlim=window)
        axes[0, 0].set_ylabel(f"{field}, t = {t:.4g}")
        _step_legend(fig, SIZE)
    return fig


def _base_and_steps(ax, near: Neighbourhood, mode: int, x: np.ndarray, size: float) -> None:
    """The field at points x (P, 1), and after a step along the mode either way."""
    along = np.zeros((3, near.count))
    for row, sign in ((1, 1), (2, -1)):
        along[row, mode - 1] = near.step(mode, sign, size)[0]
    base, up, down = near(along, x)
    ax.plot(x[:, 0], base, color=BLACK, lw=1.6)
    ax.plot(x[:, 0], up, color=RED, ls="--", lw=1.2)
    ax.plot(x[:, 0], down, color=BLUE, ls=":", lw=1.2)


def _step_legend(fig: Figure, size: float) -> None:
    handles = [Line2D([], [], color=BLACK, lw=1.6), Line2D([], [], color=RED, ls="--"),
               Line2D([], [], color=BLUE, ls=":")]
    fig.legend(handles, ["u(x; s)", f"step +, {100 * size:.0f} % of u", f"step -, {100 * size:.0f} % of u"],
               loc="outside lower center", ncols=3)


def plot_steps_2d(modes: Hypermodes, pairs: Sequence[tuple[float, int]], size: float, levels: int) -> Figure:
    """Contours of a 2d field (solid) and of the field after a step along a hypermode (dashed), Figs. 10 to 15.

    Parameters
    ----------
    modes : Hypermodes
    pairs : sequence of (t, mode)
        One panel each, three in a row. A negative mode steps the other way.
    size : float
        Relative l1 change of the output that the step makes.
    levels : int
        Contours at equal distances between the least and the largest value of the field.
    """
    x = uniform_points(modes.model, CELLS)
    x1, x2 = x.T.reshape(2, CELLS, CELLS)
    rows = -(-len(pairs) // 3)
    with figure(rows, 3, 0.5 + 2.45 * rows, sharex=True, sharey=True) as (fig, axes):
        for ax, (t, mode) in zip(axes.flat, pairs, strict=False):
            near = Neighbourhood(modes, x, t, abs(mode))
            _, u = near.step(abs(mode), int(np.sign(mode)), size, every=5)
            base = near.base.reshape(CELLS, CELLS)
            at = np.linspace(base.min(), base.max(), levels + 2)[1:-1]
            ax.contour(x1, x2, base, at, colors=BLACK, linewidths=0.9, linestyles="solid")
            ax.contour(x1, x2, u.reshape(CELLS, CELLS), at, colors=RED, linewidths=1.0, linestyles="dashed")
            ax.set(title=f"t = {t:.4g}, mode {mode:+d}", aspect="equal")
            ax.spines[:].set_visible(True)
        for ax in axes.flat[len(pairs):]:
            ax.axis("off")
        for ax in axes[-1]:
            ax.set_xlabel("$x_1$")
        for ax in axes[:, 0]:
            ax.set_ylabel("$x_2$")
        handles = [Line2D([], [], color=BLACK), Line2D([], [], color=RED, ls="--")]
        fig.legend(handles, ["u(x; s)", f"after a step that changes u by {100 * size:.0f} %"],
                   loc="outside lower center", ncols=2)
    return fig


def plot_shares(modes: dict[str, Hypermodes], count: int = 6, times: int = 13) -> Figure:
    """Share of each hypermode in du/dt over time, one panel a data set; all shares add up to 1.

    Grey: nine tenths of 200 random directions in the span of the modes lie there. Times at which the field hardly
    moves, less than 2 % as fast as at most, are left out.
    """
    with figure(1, len(modes), 2.6, sharey=True) as (fig, axes):
        for ax, (name, found) in zip(axes[0], modes.items(), strict=True):
            t = np.linspace(*found.model.times, times)
            x = uniform_points(found.model, 800 if name == "euler" else 32)
            near = [Neighbourhood(found, x, at, count) for at in t]
            speed = np.array([np.linalg.norm(n.speed) for n in near])
            shares = np.array([n.shares for n in near])
            chance = np.array([np.quantile(n.shares_of(directions(count)[2 * count :]), (0.05, 0.95)) for n in near])
            still = speed < 0.02 * speed.max()
            shares[still], chance[still] = np.nan, np.nan
            ax.fill_between(t, *chance.T, color="0.85", lw=0, label="random directions")
            for i in range(count):
                ax.plot(t, shares[:, i], color=OF_MODE[i], lw=1.1, marker=".", ms=3, label=f"mode {i + 1}")
            ax.axhline(0, color="0.7", lw=0.6)
            ax.set(title=name, xlabel="t", ylim=(-0.6, 1.6), xlim=(t[0], t[-1]))
        axes[0, 0].set_ylabel("share of $\\partial_t u$")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig
