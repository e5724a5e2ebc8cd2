"""Files: written atomically, all or nothing; records as JSON."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


def write_atomically(path, write: Callable[[Path], object], former: Path | None = None) -> Path:
    """Call ``write(temporary path)``, then move the result into place, all or nothing; `former` gets what was there."""
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            write(temporary := Path(folder) / path.name)
            with open(temporary, "rb+") as file:  # not every system syncs what is open for reading alone
                os.fsync(file.fileno())
            if former and path.exists():
                shutil.copyfile(path, former)
            os.replace(temporary, path)
    except OSError as error:
        raise OSError(f"cannot write {str(path)!r} ({error.strerror or error}): what was there is as it was") from error
    return path


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock of a file: a second run is refused, naming the first. A process that has ended holds none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock := Path(f"{path}.lock"), timeout=0):
            lock.write_text(f"process {os.getpid()} on {platform.node()}")
            yield
    except Timeout:
        raise ValueError(f"{str(path)!r} is in use by {lock.read_text()}: expected no other run with it (wait for that "
                         "one to end, or give another path)") from None


def write_json(path, content) -> Path:
    """Write JSON atomically."""
    text = json.dumps(content, indent=1, allow_nan=False) + "\n"
    return write_atomically(path, lambda temporary: temporary.write_text(text))
