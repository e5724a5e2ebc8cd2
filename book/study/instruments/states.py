"""Dimension of the space that hidden states span over time (6.11)."""

from __future__ import annotations

import torch
from torch import Tensor


def dimension(z: Tensor, tolerance: float) -> Tensor:
    """Number of singular values above `tolerance` of the first, of the states (T, P, M) over time: (P,)."""
    values = torch.linalg.svdvals(z.double().transpose(0, 1))
    return (values > tolerance * values[:, :1]).sum(1)
