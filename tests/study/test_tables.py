"""Tables of the comparisons and of the explorer: what they print is what the records say."""

import pytest

from study.explorer.tables import painted
from study.ingredients import tables
from study.ledger.models import load_record
from study.ledger.records import load_measurement


def test_networks_come_with_their_sizes_and_errors():
    frame = tables.networks("euler")
    record = load_record("euler", "nif")
    assert frame.loc["NIF", "parameters"] == record["parameters"] and frame.loc["POD", "modes"] < 20
    assert float(frame.loc["NIF", "E1"]) == pytest.approx(record["quality"]["e1"], rel=0.01)
    assert "–" in set(tables.networks("acoustics")["overshoot"]), "no fronts, nothing to overshoot"


def test_ablations_are_means_over_the_seeds():
    rows = load_measurement("ablations")["rows"]
    found = tables.ablations(["MSE"], ("burgers",)).loc[("MSE", "burgers")]
    mean = sum(rows[f"MSE | burgers | {seed}"]["e1"] for seed in range(3)) / 3
    assert found["seeds"] == 3 and float(found["E1"]) == pytest.approx(mean, rel=0.01)


def test_the_page_draws_in_the_way_that_its_record_says_is_better():
    record = load_measurement("benchmark-explorer")
    table = painted(record)
    assert list(table) == ["acoustics", "burgers", "advection"] and len(table) == 7
    for row in record["painted"].values():
        fast = row["webgl"]["256"] > min(60, row["wasm"]["96"])
        assert row["chosen"] == ("webgl" if fast else "wasm")
