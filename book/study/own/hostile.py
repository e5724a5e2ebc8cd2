"""Data as people have them: one wave in many odd forms, and what comes of each.

Each case is a function that writes files, if any, to the current folder, and returns wave data.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

import lrnrbook as lb

X, T = np.linspace(0, 1, 50), np.linspace(0, 1, 20)
EPOCHS = 60
PLAIN = "the plain wave"


def wave(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """A bump of height 1 that travels, (T, P)."""
    return np.exp(-40 * (x - 0.2 - 0.6 * t[:, None]) ** 2)


U = wave(X, T)


def arrays(u: np.ndarray = U, x: np.ndarray = X, t: np.ndarray = T) -> lb.WaveData:
    """The wave from arrays."""
    return lb.WaveData.from_arrays(t, x, u)


def labelled(u=U, t=T, dims=("time", "x")) -> xr.Dataset:
    """The wave as a labelled data set."""
    return xr.Dataset({"u": (dims, u)}, {"time": t, "x": X})


def opened(dataset: xr.Dataset, select: dict | None = None, **encoding) -> lb.WaveData:
    """The wave through a NetCDF file."""
    dataset.to_netcdf("wave.nc", encoding={"u": encoding})
    return lb.WaveData.open("wave.nc", select=select)


def gaps(u: np.ndarray = U) -> np.ndarray:
    """The wave without one value in twenty, here and there."""
    return np.where(np.random.default_rng(0).random(u.shape) < 0.05, np.nan, u)


def levels(u: np.ndarray = U) -> xr.Dataset:
    """Three waves one above the other."""
    return labelled(np.stack([u, 2 * u, 3 * u], 1), dims=("time", "level", "x"))


def named(name: str, text: str) -> lb.WaveData:
    """A file with something else in it."""
    Path(name).write_text(text)
    return lb.WaveData.open(name)


TAKEN: dict[str, Callable[[], lb.WaveData]] = {
    PLAIN: arrays,
    "a wave of 1 Pa upon the 101325 Pa of the air": lambda: arrays(101325 + U),
    "values of 10⁻³⁰": lambda: arrays(1e-30 * U),
    "values of 10³⁰": lambda: arrays(1e30 * U),
    "values below zero": lambda: arrays(-5 * U),
    "places from 10⁶ on": lambda: arrays(x=1e6 + X),
    "times from 10⁹ on": lambda: arrays(t=1e9 + T),
    "times that are not equally spaced": lambda: arrays(wave(X, T**1.5), t=T**1.5),
    "dates in place of times": lambda: opened(labelled(t=np.datetime64("2026-03-02T09:00") + np.arange(20) * 60)),
    "single precision": lambda: arrays(U.astype("f4"), X.astype("f4"), T.astype("f4")),
    "integers with scale, offset and fill value": lambda: opened(
        labelled(gaps()), dtype="i2", scale_factor=1e-4, add_offset=0.5, _FillValue=-32768),
    "land where no value ever is": lambda: opened(labelled(np.where(abs(X - 0.5) < 0.05, np.nan, U))),
    "a second field that is constant": lambda: arrays(np.stack([U, np.full_like(U, 5.0)], 2)),
    "several levels, one of them selected": lambda: opened(levels(), {"level": 0}),
}
REFUSED: dict[str, Callable[[], lb.WaveData]] = {
    "several levels, none selected": lambda: opened(levels()),
    "a frame without any value": lambda: opened(labelled(np.where(T[:, None] == T[3], np.nan, U))),
    "an infinite value": lambda: arrays(np.where(U == U[3, 7], np.inf, U)),
    "a field that is zero everywhere": lambda: arrays(0 * U),
    "times that go back": lambda: arrays(t=np.roll(T, 1)),
    "a frame with a single place": lambda: lb.WaveData.from_arrays(T, [X] * 19 + [X[:1]], [*U[:-1], U[-1, :1]]),
    "no coordinate of time": lambda: opened(labelled().drop_vars("time")),
    "a text file with the ending of NetCDF": lambda: named("wave.nc", "time, x, u"),
    "a file of VTK": lambda: named("wave.vtu", "<VTKFile/>"),
}


def outcome(make: Callable[[], lb.WaveData]) -> tuple[str, float]:
    """What is said of a case, and the mean error of a short fit in shares of the first field's range."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            data = make()
            model = lb.fit(data, "smoke", epochs=EPOCHS, progress=False).model
        except ValueError as error:
            return str(error), np.nan
    off = [np.abs(v.numpy() - u)[:, 0].mean() for v, u in zip(model.predict(data), data.u, strict=True)]
    values = np.concatenate([u[:, 0] for u in data.u])
    return "; ".join(str(one.message) for one in said), float(np.mean(off) / np.ptp(values))


def table() -> pd.DataFrame:
    """All cases with what is said of them and, where they are taken, the error."""
    rows = [(name, *outcome(make)) for name, make in (TAKEN | REFUSED).items()]
    return pd.DataFrame(rows, columns=["form", "what is said", "mean error"]).set_index("form")


def shown(found: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """For a page: what is taken, with errors in per cent and as multiples of the plain wave's, and what is refused."""
    taken, refused = (found.rename_axis(None).loc[list(cases)] for cases in (TAKEN, REFUSED))
    off = taken.pop("mean error")
    texts = {"mean error": [f"{100 * a:.2f}\u00a0%" for a in off], "multiple": [f"{a:.2f}" for a in off / off[PLAIN]]}
    return taken.assign(**texts), refused[["what is said"]]


def worst(found: pd.DataFrame) -> str:
    """What the page says of the largest error: a sentence for each outcome."""
    times = found["mean error"] / found.loc[PLAIN, "mean error"]
    if times.max() < 1.5:
        return f"No form makes the error more than {times.max():.1f} times as large."
    return f"The worst form, {times.idxmax()}, makes the error {times.max():.1f} times as large."
