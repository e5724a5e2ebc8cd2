"""Tables of the book and the command line, drawn from recipes and records."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from lrnrbook.modes import Hypermodes
from lrnrbook.recipes import RECIPES, get_recipe
from lrnrbook.storage import asset, load_benchmark, load_record, pretrained
from lrnrbook.verdicts import Verdict


def recipes(name: str, kinds: tuple[str, ...] = ("paper", "laptop", "page")) -> pd.DataFrame:
    """Recipes side by side for a data set (a row of Table 1 is the column "paper").

    Examples
    --------
    >>> recipes("euler").loc["rank", "paper"]
    '150'
    """
    unknown = [kind for kind in kinds if kind not in RECIPES]
    if unknown:
        raise ValueError(f"recipe {unknown[0]!r} is not known: expected some of {', '.join(RECIPES)}")
    columns = {kind: asdict(get_recipe(kind, name)) for kind in kinds}
    return pd.DataFrame(columns, dtype=object).map(lambda v: "all" if v is None else f"{v:g}" if _number(v) else v)


def table_1() -> pd.DataFrame:
    """Table 1 of the paper, from the recipe "paper".

    Examples
    --------
    >>> table_1()["r"].tolist()
    [150, 190, 170, 180]
    """
    names = {"1d Euler": "euler", "2d acoustics": "acoustics", "2d Burgers": "burgers", "2d advection": "advection"}
    rows = {}
    for label, name in names.items():
        r = get_recipe("paper", name)
        rows[label] = {"M": r.width, "r": r.rank, "L": r.depth, "M_hyper": r.hyper_width, "L_hyper": r.hyper_depth,
                       "batch": r.batch_times, "lambda_sparse": f"{r.lambda_sparse:.2e}",
                       "lambda_ortho": f"{r.lambda_ortho:.2e}", "gamma": f"{r.gamma:.4f}",
                       "grid": "uniform" if r.mollifier_radius else "adaptive"}
    return pd.DataFrame.from_dict(rows, orient="index")


# Table 2 of the paper: r, weight ranks by layer, bias ranks by layer, hypermodes.
TABLE_2 = {
    "euler": (150, (38, 28, 94, 147, 35), (71, 58, 76, 67, 113), 5),
    "acoustics": (190, (64, 125, 116, 14), (63, 85, 74, 3), 23),
    "burgers": (170, (14, 32, 113, 4), (11, 14, 16, 7), 38),
    "advection": (180, (85, 160, 158, 5), (29, 37, 20, 9), 26),
}


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


def ranks_row(r: int, weights, biases, count: int) -> dict:
    """A row of Table 2."""
    kept, of = sum(weights) + sum(biases), 2 * r * len(weights)
    return {"r": r, "weights": ", ".join(map(str, weights)), "biases": ", ".join(map(str, biases)),
            "kept": f"{kept}/{of}", "hypermodes": count}


def short(value: float) -> str:
    """Three digits, as 1.23e-3, so that many columns fit a page."""
    return f"{value:.2e}".replace("e-0", "e-")


def _number(value) -> bool:
    return isinstance(value, (int, float))


def errors(record: dict) -> pd.DataFrame:
    """Errors in a record: a row for each split and field, relative l1 and l2, unweighted and area-weighted."""
    rows = {}
    for split, found in record["errors"].items():
        for field in found["q1"]:
            rows[split, field] = {
                "relative l1": found["q1"][field]["points"], "relative l2": found["q2"][field]["points"],
                "l1, area-weighted": found["q1"][field]["area"], "l2, area-weighted": found["q2"][field]["area"]}
    return pd.DataFrame.from_dict(rows, orient="index").map("{:.2e}".format)


def models(records: dict[str, dict]) -> pd.DataFrame:
    """Models side by side: size, coefficients kept at 5e-5, time, mean relative l1 error, midpoints over samples."""
    rows = {}
    for name, record in records.items():
        at, between = (sum(row["points"] for row in found["q1"].values()) / len(found["q1"])
                       for found in (record["errors"]["samples"], record["errors"]["midpoints"]))
        rows[name] = {"parameters": record["parameters"], "kept": f"{record['kept']}/{record['coefficients']}",
                      "steps": record["steps"], "minutes": f"{record['seconds'] / 60:.1f}", "E1 samples": short(at),
                      "E1 midpoints": short(between), "ratio": f"{between / at:.2f}"}
    return pd.DataFrame.from_dict(rows, orient="index")


def run(record: dict) -> pd.Series:
    """What a run took: steps, time, threads, parameters, versions."""
    keys = ("parameters", "epochs", "steps", "seconds", "threads", "device", "seed", "stop_reason")
    return pd.Series({key.replace("_", " "): record[key] for key in keys}
                     | {f"version of {name}": value for name, value in record["versions"].items()}, name="")


def race(record: dict, q: int = 1) -> pd.DataFrame:
    """Rows of a race, best first: steps done in the equal time, relative l_q error by field and its mean."""
    rows = {}
    for name, row in record["rows"].items():
        values = row[f"e{q}"]
        kept = {"kept": f"{row['kept']}/{row['coefficients']}"} if "kept" in row else {}
        mean = {"mean": sum(values.values()) / len(values)} if len(values) > 1 else {}
        rows[name] = {"steps": row["steps"]} | kept | mean | values
    frame = pd.DataFrame.from_dict(rows, orient="index").sort_values(list(mean or values)[0])
    return frame.map(lambda v: short(v) if isinstance(v, float) else v)


NETWORKS = {"laptop": "LRNR, whole run", "short": "LRNR", "plain": "LRNR, MSE alone", "siren": "SIREN",
            "siren_long": "SIREN, whole run", "siren_l1": "SIREN, l1 switch and mollifier", "nif": "NIF"}


def networks(name: str) -> pd.DataFrame:
    """Networks and POD on a data set: parameters, latent size, seconds, errors and quality at the samples.

    The latent size is the number of hypermodes: singular values of the coefficients above 5e-5 of the first.
    """
    rows = {}
    for recipe, label in NETWORKS.items():
        if (name, recipe, 0) in pretrained():
            record = load_record(name, recipe)
            sizes = {key: record[key] for key in ("parameters", "coefficients", "modes")}
            rows[label] = sizes | {"seconds": f"{record['seconds']:.0f}"} | _quality(record["quality"])
    pod = load_benchmark("benchmark-pod")["rows"][name]
    rows["POD"] = {"parameters": pod["parameters"], "coefficients": pod["modes"], "modes": pod["modes"],
                   "seconds": f"{pod['seconds']:.1f}"} | _quality(pod["quality"])
    return pd.DataFrame.from_dict(rows, orient="index")


def _quality(found: dict) -> dict[str, str]:
    def written(key, form):
        return "–" if found[key] is None else format(found[key], form)

    return {"E1": short(found["e1"]), "E2": short(found["e2"]), "largest": written("max", ".2f"),
            "front": written("front", ".2f"), "overshoot": written("overshoot", ".3f"),
            "width": written("width", ".2f"), "variation": written("variation", ".3f")}


def ablations(variants: list[str], sets: tuple[str, ...], base: str = "Adam") -> pd.DataFrame:
    """E1 of variants over that of `base`, mean (least - largest) over the seeds; share of coefficients kept; r-bar."""
    record, out = load_benchmark("ablations")["rows"], {}
    for variant in variants:
        for name in sets:
            rows = [(record[f"{variant} | {name} | {s}"], record[f"{base} | {name} | {s}"]) for s in range(3)
                    if f"{variant} | {name} | {s}" in record and f"{base} | {name} | {s}" in record]
            if not rows:
                continue
            ratio = [a["e1"] / b["e1"] for a, b in rows]
            out[variant, name] = {
                "seeds": len(rows), "E1": short(sum(a["e1"] for a, _ in rows) / len(rows)),
                f"over {base}": f"{sum(ratio) / len(ratio):.2f} ({min(ratio):.2f}-{max(ratio):.2f})",
                "kept": f"{sum(a['kept'] / a['coefficients'] for a, _ in rows) / len(rows):.2f}",
                "modes": f"{sum(a['modes'] for a, _ in rows) / len(rows):.1f}"}
    return pd.DataFrame.from_dict(out, orient="index")


def verdicts(found: list[Verdict]) -> pd.DataFrame:
    """Claims with their verdicts, a row each."""
    rows = {v.claim.id: {"the paper claims": v.claim.text, "where": v.claim.where, "verdict": v.verdict} for v in found}
    return pd.DataFrame.from_dict(rows, orient="index")


def search(record: dict) -> pd.DataFrame:
    """Trials of `lrnrbook tune`, best first, with the truncated ranks; those that failed come last, with the reason."""
    rows = {}
    for number, row in record["rows"].items():
        change = {name: f"{value:g}" if _number(value) else value for name, value in row["change"].items()}
        found = {"kept": f"{row['kept']}/{row['coefficients']}", "E1": row["e1"], "ranks": row.get("ranks", "–"),
                 "steps": row["steps"]} if "e1" in row else {"E1": float("inf"), "ranks": row["failed"]}
        rows[number] = change | found
    frame = pd.DataFrame.from_dict(rows, orient="index").sort_values("E1")
    frame["E1"] = [short(value) if value < float("inf") else "failed" for value in frame["E1"]]
    return frame.astype(object).where(frame.notna(), "–")


def step(record: dict) -> pd.Series:
    """What `lrnrbook benchmark step` measured."""
    one, best, part = record["step"], record["peak"], record["fraction"]
    alone = record["seconds"]["one thread"]
    figures = {
        "operations in matrix products": f"{one['flops'] / 1e6:.0f} million",
        "bytes into and out of operations": f"{one['bytes'] / 1e6:.0f} million",
        "time": f"{1e3 * one['seconds']:.1f} ms", "of it in the optimizer": f"{100 * one['optimizer']:.0f} %",
        "float32 peak of a core, measured": f"{best['flops'] / 1e9:.0f} GFLOP/s",
        "reached of it": f"{100 * part['flops']:.0f} %",
        "memory speed of a core, measured": f"{best['bytes'] / 1e9:.1f} GB/s",
        "reached of it, as if nothing were cached": f"{100 * part['bytes']:.0f} %",
    }
    times = {f"{name}, time against one thread": f"{seconds / alone:.2f}"
             for name, seconds in record["seconds"].items() if name != "one thread"}
    return pd.Series(figures | times)


def explorer(record: dict) -> pd.DataFrame:
    """What a page takes, by model: times in ms for base and perturbed fields, first picture, size."""
    return pd.DataFrame.from_dict({name: {
        "compute [ms]": f"{row['compute']:.1f}", "compute and draw [ms]": f"{row['total']:.1f}",
        "first picture [ms]": f"{row['first picture']:.0f}", "page [kB]": f"{row['bytes'] / 1e3:.0f}",
    } for name, row in record["rows"].items()}, orient="index")


def records() -> pd.DataFrame:
    """Every shipped record of a benchmark: what, command, figure, ratio, machine, date."""
    rows = []
    for name in sorted(path.stem for path in asset("records").glob("*.json")):
        record = load_benchmark(name)
        rows.append({"ratio": "–"} | _record_row(name, record) | {
            "machine": "{cores} cores, {architecture}".format(**record["machine"]),
            "date": record.get("date") or max(row["date"] for row in record["rows"].values())})
    columns = ["what", "command", "figure", "ratio", "machine", "date"]
    return pd.DataFrame(rows)[columns].set_index("what").rename_axis(None)


def _record_row(name: str, record: dict) -> dict:
    """What a record is about, the command that makes it, a figure and a ratio of it."""
    if name == "benchmark-step":
        one, pair = (record["seconds"][key] for key in ("one thread", "two runs side by side, one thread each"))
        return {"what": f"a training step, {record['data']}", "command": "lrnrbook benchmark step",
                "figure": f"{100 * record['fraction']['flops']:.0f} % of a core's float32 peak",
                "ratio": f"{2 * one / pair:.2f} times the steps with two runs side by side"}
    if name == "benchmark-speed":
        one = record["one value"]["rank 48, 1 piece"]["compiled"]["median"]
        m, row = list(record["width"].items())[-1]
        return {"what": "FastLRNR, cost against width and rank", "command": "lrnrbook benchmark speed",
                "figure": f"{one:.1f} µs for a value of the truncated Euler model",
                "ratio": f"{row['full']['seconds'] / row['fast']['seconds']:.0f} times faster than the full network of "
                         f"width {m}"}
    if name == "benchmark-paper":
        speeds = {key: row["seconds"]["cpu"] for key, row in record["fast"].items()}
        return {"what": "networks of the paper's own sizes", "command": "lrnrbook benchmark paper",
                "figure": ", ".join(f"{v['steps'] / v['seconds']:.1f} steps a second ({k.split(', ')[0]})"
                                    for k, v in record["runs"].items()),
                "ratio": "FastLRNR faster than the full network: " + ", ".join(
                    f"{v['full'] / v['fast']:.0f} times ({k})" for k, v in speeds.items())}
    done = record["rows"]
    if name == "benchmark-pod":
        reached = ", ".join(f"E1 {v['quality']['e1']:.2f} ({k})" for k, v in done.items())
        return {"what": "POD with as many modes as the shipped models have hypermodes",
                "command": "lrnrbook benchmark pod", "figure": reached,
                "ratio": "modes for equal E1: " + ", ".join(f"{v['equal']}" for v in done.values())}
    if name == "benchmark-explorer":
        slowest = max(row["total"] for key, row in done.items() if key.endswith("page"))
        return {"what": "explorer in headless Chromium", "command": "lrnrbook benchmark explorer",
                "figure": f"at most {slowest:.0f} ms a picture, page models",
                "ratio": f"{record['plain'] / record['kernel']:.1f} times faster than plain JavaScript"}
    if name == "benchmark-fastlrnr":
        best = {key.split(",")[0]: float(np.median(rows["48"]["errors"])) for key, rows in done.items()
                if "laptop, float64, oversampled, 1" in key}
        return {"what": f"FastLRNR at {record['points']} points, rank 48, oversampled rows",
                "command": "lrnrbook benchmark fastlrnr",
                "figure": "median relative l2 error " + ", ".join(f"{v:.1e} ({k})" for k, v in best.items())}
    if name == "benchmark-outside":
        cost = sum(row.get("core seconds") or 0 for row in done.values()) / 60
        return {"what": f"outside the square: {len(done)} models", "command": "lrnrbook benchmark outside",
                "figure": f"{cost:.0f} core minutes of training"}
    if name == "benchmark-constructions":
        trained, drawn = (sum(key.startswith(begin) for key in done) for begin in ("learned", "sampling"))
        return {"what": f"networks built by hand, {len(done)} rows", "command": "lrnrbook benchmark constructions",
                "figure": f"{trained} trained beside them, {drawn} sizes sampled"}
    if name.startswith("hypermodes-"):
        kind = name.removeprefix("hypermodes-")
        return {"what": f"hypermodes of the laptop models: {kind}", "command": f"lrnrbook benchmark hypermodes {kind}",
                "figure": f"{len(done)} models"}
    if name == "ablations":
        return {"what": f"ablations, {len(done)} short runs", "command": "lrnrbook reproduce --only ablations",
                "figure": f"{sum(v['seconds'] for v in done.values()) / 3600:.1f} core hours"}
    means = {key: sum(row["e1"].values()) / len(row["e1"]) for key, row in done.items()}
    best = min(means, key=means.get)
    if name == "benchmark-training":
        error = {key: row["e2"]["pressure"] for key, row in done.items()}
        ours, adam = error["laptop recipe (SOAP)"], min(error[key] for key in error if key.startswith("Adam"))
        return {"what": "laptop recipe against Adam, Euler pressure", "command": "lrnrbook benchmark training",
                "figure": f"relative l2 error {ours:.1e} after {record['seconds']:.0f} s",
                "ratio": f"{adam / ours:.1f} times less than the better Adam"}
    _, what, data = name.split("-")
    return {"what": f"race of {len(done)} variants: {what}, {data}",
            "command": f"lrnrbook benchmark race {what} {data}",
            "figure": f"mean E1 {means[best]:.1e} after {record['seconds']:.0f} s: {best}",
            "ratio": f"{max(means.values()) / means[best]:.1f} times less than the worst"}
