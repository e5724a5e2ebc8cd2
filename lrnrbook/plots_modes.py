"""Figures of coefficients and hypermodes (section 5: Figs. 7 to 16)."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrnrbook.extrapolation import SIZES
from lrnrbook.modes import Hypermodes
from lrnrbook.perturbation import SIZE, Neighbourhood, uniform_points
from lrnrbook.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY, STYLE, WIDTH, figure
from lrnrbook.readings import directions
from lrnrbook.regularity import chebyshev_residual, line_r2
from lrnrbook.truncation import column_norms

OF_SET = {"euler": BLACK, "acoustics": BLUE, "burgers": RED, "advection": GREEN}
OF_MODE = (BLACK, RED, BLUE, GREEN, ORANGE, PURPLE, SKY)
POINTS, CELLS = 1600, 96


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
                        label=name)
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
            ax.semilogy(np.arange(1, len(values) + 1), values, marker=marker, ms=3, color=OF_SET[name], label=name)
        ax.axhline(5e-5, color="0.4", lw=0.8, ls=":")
        ax.text(1, 6e-5, "5e-5", color="0.3", fontsize=8)
        ax.set(xlabel="hypermode", ylabel="singular value over the first", ylim=(1e-9, 2), xticks=range(1, 21, 3))
        ax.legend(loc="lower left")
        panels = right.subplots(2, 2, sharey=True)
        for panel, (name, found) in zip(panels.flat, modes.items(), strict=True):
            for i in range(shown):
                panel.plot(found.times, found.temporal[:, i] * len(found.times) ** 0.5, color=OF_MODE[i], lw=1.0,
                           label=f"mode {i + 1}")
            panel.set(title=name, xlim=(found.times[0], found.times[-1]))
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
            ax.semilogy(degrees, left.max(1), color=OF_SET[name], label=f"{name}, worst")
            ax.semilogy(degrees, np.median(left, 1), color=OF_SET[name], ls="--", lw=1.0, label=f"{name}, median")
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
            ax.set(title=name, xlabel="modes")
        axes[0, 0].set_ylabel("relative $\\ell_1$ error")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig


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
            ax.axhline(1.5, color="0.5", lw=0.8, ls=":")
            ax.set(title=name, xlabel="change of the output", xticks=range(len(SIZES)),
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
            ax.set(title=name, xlabel="t")
        axes[0, 0].set_ylabel("relative $\\ell_1$ error")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig
