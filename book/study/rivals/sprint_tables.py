"""Tables and sentences of the sprints: seconds to an error, and what was tried."""

from __future__ import annotations

from statistics import geometric_mean, median

import pandas as pd

from lrnrbook.storage import load_record
from study.instruments.pages import listed, spread
from study.instruments.tables import short
from study.ledger.verdicts import SETS
from study.rivals.sprints import (
    BEST,
    COMPILED,
    COMPILED_SOONER,
    FEATURES,
    LAST,
    ROUNDS,
    SOON,
    SOONER,
    key,
    soon,
)
from study.rivals.tables import WAVES

TARGETS = (5e-3, 2e-3)
FIRST = next(iter(LAST))
HYPHEN, SPACE = "\u2011", "\u00a0"  # that do not break
NOTHING = "This has not been measured yet."


def title(what: str, variant: str) -> str:
    """Name of a variant in the tables, with what it has in common with others of its round in few words.

    Examples
    --------
    >>> title("leads", f"{BEST}; rate 1e-2"), title("together", BEST)
    ('changed LRNR; rate 1e-2', 'the same; strata of points and times')
    """
    return (variant.replace(f"{SOON}; ", "the same; ") if what == "together" else
            variant.replace(BEST, "changed LRNR"))


def runs(record: dict, what: str, name: str, variant: str) -> dict[int, dict]:
    """Rows of a variant in a round on a wave, by seed."""
    found = {seed: record["rows"].get(key(what, name, seed, variant)) for seed in ROUNDS[what].seeds}
    return {seed: row for seed, row in found.items() if row}


def shipped(name: str) -> tuple[list, float]:
    """Course of the shipped laptop model as pairs of seconds and error, and all its seconds."""
    record = load_record(name, "laptop")
    second = record["seconds"] / record["epochs"]
    return [[second * row[0], row[1]] for row in record["history"]["evaluations"]], record["seconds"]


def _seconds(courses: list[list], target: float, most: float) -> str:
    times = [found for course in courses if (found := soon(course, target)) is not None]
    if 2 * len(times) <= len(courses):
        return f"> {most:.0f}"
    return f"{median(times + [most] * (len(courses) - len(times))):.0f}"


def records(record: dict) -> pd.DataFrame:
    """Seconds of a core until the error at the samples is below each target, a row for each way to train.

    Of several seeds the median; "> 30" if most runs end before.
    """
    rows = {"laptop recipe, as shipped": {("", "seeds"): 1, ("", "date"): "shipped"}} | {
        title("final", variant): {("", "seeds"): min(len(runs(record, "final", name, variant)) for name in SETS),
                                       ("", "date"): record["date"]} for variant in LAST}
    for name in SETS:
        course, most = shipped(name)
        for target in TARGETS:
            column = WAVES[name], f"{target:.0e}".replace("e-0", "e-")
            rows["laptop recipe, as shipped"][column] = _seconds([course], target, most)
            for variant in LAST:
                courses = [row["course"] for row in runs(record, "final", name, variant).values()]
                rows[title("final", variant)][column] = (
                    _seconds(courses, target, ROUNDS["final"].seconds) if courses else "not yet")
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.columns = pd.MultiIndex.from_tuples([(wave, head.replace("-", HYPHEN)) for wave, head in frame.columns])
    return frame.map(lambda value: str(value).replace("-", HYPHEN).replace("> ", ">" + SPACE))


def ratios(record: dict, what: str, variant: str, first: str, error: str = "e1") -> dict[str, float]:
    """Error at the end over that of another variant in the same round, by wave; of several seeds the geometric mean.

    "e1" is the error at the samples, "held" that at the times kept apart.
    """
    found = {}
    for name in ROUNDS[what].names:
        ours, other = (runs(record, what, name, one) for one in (variant, first))
        both = [ours[seed][error] / other[seed][error] for seed in ours
                if seed in other and ours[seed]["e1"] and other[seed]["e1"]]
        if both:
            found[name] = geometric_mean(both)
    return found


def tried(record: dict) -> pd.DataFrame:
    """Every variant of every round: steps, and the error at the end by wave, over that of the round's first."""
    rows = {}
    for what, one in ROUNDS.items():
        first = next(iter(one.variants))
        for variant in one.variants:
            found, ratio = {}, ratios(record, what, variant, first)
            for name in one.names:
                done = runs(record, what, name, variant)
                errors = [row["e1"] for row in done.values()]
                text = "not yet" if not done else "diverged" if None in errors else short(geometric_mean(errors))
                found[WAVES[name]] = text + (f" ({ratio[name]:.2f})" if name in ratio else "")
            rows[f"{one.seconds:.0f}{SPACE}s", title(what, variant)] = found
    return pd.DataFrame.from_dict(rows, orient="index").fillna("–")


def _spread(values) -> str:
    low, high = min(values), max(values)
    return f"{low:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"{low:.2f} to {high:.2f}"


def gain(record: dict) -> str:
    """What the changes together do against the LRNR before, in the last round."""
    found = ratios(record, "final", BEST, FIRST)
    if not found:
        return NOTHING
    worse = [f"the {WAVES[name]}" for name, ratio in found.items() if ratio >= 1]
    seeds = {name: len(runs(record, "final", name, BEST)) for name in found}
    over = f"{len(found)} of {len(SETS)} waves, with {min(seeds.values())} to {max(seeds.values())} seeds"
    if min(seeds.values()) == max(seeds.values()):
        over = f"{len(found)} of {len(SETS)} waves, with {min(seeds.values())} of {len(ROUNDS['final'].seeds)} seeds"
    end = f"It is no better on {', '.join(worse)}." if worse else "It is better on each of them."
    return (f"Measured on {over}, it ends with {_spread(found.values())} times the error of the plain LRNR. "
            f"{end}")


