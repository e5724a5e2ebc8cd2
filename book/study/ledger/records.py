"""Records: what long runs measured, as JSON files beside this package."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from study.ledger.verdicts import Missing

RECORDS = Path(__file__).parents[1] / "records"


def record_names() -> list[str]:
    """Names of all records, as "race-recipe-euler".

    Examples
    --------
    >>> "ablations" in record_names()
    True
    """
    return sorted(path.stem for path in RECORDS.glob("*.json"))


@cache
def load_measurement(name: str) -> dict:
    """Record of a measurement, race or ablations, as "race-recipe-euler"; read once, so do not change it.

    Raises
    ------
    Missing
        If there is none of this name, naming those that are there.
    """
    if name not in record_names():
        raise Missing(f"no record {name!r}: expected one of {', '.join(record_names())}")
    return json.loads((RECORDS / f"{name}.json").read_text())
