"""The networks of chapters 01 and A, what they do measured, and rows of the record "benchmark-constructions"."""

from __future__ import annotations

from functools import cache

import numpy as np

from lrnrbook.layers import Ranks
from lrnrbook.model import MetaNetwork
from study.ledger.records import load_measurement
from study.ledger.verdicts import Missing
from study.theory import barron, entropy
from study.theory.conservation import FLUXES, PROFILES, track
from study.theory.constructions import (
    Ridges,
    advection,
    away_from_kinks,
    dalembert,
    interpolant,
    plane_waves,
    random_ridges,
    residual,
    steps,
    values,
    wave,
)

RECORD = "benchmark-constructions"
NODES = np.array([0.1, 0.2, 0.25, 0.45, 0.6])  # of the piecewise linear u0
VALUES = np.array([0.0, 1.0, 0.3, 0.8, 0.0])
VELOCITY = np.array([1.0, -2.0, 0.5])  # v0 between the last four nodes
SIZES = tuple(2**k for k in range(4, 13))  # widths that the rates are fitted over


def row(key: str):
    """A row of the record."""
    found = load_measurement(RECORD)["rows"].get(key)
    if found is None:
        raise Missing(key)
    return found


def line_value(x):
    """Piecewise linear u0 in one dimension."""
    return np.interp(x, NODES, VALUES)


def line_primitive(x):
    """Antiderivative of the piecewise constant v0."""
    return np.interp(x, NODES[1:], np.concatenate([[0], np.cumsum(VELOCITY * np.diff(NODES[1:]))]))


DIRECTIONS = np.array([[1.0, 0.0], [0.6, 0.8], [-0.8, 0.6]])
DRIFT = np.array([0.5, -0.25])


def plane_sum(profile: Ridges) -> Ridges:
    """The 1d profile along three directions of the plane, added up."""
    return profile.along(DIRECTIONS[0]) + profile.along(DIRECTIONS[1]) + profile.along(DIRECTIONS[2])


@cache
def archetypes() -> dict[str, MetaNetwork]:
    """The four problems of Fig. 1 that Theorems 3.2 and 3.3 are about."""
    u0, v0, line, square = interpolant(NODES, VALUES), steps(NODES[1:], VELOCITY), [(-1.0, 2.0)], [(-1.0, 1.0)] * 2
    return {"1d wave": wave(u0, v0, 1.0, line, 1.0), "1d advection": advection(u0, [0.8], line, 1.0),
            "2d wave": wave(plane_sum(u0), plane_sum(v0), 1.0, square, 1.0),
            "2d advection": advection(plane_sum(u0), DRIFT, square, 1.0)}


@cache
def theorems() -> dict[str, MetaNetwork]:
    """Every network of the theorems in chapters 01 and A."""
    found = dict(archetypes())
    for dim in (1, 2, 3):
        u0, v0 = random_ridges(8, dim, 0), random_ridges(8, dim, 1)
        found[f"random sum, {dim}d wave"] = wave(u0, v0, 1.0, [(-1, 1)] * dim, 0.5)
    for dim in (2, 3):
        found[f"Gaussian, {dim}d"] = gaussian_network(dim)
    for name, flux in FLUXES.items():
        until = 0.7 if name == "burgers" else 0.35
        for kind, data in PROFILES.items():
            found[f"{name}, {kind}, fronts"] = entropy.front_network(track(flux, data, 0.1, until), until)
        found[f"{name}, particles"] = entropy.particle_network(
            entropy.particles(flux, PROFILES["mergers"], 20, until, 300), until)
    return found


@cache
def gaussian_network(dim: int) -> MetaNetwork:
    """Gaussian in 2 or 3 dimensions and its evolution, about 2^12 neurons on the ball of radius 2 up to t = 1."""
    offsets, directions = {2: (128, 32), 3: (56, 72)}[dim]
    return plane_waves(*barron.gaussian_rows(dim, offsets, directions, -3.0, 2.0), [(-2.0, 2.0)] * dim, 1.0)


def formula_error(name: str, times: int = 20) -> float:
    """Largest error of an archetype against d'Alembert's formula or the moved initial value."""
    model, t = archetypes()[name], np.linspace(0, 1, times)
    if name.startswith("1d"):
        x = np.linspace(-1, 2, 901)
        exact = dalembert(x, t[:, None], 1.0, line_value, line_primitive) if name == "1d wave" else (
            line_value(x - 0.8 * t[:, None]))
    else:
        x = np.stack(np.meshgrid(*[np.linspace(-1, 1, 41)] * 2), -1).reshape(-1, 2)
        if name == "2d wave":
            exact = sum(dalembert(x @ w, t[:, None], 1.0, line_value, line_primitive) for w in DIRECTIONS)
        else:
            exact = sum(line_value(x @ w - t[:, None] * (w @ DRIFT)) for w in DIRECTIONS)
    return float(np.abs(values(model, x, t) - exact).max())


