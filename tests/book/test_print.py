"""The book as a PDF: pages in their order, with an outline, printed whole by Chromium."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from pypdf import PdfReader

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
import unicodedata
from pathlib import Path
from print_book import print_book
contents = [("", ["book/summary"]), ("Reference", ["book/notation", "book/citing"])]
print_book(Path(sys.argv[1]), Path(sys.argv[2]), contents)
"""


def run(*arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "book")}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment)


@pytest.mark.browser
def test_pages_become_one_file_with_an_outline(page, html, tmp_path):
    target = tmp_path / "book.pdf"
    done = run("-c", PROGRAM, str(html), str(target))
    assert done.returncode == 0, done.stderr
    pdf = PdfReader(target)
    assert done.stdout.strip() == f"{target}: {len(pdf.pages)} pages" and [*tmp_path.iterdir()] == [target]
    first, part, inside = pdf.outline
    assert (first.title, part.title, [item.title for item in inside]) == (
        "In one page", "Reference", ["Notation", "Citing and reuse"])
    assert pdf.get_destination_page_number(inside[0]) == pdf.get_destination_page_number(part) > 2
    text = unicodedata.normalize("NFKC", " ".join(" ".join(page.extract_text().split()) for page in pdf.pages))
    assert sum(len(page.images) for page in pdf.pages) == 5, "figures that wait until they are near are printed too"
    assert "Five coefficients carry" in text and r"\(" not in text


def test_a_book_that_is_not_built_is_a_sentence(tmp_path):
    done = run(str(ROOT / "book" / "print_book.py"), str(tmp_path), str(tmp_path / "book.pdf"))
    assert done.returncode == 1 and "make book" in done.stderr and "Traceback" not in done.stderr
    assert not [*tmp_path.iterdir()]
