"""The recipe "auto" held against the laptop recipe: the waves, the record, what is said of it."""

import numpy as np
import pytest

from lrnrbook.race import MARGIN, candidates
from study.ledger.records import load_measurement
from study.ledger.verdicts import SETS
from study.own import auto


@pytest.fixture
def record():
    return load_measurement("benchmark-auto")


def test_sods_tube_has_the_known_states_and_conserves_mass():
    data = auto.sod()
    x, last = data.x[-1][:, 0], data.u[-1]
    middle = last[np.abs(x - 0.1).argmin()]  # behind the fan, before the contact
    assert np.allclose(middle, [0.42632, 0.92745, 0.30313], rtol=1e-4)
    assert np.allclose(last[np.abs(x - 0.3).argmin()], [0.26557, 0.92745, 0.30313], rtol=1e-4)
    assert np.allclose(last[0], [1, 0, 1]) and np.allclose(last[-1], [0.125, 0, 0.1])
    assert [u[:, 0].mean() for u in data.u] == pytest.approx([0.5625] * len(data), abs=2e-3)


def test_the_record_has_both_recipes_on_every_wave_and_the_winner_of_each_race(record):
    both = auto.pairs(record)
    assert list(both) == [*auto.OWN, *SETS] and len(both) == 7
    for chosen, laptop in both.values():
        first, *others = chosen["race"]
        assert first["change"] == {key: chosen[key] for key in auto.CHOSEN} and laptop["race"] == []
        tried = [row["change"] for row in chosen["race"]]
        assert sorted(map(str, tried)) == sorted(map(str, candidates(record["seconds"], {})))
        assert all(len(row["errors"]) <= len(first["errors"]) for row in others)
        likeliest = next(row for row in chosen["race"] if row["change"] == candidates(record["seconds"], {})[0])
        if likeliest is not first and len(likeliest["errors"]) == len(first["errors"]):
            assert first["errors"][-1] < MARGIN * likeliest["errors"][-1]
    table = auto.table(record)
    assert len(table) == 7 and [f"{a['unseen'] / b['unseen']:.2f}" for a, b in both.values()] == list(table["ratio"])


def test_each_outcome_has_its_sentence():
    rows = {f"{name}: {recipe}": {"unseen": error} for name, errors in
            {"channel": (1.0, 2.0), "euler": (1.0, 1.05), "burgers": (3.0, 2.0)}.items()
            for recipe, error in zip(("auto", "laptop"), errors, strict=True)}
    assert auto.answer({"rows": rows}) == (
        "The network that was chosen has a smaller error on 1 of 3 waves. The errors differ by less than a tenth on: "
        "blast waves. Its error is larger on: wave of Burgers (1.50 times).")


def test_a_record_of_other_seconds_is_refused(tmp_path, record):
    path = tmp_path / "auto.json"
    path.write_text('{"seconds": 60.0, "seed": 0, "rows": {}}')
    with pytest.raises(ValueError, match="is the record of 60.0 seconds and seed 0: delete it"):
        auto.measure(path, 30.0, 0, 1)
