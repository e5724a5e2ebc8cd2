"""Truncation (Table 2): unit columns change nothing, small coefficients go, and what is shipped truncates for real."""

import numpy as np
import pytest
import torch

import lrnrbook as lb
from lrnrbook.truncation import kept

BOX = lb.Normalisation(((0.0, 2.0),), (0.0, 3.0), (5.0,))
X, T = np.linspace(0, 2, 50), np.linspace(0, 3, 7)


def model(output="relu", dtype=torch.float64):
    lrnr = lb.LRNR.random((1, 20, 20, 1), lb.Ranks((3, 6, 4), (5, 2, 1)))
    hyper = lb.HyperNetwork(torch.linspace(0.5, 2, lrnr.ranks.total), width=4, output=output, seed=3)
    with torch.no_grad():
        for i, factor in enumerate((*lrnr.U, *lrnr.V, *lrnr.B)):
            factor.mul_(torch.linspace(0.2, 3 + i, factor.shape[1]))
    return lb.MetaNetwork(lrnr, hyper, BOX, ["u"]).to(dtype)


@pytest.mark.parametrize("output", ["relu", "linear"])
def test_unit_columns_are_the_same_function(output):
    old = model(output)
    new = lb.unit_columns(old)
    torch.testing.assert_close(new(X, T), old(X, T), rtol=1e-12, atol=1e-12)
    for factor in (*new.lrnr.U, *new.lrnr.V, *new.lrnr.B):
        torch.testing.assert_close(factor.norm(dim=0), torch.ones(factor.shape[1], dtype=factor.dtype))
    assert not torch.equal(new.coefficients(T), old.coefficients(T))


def test_what_goes_is_what_stays_small_in_unit_columns():
    old = model()
    size = lb.unit_columns(old).coefficients(np.linspace(0, 3, 1001)).detach().abs().amax(0)
    tolerance = float((size / size.max()).sort().values[6:8].mean())
    small, ranks = lb.truncate(old, tolerance)
    assert ranks.total == old.ranks.total - 7 == small.coefficients(T).shape[1]
    mask = torch.cat([pair for pair in old.lrnr.split(size > tolerance * size.max()) for pair in pair])
    torch.testing.assert_close(small(X, T), old.evaluate(X, old.coefficients(T) * mask), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(lb.truncate(old, 0.0)[0](X, T), old(X, T), rtol=1e-12, atol=1e-12)


def test_a_coefficient_that_is_always_zero_goes_whatever_the_tolerance():
    old = model()
    with torch.no_grad():
        old.hyper.layers[-1].weight[4], old.hyper.layers[-1].bias[4] = 0, 0
        assert kept(old, 0.0).tolist() == [i != 4 for i in range(old.ranks.total)]


def test_what_a_record_says_is_kept_is_what_exceeds_the_papers_tolerance():
    assert int(kept(lb.load_pretrained("euler")).sum()) == lb.load_record("euler")["kept"] == 240


def test_coefficients_by_formula_and_sparse_layers():
    def formula(t):
        return torch.stack([1 + t, 1e-9 * t, 2 - t, t, 1 + 0 * t, 1e-8 + 0 * t], dim=1)

    weights = [torch.eye(4)[:, :1], 3 * torch.eye(4)[:, :1].roll(1, 0)]
    layers = [lb.SparseLayer(weights, torch.ones(4, 2)),
              lb.FactoredLayer(2 * torch.ones(1, 1), torch.ones(4, 1), torch.ones(1, 1))]
    old = lb.MetaNetwork(lb.LRNR(layers), formula, BOX, ["u"])
    small, ranks = lb.truncate(old, 1e-5)
    assert (ranks.weights, ranks.biases) == ((1, 1), (2, 0))
    torch.testing.assert_close(small(X, T), old(X, T), rtol=1e-5, atol=1e-5)


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="tolerance = 2: expected a number from 0"):
        lb.truncate(model(), 2)
    with pytest.raises(ValueError, match="all weight coefficients of layer 1"):
        lb.truncate(model(), 0.9)


def test_a_truncated_model_is_saved_and_loaded(tmp_path):
    small, ranks = lb.truncate(model(dtype=torch.float32), 0.1)
    again = lb.load(lb.save(small, tmp_path / "small.safetensors"))
    assert again.ranks == ranks and torch.equal(again(X, T), small(X, T))


@pytest.mark.parametrize("name", [name for name, recipe, seed in lb.pretrained() if (recipe, seed) == ("laptop", 0)])
def test_shipped_models_keep_their_error_and_lose_ranks(name):
    full, data = lb.load_pretrained(name), lb.load_data(name)[::20]
    small, ranks = lb.truncate(full, 5e-5)
    assert ranks.total <= 0.5 * full.ranks.total
    assert lb.errors(small, data).mean == pytest.approx(lb.errors(full, data).mean, rel=1e-3)
