"""The frames themselves, compressed: the floor for what a rival has to store (extra `rivals`: zstandard, zfpy)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.interpolate import make_interp_spline

from study.rivals.grids import HALF, Frames, GridModel, half
from study.rivals.linear import DoesNotFit

LEVEL = 9  # of zstd
MANTISSA = 10  # bits of a number in half precision


def between(frames: Frames, values: np.ndarray, t: np.ndarray, stored: int, degree: int = 1) -> GridModel:
    """Interpolation in time of fields (n, m, cells...) at times (n,): straight lines, or a cubic spline (3)."""
    return GridModel(frames, make_interp_spline(t, values, degree), stored)


def all_frames(data, degree: int = 1) -> GridModel:
    """Every frame in half precision, at the data's own points, and nothing else."""
    frames = Frames(data)
    return between(frames, half(frames.values), frames.t, HALF * sum(u.size for u in data.u), degree)


def some(data, coarsen: int, every: int) -> tuple[Frames, np.ndarray]:
    """Frames, and the indices of every so many of them, the last one included."""
    return Frames(data, coarsen), np.unique([*range(0, len(data), every), len(data) - 1])


def rounded(a: np.ndarray, bits: int) -> np.ndarray:
    """Half precision with so many bits of the mantissa, to nearest, as 16-bit integers.

    Examples
    --------
    >>> rounded(np.array([1.0, 1.26]), 2).view(np.float16)
    array([1.  , 1.25], dtype=float16)
    """
    drop = MANTISSA - bits
    whole = a.astype(np.float16).view(np.uint16).astype(np.uint32)
    kept = (whole + (1 << drop >> 1)) >> drop << drop
    return kept.astype(np.uint16)


def zstd(data, stored: int, coarsen: int, every: int, degree: int) -> GridModel:
    """Frames in half precision, with as many bits as fit, compressed by zstd byte plane by byte plane."""
    import zstandard

    frames, kept = some(data, coarsen, every)
    values, pack = frames.values[kept], zstandard.ZstdCompressor(level=LEVEL)
    for bits in range(MANTISSA, -1, -1):
        words = rounded(values, bits)
        planes = np.stack([words >> 8, words & 255]).astype(np.uint8)
        size = len(pack.compress(planes.tobytes()))
        if size <= stored:
            return between(frames, words.view(np.float16).astype(np.float64), frames.t[kept], size, degree)
    raise DoesNotFit(f"{len(kept)} frames of {values[0].size} numbers do not fit into {stored} bytes")


def zfp(data, stored: int, coarsen: int, every: int, degree: int) -> GridModel:
    """Frames compressed by zfp, with the least tolerance that fits."""
    import zfpy

    frames, kept = some(data, coarsen, every)
    values = np.ascontiguousarray(np.moveaxis(frames.values[kept], 1, 0), dtype=np.float32)  # (m, n, cells...)

    def packed(tolerance: float) -> list[bytes]:
        return [zfpy.compress_numpy(field, tolerance=tolerance) for field in values]

    best = least(lambda tolerance: sum(map(len, packed(tolerance))) <= stored)
    parts = packed(best)
    back = np.stack([zfpy.decompress_numpy(part) for part in parts], 1).astype(np.float64)
    return between(frames, back, frames.t[kept], sum(map(len, parts)), degree)


def least(fits: Callable[[float], bool], low: float = 1e-5, high: float = 1.0) -> float:
    """The least tolerance that fits, by bisection of its logarithm."""
    if not fits(high):
        raise DoesNotFit(f"nothing fits at the tolerance {high}")
    for _ in range(14):
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high
