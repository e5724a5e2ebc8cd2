"""Runs of the fair trial beside each other: the table has what is finished, and each outcome has its sentence."""

import pytest

from study.sizes import variants
from study.sizes.trial import trials


def row(error=3e-3, kept="40 %", linear="80 %", hypermodes=20, cuts=16):
    return {"E1 between them": f"{error:.2e}", "coefficients kept": kept, "linear coefficients": linear,
            "hypermodes": hypermodes, "epochs": 40000, "floor": "5000", "cuts": cuts, "minutes": 60.0}


def test_the_table_has_the_runs_that_come_with_the_book():
    table = variants.runs()
    assert len(table) == len(variants.finished()) >= 2
    assert table.loc[("blast waves", "restarted", 0), "hypermodes"] > 0
    assert {run.variant for run in trials()} == set(variants.SAID)


@pytest.fixture
def said(monkeypatch):
    def sentences(done=("printed", "restarted"), names=("euler",), seeds=(0,), **rows):
        runs = [run for run in trials() if run.seed in seeds and run.variant in (*done, *rows) and run.name in names]
        monkeypatch.setattr(variants, "finished", lambda: runs)
        monkeypatch.setattr(variants, "look", lambda run: rows.get(run.variant, row()))
        return variants.sentences()
    return sentences


def test_what_is_not_finished_is_said(said):
    found = said()
    assert found["so-far"].startswith("So far 2 of the") and found["so-far"].endswith("the blast waves alone.")
    assert "not finished" in found["unit-said"] and "have not been made" in found["sparse-said"]
    assert "linear output" in found["linear-said"] and "not finished" in found["linear-said"]
    assert found["waves-said"] == "No run in two dimensions is finished."
    two = said(names=("euler", "acoustics"))["waves-said"]
    assert "On the ring of sound the network has 20 hypermodes (the paper's: 23), and 40 % of the coefficients" in two
    assert "kept (36 %). Their learning rate is at its floor, a two-thousandth of the first, after 5000 of" in two
    everything = variants.so_far(trials())
    assert everything.startswith(f"All {len(trials())} runs") and "all four waves" in everything


def test_each_outcome_has_its_sentence(said):
    found = said(unit_time=row(9e-3, "90 %", "30 %", 12), felt=row(kept="20 %"), off=row(), linear=row(kept="95 %"))
    assert "3.0 times larger" in found["unit-said"] and "not from its loss" in found["unit-said"]
    assert "does what it is for" in found["sparse-said"] and "about the same error" in found["sparse-said"]
    assert "keeps 95 %" in found["linear-said"] and "No other run" not in found["linear-said"]
    assert "has 4 hypermodes (20); the paper's network of this wave has 5. No other" in said(
        linear=row(hypermodes=4))["linear-said"]
    found = said(unit_time=row(1e-3, "45 %"), felt=row(1e-3))
    assert "3.0 times smaller" in found["unit-said"] and "does not decide" in found["unit-said"]
    assert "removes few" in found["sparse-said"] and "without the penalty is not finished" in found["sparse-said"]
    found = said(unit_time=row(kept="90 %", linear="95 %", cuts=18))["unit-said"]
    assert "not whether they are straight. (Its schedule took 2 stops" in found and "stops" not in said(
        unit_time=row())["unit-said"]


def test_seeds_are_compared_with_changes_of_the_recipe(said):
    assert "is open" in said()["seeds-said"]
    alone = said(seeds=(0, 1, 2))["seeds-said"]
    assert alone.startswith("On the blast waves (restarted) 3 runs that differ in their seed alone keep 40 % of the")
    assert alone.endswith("errors between the samples of 3.0e-03.")
    two = said(names=("euler", "burgers"), seeds=(0, 1), linear=row(kept="81 %"), felt=row(kept="40 %"))["seeds-said"]
    assert "On the wave of Burgers (as printed) 2 runs" in two and "20 hypermodes" in two
    assert "With linear output the share of coefficients kept differs from that of every seed by more than 1.5" in two
    assert two.endswith("No change of the recipe moves the number of hypermodes by as much as 1.5 times.")
    assert said(names=("burgers",), seeds=(0, 1, 2))["waves-said"].count("Burgers") == 1


def test_runs_are_listed_by_wave_reading_and_seed(monkeypatch):
    every = {(run.name, f"trial_{run.variant}", run.seed): None for run in trials()}
    monkeypatch.setattr(variants, "pretrained", lambda: every)
    names = [run.stem for run in variants.finished()]
    assert len(names) == len(trials()) and names[-1] == "advection-trial_printed-0"
    assert names[1:4] == [f"euler-trial_restarted-{seed}" for seed in range(3)]
