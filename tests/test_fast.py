"""FastLRNR: exact where it must be, converging with the rank, its rows those of pyMOR, its gradients, its file."""

import numpy as np
import pytest
import torch
from examples import family
from pymor.algorithms.ei import deim as pymor_deim
from pymor.algorithms.ei import ei_greedy as pymor_ei_greedy
from pymor.algorithms.ei import qdeim as pymor_qdeim
from pymor.vectorarrays.numpy import NumpyVectorSpace

import lrnrbook as lb
from lrnrbook.compress import SELECTIONS, Factors, deim, ei_greedy, oversampled, qdeim
from lrnrbook.hyper import initial_scales
from study.ledger.models import load_pretrained

UNSEEN = np.linspace(0, 0.038, 400)[1:-1] + 1e-7


@pytest.fixture(scope="module")
def model():
    return lb.load_pretrained("euler", "page").double().requires_grad_(False)


@pytest.fixture(scope="module")
def snapshots(model):
    """Hidden states of the second layer at one point, (M, T)."""
    return model.states([[0.69]], model.coefficients(np.linspace(*model.times, 301)))[1][:, 0].detach().numpy().T


def array(columns):
    return NumpyVectorSpace(len(columns)).from_numpy(columns)


@pytest.mark.parametrize("k", [3, 12, 24])
def test_rows_are_those_of_pymor(snapshots, k):
    basis = np.linalg.svd(snapshots, full_matrices=False)[0][:, :k]
    assert list(deim(basis)) == list(pymor_deim(array(basis), pod=False)[0])
    assert set(qdeim(basis)) == set(pymor_qdeim(array(basis), pod=False)[0])


def test_greedy_interpolation_is_that_of_pymor(snapshots):
    basis, rows = ei_greedy(snapshots, 10)
    theirs, collateral, _ = pymor_ei_greedy(array(snapshots), error_norm="sup", max_interpolation_dofs=10)
    assert list(rows) == list(theirs)
    other = collateral.to_numpy()
    other = other if other.shape == basis.shape else other.T
    assert np.abs(basis - other).max() < 1e-8


@pytest.mark.parametrize("name", SELECTIONS)
def test_a_vector_in_the_space_is_known_from_its_rows(name):
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(40, 7)))[0]
    rows = SELECTIONS[name](basis)
    assert len(set(rows)) == len(rows)
    z = basis @ rng.normal(size=7)
    assert np.allclose(basis @ np.linalg.lstsq(basis[rows], z[rows], rcond=None)[0], z)


def test_more_rows_are_better_conditioned():
    basis = np.linalg.qr(np.random.default_rng(1).normal(size=(60, 12)))[0]
    assert len(oversampled(basis)) == 24
    assert np.linalg.cond(basis[oversampled(basis)]) < np.linalg.cond(basis[qdeim(basis)])


@pytest.mark.parametrize("points", ["qdeim", "deim", "oversampled", "eim"])
def test_exact_at_the_snapshots_when_the_rank_is_theirs(model, points):
    times = np.linspace(0.001, 0.037, 20)
    fast = lb.FastLRNR.build(model, [[0.2], [0.69]], rank=20, times=times, points=points)
    with torch.no_grad():
        u = model(fast.x, times)
        assert float((fast(times) - u).norm() / u.norm()) < 1e-9  # C6-3


def test_the_error_falls_with_the_rank_and_the_estimate_follows(model):
    x = np.random.default_rng(0).random((6, 1))
    u = model(x, UNSEEN)
    true, estimated = [], []
    for rank in (8, 16, 32, 48):
        fast = lb.FastLRNR.build(model, x, rank)
        true.append(float((fast(UNSEEN) - u).norm() / u.norm()))
        estimated.append(fast.error(UNSEEN))
    assert true == sorted(true, reverse=True) and true[-1] < 2e-3
    assert all(0.3 < e / t < 30 for e, t in zip(estimated, true, strict=True))


def test_ranks_by_layer_and_by_tolerance(model):
    times = np.linspace(*model.times, 101)
    assert lb.FastLRNR.build(model, [[0.5]], (6, 9, 12, 5), times).ranks == (6, 9, 12, 5)
    loose, tight = (lb.FastLRNR.build(model, [[0.5]], tol, times).ranks for tol in (1e-2, 1e-5))
    assert all(a <= b for a, b in zip(loose, tight, strict=True)) and sum(loose) < sum(tight)


