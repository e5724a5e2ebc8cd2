"""What the page on rivals shows: figures, numbers, sentences."""

from __future__ import annotations

from matplotlib.figure import Figure

from study.ledger.verdicts import SETS
from study.rivals import figures as drawn
from study.rivals import words
from study.rivals.measure import TUNED_AT, TUNED_SECONDS
from study.rivals.methods import RIVALS, SECONDS, TRIALS


def figures(record: dict) -> dict[str, Figure]:
    """Figures of the record "rivals"."""
    return {
        "rivals-bytes": drawn.plot_trade(record, "bytes", lambda row: row["seconds"] <= 1.2 * SECONDS[-1]),
        "rivals-seconds": drawn.plot_trade(record, "seconds", lambda row: row["bytes"] <= words.WITHIN),
        "rivals-small": drawn.plot_small(record),
    }


def values(record: dict) -> dict[str, str]:
    """Numbers and sentences in the text."""
    said = {"rivals-quick": words.quick, "rivals-linear": words.linear, "rivals-floor": words.floor,
            "rivals-shifted": words.shifted, "rivals-curved": words.curved, "rivals-keep": words.small,
            "rivals-tiny": words.tiny, "rivals-gaps": words.gaps}
    numbers = {"rivals-count": len(RIVALS) - 1, "rivals-trials": TRIALS, "rivals-tuned-bytes": words.kilobytes(TUNED_AT),
               "rivals-tuned-seconds": TUNED_SECONDS, "rivals-within": words.kilobytes(words.WITHIN)}
    return {name: str(value) for name, value in numbers.items()} | {
        name: say(record) for name, say in said.items()} | {
        f"rivals-{name}": words.answer(record, name) for name in SETS}
