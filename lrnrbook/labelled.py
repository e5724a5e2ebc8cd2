"""Wave data to and from labelled data sets (xarray; NetCDF, HDF5 and Zarr through it), and from files of arrays."""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray

from lrnrbook.arrays import as_array

TIME_NAMES = ("t", "time")
AXIS_NAMES = ("x", "y", "z", "x1", "x2", "x3", "lon", "lat")  # columns of a table that are no fields
LABELLED = {".nc": None, ".nc4": None, ".cdf": None, ".zarr": "zarr", ".h5": "netcdf4", ".hdf5": "netcdf4"}
RESERVED = ("t", "x", "point", "obs", "row_size", "area", "patches", "patch_count", "parameters")
FORMAT = 1  # marks attributes written here, so that a "domain" or "name" of another origin is not misread
SPREAD = 2**20  # points whose values in memory stand for all of a file in norms and errors
IN_MEMORY = 2**30  # bytes as float64 up to which values are loaded
BLOCK = 2**26  # bytes as float64 that are read at once at most, but for a frame that has more


@dataclass(eq=False)
class Frames(Sequence):
    """Values of a file, as a sequence of T arrays (P, m) float64; a ValueError for a chunk that cannot be read."""

    path: Path
    variables: list[xarray.DataArray]  # of the m fields, opened and not loaded
    time: str  # their first dimension
    order: list[str]  # their others, as points follow one another
    frames: np.ndarray  # (T,): time indices in the file
    last: tuple[int, np.ndarray] = field(default=(-1, np.empty(0)), init=False)  # chunk in memory

    def __post_init__(self):
        first, T = self.variables[0], self.variables[0].sizes[self.time]
        chunk = first.encoding.get("preferred_chunks", {}).get(self.time, 1)
        self.length = max(1, min(chunk, BLOCK * T // (8 * first.size * len(self.variables))))  # times read at once

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, k: int) -> np.ndarray:
        block, place = divmod(int(self.frames[k]), self.length)
        if block != self.last[0]:
            self.last = block, self._read(block * self.length)
        return self.last[1][place]

    def _read(self, k: int) -> np.ndarray:
        """Values at the times from k on that are read at once (c, P, m)."""
        at = {self.time: slice(k, k + self.length)}
        try:
            parts = [v.isel(at).load().transpose(self.time, *self.order).values for v in self.variables]
            u = np.stack([part.reshape(len(part), -1) for part in parts], axis=2, dtype=float)
            if not np.isfinite(u).all():
                raise ValueError("values are missing or infinite")
        except Exception as error:  # every format and compressor has errors of its own
            raise ValueError(f"cannot read {str(self.path)!r} from time index {k} on ({' '.join(str(error).split())}): "
                             "expected finite values, in a file that is there and undamaged") from None
        return u


def arrays_to_xarray(data) -> xarray.Dataset:
    """See `WaveData.to_xarray`."""
    axes = ["x"] if data.dim == 1 and data.shared else [f"x{i + 1}" for i in range(data.dim)]
    if taken := [name for name in data.fields if name in (*RESERVED, *axes)]:
        raise ValueError(f"field {taken[0]!r} has the name of a coordinate in the labelled data set: rename the field")
    order = {"fields": data.fields, "axes": axes, "parameters": list(data.parameters), "coordinates": data.coordinates}
    attrs = {"lrnrbook_format": FORMAT, "name": data.name, "domain": data.domain.ravel(),
             "setup": json.dumps(data.setup), "order": json.dumps(order), "Conventions": "CF-1.11"}  # Zarr keeps none
    variables, coords = _shared_points(data, axes) if data.shared else _ragged_points(data, axes)
    if data.patches is not None:
        variables |= _patches(data.patches)
    if data.parameters:
        variables["parameters"] = (("t", "parameter"), np.stack(list(data.parameters.values()), 1))
    for name, unit in zip(data.fields, data.units, strict=True):
        variables[name] = (*variables[name], {"units": unit, "long_name": name})
    for axis, name in zip("XYZ", axes, strict=False):
        coords[name] = (*coords[name], {"axis": axis, "long_name": name})
    coords["t"] = ("t", data.t, {"axis": "T", "standard_name": "time", "long_name": "t"})
    for name, (own, unit) in zip(("t", *axes[:3]), data.coordinates.items(), strict=False):
        coords[name][-1].update({"long_name": own} | ({} if unit == "1" else {"units": unit.partition(" since ")[0]}))
    return xarray.Dataset(variables, coords, attrs)


def xarray_to_arrays(dataset, fields: Sequence[str] | None, axes: Sequence[str] | None, path=None) -> dict:
    """Return the arguments of `WaveData.from_arrays`; large ones of a file at `path` stay there."""
    time = _time_coordinate(dataset)
    if unknown := [name for name in fields or () if name not in dataset.data_vars]:
        raise ValueError(f"unknown field {unknown[0]!r}: the data set has {', '.join(map(str, dataset.data_vars))}")
    if dataset.attrs.get("lrnrbook_format") == FORMAT:
        order = json.loads(dataset.attrs["order"])
        fields = [name for name in order["fields"] if name in dataset] if fields is None else fields
        if list(axes := axes or order["axes"]) != order["axes"]:
            raise ValueError(f"axes = {axes}: expected {order['axes']}, in the order of the file")
    ragged = [v for v in dataset.data_vars.values() if "sample_dimension" in v.attrs]
    arrays = (_read_ragged if ragged else _read_dense)(dataset, fields, axes, time.dims[0], path)
    times, known = time.values, [dataset[name] for name in (time.name, *arrays.pop("axes"))]
    units = {c.name: str(c.attrs.get("units", "1")).partition(" since ")[0] or "1" for c in known}
    if times.dtype.kind == "M":  # dates
        arrays["setup"], times = {"time": f"seconds since {times[0].astype('M8[us]')}"}, times - times[0]
    if times.dtype.kind == "m":  # spans of time
        units[time.name], times = "s", times / np.timedelta64(1, "s")
    arrays["coordinates"] = units
    if dataset.attrs.get("lrnrbook_format") == FORMAT:
        arrays |= {"name": dataset.attrs["name"], "setup": json.loads(dataset.attrs["setup"]),
                   "domain": np.reshape(dataset.attrs["domain"], (-1, 2)), "patches": _read_patches(dataset),
                   "coordinates": order.get("coordinates")}
        names = order.get("parameters")
        arrays["parameters"] = dict(zip(names, dataset["parameters"].values.T, strict=True)) if names else None
    arrays["units"] = [str(dataset[name].attrs.get("units", "1")) for name in arrays["fields"]]
    arrays["t"] = times
    return arrays if isinstance(arrays["u"], Frames) else without_missing(arrays)


def open_arrays(path, fields: Sequence[str] | None, axes: Sequence[str] | None, select: Mapping | None) -> dict:
    """Return the arguments of `WaveData.from_arrays`; see `WaveData.open`."""
    path = Path(path)
    readers = {".npz": _read_npz, ".csv": _read_table} | dict.fromkeys(LABELLED, _read_labelled)
    if not path.exists() or path.suffix.lower() not in readers:
        what = "has an unknown ending" if path.exists() else "is not there"
        vtk = "frames as meshio reads them, for WaveData.from_arrays, or " * (path.suffix[1:4] in ("vtk", "vtu", "pvd"))
        raise ValueError(f"{str(path)!r} {what}: expected {vtk}a file of wave data, {', '.join(readers)}")
    if select and path.suffix.lower() not in LABELLED:
        raise ValueError(f"select = {select} of {str(path)!r}: expected a file of {', '.join(LABELLED)}")
    return {"name": path.stem} | readers[path.suffix.lower()](path, fields, axes, select or {})


def _unreadable(path: Path, error, expected: str) -> ValueError:
    return ValueError(f"cannot read {str(path)!r} ({' '.join(str(error).split())}): expected {expected}")


def _read_labelled(path: Path, fields, axes, select: Mapping) -> dict:
    try:
        dataset = xarray.open_dataset(path, engine=LABELLED[path.suffix.lower()], decode_timedelta=False)
    except (OSError, ValueError, ImportError) as error:
        raise _unreadable(path, str(error).partition("\n")[0], "a file that xarray opens (NetCDF and HDF5 need netCDF4 "
                          "installed, Zarr needs zarr)") from None
    with dataset:
        for dim, k in select.items():
            if type(k) is bool or not hasattr(k, "__index__") or k not in range(-(n := dataset.sizes.get(dim, 0)), n):
                raise ValueError(f"select has {dim!r} = {k!r}: the dimensions are {dict(dataset.sizes)}")
        try:
            return xarray_to_arrays(dataset.isel(select), fields, axes, path)
        except RuntimeError as error:  # of a chunk that no longer unpacks
            raise _unreadable(path, error, "an undamaged file") from None


def _read_npz(path: Path, fields, axes, select) -> dict:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {k: np.asarray(file[k]) for k in ("t", "x", "u", "area", "domain", "fields", "units") if k in file}
    except Exception as error:  # zipfile, zlib and NumPy raise nearly anything on damaged bytes
        raise _unreadable(path, error, "arrays as numpy.savez writes them") from None
    if missing := [name for name in ("t", "x", "u") if name not in arrays]:
        raise ValueError(f"{str(path)!r} has no array {missing[0]!r}: expected t (T,), x (P, d) and u (T, P, m)")
    arrays |= {name: arrays[name].astype(str).tolist() for name in ("fields", "units") if name in arrays}
    at, u = {k: i for k, i in {"t": 0, "x": 1, "area": 1}.items() if k in arrays}, arrays["u"]
    fits = u.ndim > 1 and all(arrays[name].shape[:1] == u.shape[i : i + 1] for name, i in at.items())
    return (without_missing if fits else dict)({"fields": fields} | arrays)  # what does not fit, `from_arrays` says


def _read_table(path: Path, fields, axes, select) -> dict:
    try:
        table = pd.read_csv(path, usecols=lambda name: not name.startswith("Unnamed:"))  # numbers of rows
    except (OSError, ValueError) as error:
        raise _unreadable(path, error, "a table whose first line has names") from None
    times = [name for name in table.columns if name in TIME_NAMES]
    axes = list(axes or [name for name in table.columns if name in AXIS_NAMES and name not in (fields or ())])
    fields = list(fields or [name for name in table.columns if name not in (*times, *axes)])
    if not (times and axes and fields and len(table)) or not {*axes, *fields} <= {*table.columns}:
        raise ValueError(f"{str(path)!r} has columns {', '.join(table.columns)} and {len(table)} rows: expected t or "
                         "time, coordinates (x, y, ..., or axes=[...]), and fields")
    table[[*axes, *fields]] = np.stack([as_array(table[c], f"column {c!r}", (1,)) for c in (*axes, *fields)], 1)
    frames = table.groupby(times[0], dropna=False)
    t, x, u = zip(*((t, part[axes].to_numpy(), part[fields].to_numpy()) for t, part in frames), strict=True)
    same = all(np.array_equal(a, x[0]) for a in x)
    return without_missing({"t": np.array(t), "x": x[0] if same else list(x), "u": list(u), "fields": fields})


def without_missing(arrays: dict[str, Any]) -> dict[str, Any]:
    """Leave out points at which a field is missing (NaN), and say how many they are."""
    us = [np.atleast_1d(as_array(u, "u", (0, 1, 2))) for u in arrays["u"]]
    there = [~np.isnan(u.reshape(len(u), -1)).any(1) for u in us]
    if all(keep.all() for keep in there):
        return arrays
    for t, keep in zip(as_array(arrays["t"], "t", (1,)), there, strict=True):
        if not keep.any():
            raise ValueError(f"at t = {t:g} every point is missing (NaN or masked): expected some in each frame")
    gone, total = sum(int((~keep).sum()) for keep in there), sum(map(len, there))
    warnings.warn(f"{gone} of {total} values are missing (NaN or masked): their points are left out", stacklevel=4)
    arrays, always = dict(arrays), all(np.array_equal(keep, there[0]) for keep in there)
    for name in ("x", "area"):
        if isinstance(values := arrays.get(name), np.ndarray):  # one for all times
            arrays[name] = values[there[0]] if always else [values[keep] for keep in there]
        elif values is not None:
            arrays[name] = [a[keep] for a, keep in zip(values, there, strict=True)]
    return arrays | {"u": [u[keep] for u, keep in zip(us, there, strict=True)]}


def _shared_points(data, axes: list[str]) -> tuple[dict, dict]:
    point = "x" if data.dim == 1 else "point"
    u = np.stack(data.u)  # (T, P, m)
    variables = {name: (("t", point), u[:, :, j]) for j, name in enumerate(data.fields)}
    if data.area is not None:
        same = all(area is data.area[0] for area in data.area)
        variables["area"] = ((point,), data.area[0]) if same else (("t", point), np.stack(data.area))
    return variables, {axis: ((point,), data.x[0][:, i]) for i, axis in enumerate(axes)}


def _ragged_points(data, axes: list[str]) -> tuple[dict, dict]:
    u, x = np.concatenate(data.u), np.concatenate(data.x)
    variables = {name: (("obs",), u[:, j]) for j, name in enumerate(data.fields)}
    variables["row_size"] = (("t",), [len(x) for x in data.x], {"sample_dimension": "obs"})
    if data.area is not None:
        variables["area"] = (("obs",), np.concatenate(data.area))
    return variables, {axis: (("obs",), x[:, i]) for i, axis in enumerate(axes)}


def _patches(patches: tuple[np.ndarray, ...]) -> dict:
    dims = ("patch", "axis", "corner")
    if all(p is patches[0] for p in patches):
        return {"patches": (dims, patches[0])}
    return {"patches": (dims, np.concatenate(patches)), "patch_count": (("t",), [len(p) for p in patches])}


def _time_coordinate(dataset: xarray.Dataset) -> xarray.DataArray:
    marked = [name for name, c in dataset.coords.items()
              if c.attrs.get("axis") == "T" or c.attrs.get("standard_name") == "time"]
    found = [dataset[name] for name in (*TIME_NAMES, *marked) if name in dataset.coords and dataset[name].ndim == 1]
    if not found:
        known = ", ".join(map(str, dataset.coords)) or "none"
        raise ValueError(f"no time coordinate 't' or 'time' along a dimension: the coordinates are {known}")
    if found[0].dtype.kind not in "iufmM":
        raise ValueError(f"time coordinate {found[0].name!r} holds {found[0].dtype}: expected numbers or dates")
    return found[0]


def _read_dense(dataset: xarray.Dataset, fields: Sequence[str] | None, axes: Sequence[str] | None, time: str, path):
    if fields is None:
        others = {*RESERVED[4:], *(c.attrs.get("bounds") for c in dataset.coords.values())}
        fields = [name for name, v in dataset.data_vars.items()
                  if time in v.dims and v.ndim > 1 and name not in others and v.dtype.kind in "biuf"]
    if not fields:
        raise ValueError(f"no variable depends on {time!r} and space: the data set has {list(dataset.data_vars)}")
    space = [dim for dim in dataset[fields[0]].dims if dim != time]
    for name in fields:
        if set(dataset[name].dims) != {time, *space}:
            raise ValueError(f"field {name!r} has dimensions {dataset[name].dims}: expected {(time, *space)}")
    axes = _axes(dataset, space) if axes is None else list(axes)
    if not axes or len({*axes}) < len(axes):
        raise ValueError(f"axes {axes} of {fields[0]!r}: expected the coordinates along {space or 'space'}, each once")
    for name in axes:
        if name not in dataset.coords or dataset[name].ndim != 1 or dataset[name].dims[0] not in space:
            raise ValueError(f"axis {name!r} is not a coordinate along one of the dimensions {', '.join(space)}")
    dims = [dataset[name].dims[0] for name in axes]
    if len(space) > 1 and sorted(dims) != sorted(space):
        raise ValueError(f"axes {axes} lie along dimensions {dims}: expected one along each of {space}")
    values = [dataset[name].values for name in axes]
    points = values if len(space) == 1 else [a.ravel() for a in np.meshgrid(*values, indexing="ij")]
    order = space if len(space) == 1 else dims
    arrays = {"x": np.stack(points, 1), "fields": [*fields], "axes": axes} | _read_area(dataset, fields, order, time)
    variables, T = [dataset[name] for name in fields], dataset.sizes[time]
    if path and 8 * len(fields) * variables[0].size > IN_MEMORY:
        return arrays | {"u": Frames(path, variables, time, order, np.arange(T))}
    return arrays | {"u": np.stack([v.transpose(time, *order).values.reshape(T, -1) for v in variables], axis=2)}


def _axes(dataset: xarray.Dataset, space: list[str]) -> list[str]:
    """Names of the space coordinates where the caller has not said them."""
    if len(space) == 1:
        others = [name for name, c in dataset.coords.items()
                  if c.dims == (space[0],) and name != space[0] and c.dtype.kind in "iuf"]
        if others and (space[0] in dataset.coords or 0 < sum(name in AXIS_NAMES for name in others) < len(others)):
            names = ", ".join([*([space[0]] if space[0] in dataset.coords else []), *others])
            raise ValueError(f"{names} are coordinates along one dimension: expected axes=[...] to say which count")
        if others:
            return others
    if missing := [dim for dim in space if dim not in dataset.coords]:
        raise ValueError(f"dimension {missing[0]!r} has no coordinate: expected one that says where its points lie, or "
                         f"select={{{missing[0]!r}: index}}")
    return list(space)


def _read_area(dataset: xarray.Dataset, fields: Sequence[str], order: list[str], time: str) -> dict:
    if "area" not in dataset.data_vars or "area" in fields:
        return {}
    area = dataset["area"]
    if set(area.dims) == set(order):
        return {"area": area.transpose(*order).values.ravel()}
    if set(area.dims) == {time, *order}:
        return {"area": list(area.transpose(time, *order).values.reshape(dataset.sizes[time], -1))}
    return {}


def _read_ragged(dataset, fields: Sequence[str] | None, axes: Sequence[str] | None, time: str, path) -> dict:
    (size,) = (v for v in dataset.data_vars.values() if "sample_dimension" in v.attrs)
    obs = size.attrs["sample_dimension"]
    cuts = np.cumsum(size.values)[:-1]
    if size.values.sum() != dataset.sizes[obs]:
        raise ValueError(f"{size.name!r} adds up to {size.values.sum()}, but {obs!r} has {dataset.sizes[obs]} entries")
    if fields is None:
        fields = [name for name, v in dataset.data_vars.items() if v.dims == (obs,) and name not in RESERVED]
    axes = _axes(dataset, [obs]) if axes is None else list(axes)
    if wrong := [name for name in (*fields, *axes) if name not in dataset or dataset[name].dims != (obs,)]:
        raise ValueError(f"field or axis {wrong[0]!r}: expected a variable along {obs!r} alone")
    x, u = (np.stack([dataset[name].values for name in names], axis=1) for names in (axes, fields))
    arrays = {"x": np.split(x, cuts), "u": np.split(u, cuts), "fields": list(fields), "axes": axes}
    if "area" in dataset and "area" not in fields:
        arrays["area"] = np.split(dataset["area"].values, cuts)
    return arrays


def _read_patches(dataset: xarray.Dataset) -> Any:
    if "patches" not in dataset:
        return None
    patches = dataset["patches"].values
    return np.split(patches, np.cumsum(dataset["patch_count"].values)[:-1]) if "patch_count" in dataset else patches
