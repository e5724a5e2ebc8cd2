"""Mollifier: (4.11) against a dense convolution, walls, schedule (4.12)."""

import numpy as np
import pytest

import lrnrbook as lb
from lrnrbook.batches import half_cells, mollify, radius_at, uniform_grid

U = np.random.default_rng(0).normal(size=(3, 40, 2))


@pytest.mark.parametrize("cells", [1, 4, 39])
def test_box_convolution_mirrored_at_the_walls(cells):
    mirrored = np.concatenate([U[:, ::-1], U, U[:, ::-1]], axis=1)
    expected = np.stack([mirrored[:, 40 + i - cells : 40 + i + cells + 1].mean(1) for i in range(40)], axis=1)
    assert np.allclose(mollify(U, cells), expected, atol=1e-13)


@pytest.mark.parametrize("points", [100, 400])
def test_a_sine_is_damped_as_by_the_continuous_box(points):
    """chi_w * sin(k x) = sin(k w) / (k w) sin(k x), up to the grid's spacing (4.11)."""
    x, k, radius = (np.arange(points) + 0.5) / points, 4 * np.pi, 0.1
    blurred = mollify(np.sin(k * x)[None, :, None], half_cells(radius, 1 / points))[0, :, 0]
    inner = (x > 0.15) & (x < 0.85)
    exact = np.sin(k * radius) / (k * radius) * np.sin(k * x)
    assert np.abs(blurred - exact)[inner].max() < 5 / points


def test_constants_and_mass_are_kept():
    assert np.allclose(mollify(np.full((1, 20, 1), 3.0), 5), 3)
    assert np.allclose(mollify(U, 6).sum(1), U.sum(1))
    assert mollify(U, 0) is U


def test_radius_falls_linearly_to_zero_at_half_time():
    radii = [radius_at(i, 100, 0.3) for i in range(100)]
    assert radii[0] == 0.3 and radii[25] == pytest.approx(0.15) and not any(radii[50:])
    assert np.allclose(np.diff(radii[:51]), -0.006)
    assert [half_cells(r, 0.1) for r in (0, 0.04, 0.06, 0.1, 0.26)] == [0, 0, 1, 1, 3]


def test_a_grid_that_is_not_uniform_or_too_small_is_refused():
    assert uniform_grid(lb.load_data("euler")) == ((800,), pytest.approx(1 / 800))
    uneven = lb.WaveData.from_arrays([0, 1], [0, 0.1, 0.5], np.ones((2, 3)))
    plane = lb.WaveData.from_arrays([0, 1], np.eye(2), np.ones((2, 2)))
    moving = lb.WaveData.from_arrays([0, 1], [np.arange(3.0), np.arange(4.0)], [np.ones(3), np.ones(4)])
    for data in (uneven, plane, moving):
        with pytest.raises(ValueError, match="mollifier"):
            uniform_grid(data)
    with pytest.raises(ValueError, match="40 cells"):
        mollify(U, 40)


def test_a_plane_is_blurred_along_both_axes():
    x = np.stack(np.meshgrid(np.arange(6) / 6, np.arange(4) / 6, indexing="ij"), -1).reshape(-1, 2)
    data = lb.WaveData.from_arrays([0, 1], x, np.ones((2, 24)))
    assert uniform_grid(data) == ((6, 4), pytest.approx(1 / 6))
    u = np.random.default_rng(1).normal(size=(2, 6, 4, 1))
    once = mollify(u.reshape(2, 6, 4), 1).reshape(u.shape)  # the second axis taken for fields
    assert np.allclose(mollify(u, 1), mollify(once.swapaxes(1, 2)[..., 0], 1)[..., None].swapaxes(1, 2))
