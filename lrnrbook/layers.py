"""Layers of a low rank neural representation, their ranks and activations (Def. 2.1, (2.6)-(2.9)).

`DenseLayer` is the other extreme, for comparison: every entry of W and b is a coefficient of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lrnrbook.arrays import Numbers

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh, "sine": torch.sin, "relu": torch.relu, "gelu": nn.functional.gelu}
# Largest slope that keeps random activations of size about one at that size, layer after layer.
GAIN = {"tanh": 5 / 3, "sine": 1.6, "relu": math.sqrt(2), "gelu": math.sqrt(2)}


def choice(kind: str, name: str, table: dict) -> str:
    """The name, if it is one of a table's."""
    if name not in table:
        raise ValueError(f"{kind} {name!r} is not known: expected one of {', '.join(table)}")
    return name


@dataclass(frozen=True)
class Ranks:
    """Ranks of an LRNR: ``weights[l]`` is r_1 and ``biases[l]`` is r_2 of layer l + 1 (Def. 2.1)."""

    weights: tuple[int, ...]
    biases: tuple[int, ...]

    @property
    def total(self) -> int:
        """Number n of coefficients, the 1-norm of the ranks (2.5)."""
        return sum(self.weights) + sum(self.biases)

    def __repr__(self) -> str:
        return f"weights={self.weights}, biases={self.biases}"


def split(s: Tensor, sizes: Sequence[int]) -> list[tuple[Tensor, Tensor]]:
    """Coefficients (..., n) as a pair (s_1, s_2) a layer; `sizes` are r_1, r_2 of the first layer, the second, ..."""
    if s.ndim < 1 or s.shape[-1] != sum(sizes):
        raise ValueError(f"s has shape {tuple(s.shape)}: expected (..., n) with n = {sum(sizes)}")
    parts = torch.split(s, sizes, dim=-1)
    return list(zip(parts[0::2], parts[1::2], strict=True))


def _parameter(values) -> nn.Parameter:
    """A parameter of its own memory, floating point."""
    values = torch.as_tensor(values)
    dtype = values.dtype if values.is_floating_point() else torch.get_default_dtype()
    return nn.Parameter(values.detach().to(dtype, copy=True).contiguous())


class FactoredLayer(nn.Module):
    """Affine map with W(s) = U diag(s1) V^T (2.8) and b(s) = B s2 (2.9), W never formed.

    Parameters
    ----------
    U : array (M_out, r1)
    V : array (M_in, r1)
    B : array (M_out, r2)
    """

    def __init__(self, U: Numbers, V: Numbers, B: Numbers):
        super().__init__()
        self.U, self.V, self.B = (_parameter(m) for m in (U, V, B))
        if {self.U.ndim, self.V.ndim, self.B.ndim} != {2} or (self.U.shape[1], self.U.shape[0]) != (
                self.V.shape[1], self.B.shape[0]):
            shapes = ", ".join(f"{n} {tuple(m.shape)}" for n, m in zip("UVB", (self.U, self.V, self.B), strict=True))
            raise ValueError(f"the factors have shapes {shapes}: expected U (M_out, r1), V (M_in, r1), B (M_out, r2)")

    @property
    def shape(self) -> tuple[int, int]:
        """(M_out, M_in)."""
        return self.U.shape[0], self.V.shape[0]

    @property
    def ranks(self) -> tuple[int, int]:
        """(r1, r2)."""
        return self.U.shape[1], self.B.shape[1]

    def weight(self, s1: Tensor) -> Tensor:
        """W(s) of shape (..., M_out, M_in): for analysis, not used in training or inference."""
        return (self.U * s1[..., None, :]) @ self.V.T

    def forward(self, z: Tensor, s1: Tensor, s2: Tensor) -> Tensor:
        """W(s) z + b(s) for z (T or 1, P, M_in), s1 (T, r1) and s2 (T, r2): (T, P, M_out)."""
        bias = s2 @ self.B.T  # (T, M_out)
        return ((z @ self.V) * s1[:, None, :]) @ self.U.T + bias[:, None, :]  # (T, P, M_out)


