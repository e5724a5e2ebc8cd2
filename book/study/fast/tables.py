"""Tables about FastLRNR: errors, fits beside it, gradients, speed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from study.fast.measure import key
from study.instruments.tables import short
from study.ledger.verdicts import SETS


def errors(record: dict, part: str = "", ranks=(16, 32, 48, 64, 96)) -> pd.DataFrame:
    """Relative l2 errors of FastLRNR, median / maximum over the points, by rank; rows whose name has `part`.

    Names leave out what most rows have: the recipe laptop, and double precision.
    """
    kept = {name.replace(part, "").replace(", laptop", "").replace(", float64", ""): rows
            for name, rows in sorted(record["rows"].items(), key=lambda row: (SETS.index(row[0].split(",")[0]), row[0]))
            if part in name}
    return pd.DataFrame.from_dict({name: {
        f"rank {rank}": f"{short(float(np.median(row['errors'])))} / {short(max(row['errors']))}"
        for rank, row in ((k, rows.get(str(k))) for k in ranks) if row}
        for name, rows in kept.items()}, orient="index").fillna("–")


def width(record: dict) -> pd.DataFrame:
    """Cost against the width of the full network: seconds for all points and times, share of a core's peak."""
    rows = {}
    for m, row in record["width"].items():
        rows[int(m)] = {f"{name} [s]": f"{row[name]['seconds']:.3f}" if name in row else "–"
                            for name in ("dense", "full", "fast")} | {
            "time, full / fast": f"{row['full']['seconds'] / row['fast']['seconds']:.1f}",
            "operations, full / fast": f"{row['full']['operations'] / row['fast']['operations']:.1f}",
            "share of peak, full and fast": ", ".join(
                f"{200 * row[k]['operations'] / row[k]['seconds'] / record['peak']['flops']:.0f} %"
                for k in ("full", "fast"))}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("M")


def paper(record: dict) -> pd.DataFrame:
    """Table 1's Euler network, full against compressed: measured speed-up as a share of that of the operations."""
    rows, found = record["paper"]["rows"], {}
    full = rows["full"]
    for name, row in rows.items():
        if name == "full":
            continue
        gain, counted = full["seconds"] / row["seconds"], full["operations"] / row["operations"]
        found[f"rank {name}"] = {
            "relative l2 error": short(record["paper"]["errors"][name]), "operations, full / fast": f"{counted:.1f}",
            "time, full / fast": f"{gain:.1f}", "time / operations": f"{100 * gain / counted:.0f} %",
            "bytes, full / fast": f"{full['bytes'] / row['bytes']:.1f}"}
    return pd.DataFrame.from_dict(found, orient="index")


def one_value(record: dict) -> pd.DataFrame:
    """Microseconds of a value at one point and time, median / 99th percentile."""
    return pd.DataFrame.from_dict({name: {"relative l2 error": short(row["error"])} | {
        f"{kind} [µs]": f"{row[kind]['median']:.1f} / {row[kind]['p99']:.1f}" for kind in
        ("compiled", "FastLRNR", "full")} for name, row in record["one value"].items()}, orient="index")


def gradients(record: dict) -> pd.DataFrame:
    """Speed-up of forward and backward, and what width, number of points and threads add to it."""
    return pd.DataFrame.from_dict({name: {
        "same points, one thread": f"{row['full'] / row['fast']:.1f}",
        "against 8 times the points": f"{row['full, 8 times the points'] / row['fast']:.1f}",
        "same points, two threads": f"{row['full, two threads'] / row['fast, two threads']:.1f}"}
        for name, row in record["gradients"].items()}, orient="index")


def fits(record: dict, target: float = 1e-4) -> pd.DataFrame:
    """Numbers stored a point for an error of `target`, all points together: FastLRNR (deim, one piece) and two fits."""
    found = {}
    for name in SETS:
        fields = 3 if name == "euler" else 1
        sizes = {"FastLRNR": {row["numbers"]: row for row in record["rows"][key(name)].values()}}
        for kind, rows in record["fits"][f"{name}, laptop"].items():
            sizes[kind] = {int(n) * fields: row for n, row in rows.items()}
        least = {kind: min((n for n, row in rows.items() if row["together"] <= target), default=None)
                 for kind, rows in sizes.items()}
        found[name] = {kind: f"{n:,}" if n else "–" for kind, n in least.items()} | {
            "spline / FastLRNR": f"{least['spline'] / least['FastLRNR']:.3f}" if all(least.values()) else "–"}
    return pd.DataFrame.from_dict(found, orient="index")


def gradient_errors(record: dict, ranks=(48, 96)) -> pd.DataFrame:
    """Relative errors of values, and of gradients in t, hypermode coordinates and s: geometric mean over the sets.

    A set whose states span less than the rank is left out of its row.
    """
    rows: dict[str, list[dict]] = {}
    for recipe in ("laptop", "smooth"):
        for name in SETS:
            for label, row in record["gradients"][f"{name}, {recipe}"].items():
                rank, pieces, along = label.split(", ")
                if int(rank.split()[1]) in ranks:
                    spanned = "states alone" if along == "along 0 hypermodes" else "and along hypermodes"
                    rows.setdefault(f"{recipe}, {rank}, {pieces}, {spanned}", []).append(row)
    return pd.DataFrame.from_dict({label: {
        what: short(float(np.exp(np.mean([np.log(row[what]) for row in found]))))
        for what in ("values", "t", "modes", "s")} for label, found in rows.items()}, orient="index")


def build(record: dict) -> pd.DataFrame:
    """Build time, memory, and after how many values the build has paid for itself."""
    found = {}
    for name, row in record["build"].items():
        spline = "full" not in row
        paid = row.get("pays after")
        found[name] = {
            "relative l2 error": short(row["error"]), "build [s]": f"{row['build']:.2f}",
            "memory [MB]": f"{row['bytes'] / 1e6:.2f}",
            "all values [s]": f"{row['fast']:.3f}" + ("" if spline else f" (compiled {row['compiled']:.3f})"),
            "full / this": "–" if spline else f"{row['full'] / row['fast']:.1f}",
            "paid after [million values]": f"{paid / 1e6:.1f}" if paid else "–"}
    return pd.DataFrame.from_dict(found, orient="index")
