"""Hidden states of a network at fixed points over time, and the dimension of the space they span (6.11)."""

from __future__ import annotations

import torch
from torch import Tensor

from lrnrbook.layers import ACTIVATIONS
from lrnrbook.model import MetaNetwork


@torch.no_grad()
def hidden_states(model: MetaNetwork, x, times, coefficients: bool = False) -> list[Tensor]:
    """Outputs z^l of the hidden layers at points x (P, d), physical units, and times (T,): one (T, P, M_l) a layer.

    With ``coefficients`` the coefficients (T, n) themselves are given in place of times.

    Examples
    --------
    >>> import lrnrbook as lb
    >>> model = lb.load_pretrained("euler", "page")
    >>> [tuple(z.shape) for z in hidden_states(model, [[0.2], [0.7]], [0.0, 0.01, 0.02])][0]
    (3, 2, 64)
    """
    low, high = model.tensor(model.domain).T
    z = (model.tensor(x) - low) * (2 / (high - low)) - 1
    sigma, found = ACTIVATIONS[model.lrnr.activation], []
    s = times if coefficients else model.coefficients(times)
    for layer, (s1, s2) in list(zip(model.lrnr.layers, model.lrnr.split(s), strict=True))[:-1]:
        z = sigma(layer(z, s1, s2))
        found.append(z)
    return found


def dimension(z: Tensor, tolerance: float) -> Tensor:
    """Number of singular values above `tolerance` of the first, of the states (T, P, M) over time: (P,)."""
    values = torch.linalg.svdvals(z.double().transpose(0, 1))
    return (values > tolerance * values[:, :1]).sum(1)
