"""What the page on the ingredients shows: figures and numbers."""

from __future__ import annotations

from matplotlib.figure import Figure

from lrnrbook.model import MetaNetwork
from study.ingredients import claims as paired
from study.ingredients import claims_course
from study.ingredients import figures as drawn
from study.ingredients.ablations import LONG, SMALL, VARIANTS
from study.ingredients.claims_networks import CLAIMS
from study.ingredients.tables import siren_parameters
from study.instruments.pages import listed, spread
from study.instruments.tables import WAVES, mean
from study.ledger.models import load_pretrained, load_record, pretrained
from study.ledger.records import load_measurement
from study.ledger.verdicts import SETS

KINDS = {"LRNR": "short", "SIREN": "siren", "SIREN, l1": "siren_l1", "NIF": "nif"}
ZOOMS = [{"t": 0.0101, "x": (0.24, 0.4)}, {"t": 0.0285, "x": (0.66, 0.72)}, {"t": 0.038, "x": (0.6, 0.9)}]
COURSES = {"mollifier, switch to l1": "long", "mollifier, MSE": "long, MSE",
           "no mollifier, MSE": "long, MSE, no mollifier"}
SCHEDULES = {"printed": "the schedule as printed", "restarted": "the restarted one",
             "at the paper's size": "the restarted one at the paper's size"}
SWEEPS = {
    "plain $\\ell_1$": ["Adam", *(name for name in VARIANTS if name.startswith("l1 "))],
    "$R_{sparse}$, $\\lambda$ to 1e-2": ["Adam", *(f"R_sparse {value}" for value in (
        "1e-06", "1e-05", "0.0001", "0.001", "0.01"))],
    "$R_{sparse}$ 1e-4, $\\gamma$ to 1.2": ["R_sparse 0.0001" + rate for rate in (
        ", gamma 1.0125", "", ", gamma 1.1", ", gamma 1.2")],
}


def rivals(name: str) -> dict[str, MetaNetwork]:
    """Networks that were trained on a data set for equal seconds, by their names on the page."""
    return {label: load_pretrained(name, kind) for label, kind in KINDS.items() if (name, kind, 0) in pretrained()}


def figures(data, shown: dict[str, MetaNetwork]) -> dict[str, Figure]:
    """Figures of the networks of the blast waves, `shown`, and of the ablations."""
    ablations = load_measurement("ablations")
    panels = {name: {label: model for label, model in rivals(name).items() if label != "SIREN, l1"}
              for name in ("euler", "burgers", "advection")}
    return {
        "fig-04": drawn.plot_networks(shown, data, "pressure", ZOOMS),
        "fig-06-siren": drawn.plot_history_with_siren(load_record("euler", "short"), shown["LRNR"].lrnr,
                                                      load_record("euler", "siren")),
        "singular-values": drawn.plot_singular_values(panels),
        "mollifier": drawn.plot_courses(ablations, COURSES, "euler"),
        "sparsity": drawn.plot_sweeps(ablations, SWEEPS, SETS),
    }


def values() -> dict[str, str | int]:
    """Numbers in the text."""
    race, pod = load_measurement("race-siren-euler"), load_measurement("benchmark-pod")["rows"]
    seconds = [load_record(name, "nif")["seconds"] / load_record(name, "short")["seconds"] for name in SETS]
    square, nif = (mean(load_record("euler", kind)["errors"]["samples"], 2) for kind in ("plain", "nif"))
    pairs, siren, adaptive, felt = (paired.CLAIMS.checks[claim]().numbers
                                    for claim in ("C4.1-6", "C4.2-1", "C4.2-3", "C4.1-5"))
    often = adaptive["sets on which adaptive points are better in all seeds; in most"].split("; ")[1]
    rows, against = load_measurement("ablations")["rows"], CLAIMS.checks["C4.3-4"]().numbers
    return {
        "overshoot": _ratios(against, "overshoot"), "front-width": _ratios(against, "width"),
        "trials": len(race["rows"]), "trial-seconds": f"{race['seconds']:.0f}",
        "siren-parameters": f"{siren_parameters() / 1e6:.0f} million",
        "pod-equal": ", ".join(f"{row['equal']} ({name})" for name, row in pod.items()),
        "small": f"width {SMALL['width']}, rank {SMALL['rank']}, {SMALL['epochs']} epochs",
        "long-epochs": LONG["epochs"], "runs": len(rows),
        "nif-seconds": spread(seconds, ".1f"), "square-nif": f"{square / nif:.1f}",
        "ortho-adam": pairs["Adam: better with R_ortho"], "ortho-soap": pairs["SOAP: better with R_ortho"],
        "siren-times": spread([float(ratio) for ratio in siren["SIREN / LRNR"].split(", ")], ".1f"),
        "adaptive-most": often, "felt-on": _felt(felt), "cuts": _cuts(claims_course.CLAIMS.checks["C4.3-2"]().numbers),
        "hours": f"{sum(row['seconds'] for row in rows.values()) / 3600:.1f}",
    }


def _cuts(numbers: dict[str, str]) -> str:
    """After how many cuts of the blur's radius the misfit rises, and comes down again, in both readings."""
    said = []
    for name, values in numbers.items():
        reading, _, what = name.partition(": changes of the kernel; ")
        if what:
            cuts, up, good, *_ = values.split("; ")
            said.append(f"{SCHEDULES[reading]} it rises at {up} of {cuts} cuts, and comes down after {good}")
    return f"With {'; with '.join(said)}."


def _felt(numbers: dict[str, str]) -> str:
    """Waves of the trial on which the penalty has an effect, and how far it moves the coefficients."""
    said = []
    for name, value in numbers.items():
        wave, _, what = name.removeprefix("trial, ").partition(": ")
        if name.startswith("trial, ") and what.startswith("relative difference"):
            moved, rounding = map(float, value.split("; "))
            if moved > max(1e-5, rounding):
                said.append(f"the {WAVES[wave]}, where they change by one part in {float(f'{1 / moved:.1g}'):.0f}")
    where = f"moves the coefficients of {listed(said)}" if said else "is felt on no wave"
    return f"In the fair trial it {where}."


def _ratios(numbers: dict[str, str], measure: str) -> str:
    """Least and largest ratio of a measure of SIREN to that of LRNR."""
    texts = [text for name, text in numbers.items() if f", {measure}:" in name]
    return spread([float(ratio) for text in texts for ratio in text.split(", ")], ".1f")
