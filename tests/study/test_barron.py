"""Sampling of Barron functions: measures, exact solutions, rates, energy, the Gaussian's ridges."""

import numpy as np
import pytest

from study.theory.barron import (
    Problem,
    advection_error,
    ball,
    energies,
    gaussian_profile,
    gaussian_rows,
    gaussian_wave,
    slope,
    solution,
    wave_errors,
)
from study.theory.constructions import residual, values, wave


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_the_quadrature_integrates_over_the_ball(dim):
    x, weight = ball(dim, 1.5)
    volume = {1: 3.0, 2: np.pi * 1.5**2, 3: 4 / 3 * np.pi * 1.5**3}[dim]
    assert len(x) <= 4096 and np.isclose(weight * len(x), volume)
    assert np.isclose(weight * (x**2).sum(), volume * dim / (dim + 2) * 1.5**2, rtol=0.01)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_the_exact_solution_solves_the_wave_equation_and_its_derivatives_are_right(dim):
    problem, x = Problem(dim, c=1.3), ball(dim, 1.0, 216)[0]
    t, h = 0.2, 1e-4
    u, gradient, rate = problem.exact(x, t)
    assert np.abs(residual(lambda y, s: problem.exact(y, s)[0], x, t, 1.3)).max() < 1e-2
    assert np.allclose((problem.exact(x, t + h)[0] - problem.exact(x, t - h)[0]) / (2 * h), rate, atol=1e-5)
    for e, g in zip(np.eye(dim), gradient.T, strict=True):
        assert np.allclose((problem.exact(x + h * e, t)[0] - problem.exact(x - h * e, t)[0]) / (2 * h), g, atol=1e-5)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_many_draws_average_to_the_exact_solution(dim):
    problem, (x, _) = Problem(dim), ball(dim, 1.0, 64)
    draws = np.array([solution(*problem.draw(512, seed), 1.0, x, 0.3)[0] for seed in range(60)])
    off = np.abs(draws.mean(0) - problem.exact(x, 0.3)[0])
    assert (off < 5 * draws.std(0) / np.sqrt(60) + 1e-12).all()


@pytest.mark.parametrize("dim", [1, 2])
def test_the_sum_is_the_network(dim):
    problem, (x, _) = Problem(dim, c=2.0, until=0.25), ball(dim, 1.0, 256)
    u0, v0 = problem.draw(32, 0)
    model = wave(u0, v0, 2.0, [(-1, 1)] * dim, 0.25)
    assert np.allclose(values(model, x, 0.2), solution(u0, v0, 2.0, x, 0.2)[0], atol=1e-11)
    assert model.ranks.total == dim + 3 and max(model.lrnr.dims) == 4 * 32


@pytest.mark.parametrize(("dim", "stratified", "rate"), [(1, True, 1.0), (2, True, 0.75), (1, False, 0.5)])
def test_rates_of_sampling(dim, stratified, rate):
    sizes = [16, 64, 256]
    rows = [[wave_errors(Problem(dim), m, seed, stratified, [0.3]) for seed in range(8)] for m in sizes]
    for name in ("h1", "ut"):
        found, low, high = slope(sizes, np.array([[row[name] for row in draws] for draws in rows]))
        assert low <= found <= high and -rate - 0.45 < found < -rate + 0.15  # steeper at first, in one dimension


def test_advection_is_sampled_at_the_steeper_rate():
    errors = np.array([[advection_error(Problem(1), m, seed, True, [0.2]) for seed in range(8)] for m in (16, 64, 256)])
    assert slope([16, 64, 256], errors)[0] < -1.3  # 1/2 + 1/d


def test_the_energy_as_printed_grows_and_the_right_one_does_not():
    for c in (1.0, 2.0):
        found = energies(Problem(1, c, 0.5 / c), 64, 0, np.linspace(0, 0.5 / c, 11))
        assert max(found["right"]) <= 1.02 * found["right"][0]
        assert (max(found["printed"]) > 1.3 * found["printed"][0]) == (c == 2.0)


@pytest.mark.parametrize("dim", [2, 3])
def test_the_gaussian_is_the_mean_of_its_ridges(dim):
    z = np.random.default_rng(0).normal(size=(200_000, dim))
    w = z / np.linalg.norm(z, axis=1, keepdims=True)
    for x in (np.zeros(dim), np.full(dim, 0.7)):
        mean = gaussian_profile(dim, w @ x)
        assert abs(mean.mean() - np.exp(-(x @ x) / 2)) <= 5 * mean.std() / 400 + 1e-12
    x = ball(dim, 2.0, 300)[0]
    assert np.abs(residual(lambda y, t: gaussian_wave(dim, y, t), x, 0.6, 1.0)).max() < 1e-4
    a, w, b, speed = gaussian_rows(dim, 64, 32, -3.0, 2.0)
    for t in (0.0, 1.0):
        assert np.abs(np.maximum(x @ w.T + b + speed * t, 0) @ a - gaussian_wave(dim, x, t)).max() < 0.02


def test_bad_input_is_a_sentence():
    with pytest.raises(ValueError, match="m = 12"):
        Problem(1).draw(12, 0)
    with pytest.raises(ValueError, match="dim = 4"):
        ball(4, 1.0)
    with pytest.raises(ValueError, match="expected 2 or 3"):
        gaussian_profile(1, 0.0)
