"""What the page on rivals says: sentences that numbers choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from study.instruments.pages import listed, spread
from study.instruments.tables import short
from study.ledger.verdicts import SETS
from study.rivals.measure import key, missing, wanted
from study.rivals.methods import BYTES, DEGREES, RIVALS, SECONDS
from study.rivals.stored import smallest
from study.rivals.tables import WAVES, best, other_than_lrnr, rows_of, trained_lrnr

WITHIN = 200_000  # bytes at which each wave is answered
CLOSE = 1.4  # errors that differ by less than this factor are a draw: those of one network from three seeds do
TENTH = 1.1  # the same for what has no seed
BETWEEN = 2.0  # a method is worse between samples if its error there is so many times that at them
NOTHING = "Nothing of this has been measured yet."


def kilobytes(stored: float) -> str:
    """Bytes in words, as "50 kB" or "1 MB"."""
    return f"{stored / 1e6:g} MB" if stored >= 1e6 else f"{stored / 1e3:.0f} kB"


def outcome(ours: dict, other: dict, close: float = CLOSE) -> str:
    """Whether the first "wins", "loses" or "draws" at the midpoints."""
    ratio = other["midpoints"] / ours["midpoints"]
    return "wins" if ratio > close else "loses" if ratio < 1 / close else "draws"


def reason(ours: dict, other: dict) -> str:
    """Why: between samples or at them, of the one that is worse.

    Examples
    --------
    >>> reason({"samples": 1e-3, "midpoints": 1e-3}, {"samples": 1e-3, "midpoints": 2e-2, "method": "zfp"})[:82]
    'The other method knows the samples, but its error between them is 20 times as larg'
    """
    jump, rival, result = other["midpoints"] / other["samples"], RIVALS[other["method"]], outcome(ours, other)
    if result == "draws":
        return ""
    if result == "loses" and ours["midpoints"] < BETWEEN * ours["samples"]:
        less = [what for what in ("bytes", "seconds") if other[what] <= ours[what]]
        return ("LRNR is about as good between the samples as at them; what it lacks is accuracy at the samples "
                "themselves." + f" The other method takes no more {' and no more '.join(less)}." * bool(less))
    if result == "loses":
        return "LRNR is worse between the samples than at them."
    if jump >= BETWEEN:
        return (f"The other method knows the samples, but its error between them is {times(jump)} as large: a "
                "front is smeared, or at two places.")
    if rival.trained:
        return ("The other method is about as good between the samples as at them, but not as accurate in the time "
                "that it had.")
    return (f"The other method has an error of {short(other['samples'])} at the samples already: so few bytes hold "
            "only few modes, or coarse frames, and a front that moves takes many of either.")


def times(ratio: float) -> str:
    """A factor in words, with two digits below ten and no more than one above.

    Examples
    --------
    >>> times(1.34), times(17.2), times(4967)
    ('1.3 times', '17 times', 'thousands of times')
    """
    return f"{ratio:.1f} times" if ratio < 10 else f"{ratio:.0f} times" if ratio < 1000 else "thousands of times"


def answer(record: dict, name: str, stored: int = WITHIN) -> str:
    """Where LRNR stands on a wave within so many bytes, every time that was measured, and why."""
    ours, other = best(rows_of(record, name, "lrnr"), stored), other_than_lrnr(record, name, stored)
    if not ours or not other:
        return NOTHING
    ratio = other["midpoints"] / ours["midpoints"]
    title, error = RIVALS[other["method"]].title, short(other["midpoints"])
    so_far = " measured so far" if any(row.startswith(f"{name}, ") for row in missing(record)) else ""
    head = (f"Within {kilobytes(stored)}, LRNR has an error of {short(ours['midpoints'])} between the samples, after "
            f"{ours['seconds']:.0f} seconds of a core. The best of the others{so_far}, {title}, has {error} after "
            f"{_seconds(other['seconds'])}.")
    result = outcome(ours, other)
    tail = {"wins": f"LRNR wins by a factor of {ratio:.1f}.", "loses": f"LRNR loses by a factor of {1 / ratio:.1f}.",
            "draws": f"They differ by a factor of {max(ratio, 1 / ratio):.2f}, as networks of other seeds may."}[result]
    longest = {rival.label: max((row["seconds"] for row in rows_of(record, name, method)), default=0.0)
               for method, rival in RIVALS.items() if rival.trained and method != "lrnr"}
    short_of = [label for label, seconds in longest.items() if seconds < 0.75 * ours["seconds"]]
    if result != "loses" and RIVALS[other["method"]].trained and other["seconds"] < 0.8 * ours["seconds"]:
        return f"{head} {hurried(record, name, ours, other)}"
    slow = f"Not trained for as long yet: {listed(short_of)}." if short_of else ""
    return " ".join(part for part in (head, tail, reason(ours, other), slow) if part)


def hurried(record: dict, name: str, ours: dict, other: dict) -> str:
    """What an LRNR of as few seconds as another network says about one that had more."""
    more = (f"LRNR has had {times(ours['seconds'] / other['seconds'])} the seconds for that, and the other one has "
            "not been trained for as long yet, so this decides nothing.")
    own = trained_lrnr(record, name, WITHIN, other["seconds"])
    if own is None:
        return more
    end = {"wins": "ahead", "draws": "level", "loses": "behind"}[outcome(own, other)]
    return f"{more} With as many seconds LRNR has {short(own['midpoints'])} and is {end}."


def _seconds(value: float) -> str:
    return "less than a second" if value < 1 else "a second" if value < 1.5 else f"{value:.0f} seconds"


def quick(record: dict, seconds: float = SECONDS[0], names: Sequence[str] = SETS) -> str:
    """LRNR beside the best of the other networks, wave by wave, if all have so few seconds."""
    ratios, ends = [], {"wins": [], "draws": [], "loses": []}
    for name in names:
        ours = trained_lrnr(record, name, WITHIN, seconds)
        other = other_than_lrnr(record, name, WITHIN, seconds, trained=True)
        if ours and other:
            ends[outcome(ours, other)].append(name)
            ratios.append(ours["midpoints"] / other["midpoints"])
    if not ratios:
        return f"What other networks reach in {seconds:.0f} seconds has not been measured yet."
    verbs = {"wins": "is ahead on", "draws": "is level with the best of the others on", "loses": "is behind on"}
    result = "; it ".join(f"{verbs[end]} {_waves(waves)}" for end, waves in ends.items() if waves)
    lacking = {rival.label: _waves(waves) for method, rival in RIVALS.items()
               if (waves := [name for name in names if method in _lacking(record, name, seconds)])}
    more = "; ".join(f"{label} on {waves}" for label, waves in lacking.items())
    return (f"If every network has {seconds:.0f} seconds of a core and {kilobytes(WITHIN)}, LRNR {result}. Its error "
            f"is {spread(ratios, '.2f')} times that of the best other network."
            + (f" Not measured yet: {more}." if more else ""))


def _lacking(record: dict, name: str, seconds: float) -> list[str]:
    """Networks that have not been trained for so many seconds on a wave yet."""
    left = set(missing(record))
    return [method for method, rival in RIVALS.items()
            if rival.trained and key(name, method, WITHIN, int(seconds)) in left]


def later(record: dict, seconds: float = SECONDS[1]) -> str:
    """As `quick`, after more seconds, on the waves on which every network has had them."""
    names = [name for name in SETS if not _lacking(record, name, seconds)]
    rest = [name for name in SETS if name not in names]
    wait = f"On {_waves(rest)} not every network has been trained for {seconds:.0f} seconds yet." if rest else ""
    return " ".join(part for part in (quick(record, seconds, names) if names else "", wait) if part)


def soon(record: dict, seconds: float = SECONDS[0]) -> str:
    """Whether an LRNR of so few seconds is better than everything that needs no training."""
    better, worse = [], []
    for name in SETS:
        ours, other = trained_lrnr(record, name, WITHIN, seconds), other_than_lrnr(record, name, WITHIN, trained=False)
        if ours and other:
            (worse if outcome(ours, other) == "loses" else better).append(name)
    if not better + worse:
        return ""
    begin = f"After {seconds:.0f} seconds LRNR is"
    if not worse:
        return f"{begin} better than all that needs no training, or level with it, on {_waves(better)}."
    rest = f" On {_waves(better)} it is better or level." if better else ""
    return f"{begin} not yet as good as the best of those that need no training on {_waves(worse)}.{rest}"


def misled(record: dict) -> str:
    """Networks that are worse after their training than after the trial, so much shorter, that chose their options."""
    found: dict[str, dict[str, float]] = {}
    for method, name, rows in _courses(record):
        tried = record["rows"].get(key(name, method, "trials"), {})
        before = min((row["heldout"] for row in tried.get("trials", ()) if row["heldout"]), default=float("inf"))
        if rows and (worst := max(rows)) > before:
            found.setdefault(RIVALS[method].label, {})[name] = worst / before
    if not found:
        return "No network is worse after its training than after the trial that chose its options."
    return ("Some networks are worse after their training than after the short trial that chose their options, so they "
            f"are better than they look here: {_by_network(found)}.")


def worsened(record: dict) -> str:
    """Networks that end worse with more seconds than with fewer, at the samples."""
    found: dict[str, dict[str, float]] = {}
    for method, name, rows in _courses(record):
        if (most := max((after / before for before, after in pairwise(rows)), default=0.0)) > TENTH:
            found.setdefault(RIVALS[method].label, {})[name] = most
    if not found:
        return "Every network is better, or as good, with more seconds."
    return (f"With more seconds some end worse than with fewer, at the samples: {_by_network(found)}. What suits a "
            "short trial, a high rate or a late switch, need not suit a long run.")


def _courses(record: dict) -> Iterator[tuple[str, str, list[float]]]:
    """Network, wave, and the errors at the samples after more and more seconds."""
    for (method, rival), name in product(RIVALS.items(), SETS):
        rows = [record["rows"].get(key(name, method, WITHIN, seconds), {}) for seconds in SECONDS if rival.trained]
        yield method, name, [row["samples"] for row in rows if "samples" in row]


def _by_network(found: dict[str, dict[str, float]]) -> str:
    """Networks, their waves, and the largest of their factors."""
    return "; ".join(f"{label} on {_waves(list(waves))} ({'up to ' * (len(waves) > 1)}{times(max(waves.values()))} the "
                     "error)" for label, waves in found.items())


def _waves(names: list[str]) -> str:
    """Waves as words.

    Examples
    --------
    >>> _waves(["euler", "burgers"])
    'the blast waves and the wave of Burgers'
    """
    return listed(f"the {WAVES[name]}" for name in names)


def linear(record: dict) -> str:
    """What the methods that need no training reach in the fewest bytes, beside the page networks."""
    better, asked, spent = [], [], []
    for name in SETS:
        ours = best(rows_of(record, name, "lrnr"), BYTES[0])
        other = other_than_lrnr(record, name, BYTES[0], trained=False)
        if ours and other:
            asked.append(other["midpoints"] / ours["midpoints"])
            spent.append(ours["seconds"])
            better += [name] * (outcome(ours, other) != "wins")
    if not asked:
        return NOTHING
    if better:
        return (f"In {kilobytes(BYTES[0])} a method without training is level with LRNR or better on {_waves(better)}.")
    return (f"In {kilobytes(BYTES[0])} the best method without training has between {times(min(asked))} and "
            f"{times(max(asked))} the error of an LRNR that was trained for {spread(spent)} seconds, depending on the "
            "wave.")


def floor(record: dict) -> str:
    """What all frames, exact, leave between samples, by straight lines or a spline; which LRNRs are above that."""
    rows = record["rows"]
    lines, spline = ({name: rows[row]["midpoints"] for name in SETS if (row := key(name, "frames", degree)) in rows}
                     for degree in DEGREES)
    if not lines or not spline:
        return NOTHING
    least = {name: min(lines[name], spline[name]) for name in lines}
    curved = [name for name in lines if spline[name] < lines[name] / TENTH]
    above = [name for name in least if (ours := best(rows_of(record, name, "lrnr"), BYTES[-1]))
             and ours["midpoints"] > least[name]]
    return (f"All frames together have an error of {short(min(lines.values()))} to {short(max(lines.values()))} at the "
            "midpoints with straight lines between them, even if they may take as many bytes as they like. A cubic "
            f"spline in time {f'is better on {_waves(curved)}: ' if curved else 'is on no wave better'}"
            f"{listed(short(spline[name]) for name in curved)}. "
            + (f"On {_waves(above)} no LRNR is as good as that, so whoever has room for the frames keeps them."
               if above else "The best LRNR is below either on every wave."))


def shifted(record: dict) -> str:
    """Whether shifted POD is better than POD, in as many bytes."""
    better, asked = [], []
    for name in SETS:
        one, other = (best(rows_of(record, name, method), WITHIN) for method in ("shifted", "pod"))
        if one and other:
            asked.append(name)
            better += [name] * (outcome(one, other, TENTH) == "wins")
    if not asked:
        return NOTHING
    if not better:
        return "Shifted POD is on no wave better than POD in as many bytes."
    rest = [name for name in asked if name not in better]
    return f"Shifted POD is better than POD in as many bytes on {_waves(better)}" + (
        f", and is not on {_waves(rest)}." if rest else ".")


def curved(record: dict) -> str:
    """Whether a quadratic manifold is better than POD, in as many bytes."""
    pairs = [(name, *(best(rows_of(record, name, method), WITHIN) for method in ("quadratic", "pod"))) for name in SETS]
    asked = [name for name, one, other in pairs if one and other]
    better = [name for name, one, other in pairs if one and other and outcome(one, other, TENTH) == "wins"]
    if not asked:
        return NOTHING
    where = f"better than POD on {_waves(better)}" if better else "on no wave better than POD"
    return (f"The quadratic manifold is {where}. Its products save coefficients in time, but a single wave has few "
            "of those: the bytes go into the modes, and it needs as many as POD.")


def keep(record: dict) -> str:
    """Bytes in which a shipped LRNR keeps its error to a tenth, over those in single precision, by wave."""
    parts, others = [], []
    for name in SETS:
        found = record["rows"].get(f"{name}, stored")
        if found is None:
            continue
        whole = found["whole"]["laptop"]
        enough = [row for row in found["small"] if row["recipe"] == "laptop"
                  and row["samples"] <= TENTH * whole["samples"]]
        if enough:
            row = min(enough, key=lambda row: row["bytes"])
            parts.append(f"{row['bytes'] / 1e3:.0f} of {whole['bytes'] / 1e3:.0f} kB for the {WAVES[name]} "
                         f"({row['bits']} bits)")
        else:
            others.append(name)
    if not parts:
        return "No shipped network keeps its error in fewer bytes."
    rest = f"; on {_waves(others)} the error at the samples grows by more than that at once" if others else ""
    return f"The laptop networks keep their error at the samples to a tenth in {', '.join(parts)}{rest}."


def tiny(record: dict, most: int = 11_000) -> str:
    """The error that is left in ten kilobytes."""
    found = {}
    for name in SETS:
        rows = smallest(record["rows"].get(f"{name}, stored", {"small": []})["small"])
        within = [row for row in rows if row["bytes"] <= most]
        if within:
            found[name] = within[-1]["midpoints"]
    if not found:
        return "None of them fits into ten kilobytes."
    rest = [name for name in SETS if name not in found]
    return "In about ten kilobytes the error at the midpoints is " + ", ".join(
        f"{short(error)} on the {WAVES[name]}" for name, error in found.items()) + (
        f"; what was tried on {_waves(rest)} does not fit." if rest else ".")


def sized(record: dict) -> str:
    """In which size a network is best at the midpoints, where all sizes have had equally many seconds."""
    parts = []
    for seconds in SECONDS:
        said: dict[str, list[str]] = {}
        for method in ("lrnr", "coordinates"):
            if where := _best_sizes(record, method, seconds):
                said.setdefault(where, []).append(RIVALS[method].label)
        parts += [f"after {seconds} seconds {listed(who)} {'are' if len(who) > 1 else 'is'} best {where}"
                  for where, who in said.items()]
    return f"If all sizes have equally many seconds, {'; '.join(parts)}." if parts else NOTHING


def _best_sizes(record: dict, method: str, seconds: int) -> str:
    found: dict[int, list[str]] = {}
    for name in SETS:
        rows = {size: record["rows"].get(key(name, method, size, seconds), {}) for size in BYTES}
        if all("midpoints" in row for row in rows.values()):
            found.setdefault(min((row["midpoints"], size) for size, row in rows.items())[1], []).append(name)
    return listed(f"within {kilobytes(size)} on {_waves(names) if len(names) < len(SETS) else 'every wave'}"
                  for size, names in sorted(found.items())) if found else ""


def least(record: dict) -> str:
    """The best LRNR beside the best other network on each wave, whatever bytes and seconds they had."""
    found = {name: (best(rows_of(record, name, "lrnr"), BYTES[-1]),
                    other_than_lrnr(record, name, BYTES[-1], trained=True)) for name in SETS}
    parts = [f"{ours['midpoints'] / other['midpoints']:.2f} on the {WAVES[name]}"
             for name, (ours, other) in found.items() if ours and other]
    return ("Whatever bytes and seconds either took here, the error of the best LRNR over that of the best other "
            f"network is {listed(parts)}." if parts else NOTHING)


def gaps(record: dict) -> str:
    """What has not been measured."""
    left = missing(record)
    if not left:
        return f"All {len(wanted())} measurements have been made."
    lacking = {}
    for row in left:
        seconds = row.split(", ")[3:]
        lacking.setdefault(f"networks at {seconds[0]} seconds" if seconds else "others", []).append(row)
    parts = ", ".join(f"{len(rows)} of {kind}" for kind, rows in lacking.items())
    return (f"Of {len(wanted())} measurements {len(left)} have not been made yet: {parts}. The command below goes on "
            "with them.")
