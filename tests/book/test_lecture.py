"""Chapters that are written as lectures: what is visible teaches, figures are numbered, exercises have solutions."""

import json
import re
from pathlib import Path

import pytest

from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED, SEEN

BOOK = Path(__file__).parents[2] / "book"
LECTURES = ("linear-spaces", "01-coefficient-count", "02-architecture", "03-data", "04-comparisons", "04-training",
            "05-hypermodes", "06-tangents", "07-extrapolation", "08-fastlrnr", "09-outside", "A-planar-waves", "rivals",
            "your-data", "families")
CHAPTERS = [path.stem for path in BOOK.glob("*.ipynb") if re.match(r"\d\d-|A-|linear|your|families", path.stem)]
FOLDED = {"hide-cell", "hide-input", "remove-cell", "remove-input"}


def cells(name, kind):
    """Source and tags of the cells of a kind."""
    found = json.loads((BOOK / f"{name}.ipynb").read_text())["cells"]
    return [("".join(cell["source"]), set(cell["metadata"].get("tags", [])))
            for cell in found if cell["cell_type"] == kind]


@pytest.mark.parametrize("name", CHAPTERS)
def test_what_draws_saves_and_keeps_the_books_is_folded(name):
    visible = [source for source, tags in cells(name, "code") if not tags & FOLDED]
    other = r"save_figure|page\.|claims\.check|Badges\(|Ledger\(|glue\(|^import |tables\."
    teaching = [source for source in visible if not re.search(other, source, re.M)]
    assert len(teaching) >= 2 * len(visible) / 3


@pytest.mark.parametrize("name", LECTURES)
def test_a_lecture_asks_quotes_derives_and_sets_exercises(name):
    text = "\n".join(source for source, _ in cells(name, "markdown"))
    assert "?" in text.split("\n\n")[1], "the first paragraph is the chapter's question"
    for part in ("## What the paper says\n", "## The few lines that do it", "## What it means, and where it stops",
                 "## Exercises"):
        assert part in text
    assert re.search(r"^> .*\*\(.*\)\*", text, re.M), "a quotation with its place"
    assert len(re.findall(r"^\$\$$", text, re.M)) >= 2
    asked = re.findall(r"^\*\*(\d)\. ", text, re.M)
    solved = [tags for source, tags in cells(name, "code") if tags == {"hide-cell"}]
    assert 3 <= len(asked) <= 5 and len(solved) >= len(asked) - 1 and "does not answer it" in text


@pytest.mark.browser
@pytest.mark.parametrize("name", [*LECTURES, "intro", "summary"])
def test_figures_have_number_caption_and_words_for_who_cannot_see_them(page, html, name):
    page.goto(f"file://{html}/book/{name}.html")
    figures = page.locator("main figure").all()
    assert figures
    for figure in figures:
        alt = figure.locator("img").get_attribute("alt")
        assert len(alt.split()) >= 10 and figure.locator(".caption-number").text_content().startswith("Fig. ")
        assert len(figure.locator(".caption-text").text_content()) > 20
    assert page.locator("main img").count() == len(figures) + page.locator(".lrnr-explorer img").count()
    page.set_viewport_size({"width": 390, "height": 844})  # text of 8 points, at 200 dots an inch, is 9 pixels tall
    sizes = page.evaluate("[...document.querySelectorAll('main figure img')].map("
                          "(i) => i.getBoundingClientRect().width / i.getAttribute('width'))")
    assert all(size == 0 or size * 8 / 72 * 200 >= 8.99 for size in sizes)  # those in folded tabs have no size
    words = set(page.locator(".pasted-text").all_text_contents())
    assert not words & {REPRODUCED, PARTLY, NOT, CANNOT, *SEEN.values()}, "a sentence for each verdict, not a word"


@pytest.mark.browser
@pytest.mark.parametrize("name", CHAPTERS)
def test_chapters_are_not_endless(page, html, name):
    page.goto(f"file://{html}/book/{name}.html")
    assert page.evaluate("document.documentElement.scrollHeight") <= 12_000
    assert page.locator("meta[name=description]").count() == 1 and page.locator("link[rel=icon]").count() == 1
