"""Training: determinism, resume after a kill, switch, schedules, guards."""

import json

import numpy as np
import pytest
import torch
from examples import DATA, family, ragged_bump, smoke, travelling_bump, weights
from pytorch_optimizer import SOAP

import lrnrbook as lb
from lrnrbook import training
from lrnrbook.batches import Batches
from lrnrbook.trainer import Trainer, rate_at
from lrnrbook.training import read_checkpoint


def test_training_finds_a_travelling_bump():
    fit = smoke(epochs=300)
    assert lb.errors(fit.model, DATA)["u"] < 0.05
    assert fit.history["evaluations"][0][1] > 5 * fit.history["evaluations"][-1][1]


def test_ragged_points_in_two_dimensions():
    data = ragged_bump()
    for batch_points in (16, None):
        fit = lb.fit(data, "smoke", epochs=150, batch_points=batch_points, progress=False)
        assert lb.errors(fit.model, data)["u"] < 0.15


def test_the_mean_of_the_weights_is_what_is_kept(tmp_path):
    plain, mean = smoke(epochs=60, schedule="constant"), smoke(epochs=60, schedule="constant", average=0.95)
    assert plain.history["misfit"] == mean.history["misfit"]  # the steps are the same, what is kept is not
    assert not torch.equal(weights(plain), weights(mean))
    assert lb.errors(mean.model, DATA)["u"] < lb.errors(plain.model, DATA)["u"]  # a constant rate leaves noise
    pruned = smoke(epochs=60, average=0.95, prune=0.5, hyper_output="relu")
    assert pruned.record["kept"] <= 0.51 * pruned.record["coefficients"]
    trainer = Trainer(DATA, lb.get_recipe("smoke", average=0.9, epochs=4), seed=0)
    trainer.run_epoch()
    trainer.save_checkpoint(tmp_path / "c", {"asked": {}})
    other = Trainer(DATA, trainer.recipe, seed=0)
    other.restore(read_checkpoint(tmp_path / "c"))
    assert trainer.evaluate() == other.evaluate() != Trainer(DATA, trainer.recipe, seed=0).evaluate()


def test_after_a_divergence_the_mean_of_the_weights_begins_anew():
    trainer = Trainer(DATA, lb.get_recipe("smoke", average=0.9), seed=0)
    for _ in range(3):
        trainer.run_epoch()
    with torch.no_grad():
        torch._foreach_add_(trainer.mean, float("nan"))  # as it is once the weights are
    trainer.recover()
    assert all(torch.equal(p, mean) for p, mean in zip(trainer.parameters, trainer.mean, strict=True))


def test_one_sided_preconditioning_takes_other_steps():
    assert not torch.equal(weights(smoke()), weights(smoke(precondition_most=10)))


def test_a_seed_gives_the_same_weights_and_another_seed_others():
    assert torch.equal(weights(smoke()), weights(smoke()))
    assert not torch.equal(weights(smoke()), weights(smoke(seed=1)))


def test_records_of_one_seed_differ_in_their_seconds_alone():
    one, other = (smoke(mollifier_radius=0.2, prune=0.5).record for _ in range(2))
    assert one.pop("seconds") >= 0 and other.pop("seconds") >= 0
    assert json.dumps(one) == json.dumps(other)


@pytest.mark.parametrize("points", [8, None])
def test_an_epoch_visits_every_time_once_and_points_of_that_time(points):
    data = ragged_bump()
    batches = Batches(data, lb.get_recipe("smoke", batch_times=3, batch_points=points), 0, "cpu")
    ends = np.cumsum(batches.counts)
    seen = []
    for k, index in batches.epoch(5):
        seen += k.tolist()
        assert index.shape == (len(k), points or max(batches.counts[k.numpy()]))
        for time_index, row in zip(k.tolist(), index.numpy(), strict=True):
            assert ((row >= ends[time_index] - batches.counts[time_index]) & (row < ends[time_index])).all()
    assert sorted(seen) == list(range(len(data)))
    assert not all(torch.equal(a[1], b[1]) for a, b in zip(batches.epoch(5), batches.epoch(6), strict=True)
                   if a[1].shape == b[1].shape)


