"""FastLRNR: a network at fixed points whose cost does not know the width (section 6).

At one point x the hidden states z^l(x; s(t)) run through a space of small dimension. With a basis of it and as many rows,
the next layer needs those rows alone, so the large factors shrink to ``V-hat``, ``U-hat`` and ``B-hat`` (6.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from lrnrbook.hidden import hidden_states
from lrnrbook.layers import ACTIVATIONS, FactoredLayer
from lrnrbook.model import MetaNetwork
from lrnrbook.modes import hypermodes
from lrnrbook.selection import SELECTIONS, ei_greedy

FIRST, MOST = 201, 6401  # snapshots in time, if no times are given: doubled until the values settle
SETTLED = 0.2  # a change of the values by less than this share of the error estimate
POINTS = (*SELECTIONS, "eim")


@dataclass(frozen=True)
class _Compressed:
    """Factors of one build, a tensor a layer, over all points."""

    V: list[Tensor]  # (P, r1, k of the layer before); the first is V^T x itself, (P, r1)
    U: list[Tensor]  # (P, k, r1); the last (m, r1)
    B: list[Tensor]  # (P, k, r2); the last (m, r2)
    condition: np.ndarray  # (layers, P)


class FastLRNR(nn.Module):
    """Compressed network at fixed points (6.1)-(6.11); made by `FastLRNR.build`.

    Attributes
    ----------
    x : (P, d) array
        Points, physical units.
    ranks : tuple of int
        Dimension k of the basis of each hidden layer (r-hat).
    snapshots : int
        Number of times that the bases come from.
    condition : (hidden layers, P) array
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

    def __init__(self, model: MetaNetwork, x: np.ndarray, factors: _Compressed, coarse: _Compressed, snapshots: int):
        super().__init__()
        self.hyper, self.normalisation = model.hyper, model.normalisation
        self.fields, self.units, self.activation = model.fields, model.units, model.lrnr.activation
        self.coefficients = model.coefficients
        self.split = model.lrnr.split
        self.x, self.snapshots, self.condition = x, snapshots, factors.condition
        self.ranks = tuple(a.shape[-2] for a in factors.U[:-1])
        self.V, self.U, self.B = (nn.ParameterList(nn.Parameter(a, requires_grad=False) for a in group)
                                  for group in (factors.V, factors.U, factors.B))
        self.coarse = coarse
        self.register_buffer("scale", model.tensor(model.normalisation.scale))

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
            Snapshots also at steps of +-1 % of |s| along so many hypermodes: for gradients with respect to s.

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
        factors = _compress(model, x, spaces, ranks, points, states)
        fewer = [max(1, k - max(1, k // 8)) for k in ranks]
        coarse = _compress(model, x, spaces, fewer, points, states)
        return cls(model, x, factors, coarse, len(times))

    def forward(self, t) -> Tensor:
        """u(x, t) at the fixed points, physical units, at times t, scalar or (T,): (T, P, m)."""
        return self.evaluate(self.coefficients(t))

    def evaluate(self, s) -> Tensor:
        """u(x; s) at the fixed points for coefficients s (T, n) near those of the snapshots: (T, P, m)."""
        return self._run(self.V, self.U, self.B, s)

    def _run(self, V, U, B, s) -> Tensor:
        pairs = self.split(s)
        sigma = ACTIVATIONS[self.activation]
        zeta = V[0][:, :, None] * pairs[0][0].T  # (P, r1, T)
        for layer in range(len(U) - 1):
            z = sigma(U[layer] @ zeta + B[layer] @ pairs[layer][1].T)  # (P, k, T)
            zeta = (V[layer + 1] @ z) * pairs[layer + 1][0].T
        u = U[-1] @ zeta + B[-1] @ pairs[-1][1].T  # (P, m, T)
        return u.permute(2, 0, 1) * self.scale

    @torch.no_grad()
    def error(self, t) -> float:
        """Estimated relative l2 error at times t, without the full model: the change from bases of 7/8 of the size."""
        s = self.coefficients(t)
        fine, coarse = self.evaluate(s), self._run(self.coarse.V, self.coarse.U, self.coarse.B, s)
        return float((fine - coarse).norm() / fine.norm())

    @property
    def operations(self) -> int:
        """Multiplications of one value at one point and time, hypernetwork aside."""
        hidden = sum(a.shape[1] * (a.shape[2] + b.shape[2]) for a, b in zip(self.U[:-1], self.B[:-1], strict=True))
        between = sum(a.shape[1] * (a.shape[2] + 1) for a in self.V[1:])
        return hidden + between + self.V[0].shape[1] + self.U[-1].numel() + self.B[-1].numel()


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
    wanted = [int(rank)] * len(spaces) if np.ndim(rank) == 0 else [int(k) for k in rank]
    if len(wanted) != len(spaces):
        raise ValueError(f"{len(wanted)} ranks {tuple(wanted)}: expected {len(spaces)}, one a hidden layer")
    for layer, (k, (_, values)) in enumerate(zip(wanted, spaces, strict=True), start=1):
        most = int((values > 1e-14 * values[:, :1]).sum(1).min())
        if not 1 <= k <= most:
            raise ValueError(f"rank {k} in layer {layer}: expected between 1 and {most}, the rank of the hidden states "
                             f"at {times} times (give more times, or a smaller rank)")
    return wanted


def _compress(model, x, spaces, ranks, points, states) -> _Compressed:
    """Rows and compressed factors (6.8) of every layer and point."""
    layers = list(model.lrnr.layers)
    low, high = model.tensor(model.domain).T
    unit = (model.tensor(x) - low) * (2 / (high - low)) - 1
    V, U, B, condition = [unit @ layers[0].V], [], [], []
    for (bases, _), k, layer, after, z in zip(spaces, ranks, layers, layers[1:], states, strict=False):
        found = [_one(basis[:, :k].cpu().numpy(), points, z[:, p], after.V) for p, basis in enumerate(bases)]
        condition.append([c for _, _, c in found])
        rows = torch.as_tensor(np.array([r for r, _, _ in found]))
        V.append(model.tensor(np.array([v for _, v, _ in found])))
        U.append(layer.U.detach()[rows])
        B.append(layer.B.detach()[rows])
    return _Compressed(V, [*U, layers[-1].U.detach()], [*B, layers[-1].B.detach()], np.array(condition))


def _one(basis: np.ndarray, points: str, states: Tensor, V: Tensor) -> tuple[np.ndarray, np.ndarray, float]:
    """Rows, ``V-hat^T = V^T Xi (P^T Xi)^-1`` (by solving, or least squares) and condition number, a layer and point."""
    if points == "eim":
        basis, rows = ei_greedy(states.double().T.cpu().numpy(), basis.shape[1])
    else:
        rows = SELECTIONS[points](basis)
    picked, right = basis[rows], V.detach().double().cpu().numpy().T @ basis  # (j, k), (r1, k)
    if len(rows) == picked.shape[1]:
        hat = np.linalg.solve(picked.T, right.T).T
    else:
        hat = right @ np.linalg.pinv(picked)
    return rows, hat, float(np.linalg.cond(picked))
