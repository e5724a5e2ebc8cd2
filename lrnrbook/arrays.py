"""What is taken, arguments by their hints and arrays as `WaveData` checks them, in a sentence; and how it is shown."""

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from html import escape
from itertools import product
from numbers import Integral, Real
from types import FunctionType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor


class Numbers:
    """Hint: finite real numbers, one or an array of any shape but (0,); of a tensor only the type is looked at."""


def fits(value, hint) -> bool:
    """Whether a value is of a class, of one of several, a literal, or a list of such; whole numbers are at least 0."""
    base, parts = get_origin(hint) or hint, get_args(hint)
    if base is UnionType:
        return any(fits(value, part) for part in parts)
    if base is Literal:
        return any(type(value) is type(part) and value == part for part in parts)
    if base in (int, float):
        kind, least = (Integral, 0) if base is int else (Real, -1.7e308)
        most = 2**63 - 1 if isinstance(value, Integral) else 1.7e308
        return isinstance(value, kind) and type(value) is not bool and bool(least <= value <= most)
    if base in (Sequence, tuple):
        many = hasattr(value, "__len__") and not isinstance(value, str | bytes | dict) and getattr(value, "ndim", 1)
        return bool(many) and (base is Sequence or ... in parts or len(parts) == len(value)) and all(
            fits(one, part) for one in value for part in parts[:1])
    if base is Numbers and not isinstance(value, Tensor):
        try:
            array = np.ma.asarray(value)
        except ValueError:  # rows of several lengths
            return False
        numbers = array.dtype.kind in "biuf" and array.shape != (0,) and not np.ma.is_masked(array)
        return numbers and bool(np.isfinite(array.data).all())
    return not value.is_complex() if base is Numbers else not isinstance(base, type) or isinstance(value, base)


