"""What the paper reads off the 2d waves when it steps along hypermodes (5.2.2 to 5.2.4, Figs. 10-15)."""

from __future__ import annotations

import numpy as np
from contourpy import contour_generator

from lrnrbook.modes import Hypermodes
from study.instruments.descriptions import CONTROLS, Moved, flags, moved, read, read_time, together
from study.instruments.neighbourhood import Neighbourhood, uniform_points
from study.instruments.views import CELLS, MODES
from study.steps.advance import time_advance, times_ahead
from study.steps.grid import RADIUS, Grid, along

COUNT = MODES["acoustics"]  # of every 2d wave
TIMES = {"acoustics": (0.04, 0.38, 0.5, 0.6, 0.67), "burgers": (0.62, 1.0, 1.5, 2.0, 2.5),
         "advection": (0.8, 1.6, 1.8, 2.4, 3.2)}  # of TIME: those named, and some between
SIZES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)


def _grids(*pairs) -> list[Grid]:
    return [Grid(*pair) for pair in pairs]


# Acoustics, 5.2.2

def enters_from_above(pair) -> bool:
    """The strip below the upper side changes at least as much as the square."""
    g = Grid(*pair)
    return g.activity(g.x2 > 0.8) >= 1


def stresses_narrow_peaks(*pairs) -> bool:
    """At the first time the narrow peaks at x2 = 0.75 change, not the broad ones; later fronts along the axes stay."""
    first, *later = _grids(*pairs)
    narrow = first.disc(1, 0.75) | first.disc(-1, 0.75)
    broad = first.disc(0, 0.75) | first.disc(0, -0.75) | first.disc(0.75, 0) | first.disc(-0.75, 0)
    if not (first.acts(narrow) and first.leaves(broad)):
        return False
    for g in later:
        across = np.degrees(np.arctan2(*np.sort(np.abs(g.slope), axis=0)))  # 0 where the normal lies along an axis
        if not g.leaves(g.steep & (across <= 10)):
            return False
    return True


def shifts_uniformly(pair) -> bool:
    """The change is about the same everywhere: standard deviation at most half of its mean."""
    du = Grid(*pair).du
    return du.std() <= 0.5 * abs(du.mean())


def _neighbours(peaks: np.ndarray) -> list[np.ndarray]:
    """Middles of the pairs of nearest peaks."""
    if len(peaks) < 2:
        return []
    distance = np.linalg.norm(peaks[:, None] - peaks, axis=-1) + 1e9 * np.eye(len(peaks))
    return [(peaks[i] + peaks[j]) / 2 for i, j in enumerate(distance.argmin(1))]


def moves_connections(pair) -> bool:
    """The field changes midway between neighbouring peaks, not on them."""
    g = Grid(*pair)
    peaks = g.peaks(g.base)
    middles = _neighbours(peaks)
    if not middles:
        return False
    on = np.any([g.disc(*p) for p in peaks], axis=0)
    between = np.any([g.disc(*p, RADIUS / 2) for p in middles], axis=0) & ~on
    return g.acts(between) and g.leaves(on)


def presses_centre(pair) -> bool:
    """The centre changes, the peaks nearest to the corners do not."""
    g = Grid(*pair)
    peaks = g.peaks(g.base)
    if not len(peaks):
        return False
    corners = np.any([g.disc(*peaks[np.linalg.norm(peaks - (a, b), axis=1).argmin()])
                      for a in (-1, 1) for b in (-1, 1)], axis=0)
    return g.acts(np.hypot(g.x1, g.x2) < 0.25) and g.leaves(corners)


def widens_peaks(pair) -> bool:
    """The area above half of the highest value grows by 2 % or more, and the peaks stay within a cell."""
    g = Grid(*pair)
    areas = [np.sum(u >= 0.5 * u.max()) for u in (g.base, g.after)]
    before, after = (g.peaks(u) for u in (g.base, g.after))
    same = len(before) == len(after) and np.abs(before - after).max() <= g.cell
    return same and areas[1] / areas[0] >= 1.02


