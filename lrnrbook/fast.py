"""FastLRNR: a network at fixed points whose cost does not know the width (section 6).

At one point x the hidden states z^l(x; s(t)) run through a space of small dimension. With a basis of it and as many
rows, the next layer needs those rows alone, so the large factors shrink to ``V-hat``, ``U-hat`` and ``B-hat`` (6.8).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from lrnrbook.hidden import hidden_states
from lrnrbook.layers import ACTIVATIONS, FactoredLayer, Ranks
from lrnrbook.model import MetaNetwork, Normalisation
from lrnrbook.modes import hypermodes
from lrnrbook.selection import SELECTIONS, ei_greedy

FIRST, MOST = 201, 6401  # snapshots in time, if no times are given: doubled until the values settle
SETTLED = 0.2  # a change of the values by less than this share of the error estimate
POINTS = (*SELECTIONS, "eim")


class Factors(nn.Module):
    """Compressed factors (6.8), a tensor a layer; those of the last layer are the network's own."""

    def __init__(self, V: Sequence[Tensor], U: Sequence[Tensor], B: Sequence[Tensor]):
        super().__init__()
        # V (P, r1, k of the layer before), the first V^T x itself (P, r1); U (P, k, r1); B (P, k, r2)
        self.V, self.U, self.B = (
            nn.ParameterList(nn.Parameter(a.detach().contiguous(), requires_grad=False) for a in group)
            for group in (V, U, B))

    def forward(self, pairs, sigma) -> Tensor:
        """Values in normalised units (P, m, T) for pairs of coefficients (T, r1), (T, r2) a layer (6.9)."""
        zeta = self.V[0][:, :, None] * pairs[0][0].T  # (P, r1, T)
        for layer in range(len(self.U) - 1):
            z = sigma(self.U[layer] @ zeta + self.B[layer] @ pairs[layer][1].T)  # (P, k, T)
            zeta = (self.V[layer + 1] @ z) * pairs[layer + 1][0].T
        return self.U[-1] @ zeta + self.B[-1] @ pairs[-1][1].T


