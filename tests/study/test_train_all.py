"""Training all models: side by side, with logs, resumed, and a failed run named without losing the others."""

import json

import pytest

import lrnrbook as lb
from study.instruments import tables
from study.training.train_all import RunsFailed, train_all


def test_models_records_and_logs_and_a_second_call_ends_the_same(tmp_path):
    records = train_all(["euler"], "smoke", 5, 2, tmp_path)
    path = tmp_path / "euler-smoke-5.safetensors"
    first = path.read_bytes()
    assert json.loads(path.with_suffix(".json").read_text()) == records["euler"]
    assert set(records["euler"]["errors"]) == {"samples", "midpoints"} and records["euler"]["seed"] == 5
    assert lb.load(path).provenance["recipe"]["width"] == lb.get_recipe("smoke").width
    assert "wrote" in path.with_suffix(".log").read_text()
    assert list(tables.models(records).index) == ["euler"]
    train_all(["euler"], "smoke", 5, 2, tmp_path)
    assert path.read_bytes() == first


def test_a_failed_run_is_named_and_the_others_end(tmp_path):
    with pytest.raises(RunsFailed, match="1 of 2 runs failed: see .*nowhere-smoke-0.log"):
        train_all(["nowhere", "euler"], "smoke", 0, 2, tmp_path)
    assert (tmp_path / "euler-smoke-0.safetensors").exists()
    assert "'nowhere'" in (tmp_path / "nowhere-smoke-0.log").read_text()
