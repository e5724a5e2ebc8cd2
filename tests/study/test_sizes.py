"""The benchmark of the paper's sizes, with tiny sizes: trains, measures, judges, ships, and goes on after a stop."""

import json
from dataclasses import replace

import pytest

import lrnrbook as lb
from lrnrbook import recipes
from lrnrbook.trainer import new_model
from study.evidence.claims import CHECKS
from study.ledger.models import Subject, about, load_pretrained, load_record
from study.ledger.records import load_measurement
from study.ledger.verdicts import NOT, PARTLY, SETS, Verdict
from study.sizes import again
from study.sizes import measure as benchmark_paper
from study.sizes import tables as tables_paper
from study.sizes.words import pushed

TINY = {"width": 40, "rank": 8, "epochs": 12, "batch_times": 27}
PARTS = [part for part in benchmark_paper.PARTS if part not in ("tangents", "extrapolation")]  # they take minutes


@pytest.fixture
def tiny(monkeypatch):
    for kind in benchmark_paper.RECIPES:
        table = {name: replace(recipe, **TINY) for name, recipe in recipes.RECIPES[kind].items()}
        monkeypatch.setitem(recipes.RECIPES, kind, table)
    for name, value in (("RANKS", (4, 8)), ("SNAPSHOTS", 51), ("UNSEEN", 7), ("TIMES", 8), ("STEPS", 3)):
        monkeypatch.setattr(again if hasattr(again, name) else benchmark_paper, name, value)


def test_one_command_trains_measures_judges_and_ships(tiny, tmp_path):
    path = tmp_path / "benchmark-paper.json"
    record = benchmark_paper.measure(path, ["euler"], PARTS, jobs=1)
    assert record == {key: value for key, value in json.loads(path.read_text()).items()
                      if key not in ("machine", "date")}
    assert list(record["runs"]) == ["euler, paper-fast", "euler, paper"]
    for label, run in record["runs"].items():
        name, recipe = label.split(", ")
        file = path.with_suffix("") / "ship" / f"{name}-{recipe}-0.safetensors"
        assert (run["epochs"], run["device"], run["shipped"]["bytes"]) == (12, "cpu", file.stat().st_size)
        assert max(abs(run["shipped"][what]) for what in ("change by truncation", "by half precision")) < 0.05
        shipped = json.loads(file.with_suffix(".json").read_text())
        assert shipped["recipe"]["width"] == 40 and tables_paper.mean(shipped["errors"]["samples"]) == pytest.approx(
            lb.errors(lb.load(file), lb.load_data(name)).mean, rel=1e-6)
    assert all(0 < row["share"] < 1 and row["flops"] > 0 for row in record["steps"].values())
    assert list(record["fast"]["euler"]["errors"]) == ["4", "8"] and set(record["fast"]["euler"]["seconds"]) == {"cpu"}
    assert "C5.0-1" in record["claims"] and "C5.1-1" not in record["claims"]  # which needs all four sets
    other = benchmark_paper.measure(path, ["euler"], ["claims"], recipes=["paper"])  # the models of the other recipe
    assert other["recipe"] == "paper" and other["fast"] == {} and other["claims"] != record["claims"]
    before = path.with_suffix("").joinpath("euler-paper-0.safetensors").stat().st_mtime_ns
    more = benchmark_paper.measure(path, ["euler"], ["train", "steps", "errors"], jobs=1)
    assert more["runs"].keys() == record["runs"].keys() and more["steps"] == record["steps"]
    assert path.with_suffix("").joinpath("euler-paper-0.safetensors").stat().st_mtime_ns == before
    for table in (tables_paper.runs, tables_paper.steps, tables_paper.fast):
        assert "blast waves" in str(table(record).axes)
    laptop = [Verdict(CHECKS["C5.0-1"]().claim, NOT, {})]
    table = tables_paper.verdicts(laptop, {"paper size": record, "none": {"claims": {}}})
    assert table.loc["C5.0-1", ["laptop", "none"]].tolist() == ["not seen", ""]  # an observation
    assert table.loc["C5.0-1", "same"] == (table.loc["C5.0-1", "paper size"] == "not seen")


def test_a_slice_stops_training_and_the_next_call_goes_on(tiny, tmp_path):
    path = tmp_path / "benchmark-paper.json"
    first = benchmark_paper.measure(path, ["euler"], slice_seconds=0.05)
    assert first["steps"] == first["claims"] == {}  # nothing is measured before all models are done
    assert first["runs"]["euler, paper-fast"]["stop_reason"].startswith("slice over after epoch")
    assert "euler, paper" not in first["runs"]
    second = benchmark_paper.measure(path, ["euler"], ["train"])
    assert {run["stop_reason"] for run in second["runs"].values()} == {"all 12 epochs done"}


