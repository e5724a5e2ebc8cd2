"""A convolutional autoencoder, to push as far off its path as an LRNR (section 5.3)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from lrnrbook.datasets import load_data
from lrnrbook.patches import finest_grid
from study.far.coherence import SIZES, TIMES, Coherence, principal_direction

CHANNELS = (16, 32, 64, 64)
KERNEL = 5
CELLS = 96  # along each axis, in 2d
LEARNING_RATE = 2e-3
BATCH = 16
MOST = 1e6  # of the first guess, that a step may grow to


class ConvAutoencoder(nn.Module):
    """Strided convolutions to a linear latent space and back, for one or two space dimensions.

    Parameters
    ----------
    fields : int
    cells : tuple of int
        Of the grid, multiples of 16.
    latent : int
        Size of the latent space.
    """

    def __init__(self, fields: int, cells: tuple[int, ...], latent: int):
        super().__init__()
        if any(n % 2 ** len(CHANNELS) for n in cells):
            raise ValueError(f"a grid of {cells} cells: expected multiples of {2 ** len(CHANNELS)} along each axis")
        down, up = ((nn.Conv1d, nn.ConvTranspose1d), (nn.Conv2d, nn.ConvTranspose2d))[len(cells) - 1]
        sizes = (fields, *CHANNELS)
        pad = KERNEL // 2
        encoder = [part for a, b in zip(sizes, sizes[1:], strict=False)
                   for part in (down(a, b, KERNEL, stride=2, padding=pad), nn.GELU())]
        decoder = [part for b, a in zip(sizes[:0:-1], sizes[-2::-1], strict=True)
                   for part in (nn.GELU(), up(b, a, KERNEL, stride=2, padding=pad, output_padding=1))]
        small = (CHANNELS[-1], *(n // 2 ** len(CHANNELS) for n in cells))
        count = int(np.prod(small))
        self.encode = nn.Sequential(*encoder, nn.Flatten(), nn.Linear(count, latent))
        self.decode = nn.Sequential(nn.Linear(latent, count), nn.Unflatten(1, small), *decoder)

    def forward(self, u: Tensor) -> Tensor:
        """Reconstruct u (T, fields, cells...), normalised."""
        return self.decode(self.encode(u))


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


def train(u: Tensor, latent: int, steps: int, seed: int = 0) -> ConvAutoencoder:
    """Train on frames (T, m, cells...) by AdamW with a cosine schedule, l1 misfit, batches of 16 frames."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ConvAutoencoder(u.shape[1], tuple(u.shape[2:]), latent)
        optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(steps):
            batch = u[torch.randperm(len(u))[:BATCH]]
            optimizer.zero_grad()
            (network(batch) - batch).abs().mean().backward()
            optimizer.step()
            schedule.step()
    return network.eval()


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
