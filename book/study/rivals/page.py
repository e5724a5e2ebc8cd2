"""What the page on rivals shows: figures, numbers, sentences."""

from __future__ import annotations

from matplotlib.figure import Figure

from lrnrbook.datasets import load_data
from lrnrbook.evaluation import errors
from lrnrbook.storage import load_pretrained
from study.instruments.pages import listed
from study.instruments.tables import short
from study.ledger.records import load_measurement
from study.ledger.verdicts import SETS
from study.rivals import figures as drawn
from study.rivals import sprint_tables, words
from study.rivals.linear import pod
from study.rivals.measure import TUNED_AT, TUNED_SECONDS
from study.rivals.methods import RIVALS, SECONDS, TRIALS
from study.rivals.stores import all_frames
from study.rivals.tables import best, rows_of


def figures(record: dict) -> dict[str, Figure]:
    """Figures of the record "rivals"."""
    return {
        "rivals-bytes": drawn.plot_trade(record, "bytes", lambda row: row["seconds"] <= 1.2 * SECONDS[-1]),
        "rivals-seconds": drawn.plot_trade(record, "seconds", lambda row: row["bytes"] <= words.WITHIN),
        "rivals-small": drawn.plot_small(record),
    }


def front(k: int = 6) -> Figure:
    """Fronts of the blast waves at a midpoint: an LRNR, all frames, and POD in 200 kB."""
    data, between = load_data("euler"), load_data("euler", "midpoints")
    models = {"LRNR": load_pretrained("euler"), "all frames, straight lines between them": all_frames(data),
              "POD, cubic spline between the samples": pod(data, words.WITHIN, 2)}
    return drawn.plot_front(data, between, models, "pressure", k, (0.54, 0.6))


def _least_zfp(record: dict) -> str:
    row = best(rows_of(record, "euler", "zfp"), words.WITHIN)
    return words.NOTHING if row is None else f"{row['bytes'] / 1e3:.0f} kB with an error of {short(row['samples'])}"


def _gaps_of_trials(record: dict) -> str:
    """Whether a grid finer than the chosen one is better at the midpoints, for POD on the blast waves."""
    chosen = best(rows_of(record, "euler", "pod"), words.WITHIN)
    finer = errors(pod(load_data("euler"), words.WITHIN, 4), load_data("euler", "midpoints")).mean
    if chosen is None or finer * words.TENTH > chosen["midpoints"]:
        return ""
    alike = [RIVALS[method].title for method in ("shifted", "quadratic")
             if (row := best(rows_of(record, "euler", method), words.WITHIN))
             and row["options"]["coarsen"] >= chosen["options"]["coarsen"]]
    more = f" The trials of {listed(alike)} chose as coarse a grid, so more bytes do not help there." if alike else ""
    return ("This favours coarse grids, because the gaps that a trial leaves are twice as wide as those at the "
            f"midpoints: with the grid tried above POD has {short(finer)} there, with the one that its trials chose "
            f"{short(chosen['midpoints'])}.{more}")


def values(record: dict) -> dict[str, str]:
    """Numbers and sentences in the text."""
    said = (words.quick, words.soon, words.linear, words.floor, words.shifted, words.curved, words.keep,
            words.tiny, words.misled, words.worsened, words.gaps, words.sized, words.least)
    numbers = {
        "rivals-count": len(RIVALS) - 1, "rivals-trials": TRIALS, "rivals-tuned-bytes": words.kilobytes(TUNED_AT),
        "rivals-tuned-seconds": TUNED_SECONDS, "rivals-within": words.kilobytes(words.WITHIN),
        "rivals-later": " ".join(words.later(record, seconds) for seconds in SECONDS[1:]),
        "rivals-zfp": _least_zfp(record), "rivals-pod-grid": _gaps_of_trials(record),
        "rivals-sines": sprint_tables.long(sprints := load_measurement("benchmark-records")),
        "rivals-seeds": f"{sprint_tables.seeds(sprints):.2f}", "rivals-close": words.CLOSE}
    return {name: str(value) for name, value in numbers.items()} | {
        f"rivals-{say.__name__}": say(record) for say in said} | {
        f"rivals-{name}": words.answer(record, name) for name in SETS}
