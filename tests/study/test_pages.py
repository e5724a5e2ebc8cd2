"""What pages say: a sentence for each verdict, used on the page, and figures that are saved as they are shown."""

import importlib
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from study.evidence.claims import CLAIMS
from study.instruments.pages import UNDECIDED, Page, sentence
from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED, Verdict

BOOK = Path(__file__).parents[2] / "book"
PAGES = {"network": "02-architecture", "training": "04-training", "ingredients": "04-comparisons",
         "hypermodes": "05-hypermodes", "steps": "06-tangents", "far": "07-extrapolation", "fast": "08-fastlrnr",
         "outside": "09-outside"}


@pytest.mark.parametrize("chapter", PAGES)
def test_every_verdict_has_a_sentence_which_the_page_says(chapter):
    said = importlib.import_module(f"study.{chapter}.words").SAID
    page = (BOOK / f"{PAGES[chapter]}.ipynb").read_text()
    for key, (claim, words) in said.items():
        assert {REPRODUCED, PARTLY, NOT} <= set(words) and len(set(words.values())) == len(words)
        assert all(text.endswith(".") and text[0].isupper() for text in words.values())
        assert claim in CLAIMS and f"{{glue:text}}`{key}`" in page
        for verdict in (REPRODUCED, PARTLY, NOT):
            assert sentence(Verdict(CLAIMS[claim], verdict, {}), words) == words[verdict]
        assert sentence(Verdict(CLAIMS[claim], CANNOT, {}), words) == words.get(CANNOT, UNDECIDED)


def test_figures_are_saved_under_the_names_that_the_page_uses(tmp_path):
    Page(str(tmp_path)).figures({"one": Figure()})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.pdf", "one.png"]