def draws_upper_peaks_in(pair) -> bool:
    """The peaks next to (+-1, 0.47) both move towards x1 = 0, by 0.002 to 0.05."""
    g = Grid(*pair)
    places = []
    for u in (g.base, g.after):
        peaks = g.peaks(u)
        if not len(peaks):
            return False
        places.append([_crest(g, u, peaks[np.linalg.norm(peaks - (a, 0.47), axis=1).argmin()]) for a in (-1, 1)])
    inward = np.abs(places[0]) - np.abs(places[1])
    return bool((inward >= 0.002).all() and (inward <= 0.05).all())


def _crest(g: Grid, u: np.ndarray, peak: np.ndarray) -> float:
    """x1 of a peak between cells, by a parabola."""
    i, j = (int(np.abs(axis - value).argmin()) for axis, value in zip((g.x1[:, 0], g.x2[0]), peak, strict=True))
    if not 0 < i < len(u) - 1:
        return float(g.x1[i, 0])
    a, b, c = u[i - 1 : i + 2, j]
    return float(g.x1[i, 0] + (0.5 * (a - c) / (a - 2 * b + c) if a - 2 * b + c else 0.0) * g.cell)


# Burgers, 5.2.3

DIAGONAL = (1, 1)


def _fan_and_shock(g: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Rising and falling parts along (1, 1): above 0.2 of the largest slope, below 0.3 of the most negative."""
    rise = g.slope.sum(0) / 2**0.5
    return rise >= 0.2 * rise.max(), rise <= 0.3 * rise.min()


def _corner_squares(g: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Squares of side 0.4 at the upper left and the lower right."""
    return (g.x1 < 0.4) & (g.x2 > 0.6), (g.x1 > 0.6) & (g.x2 < 0.4)


def sharpens_and_moves_in(tip_pair, corner_pair) -> bool:
    """At the first time the tip gets steeper by 2 %; at the second the corner profiles move towards the middle."""
    g = Grid(*tip_pair)
    fall = [-np.diff(np.diag(u)).min() for u in (g.base, g.after)]
    h = Grid(*corner_pair)
    upper, lower = _corner_squares(h)
    inward = [along(h.displacement(part & h.steep), e) for part, e in ((upper, (1, -1)), (lower, (-1, 1)))]
    return fall[1] / fall[0] >= 1.02 and all(mean > 0 for mean, _ in inward)


def moves_fans(pair) -> bool:
    """The fan moves along (1, 1); the shocks move by a quarter of that or less."""
    g = Grid(*pair)
    fan, shock = (g.displacement(part) for part in _fan_and_shock(g))
    mean, yes = along(fan, DIAGONAL)
    return yes and np.linalg.norm(shock, axis=0).mean() <= 0.25 * abs(mean)


def tilts_centre(pair) -> bool:
    """The fan in the middle changes; contours elsewhere move by a quarter of that or less."""
    g = Grid(*pair)
    fan, shock = _fan_and_shock(g)
    middle = (np.abs(g.x1 - 0.5) <= 0.3) & (np.abs(g.x2 - 0.5) <= 0.3)
    sizes = [np.linalg.norm(g.displacement(part), axis=0).mean() for part in (fan & middle, (fan | shock) & ~middle)]
    return g.acts(fan & middle) and sizes[1] <= 0.25 * sizes[0]


def acts_on_diagonal(pair) -> bool:
    """The neighbourhood of the diagonal changes, the corner squares do not."""
    g = Grid(*pair)
    return g.acts(np.abs(g.x1 - g.x2) < 0.2) and all(g.leaves(part) for part in _corner_squares(g))


def _tip(g: Grid) -> tuple[float, float]:
    i = int(np.diff(np.diag(g.base)).argmin())
    return float(g.x1[i, 0]), float(g.x2[0, i])


def reshapes_tip(pair, way: int) -> bool:
    """The tip changes, and both corner profiles move along x2, the way given, counted with the tip's own change."""
    g = Grid(*pair)
    tip = g.disc(*_tip(g))
    sense = np.sign(g.du[tip].sum()) or 1.0
    profiles = [along(g.displacement(part & g.steep), (0, 1)) for part in _corner_squares(g)]
    return g.acts(tip) and all(yes and mean * sense * way > 0 for mean, yes in profiles)


# Advection, 5.2.4

def _interface(u: np.ndarray, g: Grid) -> np.ndarray:
    """Points of the contour halfway between the two values, (n, 2), where it crosses lines of the grid."""
    lines = contour_generator(g.x1[:, 0], g.x2[0], u.T).lines(0.5)
    return np.concatenate(lines) if lines else np.full((1, 2), np.nan)


def straightens(pair) -> bool:
    """The contour u = 0.5 comes nearer to x2 = 0.5 by 30 % or more, root mean square."""
    g = Grid(*pair)
    before, after = (np.sqrt(np.mean((_interface(u, g)[:, 1] - 0.5) ** 2)) for u in (g.base, g.after))
    return after / before <= 0.7


def _near_interface(g: Grid) -> np.ndarray:
    return g.steep & (np.abs(g.base - 0.5) <= 0.3)


def lifts_interface(pair) -> bool:
    """The contour moves along x2 the same way on 80 % of it or more."""
    g = Grid(*pair)
    d = g.displacement(_near_interface(g))
    _, yes = along(d, (0, 1))
    return yes and max((d[1] > 0).mean(), (d[1] < 0).mean()) >= 0.8


def lifts_with_a_twist(pair) -> bool:
    """The contour moves along x2 on average, with 10 % or more of it going the other way."""
    g = Grid(*pair)
    d = g.displacement(_near_interface(g))
    _, yes = along(d, (0, 1))
    return yes and np.mean(d[1] * np.sign(d[1].mean()) < 0) >= 0.1


def _quarters(g: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Fronts in the upper left and in the lower right quarter."""
    upper, lower = (g.x1 <= 0.5) & (g.x2 >= 0.5), (g.x1 >= 0.5) & (g.x2 <= 0.5)
    return upper & g.steep, lower & g.steep


def acts_upper_left(pair) -> bool:
    """The interface changes in the upper left, not in the lower right."""
    g = Grid(*pair)
    upper, lower = _quarters(g)
    return g.acts(upper) and g.leaves(lower)


def acts_lower_right(pair) -> bool:
    """The interface changes in the lower right, not in the upper left."""
    g = Grid(*pair)
    upper, lower = _quarters(g)
    return g.acts(lower) and g.leaves(upper)


def pushes_down_and_up(pair) -> bool:
    """The interface goes down in the upper left and up in the lower right."""
    g = Grid(*pair)
    upper, lower = (g.displacement(part)[1].mean() if part.any() else np.nan for part in _quarters(g))
    return bool(upper < 0 < lower)


class Waves:
    """Fields of a model around several times, computed once for all readings."""

    def __init__(self, modes: Hypermodes, controls: int = CONTROLS):
        self.modes, self.controls = modes, controls
        self.x = uniform_points(modes.model, CELLS)
        self._moves: dict[float, Moved] = {}

    def at(self, t: float) -> Moved:
        """Fields whose change is 0.05, around a time."""
        if t not in self._moves:
            self._moves[t] = moved(Neighbourhood(self.modes, self.x, t, COUNT), controls=self.controls)
        return self._moves[t]

    def rho(self, t: float) -> np.ndarray:
        """Time advance of every direction at a time."""
        move = self.at(t)
        return time_advance(move.near, move.fields, times_ahead(move.near))

    def flags(self, holds, *times: float) -> np.ndarray:
        """For each direction, whether a predicate of the fields at some times holds."""
        return flags([self.at(t) for t in times], holds)

    def read(self, mode: int, holds, *times: float) -> dict:
        """Reading of the paper's mode."""
        return read(self.flags(holds, *times), mode, COUNT)

    def best(self, t: float) -> Moved:
        """Fields at the size, of some, where rho of each direction is least."""
        near = self.at(t).near
        trials = [moved(near, size, self.controls).fields for size in SIZES]
        ahead = times_ahead(near)
        rho = np.stack([time_advance(near, fields, ahead) for fields in trials])
        choice = np.where(np.isfinite(rho), rho, np.inf).argmin(0)
        return Moved(near, np.stack(trials)[choice, np.arange(rho.shape[1])])


def _claims(parts: dict[str, dict[str, dict]], partly: dict[str, int] | None = None) -> dict[str, dict]:
    partly = partly or {}
    rows = {claim: {"verdict": together([r["verdict"] for r in found.values()], partly.get(claim, 1)),
                    "readings": found} for claim, found in parts.items()}
    for row in rows.values():  # where a rule was changed, the verdict by the first one stands beside
        if any("before" in r for r in row["readings"].values()):
            row["before"] = together([r.get("before", r["verdict"]) for r in row["readings"].values()])
    return rows


def _time(waves: Waves, name: str) -> dict:
    rho = np.stack([waves.rho(t) for t in TIMES[name]])
    found = read_time(rho, COUNT)
    sign = int(np.nanargmin(rho[:, 2:4].mean(0)))
    others = np.nanmin(rho[:, [0, 1, *range(4, 2 * COUNT)]], axis=1)
    return found | {"times": list(TIMES[name]), "sign": 1 - 2 * sign,
                    "rho of mode 2": rho[:, 2 + sign].round(3).tolist(),
                    "least rho of the others": others.round(3).tolist()}


def acoustics(waves: Waves) -> dict[str, dict]:
    """Readings of section 5.2.2."""
    return _claims({
        "C5.2.2-1": {"mode 2": _time(waves, "acoustics")},
        "C5.2.2-2": {"mode 2": waves.read(2, enters_from_above, 0.04)},
        "C5.2.2-3": {"mode 2": waves.read(2, stresses_narrow_peaks, 0.38, 0.5, 0.67)},
        "C5.2.2-4": {"mode 1": waves.read(1, shifts_uniformly, 0.67)},
        "C5.2.2-5": {"mode 3": waves.read(3, moves_connections, 0.67), "mode 4": waves.read(4, presses_centre, 0.67),
                     "mode 5": waves.read(5, widens_peaks, 0.67)},
        "C5.2.2-6": {"mode 6": waves.read(6, draws_upper_peaks_in, 0.67)},
    })


def burgers(waves: Waves) -> dict[str, dict]:
    """Readings of section 5.2.3."""
    tips = [(waves.flags(lambda pair, w=way: reshapes_tip(pair, w), 1.5)) for way in (-1, 1)]
    ways = [[read(flag, mode, COUNT) for mode, flag in zip((5, 6), order, strict=True)]
            for order in (tips, tips[::-1])]  # one way for mode 5, the other for mode 6
    best = max(ways, key=lambda pair: sum(r["verdict"] == "reproduced" for r in pair))
    return _claims({
        "C5.2.3-1": {"mode 2 advances": _time(waves, "burgers"),
                     "mode 2 sharpens": waves.read(2, sharpens_and_moves_in, 0.62, 1.5)},
        "C5.2.3-2": {"mode 1": waves.read(1, moves_fans, 1.5)},
        "C5.2.3-3": {"mode 3": waves.read(3, tilts_centre, 1.5), "mode 4": waves.read(4, acts_on_diagonal, 1.5)},
        "C5.2.3-4": {f"mode {m}": r for m, r in zip((5, 6), best, strict=True)},
    })


def advection(waves: Waves) -> dict[str, dict]:
    """Readings of section 5.2.4."""
    rho = waves.rho(2.4)
    ahead = np.array(waves.flags(pushes_down_and_up, 2.4)) & (rho <= 0.8)
    return _claims({
        "C5.2.4-1": {"mode 2": _time(waves, "advection")},
        "C5.2.4-2": {"mode 2": read(flags([waves.best(1.8)], straightens), 2, COUNT)},
        "C5.2.4-3": {"mode 1": waves.read(1, lifts_interface, 2.4), "mode 3": waves.read(3, lifts_with_a_twist, 2.4)},
        "C5.2.4-4": {"mode 4": waves.read(4, acts_upper_left, 2.4), "mode 5": waves.read(5, acts_lower_right, 2.4),
                     "mode 6": read(ahead, 6, COUNT)},
    })


READINGS = {"acoustics": acoustics, "burgers": burgers, "advection": advection}
