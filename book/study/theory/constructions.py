"""Waves and advection as networks built by hand: the proofs of Theorems 3.2 and 3.3 and of Appendix A, executed.

Initial data are sums of ridge functions ``a sigma(w . x + b)``. Each moves as a plane wave, so the solution is a
network with one hidden layer whose first bias alone depends on time, and linearly: ranks weights (d, 1), biases (2, 0).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from lrnrbook.layers import FactoredLayer, SparseLayer
from lrnrbook.model import BLOCK, LRNR, MetaNetwork
from lrnrbook.normalisation import Normalisation


@dataclass(frozen=True)
class Ridges:
    """Sum of m ridge functions with unit directions, of (3.15) and (3.17): ``sum_i a_i sigma(w_i . x + b_i)``.

    Attributes
    ----------
    a : array (m,)
    w : array (m, d), rows of norm 1
    b : array (m,)

    Raises
    ------
    ValueError
        If the shapes differ or a direction has not norm 1: then the shift of (3.16) is abs(w) c t, not c t.

    Examples
    --------
    >>> tent = interpolant([0.0, 0.5, 1.0], [0.0, 1.0, 0.0])
    >>> [float(v) for v in tent(np.array([[0.25], [0.5], [2.0]]))]
    [0.5, 1.0, 0.0]
    """

    a: np.ndarray
    w: np.ndarray
    b: np.ndarray

    def __post_init__(self):
        a, w, b = (np.asarray(v, dtype=float) for v in (self.a, self.w, self.b))
        if w.ndim != 2 or a.shape != (len(w),) or b.shape != (len(w),):
            raise ValueError(f"a, w, b have shapes {a.shape}, {w.shape}, {b.shape}: expected (m,), (m, d), (m,)")
        norms = np.linalg.norm(w, axis=1)
        if not np.allclose(norms, 1, rtol=0, atol=1e-9):
            worst = norms[np.abs(norms - 1).argmax()]
            raise ValueError(f"a direction has norm {worst:.3g}: expected 1 (divide w and b by it, and if the ridges "
                             "are ReLUs multiply a by it)")
        for name, value in (("a", a), ("w", w), ("b", b)):
            object.__setattr__(self, name, value)

    @property
    def dim(self) -> int:
        """Number d of space dimensions."""
        return self.w.shape[1]

    def __len__(self) -> int:
        return len(self.a)

    def __add__(self, other: Ridges) -> Ridges:
        """Both sums together."""
        return Ridges(*(np.concatenate(pair) for pair in zip((self.a, self.w, self.b), (other.a, other.w, other.b),
                                                             strict=True)))

    def __call__(self, x, power: int = 1) -> np.ndarray:
        """Values at x (P, d): sums of ReLUs, or of their derivatives, the steps sigma^0, if ``power=0``."""
        z = np.asarray(x, dtype=float) @ self.w.T + self.b
        return (np.maximum(z, 0) if power else (z > 0).astype(float)) @ self.a

    def along(self, direction) -> Ridges:
        """A sum in one dimension as a sum of plane waves: f(x) becomes f(direction . x), (d,) of norm 1."""
        if self.dim != 1:
            raise ValueError(f"the sum lives in {self.dim} dimensions: expected 1")
        return Ridges(self.a, self.w * np.asarray(direction, dtype=float), self.b)


def interpolant(x, u) -> Ridges:
    """Piecewise linear function through (x_j, u_j), constant outside, as a sum of ReLUs in one dimension.

    Raises
    ------
    ValueError
        If x does not increase, or u does not begin with 0 (the networks here have no bias in the last layer).
    """
    x, u = np.asarray(x, dtype=float), np.asarray(u, dtype=float)
    if x.ndim != 1 or x.shape != u.shape or len(x) < 2 or not (np.diff(x) > 0).all():
        raise ValueError(f"x and u have shapes {x.shape} and {u.shape}: expected (k,), k >= 2, and increasing x")
    if u[0] != 0:
        raise ValueError(f"u begins with {u[0]:g}: expected 0, for want of a bias in the last layer")
    slopes = np.diff(u) / np.diff(x)
    return Ridges(np.diff(slopes, prepend=0, append=0), np.ones((len(x), 1)), -x)


def steps(x, v) -> Ridges:
    """Piecewise constant function, v_j between x_j and x_{j+1} and 0 outside, as a sum of sigma^0 (``power=0``)."""
    x, v = np.asarray(x, dtype=float), np.asarray(v, dtype=float)
    if x.ndim != 1 or v.shape != (len(x) - 1,) or not (np.diff(x) > 0).all():
        raise ValueError(f"x and v have shapes {x.shape} and {v.shape}: expected (k,) increasing, and (k - 1,)")
    return Ridges(np.diff(v, prepend=0, append=0), np.ones((len(x), 1)), -x)


class Linear(nn.Module):
    """Formula t -> s for coefficients that are constant or linear in time: ``s = constant + slope t``.

    Parameters
    ----------
    constant, slope : sequences (n,)
    times : (first, last)
        Physical times that the normalised times -1 and 1 stand for.
    """

    def __init__(self, constant, slope, times: tuple[float, float]):
        super().__init__()
        a, b = times
        self.register_buffer("rate", torch.as_tensor(slope, dtype=torch.float64) * ((b - a) / 2))
        self.register_buffer("middle", torch.as_tensor(constant, dtype=torch.float64)
                             + torch.as_tensor(slope, dtype=torch.float64) * ((a + b) / 2))

    def forward(self, t: Tensor) -> Tensor:
        """Coefficients (T, n) at normalised times (T,)."""
        return self.middle + self.rate * t[:, None]


def check_box(domain, until: float, dim: int) -> np.ndarray:
    """Domain as an array (d, 2), or a sentence on what is wrong with it or with the last time."""
    box = np.asarray(domain, dtype=float)
    if box.shape != (dim, 2) or not (box[:, 0] < box[:, 1]).all():
        raise ValueError(f"domain = {domain}: expected {dim} pairs (low, high)")
    if not 0 < until < np.inf:
        raise ValueError(f"until = {until}: expected a positive time")
    return box


def meta_network(layers: Sequence[nn.Module], formula: nn.Module, domain, until: float) -> MetaNetwork:
    """ReLU network of the given layers as a function of x and t, field "u", fixed weights, float64."""
    box = Normalisation(tuple(map(tuple, np.asarray(domain, dtype=float))), (0.0, float(until)), (1.0,))
    return MetaNetwork(LRNR(layers, "relu"), formula, box, ["u"]).double().requires_grad_(False)


def plane_waves(a, w, b, speed, domain, until: float, sparse: bool = False) -> MetaNetwork:
    """``u(x, t) = sum_i a_i sigma(w_i . x + b_i + speed_i t)`` as an LRNR, (3.26) with any speeds.

    Parameters
    ----------
    a, b, speed : arrays (M,)
    w : array (M, d)
    domain : d pairs (low, high)
    until : float
        Last time T; the first is 0.
    sparse : bool
        W^1 as one sparse matrix with d entries a row, which Def. 2.1 permits: count 4 in every dimension, not d + 3.

    Examples
    --------
    >>> model = plane_waves([1.0], [[1.0]], [-0.2], [-0.5], [(0, 1)], until=1.0)   # a ramp that moves right
    >>> model.ranks, model.ranks.total
    (weights=(1, 1), biases=(2, 0), 4)
    >>> round(float(model([0.9], 1.0)), 12)
    0.2
    """
    w = np.asarray(w, dtype=float)
    box = check_box(domain, until, w.shape[1])
    middle, half = box.mean(1), np.diff(box, axis=1)[:, 0] / 2
    bias = np.stack([b + w @ middle, np.asarray(speed, dtype=float)], axis=1)  # coefficients 1 and t
    first = SparseLayer([w * half], bias) if sparse else FactoredLayer(w, np.diag(half), bias)
    last = FactoredLayer(np.ones((1, 1)), np.asarray(a, dtype=float)[:, None], np.zeros((1, 0)))
    constant = np.ones(first.ranks[0] + 3)
    constant[-2] = 0.0
    return meta_network([first, last], Linear(constant, 1.0 - constant, (0.0, until)), box, until)


def _wave_rows(u0: Ridges, v0: Ridges | None, c: float, plus: Callable, minus: Callable) -> tuple[np.ndarray, ...]:
    """Rows a, w, b, speed: position part with 1/2, velocity part with plus(c) at +ct and minus(c) at -ct."""
    if not 0 < c < np.inf:
        raise ValueError(f"c = {c}: expected a positive speed")
    if v0 is not None and v0.dim != u0.dim:
        raise ValueError(f"u0 has {u0.dim} dimensions and v0 has {v0.dim}: expected the same")
    parts = [(u0, 0.5, 0.5)] + ([(v0, plus(c), minus(c))] if v0 is not None else [])
    rows = [(scale * r.a, r.w, r.b, np.full(len(r), side * c))
            for r, first, second in parts for scale, side in ((first, 1.0), (second, -1.0))]
    return tuple(np.concatenate(column) for column in zip(*rows, strict=True))


def wave(u0: Ridges, v0: Ridges | None, c: float, domain, until: float, sparse: bool = False) -> MetaNetwork:
    """Solution of the wave equation in d dimensions as an LRNR (Thm. 3.2, with (A.11) for the velocity part).

    Parameters
    ----------
    u0 : Ridges
        Initial values, a sum of ReLUs.
    v0 : Ridges or None
        Initial velocity, the same kind of sum of steps sigma^0 (``power=0``); None for zero.
    c : float
        Speed.
    domain, until, sparse
        As in `plane_waves`.

    Returns
    -------
    MetaNetwork
        Width 2 (m_1 + m_2), ranks weights (d, 1), biases (2, 0): d + 3 coefficients, all constant but one, which is t.

    Examples
    --------
    >>> tent = interpolant([0.0, 0.5, 1.0], [0.0, 1.0, 0.0])
    >>> model = wave(tent, None, c=2.0, domain=[(-1, 2)], until=0.5)
    >>> model.ranks.total, round(float(model([1.1], 0.3)), 12)   # half of the tent, moved by 0.6
    (4, 0.5)
    """
    return plane_waves(*_wave_rows(u0, v0, c, lambda c: 0.5 / c, lambda c: -0.5 / c), domain, until, sparse)


def printed_wave(u0: Ridges, v0: Ridges | None, c: float, domain, until: float) -> MetaNetwork:
    """The same with the velocity part as (3.16) and (3.19) print it, 1/2 and plus: no solution of the problem."""
    return plane_waves(*_wave_rows(u0, v0, c, lambda c: 0.5, lambda c: 0.5), domain, until)


def advection(u0: Ridges, velocity, domain, until: float, sparse: bool = False) -> MetaNetwork:
    """Solution u0(x - velocity t) of the advection equation as an LRNR (Thm. 3.3).

    Examples
    --------
    >>> tent = interpolant([0.0, 0.5, 1.0], [0.0, 1.0, 0.0])
    >>> model = advection(tent.along([0.6, 0.8]), [1.0, 0.0], [(0, 2), (0, 2)], until=1.0)
    >>> model.ranks
    weights=(2, 1), biases=(2, 0)
    """
    velocity = np.asarray(velocity, dtype=float)
    if velocity.shape != (u0.dim,):
        raise ValueError(f"velocity has shape {velocity.shape}: expected ({u0.dim},)")
    return plane_waves(u0.a, u0.w, u0.b, -u0.w @ velocity, domain, until, sparse)


def dalembert(x, t, c: float, profile, primitive=None) -> np.ndarray:
    """D'Alembert's formula (A.6) in one dimension, vectorised: values where x and t broadcast.

    Parameters
    ----------
    profile : callable
        Initial value g.
    primitive : callable, optional
        Antiderivative of the initial velocity h; None for zero velocity.

    Examples
    --------
    >>> float(dalembert(0.3, 0.2, 1.0, np.sin).round(6)) == float((np.sin(0.3) * np.cos(0.2)).round(6))
    True
    """
    x, t = np.asarray(x, dtype=float), np.asarray(t, dtype=float)
    right, left = x - c * t, x + c * t
    u = 0.5 * (profile(left) + profile(right))
    return u if primitive is None else u + (primitive(left) - primitive(right)) / (2 * c)


def random_ridges(count: int, dim: int, seed: int, spread: float = 1.0) -> Ridges:
    """Seeded sum of `count` ridges: normal amplitudes over the square root of `count`, uniform directions, offsets."""
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(count, dim))
    return Ridges(rng.normal(size=count) / np.sqrt(count), w / np.linalg.norm(w, axis=1, keepdims=True),
                  rng.uniform(-spread, spread, count))


@torch.no_grad()
def values(model: MetaNetwork, x, t) -> np.ndarray:
    """Values of the one field at x (P, d) or (P,) and times (T,) or a scalar, as an array (T, P) or (P,)."""
    x = torch.as_tensor(x, dtype=torch.float64)
    parts = [[model(part, float(time))[0, :, 0] for part in torch.split(x, BLOCK)] for time in np.atleast_1d(t)]
    u = torch.stack([torch.cat(row) for row in parts]).numpy()
    return u if np.ndim(t) else u[0]


def residual(u, x: np.ndarray, t: float, c: float, step: float = 1e-3) -> np.ndarray:
    """Wave equation residual ``u_tt - c^2 laplace u`` by second differences at x (P, d), for any u(x, t) -> (P,)."""
    middle = u(x, t)
    found = u(x, t + step) - 2 * middle + u(x, t - step)
    for e in np.eye(x.shape[1]):
        found = found - c**2 * (u(x + step * e, t) - 2 * middle + u(x - step * e, t))
    return found / step**2


def away_from_kinks(ridges: Sequence[Ridges], x: np.ndarray, shift: float, margin: float) -> np.ndarray:
    """Mask (P,) of the points at which no ``w . x + b`` and no ``w . x + b +- shift`` is within `margin` of 0."""
    far = np.ones(len(x), dtype=bool)
    for r in ridges:
        z = x @ r.w.T + r.b
        for side in (-shift, 0.0, shift):
            far &= (np.abs(z + side) > margin).all(1)
    return far
