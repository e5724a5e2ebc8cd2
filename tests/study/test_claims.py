"""Claims: the rules decide, on the shipped models and on ones that must fail."""

import copy

import pytest
import torch

import lrnrbook as lb
from study.evidence import claims
from study.ledger.meanings import MEANINGS
from study.ledger.models import Subject
from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED, SETS, Badges, Ledger
from study.network import claims as network

# What the book publishes. A change of a rule, a record or a model that turns one is made here too, on purpose.
VERDICTS = {
    REPRODUCED: """
        C1-1 C1-2 C1-3 C1-4 C2-1 C2-2 C3-1 C3-2 C3-4 C3-5 C4.0-1 C4.1-2 C4.1-3 C4.2-4 C4.2-5 C4.3-3 C4.3-8 C4.3-9
        C4.3-10 C5.0-4 C5.1-1 C5.1-5 C5.1-7 C5.2-1 C5.2-2 C5.2.2-1 C5.2.3-2 C6-3 C6-4 C6-5 C6-6 C7-3 C7-4 CA-1 CA-2""",
    PARTLY: """
        C1-5 C3-3 C3-6 C4.0-2 C4.1-5 C4.2-1 C4.3-1 C4.3-2 C4.3-4 C5.1-3 C5.1-6 C5.2-3 C5.2.2-6 C5.2.3-1 C5.2.4-2 C5.3-1
        C5.3-4 C5.3-5 C7-2 C7-6 C7-8""",
    NOT: """
        C2-3 C4.1-1 C4.1-4 C4.1-6 C4.2-3 C4.3-5 C4.3-6 C4.3-7 C5.0-1 C5.0-2 C5.0-3 C5.1-2 C5.1-4 C5.2.1-1 C5.2.1-2
        C5.2.1-3 C5.2.1-4 C5.2.1-5 C5.2.1-6 C5.2.1-7 C5.2.2-2 C5.2.2-3 C5.2.2-4 C5.2.2-5 C5.2.3-3 C5.2.3-4 C5.2.4-1
        C5.2.4-3 C5.2.4-4 C5.3-2 C5.3-3 C5.3-6 C6-1 C6-2 C7-1 C7-5 C7-7""",
    CANNOT: "C4.2-2 C4.3-11 C6-7",
}
PUBLISHED = {claim: verdict for verdict, some in VERDICTS.items() for claim in some.split()}


@pytest.mark.parametrize("claim_id", claims.CHECKS)
def test_every_check_gives_its_verdict_with_numbers(claim_id):
    verdict = claims.check(claim_id)
    assert verdict.claim is claims.CLAIMS[claim_id]
    assert verdict.verdict == PUBLISHED[claim_id]
    assert verdict.numbers and claim_id in str(verdict) and verdict.word in verdict._repr_html_()
    assert verdict.verdict != CANNOT or verdict.note, "what cannot be tested says why"


def test_claims_and_checks_are_the_same_set():
    assert set(claims.CLAIMS) == set(claims.CHECKS) == set(MEANINGS)
    with pytest.raises(ValueError, match="C2-1"):
        claims.check("C99")


def test_the_rank_check_fails_for_a_layer_of_higher_rank(monkeypatch):
    class Cheat(lb.FactoredLayer):
        def forward(self, z, s1, s2):
            extra = torch.eye(self.V.shape[0], self.U.shape[0], dtype=s1.dtype)
            return super().forward(z, s1, s2) + s1[:, None, :1] * (z @ extra)

    def cheating(lrnr):
        copied = lb.LRNR.random(lrnr.dims, lrnr.ranks, lrnr.activation).double()
        copied.layers[1].__class__ = Cheat
        return copied.requires_grad_(False)

    monkeypatch.setattr(network, "_double", cheating)
    assert claims.check("C2-1").verdict == NOT


def test_the_front_check_fails_for_a_model_that_lags_behind(monkeypatch):
    model = lb.load_pretrained("euler")
    late = copy.deepcopy(model)
    late.coefficients = lambda t, mu=None: model.coefficients(model.tensor(t) - 0.001)
    monkeypatch.setattr(Subject, "model", lambda *_: late)
    assert claims.check("C4.3-8").verdict in (NOT, PARTLY)
    assert claims.check("C4.3-8").numbers["largest offset, cells"] > 1


def test_interpolation_is_judged_by_records_of_all_four_waves(monkeypatch):
    def record(ratio):
        values = {"samples": 1e-3, "midpoints": ratio * 1e-3}
        return {"errors": {split: {"q1": {"u": {"points": value}}} for split, value in values.items()}}

    ratios = dict.fromkeys(SETS, 1.1)
    monkeypatch.setattr(Subject, "models", lambda self: [(name, 0) for name in ratios])
    monkeypatch.setattr(Subject, "record", lambda self, name, seed=0: record(ratios[name]))
    assert claims.check("C4.3-9").verdict == REPRODUCED
    ratios |= {"burgers": 1.4}
    assert claims.check("C4.3-9").verdict == PARTLY
    ratios |= dict.fromkeys(SETS, 2.0)
    assert claims.check("C4.3-9").verdict == NOT
    del ratios["burgers"]
    assert claims.check("C4.3-9").verdict == CANNOT


def test_the_claim_on_adaptive_points_wants_the_threshold_without_mollifier(monkeypatch):
    def record(radius, switch_epoch):
        recipe = {"mollifier_radius": radius, "switch_threshold": 5e-3}
        history = {"misfit": [0.1, 0.02], "q": [2, 2], "switch_epoch": switch_epoch}
        return lambda self, name: {"recipe": recipe, "history": history}

    cases = ((0.0, 40, REPRODUCED), (0.01, 40, PARTLY), (0.0, None, PARTLY))
    for radius, epoch, expected in cases:
        monkeypatch.setattr(Subject, "record", record(radius, epoch))
        assert claims.check("C4.2-4").verdict == expected


def test_cards_show_every_verdict_once():
    found = [claims.check(claim) for claim in ("C5.1-5", "C5.2-1")]
    html, folded = Badges(found)._repr_html_(), Ledger(found)._repr_html_()
    assert html.count('class="claim"') == folded.count('class="claim"') == 2 and str(found[1]) in str(Badges(found))
    assert 'id="C5.1-5"' in html and "C5.1-5" in folded and "id=" not in folded  # a name leads to the place in the text
