"""Spatial extrapolation (section 7, Fig. 18): models outside the box of their data, against the extension of the data.

In 2d the data are continued by their periods, in 1d as mirrors at solid walls would. Points outside are told apart by
what travels through them: information that will still enter the box until the last time, that has left it since the
first time, or neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy.ndimage import map_coordinates

from lrnrbook.data import WaveData
from lrnrbook.model import MetaNetwork
from lrnrbook.patches import finest_grid

MARGIN = 0.4  # how far the extension goes, as a share of the side
SOUND = 2.0  # speed of sound sqrt(K / rho) of the acoustics set
ENTERS, LEFT = 1, 2  # flags; 0 is neither, 3 is both
QUIET = -1  # no wave from which a direction could be read
BLOCK = 2**15  # points evaluated at once
SUBSTEPS = 4  # of a sampling interval, on a characteristic


def reverse(data: WaveData) -> WaveData:
    """The frames in reversed order, at times first + last - t: the same waves running backwards."""
    return WaveData.from_arrays(
        (data.t[0] + data.t[-1] - data.t)[::-1], data.x[::-1], data.u[::-1], data.fields, domain=data.domain,
        units=data.units, area=None if data.area is None else data.area[::-1], name=f"{data.name} reversed")


def quiet(model):
    """A model, which may be a formula, that is asked outside of its data on purpose, and need not warn of it."""
    return (lambda x, t: model.evaluate(x, model.coefficients(t))) if isinstance(model, MetaNetwork) else model


def backwards(model, data: WaveData):
    """A model of the `reverse`-d frames, asked for the time of the data: (x, t) -> (1, P, m)."""
    total = float(data.t[0] + data.t[-1])
    model = quiet(model)
    return lambda x, t: model(x, total - t)


def embed(x: np.ndarray, domain: np.ndarray) -> np.ndarray:
    """Periodic coordinates (P, 2 d) of points (P, d): cosine and sine of each one, turned into an angle.

    Examples
    --------
    >>> embed(np.array([[0.0], [0.25], [1.0]]), [[0, 1]]).round(9) + 0.0
    array([[1., 0.],
           [0., 1.],
           [1., 0.]])
    """
    low, high = np.asarray(domain, dtype=float).T
    angle = 2 * np.pi * (x - low) / (high - low)
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1).reshape(len(x), -1)


def periodic_coordinates(data: WaveData) -> WaveData:
    """The data at `embed`-ded points: a network of them is periodic, whatever its weights."""
    return WaveData.from_arrays(
        data.t, [embed(x, data.domain) for x in data.x], data.u, data.fields, domain=[(-1, 1)] * (2 * data.dim),
        units=data.units, area=data.area, name=f"{data.name}, periodic coordinates")


@torch.no_grad()
def values(model, x: np.ndarray, t: float, field: int = -1) -> np.ndarray:
    """One field of ``model(x, t)`` -> (1, P, m), which may be a formula, at points (P, d): (P,)."""
    model = quiet(model)
    parts = [np.asarray(model(x[i : i + BLOCK], t)) for i in range(0, len(x), BLOCK)]
    return np.concatenate([part[0, :, field] for part in parts]).astype(float)


@dataclass(frozen=True, eq=False)
class Extension:
    """One field of a data set on the finest cells of its box, and its continuation to a larger box; see `extend`.

    Attributes
    ----------
    t : (T,) array
    cells : (T, n_1, ..., n_d) array
        Values on all cells of the box.
    domain : (d, 2) array
        The box.
    index : d integer arrays
        Cells of each axis, counted from the box's first, that the extension consists of.
    mirrored : bool
        Continued by mirrors instead of periods.
    odd : bool
        Whether a mirror changes the sign.
    field : int
        Which field of the data.
    """

    t: np.ndarray
    cells: np.ndarray
    domain: np.ndarray
    index: tuple[np.ndarray, ...]
    mirrored: bool
    odd: bool
    field: int

    @cached_property
    def axes(self) -> list[np.ndarray]:
        """Centres of the cells along each axis."""
        return [a + (i + 0.5) * (b - a) / n
                for (a, b), i, n in zip(self.domain, self.index, self.cells.shape[1:], strict=True)]

    @cached_property
    def x(self) -> np.ndarray:
        """Points (P, d), the last axis running fastest."""
        return np.stack(np.meshgrid(*self.axes, indexing="ij"), -1).reshape(-1, len(self.axes))

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return tuple(map(len, self.axes))

    @cached_property
    def distance(self) -> np.ndarray:
        """Distance to the box, as a share of its side; 0 inside."""
        low, high = self.domain.T
        beyond = np.maximum(np.maximum(low - self.x, self.x - high), 0) / (high - low)
        return np.linalg.norm(beyond, axis=1).reshape(self.shape)

    def spread(self, cells: np.ndarray) -> np.ndarray:
        """Continue values (..., n_1, ..., n_d) on the box's cells to the extension."""
        for k, i in enumerate(self.index):
            axis, n = cells.ndim - len(self.index) + k, self.cells.shape[1 + k]
            i = np.minimum(i % (2 * n), 2 * n - 1 - i % (2 * n)) if self.mirrored else i % n
            cells = np.take(cells, i, axis=axis)
        return cells

    @cached_property
    def u(self) -> np.ndarray:
        """The data, continued: (T, ...)."""
        sign = -1.0 if self.odd else 1.0
        return np.where(self.distance > 0, sign, 1.0) * self.spread(self.cells)

    @property
    def scale(self) -> float:
        """Mean magnitude in the box over all times: errors are shares of it."""
        return float(np.abs(self.cells).mean())

    def at(self, t: float, x: np.ndarray) -> np.ndarray:
        """The data at any points (P, 2) of the plane, periodic and linear between cells, at the nearest time: (P,)."""
        low, high = self.domain.T
        n = np.array(self.cells.shape[1:])
        places = ((x - low) / (high - low) * n - 0.5).T
        k = int(np.abs(self.t - t).argmin())
        return map_coordinates(self.cells[k], places, order=1, mode="grid-wrap")

    def of(self, model) -> np.ndarray:
        """A model, or a formula (x, t) -> (1, P, m), on the extension at all times: (T, ...)."""
        return np.stack([values(model, self.x, t, self.field).reshape(self.shape) for t in self.t])


