"""Measurements of section 5.2: shares of the modes in du/dt, plausibility, the paper's descriptions."""

from __future__ import annotations

import numpy as np

from lrnrbook.datasets import load_data
from lrnrbook.modes import Hypermodes
from study.instruments.descriptions import directions
from study.instruments.neighbourhood import Neighbourhood, uniform_points
from study.instruments.roughness import roughness
from study.instruments.views import CELLS, MODES, NAMED, POINTS
from study.ledger.measurements import Measurement
from study.ledger.models import truncated_modes
from study.steps import euler, plane

MARGIN = 0.05  # of the data's range, that plausible values may leave it by


def plausible(modes: Hypermodes, name: str, count: int) -> list[dict]:
    """Tangent perturbations at the paper's times: total variation over the base's, values beyond the data's range."""
    data = load_data(name)
    j = len(data.fields) - 1
    low = min(frame.u[:, j].min() for frame in data)
    high = max(frame.u[:, j].max() for frame in data)
    one = len(data.domain) == 1
    x = uniform_points(modes.model, POINTS if one else CELLS)
    shape = (len(x),) if one else (CELLS,) * 2
    along, rows = directions(count, 0), []
    for t in NAMED[name]:
        near = Neighbourhood(modes, x, t, count)
        eta = near.step_lengths(along)
        for step, direction, u in zip(eta, along, near(np.nan_to_num(eta)[:, None] * along), strict=True):
            i = int(np.abs(direction).argmax())
            beyond = max(u.max() - high, low - u.min(), 0.0) / (high - low)
            rows.append({"t": t, "mode": i + 1, "sign": int(direction[i]), "eta": float(step), "beyond": float(beyond),
                         "variation": roughness(u.reshape(shape)) / roughness(near.base.reshape(shape))})
    return rows


def tangents(name: str, seed: int) -> dict:
    """Shares of the modes in du/dt, what they leave of it, plausibility, and the paper's descriptions."""
    modes, count = truncated_modes(name, seed), MODES[name]
    x = uniform_points(modes.model, POINTS if name == "euler" else CELLS)
    shares = []
    for t in NAMED[name]:
        near = Neighbourhood(modes, x, t, count)
        cosine = near.tangents @ near.speed / np.linalg.norm(near.tangents, axis=1) / np.linalg.norm(near.speed)
        shares.append({"t": t, "shares": near.shares.tolist(), "residual": near.residual, "cosine": cosine.tolist()})
    if name == "euler":
        described = euler.tangent_readings(modes)
    else:
        described = plane.READINGS[name](plane.Waves(modes))
    return {"modes": modes.count(), "shares": shares, "plausible": plausible(modes, name, count), "readings": described}


TANGENTS = Measurement("tangents", tangents, every_seed=True)
