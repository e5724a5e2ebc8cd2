"""LRNR, hypernetwork and meta-network: properties of Def. 2.1 and (2.6)-(2.10), (4.1)-(4.5)."""

import itertools

import numpy as np
import pytest
import torch

import lrnrbook as lb
from lrnrbook.layers import ACTIVATIONS
from lrnrbook.model import initial_scales

BOX = lb.Normalisation(((0.0, 4.0),), (0.0, 2.0), (5.0,))


@pytest.fixture(autouse=True)
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def factored(seed=0):
    return lb.LRNR.random((2, 12, 9, 3), lb.Ranks((2, 3, 4), (3, 0, 1)), seed=seed)


def mixed():
    sparse = [torch.diag(random(12)), random(12, 12) * (random(12, 12, seed=1) > 1)]
    layers = [lb.FactoredLayer(random(12, 2), random(2, 2), random(12, 1)), lb.SparseLayer(sparse, random(12, 2)),
              lb.FactoredLayer(random(3, 1), random(12, 1), random(3, 0))]
    return lb.LRNR(layers, "relu")


def rank(matrix):
    return int(torch.linalg.matrix_rank(matrix, rtol=1e-10))


def test_weights_and_biases_share_spaces_of_their_ranks_over_all_s():
    lrnr = factored()
    s = random(60, lrnr.ranks.total)
    z = random(60, 1, 2)
    for layer, (s1, s2) in zip(lrnr.layers, lrnr.split(s), strict=True):
        W, (r1, r2) = layer.weight(s1), layer.ranks
        assert rank(W.transpose(0, 1).flatten(1)) == min(r1, layer.shape[0])  # columns
        assert rank(W.flatten(0, 1)) == min(r1, layer.shape[1])  # rows
        assert rank(s2 @ layer.B.T) == r2 if r2 else not (s2 @ layer.B.T).any()
        affine = layer(z, s1, s2)
        assert rank(affine[:, 0]) <= r1 + r2
        z = torch.tanh(affine)


@pytest.mark.parametrize("lrnr", [factored().double(), mixed().double()], ids=["factored", "sparse"])
def test_forward_equals_a_dense_network_with_summed_rank_one_terms(lrnr):
    x, s = random(50, 2), random(7, lrnr.ranks.total, seed=1)
    z = x.expand(7, -1, -1)
    sigma = ACTIVATIONS[lrnr.activation]
    for i, (layer, (s1, s2)) in enumerate(zip(lrnr.layers, lrnr.split(s), strict=True)):
        z = (sigma(z) if i else z) @ layer.weight(s1).mT + (s2 @ layer.B.T)[:, None]
        if isinstance(layer, lb.FactoredLayer):
            terms = [torch.outer(u, v) for u, v in zip(layer.U.T, layer.V.T, strict=True)]  # (2.7)
            summed = sum(s1[0, k] * term for k, term in enumerate(terms))
            assert torch.allclose(layer.weight(s1)[0], summed, rtol=0, atol=1e-13)
    out = lrnr(x, s)
    assert out.shape == (7, 50, 3)
    assert (out - z).abs().max() <= 1e-12 * z.abs().max()


def test_sparse_weights_are_those_given():
    given = [torch.tensor([[0.0, 2.0], [0.0, 0.0], [-1.0, 0.0]]), torch.tensor([[1.0, 0.0], [0.0, 3.0], [0.0, 0.0]])]
    layer = lb.SparseLayer(given, torch.zeros(3, 0))
    assert torch.equal(layer.weight(torch.tensor([2.0, -1.0])), 2 * given[0] - given[1])
    assert layer.ranks == (2, 0) and layer.shape == (3, 2) and layer.values.numel() == 4


