"""Tables of the comparisons: what they print is what the records say."""

import pytest

import lrnrbook as lb
from lrnrbook import tables
from lrnrbook.storage import load_benchmark


def test_networks_come_with_their_sizes_and_errors():
    frame = tables.networks("euler")
    record = lb.load_record("euler", "nif")
    assert frame.loc["NIF", "parameters"] == record["parameters"] and frame.loc["POD", "modes"] < 20
    assert float(frame.loc["NIF", "E1"]) == pytest.approx(record["quality"]["e1"], rel=0.01)
    assert "–" in set(tables.networks("acoustics")["overshoot"]), "no fronts, nothing to overshoot"


def test_ablations_are_means_over_the_seeds():
    rows = load_benchmark("ablations")["rows"]
    found = tables.ablations(["MSE"], ("burgers",)).loc[("MSE", "burgers")]
    mean = sum(rows[f"MSE | burgers | {seed}"]["e1"] for seed in range(3)) / 3
    assert found["seeds"] == 3 and float(found["E1"]) == pytest.approx(mean, rel=0.01)


def test_failed_trials_come_last_with_their_reason():
    rows = {"0": {"change": {"width": 8}, "failed": "its process died"},
            "1": {"change": {"width": 16}, "e1": 0.5, "kept": 3, "coefficients": 4, "steps": 10, "ranks": "r"}}
    frame = tables.search({"rows": rows})
    assert list(frame.index) == ["1", "0"] and list(frame["E1"]) == ["5.00e-1", "failed"]
    assert frame.loc["0", "ranks"] == "its process died"
