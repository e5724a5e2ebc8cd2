"""Recorded steps: fixed inputs, results of the bare function; on a GPU, if there is one, the same as eager steps."""

import sys

import pytest
import torch
from examples import DATA, ragged_bump, weights

import lrnrbook as lb
from lrnrbook.cuda_graphs import WARM, Recorder, Replay
from lrnrbook.trainer import Trainer

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"))]


@pytest.mark.parametrize("device", DEVICES)
def test_every_call_counts_once_and_reads_its_own_inputs(device):
    total = torch.zeros(3, device=device)

    def add(a):
        total.add_(a)
        return [2 * a]

    step = Replay(add, Recorder(torch.device(device)))
    for k in range(1, WARM + 5):
        given = torch.full((3,), float(k), device=device)
        (twice,) = step(given)
        assert twice.tolist() == [2.0 * k] * 3
        given.zero_()  # inputs were copied
    assert total.tolist() == [sum(range(1, WARM + 5))] * 3


class Bare(Trainer):
    """A trainer whose steps are not recorded."""

    def _replayed(self, whole, k, index):
        return (self._gradients_and_update if whole else self._gradients)(k, index)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("change", [
    {"optimizer": "adam", "schedule": "plateau", "mollifier_radius": 0.2, "switch_threshold": 0.5},
    {"optimizer": "adam", "average": 0.9, "lambda_sparse": 1e-3},
    {"prune": 0.5, "hyper_output": "relu"},
], ids=["as in the paper", "mean of the weights", "SOAP, pruned"])
def test_recorded_steps_are_those_of_the_bare_trainer(device, change):
    recipe = lb.get_recipe("smoke", epochs=30, **change)
    ours, bare = (kind(DATA, recipe, 0, device) for kind in (Trainer, Bare))
    for _ in range(30):
        assert ours.run_epoch() == pytest.approx(bare.run_epoch(), rel=1e-4)
    assert len(ours.recorded) >= 2 and not bare.recorded  # two shapes of batches
    for a, b in zip(ours.parameters, bare.parameters, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)
    if device == "cpu":
        assert all(torch.equal(a, b) for a, b in zip(ours.parameters, bare.parameters, strict=True))


def test_batches_of_ever_new_shapes_are_not_recorded():
    for points, even in ((8, True), (None, False)):
        trainer = Trainer(ragged_bump(), lb.get_recipe("smoke", batch_times=1, batch_points=points, epochs=4), 0)
        trainer.run_epoch()
        assert trainer.batches.fixed_shapes is even and bool(trainer.recorded) is even


def test_no_value_is_read_back_within_an_epoch(monkeypatch):
    """A read-back makes a GPU wait: one is allowed, after the last step."""
    trainer = Trainer(DATA, lb.get_recipe("paper", "bump", width=24, rank=6, batch_times=2, epochs=400), 0)
    trainer.run_epoch()
    read, steps = [], []
    for name in ("item", "tolist", "__float__", "__bool__", "cpu", "numpy"):
        original = getattr(torch.Tensor, name)

        def noted(self, *args, original=original, **options):
            if "optim" not in sys._getframe(1).f_code.co_filename:  # Adam's step number lies on the GPU there
                read.append(len(steps))
            return original(self, *args, **options)

        monkeypatch.setattr(torch.Tensor, name, noted)
    step = trainer._step
    trainer._step = lambda *batch: (steps.append(0), step(*batch))[1]
    trainer.run_epoch()
    assert len(steps) == trainer.batches.steps == 6
    assert read and min(read) == 6  # the mean misfit, after all steps


@pytest.mark.parametrize("device", DEVICES)
def test_slices_end_with_the_weights_of_one_run(tmp_path, device):
    path, reasons = tmp_path / "run.checkpoint", []
    options = {"epochs": 150, "progress": False, "device": device}
    while not reasons or reasons[-1].startswith("slice over"):
        sliced = lb.fit(DATA, "smoke", checkpoint=path, slice_seconds=0.2, **options)
        reasons.append(sliced.stop_reason)
    straight = lb.fit(DATA, "smoke", **options)
    assert len(reasons) > 1 and reasons[-1] == straight.stop_reason == "all 150 epochs done"
    assert sliced.history == straight.history
    assert torch.equal(weights(sliced), weights(straight))


def test_a_slice_needs_a_checkpoint_and_a_positive_time(tmp_path):
    for change in ({"slice_seconds": 5.0}, {"slice_seconds": 0.0, "checkpoint": tmp_path / "c"}):
        with pytest.raises(ValueError, match="slice_seconds"):
            lb.fit(DATA, "smoke", progress=False, **change)
    assert not any(tmp_path.iterdir())
