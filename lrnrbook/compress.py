"""Which rows of a basis are looked at: empirical interpolation and its kin (6.4).

Each takes an orthonormal basis (M, k) and gives row numbers; a vector z near its column space is then known from those
rows alone, ``z = basis solve(basis[rows], z[rows])``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import torch
from torch import Tensor, nn

from lrnrbook.modes import hypermodes


def deim(basis: np.ndarray) -> np.ndarray:
    """Greedy rows of discrete empirical interpolation, Algorithm 1 of Chaturantabut and Sorensen (2010): (k,).

    On an orthonormal basis this is also what the empirical interpolation method (Barrault et al. 2004) gives.
    """
    rows = [int(np.abs(basis[:, 0]).argmax())]
    for k in range(1, basis.shape[1]):
        c = np.linalg.solve(basis[rows, :k], basis[rows, k])
        rows.append(int(np.abs(basis[:, k] - basis[:, :k] @ c).argmax()))
    return np.array(rows)


def qdeim(basis: np.ndarray) -> np.ndarray:
    """Pivots of a QR factorisation with pivoting (Drmac and Gugercin 2016): (k,)."""
    return scipy.linalg.qr(basis.T, mode="r", pivoting=True)[1][: basis.shape[1]].copy()


def oversampled(basis: np.ndarray) -> np.ndarray:
    """Twice as many rows, for least squares: those of `qdeim`, then pivots among the rows left: (2 k,)."""
    first = qdeim(basis)
    left = np.setdiff1d(np.arange(len(basis)), first)
    more = scipy.linalg.qr(basis[left].T, mode="r", pivoting=True)[1][: len(first)]
    return np.concatenate([first, left[more]])


SELECTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"qdeim": qdeim, "deim": deim, "oversampled": oversampled}


def ei_greedy(snapshots: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Empirical interpolation, greedy in the snapshots (M, T) too (Maday et al. 2009).

    Each step takes the snapshot that interpolation so far reproduces worst (largest maximum of the residual), and the
    row where it does so; the basis (M, k) is those residuals, scaled to 1 at their row. Returns basis and rows (k,).
    """
    residual, basis, rows = snapshots.copy(), [], []
    for _ in range(rank):
        worst = np.abs(residual).max(0).argmax()
        row = int(np.abs(residual[:, worst]).argmax())
        if residual[row, worst] == 0:
            break
        new = residual[:, worst] / residual[row, worst]
        basis.append(new)
        rows.append(row)
        residual = residual - np.outer(new, residual[row])
    return np.array(basis).T, np.array(rows)


