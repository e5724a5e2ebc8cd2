"""The book's sources: notebooks clean and runnable by papermill, a broken cell never passes, the reference complete."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
import yaml

import lrnrbook as lb

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))


def code_cells(path):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_committed_clean_with_a_parameters_cell_of_literals(path):
    cells = code_cells(path)
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells)
    parameters = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    assert len(parameters) == 1
    for line in ast.parse("".join(parameters[0]["source"])).body:
        assert isinstance(line, ast.Assign)
        ast.literal_eval(line.value)


def test_every_notebook_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = {toc["root"]} | {entry["file"] for part in toc["parts"] for entry in part["chapters"]}
    assert {f"book/{path.stem}" for path in NOTEBOOKS} <= listed
    assert all(list((ROOT / "book").glob(f"{Path(name).name}.*")) for name in listed)


def test_the_reference_has_every_public_name():
    text = (ROOT / "book" / "api.md").read_text()
    assert [name for name in lb.__all__ if f"lrnrbook.{name}\n" not in text] == []


def test_every_notebook_runs(executed):
    done = json.loads((executed / "nbmake.json").read_text())
    assert done["status"] == 0 and f"{len(NOTEBOOKS)} passed" in done["said"], done["said"][-5000:]


def test_papermill_runs_a_chapter_with_changed_parameters(tmp_path):
    figures = tmp_path / "figures"
    parameters = {"figures": str(figures), "recipe": "smoke", "retrain": True}
    papermill.execute_notebook(ROOT / "book" / "02-architecture.ipynb", tmp_path / "out.ipynb", progress_bar=False,
                               parameters=parameters, kernel_name="python3", cwd=ROOT / "book")
    found = {path.name for path in figures.iterdir()}
    names = ("fig-02", "turned", "coefficients-layer-1")
    assert {f"{name}.{kind}" for name in names for kind in ("pdf", "png")} == found


@pytest.fixture
def broken_book(tmp_path):
    """A book with the project's own configuration and one page whose cell fails."""
    shutil.copy(ROOT / "_config.yml", tmp_path)
    (tmp_path / "book" / "_static").mkdir(parents=True)
    shutil.copytree(ROOT / "book" / "_extensions", tmp_path / "book" / "_extensions")
    (tmp_path / "book" / "references.bib").write_text("")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/broken-page\n")
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    notebook.cells = [nbformat.v4.new_markdown_cell("# A page"), nbformat.v4.new_code_cell("1 / 0")]
    nbformat.write(notebook, tmp_path / "book" / "broken-page.ipynb")
    return tmp_path


def test_a_broken_cell_fails_the_build_and_names_the_notebook(broken_book):
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", ".", "-W", "--keep-going"]
    done = subprocess.run(command, cwd=broken_book, capture_output=True, text=True)
    assert done.returncode != 0
    assert "broken-page" in done.stdout + done.stderr and "ZeroDivisionError" in done.stdout + done.stderr


def test_a_broken_cell_fails_the_execution_and_names_the_notebook(broken_book):
    whole = nbformat.read(broken_book / "book" / "broken-page.ipynb", 4)
    whole.cells[1].source = "2 / 1"
    nbformat.write(whole, broken_book / "book" / "whole-page.ipynb")
    done = subprocess.run([sys.executable, ROOT / "book" / "execute_book.py"], cwd=broken_book, capture_output=True,
                          text=True)
    assert done.returncode == 1 and "1 of 2 notebooks executed" in done.stdout
    assert "broken-page" in done.stderr and "ZeroDivisionError" in done.stderr and "whole-page" not in done.stderr


def test_a_broken_cell_fails_pytest_and_names_the_notebook(broken_book):
    command = [sys.executable, "-m", "pytest", "--nbmake", "-q", "-p", "no:cacheprovider", "book"]
    done = subprocess.run(command, cwd=broken_book, capture_output=True, text=True)
    assert done.returncode == 1
    assert "broken-page" in done.stdout and "ZeroDivisionError" in done.stdout
