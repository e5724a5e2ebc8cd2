"""Tables of the models of the paper's own sizes, from the record "benchmark-paper"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from lrnrbook.datasets import load_data
from lrnrbook.modes import hypermodes
from lrnrbook.recipes import Recipe, get_recipe
from lrnrbook.trainer import new_model
from lrnrbook.truncation import truncate
from study.instruments.tables import WAVES, mean, short
from study.ledger.models import load_pretrained, load_record
from study.ledger.records import load_measurement
from study.ledger.verdicts import SEEN, Verdict


def _named(label: str) -> str:
    """A run as the page calls it: by its wave, and by its recipe if that is not ours at the paper's size."""
    name, recipe = label.split(", ")
    return WAVES[name] + ("" if recipe == "paper-fast" else f", {recipe}")


def runs(record: dict) -> pd.DataFrame:
    """A row a run: sizes, time, how far it got, errors at samples and midpoints."""
    rows = {}
    for name, row in record["runs"].items():
        errors = row["errors"]
        rows[_named(name)] = {
            "M": row["width"], "r": row["rank"], "parameters": row["parameters"],
            "minutes": round(row["seconds"] / 60, 1), "epochs": row["epochs"],
            "of the paper's": f"{100 * row['epochs'] / row['epochs of the paper']:.1f} %",
            "E1": short(mean(errors["samples"])), "E2": short(mean(errors["samples"], 2)),
            "E1 between": short(mean(errors["midpoints"]))}
    return pd.DataFrame.from_dict(rows, orient="index")


def steps(record: dict) -> pd.DataFrame:
    """Speed of a training step: steps a second, share of the device's peak, days for the recipe's epochs."""
    rows = {}
    for label, row in record["steps"].items():
        name, recipe, device = label.split(", ", 2)
        place = WAVES[name], recipe, device
        rows[place] = {
            "points a step": row["points"], "operations": f"{row['flops'] / 1e9:.3g}e9",
            "steps a second": f"{1 / row['seconds']:.2g}", "share of the peak": f"{100 * row['share']:.0f} %",
            "hours for 1000 epochs": f"{1000 * row['steps an epoch'] * row['seconds'] / 3600:.2g}"}
        if "seconds with TF32" in row:
            rows[place]["with TF32"] = f"{row['seconds'] / row['seconds with TF32']:.2f} times as fast"
    return pd.DataFrame.from_dict(rows, orient="index").fillna("")


def fast(record: dict) -> pd.DataFrame:
    """FastLRNR at the paper's sizes, a column a wave and device: error at some ranks, speed beside the full network."""
    columns = {}
    for name, row in record["fast"].items():
        errors = {f"error at rank {k}": short(e) for k, e in row["errors"].items()}
        for device, seconds in row["seconds"].items():
            count = row["points"] * row["times"]
            columns[f"{WAVES[name]}, {device.replace('cpu', 'CPU')}"] = errors | {
                "rank for the speeds": row["rank"],
                "full network, values a second": f"{count / seconds['full']:.0f}",
                "FastLRNR, values a second": f"{count / seconds['fast']:.0f}",
                "so many times as fast": f"{seconds['full'] / seconds['fast']:.2g}"}
    return pd.DataFrame(columns)


def verdicts(laptop: Sequence[Verdict], others: dict[str, dict]) -> pd.DataFrame:
    """Statements decided on other networks too, a row each: `others` has records by what their networks are called.

    Column "same" says whether all verdicts of a row agree.
    """
    rows = {}
    for verdict in laptop:
        claim, said = verdict.claim, SEEN if verdict.claim.observation else {}
        verdicts = {label: record["claims"].get(claim.id, {}).get("verdict", "") for label, record in others.items()}
        if any(verdicts.values()):
            words = {label: said.get(value, value) for label, value in verdicts.items()}
            rows[claim.id] = {"the paper says": claim.text, "laptop": verdict.word} | words | {
                "same": {verdict.verdict, *verdicts.values()} - {""} == {verdict.verdict}}
    return pd.DataFrame.from_dict(rows, orient="index").sort_values("same", kind="stable")


def elsewhere() -> dict[str, dict]:
    """Records of claims that were decided again, by what a table calls their networks."""
    kinds = {"fair trial": "again-trial_printed", "paper size, our recipe": "benchmark-paper",
             "paper size, paper's recipe": "again-trial_full"}
    return {label: load_measurement(name) for label, name in kinds.items()}


