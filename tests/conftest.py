"""What several tests share: the built book, a browser, a page without a network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RAY = ("test_tune", "test_distributed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def missing(reason):
    """Skip a test for want of a tool; in CI, where every tool must be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_collection_modifyitems(items):
    """What needs the built book goes to one worker, and first; what starts Ray to one as well, next."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        group = "book" if names & {"executed", "html"} else "ray" if item.path.stem in RAY else None
        if group:
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: (item.get_closest_marker("xdist_group") is None, item.path.stem in RAY))


@pytest.fixture(scope="session")
def executed(tmp_path_factory):
    """A copy of the book whose notebooks nbmake has executed, and what it said of them."""
    copy = tmp_path_factory.mktemp("book")
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "_build")
    shutil.copytree(ROOT / "book", copy / "book", ignore=ignored)
    for name in ("_config.yml", "_toc.yml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    (copy / "lrnrbook").symlink_to(ROOT / "lrnrbook")  # for the wheel in the book's archive
    command = [sys.executable, "-m", "pytest", "-q", "--nbmake", "--nbmake-timeout=120", "--overwrite",
               "-p", "no:cacheprovider", "-p", "no:xdist", *sorted((copy / "book").glob("*.ipynb"))]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    return copy, done


@pytest.fixture(scope="session")
def html(executed):
    """The book as `make book` builds it, warnings being errors, from the executed notebooks."""
    copy, done = executed
    assert done.returncode == 0, done.stdout[-3000:]
    config = copy / "_config.yml"
    config.write_text(config.read_text().replace("execute_notebooks: force", 'execute_notebooks: "off"'))
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", copy, "-W", "--keep-going"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return copy / "_build" / "html"


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        missing("Chromium was not found: set $CHROMIUM or put `chromium` on PATH")
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


@pytest.fixture(scope="session")
def node():
    """Path of node, which runs the explorer's module without a browser."""
    return shutil.which("node") or missing("node was not found: put `node` (16 or later) on PATH")
