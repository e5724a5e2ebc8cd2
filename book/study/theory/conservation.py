"""Entropy solutions of scalar conservation laws ``u_t + F(u)_x = 0`` with convex F, in one dimension.

Two independent ways: `lax_oleinik` evaluates the solution by minimisation, to rounding. `track` solves the law exactly
for a flux that is linear between the multiples of ``delta``: its solution is a finite set of fronts, straight lines in
space and time (Dafermos 1972; Holden and Risebro, Front Tracking, chapter 2), of which `study.theory.entropy` makes a
network.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Flux:
    """Convex flux F with its derivative F' and the inverse G of F'; all vectorised.

    Examples
    --------
    >>> quartic = FLUXES["quartic"]
    >>> float(quartic.inverse(quartic.speed(0.3)).round(12))
    0.3
    """

    name: str
    value: Callable[[np.ndarray], np.ndarray]
    speed: Callable[[np.ndarray], np.ndarray]
    inverse: Callable[[np.ndarray], np.ndarray]

    def legendre(self, v):
        """Convex conjugate ``L(v) = sup_u u v - F(u)``."""
        u = self.inverse(v)
        return u * v - self.value(u)


def _cubic_root(v):
    """The real root u of ``u^3 + u = v``, without cancellation."""
    return 2 / np.sqrt(3) * np.sinh(np.arcsinh(1.5 * np.sqrt(3) * np.asarray(v)) / 3)


FLUXES = {
    "burgers": Flux("Burgers, F = u^2/2", lambda u: 0.5 * u**2, lambda u: u, lambda v: v),
    "quartic": Flux("F = u^4/4 + u^2/2", lambda u: 0.25 * u**4 + 0.5 * u**2, lambda u: u**3 + u, _cubic_root),
}


@dataclass(frozen=True)
class Profile:
    """Piecewise linear function of x with jumps: nodes (x_j, u_j), two at a jump; zero outside.

    Attributes
    ----------
    x : array (k,), not decreasing
    u : array (k,)

    Examples
    --------
    >>> box = Profile.of([0.2, 0.2, 0.6, 0.6], [0, 1, 1, 0])
    >>> box(np.array([0.1, 0.3, 0.7])).tolist(), box.primitive(np.array([0.4])).round(12).tolist()
    ([0.0, 1.0, 0.0], [0.2])
    """

    x: np.ndarray
    u: np.ndarray

    @classmethod
    def of(cls, x, u) -> Profile:
        """Check and take the nodes.

        Raises
        ------
        ValueError
            If x decreases, the shapes differ, or u does not begin and end with 0.
        """
        x, u = np.asarray(x, dtype=float), np.asarray(u, dtype=float)
        if x.ndim != 1 or x.shape != u.shape or (np.diff(x) < 0).any():
            raise ValueError(f"x and u have shapes {x.shape} and {u.shape}: expected (k,), x that does not decrease")
        if u[0] != 0 or u[-1] != 0:
            raise ValueError(f"u goes from {u[0]:g} to {u[-1]:g}: expected 0 at both ends (compact support)")
        return cls(x, u)

    @property
    def variation(self) -> float:
        """Total variation."""
        return float(np.abs(np.diff(self.u)).sum())

    def __call__(self, y) -> np.ndarray:
        """Values; at a jump that on the right."""
        j = np.clip(np.searchsorted(self.x, y, side="right") - 1, 0, len(self.x) - 2)
        width = np.diff(self.x)[j]
        share = np.clip((y - self.x[j]) / np.where(width > 0, width, 1), 0, 1)
        inside = (y >= self.x[0]) & (y < self.x[-1])
        return np.where(inside, self.u[j] + share * np.diff(self.u)[j], 0.0)

    def primitive(self, y) -> np.ndarray:
        """Integral from the left end to y."""
        areas = np.diff(self.x) * (self.u[1:] + self.u[:-1]) / 2
        before = np.concatenate([[0], np.cumsum(areas)])
        z = np.clip(y, self.x[0], self.x[-1])
        j = np.clip(np.searchsorted(self.x, z, side="right") - 1, 0, len(self.x) - 2)
        width = np.diff(self.x)[j]
        d = z - self.x[j]
        return before[j] + d * (self.u[j] + 0.5 * np.diff(self.u)[j] * d / np.where(width > 0, width, 1))


def _sine(x):
    return np.sin(2 * np.pi * (x - 0.25) / 0.5)


_X = np.linspace(0.25, 0.75, 201)
# Initial data on (0, 1). "mergers": a rarefaction and three shocks, which merge one after the other and then meet the
# rarefaction. "wave": an N-wave, smooth at first. "shapes": a box, a triangle and a smooth bump.
PROFILES = {
    "mergers": Profile.of([0.1, 0.1, 0.25, 0.25, 0.4, 0.4, 0.5, 0.5], [0, 1, 1, 0.6, 0.6, 0.3, 0.3, 0]),
    "wave": Profile.of(_X, np.r_[0, _sine(_X[1:-1]), 0]),
    "shapes": Profile.of(
        np.r_[0.05, 0.05, 0.15, 0.15, 0.2, 0.28, 0.28, np.linspace(0.35, 0.55, 101)],
        np.r_[0, 0.8, 0.8, 0, 0, 1, 0, 0, 0.6 * np.sin(np.pi * np.linspace(0, 1, 101)[1:-1]) ** 2, 0]),
}


def lax_oleinik(flux: Flux, data: Profile, x, t: float, cells: int = 4096) -> np.ndarray:
    """Entropy solution u(x, t), t > 0, by the formula of Lax and Oleinik (Evans 2010, section 3.4.2).

    The minimiser y of ``U_0(y) + t L((x - y) / t)`` is sought on a grid and then within a cell on either side, by
    golden section; ``u = G((x - y) / t)``. It is right to about 1e-7 / t away from shocks.

    Parameters
    ----------
    x : array (P,)
    t : float
    cells : int
        Of the grid of y, over all points from which a characteristic may come.

    Returns
    -------
    (P,) array

    Raises
    ------
    ValueError
        If t is not positive.

    Examples
    --------
    >>> box = Profile.of([0.1, 0.1, 0.3, 0.3], [0, 1, 1, 0])       # a rarefaction at 0.1, a shock at 0.3 + t / 2
    >>> lax_oleinik(FLUXES["burgers"], box, [0.05, 0.2, 0.35, 0.45], 0.2).round(6).tolist()
    [0.0, 0.5, 1.0, 0.0]
    """
    x = np.asarray(x, dtype=float)
    if not t > 0:
        raise ValueError(f"t = {t}: expected a positive time")
    slow, fast = flux.speed(np.array([data.u.min(), data.u.max()]))
    y = np.union1d(np.linspace(x.min() - t * fast, x.max() - t * slow, cells + 1), data.x)

    def cost(z, points):
        return data.primitive(z) + t * flux.legendre((points - z) / t)

    best = np.concatenate([cost(y[None], part[:, None]).argmin(1) for part in np.array_split(x, max(1, len(x) // 256))])
    low, high = y[np.maximum(best - 1, 0)], y[np.minimum(best + 1, len(y) - 1)]
    ratio = (np.sqrt(5) - 1) / 2
    for _ in range(45):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        left = cost(a, x) < cost(b, x)
        low, high = np.where(left, low, a), np.where(left, b, high)
    middle = 0.5 * (low + high)
    minimiser = np.where(cost(middle, x) < cost(y[best], x), middle, y[best])
    return np.clip(flux.inverse((x - minimiser) / t), data.u.min(), data.u.max())


@dataclass(frozen=True)
class Fronts:
    """Fronts of a tracked solution: at times in [born, died) a jump of size `jump` at ``x0 + speed t``.

    Attributes
    ----------
    x0, speed, jump, born, died : arrays (N,)
        ``died`` is infinite for those that outlive the last time.
    delta : float
        Step of the values.
    """

    x0: np.ndarray
    speed: np.ndarray
    jump: np.ndarray
    born: np.ndarray
    died: np.ndarray
    delta: float

    def __len__(self) -> int:
        return len(self.x0)

    def __call__(self, x, t: float) -> np.ndarray:
        """Values (P,) at time t."""
        alive = (self.born <= t) & (t < self.died)
        return (np.asarray(x)[:, None] > self.x0[alive] + self.speed[alive] * t) @ self.jump[alive]

    def mergers(self, size: float) -> list[float]:
        """Times at which two shocks of at least `size`, each there for a while, become one."""
        big = (self.jump <= -size) & np.isfinite(self.died) & (self.died - self.born > 1e-9)
        died = self.died[big]
        where = np.stack([died, self.x0[big] + self.speed[big] * died], 1).round(9)
        places, counts = np.unique(where, axis=0, return_counts=True)
        return [float(t) for (t, _), n in zip(places, counts, strict=True) if n >= 2]


def track(flux: Flux, data: Profile, delta: float, until: float) -> Fronts:
    """Front tracking: u_0 rounded to multiples of `delta`, F linear between them, solved exactly up to `until`.

    A step up becomes a fan of steps by delta, a step down one shock; when fronts meet, one front goes on, so there are
    fewer than twice as many as at the start. The error in L1 is at most ``delta (1 + T max F'' TV(u_0)) / 2`` for
    data supported in an interval of length 1 (Lucier 1986).

    Raises
    ------
    ValueError
        If delta or until is not positive.

    Examples
    --------
    >>> fronts = track(FLUXES["burgers"], PROFILES["mergers"], delta=0.1, until=0.7)
    >>> len(fronts), [round(t, 6) for t in fronts.mergers(0.25)]
    (16, [0.333333, 0.4])
    """
    if not (delta > 0 and 0 < until < np.inf):
        raise ValueError(f"delta = {delta}, until = {until}: expected positive numbers")
    levels: list[tuple[float, int, int]] = _rounded_steps(data, delta)
    fronts: list[list[float]] = []  # x0, speed, jump, born, died, value left, value right
    previous: dict[int, int] = {}
    following: dict[int, int] = {}
    heap: list[tuple[float, int, int]] = []

    def new(x: float, t: float, left: int, right: int) -> int:
        a, b = left * delta, right * delta
        speed = float((flux.value(b) - flux.value(a)) / (b - a))
        fronts.append([x - speed * t, speed, b - a, t, np.inf, left, right])
        return len(fronts) - 1

    def expect(i: int, j: int, now: float) -> None:
        """Put the meeting of neighbours i, j on the heap."""
        closing = fronts[i][1] - fronts[j][1]
        if closing > 1e-14:
            when = max((fronts[j][0] - fronts[i][0]) / closing, now)
            if when < until:
                heapq.heappush(heap, (when, i, j))

    order = []
    for x, left, right in levels:
        pairs = zip(range(left, right), range(left + 1, right + 1), strict=True) if right > left else [(left, right)]
        order += [new(x, 0.0, a, b) for a, b in pairs]
    for i, j in zip(order[:-1], order[1:], strict=True):
        previous[j], following[i] = i, j
        expect(i, j, 0.0)
    while heap:
        t, i, j = heapq.heappop(heap)
        if np.isfinite(fronts[i][4]) or np.isfinite(fronts[j][4]) or following.get(i) != j:
            continue
        x = fronts[i][0] + fronts[i][1] * t
        fronts[i][4] = fronts[j][4] = t
        before, after = previous.get(i), following.get(j)
        left, right = int(fronts[i][5]), int(fronts[j][6])
        chain = [before, *([new(x, t, left, right)] if left != right else []), after]
        for a, b in zip(chain[:-1], chain[1:], strict=True):
            if a is not None:
                following.pop(a, None)
            if b is not None:
                previous.pop(b, None)
            if a is not None and b is not None:
                following[a], previous[b] = b, a
                expect(a, b, t)
    columns = np.array([f[:5] for f in fronts]).T
    return Fronts(*columns, delta)


def _rounded_steps(data: Profile, delta: float) -> list[tuple[float, int, int]]:
    """Steps (x, k left, k right) of the data rounded to multiples of delta."""
    found, level = [], 0
    for x0, x1, a, b in zip(data.x[:-1], data.x[1:], data.u[:-1] / delta, data.u[1:] / delta, strict=True):
        goal = int(np.floor(b + 0.5))
        if x1 == x0:
            if goal != level:
                found.append((float(x0), level, goal))
        else:
            for k in range(level, goal, 1 if goal > level else -1):
                crossing = k + 0.5 if goal > level else k - 0.5
                share = np.clip((crossing - a) / (b - a), 0, 1)
                found.append((float(x0 + share * (x1 - x0)), k, k + (1 if goal > level else -1)))
        level = goal
    return found
