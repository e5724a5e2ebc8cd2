"""How near a step along hypermodes comes to the wave of a little later."""

from __future__ import annotations

import numpy as np
import torch

from study.instruments.neighbourhood import Neighbourhood


def time_advance(near: Neighbourhood, u: np.ndarray, later: np.ndarray) -> np.ndarray:
    """Ratio rho (N,) of fields (N, P): least l1 distance to u(t + tau), one of `later` (K, P), over that to u(t).

    0 if the field is that of a later time, 1 or more if it comes no nearer to any.
    """
    ahead = np.stack([np.abs(u - v).sum(1) for v in later]).min(0)
    return ahead / np.abs(u - near.base).sum(1)


def times_ahead(near: Neighbourhood, share: float = 0.1, count: int = 40) -> np.ndarray:
    """Fields at `count` times up to `share` of the training time after t: (count, P)."""
    first, last = near.modes.model.times
    ahead = near.t + (last - first) * share * np.arange(1, count + 1) / count
    with torch.no_grad():
        return near.at_coefficients(near.modes.model.coefficients(ahead))


def a_little_later(near: Neighbourhood, size: float) -> float:
    """First time after t at which time has changed the field by `size`, relative l1; the last one if it never does."""
    times = np.linspace(near.t, near.modes.model.times[1], 201)[1:]
    some = slice(None, None, 7)  # of the points
    for part in np.array_split(times, 25):  # the wave is soon another one
        with torch.no_grad():
            fields = near.at_coefficients(near.modes.model.coefficients(part), near.x[some])
        enough = near.change(fields, near.base[some]) >= size
        if enough.any():
            return float(part[enough.argmax()])
    return float(times[-1])
