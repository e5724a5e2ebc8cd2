"""Networks to compare with: dense layers, NIF's bottleneck, POD, and how stable each is."""

import numpy as np
import pytest
import torch

import lrnrbook as lb
from lrnrbook.hyper import initial_scales
from lrnrbook.modes import Pod, hypermodes
from lrnrbook.trainer import new_model
from study.ingredients.claims_networks import as_nif, singular_values
from study.network.amplification import amplification, largest_singular_value, weight_gram

DATA = lb.load_data("euler").select(["pressure"])


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_a_dense_network_is_the_plain_one():
    net = lb.LRNR.dense((2, 7, 3), "sine", omega=5.0)
    assert net.ranks == lb.Ranks((14, 21), (7, 3)) and net.U == net.V == net.B == (None, None)
    s, x = random(4, 14 + 7 + 21 + 3), random(11, 2, seed=1)
    (w1, b1), (w2, b2) = net.split(s)
    w1, w2 = w1.reshape(4, 7, 2), w2.reshape(4, 3, 7)
    z = torch.sin(5 * (x @ w1.mT + b1[:, None]))
    assert torch.allclose(net(x, s), z @ w2.mT + b2[:, None], atol=1e-5)


def test_siren_starts_with_the_sizes_of_its_paper():
    net = lb.LRNR.dense((1, 50, 50, 1), omega=30.0)
    first, hidden, last = (w for w, _ in net.split(initial_scales(net)))
    assert first.max() <= 1 and hidden.max() <= np.sqrt(6 / 50) / 30 and 0.9 < hidden.max() * 30 / np.sqrt(6 / 50)
    assert last.max() > 0.9 * np.sqrt(6 / 50)  # no omega in front of it
    assert not torch.equal(initial_scales(net, 1), initial_scales(net, 2))


@pytest.mark.parametrize("network", ["siren", "nif"])
def test_the_bottleneck_bounds_the_dimension_of_the_weights(network):
    model = new_model(DATA, lb.get_recipe(network, width=8, hyper_width=12, bottleneck=3), seed=0)
    values = hypermodes(model.double()).singular_values
    assert int((values > 1e-10 * values[0]).sum()) == (4 if network == "nif" else 13)  # and one for the last bias


@pytest.mark.parametrize("network", ["siren", "nif"])
def test_they_train_save_and_load_like_an_lrnr(tmp_path, network):
    fit = lb.fit(DATA, network, width=16, epochs=30, batch_points=32, progress=False)
    assert fit.history["misfit"][-1] < 0.5 * fit.history["misfit"][0] and not any(fit.history["r_ortho"])
    again = lb.load(fit.save(tmp_path / "model.safetensors"))
    x, t = np.linspace(0, 1, 20), [0.0, 0.02]
    assert torch.equal(fit.model(x, t), again(x, t))
    with pytest.raises(ValueError, match="dense"):
        lb.truncate(again)


def test_pruning_is_refused_for_a_dense_network():
    with pytest.raises(ValueError, match="siren"):
        lb.get_recipe("siren", prune=0.5)


def test_an_lrnr_reduced_to_hypermodes_is_a_nif():
    model, _ = lb.truncate(lb.load_pretrained("euler", "page"))
    basis = torch.as_tensor(hypermodes(model).basis[:, : hypermodes(model).count()])
    dense, last = as_nif(model, basis)
    c = model.coefficients([0.01, 0.03]).detach().double() @ basis
    x = torch.linspace(-1, 1, 30, dtype=torch.float64)[:, None]
    expected = lb.unit_columns(model).lrnr.double()(x, c @ basis.T)
    assert torch.allclose(dense(x, c @ last.T), expected, atol=1e-12) and last.shape[1] == basis.shape[1]


def test_singular_values_of_the_weights_end_at_the_rank():
    values = singular_values(lb.load_pretrained("euler", "page"), [0.0, 0.02])
    assert values.shape == (3, 2, 64)
    assert (values[..., 16:] < 1e-6).all() and (values[..., 0] == 1).all()


def test_hypermodes_rebuild_the_coefficients_and_their_sign_is_fixed():
    model = lb.load_pretrained("burgers", "page")
    modes = hypermodes(model, np.linspace(*model.times, 50))
    s = lb.unit_columns(model).coefficients(modes.times).detach().double().numpy()
    rebuilt = modes.temporal * modes.singular_values @ modes.basis.T
    assert np.allclose(rebuilt, s, atol=1e-5 * np.abs(s).max())
    c = modes.temporal - modes.temporal[0]
    assert (c[np.abs(c).argmax(0), np.arange(c.shape[1])] >= 0).all()
    assert 1 <= modes.count(1e-2) <= modes.count(5e-5) <= len(modes.singular_values)


def test_all_pod_modes_give_the_data_back():
    assert lb.errors(Pod(DATA, len(DATA)), DATA).mean < 1e-12
    waves = lb.load_data("burgers")[:6]
    assert lb.errors(Pod(waves, 6), waves).mean < 1e-6
    with pytest.raises(ValueError, match="82"):
        Pod(DATA, 82)


def test_the_gram_matrix_measures_changes_of_the_weights():
    lrnr = lb.LRNR.random((2, 9, 8, 1), lb.Ranks((2, 3, 4), (3, 0, 1)), seed=3)
    with torch.no_grad():
        for p in lrnr.parameters():
            p.mul_(1 + torch.rand(p.shape, generator=torch.Generator().manual_seed(5)))
    ds = random(lrnr.ranks.total).double()
    direct = sum((layer.weight(a.float()).square().sum() + (layer.B @ b.float()).square().sum())
                 for layer, (a, b) in zip(lrnr.layers, lrnr.split(ds), strict=True))
    parts = torch.split(ds, [len(block) for block in weight_gram(lrnr)])
    measured = sum(p @ g @ p for p, g in zip(parts, weight_gram(lrnr), strict=True))
    assert float(measured) == pytest.approx(float(direct.detach()), 1e-5)


def test_power_iteration_finds_the_norm_and_the_amplification_is_the_worst():
    a = random(12, 30).double()
    assert largest_singular_value(lambda y: a @ y, torch.zeros(30).double(), 300) == pytest.approx(
        float(torch.linalg.matrix_norm(a, 2)), 1e-4)
    model, _ = lb.truncate(lb.load_pretrained("burgers", "page"))
    x, t = DATA_2D[40].x[:200], DATA_2D.t[40]
    worst = amplification(model, x, t, 60)["weights"]
    model.double()
    s, blocks = model.coefficients(t).detach()[0], weight_gram(model.lrnr)
    size = [len(block) for block in blocks]

    def norm(change):
        return float(sum(p @ g @ p for p, g in zip(torch.split(change, size), blocks, strict=True)).sqrt())

    with torch.no_grad():
        u = model.evaluate(x, s)
        for seed in range(20):
            ds = 1e-6 * random(len(s), seed=seed).double()
            ratio = float((model.evaluate(x, s + ds) - u).norm() / u.norm()) / (norm(ds) / norm(s))
            assert ratio <= 1.001 * worst


DATA_2D = lb.load_data("burgers")
