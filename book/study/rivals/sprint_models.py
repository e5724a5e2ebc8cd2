"""Changes of a model that sprints try: sines first, products in bfloat16, a start from the data, growing."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lrnrbook.model import LRNR, MetaNetwork

RIDGE = 1e-3  # share of the mean square: coefficients are nearly even in time at first, so that factors could be huge


class SineFirst(LRNR):
    """LRNR with sines after the first layer, as Fourier features whose phases move with s, and tanh after the others.

    The layers between the first and the last are computed in bfloat16 where `bfloat16` is set.
    """

    bfloat16 = False

    def forward(self, x: Tensor, s: Tensor) -> Tensor:
        """u(x; s), as that of `LRNR`."""
        (first, *between, last), (pair, *pairs, end) = self.layers, self.split(s)
        z = torch.sin(first(x, *pair))
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            for layer, (s1, s2) in zip(between, pairs, strict=True):
                z = torch.tanh(layer(z, s1, s2))
        return last(z.to(x.dtype), *end)


@torch.no_grad()
def sines_first(model: MetaNetwork, scale: float) -> None:
    """Make the LRNR of an untrained model a `SineFirst`, with the first layer's coefficients times a factor.

    The factor spreads the frequencies.
    """
    model.lrnr.__class__ = SineFirst
    last, count = model.hyper.layers[-1], sum(model.lrnr.layers[0].ranks)
    last.weight[:count] *= scale
    last.bias[:count] *= scale


@torch.no_grad()
def fit_start(model: MetaNetwork, x: Tensor, t: Tensor, u: Tensor) -> None:
    """Fit an untrained model with a first layer of sines to points x (b, p, d), times t (b,) and values u (b, p, m).

    The layers between get U and B such that what goes into a tanh has mean 0 and spread 1 in every unit; the factors
    U and B of the last layer, in which the output is linear, are those of least squares, with a ridge.
    """
    s = model.lrnr.split(model.hyper(t))
    first, *between, last = model.lrnr.layers
    z = torch.sin(first(x, *s[0]))
    for layer, (s1, s2) in zip(between, s[1:-1], strict=True):
        before = layer(z, s1, s2)
        spread, mean = before.std((0, 1)), before.mean((0, 1))
        typical = s2.mean(0)
        layer.B.sub_(mean[:, None] * typical / typical.square().sum())  # takes the mean away where s2 is typical
        layer.U.div_(spread[:, None])
        layer.B.div_(spread[:, None])
        z = torch.tanh(layer(z, s1, s2))
    s1, s2 = s[-1]
    known = torch.cat([(z @ last.V) * s1[:, None], s2[:, None].expand(-1, z.shape[1], -1)], -1).flatten(0, 1)
    spread = known.square().mean(0).sqrt()
    known = torch.cat([known / spread, math.sqrt(RIDGE * len(known)) * torch.eye(len(spread))])
    values = torch.cat([u.flatten(0, 1), u.new_zeros(len(spread), u.shape[-1])])
    found = (torch.linalg.lstsq(known, values).solution / spread[:, None]).T
    for factor, part in zip((last.U, last.B), found.split(last.ranks, 1), strict=True):
        factor.copy_(part)


@torch.no_grad()
def grow(small: MetaNetwork, large: MetaNetwork) -> None:
    """Give a wider, untrained model of higher rank the function of a small one; its new parts stay as they are.

    New columns of V are zero, so that new ranks do nothing at first, and so are rows of V and of B that would let
    new units and new coefficients speak to the old ones.
    """
    *hidden, (old, new) = zip(small.hyper.layers, large.hyper.layers, strict=True)
    for a, b in hidden:
        b.load_state_dict(a.state_dict())
    numbers = zip(large.lrnr.split(torch.arange(new.out_features)), small.lrnr.layers, strict=True)
    kept = small.lrnr.join([(i[:layer.ranks[0]], j[:layer.ranks[1]]) for (i, j), layer in numbers])
    new.weight[kept], new.bias[kept] = old.weight, old.bias
    for old, new in zip(small.lrnr.layers, large.lrnr.layers, strict=True):
        (m, n), (r1, r2) = old.shape, old.ranks
        new.V.zero_()
        new.V[:n, :r1], new.U[:m, :r1] = old.V, old.U
        new.B[:m] = 0
        new.B[:m, :r2] = old.B
