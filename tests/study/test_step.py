"""The step benchmark: its counts are those of the formulas, and its record has every variant."""

import json

import pytest
import torch
from examples import DATA

import lrnrbook as lb
from lrnrbook.trainer import Trainer
from study.instruments import costs
from study.training import step as benchmark_step
from study.training import tables


def test_operations_are_those_of_the_factored_layers():
    recipe = lb.get_recipe("smoke", width=40, rank=8, depth=4, optimizer="adam", lambda_ortho=0.0, batch_times=11,
                           batch_points=50)
    trainer = Trainer(DATA, recipe, seed=0)
    counted = costs.count(trainer)
    points, widths = 11 * 50, [1, 40, 40, 40, 1]
    forward = sum(2 * points * 8 * (a + b) for a, b in zip(widths, widths[1:], strict=False))
    assert 2.5 * forward < counted["flops"] < 4.5 * forward  # forward, and twice that backward; hypernetwork, penalty
    assert counted["bytes"] > 4 * points * sum(widths)


def test_the_record_has_peaks_shares_and_variants(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark_step, "STEPS", 2)
    monkeypatch.setattr(costs, "STEPS", 2)
    record = benchmark_step.step("euler", tmp_path / "step.json")
    assert json.loads((tmp_path / "step.json").read_text()) == record
    assert all(0 < record["fraction"][what] < 1 for what in ("flops",)) and 0 < record["step"]["optimizer"] < 1
    assert {"one thread", "two threads", "two runs side by side, one thread each"} <= set(record["seconds"])
    text = tables.step(record).to_string()
    assert "GFLOP/s" in text and "two threads, time against one thread" in text
    torch.set_num_threads(1)


@pytest.mark.parametrize("count", [0, 1, 5, 23])
def test_batches_go_on_over_epochs(count):
    trainer = Trainer(DATA, lb.get_recipe("smoke"), seed=0)
    assert len(list(costs.some_batches(trainer, count))) == count
