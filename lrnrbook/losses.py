"""Misfit and regularisers of the training loss (4.6)-(4.10)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from lrnrbook.model import LRNR


def misfit(u: Tensor, target: Tensor, q: Literal[1, 2], norm: Tensor | None = None) -> Tensor:
    """Normalised misfit ``||u - target||_q^q / ||target||_q^q``, per field and averaged over the fields (4.6).

    Parameters
    ----------
    u, target : (..., m) tensors
    q : 1 or 2
    norm : (m,) tensor, optional
        Mean of ``|u|^q`` over the whole data set. With it the misfit of a batch estimates that of the data set, and a
        batch of times at which a field vanishes is no division by zero; without it the target's own norm is used.

    Examples
    --------
    >>> float(misfit(torch.tensor([[1.0], [2.0]]), torch.tensor([[1.0], [1.0]]), q=1))
    0.5
    """
    over = tuple(range(target.ndim - 1))
    if norm is None:
        norm = target.abs().pow(q).mean(over)
    error = (u - target).abs() if q == 1 else (u - target).square()
    return (error.mean(over) / norm).mean()


def sparsity_penalty(lrnr: LRNR, s: Tensor, gamma: float) -> Tensor:
    """R_sparse of (4.7), mean over the times.

    Sums (gamma s_{j+1} - s_j)_+ over the coefficients of each layer and kind: it penalises non-decay. For negative
    coefficients it penalises decay instead, so it means what it says for non-negative ones (``hyper_output="relu"``).

    Parameters
    ----------
    lrnr : LRNR: gives the grouping of s
    s : (T, n) coefficients
    gamma : float: rate of decay, 1 or a little larger
    """
    parts = [part for pair in lrnr.split(s) for part in pair]
    return sum(torch.relu(gamma * p[:, 1:] - p[:, :-1]).sum(1).mean() for p in parts)


def orthogonality_penalty(lrnr: LRNR) -> Tensor:
    """R_ortho of (4.9): sum over U, V, B of ``||A^T A - I||_F^2 / #A``, # being the number of entries.

    A matrix with more columns than rows cannot reach 0.
    """
    factors = [a for a in (*lrnr.U, *lrnr.V, *lrnr.B) if a is not None and a.numel()]
    grams = [(a.T @ a, a.numel()) for a in factors]
    return sum((g - torch.eye(len(g), dtype=g.dtype, device=g.device)).square().sum() / n for g, n in grams)
