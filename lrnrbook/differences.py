"""What the paper's slips and silences amount to, by algebra and small computations.

Each function measures one entry of the chapter on differences; those that need trained models are in
`lrnrbook.differences_models`.
"""

from __future__ import annotations

import numpy as np
import torch

from lrnrbook.layers import SparseLayer
from lrnrbook.losses import orthogonality_floor, sparsity_penalty
from lrnrbook.model import LRNR
from lrnrbook.recipes import get_recipe

THRESHOLD = 5e-5  # of Table 2
# The set's last time, and the times that sections 5 and 7 name with so many digits. (Frames of the acoustics are so
# close that every time of two digits is one.)
NAMED = {
    "euler": (0.038, 4, (0.0285,)),
    "burgers": (2.5, 2, (0.62, 1.50, 2.50)),
    "advection": (4.0, 2, (1.80, 2.40)),
}


def kronecker_shapes(m1: int = 3, m2: int = 2) -> tuple[tuple[int, int], tuple[int, int]]:
    """Shapes of diag(u) kron v, as printed before (2.8), and of diag(u) kron v^T; m1 x m1 m2 is claimed.

    Examples
    --------
    >>> kronecker_shapes()
    ((6, 3), (3, 6))
    """
    u, v = np.arange(1.0, m1 + 1), np.arange(1.0, m2 + 1)
    return np.kron(np.diag(u), v[:, None]).shape, np.kron(np.diag(u), v[None]).shape


def sparse_count(d: int, neurons: int = 8) -> int:
    """Coefficients of the wave network (3.26) in d dimensions if its whole first weight is one sparse matrix.

    Examples
    --------
    >>> sparse_count(2), sparse_count(3)  # Theorem 3.2 counts d + 3
    (4, 4)
    """
    rng = np.random.default_rng(0)
    first = SparseLayer([rng.standard_normal((neurons, d))], rng.standard_normal((neurons, 2)))
    last = SparseLayer([rng.standard_normal((1, neurons))], np.zeros((1, 0)))
    return LRNR([first, last], "relu").ranks.total


def step_norm(scale: float) -> float:
    """Bound of (3.12) with k = 0, as printed, for the step of x + 1/2 written as sigma^0(scale (x + 1/2)).

    The function does not depend on the scale, so the infimum over its representations is 0.

    Examples
    --------
    >>> [step_norm(10.0**-k) for k in (0, 3, 6)]
    [1.5, 0.0015, 1.5e-06]
    """
    w, b = scale, 0.5 * scale
    return abs(w) + abs(b)


def wave_residual(w: float, c: float = 2.0) -> float:
    """Largest ``|u_tt - c^2 u_xx|`` of u = g(w x - c t), g a Gaussian, over the largest ``|u_tt|``: (3.15)-(3.16).

    Examples
    --------
    >>> round(wave_residual(1.0), 4), round(wave_residual(2.0), 4)
    (0.0, 3.0)
    """
    x, h = np.linspace(-1, 1, 2001), 1e-4

    def u(x, t):
        return np.exp(-((w * x - c * t) ** 2) / 0.08)

    tt, xx = u(x, h) - 2 * u(x, 0) + u(x, -h), u(x + h, 0) - 2 * u(x, 0) + u(x - h, 0)
    return float(np.abs(tt - c**2 * xx).max() / np.abs(tt).max())


def _ridge_waves(c: float = 2.0, neurons: int = 50):
    """Random ReLU ridges in one dimension, unit directions: x, and sigma(w x + b +- c t), its time derivative."""
    rng = np.random.default_rng(1)
    x, h = np.linspace(-1, 1, 1001), 1e-6
    a, w, b = rng.standard_normal(neurons), rng.choice([-1.0, 1.0], neurons), rng.uniform(-1, 1, neurons)

    def wave(sign, t):
        return np.maximum(np.outer(x, w) + b + sign * c * t, 0) @ a

    return x, h, a, w, b, wave


def _relative(v, u) -> float:
    return float(np.abs(v - u).sum() / np.abs(u).sum())


