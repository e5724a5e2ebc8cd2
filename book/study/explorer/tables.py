"""What the explorer takes in a page."""

from __future__ import annotations

import pandas as pd

from study.explorer.painting import POINTS


def explorer(record: dict) -> pd.DataFrame:
    """What a page takes, by model: times in ms, frames a second while it plays, and sizes."""
    return pd.DataFrame.from_dict({name: {
        "compute [ms]": f"{row['compute']:.1f}", "compute and draw [ms]": f"{row['total']:.1f}",
        "move of a slider [ms]": f"{row['drag']:.1f}", "fit to gauges [ms]": f"{row['encode']:.0f}",
        "frames a second": f"{row['frames a second']:.0f}", "first picture [ms]": f"{row['first picture']:.0f}",
        "page [kB]": f"{row['bytes'] / 1e3:.0f}",
        "of it shared [kB]": f"{row['shared bytes'] / 1e3:.0f}",
    } for name, row in record["rows"].items()}, orient="index")


def painted(record: dict) -> pd.DataFrame:
    """Frames a second by WebAssembly and by WebGL2, page models of waves in the plane: computed, and drawn as well."""
    ways = {"wasm": "WebAssembly", "webgl": "WebGL2"}
    return pd.DataFrame({name: {
        **{f"{says}, {side} x {side}": f"{row[way][str(side)]:.3g}" for side in POINTS for way, says in ways.items()},
        **{f"{says}, drawn": f"{row[way]['drawn']:.3g}" for way, says in ways.items()},
        "the page takes": ways[row["chosen"]],
    } for name, row in record["painted"].items()})
