"""The low rank neural representation, and its union with a hypernetwork (sections 2.1 and 4 of the paper).

`LRNR` is a family of networks ``u(x; s)`` with fixed factors U, V, B and free coefficients s, in normalised units.
`MetaNetwork` joins it with what maps time to coefficients, and speaks physical units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from lrnrbook.arrays import Numbers, described, html_table
from lrnrbook.data import WaveData
from lrnrbook.layers import ACTIVATIONS, DenseLayer, FactoredLayer, Ranks, choice, split
from lrnrbook.normalisation import Normalisation, exact, warn_outside

BLOCK = 4096  # points that `predict` takes at a time: their activations fit the cache


class LRNR(nn.Module):
    """Low rank neural representation u(x; s) in normalised units (Def. 2.1, (2.6)-(2.9)).

    Parameters
    ----------
    layers : sequence of `FactoredLayer`, `SparseLayer` or, for comparison, `DenseLayer`
    activation : {"tanh", "sine", "relu", "gelu"}: sigma of (2.1), applied after every layer but the last

    Examples
    --------
    >>> lrnr = LRNR.random(dims=(1, 32, 32, 1), rank=4, seed=0)
    >>> lrnr.ranks
    weights=(4, 4, 4), biases=(4, 4, 4)
    >>> lrnr(torch.zeros(10, 1), torch.ones(2, lrnr.ranks.total)).shape   # 2 coefficient vectors, 10 points
    torch.Size([2, 10, 1])
    """

    def __init__(self, layers: Sequence[nn.Module], activation: str = "tanh"):
        super().__init__()
        self.activation = choice("activation", activation, ACTIVATIONS)
        self.layers = nn.ModuleList(layers)
        if not len(layers):
            raise ValueError("there are no layers: expected one or more")
        for i, (a, b) in enumerate(zip(layers[:-1], layers[1:], strict=True), start=1):
            if a.shape[0] != b.shape[1]:
                raise ValueError(f"layer {i} gives {a.shape[0]} values but layer {i + 1} takes {b.shape[1]}")

    @classmethod
    def random(cls, dims: Sequence[int], rank: int | Ranks, activation: str = "tanh", seed: int = 0) -> LRNR:
        """Random LRNR with unit columns, orthogonal where the shape allows.

        Parameters
        ----------
        dims : (M_0, ..., M_L): input dimension, hidden widths, number of fields
        rank : int or Ranks: one rank for all weights and biases, or a rank for each
        seed : int: seeds the factors
        """
        depth = len(dims) - 1
        ranks = rank if isinstance(rank, Ranks) else Ranks((rank,) * depth, (rank,) * depth)
        if len(ranks.weights) != depth or len(ranks.biases) != depth:
            raise ValueError(f"the ranks are {ranks}: expected {depth} of weights and of biases, from dims {dims}")
        columns = partial(_unit_columns, torch.Generator().manual_seed(seed))
        layers = [FactoredLayer(columns(m, r1), columns(k, r1), columns(m, r2))
                  for k, m, r1, r2 in zip(dims[:-1], dims[1:], ranks.weights, ranks.biases, strict=True)]
        return cls(layers, activation)

    @classmethod
    def dense(cls, dims: Sequence[int], activation: str = "sine", omega: float = 30.0) -> LRNR:
        """Network of `DenseLayer`, whose coefficients are all its weights and biases; the last has no omega."""
        shapes = list(zip(dims[1:], dims[:-1], strict=True))
        return cls([*(DenseLayer(shape, omega) for shape in shapes[:-1]), *map(DenseLayer, shapes[-1:])], activation)

    @property
    def U(self) -> tuple[Tensor | None, ...]:
        """Left factors, one (M_l, r_1^l) a layer (2.8); None for a layer that is not factored."""
        return tuple(getattr(layer, "U", None) for layer in self.layers)

    @property
    def V(self) -> tuple[Tensor | None, ...]:
        """Right factors, one (M_{l-1}, r_1^l) a layer (2.8); None for a layer that is not factored."""
        return tuple(getattr(layer, "V", None) for layer in self.layers)

    @property
    def B(self) -> tuple[Tensor | None, ...]:
        """Bias factors, one (M_l, r_2^l) a layer (2.9); None for a dense layer."""
        return tuple(getattr(layer, "B", None) for layer in self.layers)

    @property
    def ranks(self) -> Ranks:
        """Ranks r_1 and r_2 of all layers."""
        weights, biases = zip(*(layer.ranks for layer in self.layers), strict=True)
        return Ranks(weights, biases)

    @property
    def dims(self) -> tuple[int, ...]:
        """(M_0, ..., M_L): input dimension, hidden widths, number of fields."""
        return (self.layers[0].shape[1], *(layer.shape[0] for layer in self.layers))

    def split(self, s: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Coefficients (..., n) as a pair (s_1, s_2) a layer, in the order s_1^1, s_2^1, s_1^2, ..."""
        return split(s, [r for layer in self.layers for r in layer.ranks])

    def join(self, pairs: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """Inverse of `split`: (..., n)."""
        return torch.cat([part for pair in pairs for part in pair], dim=-1)

    def forward(self, x: Tensor, s: Tensor) -> Tensor:
        """u(x; s) for x (P, d) or (T, P, d) and s (T, n): (T, P, m), normalised units."""
        z = x
        sigma = ACTIVATIONS[self.activation]
        for i, (layer, (s1, s2)) in enumerate(zip(self.layers, self.split(s), strict=True)):
            z = layer(sigma(z) if i else z, s1, s2)
        return z

    def states(self, x: Tensor, s: Tensor) -> list[Tensor]:
        """Hidden states z^1, ..., z^(L-1) for x and s as in `forward`: a list of (T, P, M_l)."""
        z, found, sigma = x, [], ACTIVATIONS[self.activation]
        for layer, (s1, s2) in list(zip(self.layers, self.split(s), strict=True))[:-1]:
            z = sigma(layer(z, s1, s2))
            found.append(z)
        return found


def _unit_columns(generator: torch.Generator, m: int, r: int) -> Tensor:
    """(m, r) with columns of norm 1, orthogonal if r <= m."""
    a = torch.randn(m, r, generator=generator, dtype=torch.float64)
    if 0 < r <= m:
        a = torch.linalg.qr(a)[0]
    return (a / a.norm(dim=0).clamp_min(1e-300)).to(torch.get_default_dtype()).contiguous()


class MetaNetwork(nn.Module):
    """Hypernetwork and LRNR in one, physical units in and out (4.5).

    Parameters
    ----------
    lrnr : LRNR
    hyper : callable
        Normalised times (T,) to coefficients (T, n): a `HyperNetwork`, or any formula. Of a family of waves, normalised
        times and parameters (T, 1 + k) in its place.
    normalisation : Normalisation
    fields, units : sequences of str
        Names and units of the m fields.

    Examples
    --------
    >>> lrnr = LRNR.random((1, 16, 1), rank=2)
    >>> box = Normalisation(((0.0, 1.0),), (0.0, 2.0), (5.0,))
    >>> model = MetaNetwork(lrnr, lambda t: torch.ones(len(t), 8), box, ["u"])    # any callable t -> s
    >>> model(np.linspace(0, 1, 7), t=[0.0, 0.5]).shape      # 2 times, 7 points, 1 field
    torch.Size([2, 7, 1])
    """

    def __init__(self, lrnr: LRNR, hyper: Callable[[Tensor], Tensor], normalisation: Normalisation,
                 fields: Sequence[str], units: Sequence[str] | None = None):
        super().__init__()
        self.lrnr, self.hyper, self.normalisation = lrnr, hyper, normalisation
        self.provenance: dict = {}
        self.warned = False  # of an extrapolation
        self.fields = tuple(fields)
        self.units = tuple(units) if units is not None else ("1",) * len(self.fields)
        d, m = lrnr.dims[0], lrnr.dims[-1]
        found = len(normalisation.domain), len(normalisation.scale), len(self.fields), len(self.units)
        if found != (d, m, m, m):
            raise ValueError(f"the LRNR maps {d} coordinates to {m} fields, but the domain has {found[0]} dimensions, "
                             f"and the fields are {self.fields}, in {self.units}: expected as many of each")

    @property
    def domain(self) -> np.ndarray:
        """Box of the training data, (d, 2)."""
        return np.array(self.normalisation.domain)

    @property
    def times(self) -> tuple[float, float]:
        """First and last time of the training data."""
        return self.normalisation.times

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Range of each parameter in the training data of a family of waves, by name; empty for one wave."""
        return self.normalisation.parameters

    @property
    def ranks(self) -> Ranks:
        """Ranks of the LRNR."""
        return self.lrnr.ranks

    def tensor(self, values) -> Tensor:
        """Numbers, an array or a tensor, in the model's dtype and on its device."""
        return exact(values).to(next(self.parameters(), torch.empty(0)))

    def coefficients(self, t: Numbers, mu: Numbers | Mapping | None = None) -> Tensor:
        """Coefficients f_hyper(t) of (4.1) at times t, scalar or (T,): (T, n), ordered s_1^1, s_2^1, s_1^2, ...

        Of a family of waves with k parameters mu is (k,), (T, k), or a dict with a number or (T,) by name; one time
        goes with many parameters, and one vector of parameters with many times. A model of one wave takes none.
        """
        return self.hyper(self.tensor(self.normalisation.moments(t, mu)))

    def evaluate(self, x: Numbers, s: Numbers) -> Tensor:
        """u(x; s) for any coefficients s (T, n) or (n,), physical units: (T, P, m).

        x has points (P, d), (T, P, d) at each time, or (P,) if d = 1.
        """
        x, s = exact(x), self.tensor(s)
        d = self.lrnr.dims[0]
        x = x[:, None] if x.ndim == d == 1 else x
        s = s[None] if s.ndim == 1 else s
        if s.ndim != 2:
            raise ValueError(f"s has shape {tuple(s.shape)}: expected (T, n) or (n,), n = {self.ranks.total}")
        if x.ndim not in (2, 3) or x.shape[-1] != d or (x.ndim == 3 and x.shape[0] not in (1, len(s))):
            raise ValueError(f"x has shape {tuple(x.shape)} for {len(s)} times: expected (P, {d}) or (T, P, {d})"
                             + (" or (P,)" if d == 1 else ""))
        x = self.tensor(self.normalisation.unit_points(x))
        return self.normalisation.physical(self.lrnr(x, s))

    def forward(self, x: Numbers, t: Numbers, mu: Numbers | Mapping | None = None) -> Tensor:
        """u(x, t; mu) in physical units: x as in `evaluate`, t and mu as in `coefficients`, result (T, P, m).

        Warns once of x, t or mu more than 5 % outside of the training data; ``evaluate(x, coefficients(t))`` does not.
        """
        u, box = self.evaluate(x, self.coefficients(t, mu)), self.normalisation
        if not (self.warned or torch.compiler.is_compiling()):
            self.warned = warn_outside(box, box.unit_points(x), box.moments(t, mu))
        return u

    def __repr__(self) -> str:
        return (f"MetaNetwork: {', '.join(self.fields)} on {self.domain.tolist()}, times {self.times}"
                + "".join(f", {name} {ends}" for name, ends in self.ranges.items()) + f"; widths {self.lrnr.dims}, "
                f"{self.ranks}; {sum(p.numel() for p in self.parameters())} parameters")

    def _repr_html_(self) -> str:
        return html_table("MetaNetwork", described(self, self.normalisation, self.times) | {
            "widths": self.lrnr.dims, "ranks": self.ranks, "parameters": sum(p.numel() for p in self.parameters())})

    def states(self, x: Numbers, s: Numbers) -> list[Tensor]:
        """Hidden states z^l at points x (P, d), physical units, for coefficients s (T, n): one (T, P, M_l) a layer."""
        return self.lrnr.states(self.tensor(self.normalisation.unit_points(x)), self.tensor(s))

    @torch.no_grad()
    def predict(self, data: WaveData) -> list[Tensor]:
        """Predict u at the points and times of a `WaveData`: a list of (P_k, m), one a frame."""
        found = []
        for frame, s in zip(data, self.coefficients(data.t, data.parameters), strict=True):
            starts = range(0, len(frame.x), BLOCK)
            found.append(torch.cat([self.evaluate(frame.x[i : i + BLOCK], s)[0] for i in starts]))
        return found
