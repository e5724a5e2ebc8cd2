"""LRNR, hypernetwork and meta-network: properties of Def. 2.1 and (2.6)-(2.10), (4.1)-(4.5)."""

import numpy as np
import pytest
import torch
from examples import family

import lrnrbook as lb
from lrnrbook.hyper import folded, initial_scales
from lrnrbook.layers import ACTIVATIONS
from lrnrbook.trainer import new_model

BOX = lb.Normalisation(((0.0, 4.0),), (0.0, 2.0), (5.0,))


@pytest.fixture(autouse=True)
def double():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


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
        assert rank(affine[:, 0]) <= r1 + r2  # (2.10)
        z = torch.tanh(affine)


@pytest.mark.parametrize("lrnr", [factored().double(), mixed().double()], ids=["factored", "sparse"])
def test_forward_equals_a_dense_network_with_summed_rank_one_terms(lrnr):
    x, s = random(50, 2), random(7, lrnr.ranks.total, seed=1)
    z = x.expand(7, -1, -1)
    sigma = ACTIVATIONS[lrnr.activation]
    for i, (layer, (s1, s2)) in enumerate(zip(lrnr.layers, lrnr.split(s), strict=True)):
        z = (sigma(z) if i else z) @ layer.weight(s1).mT + (s2 @ layer.B.T)[:, None]
        if isinstance(layer, lb.FactoredLayer):
            terms = torch.stack([torch.outer(u, v) for u, v in zip(layer.U.T, layer.V.T, strict=True)])  # (2.7)
            assert torch.allclose(layer.weight(s1), torch.einsum("tk,kij->tij", s1, terms), rtol=0, atol=1e-13)  # (2.6)
    out = lrnr(x, s)
    assert out.shape == (7, 50, 3)
    assert (out - z).abs().max() <= 1e-12 * z.abs().max()


def test_sparse_weights_are_those_given():
    given = [torch.tensor([[0.0, 2.0], [0.0, 0.0], [-1.0, 0.0]]), torch.tensor([[1.0, 0.0], [0.0, 3.0], [0.0, 0.0]])]
    layer = lb.SparseLayer(given, torch.zeros(3, 0))
    assert torch.equal(layer.weight(torch.tensor([2.0, -1.0])), 2 * given[0] - given[1])
    assert layer.ranks == (2, 0) and layer.shape == (3, 2) and layer.values.numel() == 4


def test_terms_of_rank_0_give_an_affine_map_of_zero():
    layer = lb.FactoredLayer(torch.zeros(3, 0), torch.zeros(2, 0), torch.zeros(3, 0))
    assert torch.equal(layer(random(5, 2), torch.zeros(4, 0), torch.zeros(4, 0)), torch.zeros(4, 5, 3))
    assert torch.equal(layer.weight(torch.zeros(4, 0)), torch.zeros(4, 3, 2))


@pytest.mark.parametrize("make", [lambda: lb.LRNR.random((1, 6, 6, 2), 2), mixed,
                                  lambda: lb.LRNR.random((2, 5, 1), lb.Ranks((2, 1), (0, 1)), "sine")],
                         ids=["factored", "sparse", "sine"])
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


@pytest.mark.parametrize("activation", ["tanh", "sine", "relu", "gelu"])
@pytest.mark.parametrize(("width", "rank_", "depth", "output"), [
    (64, 16, 4, "relu"), (64, 190, 6, "linear"), (192, 48, 6, "relu"), (1200, 150, 5, "relu"), (2000, 16, 6, "relu"),
    (2000, 190, 4, "linear")])
