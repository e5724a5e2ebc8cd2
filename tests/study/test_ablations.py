"""Ablations: every run is well defined, resumes, and the rules of the claims read what the runs say."""

import json

import numpy as np
import pytest

import lrnrbook as lb
from study.evidence import claims
from study.ingredients import ablations
from study.ingredients import claims as ingredients
from study.ingredients import claims_course as claims_curves
from study.ingredients.ablations import Run, all_runs, finest_points, run_all, uniform_points
from study.instruments import ablation_rows
from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED, SETS, majority


def test_runs_have_names_of_their_own_and_change_what_they_say():
    runs = all_runs()
    assert len({run.key for run in runs}) == len(runs) and {run.seed for run in runs} == {0, 1, 2}
    base = Run("Adam", "burgers", 0).recipe
    assert (base.optimizer, base.lambda_sparse, base.prune, base.threads) == ("adam", 0, 0, 1)
    assert Run("SOAP, no R_ortho", "burgers", 1).recipe.optimizer == "soap"
    assert Run("R_sparse as in Table 1", "burgers", 0).recipe.lambda_sparse == 2.71e-11
    assert Run("SIREN", "euler", 0).recipe.network == "siren"
    assert Run("uniform points, mollifier", "acoustics", 0).recipe.mollifier_radius == pytest.approx(0.06)


def test_uniform_points_are_as_many_and_have_the_values_of_their_places():
    data = lb.load_data("burgers")[::40]
    flat = uniform_points(data)
    assert abs(len(flat[0].x) / np.mean([len(x) for x in data.x]) - 1) < 0.02
    corner = (flat[0].x > 0.11).all(1) & (flat[0].x < 0.59).all(1)
    assert (flat[0].u[corner] == 1).all() and flat[0].u[(flat[0].x > 0.62).any(1)].max() < 0.2
    fine = finest_points(data, every=2)
    assert len(fine) == 2 and len(fine[0].x) == len(fine[1].x) > len(flat[0].x)


def test_a_stopped_set_of_runs_goes_on_and_a_changed_one_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(ablations, "SMALL", ablations.SMALL | {"epochs": 2})
    only = [Run("Adam", "euler", 0), Run("SIREN", "euler", 0)]
    made, execute = [], ablations.execute
    monkeypatch.setattr(ablations, "execute", lambda run: made.append(run.key) or execute(run))
    run_all(tmp_path, None, only[:1])
    record = run_all(tmp_path, None, only)
    assert made == [run.key for run in only]
    row = record["rows"]["Adam | euler | 0"]
    assert {"e1", "e2", "kept", "modes", "quality", "evaluations"} <= set(row) and row["epochs"] == 2
    assert json.loads((tmp_path / "ablations.json").read_text())["rows"].keys() == record["rows"].keys()
    monkeypatch.setattr(ablations, "SMALL", ablations.SMALL | {"epochs": 3})
    run_all(tmp_path, None, only[:1])
    assert made[-1] == "Adam | euler | 0" and len(made) == 3


def test_lambda_of_table_1_is_compared_with_one_rounding_unit(monkeypatch):
    found = ablations.lambda_effect("euler", steps=12)
    assert 0 <= found["difference"] < 1e-4 and 0 < found["rounding"] < 1e-4 and 0 < found["ratio"] < 1e-10
    monkeypatch.setitem(ablations.TABLE, "euler", {"lambda_sparse": 1e-2, "gamma": 1.05})
    assert ablations.lambda_effect("euler", steps=12)["difference"] > 1e-3


@pytest.fixture
def rows(monkeypatch):
    """An empty record in place of the shipped one."""
    made = {}
    monkeypatch.setattr(ablation_rows, "load_measurement", lambda name: {"rows": made})
    monkeypatch.setattr(ingredients, "trials", lambda *names: {})
    return made


def fill(rows, variant, values, sets=SETS, seeds=(0, 1, 2)):
    for name in sets:
        for seed in seeds:
            rows[f"{variant} | {name} | {seed}"] = values


def test_a_missing_run_gives_no_verdict(rows):
    for claim in ("C4.1-1", "C4.1-6", "C4.2-1", "C4.3-2", "C4.3-7"):
        verdict = claims.check(claim)
        assert verdict.verdict == CANNOT and verdict.note.startswith(("Not measured", "Only 0 of 12"))


def test_pairs_with_and_without_r_ortho_decide(rows):
    for base, without in (("Adam", "no R_ortho"), ("SOAP", "SOAP, no R_ortho")):
        fill(rows, base, {"misfit": 1.0})
        fill(rows, without, {"misfit": 1.2})
    assert claims.check("C4.1-6").verdict == REPRODUCED
    fill(rows, "no R_ortho", {"misfit": 0.9}, ["euler"])
    assert claims.check("C4.1-6").verdict == PARTLY
    fill(rows, "no R_ortho", {"misfit": 0.9}, ["burgers"])
    assert claims.check("C4.1-6").verdict == NOT
    fill(rows, "SOAP, no R_ortho", {"misfit": 0.1})
    assert claims.check("C4.1-6").verdict == NOT, "SOAP stands beside and decides nothing"


