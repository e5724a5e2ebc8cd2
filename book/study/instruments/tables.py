"""Tables that several chapters show: recipes, models, races."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from lrnrbook.recipes import RECIPES, get_recipe

WAVES = {"euler": "blast waves", "acoustics": "ring of sound", "burgers": "wave of Burgers", "advection": "swirl"}


def mean(errors: dict, q: int = 1) -> float:
    """Mean over the fields of a relative error of a record, points counted alike."""
    return float(np.mean([row["points"] for row in errors[f"q{q}"].values()]))


def recipes(name: str, kinds: tuple[str, ...] = ("paper", "laptop", "page")) -> pd.DataFrame:
    """Recipes side by side for a data set (a row of Table 1 is the column "paper"), without what no network uses.

    Examples
    --------
    >>> recipes("euler").loc["rank", "paper"]
    '150'
    """
    unknown = [kind for kind in kinds if kind not in RECIPES]
    if unknown:
        raise ValueError(f"recipe {unknown[0]!r} is not known: expected some of {', '.join(RECIPES)}")
    columns = {kind: asdict(get_recipe(kind, name)) for kind in kinds}
    others = ["omega", "bottleneck"] if {column["network"] for column in columns.values()} == {"lrnr"} else []
    table = pd.DataFrame(columns, dtype=object).drop(index=others)
    return table.map(lambda v: "all" if v is None else f"{v:g}" if _number(v) else v)


# Table 2 of the paper: r, weight ranks by layer, bias ranks by layer, hypermodes.
TABLE_2 = {
    "euler": (150, (38, 28, 94, 147, 35), (71, 58, 76, 67, 113), 5),
    "acoustics": (190, (64, 125, 116, 14), (63, 85, 74, 3), 23),
    "burgers": (170, (14, 32, 113, 4), (11, 14, 16, 7), 38),
    "advection": (180, (85, 160, 158, 5), (29, 37, 20, 9), 26),
}


def ranks_row(r: int, weights, biases, count: int) -> dict:
    """A row of Table 2."""
    kept, of = sum(weights) + sum(biases), 2 * r * len(weights)
    return {"r": r, "weights": ", ".join(map(str, weights)), "biases": ", ".join(map(str, biases)),
            "kept": f"{kept}/{of}", "hypermodes": count}


def short(value: float) -> str:
    """Three digits, as 1.23e-3, so that many columns fit a page."""
    return f"{value:.2e}".replace("e-0", "e-")


def _number(value) -> bool:
    return isinstance(value, (int, float))


def models(records: dict[str, dict]) -> pd.DataFrame:
    """Models side by side: size, coefficients kept at 5e-5, time, mean relative l1 error, midpoints over samples."""
    rows = {}
    for name, record in records.items():
        at, between = (mean(record["errors"][place]) for place in ("samples", "midpoints"))
        rows[name] = {"parameters": record["parameters"], "kept": f"{record['kept']}/{record['coefficients']}",
                      "steps": record["steps"], "minutes": f"{record['seconds'] / 60:.1f}", "E1 samples": short(at),
                      "E1 midpoints": short(between), "ratio": f"{between / at:.2f}"}
    return pd.DataFrame.from_dict(rows, orient="index")


def race(record: dict, q: int = 1) -> pd.DataFrame:
    """Rows of a race, best first: steps done in the equal time, relative l_q error by field and its mean."""
    rows = {}
    for name, row in record["rows"].items():
        values = row[f"e{q}"]
        kept = {"kept": f"{row['kept']}/{row['coefficients']}"} if "kept" in row else {}
        mean = {"mean": sum(values.values()) / len(values)} if len(values) > 1 else {}
        rows[name] = {"steps": row["steps"]} | kept | mean | values
    frame = pd.DataFrame.from_dict(rows, orient="index").sort_values(list(mean or values)[0])
    return frame.map(lambda v: short(v) if isinstance(v, float) else v)
