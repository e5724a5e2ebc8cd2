"""Runs that stop: by a slice, by a divergence, by the clock; they go on, or end, as they should."""


import pytest
import torch
from examples import DATA, family, smoke, travelling_bump, weights

import lrnrbook as lb


def test_divergence_stops_the_run_and_keeps_finite_weights():
    fit = smoke(epochs=200, optimizer="adam", schedule="constant", learning_rate=1e30, switch_threshold=0.0)
    assert fit.stop_reason.startswith("diverged in epoch")
    assert torch.isfinite(weights(fit)).all()


def test_a_run_that_diverges_goes_back_to_its_best_weights_with_half_the_rate(tmp_path):
    def run(rate, **more):
        return smoke(epochs=30, optimizer="adam", schedule="constant", learning_rate=rate, switch_threshold=0.0, **more)

    rates = (10 ** (4 + k / 8) for k in range(24))  # single precision overflows at some, but not at half of them
    rate, fit = next((rate, fit) for rate in rates if (fit := run(rate)).history["recoveries"])
    assert fit.stop_reason.startswith("all 30 epochs done (diverged in [")
    for epoch, found in zip(fit.history["epoch"], fit.history["learning_rate"], strict=True):
        times = sum(back <= epoch for back in fit.history["recoveries"])
        assert found == pytest.approx(rate * 0.5**times)
    assert fit.record["history"]["recoveries"] and torch.isfinite(weights(fit)).all()
    path = tmp_path / "run.checkpoint"
    for _ in range(100):  # in slices, to the same weights
        sliced = run(rate, checkpoint=path, slice_seconds=0.02)
        if not sliced.stop_reason.startswith("slice"):
            break
    assert torch.equal(weights(sliced), weights(fit)) and sliced.history["recoveries"] == fit.history["recoveries"]


def test_soap_that_diverges_ends_as_every_run_does():
    how = {"progress": False, "activation": "relu", "schedule": "plateau", "learning_rate": 1e3}
    assert lb.fit(DATA, "smoke", epochs=12, **how).stop_reason.startswith("diverged in epoch")
    assert lb.fit(DATA, "smoke", seconds=0.5, **how).stop_reason.startswith("diverged in epoch")  # nor is it probed on


def test_seconds_fix_the_number_of_epochs_once(tmp_path):
    path = tmp_path / "run.checkpoint"
    first = smoke(epochs=None, seconds=1.0, checkpoint=path)
    again = smoke(epochs=None, seconds=1.0, checkpoint=path)
    assert first.record["epochs"] == first.record["recipe"]["epochs"] >= 1
    assert again.record["epochs"] == first.record["epochs"] and torch.equal(weights(first), weights(again))
    with pytest.raises(ValueError, match="both given"):
        smoke(epochs=3, seconds=1.0)


@pytest.mark.parametrize(("change", "words"), [
    ({"seed": 1}, "seed"), ({"width": 25}, "width = 24"), ({"epochs": 13}, "epochs = 12")])
def test_a_checkpoint_of_another_run_is_refused(tmp_path, change, words):
    path = tmp_path / "run.checkpoint"
    smoke(checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=words):
        smoke(checkpoint=path, **change)
    assert path.read_bytes() == before


def test_a_checkpoint_of_other_data_is_refused(tmp_path):
    path = tmp_path / "run.checkpoint"
    smoke(checkpoint=path)
    with pytest.raises(ValueError, match="sha256"):
        lb.fit(travelling_bump(points=61), "smoke", epochs=12, checkpoint=path, progress=False)


def test_a_stopped_run_takes_the_cuts_of_the_blur_where_one_run_does(tmp_path):
    how = {"epochs": 60, "progress": False, "optimizer": "adam", "schedule": "plateau", "plateau_restart": True,
           "mollifier_radius": 0.2, "prune": 0.0}
    whole, part = lb.fit(DATA, "smoke", **how), None
    while part is None or not part.stop_reason.startswith("all"):
        part = lb.fit(DATA, "smoke", checkpoint=tmp_path / "run", slice_seconds=0.02, **how)
    assert len(whole.history["cuts"]) > 2 and part.history["cuts"] == whole.history["cuts"]
    assert weights(part).equal(weights(whole))


def test_a_run_of_a_family_goes_on_from_its_checkpoint(tmp_path):
    data, path = family(), tmp_path / "run.checkpoint"
    whole = lb.fit(data, "smoke", epochs=6, progress=False)
    for _ in range(40):
        part = lb.fit(data, "smoke", epochs=6, progress=False, checkpoint=path, slice_seconds=0.01)
        if not part.stop_reason.startswith("slice"):
            break
    assert torch.equal(weights(whole), weights(part))
    with pytest.raises(ValueError, match="expected the same"):
        lb.fit(family((0.2, 0.5, 0.4, 0.8, 1.2)), "smoke", epochs=6, progress=False, checkpoint=path)


def test_final_trains_once_more_on_all_times_and_goes_on_after_any_stop(tmp_path):
    data, how = travelling_bump(times=21), {"epochs": 40, "progress": False}
    whole = lb.fit(data, "smoke", holdout="auto", final=True, **how)
    again, first = lb.fit(data, "smoke", **how), lb.fit(data, "smoke", holdout="auto", **how)
    assert weights(whole).equal(weights(again)) and whole.record["data"]["sha256"] == data.sha256
    assert whole.record["before"]["data"] == first.record["data"] and whole.heldout.mean == first.heldout.mean
    assert whole.record["errors"]["heldout"] == first.record["errors"]["heldout"]
    assert "times kept apart before" in repr(whole) and "before" not in repr(first)
    calls = []
    while not calls or not (calls[-1].stop_reason.startswith("all") and "before" in calls[-1].record):
        calls.append(lb.fit(data, "smoke", holdout="auto", final=True, checkpoint=tmp_path / "run", slice_seconds=0.1,
                            **how))
    assert len(calls) > 2 and weights(calls[-1]).equal(weights(whole))
    with pytest.raises(ValueError, match="final = True, holdout = None: expected"):
        lb.fit(data, "smoke", final=True, **how)
