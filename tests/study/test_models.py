"""Claims and measurements on other models than the shipped laptop ones."""

import json
import shutil

import pytest

import lrnrbook as lb
from lrnrbook.storage import asset
from study.evidence.claims import check
from study.hypermodes.measure import COEFFICIENTS, EVERY
from study.ledger.measurements import measure
from study.ledger.models import (
    SHIPPED,
    Subject,
    about,
    load_pretrained,
    load_record,
    pretrained,
    subject,
    truncated_modes,
)
from study.ledger.records import load_measurement
from study.ledger.verdicts import CANNOT, Missing


@pytest.fixture
def folder(tmp_path):
    for ending in (".safetensors", ".json"):
        shutil.copy(asset("models", f"euler-page-0{ending}"), tmp_path / f"euler-paper-fast-0{ending}")
    return tmp_path


def test_the_shipped_laptop_models_are_meant_unless_others_are_chosen():
    assert subject() is SHIPPED and subject().seeds("euler") == [0, 1, 2]
    with about(Subject("page")):
        assert subject().model("euler").lrnr.dims[1] == 64 and subject().record("euler")["recipe"]["width"] == 64
    assert subject() is SHIPPED and subject().model("euler").lrnr.dims[1] == 192


def test_a_folder_holds_models_records_and_measurements(folder):
    ours = Subject("paper-fast", folder)
    assert ours.models() == [("euler", 0)] and ours.seeds("burgers") == []
    assert ours.model("euler").lrnr.dims == (1, 64, 64, 64, 64, 3) and ours.record("euler")["seed"] == 0
    for ask in (lambda: ours.model("burgers"), lambda: ours.record("euler", 1), lambda: ours.measurement("none")):
        with pytest.raises(Missing, match=str(folder)):
            ask()


def test_claims_follow_the_subject_and_say_what_they_miss(folder):
    shipped = check("C5.0-1").numbers
    with about(Subject("paper-fast", folder)):
        ours = check("C5.0-1").numbers
        assert (ours["seeds"], shipped["seeds"]) == (1, 3) and ours["share of biases near zero"] == "0.19"
        missing = check("C5.0-4")
    assert missing.verdict == CANNOT and "hypermodes-coefficients-paper-fast.json" in missing.numbers["missing"]


def test_measurements_follow_the_subject_into_other_processes(folder):
    with about(Subject("paper-fast", folder)):
        record = measure(COEFFICIENTS, folder / "hypermodes-coefficients-paper-fast.json", jobs=1)
        assert list(record["rows"]) == ["euler 0"] and check("C5.1-1").verdict == CANNOT  # three sets are missing
        modes = truncated_modes("euler", 0)
    data = lb.load_data("euler")[:: EVERY]
    ours = lb.errors(lb.load_pretrained("euler", "page"), data).mean
    row, pod = record["rows"]["euler 0"], lb.Pod(lb.load_data("euler"), 3)
    assert row["full"] == pytest.approx(ours, rel=1e-3)
    for k in (1, 3):
        assert row["pod"][k - 1] == pytest.approx(lb.errors(pod.first(k), data).mean, rel=1e-3)
        assert row["reduced"][k - 1] == pytest.approx(lb.errors(modes.reduced(k), data).mean, rel=1e-3)
    assert json.loads((folder / "hypermodes-coefficients-paper-fast.json").read_text()) == record


def test_models_of_the_package_and_of_the_study_are_one_collection():
    assert set(lb.pretrained()) < set(pretrained()) and ("euler", "siren", 0) in pretrained()
    assert load_pretrained("euler").provenance == lb.load_pretrained("euler").provenance
    assert load_record("euler", "nif")["recipe"]["network"] == "nif"
    for call, words in ((lambda: load_pretrained("euler", "big"), "siren"), (lambda: load_measurement("no"), "race-")):
        with pytest.raises((ValueError, Missing), match=words):
            call()
