"""Numbers and sentences of the page on benchmarks, from the records."""

from __future__ import annotations

import math

from lrnrbook.datasets import load_data
from lrnrbook.race import SHARE
from lrnrbook.recipes import get_recipe
from lrnrbook.storage import load_record, pretrained
from lrnrbook.trainer import EVALUATIONS
from study.evidence.records import machines
from study.instruments.pages import spread
from study.ledger.records import load_measurement
from study.own import auto, disk
from study.rivals import sprint_tables
from study.rivals.sprints import BEFORE, ROUNDS, TOGETHER
from study.rivals.tables import WAVES


def shipped() -> dict[str, dict]:
    """Records of the library's models, by wave and recipe in words."""
    return {f"{WAVES[name]}, {kind}": load_record(name, kind) for name, kind, seed in pretrained()
            if seed == 0 and kind in ("laptop", "page")}


def _minutes(kind: str) -> str:
    return spread([record["seconds"] / 60 for name, record in shipped().items() if name.endswith(kind)])


def _step() -> dict[str, str]:
    """What a training step costs, as shares of its time with one thread."""
    step = load_measurement("benchmark-step")
    named = {"adam": "one thread, Adam instead of SOAP", "two": "two threads", "compiled": "one thread, compiled",
             "beside": "two runs side by side, one thread each", "joined": "one thread, one product with [U B]"}
    return {"peak": f"{100 * step['fraction']['flops']:.0f}", "optimizer": f"{100 * step['step']['optimizer']:.0f}"} | {
        key: f"{step['seconds'][name] / step['seconds']['one thread']:.2f}" for key, name in named.items()}


def _weights() -> dict[str, str]:
    """What came of a mean of the weights and of preconditioning one side only."""
    record = load_measurement("race-weights-euler")
    rows = record["rows"]
    means = {name: sum(row["e1"].values()) / len(row["e1"]) for name, row in rows.items()}
    short, recipe = "rank x rank side preconditioned only", "laptop recipe"
    return {"race-seconds": f"{record['seconds']:.0f}", "short": f"{means[short] / means[recipe]:.2f}",
            "averaged": f"{means['mean of the weights, decay 0.99'] / means[recipe]:.2f}",
            "longest": f"{means['mean of the weights, decay 0.999'] / means[recipe]:.0f}",
            "more": f"{rows[short]['steps'] / rows[recipe]['steps']:.2f}"}


def _sprints() -> dict[str, str]:
    """How the sprints were run, and what came of them."""
    record, recipe = load_measurement("benchmark-records"), get_recipe("laptop")
    groups = math.ceil(len(load_data("euler")) / recipe.batch_times)
    return {say.__name__: say(record) for say in (sprint_tables.gain, sprint_tables.against, sprint_tables.sooner,
                                                 sprint_tables.halved, sprint_tables.helped,
                                                 sprint_tables.led, sprint_tables.halved_compiled,
                                                 sprint_tables.long)} | {
        "sprint-seconds": f"{ROUNDS['final'].seconds:.0f}", "sprint-width": str(BEFORE["width"]),
        "sprint-rank": str(BEFORE["rank"]), "sprint-rate": f"{BEFORE['learning_rate']:g}",
        "sprint-switch": f"{TOGETHER['switch_threshold']:g}", "sprint-first": f"{TOGETHER['first']:g}",
        "sprint-points": str(recipe.batch_points), "sprint-groups": str(groups)}


def _auto() -> dict[str, str]:
    """What came of the recipe that a race chooses."""
    record = load_measurement("benchmark-auto")
    more = [chosen["steps"] / laptop["steps"] for chosen, laptop in auto.pairs(record).values()]
    return {"auto-seconds": f"{record['seconds']:.0f}", "auto-answer": auto.answer(record),
            "auto-more": spread(more, ".1f"), "auto-share": f"{100 * SHARE:.0f} %",
            "auto-laptop": spread([laptop["seconds"] for _, laptop in auto.pairs(record).values()])}


def values() -> dict[str, str]:
    """Everything that the text of the page takes from records."""
    return {"minutes": _minutes("laptop"), "minutes-page": _minutes("page"), "evaluations": str(EVALUATIONS),
            "machines": machines()} | _step() | _weights() | _sprints() | _auto() | disk.values()
