"""How much a network's output changes with its weights and with its input (section 2.1.1).

The amplification is the largest (relative change of u) / (relative change of all weights), to first order. The weights
of an LRNR change through its coefficients s, those of a dense network freely.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from lrnrbook.layers import DenseLayer, FactoredLayer


def weight_gram(lrnr) -> list[Tensor]:
    """Blocks G of the quadratic form ``||dW||_F^2 + ||db||^2 = ds^T G ds``, (r, r) for each s_p^l; (r,) if diagonal.

    For a factored layer G is (U^T U) * (V^T V), entry by entry, and B^T B.
    """
    blocks: list[Tensor] = []
    for layer in lrnr.layers:
        if isinstance(layer, FactoredLayer):
            blocks += [(layer.U.T @ layer.U) * (layer.V.T @ layer.V), layer.B.T @ layer.B]
        elif isinstance(layer, DenseLayer):
            blocks += [torch.ones(n, dtype=torch.float64) for n in layer.ranks]
        else:
            raise ValueError(f"layer of type {type(layer).__name__}: expected factored or dense layers")
    return [block.detach().double() for block in blocks]


def _whitening(blocks: list[Tensor]) -> Callable[[Tensor], Tensor]:
    """Map y to s = G^(-1/2) y: unit vectors y are unit changes of the weights. Directions without effect give 0."""
    roots = []
    for block in blocks:
        if block.ndim == 1 or not len(block):
            roots.append(block.rsqrt())
            continue
        values, vectors = torch.linalg.eigh(block)
        inverse = torch.where(values > 1e-10 * values[-1], values, torch.inf)
        roots.append(vectors * inverse.rsqrt())
    sizes = [len(block) for block in blocks]

    def apply(y: Tensor) -> Tensor:
        parts = torch.split(y, sizes)
        return torch.cat([root * part if root.ndim == 1 else root @ part
                          for root, part in zip(roots, parts, strict=True)])

    return apply


def largest_singular_value(f: Callable[[Tensor], Tensor], at: Tensor, steps: int = 30) -> float:
    """Norm of the Jacobian of f at a point, by power iteration with products J v and J^T w.

    Examples
    --------
    >>> a = torch.tensor([[3.0, 0.0], [0.0, 1.0]])
    >>> round(largest_singular_value(lambda y: a @ y, torch.zeros(2)), 4)
    3.0
    """
    at = at.detach().clone().requires_grad_()
    y = f(at)
    w = torch.zeros_like(y, requires_grad=True)
    pulled, = torch.autograd.grad(y, at, w, create_graph=True)  # J^T w: linear in w, so its derivative along v is J v
    v = torch.randn(at.shape, generator=torch.Generator().manual_seed(0), dtype=at.dtype)
    for _ in range(steps):
        pushed, = torch.autograd.grad(pulled, w, v / v.norm(), retain_graph=True)
        v, = torch.autograd.grad(y, at, pushed, retain_graph=True)
    return float(v.norm().sqrt())


def amplification(model, x, t: float, steps: int = 30) -> dict[str, float]:
    """Largest amplification at a time, through the weights and through x.

    Parameters
    ----------
    model : MetaNetwork
        Of factored or dense layers.
    x : (P, d) array
        Points over which u is measured, in physical units.
    t : float

    Returns
    -------
    dict
        "weights": (|du|/|u|) / (|dW|/|W|) for the worst change; "x": mean over the points of |grad u|, over that of
        |u|, in units of half a side of the domain.
    """
    lrnr = copy.deepcopy(model.lrnr).double().requires_grad_(False)
    with torch.no_grad():
        s = model.coefficients(t)[0].double()
    low, high = model.domain.T
    points = torch.as_tensor((np.asarray(x) - low) * (2 / (high - low)) - 1)
    blocks = weight_gram(lrnr)
    whiten = _whitening(blocks)
    base = lrnr(points, s[None]).detach()

    def through_weights(y: Tensor) -> Tensor:
        return lrnr(points, (s + whiten(y))[None]).flatten()

    worst = largest_singular_value(through_weights, torch.zeros(len(s), dtype=torch.float64), steps)
    parts = zip(torch.split(s, [len(block) for block in blocks]), blocks, strict=True)
    size = float(sum((b * p * p).sum() if b.ndim == 1 else p @ b @ p for p, b in parts).sqrt())
    free = points.clone().requires_grad_()
    u = lrnr(free, s[None])[0]  # (P, m); the gradient at each point, since no value depends on another point
    slope = torch.stack([torch.autograd.grad(u[:, j].sum(), free, retain_graph=True)[0] for j in range(u.shape[1])], 1)
    return {"weights": worst * size / float(base.norm()), "x": float(slope.norm(dim=-1).mean() / base.abs().mean())}
