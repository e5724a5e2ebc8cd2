"""What a claim and its verdict are, and how a claim and the check that decides it stand in one place.

A failed claim is a result, and a measurement that is missing gives "cannot be tested", never a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

REPRODUCED, PARTLY, NOT, CANNOT = "reproduced", "partly", "not reproduced", "cannot be tested"
COLOURS = {REPRODUCED: "#00674d", PARTLY: "#8a5a00", NOT: "#a33b00", CANNOT: "#555555"}
SETS = ("euler", "acoustics", "burgers", "advection")


class Missing(LookupError):
    """A run or a measurement that a claim needs is not there."""


@dataclass(frozen=True)
class Claim:
    """A statement of the paper: where it stands, what the paper's figure is, and the rule that decides it."""

    id: str
    where: str
    text: str
    paper: str
    rule: str
    chapter: str


@dataclass(frozen=True)
class Verdict:
    """Outcome of a claim's rule, with the numbers it rests on."""

    claim: Claim
    verdict: str
    numbers: dict[str, float | str]
    note: str = ""

    def __str__(self) -> str:
        numbers = "; ".join(f"{name}: {written(value)}" for name, value in self.numbers.items())
        return f"{self.claim.id} {self.verdict.upper()}: {self.claim.text} [{numbers}]" + (
            f" ({self.note})" if self.note else "")

    def _repr_html_(self) -> str:
        colour = COLOURS[self.verdict]
        cell = '<td style="text-align:left;padding:0 1em 0 0">'
        rows = "".join(
            f"<tr>{cell}{escape(n)}</td>{cell}{_unbroken(written(v))}</td></tr>" for n, v in self.numbers.items())
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        c = self.claim
        return (
            f'<div class="claim" id="{c.id}" style="border-left:4px solid {colour};padding:.2em 1em;margin:1em 0">'
            f"<p><strong>{c.id}</strong>, {escape(c.where)}: {escape(c.text)}.<br>"
            f'<span style="background:{colour};color:#fff;padding:.1em .5em;border-radius:.3em">{self.verdict}</span> '
            f"<small>Rule: {escape(c.rule)}. The paper: {escape(c.paper)}.</small></p>"
            f'<table style="margin:0">{rows}</table>{note}</div>'
        )


@dataclass(frozen=True)
class Cards:
    """Verdicts with their rules and numbers, folded away on a page."""

    verdicts: Sequence[Verdict]

    def __str__(self) -> str:
        return "\n".join(map(str, self.verdicts))

    def _repr_html_(self) -> str:
        cards = "".join(verdict._repr_html_() for verdict in self.verdicts)
        return f"<details><summary>Rules and numbers of these {len(self.verdicts)} claims</summary>{cards}</details>"


def written(value) -> str:
    """A number of a verdict as it is shown, with three digits.

    Examples
    --------
    >>> written(0.12345), written(12), written("0.1, 0.2")
    ('0.123', '12', '0.1, 0.2')
    """
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _unbroken(text: str) -> str:
    """HTML of a text in which no line ends within a number such as 1e-05."""
    return escape(text).replace("e-", "e-&#8288;")


def majority(verdicts: Sequence[str]) -> str:
    """Verdict of several seeds: reproduced if most are, partly if most are at least that, else not.

    Examples
    --------
    >>> majority([REPRODUCED, PARTLY, REPRODUCED]), majority([REPRODUCED, PARTLY, NOT]), majority([NOT, NOT, PARTLY])
    ('reproduced', 'partly', 'not reproduced')
    """
    if not verdicts or CANNOT in verdicts:
        return CANNOT
    half = len(verdicts) / 2
    if sum(v == REPRODUCED for v in verdicts) > half:
        return REPRODUCED
    return PARTLY if sum(v in (REPRODUCED, PARTLY) for v in verdicts) > half else NOT


class Claims(dict[str, Claim]):
    """The claims of a chapter by their ids, each added above the function that decides it.

    Parameters
    ----------
    chapter : str
        Number of the chapter that shows them.

    Attributes
    ----------
    checks : dict of callables
        By id: each decides its claim, or says "cannot be tested" where a run that it needs is missing.

    Examples
    --------
    >>> claims = Claims("02")
    >>> @claims.add("C2-9", "2", "one and one is two", paper="2", rule="equal")
    ... def c2_9():
    ...     return Verdict(claims["C2-9"], REPRODUCED if 1 + 1 == 2 else NOT, {"sum": 1 + 1})
    >>> print(claims.checks["C2-9"]())
    C2-9 REPRODUCED: one and one is two [sum: 2]
    """

    def __init__(self, chapter: str):
        super().__init__()
        self.chapter = chapter
        self.checks: dict[str, Callable[[], Verdict]] = {}

    def add(self, claim_id: str, where: str, text: str, *, paper: str, rule: str, chapter: str = "") -> Callable:
        """Add a claim: the function that is decorated decides it, by the rule given here."""
        claim = self[claim_id] = Claim(claim_id, where, text, paper, rule, chapter or self.chapter)

        def keep(check: Callable[[], Verdict]) -> Callable[[], Verdict]:
            self.checks[claim_id] = _guarded(claim, check)
            return check

        return keep


def _guarded(claim: Claim, check: Callable[[], Verdict]) -> Callable[[], Verdict]:
    """The check, or "cannot be tested" where a run that it needs is missing."""
    def run() -> Verdict:
        try:
            return check()
        except Missing as error:
            return Verdict(claim, CANNOT, {"missing": str(error)}, "Not measured yet.")
    return run


def text(values: Iterable[float], form: str = ".3g") -> str:
    """Numbers in a row."""
    return ", ".join(format(value, form) for value in values)


def overview(found: list[Verdict]) -> pd.DataFrame:
    """Claims with their verdicts, a row each."""
    rows = {v.claim.id: {"the paper claims": v.claim.text, "where": v.claim.where, "verdict": v.verdict} for v in found}
    return pd.DataFrame.from_dict(rows, orient="index")
