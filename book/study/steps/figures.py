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
from study.instruments.neighbourhood import Neighbourhood, uniform_points
from study.instruments.tables import WAVES
from study.steps.advance import a_little_later

STEP = 0.1  # change of the field that the steps in all figures make, relative l1
BLOCK = (4.3, 2.3)  # inches: a figure beside its text
ARROWS = 10  # cells between two arrows, which are as long at most
STEEP = 0.1  # of the largest slope: where arrows are drawn


def plot_mode_1d(modes: Hypermodes, mode: int, places: Sequence[tuple[float, tuple[float, float]]],
                 field: str = "pressure", size: float = STEP) -> Figure:
    """A 1d field, and the field after a step along a hypermode either way: a panel for each (time, window) (Fig. 9).

    Grey: the field a little later, when time has changed it as much as the step does.
    """
    with figure(1, len(places), BLOCK[1]) as (fig, axes):
        fig.set_size_inches(*BLOCK)
        for ax, (t, window) in zip(axes[0], places, strict=True):
            near = Neighbourhood(modes, uniform_points(modes.model, POINTS), t, mode, field)
            fine = np.linspace(*window, 801)[:, None]
            along = np.zeros((3, mode))
            along[1:, -1] = [near.step(mode, sign, size)[0] for sign in (1, -1)]
            later = near.at_time(a_little_later(near, size), fine)
            ax.plot(fine[:, 0], later, color="0.7", lw=3, label="a little later")
            for u, colour, style, label in zip(near(along, fine), (BLACK, RED, BLUE), ("-", "--", ":"),
                                               ("now", "step +", "step \N{MINUS SIGN}"), strict=True):
                ax.plot(fine[:, 0], u, color=colour, ls=style, lw=1.3, label=label)
            ax.set(title=f"t = {t:.4g}", xlabel="x", xlim=window)
        axes[0, 0].set_ylabel(field)
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, columnspacing=0.9,
                   handlelength=1.6)
    return fig


def plot_mode_2d(modes: Hypermodes, t: float, mode: int, levels: int, size: float = STEP) -> Figure:
    """A 2d field before and after a step along a hypermode either way, and the change itself (Figs. 11, 13, 15).

    `levels` contours lie at equal distances between the least and the largest value of the field.
    """
    shape = (CELLS, CELLS)
    near = Neighbourhood(modes, uniform_points(modes.model, CELLS), t, mode)
    up, down = (near.step(mode, sign, size, every=5)[1] for sign in (1, -1))
    du = up - near.base if np.isfinite(up).all() else near.base - down
    with figure(1, 2, BLOCK[1], sharey=True) as (fig, (axes,)):
        fig.set_size_inches(BLOCK[0], BLOCK[1] + 0.35)
        at = _contours(axes[0], near, levels)
        for u, colour, style in ((up, RED, "dashed"), (down, BLUE, "dotted")):
            if np.isfinite(u).all():
                axes[0].contour(*near.x.T.reshape(2, *shape), u.reshape(shape), at, colors=colour, linewidths=1.3,
                                linestyles=style)
        most = np.quantile(np.abs(du), 0.99)
        x1, x2 = near.x.T.reshape(2, *shape)
        axes[1].pcolormesh(x1, x2, du.reshape(shape), cmap="PuOr_r", vmin=-most, vmax=most, rasterized=True)
        axes[1].contour(x1, x2, near.base.reshape(shape), at, colors=BLACK, linewidths=0.5, linestyles="solid")
        axes[0].set(title="contours", ylabel="$x_2$", xlabel="$x_1$")
        axes[1].set(title="change by step +", xlabel="$x_1$", aspect="equal")
        shown = [0] + [i for i, u in ((1, up), (2, down)) if np.isfinite(u).all()]
        labels = ["now", "step +", "step \N{MINUS SIGN}"]
        fig.legend([HANDLES[i] for i in shown], [labels[i] for i in shown], loc="outside lower center", ncols=3)
    return fig


def plot_second_mode(modes: Hypermodes, times: Sequence[float], sign: int, levels: int, size: float = STEP) -> Figure:
    """A 2d field, after a step along the second mode, and a little later, at some times (Figs. 10, 12, 14)."""
    with figure(1, len(times), 2.75, sharey=True) as (fig, axes):
        for ax, t in zip(axes[0], times, strict=True):
            near = Neighbourhood(modes, uniform_points(modes.model, CELLS), t, 2)
            soon = a_little_later(near, size)
            later = near.at_time(soon)
            at, u = _contours(ax, near, levels), near.step(2, sign, size, every=5)[1]
            for values, colour, style, width in ((later, BLUE, "dotted", 1.8), (u, RED, "dashed", 1.1)):
                ax.contour(*near.x.T.reshape(2, CELLS, CELLS), values.reshape(CELLS, CELLS), at, colors=colour,
                           linewidths=width, linestyles=style)
            _arrows(ax, near, u)
            ax.set(title=f"t = {t:.4g}, dotted {soon:.3g}", xlabel="$x_1$")
        axes[0, 0].set_ylabel("$x_2$")
        fig.legend(HANDLES, ["now", "after a step along mode 2", "a little later"], loc="outside lower center", ncols=3)
    return fig


HANDLES = [Line2D([], [], color=BLACK, lw=0.8), Line2D([], [], color=RED, ls="--"),
           Line2D([], [], color=BLUE, ls=":", lw=1.8)]


def _contours(ax, near: Neighbourhood, levels: int) -> np.ndarray:
    """The field in pale colours with its contours; the values of these."""
    x1, x2, base = (a.reshape(CELLS, CELLS) for a in (*near.x.T, near.base))
    at = np.linspace(base.min(), base.max(), levels + 2)[1:-1]
    ax.pcolormesh(x1, x2, base, cmap="viridis", alpha=0.35, rasterized=True, lw=0)
    ax.contour(x1, x2, base, at, colors=BLACK, linewidths=0.8, linestyles="solid")
    ax.set_aspect("equal")
    return at


def _arrows(ax, near: Neighbourhood, u: np.ndarray) -> None:
    """Movement of the contours, ``-du grad u / |grad u|^2``, where the field is steep; long arrows are cut."""
    x1, x2, base, du = (a.reshape(CELLS, CELLS) for a in (*near.x.T, near.base, u - near.base))
    cell = x1[1, 0] - x1[0, 0]
    slope = np.stack(np.gradient(base, cell))
    steepness = np.hypot(*slope)
    move = -du * slope / np.maximum(steepness, 1e-12) ** 2
    some = np.zeros(base.shape, dtype=bool)
    some[ARROWS // 2 :: ARROWS, ARROWS // 2 :: ARROWS] = True
    some &= steepness >= STEEP * steepness.max()
    length = np.hypot(*move[:, some])
    if length.size:
        arrows = move[:, some] * ARROWS * cell / np.maximum(length, np.median(length))
        ax.quiver(x1[some], x2[some], *arrows, angles="xy", scale_units="xy", scale=1, width=0.01, headwidth=3.5,
                  color=BLACK, zorder=3)


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
            ax.set(title=WAVES[name], xlabel="t", ylim=(-0.6, 1.6), xlim=(t[0], t[-1]))
        axes[0, 0].set_ylabel("share of $\\partial_t u$")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig
