"""What a clock decides before a run: how many epochs a time has room for, and which network wins a short race."""

import math
import time
from dataclasses import replace

from lrnrbook.recipes import Recipe
from lrnrbook.trainer import EVALUATIONS, Trainer

SHARE = 0.1  # of the time goes to the race
MARGIN = 0.7  # small networks win short races that they lose later: another must be better than the first by so much
# Width, over that of the first; rank, over the width; rate, over what suits the width.
TRIES = ((1.0, 0.25, 1.0), (0.75, 0.25, 1.0), (1.0, 0.25, 2.0), (1.5, 0.25, 1.0), (1.0, 0.375, 1.0), (0.75, 0.25, 2.0))
POINTS = 8192  # that an error is measured at, all times together
# A trial has no end, so its rate stays; the mean of its weights stands for what a falling rate would give.
TRIAL = {"epochs": 10**9, "schedule": "constant", "average": 0.9, "prune": 0.0, "prune_below": 0.0}


def epochs_in(seconds: float, data, recipe: Recipe, seed: int, device: str = "cpu") -> int:
    """Number of epochs that fit into `seconds`, from the speed of a throw-away run's epochs."""
    probe = Trainer(data, replace(recipe, epochs=10**9), seed, device)
    while probe.epoch * probe.batches.steps < 11 and math.isfinite(probe.run_epoch()):
        pass  # past the first preconditioners
    start, first, budget = time.perf_counter(), probe.epoch, min(4.0, 0.1 * seconds)
    while (probe.epoch < first + 2 or time.perf_counter() - start < budget) and math.isfinite(probe.run_epoch()):
        pass
    per_epoch = (time.perf_counter() - start) / max(probe.epoch - first, 1)
    start = time.perf_counter()
    probe.evaluate()
    del probe.batches  # their memory is wanted at once, and the trainer is part of a cycle
    return max(1, round((seconds - min(EVALUATIONS * (time.perf_counter() - start), 0.5 * seconds)) / per_epoch))


def candidates(seconds: float, fixed: dict) -> list[dict]:
    """Networks that a time may suit, the likeliest first: the width grows slowly with it, and the rate falls.

    Two for 15 seconds, up to six for more; what is `fixed` of width, rank and rate is left as it is.
    """
    found, likely = [], 112 * min(max(seconds / 60, 0.05), 60) ** 0.2
    for wide, share, fast in TRIES[:min(max(int(seconds / 15), 2), len(TRIES))]:
        width = fixed.get("width", 8 * round(wide * likely / 8))
        values = {"width": width, "rank": round(share * width), "learning_rate": float(f"{fast * 0.576 / width:.2g}")}
        change = {name: value for name, value in values.items() if name not in fixed}
        found += [change] if change not in found else []
    return found


def race(data, held, recipe: Recipe, changes: list[dict], seconds: float, seed: int, device: str) -> list[dict]:
    """Successive halving by the error at the times `held`: each change of the recipe with its errors, the best first.

    All train for equal times, and the better half goes on, until one is left; `seconds` are for all of it.
    """
    rows = [{"change": change, "errors": []} for change in changes]
    left = [(row, Trainer(data, replace(recipe, **TRIAL | row["change"]), seed, device, held)) for row in rows]
    for part in [part for _, trainer in left for part in (trainer.batches, trainer.held)]:
        part.measured = [a[:, :: -(-a.shape[0] * a.shape[1] // POINTS)] for a in part.measured]
    rounds = max(1, (len(rows) - 1).bit_length())
    while len(left) > 1:
        for row, trainer in left:
            end = time.perf_counter() + seconds / rounds / len(left)
            while math.isfinite(trainer.run_epoch()) and time.perf_counter() < end:
                pass
            trainer.evaluate()
            row["errors"].append(trainer.heldout.pop()[1] if trainer.heldout else None)
        left.sort(key=lambda one: (one[0]["errors"][-1] or math.inf) * (MARGIN if one[0] is rows[0] else 1.0))
        left = left[: (len(left) + 1) // 2]
    return sorted(rows, key=lambda row: row is not left[0][0])