class SparseLayer(nn.Module):
    """Affine map with W(s) = sum_i s1_i W_i for given sparse W_i (Def. 2.1), and b(s) = B s2.

    Parameters
    ----------
    weights : list of r1 arrays (M_out, M_in), dense or sparse COO; of dense ones only nonzero entries are kept
    B : array (M_out, r2)
    """

    def __init__(self, weights: Sequence[Numbers], B: Numbers):
        super().__init__()
        self.B = _parameter(B)
        parts = [torch.as_tensor(w).to(self.B.dtype).to_sparse().coalesce() for w in weights]
        if not parts or self.B.ndim != 2 or any(
                w.ndim != 2 or w.shape != parts[0].shape or w.shape[0] != self.B.shape[0] for w in parts):
            found = [tuple(w.shape) for w in parts]
            raise ValueError(f"sparse weights have shapes {found}: expected one or more of equal shape (M_out, M_in) "
                             f"with M_out the rows of B, which has shape {tuple(self.B.shape)}")
        self.shape = tuple(parts[0].shape)
        self.entries = [w.values().numel() for w in parts]
        rows, cols = torch.cat([w.indices() for w in parts], dim=1)
        self.register_buffer("rows", rows.contiguous())
        self.register_buffer("cols", cols.contiguous())
        self.values = nn.Parameter(torch.cat([w.values() for w in parts]))

    @property
    def ranks(self) -> tuple[int, int]:
        """(r1, r2)."""
        return len(self.entries), self.B.shape[1]

    def _scaled(self, s1: Tensor) -> Tensor:
        """Entries of W(s) in the order of `values`: (..., nnz)."""
        term = torch.repeat_interleave(torch.arange(len(self.entries)), torch.tensor(self.entries))
        return self.values * s1[..., term.to(s1.device)]

    def weight(self, s1: Tensor) -> Tensor:
        """W(s) of shape (..., M_out, M_in)."""
        out = s1.new_zeros(*s1.shape[:-1], self.shape[0] * self.shape[1])
        return out.index_add(-1, self.rows * self.shape[1] + self.cols, self._scaled(s1)).unflatten(-1, self.shape)

    def forward(self, z: Tensor, s1: Tensor, s2: Tensor) -> Tensor:
        """W(s) z + b(s) for z (T or 1, P, M_in), s1 (T, r1) and s2 (T, r2): (T, P, M_out)."""
        terms = z[..., self.cols] * self._scaled(s1)[:, None, :]  # (T, P, nnz)
        bias = (s2 @ self.B.T)[:, None, :].expand(-1, z.shape[-2], -1)
        return bias.index_add(-1, self.rows, terms)  # (T, P, M_out)


class DenseLayer(nn.Module):
    """Affine map ``omega (W z + b)`` whose coefficients are all entries of W and b, as a generic hypernetwork gives.

    Parameters
    ----------
    shape : (M_out, M_in)
    omega : float: factor of SIREN in front of the affine map: it speeds up learning and widens the spectrum
    """

    def __init__(self, shape: tuple[int, int], omega: float = 1.0):
        super().__init__()
        self.shape, self.omega = tuple(shape), omega

    @property
    def ranks(self) -> tuple[int, int]:
        """(M_out M_in, M_out), the numbers of coefficients."""
        return self.shape[0] * self.shape[1], self.shape[0]

    def initial_scales(self, first: bool, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Magnitudes of random weights and biases as in SIREN (Sitzmann et al. 2020, section 3.2)."""
        most = 1 / self.shape[1] if first else math.sqrt(6 / self.shape[1]) / self.omega
        weights, biases = (torch.rand(n, generator=generator) for n in self.ranks)
        return most * weights, biases / math.sqrt(self.shape[1])

    def weight(self, s1: Tensor) -> Tensor:
        """W(s) of shape (..., M_out, M_in), without omega."""
        return s1.unflatten(-1, self.shape)

    def forward(self, z: Tensor, s1: Tensor, s2: Tensor) -> Tensor:
        """Map z to omega (W(s) z + b(s)), for z (T or 1, P, M_in), s1 (T, r1) and s2 (T, r2): (T, P, M_out)."""
        return self.omega * (z @ self.weight(s1).mT + s2[:, None, :])