def velocity_part(c: float = 2.0) -> dict[str, float]:
    """Relative l1 errors of u_t(0) with V of (3.16) as printed, and with (1/2c) and a minus, as in (A.11).

    Examples
    --------
    >>> {name: round(error, 3) for name, error in velocity_part().items()}
    {'printed': 1.0, 'corrected': 0.0}
    """
    x, h, a, w, b, wave = _ridge_waves(c)
    v0 = (np.outer(x, w) + b > 0) @ a
    printed, corrected = (
        lambda t: (wave(-1, t) + wave(1, t)) / 2, lambda t: (wave(1, t) - wave(-1, t)) / (2 * c))
    return {name: _relative((f(h) - f(-h)) / (2 * h), v0)
            for name, f in (("printed", printed), ("corrected", corrected))}


def common_factor(c: float = 2.0) -> dict[str, float]:
    """Relative l1 error of u(0) with the common factor 1/(2c) of (3.25), and with entries c a_i in the position part.

    Examples
    --------
    >>> {name: round(error, 3) for name, error in common_factor(2.0).items()}
    {'printed': 0.5, 'corrected': 0.0}
    """
    *_, wave = _ridge_waves(c)
    u0 = wave(0, 0.0)
    return {name: _relative(factor * (wave(-1, 0.0) + wave(1, 0.0)) / (2 * c), u0)
            for name, factor in (("printed", 1.0), ("corrected", c))}


def energy_growth(c: float = 2.0, squared: bool = False) -> float:
    """Largest E(t)/E(0) of a standing wave cos(x) cos(ct), with (3.20) as printed or with c^2 before |grad u|^2.

    Examples
    --------
    >>> round(energy_growth(2.0), 3), round(energy_growth(2.0, squared=True), 3)
    (4.0, 1.0)
    """
    x, t = np.linspace(0, 2 * np.pi, 400, endpoint=False), np.linspace(0, np.pi, 401)[:, None]
    slope, speed = -np.sin(x) * np.cos(c * t), -c * np.cos(x) * np.sin(c * t)
    energy = ((c**2 if squared else 1) * slope**2 + speed**2).mean(1)
    return float(energy.max() / energy[0])


def sampling_slopes(draws: int = 50) -> dict[str, float]:
    """Slopes of log error against log M for ``int_0^1 sigma^k(x - b) db`` by M neurons, k = 0 and 1, d = 1, in L2.

    The proof of Theorem 3.2 needs -1/2 - 1/(2d) = -1 for steps; ReLUs in L2 do better.

    Examples
    --------
    >>> {name: round(slope, 1) for name, slope in sampling_slopes().items()}
    {'steps, independent': -0.5, 'steps, stratified': -1.0, 'ReLUs, stratified': -1.5}
    """
    rng, x = np.random.default_rng(0), np.linspace(0, 1, 4001)
    sizes = 2 ** np.arange(4, 11)
    errors: dict[str, list[float]] = {"steps, independent": [], "steps, stratified": [], "ReLUs, stratified": []}
    for M in sizes:
        found = {name: [] for name in errors}
        for _ in range(draws):
            free, cells = rng.random(M), (np.arange(M) + rng.random(M)) / M
            for name, b in (("steps, independent", free), ("steps, stratified", cells)):
                found[name].append(np.searchsorted(np.sort(b), x, side="right") / M - x)
            sums = np.concatenate([[0.0], np.cumsum(np.sort(cells))])
            below = np.searchsorted(np.sort(cells), x, side="right")
            found["ReLUs, stratified"].append((below * x - sums[below]) / M - x**2 / 2)
        for name, rows in found.items():
            errors[name].append(float(np.sqrt(np.mean(np.square(rows)))))
    return {name: float(np.polyfit(np.log(sizes), np.log(row), 1)[0]) for name, row in errors.items()}


