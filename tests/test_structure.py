"""How the code is built: a thin library, the study on top of it, one direction of dependency, no circle."""

import ast
import json
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import mutants
import pytest

ROOT = Path(__file__).parents[1]
LIBRARY = {f"lrnrbook.{path.stem}": path for path in sorted((ROOT / "lrnrbook").glob("*.py"))}
STUDY = {"study." + ".".join(path.relative_to(ROOT / "book" / "study").with_suffix("").parts): path
         for path in sorted((ROOT / "book" / "study").rglob("*.py"))}
MODULES = LIBRARY | STUDY
# Floors of the study: a folder imports folders of floors below it, and nothing else of the study but itself.
CHAPTERS = {"cover", "linear", "network", "waves", "training", "ingredients", "hypermodes", "steps", "far", "fast",
            "outside", "theory", "explorer", "own", "rivals"}
FLOORS = ({"ledger"}, {"instruments"}, CHAPTERS, {"evidence"}, {"sizes"}, {"__main__", "__init__"})
EXTRAS = {"numba", "ray", "matplotlib_inline", "clawpack", "playwright", "papermill",
          "zstandard", "zfpy", "ezyrb"}  # imported where they are used


def imports(path, within_functions=None):
    """Modules that a file imports, outside of ``if TYPE_CHECKING``: all, or only (not) those within functions."""
    found = set()

    def visit(node, inside):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, ast.Import | ast.ImportFrom) and within_functions in (None, inside):
                if isinstance(child, ast.Import):
                    found.update(alias.name for alias in child.names)
                else:
                    names = {f"{child.module}.{alias.name}" for alias in child.names}
                    known = {name if name in MODULES else child.module for name in names}
                    found.update(known)
            visit(child, inside or isinstance(child, ast.FunctionDef | ast.Lambda))

    visit(ast.parse(path.read_text()), False)
    return found


def test_the_library_is_thin():
    lines = {name: len(path.read_text().splitlines()) for name, path in LIBRARY.items()}
    assert len(lines) <= 32 and sum(lines.values()) <= 5500
    assert {name: count for name, count in lines.items() if count > 350} == {}


def test_the_library_knows_nothing_of_the_study():
    assert [name for name, path in LIBRARY.items() if any(m.split(".")[0] == "study" for m in imports(path))] == []
    words = re.compile(r"claim|chapter|benchmark|\bfigs?\b\.? ?\d", re.I)
    found = {f"{name}:{i}": line for name, path in LIBRARY.items()
             for i, line in enumerate(path.read_text().splitlines(), 1) if words.search(line)}
    assert found == {}


def test_no_module_imports_itself_by_a_detour():
    graph = {name: {m for m in imports(path) if m in MODULES} - {name} for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_imports_within_functions_are_of_optional_extras():
    scripts = {"study.waves.pyclaw_run", "study.waves.setrun"}  # run by other programs, with nothing of this one
    late = {name: {m for m in imports(path, True) if m.split(".")[0] not in EXTRAS and m != "lrnrbook.plots"}
            for name, path in MODULES.items() if name not in scripts}
    assert {name: modules for name, modules in late.items() if modules} == {}


def test_folders_of_the_study_import_folders_below_them():
    floor = {folder: i for i, folders in enumerate(FLOORS) for folder in folders}
    wrong = []
    for name, path in STUDY.items():
        own = name.split(".")[1]
        for module in imports(path):
            parts = module.split(".")
            if parts[0] == "study" and len(parts) > 1 and parts[1] != own and floor[parts[1]] >= floor[own]:
                wrong.append(f"{name} imports {module}")
    assert wrong == []


def test_tests_mirror_what_they_test():
    assert not list((ROOT / "tests").rglob("__init__.py")), "tests/study would hide the package study"


def test_the_table_of_what_the_tests_see_is_that_of_the_record():
    record = json.loads((ROOT / "tests" / "mutants.json").read_text())
    assert mutants.TABLE.read_text() == mutants.table(record)


def test_every_promise_of_the_book_has_its_test():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "book" / "promises.ipynb").read_text()))
    texts = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    known = {name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.M)}
    assert len(named) > 20 and named <= known, named - known
