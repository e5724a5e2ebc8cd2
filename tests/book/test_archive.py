"""The archive in the built book: whole, linked, and enough to run the book without a checkout."""

import os
import subprocess
import sys
import zipfile

USE = """
import sys, lrnrbook, study
from study.evidence import claims
assert all(module.__file__.startswith(sys.argv[1]) for module in (lrnrbook, study)), (lrnrbook, study)
print(claims.check("C2-2").verdict)
"""


def test_the_archive_runs_where_nothing_else_is(html, tmp_path):
    assert "lrnrbook-book.zip" in (html / "book" / "citing.html").read_text()
    with zipfile.ZipFile(html / "lrnrbook-book.zip") as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    assert names == sorted(names) and not [name for name in names if "__pycache__" in name]
    root = tmp_path / "lrnrbook"
    assert "jupyter lab book" in (root / "README.txt").read_text() and (root / "book" / "intro.ipynb").is_file()
    wheel, target = next(root.glob("lrnrbook-*.whl")), tmp_path / "installed"
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "install", "--no-deps",
                    "--no-index", "--target", target, wheel], check=True)
    done = subprocess.run([sys.executable, "-c", USE, str(tmp_path)], cwd=root / "book", capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": str(target)})
    assert done.returncode == 0 and done.stdout.strip() == "reproduced", done.stderr
