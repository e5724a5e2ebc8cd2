"""Claims about the architecture (section 2): ranks, factored form, how much the output changes with the weights."""

from __future__ import annotations

import numpy as np
import torch

from lrnrbook.datasets import load_data
from lrnrbook.layers import ACTIVATIONS, FactoredLayer
from lrnrbook.model import LRNR, MetaNetwork
from lrnrbook.truncation import truncate
from study.ledger.models import SHIPPED, load_pretrained, pretrained, shipped, subject
from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED, SETS, Claims, Verdict
from study.network.amplification import amplification

CLAIMS = Claims("02")


APART = "Shipped models of the paper's own size are decided apart, since they take long: see the paper's size."


def _factored_models() -> list[MetaNetwork]:
    """The models in question; of the shipped ones all LRNRs but those of the paper's size, which take long."""
    if subject() != SHIPPED:
        return [subject().model(*model) for model in subject().models()]
    models = [load_pretrained(*shipped) for shipped in pretrained() if not shipped[1].startswith("paper")]
    return [model for model in models if all(isinstance(layer, FactoredLayer) for layer in model.lrnr.layers)]


def _random_coefficients(model: MetaNetwork, count: int, seed: int) -> torch.Tensor:
    """Random s of the size that each coefficient has in the model, in float64."""
    t = np.linspace(*model.times, 81)
    with torch.no_grad():
        size = model.coefficients(t).abs().amax(0).double().clamp_min(1e-3)
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, len(size), generator=generator, dtype=torch.float64) * size


def _double(lrnr: LRNR) -> LRNR:
    copy = LRNR.random(lrnr.dims, lrnr.ranks, lrnr.activation).double()
    copy.load_state_dict({name: tensor.double() for name, tensor in lrnr.state_dict().items()})
    return copy.requires_grad_(False)


def _rank(matrix: torch.Tensor) -> int:
    """Numerical rank: singular values above 1e-10 of the largest."""
    values = torch.linalg.svdvals(matrix)
    return int((values > 1e-10 * values[0]).sum())


@CLAIMS.add("C2-1", "(2.4), (2.10), 6.1",
            "over all s the weights' column and row spaces have dimension at most r1, the biases' at most r2, and the "
            "affine outputs at most r1 + r2",
            paper="r1, r2, r1 + r2",
            rule="numerical ranks (1e-10) of W(s), b(s) stacked over 200 random s and of pre-activations over 500 "
                 "random (x, s), every layer of all shipped models")
def c2_1() -> Verdict:
    """Ranks of weights, biases and affine outputs over random s, for every layer of the shipped models.

    The span of all column (row) spaces is found from one random vector in each: with 200 of them, more than any
    rank, a dimension above the bound cannot hide.
    """
    checked, excess, full = 0, 0, 0
    generator = torch.Generator().manual_seed(4)
    models = _factored_models()
    for model in models:
        lrnr, s = _double(model.lrnr), _random_coefficients(model, 500, seed=0)
        x = torch.rand(500, 1, lrnr.dims[0], generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 2 - 1
        z = x
        for layer, (s1, s2) in zip(lrnr.layers, lrnr.split(s), strict=True):
            affine = layer(z, s1, s2)  # (500, 1, M_out)
            left, right = (torch.randn(200, 1, n, generator=generator, dtype=torch.float64) for n in layer.shape)
            right.requires_grad_()
            columns = layer(right, s1[:200], torch.zeros_like(s2[:200]))  # W(s) v (200, 1, M_out), and y^T W(s)
            rows, = torch.autograd.grad((left * columns).sum(), right)
            stacks = (columns.detach()[:, 0], rows[:, 0], s2[:200] @ layer.B.T, affine[:, 0])
            r1, r2 = layer.ranks
            bounds = (r1, r1, r2, r1 + r2)
            found = [_rank(stack) for stack in stacks]
            checked += 4
            excess += sum(rank > bound for rank, bound in zip(found, bounds, strict=True))
            full += sum(rank == bound for rank, bound in zip(found, bounds, strict=True))
            z = ACTIVATIONS[lrnr.activation](affine)
    numbers = {"ranks measured": checked, "above the bound": excess, "equal to it": full, "models": len(models)}
    return Verdict(CLAIMS["C2-1"], REPRODUCED if excess == 0 else NOT, numbers, APART)


@CLAIMS.add("C2-2", "(2.6)-(2.9)",
            "the factored form equals the sum of rank-1 terms",
            paper="exact",
            rule="factored against dense forward, float64, random s: relative difference at most 1e-12")
def c2_2() -> Verdict:
    """Factored forward against dense matrices W(s) summed from rank-1 terms, for every shipped model."""
    worst = 0.0
    for model in _factored_models():
        lrnr, s = _double(model.lrnr), _random_coefficients(model, 5, seed=2)
        x = torch.rand(100, lrnr.dims[0], generator=torch.Generator().manual_seed(3), dtype=torch.float64) * 2 - 1
        z = x.expand(5, -1, -1)
        for i, (layer, (s1, s2)) in enumerate(zip(lrnr.layers, lrnr.split(s), strict=True)):
            W = torch.einsum("tr,mr,kr->tmk", s1, layer.U, layer.V)  # sum over i of s_i u_i v_i^T (2.6), (2.7)
            z = (ACTIVATIONS[lrnr.activation](z) if i else z) @ W.mT + (s2 @ layer.B.T)[:, None]
        factored = lrnr(x, s)
        worst = max(worst, float((factored - z).abs().max() / z.abs().max()))
    return Verdict(CLAIMS["C2-2"], REPRODUCED if worst <= 1e-12 else NOT, {"largest relative difference": worst},
                   APART)


@CLAIMS.add("C2-3", "2.1.1",
            "LRNRs are stable in inputs and coefficients; high-rank weights cause instability",
            paper="words only",
            rule="worst amplification (relative change of u) / (relative change of all weights), LRNR through s and "
                 "hypernetwork-SIREN through its weights: reproduced if LRNR's is at most 0.5 of SIREN's on 3 sets, "
                 "partly on 2")
def c2_3() -> Verdict:
    """Amplification of LRNR and hypernetwork-SIREN at three times, 400 points of the data."""
    numbers, good, sets = {}, 0, shipped(SETS, "siren")
    for name in sets:
        data, found = load_data(name), {}
        small, _ = truncate(load_pretrained(name))
        for label, model in (("LRNR", small), ("SIREN", load_pretrained(name, "siren"))):
            rows = []
            for k in (10, 40, 70):
                x = data[k].x[np.random.default_rng(k).permutation(len(data[k].x))[:400]]
                rows.append(amplification(model, x, data.t[k], steps=12))
            found[label] = {key: float(np.median([r[key] for r in rows])) for key in ("weights", "x")}
            numbers[f"{name}, {label}: amplification; mean |grad u| / mean |u|"] = (
                f"{found[label]['weights']:.0f}; {found[label]['x']:.2f}")
        ratio = found["LRNR"]["weights"] / found["SIREN"]["weights"]
        numbers[f"{name}: LRNR / SIREN"] = ratio
        good += ratio <= 0.5
    if len(sets) < 3:
        return Verdict(CLAIMS["C2-3"], CANNOT, numbers, "No SIREN yet for three sets.")
    return Verdict(CLAIMS["C2-3"], REPRODUCED if good >= 3 else PARTLY if good == 2 else NOT, numbers,
                   "Median over three times. Finite Lipschitz constants hold for both by algebra.")
