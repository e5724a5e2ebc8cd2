"""Waves and advection built by hand: closed forms, exact ranks, residuals, what Def. 2.1 allows, bad input."""

import numpy as np
import pytest
import torch

import lrnrbook as lb
from study.theory.constructions import (
    Ridges,
    advection,
    away_from_kinks,
    dalembert,
    interpolant,
    plane_waves,
    printed_wave,
    random_ridges,
    residual,
    steps,
    values,
    wave,
)

X = np.array([0.1, 0.2, 0.25, 0.5, 0.6])
U = np.array([0.0, 1.0, 0.3, 0.8, 0.0])
V = np.array([1.0, -2.0, 0.5])  # on X[1:]


def test_sums_of_relus_and_steps_are_the_functions_they_stand_for():
    x = np.linspace(-0.3, 1.3, 501)
    assert np.allclose(interpolant(X, U)(x[:, None]), np.interp(x, X, U), atol=1e-13)
    inside = steps(X[1:], V)(x[:, None], power=0)
    assert np.allclose(inside, np.select([(x > a) & (x <= b) for a, b in zip(X[1:], X[2:], strict=False)], V, 0.0))


@pytest.mark.parametrize("c", [1.0, 2.0])
def test_the_1d_wave_is_dalemberts(c):
    model = wave(interpolant(X, U), steps(X[1:], V), c, [(-2, 3)], until=1.0)
    assert model.ranks == lb.Ranks((1, 1), (2, 0)) and model.ranks.total == 4
    x, t = np.linspace(-2, 3, 701), np.linspace(0, 1, 20)

    def primitive(z):  # of the piecewise constant velocity
        return np.interp(z, X[1:], np.concatenate([[0], np.cumsum(V * np.diff(X[1:]))]))

    exact = dalembert(x, t[:, None], c, lambda z: np.interp(z, X, U), primitive)
    assert np.abs(values(model, x, t) - exact).max() < 1e-12


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_waves_have_the_ranks_of_the_theorem_and_solve_the_problem(dim):
    c, u0, v0 = 1.5, random_ridges(6, dim, 1), random_ridges(5, dim, 2)
    model = wave(u0, v0, c, [(-1, 1)] * dim, until=0.5)
    assert model.ranks == lb.Ranks((dim, 1), (2, 0)) and model.ranks.total == dim + 3
    assert max(model.lrnr.dims) == 2 * (len(u0) + len(v0))
    x = np.random.default_rng(3).uniform(-0.9, 0.9, (300, dim))
    assert np.abs(values(model, x, 0.0) - u0(x)).max() < 1e-12
    far = away_from_kinks([u0, v0], x, 0.0, 0.01)
    rate = (values(model, x, 1e-3) - u0(x)) / 1e-3
    assert far.sum() > 100 and np.abs(rate - v0(x, power=0))[far].max() < 1e-10
    far = away_from_kinks([u0, v0], x, c * 0.3, 0.01)
    assert np.abs(residual(lambda y, t: values(model, y, t), x, 0.3, c))[far].max() < 1e-6


@pytest.mark.parametrize("c", [1.0, 2.0])
def test_the_velocity_part_as_printed_solves_another_problem(c):
    u0, v0 = random_ridges(4, 2, 1), random_ridges(4, 2, 2)
    x = np.random.default_rng(0).uniform(-0.5, 0.5, (200, 2))
    wrong = printed_wave(u0, v0, c, [(-1, 1)] * 2, until=0.5)
    assert np.abs(values(wrong, x, 0.0) - u0(x)).max() > 0.1  # even the initial value is off, by a ReLU sum of v0


@pytest.mark.parametrize(("dim", "velocity"), [(1, [0.8]), (2, [0.5, -1.0]), (3, [0.2, 0.3, -0.4])])
def test_advection_moves_the_initial_value(dim, velocity):
    u0 = random_ridges(7, dim, 4)
    model = advection(u0, velocity, [(-1, 1)] * dim, until=0.5)
    x = np.random.default_rng(3).uniform(-1, 1, (200, dim))
    assert model.ranks == lb.Ranks((dim, 1), (2, 0))
    for t in (0.0, 0.2, 0.5):
        assert np.abs(values(model, x, t) - u0(x - t * np.array(velocity))).max() < 1e-12


