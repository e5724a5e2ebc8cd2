"""Large steps along hypermodes (5.8): do fields far off the path keep coherent structure? (section 5.3)."""

from __future__ import annotations

import numpy as np
import torch

from lrnrbook.modes import Hypermodes
from study.instruments.descriptions import directions
from study.instruments.fronts import extrema
from study.instruments.neighbourhood import Neighbourhood, uniform_points
from study.instruments.roughness import fine_energy, roughness

SIZES = (0.25, 0.5, 1.0)  # relative l1 change of the output
MOST = 1.5  # times the largest total variation of the training frames: beyond it a field counts as incoherent
TIMES = {"euler": (0.0095, 0.019, 0.0285, 0.038), "acoustics": (0.04, 0.38, 0.67), "burgers": (0.62, 1.5, 2.5),
         "advection": (0.8, 1.8, 2.4)}  # those that the paper names, and some between
CELLS = {1: 1600, 2: 96}
FRAMES = 81


class Coherence:
    """Compares fields with those of the training times: total variation, extrema and nearness.

    Parameters
    ----------
    frames : (T, P) array
        Fields at the training times.
    shape : tuple of int
        Of the grid that P points make.
    """

    def __init__(self, frames: np.ndarray, shape: tuple[int, ...]):
        self.frames, self.shape = frames, shape
        grids = frames.reshape(-1, *shape)
        self.variation = max(map(roughness, grids))
        self.count = max(map(extrema, grids))
        self.fine = max(map(fine_energy, grids))
        apart = np.stack([np.abs(frames - frame).mean(-1) for frame in frames])
        self.apart = float(np.median(apart[np.triu_indices(len(frames), 1)]))

    def of(self, u: np.ndarray) -> dict[str, float]:
        """Figures of a field (P,), each over that of the training frames.

        Returns
        -------
        dict
            variation and extrema over the largest of the training frames; fine: share of the energy in the finest
            waves, and fine_frames the largest of the training frames; nearest: l1 distance to the nearest of them over
            the median distance of two.
        """
        grid = u.reshape(self.shape)
        return {"variation": roughness(grid) / self.variation, "extrema": extrema(grid) / max(self.count, 1.0),
                "fine": fine_energy(grid), "fine_frames": self.fine,
                "nearest": float(np.abs(self.frames - u).mean(-1).min()) / self.apart}


def training_frames(model, x: np.ndarray, field: str | None = None) -> np.ndarray:
    """One field of a model at 81 times: (81, P)."""
    j = model.fields.index(field) if field else len(model.fields) - 1
    with torch.no_grad():
        return np.stack([model(x, t)[0, :, j].double().numpy() for t in np.linspace(*model.times, FRAMES)])


def push_along_modes(modes: Hypermodes, name: str, count: int) -> list[dict]:
    """Every mode, sign, size and time: the step, how far its coordinate leaves its range, and the field's figures.

    A step whose output saturates short of the size has eta None and no figures.
    """
    x = uniform_points(modes.model, CELLS[modes.model.lrnr.dims[0]])
    shape = (len(x),) if x.shape[1] == 1 else (CELLS[2], CELLS[2])
    coherence = Coherence(training_frames(modes.model, x), shape)
    along, rows = directions(count, 0), []
    path = modes.coordinates(np.linspace(*modes.model.times, FRAMES)).detach().double().numpy()[:, :count]
    low, high = path.min(0), path.max(0)
    for t in TIMES[name]:
        near = Neighbourhood(modes, x, t, count)
        for size in SIZES:
            eta = near.step_lengths(along, size)
            fields = near(np.nan_to_num(eta)[:, None] * along)
            for step, direction, u in zip(eta, along, fields, strict=True):
                i = int(np.abs(direction).argmax())
                row = {"t": t, "size": size, "mode": i + 1, "sign": int(direction[i]), "eta": None}
                if np.isfinite(step):
                    at = near.c[i] + step * direction[i]
                    out = max(at - high[i], low[i] - at, 0.0) / (high[i] - low[i])
                    row |= {"eta": float(step), "out": float(out)} | coherence.of(u)
                rows.append(row)
    return rows


def principal_direction(z: np.ndarray) -> np.ndarray:
    """First principal direction of a path (T, k), of norm 1: (k,).

    Examples
    --------
    >>> principal_direction(np.array([[0.0, 1.0], [0.0, 2.0], [0.1, 4.0]])).round(1).tolist()
    [0.0, 1.0]
    """
    first = np.linalg.svd(z - z.mean(0), full_matrices=False)[2][0]
    return first * np.sign(first[np.abs(first).argmax()])


def push_along_path(modes: Hypermodes, name: str) -> list[dict]:
    """The same figures for steps along the principal direction of a model's own path, both signs."""
    count = int((modes.singular_values > 1e-6 * modes.singular_values[0]).sum())
    x = uniform_points(modes.model, CELLS[modes.model.lrnr.dims[0]])
    shape = (len(x),) if x.shape[1] == 1 else (CELLS[2], CELLS[2])
    coherence = Coherence(training_frames(modes.model, x), shape)
    path = modes.coordinates(np.linspace(*modes.model.times, FRAMES)).detach().double().numpy()[:, :count]
    along, rows = np.stack([principal_direction(path), -principal_direction(path)]), []
    for t in TIMES[name]:
        near = Neighbourhood(modes, x, t, count)
        for size in SIZES:
            eta = near.step_lengths(along, size)
            for step, direction, sign in zip(eta, along, (1, -1), strict=True):
                row = {"t": t, "size": size, "sign": sign, "eta": None}
                if np.isfinite(step):
                    row |= {"eta": float(step)} | coherence.of(near(step * direction[None])[0])
                rows.append(row)
    return rows