@pytest.mark.parametrize(("rank", "points", "words"), [
    (33, "qdeim", r"rank 33 in layer 1: expected between 1 and \d+, the rank of the hidden states at 9 times"),
    (0, "qdeim", "rank = 0: expected whole numbers of at least 1, or a tolerance"),
    ((3, 3), "qdeim", r"2 ranks \(3, 3\): expected 4, one a hidden layer"),
    (8, "random", "points = 'random': expected Literal.'qdeim', 'deim', 'oversampled', 'eim'.")])
def test_nonsense_is_refused_in_a_sentence(model, rank, points, words):
    with pytest.raises(ValueError, match=words):
        lb.FastLRNR.build(model, [[0.5]], rank, np.linspace(*model.times, 9), points)


def test_points_of_a_wrong_dimension_and_other_networks_are_refused(model):
    with pytest.raises(ValueError, match=r"x has shape \(1, 2\): expected points \(P, 1\)"):
        lb.FastLRNR.build(model, [[0.5, 0.5]])
    with pytest.raises(ValueError, match="layers DenseLayer"):
        lb.FastLRNR.build(load_pretrained("euler", "siren"), [0.5])


def test_points_far_outside_the_domain_are_warned_of(model):
    model.warned = False
    with pytest.warns(UserWarning, match="19900% of their range outside"):
        lb.FastLRNR.build(model, [200.0], 4, UNSEEN)


def test_times_far_outside_are_warned_of_once(model):
    fast = lb.FastLRNR.build(model, [0.3, 0.7], 4, UNSEEN)
    fast([-0.0005, 0.0395])  # less than 5 % of the times
    with pytest.warns(UserWarning, match=r"x or t lie 32% of their range outside .* times \(0.0, 0.038\)") as found:
        fast([0.01, 0.05])
    assert found[0].filename == __file__
    fast(0.1)  # said before


@pytest.mark.parametrize("points", ["qdeim", "deim", "oversampled", "eim"])
def test_of_bases_with_one_vector_the_error_is_not_said_to_be_zero(model, points, tmp_path):
    fast = lb.FastLRNR.build(model, [0.3, 0.7], 1, UNSEEN, points)
    assert fast.error(UNSEEN) > 0.1  # a smaller basis is none: the next layer gets its bias alone
    assert lb.load(lb.save(fast, tmp_path / "fast")).error(UNSEEN) == fast.error(UNSEEN)


def test_times_of_a_grid_are_refused_as_the_network_refuses_them(model):
    fast = lb.FastLRNR.build(model, [0.3, 0.7], 4, UNSEEN)
    for network in (fast, fast.coefficients, model.coefficients, model.normalisation.unit_times):
        with pytest.raises(ValueError, match=r"t has shape \(2, 3\): expected one time or a list of times \(T,\)"):
            network(np.full((2, 3), 0.01))


def test_the_cost_does_not_know_the_width():
    found = set()
    for width in (64, 256):
        lrnr = lb.LRNR.random((1, width, width, width, 1), 6, seed=1)
        hyper = lb.HyperNetwork(torch.ones(lrnr.ranks.total), output="linear")
        network = lb.MetaNetwork(lrnr, hyper, lb.Normalisation(((0.0, 1.0),), (0.0, 1.0), (1.0,)), ["u"])
        found.add(lb.FastLRNR.build(network, [0.3, 0.4], 3, np.linspace(0, 1, 50)).operations)
    assert len(found) == 1


def test_gradients_in_time_and_in_the_coefficients(model):
    x = np.array([[0.3], [0.69], [0.8]])
    t = torch.tensor([0.0123, 0.0301], dtype=torch.float64)
    modes = lb.hypermodes(model)
    along = modes.coefficients(torch.eye(4, dtype=torch.float64))

    def du_dt(f):
        return torch.func.jvp(f, (t,), (torch.ones_like(t),))[1]

    def du_ds(f):
        s = model.coefficients(t).detach()
        return torch.stack([torch.func.jvp(f, (s,), (v.expand_as(s),))[1] for v in along])

    def error(ours, theirs):
        return float((ours - theirs).norm() / theirs.norm())

    plain, wide = (lb.FastLRNR.build(model, x, 60, np.linspace(*model.times, 1601), along=k) for k in (0, 4))
    assert error(du_dt(plain), du_dt(lambda t: model(x, t))) < 2e-2

    def full(s):
        return model.evaluate(x, s)

    # snapshots on the path alone do not know where steps off it lead
    assert error(du_ds(wide.evaluate), du_ds(full)) < 0.3 * error(du_ds(plain.evaluate), du_ds(full))