def extend(data: WaveData, times: ArrayLike | None = None, margin: float = MARGIN, every: int = 1,
           field: str | None = None) -> Extension:
    """Continue a data set beyond its box: by periods in 2d, by mirrors at the walls in 1d.

    Parameters
    ----------
    data : WaveData
        In 2d of squares that fill the box; in 1d of equal cells.
    times : (T,), optional
        The nearest frames are taken; by default all.
    margin : float
        How far, as a share of the side; up to 1.
    every : int
        Take every so many cells of the extension along each axis.
    field : str, optional
        By default the last. A mirror turns the sign of "velocity".

    Examples
    --------
    >>> import lrnrbook as lb
    >>> extend(lb.load_data("burgers"), times=[1.5], every=2).u.shape
    (1, 180, 180)
    """
    if not 0 < margin <= 1:
        raise ValueError(f"margin = {margin}: expected a share of the side above 0 and up to 1")
    if every < 1:
        raise ValueError(f"every = {every}: expected a whole number of at least 1")
    if data.dim not in (1, 2) or data.area is None:
        raise ValueError(f"{data!r} has {data.dim} dimensions and {'no ' if data.area is None else ''}cell sizes: "
                         "expected 1 or 2 dimensions, with cell sizes")
    field = field or data.fields[-1]
    j = data.select([field]) and data.fields.index(field)
    frames = range(len(data)) if times is None else [data.index(t) for t in np.atleast_1d(times)]
    cells = _cells(data, j, frames)
    index = tuple(np.arange(-every * int(margin * n / every), n + int(margin * n), every) for n in cells.shape[1:])
    return Extension(data.t[list(frames)], cells, data.domain, index, data.dim == 1,
                     data.dim == 1 and field == "velocity", j)


def _cells(data: WaveData, j: int, frames=None) -> np.ndarray:
    """One field on the finest cells of the box, (T, n_1, ..., n_d)."""
    chosen = [data[k] for k in (range(len(data)) if frames is None else frames)]
    if data.dim == 1:
        return np.stack([frame.u[:, j] for frame in chosen])
    return np.stack([finest_grid(f.x, f.u[:, [j]], f.area, data.domain)[..., 0] for f in chosen])


