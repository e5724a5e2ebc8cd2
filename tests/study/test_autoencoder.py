"""The convolutional autoencoder to compare with."""

import numpy as np
import pytest
import torch

from study.far import autoencoder


def test_training_lowers_the_error_and_repeats():
    u = autoencoder.frames("euler")
    assert u.shape == (81, 3, 800) and float(u.abs().max()) == 1
    error = [float((autoencoder.train(u, 5, steps)(u) - u).detach().abs().mean()) for steps in (1, 120)]
    a, b = (autoencoder.train(u, 5, 3, seed=2)(u[:2]) for _ in range(2))
    assert error[1] < 0.5 * error[0] and torch.equal(a, b)


def test_two_dimensions_and_bad_grids():
    assert autoencoder.frames("acoustics").shape == (81, 1, 96, 96)
    network = autoencoder.ConvAutoencoder(1, (32, 48), 7)
    u = torch.zeros(3, 1, 32, 48)
    assert network(u).shape == u.shape and network.encode(u).shape == (3, 7)
    with pytest.raises(ValueError, match="33"):
        autoencoder.ConvAutoencoder(1, (33,), 2)


def test_pushing_reaches_the_size_or_says_that_it_cannot():
    eta, u = autoencoder.push(lambda z: 2 * z, np.ones(4), np.ones(4), 0.3)
    assert eta == pytest.approx(0.3, rel=1e-3) and u == pytest.approx(np.full(4, 2.6), rel=1e-3)
    assert np.isnan(autoencoder.push(np.tanh, np.ones(4), np.ones(4), 5.0)[0])
