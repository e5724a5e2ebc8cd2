"""The whole built book as one PDF with an outline: ``make pdf``, or ``python book/print_book.py _build/html book.pdf``.

Each page is printed by Chromium ($CHROMIUM, or on the path), as a reader sees it with its folds closed.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

import yaml
from playwright.sync_api import Page, sync_playwright
from pypdf import PdfWriter

ROOT = Path(__file__).parents[1]
MARGIN = {"top": "15mm", "bottom": "15mm", "left": "15mm", "right": "15mm"}
TYPESET = "[...document.querySelectorAll('.math')].every(formula => formula.querySelector('.katex'))"


def parts() -> list[tuple[str, list[str]]]:
    """Captions of the parts of the book and their pages, in order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    rest = [(part["caption"], [entry["file"] for entry in part["chapters"]]) for part in toc["parts"]]
    return [("", [toc["root"]]), *rest]


def printed(page: Page, path: Path) -> tuple[str, io.BytesIO]:
    """Title of a built page, and the page as PDF."""
    page.goto(path.resolve().as_uri())
    page.wait_for_function(TYPESET)
    return page.locator("h1").first.inner_text().strip("#\n "), io.BytesIO(page.pdf(format="A4", margin=MARGIN))


def print_book(html: Path, target: Path, contents: list[tuple[str, list[str]]]) -> None:
    """Print pages into one file, which is written only when it is whole."""
    whole = PdfWriter()
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for caption, names in contents:
            above = None
            for name in names:
                title, pdf = printed(page, html / f"{name}.html")
                first = len(whole.pages)
                whole.append(pdf, import_outline=False)
                if caption and above is None:
                    above = whole.add_outline_item(caption, first)
                whole.add_outline_item(title, first, parent=above)
        browser.close()
    part = target.with_name(target.name + ".part")
    with part.open("wb") as file:
        whole.write(file)
    os.replace(part, target)
    print(f"{target}: {len(whole.pages)} pages")


if __name__ == "__main__":
    if len(sys.argv) != 3 or not Path(sys.argv[1], "book", "intro.html").is_file():
        sys.exit("expected the folder of the built book (_build/html, by make book) and the file to write")
    print_book(Path(sys.argv[1]), Path(sys.argv[2]), parts())
