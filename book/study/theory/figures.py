"""Figures of chapters 01 and A: networks built by hand, their rates, learned against built."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from lrnrbook.model import MetaNetwork
from lrnrbook.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY, figure
from study.ledger.records import load_measurement
from study.theory.conservation import FLUXES, PROFILES, Fronts, lax_oleinik
from study.theory.constructions import values
from study.theory.problems import archetypes, energy, entropy_slope, gaussian_network, learned, rate, row

KINDS = {"fronts": (BLUE, "o", "fronts"), "particles": (ORANGE, "s", "particles"),
         "film strip": (GREEN, "^", "film strip"), "dilation strip": (PURPLE, "v", "dilation strip")}


def _colours(u: np.ndarray) -> dict:
    """Colours from zero up, or both ways from zero where a good part is negative."""
    top = np.abs(u).max()
    return {"cmap": "RdBu_r", "vmin": -top, "vmax": top} if u.min() < -0.05 * top else {"cmap": "viridis", "vmin": 0}


def _space_time(ax, model: MetaNetwork, low: float, high: float, title: str, points: int = 301):
    x, t = np.linspace(low, high, points), np.linspace(*model.times, points // 2)
    u = values(model, x, t)
    mesh = ax.pcolormesh(x, t, u, shading="nearest", rasterized=True, **_colours(u))
    ax.set(xlabel="x", ylabel="t", title=title)
    return mesh


def _snapshot(ax, model: MetaNetwork, t: float, title: str, points: int = 61):
    """Values on the square that fits into the ball inside the model's domain."""
    s = np.linspace(*(model.domain[0] / np.sqrt(2)), points)
    x = np.stack(np.meshgrid(s, s), -1).reshape(-1, 2)
    u = values(model, x, t).reshape(points, points)
    mesh = ax.pcolormesh(s, s, u, shading="nearest", rasterized=True, **_colours(u))
    ax.set(xlabel="$x_1$", ylabel="$x_2$", title=title, aspect="equal")
    return mesh


def plot_gallery(entropy: dict[str, MetaNetwork]) -> Figure:
    """Solution manifolds and their counts, all drawn from networks built by hand (Fig. 1).

    Parameters
    ----------
    entropy : dict
        Titles and networks of two conservation laws, drawn in the last column.
    """
    waves = archetypes()

    def count(model):
        return f"n = {model.ranks.total}"

    with figure(2, 3, 4.7) as (fig, axes):
        for ax, name in zip(axes[:, 0], ("1d advection", "1d wave"), strict=True):
            fig.colorbar(_space_time(ax, waves[name], -1, 2, f"{name}, {count(waves[name])}"), ax=ax, pad=0.02)
        gaussian = gaussian_network(2)
        panels = ((waves["2d advection"], 1.0, "2d advection"), (gaussian, 1.0, "2d wave"))
        for ax, (model, t, name) in zip(axes[:, 1], panels, strict=True):
            fig.colorbar(_snapshot(ax, model, t, f"{name}, t = {t:g}, {count(model)}"), ax=ax, pad=0.02, shrink=0.8)
        for ax, (name, model) in zip(axes[:, 2], entropy.items(), strict=True):
            fig.colorbar(_space_time(ax, model, 0, 1, f"{name}, {count(model)}"), ax=ax, pad=0.02)
    return fig