def test_mass_is_conserved_while_the_wave_stays_inside():
    model = wave(interpolant(X, U), None, 1.0, [(-2, 3)], until=1.0)
    x = -2 + 5 * (np.arange(50_000) + 0.5) / 50_000
    mass = values(model, x, np.array([0.0, 0.4, 1.0])).mean(1) * 5
    assert np.allclose(mass, np.trapezoid(U, X), atol=1e-6)


@pytest.mark.parametrize("dim", [1, 3])
def test_coefficients_are_constant_or_linear_in_time(dim):
    s = wave(random_ridges(3, dim, 0), None, 1.0, [(-1, 1)] * dim, until=2.0).coefficients(np.linspace(0, 2, 101))
    assert np.abs(np.diff(s.numpy(), 2, axis=0)).max() <= 1e-12 * float(s.abs().max())
    assert torch.allclose(s[:, dim + 1], torch.linspace(0, 2, 101, dtype=torch.float64))


def test_every_matrix_of_a_wave_is_of_rank_one_or_sparse():
    sums = random_ridges(9, 3, 0), random_ridges(8, 3, 1)
    model = wave(*sums, 1.0, [(-1, 1)] * 3, until=1.0)
    for layer in model.lrnr.layers:
        for i in range(layer.ranks[0]):
            alone = torch.eye(layer.ranks[0], dtype=torch.float64)[i]
            assert np.linalg.matrix_rank(layer.weight(alone).numpy()) == 1
    sparse = wave(*sums, 1.0, [(-1, 1)] * 3, until=1.0, sparse=True)
    assert sparse.ranks.total == 4  # "sparse" has no bound in Def. 2.1: the count would not depend on d
    x = np.random.default_rng(0).uniform(-1, 1, (50, 3))
    assert np.allclose(values(sparse, x, 0.7), values(model, x, 0.7), atol=1e-12)


def test_a_built_network_can_be_compressed_but_not_saved(tmp_path):
    model = wave(interpolant(X, U), None, 1.0, [(-1, 2)], until=1.0)
    t = np.linspace(0, 1, 15)
    fast = lb.FastLRNR.build(model, [[0.3], [0.9]], rank=7, times=t)
    assert torch.allclose(fast(t), model(fast.x, t), atol=1e-9)
    with pytest.raises(ValueError, match="holds no code"):
        lb.save(model, tmp_path / "wave.safetensors")
    sparse = wave(interpolant(X, U), None, 1.0, [(-1, 2)], until=1.0, sparse=True)
    with pytest.raises(ValueError, match="SparseLayer"):
        lb.FastLRNR.build(sparse, [[0.3]], rank=4, times=t)


def test_bad_input_is_a_sentence():
    line = interpolant(X, U)
    with pytest.raises(ValueError, match="norm 2"):
        Ridges([1.0], [[2.0]], [0.0])
    with pytest.raises(ValueError, match="expected \\(m,\\), \\(m, d\\)"):
        Ridges([1.0, 2.0], [[1.0]], [0.0])
    with pytest.raises(ValueError, match="begins with 1"):
        interpolant([0, 1], [1, 0])
    with pytest.raises(ValueError, match="increasing"):
        interpolant([1, 0], [0, 1])
    with pytest.raises(ValueError, match="k - 1"):
        steps([0, 1], [1, 2])
    with pytest.raises(ValueError, match="c = 0"):
        wave(line, None, 0.0, [(0, 1)], 1.0)
    with pytest.raises(ValueError, match="1 dimensions and v0 has 2"):
        wave(line, random_ridges(2, 2, 0), 1.0, [(0, 1)], 1.0)
    with pytest.raises(ValueError, match="1 pairs"):
        wave(line, None, 1.0, [(1, 0)], 1.0)
    with pytest.raises(ValueError, match="until = 0"):
        wave(line, None, 1.0, [(0, 1)], 0.0)
    with pytest.raises(ValueError, match="velocity has shape"):
        advection(line, [1.0, 2.0], [(0, 1)], 1.0)
    with pytest.raises(ValueError, match="lives in 2"):
        random_ridges(2, 2, 0).along([1.0, 0.0])
    with pytest.raises(ValueError, match=r"\(1, 3\): expected"):
        plane_waves([1.0], [[1.0]], [0.0], [1.0], [(0, 1)], 1.0).evaluate([0.5], torch.ones(3))
