"""Figures outside the square: what they show is what was measured."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import lrnrbook as lb
from study.ledger.records import load_measurement
from study.outside import extension as outside
from study.outside import figures as plots_outside


@pytest.fixture(scope="module")
def burgers():
    return lb.load_data("burgers")


def exact(data):
    extension = outside.extend(data, every=2)
    return lambda x, t: extension.at(t, np.asarray(x))[None, :, None]


def test_an_exact_continuation_has_an_empty_error_map_around_the_framed_square(burgers):
    fig = plots_outside.plot_outside(exact(burgers), burgers, (0.62, 1.5), every=4)
    pictures = [ax.images[0] for ax in fig.axes if ax.images and ax.patches]
    assert len(pictures) == 6 and pictures[0].get_extent() == pytest.approx((-0.5, 1.5, -0.5, 1.5), abs=0.02)
    assert np.abs(pictures[4].get_array()).max() < 1e-9 < np.abs(pictures[2].get_array()).max()
    frame = fig.axes[0].patches[0]
    assert (frame.get_xy(), frame.get_width(), frame.get_height()) == ((0, 0), 1, 1)
    assert fig.axes[0].get_title() == "t = 0.625" and not plt.get_fignums()


def test_beyond_the_walls_the_mirrored_data_are_beside_the_model():
    data = lb.load_data("euler")
    fig = plots_outside.plot_outside_1d(lb.load_pretrained("euler"), data[::10])
    assert [ax.get_title() for ax in fig.axes[:3]] == ["LRNR", "data, mirrored", "error"]
    v, u, wrong = (ax.collections[0].get_array() for ax in fig.axes[:3])
    assert np.allclose(np.abs(v - u), wrong)


def test_classes_are_drawn_outside_only(burgers):
    fig = plots_outside.plot_classes(burgers, (1.5,))
    found = np.ma.filled(fig.axes[0].images[0].get_array(), np.nan)
    assert np.isnan(found[90, 90]) and set(np.unique(found[np.isfinite(found)])) == {0.0, 1.0, 2.0}
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["neither", "will enter", "has left"]


def test_figures_of_the_record_show_its_rows():
    record = load_measurement("benchmark-outside")
    fig = plots_outside.plot_distance(record)
    row = record["rows"]["burgers, laptop, 0"]
    assert fig.axes[1].lines[0].get_ydata() == pytest.approx(row["classes"]["by distance"]["enters"])
    fig = plots_outside.plot_directions(record)
    ratio = record["rows"]["burgers, tanh, reversed, 0"]["classes"]["ratio"]["left"]
    drawn = np.concatenate([line.get_ydata() for line in fig.axes[1].lines])
    assert np.isclose(drawn, ratio).any()
    fig = plots_outside.plot_depths(record)
    assert {text.get_text() for text in fig.axes[1].get_legend().get_texts()} == {
        "shipped", "small", "small, periodic coordinates"}
