"""The runs of the fair trial that come with the book, beside each other: other waves, other seeds, other readings."""

from __future__ import annotations

import math
from functools import cache

import pandas as pd

from study.instruments.pages import listed, spread
from study.instruments.tables import TABLE_2, WAVES, ranks_row
from study.ledger.models import FULL, load_pretrained, load_record, pretrained
from study.sizes.portraits import floor, portrait
from study.sizes.trial import FELT, RECIPE, Trial, trials
from study.sizes.words import MUCH

# What a run changes, as the page says it; all but the first restart the schedule.
SAID = {"printed": "as printed", "restarted": "restarted", "unit_time": "unit times", "linear": "linear output",
        "felt": "felt penalty", "off": "no penalty", FULL: "paper's size"}
SHOWN = {"epoch of the switch to l1": "switch", "E1 between them": "E1 between", "coefficients kept": "kept",
         "hypermodes": "hypermodes", "smooth coefficients": "smooth", "linear coefficients": "linear"}


MEASURES = {"share of coefficients kept": lambda row: _share(row, "coefficients kept"),
            "number of hypermodes": lambda row: row["hypermodes"]}


def finished() -> list[Trial]:
    """Runs whose models come with the book, by wave, reading and seed."""
    found = [trial for trial in trials() if (trial.name, f"{RECIPE}_{trial.variant}", trial.seed) in pretrained()]
    return sorted(found, key=lambda one: (list(WAVES).index(one.name), list(SAID).index(one.variant), one.seed))


@cache
def look(trial: Trial) -> dict:
    """What came of a run, as `portraits.portrait` says it, from when its rate is at its floor, and cuts of the blur."""
    kind = f"{RECIPE}_{trial.variant}"
    record = load_record(trial.name, kind, trial.seed)
    return portrait(record, load_pretrained(trial.name, kind, trial.seed)) | {
        "floor": f"{floor(record['history']):.0f}", "cuts": len(record["history"]["cuts"]),
        "minutes": record["seconds"] / 60}


def runs() -> pd.DataFrame:
    """A row for each run that is finished, by wave, reading and seed."""
    found = {(WAVES[trial.name], SAID[trial.variant], trial.seed): look(trial) for trial in finished()}
    table = pd.DataFrame.from_dict(found, orient="index").rename(columns=SHOWN)[list(SHOWN.values())]
    table = table.map(lambda value: value.replace(" %", "\u00a0%") if isinstance(value, str) else value)
    return table.rename_axis(["wave", "reading", "seed"])


def sentences() -> dict[str, str]:
    """What the runs say, by name: how far the trial is, starts, weights of R_sparse, outputs, waves, seeds."""
    found = {trial.variant: look(trial) for trial in finished() if (trial.name, trial.seed) == ("euler", 0)}
    minutes = [look(trial)["minutes"] for trial in finished() if trial.variant != FULL]
    return {"trial-minutes": spread(minutes), "so-far": so_far(finished()), "unit-said": _unit(found),
            "sparse-said": _sparse(found), "linear-said": _linear(found), "seeds-said": seeds(finished()),
            "waves-said": f"{waves()} {_floors()}".strip()}


def so_far(done: list[Trial]) -> str:
    """Which runs are finished."""
    count, waves = len(trials()), list(dict.fromkeys(WAVES[trial.name] for trial in done))
    where = listed(f"the {wave}" for wave in waves) + " alone" * (len(waves) == 1)
    where = "all four waves" if len(waves) == len(WAVES) else where
    if len(done) == count:
        return f"All {count} runs of the fair trial have been made, on {where}."
    return f"So far {len(done)} of the {count} runs of the fair trial have been made to their end, on {where}."


def waves() -> str:
    """What the runs in two dimensions keep, beside Table 2."""
    done = _planes()
    if not done:
        return "No run in two dimensions is finished."
    names, rows = [f"the {WAVES[trial.name]}" for trial in done], [look(trial) for trial in done]
    theirs = [ranks_row(*TABLE_2[trial.name]) for trial in done]
    kept = [100 * int(part) / int(of) for part, of in (row["kept"].split("/") for row in theirs)]
    return (f"The waves in the plane are not blurred, so the schedule has one reading. On {listed(names)} the "
            f"{'network has' if len(done) == 1 else 'networks have'} {listed(row['hypermodes'] for row in rows)} "
            f"hypermodes (the paper's: {listed(row['hypermodes'] for row in theirs)}), and "
            f"{listed(_share(row, 'coefficients kept') for row in rows)} % of the coefficients are kept "
            f"({listed(f'{share:.0f}' for share in kept)} %).")


def _floors() -> str:
    """When the rate of the runs in two dimensions has fallen to its floor, if it has in all of them."""
    rows = [look(trial) for trial in _planes()]
    floors = [row["floor"] for row in rows]
    return "" if not rows or "inf" in floors else (
        "Their learning rate is at its floor, a two-thousandth of the first, after "
        f"{listed(floors)} of {rows[0]['epochs']} epochs.")


def _planes() -> list[Trial]:
    return [trial for trial in finished() if (trial.variant, trial.seed) == ("printed", 0) and trial.name != "euler"]


