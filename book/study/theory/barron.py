"""Sampling of Barron functions: how fast sums of M plane waves reach a solution of the wave equation (3.13), (3.18).

The initial data are averages of ridge functions over a known measure, so that u is known in closed form: directions are
uniform on the sphere, offsets uniform on (-B, B), amplitudes cosines and sines of the offset. Draws are independent
(Maurey's argument, rate 1/2) or stratified: one from each of M cells (rate 1/2 + 1/(2d); Makovoz 1996).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import dawsn, j0, j1, spherical_jn

from study.theory.constructions import Ridges

POINTS = 4096  # of every quadrature


def _cosine_mean(dim: int, z: np.ndarray) -> np.ndarray:
    """Mean of cos(w . x) over unit w in dim = 1, 2, 3 dimensions, z = abs(x)."""
    return np.cos(z) if dim == 1 else j0(z) if dim == 2 else spherical_jn(0, z)


def _cosine_mean_slope(dim: int, z: np.ndarray) -> np.ndarray:
    """Derivative of `_cosine_mean` with respect to z."""
    return -np.sin(z) if dim == 1 else -j1(z) if dim == 2 else -spherical_jn(1, z)


def ball(dim: int, radius: float, points: int = POINTS) -> tuple[np.ndarray, float]:
    """Points (P, d) of equal weight in a ball, and that weight: midpoints of polar coordinates.

    Examples
    --------
    >>> x, weight = ball(2, 2.0)
    >>> x.shape, round(weight * len(x), 6)      # area 4 pi
    ((4096, 2), 12.566371)
    """
    n = round(points ** (1 / dim))
    s = (np.arange(n) + 0.5) / n
    if dim == 1:
        return radius * (2 * s - 1)[:, None], 2 * radius / n
    if dim == 2:
        r, q = np.meshgrid(radius * np.sqrt(s), 2 * np.pi * s, indexing="ij")
        return np.stack([r * np.cos(q), r * np.sin(q)], -1).reshape(-1, 2), np.pi * radius**2 / n**2
    if dim == 3:
        r, z, q = np.meshgrid(radius * np.cbrt(s), 2 * s - 1, 2 * np.pi * s, indexing="ij")
        rho = np.sqrt(1 - z**2)
        return (np.stack([rho * np.cos(q), rho * np.sin(q), z], -1) * r[..., None]).reshape(-1, 3), (
            4 / 3 * np.pi * radius**3 / n**3)
    raise ValueError(f"dim = {dim}: expected 1, 2 or 3")


@dataclass(frozen=True)
class Problem:
    """A wave with initial data of a known measure, on the unit ball up to time `until`.

    ``u_0 = L(k r) + const`` and ``v_0 = L(k_v r) + const`` with r = abs(x) and L the mean of ``cos(w . x)`` over unit
    w: cosine, Bessel's J_0, sinc for d = 1, 2, 3.

    Attributes
    ----------
    dim : int
    c : float
        Speed.
    until : float
        Last time T; the data are given on the ball of radius 1 + c T.
    k, k_v : float
        Wave numbers of initial value and velocity; ``k_v = 0`` for no velocity.

    Examples
    --------
    >>> problem = Problem(dim=2)
    >>> u0, _ = problem.draw(1024, seed=0)
    >>> x, _ = ball(2, 1.0)
    >>> bool(abs(u0(x) - problem.exact(x, 0.0)[0]).mean() < 0.2 * abs(u0(x)).mean())
    True
    """

    dim: int
    c: float = 1.0
    until: float = 0.5
    k: float = 6.0
    k_v: float = 4.0

    @property
    def reach(self) -> float:
        """B: every ``w . x + b +- c t`` that matters has ``abs(w . x +- c t) <= B``."""
        return 1.0 + self.c * self.until

    def directions(self, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Directions (m, d) and offsets (m,) from points q (m, d) of the unit cube, measure to measure."""
        if self.dim == 1:
            sign = np.where(q[:, 0] < 0.5, 1.0, -1.0)
            return sign[:, None], self.reach * (2 * ((2 * q[:, 0]) % 1) - 1)
        b = self.reach * (2 * q[:, -1] - 1)
        angle = 2 * np.pi * q[:, 0]
        if self.dim == 2:
            return np.stack([np.cos(angle), np.sin(angle)], 1), b
        z = 2 * q[:, 1] - 1
        rho = np.sqrt(1 - z**2)
        return np.stack([rho * np.cos(angle), rho * np.sin(angle), z], 1), b

    def draw(self, m: int, seed: int, stratified: bool = True) -> tuple[Ridges, Ridges | None]:
        """Initial value and velocity as sums of m sampled ridges each, as in (3.17).

        Raises
        ------
        ValueError
            If m is not a power of two, for stratified draws: its cells are products of halvings.
        """
        rng = np.random.default_rng(seed)
        found = []
        for _ in range(2):
            q = rng.random((m, self.dim))
            if stratified:
                exponent = m.bit_length() - 1
                if m != 2**exponent:
                    raise ValueError(f"m = {m}: expected a power of two")
                counts = [2 ** ((exponent + i) // self.dim) for i in range(self.dim)]
                cells = np.stack(np.unravel_index(np.arange(m), counts), 1)
                q = (cells + q) / counts
            found.append(self.directions(q))
        (w, b), (w_v, b_v) = found
        scale = 2 * self.reach / m
        u0 = Ridges(-scale * self.k**2 * np.cos(self.k * b), w, b)
        v0 = Ridges(scale * self.k_v * np.sin(self.k_v * b_v), w_v, b_v) if self.k_v else None
        return u0, v0

    def exact(self, x: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Values (P,), gradient (P, d) and time derivative (P,) of the exact solution at x (P, d)."""
        r, k, k_v, c, B = np.linalg.norm(x, axis=1), self.k, self.k_v, self.c, self.reach
        unit = x / np.where(r > 0, r, 1)[:, None]
        u = _cosine_mean(self.dim, k * r) * np.cos(k * c * t) - k * B * np.sin(k * B) - np.cos(k * B)
        slope = k * _cosine_mean_slope(self.dim, k * r) * np.cos(k * c * t)
        rate = -k * c * _cosine_mean(self.dim, k * r) * np.sin(k * c * t)
        if k_v:
            wave = _cosine_mean(self.dim, k_v * r)
            u = u + wave * np.sin(k_v * c * t) / (k_v * c) - t * np.cos(k_v * B)
            slope = slope + _cosine_mean_slope(self.dim, k_v * r) * np.sin(k_v * c * t) / c
            rate = rate + wave * np.cos(k_v * c * t) - np.cos(k_v * B)
        return u, slope[:, None] * unit, rate


def solution(u0: Ridges, v0: Ridges | None, c: float, x: np.ndarray, t: float) -> tuple[np.ndarray, ...]:
    """Value, gradient and time derivative of the sum of plane waves (A.11), as `constructions.wave` has it, at x."""
    found = np.zeros((len(x), x.shape[1] + 2))  # value, gradient, rate
    for ridges, order in ((u0, 1), (v0, 0)):
        if ridges is None:
            continue
        slopes = ridges.a[:, None] * ridges.w  # (m, d)
        for part in np.array_split(np.arange(len(x)), max(1, len(x) * len(ridges) // 2**19)):  # fits the cache
            z = x[part] @ ridges.w.T + ridges.b
            for side in (1.0, -1.0):
                step = (z > -side * c * t).astype(float)
                columns = np.column_stack([ridges.a * (ridges.b + side * c * t), slopes, ridges.a])
                sums = step @ columns
                sums[:, 0] += (x[part] * sums[:, 1:-1]).sum(1)  # sigma(z) = z [z > 0]
                sums[:, -1] *= side * c
                found[part] += (0.5 if order else side / (2 * c)) * sums
    return found[:, 0], found[:, 1:-1], found[:, -1]


def wave_errors(problem: Problem, m: int, seed: int, stratified: bool, times: Sequence[float]) -> dict[str, float]:
    """Errors of a draw of 2 m ridges, network width 4 m: largest over the times of the norms in (3.13).

    Returns
    -------
    dict
        "h1": of ``u_M - u`` in H^1 of the unit ball; "ut": of its time derivative in L^2; "l2": of ``u_M - u`` in L^2.

    Examples
    --------
    >>> few, many = (wave_errors(Problem(dim=1), m, 0, True, [0.5])["h1"] for m in (16, 256))
    >>> many < few / 8      # rate 1 and more
    True
    """
    u0, v0 = problem.draw(m, seed, stratified)
    x, weight = ball(problem.dim, 1.0)
    worst = {"h1": 0.0, "ut": 0.0, "l2": 0.0}
    for t in times:
        e, g, r = (a - b for a, b in zip(solution(u0, v0, problem.c, x, t), problem.exact(x, t), strict=True))
        found = {"h1": (e**2).sum() + (g**2).sum(), "ut": (r**2).sum(), "l2": (e**2).sum()}
        worst = {name: max(worst[name], float(np.sqrt(weight * found[name]))) for name in worst}
    return worst


def advection_error(problem: Problem, m: int, seed: int, stratified: bool, times: Sequence[float]) -> float:
    """Error in L^2 of the unit ball, largest over the times, of m ridges advected along the first axis with speed c."""
    u0, _ = problem.draw(m, seed, stratified)
    x, weight = ball(problem.dim, 1.0)
    shift = problem.c * np.eye(problem.dim)[0]
    return max(float(np.sqrt(weight * ((u0(x - t * shift) - problem.exact(x - t * shift, 0.0)[0]) ** 2).sum()))
               for t in times)


def energies(problem: Problem, m: int, seed: int, times: Sequence[float]) -> dict[str, list[float]]:
    """Energy of ``u_M - u`` over the shrinking ball of radius 1 + c (T - t), of a stratified draw (3.20).

    Returns
    -------
    dict
        "printed": as (3.20) has it; "right": with c^2 before the gradient term.
    """
    u0, v0 = problem.draw(m, seed)
    found: dict[str, list[float]] = {"printed": [], "right": []}
    for t in times:
        x, weight = ball(problem.dim, 1.0 + problem.c * (problem.until - t))
        _, g, r = (a - b for a, b in zip(solution(u0, v0, problem.c, x, t), problem.exact(x, t), strict=True))
        potential, kinetic = (0.5 * weight * float((part**2).sum()) for part in (g, r))
        found["printed"].append(potential + kinetic)
        found["right"].append(problem.c**2 * potential + kinetic)
    return found


def slope(sizes: Sequence[int], errors: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """Exponent of M in the root mean square error over the draws, with a 95 % interval by bootstrap over the draws.

    Parameters
    ----------
    sizes : (K,)
    errors : array (K, draws)

    Examples
    --------
    >>> [round(v, 3) for v in slope([4, 8, 16], np.array([[1.0, 1.0], [0.5, 0.5], [0.25, 0.25]]))]
    [-1.0, -1.0, -1.0]
    """
    squares, x = np.asarray(errors, dtype=float) ** 2, np.log(sizes)
    weights = (x - x.mean()) / ((x - x.mean()) ** 2).sum()  # of a line's slope
    draws = np.random.default_rng(seed).integers(0, squares.shape[1], (400, *squares.shape))
    again = 0.5 * np.log(np.take_along_axis(squares[None], draws, 2).mean(2)) @ weights
    low, high = np.quantile(again, [0.025, 0.975])
    return float(0.5 * np.log(squares.mean(1)) @ weights), float(low), float(high)


def gaussian_profile(dim: int, beta):
    """Profile g with ``mean over unit w of g(w . x) = exp(-abs(x)^2 / 2)``: the inverse Radon transform, d = 2, 3."""
    beta = np.asarray(beta, dtype=float)
    if dim == 2:
        return 1 - np.sqrt(2) * beta * dawsn(beta / np.sqrt(2))
    if dim == 3:
        return (1 - beta**2) * np.exp(-(beta**2) / 2)
    raise ValueError(f"dim = {dim}: expected 2 or 3")


def gaussian_wave(dim: int, x: np.ndarray, t: float) -> np.ndarray:
    """Exact solution with c = 1, ``u_0 = exp(-abs(x)^2 / 2)`` and v_0 = 0 at x (P, d), d = 2, 3."""
    r = np.linalg.norm(x, axis=1)
    if dim == 3:
        r = np.maximum(r, 1e-6)
        return sum((r + s) * np.exp(-((r + s) ** 2) / 2) for s in (t, -t)) / (2 * r)
    rho, weights = np.polynomial.legendre.leggauss(80)
    rho, weights = 6 * (rho + 1), 6 * weights
    return j0(r[:, None] * rho) @ (weights * rho * np.exp(-(rho**2) / 2) * np.cos(rho * t))


def gaussian_rows(dim: int, offsets: int, directions: int, low: float, high: float) -> tuple[np.ndarray, ...]:
    """Rows a, w, b, speed of one-way plane waves whose sum is the Gaussian's evolution with c = 1.

    Directions w come with -w, so the mean of ``g(w . x - t)`` alone is the solution: nothing is doubled. Each profile g
    is a sum of `offsets` ReLUs on (low, high), with amplitudes h g'', which make the error of a line through the
    nodes vanish on the mean; nodes are staggered from direction to direction.

    Parameters
    ----------
    offsets : int
        Neurons a direction.
    directions : int
        Circle: number of directions, even. Sphere: 2 n^2 with n Gauss nodes of z and 2 n angles.
    """
    if dim == 2:
        angle = 2 * np.pi * np.arange(directions) / directions
        w, weights = np.stack([np.cos(angle), np.sin(angle)], 1), np.full(directions, 1 / directions)
    else:
        n = round(np.sqrt(directions / 2))
        z, gauss = np.polynomial.legendre.leggauss(n)
        z, angle = (v.ravel() for v in np.meshgrid(z, np.pi * np.arange(2 * n) / n, indexing="ij"))
        w = np.stack([np.sqrt(1 - z**2) * np.cos(angle), np.sqrt(1 - z**2) * np.sin(angle), z], 1)
        weights = np.repeat(gauss / 2, 2 * n) / (2 * n)
    h = (high - low) / (offsets - 3)
    rows = []

    def g(z):
        return gaussian_profile(dim, z)

    e = 1e-3  # step of the differences
    for i, (direction, weight) in enumerate(zip(w, weights, strict=True)):
        start = low + h * ((i * 0.618) % 1 - 1)  # a step up to g(start), then slope g'(start), then midpoints
        beta = start + h * (np.arange(offsets - 2) + 0.5)
        value, first = float(g(start)), float(g(start + e) - g(start - e)) / (2 * e)
        second = (g(beta + e) - 2 * g(beta) + g(beta - e)) / e**2
        a = weight * np.concatenate([[value, first - value], h * second])
        nodes = np.concatenate([[start - 1, start], beta])
        rows.append((a, np.tile(direction, (offsets, 1)), -nodes, np.full(offsets, -1.0)))
    return tuple(np.concatenate(column) for column in zip(*rows, strict=True))
