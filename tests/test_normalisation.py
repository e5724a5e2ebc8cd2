"""Normalised units: small waves upon large means, fields and coordinates of any size and place."""

import numpy as np
import pytest
import torch

import lrnrbook as lb


@pytest.fixture(scope="module")
def barometer():
    """A wave of one pascal upon the pressure of the air, and a velocity, trained for a moment."""
    x, t = np.linspace(-1, 1, 60), np.linspace(0, 1, 20)
    wave = np.tanh(8 * (x[None] - t[:, None] + 0.5)) / 2
    data = lb.WaveData.from_arrays(t, x, np.stack([101325 + wave, 3 * wave], 2), ["pressure", "velocity"])
    return data, lb.fit(data, "smoke", epochs=60, progress=False).model


def test_a_small_wave_upon_a_large_mean_is_centred(barometer):
    data, model = barometer
    box = model.normalisation
    assert box.scale == pytest.approx((0.5, 1.5), rel=1e-3) and box.shift == pytest.approx((101325, 0), abs=1e-3)
    found = lb.errors(model, data)
    assert 1e-4 < found["pressure"] < 0.2 and found["pressure"] == pytest.approx(found["velocity"], rel=2)
    off = [np.abs(u.numpy()[:, 0] - frame.u[:, 0]).mean() for u, frame in zip(model.predict(data), data, strict=True)]
    assert np.mean(off) < 0.1, "pascals: the wave itself is seen"


def test_what_follows_knows_the_middle_too(barometer, tmp_path):
    data, model = barometer
    u = model([-0.3, 0.2], [0.25, 0.5]).detach()
    again = lb.load(lb.save(model, tmp_path / "model"))
    assert u.dtype == torch.float64 and torch.equal(again([-0.3, 0.2], [0.25, 0.5]), u)
    fast = lb.FastLRNR.build(model.double(), [-0.3, 0.2], rank=20)
    assert torch.allclose(fast([0.25, 0.5]), model([-0.3, 0.2], [0.25, 0.5]), atol=1e-3)
    assert 1e-12 < fast.error([0.25, 0.5]) < 0.1
    assert np.allclose(lb.compiled(fast)([0.25, 0.5]), fast([0.25, 0.5]).detach(), atol=1e-6)
    found = lb.Encoder(model)(data.x[0], model(data.x[0], 0.4)[0].detach())
    assert abs(found.time - 0.4) < 0.02
    model.float()
    waves = lb.explorer(model, 0.5, steps={2: 5})
    moved = (waves.evaluate([[0.1]]) - model([0.1], 0.5)[0].detach()).abs()
    assert moved[0, 0] < 1, "five per cent of the wave, not of the air"


@pytest.mark.parametrize(("mean", "centred"), [(4.4, False), (5.6, True)])
def test_a_field_is_centred_if_its_largest_value_is_ten_times_its_range(mean, centred):
    u = np.stack([np.linspace(mean, mean + 0.5, 9)] * 2)
    box = lb.Normalisation.of(lb.WaveData.from_arrays([0, 1], np.arange(9.0), u))
    assert box.shift == ((mean + 0.25,) if centred else ())
    assert box.scale == pytest.approx((0.25 if centred else mean + 0.5,))


@pytest.mark.parametrize("scale", [0.0, -1.0])
def test_a_scale_is_positive(scale):
    with pytest.raises(ValueError, match="expected positive finite numbers"):
        lb.Normalisation(((0, 1),), (0, 1), (1.0, scale))
