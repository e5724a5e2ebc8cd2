"""Forecasts: exact for what is linear."""

import numpy as np
import pytest

from study.hypermodes.linear_model import Forecast

T = np.arange(80)


def test_a_straight_line_goes_on():
    c = np.stack([1 + 0.5 * T, 3 - T], 1).astype(float)
    assert np.allclose(Forecast.fit(c[:70]).step(c[:70], 10), c[70:], atol=1e-6)


def test_a_damped_turn_goes_on_where_a_line_does_not():
    c = np.stack([np.cos(0.1 * T), np.sin(0.1 * T)], 1) * 0.99 ** T[:, None]
    ahead = Forecast.fit(c[:70]).step(c[:70], 10)
    line = c[69] + np.arange(1, 11)[:, None] * (c[69] - c[68])
    assert np.abs(ahead - c[70:]).max() < 0.02 < 0.2 < np.abs(line - c[70:]).max()


def test_too_few_coordinates_are_named():
    with pytest.raises(ValueError, match=r"\(5, 2\)"):
        Forecast.fit(np.zeros((5, 2)))