BLOCK = 2**19  # values of a layer that `Factors` takes at a time: they fit the cache


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
        widest = max(a.shape[-1] for a in self.U) * pairs[0][0].shape[0]
        size = len(self.V[0]) if torch.compiler.is_compiling() else max(1, BLOCK // widest)
        return torch.cat([self._at(slice(i, i + size), pairs, sigma) for i in range(0, len(self.V[0]), size)])

    @property
    def operations(self) -> int:
        """Multiplications of one value at one point and time."""
        V, U, B = (list(group) for group in (self.V, self.U, self.B))
        hidden = sum(a.shape[1] * (a.shape[2] + b.shape[2]) for a, b in zip(U[:-1], B[:-1], strict=True))
        between = sum(a.shape[1] * (a.shape[2] + 1) for a in V[1:])
        return hidden + between + V[0].shape[1] + U[-1].numel() + B[-1].numel()

    def _at(self, p: slice, pairs, sigma) -> Tensor:
        """`forward` at neighbouring points, numbers p."""
        zeta = self.V[0][p, :, None] * pairs[0][0].T  # (p, r1, T)
        for layer in range(len(self.U) - 1):
            bias = self.B[layer][p] @ pairs[layer][1].T
            z = sigma(torch.baddbmm(bias, self.U[layer][p], zeta))  # (p, k, T)
            zeta = (self.V[layer + 1][p] @ z) * pairs[layer + 1][0].T
        return self.U[-1] @ zeta + self.B[-1] @ pairs[-1][1].T


@dataclass(frozen=True)
class States:
    """Hidden states at some times (6.11), and the directions that they span.

    Attributes
    ----------
    states : list of (T, P, M_l) tensors, one a hidden layer
    bases : list of (P, M_l, j) tensors: left singular vectors
    values : list of (P, j) tensors: singular values
    """

    states: list[Tensor]
    bases: list[Tensor]
    values: list[Tensor]

    @classmethod
    @torch.no_grad()
    def at(cls, model, x, times, along: int = 0) -> States:
        """Those of a model at points x (P, d) and times (T,), and derivatives along so many hypermodes.

        Of a family these times at each of some parameters (`Normalisation.sample`).
        """
        states = model.states(x, model.coefficients(*model.normalisation.sample(times)))
        if along:
            states = [torch.cat(pair) for pair in zip(states, _tangents(model, x, times, along), strict=True)]
        bases, values = zip(*map(_space, states), strict=True)
        return cls(states, list(bases), list(values))

    def ranks(self, tolerance: float = 1e-14) -> list[int]:
        """Number of singular values above a share of the first, the largest of all points, by layer."""
        return [int((values > tolerance * values[:, :1]).sum(1).max()) for values in self.values]


def compress(model, x, states: States, rank, points: str) -> tuple[Factors, Factors, np.ndarray]:
    """Factors of a model at points x (P, d), smaller ones, and the condition numbers of (6.4), (hidden layers, P).

    The smaller ones have bases of 7/8 of the size, for the estimate of the error. A layer whose states span less than
    `rank` gets as much as they span: it is exact.
    """
    most = states.ranks()
    ranks = states.ranks(rank) if isinstance(rank, float) else np.minimum(rank, most).tolist()
    factors, condition = _compress(model, x, states, ranks, points)
    smaller = [k - max(1, k // 8) if max(k, m) > 1 else k for k, m in zip(ranks, most, strict=True)]
    coarse, _ = _compress(model, x, states, smaller, points)
    return factors, coarse, condition


def checked(rank, layers: int):
    """Return a tolerance, one rank, or one for each hidden layer; anything else is refused."""
    if isinstance(rank, float) and 0 < rank < 1:
        return rank
    ranks = np.atleast_1d(rank)
    if np.ndim(rank) and len(ranks) != layers:
        raise ValueError(f"{len(ranks)} ranks {tuple(ranks.tolist())}: expected {layers}, one a hidden layer")
    if not all(float(k).is_integer() and k >= 1 for k in ranks):
        raise ValueError(f"rank = {rank}: expected whole numbers of at least 1, or a tolerance between 0 and 1")
    return ranks.astype(int).tolist() if np.ndim(rank) else int(rank)


def refuse_above(rank, pieces: Sequence[States]) -> None:
    """Refuse a rank that the states of no piece have, in any layer or, for a rank of each layer, in theirs."""
    if isinstance(rank, float):
        return
    most, times = np.max([states.ranks() for states in pieces], axis=0), sum(len(states.states[0]) for states in pieces)
    for layer, (k, m) in enumerate(zip(np.broadcast_to(rank, len(most)), most, strict=True), start=1):
        if k > (m if np.ndim(rank) else max(most)):
            raise ValueError(f"rank {k} in layer {layer}: expected between 1 and {m}, the rank of the hidden states "
                             f"at {times} times (give more times, or a smaller rank)")


def _tangents(model, x, times, along: int) -> list[Tensor]:
    """Derivatives of the states along the first hypermodes at some of the times, (T', P, M) a layer.

    They belong to a hundredth of the range of each coordinate: so values are hardly less accurate for them.
    """
    few, modes = times[:: max(1, len(times) // 101)], hypermodes(model)
    s = model.coefficients(*model.normalisation.sample(few))
    path = modes.coordinates(modes.times, modes.mu)[:, :along]
    steps = modes.coefficients(torch.diag(1e-2 * (path.amax(0) - path.amin(0))))
    found = [torch.func.jvp(lambda s: tuple(model.states(x, s)), (s,), (step.expand_as(s),)) for step in steps]
    return [torch.cat(tangents) for tangents in zip(*(tangent for _, tangent in found), strict=True)]


def _space(z: Tensor) -> tuple[Tensor, Tensor]:
    """Left singular vectors (P, M, j) and values (P, j) of the states (T, P, M) of a layer."""
    a = z.double().transpose(0, 1)
    if a.shape[1] > a.shape[2]:
        a = torch.linalg.qr(a, mode="r")[1]  # as many rows as the layer is wide: cheaper, and as exact
    try:
        _, values, right = torch.linalg.svd(a, full_matrices=False)
    except torch.linalg.LinAlgError:  # divide and conquer may fail where plain QR iteration does not
        found = [scipy.linalg.svd(one.cpu().numpy(), full_matrices=False, lapack_driver="gesvd")[1:] for one in a]
        values, right = (torch.as_tensor(np.array(part)).to(a) for part in zip(*found, strict=True))
    return right.mT, values


def _compress(model, x, states: States, ranks, points: str) -> tuple[Factors, np.ndarray]:
    """Compressed factors (6.8) of every layer and point, and the condition numbers (layers, P)."""
    layers = list(model.lrnr.layers)
    unit = model.tensor(model.normalisation.unit_points(x))
    V, U, B, condition = [unit @ layers[0].V], [], [], []
    for bases, k, layer, after, z in zip(states.bases, ranks, layers, layers[1:], states.states, strict=False):
        found = [_one(basis[:, :k].cpu().numpy(), points, z[:, p], after.V) for p, basis in enumerate(bases)]
        condition.append([c for _, _, c in found])
        rows = torch.as_tensor(np.array([r for r, _, _ in found]))
        V.append(model.tensor(np.array([v for _, v, _ in found])))
        U.append(layer.U[rows])
        B.append(layer.B[rows])
    return Factors(V, [*U, layers[-1].U], [*B, layers[-1].B]), np.array(condition)


def _one(basis: np.ndarray, points: str, states: Tensor, V: Tensor) -> tuple[np.ndarray, np.ndarray, float]:
    """Rows, ``V-hat^T = V^T Xi (P^T Xi)^-1`` (by solving, or least squares) and condition number, a layer and point."""
    if basis.shape[1] == 0:  # smaller than 1: the next layer gets nothing but its bias
        return np.arange(0), np.zeros((V.shape[1], 0)), 1.0
    if points == "eim":
        basis, rows = ei_greedy(states.double().T.cpu().numpy(), k := basis.shape[1])
        if len(rows) < k:  # the states of this point span less than those of others: rows that count for nothing
            rows = np.append(rows, np.setdiff1d(np.arange(len(basis)), rows)[: k - len(rows)])
    else:
        rows = SELECTIONS[points](basis)
    picked, right = basis[rows], V.detach().double().cpu().numpy().T @ basis  # (j, k), (r1, k)
    hat = np.linalg.solve(picked.T, right.T).T if len(rows) == picked.shape[1] else right @ np.linalg.pinv(picked)
    return rows, hat, float(np.linalg.cond(picked))
