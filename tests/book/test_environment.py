"""environment.yml, pyproject.toml, constraints.txt and Makefile agree; wrong tools get a sentence."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}


def required(*extras):
    lines = [*PROJECT["dependencies"], *(line for e in extras for line in PROJECT["optional-dependencies"][e])]
    return {canonicalize_name(r.name): r.specifier for r in map(Requirement, lines)}


def test_environment_has_what_the_package_its_book_and_its_tests_need():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    lines = [line for line in [*listed, *pip] if isinstance(line, str) and line not in ("pip", "-e .")]
    found = {canonicalize_name(r.name): r.specifier for r in map(Requirement, lines)}
    assert str(found.pop("python")) == PROJECT["requires-python"]
    assert found == {CONDA_NAMES.get(name, name): spec for name, spec in required("book", "test").items()}
    assert "-e ." in pip


def test_the_extra_of_the_book_is_enough_for_its_notebooks():
    cells = [cell for path in (ROOT / "book").glob("*.ipynb") for cell in json.loads(path.read_text())["cells"]]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    names = {part.name for node in nodes if isinstance(node, ast.Import) for part in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    modules = {name.partition(".")[0] for name in names} - {"study", "lrnrbook"} - sys.stdlib_module_names
    modules |= {"netCDF4" for path in (ROOT / "book").rglob("*.nc")}  # by which xarray opens them
    distributions = packages_distributions()
    assert {canonicalize_name(distributions[name][0]) for name in modules} <= set(required("book"))


def test_every_requirement_is_pinned_within_its_range():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pins = {canonicalize_name(r.name): next(iter(r.specifier)).version for r in map(Requirement, lines)}
    for name, spec in required("book", "test", "tune").items():
        assert spec.contains(pins[name]), f"{name} {pins[name]} is outside {spec}"


def test_dev_is_all_extras():
    extras = set(PROJECT["optional-dependencies"]) - {"dev"}
    assert Requirement(PROJECT["optional-dependencies"]["dev"][0]).extras == extras


@pytest.mark.parametrize(("python", "words"), [
    ("no-such-python", "'no-such-python' was not found"), ("./old", "'./old' is 3.9.1")])
def test_make_says_in_a_sentence_what_is_wrong_with_python(tmp_path, python, words):
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text("")
    old = tmp_path / "old"
    old.write_text('#!/bin/sh\ncase "$2" in *platform*) echo 3.9.1 ;; *) exit 1 ;; esac\n')
    old.chmod(0o755)
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(["make", f"PYTHON={python}", "book"], cwd=tmp_path, capture_output=True, text=True, env=clean)
    assert done.returncode != 0 and words in done.stdout and not (tmp_path / ".venv").exists()


def test_workflows_run_pinned_actions_with_few_permissions():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    used = [step["uses"] for job in jobs["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in used)
    assert jobs["permissions"] == {"contents": "read"}
    assert {name for name, job in jobs["jobs"].items() if "permissions" in job} == {"publish"}
