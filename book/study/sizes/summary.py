"""Numbers of the page that sums the book up: what networks of minutes reach, and the paper's recipe beside them."""

from __future__ import annotations

from study.evidence import claims
from study.ingredients import words as ingredients
from study.ingredients.claims_course import THRESHOLDS
from study.instruments.pages import spread
from study.instruments.tables import mean
from study.ledger.models import FULL, load_pretrained, load_record
from study.ledger.records import load_measurement
from study.ledger.verdicts import SETS
from study.sizes.portraits import NAME, portrait


def carried() -> dict[str, str]:
    """How many directions carry a wave, and what a linear space needs instead."""
    pod, ours = load_measurement("benchmark-pod")["rows"], claims.check("C1-3").numbers
    trial = load_measurement("again-trial_printed")["claims"]["C1-3"]["numbers"]
    return {"modes": spread([pod[name]["modes"] for name in SETS]),
            "equal": spread([pod[name]["equal"] for name in SETS]), "better": spread(_ratios(ours)),
            "trial-pod": spread(_ratios(trial), ".1f")}


def _ratios(numbers: dict) -> list[float]:
    return [value for value in numbers.values() if isinstance(value, float)]


def learnt() -> dict[str, str]:
    """What the laptop networks reach in minutes, and what Adam does: in few steps, to its end, at the paper's size."""
    records, full = {name: load_record(name) for name in SETS}, load_record(NAME, f"trial_{FULL}")
    at, between = ({name: mean(record["errors"][split]) for name, record in records.items()}
                   for split in ("samples", "midpoints"))
    trained = claims.check("C4.3-1")
    least = {name: float(trained.numbers[f"{name}: MSE of the shipped model (SOAP)"]) for name in SETS}
    reached = sum(least[name] < THRESHOLDS[name] for name in SETS)
    return {"errors": spread([100 * error for error in at.values()], ".2f"),
            "ratios": spread([between[name] / at[name] for name in SETS], ".2f"),
            "minutes": spread([record["seconds"] / 60 for record in records.values()]),
            "adam": ingredients.adam(trained), "soap": f"{reached} of {len(SETS)}",
            "laptop-error": f"{100 * between[NAME]:.2f}",
            "full-error": f"{100 * mean(full['errors']['midpoints']):.2f}",
            "full-minutes": f"{full['seconds'] / 60:.0f}",
            "full-linear": portrait(full, load_pretrained(NAME, f"trial_{FULL}"))["linear coefficients"]}
