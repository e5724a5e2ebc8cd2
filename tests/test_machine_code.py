"""The compiled FastLRNR against PyTorch's: every activation and output, pieces of time, points, precisions."""

import sys

import numpy as np
import pytest
import torch

import lrnrbook as lb
from lrnrbook import machine_code as native

TIMES = np.linspace(0, 2, 31)


def network(activation="tanh", output="relu", bottleneck=0, fields=2):
    lrnr = lb.LRNR.random((2, 20, 20, fields), lb.Ranks((5, 6, 4), (3, 0, 2)), activation, seed=3)
    hyper = lb.HyperNetwork(torch.linspace(0.5, 2, lrnr.ranks.total), 7, 3, output, seed=1, bottleneck=bottleneck)
    box = lb.Normalisation(((-1.0, 1.0), (0.0, 3.0)), (0.0, 2.0), (2.0, 0.5)[:fields])
    return lb.MetaNetwork(lrnr, hyper, box, list("uv")[:fields])


@pytest.mark.parametrize("change", [
    {}, {"activation": "sine"}, {"activation": "relu"}, {"activation": "gelu"}, {"output": "linear"},
    {"bottleneck": 2, "output": "linear"}, {"fields": 1}])
@pytest.mark.parametrize(("pieces", "points"), [(1, "qdeim"), (3, "oversampled")])
def test_values_are_those_of_pytorch(change, pieces, points):
    model = network(**change).double()
    x = [[0.1, 0.2], [-0.5, 2.0], [0.9, 1.1]]
    fast = lb.FastLRNR.build(model, x, 4, np.linspace(0, 2, 200), points, pieces=pieces)
    with torch.no_grad():
        u = fast(TIMES).numpy()
    f = lb.compiled(fast)
    assert f(TIMES).dtype == np.float64 and np.abs(f(TIMES) - u).max() < 1e-11 * np.abs(u).max()
    assert f(0.7).shape == (3, len(model.fields)) and np.array_equal(f(0.7), f([0.7])[0])
    assert np.array_equal(f(np.reshape(TIMES[:6], (2, 3))), f(TIMES[:6]).reshape(2, 3, 3, len(model.fields)))


def test_single_precision_of_a_trained_model():
    fast = lb.FastLRNR.build(lb.load_pretrained("euler", "page"), [0.2, 0.69], 24, np.linspace(0, 0.038, 401))
    t = np.linspace(0, 0.038, 57)
    with torch.no_grad():
        u = fast(t).numpy()
    v = lb.compiled(fast)(t)
    assert v.dtype == np.float32 and np.abs(u - v).max() < 1e-4 * np.abs(u).max()


def test_times_outside_the_training_times_take_the_nearest_piece():
    fast = lb.FastLRNR.build(network().double(), [[0.1, 0.2]], 4, np.linspace(0, 2, 200), pieces=2)
    with torch.no_grad():
        assert np.allclose(lb.compiled(fast)([-0.1, 2.2]), fast([-0.1, 2.2]).numpy(), rtol=1e-10)


def test_a_formula_in_place_of_the_hypernetwork_is_refused():
    model = network().double()
    fast = lb.FastLRNR.build(model, [[0.1, 0.2]], 4, np.linspace(0, 2, 50))
    fast.hyper = torch.nn.Identity()
    with pytest.raises(ValueError, match="come from a Identity: expected a HyperNetwork"):
        lb.compiled(fast)


def test_without_numba_a_sentence_says_what_to_install(monkeypatch):
    native._kernel.cache_clear()
    monkeypatch.setitem(sys.modules, "numba", None)
    fast = lb.FastLRNR.build(network(), [[0.1, 0.2]], 4, np.linspace(0, 2, 50))
    try:
        with pytest.raises(ImportError, match=r"pip install 'lrnrbook\[fast\]'"):
            lb.compiled(fast)
    finally:
        native._kernel.cache_clear()