def test_activations_at_initialisation_keep_their_size_from_layer_to_layer(width, rank_, depth, output, activation):
    """Within a factor of 3 of one another, well inside the decade that is asked for."""
    torch.set_default_dtype(torch.float32)  # as trained
    lrnr = lb.LRNR.random((2, *[width] * (depth - 1), 1), rank_, activation)
    hyper = lb.HyperNetwork(initial_scales(lrnr), output=output, seed=1)
    x = torch.rand(50, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        z, sizes = x, []
        for layer, (s1, s2) in zip(lrnr.layers, lrnr.split(hyper(torch.linspace(-1, 1, 4))), strict=True):
            affine = layer(z, s1, s2)
            z = ACTIVATIONS[activation](affine)
            sizes.append(float(z.square().mean().sqrt()))
    hidden = sizes[:-1]
    assert max(hidden) < 3 * min(hidden) and 0.3 < min(hidden), sizes
    assert 0.02 < float(affine.square().mean().sqrt()) < 5  # the output starts within the fields' size


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


@pytest.mark.parametrize("kind", ["factored", "sparse"])
def test_two_acoustic_waves_are_exact_in_physical_units_with_one_coefficient_that_moves(kind):
    """d'Alembert's p = (f(x-ct) + f(x+ct)) / 2 and v = (f(x-ct) - f(x+ct)) / (2Z), f a hat of three kinks."""
    c, Z, knots, kinks = 340.0, 400.0, np.array([5.0, 5.5, 6.0]), np.array([1.0, -2.0, 1.0]) * 2e3
    box = lb.Normalisation(((-3.0, 17.0),), (0.0, 0.02), (250.0, 0.7))
    # x = 7 + 10 xi, t = 0.01 (1 + tau): sigma(x -+ ct - knot), coefficients (10; 1, ct)
    bias = np.stack([7 - np.tile(knots, 2), np.repeat([-1.0, 1.0], 3)], axis=1)
    out = np.array([np.tile(kinks, 2) / 250, np.repeat([1.0, -1.0], 3) * np.tile(kinks, 2) / Z / 0.7]) / 2
    if kind == "factored":
        layers = [lb.FactoredLayer(np.ones((6, 1)), np.ones((1, 1)), bias),
                  lb.FactoredLayer(np.eye(2), out.T, np.zeros((2, 0)))]
    else:
        layers = [lb.SparseLayer([np.ones((6, 1))], bias), lb.SparseLayer([out * [[1], [0]], out * [[0], [1]]],
                                                                          np.zeros((2, 0)))]

    def formula(tau):
        one = torch.ones_like(tau)
        return torch.stack([10 * one, one, c * 0.01 * (1 + tau), one, one], dim=-1)

    model = lb.MetaNetwork(lb.LRNR(layers, "relu"), formula, box, ["pressure", "velocity"])
    x, t = np.linspace(-3, 17, 201), np.linspace(0, 0.02, 6)

    def f(y):
        return (kinks * np.maximum(y[..., None] - knots, 0)).sum(-1)

    right, left = f(x - c * t[:, None]), f(x + c * t[:, None])
    exact = np.stack([(right + left) / 2, (right - left) / (2 * Z)], axis=-1)
    error = np.abs(model(x, t).detach().numpy() - exact).max((0, 1))
    assert (error <= 1e-12 * np.array([2e3, 2e3 / Z]) * 20).all(), error  # 20: the ramps that cancel grow to that


@pytest.mark.parametrize(("dtype", "shift", "tolerance"), [("float64", 3.0, 1e-12), ("float32", 1e7, 1e-5)])
def test_affine_changes_of_the_units_change_nothing_but_the_units(dtype, shift, tolerance):
    """Also at a large offset (map coordinates, seconds since 1970), which float32 alone would round away."""
    torch.set_default_dtype(getattr(torch, dtype))
    lrnr = lb.LRNR.random((2, 12, 12, 2), 3)
    hyper = lb.HyperNetwork(initial_scales(lrnr), output="linear")
    plain = lb.MetaNetwork(lrnr, hyper, lb.Normalisation(((0, 1), (-1, 2)), (0, 2), (1.0, 1.0)), ["a", "b"])
    box = ((shift, shift + 1), (shift - 4, shift + 8))
    other = lb.MetaNetwork(lrnr, hyper, lb.Normalisation(box, (shift - 6, shift), (5.0, 0.1)), ["a", "b"])
    x, t = np.random.default_rng(0).uniform((0, -1), (1, 2), (40, 2)), np.linspace(0, 2, 5)
    u = other(x * [1, 4] + shift, 3 * t + shift - 6)
    expected = plain(x, t) * torch.tensor([5.0, 0.1])
    assert ((u - expected).abs().amax((0, 1)) <= tolerance * expected.abs().amax((0, 1))).all()
    assert u.dtype == getattr(torch, dtype)


def test_tangents_of_the_model_in_coefficients_points_and_time():
    lrnr = lb.LRNR.random((1, 8, 8, 2), 3)
    model = lb.MetaNetwork(lrnr, lb.HyperNetwork(initial_scales(lrnr), output="linear"),
                           lb.Normalisation(((2.0, 3.0),), (0.0, 4.0), (5.0, 0.5)), ["a", "b"])
    x, t = torch.linspace(2, 3, 9)[:, None], torch.tensor([0.5, 3.0])
    s = model.coefficients(t).detach()
    direction, h = random(*s.shape), 1e-6
    for function, at, along in ((lambda c: model.evaluate(x, c), s, direction), (lambda t: model(x, t), t, t * 0 + 1),
                                (lambda x: model(x, t), x, x * 0 + 1)):
        _, tangent = torch.func.jvp(function, (at,), (along,))
        difference = (function(at + h * along) - function(at - h * along)) / (2 * h)
        assert tangent.shape == (2, 9, 2) and torch.allclose(tangent, difference, atol=1e-7)
        assert tangent.abs().max() > 1e-2


def test_the_normalisation_of_data_maps_them_to_the_unit_box():
    x = np.linspace(3, 7, 5)
    u = np.stack([np.stack([x * 0, -x * t], axis=1) for t in (1, 2, 3)])
    data = lb.WaveData.from_arrays([2.0, 4.0, 5.0], x, u)
    box = lb.Normalisation.of(data)
    assert box == lb.Normalisation(((3.0, 7.0),), (2.0, 5.0), (1.0, 21.0))  # a field of zeros keeps its size


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
                        (own, [0.1] * 3, "for 3 times"), (own[:2], 0.1, "for 1 times"),
                        (random(3, 4, 5, 2), 0.5, r"\(3, 4, 5, 2\)"), (1.0, 0.5, r"x has shape \(\)"),
                        (shared, [[0.1]], "expected one time")):
        with pytest.raises(ValueError, match=words):
            model(x, t)
    assert torch.equal(model.evaluate(shared, s[0]), model.evaluate(shared, s[:1]))
    for s, words in ((torch.zeros(12), r"\(1, 12\): expected .* n = 13"), (torch.zeros(2, 1, 13), "2, 1, 13"),
                     (1.0, r"s has shape \(\): expected")):
        with pytest.raises(ValueError, match=words):
            model.evaluate(shared, s)


