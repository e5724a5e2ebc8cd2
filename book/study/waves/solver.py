"""Running the solvers behind the data sets, each in a process and a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


class GenerationError(RuntimeError):
    """The data cannot be made here; the message says what is missing."""


def require(*tools: str) -> None:
    """Refuse to begin if a program is not on the path."""
    for tool in tools:
        if shutil.which(tool) is None:
            raise GenerationError(f"{tool} is not found (on Debian: `apt-get install {tool}`)")


def run(
    command: list[str], folder: Path, what: str = "the solver", path: tuple[str, ...] = (), **environment: str
) -> str:
    """Run a command in a folder, with `path` and then the import path of this process; return its output.

    `what` is its name in the message if it fails.

    Raises
    ------
    GenerationError
        If it fails, with the last line it wrote.
    """
    places = [*path, *(os.path.abspath(p) for p in sys.path if p)]
    everything = {**os.environ, "PYTHONPATH": os.pathsep.join(places), **environment}
    done = subprocess.run(command, cwd=folder, env=everything, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise GenerationError(f"{what} stopped with exit status {done.returncode}: {last}")
    return done.stdout
