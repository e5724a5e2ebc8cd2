"""A shipped LRNR in fewer bytes: truncated further, its factors in fewer bits."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

BITS = (16, 12, 10, 8, 6)
TOLERANCES = (5e-5, 2e-4, 1e-3)
RECIPES = ("laptop", "page")


@torch.no_grad()
def rounded(a: Tensor, bits: int) -> Tensor:
    """Columns of (n, r) with entries of so many bits, over the largest magnitude of each column; 16: half precision.

    Examples
    --------
    >>> rounded(torch.tensor([[1.0], [0.3], [-0.6]]), 3).ravel()
    tensor([ 1.0000,  0.3333, -0.6667])
    """
    if bits == 16:
        return a.half().float()
    top = a.abs().amax(0).clamp_min(torch.finfo(a.dtype).tiny)
    steps = 2 ** (bits - 1) - 1
    return (a / top * steps).round() / steps * top


@torch.no_grad()
def quantised(model, bits: int) -> tuple[object, int]:
    """A truncated LRNR with factors of so many bits, and its bytes.

    Its hypernetwork is in half precision, beside factors in half precision in single. Below 16 bits the largest
    magnitude of each column takes 16 more.
    """
    small, count, hyper = copy.deepcopy(model), 0, 32 if bits == 16 else 16
    for layer in small.lrnr.layers:
        for a in (layer.U, layer.V, layer.B):
            a.copy_(rounded(a, bits) if a.numel() else a)
            count += bits * a.numel() + (16 * a.shape[1] if bits < 16 else 0)
    for p in small.hyper.parameters():
        p.copy_(p if hyper == 32 else p.half().float())
        count += hyper * p.numel()
    return small, -(-count // 8)


def smallest(rows: list[dict]) -> list[dict]:
    """Rows in order of bytes of which each has a smaller error at the samples than all smaller ones.

    Examples
    --------
    >>> [row["bytes"] for row in smallest([{"bytes": 2, "samples": 3.0}, {"bytes": 1, "samples": 1.0}])]
    [1]
    """
    found: list[dict] = []
    for row in sorted(rows, key=lambda row: (row["bytes"], row["samples"])):
        if not found or row["samples"] < found[-1]["samples"]:
            found.append(row)
    return found
