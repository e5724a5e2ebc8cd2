"""Figures of the rivals: error against bytes and against seconds, shipped networks in fewer bytes, one front."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from lrnrbook.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY, figure
from study.instruments.drawing import OF_SET
from study.ledger.verdicts import SETS
from study.rivals.measure import key
from study.rivals.methods import DEGREES, RIVALS
from study.rivals.stored import smallest
from study.rivals.tables import WAVES, rows_of

COLOURS = {"lrnr": RED, "pod": BLUE, "rbf": SKY, "shifted": BLUE, "quadratic": SKY, "zstd": BLACK, "zfp": "0.45",
           "autoencoder": GREEN, "coordinates": ORANGE, "deeponet": PURPLE, "siren": GREEN, "nif": ORANGE}
DASHED = ("shifted", "quadratic", "zfp", "siren", "nif")  # and with squares, so that no two look the same
NARROW = 4.1  # inches: one column, to be read on a phone as well
KILO = {"bytes": 1e-3, "seconds": 1.0}
EDGE = 1.35  # where labels begin, as a share of the last value


def spaced(values: Iterable[float], least: float) -> np.ndarray:
    """Values moved apart until neighbours have the least distance, in their order.

    Examples
    --------
    >>> spaced([0.0, 0.1, 3.0], 1.0).tolist()
    [-0.45, 0.55, 3.0]
    """
    values = np.array(list(values), dtype=float)
    order = np.argsort(values, kind="stable")
    groups: list[list[float]] = []  # middle and number of labels that touch
    for value in values[order]:
        groups.append([value, 1])
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < least * (groups[-1][1] + groups[-2][1]) / 2:
            (b, m), (a, n) = groups.pop(), groups.pop()
            groups.append([(a * n + b * m) / (n + m), n + m])
    places = np.concatenate([middle + least * (np.arange(n) - (n - 1) / 2) for middle, n in groups])
    found = np.empty_like(values)
    found[order] = places
    return found


def _label(ax, ends: list[tuple[float, float, str, str]]) -> None:
    """Write each line's name beside its last point, in its colour, moved apart."""
    low, high = np.log10(ax.get_ylim())
    height = ax.get_window_extent().height / ax.figure.dpi
    heights = spaced([np.log10(y) for _, y, _, _ in ends], 0.13 * (high - low) / height)
    shift = max(0.0, low - heights.min()) if len(heights) else 0.0
    for (x, y, text, colour), place in zip(ends, heights + shift, strict=True):
        ax.annotate(text, (x, y), (1.03, (place - low) / (high - low)), textcoords="axes fraction", color=colour,
                    fontsize=8, va="center", annotation_clip=False,
                    arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.5, "alpha": 0.6, "shrinkA": 0})


def plot_trade(record: dict, against: str, some: Callable[[dict], bool] = lambda row: True) -> Figure:
    """Error at midpoints over the bytes or the seconds that it takes, a panel a wave, every rival.

    Parameters
    ----------
    record : dict
        As from `measure.measure`.
    against : {"bytes", "seconds"}
    some : callable
        Which rows are drawn.
    """
    with figure(len(SETS), 1, 11.6, sharex=True, sharey=True) as (fig, axes):
        fig.set_size_inches(NARROW, 11.6)
        labels = []
        for ax, name in zip(axes[:, 0], SETS, strict=True):
            ends = []
            for method, colour in COLOURS.items():
                rows = sorted((row for row in rows_of(record, name, method) if some(row)), key=lambda row: row[against])
                if not rows:
                    continue
                x, y = np.array([(KILO[against] * row[against], row["midpoints"]) for row in rows]).T
                ours = method == "lrnr"
                ax.loglog(x, y, color=colour, marker="s" if method in DASHED else "o", ms=5 if ours else 3, ls="")
                best = y <= np.minimum.accumulate(y)  # a line through those that nothing cheaper is better than
                ax.loglog(x[best], y[best], color=colour, lw=2.2 if ours else 1.0,
                          ls="--" if method in DASHED else "-", zorder=3 if ours else 2)
                ends.append((x[best][-1], y[best][-1], RIVALS[method].label, colour))
            for degree, style in zip(DEGREES, (":", "-."), strict=True):
                if floor := record["rows"].get(key(name, "frames", degree)):
                    ax.axhline(floor["midpoints"], color="0.6", lw=0.8, ls=style, zorder=1)
            ax.set(title=WAVES[name], ylabel="error at midpoints")
            ax.yaxis.set_minor_formatter(NullFormatter())
            labels.append(ends)
        axes[-1, 0].xaxis.set_major_formatter("{x:g}")
        if against == "bytes":
            axes[-1, 0].set_xticks([20, 50, 200, 1000])
        axes[-1, 0].set_xlabel("kilobytes stored" if against == "bytes" else "seconds of a core to make it")
        fig.draw_without_rendering()
        for ax, ends in zip(axes[:, 0], labels, strict=True):
            _label(ax, ends)
    return fig


def plot_small(record: dict) -> Figure:
    """Error of the shipped LRNRs at midpoints over their bytes: truncated, and with factors of fewer bits."""
    with figure(1, 1, 3.4) as (fig, axes):
        ax, ends = axes[0, 0], []
        fig.set_size_inches(NARROW, 3.4)
        for name in SETS:
            found = record["rows"].get(f"{name}, stored")
            if found is None:
                continue
            rows = smallest(found["small"])
            x, y = np.array([(1e-3 * row["bytes"], row["midpoints"]) for row in rows]).T
            ax.loglog(x, y, color=OF_SET[name], marker="o", ms=3, label=WAVES[name])
            for whole in found["whole"].values():
                ax.loglog(1e-3 * whole["bytes"], whole["midpoints"], color=OF_SET[name], marker="D", ms=5, ls="",
                          mfc="none")
            largest = max(found["whole"].values(), key=lambda whole: whole["bytes"])
            ends.append((1e-3 * largest["bytes"], largest["midpoints"], WAVES[name], OF_SET[name]))
        ax.set(xlabel="kilobytes stored", ylabel="error at midpoints")
        ax.xaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())
        fig.draw_without_rendering()
        _label(ax, ends)
    return fig


def plot_front(data, between, models: dict, field: str, k: int, where: tuple[float, float]) -> Figure:
    """A field at a midpoint: the data, the two samples beside it, and what models make of it.

    Parameters
    ----------
    data, between : WaveData
        Samples and midpoints of a 1d wave.
    models : dict
        Name -> something with ``predict(data)``.
    k : int
        Which midpoint.
    where : pair of float
        Range of x.
    """
    j, frame = data.fields.index(field), between[k]
    after = int(np.searchsorted(data.t, frame.t))
    x = frame.x[:, 0]
    with figure(len(models), 1, 0.5 + 1.9 * len(models), sharex=True, sharey=True) as (fig, axes):
        fig.set_size_inches(NARROW, 0.5 + 1.9 * len(models))
        for ax, (name, model) in zip(axes[:, 0], models.items(), strict=True):
            for i in (after - 1, after):
                ax.plot(x, data[i].u[:, j], color="0.75", lw=0.9, label="samples" if i == after else None)
            ax.plot(x, frame.u[:, j], color=BLACK, lw=2.2, label="the wave between them")
            values = model.predict(between)[k][:, j].numpy()
            ax.plot(x, values, color=RED, lw=1.1, label="as stored")
            ax.set(title=name, xlim=where, ylabel=field)
        axes[-1, 0].set_xlabel("x")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return fig