def test_pieces_of_time_need_fewer_directions(model):
    x, times = [[0.3], [0.69]], np.linspace(*model.times, 1601)
    with torch.no_grad():
        u = model(x, UNSEEN)
        one, four = (lb.FastLRNR.build(model, x, 24, times, pieces=k) for k in (1, 4))
        errors = [float((fast(UNSEEN) - u).norm() / u.norm()) for fast in (one, four)]
    assert errors[1] < 0.2 * errors[0] and four.operations <= one.operations
    assert four.snapshots == 1601 and four.condition.shape == (4, 4, 2) and 0.2 < four.error(UNSEEN) / errors[1] < 30
    shuffled = np.random.default_rng(0).permutation(UNSEEN)
    with torch.no_grad():
        found = four(shuffled)[shuffled.argsort()]
        assert torch.allclose(found, four(UNSEEN), rtol=0, atol=1e-10 * float(u.abs().max()))


def test_each_piece_finds_its_own_snapshots_if_no_times_are_given():
    lrnr, times = lb.LRNR.random((1, 20, 20, 1), 6, seed=1), np.linspace(0, 2, 30)
    box = lb.Normalisation(((0.0, 1.0),), (0.0, 2.0), (1.0,))
    network = lb.MetaNetwork(lrnr, lb.HyperNetwork(torch.ones(36), output="linear"), box, ["u"]).double()
    fast = lb.FastLRNR.build(network, [0.3, 0.4], 6, pieces=3)
    with torch.no_grad():
        u, v = network(fast.x, times), fast(times)
    assert len(fast.factors) == 3 and fast.snapshots in {3 * (200 * 2**k + 1) for k in range(1, 6)}
    assert (u - v).norm() < 1e-3 * u.norm() and fast.error(times) < 1e-2


def test_derivatives_in_time_through_pieces(model):
    fast = lb.FastLRNR.build(model, [[0.69]], 40, np.linspace(*model.times, 1601), pieces=4)
    t = torch.tensor([0.0123, 0.0301, 0.002], dtype=torch.float64)
    ours, theirs = (torch.func.jvp(f, (t,), (torch.ones_like(t),))[1] for f in (fast, lambda t: model([[0.69]], t)))
    assert float((ours - theirs).norm() / theirs.norm()) < 1e-2


def test_what_pieces_cannot_do_is_said(model):
    times = np.linspace(*model.times, 401)
    fast = lb.FastLRNR.build(model, [[0.69]], 8, times, pieces=2)
    s = model.coefficients([0.01])
    with pytest.raises(ValueError, match="which of the 2 pieces of time is meant"):
        fast.evaluate(s)
    with pytest.raises(ValueError, match="t has 2 times for 1 vectors"):
        fast.evaluate(s, [0.01, 0.02])
    with pytest.raises(ValueError, match="pieces = 0: expected a whole number"):
        lb.FastLRNR.build(model, [[0.69]], 8, times, pieces=0)
    with pytest.raises(ValueError, match="no snapshot between t = 0.019 and 0.038"):
        lb.FastLRNR.build(model, [[0.69]], 8, times[:100], pieces=2)


def test_blocks_of_points_change_nothing(model, monkeypatch):
    x = np.random.default_rng(2).random((7, 1))
    fast = lb.FastLRNR.build(model, x, 10, np.linspace(*model.times, 101))
    with torch.no_grad():
        whole = fast(UNSEEN[:50])
        monkeypatch.setattr("lrnrbook.compress.BLOCK", 50 * 16 * 2)  # two points at a time
        at, blocks = Factors._at, []
        monkeypatch.setattr(Factors, "_at", lambda self, p, *rest: blocks.append(len(x[p])) or at(self, p, *rest))
        assert torch.allclose(fast(UNSEEN[:50]), whole, rtol=1e-12)
    assert blocks == [2, 2, 2, 1]


def test_a_singular_value_decomposition_that_does_not_converge_is_done_another_way(model, monkeypatch):
    times = np.linspace(*model.times, 101)
    with torch.no_grad():
        expected = lb.FastLRNR.build(model, [[0.2], [0.69]], 12, times)(UNSEEN)

    def fails(*args, **kwargs):
        raise torch.linalg.LinAlgError("failed to converge")

    monkeypatch.setattr(torch.linalg, "svd", fails)
    with torch.no_grad():
        found = lb.FastLRNR.build(model, [[0.2], [0.69]], 12, times)(UNSEEN)
    assert torch.allclose(found, expected, rtol=0, atol=1e-6 * float(expected.abs().max()))


