"""The chapter on differences: every entry there, every number measured, and small computations against closed forms."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from study.evidence import differences
from study.evidence import differences_trained as differences_models
from study.evidence.figures import plot_tubes
from study.theory import printed_formulas as slips

NOTEBOOK = json.loads((Path(__file__).parents[2] / "book" / "differences.ipynb").read_text())
TEXT = "\n".join("".join(cell["source"]) for cell in NOTEBOOK["cells"])


@pytest.fixture(scope="module")
def numbers():
    return differences.measured() | differences_models.measured() | slips.measured()


def test_the_page_shows_every_number_that_is_measured_and_no_other(numbers):
    shown = set(re.findall(r"\{glue:text\}`([^`]+)`", TEXT))
    assert shown == set(numbers) | {"walls", "circle"}
    assert not [key for key, text in numbers.items() if "nan" in text or not text]


def test_the_page_has_every_entry_once():
    headings = re.findall(r"(?m)^### ((?:\d+, )*\d+)\. ", TEXT)
    entries = [int(number) for heading in headings for number in heading.split(", ")]
    assert set(entries) == set(range(1, 40))
    assert [number for number in set(entries) if entries.count(number) > 1] == [7]  # (6.9), and (3.16)


def test_blast_waves_need_walls(numbers):
    walls, circle = differences.tube(periodic=False), differences.tube(periodic=True)
    assert differences_models.off_by(walls) < 0.05 < 0.5 < differences_models.off_by(circle)


def test_a_tube_at_rest_stays_at_rest_far_from_its_jumps():
    x, pressure = differences.tube(periodic=False, t=1e-4, cells=200)
    far = (np.abs(x - 0.1) > 0.05) & (np.abs(x - 0.9) > 0.05)
    assert np.allclose(pressure[far], np.select([x < 0.1, x > 0.9], [1000, 100], 0.01)[far], rtol=1e-6)
    assert not np.allclose(pressure[~far], np.select([x < 0.1, x > 0.9], [1000, 100], 0.01)[~far], rtol=1e-3)


def test_levels_of_the_fan_move_at_their_own_speed():
    for level, distance in differences_models.fan().items():
        assert distance == pytest.approx(0.25 * level, abs=0.01)


def test_a_scale_of_a_layer_leaves_the_truncation_of_exact_zeros():
    for row in differences_models.scaling().values():
        assert row["kept, unit columns"] == row["kept, as trained"] > 0


def test_the_picture_of_the_tubes_has_both_beside_the_data():
    from lrnrbook import load_data

    tubes = {"a": differences.tube(False, 1e-3, 50), "b": differences.tube(True, 1e-3, 50)}
    fig = plot_tubes(tubes, load_data("euler"), 0.0285)
    assert [len(ax.lines) for ax in fig.axes] == [2, 2] and fig.axes[0].get_ylabel()
