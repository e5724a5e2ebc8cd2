"""Arguments of public functions are what their hints say; else a ValueError names the value and what was expected."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from numbers import Integral, Real
from types import FunctionType, UnionType
from typing import Literal, get_args, get_origin, get_type_hints

import numpy as np
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
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            if name in hints and not fits(value, hints[name]):
                words = signature.parameters[name].annotation.replace("Numbers", "finite real numbers")
                words, given = words.replace(" | ", " or "), " ".join(repr(value).split())[:200]
                raise ValueError(f"{name} = {given}: expected {words}")
        return what(*args, **kwargs)

    return call
