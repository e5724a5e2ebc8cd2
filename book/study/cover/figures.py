"""The pictures of the first page and of the README."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure

from lrnrbook.plots import BLACK, BLUE, GREEN, PURPLE, RED, figure
from study.instruments.drawing import values_at
from study.instruments.neighbourhood import uniform_points
from study.ledger.models import load_pretrained

MOMENTS = {"acoustics": 0.375, "burgers": 1.5, "advection": 0.8}
TITLES = {"euler": "blast waves", "acoustics": "sound", "burgers": "Burgers", "advection": "a swirl"}


@torch.no_grad()
def plot_cover(points: int = 160) -> Figure:
    """Density of the Euler network over space and time, and the three 2d networks at a time each."""
    with figure(1, 4, 2.0) as (fig, axes):
        model = load_pretrained("euler")
        x, t = uniform_points(model, 2 * points), np.linspace(*model.times, points)
        density = model(x, t)[..., model.fields.index("density")]
        _show(axes[0, 0], density.numpy(), "euler")
        for ax, (name, moment) in zip(axes[0, 1:], MOMENTS.items(), strict=True):
            model = load_pretrained(name)
            low, high = model.domain.T
            grid = np.stack(np.meshgrid(*np.linspace(low, high, points).T, indexing="xy"), -1).reshape(-1, 2)
            _show(ax, model(grid, moment)[0, :, 0].reshape(points, points).numpy(), name)
    return fig


def _show(ax, values: np.ndarray, name: str) -> None:
    top = np.quantile(values, 0.995)
    ax.imshow(values, origin="lower", aspect="auto", cmap="inferno", vmax=top, interpolation="bilinear")
    ax.set(title=TITLES[name], xticks=[], yticks=[], box_aspect=1)
    ax.spines[:].set_visible(False)


def plot_teaser(model, data, field: str, times: Sequence[float]) -> Figure:
    """Space-time picture of a model, and its profile at some times against the data."""
    j = data.fields.index(field)
    x, t = np.linspace(*data.domain[0], 600), np.linspace(*model.times, 400)
    with torch.no_grad():
        u = model(x, t)[..., j].numpy()
    with figure(1, 2, 3.0, width_ratios=[1, 1.25]) as (fig, axes):
        left, right = axes[0]
        mesh = left.pcolormesh(x, t, np.maximum(u, 0) ** 0.5, cmap="inferno", shading="nearest", rasterized=True)
        bar = fig.colorbar(mesh, ax=left, pad=0.02, label=data.label(field))
        ticks = np.array([0, 10, 50, 100, 250, 500, 900])
        ticks = ticks[ticks <= max(u.max(), 100)]
        bar.set_ticks(np.sqrt(ticks), labels=[str(k) for k in ticks])
        left.set(xlabel="x", ylabel="t", title="the network, at any point and time")
        for value, colour in zip(times, (BLUE, GREEN, RED, PURPLE), strict=False):
            frame = data[data.index(value)]
            left.axhline(frame.t, color="white", lw=0.8, ls="--")
            right.plot(frame.x[:, 0], frame.u[:, j], color=BLACK, lw=2.6, alpha=0.3)
            right.plot(x, values_at(model, x, frame.t, field), color=colour, label=f"t = {frame.t:.4g}")
        right.set(xlabel="x", ylabel=data.label(field), xlim=data.domain[0],
                  title="against the finite volume solution (grey)")
        right.legend(loc="upper left")
    return fig
