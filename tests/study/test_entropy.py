"""Entropy solutions: Lax-Oleinik and front tracking on known solutions, and the networks made of them."""

import numpy as np
import pytest
import torch

import lrnrbook as lb
from study.theory.conservation import FLUXES, PROFILES, Fronts, Profile, lax_oleinik, track
from study.theory.constructions import values
from study.theory.entropy import dilation_strip, film_strip, front_network, particle_network, particles

X = (np.arange(1024) + 0.5) / 1024
BURGERS = FLUXES["burgers"]
UNTIL = {"burgers": 0.7, "quartic": 0.35}
BOX = Profile.of([0.1, 0.1, 0.3, 0.3], [0, 1, 1, 0])


def box_solution(x, t):
    """Burgers with u_0 = 1 on (0.1, 0.3), before the rarefaction reaches the shock at t = 0.4."""
    return np.where(x < 0.1, 0, np.where(x < 0.1 + t, (x - 0.1) / t, np.where(x < 0.3 + t / 2, 1.0, 0.0)))


@pytest.mark.parametrize("name", FLUXES)
def test_fluxes_are_convex_and_their_conjugates_right(name):
    flux, u = FLUXES[name], np.linspace(-2, 2, 41)
    assert np.allclose(flux.inverse(flux.speed(u)), u, atol=1e-12) and (np.diff(flux.speed(u)) > 0).all()
    assert np.allclose(np.gradient(flux.value(u), u)[1:-1], flux.speed(u)[1:-1], atol=0.02)
    v = flux.speed(0.7)
    assert np.isclose(flux.legendre(v), np.max(np.linspace(-2, 2, 4001) * v - flux.value(np.linspace(-2, 2, 4001))))


def test_lax_oleinik_finds_a_shock_and_a_rarefaction():
    for t in (0.1, 0.35):
        away = np.abs(X - 0.3 - t / 2) > 1e-3
        assert np.abs(lax_oleinik(BURGERS, BOX, X, t) - box_solution(X, t))[away].max() < 1e-6


def test_lax_oleinik_follows_characteristics_while_they_do_not_cross():
    flux, data = FLUXES["quartic"], PROFILES["wave"]
    y = np.linspace(0.3, 0.42, 30)
    assert np.allclose(lax_oleinik(flux, data, y + 0.01 * flux.speed(data(y)), 0.01), data(y), atol=1e-5)


@pytest.mark.parametrize("flux", FLUXES)
@pytest.mark.parametrize("data", PROFILES)
def test_tracking_converges_to_lax_oleinik_at_first_order_and_conserves_mass(flux, data):
    flux, profile, t = FLUXES[flux], PROFILES[data], UNTIL[flux]
    exact = lax_oleinik(flux, profile, X, t, 1500)
    found = [track(flux, profile, delta, t + 0.01) for delta in (0.1, 0.05, 0.025)]
    errors = [np.abs(f(X, t) - exact).mean() for f in found]
    assert errors[2] < 0.35 * errors[0] and errors[2] < 0.01
    masses = [np.sum(f.jump * (1 - f.x0)[:]) for f in [track(flux, profile, 0.05, 1e-9)]]
    alive = (found[1].born <= t) & (t < found[1].died)
    ends = np.sum(found[1].jump[alive] * (1 - found[1].x0 - found[1].speed * t)[alive])
    assert np.isclose(ends, masses[0], atol=1e-9)


def test_every_meeting_leaves_one_front():
    found = track(BURGERS, PROFILES["shapes"], 0.02, 0.8)
    assert len(found) < 2 * (found.born == 0).sum()
    assert found.mergers(0.15) and track(BURGERS, PROFILES["mergers"], 0.01, 0.7).mergers(0.25) == pytest.approx(
        [1 / 3, 0.4])  # worked out by hand


@pytest.mark.parametrize("data", PROFILES)
def test_the_front_network_is_the_tracked_solution_with_five_coefficients(data):
    until = 0.7
    found = track(BURGERS, PROFILES[data], 0.05, until)
    model = front_network(found, until, width=1e-5)
    assert model.ranks == lb.Ranks((1, 1, 1), (2, 0, 0)) and model.ranks.total == 5
    switch = np.median(found.born[found.born > 0])
    for t in (0.0, 0.21, 0.5, 0.7, switch):  # also amid a change of fronts
        assert np.abs(values(model, X, t) - found(X, t)).mean() < 2e-3
    s = model.coefficients(np.linspace(0, until, 101)).numpy()
    assert np.abs(np.diff(s, 2, axis=0)).max() < 1e-12 and np.allclose(s[:, 2], np.linspace(0, until, 101))


def test_the_particle_network_has_seven_coefficients_and_ends_where_float64_does():
    found = particles(BURGERS, PROFILES["mergers"], 60, 0.7)
    model = particle_network(found, 0.7)
    assert model.ranks == lb.Ranks((1, 1, 1, 1), (2, 0, 1, 0)) and model.ranks.total == 7
    errors = np.abs(values(model, X, np.array([0.2, 0.5, 0.7]))
                    - [lax_oleinik(BURGERS, PROFILES["mergers"], X, t) for t in (0.2, 0.5, 0.7)]).mean(1)
    assert errors.max() < 0.03
    with pytest.raises(ValueError, match="expected at most 996"):
        particle_network(particles(BURGERS, BOX, 550, 0.1, cells=100), 0.1)


