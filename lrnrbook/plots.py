"""Figures of data, models and runs: matplotlib figures, fit for colour-blind readers and for print."""

import base64
import io
import zlib
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from scipy.spatial import cKDTree

# Okabe and Ito's palette, which colour-blind readers can tell apart.
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7")
STYLE = {
    "font.size": 9, "axes.titlesize": 9.5, "axes.labelsize": 9, "legend.fontsize": 8, "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "lines.linewidth": 1.3, "savefig.dpi": 200,
    "figure.facecolor": "white", "axes.facecolor": "white",
}
WIDTH = 7.2  # inches
LEVELS = 6  # contour lines of an explorer
POINTS = {1: 400, 2: 96, 3: 24}  # of an explorer a side; those of one and two dimensions as in its module
FRAMES, PLACES, DEPTH = {1: 41, 2: 21}, {1: 200, 2: 48}, {1: 16, 2: 12}  # of its data: times, points a side, bits


@contextmanager
def figure(rows: int, cols: int, height: float, **kwargs):
    """Axes in the book's style; the figure is closed on leaving, so that a notebook shows it once."""
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(rows, cols, figsize=(WIDTH, height), layout="constrained", squeeze=False, **kwargs)
        yield fig, axes
        plt.close(fig)


def plot_history(record: dict) -> Figure:
    """Course of a training run: the misfit as trained on, errors at the samples and at the times kept apart."""
    h = record["history"]
    with figure(1, 1, 2.6) as (fig, ((ax,),)):
        ax.semilogy(h["epoch"], h["misfit"], color=SKY, label="misfit, as trained on")
        for rows, label, colour in ((h["evaluations"], "error at the samples", BLACK),
                                    (h.get("heldout"), "error at the times kept apart", RED)):
            rows = np.array([row[:2] for row in rows or () if row[1] is not None]).reshape(-1, 2)
            ax.semilogy(*rows.T, ".-", color=colour, label=label if len(rows) else None)
        ax.set(xlabel="epoch", ylabel="relative to the data")
        ax.legend()
    return fig


def moment(t: float, parameters: dict) -> str:
    """Time and parameters of a frame, as for a title."""
    return ", ".join(f"{name} = {value:.4g}" for name, value in {"t": t, **parameters}.items())