def plot_fronts(fronts: Fronts, model: MetaNetwork, flux: str, data: str, times: Sequence[float]) -> Figure:
    """Fronts in space and time, shocks thick; and profiles of the network against Lax and Oleinik."""
    until = model.times[1]
    with figure(1, 2, 3.2, width_ratios=[1, 1.3]) as (fig, axes):
        left, right = axes[0]
        ends = np.minimum(fronts.died, until)
        for x0, speed, jump, born, died in zip(fronts.x0, fronts.speed, fronts.jump, fronts.born, ends, strict=True):
            t = np.array([born, died])
            left.plot(x0 + speed * t, t, color=RED if jump < 0 else BLUE, lw=0.5 + 2.5 * max(-jump, 0))
        left.set(xlim=(0, 1), ylim=(0, until), xlabel="x", ylabel="t",
                 title=f"{len(fronts)} fronts: shocks (red), rarefactions (blue)")
        x = (np.arange(1500) + 0.5) / 1500
        for t, colour in zip(times, (BLUE, GREEN, RED, PURPLE), strict=False):
            left.axhline(t, color="0.6", lw=0.7, ls="--")
            right.plot(x, lax_oleinik(FLUXES[flux], PROFILES[data], x, t, 1500), color=BLACK, lw=3, alpha=0.25)
            right.plot(x, values(model, x, t), color=colour, lw=1.1, label=f"t = {t:.3g}")
        right.set(xlabel="x", ylabel="u", xlim=(0, 1),
                  title=f"network, n = {model.ranks.total}, width {max(model.lrnr.dims)}; exact in grey")
        right.legend()
    return fig


def plot_entropy_rates() -> Figure:
    """L1 error against width, largest over the times, of every kind of network, by flux and initial data."""
    with figure(len(FLUXES), len(PROFILES), 4.6, sharex=True, sharey=True) as (fig, axes):
        for line, flux in zip(axes, FLUXES, strict=True):
            for ax, data in zip(line, PROFILES, strict=True):
                found = row(f"entropy | {flux} | {data}")
                for kind, (colour, mark, label) in KINDS.items():
                    rows = found[kind]
                    ax.loglog([r["width"] for r in rows], [r["error"] for r in rows], color=colour, marker=mark, ms=3.5,
                              label=f"{label}, n = {rows[0]['count']}")
                width = np.array([20.0, 2000.0])
                for power, start, style in ((0.5, 0.9, "--"), (1.0, 0.12, ":")):
                    ax.loglog(width, start * (width / width[0]) ** -power, color="0.5", lw=0.8, ls=style,
                              label=f"$M^{{-{power:g}}}$")
                ax.set_title(f"{flux.replace('burgers', 'Burgers')}, {data}")
        for ax in axes[-1]:
            ax.set_xlabel("width M")
        for ax in axes[:, 0]:
            ax.set_ylabel("sup over t of the L1 error")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=6)
    return fig


def plot_strip(model: MetaNetwork, frames: int) -> Figure:
    """The function that a film strip's network holds, and the window of one frame."""
    middle = frames // 2
    t = np.linspace(*model.times, frames + 1)
    x = np.linspace(0, 1, 101)[:-1]
    with figure(1, 1, 1.9) as (fig, axes):
        ax = axes[0, 0]
        for k in range(frames):
            ax.plot(k + x, values(model, x, 0.5 * (t[k] + t[k + 1])), color=RED if k == middle else BLUE)
        ax.axvspan(middle, middle + 1, color=SKY, alpha=0.25)
        ax.set(xlabel="$x + k$", ylabel="H", xlim=(0, frames),
               title=f"{frames} frames; the window shows $k$ = {middle}")
    return fig


def plot_learned() -> Figure:
    """E1 of trained networks, a mark a seed, against the network built by hand (dashed)."""
    cases = (("advection", "advection", ("Thm. 3.3",)), ("wave", "wave", ("Thm. 3.2",)),
             ("burgers", "Burgers", ("Thm. 3.4", "fronts")))
    with figure(1, 3, 2.9, sharey=True, width_ratios=[1, 1, 2]) as (fig, axes):
        for ax, (name, title, theorems) in zip(axes[0], cases, strict=True):
            ticks = []
            for theorem in theorems:
                for activation, shown, colour in (("relu", "ReLU", BLUE), ("tanh", "tanh", ORANGE)):
                    rows = learned(name, theorem, activation)
                    if not rows:
                        continue
                    ax.semilogy([len(ticks)] * len(rows), [r["e1"] for r in rows], "o", color=colour, ms=4, alpha=0.7)
                    ticks.append(f"{shown}\nn = {rows[0]['count']}")
            ax.axhline(rows[0]["built"], color=BLACK, ls="--", lw=1)
            ax.set(title=f"{title}; built n = {rows[0]['built count']}", xlim=(-0.5, len(ticks) - 0.5))
            ax.set_xticks(range(len(ticks)), ticks)
        axes[0, 0].set_ylabel("relative $\\ell_1$ error")
    return fig