def test_particles_die_when_the_shock_takes_them():
    found = particles(BURGERS, BOX, 40, 0.39)
    ahead = found.y > 0.3  # at rest, in front of the shock at 0.3 + t / 2
    expected = 2 * (found.y[ahead] - 0.3)
    known = expected < 0.39
    assert np.allclose(found.died[ahead][known], expected[known], atol=2e-3)
    assert np.isinf(found.died[found.y < 0.1]).all()


@pytest.mark.parametrize("kind", ["fronts", "particles"])
def test_every_matrix_is_of_rank_one_or_has_four_entries_a_row(kind):
    model = front_network(track(BURGERS, PROFILES["shapes"], 0.1, 0.8), 0.8) if kind == "fronts" else (
        particle_network(particles(BURGERS, PROFILES["mergers"], 12, 0.7), 0.7))
    for layer in model.lrnr.layers:
        assert layer.ranks[0] == 1
        W = layer.weight(torch.ones(1, dtype=torch.float64)).numpy()
        if isinstance(layer, lb.SparseLayer):
            assert (W != 0).sum(1).max() <= 4
        else:
            columns = W / np.maximum(np.abs(W).max(1, keepdims=True), 1e-300)
            assert np.linalg.matrix_rank(columns) == 1
        assert np.linalg.matrix_rank(layer.B.detach().numpy()) == layer.ranks[1]


def test_strips_show_frames_with_four_and_three_coefficients():
    x = np.linspace(0, 1, 9)
    frames = np.sin(np.pi * x) * np.array([[1.0], [2.0], [-1.0]])
    frames[:, [0, -1]] = 0
    film, dilated = film_strip(x, frames, 3.0), dilation_strip(x, frames, 3.0, ratio=50.0)
    assert film.ranks == lb.Ranks((1, 1), (2, 0)) and film.ranks.total == 4
    assert dilated.ranks == lb.Ranks((1, 1), (1, 0)) and dilated.ranks.total == 3
    for k, frame in enumerate(frames):
        assert np.allclose(values(film, X, k + 0.5), np.interp(X, x, frame), atol=1e-12)
        inside = X > 0.13
        assert np.allclose(values(dilated, X[inside], k + 0.5), np.interp(X, x, frame)[inside], atol=1e-8)


def test_fewer_than_three_coefficients_give_lines():
    lrnr = lb.LRNR.random((1, 20, 1), lb.Ranks((1, 1), (0, 0)), "relu", seed=1).double()
    u = lrnr(torch.linspace(0, 1, 30, dtype=torch.float64)[:, None], torch.ones(1, 2, dtype=torch.float64))
    assert np.abs(np.diff(u.detach().numpy()[0, :, 0], 2)).max() < 1e-14


def test_bad_input_is_a_sentence():
    with pytest.raises(ValueError, match="delta = 0"):
        track(BURGERS, BOX, 0, 1.0)
    with pytest.raises(ValueError, match="t = 0"):
        lax_oleinik(BURGERS, BOX, X, 0)
    with pytest.raises(ValueError, match="0 at both ends"):
        Profile.of([0, 1], [1, 0])
    with pytest.raises(ValueError, match="does not decrease"):
        Profile.of([1, 0], [0, 0])
    with pytest.raises(ValueError, match="width = 0"):
        front_network(track(BURGERS, BOX, 0.1, 0.5), 0.5, width=0)
    with pytest.raises(ValueError, match="n = 0"):
        particles(BURGERS, BOX, 0, 1.0)
    with pytest.raises(ValueError, match="zeros in the first"):
        film_strip([0, 1], [[1, 0]], 1.0)


def test_a_table_of_frames_has_five_coefficients_linear_in_time_and_rate_one_half():
    def u(x, t):  # of the heat equation
        return sum(np.exp(-k**2 * t) * np.sin(k * np.pi * x) / k for k in (1, 2, 3))

    scaled = []
    for n in (8, 16, 32):
        ends, nodes = np.linspace(0, 1, n + 1), np.linspace(0, 1, n + 1)
        jumps = np.diff([u((nodes[1:] + nodes[:-1]) / 2, t) for t in (ends[1:] + ends[:-1]) / 2], prepend=0)
        born, died = (np.repeat(part, n) for part in (ends[:-1], np.append(ends[1:-1], np.inf)))
        still = Fronts(np.tile(nodes[:-1], n), np.zeros(n * n), jumps.ravel(), born, died, 1 / n)
        model = front_network(still, 1.0)
        assert model.ranks.total == 5 and max(model.lrnr.dims) == 2 * n * n + 2 * (n - 1)
        error = max(np.abs(values(model, X, t) - u(X, t)).mean() for t in np.linspace(0, 1, 13))
        scaled.append(error * np.sqrt(max(model.lrnr.dims)))
    assert max(scaled) < 1.3 * min(scaled)


def test_ramps_cost_no_more_than_the_proof_says_while_fronts_meet():
    flux, data, until, delta = BURGERS, PROFILES["shapes"], 0.5, 0.05
    fronts = track(flux, data, delta, until)
    model, eps = front_network(fronts, until), delta**2
    variation = np.abs(fronts.jump[fronts.born <= 0]).sum()
    fastest = np.abs(fronts.speed).max()
    fine = (np.arange(16384) + 0.5) / 16384
    events = np.unique(fronts.born[(fronts.born > 0) & (fronts.born < until)])[:12]
    worst = max(np.abs(values(model, fine, t) - fronts(fine, t)).mean() for t in [*events, *np.linspace(0, until, 9)])
    assert 0 < worst <= eps / 4 * (1 + 2 * fastest) * variation
