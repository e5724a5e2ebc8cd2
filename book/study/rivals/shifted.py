"""Shifted POD: a sum of fields that have few modes each, in frames that move with constant velocity.

After Reiss, Schulze, Sesterhenn and Mehrmann (2018); no package of it was found to install. The velocities are not
given: they are found in the data.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy.interpolate import CubicSpline

from study.rivals.grids import HALF, Frames, GridModel
from study.rivals.linear import decompose, modes_in

SPEEDS, MOST = 6, 1.5  # tried in each direction of each axis, and the largest, in domain lengths over the whole time
REFINED, SWEEPS = 6, 2  # steps that the search takes, each half of the one before; how often it goes through the frames
FEW = 1  # modes by which a velocity is judged
STEPS = 100  # sweeps over the frames that share the fields between them
LOOK = 8  # coarseness of the grid on which velocities are looked for


def moved(values: np.ndarray, cells: np.ndarray, periodic: bool) -> np.ndarray:
    """Fields (T, m, cells...) moved by so many cells each time, (T, d).

    Examples
    --------
    >>> moved(np.array([[[0.0, 1, 0, 0]]]), np.array([[1.5]]), True).ravel()
    array([0. , 0. , 0.5, 0.5])
    """
    for axis, by in enumerate(cells.T, 2):
        n = values.shape[axis]
        shape = [len(values)] + [n if k == axis else 1 for k in range(1, values.ndim)]
        place = np.arange(n) - by[:, None]
        low = np.floor(place).astype(int)
        share = (place - low).reshape(shape)
        ends = [(k % n if periodic else k.clip(0, n - 1)).reshape(shape) for k in (low, low + 1)]
        first, second = (np.take_along_axis(values, k, axis) for k in ends)
        values = first + share * (second - first)
    return values


def velocities(values: np.ndarray, share: np.ndarray, count: int, periodic: bool) -> np.ndarray:
    """Displacements (count, d) over the whole time, in domain lengths, one frame after the other.

    The one is taken in which a few modes hold most of the fields, less what the frames before hold.

    Parameters
    ----------
    values : (T, m, cells...) array
    share : (T,) array
        Time, from 0 to 1.
    """
    cells = np.array(values.shape[2:])
    far = np.array(list(itertools.product(np.linspace(-MOST, MOST, 2 * SPEEDS + 1), repeat=len(cells))))
    near = np.array(list(itertools.product((-1, 0, 1), repeat=len(cells)))) * MOST / SPEEDS

    def held(rest, velocity):
        by = share[:, None] * velocity * cells
        return moved(_few(moved(rest, -by, periodic), FEW), by, periodic)

    def best(rest, tried):
        for finer in range(REFINED):
            left = [np.square(rest - held(rest, velocity)).sum() for velocity in tried]
            velocity = tried[int(np.argmin(left))]
            tried = velocity + near / 2 ** (finer + 1)
        return velocity, held(rest, velocity)

    found: list[tuple] = []
    for _ in range(count):
        found.append(best(values - sum(part for _, part in found), far))
    for _ in range(SWEEPS):  # each once more, now that the others are there
        for k in range(count):
            others = sum(part for i, (_, part) in enumerate(found) if i != k)
            found[k] = best(values - others, found[k][0] + near / 2)
    return np.array([velocity for velocity, _ in found])


def _few(values: np.ndarray, count: int) -> np.ndarray:
    """Fields (T, ...) with their leading modes alone."""
    rows = values.reshape(len(values), -1)
    _, vectors = np.linalg.eigh(rows @ rows.T)
    top = vectors[:, -count:]
    return (top @ (top.T @ rows)).reshape(values.shape)


def shifted_pod(data, stored: int, coarsen: int, frames: int) -> GridModel:
    """Shifted POD with some moving frames of equally many modes, coefficients by a cubic spline."""
    whole = Frames(data, coarsen)
    cells = np.array(whole.values.shape[2:])
    periodic = data.name in ("acoustics", "burgers")
    start, span = whole.t[0], np.ptp(whole.t)
    share = (whole.t - start) / span
    each = modes_in(stored // frames, whole.rows.shape[1], len(data))  # in each moving frame
    seen = Frames(data, max(coarsen, LOOK)).values
    paths = [share[:, None] * v * cells for v in velocities(seen, share, frames, periodic)]
    parts = [np.zeros_like(whole.values) for _ in paths]
    for _ in range(STEPS):
        rest = whole.values - sum(moved(p, by, periodic) for p, by in zip(parts, paths, strict=True))
        parts = [_few(p + moved(rest, -by, periodic) / len(paths), each) for p, by in zip(parts, paths, strict=True)]
    kept = [decompose(p.reshape(len(p), -1), each) for p in parts]
    curves = [(modes, CubicSpline(whole.t, c), by[-1]) for (modes, c), by in zip(kept, paths, strict=True)]

    def at(t):
        now = (t - start) / span
        return sum(moved(whole.grid(curve(t) @ modes)[None], (now * last)[None], periodic)[0]
                   for modes, curve, last in curves)

    return GridModel(whole, at, HALF * sum(modes.size + c.size for modes, c in kept))