def against(record: dict) -> str:
    """What the changes together do against the network with Fourier features, and the LRNR before."""
    new, old = (ratios(record, "final", variant, FEATURES) for variant in (BEST, FIRST))
    if not new or not old:
        return NOTHING
    return (f"In the same runs the plain LRNR ends with {_spread(old.values())} times the error of the network "
            f"with Fourier features, and the changed one with {_spread(new.values())} times. (The changes were chosen "
            "by races on these waves, and the other network has a single setting.)")


def sooner(record: dict) -> str:
    """When a run with the changes passes the error of the LRNR before at its end."""
    shares = {}
    for name in SETS:
        ours, before = (runs(record, "final", name, variant) for variant in (BEST, FIRST))
        times = [(soon(ours[seed]["course"], before[seed]["e1"]) or float("inf")) / before[seed]["seconds"]
                 for seed in ours if seed in before and before[seed]["e1"]]
        if times:
            shares[name] = median(times)
    reached = {name: share for name, share in shares.items() if share < float("inf")}
    if not shares:
        return NOTHING
    if not reached:
        return "On no wave it is there sooner."
    rest = [f"the {WAVES[name]}" for name in shares if name not in reached]
    never = f", and never on {', '.join(rest)}" if rest else ""
    return (f"Within its {ROUNDS['final'].seconds:.0f} seconds it passes the last error of the plain LRNR after "
            f"{_spread(reached.values())} of the time{never}.")


def halved(record: dict, what: str = "half", variant: str = SOONER) -> str:
    """Whether the changes halve the time to an equal error, by runs that have half of the seconds."""
    samples, held = (ratios(record, what, variant, FIRST, error) for error in ("e1", "held"))
    if not samples:
        return NOTHING
    seconds, good = ROUNDS[what].seconds, sum(max(samples[name], held[name]) <= 1 for name in samples)
    return (f"In {seconds / 2:.0f} s, every eighth time kept apart, it ends with {_spread(samples.values())} times the "
            f"error that the plain one has after {seconds:.0f} s at the samples, and {_spread(held.values())} times at "
            f"the times kept apart. So the time is halved on {good} of {len(samples)} waves.")


def halved_compiled(record: dict) -> str:
    """The same with a compiled step."""
    return halved(record, "compiled half", COMPILED_SOONER)


def seeds(record: dict) -> float:
    """The largest factor between errors of one network from several seeds, plain or with Fourier features."""
    found = [[row["e1"] for row in runs(record, what, name, variant).values() if row["e1"]]
             for what in ROUNDS for name in SETS for variant in (FIRST, FEATURES)]
    return max(max(errors) / min(errors) for errors in found if errors)


def long(record: dict) -> str:
    """The changed LRNR with a compiled step beside the network with Fourier features, after minutes."""
    samples, held = (ratios(record, "long", COMPILED, FEATURES, error) for error in ("e1", "held"))
    if not samples:
        return NOTHING
    better = [name for name in samples if max(samples[name], held[name]) < 1]
    ahead = f"It is ahead at both on {listed(f'the {WAVES[name]}' for name in better)}" if better else (
        "On no wave it is ahead at both")
    return (f"With {ROUNDS['long'].seconds:.0f} s for each, the changed LRNR with a compiled step ends with "
            f"{_spread(samples.values())} times the error of the network with Fourier features, which is not compiled, "
            f"at the samples, and {_spread(held.values())} times at the times kept apart. {ahead} ({len(better)} of "
            f"{len(samples)} waves, one seed).")


def _lower(record: dict, what: str, least: float) -> tuple[dict, list[str]]:
    """Ratios of the changes of a round, and in words those that lower the error to a share on every wave."""
    first, *others = ROUNDS[what].variants
    found = {variant: ratios(record, what, variant, first) for variant in others if variant != FEATURES}
    found = {variant: ratio for variant, ratio in found.items() if ratio}
    return found, [f"{title(what, variant).removeprefix('changed LRNR; ')} ({_spread(ratio.values())})"
                   for variant, ratio in found.items() if max(ratio.values()) < least]


def _lowers(good: list[str]) -> str:
    return {0: "none lowers", 1: "one lowers"}.get(len(good), f"{len(good)} lower")


def helped(record: dict, least: float = 0.9) -> str:
    """Which single changes lower the error by a tenth or more on every wave of the first round."""
    found, good = _lower(record, "one change", least)
    if not found:
        return NOTHING
    return (f"Of {len(found)} single changes {_lowers(good)} the error by a tenth or more on both waves"
            + (f": {'; '.join(good)}." if good else "."))


def led(record: dict, least: float = 0.9) -> str:
    """Which further changes lower the error of the changed LRNR by a tenth or more on every wave of their round."""
    found, good = _lower(record, "leads", least)
    if not found:
        return NOTHING
    return (f"Of {len(found)} such changes {_lowers(good)} the error of the changed LRNR by a tenth or more on both "
            "waves" + (f": {'; '.join(good)}." if good else ".") + compiling(record))


def compiling(record: dict) -> str:
    """What it takes to compile a step, which is not among the seconds of a sprint; empty if none was."""
    rows = [row for row in record["rows"].values() if "compiling" in row]
    if not rows:
        return ""
    return (f" A compiled step was compiled off the clock, which took {spread([row['compiling'] for row in rows])} "
            "seconds.")
