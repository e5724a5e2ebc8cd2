"""Removal of coefficients while a network trains, so that what is left out (Table 2) is exactly zero.

A coefficient matters to the misfit by about ``|s_i dL/ds_i|``, summed over batches (first-order Taylor expansion,
Molchanov et al. 2017). The least ones are set to zero for good, a few at a time, and training goes on.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lrnrbook.truncation import kept

START, STOP = 0.1, 0.5  # shares of the run between which the least worthy coefficients are removed
LAST = 0.9  # from STOP to here, those that truncation would cut are removed


class Pruning:
    """Which coefficients of a model are alive, and how much each has mattered lately.

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
        if self.below and STOP <= progress <= LAST:
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
