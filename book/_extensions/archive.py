"""Sphinx extension: `study` on the path of autodoc, and one archive in the built book with all that runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

BOOK = Path(__file__).parents[1]
ROOT = BOOK.parent
NAME = "lrnrbook-book.zip"  # in the folder of the built pages, which link to it
PACKED = {".whl", ".safetensors", ".npz", ".png", ".zip"}  # files that compress no further
README = """The notebooks of the book, the code behind them (book/study, with its records and models), and the library.

    python -m venv env
    env/bin/pip install "{wheel}[book]"      (Windows: env\\Scripts\\pip)
    env/bin/jupyter lab book                 (pip install jupyterlab, if it is not there)

In the folder book, `python -m study --help` lists what can be measured; `python -m study claims C5.1-5` decides one.
"""


def setup(app) -> dict:
    """Called by Sphinx."""
    sys.path.insert(0, str(BOOK))
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write(app, problem) -> None:
    """Write the archive beside the pages, once they are there."""
    if problem or app.builder.format != "html" or not (ROOT / "pyproject.toml").is_file():
        return
    target = Path(app.outdir) / NAME
    with tempfile.TemporaryDirectory() as folder:
        wheel = _wheel(Path(folder))
        files = {"README.txt": README.format(wheel=wheel.name).encode(), wheel.name: wheel}
        kept = [*BOOK.glob("*.ipynb"), *BOOK.glob("*.md"), *BOOK.glob("*.bib"), *(BOOK / "study").rglob("*")]
        files |= {path.relative_to(ROOT).as_posix(): path for path in kept
                  if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".checkpoint"}
        part = target.with_suffix(".part")
        with zipfile.ZipFile(part, "w") as archive:
            for name, source in sorted(files.items()):
                entry = zipfile.ZipInfo(f"lrnrbook/{name}", (2000, 1, 1, 0, 0, 0))  # the same files, the same archive
                packed = Path(name).suffix in PACKED
                entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, source if isinstance(source, bytes) else source.read_bytes())
        os.replace(part, target)


def _wheel(folder: Path) -> Path:
    """Wheel of the library, built from a copy: in the checkout setuptools would leave files, and use old ones again."""
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "lrnrbook", source / "lrnrbook", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "wheel", "--no-deps",
                    "--no-build-isolation", "-w", folder, source], check=True, capture_output=True)
    return next(folder.glob("*.whl"))