class FastLRNR(nn.Module):
    """Compressed network at fixed points (6.1)-(6.11); made by `FastLRNR.build`.

    Attributes
    ----------
    fields, units : tuples of str
        As of the model.
    x : (P, d) tensor
        Points, physical units.
    ranks : tuple of int
        Reduced width r-hat of each hidden layer: as many rows as the rank of the basis, or twice that (oversampled).
    snapshots : int
        Number of times that the bases come from.
    condition : (hidden layers, P) tensor
        Condition number of each interpolation problem (6.4).

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
                 x, factors: Factors, coarse: Factors, condition, snapshots: int):
        super().__init__()
        self.hyper, self.normalisation, self.activation = hyper, normalisation, activation
        self.fields, self.units, self.snapshots = tuple(fields), tuple(units), snapshots
        self.coefficient_ranks = ranks
        self.factors, self.coarse = factors, coarse
        self.ranks = tuple(a.shape[-2] for a in factors.U[:-1])
        self.register_buffer("x", torch.as_tensor(x, dtype=torch.float64))
        self.register_buffer("condition", torch.as_tensor(condition, dtype=torch.float64))

    @classmethod
    def build(cls, model: MetaNetwork, x, rank: int | float | Sequence[int] = 32, times=None, points: str = "qdeim",
              along: int = 0) -> FastLRNR:
        """Compress a model at points x.

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
            How rows are chosen, see `lrnrbook.selection`; "eim" takes its basis from the snapshots too.
        along : int
            Snapshots also at steps of +-1 % of the norm of s along so many hypermodes: for gradients with respect to s.

        Raises
        ------
        ValueError
            If the model has other layers, or the rank is above that of the snapshots.
        """
        if points not in POINTS:
            raise ValueError(f"points = {points!r}: expected one of {', '.join(POINTS)}")
        if not all(isinstance(layer, FactoredLayer) for layer in model.lrnr.layers):
            kinds = ", ".join(type(layer).__name__ for layer in model.lrnr.layers)
            raise ValueError(f"the model has layers {kinds}: expected FactoredLayer in all of them")
        x = np.asarray(x, dtype=float)
        x = x[:, None] if x.ndim == 1 else x
        if x.ndim != 2 or x.shape[1] != model.lrnr.dims[0]:
            raise ValueError(f"x has shape {x.shape}: expected points (P, {model.lrnr.dims[0]})")
        with torch.no_grad():
            if times is not None:
                return cls._at(model, x, rank, np.atleast_1d(np.asarray(times, dtype=float)), points, along)
            count, last, unseen = FIRST, None, np.linspace(*model.times, 118)[1:-1]
            while True:
                fast = cls._at(model, x, rank, np.linspace(*model.times, count), points, along)
                values, size = fast(unseen), fast.error(unseen)
                settled = last is not None and float((values - last).norm() / values.norm()) <= SETTLED * size
                if settled or count >= MOST:
                    return fast
                count, last = 2 * count - 1, values

    @classmethod
    def _at(cls, model, x, rank, times, points, along) -> FastLRNR:
        states = hidden_states(model, x, times)  # (T, P, M) a layer
        if along:
            states = [torch.cat(pair) for pair in zip(states, _steps(model, x, times, along), strict=True)]
        spaces = [_space(z) for z in states]
        ranks = _ranks(rank, spaces, len(times))
        factors, condition = _compress(model, x, spaces, ranks, points, states)
        fewer = [max(1, k - max(1, k // 8)) for k in ranks]
        coarse, _ = _compress(model, x, spaces, fewer, points, states)
        return cls(model.hyper, model.normalisation, model.fields, model.units, model.lrnr.activation, model.ranks, x,
                   factors, coarse, condition, len(times))

    def coefficients(self, t) -> Tensor:
        """Coefficients at times t, scalar or (T,), as `MetaNetwork.coefficients`: (T, n)."""
        exact = isinstance(t, Tensor) and t.is_floating_point()
        t = (t if exact else torch.as_tensor(t, dtype=torch.float64)).reshape(-1)
        first, last = self.normalisation.times
        return self.hyper(((t - first) * (2 / (last - first)) - 1).to(self.factors.U[0]))

    def forward(self, t) -> Tensor:
        """u(x, t) at the fixed points, physical units, at times t, scalar or (T,): (T, P, m)."""
        return self.evaluate(self.coefficients(t))

    def evaluate(self, s) -> Tensor:
        """u(x; s) at the fixed points for coefficients s (T, n) near those of the snapshots: (T, P, m)."""
        return self._values(self.factors, s)

    def _values(self, factors: Factors, s) -> Tensor:
        ranks = self.coefficient_ranks
        sizes = [r for pair in zip(ranks.weights, ranks.biases, strict=True) for r in pair]
        s = torch.as_tensor(s).to(factors.U[0])
        if s.ndim != 2 or s.shape[1] != sum(sizes):
            raise ValueError(f"s has shape {tuple(s.shape)}: expected (T, n), n = {sum(sizes)}")
        parts = torch.split(s, sizes, dim=-1)
        u = factors(list(zip(parts[0::2], parts[1::2], strict=True)), ACTIVATIONS[self.activation])  # (P, m, T)
        return u.permute(2, 0, 1) * u.new_tensor(self.normalisation.scale)

    @torch.no_grad()
    def error(self, t) -> float:
        """Estimated relative l2 error at times t, without the full model: the change from bases of 7/8 of the size."""
        s = self.coefficients(t)
        fine, coarse = self.evaluate(s), self._values(self.coarse, s)
        return float((fine - coarse).norm() / fine.norm())

    @property
    def operations(self) -> int:
        """Multiplications of one value at one point and time, hypernetwork aside."""
        V, U, B = (list(group) for group in (self.factors.V, self.factors.U, self.factors.B))
        hidden = sum(a.shape[1] * (a.shape[2] + b.shape[2]) for a, b in zip(U[:-1], B[:-1], strict=True))
        between = sum(a.shape[1] * (a.shape[2] + 1) for a in V[1:])
        return hidden + between + V[0].shape[1] + U[-1].numel() + B[-1].numel()


def _steps(model, x, times, along: int) -> list[Tensor]:
    """Hidden states at steps along the hypermodes from a part of the times, (T', P, M) a layer."""
    few = times[:: max(1, len(times) // 101)]
    base = model.coefficients(few)
    steps = hypermodes(model).coefficients(torch.eye(along))
    steps = steps * (1e-2 * base.norm(dim=1).mean() / steps.norm(dim=1, keepdim=True))
    moved = torch.cat([base + sign * step for step in steps for sign in (-1, 1)])
    return hidden_states(model, x, moved, coefficients=True)


def _space(z: Tensor) -> tuple[Tensor, Tensor]:
    """Left singular vectors (P, M, j) and values (P, j) of the states (T, P, M) of a layer."""
    a = z.double().transpose(0, 1)
    if a.shape[1] > a.shape[2]:
        a = torch.linalg.qr(a, mode="r")[1]  # as many rows as the layer is wide: cheaper, and as exact
    _, values, right = torch.linalg.svd(a, full_matrices=False)
    return right.mT, values


def _ranks(rank, spaces, times: int) -> list[int]:
    """Dimension of the basis of each hidden layer; refuses what the snapshots do not give."""
    if isinstance(rank, float) and rank < 1:
        return [int((values > rank * values[:, :1]).sum(1).max()) for _, values in spaces]
    most = [int((values > 1e-14 * values[:, :1]).sum(1).max()) for _, values in spaces]
    if np.ndim(rank):
        wanted = [int(k) for k in rank]
    else:  # a layer whose states span less is exact with less; but some layer must have as much
        wanted = [int(rank) if rank > max(most) else min(int(rank), m) for m in most]
    if len(wanted) != len(spaces):
        raise ValueError(f"{len(wanted)} ranks {tuple(wanted)}: expected {len(spaces)}, one a hidden layer")
    for layer, (k, m) in enumerate(zip(wanted, most, strict=True), start=1):
        if not 1 <= k <= m:
            raise ValueError(f"rank {k} in layer {layer}: expected between 1 and {m}, the rank of the hidden states "
                             f"at {times} times (give more times, or a smaller rank)")
    return wanted


def _compress(model, x, spaces, ranks, points, states) -> tuple[Factors, np.ndarray]:
    """Compressed factors (6.8) of every layer and point, and the condition numbers (layers, P)."""
    layers = list(model.lrnr.layers)
    low, high = model.tensor(model.domain).T
    unit = (model.tensor(x) - low) * (2 / (high - low)) - 1
    V, U, B, condition = [unit @ layers[0].V], [], [], []
    for (bases, _), k, layer, after, z in zip(spaces, ranks, layers, layers[1:], states, strict=False):
        found = [_one(basis[:, :k].cpu().numpy(), points, z[:, p], after.V) for p, basis in enumerate(bases)]
        condition.append([c for _, _, c in found])
        rows = torch.as_tensor(np.array([r for r, _, _ in found]))
        V.append(model.tensor(np.array([v for _, v, _ in found])))
        U.append(layer.U[rows])
        B.append(layer.B[rows])
    return Factors(V, [*U, layers[-1].U], [*B, layers[-1].B]), np.array(condition)


def _one(basis: np.ndarray, points: str, states: Tensor, V: Tensor) -> tuple[np.ndarray, np.ndarray, float]:
    """Rows, ``V-hat^T = V^T Xi (P^T Xi)^-1`` (by solving, or least squares) and condition number, a layer and point."""
    if points == "eim":
        basis, rows = ei_greedy(states.double().T.cpu().numpy(), k := basis.shape[1])
        if len(rows) < k:  # the states of this point span less than those of others: rows that count for nothing
            rows = np.append(rows, np.setdiff1d(np.arange(len(basis)), rows)[: k - len(rows)])
    else:
        rows = SELECTIONS[points](basis)
    picked, right = basis[rows], V.detach().double().cpu().numpy().T @ basis  # (j, k), (r1, k)
    hat = np.linalg.solve(picked.T, right.T).T if len(rows) == picked.shape[1] else right @ np.linalg.pinv(picked)
    return rows, hat, float(np.linalg.cond(picked))
