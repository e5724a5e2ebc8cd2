"""The built book in a real browser with the network cut: every page whole, quiet, and within its screen."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
PAGES = [TOC["root"], *(entry["file"] for part in TOC["parts"] for entry in part["chapters"])]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def html(tmp_path_factory):
    """The book as `make book` builds it, warnings being errors."""
    output = tmp_path_factory.mktemp("book")
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", ROOT, "--path-output", output, "-W", "--keep-going"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return output / "_build" / "html"


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        reason = "Chromium was not found: set $CHROMIUM or put `chromium` on PATH"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def page(browser, html):
    """A page of a fresh context without network, which notes what a reader should never meet."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(f"error: {error}"))
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: page.problems.append(request.url)
            if not request.url.startswith((f"file://{html}/", "data:", "blob:")) else None)
    page.on("requestfailed", lambda request: page.problems.append(f"failed: {request.url}"))
    yield page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_quiet_and_fits(page, html, name):
    page.goto(f"file://{html}/{name}.html")
    page.wait_for_function("document.querySelectorAll('.math').length == 0 || window.MathJax?.startup?.promise")
    page.evaluate("window.MathJax ? MathJax.startup.promise : null")
    assert page.problems == []
    text = page.inner_text("main")
    assert re.search(r"Traceback|System Message|WARNING|\{glue|\{cite|grad_fn|\bnan\b", text) is None
    assert page.locator(".output.stderr").count() == 0
    assert page.evaluate("[...document.querySelectorAll('.math')].every(m => m.querySelector('mjx-container'))")
    assert page.locator("mjx-merror").count() == 0
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_numbers_in_the_prose_are_those_of_the_record(page, html):
    from lrnrbook import load_record

    page.goto(f"file://{html}/book/04-training.html")
    samples = load_record("euler")["errors"]["samples"]["q1"]
    prose = " ".join(page.locator("main p").all_inner_texts())
    for row in samples.values():
        assert f"{row['points']:.2e}" in prose


def test_verdicts_are_on_their_pages(page, html):
    from lrnrbook import claims

    shown: dict[str, dict[str, str]] = {}
    for name in PAGES:
        page.goto(f"file://{html}/{name}.html")
        texts = page.locator(".claim").all_text_contents()  # also of those that are folded
        shown[name.removeprefix("book/")] = {text.split(",")[0].strip(): text for text in texts}
    for claim in claims.CLAIMS.values():
        found = [text for name, texts in shown.items() if name.startswith(f"{claim.chapter}-")
                 for key, text in texts.items() if key == claim.id]
        assert found and claims.check(claim.id).verdict in found[0], claim.id
