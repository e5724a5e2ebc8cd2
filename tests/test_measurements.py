"""Records of section 5: resumed, plain, and refused where the kind is unknown."""

import json

import numpy as np
import pytest

from lrnrbook import measurements
from lrnrbook.storage import load_benchmark, pretrained


def test_rows_that_are_there_are_not_measured_again(tmp_path):
    path = tmp_path / "forecasts.json"
    done = {f"{name} 0": {"t": [1.0]} for name in measurements.SETS[1:]}
    path.write_text(json.dumps({"rows": done, "machine": {}}))
    record = measurements.measure("forecasts", path, jobs=1)
    assert set(record["rows"]) == {"euler 0", *done} and record["rows"]["burgers 0"] == {"t": [1.0]}
    assert json.loads(path.read_text()) == record and len(record["rows"]["euler 0"]["linear"]) == 8


def test_an_unknown_kind_is_named(tmp_path):
    with pytest.raises(ValueError, match="'colours'.*tangents"):
        measurements.measure("colours", tmp_path / "x.json")


def test_numbers_become_plain():
    assert measurements._plain({"a": np.float64(2), "b": [np.nan, np.int64(1)], "c": (True, None)}) == {
        "a": 2.0, "b": [None, 1], "c": [True, None]}


@pytest.mark.parametrize("kind", measurements.KINDS)
def test_shipped_records_have_every_model(kind):
    rows = load_benchmark(f"hypermodes-{kind}")["rows"]
    _, names, every = measurements.KINDS[kind]
    models = [f"{name} {seed}" for name, recipe, seed in pretrained() if recipe == "laptop" and name in names]
    assert set(rows) == {model for model in models if every or model.endswith(" 0")}


def test_shipped_coefficients_are_those_of_the_shipped_models():
    row = load_benchmark("hypermodes-coefficients")["rows"]["euler 0"]
    modes = measurements.truncated_modes("euler")
    assert row["modes"] == modes.count()
    fresh = measurements.errors(modes.model, measurements.load_data("euler")[:: measurements.EVERY]).mean
    assert row["truncated"] == pytest.approx(fresh, rel=1e-3)
