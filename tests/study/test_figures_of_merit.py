"""Figures of merit of a reconstruction, on profiles of which they are known."""

import numpy as np
import pytest
import torch

import lrnrbook as lb
from study.instruments.figures_of_merit import lines, quality

X = np.linspace(0, 1, 401)
T = np.linspace(0, 0.4, 17)


class Shifted:
    """A prediction that changes the data: another place, width or a bump at the front."""

    fields = ("u",)

    def __init__(self, shift=0.0, width=0.0, bump=0.0):
        self.shift, self.width, self.bump = shift, width, bump

    def predict(self, data):
        found = []
        for frame in data:
            z = frame.x[:, 0] - 0.3 - frame.t - self.shift
            u = np.clip(0.5 - z / self.width, 0, 1) if self.width else (z < 0).astype(float)
            found.append(torch.as_tensor(u + self.bump * (np.abs(z + 0.0075) < 0.0026))[:, None])
        return found


STEP = lb.WaveData.from_arrays(T, X, np.stack([(X < 0.3 + t).astype(float) for t in T]))


def test_a_perfect_prediction_has_no_faults():
    found = quality(Shifted(), STEP)
    assert found["e1"] == found["overshoot"] == found["front"] == 0 and found["width"] == found["variation"] == 1


def test_each_fault_shows_in_its_own_figure():
    late, smeared, ringing = (quality(Shifted(**k), STEP) for k in ({"shift": 0.0075}, {"width": 0.02}, {"bump": 0.2}))
    assert late["front"] == pytest.approx(3, abs=0.6) and late["overshoot"] == 0
    assert smeared["width"] > 5 and smeared["variation"] == pytest.approx(1) and smeared["overshoot"] == 0
    assert ringing["overshoot"] == pytest.approx(0.2) and ringing["variation"] > 1.3 and ringing["front"] < 0.1


def test_where_nothing_jumps_there_is_nothing_to_say_of_fronts():
    smooth = lb.WaveData.from_arrays(T, X, 2 + np.sin(X[None] + T[:, None]))

    class Same:
        fields = ("u",)
        predict = staticmethod(lambda data: [torch.as_tensor(frame.u) for frame in data])

    assert [quality(Same(), smooth)[k] for k in ("front", "overshoot", "width", "e1")] == [None, None, None, 0]


def test_lines_of_a_plane_lie_in_its_data():
    data = lb.load_data("burgers")
    frames, along = lines(data, every=40)
    assert len(frames) == len(along) == 2 and frames[0].x.shape == (8 * len(along[0]), 2)
    low, high = min(u.min() for u in data.u), max(u.max() for u in data.u)
    assert low <= frames[1].u.min() and frames[1].u.max() <= high
    assert np.array_equal(frames[0].x[: len(along[0]), 0], along[0])