def checked(what: Callable) -> Callable:
    """The function, or the class with its public methods, refusing what does not fit."""
    if isinstance(what, type):
        for name, part in list(vars(what).items()):
            if (name[0] != "_" or name in ("__init__", "__call__")) and isinstance(part, FunctionType | classmethod):
                new = checked(getattr(part, "__func__", part))
                setattr(what, name, classmethod(new) if isinstance(part, classmethod) else new)
        return what
    signature, hints = inspect.signature(what), get_type_hints(what)

    @wraps(what)
    def call(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        for name, value in bound.arguments.items():
            bound.arguments[name] = value = value.item() if isinstance(value, np.generic) else value
            if name in hints and not fits(value, hints[name]):
                words = signature.parameters[name].annotation.replace("Numbers", "finite real numbers")
                words, given = words.replace(" | ", " or "), " ".join(repr(value).split())[:200]
                raise ValueError(f"{name} = {given}: expected {words}")
        return what(*bound.args, **bound.kwargs)

    return call


def map_frames(frames: tuple[np.ndarray, ...], function: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, ...]:
    """Apply a function to each array, once where several times share one."""
    done = {id(a): function(a) for a in frames}
    return tuple(done[id(a)] for a in frames)


def _is_list(value: Any) -> bool:
    """Whether this is a list of arrays, one a time, rather than one array written as nested lists."""
    return isinstance(value, (list, tuple)) and len(value) > 0 and hasattr(value[0], "shape") and np.ndim(value[0]) > 0


def as_array(value: ArrayLike, what: str, ndim: tuple[int, ...]) -> np.ndarray:
    """An array of real numbers, float64, of one of the dimensions `ndim`."""
    if np.ma.isMaskedArray(value):
        value = value.astype(float).filled(np.nan)  # so that a masked value is found, not its filler taken
    try:
        if (dtype := np.asarray(value).dtype).kind in "cmM":
            raise ValueError(f"{dtype} values, expected real ones")
        array = np.array(value, dtype=float)
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise ValueError(f"{what} is not an array of numbers: {error}") from None
    if array.ndim not in ndim:
        raise ValueError(f"{what} has shape {array.shape}: expected {' or '.join(f'{n}d' for n in ndim)}")
    return array


def as_frames(value: Any, T: int, what: str, ndim: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Split into one array a time; an array for all times, or T equal ones, become one object."""
    if not _is_list(value):
        return (as_array(value, what, ndim),) * T
    if len(value) != T:
        raise ValueError(f"{what} is a list of {len(value)} arrays: expected one for each of the {T} times")
    frames = tuple(as_array(a, f"{what}[{k}]", ndim) for k, a in enumerate(value))
    same = all(np.array_equal(a, frames[0]) for a in frames[1:])
    return frames[:1] * T if same else frames


def as_values(u: Any, T: int) -> tuple[np.ndarray, ...]:
    """Values u as T arrays (P_k, m)."""
    if _is_list(u):
        frames = as_frames(u, T, "u", (1, 2))
    else:
        array = as_array(u, "u", (2, 3))
        if len(array) != T:
            raise ValueError(f"u has shape {array.shape}: expected {T} entries along the first axis, one a time")
        frames = tuple(array)
    return tuple(a[:, None] if a.ndim == 1 else a for a in frames)


def bounding_box(xs: tuple[np.ndarray, ...]) -> np.ndarray:
    """Smallest box that holds all points, (d, 2)."""
    points = np.concatenate([x for k, x in enumerate(xs) if k == 0 or x is not xs[0]])
    return np.stack([points.min(axis=0), points.max(axis=0)], axis=1)


def check_times(t: np.ndarray, new: np.ndarray) -> None:
    """Refuse fewer than two times, and times that do not increase or are not finite; where `new`, a run begins."""
    if len(t) < 2:
        raise ValueError(f"t has shape {t.shape}: expected at least two times")
    if not np.isfinite(t).all():
        k = int(np.argmin(np.isfinite(t)))
        raise ValueError(f"t[{k}] is {t[k]}: expected finite times")
    if (wrong := (np.diff(t) <= 0) & ~new).any():
        k = int(np.argmax(wrong))
        raise ValueError(f"t[{k}] = {t[k]} is followed by t[{k + 1}] = {t[k + 1]}: expected strictly increasing times")


def check_parameters(parameters: dict[str, np.ndarray], T: int) -> np.ndarray:
    """Refuse parameters that are no T finite numbers, and runs with the same ones; returns where runs end, (T - 1,)."""
    for name, values in parameters.items():
        if values.shape != (T,) or not np.isfinite(values).all() or not name or len(parameters) > 6:
            raise ValueError(f"parameter {name!r} of {len(parameters)} is {str(values)[:200]}: expected a name and "
                             f"finite numbers ({T},), one a frame, of at most six parameters")
    rows = np.stack([np.zeros(T), *parameters.values()], 1)
    new = (np.diff(rows, axis=0) != 0).any(1)
    if 0 < len(np.unique(rows, axis=0)) <= new.sum():
        raise ValueError(f"frames of a run are apart, or two runs have the same values of {', '.join(parameters)}: "
                         "expected the frames of a run one after the other, and other values in each run")
    return new


def join_runs(runs: Sequence, parameters: Mapping[str, ArrayLike]) -> dict:
    """What a family of runs has that its first run has not; runs that do not belong together are refused."""
    runs = [run.loaded() for run in runs]
    if len(runs) < 2 or not parameters:
        raise ValueError(f"{len(runs)} runs with {len(parameters)} parameters: expected at least two runs, and one "
                         "parameter or more")
    expected = {what: getattr(runs[0], what) for what in ("fields", "units", "dim", "coordinates")} | {"parameters": {}}
    for k, what in product(range(len(runs)), expected):
        if repr(found := getattr(runs[k], what)) != repr(expected[what]):  # coordinates in their order, too
            raise ValueError(f"run {k} has {what} {found}: expected {expected[what]}, as in every run")
    found = {}
    for name, values in parameters.items():
        values = as_array(values, f"parameter {name!r}", (1,))
        if len(values) != len(runs) or not np.isfinite(values).all() or np.ptp(values) == 0:
            raise ValueError(f"parameter {name!r} is {values.tolist()}: expected a finite number for each of the "
                             f"{len(runs)} runs, not the same in all of them")
        found[str(name)] = values.repeat([len(run) for run in runs])
    joined = {"t": np.concatenate([run.t for run in runs]), "parameters": found,
              "domain": bounding_box(tuple(run.domain.T for run in runs))}
    for name in ("x", "u", "area", "patches"):
        parts = [getattr(run, name) for run in runs]
        frames = () if any(part is None for part in parts) else tuple(a for part in parts for a in part)
        same = all(a is frames[0] or np.array_equal(a, frames[0]) for a in frames)
        joined[name] = (frames[:1] * len(frames) if same else frames) or None
    return joined


def as_json(setup: dict[str, Any]) -> dict[str, Any]:
    """A copy of what can be written as JSON."""
    try:
        return json.loads(json.dumps(setup))
    except (TypeError, ValueError) as error:
        raise ValueError(f"setup cannot be written as JSON: {error}") from None


def check_names(fields: tuple[str, ...], units: tuple[str, ...]) -> None:
    """Refuse names that are empty or come twice, and units of another number."""
    if not fields or "" in fields:
        raise ValueError(f"fields are {list(fields)}: expected at least one name, and none empty")
    twice = [name for i, name in enumerate(fields) if name in fields[:i]]
    if twice:
        raise ValueError(f"field {twice[0]!r} appears more than once in {list(fields)}: expected distinct names")
    if len(units) != len(fields):
        raise ValueError(f"got {len(units)} units {list(units)} for {len(fields)} fields {list(fields)}")


def check_coordinates(coordinates: Mapping[str, str], d: int) -> None:
    """Refuse names and units of time and the d axes that are no text, or of another number, unless there are none."""
    words = [*coordinates, *coordinates.values()]
    if len(words) not in (0, 2 + 2 * d) or not all(isinstance(word, str) and word for word in words):
        raise ValueError(f"coordinates = {str(coordinates)[:200]}: expected name and unit of t and {d} axes, or none")


def with_unit(name: str, unit: str) -> str:
    """A name as for an axis: "pressure [Pa]", or "pressure" if dimensionless."""
    return name if unit == "1" else f"{name} [{unit}]"


def axis_labels(coordinates: Mapping[str, str], d: int) -> list[str]:
    """Time and the d axes as for an axis of a figure: by name and unit, or t, x (or x₁, ...) if they have none."""
    space = ["x"] if d == 1 else [f"x{'₁₂₃₄₅₆₇₈₉'[i:i + 1]}" for i in range(d)]
    return [with_unit(*pair) for pair in (coordinates or dict.fromkeys(["t", *space], "1")).items()]


def described(what, box, times) -> dict[str, str]:
    """Rows of a table that data and models share: fields, and ends of time, axes and parameters."""
    labels = [*axis_labels(box.coordinates, len(box.domain)), *box.parameters]
    ends = zip(labels, (times, *box.domain, *box.parameters.values()), strict=True)
    return {"fields": ", ".join(map(with_unit, what.fields, what.units))} | {
        label: f"{min(values):g} to {max(values):g}" for label, values in ends}


def html_table(title: str, rows: Mapping[str, Any]) -> str:
    """Names and values as a table for notebooks."""
    body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in rows.items())
    return f'<table class="dataframe"><thead><tr><th colspan="2">{escape(title)}</th></tr></thead>{body}</table>'


def check_points(xs: tuple[np.ndarray, ...]) -> None:
    """Refuse points of different dimensions, none at all, and coordinates that are not finite."""
    for k, x in enumerate(xs[:1] if xs[0] is xs[-1] else xs):
        if len(x) < (1 if x is xs[0] is xs[-1] else 2):  # a gauge is at one point at all times
            raise ValueError(f"x at time index {k} has shape {x.shape}: expected at least two points")
        if x.shape[1] != xs[0].shape[1]:
            raise ValueError(f"x at time index {k} has shape {x.shape}: expected {xs[0].shape[1]} columns, as at 0")
        if not np.isfinite(x).all():
            i, j = np.argwhere(~np.isfinite(x))[0]
            raise ValueError(f"x is {x[i, j]} at time index {k}, point {i}: expected finite coordinates")


def check_values(xs: tuple[np.ndarray, ...], us: tuple[np.ndarray, ...], fields: tuple[str, ...],
                 area: tuple[np.ndarray, ...] | None, patches: tuple[np.ndarray, ...] | None) -> None:
    """Check what belongs to the points."""
    d, m = xs[0].shape[1], len(fields)
    for k, (x, u) in enumerate(zip(xs, us, strict=True)):
        if u.shape != (len(x), m):
            what = f"{len(x)} points and the {'fields' if m > 1 else 'field'} {', '.join(fields)}"
            raise ValueError(f"u at time index {k} has shape {u.shape}: expected {(len(x), m)}, for {what}")
        if not np.isfinite(u).all():
            i, j = np.argwhere(~np.isfinite(u))[0]
            where = f"at time index {k}, point {i}"
            raise ValueError(f"field {fields[j]!r} is {u[i, j]} {where}: expected finite values")
        if area is not None and area[k].shape != (len(x),):
            raise ValueError(f"area at time index {k} has shape {area[k].shape}: expected {(len(x),)}, one a point")
        if area is not None and not (there := (area[k] > 0) & np.isfinite(area[k])).all():
            i = int(np.argmin(there))
            raise ValueError(f"area is {area[k][i]:g} at time index {k}, point {i}: expected positive cell sizes")
        if patches is not None and patches[k].shape[1:] != (d, 2):
            raise ValueError(f"patches at time index {k} have shape {patches[k].shape}: expected (n, {d}, 2)")


def check_domain(domain: np.ndarray, xs: tuple[np.ndarray, ...]) -> None:
    """Refuse a box that is none, or that points lie outside of."""
    if domain.shape != (xs[0].shape[1], 2):
        raise ValueError(f"domain has shape {domain.shape}: expected {(xs[0].shape[1], 2)}, a lower and an upper bound "
                         "for each axis")
    lower, upper = domain.T
    if not (np.isfinite(domain).all() and (lower < upper).all()):
        raise ValueError(f"domain is {domain.tolist()}: expected finite bounds, each lower one below its upper one")
    slack = 1e-9 * (upper - lower)  # (d,): points on the boundary may be off by rounding
    for k, x in enumerate(xs[:1] if xs[0] is xs[-1] else xs):
        outside = ~((x >= lower - slack) & (x <= upper + slack)).all(axis=1)
        if outside.any():
            i = int(np.argmax(outside))
            where = f"at time index {k}, point {i}"
            raise ValueError(f"x is {x[i].tolist()} {where}: expected a point within the domain {domain.tolist()}")
