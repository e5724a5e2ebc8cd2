"""Figures that compare networks and ablations (section 4)."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lrnrbook.plots import BLACK, BLUE, GREEN, RED, SKY, STYLE, WIDTH, figure
from study.ingredients.claims_networks import singular_values
from study.instruments.courses import plot_history
from study.instruments.drawing import OF_SET, values_at
from study.instruments.tables import WAVES

COLOURS = (RED, BLUE, GREEN)
MARKERS = "osD^"
OF_NETWORK = {"LRNR": RED, "SIREN": BLUE, "SIREN, l1": SKY, "NIF": GREEN}


def plot_networks(models: dict, data, field: str, zooms: Sequence[dict]) -> Figure:
    """Reconstructions of several networks at sampled times, enlarged; the data in grey (Fig. 4).

    Parameters
    ----------
    models : dict
        Label, one of `OF_NETWORK`, -> model.
    data : WaveData
        Of one space dimension.
    field : str
    zooms : sequence of dict
        With "t" and "x" (low, high): one column each.
    """
    j = data.fields.index(field)
    with figure(len(models), len(zooms), 0.7 + 1.45 * len(models), sharex="col", sharey="col") as (fig, axes):
        for row, (label, model) in zip(axes, models.items(), strict=True):
            for ax, zoom in zip(row, zooms, strict=True):
                frame = data[data.index(zoom["t"])]
                x = np.linspace(*zoom["x"], 1501)
                ax.plot(frame.x[:, 0], frame.u[:, j], color=BLACK, lw=2.4, alpha=0.35)
                ax.plot(x, values_at(model, x, frame.t, field), color=OF_NETWORK[label], lw=1.0)
                inside = (frame.x[:, 0] >= zoom["x"][0]) & (frame.x[:, 0] <= zoom["x"][1])
                low, high = frame.u[inside, j].min(), frame.u[inside, j].max()
                ax.set(xlim=zoom["x"], ylim=(low - 0.15 * (high - low), high + 0.2 * (high - low)))
            row[0].set_ylabel(label, wrap=True)
        for ax, zoom in zip(axes[0], zooms, strict=True):
            ax.set_title(f"t = {data[data.index(zoom['t'])].t:.4g}")
        for ax in axes[-1]:
            ax.set_xlabel("x")
        fig.supylabel(data.label(field), fontsize=9)
    return fig


def plot_singular_values(models: dict) -> Figure:
    """Singular values of the hidden weight matrices W(t) at nine times, over the first: median and range of all.

    Parameters
    ----------
    models : dict
        Title -> dict of label, one of `OF_NETWORK`, -> model; one panel a title.
    """
    with figure(1, len(models), 2.6, sharey=True) as (fig, axes):
        for ax, (title, entries) in zip(axes[0], models.items(), strict=True):
            for label, model in entries.items():
                colour = OF_NETWORK[label]
                values = singular_values(model, np.linspace(*model.times, 9)).flatten(0, 1).numpy()
                index = (np.arange(values.shape[1]) + 1) / values.shape[1]
                low, middle, high = np.quantile(np.maximum(values, 1e-9), (0, 0.5, 1), axis=0)
                ax.fill_between(index, low, high, color=colour, alpha=0.2, lw=0)
                ax.semilogy(index, middle, color=colour, label=label)
            ax.axhline(1e-2, color="0.5", lw=0.7, ls=":")
            ax.set(title=title, xlabel="index / width", xlim=(0, 1), ylim=(1e-6, 1.5))
        axes[0, 0].set_ylabel("singular value / the first")
        axes[0, 0].legend(loc="lower left")
    return fig


def plot_sweeps(record: dict, sweeps: dict[str, list[str]], sets: Sequence[str], base: str = "Adam") -> Figure:
    """Share of the coefficients kept against E1 relative to `base`, one panel a sweep; seeds joined by their mean.

    Parameters
    ----------
    record : dict
        Of the ablations.
    sweeps : dict
        Title -> variants, in order; neighbours are joined by a line.
    sets : sequence of str
    base : str
        Variant that E1 is divided by. The ring is the last variant of a sweep.
    """
    rows = record["rows"]

    def point(variant, data):
        found = [(rows[f"{variant} | {data} | {s}"], rows[f"{base} | {data} | {s}"]) for s in range(3)
                 if f"{variant} | {data} | {s}" in rows and f"{base} | {data} | {s}" in rows]
        return np.mean([(a["kept"] / a["coefficients"], a["e1"] / b["e1"]) for a, b in found], axis=0)

    with figure(1, len(sweeps), 2.8, sharey=True, sharex=True) as (fig, axes):
        for ax, (title, variants) in zip(axes[0], sweeps.items(), strict=True):
            for name, marker in zip(sets, MARKERS, strict=False):
                if not all(f"{v} | {name} | 0" in rows for v in variants):
                    continue
                x, y = np.array([point(v, name) for v in variants]).T
                ax.semilogy(x, y, color=OF_SET[name], marker=marker, ms=4, lw=0.8, label=WAVES[name])
                ax.plot(x[-1], y[-1], color=OF_SET[name], marker=marker, ms=8, mfc="none", ls="none")
            ax.axhline(1.1, color="0.5", lw=0.7, ls=":")
            ax.axvline(0.5, color="0.5", lw=0.7, ls=":")
            ax.set(title=title, xlabel="share of coefficients kept", xlim=(-0.03, 1.03))
        axes[0, 0].set_ylabel("E1, over that without penalty")
        drawn = {label: line for ax in axes[0] for line, label in zip(*ax.get_legend_handles_labels(), strict=True)}
        fig.legend(drawn.values(), drawn.keys(), loc="outside lower center", ncols=len(sets))
    return fig


def plot_courses(record: dict, variants: dict[str, str], data: str, seed: int = 0) -> Figure:
    """Misfit and MSE of the data themselves over the epochs, one curve a variant (label -> name)."""
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(1, 2, figsize=(WIDTH, 2.7), layout="constrained", sharey=True)
        for (label, variant), colour in zip(variants.items(), COLOURS, strict=False):
            row = record["rows"][f"{variant} | {data} | {seed}"]
            h = {name: np.array(values) for name, values in row["history"].items()}
            for q, style in ((2, "-"), (1, "--")):
                part = h["q"] == q
                axes[0].semilogy(h["epoch"][part], h["misfit"][part], color=colour, ls=style, lw=0.9,
                                 label=label if q == 2 else None)
            epoch, _, mse = np.array([e for e in row["evaluations"] if e[2] is not None]).T
            axes[1].semilogy(epoch, mse, color=colour, marker=".", ms=3, lw=0.9)
        axes[0].set(title="misfit as trained on (solid MSE, dashed $\\ell_1$)", xlabel="epoch", ylabel="misfit")
        axes[1].set(title="MSE of the data themselves", xlabel="epoch")
        for ax in axes:
            ax.axhline(5e-4, color="0.5", lw=0.7, ls=":")
        axes[0].legend(loc="upper right")
        plt.close(fig)
    return fig


def plot_history_with_siren(record: dict, lrnr, siren: dict) -> Figure:
    """History of a run, and the root of the MSE, by which alone a SIREN was trained, over the share of its epochs."""
    fig = plot_history(record, lrnr)
    epoch, misfit = (np.array(siren["history"][name]) for name in ("epoch", "misfit"))
    last = record["history"]["epoch"][-1]
    for ax in fig.axes[:2]:
        ax.semilogy(epoch * last / epoch[-1], np.sqrt(misfit), color=GREEN, lw=0.8,
                    label=f"SIREN, root of the MSE ({siren['epochs']} epochs)")
    fig.axes[1].get_legend().remove()
    fig.legend(*fig.axes[1].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8, frameon=False)
    return fig