@pytest.mark.parametrize("pieces", [1, 3])
def test_saved_and_loaded_it_gives_the_same(model, tmp_path, pieces):
    fast = lb.FastLRNR.build(model, [[0.2], [0.69]], 12, np.linspace(*model.times, 201), pieces=pieces)
    path = lb.save(fast, tmp_path / "fast.safetensors")
    again = lb.load(path)
    assert lb.info(path)["kind"] == "FastLRNR" and again.ranks == fast.ranks and again.fields == model.fields
    assert torch.equal(again(UNSEEN), fast(UNSEEN)) and again.error(UNSEEN) == fast.error(UNSEEN)
    assert torch.equal(again.x, fast.x) and torch.equal(again.condition, fast.condition)


def test_single_precision(model):
    single = lb.load_pretrained("euler", "page").requires_grad_(False)
    fast = lb.FastLRNR.build(single, [[0.2], [0.69]], 32)
    u = single(fast.x, UNSEEN)
    assert fast(UNSEEN).dtype == torch.float32 and float((fast(UNSEEN) - u).norm() / u.norm()) < 1e-2


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_a_large_offset_of_the_domain_costs_no_accuracy(offset):
    lrnr = lb.LRNR.random((1, 64, 64, 1), rank=8, seed=3)
    box = lb.Normalisation(((offset, offset + 1.0),), (offset, offset + 1.0), (1.0,))
    model = lb.MetaNetwork(lrnr, lb.HyperNetwork(initial_scales(lrnr), seed=4), box, ["u"]).requires_grad_(False)
    times = np.linspace(*model.times, 201)
    fast = lb.FastLRNR.build(model, offset + np.array([0.137, 0.618, 0.911]), rank=16, times=times)
    u = model(fast.x, times)
    assert float((fast(times) - u).norm() / u.norm()) < 1e-3


def test_it_says_its_points_ranks_and_cost(model):
    fast = lb.FastLRNR.build(model, [[0.3], [0.6]], rank=8, times=np.linspace(0, 0.038, 101), pieces=2)
    said = repr(fast)
    assert "at 2 points" in said and f"ranks {fast.ranks}" in said and "in 2 pieces" in said
    assert f"{fast.operations} multiplications" in said and len(said.splitlines()) == 1


def test_what_a_network_takes_if_nothing_is_said_and_what_a_value_costs(model):
    fast = lb.FastLRNR.build(model, [0.3], times=np.linspace(*model.times, 201))
    assert fast.ranks == (32,) * 4 and fast.snapshots == 201
    lrnr = lb.LRNR.random((1, 20, 20, 20, 1), 6, seed=1)
    box = lb.Normalisation(((0.0, 1.0),), (0.0, 1.0), (1.0,))
    network = lb.MetaNetwork(lrnr, lb.HyperNetwork(torch.ones(48), output="linear"), box, ["u"])
    small = lb.FastLRNR.build(network, [0.3, 0.4], 3, np.linspace(0, 1, 50))
    hidden, between = 3 * 3 * (6 + 6), 3 * 6 * (3 + 1)  # (6.9): U-hat and B-hat; V-hat and the coefficients
    assert small.operations == hidden + between + 6 + 6 + 6
    assert small.numbers == 3 * (3 * 6) + 6 + 3 * 2 * (3 * 6)


def test_a_family_is_compressed_over_times_and_parameters(tmp_path):
    model = lb.fit(family(), "smoke", epochs=30, progress=False).model.double()
    x = [-0.2, 0.1, 0.4]
    for pieces in (1, 2):
        fast = lb.FastLRNR.build(model, x, rank=16, pieces=pieces)
        t, mu = [0.13, 0.77], {"speed": [0.33, 0.9]}
        u, v = model(x, t, mu), fast(t, mu)
        assert float((u - v).norm() / u.norm()) < 3 * fast.error(t, mu) + 1e-6 and fast.error(t, mu) < 1e-2
        assert torch.allclose(fast(0.77, [0.33, 0.9])[1], v[1])
        loaded = lb.load(lb.save(fast, tmp_path / "fast"))
        assert torch.equal(loaded(t, mu), v) and loaded.normalisation.parameters == {"speed": (0.2, 1.1)}
    with pytest.raises(ValueError, match="expected values of speed"):
        fast(0.1)
    with pytest.raises(ValueError, match="the FastLRNR is of a family, of speed"):
        lb.compiled(fast)