def test_predict_takes_ragged_frames():
    model = travelling_ramp(1.0)
    data = lb.WaveData.from_arrays([0, 1, 2], [np.linspace(0, 4, n) for n in (3, 5, 4)],
                                   [np.zeros(n) for n in (3, 5, 4)], domain=[0, 4])
    formula, calls = model.hyper, []
    model.hyper = lambda t: calls.append(len(t)) or formula(t)
    parts = model.predict(data)
    assert calls == [3] and not parts[0].requires_grad
    assert [tuple(p.shape) for p in parts] == [(3, 1), (5, 1), (4, 1)]
    for frame, part in zip(data, parts, strict=True):
        assert np.allclose(part, 5 * np.maximum(frame.x - frame.t, 0), atol=1e-13)


def test_relu_output_gives_coefficients_that_are_never_negative_and_a_seed_fixes_all():
    scales = torch.ones(40)
    t = torch.linspace(-3, 3, 50)
    s = lb.HyperNetwork(scales, output="relu", seed=3)(t)
    assert (s >= 0).all() and (s == 0).any()
    assert (lb.HyperNetwork(scales, output="linear", seed=3)(t) < 0).any()
    assert torch.equal(s, lb.HyperNetwork(scales, output="relu", seed=3)(t))
    assert not torch.equal(s, lb.HyperNetwork(scales, output="relu", seed=4)(t))
    assert torch.equal(factored(1).U[0], factored(1).U[0]) and not torch.equal(factored(1).U[0], factored(2).U[0])
    torch.manual_seed(0)
    drawn = torch.rand(1)
    torch.manual_seed(0)
    factored(1), lb.HyperNetwork(scales)
    assert torch.equal(torch.rand(1), drawn)  # the global generator is left alone


