"""What the paper's slips and silences amount to, by algebra and small computations.

Each function measures one entry of the chapter on differences; those that need trained models are in
`study.evidence.differences_trained`, those of section 3 and Appendix A in `study.theory.printed_formulas`.
"""

from __future__ import annotations

import numpy as np
import torch

from lrnrbook.losses import sparsity_penalty
from lrnrbook.model import LRNR
from lrnrbook.recipes import get_recipe
from study.ingredients.tables import siren_parameters
from study.instruments.courses import orthogonality_floor

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
    kron = kronecker_shapes()
    floor = {name: floors(name) for name in ("euler", "acoustics", "burgers", "advection")}
    least = min(row["over the threshold"] for name, row in floor.items() if name != "euler")
    (cuts, epochs, rate), (missing, rms), paper = plateau_cuts(), room_for_modes(), get_recipe("paper", "euler")
    return {
        "kron": str(kron[0]), "kron-right": str(kron[1]),
        "signs": listed(penalty_of_signs()),
        "floor": f"{floor['euler']['floor']:.2f}", "floor-loss": f"{floor['euler']['in the loss']:.3f}",
        "floor-over": f"{floor['euler']['over the threshold']:.0f}", "floor-2d": f"{least:.1f}",
        "cuts": str(cuts), "bad": f"{epochs:,}", "rate": f"{rate:.1e}",
        "siren": f"{siren_parameters() / 1e6:.0f} million", "missing": str(missing), "rms": f"{rms:.2f}",
        "epochs": f"{paper.epochs:,}", "radius": f"{paper.mollifier_radius:g}",
    }
