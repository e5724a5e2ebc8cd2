"""Wave data: snapshots of m fields at scattered points, at T times (section 4.2).

The points may be the same at all times (a grid in one dimension) or differ (adaptive mesh refinement,
section 4.2.2). Everything is float64 NumPy in physical units; models bring their own normalisation.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise
from typing import Any

import numpy as np
import xarray
from numpy.typing import ArrayLike

from lrnrbook import arrays
from lrnrbook.labelled import SPREAD, Frames, arrays_to_xarray, open_arrays, xarray_to_arrays


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state at one time: P points in d dimensions, m fields.

    Attributes
    ----------
    t : float: time
    x : ndarray (P, d): points
    u : ndarray (P, m): field values at the points
    area : ndarray (P,) or None: length, area or volume of each point's cell
    patches : ndarray (n, d, 2) or None: lower and upper corners of the grid patches that the points come from
    parameters : dict: of a family of waves, the value of each parameter by name
    """

    t: float
    x: np.ndarray
    u: np.ndarray
    area: np.ndarray | None = None
    patches: np.ndarray | None = None
    parameters: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class WaveData:
    """Snapshots of wave fields at increasing times; made by `from_arrays`, `from_xarray` or `load_data`.

    A family of waves (`from_runs`) has the frames of its runs one after the other: T of them in all, and the times
    increase within each run. Every instance has passed the checks of `from_arrays`. Arrays that several times share are
    one object.

    Attributes
    ----------
    t : ndarray (T,): times, strictly increasing
    x, u : tuples of T ndarrays (P_k, d) and (P_k, m)
        Points and field values; those of a large file stay there, see `open`.
    fields, units : tuples of m str
        Names and units of the fields; "1" is dimensionless.
    domain : ndarray (d, 2): lower and upper bound of each axis
    area : tuple of T ndarrays (P_k,), or None: cell sizes
    patches : tuple of T ndarrays (n_k, d, 2), or None: grid patches
    name : str: name for titles and records
    setup : dict: where the data come from (equation, solver, version, ...); it can be written as JSON
    parameters : dict of ndarrays (T,)
        Of a family, the values of each parameter by name; a run is what has the same ones. Else empty.
    coordinates : dict of str: name and unit of time and of each axis, as {"t": "s", "x": "m"}; empty if not known

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(0, 1, 5)
    >>> t = np.array([0.0, 0.5, 1.0])
    >>> WaveData.from_arrays(t, x, np.sin(x - t[:, None]), ["height"], units=["m"])
    WaveData 'data': height [m], 1d, 3 times in [0, 1], 5 points
    """

    t: np.ndarray
    x: tuple[np.ndarray, ...]
    u: Frames | tuple[np.ndarray, ...]
    fields: tuple[str, ...]
    units: tuple[str, ...]
    domain: np.ndarray
    area: tuple[np.ndarray, ...] | None = None
    patches: tuple[np.ndarray, ...] | None = None
    name: str = "data"
    setup: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, np.ndarray] = field(default_factory=dict)
    coordinates: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check everything."""
        arrays.check_times(self.t, arrays.check_parameters(self.parameters, len(self.t)))
        arrays.check_points(self.x)
        arrays.check_names(self.fields, self.units)
        some = [self.u[0]] if self.on_disk else self.u  # `Frames` check what they read
        arrays.check_values(self.x[: len(some)], some, self.fields, self.area, self.patches)
        arrays.check_domain(self.domain, self.x)
        arrays.check_coordinates(self.coordinates, self.dim)

    @classmethod
    def from_arrays(
        cls, t: ArrayLike, x: ArrayLike | Sequence[ArrayLike], u: ArrayLike | Sequence[ArrayLike],
        fields: Sequence[str] | None = None, *, area: ArrayLike | Sequence[ArrayLike] | None = None,
        domain: ArrayLike | None = None, units: Sequence[str] | None = None, name: str = "data",
        patches: ArrayLike | Sequence[ArrayLike] | None = None, setup: dict[str, Any] | None = None,
        parameters: Mapping[str, ArrayLike] | None = None, coordinates: Mapping[str, str] | None = None,
    ) -> WaveData:
        """Take arrays as wave data.

        Raises ValueError naming the offending value, if shapes do not fit, a value is not finite, times do not
        increase, names repeat, a point lies outside the domain, or a cell size is not positive.

        Parameters
        ----------
        t : (T,): times, strictly increasing, at least two
        x : (P, d), or (P,) if d = 1, or a list of T such arrays: points, the same at all times or one array a time
        u : (T, P, m), or (T, P) if m = 1, or a list of T arrays (P_k, m) or (P_k,): field values
        fields : m names, optional: by default "u", or "u1", "u2", ...
        area : (P,), or a list of T arrays (P_k,), optional: cell sizes, for area-weighted errors
        domain : (d, 2), or (2,) if d = 1, optional
            Lower and upper bound of each axis; by default the points' bounding box.
        units : m units, optional: by default "1", dimensionless
        name : str: name for titles and records
        patches : (n, d, 2), or a list of T such arrays, optional: lower and upper corners of grid patches, for pictures
        setup : dict, optional: where the data come from; must be JSON-able
        parameters : dict of (T,), optional: of a family that is given frame by frame; `from_runs` joins runs
        coordinates : dict of str, optional: name and unit of time, then of each axis, as {"t": "s", "x": "m"}
        """
        times = arrays.as_array(t, "t", (1,))
        mu = {str(name): arrays.as_array(a, f"parameter {name!r}", (1,)) for name, a in (parameters or {}).items()}
        arrays.check_times(times, arrays.check_parameters(mu, len(times)))
        xs = arrays.map_frames(arrays.as_frames(x, len(times), "x", (1, 2)), lambda a: a[:, None] if a.ndim == 1 else a)
        arrays.check_points(xs)
        us = u if isinstance(u, Frames) else arrays.as_values(u, len(times))
        box = arrays.bounding_box(xs) if domain is None else arrays.as_array(domain, "domain", (1, 2))
        m = us[0].shape[1]
        names = [f"u{i + 1}" if m > 1 else "u" for i in range(m)] if fields is None else [str(name) for name in fields]
        return cls(
            times, xs, us, tuple(names),
            ("1",) * len(names) if units is None else tuple(str(unit) or "1" for unit in units),
            box[None] if box.ndim == 1 else box,
            None if area is None else arrays.as_frames(area, len(times), "area", (1,)),
            None if patches is None else arrays.as_frames(patches, len(times), "patches", (3,)),
            str(name), arrays.as_json({} if setup is None else setup), mu, dict(coordinates or {}))

    @classmethod
    def from_runs(cls, runs: Sequence[WaveData], parameters: Mapping[str, ArrayLike]) -> WaveData:
        """Join runs of one wave with other parameters: a family, whose model takes (t, mu).

        The runs have the same fields in the same units, times and points may differ; `parameters` has a value for each
        run by name. Runs with the same values are refused, and values that are missing, not finite, or all the same.

        Examples
        --------
        >>> import numpy as np
        >>> x, t = np.linspace(0, 1, 50), np.linspace(0, 1, 11)
        >>> runs = [WaveData.from_arrays(t, x, np.tanh(9 * (x - c * t[:, None]))) for c in (0.5, 0.7, 0.9)]
        >>> WaveData.from_runs(runs, {"speed": [0.5, 0.7, 0.9]})
        WaveData 'data': u, 1d, 3 runs of speed in [0.5, 0.9], 33 times in [0, 1], 50 points
        """
        return dataclasses.replace(runs[0], **arrays.join_runs(runs, parameters))

    @cached_property
    def spans(self) -> list[range]:
        """Numbers of the frames of each run of a family, ``data[span]``; of one wave, of all frames."""
        new = arrays.check_parameters(self.parameters, len(self))
        return [range(a, b) for a, b in pairwise([0, *(np.flatnonzero(new) + 1).tolist(), len(self)])]

    @property
    def places(self) -> np.ndarray:
        """Time and parameters of each frame, (T, 1 + k)."""
        return np.column_stack([self.t, *self.parameters.values()])

    @classmethod
    def from_xarray(
        cls, dataset: xarray.Dataset, fields: Sequence[str] | None = None, *, axes: Sequence[str] | None = None
    ) -> WaveData:
        """Take variables of a labelled data set (opened from NetCDF, Zarr, ...) as wave data.

        Raises ValueError if time or space coordinates or a field are not found, and for what `from_arrays` refuses.

        Parameters
        ----------
        dataset : xarray.Dataset
            With a numeric time coordinate `t` or `time`, and either a tensor grid (a 1d coordinate for each
            further dimension), or one point dimension with a coordinate along it for each axis, or the
            layout of `to_xarray`.
        fields : names of variables, optional: by default every variable that depends on time and space
        axes : names of the space coordinates, optional
            In the order wanted; by default the order of the variable's dimensions, or of the coordinates.

        Examples
        --------
        >>> import numpy as np, xarray as xr
        >>> x, t = np.linspace(0, 1, 5), np.linspace(0, 2, 3)
        >>> grid = xr.Dataset({"p": (("time", "x"), np.cos(x - t[:, None]))}, {"time": t, "x": x})
        >>> WaveData.from_xarray(grid, ["p"])
        WaveData 'data': p, 1d, 3 times in [0, 2], 5 points
        """
        return cls.from_arrays(**xarray_to_arrays(dataset, fields, axes))

    @classmethod
    def open(cls, path, fields: Sequence[str] | None = None, *, axes: Sequence[str] | None = None,
             select: Mapping[str, int] | None = None) -> WaveData:
        """Read NetCDF, HDF5, Zarr (by xarray), .npz with arrays t, x, u, or .csv with columns t, coordinates, fields.

        Dates become seconds since the first. Points where a field is missing (NaN or masked) are left out; a warning
        says how many. ``select`` has an index along each dimension that is neither time nor space: ``{"level": 0}``.

        Values of more than 1 GiB as float64, on points that all times share, stay in their file; none may be missing.
        Then `fit` trains on 256 MiB of chunks at random while a thread reads the next ones, and errors are measured at
        a million random points. What needs all values (`from_runs`, `to_xarray`, `compare`, `report`) refuses.

        Raises ValueError if the file cannot be read, or holds what `from_xarray` or `from_arrays` refuses.
        """
        data = cls.from_arrays(**open_arrays(path, fields, axes, select))
        return data if fields is None or list(fields) == list(data.fields) else data.select(fields)

    def to_xarray(self) -> xarray.Dataset:
        """Return a labelled data set that `from_xarray` reads back to the same data.

        Points shared by all times have dimensions (t, x) in 1d, else (t, point) with coordinates x1, x2, ...
        along `point`. Points that differ are one after the other along `obs`, `row_size(t)` of them a time
        (the contiguous ragged arrays of the CF conventions).
        """
        return arrays_to_xarray(self.loaded())

    def select(self, fields: Sequence[str]) -> WaveData:
        """Return the data with these fields only, in this order.

        Raises ValueError if a field is not known.
        """
        index = [self._field_index(name) for name in fields]
        u = dataclasses.replace(self.u, variables=[self.u.variables[i] for i in index]) if self.on_disk else (
            arrays.map_frames(self.u, lambda a: a[:, index]))
        return dataclasses.replace(self, u=u, fields=tuple(fields), units=tuple(self.units[i] for i in index))

    def index(self, t: float) -> int:
        """Return the index of the snapshot nearest to time `t`, of a family in its first run."""
        return int(np.argmin(np.abs(self.t[self.spans[0]] - t)))

    def label(self, name: str) -> str:
        """Return a field's name with its unit, as for an axis: "pressure [Pa]", or "pressure" if dimensionless."""
        return arrays.with_unit(name, self.units[self._field_index(name)])

    @property
    def axis_labels(self) -> list[str]:
        """Time and each axis as for an axis of a figure: "x [m]", or "x" if nothing is known."""
        return arrays.axis_labels(self.coordinates, self.dim)

    def _field_index(self, name: str) -> int:
        if name not in self.fields:
            raise ValueError(f"unknown field {name!r}: known are {', '.join(self.fields)}")
        return self.fields.index(name)

    def __len__(self) -> int:
        """Return the number of times T."""
        return len(self.t)

    def __getitem__(self, k: int | slice | Sequence[int] | np.ndarray) -> Any:
        """Return the k-th `Snapshot`, or for a slice, list or flags of two times or more the `WaveData` of these."""
        if isinstance(k, str | bool) or not (hasattr(k, "__index__") or isinstance(k, slice | Sequence)):
            raise ValueError(f"data[{k!r}]: expected a whole number, or a slice, list or flags of times")
        if isinstance(k, slice | Sequence | np.ndarray) and getattr(k, "ndim", 1):
            k = np.arange(len(self))[k].tolist()
            frames = {name: getattr(self, name) for name in ("x", "u", "area", "patches")}
            cut = {name: dataclasses.replace(found, frames=found.frames[list(k)]) if isinstance(found, Frames)
                   else found and tuple(found[i] for i in k) for name, found in frames.items()}
            mu = {name: values[list(k)] for name, values in self.parameters.items()}
            return dataclasses.replace(self, t=self.t[list(k)], parameters=mu, **cut)
        optional = [None if frames is None else frames[k] for frames in (self.area, self.patches)]
        mu = {name: float(values[k]) for name, values in self.parameters.items()}
        return Snapshot(float(self.t[k]), self.x[k], self.u[k], *optional, mu)

    def __iter__(self) -> Iterator[Snapshot]:
        """Go through the snapshots."""
        return (self[k] for k in range(len(self)))

    def plot(self):
        """Figure of the fields: over space and time on a fixed grid in 1d, else at four times."""
        from lrnrbook.plots import plot_data

        return plot_data(self)

    def _repr_html_(self) -> str:
        return arrays.html_table(f"WaveData {self.name!r}", arrays.described(self, self, self.t) | {
            "runs": len(self.spans), "times": len(self),
            "points": " to ".join(map(str, sorted({end(map(len, self.x)) for end in (min, max)})))})

    def __repr__(self) -> str:
        """Say in one line what the data are."""
        counts = sorted({len(x) for x in self.x})
        points = f"{counts[0]} points" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} points a time"
        labels = ", ".join(self.label(name) for name in self.fields)
        span = f"{len(self)} times in [{self.t.min():g}, {self.t.max():g}]"
        family = " and ".join(f"{name} in [{mu.min():g}, {mu.max():g}]" for name, mu in self.parameters.items())
        runs = f"{len(self.spans)} runs of {family}, " if family else ""
        return f"WaveData {self.name!r}: {labels}, {self.dim}d, {runs}{span}, {points}" + ", on disk" * self.on_disk

    @property
    def dim(self) -> int:
        """Number of space dimensions d."""
        return len(self.domain)

    @property
    def shared(self) -> bool:
        """Whether all times have the same points (and `np.stack(data.u)` makes sense)."""
        return all(x is self.x[0] for x in self.x)

    @property
    def on_disk(self) -> bool:
        """Whether the values stay in their file."""
        return isinstance(self.u, Frames)

    def loaded(self) -> WaveData:
        """The data; a ValueError if they stay on disk."""
        if self.on_disk:
            raise ValueError(f"{self.name!r} is too large to be loaded: expected a part, which from_xarray takes")
        return self

    @cached_property
    def spread(self) -> WaveData:
        """The data; of those on disk the values at about a million points, random ones of each frame, in memory."""
        if not self.on_disk:
            return self
        picks = np.random.default_rng(0).integers(len(self.x[0]), size=(len(self), max(64, SPREAD // len(self))))
        cut = {name: tuple(a[i] for a, i in zip(getattr(self, name), picks, strict=True))
               for name in ("x", "u", "area") if getattr(self, name) is not None}
        return dataclasses.replace(self, **cut)

    @cached_property
    def max_abs(self) -> np.ndarray:
        """Largest magnitude of each field over all points and times, (m,)."""
        return np.max([np.abs(u).max(axis=0) for u in self.u], axis=0)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 (hex) over shapes and values of t, x, u, parameters; the same however they are stored in a file."""
        digest = hashlib.sha256("".join(self.parameters).encode())
        frames = (a for pair in zip(self.x, self.u, strict=True) for a in pair)  # one after the other, if on disk
        for array in chain([self.t], frames, self.parameters.values()):
            digest.update(repr(array.shape).encode())
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return digest.hexdigest()