def test_batches_are_normalised():
    batches = Batches(DATA, lb.get_recipe("smoke"), 0, "cpu")
    assert batches.t[[0, -1]].tolist() == [-1, 1]
    assert batches.x.min() == -1 and batches.x.max() == 1
    assert float(batches.exact.abs().max()) == pytest.approx(1)


def test_the_misfit_switches_once_below_the_threshold_and_resets_the_rate():
    fit = smoke(epochs=60, optimizer="adam", schedule="plateau", learning_rate=3e-3, switch_threshold=0.5)
    history = fit.history
    q, switch = np.array(history["q"]), history["switch_epoch"]
    assert switch is not None and set(q[: switch + 1]) == {2} and set(q[switch + 1 :]) == {1}
    assert history["misfit"][switch] < 0.5 and min(history["misfit"][:switch]) >= 0.5
    assert history["learning_rate"][switch + 1] == 3e-3
    assert smoke(switch_threshold=0.0).history["switch_epoch"] is None


def test_plateau_lowers_the_rate_by_its_factor_after_its_patience():
    recipe = lb.get_recipe("smoke", optimizer="adam", schedule="plateau", switch_threshold=0.0)
    trainer = Trainer(DATA, recipe, 0)
    for _ in range(12):
        trainer._after_epoch(1.0)  # 1 good epoch, then 11 bad ones: more than the patience of 10
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(0.98 * trainer.recipe.learning_rate)


def test_the_plateau_schedule_begins_anew_at_each_cut_if_asked_to():
    def rates(**change):
        recipe = lb.get_recipe("smoke", optimizer="adam", schedule="plateau", switch_threshold=0.0, epochs=8,
                               mollifier_radius=0.2, **change)
        trainer, found = Trainer(DATA, recipe, 0), []
        for _ in range(8):
            trainer._set_rate(1e-6)  # as if many epochs had gone by without a gain
            trainer.run_epoch()
            found.append(trainer.rate)
        return np.array(found), [int(epoch) for epoch, *_ in trainer.cuts]

    printed, cuts = rates()
    restarted, same = rates(plateau_restart=True)
    assert cuts == same and len(cuts) >= 2 and (printed == 1e-6).all()
    assert np.flatnonzero(restarted == 6e-3).tolist() == cuts


def test_the_rate_after_the_switch_can_be_a_share_of_the_first():
    fit = smoke(epochs=60, optimizer="adam", schedule="plateau", learning_rate=3e-3, switch_threshold=0.5,
                switch_rate=0.1)
    assert fit.history["learning_rate"][fit.history["switch_epoch"] + 1] == pytest.approx(3e-4)


def test_a_model_trained_on_raw_times_is_saved_as_one_of_unit_times(tmp_path):
    fit = smoke(epochs=30, hyper_time="raw", hyper_start="default")
    loaded = lb.load(fit.save(tmp_path / "raw.safetensors"))
    assert torch.equal(loaded([0.1], 0.3), fit.model([0.1], 0.3)) and fit.record["recipe"]["hyper_time"] == "raw"
    assert lb.errors(loaded, DATA)["u"] == pytest.approx(fit.record["errors"]["samples"]["q1"]["u"]["points"], rel=1e-5)


@pytest.mark.parametrize("schedule", ["cosine", "trapezoid"])
def test_schedules_depend_on_the_step_alone_and_end_near_zero(schedule):
    rates = np.array([rate_at(k, 1000, schedule) for k in range(1000)])
    assert rates.max() <= 1 and rates[0] < 0.2 and rates[-1] < 0.01
    assert (np.diff(rates[10:]) <= 0).all()


