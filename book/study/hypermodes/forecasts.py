"""How well a linear model of the coordinates goes on beyond the known times."""

from __future__ import annotations

import numpy as np
import torch

from lrnrbook.datasets import load_data
from lrnrbook.modes import hypermodes
from lrnrbook.truncation import truncate
from study.hypermodes.linear_model import Forecast
from study.ledger.models import subject


def forecast_errors(name: str, seed: int = 0, share: float = 0.9) -> dict:
    """Forecast the last times of a data set from coordinates at the first `share` of them.

    The factors U, V, B and the coordinates come from a model that was trained on all times: only how the coordinates go
    on is forecast.

    Returns
    -------
    dict
        t: the last times (K,); relative l1 error at each of the linear model ("linear"), of coordinates held
        ("persistence"), of a straight line through the last two ("line"), and of the model itself ("model");
        coordinates: forecast and the model's, each (K, k), over the range.
    """
    data = load_data(name)
    modes = hypermodes(truncate(subject().model(name, seed))[0])
    with torch.no_grad():
        c = modes.coordinates(data.t)[:, : modes.count()].double().numpy()
    cut = round(share * len(data))
    ahead = np.arange(1, len(data) - cut + 1)[:, None]
    paths = {"linear": Forecast.fit(c[:cut]).step(c[:cut], len(ahead)),
             "persistence": np.repeat(c[cut - 1 : cut], len(ahead), 0),
             "line": c[cut - 1] + ahead * (c[cut - 1] - c[cut - 2]), "model": c[cut:]}

    def errors(path):
        found = []
        for frame, row in zip(data[cut:], path, strict=True):
            with torch.no_grad():
                v = modes.evaluate(frame.x, row[None])[0].double().numpy()
            found.append(float(np.mean(np.abs(v - frame.u).sum(0) / np.abs(frame.u).sum(0))))
        return found

    width = np.ptp(c, axis=0)
    return {"t": data.t[cut:].tolist()} | {kind: errors(path) for kind, path in paths.items()} | {
        "coordinates": {kind: (paths[kind] / width).tolist() for kind in ("linear", "model")}}