def plot_data(data) -> Figure:
    """Fields of a data set: over space and time on a fixed grid in 1d, else at four times, a row each.

    On a fixed grid in 1d a family has a row for its first, middle and last run, all in the same colours.
    """
    if data.dim == 1 and data.shared:
        runs = [data.loaded()[data.spans[k]] for k in sorted({0, len(data.spans) // 2, len(data.spans) - 1})]
        told, order, (time, place) = look(np.stack(data.u), 2), data.x[0][:, 0].argsort(), data.axis_labels
        with figure(len(runs), len(data.fields), 0.3 + 2.1 * len(runs)) as (fig, axes):
            for row, run in zip(axes, runs, strict=True):
                u = np.stack(run.u)[:, order]  # (T, P, m)
                for j, (ax, field) in enumerate(zip(row, data.fields, strict=True)):
                    drawn = ax.pcolormesh(data.x[0][order, 0], run.t, u[..., j], cmap=colour_map(told["signed"][j]),
                                          norm=Normalize(*told["limits"][j]), rasterized=True)
                    ax.figure.colorbar(drawn, ax=ax, label=data.label(field))
                    ax.set(title=moment(0, run[0].parameters).partition(", ")[2], xlabel=place, ylabel=time)
        return fig
    with figure(len(data.fields), 4, 0.4 + 1.8 * len(data.fields), sharex=True, sharey="row") as (fig, axes):
        for j, field in enumerate(data.fields):
            ends = {"vmin": min(u[:, j].min() for u in data.u), "vmax": max(u[:, j].max() for u in data.u)}
            for ax, k in zip(axes[j], np.linspace(0, len(data) - 1, 4).astype(int).tolist(), strict=True):
                draw_field(ax, data.x[k], data.u[k][:, j], data.axis_labels, **ends)
                ax.set_title(f"{field}, {moment(data.t[k], data[k].parameters)}")
                ax.label_outer()
    return fig


def draw_field(ax, x: np.ndarray, values: np.ndarray, axes: list[str], label: str = "", **look) -> None:
    """Values (P,) at points (P, d): a curve in 1d, else points in colour, both axes on one scale; axes as labelled."""
    if x.shape[1] == 1:
        order = x[:, 0].argsort()
        ax.plot(x[order, 0], values[order], label=label)
    else:
        drawn = ax.scatter(*x[:, :2].T, c=values, s=12000 / len(x), marker="s", lw=0, rasterized=True, **look)
        ax.figure.colorbar(drawn, ax=ax, shrink=0.8)
    ax.set(aspect="auto" if x.shape[1] == 1 else "equal", **dict(zip(("xlabel", "ylabel"), axes[1:], strict=False)))


def colour_map(signed: bool):
    """Colours for values of both signs, or of one."""
    return plt.get_cmap("RdBu_r" if signed else "viridis")


def look(u: np.ndarray, dimensions: int) -> dict:
    """What an explorer draws fields u (T, P, m) with: ends of their axes; in the plane contour levels and colours too.

    Colours of both signs lie evenly about zero. A field of hardly more than two values, with a jump, has one level.
    """
    low, high = u.min((0, 1)), u.max((0, 1))
    if dimensions == 1:
        margin = 0.12 * np.where(high > low, high - low, np.maximum(np.abs(high), 1e-12))
        return {"limits": np.stack([low - margin, high + margin], 1).tolist()}
    most = np.maximum(-low, high)
    signed = np.minimum(-low, high) > 0.1 * most
    limits = np.where(signed[:, None], np.stack([-most, most], 1), np.stack([low, high], 1))
    bottom, top = np.quantile(u, [0.005, 0.995], axis=(0, 1))
    between = np.mean(np.abs((u - bottom) / np.maximum(top - bottom, 1e-300) - 0.5) < 0.3, axis=(0, 1))
    levels = [np.linspace(a, b, 2 + (1 if share < 0.1 else LEVELS))[1:-1].tolist()
              for a, b, share in zip(bottom, top, between, strict=True)]
    colours = [(255 * colour_map(both)(np.linspace(0, 1, 64))[:, :3]).round().astype(int).tolist() for both in signed]
    return {"limits": limits.tolist(), "levels": levels, "signed": signed.tolist(), "colours": colours}


def draw_still(u: np.ndarray, x: np.ndarray, told: dict) -> bytes:
    """WebP of an explorer's wave u (P, m) at its start, as its description `told` has it, where JavaScript is missing.

    The points x (P, d) are on a line, or in a plane as many along either side.
    """
    with plt.rc_context({"font.size": 9}):
        if x.shape[1] == 1:
            fig = Figure(figsize=(7, 1.5 * u.shape[1]), layout="constrained")
            axes = fig.subplots(u.shape[1], 1, sharex=True, squeeze=False)
            for ax, values, label, ends in zip(axes[:, 0], u.T, told["labels"], told["limits"], strict=True):
                ax.plot(x[:, 0], values, color="black", lw=1.2)
                ax.set(ylabel=label, ylim=ends)
            ax.set_xlabel(f"{told['axes'][0]} (t = {told['first']['time']:.4g})")
        else:
            fig = Figure(figsize=(5, 4), layout="constrained")
            ax, n = fig.subplots(), round(len(x) ** 0.5)
            k = told["first"]["field"]
            low, high = told["limits"][k]
            image = ax.imshow(u[:, k].reshape(n, n).T, origin="lower", extent=np.ravel(told["domain"][:2]), vmin=low,
                              vmax=high, cmap=colour_map(told["signed"][k]))
            ax.set(xlabel=told["axes"][0], ylabel=told["axes"][1], title=f"t = {told['first']['time']:.4g}")
            fig.colorbar(image, label=told["labels"][k])
        out = io.BytesIO()
        fig.savefig(out, format="webp", dpi=110)
    return out.getvalue()


def grid(model, n: int | None = None, third: float | None = None) -> np.ndarray:
    """Middles of n cells a side in the training domain, by default of those that the picture has; or a plane (P, d)."""
    d = len(model.domain)
    n = n or POINTS[d if third is None else min(d, 2)]
    sides = [low + (np.arange(n) + 0.5) / n * (high - low) for low, high in model.domain]
    if third is not None:
        sides[2:] = [np.array([third])] * (d - 2)
    return np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, len(sides))


def frames(data, model) -> dict:
    """Some frames of data, if there are any, at some points (T, m, P) in whole numbers of few bits; base64."""
    if data is None:
        return {}
    d = len(model.domain)
    x, many = grid(model, PLACES[d]), FRAMES[d] * min(len(data.spans), 6)  # more of a family
    chosen = np.unique(np.linspace(0, len(data) - 1, many).round().astype(int))
    near = [(data.u[k], *cKDTree(a := data.x[k]).query(x, range(1, min(d + 1, len(a)) + 1))) for k in chosen]  # nearby
    u = np.stack([np.einsum("pkm,pk->mp", v[i], (w := 1 / (a + 1e-12)) / w.sum(1)[:, None]) for v, a, i in near])
    low, high = u.min((0, 2), keepdims=True), u.max((0, 2), keepdims=True)
    whole = np.rint((u - low) / np.maximum(high - low, 1e-300) * (2 ** DEPTH[d] - 1)).astype("<u2")
    planes = whole.reshape(-1, 1).view("u1").T.tobytes()  # low bytes, then high ones: they compress better
    return {"frames": base64.b64encode(zlib.compress(planes, 9)).decode(), "moments": data.places[chosen].tolist(),
            "places": PLACES[d], "ends": np.stack([low, high], -1).reshape(-1, 2).tolist(), "depth": DEPTH[d]}
