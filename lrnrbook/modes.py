"""Hypermodes: singular vectors of the coefficients over time, and the coordinates that they span (section 5.1)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from scipy.interpolate import RBFInterpolator
from torch import Tensor

from lrnrbook.arrays import Numbers
from lrnrbook.data import WaveData
from lrnrbook.model import MetaNetwork
from lrnrbook.normalisation import Normalisation
from lrnrbook.patches import finest_grid
from lrnrbook.truncation import Mapped, column_norms

TIMES = 801  # times at which coefficients are looked at, unless others are given
TOLERANCE = 5e-5  # of the paper: singular values below this share of the first do not count


@dataclass(frozen=True)
class Hypermodes:
    """Singular value decomposition ``S = Phi diag(sigma) Psi^T`` of the coefficients at some times (5.1)-(5.2).

    Attributes
    ----------
    times : (T,) array
    basis : (n, k) array: Phi: hypermodes, in the coefficients of unit columns
    singular_values : (k,) array
    temporal : (T, k) array: Psi, of norm 1 each
    model : MetaNetwork: whose coefficients they are
    mu : array or dict, or None: parameters of a family at these times
    """

    times: np.ndarray
    basis: np.ndarray
    singular_values: np.ndarray
    temporal: np.ndarray
    model: MetaNetwork = field(repr=False)
    mu: np.ndarray | Mapping | None = field(default=None, repr=False)

    def count(self, tolerance: float = TOLERANCE) -> int:
        """r-bar: number of singular values above `tolerance` times the first."""
        return int((self.singular_values > tolerance * self.singular_values[0]).sum())

    def coordinates(self, t: Numbers, mu: Numbers | Mapping | None = None) -> Tensor:
        """Hypermode coordinates ``c = Phi^T s(t, mu)``, s in unit columns: (T, k)."""
        s = self.model.coefficients(t, mu)
        return (s * self._norms(s)) @ self.model.tensor(self.basis)

    def coefficients(self, c: Numbers) -> Tensor:
        """Coefficients ``s = Phi c`` of the model (T, n) for the coordinates (T, j) of the first j <= k hypermodes."""
        c = self.model.tensor(c)
        if c.ndim != 2 or c.shape[1] > self.basis.shape[1]:
            raise ValueError(f"coordinates have shape {tuple(c.shape)}: expected (T, j), j <= {self.basis.shape[1]}")
        s = c @ self.model.tensor(self.basis[:, : c.shape[1]]).T
        return s / self._norms(s)

    def evaluate(self, x: Numbers, c: Numbers) -> Tensor:
        """u(x; Phi c) in physical units for any coordinates: x as in `MetaNetwork.evaluate`, c (T, j); (T, P, m)."""
        return self.model.evaluate(x, self.coefficients(c))

    def reduced(self, count: int) -> MetaNetwork:
        """The model with coefficients projected onto the first `count` hypermodes, in columns of unit norm (5.6)."""
        if not 1 <= count <= self.basis.shape[1]:
            raise ValueError(f"count = {count}: expected between 1 and {self.basis.shape[1]}, the number of hypermodes")
        model = copy.copy(self.model)
        model._modules = dict(self.model._modules)  # the same LRNR, another hypernetwork
        basis = model.tensor(self.basis[:, :count])
        norms = self._norms(basis)
        model.hyper = Mapped(self.model.hyper, norms[:, None] * basis, basis.T / norms)
        return model

    def _norms(self, like: Tensor) -> Tensor:
        norms = column_norms(self.model.lrnr).detach().to(like)
        return torch.where(norms > 0, norms, torch.ones_like(norms))


@torch.no_grad()
def hypermodes(model: MetaNetwork, times: Numbers | None = None, mu: Numbers | Mapping | None = None) -> Hypermodes:
    """Hypermodes of a model (5.1)-(5.2).

    The sign of each makes c_i positive at the time when it is farthest from c_i(0), measured from there.

    Parameters
    ----------
    model : MetaNetwork
    times : sequence of float, optional: by default 801 equal steps over the training times
    mu : (T, k) or dict, optional
        Of a family, the parameters at these times; by default the times at each of some parameters.

    Examples
    --------
    >>> import lrnrbook as lb
    >>> modes = lb.hypermodes(lb.load_pretrained("euler"))
    >>> modes.basis.shape[0], modes.count() < 30
    (480, True)
    >>> c = modes.coordinates(0.0285)                                   # where the model is in hypermode coordinates
    >>> modes.evaluate([0.7], c + 0.1 * torch.eye(c.shape[1])[1]).shape   # a step along the second hypermode (5.7)
    torch.Size([1, 1, 3])
    """
    times = np.linspace(*model.times, TIMES) if times is None else np.asarray(times, dtype=float)
    times, mu = model.normalisation.sample(times) if mu is None else (times, mu)
    norms = column_norms(model.lrnr).to(next(model.parameters()))
    s = (model.coefficients(times, mu) * norms).double().cpu()  # (T, n)
    temporal, values, basis = torch.linalg.svd(s, full_matrices=False)  # s = temporal diag(values) basis
    c = temporal - temporal[:1]
    sign = torch.sign(c.gather(0, c.abs().argmax(0, keepdim=True)))[0]
    sign[sign == 0] = 1.0
    return Hypermodes(times, (basis * sign[:, None]).T.numpy(), values.numpy(), (temporal * sign).numpy(), model, mu)


class Pod:
    """Data projected onto their leading singular vectors; between samples the coefficients are interpolated linearly.

    Of a family, first in the times of each run, then between runs: piecewise linearly in one parameter, by radial
    basis functions in several.
    Frames with different points are first spread over their finest grid, so their points must be cells that fill the
    domain.

    Parameters
    ----------
    data : WaveData
    modes : int: number of modes, all fields together (each in normalised units)

    Attributes
    ----------
    singular_values : (T,) array

    Examples
    --------
    >>> import lrnrbook as lb
    >>> data = lb.load_data("euler")
    >>> bool(lb.errors(Pod(data, 40), data)["density"] < lb.errors(Pod(data, 5), data)["density"])
    True
    """

    def __init__(self, data: WaveData, modes: int):
        if not 1 <= modes <= len(data):
            raise ValueError(f"modes = {modes}: expected between 1 and {len(data)}, the number of frames")
        self.fields, self.units, self.domain = data.loaded().fields, data.units, data.domain
        self.normalisation = Normalisation.of(data)  # centred as the network's, so that errors are of the same kind
        self.t, self.spans = data.t, [slice(span[0], span[-1] + 1) for span in data.spans]
        runs = np.array([data.places[span.start, 1:] for span in self.spans])
        self.sides = np.ptp(runs, axis=0)
        self.between = RBFInterpolator(runs / self.sides, np.eye(len(runs)), kernel="linear") if len(runs) > 1 else None
        self.grid = not all(np.array_equal(x, data.x[0]) for x in data.x)
        if self.grid and (data.area is None or data.dim != 2):
            raise ValueError("the points change in time: POD needs fixed ones, or cells with areas in 2d")
        least = min(float(a.min()) for a in data.area) if self.grid else None  # area of the finest cells of all times
        us = (finest_grid(f.x, f.u, f.area, self.domain, least) if self.grid else f.u for f in data)
        rows = [self.normalisation.unit_values(u).numpy() for u in us]
        self.shape = rows[0].shape
        u, values, v = np.linalg.svd(np.stack([row.ravel() for row in rows]), full_matrices=False)
        self.singular_values = values
        self.coefficients, self.modes = u[:, :modes] * values[:modes], v[:modes]

    def first(self, modes: int) -> Pod:
        """The same decomposition with fewer modes."""
        cut = copy.copy(self)
        cut.coefficients, cut.modes = self.coefficients[:, :modes], self.modes[:modes]
        return cut

    @property
    def parameters(self) -> int:
        """Numbers stored: modes and coefficients."""
        return self.modes.size + self.coefficients.size

    def _at(self, frame) -> np.ndarray:
        """Coefficients at the time and parameters of a frame (modes,)."""
        weights = self.between([list(frame.parameters.values()) / self.sides])[0] if self.between else [1.0]
        return sum(w * np.array([np.interp(frame.t, self.t[run], c) for c in self.coefficients[run].T])
                   for w, run in zip(weights, self.spans, strict=True))

    def predict(self, data: WaveData) -> list[torch.Tensor]:
        """Values at the points and times of a data set like the one it was made of: a list of (P_k, m)."""
        found = []
        for frame in data:
            u = self.normalisation.physical(torch.as_tensor(self._at(frame) @ self.modes).reshape(self.shape))
            if self.grid:
                low, high = self.domain.T
                place = (frame.x - low) / (high - low) * u.shape[:2]
                i, j = np.minimum(place.astype(int), np.array(u.shape[:2]) - 1).T
                u = u[i, j]
            found.append(u)
        return found
