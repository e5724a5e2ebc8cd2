"""What a page shows without its code: figures, numbers, and sentences that a verdict chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib_inline.backend_inline import set_matplotlib_formats
from myst_nb import glue

from lrnrbook.files import write_atomically
from study.ledger.verdicts import CANNOT, Verdict

UNDECIDED = "This is not decided here, since a run or a measurement is missing."

Sentences = Mapping[str, tuple[str, Mapping[str, str]]]  # key -> claim, and what is said at each of its verdicts


def save_figure(fig: Figure, folder: str, name: str) -> Figure:
    """Save a figure as PDF and PNG in `folder` (nothing is written if it is empty) and return it."""
    if folder:
        for kind in ("pdf", "png"):
            # without a date in the file, a figure made twice is the same file
            stamp = {"CreationDate": None} if kind == "pdf" else None
            path = Path(folder) / f"{name}.{kind}"
            write_atomically(path, lambda p, k=kind, m=stamp: fig.savefig(p, format=k, metadata=m, bbox_inches="tight"))
    return fig


class Page:
    """Gives a page what its text refers to by `glue`.

    Parameters
    ----------
    figures : str
        Folder to save figures in as well, as PDF and PNG; none if it is empty.
    """

    def __init__(self, figures: str):
        set_matplotlib_formats("retina")  # sharp figures
        self.folder = figures

    def figures(self, found: Mapping[str, Figure]) -> None:
        """Figures by name, for `glue:figure`."""
        for name, fig in found.items():
            glue(name, save_figure(fig, self.folder, name), display=False)

    def values(self, found: Mapping[str, object]) -> None:
        """Numbers, texts and tables by name; a per cent sign stays on the line of its number."""
        for name, value in found.items():
            glue(name, value.replace(" %", "\u00a0%") if isinstance(value, str) else value, display=False)

    def sentences(self, said: Sentences, check: Callable[[str], Verdict]) -> None:
        """For each name the sentence that fits the verdict of its claim."""
        self.values({name: sentence(check(claim), words) for name, (claim, words) in said.items()})


def sentence(verdict: Verdict, words: Mapping[str, str]) -> str:
    """What is said at this verdict; if nothing is said at one that could not be reached, that.

    Examples
    --------
    >>> from study.ledger.verdicts import NOT, Claim
    >>> claim = Claim("C1", "1", "it holds", "", "", "1")
    >>> sentence(Verdict(claim, NOT, {}), {NOT: "It does not hold."})
    'It does not hold.'
    >>> sentence(Verdict(claim, CANNOT, {}), {NOT: "It does not hold."}) == UNDECIDED
    True
    """
    return words.get(verdict.verdict, UNDECIDED) if verdict.verdict == CANNOT else words[verdict.verdict]


def listed(values: Iterable) -> str:
    """As one says it.

    Examples
    --------
    >>> listed([1, 2, 3]), listed(["one"])
    ('1, 2 and 3', 'one')
    """
    *first, last = map(str, values)
    return f"{', '.join(first)} and {last}" if first else last


def spread(values: Sequence[float], form: str = ".0f") -> str:
    """Least and largest of some numbers, or one if they look the same.

    Examples
    --------
    >>> spread([3.2, 1.1, 2.0]), spread([1.01, 1.02])
    ('1 to 3', '1')
    """
    ends = [f"{end:{form}}" for end in (min(values), max(values))]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)
