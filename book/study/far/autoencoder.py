"""A convolutional autoencoder, to push as far off its path as an LRNR (section 5.3)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from lrnrbook.datasets import load_data
from lrnrbook.patches import finest_grid
from study.far.coherence import SIZES, TIMES, Coherence, principal_direction
from study.instruments.autoencoder import ConvAutoencoder, train

CELLS = 96  # along each axis, in 2d
MOST = 1e6  # of the first guess, that a step may grow to


def frames(name: str) -> Tensor:
    """Training frames of a data set on a uniform grid, fields over their largest magnitude: (T, m, cells...)."""
    data = load_data(name)
    if data.dim == 1:
        u = np.stack([frame.u.T for frame in data])
    else:
        grids = [finest_grid(frame.x, frame.u, frame.area, data.domain) for frame in data]
        place = ((np.arange(CELLS) + 0.5) * grids[0].shape[0] / CELLS).astype(int)
        u = np.stack([grid[np.ix_(place, place)].transpose(2, 0, 1) for grid in grids])
    top = np.abs(u).max(axis=(0, *range(2, u.ndim)), keepdims=True)
    return torch.as_tensor(u / top, dtype=torch.float32)


def push(f, at: np.ndarray, direction: np.ndarray, size: float) -> tuple[float, np.ndarray]:
    """Step eta >= 0 along a direction for which the output changes by `size`, relative l1, and the output there.

    nan and the last output if the change stays short of the size.

    Examples
    --------
    >>> eta, u = push(lambda z: z, np.array([1.0, 1.0]), np.array([1.0, 0.0]), 0.5)
    >>> round(eta, 2)
    1.0
    """
    base = f(at)

    def change(eta):
        u = f(at + eta * direction)
        return float(np.abs(u - base).sum() / np.abs(base).sum()), u

    low, high = 0.0, 1e-3
    while change(high)[0] < size:
        low, high = high, 2 * high
        if high > MOST:
            return float("nan"), change(low)[1]
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if change(middle)[0] < size else (low, middle)
    return high, change(high)[1]


@torch.no_grad()
def push_along_path(network: ConvAutoencoder, u: Tensor, name: str) -> list[dict]:
    """Steps along the principal direction of the latent path, as `extrapolation.push_along_path`; the last field."""
    path = network.encode(u).double().numpy()
    cells = tuple(u.shape[2:])
    coherence = Coherence(network(u)[:, -1].double().numpy().reshape(len(u), -1), cells)
    t = load_data(name).t
    along, rows = principal_direction(path), []

    def decode(z):
        return network.decode(torch.as_tensor(z[None], dtype=torch.float32))[0, -1].double().numpy().ravel()

    for time in TIMES[name]:
        at = path[int(np.abs(t - time).argmin())]
        for size in SIZES:
            for sign in (1, -1):
                eta, field = push(decode, at, sign * along, size)
                row = {"t": time, "size": size, "sign": sign, "eta": None}
                rows.append(row if np.isnan(eta) else row | {"eta": eta, "u": field.round(4).tolist()}
                            | coherence.of(field))
    return rows


def measure(name: str, latent: int, steps: int, seed: int = 0) -> dict:
    """Train an autoencoder on a data set and push it: its relative l1 errors by field, and the steps.

    Fields far off the path are kept for the first data set of one dimension only.
    """
    u = frames(name)
    network = train(u, latent, steps, seed)
    with torch.no_grad():
        wrong = (network(u) - u).abs()
    axes = (0, *range(2, u.ndim))
    rows = push_along_path(network, u, name)
    if u.ndim > 3:
        for row in rows:
            row.pop("u", None)
    return {"latent": latent, "steps": steps, "parameters": sum(p.numel() for p in network.parameters()),
            "errors": (wrong.sum(axes) / u.abs().sum(axes)).tolist(), "path": rows}
