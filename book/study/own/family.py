"""The family of gates: sixteen runs of PyClaw over the depth of the water beyond the gate, and a network of them.

`python -m study.own.family` in the folder of the book trains it again, in some minutes of a core, and writes model and
record to `study/models/gates`.
"""

from __future__ import annotations

import json
from pathlib import Path

import xarray as xr

from lrnrbook import Fit, WaveData, fit
from lrnrbook.storage import load
from study.ledger.models import MODELS

FILE = Path(__file__).with_name("gates.nc")
MODEL = MODELS / "gates.safetensors"
UNSEEN = [2, 6, 9, 13]  # numbers of the runs that are kept apart


def gates() -> WaveData:
    """All runs as one family."""
    depths = xr.open_dataset(FILE).tailwater.values
    runs = [WaveData.open(FILE, select={"tailwater": k}) for k in range(len(depths))]
    return WaveData.from_runs(runs, {"tailwater": depths})


def shipped(data: WaveData) -> Fit:
    """The fit that comes with the book."""
    record = json.loads(MODEL.with_suffix(".json").read_text())
    return Fit(load(MODEL), record["history"], record["stop_reason"], record, data=data)


if __name__ == "__main__":
    made = fit(gates(), "page", epochs=600, hyper_width=24, hyper_depth=4, holdout=UNSEEN)
    print(made, "\nwrote", made.save(MODEL))