def plot_sampling(dims: Sequence[int] = (1, 2)) -> Figure:
    """Root mean square errors of sampled plane waves against the width; fitted slopes in the legend."""
    names = {"h1": ("$H^1$ of u", "o"), "ut": ("$L^2$ of $u_t$", "s"), "advection": ("$L^2$, advection", "^")}
    with figure(1, len(dims), 4.6, sharey=True) as (fig, axes):
        for ax, dim in zip(axes[0], dims, strict=True):
            for method, colour, style in (("stratified", BLUE, "-"), ("independent", ORANGE, "--")):
                for name, (label, mark) in names.items():
                    rows = {k: row(f"sampling | {dim} | {method} | {k}")[name] for k in _known(dim, method)}
                    rms = [float(np.sqrt(np.mean(np.square(r)))) for r in rows.values()]
                    ax.loglog([2.0**k for k in rows], rms, color=colour, ls=style, marker=mark, ms=3,
                              label=f"{method}, {label}: {rate(dim, method, name)[0]:.2f}")
            width = np.array([64.0, 4096.0])
            for power, style in ((0.5, ":"), (0.5 + 0.5 / dim, "-")):
                ax.loglog(width, 60 * (width / 64) ** -power, color="0.5", lw=0.8, ls=style,
                          label=f"$M^{{-{power:.2f}}}$")
            ax.set(title=f"d = {dim}, with fitted slopes", xlabel="width M", ylim=(1e-4, None))
            ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2))
        axes[0, 0].set_ylabel("error, largest over the times")
    return fig


def _known(dim: int, method: str) -> list[int]:
    """Sizes k in the record, beyond those that the slopes are fitted to."""
    rows = load_measurement("benchmark-constructions")["rows"]
    return [k for k in range(4, 20) if f"sampling | {dim} | {method} | {k}" in rows]


def plot_energy() -> Figure:
    """Energy of the error over its start: as printed, and with c^2 before the gradient."""
    with figure(1, 2, 2.6, sharey=True) as (fig, axes):
        for ax, dim in zip(axes[0], (1, 2), strict=True):
            for c, colour in ((1, BLUE), (2, RED)):
                for kind, label, style in (("printed", "as printed", "-"), ("right", "with $c^2$", (0, (2, 3)))):
                    e = energy(dim, c, True)[kind]
                    ax.plot(np.linspace(0, 1, len(e)), e, color=colour, ls=style, lw=1.6, label=f"c = {c}, {label}")
            ax.set(title=f"d = {dim}", xlabel="t / T")
        axes[0, 0].set_ylabel("E(t) / E(0)")
        axes[0, 1].legend()
    return fig


def plot_gaussian(times: Sequence[float] = (0.0, 0.5, 1.0)) -> Figure:
    """The Gaussian in two dimensions from its ridges, at some times."""
    model = gaussian_network(2)
    with figure(1, len(times), 2.5, sharey=True) as (fig, axes):
        for ax, t in zip(axes[0], times, strict=True):
            fig.colorbar(_snapshot(ax, model, t, f"t = {t:g}"), ax=ax, pad=0.02, shrink=0.8)
    return fig


def slopes() -> dict[str, dict[str, float]]:
    """Fitted exponents of the entropy networks by kind, then by flux and data."""
    return {kind: {f"{flux}, {data}": entropy_slope(row(f"entropy | {flux} | {data}")[kind])
                   for flux in FLUXES for data in PROFILES} for kind in KINDS}
