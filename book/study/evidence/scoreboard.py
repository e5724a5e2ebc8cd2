"""All claims on one page: decided, counted, and shown in a table that can be filtered and sorted."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from html import escape
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import torch
from IPython.display import HTML

from study.evidence.claims import CHECKS, CLAIMS, check
from study.ledger.cards import in_words, tables, typeset
from study.ledger.verdicts import CANNOT, COLOURS, NOT, PARTLY, REPRODUCED, SEEN, Verdict

ORDER = (REPRODUCED, PARTLY, NOT, CANNOT)


def paper_order(claim_id: str) -> list[float]:
    """Key that sorts claims as the paper has them, the appendix last.

    Examples
    --------
    >>> sorted(["CA-1", "C5.2.1-10", "C5.2.1-9", "C1-1", "C5.1-1"], key=paper_order)
    ['C1-1', 'C5.1-1', 'C5.2.1-9', 'C5.2.1-10', 'CA-1']
    """
    section, _, number = claim_id.removeprefix("C").partition("-")
    parts = [float(part) if part.isdigit() else float("inf") for part in section.split(".")]
    return (parts + [0.0, 0.0])[:3] + [float(number)]


def check_all(ids: Sequence[str] | None = None, jobs: int = 1) -> list[Verdict]:
    """Decide claims, in this process or in several side by side, in the order of the paper.

    Parameters
    ----------
    ids : list of str, optional
        All claims unless given.
    jobs : int
        Processes, one thread each, which load models and data each for itself; 1 decides all claims here.

    Raises
    ------
    ValueError
        If an id is unknown.

    Examples
    --------
    >>> [verdict.claim.id for verdict in check_all(["C5.1-5", "C2-2"])]
    ['C2-2', 'C5.1-5']
    """
    if unknown := set(ids or ()) - set(CHECKS):
        raise ValueError(f"no check for claim {min(unknown)!r}: expected some of {', '.join(CHECKS)}")
    ids = sorted(CHECKS if ids is None else ids, key=paper_order)
    if jobs == 1:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # matrices are small, and two threads get in each other's way on a busy machine
        try:
            return [check(claim) for claim in ids]
        finally:
            torch.set_num_threads(threads)
    with ProcessPoolExecutor(jobs, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        return list(pool.map(check, ids))


def pages(book) -> dict[str, str]:
    """Page of the book that shows each claim: the first notebook of its chapter whose code names it.

    Parameters
    ----------
    book : path
        Folder of the notebooks. Claims that no notebook there shows are left out.
    """
    found: dict[str, str] = {}
    for path in sorted(Path(book).glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = " ".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        for claim in re.findall(r"C[A\d](?:\.\d)*-\d+", code):
            if claim in CHECKS and path.stem.startswith(f"{CLAIMS[claim].chapter}-"):
                found.setdefault(claim, path.stem)
    return found


# What a claim calls its chapter, which is how the page's file begins -> number and title in the book, in its order.
CHAPTERS = {"02": "2 The network", "03": "3 Four waves", "04": "4, 5 Training, ingredients", "05": "6 Hypermodes",
            "06": "7 Small steps", "07": "8 Far steps", "09": "9 Outside the square", "08": "10 Fast evaluation",
            "01": "11 How few coefficients", "A": "12 Plane waves"}


def two_kinds(verdicts: Sequence[Verdict]) -> tuple[list[Verdict], list[Verdict]]:
    """Claims of the method, and observations of the authors' networks, apart: they are never added up."""
    return [v for v in verdicts if not v.claim.observation], [v for v in verdicts if v.claim.observation]


