"""Rivals that are networks: of points and times with Fourier features, DeepONet, an autoencoder with a latent path.

Training takes as many seconds of a core as it is given: processor time, since a machine may be shared.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from itertools import pairwise

import torch
from pytorch_optimizer import SOAP
from scipy.interpolate import CubicSpline
from torch import Tensor, nn

from lrnrbook.batches import Batches
from lrnrbook.losses import misfit
from lrnrbook.normalisation import Normalisation
from lrnrbook.recipes import get_recipe
from lrnrbook.trainer import rate_at
from study.instruments.autoencoder import ConvAutoencoder
from study.instruments.autoencoder import train as train_autoencoder
from study.rivals.grids import HALF, Frames, GridModel, half
from study.rivals.linear import DoesNotFit

FEATURES = 64  # frequencies of x and t
CHUNK = 65_536  # points at a time


def steps_in(seconds: float, run: Callable[[int], object]) -> int:
    """Steps that take so many seconds of processor time, from throw-away runs of a few."""
    run(4)  # what happens once
    spent = []
    for steps in (4, 24):
        start = time.process_time()
        run(steps)
        spent.append(time.process_time() - start)
    return max(1, round(seconds / max((spent[1] - spent[0]) / 20, spent[1] / 48)))


def numbers(network: nn.Module) -> int:
    """Numbers of a network, frequencies included."""
    return sum(a.numel() for a in network.state_dict().values())


@torch.no_grad()
def halve(network: nn.Module) -> nn.Module:
    """Round everything in a network to half precision, as it is stored."""
    for a in network.state_dict().values():
        a.copy_(a.half())
    return network.eval()


def widest(stored: int, count: Callable[[int], float]) -> int:
    """The largest width, a multiple of 4, with which a network of `count(width)` numbers fits in half precision.

    Examples
    --------
    >>> widest(1000, lambda width: 10 * width)
    48
    """
    low, high = 0, 2
    while HALF * count(4 * high) <= stored:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if HALF * count(4 * middle) <= stored else (low, middle)
    if low == 0:
        raise DoesNotFit(f"a network of width 4 does not fit into {stored} bytes")
    return 4 * low


class Fourier(nn.Module):
    """Sines and cosines of random frequencies (Tancik and others 2020): (..., d) to (..., 2 `FEATURES`)."""

    def __init__(self, dim: int, spread: float):
        super().__init__()
        self.register_buffer("frequencies", spread * torch.randn(dim, FEATURES))

    def forward(self, z: Tensor) -> Tensor:
        """Features of points in [-1, 1]^d."""
        phases = math.pi * z @ self.frequencies
        return torch.cat([phases.sin(), phases.cos()], -1)


def layers(sizes: list[int]) -> list[nn.Module]:
    """Affine maps with GELU between them."""
    return [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.GELU())][:-1]


class Coordinates(nn.Module):
    """A network from Fourier features of (x, t) to the fields."""

    def __init__(self, dim: int, fields: int, width: int, spread: float):
        super().__init__()
        self.net = nn.Sequential(Fourier(dim + 1, spread), *layers([2 * FEATURES, width, width, width, fields]))

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Values (b, p, m) at points (b, p, d) and times (b,), all in [-1, 1]."""
        return self.net(torch.cat([x, t[:, None, None].expand(*x.shape[:2], 1)], -1))


