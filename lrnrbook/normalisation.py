"""Normalised units: x, t and parameters in [-1, 1], fields over their largest magnitude, or half their range."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import torch
from torch import Tensor

from lrnrbook.arrays import Numbers, check_coordinates, fits

CENTRED = 10.0  # a field is centred if its largest magnitude is more than so many times its range


def exact(values) -> Tensor:
    """Points, times or values before they are normalised: float32 would drown small steps in a large offset."""
    values = values if isinstance(values, Tensor) else torch.as_tensor(np.array(values, dtype=float))
    return values if values.is_floating_point() else values.double()


@dataclass(frozen=True)
class Normalisation:
    """Affine maps of x, t and parameters mu to [-1, 1] and of each field to magnitude at most 1.

    Tensors of floats are mapped in their own precision, everything else in float64: cast what comes out, not what goes
    in.

    Attributes
    ----------
    domain : tuple of (low, high), one a space dimension
    times : (first, last)
    scale : tuple of m floats, the largest magnitude of each field, or half its range if it is centred
    shift : tuple of m floats, the middle of each field that is centred, else 0; or empty
    parameters : dict of (low, high), the range of each parameter of a family of waves by name; or empty
    coordinates : dict of str, name and unit of time and of each dimension, as of `WaveData`; or empty

    Examples
    --------
    >>> box = Normalisation(((1e6, 1e6 + 1),), (0.0, 2.0), (5.0,))
    >>> box.unit_points([[1e6 + 0.75]]).tolist(), box.unit_times(0.5).tolist(), box.unit_values([2.5]).tolist()
    ([[0.5]], -0.5, [0.5])
    """

    domain: tuple[tuple[float, float], ...]
    times: tuple[float, float]
    scale: tuple[float, ...]
    shift: tuple[float, ...] = ()
    parameters: dict[str, tuple[float, float]] = field(default_factory=dict)
    coordinates: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        check_coordinates(self.coordinates, len(self.domain))
        for low, high in (*self.domain, self.times, *self.parameters.values()):
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise ValueError(f"[{low}, {high}] is no range of x, t or a parameter: expected finite numbers, the "
                                 "smaller first")
        if not all(math.isfinite(scale) and scale > 0 for scale in self.scale):
            raise ValueError(f"the scales of the fields are {self.scale}: expected positive finite numbers")
        if len(self.shift) not in (0, len(self.scale)) or not all(map(math.isfinite, self.shift)):
            raise ValueError(f"the middles of the fields are {self.shift}: expected none, or a finite number for each")

    @classmethod
    def of(cls, data) -> Normalisation:
        """Normalisation of a `WaveData`; a field that is zero everywhere keeps scale 1."""
        ends = np.array([[u.min(axis=0), u.max(axis=0)] for u in data.u])  # (T, 2, m), in one pass through a file
        low, high, largest = ends[:, 0].min(axis=0), ends[:, 1].max(axis=0), np.abs(ends).max(axis=(0, 1))
        centred = (largest > CENTRED * (high - low)) & (high > low)
        scale = np.where(centred, (high - low) / 2, np.where(largest > 0, largest, 1.0))
        shift = np.where(centred, (high + low) / 2, 0.0).tolist() if centred.any() else ()
        return cls(tuple((float(a), float(b)) for a, b in data.domain), (float(data.t.min()), float(data.t.max())),
                   tuple(scale.tolist()), tuple(shift),
                   {name: (float(mu.min()), float(mu.max())) for name, mu in data.parameters.items()}, data.coordinates)

    def unit_points(self, x) -> Tensor:
        """Map points (..., d) of the domain to [-1, 1]^d."""
        x = exact(x)
        low, high = torch.tensor(self.domain, dtype=x.dtype, device=x.device).T
        return (x - low) * (2 / (high - low)) - 1

    def unit_times(self, t) -> Tensor:
        """Map times, scalar or (T,), to [-1, 1]."""
        (first, last), t = self.times, exact(t)
        if t.ndim > 1:
            raise ValueError(f"t has shape {tuple(t.shape)}: expected one time or a list of times (T,)")
        return (t - first) * (2 / (last - first)) - 1

    def moments(self, t, mu=None) -> Tensor:
        """Normalised times (T,) or, of a family, with parameters (T, 1 + k): see `MetaNetwork.coefficients`."""
        t, names, k, given = self.unit_times(t).reshape(-1), list(self.parameters), len(self.parameters), str(mu)[:200]
        if isinstance(mu, Mapping) and set(mu) == set(names) and all(fits(part, Numbers) for part in mu.values()):
            columns = [exact(mu[name]).reshape(-1) for name in names]
            mu = torch.stack(torch.broadcast_tensors(*columns), 1) if names else None
        if mu is None and not names:
            return t
        if mu is not None and names and not isinstance(mu, Mapping):
            mu = exact(mu)
            mu = mu if mu.ndim > 1 else mu.reshape((-1, 1) if k == 1 else (1, -1))
            if mu.ndim == 2 and mu.shape[1] == k and (t.shape[0] == mu.shape[0] or 1 in (t.shape[0], mu.shape[0])):
                low, high = mu.new_tensor(list(self.parameters.values())).T
                unit = (mu - low) * (2 / (high - low)) - 1
                return torch.stack(torch.broadcast_tensors(t.to(unit), *unit.T), 1)
        expected = f"values of {', '.join(names)}, (k,) or (T, k) with k = {k}, or a dict" if names else "none"
        raise ValueError(f"parameters mu = {given} at {len(t)} times: expected {expected}")

    @property
    def middle(self) -> list[float] | None:
        """Middles of the parameters' ranges; None if there are no parameters."""
        return [(low + high) / 2 for low, high in self.parameters.values()] or None

    def sample(self, t) -> tuple:
        """Times t (T,) and None; of a family, t at corners of the parameters' box and 8 Sobol points in it, (T, k)."""
        if not self.parameters:
            return t, None
        (low, high), k = np.array(list(self.parameters.values())).T, len(self.parameters)
        inside = torch.quasirandom.SobolEngine(k).draw(9)[1:].double().numpy()
        mu = low + (high - low) * np.vstack([list(product([0.0, 1.0], repeat=k)), inside])
        return np.tile(t, len(mu)), mu.repeat(len(t), axis=0)

    def unit_values(self, u) -> Tensor:
        """Map values (..., m) to magnitude at most 1."""
        u = exact(u)
        if self.shift:
            u = u - u.new_tensor(self.shift)
        return u / u.new_tensor(self.scale)

    def physical(self, u: Tensor) -> Tensor:
        """Map normalised values (..., m) back; to float64 where a field is centred, which would drown in float32."""
        u = u * u.new_tensor(self.scale)
        return u.double() + torch.tensor(self.shift, dtype=torch.float64, device=u.device) if self.shift else u


def warn_outside(box: Normalisation, *units: Tensor) -> bool:
    """Warn the caller of a model if points or moments, normalised, lie more than 5 % of a range outside [-1, 1]."""
    far = max((float(a.detach().abs().max()) - 1 for a in units if a.numel()), default=0.0) / 2
    if far > 0.05:
        what, more = ("x, t or mu", f", parameters {box.parameters}") if box.parameters else ("x or t", "")
        text, domain = f"{what} lie {far:.0%} of their range outside the training data", [*map(list, box.domain)]
        warnings.warn(f"{text} (domain {domain}, times {box.times}{more}): the model extrapolates", stacklevel=6)
    return far > 0.05