@pytest.mark.parametrize("make", [lambda: lb.LRNR.random((1, 6, 6, 2), 2), mixed], ids=["factored", "sparse"])
def test_gradients_in_points_coefficients_and_factors(make):
    lrnr = make()
    d = lrnr.dims[0]
    x, s = random(4, d).requires_grad_(), random(2, lrnr.ranks.total, seed=3).requires_grad_()
    assert torch.autograd.gradcheck(lrnr, (x, s))
    parameters = dict(lrnr.named_parameters())

    def value(*tensors):
        named = dict(zip(parameters, tensors, strict=True))
        return torch.func.functional_call(lrnr, named, (x.detach(), s.detach()))

    assert torch.autograd.gradcheck(value, tuple(p.detach().requires_grad_() for p in parameters.values()))
    _, tangent = torch.func.jvp(lambda c: lrnr(x.detach(), c), (s.detach(),), (torch.ones_like(s),))
    step = 1e-6
    difference = (lrnr(x, s + step) - lrnr(x, s - step)) / (2 * step)
    assert torch.allclose(tangent, difference, atol=1e-7)


@pytest.mark.parametrize(("width", "rank_", "depth", "activation"), [
    (64, 16, 4, "tanh"), (192, 48, 6, "tanh"), (2000, 190, 4, "tanh"), (2000, 16, 6, "tanh"), (256, 64, 5, "sine"),
    (1200, 150, 5, "relu"), (64, 64, 6, "relu"), (64, 16, 5, "gelu")])
def test_activations_at_initialisation_stay_within_a_decade(width, rank_, depth, activation):
    lrnr = lb.LRNR.random((2, *[width] * (depth - 1), 1), rank_, activation)
    hyper = lb.HyperNetwork(initial_scales(lrnr), output="relu", seed=1)
    s = hyper(torch.linspace(-1, 1, 5)).detach()
    z, sizes = torch.rand(50, 2) * 2 - 1, []
    for i, (layer, (s1, s2)) in enumerate(zip(lrnr.layers, lrnr.split(s), strict=True)):
        z = layer(ACTIVATIONS[activation](z) if i else z, s1, s2)
        sizes.append(z.detach().square().mean().sqrt().item())
    hidden = sizes[:-1]
    assert all(0.1 < b / a < 10 for a, b in itertools.pairwise(hidden)) and 0.05 < hidden[-1] < 20, sizes


@pytest.mark.parametrize("points", [1, 10_000])
def test_the_hypernetwork_runs_once_a_time_whatever_the_points(points):
    lrnr, calls = lb.LRNR.random((1, 8, 1), 2), []

    def formula(t):
        calls.append(t.shape)
        return torch.ones(len(t), lrnr.ranks.total)

    model = lb.MetaNetwork(lrnr, formula, BOX, ["u"])
    assert model(np.linspace(0, 4, points), [0.0, 1.0, 2.0]).shape == (3, points, 1)
    assert calls == [(3,)]


def travelling_ramp(speed):
    """u = 5 relu(x - speed t) on [0, 4] x [0, 2], by hand: only the first bias moves."""
    lrnr = lb.LRNR([lb.FactoredLayer([[1.0]], [[1.0]], [[1.0]]),
                    lb.FactoredLayer([[2.0 / 5]], [[1.0]], torch.zeros(1, 0))], "relu")

    def formula(t):  # normalised: x = 2 + 2 xi, t = 1 + tau
        return torch.stack([torch.ones_like(t), 1 - speed * (1 + t) / 2, 5 * torch.ones_like(t)], -1)

    return lb.MetaNetwork(lrnr, formula, BOX, ["u"])


def test_a_formula_gives_an_exact_travelling_wave_in_physical_units():
    x, t = np.linspace(0, 4, 101), np.linspace(0, 2, 5)
    model = travelling_ramp(speed=1.3)
    exact = 5 * np.maximum(x - 1.3 * t[:, None], 0)
    assert np.abs(model(x, t)[..., 0].detach().numpy() - exact).max() <= 1e-12 * exact.max()
    assert repr(model.ranks) == "weights=(1, 1), biases=(1, 0)"
    assert model.coefficients([0.0, 2.0])[:, 1].tolist() == [1.0, 1 - 1.3]  # the order: s_1^1, s_2^1, s_1^2


