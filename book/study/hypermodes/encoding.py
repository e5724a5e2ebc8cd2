"""How well snapshots that no network has seen are encoded in hypermode coordinates."""

from __future__ import annotations

import time

import numpy as np
import torch

from lrnrbook.datasets import load_data
from lrnrbook.encode import Encoder
from lrnrbook.truncation import truncate
from study.ledger.models import subject


def encoding_errors(name: str, seed: int = 0, few: int = 32, noise: float = 0.05) -> list[dict]:
    """Encode the midpoints frames of a data set: clean, with noise, and from a few points.

    Returns
    -------
    list of dict
        For each frame: t; relative l1 error over all points of u(x, t) (model) and of the encoded field (clean, noisy,
        few: the median of 5 draws); milliseconds of an encoding, best of 3; error of the recovered time.
    """
    data, top = load_data(name, "midpoints"), np.array(load_data(name).max_abs)
    encoder = Encoder(truncate(subject().model(name, seed))[0])
    rng, rows = np.random.default_rng(0), []

    def error(frame, c):
        with torch.no_grad():
            v = encoder.modes.evaluate(frame.x, c[None])[0].double().numpy()
        return float(np.mean(np.abs(v - frame.u).sum(0) / np.abs(frame.u).sum(0)))

    for frame in data:
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            clean = encoder(frame.x, frame.u)
            seconds.append(time.perf_counter() - start)
        noisy = encoder(frame.x, frame.u + noise * top * rng.standard_normal(frame.u.shape))
        draws = [rng.permutation(len(frame.x))[:few] for _ in range(5)]
        from_few = [error(frame, encoder(frame.x[d], frame.u[d]).coordinates) for d in draws]
        with torch.no_grad():
            own = encoder.modes.coordinates(frame.t)[0, : encoder.count]
        rows.append({"t": float(frame.t), "model": error(frame, own), "clean": error(frame, clean.coordinates),
                     "noisy": error(frame, noisy.coordinates), "few": float(np.median(from_few)),
                     "milliseconds": 1e3 * min(seconds), "time": abs(clean.time - frame.t), "steps": clean.steps})
    return rows
