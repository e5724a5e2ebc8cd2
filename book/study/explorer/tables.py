"""What the explorer takes in a page."""

from __future__ import annotations

import pandas as pd


def explorer(record: dict) -> pd.DataFrame:
    """What a page takes, by model: times in ms for base and perturbed fields, first picture, size."""
    return pd.DataFrame.from_dict({name: {
        "compute [ms]": f"{row['compute']:.1f}", "compute and draw [ms]": f"{row['total']:.1f}",
        "first picture [ms]": f"{row['first picture']:.0f}", "page [kB]": f"{row['bytes'] / 1e3:.0f}",
    } for name, row in record["rows"].items()}, orient="index")
