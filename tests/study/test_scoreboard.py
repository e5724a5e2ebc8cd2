"""The page of all claims: complete, counted, linked, and of use without a script."""

import json
from pathlib import Path

import pytest
import yaml

from study.evidence.claims import CHECKS, CLAIMS, check
from study.evidence.figures import plot_counts
from study.evidence.scoreboard import CHAPTERS, ORDER, Scoreboard, check_all, counts, pages, paper_order, two_kinds
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, Claim, Verdict

ROOT = Path(__file__).parents[2]
# Every testable statement of the paper; a rule was written down for each before anything was measured. C5.2-3 came
# later, before its numbers were known too; C4.3-11 was a part of C4.3-5.
ALL = """
C1-1 C1-2 C1-3 C1-4 C1-5 C2-1 C2-2 C2-3 C3-1 C3-2 C3-3 C3-4 C3-5 C3-6 C4.0-1 C4.0-2 C4.1-1 C4.1-2 C4.1-3 C4.1-4
C4.1-5 C4.1-6 C4.2-1 C4.2-2 C4.2-3 C4.2-4 C4.2-5 C4.3-1 C4.3-2 C4.3-3 C4.3-4 C4.3-5 C4.3-6 C4.3-7 C4.3-8 C4.3-9
C4.3-10 C4.3-11 C5.0-1 C5.0-2 C5.0-3 C5.0-4 C5.1-1 C5.1-2 C5.1-3 C5.1-4 C5.1-5 C5.1-6 C5.1-7 C5.2-1 C5.2-2 C5.2-3
C5.2.1-1 C5.2.1-2 C5.2.1-3 C5.2.1-4 C5.2.1-5 C5.2.1-6 C5.2.1-7 C5.2.2-1 C5.2.2-2 C5.2.2-3 C5.2.2-4 C5.2.2-5 C5.2.2-6
C5.2.3-1 C5.2.3-2 C5.2.3-3 C5.2.3-4 C5.2.4-1 C5.2.4-2 C5.2.4-3 C5.2.4-4 C5.3-1 C5.3-2 C5.3-3 C5.3-4 C5.3-5
C5.3-6 C6-1 C6-2 C6-3 C6-4 C6-5 C6-6 C6-7 C7-1 C7-2 C7-3 C7-4 C7-5 C7-6 C7-7 C7-8 CA-1 CA-2
""".split()


def test_no_claim_is_outside_the_list():
    assert len(ALL) == len(set(ALL)) == 96
    assert set(CHECKS) <= set(ALL)


def test_observations_are_those_that_describe_the_authors_networks():
    claims, seen = two_kinds([Verdict(claim, NOT, {}) for claim in CLAIMS.values()])
    assert {v.claim.id for v in seen} == set("""
        C5.0-1 C5.1-2 C5.2.1-1 C5.2.1-2 C5.2.1-3 C5.2.1-4 C5.2.1-5 C5.2.1-6 C5.2.1-7 C5.2.2-2 C5.2.2-3 C5.2.2-4 C5.2.2-5
        C5.2.2-6 C5.2.3-2 C5.2.3-3 C5.2.3-4 C5.2.4-2 C5.2.4-3 C5.2.4-4 C5.3-4 C5.3-5 C5.3-6 C7-4 C7-7""".split())
    assert len(claims) + len(seen) == len(ALL) and {v.word for v in seen} == {"not seen"}
    board = Scoreboard(seen)._repr_html_()
    assert "not reproduced" not in board and board.count("not seen") == len(seen) + 1


def test_every_claim_of_the_list_has_a_check():
    assert [claim for claim in ALL if claim not in CHECKS] == []


def test_every_claim_is_shown_by_a_chapter():
    assert [claim for claim in CHECKS if claim not in pages(ROOT / "book")] == []


def test_claims_are_decided_the_same_in_other_processes():
    asked = ["C5.1-5", "C2-2", "C6-3"]
    found = check_all(asked, jobs=2)
    assert [verdict.claim for verdict in found] == [CLAIMS[claim] for claim in ("C2-2", "C5.1-5", "C6-3")]
    assert [verdict.verdict for verdict in found] == [check(verdict.claim.id).verdict for verdict in found]
    with pytest.raises(ValueError, match="C99-9"):
        check_all(["C99-9"], jobs=2)


def test_the_order_is_the_paper_s():
    assert sorted(reversed(ALL), key=paper_order) == ALL


