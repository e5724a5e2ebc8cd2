"""One wave in many odd forms: those that are taken train as well as the plain one, the others are a sentence."""

import re
from functools import cache

import pytest

from study.own import hostile

SAID = {"integers with scale, offset and fill value": "45 of 1000 values are missing",
        "land where no value ever is": "80 of 1000 values are missing"}
SENTENCES = {
    "several levels, none selected": "dimension 'level' has no coordinate: .* or select={'level': i",
    "a frame without any value": "at t = 0.157895 every point is missing .*: expected some in each frame",
    "an infinite value": "field 'u' is inf at time index 3, point 7: expected finite values",
    "a field that is zero everywhere": "field 'u' is zero everywhere at 20 times: a misfit needs values",
    "times that go back": r"t\[0\] = 1.0 is followed by t\[1\] = 0.0: expected strictly increasing times",
    "a frame with a single place": r"x at time index 19 has shape \(1, 1\): expected at least two points",
    "no coordinate of time": "no time coordinate 't' or 'time' along a dimension: the coordinates are x",
    "a text file with the ending of NetCDF": "cannot read 'wave.nc' .*: expected a file that xarray opens",
    "a file of VTK": "'wave.vtu' has an unknown ending: expected frames as meshio reads them, for WaveData.from_arrays",
}
SAME = ("values of", "places from", "dates", "several levels")  # the same numbers in normalised units


@cache
def plain():
    return hostile.outcome(hostile.TAKEN[hostile.PLAIN])[1]


@pytest.mark.parametrize("name", hostile.TAKEN)
def test_odd_data_train_as_well_as_plain_ones(name):
    said, off = hostile.outcome(hostile.TAKEN[name])
    assert re.match(SAID.get(name, "$"), said) and 0 < plain() < 0.01
    assert off == pytest.approx(plain(), rel=1e-2) if name.startswith(SAME) else off < 1.5 * plain()


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_data_of_no_use_are_refused_in_a_sentence(name):
    said, off = hostile.outcome(hostile.REFUSED[name])
    assert re.match(SENTENCES[name], said) and "\n" not in said and off != off