def test_the_mollifier_blurs_the_data_and_is_gone_at_half_time():
    trainer = Trainer(DATA, lb.get_recipe("smoke", mollifier_radius=0.2, epochs=8), 0)
    roughness = []
    for _ in range(8):
        trainer.run_epoch()
        roughness.append(float(trainer.batches.u.diff(dim=0).abs().sum()))
    assert roughness[0] < 0.95 * roughness[-1]
    assert torch.equal(trainer.batches.u, trainer.batches.exact) and roughness[4] == roughness[-1]


def test_a_mollifier_needs_a_uniform_grid():
    with pytest.raises(ValueError, match="mollifier"):
        lb.fit(ragged_bump(), "smoke", mollifier_radius=0.1, progress=False)


def test_the_best_weights_are_kept_not_the_last():
    fit = smoke(epochs=80, optimizer="adam", schedule="constant", learning_rate=0.03, switch_threshold=0.0)
    seen = {epoch: error for epoch, error, _ in fit.history["evaluations"]}
    best = min(seen, key=seen.get)
    assert fit.record["best_epoch"] == best
    assert lb.errors(fit.model, DATA)["u"] == pytest.approx(seen[best], rel=1e-3)


def test_the_error_at_times_kept_apart_is_followed_and_changes_nothing():
    data = travelling_bump(times=41)
    fit = lb.fit(data, "smoke", epochs=80, holdout="auto", progress=False)
    rest, held = training.apart(data, "auto")
    alone = lb.fit(rest, "smoke", epochs=80, progress=False)
    assert torch.equal(weights(fit), weights(alone)) and alone.history["heldout"] == []
    last = {epoch: error for epoch, error in fit.history["heldout"]}[fit.record["best_epoch"]]
    assert last == pytest.approx(lb.errors(fit.model, held)["u"], rel=1e-3)
    assert fit.record["holdout"] == held.t.tolist() and fit.data is data
    assert fit.record["outlook"] in repr(fit) and "at the times kept apart: u" in repr(fit)


@pytest.mark.parametrize(("errors", "said"), [
    ([1 / k for k in range(1, 41)], "still falling: twice the time would give about 1.3e-02 in place of 2.5e-02"),
    ([0.1] * 40, "has stopped falling"), ([0.3], "too short")])
def test_the_outlook_is_that_of_the_curve(errors, said):
    assert said in training.outlook([[epoch, error] for epoch, error in enumerate(errors, 1)], 40)


def test_twice_the_time_gives_about_what_was_foreseen():
    data = travelling_bump(times=41)
    short, twice = (lb.fit(data, "smoke", epochs=n, holdout="auto", progress=False) for n in (60, 120))
    foreseen = float(short.record["outlook"].split("about ")[1].split()[0])
    assert foreseen / 2.5 < twice.heldout.mean < 2.5 * foreseen


def test_regularisers_act_on_what_they_name():
    free, ortho = smoke(epochs=60, lambda_ortho=0.0), smoke(epochs=60, lambda_ortho=1.0)
    assert lb.orthogonality_penalty(ortho.model.lrnr) < lb.orthogonality_penalty(free.model.lrnr)
    sparse = smoke(epochs=60, lambda_sparse=1.0)
    s = [fit.model.coefficients(DATA.t) for fit in (free, sparse)]
    penalties = [lb.sparsity_penalty(free.model.lrnr, c, 1.05).item() for c in s]
    assert penalties[1] < 0.5 * penalties[0]


