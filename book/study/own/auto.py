"""Whether a recipe chosen by a race is better than the laptop recipe: seven waves, equal seconds of a core."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from lrnrbook import WaveData, errors, fit, load_data
from lrnrbook.training import apart
from study.instruments.tables import WAVES, short
from study.ledger.records import begun, fill, plain
from study.ledger.verdicts import SETS

GAMMA = 1.4
TIMES = np.linspace(0, 1, 81)  # of waves made here


def sod() -> WaveData:
    """Sod's tube on [-0.5, 0.5] from t = 0.01 to 0.25, exactly: rarefaction, contact and shock, 400 points."""
    a = GAMMA**0.5  # sound on the left, where density and pressure are 1; right 0.125 and 0.1

    def left(p):  # velocity behind the rarefaction
        return 2 * a / (GAMMA - 1) * (1 - p ** ((GAMMA - 1) / (2 * GAMMA)))

    def right(p):  # velocity behind the shock
        return (p - 0.1) * (2 / ((GAMMA + 1) * 0.125) / (p + (GAMMA - 1) / (GAMMA + 1) * 0.1)) ** 0.5

    p = brentq(lambda p: left(p) - right(p), 0.11, 0.99)
    v, inner = left(p), p ** (1 / GAMMA)
    tail = v - a * p ** ((GAMMA - 1) / (2 * GAMMA))
    q = p / 0.1
    behind = 0.125 * ((GAMMA + 1) * q + GAMMA - 1) / ((GAMMA - 1) * q + GAMMA + 1)
    shock = behind * v / (behind - 0.125)
    x, t = (np.arange(400) + 0.5) / 400 - 0.5, 0.01 + 0.24 * TIMES
    xi = x / t[:, None]  # (T, P)
    sound = np.maximum(2 / (GAMMA + 1) * (1 - (GAMMA - 1) / 2 * xi / a), 0)  # in the fan, in shares of that on the left
    fan = np.stack([sound ** (2 / (GAMMA - 1)), 2 / (GAMMA + 1) * (a + xi), sound ** (2 * GAMMA / (GAMMA - 1))])
    states = [(1, 0, 1), fan, (inner, v, p), (behind, v, p), (0.125, 0, 0.1)]
    where = np.digitize(xi, [-a, tail, v, shock])
    u = np.stack([np.choose(where, [state[j] for state in states]) for j in range(3)], axis=-1)
    return WaveData.from_arrays(t, x, u, ["density", "velocity", "pressure"], name="Sod's tube")


def profile() -> WaveData:
    """A bell, a box and a triangle that pass with speed 0.5 through [0, 1], 400 points."""
    x, t = (np.arange(400) + 0.5) / 400, 1.0 * TIMES
    y = x - 0.5 * t[:, None]  # (T, P)
    u = np.exp(-2000 * (y - 0.1) ** 2) + (np.abs(y - 0.25) < 0.05) + np.maximum(1 - 20 * np.abs(y - 0.4), 0)
    return WaveData.from_arrays(t, x, u, name="profile")


OWN = {"channel": lambda: WaveData.open(Path(__file__).parent / "channel.nc"), "Sod's tube": sod, "profile": profile}
CHOSEN = ("width", "rank", "learning_rate")
TITLES = WAVES | {"channel": "channel", "profile": "passing profile"}
TIE = 1.1  # errors whose ratio is less than this count as equal


def trained(name: str, recipe: str, seconds: float, seed: int) -> dict:
    """One run by the clock of this process, so that other programs take nothing from it: its errors, and the race.

    Every eighth time is kept apart from the run and from its race, which keeps others apart for itself.
    """
    time.perf_counter = time.process_time  # in a worker, which does nothing else
    known, unseen = apart(OWN[name]() if name in OWN else load_data(name), "auto")
    result = fit(known, recipe, seconds=seconds, seed=seed, progress=False)
    return plain({"unseen": errors(result.model, unseen).mean, "known": errors(result.model, known).mean,
                  **{key: result.record["recipe"][key] for key in CHOSEN}, "race": result.record.get("race", []),
                  **{key: result.record[key] for key in ("steps", "seconds", "stop_reason")}})


def measure(path, seconds: float, seed: int, jobs: int) -> dict:
    """Fill the record: a row for each wave and recipe, done ones are kept."""
    record = begun(path, seconds=seconds, seed=seed)
    if (record["seconds"], record["seed"]) != (seconds, seed):
        raise ValueError(f"{str(path)!r} is the record of {record['seconds']} seconds and seed {record['seed']}: "
                         "delete it or give another path")
    todo = {f"{name}: {recipe}": partial(trained, name, recipe, seconds, seed)
            for name in (*OWN, *SETS) for recipe in ("auto", "laptop")}
    return fill(path, record, {key: task for key, task in todo.items() if key not in record["rows"]}, jobs, "run")


def pairs(record: dict) -> dict[str, tuple[dict, dict]]:
    """Rows of both recipes, auto first, of each wave that has them."""
    rows = record["rows"]
    found = {name: (rows.get(f"{name}: auto"), rows.get(f"{name}: laptop")) for name in (*OWN, *SETS)}
    return {name: both for name, both in found.items() if all(both)}


def table(record: dict) -> pd.DataFrame:
    """A row for each wave: errors at unseen times, their ratio, steps, and the network that was chosen."""
    return pd.DataFrame.from_dict({TITLES.get(name, name): {
        "auto": short(auto["unseen"]), "laptop": short(laptop["unseen"]),
        "ratio": f"{auto['unseen'] / laptop['unseen']:.2f}", "steps": auto["steps"], "steps, laptop": laptop["steps"],
        "width": auto["width"], "rank": auto["rank"], "rate": f"{auto['learning_rate']:g}"}
        for name, (auto, laptop) in pairs(record).items()}, orient="index")


def answer(record: dict) -> str:
    """What came of it, in a sentence for each outcome that occurred; within a tenth errors count as equal."""
    ratios = {TITLES.get(name, name): auto["unseen"] / laptop["unseen"]
              for name, (auto, laptop) in pairs(record).items()}
    less, more = [name for name in ratios if ratios[name] < 1 / TIE], [name for name in ratios if ratios[name] > TIE]
    said = [f"The network that was chosen has a smaller error on {len(less)} of {len(ratios)} waves."] if less else []
    if equal := [name for name in ratios if name not in (*less, *more)]:
        said.append(f"The errors differ by less than a tenth on: {', '.join(equal)}.")
    if more:
        said.append("Its error is larger on: " + ", ".join(f"{name} ({ratios[name]:.2f} times)" for name in more) + ".")
    return " ".join(said)
