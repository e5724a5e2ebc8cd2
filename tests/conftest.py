"""What several tests share: the built book, a browser, a page without a network."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def missing(reason):
    """Skip a test for want of a tool; in CI, where every tool must be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_collection_modifyitems(items):
    """What takes longest starts first: the built book on one of two workers, what starts Ray on the other."""
    book = [item for item in items if {"executed", "html"} & set(getattr(item, "fixturenames", ()))]
    ray = [item for item in items if item.path.stem in ("test_search", "test_distributed")]
    rest = [item for item in items if item not in {*book, *ray}]
    before = max(len(items) // 2 - len(book), 0)  # each worker begins with one half of the list
    items[:] = [*book, *rest[:before], *ray, *rest[before:]]


def shared(tmp_path_factory, name, make):
    """Folder that `make` fills once, whichever worker of xdist comes first; the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with open(base / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / name).exists():
            (base / name).mkdir()
            make(base / name)
    return base / name


def execute(copy):
    """Copy the book, and let nbmake execute its notebooks there."""
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "_build")
    shutil.copytree(ROOT / "book", copy / "book", ignore=ignored)
    for name in ("_config.yml", "_toc.yml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    (copy / "lrnrbook").symlink_to(ROOT / "lrnrbook")  # for the wheel in the book's archive
    command = [sys.executable, "-m", "pytest", "-q", "--nbmake", "--nbmake-timeout=120", "--overwrite",
               "-p", "no:cacheprovider", "-n", "2", *sorted((copy / "book").glob("*.ipynb"))]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, env=alone)
    (copy / "nbmake.json").write_text(json.dumps({"status": done.returncode, "said": done.stdout}))


def build(folder, copy):
    """The book as `make book` builds it, warnings being errors, from executed notebooks."""
    config = (copy / "_config.yml").read_text()
    (copy / "_config.yml").write_text(config.replace("execute_notebooks: cache", 'execute_notebooks: "off"'))
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", copy, "--path-output", folder, "-W", "--keep-going"]
    done = subprocess.run(command, capture_output=True, text=True)
    (folder / "build.json").write_text(json.dumps({"status": done.returncode, "said": done.stdout + done.stderr}))


@pytest.fixture(scope="session")
def executed(tmp_path_factory):
    """A copy of the book with executed notebooks, in it nbmake.json: its status and what it said."""
    return shared(tmp_path_factory, "executed", execute)


@pytest.fixture(scope="session")
def html(executed, tmp_path_factory):
    """The built book."""
    done = json.loads((executed / "nbmake.json").read_text())
    assert done["status"] == 0, done["said"][-3000:]
    folder = shared(tmp_path_factory, "built", lambda folder: build(folder, executed))
    done = json.loads((folder / "build.json").read_text())
    assert done["status"] == 0, done["said"][-6000:]
    return folder / "_build" / "html"


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        missing("Chromium was not found: set $CHROMIUM or put `chromium` on PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def page(browser, html):
    """A page of a fresh context without network, which notes what a reader should never meet; nothing plays."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
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
