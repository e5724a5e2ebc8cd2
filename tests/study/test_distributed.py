"""Two real workers of Ray Train give the same course of the loss as one, at equal batches."""

import numpy as np
import pytest
import torch

import lrnrbook as lb
from lrnrbook.files import alone
from study.training.distributed import fit_distributed

pytest.importorskip("ray", reason="the extra `tune` is not installed")

X, T = np.linspace(-1, 1, 60), np.linspace(0, 1, 21)
DATA = lb.WaveData.from_arrays(T, X, np.exp(-20 * (X[None] - 0.5 * T[:, None]) ** 2))


def test_two_workers_are_one(tmp_path):
    # 21 times in batches of 5 and 6: the shares of the two workers differ in size
    values = {"epochs": 12, "batch_times": 6, "batch_points": 20, "prune": 0.3, "lambda_sparse": 1e-3,
              "switch_threshold": 0.2, "optimizer": "adam"}
    one = lb.fit(DATA, "smoke", progress=False, **values)
    path = tmp_path / "run.checkpoint"
    two = fit_distributed(DATA, "smoke", 2, checkpoint=path, progress=False, **values)
    assert two.record["workers"] == 2 and two.stop_reason == one.stop_reason and path.exists()
    assert two.history["switch_epoch"] == one.history["switch_epoch"] is not None
    for name in ("misfit", "r_sparse", "r_ortho", "learning_rate"):
        assert np.allclose(two.history[name], one.history[name], rtol=2e-4), name
    assert two.record["kept"] == one.record["kept"] < one.record["coefficients"]
    with torch.no_grad():
        assert torch.allclose(two.model(X, [0.3]), one.model(X, [0.3]), atol=2e-3)


def test_a_run_with_the_checkpoint_of_another_that_goes_on_is_refused(tmp_path):
    with alone(path := tmp_path / "run.checkpoint"), pytest.raises(ValueError, match="in use by process"):
        fit_distributed(DATA, "smoke", 2, checkpoint=path, progress=False)


def test_more_workers_than_times_in_a_batch_are_refused():
    with pytest.raises(ValueError, match="workers = 9"):
        fit_distributed(DATA, "smoke", 9)
    with pytest.raises(ValueError, match="workers = 0"):
        fit_distributed(DATA, "smoke", 0)
