"""Readings: what the paper says a hypermode does, as a predicate, and whether a mode does it more than chance.

Numbers and signs of modes are not the same in two trainings. So the paper's mode m is looked for among the first k
modes with both signs, and random directions in their span, scaled to the same change of the output, show how easily the
predicate holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from study.instruments.neighbourhood import SIZE, Neighbourhood
from study.ledger.models import record_of, seeds_of
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, Claim, Verdict, majority, text

CONTROLS = 200  # random directions
EVERY = 5  # of the points, when the lengths of steps are sought


@dataclass(frozen=True)
class Moved:
    """Fields of equal change around a time: each mode with sign + and -, then the random directions.

    Attributes
    ----------
    near : Neighbourhood
    fields : (2 k + controls, P) array
        nan where no step makes the change.
    """

    near: Neighbourhood
    fields: np.ndarray

    @property
    def x(self) -> np.ndarray:
        """Points (P, d)."""
        return self.near.x

    @property
    def base(self) -> np.ndarray:
        """Unperturbed field (P,)."""
        return self.near.base


def directions(count: int, controls: int = CONTROLS, seed: int = 0) -> np.ndarray:
    """Unit vectors +e_1, -e_1, +e_2, ..., then random ones: (2 count + controls, count).

    Examples
    --------
    >>> directions(2, 1).shape, directions(2)[1].tolist()
    ((5, 2), [-1.0, 0.0])
    """
    modes = np.repeat(np.eye(count), 2, axis=0)
    modes[1::2] *= -1
    random = np.random.default_rng(seed).standard_normal((controls, count))
    return np.concatenate([modes, random / np.linalg.norm(random, axis=1, keepdims=True)]) + 0.0


def moved(near: Neighbourhood, size: float = SIZE, controls: int = CONTROLS) -> Moved:
    """Fields after steps whose output changes by `size`, along modes and random directions."""
    along = directions(near.count, controls)
    eta = near.step_lengths(along, size, EVERY)
    fields = near(np.nan_to_num(eta)[:, None] * along)
    fields[~np.isfinite(eta)] = np.nan
    return Moved(near, fields)


def flags(moves: Sequence[Moved], holds: Callable[..., bool]) -> np.ndarray:
    """For each direction, whether a predicate of the fields at all times holds.

    Parameters
    ----------
    moves : sequence of Moved
        One a time, of the same directions.
    holds : callable
        Takes one pair (Moved, field (P,)) a time.
    """
    found = []
    for rows in zip(*(move.fields for move in moves), strict=True):
        known = all(np.isfinite(row).all() for row in rows)
        found.append(known and bool(holds(*zip(moves, rows, strict=True))))
    return np.array(found)


def read(held: np.ndarray, mode: int, count: int) -> dict:
    """Whether the paper's mode is found: the verdict on a reading.

    Reproduced if the predicate holds for this mode with one of its signs, partly if for another of the first `count`,
    else not; one step less if chance does as well (1-(1-p)^2 > 0.2, or 1-(1-p)^(2 count) > 0.5, p being the share of
    random directions for which it holds).

    Parameters
    ----------
    held : (2 count + controls,) array of bool
        In the order of `directions`.
    mode : int
        From 1.

    Returns
    -------
    dict
        verdict; modes, such as "+2 -3", for which the predicate holds; control, the share p; specific.

    Examples
    --------
    >>> read(np.array([0, 0, 1, 0] + [0] * 10, bool), 2, 2)
    {'verdict': 'reproduced', 'modes': '+2', 'control': 0.0, 'specific': True}
    >>> read(np.array([0, 0, 1, 0] + [1] * 10, bool), 2, 2)["verdict"]
    'partly'
    """
    if not 1 <= mode <= count:
        raise ValueError(f"mode {mode}: expected one from 1 to {count}")
    own, p = held[: 2 * count], float(held[2 * count :].mean())
    names = [f"{sign}{i}" for i in range(1, count + 1) for sign in "+-"]
    found = " ".join(name for name, yes in zip(names, own, strict=True) if yes)
    step, specific = 0, True
    if own[2 * mode - 2 : 2 * mode].any():
        specific = 1 - (1 - p) ** 2 <= 0.2
        step = 2 if specific else 1
    elif own.any():
        specific = 1 - (1 - p) ** (2 * count) <= 0.5
        step = 1 if specific else 0
    return {"verdict": (NOT, PARTLY, REPRODUCED)[step], "modes": found or "none", "control": p, "specific": specific}


def found_mode(reading: dict, default: int) -> tuple[int, int]:
    """Mode and sign that a reading found: the default mode if it is among them, else the first, else +default."""
    names = [] if reading["modes"] == "none" else reading["modes"].split()
    own = [name for name in names if int(name[1:]) == default]
    name = (own or names or [f"+{default}"])[0]
    return int(name[1:]), 1 if name[0] == "+" else -1


def together(verdicts: Sequence[str], partly: int = 1) -> str:
    """Verdict of several readings: reproduced if all are, partly if at least `partly` of them hold in part.

    Examples
    --------
    >>> together([REPRODUCED, NOT]), together([REPRODUCED, NOT], partly=2)
    ('partly', 'not reproduced')
    """
    if all(v == REPRODUCED for v in verdicts):
        return REPRODUCED
    return PARTLY if sum(v != NOT for v in verdicts) >= partly else NOT


def time_flags(rho: np.ndarray, count: int, most: float = 0.5, share: float = 2 / 3) -> np.ndarray:
    """TIME: directions whose rho is at most `most` and the least of all modes at `share` of the times.

    Parameters
    ----------
    rho : (T, 2 count + controls) array
        Of `time_advance`, in the order of `directions`.

    Examples
    --------
    >>> time_flags(np.array([[0.9, 1.0, 0.3, 1.1], [0.8, 0.9, 0.2, 1.2]]), 2).tolist()
    [False, False, True, False]
    """
    good = np.zeros(rho.shape, dtype=bool)
    for j in range(rho.shape[1]):
        others = [i for i in range(2 * count) if j >= 2 * count or i // 2 != j // 2]
        good[:, j] = (rho[:, j] <= most) & (rho[:, j] <= np.nanmin(rho[:, others], axis=1))
    return good.mean(0) >= share - 1e-9


def read_time(rho: np.ndarray, count: int) -> dict:
    """TIME(2): whether mode 2 advances time, a reading as from `read`.

    Reproduced if rho of mode 2 is at most 0.5 with one sign at two thirds of the times, partly at half of them, with
    the controls of `read`. By the rule as it was first written it had to be the least of all modes as well: that
    verdict stands under "before".

    Examples
    --------
    >>> rho = np.full((5, 24), 1.0)
    >>> rho[:3, 2] = 0.2
    >>> [read_time(rho, 2)[key] for key in ("verdict", "before", "modes")]
    ['partly', 'not reproduced', '+2']
    """
    found, half = (read((rho <= 0.5).mean(0) >= share - 1e-9, 2, count) for share in (2 / 3, 1 / 2))
    if found["verdict"] == NOT and half["modes"] != "none":
        found = half | {"verdict": PARTLY if half["verdict"] == REPRODUCED else NOT}
    return found | {"before": read(time_flags(rho, count), 2, count)["verdict"]}


READ = ("a reading of the paper's mode m holds for a mode i <= k with one sign (k = 5 for Euler, 6 in 2d): "
       "reproduced for i = m, partly for another; one step less if random directions do as well. ")


def read_verdict(claim: Claim, kind: str, name: str) -> Verdict:
    """Majority of the seeds for a claim about what single modes do."""
    numbers, verdicts, before, seeds = {}, [], [], seeds_of(name)
    for seed in seeds:
        found = record_of(kind, name, seed)["readings"][claim.id]
        verdicts.append(found["verdict"])
        before.append(found.get("before", ""))
        for label, reading in found["readings"].items():
            chance = f"{100 * reading['control']:.0f} % of random directions"
            numbers[f"{label}, seed {seed}"] = (f"holds for {reading['modes']}; {chance}"
                                                + ("" if reading["specific"] else ", not specific"))
            if "rho of mode 2" in reading:
                numbers[f"rho of mode 2; least of the others, seed {seed}"] = "; ".join(
                    text((v for v in reading[key] if v is not None), ".2f")
                    for key in ("rho of mode 2", "least rho of the others"))
        for key, value in found.items():
            if isinstance(value, float):
                numbers[f"{key}, seed {seed}"] = value
    numbers["verdicts of the seeds"] = ", ".join(verdicts)
    return Verdict(claim, majority(verdicts), numbers, before=majority(before) if all(before) else "")
