"""Truncation: what becomes of coefficients that stay small (section 5, Table 2), after and during training.

The factors have a free scale: s_i -> a s_i, u_i -> u_i / a changes nothing. So every column of U, V and B is first
scaled to norm 1 and its norm moved into its coefficient, which makes sizes comparable.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import reduce

import numpy as np
import torch
from torch import Tensor, nn

from lrnrbook.arrays import Numbers
from lrnrbook.hyper import HyperNetwork, folded
from lrnrbook.layers import DenseLayer, FactoredLayer, Ranks, SparseLayer
from lrnrbook.model import LRNR, MetaNetwork

TIMES = 1001  # equally spaced times at which coefficients are looked at, unless others are given
START, STOP = 0.1, 0.5  # shares of a run between which the least worthy coefficients are removed
LAST = 0.9  # from STOP to here, those that truncation would cut are removed


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
    state = folded(hyper).state_dict()
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
    return SparseLayer([w / w.norm().clamp_min(torch.finfo(w.dtype).tiny) for w in weights], unit(layer.B[:, keep2]))


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


class Pruning:
    """Removal of coefficients while a network trains, so that what is left out (Table 2) is exactly zero.

    A coefficient matters to the misfit by about ``|s_i dL/ds_i|``, summed over batches (first-order Taylor expansion,
    Molchanov et al. 2017). The least ones are set to zero for good, a few at a time, and training goes on.

    Parameters
    ----------
    model : MetaNetwork: with a `HyperNetwork` whose output nonlinearity is ReLU
    share : float: share of all coefficients to remove; 0 does nothing
    below : float: coefficients that stay below this share of the largest, in unit columns, go too; 0 does nothing
    """

    def __init__(self, model, share: float, below: float = 0.0):
        self.model, self.share, self.below = model, share, below
        self.last = model.hyper.layers[-1]
        self.alive = torch.ones_like(self.last.bias.detach())
        self.worth = torch.zeros_like(self.alive)

    def watch(self, s: Tensor) -> Tensor:
        """Keep the gradient of the coefficients s (T, n) at the coming backward pass."""
        if self.share:
            s.retain_grad()
        return s

    @torch.no_grad()
    def observe(self, s: Tensor, total: Callable[[Tensor], Tensor] = lambda a: a) -> None:
        """Add what the coefficients of a batch mattered, after its backward pass; `total` sums over workers."""
        if self.share:
            self.worth += total((s * s.grad).abs().sum(0))

    @torch.no_grad()
    def apply(self) -> None:
        """Set the rows of removed coefficients to zero again, which an optimizer's momentum may have moved."""
        if self.share:
            self.last.weight.mul_(self.alive[:, None])
            self.last.bias.mul_(self.alive)

    @torch.no_grad()
    def advance(self, progress: float) -> bool:
        """Remove the coefficients that are due by now. True if some went."""
        before = self.alive.clone()
        gone = self.share * min(max((progress - START) / (STOP - START), 0.0), 1.0)
        self._remove_least_worthy(int(gone * len(self.alive)))
        if self.share and self.below and STOP <= progress <= LAST:
            self._remove_small()
        self.apply()
        return not torch.equal(self.alive, before)

    def _remove_least_worthy(self, due: int) -> None:
        """Until so many are gone; each layer keeps a weight."""
        if due <= int((self.alive == 0).sum()):
            return
        worth = torch.where(self.alive > 0, self.worth, -1.0)
        for weights, _ in self.model.lrnr.split(worth[None]):
            weights[0, weights[0].argmax()] = torch.inf
        self.alive[worth.argsort()[:due]] = 0.0
        self.worth.zero_()

    def _remove_small(self) -> None:
        """Those below the tolerance, unless they are all weights of a layer."""
        small = ~kept(self.model, self.below)
        for weights, _ in self.model.lrnr.split(small):
            weights &= ~weights.all()
        self.alive[small] = 0.0

    def state_dict(self) -> dict[str, Tensor]:
        """What a checkpoint keeps."""
        return {"alive": self.alive, "worth": self.worth}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue from a checkpoint."""
        self.alive.copy_(state["alive"])
        self.worth.copy_(state["worth"])
