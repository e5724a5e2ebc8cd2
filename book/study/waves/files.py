"""Data files of the format that `lrnrbook.datasets.read_data` reads: written here, from runs of the solver."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from lrnrbook.datasets import FORMAT, SPLITS, unpack
from lrnrbook.files import write_atomically


def write_data(
    path: str | os.PathLike[str],
    name: str,
    x: np.ndarray | list[np.ndarray],
    u: np.ndarray | list[np.ndarray],
    setup: dict[str, Any],
) -> Path:
    """Write the samples and midpoints of a run to one file, which appears at once or not at all.

    Parameters
    ----------
    path : path
        Where to; an existing file is replaced.
    name : str
        Name of the set in the catalogue.
    x : (P, d) integers, or a list of 161 arrays (n, 5) of integers
        Points in half cells from the lower corner: cell i has its centre at 2 i + 1. Or at each time the patches
        of a refined grid (see `lrnrbook.patches`), whose visible cells are the points.
    u : (161, P, m), or a list of 161 arrays (P_k, m)
        Values at the times k T / 160; stored as float32.
    setup : dict
        Solver, version and whatever else the data's `setup` shall say; "cells" has the cells of each axis, for
        patches on the coarsest level, and "refinement" that of each level against the one before.
    """
    kept = np.sort(np.concatenate(list(SPLITS.values()))).astype(np.int16)
    if isinstance(x, list):
        values = np.concatenate([u[k] for k in kept]).astype("<f4")  # all points of all times, (N, m)
        arrays = {
            "patches": np.concatenate([x[k] for k in kept]).astype(np.int16),
            "counts": np.array([(len(x[k]), len(u[k])) for k in kept], dtype=np.int32),
            "u": np.ascontiguousarray(values.view(np.uint8).reshape(-1, 4).T),  # all first bytes, ...: packs better
        }
    else:
        arrays = {"x": x.astype(np.int16), "u": u[kept].astype(np.float32)}
    arrays = {"frame": kept, **arrays}
    metadata = {"format": FORMAT, "name": name, "setup": setup}
    metadata["sha256"] = {split: unpack(arrays, metadata, split).sha256 for split in SPLITS}
    def write(file: Path) -> None:
        with open(file, "wb") as stream:
            np.savez_compressed(stream, **arrays, metadata=np.array(json.dumps(metadata)))

    return write_atomically(path, write)
