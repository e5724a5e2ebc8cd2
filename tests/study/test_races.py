"""Races: every variant at equal seconds, one record."""

import json

import pytest

import lrnrbook as lb
from study.instruments import tables
from study.training import races


def test_a_race_writes_a_record_and_does_not_run_twice(tmp_path, monkeypatch):
    data, path = lb.load_data("euler").select(["pressure"]), tmp_path / "race.json"
    variants = {"a": {}, "b": {"learning_rate": 1e-3}}
    first = races.race(data, "smoke", variants, 0.5, path)
    monkeypatch.setattr(races, "_run", None)  # a second run would fail
    assert races.race(data, "smoke", variants, 0.5, path) == first == json.loads(path.read_text())
    assert list(tables.race(first).columns) == ["steps", "kept", "pressure"]
    with pytest.raises(ValueError, match="another race"):
        races.race(data, "smoke", variants, 0.7, path)
