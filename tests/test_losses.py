"""Misfit and regularisers against their formulas (4.6)-(4.9)."""

from types import SimpleNamespace

import pytest
import torch

import lrnrbook as lb


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("q", [1, 2])
def test_misfit_is_the_ratio_of_sums_averaged_over_fields(q):
    u, v = random(3, 20, 2), random(3, 20, 2, seed=1)
    ratio = ((v - u).abs() ** q).sum((0, 1)) / (u.abs() ** q).sum((0, 1))
    assert float(lb.misfit(v, u, q)) == pytest.approx(float(ratio.mean()))
    halves = [lb.misfit(v[:, part], u[:, part], q, norm=(u.abs() ** q).mean((0, 1)))
              for part in (slice(0, 10), slice(10, 20))]
    assert float(sum(halves)) / 2 == pytest.approx(float(ratio.mean()))  # batches average to the whole


def test_misfit_of_a_batch_where_a_field_vanishes_is_finite_with_the_data_norm():
    u = torch.zeros(5, 1)
    assert not torch.isfinite(lb.misfit(u + 1, u, 2))
    assert float(lb.misfit(u + 1, u, 2, norm=torch.tensor([4.0]))) == 0.25
    with pytest.raises(ValueError, match="q = 3"):
        lb.misfit(u, u, 3)


def test_sparsity_penalty_equals_the_dense_gamma():
    lrnr, gamma = lb.LRNR.random((1, 8, 8, 1), lb.Ranks((3, 5, 1), (2, 0, 4))), 1.1
    s = random(6, lrnr.ranks.total)
    expected = 0.0
    for pair in lrnr.split(s):
        for p in pair:
            r = p.shape[1]
            matrix = torch.zeros(max(r - 1, 0), r, dtype=s.dtype)
            for j in range(r - 1):
                matrix[j, j], matrix[j, j + 1] = -1, gamma
            expected += torch.relu(p @ matrix.T).sum(1).mean()
    assert float(lb.sparsity_penalty(lrnr, s, gamma)) == pytest.approx(float(expected))


def test_sparsity_penalty_vanishes_for_decay_at_the_rate_gamma_and_faster():
    lrnr = lb.LRNR.random((1, 8, 1), 4)
    decay = 1.2 ** -torch.arange(4.0, dtype=torch.float64)
    s = decay.repeat(4)[None]
    assert float(lb.sparsity_penalty(lrnr, s, 1.2)) == pytest.approx(0, abs=1e-15)
    assert lb.sparsity_penalty(lrnr, s, 1.3) > 0
    assert lb.sparsity_penalty(lrnr, -s, 1.2) > 0  # (4.7) as it stands takes negative coefficients the other way


def test_orthogonality_penalty_equals_its_formula():
    lrnr = lb.LRNR.random((2, 8, 1), 3).double()
    for k, p in enumerate(lrnr.parameters()):
        p.data += 0.1 * random(*p.shape, seed=k)
    expected = sum(((a.T @ a - torch.eye(3)) ** 2).sum() / a.numel() for a in (*lrnr.U, *lrnr.V, *lrnr.B))
    assert lb.orthogonality_penalty(lrnr).item() == pytest.approx(expected.item())


def test_layers_without_factors_or_with_none_add_nothing_to_the_orthogonality_penalty():
    for lrnr in (lb.LRNR.dense((1, 4, 1)), lb.LRNR.random((1, 4, 4, 2), lb.Ranks((1, 3, 2), (0, 2, 0))).double()):
        with torch.no_grad():
            assert float(lb.orthogonality_penalty(lrnr)) < 1e-10


def test_gradients_of_the_losses():
    lrnr = lb.LRNR.random((1, 5, 1), 2).double()

    def ortho(*factors):
        return lb.orthogonality_penalty.__wrapped__(SimpleNamespace(U=factors[:1], V=factors[1:2], B=factors[2:]))

    assert torch.autograd.gradcheck(ortho, (random(4, 2).requires_grad_(), random(2, 2, seed=1).requires_grad_(),
                                            random(4, 3, seed=2).requires_grad_()))
    s = random(2, lrnr.ranks.total).requires_grad_()
    assert torch.autograd.gradcheck(lambda s: lb.sparsity_penalty(lrnr, s, 1.05), (s,))
    u, v = random(4, 1), random(4, 1, seed=1).requires_grad_()
    for q in (1, 2):
        assert torch.autograd.gradcheck(lambda v, q=q: lb.misfit(v, u, q), (v,))
