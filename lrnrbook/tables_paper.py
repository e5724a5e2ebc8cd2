"""Tables of the models of the paper's own sizes, from the record "benchmark-paper"."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lrnrbook.storage import load_record
from lrnrbook.tables import TABLE_2, ranks_row, short
from lrnrbook.verdicts import Verdict


def mean(errors: dict, q: int = 1) -> float:
    """Mean over the fields of a relative error of a record, points counted alike."""
    return float(np.mean([row["points"] for row in errors[f"q{q}"].values()]))


def runs(record: dict) -> pd.DataFrame:
    """A row a run: sizes, device, time, how far it got, errors at samples and midpoints."""
    rows = {}
    for name, row in record["runs"].items():
        errors = row["errors"]
        rows[name] = {
            "M": row["width"], "r": row["rank"], "parameters": row["parameters"], "device": row["device"],
            "minutes": round(row["seconds"] / 60, 1), "steps": row["steps"], "epochs": row["epochs"],
            "of the paper's": f"{row['epochs'] / row['epochs of the paper']:.1%}",
            "E1": short(mean(errors["samples"])), "E2": short(mean(errors["samples"], 2)),
            "E1 between": short(mean(errors["midpoints"])), "ended": row["stop_reason"]}
    return pd.DataFrame.from_dict(rows, orient="index")


def table_2(record: dict) -> pd.DataFrame:
    """Table 2 at the paper's sizes: ranks after truncation and hypermodes, the paper's, here, and of the laptop."""
    rows = {}
    for label, row in record["runs"].items():
        name, recipe = label.split(", ")
        r, weights, biases, modes = TABLE_2[name]
        rows[name, "the paper's"] = ranks_row(r, weights, biases, modes)
        rows[name, recipe] = ranks_row(row["rank"], row["ranks"]["weights"], row["ranks"]["biases"], row["modes"])
        small = load_record(name, "truncated")["recipe"]["rank"]
        laptop = load_record(name)
        rows[name, "laptop"] = ranks_row(laptop["recipe"]["rank"], small["weights"], small["biases"], laptop["modes"])
    return pd.DataFrame.from_dict(rows, orient="index")


def steps(record: dict) -> pd.DataFrame:
    """Speed of a training step: steps a second, share of the device's peak, days for the recipe's epochs."""
    rows = {}
    for label, row in record["steps"].items():
        name, recipe, device = label.split(", ", 2)
        rows[name, recipe, device] = {
            "points a step": row["points"], "operations": f"{row['flops'] / 1e9:.3g}e9",
            "steps a second": short(1 / row["seconds"]), "share of the peak": f"{row['share']:.0%}",
            "hours for 1000 epochs": short(1000 * row["steps an epoch"] * row["seconds"] / 3600)}
        if "seconds with TF32" in row:
            rows[name, recipe, device]["with TF32"] = f"{row['seconds'] / row['seconds with TF32']:.2f} times as fast"
    return pd.DataFrame.from_dict(rows, orient="index").fillna("")


def fast(record: dict) -> pd.DataFrame:
    """FastLRNR at the paper's sizes: error at some ranks, speed beside the full network on each device."""
    rows = {}
    for name, row in record["fast"].items():
        values = {f"error, rank {k}": short(e) for k, e in row["errors"].items()}
        for device, seconds in row["seconds"].items():
            count = row["points"] * row["times"]
            rows[name, device] = values | {
                "rank": row["rank"], "full, values a second": short(count / seconds["full"]),
                "FastLRNR": short(count / seconds["fast"]), "ratio": short(seconds["full"] / seconds["fast"])}
    return pd.DataFrame.from_dict(rows, orient="index")


def verdicts(record: dict, laptop: Sequence[Verdict]) -> pd.DataFrame:
    """Claims decided at both sizes: a row each with both verdicts, those that differ first."""
    rows = {}
    for verdict in laptop:
        if found := record["claims"].get(verdict.claim.id):
            rows[verdict.claim.id] = {"the paper claims": verdict.claim.text, "laptop": verdict.verdict,
                                      "paper size": found["verdict"], "same": found["verdict"] == verdict.verdict}
    return pd.DataFrame.from_dict(rows, orient="index").sort_values("same", kind="stable")
