"""What the formulas of section 3 and Appendix A give as printed, measured against what the algebra says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lrnrbook.layers import Ranks
from study.theory.constructions import dalembert, plane_waves, printed_wave, random_ridges, residual, values, wave
from study.theory.problems import energy, rate, wave_test


def free_direction(w: float = 2.0) -> dict[str, float]:
    """Largest residual of a Gaussian ridge with direction w in 1d, c = 1: shift ct as in (3.16), and abs(w) ct."""
    x = np.linspace(-1, 1, 401)[:, None]

    def ridge(shift):
        return lambda y, t: dalembert(w * y[:, 0], t, shift, lambda z: np.exp(-(z**2)))

    return {name: float(np.abs(residual(ridge(shift), x, 0.1, 1.0)).max())
            for name, shift in (("printed", 1.0), ("right", abs(w)))}


def step_norm(scale: float = 1e-6) -> dict[str, float]:
    """Scale (w, b) of the step sigma^0(x - 0.5): its norm by (3.12) with one factor for all k, change of the step."""
    x = np.linspace(0, 1, 101)
    change = np.abs((scale * (x - 0.5) > 0).astype(float) - (x - 0.5 > 0)).max()
    return {"norm": scale * (1 + 0.5), "change": float(change)}


def standing_wave(c: float = 2.0) -> dict[str, float]:
    """Growth of the energy (3.20) of ``cos(pi x) cos(pi c t)`` on (0, 1), as printed and with c^2."""
    x, t = (np.arange(2000) + 0.5) / 2000, np.linspace(0, 0.5 / c, 51)[:, None]
    potential = (np.pi * np.sin(np.pi * x) * np.cos(np.pi * c * t)) ** 2
    kinetic = (np.pi * c * np.cos(np.pi * x) * np.sin(np.pi * c * t)) ** 2
    found = {"printed": (potential + kinetic).mean(1), "right": (c**2 * potential + kinetic).mean(1)}
    return {name: float(e.max() / e[0]) for name, e in found.items()}


def common_factor(c: float = 2.0) -> float:
    """Relative error of u(0) with the common factor 1/(2c) of (3.25) before positions and velocities alike, v_0 = 0."""
    u0, box = random_ridges(8, 1, 0), [(-1, 1)]
    x = np.linspace(-1, 1, 401)[:, None]
    a, w, b = (np.concatenate([v, v]) for v in (u0.a, u0.w, u0.b))
    model = plane_waves(a / (2 * c), w, b, np.repeat([c, -c], len(u0)), box, 1.0)
    return float(np.abs(values(model, x, 0.0) - u0(x)).max() / np.abs(u0(x)).max())


def sparse_count(d: int) -> int:
    """Coefficients of the wave network (3.26) in d dimensions if its whole first weight is one sparse matrix."""
    return wave(random_ridges(4, d, 0), None, 1.0, [(-1, 1)] * d, 1.0, sparse=True).ranks.total


def measured() -> dict[str, str]:
    """The numbers of this module as the chapter on differences writes them, by name."""
    shown, right = wave_test(2, 2.0, printed_wave), wave_test(2, 2.0)
    free, standing = free_direction(), standing_wave()
    slopes = {f"{kind}, d = {d}": rate(d, kind, "h1")[0] for d in (1, 2) for kind in ("independent", "stratified")}
    return {
        "sparse": ", ".join(f"{sparse_count(d)} (d = {d})" for d in (2, 3)),
        "norms": ", ".join(f"{step_norm(10.0**-k)['norm']:.2g}" for k in (0, 3, 6)),
        "residual": f"{free['printed']:.2g}", "residual-unit": f"{free['right']:.0e}",
        "velocity": f"{shown['u_t(0)']:.2f}", "velocity-right": f"{right['u_t(0)']:.0e}",
        "energy": f"{standing['printed']:.2f}", "energy-right": f"{standing['right']:.2f}",
        "factor": f"{common_factor():.2f}", "slopes": ", ".join(f"{v:.2f} ({k})" for k, v in slopes.items()),
    }


def table() -> pd.DataFrame:
    """Slips of sections 3 and A, each with what is printed, what is right, and the effect measured.

    Examples
    --------
    >>> table().loc["(3.25)", "measured"]
    'c = 2: u(0) off by 50 %'
    """
    shown, right = wave_test(2, 2.0, printed_wave), wave_test(2, 2.0)
    free, step, standing = free_direction(), step_norm(), standing_wave()
    listed = (1, 2, 1, 1, 1, 1, 1, 2, 2, 0)
    kinds, pairs = Ranks(listed[:5], listed[5:]), Ranks(listed[0::2], listed[1::2])
    drawn = max(energy(1, 2, velocity)["printed"].max() for velocity in (True, False))
    advected, random = rate(1, "stratified", "advection")[0], rate(2, "independent", "h1")[0]
    rows = {
        "(3.12)": ("one norm for all k", "factor (|w| + |b|)^k",
                   f"(w, b) scaled by 1e-6: norm {step['norm']:.1e}, the step changes by {step['change']:g}"),
        "(3.15)-(3.17)": ("free w, shift ct", "unit w, or shift |w| ct",
                          f"w = 2: residual {free['printed']:.2g}, with |w| ct {free['right']:.0e}"),
        "(3.16), (3.19)": ("velocity part 1/2, plus", "1/(2c), minus (A.11)",
                           f"c = 2: u(0) off by {shown['u(0)']:.2g}, u_t(0) by {shown['u_t(0)']:.2g}; with (A.11) "
                           f"{right['u(0)']:.0e}, {right['u_t(0)']:.0e}"),
        "after (3.17)": ("Maurey sampling", "stratified draws, as in two papers cited there",
                         f"d = 2, H1: slope {random:.2f} for independent draws, "
                         f"{rate(2, 'stratified', 'h1')[0]:.2f} for stratified"),
        "(3.20)-(3.21)": ("energy without c^2", "c^2 before the gradient",
                          f"c = 2: a standing wave's energy grows {standing['printed']:.2f}-fold (with c^2 "
                          f"{standing['right']:.2f}), that of a sampling error {drawn:.2f}-fold"),
        "(3.25)": ("common factor 1/(2c)", "1/2 for u0, 1/(2c) for v0",
                   f"c = 2: u(0) off by {100 * common_factor():.0f} %"),
        "(3.28), Thm. 3.4": ("(d,2;1,0), (1,2,1,1,1;1,1,2,2,0)", "two orders of one list",
                             f"by kinds {kinds}; as pairs {pairs}; sum {kinds.total} either way"),
        "Def. 2.1": ("sparse matrices allowed", "needs a bound, O(1) a row",
                     f"W^1 as one sparse matrix: count {sparse_count(3)} for the wave in 3d, not 6"),
        "Thm. 3.3": ("rate 1/2 + 1/(2d) in L2", "valid; 1/2 + 1/d by strata",
                     f"d = 1: slope {advected:.2f}"),
    }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["printed", "the algebra says", "measured"])
    return frame[["printed", "measured", "the algebra says"]]
