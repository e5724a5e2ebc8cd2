"""Tables about the ingredients of training: Table 1, networks compared, ablations."""

from __future__ import annotations

import pandas as pd

from lrnrbook.recipes import get_recipe
from study.instruments.tables import short
from study.ledger.models import load_record, pretrained
from study.ledger.records import load_measurement


def siren_parameters(width: int = 512, depth: int = 5, hyper_width: int = 256, hyper_depth: int = 5) -> int:
    """Parameters of a hypernetwork that gives every weight and bias of a SIREN with one input and one output.

    Examples
    --------
    >>> round(siren_parameters() / 1e6)
    203
    """
    inner, outer = [1, *[width] * (depth - 1), 1], [1, *[hyper_width] * (hyper_depth - 1)]
    given = sum((m + 1) * n for m, n in zip(inner, inner[1:], strict=False))
    return sum((m + 1) * n for m, n in zip(outer, [*outer[1:], given], strict=True))


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
    pod = load_measurement("benchmark-pod")["rows"][name]
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
    record, out = load_measurement("ablations")["rows"], {}
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
