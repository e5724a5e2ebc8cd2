"""Figures of the first chapters: made from real models, labelled, none left open."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

import lrnrbook as lb
from study.cover.figures import plot_teaser
from study.network.figures import draw_meta_network, plot_coefficients
from study.training.figures import plot_reconstruction


@pytest.fixture(scope="module")
def figures():
    model, data, midpoints = lb.load_pretrained("euler"), lb.load_data("euler"), lb.load_data("euler", "midpoints")
    zooms = [{"t": 0.0278, "x": (0.6, 0.8), "title": "merger"}]
    return {
        "teaser": plot_teaser(model, data, "pressure", [0.01, 0.0285]),
        "reconstruction": plot_reconstruction(model, data, midpoints, "pressure", [0.01, 0.0285], zooms),
        "coefficients": plot_coefficients(model, layer=2),
        "diagram": draw_meta_network(),
    }


def test_axes_are_labelled_and_no_figure_is_left_open(figures):
    assert not plt.get_fignums()
    for name, fig in figures.items():
        assert isinstance(fig, Figure)
        bare = [ax for ax in fig.axes if ax.axison and ax.get_subplotspec() and ax.get_subplotspec().is_last_row()
                and not ax.get_xlabel()]
        assert name == "diagram" or not bare


def test_the_reconstruction_draws_the_model_at_the_frames_time(figures):
    model, midpoints = lb.load_pretrained("euler"), lb.load_data("euler", "midpoints")
    line = next(ax for ax in figures["reconstruction"].axes if "merger" in ax.get_title()).lines[1]
    expected = model(line.get_xdata(), midpoints[8].t)[0, :, 2].detach()
    assert np.allclose(line.get_ydata(), expected, rtol=1e-4, atol=1e-3)
