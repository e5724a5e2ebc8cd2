"""A network that a race chooses, `recipe="auto"`."""

import time

import pytest
from examples import family, travelling_bump, weights

import lrnrbook as lb
from lrnrbook import training
from lrnrbook.race import MARGIN, candidates, race


def test_auto_takes_the_winner_of_a_race_from_the_record_and_from_the_checkpoint(tmp_path):
    data, path = travelling_bump(times=21), tmp_path / "run"
    how = {"seconds": 1.5, "depth": 3, "batch_points": 16, "progress": False}
    part = lb.fit(data, "auto", slice_seconds=0.3, checkpoint=path, **how)
    rows = part.record["race"]
    assert part.stop_reason.startswith("slice over") and "holdout" not in part.record
    assert {row["change"]["width"] for row in rows} == {c["width"] for c in candidates(1.5, {})} == {48, 64}
    assert rows[0]["errors"][0] * MARGIN <= rows[1]["errors"][0]
    whole = lb.fit(data, "auto", checkpoint=path, **how)
    assert whole.stop_reason.startswith("all") and whole.record["race"] == rows
    assert rows[0]["change"].items() <= whole.record["recipe"].items() and whole.record["recipe"]["depth"] == 3
    assert weights(lb.fit(data, lb.Recipe(**whole.record["recipe"]), progress=False)).equal(weights(whole))
    with pytest.raises(ValueError, match="this run (48|64): expected the same"):  # no run of "auto"
        lb.fit(data, "smoke", seconds=1.5, width=24, checkpoint=tmp_path / "plain", slice_seconds=0.01, progress=False)
        lb.fit(data, "auto", rank=6, checkpoint=tmp_path / "plain", **how)
    with pytest.raises(ValueError, match="'auto', seconds = None: expected the seconds"):
        lb.fit(data, "auto")


def test_networks_grow_with_the_time_and_what_is_given_stays():
    first = [candidates(seconds, {})[0] for seconds in (1e-3, 15, 60, 600, 3600, 1e9)]
    assert [row["width"] for row in first] == sorted(row["width"] for row in first)
    assert [row["learning_rate"] for row in first] == sorted((row["learning_rate"] for row in first), reverse=True)
    assert [len(candidates(seconds, {})) for seconds in (1, 60, 1e9)] == [2, 4, 6]
    assert candidates(1e9, {"width": 64, "rank": 8, "learning_rate": 1e-3}) == [{}]
    assert {row["rank"] for row in candidates(1e9, {"width": 64, "learning_rate": 1e-3})} == {16, 24}


@pytest.mark.parametrize("data", [travelling_bump(times=21), family((0.2, 0.5, 0.8))], ids=["run", "family"])
def test_a_race_is_won_by_what_learns_and_the_same_seed_chooses_the_same(data, monkeypatch):
    monkeypatch.setattr("time.perf_counter", time.process_time)  # whatever else the machine does
    trial, tries = training.apart(data, "auto"), [{"learning_rate": rate} for rate in (1e-9, 6e-3, 1e-8)]
    for _ in range(2):
        best, *others = race(*trial, lb.get_recipe("smoke"), tries, 0.6, 0, "cpu")
        assert best["change"] == {"learning_rate": 6e-3} and len(best["errors"]) == 2
        assert [row["change"] for row in others] == [{"learning_rate": 1e-9}, {"learning_rate": 1e-8}]
        assert sorted(len(row["errors"]) for row in others) == [1, 2]
    assert all(best["errors"][-1] < 0.8 * row["errors"][-1] for row in others)
    first, _ = race(*trial, lb.get_recipe("smoke"), [{"learning_rate": 1e-9}, {"learning_rate": 2e-9}], 0.1, 0, "cpu")
    assert first["change"] == {"learning_rate": 1e-9}, "the likeliest wins where none is much better"


def test_a_network_that_diverges_loses_its_race():
    trial, tries = training.apart(travelling_bump(times=21), "auto"), [{"learning_rate": 1e30}, {"learning_rate": 6e-3}]
    best, other = race(*trial, lb.get_recipe("smoke"), tries, 0.2, 0, "cpu")
    assert best["change"] == {"learning_rate": 6e-3} and best["errors"][0] > 0
    assert other == {"change": {"learning_rate": 1e30}, "errors": [None]}
