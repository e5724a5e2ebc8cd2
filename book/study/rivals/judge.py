"""How good a rival is: errors at samples and midpoints, its fronts, the time that values take."""

from __future__ import annotations

import dataclasses
import time

import torch

from lrnrbook.data import Snapshot
from lrnrbook.datasets import load_data
from lrnrbook.evaluation import errors
from study.instruments.figures_of_merit import quality

EVERY = 4  # samples at which a model is judged


@torch.no_grad()
def judged(model, data, name: str) -> dict:
    """Relative l1 errors, means over the fields, fronts and overshoot at midpoints, and what a value and a frame take.

    Returns
    -------
    dict
        samples: at every fourth of them; midpoints; front: median distance, in finest cells; overshoot: over the jump;
        value: microseconds for a single one; frame: milliseconds for the points of one.
    """
    between = load_data(name, "midpoints")
    merit = quality(model, between, every=2)
    frame = between[len(between) // 2]
    value = dataclasses.replace(frame, x=frame.x[:1], u=frame.u[:1])
    return {"samples": errors(model, data[::EVERY]).mean, "midpoints": merit["e1"], "front": merit["front"],
            "overshoot": merit["overshoot"], "value": 1e6 * _seconds(model, value, 10),
            "frame": 1e3 * _seconds(model, frame, 3)}


def _seconds(model, frame: Snapshot, times: int) -> float:
    """Processor time that the points of a frame take, the least of some."""
    spent = []
    for _ in range(times):
        start = time.process_time()
        model.predict([frame])
        spent.append(time.process_time() - start)
    return min(spent)