def floors(name: str, fields: int = 1) -> dict[str, float]:
    """Least R_ortho (4.9) for the sizes of Table 1, its part of the loss, and that over the threshold of the switch.

    Examples
    --------
    >>> {key: round(value, 3) for key, value in floors("euler").items()}
    {'floor': 2.98, 'in the loss': 0.023, 'over the threshold': 46.25}
    """
    recipe = get_recipe("paper", name)
    d = 1 if name == "euler" else 2
    dims = (d, *[recipe.width] * (recipe.depth - 1), fields)
    floor = orthogonality_floor(LRNR.random(dims, recipe.rank))
    weighted = recipe.lambda_ortho * floor
    return {"floor": floor, "in the loss": weighted, "over the threshold": weighted / recipe.switch_threshold}


def guaranteed_decay(name: str) -> dict[str, float]:
    """What R_sparse = 0 guarantees with Table 1's gamma: the last of r entries over the first; entries above 5e-5.

    Examples
    --------
    >>> guaranteed_decay("euler")["entries above 5e-5"], guaranteed_decay("advection")["entries above 5e-5"]
    (150, 158)
    """
    recipe = get_recipe("paper", name)
    entries = recipe.gamma ** -np.arange(recipe.rank, dtype=float)
    return {"r": recipe.rank, "gamma": recipe.gamma, "last / first": float(entries[-1]),
            "entries above 5e-5": int((entries > THRESHOLD).sum())}


def penalty_of_signs(gamma: float = 1.05) -> dict[str, float]:
    """R_sparse of one layer whose entries decay or grow in magnitude, positive or negative.

    Examples
    --------
    >>> {name: round(value, 2) for name, value in penalty_of_signs().items()}
    {'positive, decaying': 0.0, 'positive, growing': 0.96, 'negative, decaying': 0.83, 'negative, growing': 0.0}
    """
    decaying = torch.tensor([1.0, 0.5, 0.25, 0.125])
    lrnr = LRNR.random((1, 1), len(decaying))
    found = {}
    for label, sign in (("positive", 1), ("negative", -1)):
        for kind, s in (("decaying", decaying), ("growing", decaying.flip(0))):
            both = torch.cat([sign * s, torch.zeros_like(s)])[None]  # no bias
            found[f"{label}, {kind}"] = float(sparsity_penalty(lrnr, both, gamma))
    return found


def plateau_cuts(rate: float = 1e-3, factor: float = 0.98, patience: int = 10) -> tuple[int, int, float]:
    """Cuts, epochs and last rate of the paper's plateau scheduler while the loss does not improve.

    Below 5e-7 a cut would change the rate by less than PyTorch's `eps`, and is left out.

    Examples
    --------
    >>> cuts, epochs, last = plateau_cuts()
    >>> cuts, epochs, f"{last:.0e}"
    (377, 4148, '5e-07')
    """
    optimizer = torch.optim.Adam([torch.zeros(1)], lr=rate)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=factor, patience=patience, threshold=1e-3)
    cuts, epochs, last = 0, 0, rate
    for epoch in range(1, 5000):
        scheduler.step(1.0)
        now = optimizer.param_groups[0]["lr"]
        if now < last:
            cuts, epochs, last = cuts + 1, epoch, now
    return cuts, epochs, last


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


def room_for_modes(modes: int = 38, degree: int = 30) -> tuple[int, float]:
    """Least sum of squared residuals of orthonormal vectors in polynomials of a degree, and its root mean square.

    Examples
    --------
    >>> missing, rms = room_for_modes()
    >>> missing, round(rms, 2)
    (7, 0.43)
    """
    missing = max(modes - (degree + 1), 0)
    return missing, float(np.sqrt(missing / modes))


def named_times() -> dict[str, list[tuple[float, int, float]]]:
    """For each named time: the time, the frame nearest to it, and that frame's time as it would be printed.

    Examples
    --------
    >>> named_times()["burgers"][0]
    (0.62, 20, 0.62)
    """
    return {name: [(t, round(t / end * 80), round(round(t / end * 80) * end / 80, digits)) for t in times]
            for name, (end, digits, times) in NAMED.items()}


