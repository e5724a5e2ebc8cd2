"""A convolutional autoencoder of frames: the nonlinear reduction that needs no idea of what a wave is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

CHANNELS = (16, 32, 64, 64)
KERNEL = 5
LEARNING_RATE = 2e-3
BATCH = 16


class ConvAutoencoder(nn.Module):
    """Strided convolutions to a linear latent space and back, for one or two space dimensions.

    Parameters
    ----------
    fields : int
    cells : tuple of int
        Of the grid, multiples of 16.
    latent : int
        Size of the latent space.
    channels : sequence of int
        After each of the strided convolutions.
    """

    def __init__(self, fields: int, cells: tuple[int, ...], latent: int, channels: Sequence[int] = CHANNELS):
        super().__init__()
        if any(n % 2 ** len(channels) for n in cells):
            raise ValueError(f"a grid of {cells} cells: expected multiples of {2 ** len(channels)} along each axis")
        down, up = ((nn.Conv1d, nn.ConvTranspose1d), (nn.Conv2d, nn.ConvTranspose2d))[len(cells) - 1]
        sizes = (fields, *channels)
        pad = KERNEL // 2
        encoder = [part for a, b in zip(sizes, sizes[1:], strict=False)
                   for part in (down(a, b, KERNEL, stride=2, padding=pad), nn.GELU())]
        decoder = [part for b, a in zip(sizes[:0:-1], sizes[-2::-1], strict=True)
                   for part in (nn.GELU(), up(b, a, KERNEL, stride=2, padding=pad, output_padding=1))]
        small = (channels[-1], *(n // 2 ** len(channels) for n in cells))
        count = int(np.prod(small))
        self.encode = nn.Sequential(*encoder, nn.Flatten(), nn.Linear(count, latent))
        self.decode = nn.Sequential(nn.Linear(latent, count), nn.Unflatten(1, small), *decoder)

    def forward(self, u: Tensor) -> Tensor:
        """Reconstruct u (T, fields, cells...), normalised."""
        return self.decode(self.encode(u))


def train(u: Tensor, latent: int, steps: int, seed: int = 0, channels: Sequence[int] = CHANNELS,
          rate: float = LEARNING_RATE) -> ConvAutoencoder:
    """Train on frames (T, m, cells...) by AdamW with a cosine schedule, l1 misfit, batches of 16 frames."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ConvAutoencoder(u.shape[1], tuple(u.shape[2:]), latent, channels)
        optimizer = torch.optim.AdamW(network.parameters(), rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(steps):
            batch = u[torch.randperm(len(u))[:BATCH]]
            optimizer.zero_grad()
            (network(batch) - batch).abs().mean().backward()
            optimizer.step()
            schedule.step()
    return network.eval()
