"""Pruning: the least worthy coefficients go, on time, and stay gone."""

import numpy as np
import pytest
import torch
from examples import DATA, smoke

import lrnrbook as lb
from lrnrbook.trainer import Trainer
from lrnrbook.truncation import Pruning


def test_a_share_of_the_coefficients_is_exactly_zero_in_the_end():
    fit = smoke(epochs=60, prune=0.5)
    s = fit.model.coefficients(np.linspace(0, 1, 501))
    gone = int((s == 0).all(0).sum())
    assert gone >= fit.model.ranks.total // 2
    assert lb.truncate(fit.model)[1].total <= fit.model.ranks.total - gone


def test_removal_starts_and_ends_on_time_and_momentum_revives_nothing():
    trainer = Trainer(DATA, lb.get_recipe("smoke", epochs=40, prune=0.4), seed=0)
    n, gone = trainer.model.ranks.total, []
    for _ in range(40):
        trainer.run_epoch()
        gone.append(int((trainer.model.hyper.layers[-1].weight == 0).all(1).sum()))
    assert gone[2] == 0 and gone[19] == gone[-1] == int(0.4 * n)
    assert gone == sorted(gone) and len(set(gone)) > 10
    assert trainer.best["epoch"] >= 20


def test_the_least_worthy_go_and_every_layer_keeps_a_weight():
    model = Trainer(DATA, lb.get_recipe("smoke"), seed=0).model
    pruning = Pruning(model, 0.5)
    n = model.ranks.total
    pruning.worth = torch.arange(n, dtype=torch.float32)
    assert pruning.advance(1.0)
    assert not pruning.advance(1.0)
    expected = torch.arange(n) >= n // 2
    expected[torch.tensor([5, 17])] = True  # the best weights of layers 1 and 2, which would all go
    alive = pruning.alive.bool()
    assert int(alive.sum()) == n - n // 2
    assert alive[5] and alive[17] and (alive[n // 2 + 2:]).all() and not alive[:5].any()


def test_the_same_network_comes_out_of_a_stopped_and_a_straight_run(tmp_path):
    straight = Trainer(DATA, lb.get_recipe("smoke", epochs=20, prune=0.5), seed=0)
    stopped = Trainer(DATA, lb.get_recipe("smoke", epochs=20, prune=0.5), seed=0)
    for trainer in (straight, stopped):
        for _ in range(7):
            trainer.run_epoch()
    stopped.save_checkpoint(tmp_path / "c", {"asked": {}})
    again = Trainer(DATA, lb.get_recipe("smoke", epochs=20, prune=0.5), seed=0)
    from lrnrbook.training import read_checkpoint

    again.restore(read_checkpoint(tmp_path / "c"))
    for trainer in (straight, again):
        for _ in range(13):
            trainer.run_epoch()
    for a, b in zip(straight.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_values_that_cannot_be_are_named():
    with pytest.raises(ValueError, match="prune = 1.0"):
        lb.get_recipe("smoke", prune=1.0)
    with pytest.raises(ValueError, match="and 'relu'"):
        lb.get_recipe("smoke", prune=0.5, hyper_output="linear")


def test_what_truncation_would_cut_goes_too_but_never_a_whole_layer():
    model = Trainer(DATA, lb.get_recipe("smoke"), seed=0).model
    pruning = Pruning(model, 1e-9, below=1e-3)
    with torch.no_grad():
        for index in (1, 40, *range(12, 18)):  # a weight of layer 1, one more, and all weights of layer 2
            if index < model.ranks.total:
                model.hyper.layers[-1].weight[index] *= 1e-6
                model.hyper.layers[-1].bias[index] *= 1e-6
    assert not pruning.advance(0.3) and pruning.advance(0.6)
    gone = set((pruning.alive == 0).nonzero()[:, 0].tolist())
    assert 1 in gone and not gone & set(range(12, 18))
    assert not pruning.advance(0.95)
