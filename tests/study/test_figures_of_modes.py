"""Figures of hypermodes: every panel drawn, labelled, and the same twice."""

import numpy as np
import pytest

import lrnrbook as lb
from study.far import figures as far
from study.far.coherence import SIZES
from study.hypermodes import figures as plots_modes
from study.instruments.drawing import OF_SET
from study.ledger.records import load_measurement
from study.steps import figures as steps


@pytest.fixture(scope="module")
def modes():
    return {name: lb.hypermodes(lb.load_pretrained(name, "page")) for name in ("euler", "burgers")}


def lines(ax):
    return [line for line in ax.lines if len(line.get_xdata()) > 2]


def test_coefficients_have_a_line_each(modes):
    model = modes["euler"].model
    fig = plots_modes.plot_coefficients(model, 1)
    pairs = plots_modes.scaled_coefficients(model, np.linspace(*model.times, 201))
    alive = [(np.abs(s).max(0) > 5e-5).sum() for s in pairs[0]]
    assert [len(lines(ax)) for ax in fig.axes] == alive
    assert max(np.abs(s).max() for pair in pairs for s in pair) == pytest.approx(1)


def test_spectrum_and_polynomials_show_every_set(modes):
    fig = plots_modes.plot_spectrum({name: modes["euler"] for name in OF_SET}, shown=3)
    assert len(fig.axes[0].get_legend_handles_labels()[0]) == 4
    fig = plots_modes.plot_polynomials(modes, degrees=range(0, 21, 5))
    assert len(lines(fig.axes[0])) == 4


def test_steps_along_modes_differ_from_the_base_and_repeat(modes):
    def drawn():
        fig = steps.plot_steps_1d(modes["euler"], "pressure", (0.01, 0.03), (1, 2), size=0.1)
        return [[line.get_ydata() for line in ax.lines] for ax in fig.axes]

    first, second = drawn(), drawn()
    for ax, again in zip(first, second, strict=True):
        assert len(ax) == 3 and all(np.array_equal(a, b) for a, b in zip(ax, again, strict=True))
        base, up, down = ax
        assert np.abs(up - base).sum() / np.abs(base).sum() == pytest.approx(0.1, rel=0.02)
        assert np.abs(up - down).max() > 0


def test_contours_of_2d_steps(modes):
    fig = steps.plot_steps_2d(modes["burgers"], [(0.5, 1), (0.5, -2)], 0.1, 3)
    titles = [ax.get_title() for ax in fig.axes]
    assert titles[:2] == ["t = 0.5, mode +1", "t = 0.5, mode -2"] and not fig.axes[2].axison
    assert all(len(ax.collections) == 2 for ax in fig.axes[:2])


def test_far_steps_and_their_coherence(modes):
    fig = far.plot_extrapolation_1d(modes["euler"], "pressure", 0.0285, 2)
    assert len(fig.axes) == 4 and all(2 <= len(ax.lines) <= len(SIZES) + 1 for ax in fig.axes)
    rows = load_measurement("hypermodes-extrapolation")["rows"]
    fig = far.plot_coherence({"euler": {"modes": rows["euler 0"]["steps"]}})
    done = [row for row in rows["euler 0"]["steps"] if row["eta"] is not None]
    assert len(fig.axes[0].lines[0].get_xdata()) == len(done)


def test_shares_lie_beside_what_random_directions_have(modes):
    fig = steps.plot_shares({"euler": modes["euler"]}, count=3, times=4)
    ax = fig.axes[0]
    assert len(lines(ax)) == 3 and len(ax.collections) == 1
