"""What a model does when its coefficients leave their path: tangents (5.7) and large steps (5.8) along hypermodes."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from lrnrbook.modes import Hypermodes

SIZE = 0.05  # relative l1 change of the output that a tangent perturbation makes
BLOCK = 2**16  # points, over all fields, that are computed at once
STEPS = 14  # corrections of a step length at most


class Neighbourhood:
    """One field of a model near a time: ``u(x; Phi c(t) + sum_i y_i phi_i)`` for steps y along the first hypermodes.

    Parameters
    ----------
    modes : Hypermodes
    x : (P, d) array
        Points of a uniform grid, so that means over them are integrals.
    t : float
    count : int
        Hypermodes in question: y has this length.
    field : str, optional
        By default the last one of the model (the pressure, for Euler).

    Attributes
    ----------
    base : (P,) array
        u at y = 0, physical units.
    c : (k,) array
        Hypermode coordinates at t.
    """

    def __init__(self, modes: Hypermodes, x, t: float, count: int, field: str | None = None):
        if not 1 <= count <= modes.basis.shape[1]:
            raise ValueError(f"count = {count}: expected between 1 and {modes.basis.shape[1]}, as many as hypermodes")
        self.modes, self.t, self.count = modes, float(t), count
        self.x = np.asarray(x, dtype=float)
        self.field = modes.model.fields.index(field) if field else len(modes.model.fields) - 1
        with torch.no_grad():
            self.s = modes.model.coefficients(self.t)[0]
            self.c = modes.coordinates(self.t)[0].double().numpy()
            self.along = modes.coefficients(torch.eye(count))  # (count, n)
        self.base = self.at_coefficients(self.s[None])[0]

    @torch.no_grad()
    def at_coefficients(self, s: Tensor, x: np.ndarray | None = None) -> np.ndarray:
        """u(x; s) for coefficients (N, n): (N, P)."""
        x = self.x if x is None else x
        rows = max(1, BLOCK // len(x))
        found = [self.modes.model.evaluate(x, part)[..., self.field] for part in torch.split(s, rows)]
        return torch.cat(found).double().numpy()

    def __call__(self, y, x: np.ndarray | None = None) -> np.ndarray:
        """Fields (N, P) after the steps y (N, count)."""
        return self.at_coefficients(self.s + self.modes.model.tensor(y) @ self.along, x)

    @torch.no_grad()
    def at_time(self, t: float, x: np.ndarray | None = None) -> np.ndarray:
        """The model's own field at another time, (P,)."""
        return self.at_coefficients(self.modes.model.coefficients(t), x)[0]

    @cached_property
    def tangents(self) -> np.ndarray:
        """J phi_i: change of u for a small step along each hypermode, (count, P)."""
        return self._derivatives(np.eye(self.count), self.x)

    def _derivatives(self, directions: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Change of u at points for small steps along the directions (N, count): (N, P)."""
        model = self.modes.model

        def f(s):
            return model.evaluate(x, s[None])[0, :, self.field]

        along = model.tensor(directions) @ self.along
        with torch.no_grad():
            rows = torch.func.vmap(lambda v: torch.func.jvp(f, (self.s,), (v,))[1])(along)
        return rows.double().numpy()

    @cached_property
    def speed(self) -> np.ndarray:
        """du/dt at the points, (P,)."""
        model, t = self.modes.model, torch.tensor([self.t], dtype=torch.float64)
        s, ds = torch.func.jvp(model.coefficients, (t,), (torch.ones_like(t),))

        def f(s):
            return model.evaluate(self.x, s)[0, :, self.field]

        return torch.func.jvp(f, (s,), (ds,))[1].detach().double().numpy()

    @cached_property
    def rates(self) -> np.ndarray:
        """dc_i/dt of the first hypermodes, (count,)."""
        t = torch.tensor([self.t], dtype=torch.float64)
        found = torch.func.jvp(self.modes.coordinates, (t,), (torch.ones_like(t),))[1]
        return found[0, : self.count].detach().double().numpy()

    @property
    def shares(self) -> np.ndarray:
        """Share of each hypermode in du/dt: ``c_i' <J phi_i, u_t> / |u_t|^2`` (sums to 1 over all), (count,)."""
        return self.shares_of(np.eye(self.count))

    def shares_of(self, directions: np.ndarray) -> np.ndarray:
        """The same share for unit directions (N, count): (N,)."""
        return (directions @ self.rates) * (directions @ (self.tangents @ self.speed)) / (self.speed @ self.speed)

    @property
    def residual(self) -> float:
        """Part of du/dt that the tangents of the first hypermodes leave: ``|u_t - sum_i c_i' J phi_i| / |u_t|``."""
        return float(np.linalg.norm(self.speed - self.rates @ self.tangents) / np.linalg.norm(self.speed))

    def change(self, u: np.ndarray, base: np.ndarray | None = None) -> np.ndarray:
        """Relative l1 change of fields (N, P) against the base: (N,)."""
        base = self.base if base is None else base
        return np.abs(u - base).sum(-1) / np.abs(base).sum()

    def step_lengths(self, directions: np.ndarray, size: float = SIZE, every: int = 1) -> np.ndarray:
        """Lengths eta >= 0 for which a step along each direction (N, count) changes u by `size`, relative l1: (N,).

        The first guess is the tangents', then a secant in logarithms corrects it. A direction whose change stays short
        of `size` by more than 5 % (it saturates) gives NaN. Only every so many points are looked at.
        """
        x, base = self.x[::every], self.base[::every]
        few = len(directions) < self.count
        change = self._derivatives(directions, x) if few else directions @ self.tangents[:, ::every]
        slope = np.abs(change).sum(1) / np.abs(base).sum()
        eta = size / np.maximum(slope, 1e-12)
        low, high = np.zeros_like(eta), np.full_like(eta, np.inf)  # bracket
        found = np.full_like(eta, np.nan)
        active = np.arange(len(eta))
        for _ in range(STEPS):
            got = self.change(self(eta[active, None] * directions[active], x), base)
            ok = np.abs(got / size - 1) <= 0.01
            found[active[ok]] = eta[active[ok]]
            below = got < size
            low[active[below]] = eta[active[below]]
            high[active[~below]] = eta[active[~below]]
            next_ = eta[active] * np.clip(size / np.maximum(got, 1e-12), 0.25, 4.0)
            middle = np.where(np.isfinite(high[active]), (low[active] + high[active]) / 2, 4 * eta[active])
            outside = (next_ <= low[active]) | (next_ >= high[active])
            eta[active] = np.where(outside, middle, next_)
            active = active[~ok]
            if not len(active):
                break
        if len(active):
            got = self.change(self(eta[active, None] * directions[active], x), base)
            close = np.abs(got / size - 1) <= 0.05
            found[active[close]] = eta[active[close]]
        return found

    def step(self, mode: int, sign: int = 1, size: float = SIZE, every: int = 1) -> tuple[float, np.ndarray]:
        """Step eta along hypermode `mode` (from 1) whose output changes by `size`, and the field there (P,)."""
        if not 1 <= mode <= self.count:
            raise ValueError(f"mode {mode}: expected one from 1 to {self.count}")
        direction = np.zeros((1, self.count))
        direction[0, mode - 1] = sign
        eta = float(self.step_lengths(direction, size, every)[0])
        return sign * eta, self(eta * direction)[0] if np.isfinite(eta) else np.full_like(self.base, np.nan)


def uniform_points(model, cells: int) -> np.ndarray:
    """Centres of `cells` equal cells along each axis of a model's domain: (cells^d, d), the last axis fastest."""
    axes = [low + (np.arange(cells) + 0.5) * (high - low) / cells for low, high in model.domain]
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, len(axes))
