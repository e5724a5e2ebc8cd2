"""Proper orthogonal decomposition of the data, beside the trained networks."""

from __future__ import annotations

import time

import numpy as np

from lrnrbook.datasets import load_data
from lrnrbook.evaluation import errors
from lrnrbook.modes import Pod
from study.instruments.figures_of_merit import quality
from study.ledger.models import load_record


def compare(name: str, modes: int) -> dict:
    """POD with some modes on a shipped data set, and the number of modes that reach the shipped model's E1.

    Returns
    -------
    dict
        modes, parameters, seconds and the figures of `quality` at the samples; equal: modes for E1 at most that of the
        model, `target`.
    """
    data = load_data(name)
    start = time.perf_counter()
    whole = Pod(data, len(data))
    seconds = time.perf_counter() - start
    pod = whole.first(modes)
    target = float(np.mean([v["points"] for v in load_record(name)["errors"]["samples"]["q1"].values()]))
    low, high = 0, len(data)  # E1 falls with the number of modes
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if errors(whole.first(middle), data).mean <= target else (middle, high)
    return {"modes": modes, "parameters": pod.parameters, "seconds": round(seconds, 2), "quality": quality(pod, data),
            "equal": high, "target": target}