def test_shapes_of_points_and_times():
    model = lb.MetaNetwork(factored(), lb.HyperNetwork(torch.ones(13)),
                           lb.Normalisation(((0, 1), (0, 1)), (0, 1), (1, 1, 1)), ["a", "b", "c"])
    shared, own = random(6, 2), random(4, 6, 2)
    assert model(shared, 0.5).shape == (1, 6, 3) and model(shared, [0.1] * 4).shape == (4, 6, 3)
    assert torch.allclose(model(own, [0.2] * 4)[2], model(own[2], 0.2)[0])
    assert model.coefficients(0.5).shape == (1, 13)
    s = model.coefficients([0.3, 0.4])
    assert torch.equal(model.lrnr.join(model.lrnr.split(s)), s)
    assert [tuple(p.shape[1] for p in pair) for pair in model.lrnr.split(s)] == [(2, 3), (3, 0), (4, 1)]
    for x, t, words in ((random(6, 3), 0.5, r"\(6, 3\)"), (random(6), 0.5, r"\(6,\)"),
                        (own, [0.1] * 3, "for 3 times"), (shared, [[0.1]], "expected one time")):
        with pytest.raises(ValueError, match=words):
            model(x, t)
    with pytest.raises(ValueError, match="got 12 coefficients: expected n = 13"):
        model.evaluate(shared, torch.zeros(12))


def test_predict_takes_ragged_frames():
    model = travelling_ramp(1.0)
    data = lb.WaveData.from_arrays([0, 1, 2], [np.linspace(0, 4, n) for n in (3, 5, 4)],
                                   [np.zeros(n) for n in (3, 5, 4)], domain=[0, 4])
    parts = model.predict(data)
    assert [tuple(p.shape) for p in parts] == [(3, 1), (5, 1), (4, 1)]
    assert parts[1][-1, 0] == pytest.approx(5 * 3)


def test_relu_output_gives_coefficients_that_are_never_negative_and_a_seed_fixes_all():
    scales = torch.ones(40)
    t = torch.linspace(-3, 3, 50)
    s = lb.HyperNetwork(scales, output="relu", seed=3)(t)
    assert (s >= 0).all() and (s == 0).any()
    assert (lb.HyperNetwork(scales, output="linear", seed=3)(t) < 0).any()
    assert torch.equal(s, lb.HyperNetwork(scales, output="relu", seed=3)(t))
    assert torch.equal(factored(1).U[0], factored(1).U[0]) and not torch.equal(factored(1).U[0], factored(2).U[0])


@pytest.mark.parametrize(("make", "words"), [
    (lambda: lb.LRNR.random((1, 8, 1), 2, activation="swish"), "'swish'"),
    (lambda: lb.LRNR.random((1, 8, 1), lb.Ranks((2,), (2,))), "for 1 layers: expected 2"),
    (lambda: lb.LRNR([lb.FactoredLayer(random(3, 1), random(1, 1), random(3, 1)),
                      lb.FactoredLayer(random(1, 1), random(4, 1), random(1, 1))]), "3 values but layer 2 takes 4"),
    (lambda: lb.FactoredLayer(random(3, 2), random(1, 1), random(3, 1)), r"U \(3, 2\)"),
    (lambda: lb.SparseLayer([random(3, 2), random(2, 2)], random(3, 1)), "sparse weights"),
    (lambda: lb.HyperNetwork(torch.ones(3), output="softplus"), "'softplus'"),
    (lambda: lb.MetaNetwork(factored(), None, BOX, ["u"]), "maps 2 coordinates to 3 fields"),
])
def test_what_does_not_fit_is_named(make, words):
    with pytest.raises(ValueError, match=words):
        make()
