"""Entropy solutions as networks built by hand, with 7, 5, 4 and 3 coefficients (Theorem 3.4, whose proof has 12).

`front_network` (5, depth 3) writes the fronts of `conservation.track`: half planes of space and time that begin and
end. `particle_network` (7, depth 4) follows characteristics until they meet a shock. `film_strip` (4) and
`dilation_strip` (3) are tables of frames, which Definition 3.1 does not exclude; they say more on it than on waves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from lrnrbook.layers import FactoredLayer, SparseLayer
from lrnrbook.model import MetaNetwork
from study.theory.conservation import Flux, Fronts, Profile
from study.theory.constructions import Linear, interpolant, meta_network

UNIT = ((0.0, 1.0),)  # the paper's Omega
BASE = 4.0  # of the exponential scaling in `particle_network`
NONE = np.zeros


def _first_layer(slope, constant, speed) -> FactoredLayer:
    """Layer ``slope x + constant + speed t`` for x in (0, 1): weight rank 1, biases (1, t)."""
    slope, constant, speed = (np.concatenate(v) for v in (slope, constant, speed))
    return FactoredLayer(slope[:, None], np.full((1, 1), 0.5), np.stack([constant + 0.5 * slope, speed], axis=1))


def _ramp(slope, constant, speed) -> tuple[list, list, list]:
    """Two neurons whose difference is ``clip(slope x + constant + speed t + 1/2, 0, 1)``."""
    return [slope, slope], [constant + 0.5, constant - 0.5], [speed, speed]


def _join(*ramps) -> tuple[list, list, list]:
    return tuple(sum((ramp[k] for ramp in ramps), []) for k in range(3))


def front_network(fronts: Fronts, until: float, width: float | None = None) -> MetaNetwork:
    """A tracked solution on (0, 1) as an LRNR of depth 3, ranks weights (1, 1, 1), biases (2, 0, 0): 5 coefficients.

    A front is ``jump * [x > x0 + speed t] * [born <= t] * [t < died]``. Layer 1 has clipped ramps for the half planes
    and for "not yet", ``[t < born]``; layer 2 takes ``(ramp - not yet)_+``, one row for the birth and one for the death
    of a front, four entries a row; layer 3 adds with weights `jump` and ``-jump``. Away from strips of the ramps'
    width it *is* the tracked solution. Of the coefficients (1; 1, t; 1; 1) one varies, as t.

    Parameters
    ----------
    fronts : Fronts
    until : float
        Last time.
    width : float, optional
        Of the ramps, in x and in t; by default delta^2.

    Examples
    --------
    >>> from study.theory.conservation import FLUXES, PROFILES, track
    >>> front_network(track(FLUXES["burgers"], PROFILES["mergers"], 0.1, 0.7), 0.7).ranks
    weights=(1, 1, 1), biases=(2, 0, 0)
    """
    eps = fronts.delta**2 if width is None else width
    if not eps > 0:
        raise ValueError(f"width = {width}: expected a positive number")
    keep = (fronts.died > fronts.born) & (fronts.born < until)
    x0, speed, jump, born, died = (v[keep] for v in (fronts.x0, fronts.speed, fronts.jump, fronts.born, fronts.died))
    events = np.unique(np.concatenate([born[born > 0], died[died < until]]))
    n, m = len(x0), len(events)
    one = np.ones
    first = _first_layer(*_join(
        _ramp(one(n) / eps, -x0 / eps, -speed / eps),  # columns 0..n, n..2n: right of the front
        _ramp(NONE(m), events / eps, -one(m) / eps)))  # 2n..2n+m, 2n+m..2n+2m: before the event
    dying = np.flatnonzero(died < until)
    which = np.concatenate([np.arange(n), dying])
    when = np.concatenate([born, died[dying]])
    W = np.zeros((len(which), 2 * (n + m)))
    rows = np.arange(len(which))
    W[rows, which], W[rows, n + which] = 1, -1
    late = when > 0
    event = np.searchsorted(events, when[late])
    W[rows[late], 2 * n + event], W[rows[late], 2 * n + m + event] = -1, 1
    last = np.concatenate([jump, -jump[dying]])
    layers = [first, SparseLayer([W], NONE((len(W), 0))), FactoredLayer(one((1, 1)), last[:, None], NONE((1, 0)))]
    return meta_network(layers, Linear([1, 1, 0, 1, 1], [0, 0, 1, 0, 0], (0.0, until)), UNIT, until)


@dataclass(frozen=True)
class Particles:
    """Characteristics ``y + speed t`` with value u, in order, each alive until it meets a shock.

    Attributes
    ----------
    y, u, speed, died : arrays (n,)
        Start, value, speed F'(u), and time of death, infinite for those that outlive the last time.
    """

    y: np.ndarray
    u: np.ndarray
    speed: np.ndarray
    died: np.ndarray


def particles(flux: Flux, data: Profile, n: int, until: float, cells: int = 1500) -> Particles:
    """Characteristics that start at equal steps 1/n of length plus rise of u_0 on (0, 1), so jumps up become fans.

    A particle is alive at t if and only if its foot minimises the cost of Lax and Oleinik; once it does not, it never
    does again. Its death is found by bisection in t.
    """
    if n < 1:
        raise ValueError(f"n = {n}: expected a whole number of at least 1")
    x, values = np.r_[0.0, data.x, 1.0], np.r_[0.0, data.u, 0.0]
    measure = np.r_[0.0, np.cumsum(np.diff(x) + np.maximum(np.diff(values), 0))]
    steps = (np.arange(round(n * measure[-1])) + 0.5) * measure[-1] / round(n * measure[-1])
    y, u = np.interp(steps, measure, x), np.interp(steps, measure, values)
    speed = flux.speed(u)
    feet = np.union1d(np.linspace(-until * speed.max(), 1 - until * min(speed.min(), 0), cells), data.x)
    rise, own = data.primitive(feet)[None] - data.primitive(y)[:, None], flux.legendre(speed)[:, None]
    gap = y[:, None] - feet[None]

    def dead(t):  # some foot has a smaller cost than the particle's own
        return (rise + t * (flux.legendre(speed[:, None] + gap / t) - own)).min(1) < -1e-12

    low, high = np.zeros(len(y)), np.full(len(y), float(until))
    ends = dead(high[:, None])
    for _ in range(40):
        middle = 0.5 * (low + high)
        late = dead(middle[:, None])
        low, high = np.where(late, low, middle), np.where(late, middle, high)
    return Particles(y, u, speed, np.where(ends, high, np.inf))


def particle_network(found: Particles, until: float, width: float | None = None) -> MetaNetwork:
    """Characteristics as an LRNR of depth 4, ranks weights (1, 1, 1, 1), biases (2, 0, 1, 0): 7 coefficients.

    With ``h_k(x, t) = [particle k alive and right of x]`` (layer 2, sparse), ``u = sum_i (u_i - u_{i-1}) [no k <= i has
    h_k = 1]``. Layer 3 finds "no k <= i" by a matrix of rank 1, ``clip(c (1 - B^i sum_k B^-k h_k), 0, 1)`` with B = 4:
    a term with k <= i is at least 1, all others together are at most 1 / (B - 1). So weights reach B^(n/2), and
    float64 ends at about a thousand particles.

    Raises
    ------
    ValueError
        For more particles than float64 can scale.

    Examples
    --------
    >>> from study.theory.conservation import FLUXES, PROFILES
    >>> particle_network(particles(FLUXES["burgers"], PROFILES["mergers"], 20, 0.7), 0.7).ranks
    weights=(1, 1, 1, 1), biases=(2, 0, 1, 0)
    """
    n = len(found.y)
    if n * np.log10(BASE) / 2 > 300:
        raise ValueError(f"{n} particles need weights up to {BASE:g}^{n // 2}: expected at most "
                         f"{int(600 / np.log10(BASE))}, the range of float64 (front_network has no such limit)")
    eps = 1.0 / n**2 if width is None else width
    dying = np.flatnonzero(np.isfinite(found.died))
    m, one = len(dying), np.ones
    first = _first_layer(*_join(
        _ramp(-one(n) / eps, found.y / eps, found.speed / eps),  # right of x
        _ramp(NONE(m), -found.died[dying] / eps, one(m) / eps)))  # dead
    W = np.zeros((n, 2 * (n + m)))
    rows = np.arange(n)
    W[rows, rows], W[rows, n + rows] = 1, -1
    W[dying, 2 * n + np.arange(m)], W[dying, 2 * n + m + np.arange(m)] = -1, 1
    c = (BASE - 1) / (BASE - 2)
    power = BASE ** (np.arange(n) - n / 2)
    third = FactoredLayer(np.tile(-c * power, 2)[:, None], 1 / power[:, None], np.repeat([c, c - 1], n)[:, None])
    steps = np.diff(found.u, prepend=0)
    layers = [first, SparseLayer([W], NONE((n, 0))), third,
              FactoredLayer(one((1, 1)), np.concatenate([steps, -steps])[:, None], NONE((1, 0)))]
    return meta_network(layers, Linear([1, 1, 0, 1, 1, 1, 1], [0, 0, 1, 0, 0, 0, 0], (0.0, until)), UNIT, until)


class Frames(nn.Module):
    """Formula t -> s that picks one of N frames: all coefficients constant but one, which jumps."""

    def __init__(self, constant, index: int, choices):
        super().__init__()
        self.index = index
        self.register_buffer("constant", torch.as_tensor(constant, dtype=torch.float64))
        self.register_buffer("choices", torch.as_tensor(choices, dtype=torch.float64))

    def forward(self, t: Tensor) -> Tensor:
        """Coefficients (T, n) at normalised times (T,)."""
        count = len(self.choices)
        frame = torch.clamp(((t + 1) / 2 * count).long(), 0, count - 1)
        s = self.constant.repeat(len(t), 1)
        s[:, self.index] = self.choices[frame]
        return s


def _check_frames(x, frames) -> tuple[np.ndarray, np.ndarray]:
    x, frames = np.asarray(x, dtype=float), np.asarray(frames, dtype=float)
    if x.ndim != 1 or frames.ndim != 2 or frames.shape[1] != len(x) or frames[:, [0, -1]].any():
        raise ValueError(f"x and frames have shapes {x.shape}, {frames.shape}: expected (K,), (N, K), and zeros in the "
                         "first and the last column")
    return x, frames


def film_strip(x, frames, until: float) -> MetaNetwork:
    """N frames side by side, one of which is in the window: ranks weights (1, 1), biases (2, 0), 4 coefficients.

    Parameters
    ----------
    x : array (K,)
        Nodes from 0 to 1.
    frames : array (N, K)
        Values of any function at the midpoints of N equal time intervals, 0 at both ends.

    Examples
    --------
    >>> model = film_strip([0, 0.5, 1], [[0, 1, 0], [0, 3, 0]], until=1.0)
    >>> [round(float(model([0.5], t)), 9) for t in (0.2, 0.7)], model.ranks.total
    ([1.0, 3.0], 4)
    """
    x, frames = _check_frames(x, frames)
    nodes = np.concatenate([[0.0], *(k + x[1:] for k in range(len(frames)))])
    strip = interpolant(nodes, np.concatenate([[0.0], frames[:, 1:].ravel()]))
    first = FactoredLayer(strip.w, np.full((1, 1), 0.5), np.stack([strip.b + 0.5, np.ones(len(strip))], axis=1))
    last = FactoredLayer(np.ones((1, 1)), strip.a[:, None], NONE((1, 0)))
    return meta_network([first, last], Frames([1, 1, 0, 1], 2, np.arange(len(frames))), UNIT, until)


def dilation_strip(x, frames, until: float, ratio: float = 16.0) -> MetaNetwork:
    """N frames at growing scales, ``u = H(ratio^j x)``: ranks weights (1, 1), biases (1, 0), 3 coefficients.

    Left of ``1 / ratio`` the window shows the earlier frames, squeezed, which costs at most ``1 / ratio`` of their
    size in L1. Fewer than 3 coefficients give functions that are affine on (0, 1). Rounding errors grow like
    ``ratio^N``, so N is at most about 8 here.

    Examples
    --------
    >>> model = dilation_strip([0, 0.5, 1], [[0, 1, 0], [0, 3, 0]], until=1.0)
    >>> [round(float(model([0.5], t)), 9) for t in (0.2, 0.7)], model.ranks.total
    ([1.0, 3.0], 3)
    """
    x, frames = _check_frames(x, frames)
    nodes, values = [np.zeros(1)], [np.zeros(1)]
    for j, frame in enumerate(frames):
        inside = x > (1 / ratio if j else 0)
        nodes.append(ratio**j * x[inside])
        values.append(frame[inside])
    strip = interpolant(np.concatenate(nodes), np.concatenate(values))
    first = FactoredLayer(strip.w, np.ones((1, 1)), strip.b[:, None])
    last = FactoredLayer(np.ones((1, 1)), strip.a[:, None], NONE((1, 0)))
    # the domain is symmetric, so that normalisation leaves x as it is; the frames fill (0, 1)
    formula = Frames([1, 1, 1], 0, ratio ** np.arange(len(frames)))
    return meta_network([first, last], formula, ((-1.0, 1.0),), until)
