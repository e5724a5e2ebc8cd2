"""Figures of FastLRNR (section 6)."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from lrnrbook.plots import BLUE, GREEN, ORANGE, RED, figure
from study.fast.measure import PIECES, key
from study.instruments.tables import WAVES
from study.ledger.verdicts import SETS

COLOURS = {"deim": BLUE, "qdeim": ORANGE, "oversampled": GREEN, "eim": RED}
ROWS = {"deim": "DEIM", "qdeim": "Q-DEIM", "oversampled": "oversampled", "eim": "EIM"}  # ways to choose them
MARKS = dict(zip(COLOURS, "os^v", strict=True))
TARGET = 1e-4


def _median(ax, found: dict, at, **style):
    """Median over the points of the errors in rows `found`, over what `at` gives of each."""
    ax.loglog([at(k, row) for k, row in found.items()], [np.median(row["errors"]) for row in found.values()],
              ms=3.5, **style)


def _label(axes, below: str) -> None:
    for ax in axes[-1]:
        ax.set_xlabel(below)
    for ax in axes[:, 0]:
        ax.set_ylabel("relative $\\ell_2$ error")


def plot_ranks(record: dict) -> Figure:
    """Error against rank (Fig. 17): median over the points; for the paper's choice also least and largest."""
    with figure(2, 2, 5.0, sharex=True, sharey=True) as (fig, axes):
        for ax, name in zip(axes.flat, SETS, strict=True):
            for points, colour in COLOURS.items():
                rows = record["rows"][key(name, points=points)]
                ranks = [int(rank) for rank in rows]
                errors = np.array([row["errors"] for row in rows.values()])
                ax.semilogy(ranks, np.median(errors, 1), color=colour, marker=MARKS[points], ms=3.5,
                            label=ROWS[points])
                if points == "deim":
                    ax.fill_between(ranks, errors.min(1), errors.max(1), color=colour, alpha=0.15, lw=0)
            ax.axhline(TARGET, color="0.5", lw=0.8, ls="--")
            ax.set(title=WAVES[name], ylim=(1e-9, 3))
        _label(axes, "rank of the bases")
        axes[0, 0].legend()
    return fig


def plot_smooth(record: dict) -> Figure:
    """Error against rank, median over the points: coefficients with kinks or smooth, one piece of time or several."""
    styles = {("laptop", 1): (BLUE, "-", "ReLU output"), ("smooth", 1): (ORANGE, "-", "linear output"),
              ("laptop", PIECES): (BLUE, "--", f"ReLU output, {PIECES} pieces of time"),
              ("smooth", PIECES): (ORANGE, "--", f"linear output, {PIECES} pieces")}
    with figure(2, 2, 5.0, sharex=True, sharey=True) as (fig, axes):
        for ax, name in zip(axes.flat, SETS, strict=True):
            for (recipe, pieces), (colour, line, label) in styles.items():
                rows = record["rows"][key(name, recipe, pieces=pieces)]
                ax.semilogy([int(rank) for rank in rows], [np.median(row["errors"]) for row in rows.values()],
                            color=colour, ls=line, marker="o", ms=3.5, label=label)
            for level in (TARGET, 1e-6):
                ax.axhline(level, color="0.5", lw=0.8, ls="--")
            ax.set(title=WAVES[name], ylim=(1e-13, 3))
        _label(axes, "rank of the bases")
        axes[0, 0].legend(loc="lower left")
    return fig


def plot_states(record: dict, networks: dict[str, str], name: str = "euler") -> Figure:
    """Singular values of the hidden states over time, over the first: median over 9 points, a panel a hidden layer.

    Parameters
    ----------
    record : dict
        Of `python -m study measure fastlrnr`.
    networks : dict
        Label -> recipe, at most five.
    """
    found = {label: record["states"][f"{name}, {recipe}"]["values"] for label, recipe in networks.items()}
    with figure(1, max(map(len, found.values())), 2.8, sharex=True, sharey=True) as (fig, axes):
        for (label, layers), colour in zip(found.items(), (BLUE, ORANGE, GREEN, RED, "0.3"), strict=False):
            for ax, values in zip(axes[0], layers, strict=False):
                ax.semilogy(np.arange(1, len(values) + 1), values, color=colour, lw=1.2, label=label)
        for k, ax in enumerate(axes[0], start=1):
            ax.axhline(TARGET, color="0.5", lw=0.8, ls="--")
            ax.set(title=f"hidden layer {k}", xlabel="number", xlim=(0, 80), ylim=(1e-8, 2))
        axes[0, 0].set_ylabel("singular value / first")
        axes[0, -1].legend(loc="upper right")
    return fig


