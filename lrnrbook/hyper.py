"""The hypernetwork: a small network from time to the coefficients of an LRNR (4.1), and how both start."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from lrnrbook.arrays import Numbers
from lrnrbook.layers import GAIN, DenseLayer, choice

OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {"linear": lambda s: s, "relu": torch.relu}


class HyperNetwork(nn.Module):
    """Small tanh network from normalised time, and parameters of a family, to coefficients, f_hyper of (4.1).

    Parameters
    ----------
    scales : array (n,): typical size of each coefficient at initialisation, see `initial_scales`
    width, depth : int
        M_hyper and L_hyper of Table 1; depth counts the output layer.
    output : {"relu", "linear"}
        Nonlinearity of the output. ReLU makes coefficients non-negative and lets them be exactly zero.
    seed : int: seeds the weights
    bottleneck : int: width of a linear layer before the last, as in NIF (Pan, Brunton, Kutz 2023); 0 for none
    spread : float: how much the coefficients vary in time at initialisation, as a share of their size
    start : {"spread", "default"}
        "default" initialises as PyTorch does, the last layer times the scales, and takes no `spread`.
    times : (first, last), optional: feed times of this range instead of [-1, 1], while it trains: see `fold`
    inputs : int: 1 for the time, and 1 more for each parameter
    """

    def __init__(self, scales: Numbers, width: int = 10, depth: int = 3, output: str = "relu", seed: int = 0,
                 bottleneck: int = 0, spread: float = 0.3, start: str = "spread",
                 times: tuple[float, float] | None = None, inputs: int = 1):
        super().__init__()
        scales = torch.as_tensor(scales, dtype=torch.get_default_dtype())
        if not (width and depth and scales.ndim == 1):
            raise ValueError(f"width = {width}, depth = {depth}, scales of shape {tuple(scales.shape)}: expected whole "
                             "numbers of at least 1, and (n,)")
        self.width, self.depth, self.output = width, depth, choice("hyper_output", output, OUTPUTS)
        self.bottleneck, self.times, self.inputs = bottleneck, times, inputs
        generator = torch.Generator().manual_seed(seed)
        sizes = self.sizes(len(scales), width, depth, bottleneck, inputs)
        self.layers = nn.ModuleList(nn.utils.skip_init(nn.Linear, a, b) for a, b in pairwise(sizes))
        if start == "default":
            self._start_by_default(scales, generator)
            return
        with torch.no_grad():
            for layer in self.layers:
                layer.weight.normal_(0, GAIN["tanh"] / math.sqrt(layer.in_features), generator=generator)
                layer.bias.uniform_(-1, 1, generator=generator)
            last = self.layers[-1]  # coefficients start near their scale and vary by a share of it in time
            last.weight.mul_(spread * scales[:, None])
            sign = 1.0 if output == "relu" else torch.where(last.bias < 0, -1.0, 1.0)
            last.bias.copy_(sign * scales)

    @staticmethod
    def sizes(n: int, width: int, depth: int, bottleneck: int = 0, inputs: int = 1) -> list[int]:
        """Numbers of values between the layers, from time and parameters to n coefficients."""
        return [inputs, *[width] * (depth - 1), *[bottleneck] * bool(bottleneck), n]

    @torch.no_grad()
    def _start_by_default(self, scales: Tensor, generator: torch.Generator) -> None:
        for layer in self.layers:
            most = 1 / math.sqrt(layer.in_features)
            layer.weight.uniform_(-most, most, generator=generator)
            layer.bias.uniform_(-most, most, generator=generator)
        self.layers[-1].weight.mul_(scales[:, None] / most)
        self.layers[-1].bias.mul_(scales / most)

    def forward(self, t: Tensor) -> Tensor:
        """Coefficients (T, n) at normalised times t (T,), or times and parameters (T, inputs)."""
        z = t[:, None] if t.ndim == 1 else t
        if self.times is not None:
            z = torch.cat([self.times[0] + (z[:, :1] + 1) * ((self.times[1] - self.times[0]) / 2), z[:, 1:]], 1)
        for layer in self.layers[: self.depth - 1]:
            z = torch.tanh(layer(z))
        if self.bottleneck:
            z = self.layers[-2](z)
        return OUTPUTS[self.output](self.layers[-1](z))


@torch.no_grad()
def folded(hyper):
    """A copy; of a `HyperNetwork` the first layer takes in the map to its `times`, so that it needs none."""
    new = copy.deepcopy(hyper)
    if getattr(hyper, "times", None) is not None:
        half, middle = (hyper.times[1] - hyper.times[0]) / 2, (hyper.times[1] + hyper.times[0]) / 2
        new.layers[0].bias.add_(new.layers[0].weight[:, 0] * middle)
        new.layers[0].weight[:, 0].mul_(half)
        new.times = None
    return new


def initial_scales(lrnr, seed: int = 0) -> Tensor:
    """Sizes of the coefficients of an `LRNR` for which activations keep their size from layer to layer, (n,).

    With unit columns, W(s) z has entries of size s sqrt(r / M) times those of z, so s is about
    gain sqrt(M / r); biases get the same size in the first layer, to spread the kinks over the domain,
    and a tenth of it later. Those of a dense layer are random, seeded by `seed`.
    """
    gain, pairs, generator = GAIN[lrnr.activation], [], torch.Generator().manual_seed(seed)
    for i, layer in enumerate(lrnr.layers):
        if isinstance(layer, DenseLayer):
            pairs += layer.initial_scales(i == 0, generator)
            continue
        (r1, r2), m, last = layer.ranks, layer.shape[0], i == len(lrnr.layers) - 1
        g1 = 2.0 * gain if i == 0 else 0.3 if last else gain
        g2 = 2.0 * gain if i == 0 else 0.1
        pairs += [torch.full((r1,), g1 * math.sqrt(m / max(r1, 1))), torch.full((r2,), g2 * math.sqrt(m / max(r2, 1)))]
    return torch.cat(pairs)
