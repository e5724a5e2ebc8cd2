"""Tables of the rivals, and the rows of their record."""

from __future__ import annotations

import pandas as pd

from study.instruments.tables import WAVES, short
from study.ledger.verdicts import SETS
from study.rivals.measure import key, missing
from study.rivals.methods import RIVALS, SECONDS

TAKES = ("scattered points", "other times", "derivatives", "beyond the last time")


def rows_of(record: dict, name: str, method: str) -> list[dict]:
    """Rows of a rival on a wave that have been measured and fit into their bytes; shipped networks count for LRNR."""
    rows = [row | {"budget": int(place.split(", ")[2]), "method": method} for place, row in record["rows"].items()
            if place.startswith(f"{name}, {method}, ") and "midpoints" in row]
    return rows + (shipped(record, name) if method == "lrnr" else [])


def shipped(record: dict, name: str) -> list[dict]:
    """The networks of the library, in half precision and truncated as the paper does, as rows of LRNR."""
    found = record["rows"].get(f"{name}, stored", {}).get("judged", {})
    return [row | {"method": "lrnr", "shipped": recipe} for recipe, row in found.items()]


def best(rows: list[dict], stored: int, seconds: float = float("inf")) -> dict | None:
    """The row with the least error at the samples, on which all is chosen, within so many bytes and seconds."""
    within = [row for row in rows if row["bytes"] <= stored and row["seconds"] <= 1.2 * seconds]
    return min(within, key=lambda row: row["samples"], default=None)


def other_than_lrnr(record: dict, name: str, stored: int, seconds: float = float("inf"),
                    trained: bool | None = None) -> dict | None:
    """The row that is best at the midpoints within a budget, of networks, of what takes no training, or of both."""
    found = [best(rows_of(record, name, method), stored, seconds) for method, rival in RIVALS.items()
             if method != "lrnr" and trained in (None, rival.trained)]
    return min((row for row in found if row), key=lambda row: row["midpoints"], default=None)


def trained_lrnr(record: dict, name: str, stored: int, seconds: float) -> dict | None:
    """The best LRNR within a budget, but for those that come with the library."""
    return best([row for row in rows_of(record, name, "lrnr") if "shipped" not in row], stored, seconds)


def standing(record: dict, stored: int) -> pd.DataFrame:
    """Errors at midpoints of LRNR and of the best other network in equal seconds: a row a wave and budget."""
    rows = {}
    for name in SETS:
        for seconds in SECONDS:
            ours = trained_lrnr(record, name, stored, seconds)
            other = other_than_lrnr(record, name, stored, seconds, trained=True)
            if ours and other:
                rows[WAVES[name], f"{seconds} s"] = {"LRNR": short(ours["midpoints"]), "best other": short(
                    other["midpoints"]), "which is": RIVALS[other["method"]].label}
    return pd.DataFrame.from_dict(rows, orient="index")


def errors(record: dict, stored: int) -> pd.DataFrame:
    """Errors at midpoints within so many bytes, and at samples behind them: a row a rival, a column a wave."""
    rows = {}
    for method, rival in RIVALS.items():
        found = {name: best(rows_of(record, name, method), stored) for name in SETS}
        rows[rival.label] = {WAVES[name]: _absent(record, name, method, stored) if row is None else
                             f"{short(row['midpoints'])} ({short(row['samples'])})" for name, row in found.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def _absent(record: dict, name: str, method: str, stored: int) -> str:
    left = [place.split(", ") for place in missing(record) if place.startswith(f"{name}, {method}, ")]
    return "not yet" if any(size.isdigit() and int(size) <= stored for _, _, size, *_ in left) else "does not fit"


def details(record: dict, name: str) -> pd.DataFrame:
    """Every row of a wave: budget and what was used of it, errors, fronts, overshoot."""
    rows = []
    for method, rival in RIVALS.items():
        for row in rows_of(record, name, method):
            rows.append({
                "": rival.label + (f", shipped {row['shipped']}" if "shipped" in row else ""),
                "kB": f"{row['bytes'] / 1e3:.0f}", "seconds": f"{row['seconds']:.3g}", "samples": short(row["samples"]),
                "midpoints": short(row["midpoints"])} | _merits(row))
    return pd.DataFrame(rows).set_index("")


def _merits(row: dict) -> dict:
    nothing = "no front"
    return {"front, cells": nothing if row["front"] is None else f"{row['front']:.2f}",
            "overshoot, %": nothing if row["overshoot"] is None else f"{100 * row['overshoot']:.1f}"}


def costs(record: dict, stored: int) -> pd.DataFrame:
    """Microseconds for a single value and milliseconds for a frame, of what was made for so many bytes in a row.

    Networks are those of the fewest seconds, which were measured one after the other.
    """
    rows = {}
    for method, rival in RIVALS.items():
        for name in SETS:
            row = record["rows"].get(key(name, method, stored, SECONDS[0] if rival.trained else None), {})
            if "value" in row:
                rows.setdefault(rival.label, {}).update({
                    (WAVES[name], "value"): f"{row['value']:.0f}", (WAVES[name], "frame"): f"{row['frame']:.1f}"})
    return pd.DataFrame.from_dict(rows, orient="index").fillna("")


def strengths() -> pd.DataFrame:
    """What each rival takes and gives, in words."""
    return pd.DataFrame.from_dict({rival.title: dict(zip(TAKES, rival.takes, strict=True))
                                   for rival in RIVALS.values()}, orient="index")


def trials(record: dict, name: str) -> pd.DataFrame:
    """What was tried for each rival on a wave, with the error at sample times that were left out."""
    rows = []
    for place, row in record["rows"].items():
        if place.startswith(f"{name}, ") and "trials" in row:
            _, method, size = place.split(", ")
            for one in row["trials"]:
                left_out = one["heldout"]
                rows.append({"": RIVALS[method].label, "bytes": "" if size == "trials" else size,
                             "options": ", ".join(f"{name} {value:g}" for name, value in one["options"].items()),
                             "error": "does not fit" if left_out is None else short(left_out),
                             "chosen": "yes" if one["options"] == row["best"] else ""})
    return pd.DataFrame(rows).set_index("")