def tube(periodic: bool, t: float = 0.0285, cells: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Pressure of the blast waves between walls or on a circle, by a first-order HLL scheme: x (P,), pressure (P,).

    Examples
    --------
    >>> x, pressure = tube(periodic=False, t=0.001, cells=100)
    >>> x.shape, float(pressure.max())
    ((100,), 1000.0)
    """
    x = (np.arange(cells) + 0.5) / cells
    p = np.where(x < 0.1, 1000.0, np.where(x > 0.9, 100.0, 0.01))
    w, now = np.array([np.ones(cells), np.zeros(cells), p / 0.4]), 0.0  # density, momentum, energy
    while now < t:
        ends = (w[:, -1:], w[:, :1]) if periodic else (w[:, :1] * [[1], [-1], [1]], w[:, -1:] * [[1], [-1], [1]])
        a = np.hstack([ends[0], w, ends[1]])
        u = a[1] / a[0]
        p = 0.4 * (a[2] - a[1] * u / 2)
        c = np.sqrt(1.4 * p / a[0])
        flux = np.array([a[1], a[1] * u + p, (a[2] + p) * u])
        low, high = np.minimum((u - c)[:-1], (u - c)[1:]), np.maximum((u + c)[:-1], (u + c)[1:])
        low, high = np.minimum(low, 0), np.maximum(high, 0)
        between = (high * flux[:, :-1] - low * flux[:, 1:] + low * high * (a[:, 1:] - a[:, :-1])) / (high - low)
        dt = min(0.9 / cells / float((np.abs(u) + c).max()), t - now)
        w = w - dt * cells * np.diff(between)
        now += dt
    return x, 0.4 * (w[2] - w[1] ** 2 / w[0] / 2)


def listed(found: dict[str, float], form: str = ".2g") -> str:
    """Numbers with their names, as prose has them.

    Examples
    --------
    >>> listed({"a": 0.123, "b": 2.0})
    '0.12 (a), 2 (b)'
    """
    return ", ".join(f"{value:{form}} ({name})" for name, value in found.items())


def measured() -> dict[str, str]:
    """The numbers of this module as the chapter on differences writes them, by name."""
    kron, velocity, factor = kronecker_shapes(), velocity_part(), common_factor()
    floor = {name: floors(name) for name in ("euler", "acoustics", "burgers", "advection")}
    least = min(row["over the threshold"] for name, row in floor.items() if name != "euler")
    (cuts, epochs, rate), (missing, rms), paper = plateau_cuts(), room_for_modes(), get_recipe("paper", "euler")
    return {
        "kron": str(kron[0]), "kron-right": str(kron[1]),
        "sparse": ", ".join(f"{sparse_count(d)} (d = {d})" for d in (2, 3)),
        "norms": ", ".join(f"{step_norm(10.0**-k):.2g}" for k in (0, 3, 6)),
        "residual": f"{wave_residual(2):.1f}", "residual-unit": f"{wave_residual(1):.0e}",
        "velocity": f"{velocity['printed']:.2f}", "velocity-right": f"{velocity['corrected']:.0e}",
        "energy": f"{energy_growth():.2f}", "energy-right": f"{energy_growth(squared=True):.2f}",
        "factor": f"{factor['printed']:.2f}", "factor-right": f"{factor['corrected']:.0g}",
        "slopes": listed(sampling_slopes(), ".2f"), "signs": listed(penalty_of_signs()),
        "floor": f"{floor['euler']['floor']:.2f}", "floor-loss": f"{floor['euler']['in the loss']:.3f}",
        "floor-over": f"{floor['euler']['over the threshold']:.0f}", "floor-2d": f"{least:.1f}",
        "cuts": str(cuts), "bad": f"{epochs:,}", "rate": f"{rate:.1e}",
        "siren": f"{siren_parameters() / 1e6:.0f} million", "missing": str(missing), "rms": f"{rms:.2f}",
        "epochs": f"{paper.epochs:,}", "radius": f"{paper.mollifier_radius:g}",
    }
