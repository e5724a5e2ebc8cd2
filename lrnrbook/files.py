"""Files: written atomically, all or nothing; records as JSON."""

from __future__ import annotations

import json
import math
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np


def machine() -> dict:
    """What a figure was measured on."""
    return {"cores": os.cpu_count(), "architecture": platform.machine(), "system": platform.system()}


def write_atomically(path, write: Callable[[Path], None]) -> Path:
    """Call ``write(temporary path)`` beside `path`, then move the result into place: all or nothing."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def plain(value):
    """A measurement fit for a record: four digits, and None where there is no number."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(part) for part in value]
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return float(f"{value:.4g}") if math.isfinite(value) else None
    return value


def write_json(path, content) -> Path:
    """Write JSON atomically."""
    text = json.dumps(content, indent=1, allow_nan=False) + "\n"
    return write_atomically(path, lambda temporary: temporary.write_text(text))