def test_unknown_parts_and_recipes_are_named(tmp_path):
    for words, change in (("'trian'.*train", {"parts": ["trian"]}), ("'page'.*paper-fast", {"recipes": ["page"]})):
        with pytest.raises(ValueError, match=words):
            benchmark_paper.measure(tmp_path / "x.json", ["euler"], **change)
    assert not any(tmp_path.iterdir())


def test_the_shipped_record_is_about_the_shipped_models():
    record = load_measurement("benchmark-paper")
    assert set(record["claims"]) <= set(again.SIZED)
    for label, run in record["runs"].items():
        name, recipe = label.split(", ")
        model, trained = load_pretrained(name, recipe), load_record(name, recipe)
        assert model.lrnr.dims[1] == run["width"] == lb.get_recipe("paper", name).width
        assert (model.ranks.weights, model.ranks.biases) == tuple(map(tuple, run["ranks"].values()))
        assert (trained["epochs"], trained["steps"]) == (run["epochs"], run["steps"])
        assert trained["data"]["sha256"] == lb.load_data(name).sha256
    found = lb.errors(load_pretrained("euler", "paper-fast"), lb.load_data("euler", "midpoints")).mean
    of_shipped = load_record("euler", "paper-fast")["errors"]["midpoints"]
    of_trained = record["runs"]["euler, paper-fast"]["errors"]["midpoints"]
    assert tables_paper.mean(of_shipped) == pytest.approx(found, rel=1e-3)
    assert tables_paper.mean(of_trained) == pytest.approx(found, rel=0.05)  # not truncated, in single precision


def test_likeness_tells_the_own_start_from_others(monkeypatch):
    untrained = new_model(lb.load_data("euler"), lb.get_recipe("page", "euler"))
    monkeypatch.setattr(tables_paper, "load_pretrained", lambda *_: untrained)
    table = tables_paper.likeness(["euler"], ["page"])
    assert table.loc["euler", "page", "own start"].tolist() == [1.0] * 6  # it is its own start
    assert table.loc["euler", "page", "other starts"].min() < 0.9
    untrained = new_model(lb.load_data("euler"), lb.get_recipe("trial", "euler"))  # two of its modes count
    own = tables_paper.likeness(["euler"], ["trial_printed"]).loc["euler", "trial_printed", "own start"]
    assert own[:2].tolist() == [1.0, 1.0] and own[2:].isna().all()


def test_claims_are_decided_again_on_other_models_of_the_book(monkeypatch, tmp_path):
    for name, value in (("PARTS", {}), ("RANKS", (4, 8)), ("SNAPSHOTS", 51), ("UNSEEN", 7)):
        monkeypatch.setattr(again, name, value)
    with pytest.raises(ValueError, match="'none'.*one for each wave"):
        again.again(tmp_path / "again-none.json", "none")
    assert not any(tmp_path.iterdir())
    record = again.again(tmp_path / "again-page.json", "trial_restarted")
    assert record["recipe"] == "trial_restarted" and set(record["claims"]) <= set(again.SIZED)
    assert "C5.0-1" in record["claims"] and "C5.2.1-1" not in record["claims"]  # which takes a measurement
    assert (tmp_path / "again-page" / "euler-trial_restarted-0.safetensors").is_file()


def test_the_shipped_verdicts_are_those_of_the_shipped_models():
    record = load_measurement("again-trial_printed")
    with about(Subject(record["recipe"])):
        assert record["claims"]["C5.0-1"]["verdict"] == CHECKS["C5.0-1"]().verdict


def test_steps_of_other_networks_are_compared_by_their_shares_and_verdicts():
    laptop = {claim: Verdict(CHECKS[claim]().claim, PARTLY, {"euler: share of coherent fields": "0.7, 0.5"})
              for claim in ("C5.3-1", "C5.3-3")}
    numbers = {"euler: share of coherent fields": "0.9", "burgers: share of coherent fields": "0.2"}
    trial = {claim: {"verdict": PARTLY, "numbers": numbers} for claim in laptop}
    said = pushed(trial, laptop)
    assert "20 to 90 % of their fields" in said and "have 50 to 70 %. The claims of this section have the same" in said
    trial["C5.3-3"]["verdict"] = NOT
    assert pushed(trial, laptop).endswith("Another verdict there: C5.3-3.")


def test_far_steps_of_large_networks_are_coherent_where_it_is_said():
    large = load_measurement("benchmark-paper")["claims"]["C5.3-1"]["numbers"]
    share = {name: float(large[f"{name}: share of coherent fields"]) for name in SETS}
    laptop = CHECKS["C5.3-1"]().numbers
    first = {name: float(laptop[f"{name}: share of coherent fields"].split(", ")[0]) for name in SETS}
    assert min(share, key=share.get) == "advection" and share["advection"] < first["advection"]
    assert share["euler"] > first["euler"] and share["burgers"] > first["burgers"]
