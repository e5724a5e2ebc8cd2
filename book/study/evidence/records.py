"""Every shipped record of a measurement, in one table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from study.ledger.records import load_measurement, record_names
from study.own import auto, disk


def records() -> pd.DataFrame:
    """Every record: what, command, what came out, what that is beside something else, date."""
    rows = {}
    for name in record_names():
        record = load_measurement(name)
        what, result, *compared = _told(name)(record)
        rows[what] = {"command": f"python -m study measure {_command(name)}", "result": result,
                      "compared": compared[0] if compared else "–",
                      "date": record.get("date") or max(row["date"] for row in record["rows"].values())}
    return pd.DataFrame.from_dict(rows, orient="index")


def machines() -> str:
    """The machines that the records come from, in words."""
    found = {"{cores} cores, {architecture}".format(**load_measurement(name)["machine"]) for name in record_names()}
    return " or ".join(sorted(found))


def _command(name: str) -> str:
    """What measures a record again."""
    kind = name.removeprefix("benchmark-").removeprefix("hypermodes-")
    return "sizes" if kind == "paper" else kind.replace("-", " ")


def _told(name: str) -> Callable[[dict], tuple[str, ...]]:
    """The function that says of a record what it is about, what came out and, of some, what that is beside another."""
    kind, _, rest = name.partition("-")
    if kind == "race":
        what, _, data = rest.partition("-")
        return lambda record: _race(record, what, data)
    if kind == "hypermodes":
        return lambda record: (f"hypermodes of the laptop models: {rest}", f"{len(record['rows'])} models")
    return _again if kind == "again" else TOLD[name]


def _race(record: dict, what: str, data: str) -> tuple[str, ...]:
    means = {key: sum(row["e1"].values()) / len(row["e1"]) for key, row in record["rows"].items()}
    best = min(means, key=means.get)
    worst = max(means.values()) / means[best]
    return (f"race of {len(means)} variants: {what}, {data}",
            f"mean E1 {means[best]:.1e} after {record['seconds']:.0f} s: {best}",
            f"{worst:.1f} times smaller than the worst" if worst >= 1.05 else "the worst is no worse")


def _step(record: dict) -> tuple[str, ...]:
    one, pair = (record["seconds"][key] for key in ("one thread", "two runs side by side, one thread each"))
    return (f"a training step, {record['data']}",
            f"{100 * record['fraction']['flops']:.0f} % of a core's float32 peak",
            f"{2 * one / pair:.2f} times the steps with two runs side by side")


def _speed(record: dict) -> tuple[str, ...]:
    one = record["one value"]["rank 48, 1 piece"]["compiled"]["median"]
    m, row = list(record["width"].items())[-1]
    return ("FastLRNR, cost against width and rank", f"{one:.1f} µs for a value of the truncated Euler model",
            f"{row['full']['seconds'] / row['fast']['seconds']:.0f} times faster than the full network of width {m}")


def _sizes(record: dict) -> tuple[str, ...]:
    speeds = {key: row["seconds"]["cpu"] for key, row in record["fast"].items()}
    return ("networks of the paper's own sizes",
            ", ".join(f"{v['steps'] / v['seconds']:.1f} steps a second ({k.split(', ')[0]})"
                      for k, v in record["runs"].items()),
            "FastLRNR faster than the full network: " + ", ".join(
                f"{v['full'] / v['fast']:.0f} times ({k})" for k, v in speeds.items()))


def _again(record: dict) -> tuple[str, ...]:
    """Of the claims that were decided again on other networks."""
    return f"claims decided again, recipe {record['recipe']}", f"{len(record['claims'])} claims"


def _pod(record: dict) -> tuple[str, ...]:
    done = record["rows"]
    return ("POD with as many modes as the shipped models have hypermodes",
            ", ".join(f"E1 {v['quality']['e1']:.2f} ({k})" for k, v in done.items()),
            "modes for equal E1: " + ", ".join(f"{v['equal']}" for v in done.values()))


def _explorer(record: dict) -> tuple[str, ...]:
    slowest = max(row["total"] for key, row in record["rows"].items() if key.endswith("page"))
    return ("explorer in headless Chromium", f"at most {slowest:.0f} ms a picture, page models",
            f"{record['plain'] / record['kernel']:.1f} times faster than plain JavaScript")


def _fastlrnr(record: dict) -> tuple[str, ...]:
    best = {key.split(",")[0]: float(np.median(rows["48"]["errors"])) for key, rows in record["rows"].items()
            if "laptop, float64, oversampled, 1" in key}
    return (f"FastLRNR at {record['points']} points, rank 48, oversampled rows",
            "median relative l2 error " + ", ".join(f"{v:.1e} ({k})" for k, v in best.items()))


def _training(record: dict) -> tuple[str, ...]:
    error = {key: row["e2"]["pressure"] for key, row in record["rows"].items()}
    ours, adam = error["laptop recipe (SOAP)"], min(error[key] for key in error if key.startswith("Adam"))
    return ("laptop recipe against Adam, Euler pressure",
            f"relative l2 error {ours:.1e} after {record['seconds']:.0f} s",
            f"{adam / ours:.1f} times smaller than that of the better Adam")


def _constructions(record: dict) -> tuple[str, ...]:
    done = record["rows"]
    trained, drawn = (sum(key.startswith(begin) for key in done) for begin in ("learned", "sampling"))
    return f"networks built by hand, {len(done)} rows", f"{trained} trained beside them, {drawn} sizes sampled"


def _auto(record: dict) -> tuple[str, ...]:
    ratios = [chosen["unseen"] / laptop["unseen"] for chosen, laptop in auto.pairs(record).values()]
    return (f"recipe auto, {len(ratios)} waves", f"{record['seconds']:.0f} s of a core each",
            f"{min(ratios):.2f} to {max(ratios):.2f} times the error of the laptop recipe")


def _long(what: str, made: str, seconds: str = "seconds") -> Callable[[dict], tuple[str, ...]]:
    """Of a record whose rows took some time each: how many, and how long they took together."""
    def told(record: dict) -> tuple[str, ...]:
        rows = record["rows"].values()
        minutes = sum(row.get(seconds) or 0 for row in rows) / 60
        cost = f"{minutes:.0f} core minutes" if minutes < 180 else f"{minutes / 60:.1f} core hours"
        return what.format(len(rows)), cost + made

    return told


TOLD: dict[str, Callable[[dict], tuple[str, ...]]] = {
    "benchmark-step": _step, "benchmark-speed": _speed, "benchmark-paper": _sizes, "benchmark-pod": _pod,
    "benchmark-explorer": _explorer, "benchmark-fastlrnr": _fastlrnr, "benchmark-training": _training,
    "benchmark-constructions": _constructions, "benchmark-auto": _auto, "benchmark-disk": disk.told,
    "benchmark-rivals": _long("other methods on the same waves, {} rows", " to make them"),
    "benchmark-records": _long("ways to train faster, in turns, {} runs", " of training"),
    "benchmark-outside": _long("outside the square: {} models", " of training", "core seconds"),
    "ablations": _long("ablations, {} short runs", " of training"),
}
