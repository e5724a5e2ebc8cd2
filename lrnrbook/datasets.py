"""The data sets of section 4.3: a catalogue, and the files that hold them.

One solver run writes 161 equal times: the 81 even ones are the samples, 12 fixed odd ones the midpoints,
on which nothing trains, selects or tunes.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lrnrbook.data import WaveData
from lrnrbook.patches import cell_centres, corners

ASSETS = Path(__file__).parent / "assets" / "data"
INTERVALS = 160
SPLITS = {
    "samples": np.arange(0, INTERVALS + 1, 2),
    "midpoints": np.array([7, 21, 35, 47, 61, 75, 89, 103, 117, 131, 145, 157]),
}
FORMAT = 1


@dataclass(frozen=True)
class DataSet:
    """What a data set is: one entry of the catalogue.

    `domain` has a lower and an upper bound for each axis; times are k `final_time` / 160; all units are "1".
    """

    name: str
    title: str
    equation: str
    domain: tuple[tuple[float, float], ...]
    final_time: float
    fields: tuple[str, ...]
    units: tuple[str, ...]
    description: str


def datasets() -> dict[str, DataSet]:
    """Return the data sets by name."""
    entries = tomllib.loads((ASSETS / "catalogue.toml").read_text())
    return {name: DataSet(name, **entry | {"domain": tuple(map(tuple, entry["domain"])),
                                           "fields": tuple(entry["fields"]), "units": tuple(entry["units"])})
            for name, entry in entries.items()}


def find_dataset(name: str) -> DataSet:
    """Return the catalogue's entry of this name; raises ValueError if there is none."""
    if name not in (known := datasets()):
        raise ValueError(f"unknown data set {name!r}: known are {', '.join(known)}")
    return known[name]


def load_data(name: str, split: str = "samples") -> WaveData:
    """Load a data set that comes with the package, in float64; the values were stored in float32.

    Raises ValueError if the name or the split is unknown, or the file is damaged.

    Parameters
    ----------
    name : str: one of `datasets()`
    split : {"samples", "midpoints"}
        The 81 equally spaced times, t = 0 included, or 12 times midway between two of them.

    Examples
    --------
    >>> data = load_data("euler")
    >>> len(data), data.u[0].shape
    (81, (800, 3))
    """
    return read_data(ASSETS / f"{find_dataset(name).name}.npz", split)


def read_data(path: str | os.PathLike[str], split: str = "samples") -> WaveData:
    """Read one split of a data file (`.npz`) in the format of the shipped ones, and verify its SHA-256.

    It is read without pickle, so a file from elsewhere can do no harm.

    Raises ValueError if the split is unknown, or the file cannot be read, is damaged or is another kind of file.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}: known are {', '.join(SPLITS)}")
    try:
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            if sum(part.file_size for part in file.zip.infolist()) > 10 * os.path.getsize(path):
                raise ValueError("it unpacks to more than ten times its size")
            arrays = {key: file[key] for key in ("frame", "x", "patches", "counts", "u") if key in file}
            metadata = json.loads(str(file["metadata"]))
        data = unpack(arrays, metadata, split)
        expected = str(metadata["sha256"][split])[:64]
    except OSError as error:
        raise ValueError(f"cannot read the data file {os.fspath(path)}: {error.strerror or error}") from error
    except Exception as error:  # zipfile, zlib, NumPy and JSON raise nearly anything on damaged bytes
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise ValueError(f"{os.fspath(path)} is damaged or not a data file of this package: {reason}") from error
    if data.sha256 != expected:
        raise ValueError(f"{os.fspath(path)} is damaged: its {split} have SHA-256 {data.sha256}, expected {expected}")
    return data


def unpack(arrays: dict[str, np.ndarray], metadata: dict[str, Any], split: str) -> WaveData:
    """Turn stored arrays into one split of the data: times k T / 160, centres and lengths of cells."""
    if metadata["format"] != FORMAT:
        raise ValueError(f"its format is {metadata['format']}, this version reads format {FORMAT}")
    entry, setup = find_dataset(metadata["name"]), metadata["setup"]
    points = _unpack_patches if "patches" in arrays else _unpack_grid
    rows = np.isin(arrays["frame"], SPLITS[split])
    t = arrays["frame"][rows] * entry.final_time / INTERVALS
    return WaveData.from_arrays(t, **points(arrays, setup, entry, rows), fields=entry.fields, units=entry.units,
                                domain=entry.domain, name=entry.name, setup={**setup, "split": split})


def _unpack_grid(arrays: dict, setup: dict, entry: DataSet, rows: np.ndarray) -> dict[str, Any]:
    """Points, values and areas on one grid for all times."""
    lower, upper = np.array(entry.domain).T
    cells = np.array(setup["cells"])
    x = lower + (upper - lower) * arrays["x"] / (2 * cells)  # (P, d)
    return {"x": x, "u": arrays["u"][rows], "area": np.full(len(x), np.prod((upper - lower) / cells))}


def _unpack_patches(arrays: dict, setup: dict, entry: DataSet, rows: np.ndarray) -> dict[str, Any]:
    """Points, values, areas and patches of each time."""
    lower, upper = np.array(entry.domain).T
    grid = setup["cells"], setup["refinement"]
    finest = np.array(setup["cells"]) * np.prod(setup["refinement"])
    values = np.ascontiguousarray(arrays["u"].T).view("<f4").reshape(-1, len(entry.fields))  # (N, m)
    ends = np.cumsum(arrays["counts"], axis=0)
    found: dict[str, list] = {"x": [], "u": [], "area": [], "patches": []}
    for (patch, point), (n, P) in zip(ends[rows], arrays["counts"][rows], strict=True):
        patches = arrays["patches"][patch - n : patch]
        x, side = cell_centres(patches, *grid)
        found["x"].append(lower + (upper - lower) * x / (2 * finest))  # (P_k, 2)
        found["u"].append(values[point - P : point])
        found["area"].append(side**2 * np.prod((upper - lower) / finest))
        found["patches"].append(lower[:, None] + (upper - lower)[:, None] * corners(patches, *grid))  # (n_k, 2, 2)
    return found