def wave_test(dim: int, c: float = 1.5, build=wave) -> dict[str, float]:
    """Initial value, initial velocity and residual of a random sum, off kinks: largest errors."""
    u0, v0 = random_ridges(8, dim, 0), random_ridges(8, dim, 1)
    model, t, h = build(u0, v0, c, [(-1, 1)] * dim, 0.5), 0.3, 1e-3
    x = np.random.default_rng(dim).uniform(-0.9, 0.9, (600, dim))
    start, later = (away_from_kinks([u0, v0], x, shift, 5e-3) for shift in (0.0, c * t))
    rate = (values(model, x, h) - values(model, x, 0.0)) / h  # exact off kinks, since all is piecewise linear
    return {"u(0)": float(np.abs(values(model, x, 0.0) - u0(x)).max()),
            "u_t(0)": float(np.abs(rate - v0(x, power=0))[start].max()),
            "residual": float(np.abs(residual(lambda y, s: values(model, y, s), x, t, c))[later].max()),
            "points": int(min(start.sum(), later.sum())), "count": model.ranks.total,
            "ranks": model.ranks == Ranks((dim, 1), (2, 0))}


def rate(dim: int, method: str, name: str, sizes=SIZES) -> tuple[float, float, float]:
    """Exponent of the width in a sampling error, with its 95 % interval, from the record."""
    rows = [row(f"sampling | {dim} | {method} | {size.bit_length() - 1}")[name] for size in sizes]
    draws = min(len(r) for r in rows)
    return barron.slope(sizes, np.array([r[:draws] for r in rows]))


def energy(dim: int, c: int, velocity: bool) -> dict[str, np.ndarray]:
    """E(t) / E(0) at 41 times, of the energy as printed and of the right one, from the record."""
    found = row(f"energy | {dim} | {c} | {velocity}")
    return {kind: np.array(found[kind]) / found[kind][0] for kind in ("printed", "right")}


def advection_test(dim: int) -> dict[str, float]:
    """Initial value and residual ``u_t + velocity . grad u`` of a random sum, off kinks: largest errors."""
    u0, velocity, h = random_ridges(8, dim, 0), np.array([0.8, -0.5, 0.3])[:dim], 1e-3
    model = advection(u0, velocity, [(-1, 1)] * dim, 0.5)
    x, t = np.random.default_rng(dim).uniform(-0.9, 0.9, (600, dim)), 0.3
    z = (x - t * velocity) @ u0.w.T + u0.b
    far = (np.abs(z) > 5e-3).all(1)
    found = (values(model, x, t + h) - values(model, x, t - h)) / (2 * h)
    for e, speed in zip(np.eye(dim), velocity, strict=True):
        found = found + speed * (values(model, x + h * e, t) - values(model, x - h * e, t)) / (2 * h)
    return {"u(0)": float(np.abs(values(model, x, 0.0) - u0(x)).max()), "residual": float(np.abs(found)[far].max()),
            "count": model.ranks.total, "ranks": model.ranks == Ranks((dim, 1), (2, 0))}


def entropy_slope(rows: list[dict]) -> float:
    """Exponent of the width in the L1 error, largest over the times."""
    return float(np.polyfit(np.log([r["width"] for r in rows]), np.log([r["error"] for r in rows]), 1)[0])


def learned(name: str, theorem: str, activation: str) -> list[dict]:
    """Trained networks in the record, a row a seed."""
    rows = load_measurement(RECORD)["rows"]
    keys = [f"learned | {name} | {theorem} | {activation} | {seed}" for seed in range(5)]
    return [rows[key] for key in keys if key in rows]


def plane_wave_test(dim: int, c: float = 1.5) -> dict[str, float]:
    """Formula (A.8) with smooth profiles: relative residual, errors of u(0) and u_t(0)."""
    w = random_ridges(5, dim, 3).w

    def u(x, t):
        return sum(dalembert(x @ d, t, c, lambda z, k=k: np.cos(k * z + 1), lambda z, k=k: np.sin(k * z) / k)
                   for k, d in enumerate(w, start=1))

    x = np.random.default_rng(dim).uniform(-1, 1, (300, dim))
    size = sum(k**2 for k in range(1, 6)) * c**2
    h = 1e-3
    rate = (8 * (u(x, h) - u(x, -h)) - (u(x, 2 * h) - u(x, -2 * h))) / (12 * h)
    g, v = (sum(f(k * (x @ d)) for k, d in enumerate(w, start=1)) for f in (lambda z: np.cos(z + 1), np.cos))
    return {"residual": float(np.abs(residual(u, x, 0.3, c, 3e-4)).max() / size),
            "u(0)": float(np.abs(u(x, 0.0) - g).max()), "u_t(0)": float(np.abs(rate - v).max())}


def gaussian_errors(dim: int, times=(0.0, 0.25, 0.5, 0.75, 1.0)) -> np.ndarray:
    """L2 errors of the Gaussian's network on the ball of radius 2 over the norm of u0, at the times."""
    x, _ = barron.ball(dim, 2.0, 1000)
    model = gaussian_network(dim)
    exact = np.array([barron.gaussian_wave(dim, x, t) for t in times])
    return np.linalg.norm(values(model, x, np.array(times)) - exact, axis=1) / np.linalg.norm(exact[0])
