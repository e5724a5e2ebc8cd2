"""Networks of the blast waves side by side: ours, the paper's recipe at a smaller size, and the paper's size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from lrnrbook.datasets import load_data
from lrnrbook.evaluation import errors
from lrnrbook.model import MetaNetwork
from lrnrbook.modes import hypermodes
from lrnrbook.truncation import truncate
from study.instruments.smoothness import line_r2, smooth
from study.instruments.tables import TABLE_2, mean, ranks_row, short
from study.ledger.models import load_pretrained, load_record

NAME = "euler"
KINDS = {"laptop": "laptop", "trial, as printed": "trial_printed", "trial, restarted": "trial_restarted",
         "paper's size, our recipe": "paper-fast", "paper's size, paper's recipe": "trial_full"}
FLOOR = 5.1e-7  # the printed schedule cuts no rate below 5e-7
BEFORE = 500  # epochs before the switch, whose losses are looked at


def records(labels: Sequence[str] = tuple(KINDS)) -> dict[str, dict]:
    """Records of the networks, or of some, by their names on the page."""
    return {label: load_record(NAME, KINDS[label]) for label in labels}


def portrait(record: dict, model: MetaNetwork) -> dict:
    """What came of a run: switch, errors, share of coefficients kept, hypermodes, shape of the coefficients."""
    small = truncate(model)[0]
    modes = hypermodes(small)
    s = small.coefficients(modes.times).detach().double().numpy()
    line = (line_r2(modes.times, s) >= 0.9) | (np.ptp(s, axis=0) < 0.01 * np.abs(s).max())
    switch = record["history"]["switch_epoch"]
    return {
        "epochs": record["epochs"], "minutes": f"{record['seconds'] / 60:.0f}",
        "on": record["device"].replace("cpu", "a CPU"),
        "epoch of the switch to l1": "never" if switch is None else switch,
        "E1 at the samples": short(mean(record["errors"]["samples"])),
        "E1 between them": short(mean(record["errors"]["midpoints"])),
        "coefficients kept": f"{100 * len(s[0]) / record['coefficients']:.0f} %", "hypermodes": modes.count(),
        "smooth coefficients": f"{100 * smooth(modes.times, s):.0f} %",
        "linear coefficients": f"{100 * line.mean():.0f} %"}


def portraits(found: dict[str, dict]) -> pd.DataFrame:
    """A column a network: how it was trained, and what came of it."""
    columns, between = {}, load_data(NAME, "midpoints")
    for label, record in found.items():
        recipe, model = record["recipe"], load_pretrained(NAME, KINDS[label])
        columns[label] = {"width, rank, depth": f"{recipe['width']}, {recipe['rank']}, {recipe['depth']}",
                          "optimizer": {"adam": "Adam", "soap": "SOAP"}[recipe["optimizer"]]
                          } | portrait(record, model) | {
                              "E1 between them, truncated": short(errors(truncate(model)[0], between).mean)}
    return pd.DataFrame(columns)


def table_2(found: dict[str, dict]) -> pd.DataFrame:
    """Table 2 for the blast waves: what truncation at 5e-5 keeps, layer by layer, and hypermodes."""
    r, weights, biases, count = TABLE_2[NAME]
    rows = {"the paper's": ranks_row(r, weights, biases, count)}
    for label, record in found.items():
        small, ranks = truncate(load_pretrained(NAME, KINDS[label]))
        rows[label] = ranks_row(record["recipe"]["rank"], ranks.weights, ranks.biases, hypermodes(small).count())
    return pd.DataFrame.from_dict(rows, orient="index")


def floor(history: dict) -> float:
    """Epoch from which the rate is at its floor; infinite if it never is."""
    low = np.array(history["epoch"])[np.array(history["learning_rate"]) <= FLOOR]
    return float(low[0]) if len(low) else math.inf


def course(record: dict) -> dict[str, float]:
    """Landmarks of a run: switch, rate at its floor, least MSE of the data themselves, E1 before and after the blur.

    "before" is the least loss of the recorded epochs before the switch. Epochs that never came are infinite.
    """
    history = record["history"]
    epoch = np.array(history["epoch"])
    evaluated = [row for row in history["evaluations"] if row[1] is not None]
    gone = epoch[np.array(history["mollifier_radius"]) == 0]
    sharp = gone[0] if len(gone) else math.inf
    until = [row[1] for row in evaluated if row[0] <= sharp]
    switch = math.inf if history["switch_epoch"] is None else history["switch_epoch"]
    before = (epoch < switch) & (epoch >= switch - BEFORE)
    return {"switch": switch, "before": float(np.array(history["misfit"])[before].min(initial=math.inf)),
            "floor": floor(history), "sharp": float(sharp),
            "mse": min(row[2] for row in evaluated if row[2] is not None),
            "at sharp": until[-1], "end": evaluated[-1][1]}
