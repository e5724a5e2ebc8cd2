"""Tables about models outside their square."""

from __future__ import annotations

import numpy as np
import pandas as pd

from study.instruments.tables import short


def models(record: dict) -> pd.DataFrame:
    """Models outside the square: E1 inside, mean error in two strips, ratios of median errors of classes of points."""
    def written(value):
        return "–" if value is None else f"{value:.2f}"

    rows = {}
    for key, row in record["rows"].items():
        strips = np.array(row["errors"], dtype=float).reshape(-1, 4).mean(0)
        ratio = row.get("classes", {}).get("ratio", {})
        rows[key] = {"E1 inside": short(row["sides"]["e1"]) if "sides" in row else "–",
                     "error 0-5 %": written(strips[0]), "error 10-20 %": written(strips[2]),
                     "enters / neither": written(ratio.get("neither")), "enters / left": written(ratio.get("left"))}
    return pd.DataFrame.from_dict(rows, orient="index")


def periodic(record: dict) -> pd.DataFrame:
    """Small models of x against small models of periodic coordinates: errors inside and cost, by seed."""
    rows = {}
    for name in ("acoustics", "burgers"):
        for kind in ("forward", "periodic coordinates"):
            found = [row for key, row in record["rows"].items() if key.startswith(f"{name}, tanh, {kind}, ")]
            columns = {label: [r["sides"][key] for r in found] for label, key in (
                ("E1", "e1"), ("E1 near the sides", "strip"), ("E1 elsewhere", "rest"), ("mismatch", "mismatch"))}
            seconds = ("–" if r["core seconds"] is None else f"{r['core seconds']:.0f}" for r in found)
            rows[name, "plain" if kind == "forward" else "periodic"] = {
                key: ", ".join(f"{v:.1e}" for v in values) for key, values in columns.items()} | {
                "core seconds": ", ".join(seconds)}
    return pd.DataFrame.from_dict(rows, orient="index")
