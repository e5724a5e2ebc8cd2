"""Records of trained models: resumed, plain, and of every model."""

import json

import numpy as np
import pytest

from lrnrbook.datasets import load_data
from lrnrbook.evaluation import errors
from study.far.measure import AUTOENCODERS, EXTRAPOLATION
from study.hypermodes.measure import COEFFICIENTS, ENCODING, EVERY, FORECASTS
from study.ledger import measurements
from study.ledger.models import pretrained, truncated_modes
from study.ledger.records import load_measurement, plain
from study.ledger.verdicts import SETS
from study.steps.measure import TANGENTS
from study.steps.stability import STABILITY

EVERYTHING = (COEFFICIENTS, TANGENTS, EXTRAPOLATION, ENCODING, FORECASTS, AUTOENCODERS, STABILITY)


def test_rows_that_are_there_are_not_measured_again(tmp_path):
    path = tmp_path / "forecasts.json"
    done = {f"{name} 0": {"t": [1.0]} for name in SETS[1:]}
    path.write_text(json.dumps({"rows": done, "machine": {}}))
    record = measurements.measure(FORECASTS, path, jobs=1)
    assert set(record["rows"]) == {"euler 0", *done} and record["rows"]["burgers 0"] == {"t": [1.0]}
    assert json.loads(path.read_text()) == record and len(record["rows"]["euler 0"]["linear"]) == 8


def test_numbers_become_plain():
    assert plain({"a": np.float64(2), "b": [np.nan, np.int64(1)], "c": (True, None)}) == {
        "a": 2.0, "b": [None, 1], "c": [True, None]}


@pytest.mark.parametrize("what", EVERYTHING, ids=lambda what: what.name)
def test_shipped_records_have_every_model(what):
    rows = load_measurement(f"hypermodes-{what.name}")["rows"]
    models = [f"{name} {seed}" for name, recipe, seed in pretrained() if recipe == "laptop" and name in what.sets]
    assert set(rows) == {model for model in models if what.every_seed or model.endswith(" 0")}


def test_shipped_coefficients_are_those_of_the_shipped_models():
    row = load_measurement("hypermodes-coefficients")["rows"]["euler 0"]
    modes = truncated_modes("euler")
    assert row["modes"] == modes.count()
    fresh = errors(modes.model, load_data("euler")[::EVERY]).mean
    assert row["truncated"] == pytest.approx(fresh, rel=1e-3)
