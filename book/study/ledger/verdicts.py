"""What a claim and its verdict are, and how a claim and the check that decides it stand in one place.

A failed claim is a result, and a measurement that is missing gives "cannot be tested", never a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from study.ledger.cards import tables, typeset, written
from study.ledger.meanings import MEANINGS

REPRODUCED, PARTLY, NOT, CANNOT = "reproduced", "partly", "not reproduced", "cannot be tested"
COLOURS = {REPRODUCED: "#00674d", PARTLY: "#8a5a00", NOT: "#a33b00", CANNOT: "#555555"}
SEEN = {REPRODUCED: "seen", PARTLY: "seen in part", NOT: "not seen", CANNOT: CANNOT}  # words for an observation
SETS = ("euler", "acoustics", "burgers", "advection")


class Missing(LookupError):
    """A run or a measurement that a claim needs is not there."""


@dataclass(frozen=True)
class Claim:
    """A statement of the paper: where it stands, what the paper's figure is, and the rule that decides it.

    A claim speaks of the method. An observation describes a picture of the networks that the authors trained; that
    another training repeats it is nowhere claimed, so observations are counted and worded apart.
    """

    id: str
    where: str
    text: str
    paper: str
    rule: str
    chapter: str
    observation: bool = False

    @property
    def meaning(self) -> str:
        """What it means, in a sentence or two."""
        return MEANINGS.get(self.id, "")


@dataclass(frozen=True)
class Verdict:
    """Outcome of a claim's rule, with the numbers it rests on.

    Attributes
    ----------
    before : str
        Verdict by the rule as it was before it was changed; empty if it never was.
    """

    claim: Claim
    verdict: str
    numbers: dict[str, float | str]
    note: str = ""
    before: str = ""

    @property
    def word(self) -> str:
        """The verdict as it is said: an observation is seen, a claim reproduced."""
        return SEEN[self.verdict] if self.claim.observation else self.verdict

    def __str__(self) -> str:
        numbers = "; ".join(f"{name}: {written(value)}" for name, value in self.numbers.items())
        return f"{self.claim.id} {self.word.upper()}: {self.claim.text} [{numbers}]" + (
            f" ({self.note})" if self.note else "")

    def _repr_html_(self) -> str:
        return self.badge(f' id="{self.claim.id}"')

    def badge(self, anchor: str = "") -> str:
        """One line, which folds open to rule and numbers."""
        c, face = self.claim, COLOURS[self.verdict]
        old = f"By the rule as it was first written: {self.before}." if self.before else ""
        notes = "".join(f"<p>{typeset(part)}</p>" for part in (old, self.note) if part)
        kind = "an observation" if c.observation else "a claim"
        return (
            f'<details class="claim" style="border-color:{face}"><summary><span style="background:{face}">{self.word}'
            f"</span> {typeset(c.text)} <small>({c.id})</small></summary>"
            f"<div{anchor}><p>{c.meaning}</p><p>{c.id} is {kind} of section {escape(c.where)}. Rule: {typeset(c.rule)}."
            f" The paper: {typeset(c.paper)}.</p>{tables(self.numbers)}{notes}</div></details>"
        )


@dataclass(frozen=True)
class Badges:
    """Verdicts below each other, a line each, which folds open to rule and numbers."""

    verdicts: Sequence[Verdict]

    def __str__(self) -> str:
        return "\n".join(map(str, self.verdicts))

    def _repr_html_(self) -> str:
        return "".join(verdict._repr_html_() for verdict in self.verdicts)


@dataclass(frozen=True)
class Ledger(Badges):
    """The verdicts of a chapter in one block at its end, folded away; they stand in the text too, with their names."""

    def _repr_html_(self) -> str:
        badges = "".join(verdict.badge() for verdict in self.verdicts)
        return (f'<details class="ledger"><summary>All {len(self.verdicts)} statements of this chapter, with rules and '
                f"numbers</summary>{badges}</details>")


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

    def add(self, claim_id: str, where: str, text: str, *, paper: str, rule: str, chapter: str = "",
            observation: bool = False) -> Callable:
        """Add a claim or observation: the function that is decorated decides it, by the rule given here."""
        claim = self[claim_id] = Claim(claim_id, where, text, paper, rule, chapter or self.chapter, observation)

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