def seeds(done: list[Trial]) -> str:
    """What other seeds change, and which changes of the recipe go beyond that."""
    groups: dict[tuple[str, str], list[dict]] = {}
    for trial in done:
        groups.setdefault((trial.name, trial.variant), []).append(look(trial))
    several = {key: rows for key, rows in groups.items() if len(rows) > 1}
    said = [f"On the {WAVES[name]} ({SAID[variant]}) {len(rows)} runs that differ in their seed alone keep "
            f"{spread([_share(row, 'coefficients kept') for row in rows])} % of the coefficients, have "
            f"{spread([row['hypermodes'] for row in rows])} hypermodes, and errors between the samples of "
            f"{spread([_error(row) for row in rows], '.1e')}." for (name, variant), rows in several.items()]
    restarted = several.get(("euler", "restarted"), [])
    others = {SAID[variant]: rows[0] for (name, variant), rows in groups.items()
              if name == "euler" and variant not in ("printed", "restarted")}
    for what, measure in MEASURES.items() if restarted and others else ():
        known = [measure(row) for row in restarted]
        beyond = [title for title, row in others.items()
                  if measure(row) > MUCH * max(known) or MUCH * measure(row) < min(known)]
        runs = " and, in another run, with ".join(beyond)
        said.append(f"With {runs} the {what} differs from that of every seed by more than {MUCH} times."
                    if beyond else f"No change of the recipe moves the {what} by as much as {MUCH} times.")
    return " ".join(said) or "No run has been made again from another seed, so how much the seed matters is open."


def _error(row: dict) -> float:
    return float(row["E1 between them"])


def _share(row: dict, what: str) -> int:
    return int(row[what].split()[0])


def _factor(row: dict, first: dict) -> str:
    """How an error stands to that of another run."""
    ratio = _error(row) / _error(first)
    if max(ratio, 1 / ratio) < MUCH:
        return f"about the same error between the samples ({_error(row):.1e} against {_error(first):.1e})"
    more = "larger" if ratio > 1 else "smaller"
    return f"an error between the samples that is {max(ratio, 1 / ratio):.1f} times {more}"


def _unit(found: dict[str, dict]) -> str:
    if not {"unit_time", "restarted"} <= set(found):
        return "The run that starts as our recipes do, with times in [-1, 1], is not finished."
    unit, raw = found["unit_time"], found["restarted"]
    kept = [_share(row, "coefficients kept") for row in (unit, raw)]
    line = [_share(row, "linear coefficients") for row in (unit, raw)]
    less = ("So few coefficients and straight ones come from how the paper's network starts and sees time, as far as "
            "we can tell, and not from its loss." if kept[0] >= MUCH * kept[1] and line[0] < line[1] else
            "So how the network starts and sees time does not decide this." if kept[0] < MUCH * kept[1] else
            "So the start decides how many are kept, and not whether they are straight.")
    more = unit["cuts"] - raw["cuts"]
    stops = f" (Its schedule took {more} stops of the run for cuts of the blur, and began anew there.)" if more else ""
    return (f"One more run tells the start from the training: it has the same loss and schedule, but sees times scaled "
            f"to [-1, 1], and starts with every coefficient awake. It ends with {_factor(unit, raw)}. It keeps "
            f"{kept[0]} % of the coefficients (restarted, raw times: {kept[1]} %), of which {line[0]} % are nearly "
            f"linear in time ({line[1]} %), and has {unit['hypermodes']} hypermodes ({raw['hypermodes']}). {less}"
            f"{stops}")


def _sparse(found: dict[str, dict]) -> str:
    weights = {name: found[name] for name in ("off", "restarted", "felt") if name in found}
    if "felt" not in weights:
        return ("A full answer needs more runs of the fair trial, with a larger weight and without the penalty, and "
                "these have not been made.")
    first = weights.get("off", weights["restarted"])
    kept = [_share(row, "coefficients kept") for row in (weights["felt"], first)]
    does = ("So at a weight that is felt the penalty does what it is for" if kept[0] * MUCH < kept[1] else
            "So even at a weight that is felt the penalty removes few coefficients")
    missing = "" if "off" in weights else " The run without the penalty is not finished."
    return (f"With a weight of {FELT:g}, whose gradient is felt, the restarted run keeps {kept[0]} % of its "
            f"coefficients, against {kept[1]} % {'without the penalty' if 'off' in weights else 'at the printed one'}, "
            f"and ends with {_factor(weights['felt'], first)}. {does}.{missing}")


def _linear(found: dict[str, dict]) -> str:
    if "linear" not in found:
        return "The run with a linear output, which would show whether the ReLU is the reason, is not finished."
    linear, relu, paper = found["linear"], found["restarted"], TABLE_2["euler"][-1]
    kept, straight = ([_share(row, what) for row in (linear, relu)] for what in ("coefficients kept",
                                                                                 "linear coefficients"))
    away = {variant: abs(math.log(row["hypermodes"] / paper)) for variant, row in found.items()}
    nearest = " No other run comes as near to that." if min(away, key=away.get) == "linear" else ""
    return (f"With a linear output in place of the ReLU the run keeps {kept[0]} % of the coefficients ({kept[1]} % "
            f"with it), of which {straight[0]} % are nearly linear in time ({straight[1]} %), and ends with "
            f"{_factor(linear, relu)}. It has {linear['hypermodes']} hypermodes ({relu['hypermodes']}); the paper's "
            f"network of this wave has {paper}.{nearest}")