def test_sparsity_needs_both_fewer_coefficients_and_an_equal_error(rows):
    sweep = [name for name in ablations.VARIANTS if name.startswith("R_sparse ")]
    fill(rows, "Adam", {"kept": 90, "coefficients": 100, "e1": 1.0})
    for name in sweep:
        fill(rows, name, {"kept": 90, "coefficients": 100, "e1": 1.0})
    assert claims.check("C4.1-4").verdict == NOT
    fill(rows, sweep[-1], {"kept": 40, "coefficients": 100, "e1": 1.05}, ["euler"])
    assert claims.check("C4.1-4").verdict == PARTLY
    fill(rows, sweep[-1], {"kept": 40, "coefficients": 100, "e1": 1.05})
    assert claims.check("C4.1-4").verdict == REPRODUCED
    fill(rows, sweep[-1], {"kept": 40, "coefficients": 100, "e1": 1.2})
    assert claims.check("C4.1-4").verdict == NOT


@pytest.fixture
def trial(monkeypatch):
    """Runs of the fair trial: kept of 100 coefficients and E1, by variant; none in place of those of the book."""
    made = {}

    def put(**runs):
        made.update({name: {"kept": kept, "coefficients": 100, "recipe": {"lambda_sparse": 1e-4},
                            "errors": {"samples": {"q1": {"p": {"points": e1}}}}} for name, (kept, e1) in runs.items()})
    monkeypatch.setattr(ingredients, "trials", lambda *names: made if made.keys() >= set(names) else {})
    return put


def test_the_fair_trial_decides_on_the_blast_waves_what_is_kept_without_a_penalty(rows, trial):
    for name in ("Adam", "linear output"):
        fill(rows, name, {"kept": 95, "coefficients": 100})
    assert claims.check("C4.1-1").verdict == REPRODUCED and not claims.check("C4.1-1").before
    for off, linear, verdict in ((40, 95, PARTLY), (40, 80, NOT), (95, 95, REPRODUCED)):
        trial(off=(off, 1.0), linear=(linear, 1.0))
        found = claims.check("C4.1-1")
        assert (found.verdict, found.before) == (verdict, REPRODUCED)
        assert found.numbers["kept in the trial, Adam, euler"] == off / 100
    fill(rows, "linear output", {"kept": 50, "coefficients": 100}, ["burgers"])
    assert claims.check("C4.1-1").verdict == PARTLY, "the other waves are decided by short runs"


def test_the_fair_trial_decides_on_the_blast_waves_what_a_penalty_that_is_felt_does(rows, trial):
    for name in ("Adam", *(name for name in ablations.VARIANTS if name.startswith("R_sparse "))):
        fill(rows, name, {"kept": 95, "coefficients": 100, "e1": 1.0})
    for kept, e1, verdict in ((20, 1.05, PARTLY), (20, 1.2, NOT), (35, 1.0, NOT)):
        trial(off=(40, 1.0), felt=(kept, e1))
        assert (claims.check("C4.1-4").verdict, claims.check("C4.1-4").before) == (verdict, NOT)


def test_epochs_to_a_threshold_and_bumps_of_the_loss():
    assert ablation_rows.epochs_to([[10, 0.1, 1e-1], [20, 0.1, None], [30, 0.1, 1e-3]], 1e-2) == pytest.approx(20)
    assert ablation_rows.epochs_to([[10, 0.1, 1e-3]], 1e-2) == 10
    assert ablation_rows.epochs_to([[10, 0.1, 1e-1]], 1e-2) == np.inf
    history = {"epoch": list(range(10)), "misfit": [5, 4, 6, 3, 2, 4, 4, 4, 4, 4], "q": [2] * 10}
    found = {"history": history, "cuts": [[2, 4, 6], [5, 2, 4]], "switch_epoch": None,
             "recipe": {"switch_threshold": 3}}
    assert claims_curves._recovered(found) == (2, 2, 1)
    history["misfit"][9] = 1  # later, though another cut came between
    assert claims_curves._recovered(found) == (2, 2, 2)
    history["q"][9] = 1  # of another kind, but to switch, the square was below 3
    assert claims_curves._recovered(found | {"switch_epoch": 9}) == (2, 2, 1)
    found["cuts"][1][1] = 3
    assert claims_curves._recovered(found | {"switch_epoch": 9}) == (2, 2, 2)


def test_the_majority_of_seeds_decides():
    assert majority([REPRODUCED] * 2 + [NOT]) == REPRODUCED and majority([REPRODUCED, PARTLY, NOT]) == PARTLY
    assert majority([PARTLY, NOT, NOT]) == NOT and majority([]) == CANNOT and majority([CANNOT, NOT, NOT]) == CANNOT