def test_random_factors_have_unit_columns_orthogonal_where_the_shape_allows():
    lrnr = lb.LRNR.random((2, 12, 9, 3), 4)
    for a in (*lrnr.U, *lrnr.V, *lrnr.B):
        assert torch.allclose(a.norm(dim=0), torch.ones(4)) and a.is_contiguous()
        assert a.shape[0] < 4 or torch.allclose(a.T @ a, torch.eye(4), atol=1e-14)


@pytest.mark.parametrize(("make", "words"), [
    (lambda: lb.LRNR.random((1, 8, 1), 2, activation="swish"), "'swish'"),
    (lambda: lb.LRNR.random((1, 8, 1), lb.Ranks((2,), (2,))), "expected 2 of weights and of biases"),
    (lambda: lb.LRNR.random((1, 8, 1), lb.Ranks((2, 2), (2,))), "expected 2 of weights and of biases"),
    (lambda: lb.LRNR.random((1, 8, 1), lb.Ranks((2,), (2, 2))), "expected 2 of weights and of biases"),
    (lambda: lb.LRNR([lb.FactoredLayer(random(3, 1), random(1, 1), random(3, 1)),
                      lb.FactoredLayer(random(1, 1), random(4, 1), random(1, 1))]), "3 values but layer 2 takes 4"),
    (lambda: lb.FactoredLayer(random(3, 2), random(1, 1), random(3, 1)), r"U \(3, 2\)"),
    (lambda: lb.SparseLayer([random(3, 2), random(2, 2)], random(3, 1)), "sparse weights"),
    (lambda: lb.HyperNetwork(torch.ones(3), output="softplus"), "'softplus'"),
    (lambda: lb.MetaNetwork(factored(), torch.ones, BOX, ["u"]), "maps 2 coordinates to 3 fields"),
])
def test_what_does_not_fit_is_named(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_hypernetwork_fed_raw_times_is_the_same_function_of_unit_times_when_folded():
    lrnr = lb.LRNR.random((1, 16, 1), rank=3)
    hyper = lb.HyperNetwork(initial_scales(lrnr), start="default", times=(2.0, 6.0))
    t = torch.linspace(-1, 1, 9)
    raw = hyper(t)
    plain = lb.HyperNetwork(initial_scales(lrnr), start="default")
    assert torch.equal(raw, plain(4 + 2 * t)), "times of [2, 6] reach the first layer"
    hyper = folded(hyper)
    assert hyper.times is None and torch.allclose(hyper(t), raw, atol=1e-5)


def test_layers_have_memory_of_their_own():
    U, V, B = random(4, 2), random(3, 2), random(4, 1)
    layer, before = lb.FactoredLayer(U, V, B), [a.clone() for a in (U, V, B)]
    for a in (U, V, B):
        a.zero_()
    assert all(torch.equal(a, b) for a, b in zip((layer.U, layer.V, layer.B), before, strict=True))


def test_the_default_start_is_that_of_pytorch_times_the_scales():
    scales = torch.tensor([1.0, 10.0, 100.0]).repeat_interleave(200)
    *hidden, last = lb.HyperNetwork(scales, width=16, depth=3, start="default").requires_grad_(False).layers
    drawn = [(a.flatten(), layer.in_features**-0.5) for layer in hidden for a in (layer.weight, layer.bias)]
    for values, most in [*drawn, ((last.weight.T / scales).flatten(), 1.0), (last.bias / scales, 1.0)]:
        assert values.abs().max() <= most * (1 + 1e-6) and values.max() > 0.4 * most and values.min() < -0.4 * most


def test_extrapolation_is_warned_of_once_and_not_where_it_is_asked_for():
    model = lb.load_pretrained("euler", "page")
    model.evaluate([[1.3]], model.coefficients(0.05))
    model([[-0.04]], 0.0395)  # less than 5 % of the domain, of the times
    with pytest.warns(UserWarning, match=r"lie 20% of their range outside .* times \(0.0, 0.038\)") as found:
        model([[0.5], [1.2]], 0.038)
    assert found[0].filename == __file__
    model([[2.0]], 0.1)  # said before
    assert repr(model).startswith("MetaNetwork: density, velocity, pressure on [[0.0, 1.0]]")


# Families of waves.


def two_parameters():
    """A model of a family whose coefficients are affine in the normalised time and parameters."""
    box = lb.Normalisation(((0.0, 1.0),), (0.0, 2.0), (5.0,), (), {"depth": (1.0, 3.0), "slope": (-0.5, 0.5)})
    W = torch.arange(12.0).reshape(3, 4)

    class Affine(torch.nn.Module):
        def forward(self, places):
            return places @ W

    return lb.MetaNetwork(lb.LRNR.random((1, 6, 1), lb.Ranks((1, 1), (1, 1))), Affine(), box, ["u"]), W


def test_parameters_of_a_family_in_every_form():
    model, W = two_parameters()
    expected = torch.tensor([[0.5, -0.5, 0.4]]) @ W
    for mu in ([1.5, 0.2], np.array([1.5, 0.2]), torch.tensor([[1.5, 0.2]]), {"depth": 1.5, "slope": 0.2},
               {"slope": [0.2], "depth": 1.5}):
        assert torch.allclose(model.coefficients(1.5, mu), expected)
    many = model.coefficients([0.0, 1.5], {"depth": [1.0, 1.5], "slope": 0.2})
    assert torch.allclose(many[1:], expected) and many.shape == (2, 4)
    assert torch.allclose(model.coefficients([0.0, 1.5], [[1.0, 0.2], [1.5, 0.2]]), many)
    assert torch.equal(model.coefficients(1.5, [[1.0, 0.2], [1.5, 0.2]])[1:], model.coefficients(1.5, [1.5, 0.2]))
    assert model([0.1, 0.2], [0.0, 1.5], [1.5, 0.2]).shape == (2, 2, 1)
    assert model.ranges == {"depth": (1.0, 3.0), "slope": (-0.5, 0.5)} and "depth (1.0, 3.0), slope" in repr(model)


@pytest.mark.parametrize("mu", [None, 1.0, [1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]] * 3, {"depth": 1.0}, {},
                                {"depth": 1.0, "slope": 0.0, "width": 2.0}, {"depth": "deep", "slope": 0.0},
                                {"depth": np.nan, "slope": 0.0}])
