"""Encoding: hypermode coordinates of a snapshot, by Gauss-Newton (beyond the paper)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from lrnrbook.arrays import Numbers
from lrnrbook.fast import FastLRNR
from lrnrbook.model import MetaNetwork
from lrnrbook.modes import Hypermodes, hypermodes
from lrnrbook.normalisation import exact

STARTS, FINER = 41, 17  # times on the training path that are tried first, and around the best of them
OFF_PATH = 0.05  # how far coordinates are expected off the path, as a share of their range
CLOUD, ROUNDS, ACROSS = 64, 8, 0.25  # of a family: places around the best one, how often, in what share of the ranges
POINTS, SCAN = 256, 96  # of a snapshot that are used, if it has more; of them for the first guess


@dataclass(frozen=True)
class Encoding:
    """Where a snapshot lies.

    Attributes
    ----------
    coordinates : (j,) tensor: of the first j hypermodes
    time : float: time at which the training path is nearest, each coordinate over its range
    parameters : dict: of a family, the parameters there, by name
    residual : float: root mean square misfit at the points used, fields over their largest magnitude
    steps : int: Gauss-Newton steps taken
    """

    coordinates: Tensor
    time: float
    residual: float
    steps: int
    parameters: dict[str, float] = field(default_factory=dict)


class Encoder:
    """Finds hypermode coordinates of snapshots: what is the same for all of them is computed once.

    The coordinates minimise ``|v - u|^2 / e^2 + |c - c(t)|^2 / (0.05 range)^2`` over c, where v = u(x; Phi c), c(t) is
    the point of the training path (of a family, c(t, mu)) that fits best, and e is the misfit reached so far: the
    better the fit, the weaker the pull towards the path, so that noise and few points do no harm.

    Parameters
    ----------
    model : MetaNetwork or Hypermodes
    count : int, optional: hypermodes used; by default those whose singular value is above 5e-5 of the first
    fast : FastLRNR, optional
        The model compressed at the points of the snapshots, best with ``along=count``, in one piece of time: snapshots
        are then fitted through it, and the time of that does not know the width.

    Examples
    --------
    >>> import lrnrbook as lb
    >>> model, frame = lb.load_pretrained("euler"), lb.load_data("euler", "midpoints")[3]
    >>> found = Encoder(model)(frame.x, frame.u)
    >>> bool(abs(found.time - frame.t) < 3e-4)
    True
    """

    def __init__(self, model: MetaNetwork | Hypermodes, count: int | None = None, fast: FastLRNR | None = None):
        self.modes: Hypermodes = model if isinstance(model, Hypermodes) else hypermodes(model)
        self.model = self.modes.model
        self.count = self.modes.count() if count is None else count
        box = self.model.normalisation
        times, mu = box.sample(np.linspace(*box.times, STARTS))
        self.places = times[:, None] if mu is None else np.column_stack([times, mu])  # (S, 1 + k)
        self.ends = np.array([box.times, *box.parameters.values()])
        self.reach = np.array([times[1] - times[0], *ACROSS * np.ptp(self.ends[1:], axis=1)])
        with torch.no_grad():
            self.path = self._path(self.places)  # (S, j)
            self.to_s = self.modes.coefficients(torch.eye(self.count))  # (j, n): s = c @ to_s
        self.range = (self.path.amax(0) - self.path.amin(0)).clamp_min(1e-6 * self.path.abs().max())
        self.unit = self.model.normalisation.unit_values
        self.fast = fast

    def _check(self, x, u) -> tuple[Tensor, Tensor]:
        d, m = self.model.lrnr.dims[0], len(self.model.fields)
        x, u = (exact(a).detach().double().cpu() for a in (x, u))
        x = x[:, None] if x.ndim == 1 and d == 1 else x
        u = u[:, None] if u.ndim == 1 and m == 1 else u
        if x.ndim != 2 or x.shape[1] != d or tuple(u.shape) != (len(x), m):
            raise ValueError(f"x has shape {tuple(x.shape)} and u {tuple(u.shape)}: expected (P, {d}) and (P, {m})")
        return x, u

    def __call__(self, x: Numbers, u: Numbers, points: int = POINTS, steps: int = 30) -> Encoding:
        """Coordinates of a snapshot u (P, m) at points x (P, d), any points, in physical units.

        At most `points` of them are used, drawn with a fixed seed.

        Raises ValueError if the shapes do not fit the model, or a value is not finite.
        """
        x, u = self._check(x, u)
        if self.fast is not None and not torch.equal(x, self.fast.x):
            raise ValueError(f"x are {len(x)} points: expected the {len(self.fast.x)} of the FastLRNR, in its order")
        if self.fast is None:  # in random order, since the first few are looked at first
            chosen = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))[:points]
            x, u = x[chosen], u[chosen]
        target = self.model.tensor(self.unit(u)).flatten()

        def f(c):
            return self.unit(self._evaluate(x, c[None] @ self.to_s)[0]).flatten().to(target)

        def f_and_f(c):
            value = f(c)
            return value, value

        jacobian = torch.func.jacfwd(f_and_f, has_aux=True)
        with torch.no_grad():
            def misfit(path):  # at few points
                tried = self.unit(self._evaluate(x[:SCAN], path @ self.to_s)).flatten(1)
                return (tried - target[: tried.shape[1]]).square().mean(1)

            c, taken = self._descend(jacobian, f, target, self._near(misfit, FINER)[1], steps)
            residual = float((f(c) - target).square().mean().sqrt())
            (time, *mu), _ = self._near(lambda path: ((path - c) / self.range).square().sum(1), 65)
        return Encoding(c, time, residual, taken, dict(zip(self.model.ranges, mu, strict=True)))

    def _path(self, places: np.ndarray) -> Tensor:
        """Coordinates (N, j) at times and parameters (N, 1 + k)."""
        return self.modes.coordinates(places[:, 0], places[:, 1:] if self.model.ranges else None)[:, : self.count]

    def _evaluate(self, x: Tensor, s: Tensor) -> Tensor:
        return self.model.evaluate(x, s) if self.fast is None else self.fast.evaluate(s)

    def _near(self, far, finer: int) -> tuple[list[float], Tensor]:
        """Place on the path, (t, *mu), and its coordinates, where `far` of those, (N, j) -> (N,), is least.

        The best of the samples, then of places near it: `finer` times or, of a family, ever smaller clouds.
        """
        place, reach, k = self.places[int(far(self.path).argmin())], self.reach, len(self.model.ranges)
        cloud = 2 * torch.quasirandom.SobolEngine(1 + k).draw(CLOUD).numpy() - 1
        cloud = cloud if k else np.linspace(-1, 1, finer)[:, None]
        for _ in range(ROUNDS if k else 1):
            tried = np.clip(np.vstack([place + reach * cloud, place]), *self.ends.T)
            path = self._path(tried)
            best = int(far(path).argmin())
            place, reach = tried[best], reach / 2
        return place.tolist(), path[best]

    def _descend(self, jacobian, f, target: Tensor, start: Tensor, steps: int) -> tuple[Tensor, int]:
        """Damped Gauss-Newton from a point of the path, in coordinates over their range."""
        c, damping, width = start, 1e-2, OFF_PATH * self.range
        error = float((f(c) - target).square().mean())
        for taken in range(steps):
            J, value = jacobian(c)
            J, r = (J * width).double(), (target - value).double()
            noise = max(error, 1e-12) * len(r) / max(len(r) - self.count, 1)
            y = ((c - start) / width).double()  # the prior's coordinates, of variance 1
            normal = J.T @ J / noise + torch.eye(len(c), dtype=torch.float64)
            right = J.T @ r / noise - y
            for _ in range(8):
                step = torch.linalg.solve(normal + damping * torch.diag(normal.diagonal()), right)
                new = c + (step * width).to(c)
                found = float((f(new) - target).square().mean())
                pull = float(((y + step) ** 2).sum() - (y**2).sum())
                if len(r) * (found - error) / noise + pull < 0:
                    break
                damping *= 4
            else:
                return c, taken
            gain, c, error, damping = error - found, new, found, damping / 4
            if abs(gain) <= 1e-3 * error and float(step.abs().max()) < 1e-2:
                return c, taken + 1
        return c, steps


def _encode(self: MetaNetwork, x, u, count: int | None = None) -> Tensor:
    """Hypermode coordinates of a snapshot u (P, m) at any points x (P, d): (j,). See `Encoder`, which tells more."""
    return Encoder(self, count)(x, u).coordinates


MetaNetwork.encode = _encode  # its definition stands here because it needs the hypermodes, which need the model
