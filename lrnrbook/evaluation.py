"""Errors of a model on data, in physical units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

from lrnrbook.data import WaveData


@dataclass(frozen=True)
class Errors:
    """Relative l_q errors per field; index by field name.

    Attributes
    ----------
    fields : tuple of str
    q : int
    values : tuple of float: every point counts the same, as in the training loss
    area_weighted : tuple of float or None
        Every point weighted by the area of its cell; None where the data have no areas.
    """

    fields: tuple[str, ...]
    q: int
    values: tuple[float, ...]
    area_weighted: tuple[float, ...] | None

    def __getitem__(self, field: str) -> float:
        if field not in self.fields:
            raise KeyError(f"{field!r} is not a field of the data: expected one of {', '.join(self.fields)}")
        return self.values[self.fields.index(field)]

    @property
    def mean(self) -> float:
        """Mean over the fields."""
        return sum(self.values) / len(self.values)

    def as_dict(self) -> dict:
        """Plain numbers for a record."""
        weighted = self.area_weighted or [None] * len(self.values)
        rows = zip(self.fields, self.values, weighted, strict=True)
        return {field: {"points": value, "area": area} for field, value, area in rows}

    def __str__(self) -> str:
        areas = [f" ({a:.2e})" for a in self.area_weighted or ()] or [""] * len(self.fields)
        return ", ".join(f"{f} {v:.2e}{a}" for f, v, a in zip(self.fields, self.values, areas, strict=True))


def errors(model, data: WaveData, q: Literal[1, 2] = 1) -> Errors:
    """Relative l_q error of each field, ``(sum |v - u|^q / sum |u|^q)^(1/q)`` over all points and times.

    Of a field that the model has centred, since it varies little about a large mean, u is taken from the middle of its
    range: the error is relative to the wave, and not to what it rides upon. Data on disk are sampled, `data.spread`.

    Parameters
    ----------
    model : MetaNetwork: or anything with ``predict(data)`` -> list of (P_k, m) and ``fields``
    data : WaveData: with the model's fields, units and axes, in its order; dates from the same t = 0
    q : int: 1 or 2, the exponents of the paper

    Examples
    --------
    >>> import lrnrbook as lb
    >>> model, data = lb.load_pretrained("euler"), lb.load_data("euler")
    >>> bool(lb.errors(model, data)["pressure"] < 0.05)
    True
    """
    return both_errors(model, data)[q]


@torch.no_grad()
def both_errors(model, data) -> dict[int, Errors]:
    """`errors` for q = 1 and q = 2 from one prediction."""
    if not hasattr(model, "predict"):
        raise ValueError(f"model is a {type(model).__name__}: expected one with predict(data), as a MetaNetwork")
    if tuple(model.fields) != tuple(data.fields):
        raise ValueError(f"the model has the fields {tuple(model.fields)}, the data {tuple(data.fields)}: "
                         "expected the same (data.select picks fields)")
    since = getattr(model, "provenance", {}).get("data", {}).get("time")
    box = getattr(model, "normalisation", None)
    axes, given = getattr(box, "coordinates", {}), data.coordinates
    for what, ours, theirs in (
            ("times", [since], [data.setup.get("time")]), ("axes", [*axes], [*given] * ({*axes} == {*given})),
            ("units of axes", [*axes.values()], [*given.values()]),
            ("units of fields", [*getattr(model, "units", ())], [*data.units])):
        if ours and theirs and ours != theirs and {None, "1"}.isdisjoint((*ours, *theirs)):
            raise ValueError(f"the {what} of the model are {', '.join(ours)}, of the data {', '.join(theirs)}")
    sums = torch.zeros(2, 2, 2, len(data.fields), dtype=torch.float64)  # (q, points | area, error | norm, m)
    data, weighted = data.spread, data.area is not None
    middle = torch.tensor(getattr(box, "shift", ()) or 0.0, dtype=torch.float64)
    for frame, prediction in zip(data, model.predict(data), strict=True):
        u = torch.as_tensor(frame.u)
        terms = torch.stack([(prediction.cpu().double() - u).abs(), (u - middle).abs()])  # (2, P, m)
        for q in (1, 2):
            powers = terms**q
            sums[q - 1, 0] += powers.sum(1)
            if weighted:
                sums[q - 1, 1] += (powers * torch.as_tensor(frame.area)[:, None]).sum(1)
    if zero := [f for f, norm in zip(data.fields, sums[0, 0, 1], strict=True) if norm == 0]:
        raise ValueError(f"field {zero[0]!r} is zero at all points and times: a relative error needs a nonzero field")
    found = {q: ((sums[q - 1, :, 0] / sums[q - 1, :, 1]) ** (1 / q)).tolist() for q in (1, 2)}
    return {q: Errors(tuple(data.fields), q, tuple(a), tuple(b) if weighted else None) for q, (a, b) in found.items()}