def counts(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Number of claims, or of observations, by chapter (rows) and verdict (columns), with sums."""
    frame = pd.DataFrame({"chapter": [v.claim.chapter for v in verdicts], "verdict": [v.verdict for v in verdicts]})
    table = pd.crosstab(frame["chapter"], frame["verdict"]).reindex(columns=list(ORDER), fill_value=0)
    table = table.loc[[name for name in CHAPTERS if name in table.index]].rename(index=CHAPTERS)
    table["all"] = table.sum(axis=1)
    table.loc["all"] = table.sum()
    return table.rename_axis(index=None, columns=None)


def in_print(frame: pd.DataFrame) -> HTML:
    """A table of texts with their symbols as they are printed."""
    return HTML(frame.map(typeset).to_html(escape=False))


@dataclass(frozen=True)
class Scoreboard:
    """Verdicts as a table: buttons choose verdict and chapter without a script, a small one adds search and sorting.

    Parameters
    ----------
    verdicts : list of Verdict
        All of one kind: claims, or observations.
    pages : dict
        Claim -> name of the page that shows it, as from `pages`; others have no link.
    sized : dict
        Claim -> verdict, numbers and note at the paper's size, as in the record "benchmark-paper".
    """

    verdicts: Sequence[Verdict]
    pages: dict[str, str] = field(default_factory=dict)
    sized: dict[str, dict] = field(default_factory=dict)

    def __str__(self) -> str:
        return "\n".join(map(str, self.verdicts))

    def _repr_html_(self) -> str:
        chapters = [name for name in CHAPTERS if name in {v.claim.chapter for v in self.verdicts}]
        labels = [CHAPTERS[name] for name in chapters]
        values, board = [_value(verdict) for verdict in ORDER], f"board-{self.kind}"
        rules = "".join(f'.lrnr-board:has(#{board}-{kind}-{value}:checked) tr[data-{kind}]:not([data-{kind}="{value}"])'
                        "{display:none}" for kind, found in (("verdict", values), ("chapter", chapters))
                        for value in found)
        static = Path(__file__).parent / "static"
        style, script = ((static / name).read_text() for name in ("scoreboard.css", "scoreboard.js"))
        head = "".join(f'<th scope="col"{" data-sort" if name else ""}>{name}</th>'
                       for name in (self.kind, "where", "the paper says", "verdict", "paper size", "measured"))
        return (
            f'<style>{style}{rules}</style><div class="lrnr-board">'
            + _choices(board, "verdict", [self._word(verdict) for verdict in ORDER], values)
            + _choices(board, "chapter", labels, chapters)
            + '<p class="lrnr-find" hidden><label>words <input type="search"></label> <output></output></p>'
            + f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(self._row, self.verdicts))}</tbody></table>"
            + f'</div><script>{script}</script>'
        )

    @property
    def kind(self) -> str:
        """What its rows are."""
        return "observation" if self.verdicts and self.verdicts[0].claim.observation else "claim"

    def _word(self, verdict: str) -> str:
        return SEEN[verdict] if self.kind == "observation" else verdict

    def _badge(self, verdict: str) -> str:
        return f'<span class="lrnr-verdict" style="background:{COLOURS[verdict]}">{self._word(verdict)}</span>'

    def _row(self, verdict: Verdict) -> str:
        claim, page = verdict.claim, self.pages.get(verdict.claim.id)
        name = f'<a href="{page}.html#{claim.id}">{claim.id}</a>' if page else claim.id
        found = sorted(verdict.numbers.items(), key=lambda item: item[0] in ("seeds", "runs"))  # those come last
        first, others, sized = found[:2], dict(found[2:]), self.sized.get(claim.id)
        size = (f"<td{_order(sized['verdict'])}>{self._badge(sized['verdict'])}</td>" if sized
                else f'<td data-order="{len(ORDER)}">–</td>')
        before = f"By the rule as it was first written: {self._word(verdict.before)}." if verdict.before else ""
        note = "".join(f"<p>{typeset(part)}</p>" for part in (before, verdict.note) if part)
        fold = "meaning, rule" + (f", {len(others)} more numbers" if others else "") + (", note" if note else "")
        large = f"<p>At the paper's size:</p>{tables(sized['numbers'])}" if sized else ""
        return (
            f'<tr data-verdict="{_value(verdict.verdict)}" data-chapter="{claim.chapter}">'
            f'<th scope="row">{name}</th><td>{escape(claim.where)}</td><td>{typeset(claim.text)}</td>'
            f"<td{_order(verdict.verdict)}>{self._badge(verdict.verdict)}</td>{size}"
            f"<td><dl>{''.join(in_words(*item) for item in first)}</dl><details><summary>{fold}</summary>"
            f"<p>{claim.meaning}</p><p>Rule: {typeset(claim.rule)}.</p><p>The paper: {typeset(claim.paper)}.</p>"
            f"{tables(others)}{note}{large}</details></td></tr>"
        )


def _order(verdict: str) -> str:
    """What a column of verdicts is sorted by."""
    return f' data-order="{ORDER.index(verdict)}"'


def _value(verdict: str) -> str:
    return verdict.replace(" ", "-")


def _choices(board: str, kind: str, labels: Sequence[str], values: Sequence[str]) -> str:
    """A row of buttons, one of which is on: `all`, or one of the values."""
    def button(label, value, checked=""):
        return (f'<input type="radio" name="{board}-{kind}" id="{board}-{kind}-{value}"{checked}>'
                f'<label for="{board}-{kind}-{value}">{escape(label)}</label>')

    buttons = "".join(map(button, labels, values))
    return f'<fieldset><legend>{kind}</legend>{button("all", "all", " checked")}{buttons}</fieldset>'
