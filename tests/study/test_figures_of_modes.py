"""Figures of hypermodes: every panel drawn, labelled, and the same twice."""

import re

import numpy as np
import pytest

import lrnrbook as lb
from study.far import figures as far
from study.far.coherence import SIZES
from study.hypermodes import figures as plots_modes
from study.instruments.descriptions import moved
from study.instruments.drawing import OF_SET
from study.instruments.neighbourhood import Neighbourhood, uniform_points
from study.instruments.sentences import sentence
from study.ledger.records import load_measurement
from study.steps import figures as steps
from study.steps import stability


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
        fig = steps.plot_mode_1d(modes["euler"], 2, [(0.01, (0, 1)), (0.03, (0, 1))])
        return [[line.get_ydata() for line in ax.lines] for ax in fig.axes]

    first, second = drawn(), drawn()
    for ax, again in zip(first, second, strict=True):
        assert len(ax) == 4 and all(np.array_equal(a, b) for a, b in zip(ax, again, strict=True))
        later, base, up, down = ax
        for u in (later, up, down):
            assert np.abs(u - base).sum() / np.abs(base).sum() == pytest.approx(steps.STEP, rel=0.1)
        assert np.abs(up - down).max() > 0


def test_contours_of_2d_steps(modes):
    fig = steps.plot_mode_2d(modes["burgers"], 0.5, 1, levels=3)
    contours, change = fig.axes
    assert len(contours.collections) == 4 and len(change.collections) == 2 and len(fig.legends[0].get_texts()) == 3
    fig = steps.plot_second_mode(modes["burgers"], (0.5, 1.0), 1, levels=3)
    times = [tuple(map(float, re.findall(r"[\d.]+", ax.get_title()))) for ax in fig.axes]
    assert [now for now, _ in times] == [0.5, 1.0] and all(now < later < now + 0.5 for now, later in times)


def test_sentences_on_what_was_seen_follow_the_readings():
    def reading(modes, specific=True, control=0.1):
        return {"modes": modes, "specific": specific, "control": control}

    said = [sentence(readings, 2) for readings in (
        [reading("-2"), reading("+2 +3"), reading("none")], [reading("+3"), reading("none"), reading("none")],
        [reading("+2", False, 0.4)], [reading("none"), reading("none"), reading("none")],
        [reading("+3"), reading("-1"), reading("none")], [reading("+3", False, 0.4)])]
    assert said[0] == ("We saw this: our mode 2 does it in 2 of 3 trainings. Of random directions in the span of the "
                       "modes, up to 10 % do.")
    assert said[1].startswith("We count this as not seen: another mode does it in 1 of 3 trainings.")
    assert said[2] == ("We saw this in part: our mode 2 does it, which chance explains as well. Of random directions "
                       "in the span of the modes, 40 % do.")
    assert said[3].startswith("We did not see this: no mode of ours does it in any training, with either sign.")
    assert said[4].startswith("We saw this in part: another mode does it in 2 of 3 trainings.")
    assert said[5].startswith("We count this as not seen: another mode does it, which chance explains as well.")
    mixed = sentence([reading("+2", control=0.0), reading("-2", False), reading("+3", False)], 2)
    assert mixed.startswith("We saw this in part: our mode 2 does it in 2 of 3 trainings and another mode does it in 1 "
                            "of 3 trainings, 2 of which chance explains as well.")
    assert sentence([reading("none", control=0.0)], 2) == ("We did not see this: no mode of ours does it, with either "
                                                           "sign, nor does any random direction in their span.")


def test_effects_agree_with_themselves_and_with_no_other(modes):
    x = uniform_points(modes["burgers"].model, 24)
    near = [Neighbourhood(modes["burgers"], x, t, 3) for t in (0.5, 1.0)]
    found = stability.changes([moved(place, controls=0) for place in near])
    own = np.diag(stability.agreement(found, found))
    assert (np.isclose(own, 1) | (own == -1)).all() and own[0] > 0  # -1 where no step makes the change
    assert stability.agreement(found[:, :1], found[:, 2:3])[0, 0] < 0.9
    shipped = load_measurement("hypermodes-stability")["rows"]["burgers 0"]
    assert all(len(modes) >= 1 for modes in shipped["stable"].values()) and shipped["best"]["0 1"][0][1] >= 0.9


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