class DeepONet(nn.Module):
    """Products of a network of t, the branch, and one of x, the trunk (Lu and others 2021): a learnt linear space.

    Of a single wave the branch sees the time, in place of an input function.
    """

    def __init__(self, dim: int, fields: int, width: int, spread: float):
        super().__init__()
        self.trunk = nn.Sequential(Fourier(dim, spread), *layers([2 * FEATURES, width, width, fields * width]))
        self.branch = nn.Sequential(Fourier(1, spread), *layers([2 * FEATURES, width, width, fields * width]))
        self.bias = nn.Parameter(torch.zeros(fields))
        self.fields = fields

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Values (b, p, m) at points (b, p, d) and times (b,), all in [-1, 1]."""
        trunk, branch = self.trunk(x), self.branch(t[:, None, None])
        return (trunk * branch).unflatten(-1, (self.fields, -1)).sum(-1) + self.bias


class PointModel:
    """A network of points and times, in the units of the data."""

    def __init__(self, network: nn.Module, box, fields, seconds: float = 0.0, steps: int = 0):
        self.network, self.box, self.fields, self.seconds, self.steps = network, box, tuple(fields), seconds, steps
        self.stored = HALF * numbers(network)

    @torch.no_grad()
    def predict(self, data) -> list[Tensor]:
        """Values at the points and times of a data set: a list of (P_k, m)."""
        found = []
        for frame in data:
            t = self.box.unit_times([frame.t]).float()
            parts = self.box.unit_points(frame.x).float()[None].split(CHUNK, 1)
            found.append(self.box.physical(torch.cat([self.network(x, t)[0] for x in parts])))
        return found


def _network(kind, data, width: int, spread: float) -> nn.Module:
    torch.manual_seed(0)
    return kind(data.dim, len(data.fields), width, spread)


def train(network: nn.Module, batches: Batches, steps: int, rate: float) -> nn.Module:
    """SOAP with the batches, misfit and schedule of the laptop recipe; l1 from a tenth of the steps on."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = SOAP(parameters, lr=rate, weight_decay=0.0, precondition_frequency=10, max_precondition_dim=600)
    step, epoch = 0, 0
    while step < steps:
        for k, index in batches.epoch(epoch):
            optimizer.param_groups[0]["lr"] = rate * rate_at(step, max(steps, 100), "cosine")
            q = 2 if step < 0.1 * steps else 1
            optimizer.zero_grad()
            misfit(network(batches.x[index], batches.t[k]), batches.u[index], q, batches.norms[q]).backward()
            optimizer.step()
            step += 1
            if step == steps:
                break
        epoch += 1
    return network


def _of_points(kind, data, stored: int, seconds: float, spread: float, rate: float, share: float) -> PointModel:
    with torch.random.fork_rng(devices=[]):
        width = max(4, round(share * widest(stored, lambda width: numbers(_network(kind, data, width, spread)))))
        batches = Batches(data, get_recipe("laptop", data.name), 0, torch.device("cpu"))
        steps = steps_in(seconds, lambda n: train(_network(kind, data, width, spread), batches, n, rate))
        start = time.process_time()
        network = train(_network(kind, data, width, spread), batches, steps, rate)
    return PointModel(halve(network), Normalisation.of(data), data.fields, time.process_time() - start, steps)


def coordinates(data, stored: int, seconds: float, **options) -> PointModel:
    """A network of Fourier features of (x, t)."""
    return _of_points(Coordinates, data, stored, seconds, **options)


def deeponet(data, stored: int, seconds: float, **options) -> PointModel:
    """DeepONet from t and x."""
    return _of_points(DeepONet, data, stored, seconds, **options)


def autoencoder(data, stored: int, seconds: float, latent: int, coarsen: int, rate: float) -> GridModel:
    """A convolutional autoencoder; its latent path follows a cubic spline in time, and only the decoder is stored."""
    frames = Frames(data, coarsen)
    u = torch.as_tensor(frames.values, dtype=torch.float32)
    if u.ndim == 4:  # convolutions halve the grid four times
        u = nn.functional.interpolate(u, [16 * max(1, n // 16) for n in u.shape[2:]], mode="bilinear")
    shape = tuple(u.shape[2:])

    def channels(width: int) -> tuple[int, ...]:
        return width, 2 * width, 4 * width, 4 * width

    def decoder(width: int) -> nn.Module:
        return ConvAutoencoder(u.shape[1], shape, latent, channels(width)).decode

    path = HALF * latent * len(data)
    width = max((w for w in range(2, 64) if HALF * numbers(decoder(w)) + path <= stored), default=0)
    if not width:
        raise DoesNotFit(f"a decoder of {shape} cells does not fit into {stored} bytes")

    def run(steps: int) -> ConvAutoencoder:
        return train_autoencoder(u, latent, steps, 0, channels(width), rate)

    steps, start = steps_in(seconds, run), time.process_time()
    network = run(steps)
    spent = time.process_time() - start
    with torch.no_grad():
        latents = half(network.encode(u).double().numpy())
        decode = halve(network.decode)
    curve = CubicSpline(frames.t, latents)

    @torch.no_grad()
    def at(t):
        return decode(torch.as_tensor(curve(t)[None], dtype=torch.float32))[0].double().numpy()

    model = GridModel(frames, at, HALF * numbers(decode) + path, spent)
    model.steps = steps
    return model
