"""Encoding snapshots: clean, noisy, few points, bad input."""

import numpy as np
import pytest
import torch

import lrnrbook as lb
from lrnrbook.encode import Encoder


@pytest.fixture(scope="module")
def encoder():
    return lb.Encoder(lb.load_pretrained("euler", "page"))


def relative(a, b):
    return float(np.abs(np.asarray(a) - np.asarray(b)).sum() / np.abs(np.asarray(b)).sum())


def test_a_snapshot_of_the_model_is_found_again(encoder):
    x = np.linspace(0, 1, 500)[:, None]
    with torch.no_grad():
        u = encoder.model(x, 0.0137)[0]
        found = encoder(x, u)
        v = encoder.modes.evaluate(x, found.coordinates[None])[0]
    assert relative(v, u) < 2e-3 and abs(found.time - 0.0137) < 2e-4 and found.residual < 1e-3


def test_a_snapshot_off_the_path_is_found_too(encoder):
    x = np.linspace(0, 1, 500)[:, None]
    with torch.no_grad():
        c = encoder.modes.coordinates(0.02)[:, : encoder.count]
        c[0, 2] += 0.03 * encoder.range[2]
        u = encoder.modes.evaluate(x, c)[0]
        path = encoder.model(x, 0.02)[0]
        v = encoder.modes.evaluate(x, encoder(x, u).coordinates[None])[0]
    assert relative(v, u) < 0.2 * relative(path, u)


def test_noise_and_few_points_do_little_harm(encoder):
    frame, rng = lb.load_data("euler", "midpoints")[3], np.random.default_rng(0)
    top = np.array(encoder.model.normalisation.scale)
    noisy = encoder(frame.x, frame.u + 0.05 * top * rng.standard_normal(frame.u.shape))
    some = rng.permutation(len(frame.x))[:32]
    few = encoder(frame.x[some], frame.u[some])
    with torch.no_grad():
        errors = [relative(encoder.modes.evaluate(frame.x, c.coordinates[None])[0], frame.u) for c in (noisy, few)]
        own = relative(encoder.model(frame.x, frame.t)[0], frame.u)
    assert errors[0] < own + 0.06 and errors[1] < own + 0.03
    assert abs(few.time - frame.t) < 5e-4


@pytest.mark.parametrize("k", [0, 0.4, 1])
def test_what_is_said_of_a_snapshot_is_so(encoder, k):
    first, last = encoder.model.times
    t, x = first + k * (last - first), np.linspace(0, 1, 90)
    with torch.no_grad():
        u = encoder.model(x, t)[0] * 1.01
        found = encoder(x, u)
        off = encoder.unit(encoder.modes.evaluate(x, found.coordinates[None])[0]) - encoder.unit(u)
    assert found.residual == pytest.approx(float(off.square().mean().sqrt()), rel=1e-3) and found.residual < 5e-3
    assert abs(found.time - t) < 0.01 * (last - first) and 1 <= found.steps < 30
    assert encoder(x, u, steps=1).steps == 1


def test_of_many_points_as_many_are_used_as_asked_for(encoder):
    frame = lb.load_data("euler", "midpoints")[5]
    chosen = torch.randperm(len(frame.x), generator=torch.Generator().manual_seed(0))[:40]
    a, b = encoder(frame.x, frame.u, points=40), encoder(frame.x[chosen], frame.u[chosen])
    assert torch.allclose(a.coordinates, b.coordinates, atol=1e-4)  # the same points in another order
    assert torch.equal(encoder(frame.x[chosen], frame.u[chosen], points=40).coordinates, b.coordinates)


def test_where_points_say_nothing_the_training_path_does(encoder):
    with torch.no_grad():
        u = encoder.model([0.99], 0.01)[0]  # at rest until the blast comes
        c = encoder([0.99], u).coordinates
        path = encoder.modes.coordinates(np.linspace(*encoder.model.times, 2001))[:, : encoder.count]
    assert ((path - c) / encoder.range).abs().amax(1).min() < 0.03


def test_encoding_twice_gives_the_same(encoder):
    frame = lb.load_data("euler", "midpoints")[5]
    a, b = encoder(frame.x, frame.u), lb.load_pretrained("euler", "page").encode(frame.x, frame.u)
    assert torch.equal(a.coordinates, b) and len(b) == encoder.count


def test_two_dimensions_and_flat_values():
    model = lb.load_pretrained("burgers", "page")
    frame = lb.load_data("burgers", "midpoints")[4]
    c = model.encode(frame.x, frame.u[:, 0], count=6)
    assert c.shape == (6,) and torch.isfinite(c).all()


def test_bad_snapshots_are_named(encoder):
    x, u = np.linspace(0, 1, 10)[:, None], np.ones((10, 3))
    with pytest.raises(ValueError, match=r"\(10, 2\)"):
        encoder(x, u[:, :2])
    u[3, 1] = np.nan
    with pytest.raises(ValueError, match="u = .*nan.*: expected finite real numbers"):
        encoder(x, u)


def test_through_a_network_compressed_at_its_points():
    model = lb.load_pretrained("euler", "page")
    count, x = lb.hypermodes(model).count(), np.linspace(0.02, 0.98, 24)[:, None]
    fast = lb.FastLRNR.build(model, x, 40, np.linspace(*model.times, 401), along=count)
    encoder = lb.Encoder(model, fast=fast)
    with torch.no_grad():
        u = model(x, 0.0137)[0]
        found = encoder(x, u)
        v = encoder.modes.evaluate(x, found.coordinates[None])[0]
    assert relative(v, u) < 1e-2 and abs(found.time - 0.0137) < 4e-4
    with pytest.raises(ValueError, match="x are 23 points: expected the 24 of the FastLRNR"):
        encoder(x[1:], u[1:])


def test_time_and_parameters_of_a_family_are_found():
    x, t, runs = np.linspace(0, 1, 80), np.linspace(0, 1, 17), []
    for width in (0.05, 0.08, 0.11, 0.14):
        runs.append(lb.WaveData.from_arrays(t, x, np.exp(-((x - 0.2 - 0.6 * t[:, None]) / width) ** 2)))
    data = lb.WaveData.from_runs(runs, {"width": [0.05, 0.08, 0.11, 0.14]})
    model = lb.fit(data, "smoke", epochs=150, progress=False).model
    wave = np.exp(-((x - 0.2 - 0.6 * 0.37) / 0.095) ** 2)
    found = Encoder(model)(x[::3], wave[::3])
    assert abs(found.time - 0.37) < 0.03 and abs(found.parameters["width"] - 0.095) < 0.01
    assert torch.allclose(model.encode(x[::3], wave[::3]), found.coordinates)
