"""Table 2: truncated ranks and hypermodes."""

from __future__ import annotations

import pandas as pd

from lrnrbook.modes import Hypermodes
from study.instruments.tables import TABLE_2, ranks_row
from study.ledger.models import load_record


def table_2(modes: dict[str, Hypermodes]) -> pd.DataFrame:
    """Table 2: truncated ranks and hypermodes, the paper's and those of the given (truncated) models.

    Parameters
    ----------
    modes : dict
        Data set -> hypermodes of its truncated model.
    """
    rows = {}
    for name, found in modes.items():
        r, weights, biases, count = TABLE_2[name]
        ours, record = found.model.ranks, load_record(name)
        rows[name, "paper"] = ranks_row(r, weights, biases, count)
        rows[name, "here"] = ranks_row(record["recipe"]["rank"], ours.weights, ours.biases, found.count())
    return pd.DataFrame.from_dict(rows, orient="index")
