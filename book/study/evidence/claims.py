"""All claims of all chapters, and the checks that decide them."""

from __future__ import annotations

from collections.abc import Callable

from study.far import claims as far
from study.fast import claims as fast
from study.hypermodes import claims as hypermodes
from study.hypermodes import claims_coefficients
from study.ingredients import claims as ingredients
from study.ingredients import claims_course, claims_networks
from study.ledger.verdicts import Claim, Verdict
from study.network import claims as network
from study.outside import claims as outside
from study.steps import claims as steps
from study.theory import claims as theory
from study.training import claims as training
from study.waves import claims as waves

CLAIMS: dict[str, Claim] = {}
CHECKS: dict[str, Callable[[], Verdict]] = {}
for _part in (network, waves, training, ingredients, claims_course, claims_networks, claims_coefficients, hypermodes,
              steps, far, fast, outside, theory):
    CLAIMS |= _part.CLAIMS
    CHECKS |= _part.CLAIMS.checks


def check(claim_id: str) -> Verdict:
    """Decide a claim by its rule.

    Raises
    ------
    ValueError
        If no check of this name exists, naming those that do.
    """
    if claim_id not in CHECKS:
        raise ValueError(f"no check for claim {claim_id!r}: expected one of {', '.join(CHECKS)}")
    return CHECKS[claim_id]()
