"""What figures of several chapters share: colours, points, values of a field."""

from __future__ import annotations

import numpy as np
import torch

from lrnrbook.patches import finest_grid
from lrnrbook.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY

OF_SET = {"euler": BLACK, "acoustics": BLUE, "burgers": RED, "advection": GREEN}
OF_MODE = (BLACK, RED, BLUE, GREEN, ORANGE, PURPLE, SKY)
POINTS, CELLS = 1600, 96


def values_at(model, x, t: float, field: str) -> np.ndarray:
    """Values of a field at points and a time, (P,)."""
    with torch.no_grad():
        return model(x, t)[0, :, model.fields.index(field)].numpy()


def on_grid(data, frame, u) -> np.ndarray:
    """Values (P, m) of a frame of 2d data on its finest grid, (n1, n2, m)."""
    return finest_grid(frame.x, u, frame.area, data.domain)


def colours_of(grids: list[np.ndarray], share: float = 1.0) -> dict:
    """Colours for values of one sign, or of two."""
    top, signed = share * max(np.abs(grid).max() for grid in grids), min(grid.min() for grid in grids) < -0.1
    return {"cmap": "RdBu_r" if signed else "viridis", "vmin": -top if signed else 0, "vmax": top}


def draw_picture(ax, data, grid: np.ndarray, look: dict):
    """One field on a grid (n1, n2), in the data's domain."""
    extent = data.domain.ravel()
    ax.set(xticks=np.linspace(*extent[:2], 3), yticks=np.linspace(*extent[2:], 3))
    ax.spines[:].set_visible(True)
    return ax.imshow(grid.T, origin="lower", extent=extent, interpolation="nearest", **look)
