"""Errors by their formula."""

import numpy as np
import pytest
import torch

import lrnrbook as lb


class Known:
    """A model whose predictions are given."""

    def __init__(self, parts, fields):
        self.parts, self.fields = [torch.as_tensor(p) for p in parts], fields

    def predict(self, data):
        return self.parts


RNG = np.random.default_rng(0)
SIZES = (4, 7, 5)
U = [RNG.normal(size=(n, 2)) for n in SIZES]
V = [RNG.normal(size=(n, 2)) for n in SIZES]
AREA = [RNG.uniform(0.1, 1, n) for n in SIZES]
X = [RNG.uniform(size=(n, 2)) for n in SIZES]


@pytest.mark.parametrize(("q", "points", "area"), [(1, 0.5 / 3, 0.5 / 7), (2, (0.25 / 5) ** 0.5, (0.25 / 13) ** 0.5)])
def test_errors_of_two_points_by_hand(q, points, area):
    data = lb.WaveData.from_arrays([0, 1], [0.0, 1.0], [[1.0, -2.0]] * 2, ["u"], area=[1.0, 3.0])
    found = lb.errors(Known([np.array([[1.5], [-2.0]], dtype=np.float32)] * 2, ("u",)), data, q)
    assert found["u"] == pytest.approx(points) and found.area_weighted == pytest.approx((area,))


@pytest.mark.parametrize("q", [1, 2])
def test_errors_are_ratios_of_sums_over_ragged_points_and_times(q):
    data = lb.WaveData.from_arrays([0, 1, 2], X, U, ["a", "b"], area=AREA)
    found = lb.errors(Known(V, ("a", "b")), data, q)
    u, v, w = np.concatenate(U), np.concatenate(V), np.concatenate(AREA)[:, None]
    points = ((abs(v - u) ** q).sum(0) / (abs(u) ** q).sum(0)) ** (1 / q)
    area = ((w * abs(v - u) ** q).sum(0) / (w * abs(u) ** q).sum(0)) ** (1 / q)
    assert found.values == pytest.approx(points) and found.area_weighted == pytest.approx(area)
    assert found["b"] == pytest.approx(points[1]) and found.mean == pytest.approx(points.mean())
    assert found.as_dict()["a"] == {"points": found.values[0], "area": found.area_weighted[0]}


def test_without_areas_there_is_no_weighted_error():
    data = lb.WaveData.from_arrays([0, 1, 2], X, U, ["a", "b"])
    assert lb.errors(Known(V, ("a", "b")), data).area_weighted is None


def test_what_cannot_be_compared_is_named():
    data = lb.WaveData.from_arrays([0, 1, 2], X, U, ["a", "b"])
    with pytest.raises(ValueError, match="expected the same"):
        lb.errors(Known(V, ("b", "a")), data)
    with pytest.raises(ValueError, match="q = 3"):
        lb.errors(Known(V, ("a", "b")), data, 3)
    zero = lb.WaveData.from_arrays([0, 1, 2], X, [u * [1, 0] for u in U], ["a", "b"])
    with pytest.raises(ValueError, match="'b' is zero"):
        lb.errors(Known(V, ("a", "b")), zero)
    with pytest.raises(KeyError, match="expected one of a, b"):
        lb.errors(Known(V, ("a", "b")), data)["c"]
