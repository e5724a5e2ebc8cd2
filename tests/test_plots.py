"""Figures: made from real models, written as PDF and PNG, the same twice."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

import lrnrbook as lb
from lrnrbook import plots
from lrnrbook.plots import look
from study.instruments.courses import plot_space_time
from study.instruments.pages import save_figure
from study.ledger.models import trained
from study.training.figures import plot_pictures_compared
from study.waves.figures import plot_fields, plot_pictures


@pytest.fixture(scope="module")
def figures():
    model, record = trained("euler")
    data = lb.load_data("euler")
    waves = lb.load_data("burgers", "midpoints")
    return {
        "burgers": plot_pictures_compared(lb.load_pretrained("burgers"), waves, [0.7, 1.5]),
        "fields": plot_fields(data, [0.0, 0.02]),
        "acoustics": plot_pictures(lb.load_data("acoustics"), [0.0, 0.375]),
        "space-time": plot_space_time(data, model),
        "history": plots.plot_history(record),
    }


def test_axes_are_labelled_and_no_figure_is_left_open(figures):
    assert not plt.get_fignums()
    for name, fig in figures.items():
        assert isinstance(fig, Figure)
        bare = [ax for ax in fig.axes if ax.axison and ax.get_subplotspec() and ax.get_subplotspec().is_last_row()
                and not ax.get_xlabel()]
        assert not bare, name


def test_figures_made_twice_are_the_same_pdf_and_png(figures, tmp_path):
    for folder in ("one", "two"):
        fig = plot_fields(lb.load_data("euler"), [0.0, 0.02])
        assert save_figure(fig, str(tmp_path / folder), "fig") is fig
    for kind in ("pdf", "png"):
        one, two = ((tmp_path / folder / f"fig.{kind}").read_bytes() for folder in ("one", "two"))
        assert one == two and len(one) > 5000
    save_figure(figures["fields"], "", "nothing")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "two"]


def test_2d_pictures_have_the_values_where_they_belong(figures):
    ax = figures["acoustics"].axes[1]
    frame = lb.load_data("acoustics")[40]
    image = ax.images[0]
    assert image.get_extent() == [-1, 1, -1, 1] and ax.get_aspect() == 1
    columns, rows = ((frame.x + 1) * 100).astype(int).T
    assert np.array_equal(image.get_array()[rows, columns], frame.u[:, 0]), "x1 to the right, x2 upwards"
    assert len(ax.collections[0].get_paths()) == len(frame.patches)


def test_only_fields_of_both_signs_have_the_colours_of_both():
    for low, high, signed in ((-40, -30, False), (-1, 1, True), (0, 1, False)):
        told = look(np.linspace(low, high, 10).reshape(1, 10, 1), 2)
        assert told["signed"] == [signed] and told["limits"] == [[low, high]]
