"""The fair trial: its runs have names, go on after a stop, and say how far they are."""

import json
from dataclasses import replace

import pytest
import torch

import lrnrbook as lb
from lrnrbook import recipes
from lrnrbook.storage import models_in
from lrnrbook.trainer import Trainer
from study.instruments.costs import compile_loss, compile_step
from study.sizes import trial


@pytest.fixture
def tiny(monkeypatch):
    table = {name: replace(recipe, width=12, rank=3, epochs=40, batch_points=16)
             for name, recipe in recipes.RECIPES["trial"].items()}
    monkeypatch.setitem(recipes.RECIPES, "trial", table)


def test_runs_have_names_of_their_own_and_change_what_they_say():
    runs = trial.trials()
    assert len({run.stem for run in runs}) == len(runs)
    assert {(run.name, run.seed) for run in runs} >= {(n, s) for n in ("euler", "burgers") for s in (0, 1, 2)}
    for run in runs:
        recipe = lb.get_recipe("trial", run.name, **run.change)
        assert (recipe.optimizer, recipe.schedule, recipe.prune) == ("adam", "plateau", 0)
        least = 69_000 if run.variant == "full" else 80_000 if run.name == "euler" else 40_000
        assert recipe.epochs >= least  # the largest has as many as half an hour of a GPU allows


def test_a_run_goes_on_where_it_stopped_and_ends_as_one(tiny, tmp_path):
    name = "euler-trial_restarted-0"
    first = trial.train(tmp_path / "slices", name, slice_seconds=0.01)
    assert first.startswith("slice over after epoch") and 0 < trial.status(tmp_path / "slices").loc[name, "done"] < 40
    while trial.train(tmp_path / "slices", name, slice_seconds=0.2) != "all 40 epochs done":
        pass
    trial.train(tmp_path / "whole", name)
    assert trial.status(tmp_path / "whole").loc[name].tolist() == [40, 40]
    sliced, whole = (lb.load(tmp_path / kind / f"{name}.safetensors") for kind in ("slices", "whole"))
    assert sliced([0.3], 0.02).equal(whole([0.3], 0.02))
    assert models_in(tmp_path / "whole") == [("euler", "trial_restarted", 0)]


@pytest.mark.slow
@pytest.mark.parametrize(("compile_it", "prune"), [(compile_step, 0.0), (compile_step, 0.5), (compile_loss, 0.0)])
def test_a_compiled_run_takes_the_same_steps_up_to_rounding(tiny, compile_it, prune):
    data, recipe = lb.load_data("euler"), lb.get_recipe("trial", "euler", prune=prune)
    plain, compiled = Trainer(data, recipe, 0), Trainer(data, recipe, 0)
    compile_it(compiled)
    for _ in range(3):
        assert compiled.run_epoch() == pytest.approx(plain.run_epoch(), rel=1e-4)
    for a, b in zip(plain.parameters, compiled.parameters, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(plain.pruning.worth, compiled.pruning.worth, rtol=1e-3, atol=1e-4)
    assert (plain.pruning.worth.max() > 0) == (prune > 0)


def test_without_a_compiler_a_sentence(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValueError, match="g\\+\\+ was not found"):
        trial.train(tmp_path, "euler-trial_printed-0", compiled=True)


def test_an_unknown_run_is_named(tmp_path):
    with pytest.raises(ValueError, match="'euler-trial-0'.*euler-trial_printed-0"):
        trial.train(tmp_path / "none", "euler-trial-0")
    assert not (tmp_path / "none").exists()


def test_a_finished_run_is_shipped_with_its_errors_at_the_midpoints(tiny, tmp_path):
    name, shipped = "euler-trial_printed-0", tmp_path / "shipped"
    shipped.mkdir()
    trial.train(tmp_path, name)
    trial.ship(tmp_path, name, shipped)
    record = json.loads((shipped / f"{name}.json").read_text())
    model = lb.load(shipped / f"{name}.safetensors")
    between = lb.errors(model, lb.load_data("euler", "midpoints"))
    assert set(record["errors"]) == {"samples", "midpoints"}
    for field, row in record["errors"]["midpoints"]["q1"].items():
        assert row["points"] == pytest.approx(between[field], rel=1e-6)


def test_a_large_network_is_shipped_in_half_precision_with_the_errors_of_what_is_stored(tiny, tmp_path, monkeypatch):
    name, shipped = "euler-trial_printed-0", tmp_path / "shipped"
    shipped.mkdir()
    trial.train(tmp_path, name)
    monkeypatch.setattr(trial, "LARGE", 100)
    trial.ship(tmp_path, name, shipped)
    assert (shipped / f"{name}.safetensors").stat().st_size < (tmp_path / f"{name}.safetensors").stat().st_size
    record = json.loads((shipped / f"{name}.json").read_text())
    stored = lb.errors(lb.load(shipped / f"{name}.safetensors"), lb.load_data("euler"))
    for field, row in record["errors"]["samples"]["q1"].items():
        assert row["points"] == pytest.approx(stored[field], rel=1e-6)