def verdict(claim, chapter, result, numbers=None, note=""):
    return Verdict(Claim(claim, "1", f"says {claim} <is> so", "5 & 6", "x < 5", chapter), result, numbers or {}, note)


MADE_UP = [
    verdict("C2-1", "02", REPRODUCED, {"one": 1.23456, "two": "a < b", "three": 3, "four": 4}, "only here"),
    verdict("C5.1-1", "05", NOT, {"only": 1}),
    verdict("C5.1-2", "05", PARTLY),
    verdict("CA-1", "A", NOT),
]


def test_counts_add_up():
    table = counts(MADE_UP)
    assert list(table.index) == [*(CHAPTERS[name] for name in ("02", "05", "A")), "all"]
    assert list(table.columns) == [*ORDER, "all"] and table.loc[CHAPTERS["05"]].tolist() == [0, 1, 1, 0, 2]
    assert table.loc["all"].tolist() == [1, 1, 2, 0, 4]


def test_chapters_are_numbered_as_in_the_book():
    """In the order of the table of contents, with the titles of the pages; two pages make up "04"."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
    files = [entry["file"] for part in parts if "numbered" in part for entry in part["chapters"]]
    numbers = {path.removeprefix("book/"): k for k, path in enumerate(files, 1)}
    for name, label in CHAPTERS.items():
        pages = [stem for stem in numbers if stem.startswith(f"{name}-")]
        assert label.split(" ")[0].rstrip(",") == str(numbers[pages[0]])
        if len(pages) == 1:
            title = json.loads((ROOT / "book" / f"{pages[0]}.ipynb").read_text())["cells"][0]["source"][0]
            assert label.split(" ", 1)[1] == title.strip("# \n")


def test_bars_are_as_long_as_the_counts():
    ax = plot_counts(counts(MADE_UP)).axes[0]
    assert sum(bar.get_width() for bar in ax.patches) == len(MADE_UP)


def test_rows_say_everything_and_escape_it():
    html = Scoreboard(MADE_UP, {"C2-1": "02-architecture"})._repr_html_()
    assert html.count("<tr data-verdict") == 4 and 'href="02-architecture.html#C2-1"' in html
    assert "says C2-1 &lt;is&gt; so" in html and "a &lt; b" in html and "5 &amp; 6" in html and "only here" in html
    assert "meaning, rule, 2 more numbers, note" in html and "1.23" in html
    assert str(MADE_UP[1]) in str(Scoreboard(MADE_UP))


def test_verdicts_at_the_papers_size_stand_beside_and_their_numbers_unfold():
    html = Scoreboard(MADE_UP, sized={"CA-1": {"verdict": PARTLY, "numbers": {"n < 3": 7.0}, "note": ""}})._repr_html_()
    *others, last = html.split("<tr data-verdict")[1:]
    assert last.count("lrnr-verdict") == 2 and "<i>n</i> &lt; 3</th><td>7" in last
    assert all("<td data-order=\"4\">–</td>" in row for row in others)


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_filters_work_with_and_without_a_script(browser, tmp_path, script):
    (tmp_path / "page.html").write_text(f"<!doctype html>{Scoreboard(MADE_UP)._repr_html_()}")
    context = browser.new_context(offline=True, java_script_enabled=script)
    page = context.new_page()
    page.goto(f"file://{tmp_path}/page.html")

    def shown():
        return [row.inner_text() for row in page.locator("tbody th").all() if row.is_visible()]

    assert shown() == ["C2-1", "C5.1-1", "C5.1-2", "CA-1"]
    page.locator("label", has_text="not reproduced").click()
    assert shown() == ["C5.1-1", "CA-1"]
    page.locator("label", has_text="Hypermodes").click()
    assert shown() == ["C5.1-1"]
    page.locator("label", has_text="all").first.click()
    assert shown() == ["C5.1-1", "C5.1-2"]
    assert page.locator("input[type=search]").is_visible() == script
    if script:
        page.locator("label", has_text="all").last.click()
        page.locator("input[type=search]").fill("only 1.23")
        assert shown() == ["C2-1"] and page.locator("output").inner_text() == "1 of 4 claims"
        page.locator("input[type=search]").fill("")
        page.get_by_role("button", name="verdict").click()
        assert shown() == ["C2-1", "C5.1-2", "C5.1-1", "CA-1"]
        for _ in range(2):
            page.locator("th button").first.click()
        assert shown() == ["CA-1", "C5.1-2", "C5.1-1", "C2-1"]
    context.close()
