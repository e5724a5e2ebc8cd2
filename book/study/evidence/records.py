"""Every shipped record of a measurement, in one table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from study.ledger.records import load_measurement, record_names


def records() -> pd.DataFrame:
    """Every record: what, command, what came out, what that is beside something else, date."""
    rows = []
    for name in record_names():
        record = load_measurement(name)
        rows.append({"ratio": "–"} | _record_row(name, record) | {
            "date": record.get("date") or max(row["date"] for row in record["rows"].values())})
    named = {"command": "command", "figure": "result", "ratio": "compared", "date": "date"}
    return pd.DataFrame(rows).set_index("what").rename_axis(None)[list(named)].rename(columns=named)


def machines() -> str:
    """The machines that the records come from, in words."""
    found = {"{cores} cores, {architecture}".format(**load_measurement(name)["machine"]) for name in record_names()}
    return " or ".join(sorted(found))


def _record_row(name: str, record: dict) -> dict:
    """What a record is about, the command that makes it, a figure and a ratio of it."""
    if name == "benchmark-step":
        one, pair = (record["seconds"][key] for key in ("one thread", "two runs side by side, one thread each"))
        return {"what": f"a training step, {record['data']}", "command": "python -m study measure step",
                "figure": f"{100 * record['fraction']['flops']:.0f} % of a core's float32 peak",
                "ratio": f"{2 * one / pair:.2f} times the steps with two runs side by side"}
    if name == "benchmark-speed":
        one = record["one value"]["rank 48, 1 piece"]["compiled"]["median"]
        m, row = list(record["width"].items())[-1]
        return {"what": "FastLRNR, cost against width and rank", "command": "python -m study measure speed",
                "figure": f"{one:.1f} µs for a value of the truncated Euler model",
                "ratio": f"{row['full']['seconds'] / row['fast']['seconds']:.0f} times faster than the full network of "
                         f"width {m}"}
    if name == "benchmark-paper":
        speeds = {key: row["seconds"]["cpu"] for key, row in record["fast"].items()}
        return {"what": "networks of the paper's own sizes", "command": "python -m study measure sizes",
                "figure": ", ".join(f"{v['steps'] / v['seconds']:.1f} steps a second ({k.split(', ')[0]})"
                                    for k, v in record["runs"].items()),
                "ratio": "FastLRNR faster than the full network: " + ", ".join(
                    f"{v['full'] / v['fast']:.0f} times ({k})" for k, v in speeds.items())}
    done = record["rows"]
    if name == "benchmark-pod":
        reached = ", ".join(f"E1 {v['quality']['e1']:.2f} ({k})" for k, v in done.items())
        return {"what": "POD with as many modes as the shipped models have hypermodes",
                "command": "python -m study measure pod", "figure": reached,
                "ratio": "modes for equal E1: " + ", ".join(f"{v['equal']}" for v in done.values())}
    if name == "benchmark-explorer":
        slowest = max(row["total"] for key, row in done.items() if key.endswith("page"))
        return {"what": "explorer in headless Chromium", "command": "python -m study measure explorer",
                "figure": f"at most {slowest:.0f} ms a picture, page models",
                "ratio": f"{record['plain'] / record['kernel']:.1f} times faster than plain JavaScript"}
    if name == "benchmark-fastlrnr":
        best = {key.split(",")[0]: float(np.median(rows["48"]["errors"])) for key, rows in done.items()
                if "laptop, float64, oversampled, 1" in key}
        return {"what": f"FastLRNR at {record['points']} points, rank 48, oversampled rows",
                "command": "python -m study measure fastlrnr",
                "figure": "median relative l2 error " + ", ".join(f"{v:.1e} ({k})" for k, v in best.items())}
    if name == "benchmark-rivals":
        cost = sum(row.get("seconds", 0) for row in done.values()) / 60
        return {"what": f"other methods on the same waves, {len(done)} rows",
                "command": "python -m study measure rivals", "figure": f"{cost:.0f} core minutes to make them"}
    if name == "benchmark-records":
        cost = sum(row["seconds"] for row in done.values()) / 60
        return {"what": f"ways to train faster, in turns, {len(done)} runs",
                "command": "python -m study measure records", "figure": f"{cost:.0f} core minutes of training"}
    if name == "benchmark-outside":
        cost = sum(row.get("core seconds") or 0 for row in done.values()) / 60
        return {"what": f"outside the square: {len(done)} models", "command": "python -m study measure outside",
                "figure": f"{cost:.0f} core minutes of training"}
    if name == "benchmark-constructions":
        trained, drawn = (sum(key.startswith(begin) for key in done) for begin in ("learned", "sampling"))
        return {"what": f"networks built by hand, {len(done)} rows", "command": "python -m study measure constructions",
                "figure": f"{trained} trained beside them, {drawn} sizes sampled"}
    if name.startswith("hypermodes-"):
        kind = name.removeprefix("hypermodes-")
        return {"what": f"hypermodes of the laptop models: {kind}", "command": f"python -m study measure {kind}",
                "figure": f"{len(done)} models"}
    if name == "ablations":
        return {"what": f"ablations, {len(done)} short runs", "command": "python -m study measure ablations",
                "figure": f"{sum(v['seconds'] for v in done.values()) / 3600:.1f} core hours"}
    means = {key: sum(row["e1"].values()) / len(row["e1"]) for key, row in done.items()}
    best = min(means, key=means.get)
    if name == "benchmark-training":
        error = {key: row["e2"]["pressure"] for key, row in done.items()}
        ours, adam = error["laptop recipe (SOAP)"], min(error[key] for key in error if key.startswith("Adam"))
        return {"what": "laptop recipe against Adam, Euler pressure", "command": "python -m study measure training",
                "figure": f"relative l2 error {ours:.1e} after {record['seconds']:.0f} s",
                "ratio": f"{adam / ours:.1f} times less than the better Adam"}
    _, what, data = name.split("-")
    worst = max(means.values()) / means[best]
    return {"what": f"race of {len(done)} variants: {what}, {data}",
            "command": f"python -m study measure race {what} {data}",
            "figure": f"mean E1 {means[best]:.1e} after {record['seconds']:.0f} s: {best}",
            "ratio": f"{worst:.1f} times less than the worst" if worst >= 1.05 else "the worst is no worse"}
