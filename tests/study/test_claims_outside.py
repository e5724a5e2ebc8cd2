"""Claims of section 7: each rule turns its verdict when the record does."""

import copy

import pytest

from study.evidence import claims
from study.ledger.records import load_measurement
from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED
from study.outside import claims as claims_outside
from study.outside import tables as tables_outside
from study.outside.measure import runs


@pytest.fixture
def record(monkeypatch):
    changed = copy.deepcopy(load_measurement("benchmark-outside"))
    monkeypatch.setattr(claims_outside, "load_measurement", lambda name: changed)
    return changed


def laptop(record, name):
    return [row for key, row in record["rows"].items() if key.startswith(f"{name}, laptop")]


def small(record, kind):
    return [record["rows"][run.key] for run in runs() if run.kind == kind]


def test_sides_need_both_parts_on_both_sets(record):
    good = {"e1": 1.0, "e1 by area": 1.0, "strip": 1.4, "rest": 1.0, "mismatch": 1.9}
    for name in ("acoustics", "burgers"):
        for row in laptop(record, name):
            row["sides"] = dict(good)
    assert claims.check("C7-1").verdict == REPRODUCED
    laptop(record, "acoustics")[0]["sides"]["mismatch"] = 2.1
    assert claims.check("C7-1").verdict == PARTLY
    for row in laptop(record, "burgers")[:2]:
        row["sides"]["strip"] = 1.6
    assert claims.check("C7-1").verdict == NOT


def test_a_periodic_extension_must_fade_outwards(record):
    for name in ("acoustics", "burgers"):
        for row in laptop(record, name):
            row["correlations"]["enters"] = [[0.9, 0.7, 0.4, 0.1]] * 21 + [[None] * 4]
            row["side ratio"] = 0.1
    assert claims.check("C7-2").verdict == REPRODUCED
    laptop(record, "acoustics")[0]["correlations"]["enters"] = [[0.9, 0.7, 0.4, 0.5]] * 22
    assert claims.check("C7-2").verdict == PARTLY
    for row in laptop(record, "burgers"):
        row["side ratio"] = 0.6
    assert claims.check("C7-2").verdict == NOT


def test_outgoing_sound_keeps_its_form_and_fades(record):
    row, k = laptop(record, "acoustics")[0], claims_outside.frame_of("acoustics", 0.38)
    for values, verdict in (([0.8, 0.6, 0.1, 0.2], REPRODUCED), ([0.8, 0.6, 0.7, 0.75], PARTLY), ([0.6, 0, 0, 0], NOT)):
        row["correlations"]["left"][k] = values
        assert claims.check("C7-3").verdict == verdict


def test_coherence_can_only_be_lost_where_it_was(record):
    row = laptop(record, "acoustics")[0]
    early, late = (claims_outside.frame_of("acoustics", t) for t in (0.19, 0.64))
    for a, b, verdict in ((0.8, 0.3, REPRODUCED), (0.8, 0.5, NOT), (-0.2, -0.3, NOT)):
        row["correlations"]["all"][early][2], row["correlations"]["all"][late][2] = a, b
        assert claims.check("C7-4").verdict == verdict


def test_corners_wrinkles_and_fronts_are_judged_by_a_majority_of_seeds(record):
    rows = [row["shapes"] for row in laptop(record, "burgers")]
    for k, shapes in enumerate(rows):
        shapes["corners"] |= {"upper right": 0.1 if k else 0.9, "lower left": 0.8}
        shapes["wrinkles"]["model"], shapes["drift"]["model"] = 1.6, 0.05
        shapes["outgoing_front"] |= {"outside": 2.0, "inside": 1.0, "tip outside": 2.0, "tip inside": 1.0}
        shapes["fans"] = {"upper left": 0.95, "lower right": 0.91}
        shapes["roughness"] = list(range(21))
    assert [claims.check(key).verdict for key in ("C7-5", "C7-6", "C7-7")] == [REPRODUCED] * 3
    for shapes in rows[:2]:
        shapes["corners"]["lower left"] = 0.3
        shapes["drift"]["model"] = -0.05
        shapes["outgoing_front"]["outside"] = None  # a front that is lost
    assert [claims.check(key).verdict for key in ("C7-5", "C7-6", "C7-7")] == [NOT, PARTLY, PARTLY]


def test_causality_needs_both_comparisons_and_both_directions_of_time(record):
    def set_ratios(rows, neither, left, p=1e-9):
        for row in rows:
            row["classes"]["ratio"], row["classes"]["p"] = {"neither": neither, "left": left}, {"neither": p, "left": p}

    set_ratios(laptop(record, "burgers"), 0.4, 0.6)
    set_ratios(small(record, "forward") + small(record, "reversed"), 0.4, 0.5)
    assert claims.check("C7-8").verdict == REPRODUCED
    set_ratios(small(record, "reversed"), 0.4, 2.0)
    assert claims.check("C7-8").verdict == PARTLY
    assert claims_outside.opposed() == (12, 12)
    found = claims_outside.effects("burgers")
    assert found["direction"] == pytest.approx([1.0] * 6) and found["place"] == pytest.approx([0.5] * 6)
    set_ratios(laptop(record, "burgers"), 0.4, 0.8)
    assert claims.check("C7-8").verdict == PARTLY
    set_ratios(laptop(record, "burgers"), 0.4, 0.6, p=0.02)
    assert claims.check("C7-8").verdict == NOT


def test_a_missing_row_cannot_be_judged(record):
    del record["rows"]["burgers, sine, reversed, 2"]
    assert claims.check("C7-8").verdict == CANNOT
    record["rows"].clear()
    assert {claims.check(key).verdict for key in claims_outside.CLAIMS} == {CANNOT}


def test_tables_of_the_record(record):
    table = tables_outside.models(record)
    assert len(table) == len(record["rows"]) and table.loc["advection, laptop, 0", "E1 inside"] == "–"
    assert list(tables_outside.periodic(record).loc["burgers"].index) == ["plain", "periodic"]
