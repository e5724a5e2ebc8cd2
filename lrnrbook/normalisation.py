"""Normalised units: x and t in [-1, 1], each field over its largest magnitude, centred where that hides the wave."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

CENTRED = 10.0  # a field is centred if its largest magnitude is more than so many times its range


def exact(values) -> Tensor:
    """Points, times or values before they are normalised: float32 would drown small steps in a large offset."""
    known = isinstance(values, Tensor) and values.is_floating_point()
    return values if known else torch.as_tensor(values, dtype=torch.float64)


@dataclass(frozen=True)
class Normalisation:
    """Affine maps of x and t to [-1, 1] and of each field to magnitude at most 1.

    Tensors of floats are mapped in their own precision, everything else in float64: cast what comes out, not what goes
    in.

    Attributes
    ----------
    domain : tuple of (low, high), one a space dimension
    times : (first, last)
    scale : tuple of m floats, the largest magnitude of each field, or half its range if it is centred
    shift : tuple of m floats, the middle of each field that is centred, else 0; or empty

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

    def __post_init__(self):
        for low, high in (*self.domain, self.times):
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise ValueError(f"[{low}, {high}] is no range of x or t: expected finite numbers, the smaller first")
        if not all(math.isfinite(scale) and scale > 0 for scale in self.scale):
            raise ValueError(f"the scales of the fields are {self.scale}: expected positive finite numbers")
        if len(self.shift) not in (0, len(self.scale)) or not all(map(math.isfinite, self.shift)):
            raise ValueError(f"the middles of the fields are {self.shift}: expected none, or a finite number for each")

    @classmethod
    def of(cls, data) -> Normalisation:
        """Normalisation of a `WaveData`; a field that is zero everywhere keeps scale 1."""
        low, high = (end([end(u, axis=0) for u in data.u], axis=0) for end in (np.min, np.max))
        centred = (data.max_abs > CENTRED * (high - low)) & (high > low)
        scale = np.where(centred, (high - low) / 2, np.where(data.max_abs > 0, data.max_abs, 1.0))
        shift = np.where(centred, (high + low) / 2, 0.0).tolist() if centred.any() else ()
        return cls(tuple((float(a), float(b)) for a, b in data.domain), (float(data.t[0]), float(data.t[-1])),
                   tuple(scale.tolist()), tuple(shift))

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
