"""FastLRNR: a network at fixed points whose cost does not know the width (section 6).

At one point x the hidden states z^l(x; s(t)) run through a space of small dimension. With a basis of it and as many
rows, the next layer needs those rows alone, so the large factors shrink to ``V-hat``, ``U-hat`` and ``B-hat`` (6.8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from lrnrbook.arrays import Numbers, described, html_table
from lrnrbook.compress import SELECTIONS, Factors, States, checked, compress, refuse_above
from lrnrbook.hyper import folded
from lrnrbook.layers import ACTIVATIONS, FactoredLayer, Ranks, split
from lrnrbook.model import MetaNetwork
from lrnrbook.normalisation import Normalisation, exact, warn_outside

FIRST, MOST = 201, 6401  # snapshots of a piece, if no times are given: doubled until the values settle
POINTS = (*SELECTIONS, "eim")
SETTLED = 0.2  # a change of the values by less than this share of the error estimate


class FastLRNR(nn.Module):
    """Compressed network at fixed points (6.1)-(6.11); made by `FastLRNR.build`.

    Attributes
    ----------
    fields, units : tuples of str
        As of the model.
    x : (P, d) tensor: points, physical units
    ranks : tuple of int
        Reduced width r-hat of each hidden layer: as many rows as the rank of the basis, or twice that (oversampled).
    snapshots : int: number of times that the bases come from
    condition : (pieces, hidden layers, P) tensor: condition number of each interpolation problem (6.4)

    Examples
    --------
    >>> import lrnrbook as lb
    >>> model = lb.load_pretrained("euler", "page").double()
    >>> fast = lb.FastLRNR.build(model, [[0.3], [0.69]], rank=24, times=np.linspace(0, 0.038, 801))
    >>> u, v = model(fast.x, [0.0123, 0.03]), fast([0.0123, 0.03])
    >>> v.shape, bool((u - v).norm() < 1e-2 * u.norm())
    (torch.Size([2, 2, 3]), True)
    """

    def __init__(self, hyper: nn.Module, normalisation: Normalisation, fields, units, activation: str, ranks: Ranks,
                 x, factors: Sequence[Factors], coarse: Sequence[Factors], condition, snapshots: int):
        super().__init__()
        self.hyper, self.normalisation, self.activation = hyper, normalisation, activation
        self.fields, self.units, self.snapshots = tuple(fields), tuple(units), snapshots
        self.coefficient_ranks, self.warned = ranks, False  # of an extrapolation
        self.factors, self.coarse = nn.ModuleList(factors), nn.ModuleList(coarse)  # one a piece of time
        self.ranks = tuple(max(a) for a in zip(*([u.shape[-2] for u in f.U[:-1]] for f in factors), strict=True))
        self.register_buffer("x", torch.as_tensor(x, dtype=torch.float64))
        self.register_buffer("condition", torch.as_tensor(condition, dtype=torch.float64))

    @classmethod
    def build(cls, model: MetaNetwork, x: Numbers, rank: int | float | Sequence[int] = 32, times: Numbers | None = None,
              points: Literal["qdeim", "deim", "oversampled", "eim"] = "qdeim", along: int = 0,
              pieces: int = 1) -> FastLRNR:
        """Compress a model at points x.

        Raises ValueError if the model has other layers, or the rank is above that of the snapshots.

        Parameters
        ----------
        model : MetaNetwork
            Of factored layers. In float64 (``model.double()``) errors go below 1e-6.
        x : (P, d) points, or (P,) if d = 1; physical units
        rank : int, sequence of int, or float
            Dimension of the hidden states' bases: one for all hidden layers, one for each, or (below 1) a tolerance on
            the singular values, relative to the first.
        times : sequence of float, optional
            Times of the snapshots (6.11). By default so many equal steps, doubled until the values settle.
        points : {"qdeim", "deim", "oversampled", "eim"}
            How rows are chosen, see `lrnrbook.compress`; "eim" takes its basis from the snapshots too.
        along : int
            The bases also span derivatives of the states along so many hypermodes: for gradients with respect to s.
        pieces : int
            Equal parts of the time, each with bases of its own: what the states do in one of them needs fewer
            directions, for up to as many times the memory and no more operations for a value (not in the paper).
        """
        if not all(isinstance(layer, FactoredLayer) for layer in model.lrnr.layers):
            kinds = ", ".join(type(layer).__name__ for layer in model.lrnr.layers)
            raise ValueError(f"the model has layers {kinds}: expected FactoredLayer in all of them")
        x = exact(x).detach().cpu().double().numpy()
        x = x[:, None] if x.ndim == 1 else x
        if x.ndim != 2 or x.shape[1] != model.lrnr.dims[0]:
            raise ValueError(f"x has shape {x.shape}: expected points (P, {model.lrnr.dims[0]})")
        rank = checked(rank, len(model.lrnr.layers) - 1)
        if pieces < 1:
            raise ValueError(f"pieces = {pieces!r}: expected a whole number of at least 1")
        ends = np.linspace(*model.times, pieces + 1)
        with torch.no_grad():
            model(x, *model.normalisation.sample(np.array(model.times)))  # warns of points far outside
            if times is not None:
                times = np.atleast_1d(np.array(times, dtype=float))
                where = _piece(torch.as_tensor(times), ends).numpy()
                parts = [times[where == k] for k in range(pieces)]
                for part, first, last in zip(parts, ends[:-1], ends[1:], strict=True):
                    if len(part) == 0:
                        raise ValueError(f"no snapshot between t = {first:g} and {last:g}: expected times in each of "
                                         f"the {pieces} pieces")
                return cls.of(model, x, [States.at(model, x, part, along) for part in parts], rank, points)
            count, last, unseen = FIRST, None, (np.linspace(*model.times, 118)[1:-1], model.normalisation.middle)
            while True:
                parts = [np.linspace(*pair, count) for pair in zip(ends[:-1], ends[1:], strict=True)]
                fast = cls.of(model, x, [States.at(model, x, part, along) for part in parts], rank, points)
                values, size = fast.wave(fast(*unseen)), fast.error(*unseen)
                settled = last is not None and float((values - last).norm() / values.norm()) <= SETTLED * size
                if settled or fast.snapshots >= MOST * pieces:
                    return fast
                count, last = 2 * count - 1, values

    @classmethod
    def of(cls, model: MetaNetwork, x, states: Sequence[States], rank, points: str = "qdeim") -> FastLRNR:
        """Compress a model with states at hand, those of each piece of time; x (P, d), the rest as in `build`.

        For several ranks or selections with the same snapshots: `States.at` takes most of the time of `build`.
        """
        refuse_above(rank, states)
        parts = [compress(model, x, one, rank, points) for one in states]
        factors, coarse, condition = zip(*parts, strict=True)
        return cls(folded(model.hyper), model.normalisation, model.fields, model.units, model.lrnr.activation,
                   model.ranks, x, factors, coarse, np.array(condition), sum(len(one.states[0]) for one in states))

    def __repr__(self) -> str:
        return (f"FastLRNR: {', '.join(self.fields)} at {len(self.x)} points, times {self.normalisation.times} in "
                f"{len(self.factors)} pieces; ranks {self.ranks}; {self.operations} multiplications a value, "
                f"{self.numbers} numbers a point")

    def _repr_html_(self) -> str:
        box, at = self.normalisation, self.normalisation.sample(np.linspace(*self.normalisation.times, 9))
        return html_table("FastLRNR", described(self, box, box.times) | {
            "points": len(self.x), "ranks": self.ranks, "multiplications a value": self.operations,
            "numbers a point": self.numbers, "estimated error": f"{self.error(*at):.1e}"})

    def coefficients(self, t: Numbers, mu: Numbers | Mapping | None = None) -> Tensor:
        """Coefficients at times t, scalar or (T,), and parameters, as `MetaNetwork.coefficients`: (T, n)."""
        return self.hyper(self.normalisation.moments(t, mu).to(self.factors[0].U[0]))

    def forward(self, t: Numbers, mu: Numbers | Mapping | None = None) -> Tensor:
        """Values at the fixed points, physical units, t and mu as in `coefficients`: (T, P, m). Warns as a model."""
        moments = self.normalisation.moments(t, mu)
        if not (self.warned or torch.compiler.is_compiling()):
            self.warned = warn_outside(self.normalisation, moments)
        return self.evaluate(self.hyper(moments.to(self.factors[0].U[0])), t)

    def evaluate(self, s: Numbers, t: Numbers | None = None) -> Tensor:
        """u(x; s) at the fixed points for coefficients s (T, n) near those of the snapshots: (T, P, m).

        Of a network of several pieces, t (T,) says near which times.
        """
        return self.compute(self.factors, s, t)

    def compute(self, factors: Sequence[Factors], s, t) -> Tensor:
        """As `evaluate`, with some of the bases: `factors`, or the smaller ones, `coarse`."""
        ranks, sigma = self.coefficient_ranks, ACTIVATIONS[self.activation]
        sizes = [r for pair in zip(ranks.weights, ranks.biases, strict=True) for r in pair]
        s = exact(s).to(factors[0].U[0])
        if s.ndim != 2:
            raise ValueError(f"s has shape {tuple(s.shape)}: expected (T, n)")
        if len(factors) == 1:
            return self.normalisation.physical(factors[0](split(s, sizes), sigma).permute(2, 0, 1))
        where = self._pieces(t, len(s))
        u = torch.cat([factors[k](split(s[where == k], sizes), sigma) for k in where.unique().tolist()], -1)
        return self.normalisation.physical(u[..., where.argsort(stable=True).argsort()].permute(2, 0, 1))

    def _pieces(self, t, count: int) -> Tensor:
        """Number of the piece of each time (count,)."""
        if t is None:
            raise ValueError(f"s alone does not say which of the {len(self.factors)} pieces of time is meant: expected "
                             "times t (T,) with it")
        t = exact(t).double().reshape(-1)
        t = t.expand(count) if len(t) == 1 else t  # with many parameters
        if len(t) != count:
            raise ValueError(f"t has {len(t)} times for {count} vectors of coefficients: expected as many")
        return _piece(t, np.linspace(*self.normalisation.times, len(self.factors) + 1))

    @torch.no_grad()
    def error(self, t: Numbers, mu: Numbers | Mapping | None = None) -> float:
        """Estimated relative l2 error at times t, without the full model: the change from bases of 7/8 of the size."""
        s = self.coefficients(t, mu)
        fine, coarse = (self.wave(self.compute(factors, s, t)) for factors in (self.factors, self.coarse))
        return float((fine - coarse).norm() / fine.norm())

    def wave(self, u: Tensor) -> Tensor:
        """Values (..., m) less the middles of fields that are centred, in float64: their norm is that of the wave."""
        return u.double() - u.new_tensor(self.normalisation.shift or 0.0, dtype=torch.float64)

    @property
    def operations(self) -> int:
        """Multiplications of one value at one point and time, hypernetwork aside, in the largest of the pieces."""
        return max(piece.operations for piece in self.factors)

    @property
    def numbers(self) -> int:
        """Numbers stored for one point, the hypernetwork and what the points share aside."""
        return sum(a[0].numel() for piece in self.factors for a in (*piece.V, *piece.U[:-1], *piece.B[:-1]))


def _piece(t: Tensor, ends: np.ndarray) -> Tensor:
    """Number of the interval between `ends` that each time (T,) lies in; times outside belong to the nearest."""
    return torch.bucketize(t.detach().contiguous(), torch.as_tensor(ends[1:-1], device=t.device), right=True)
