"""Steps along hypermodes: lengths, tangents, shares, and time advance."""

import numpy as np
import pytest
import torch

import lrnrbook as lb
from study.far.coherence import Coherence, principal_direction, push_along_modes
from study.instruments.descriptions import directions
from study.instruments.neighbourhood import Neighbourhood, uniform_points
from study.steps.advance import time_advance, times_ahead


@pytest.fixture(scope="module")
def near():
    modes = lb.hypermodes(lb.load_pretrained("euler", "page").double())
    return Neighbourhood(modes, uniform_points(modes.model, 400), 0.019, 5, "pressure")


def test_steps_change_the_field_by_the_size_asked_for(near):
    along = directions(5, 6)
    eta = near.step_lengths(along, 0.05)
    assert np.isfinite(eta).all() and (eta > 0).all()
    assert near.change(near(eta[:, None] * along)) == pytest.approx(np.full(len(along), 0.05), rel=0.011)
    larger = near.step(2, 1, 0.2)
    assert near.change(larger[1][None])[0] == pytest.approx(0.2, rel=0.011) and larger[0] > eta[2]
    assert near.step(2, -1, 0.05)[0] < 0


def test_a_size_out_of_reach_gives_nan_and_a_wrong_mode_a_sentence(near):
    class Bounded(Neighbourhood):
        def at_coefficients(self, s, x=None):
            return self.base_of(super().at_coefficients(s, x))

        def base_of(self, u):
            return np.tanh(u / 500)

    modes = near.modes
    bounded = Bounded(modes, near.x, 0.019, 2, "pressure")
    assert np.isnan(bounded.step_lengths(np.array([[1.0, 0.0]]), 1e3)).all()
    with pytest.raises(ValueError, match="mode 6"):
        near.step(6)
    with pytest.raises(ValueError, match="count = 999"):
        Neighbourhood(modes, near.x, 0.0, 999)


def test_tangents_are_derivatives(near):
    h = 1e-5
    for i in range(5):
        y = np.zeros((2, 5))
        y[:, i] = h, -h
        up, down = near(y)
        assert np.abs((up - down) / (2 * h) - near.tangents[i]).max() < 1e-3 * np.abs(near.tangents[i]).max() + 1e-3
    few = near._derivatives(np.eye(5)[:1], near.x)
    assert np.allclose(few[0], near.tangents[0])


def test_all_modes_together_carry_the_motion(near):
    every = Neighbourhood(near.modes, near.x, near.t, near.modes.count(1e-12), "pressure")
    assert every.shares.sum() == pytest.approx(1, abs=1e-4)
    assert every.residual < 1e-3 < Neighbourhood(near.modes, near.x, near.t, 1, "pressure").residual
    model, h = near.modes.model, 1e-7
    with torch.no_grad():
        u = model(near.x, [near.t - h, near.t + h])[..., -1].numpy()
    assert np.allclose((u[1] - u[0]) / (2 * h), near.speed, atol=1e-3 * np.abs(near.speed).max())


def test_a_step_in_time_is_recognised(near):
    later = times_ahead(near)
    own, other = later[10], near.base + 50
    rho = time_advance(near, np.stack([own, other]), later)
    assert rho[0] == pytest.approx(0, abs=1e-12) and rho[1] > 0.8


def test_uniform_points_fill_the_domain():
    model = lb.load_pretrained("acoustics", "page")
    x = uniform_points(model, 4)
    assert x.shape == (16, 2) and x.min() == -0.75 and x[1].tolist() == [-0.75, -0.25]


def test_coherence_tells_noise_from_waves():
    t = np.linspace(0, 1, 20)[:, None]
    x = np.linspace(0, 1, 300)[None]
    frames = np.exp(-(((x - 0.2 - 0.5 * t) / 0.05) ** 2))
    coherence = Coherence(frames, (300,))
    moved = coherence.of(np.exp(-(((x[0] - 0.9) / 0.05) ** 2)))
    noise = coherence.of(np.random.default_rng(0).random(300))
    assert moved["fine"] < 1e-3 < 0.5 < noise["fine"]
    assert moved["variation"] < 1.01 and moved["extrema"] <= 1 and noise["variation"] > 20 and noise["extrema"] > 20
    assert coherence.of(frames[3])["nearest"] == 0 < moved["nearest"]


def test_large_steps_have_a_row_for_every_mode_sign_size_and_time(near):
    rows = push_along_modes(near.modes, "euler", 2)
    assert len(rows) == 4 * 3 * 2 * 2
    done = [row for row in rows if row["eta"] is not None]
    assert len(done) > 30 and all(row["out"] >= 0 and row["variation"] >= 0 for row in done)


def test_the_principal_direction_is_the_longest():
    z = np.random.default_rng(0).standard_normal((50, 3)) * (0.1, 3.0, 0.2) + 5
    assert np.abs(principal_direction(z) - (0, 1, 0)).max() < 0.05
