"""The picture of the README: the four waves, as their trained networks know them."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.figure import Figure

from lrnrbook.perturbation import uniform_points
from lrnrbook.plots import figure
from lrnrbook.storage import load_pretrained

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
