"""Truncation of coefficients that stay small (section 5, Table 2), after a scaling that makes sizes comparable.

The factors have a free scale: s_i -> a s_i, u_i -> u_i / a changes nothing. So every column of U, V and B is first
scaled to norm 1 and its norm moved into its coefficient.
"""

from __future__ import annotations

import copy
from functools import reduce

import numpy as np
import torch
from torch import Tensor, nn

from lrnrbook.arrays import Numbers
from lrnrbook.hyper import HyperNetwork
from lrnrbook.layers import DenseLayer, FactoredLayer, Ranks, SparseLayer
from lrnrbook.model import LRNR, MetaNetwork

TIMES = 1001  # equally spaced times at which coefficients are looked at, unless others are given


class Mapped(nn.Module):
    """Coefficients (T, n) of a hypernetwork or a formula, times matrices (n, k), (k, j), ..."""

    def __init__(self, hyper, *matrices: Tensor):
        super().__init__()
        self.hyper = hyper
        for i, matrix in enumerate(matrices):
            self.register_buffer(f"matrix{i}", matrix)

    def forward(self, t: Tensor) -> Tensor:
        """Coefficients at normalised times t (T,)."""
        return reduce(torch.matmul, self.buffers(recurse=False), self.hyper(t).to(self.matrix0))


def _coefficients_of(hyper, keep: Tensor, norms: Tensor):
    """The coefficients `keep` of a hypernetwork, times their norms: both output nonlinearities are homogeneous."""
    factors = norms[keep]
    if not isinstance(hyper, HyperNetwork):
        return Mapped(hyper, torch.diag(norms)[:, keep])
    new = HyperNetwork(torch.zeros(len(keep)), hyper.width, hyper.depth, hyper.output, 0, hyper.bottleneck,
                       inputs=hyper.inputs)
    state = {name: tensor.clone() for name, tensor in hyper.state_dict().items()}
    last = len(hyper.layers) - 1
    for name in (f"layers.{last}.weight", f"layers.{last}.bias"):
        row = state[name][keep]
        state[name] = row * (factors[:, None] if row.ndim == 2 else factors)
    new.to(factors).load_state_dict(state)
    return new


def _norms(layer) -> list[Tensor]:
    """Norms of the terms of W(s) and of b(s), (r1,) and (r2,)."""
    if isinstance(layer, DenseLayer):  # a term is a matrix with a single entry
        return [torch.ones(n) for n in layer.ranks]
    if isinstance(layer, SparseLayer):
        parts = torch.split(layer.values, layer.entries)
        return [torch.stack([part.norm() for part in parts]), layer.B.norm(dim=0)]
    return [layer.U.norm(dim=0) * layer.V.norm(dim=0), layer.B.norm(dim=0)]


def column_norms(lrnr: LRNR) -> Tensor:
    """Norm of the matrix or vector that each coefficient multiplies, (n,)."""
    return torch.cat([norm for layer in lrnr.layers for norm in _norms(layer)])


def _chosen(layer, keep1: Tensor, keep2: Tensor):
    """The layer with these terms of W(s) and b(s), each of norm 1."""

    def unit(a):
        return a / a.norm(dim=0).clamp_min(torch.finfo(a.dtype).tiny)

    if isinstance(layer, FactoredLayer):
        return FactoredLayer(unit(layer.U[:, keep1]), unit(layer.V[:, keep1]), unit(layer.B[:, keep2]))
    one = torch.eye(layer.ranks[0], dtype=layer.values.dtype)
    weights = [layer.weight(one[i]) for i in keep1.tolist()]
    return SparseLayer([w / w.norm() for w in weights], unit(layer.B[:, keep2]))


@torch.no_grad()
def _select(model: MetaNetwork, keep: Tensor) -> MetaNetwork:
    """The model with unit columns and only the coefficients where `keep` (n,) is true."""
    lrnr = model.lrnr
    if any(isinstance(layer, DenseLayer) for layer in lrnr.layers):
        raise ValueError("a dense layer has no columns to scale or to leave out: expected factored or sparse layers")
    norms = column_norms(lrnr)
    index = [(a.nonzero()[:, 0], b.nonzero()[:, 0]) for a, b in lrnr.split(keep)]
    layers = [_chosen(layer, *pair) for layer, pair in zip(lrnr.layers, index, strict=True)]
    hyper = _coefficients_of(model.hyper, keep.nonzero()[:, 0], norms)
    new = MetaNetwork(LRNR(layers, lrnr.activation), hyper, model.normalisation, model.fields, model.units)
    new.provenance = copy.deepcopy(model.provenance)
    return new.train(model.training)


def unit_columns(model: MetaNetwork) -> MetaNetwork:
    """The same function with columns of norm 1: their norms are moved into the coefficients.

    Examples
    --------
    >>> import lrnrbook as lb
    >>> model = lb.unit_columns(lb.load_pretrained("euler"))
    >>> round(model.lrnr.U[1].detach().norm(dim=0).max().item(), 4), model.ranks.weights
    (1.0, (48, 48, 48, 48, 48))
    """
    return _select(model, torch.ones(model.ranks.total, dtype=torch.bool, device=model.lrnr.B[0].device))


@torch.no_grad()
def kept(model: MetaNetwork, tolerance: float = 5e-5, times=None) -> Tensor:
    """Which coefficients exceed `tolerance` times the largest one at some time, in unit columns: (n,) of bool."""
    times = np.linspace(*model.times, TIMES) if times is None else times
    s = model.coefficients(*model.normalisation.sample(times))
    size = s.abs().amax(0) * column_norms(model.lrnr).to(s)
    return size > tolerance * size.max()


def truncate(model: MetaNetwork, tolerance: float = 5e-5, times: Numbers | None = None) -> tuple[MetaNetwork, Ranks]:
    """Leave out every coefficient that stays below `tolerance` times the largest one: row "truncated" of Table 2.

    Gives the smaller model, with unit columns, and its ranks.

    Raises ValueError if the tolerance is out of range, or no weight of some layer is left.

    Parameters
    ----------
    model : MetaNetwork
    tolerance : float: between 0 and 1; the paper's is 5e-5
    times : sequence of float, optional
        Where the coefficients are looked at; by default 1001 equal steps over the training times.

    Examples
    --------
    >>> import lrnrbook as lb
    >>> model = lb.load_pretrained("euler")
    >>> small, ranks = lb.truncate(model)
    >>> ranks.total < model.ranks.total
    True
    """
    if not 0 <= tolerance < 1:
        raise ValueError(f"tolerance = {tolerance}: expected a number from 0 to below 1")
    keep = kept(model, tolerance, times)
    for i, (weights, _) in enumerate(model.lrnr.split(keep)):
        if not weights.any():
            raise ValueError(f"tolerance = {tolerance}: all weight coefficients of layer {i + 1} are below it, and "
                             "nothing would pass that layer: expected a smaller tolerance")
    small = _select(model, keep)
    return small, small.ranks