def swap(flags: np.ndarray) -> np.ndarray:
    """Flags in the other direction of time: what will enter has left, and what has left will enter.

    Examples
    --------
    >>> swap(np.array([-1, 0, ENTERS, LEFT, ENTERS + LEFT]))
    array([-1,  0,  2,  1,  3])
    """
    return np.where(flags < 0, flags, (flags & ENTERS) * LEFT + (flags & LEFT) // LEFT)


def reaches(x: np.ndarray, direction: np.ndarray, length: np.ndarray, domain: np.ndarray) -> np.ndarray:
    """Whether the segments x + a direction, 0 <= a <= length, meet the box.

    Parameters
    ----------
    x, direction, length : (P, d), (P, d) or (d,), (P,)
    domain : (d, 2)

    Examples
    --------
    >>> x = np.array([[-0.2, 0.5], [-0.2, 0.5], [-0.2, 0.9]])
    >>> reaches(x, np.array([1.0, 1.0]), np.array([0.3, 0.1, 9.0]), np.array([[0, 1], [0, 1]]))
    array([ True, False, False])
    """
    direction = np.broadcast_to(direction, x.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = ((side - x) / direction for side in np.asarray(domain, dtype=float).T)
    still = direction == 0
    within = (x >= domain[:, 0]) & (x <= domain[:, 1])
    first = np.where(still, np.where(within, -np.inf, np.inf), np.minimum(a, b)).max(1)
    last = np.where(still, np.inf, np.maximum(a, b)).min(1)
    return (first <= last) & (last >= 0) & (first <= length)


def cone(data: WaveData, extension: Extension, speed: float) -> np.ndarray:
    """Flags (T, ...) by the domain of influence of waves that run every way: distance <= speed (T - t), speed t."""
    side = np.diff(extension.domain)[0, 0]
    times = extension.t.reshape(-1, *[1] * len(extension.shape))
    enters = extension.distance * side <= speed * (data.t[-1] - times)
    left = extension.distance * side <= speed * (times - data.t[0])
    return enters * ENTERS + left * LEFT


def displacements(t: np.ndarray, cells: np.ndarray, side: float) -> np.ndarray:
    """How far each cell's characteristic of 2d Burgers moves along (1, 1) from each time to the last.

    On every line along (1, 1) the equation is that of one dimension, and characteristics run there with speed u. They
    are followed forwards through the periodic data; one that meets a shock goes on with it.

    Parameters
    ----------
    t, cells : (T,), (T, n, n)
    side : float
        Length of the square's side.

    Returns
    -------
    (T, n, n) array
        In units of x, along each axis.
    """
    n = cells.shape[1]
    grid = np.stack(np.meshgrid(np.arange(n), np.arange(n), indexing="ij")).astype(float)

    def at(field, moved):
        return map_coordinates(field, grid + moved * n / side, order=1, mode="grid-wrap")

    found = np.zeros(cells.shape)
    for k in range(len(t) - 2, -1, -1):
        moved, dt = np.zeros((n, n)), (t[k + 1] - t[k]) / SUBSTEPS
        for i in range(SUBSTEPS):
            now, half = (cells[k] + (i + a) / SUBSTEPS * (cells[k + 1] - cells[k]) for a in (0.0, 0.5))
            moved = moved + dt * at(half, moved + 0.5 * dt * at(now, moved))
        found[k] = moved + at(found[k + 1], moved)
    return found


def characteristics(data: WaveData, extension: Extension) -> np.ndarray:
    """Flags (T, ...) of 2d Burgers: by the way of a point's characteristic to the last time, and from the first.

    Forwards see `displacements`. Backwards a characteristic is a straight line, since none begins in a shock.
    """
    low, high = extension.domain[0]
    ways = displacements(data.t, _cells(data, extension.field), high - low)
    along, flags = np.ones(2), []
    for time, u in zip(extension.t, extension.u, strict=True):
        way = extension.spread(ways[data.index(time)]).ravel()
        enters = reaches(extension.x, along, way, extension.domain)
        left = reaches(extension.x, -along, u.ravel() * (time - data.t[0]), extension.domain)
        flags.append((enters * ENTERS + left * LEFT).reshape(extension.shape))
    return np.stack(flags)


def rays(data: WaveData, extension: Extension, speed: float, least: float = 0.01) -> np.ndarray:
    """Flags (T, ...) of 2d waves by the direction in which they run there, -u_t grad u, on straight rays.

    Where the size of that is below `least` of its maximum there is no wave to ask: `QUIET`.
    """
    low, high = extension.domain[0]
    cells = _cells(data, extension.field)
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1)), mode="wrap")
    slopes = [np.gradient(padded, (high - low) / cells.shape[1], axis=axis)[:, 1:-1, 1:-1] for axis in (1, 2)]
    flux = -np.gradient(cells, data.t, axis=0) * np.stack(slopes)  # (2, T, n, n)
    loudest, flags = np.linalg.norm(flux, axis=0).max(), []
    for time in extension.t:
        direction = extension.spread(flux[:, data.index(time)]).reshape(2, -1).T
        size = np.linalg.norm(direction, axis=1)
        loud = size >= least * loudest
        direction = direction / np.where(loud, size, np.inf)[:, None]
        enters = reaches(extension.x, direction, np.full(len(size), speed * (data.t[-1] - time)), extension.domain)
        left = reaches(extension.x, -direction, np.full(len(size), speed * (time - data.t[0])), extension.domain)
        flags.append(np.where(loud, enters * ENTERS + left * LEFT, QUIET).reshape(extension.shape))
    return np.stack(flags)


def classes(data: WaveData, extension: Extension) -> np.ndarray:
    """Flags (T, ...) of a 2d data set: by characteristics for burgers, by the cone for acoustics, 0 for advection.

    The swirl stands still on the sides of its square, so nothing enters or leaves it.

    Parameters
    ----------
    data : WaveData
        With all frames, by whose name the kind is chosen.
    extension : Extension
        Of the same data, at any of its times.
    """
    kinds = {"burgers": characteristics, "acoustics": lambda d, e: cone(d, e, SOUND),
             "advection": lambda d, e: np.zeros(e.u.shape, dtype=int)}
    if data.name not in kinds:
        raise ValueError(f"no classes for {data.name!r}: expected one of {', '.join(kinds)}")
    return kinds[data.name](data, extension)
