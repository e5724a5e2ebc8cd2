"""Tables of training: what a run took, its errors, what a step costs."""

from __future__ import annotations

import pandas as pd


def errors(record: dict) -> pd.DataFrame:
    """Errors in a record: a row for each split and field, relative l1 and l2, unweighted and area-weighted."""
    rows = {}
    for split, found in record["errors"].items():
        for field in found["q1"]:
            rows[split, field] = {
                "relative l1": found["q1"][field]["points"], "relative l2": found["q2"][field]["points"],
                "l1, area-weighted": found["q1"][field]["area"], "l2, area-weighted": found["q2"][field]["area"]}
    return pd.DataFrame.from_dict(rows, orient="index").map("{:.2e}".format)


def run(record: dict) -> pd.Series:
    """What a run took: steps, time, threads, parameters, versions."""
    keys = ("parameters", "epochs", "steps", "seconds", "threads", "device", "seed", "stop_reason")
    return pd.Series({key.replace("_", " "): record[key] for key in keys}
                     | {f"version of {name}": value for name, value in record["versions"].items()}, name="")


def step(record: dict) -> pd.Series:
    """What `python -m study measure step` measured."""
    one, best, part = record["step"], record["peak"], record["fraction"]
    alone = record["seconds"]["one thread"]
    figures = {
        "operations in matrix products": f"{one['flops'] / 1e6:.0f} million",
        "bytes into and out of operations": f"{one['bytes'] / 1e6:.0f} million",
        "time": f"{1e3 * one['seconds']:.1f} ms", "of it in the optimizer": f"{100 * one['optimizer']:.0f} %",
        "float32 peak of a core, measured": f"{best['flops'] / 1e9:.0f} GFLOP/s",
        "share of it that is reached": f"{100 * part['flops']:.0f} %",
        "memory speed of a core, measured": f"{best['bytes'] / 1e9:.1f} GB/s",
        "share reached, if every access went to memory": f"{100 * part['bytes']:.0f} %",
    }
    times = {f"{name}, time against one thread": f"{seconds / alone:.2f}"
             for name, seconds in record["seconds"].items() if name != "one thread"}
    return pd.Series(figures | times)
