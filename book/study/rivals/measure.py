"""Measures the rivals: tuned on samples alone, then made of all samples and judged at samples and midpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

import torch

from lrnrbook.datasets import load_data
from lrnrbook.evaluation import errors
from lrnrbook.storage import load_pretrained
from lrnrbook.training import apart
from lrnrbook.truncation import truncate
from study.ledger.records import begun, fill, plain
from study.ledger.verdicts import SETS
from study.rivals import stored
from study.rivals.hypernetworks import Stored
from study.rivals.judge import judged
from study.rivals.linear import DoesNotFit
from study.rivals.methods import BYTES, DEGREES, RIVALS, SECONDS
from study.rivals.stores import all_frames

TUNED_AT = 200_000  # bytes that networks are tuned with
TUNED_SECONDS = 6  # of each trial of a network
TUNED_ON = {"euler": "euler"}  # networks: the 2d waves share what Burgers' wave chooses


def key(name: str, method: str, size: int | None = None, seconds: int | None = None) -> str:
    """Name of a row: "euler, pod, 200000"; of a network also the seconds; of all frames the degree in time.

    Examples
    --------
    >>> key("euler", "siren", 200_000, 60)
    'euler, siren, 200000, 60'
    """
    return ", ".join(str(part) for part in (name, method, size, seconds) if part is not None)


def measure(path, most_seconds: float = max(SECONDS)) -> dict:
    """Measure whatever the record lacks, but no network that trains for longer than `most_seconds`.

    Cheap rivals come first, then LRNRs in fewer bytes, then networks: all sizes in the fewest seconds, more seconds in
    200 kB, and then the rest.

    Returns
    -------
    dict
        rows: see `key`.
    """
    torch.set_num_threads(1)
    record = begun(path)
    for part in (_cheap, _small, partial(_networks, most_seconds)):
        todo = {name: task for name, task in part(record) if name not in record["rows"]}
        fill(path, record, todo)
    return record


def wanted() -> list[str]:
    """Names of all rows that a complete record has."""
    return [name for part in (_cheap, _small, partial(_networks, max(SECONDS))) for name, _ in part({"rows": {}})]


def missing(record: dict) -> list[str]:
    """Names of the rows that a record lacks."""
    return [name for name in wanted() if name not in record["rows"]]


def _cheap(record: dict) -> Iterator[tuple[str, Callable[[], dict]]]:
    for name in SETS:
        for degree in DEGREES:
            yield key(name, "frames", degree), partial(_made, name, all_frames, degree)
        for method, rival in RIVALS.items():
            for size in () if rival.trained else BYTES:
                yield key(name, method, size), partial(tuned, name, method, size)


def _small(record: dict) -> Iterator[tuple[str, Callable[[], dict]]]:
    for name in SETS:
        yield key(name, "stored"), partial(small, name)


def _networks(most: float, record: dict) -> Iterator[tuple[str, Callable[[], dict]]]:
    trained = [method for method, rival in RIVALS.items() if rival.trained]
    for name in dict.fromkeys(TUNED_ON.get(name, "burgers") for name in SETS):
        for method in trained:
            yield key(name, method, "trials"), partial(trials, name, method, TUNED_AT, TUNED_SECONDS)
    budgets = sorted(product(SECONDS, BYTES), key=lambda pair: (pair[0] > min(SECONDS) and pair[1] != TUNED_AT, *pair))
    for seconds, size in budgets:
        for method in trained if seconds <= most else ():
            for name in SETS:
                yield key(name, method, size, seconds), partial(_trained, record, name, method, size, seconds)


def _trained(record: dict, name: str, method: str, size: int, seconds: int) -> dict:
    options = record["rows"][key(TUNED_ON.get(name, "burgers"), method, "trials")]["best"]
    return _made(name, RIVALS[method].make, size, seconds, options=options)


def trials(name: str, method: str, size: int, *seconds: float) -> dict:
    """Relative l1 error of each trial at every eighth sample time, which it was not made of; options of the best.

    Returns
    -------
    dict
        trials: rows with options and "heldout", None if nothing fits into the bytes; best: options, or None.
    """
    rival, rows = RIVALS[method], []
    known, held = apart(load_data(name), "auto")
    for options in rival.trials:
        start = time.process_time()
        try:
            error = errors(rival.make(known, size, *seconds, **options), held).mean
        except DoesNotFit:
            error = None
        rows.append({"options": options, "heldout": error, "seconds": time.process_time() - start})
    fitting = [row for row in rows if row["heldout"] is not None]
    best = min(fitting, key=lambda row: row["heldout"])["options"] if fitting else None
    return plain({"trials": rows, "best": best})


def tuned(name: str, method: str, size: int) -> dict:
    """Trials of a rival that takes no training, and its row with the best options that fit; the trials alone if none.

    A trial has fewer frames than the data, so what fits there may be too large in the end.
    """
    found = trials(name, method, size)
    fitting = [row for row in found["trials"] if row["heldout"] is not None]
    for row in sorted(fitting, key=lambda row: row["heldout"]):
        made = _made(name, RIVALS[method].make, size, options=row["options"])
        if "midpoints" in made:
            return found | made | {"best": row["options"]}
    return found


def _made(name: str, make: Callable, *budget: float, options: dict | None = None) -> dict:
    """Make a model of all samples within a budget, and judge it."""
    data, start = load_data(name), time.process_time()
    try:
        model = make(data, *budget, **options or {})
    except DoesNotFit:
        return {"options": options, "fits": False}
    seconds = model.seconds or time.process_time() - start  # a network's training, without what finds its size
    steps = {"steps": model.steps} if hasattr(model, "steps") else {}  # of a network
    return plain({"options": options, "bytes": model.stored, "seconds": seconds} | steps | judged(model, data, name))


def small(name: str) -> dict:
    """The shipped LRNRs, and what is left of them in fewer bytes.

    Returns
    -------
    dict
        whole: of each recipe, seconds of training, bytes in single precision and errors; judged: the same, truncated
        and with factors in half precision; small: rows with recipe, bits, tolerance, bytes, samples (every eighth) and
        midpoints.
    """
    data, samples, between = load_data(name), load_data(name)[::8], load_data(name, "midpoints")
    whole, half, rows = {}, {}, []
    for recipe in stored.RECIPES:
        model = load_pretrained(name, recipe)
        kept = Stored(model, True, model.provenance["seconds"])
        half[recipe] = {"bytes": kept.stored, "seconds": kept.seconds} | judged(kept, data, name)
        whole[recipe] = {"bytes": 4 * sum(p.numel() for p in model.parameters()), "seconds": kept.seconds,
                         "samples": errors(model, samples).mean, "midpoints": errors(model, between).mean}
        for tolerance in stored.TOLERANCES:
            try:
                cut, _ = truncate(model, tolerance)
            except ValueError:  # nothing would pass some layer
                continue
            for bits in stored.BITS:
                one, size = stored.quantised(cut, bits)
                rows.append({"recipe": recipe, "bits": bits, "tolerance": tolerance, "bytes": size,
                             "samples": errors(one, samples).mean, "midpoints": errors(one, between).mean})
    return plain({"whole": whole, "judged": half, "small": rows})
