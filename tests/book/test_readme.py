"""The README: its lines run, its picture is what the package draws; citing agrees with the package."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import yaml

import lrnrbook as lb
from study.cover.figures import plot_cover

ROOT = Path(__file__).parents[2]


def test_the_ten_lines_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    assert "seconds=120" in code
    scope = {}
    exec(code.replace("seconds=120", "recipe='smoke', epochs=2, width=48, progress=False"), scope)
    assert (tmp_path / "wave.html").exists() and lb.load("wave.safetensors").fields == ("height",)
    assert scope["gauges"](0.5).shape == (1, 2, 1)


def test_the_picture_is_small_and_what_the_package_draws(tmp_path):
    path = ROOT / "book" / "_static" / "waves.png"
    assert path.stat().st_size < 150e3
    plot_cover().savefig(tmp_path / "waves.png", dpi=130)
    shipped, drawn = (plt.imread(p)[..., :3] for p in (path, tmp_path / "waves.png"))
    assert shipped.shape == drawn.shape and np.abs(shipped - drawn).mean() < 0.02


def test_files_that_the_readme_names_are_there():
    names = re.findall(r"`((?:book|lrnrbook|tests)/[\w./-]*|CITATION\.cff)`|\]\((book/[\w./-]+)\)",
                       (ROOT / "README.md").read_text())
    assert names and all((ROOT / (a or b)).exists() for a, b in names)


def test_citing_names_this_version_and_the_paper():
    text = (ROOT / "book" / "citing.md").read_text()
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert f"version = {{{lb.__version__}}}" in text and citation["version"] == lb.__version__
    doi = citation["preferred-citation"]["doi"]
    assert doi in text and doi in (ROOT / "book" / "references.bib").read_text()


@pytest.mark.parametrize("name", re.findall(r"`((?:lb|lrnr|model|modes|fast)\.\w+)",
                                            (ROOT / "book" / "notation.md").read_text()))
def test_names_of_the_table_of_notation_exist(name):
    model = lb.load_pretrained("euler", "page")
    holders = {"lb": lb, "model": model, "lrnr": model.lrnr, "modes": lb.hypermodes(model),
               "fast": lb.FastLRNR.build(model, [0.5], 4, times=[0.0, 0.01, 0.02, 0.03, 0.038])}
    holder, attribute = name.split(".")
    assert hasattr(holders[holder], attribute)