def test_parameters_that_are_missing_or_too_many_are_named(mu):
    model, _ = two_parameters()
    with pytest.raises(ValueError, match="expected values of depth, slope, .* with k = 2, or a dict"):
        model.coefficients([0.0, 1.0], mu)
    with pytest.raises(ValueError, match=r"parameters mu = 2.0 at 1 times: expected none"):
        lb.load_pretrained("euler", "page")([0.5], 0.01, 2.0)


def test_a_family_extrapolates_with_a_warning_said_once():
    model, _ = two_parameters()
    model([0.5], 1.0, [3.05, 0.0])
    with pytest.warns(UserWarning, match="x, t or mu lie 50% of their range outside .* parameters {'depth': "):
        model([0.5], 1.0, [4.0, 0.0])
    model([0.5], 1.0, [9.0, 0.0])


def test_a_family_is_predicted_with_its_parameters():
    data = family()
    model = new_model(data, lb.get_recipe("smoke"))
    u = model.predict(data)[20]
    assert torch.allclose(u, model(data.x[20], data.t[20], 0.5)[0])
    with pytest.raises(ValueError, match="expected values of speed"):
        model.predict(lb.WaveData.from_arrays([0.0, 1.0], data.x[0], np.zeros((2, 60))))
    with pytest.raises(ValueError, match=r"\[0.2, 0.2\] is no range of x, t or a parameter"):
        new_model(data[data.spans[0]], lb.get_recipe("smoke"))
