"""What others made and stands here is listed with its terms on the page about citing, and has its notice beside it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
OTHERS = {"book/_static/katex": "MIT"}  # folder and licence
BUILT = {"lrnrbook/static/kernel.wasm"}  # from kernel.c beside it, see tests/test_widget.py


def files():
    for folder in ("lrnrbook", "book"):
        for path in (ROOT / folder).rglob("*"):
            name = path.relative_to(ROOT).as_posix()
            if path.is_file() and not re.search(r"__pycache__|/_build/|checkpoints|/assets/|/(models|records)/", name):
                yield name, path


def test_what_others_made_is_listed_and_has_its_licence_beside_it():
    text = (ROOT / "book" / "citing.md").read_text()
    for folder, licence in OTHERS.items():
        assert re.search(rf"\| `{folder}` \| {licence} licence", text)
        assert f"The {licence} License" in (ROOT / folder / "LICENSE").read_text()
    foreign = re.compile(r"@license|\(c\) 20\d\d|Copyright|SPDX|jsdelivr|unpkg")
    found = [name for name, path in files() if not name.startswith(tuple(OTHERS)) and name not in BUILT
             and (path.suffix in {".woff", ".woff2", ".ttf", ".wasm"} or ".min." in name
                  or path.suffix in {".js", ".css", ".c"} and foreign.search(path.read_text()))]
    assert found == []