def plot_fits(record: dict) -> Figure:
    """Error against the numbers stored a point: FastLRNR, a spline and a polynomial in time; median over the points."""
    fields = {name: 3 if name == "euler" else 1 for name in SETS}
    with figure(2, 2, 5.0, sharex=True, sharey=True) as (fig, axes):
        for ax, name in zip(axes.flat, SETS, strict=True):
            for pieces, line in ((1, "-"), (PIECES, "--")):
                rows = record["rows"][key(name, pieces=pieces)]
                _median(ax, rows, lambda k, row: row["numbers"], color=BLUE, ls=line, marker="o",
                        label="FastLRNR" if pieces == 1 else f"FastLRNR, {pieces} pieces")
            for kind, colour, mark in (("spline", GREEN, "^"), ("chebyshev", RED, "v")):
                _median(ax, record["fits"][f"{name}, laptop"][kind], lambda k, row: int(k) * fields[name],  # noqa: B023
                        color=colour, marker=mark, label={"spline": "cubic spline", "chebyshev": "Chebyshev"}[kind])
            ax.axhline(TARGET, color="0.5", lw=0.8, ls="--")
            ax.set(title=WAVES[name], ylim=(1e-13, 3))
        _label(axes, "numbers stored a point")
        axes[0, 0].legend(loc="lower left")
    return fig


def plot_speed(record: dict) -> Figure:
    """Seconds for all points and times against the width, and against the rank."""
    widths = record["width"]
    with figure(1, 2, 2.8) as (fig, ((left, right),)):
        for name, colour, mark, label in (("dense", RED, "v", "dense W(t)"), ("full", ORANGE, "s", "LRNR"),
                                          ("fast", BLUE, "o", "FastLRNR")):
            m = [int(width) for width, row in widths.items() if name in row]
            left.loglog(m, [widths[str(k)][name]["seconds"] for k in m], color=colour, marker=mark, ms=4, label=label)
        siren = record["siren"]
        left.loglog([512], [siren["seconds"]], color="0.3", marker="D", ms=5, ls="none", label="hypernetwork-SIREN")
        left.set(xlabel="width $M$", ylabel="time [s]", ylim=(0.02, 900))
        left.set_xticks([int(m) for m in widths], list(widths), rotation=30)
        left.minorticks_off()
        left.legend(ncols=2, loc="upper left", columnspacing=1.0)
        ranks = record["rank"]
        right.plot([int(k) for k in ranks], [row["seconds"] for row in ranks.values()], color=BLUE, marker="o", ms=4)
        right.set(xlabel="rank of the bases", ylabel="time of FastLRNR [s]", xlim=(0, None), ylim=(0, None))
    return fig


def plot_gauges(t, u, places, fitted, truth, times) -> Figure:
    """Time series at three gauges, and coordinates c(t) fitted to gauges against the model's own.

    Parameters
    ----------
    t : (T,) times of the series; u (T, 3) values, of a field, at three gauges; places (3,) of these
    fitted, truth : (K, j) coordinates; times (K,)
    """
    with figure(1, 2, 2.8) as (fig, ((left, right),)):
        for k, colour in enumerate((BLUE, ORANGE, GREEN)):
            left.plot(t, u[:, k], color=colour, lw=1.2, label=f"x = {places[k]:.2f}")
            right.plot(times, truth[:, k + 1], color=colour, lw=1.2, label=f"$c_{k + 2}$")
            right.plot(times, fitted[:, k + 1], color=colour, marker="o", ms=4, ls="none")
        left.set(xlabel="time", ylabel="pressure")
        right.set(xlabel="time", ylabel="hypermode coordinates")
        left.legend()
        right.legend(title="lines: model; dots: fitted", loc="upper left")
    return fig
