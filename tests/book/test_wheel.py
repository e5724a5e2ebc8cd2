"""The built wheel has everything, and a model loads from it where it is installed."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
USE = """
import sys, lrnrbook as lb
assert lb.__file__.startswith(sys.argv[1]), lb.__file__
model, data = lb.load_pretrained("euler"), lb.load_data("euler")
assert "mount(" in lb.explorer(model).html()
print("pressure", lb.errors(model, data)["pressure"])
"""


def test_a_model_loads_from_the_installed_wheel(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "lrnrbook", source / "lrnrbook", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path, source], check=True)
    wheel = next(tmp_path.glob("lrnrbook-*.whl"))
    packed = set(zipfile.ZipFile(wheel).namelist())
    shipped = {str(p.relative_to(source)) for p in (source / "lrnrbook").rglob("*") if p.is_file()}
    assert {"lrnrbook/py.typed", "lrnrbook/assets/models/euler-laptop-0.safetensors"} <= shipped <= packed
    assert wheel.stat().st_size < 20e6

    target = tmp_path / "installed"
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", target, wheel], check=True)
    done = subprocess.run([sys.executable, "-c", USE, str(target)], cwd=tmp_path, capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": str(target)})
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[-1]) < 0.05