def test_record_and_model_are_saved_beside_each_other(tmp_path):
    fit = smoke(epochs=4)
    path = fit.save(tmp_path / "bump.safetensors")
    record = json.loads(path.with_suffix(".json").read_text())
    assert record["data"] == {"name": "bump", "sha256": DATA.sha256} and record["steps"] == 8
    assert record["recipe"]["epochs"] == 4 and record["stop_reason"] == "all 4 epochs done"
    assert lb.info(path)["provenance"]["recipe"] == record["recipe"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bump.json", "bump.safetensors"]


def test_bad_arguments_are_named():
    for words, change in (("seconds = -1", {"epochs": None, "seconds": -1}), ("seed = -1", {"seed": -1}),
                          ("'widht'", {"widht": 3})):
        with pytest.raises(ValueError, match=words):
            smoke(**change)
    zero = lb.WaveData.from_arrays([0, 1], [0, 0.5, 1], np.zeros((2, 3)))
    with pytest.raises(ValueError, match="zero everywhere"):
        lb.fit(zero, "smoke", progress=False)


def test_a_run_begins_at_nothing_with_the_optimiser_of_its_recipe():
    for name, kind in (("adam", torch.optim.Adam), ("soap", SOAP)):
        trainer = Trainer(DATA, lb.get_recipe("smoke", optimizer=name), 0)
        assert type(trainer.optimizer) is kind and (trainer.epoch, trainer.seconds, trainer.q) == (0, 0.0, 2)


def test_evaluations_are_the_errors_of_the_model():
    fit = smoke(epochs=1)
    epoch, error, mse = fit.history["evaluations"][-1]
    assert epoch == 1 and error == pytest.approx(lb.errors(fit.model, DATA)["u"], rel=1e-4)
    assert mse == pytest.approx(lb.errors(fit.model, DATA, q=2)["u"] ** 2, rel=1e-4)


def test_a_family_is_learnt_with_its_parameters_and_whole_runs_are_kept_apart():
    data = family((0.2, 0.5, 0.35, 0.8, 0.65, 1.1, 0.95))
    fit = lb.fit(data, "smoke", epochs=150, holdout=[2, 4], progress=False)
    unseen = {tuple(row) for k in (2, 4) for row in data.places[data.spans[k]].tolist()}
    assert {tuple(row) for row in fit.record["holdout"]} == unseen and len(unseen) == 34
    assert fit.heldout.mean == pytest.approx(lb.errors(fit.model, data[[*data.spans[2], *data.spans[4]]]).mean)
    rest, held = training.apart(data, [2, 4])
    assert fit.heldout.mean < 0.6 * lb.errors(lb.Pod(rest, len(rest)), held).mean
    assert fit.model.ranges == {"speed": (0.2, 1.1)}
    x = np.linspace(-1, 1, 60)
    wave = np.exp(-20 * (x + 0.5 - 0.73 * 0.6) ** 2)  # a speed and a time of no run
    assert np.abs(fit.model(x, 0.6, 0.73)[0, :, 0].detach().numpy() - wave).mean() < 0.1 * wave.mean()


def test_every_eighth_time_of_each_run_is_kept_apart():
    data = family()
    rest, held = training.apart(data, "auto")
    assert held.t.tolist() == data.t[[4, 12]].tolist() * 5 and len(rest) == 75
    assert held.parameters["speed"].tolist() == np.repeat([0.2, 0.5, 0.4, 0.8, 1.1], 2).tolist()
    for holdout in ([5], [-1], [], ["auto"]):
        with pytest.raises(ValueError, match="or of runs of a family"):
            training.apart(data, holdout)
    with pytest.raises(ValueError, match="expected at least two times"):
        training.apart(data, range(5))


def test_a_session_in_double_precision_trains():
    torch.set_default_dtype(torch.float64)
    try:
        assert lb.fit(DATA, "smoke", epochs=2, progress=False).model([0.3], 0.5).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_any_name_has_a_record_of_its_own(tmp_path):
    fit = lb.fit(DATA, "smoke", epochs=1, progress=False)
    for name in ("rate-0.1", "rate-0.2", "same.json", "usual.safetensors"):
        lb.load(fit.save(tmp_path / name))
    assert {path.name for path in tmp_path.iterdir()} == {
        "rate-0.1", "rate-0.1.json", "rate-0.2", "rate-0.2.json", "same.json", "same.json.json", "usual.safetensors",
        "usual.json"}


def test_times_to_keep_apart_may_be_in_an_array():
    assert training.apart(DATA, np.arange(2, 8, 3))[1].t.tolist() == DATA.t[[2, 5]].tolist()
