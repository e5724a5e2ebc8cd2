"""Proper orthogonal decomposition: the best linear space for the data, to compare with (section 1)."""

from __future__ import annotations

import copy
import time

import numpy as np
import torch

from lrnrbook._patches import finest_grid
from lrnrbook.data import WaveData
from lrnrbook.datasets import load_data
from lrnrbook.evaluation import errors
from lrnrbook.quality import quality
from lrnrbook.storage import load_record


class Pod:
    """Data projected onto their leading singular vectors; between samples the coefficients are interpolated linearly.

    Frames with different points are first spread over their finest grid, so their points must be cells that fill the
    domain.

    Parameters
    ----------
    data : WaveData
    modes : int
        Number of modes, all fields together (each scaled by its largest magnitude).

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
        self.fields, self.units, self.domain = data.fields, data.units, data.domain
        self.t, self.scale = data.t, np.array(data.max_abs)
        self.grid = not all(np.array_equal(x, data.x[0]) for x in data.x)
        rows = [self._spread(frame) / self.scale for frame in data]
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

    def _spread(self, frame) -> np.ndarray:
        return finest_grid(frame.x, frame.u, frame.area, self.domain) if self.grid else frame.u

    def predict(self, data: WaveData) -> list[torch.Tensor]:
        """Values at the points and times of a data set like the one it was made of: a list of (P_k, m)."""
        found = []
        for frame in data:
            c = np.array([np.interp(frame.t, self.t, row) for row in self.coefficients.T])
            u = (c @ self.modes).reshape(self.shape) * self.scale
            if self.grid:
                low, high = self.domain.T
                place = (frame.x - low) / (high - low) * u.shape[:2]
                i, j = np.minimum(place.astype(int), np.array(u.shape[:2]) - 1).T
                u = u[i, j]
            found.append(torch.as_tensor(u))
        return found


def compare(name: str, modes: int) -> dict:
    """POD with some modes on a shipped data set, and the number of modes that reach the shipped model's E1.

    Returns
    -------
    dict
        modes, parameters, seconds and the figures of `quality` at the samples; equal: modes for E1 at most that of the
        model, `target`.
    """
    data = load_data(name)
    start = time.perf_counter()
    whole = Pod(data, len(data))
    seconds = time.perf_counter() - start
    pod = whole.first(modes)
    target = float(np.mean([v["points"] for v in load_record(name)["errors"]["samples"]["q1"].values()]))
    low, high = 0, len(data)  # E1 falls with the number of modes
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if errors(whole.first(middle), data).mean <= target else (middle, high)
    return {"modes": modes, "parameters": pod.parameters, "seconds": round(seconds, 2), "quality": quality(pod, data),
            "equal": high, "target": target}
