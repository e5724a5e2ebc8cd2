"""Hypermodes: singular vectors of the coefficients over time (section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from lrnrbook.truncation import column_norms

TIMES = 801  # times at which coefficients are looked at, unless others are given
TOLERANCE = 5e-5  # of the paper: singular values below this share of the first do not count


@dataclass(frozen=True)
class Hypermodes:
    """Singular value decomposition ``S = Phi diag(sigma) Psi^T`` of the coefficients at some times (5.1)-(5.2).

    Attributes
    ----------
    times : (T,) array
    basis : (n, k) array
        Phi: hypermodes, in the coefficients of unit columns.
    singular_values : (k,) array
    temporal : (T, k) array
        Psi, of norm 1 each.
    """

    times: np.ndarray
    basis: np.ndarray
    singular_values: np.ndarray
    temporal: np.ndarray

    def count(self, tolerance: float = TOLERANCE) -> int:
        """r-bar: number of singular values above `tolerance` times the first."""
        return int((self.singular_values > tolerance * self.singular_values[0]).sum())


@torch.no_grad()
def hypermodes(model, times=None) -> Hypermodes:
    """Hypermodes of a model (5.1)-(5.2).

    The sign of each makes c_i positive at the time when it is farthest from c_i(0), measured from there.

    Parameters
    ----------
    model : MetaNetwork
    times : sequence of float, optional
        By default 801 equal steps over the training times.

    Returns
    -------
    Hypermodes

    Examples
    --------
    >>> import lrnrbook as lb
    >>> modes = lb.hypermodes(lb.load_pretrained("euler"))
    >>> modes.basis.shape[0], modes.count() < 30
    (480, True)
    """
    times = np.linspace(*model.times, TIMES) if times is None else np.asarray(times, dtype=float)
    norms = column_norms(model.lrnr).to(next(model.parameters()))
    s = (model.coefficients(times) * norms).double().cpu()  # (T, n)
    temporal, values, basis = torch.linalg.svd(s, full_matrices=False)  # s = temporal diag(values) basis
    c = temporal - temporal[:1]
    sign = torch.sign(c.gather(0, c.abs().argmax(0, keepdim=True)))[0]
    sign[sign == 0] = 1.0
    return Hypermodes(times, (basis * sign[:, None]).T.numpy(), values.numpy(), (temporal * sign).numpy())