def words(record: dict) -> dict[str, str]:
    """Numbers that the page on the paper's sizes says in sentences."""
    rows = record["runs"]
    asked = next(iter(rows.values()))["epochs of the paper"]
    minutes, epochs = [row["seconds"] / 60 for row in rows.values()], [row["epochs"] for row in rows.values()]
    devices = ", ".join(sorted({row["device"] for row in rows.values()})).replace("cpu", "a CPU")
    trained = (f"Training took {min(minutes):.0f} to {max(minutes):.0f} minutes a network, for {min(epochs)} to "
               f"{max(epochs)} epochs, on {devices}.")
    if under := [row["epochs of the paper"] / row["epochs"] for row in rows.values()
                 if row["epochs"] < row["epochs of the paper"]]:
        trained += (f" {'None' if len(under) == len(rows) else 'Not each'} of the networks was trained to its end: "
                    f"the paper's saw up to {max(under):.0f} times as many epochs.")
    e1 = {name: mean(row["errors"]["samples"]) for name, row in rows.items()}
    ratios = {name: value / mean(load_record(name.split(", ")[0])["errors"]["samples"]) for name, value in e1.items()}
    shipped = {name: row["shipped"] for name, row in rows.items() if "shipped" in row}
    letter = {name.split(", ")[0]: row for name, row in record["steps"].items() 
              if name.split(", ")[1:] == ["paper", "cpu"]}
    days = {name: asked * row["steps an epoch"] * row["seconds"] / 86400 for name, row in letter.items()}
    sizes = [(row["width"], row["rank"], row["parameters"] / 1e6) for row in rows.values()]
    laptop = get_recipe("laptop")
    return {
        **{what: _between(values) for what, values in zip(("widths", "ranks", "millions"), zip(*sizes, strict=True),
                                                          strict=True)},
        "laptop-width": str(laptop.width), "laptop-rank": str(laptop.rank),
        "points": " or ".join(sorted({str(row["points"]) for row in record["fast"].values()})),
        "trained": trained, "asked": f"{asked:,}".replace(",", " "),
        "ratios": ", ".join(f"{value:.1f} ({_named(name)})" for name, value in ratios.items()),
        "bytes": f"{sum(row['bytes'] for row in shipped.values()) / 1e6:.1f}",
        "cut": _percent(row["change by truncation"] for row in shipped.values()),
        "half": _percent(row["by half precision"] for row in shipped.values()),
        "days": ", ".join(f"{value:.0f} days of a core for the {WAVES[name]}" for name, value in days.items())}


def _between(values: Sequence[float]) -> str:
    """The least and the largest."""
    form = ".0f" if max(values) >= 100 else ".1f"
    return f"{min(values):{form}} to {max(values):{form}}"


def _percent(changes: Iterable[float]) -> str:
    """The largest change, in percent."""
    return f"{100 * max(map(abs, changes)):.2g} %"


def likeness(names: Sequence[str], recipes: Sequence[str], count: int = 6, others: int = 3) -> pd.DataFrame:
    """Cosines between temporal modes of trained models and those of untrained networks, by mode.

    "own start": the same network before training. "other starts": networks of other seeds, the largest cosine of any,
    mode by mode, since a few smooth functions in order of size look much the same whatever they come from. Modes that
    do not count, below 5e-5 of the first, are rounding: nan.
    """
    rows = {}
    for name in names:
        for recipe in recipes:
            trained = _temporal(truncate(load_pretrained(name, recipe))[0], count)
            data, chosen = load_data(name), Recipe(**load_record(name, recipe)["recipe"])
            own, *rest = (np.abs((_temporal(new_model(data, chosen, seed), count) * trained).sum(0))
                          for seed in range(1 + others))
            for start, cosines in (("own start", own), ("other starts", np.fmax.reduce(rest))):
                rows[name, recipe, start] = {f"mode {i}": float(c) for i, c in enumerate(cosines, 1)}
    return pd.DataFrame.from_dict(rows, orient="index").round(2)


def _temporal(model, count: int) -> np.ndarray:
    modes = hypermodes(model)
    temporal = modes.temporal[:, :count] / np.linalg.norm(modes.temporal[:, :count], axis=0)
    return np.where(np.arange(count) < modes.count(), temporal, np.nan)
