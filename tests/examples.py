"""Small data sets and runs that several tests train on, and made-up fields that were changed."""

import numpy as np
import torch

import lrnrbook as lb
from study.instruments.descriptions import Moved
from study.instruments.views import CELLS

X = (np.arange(4000) + 0.5) / 4000  # of a profile
TIMES = np.array([0.0, 0.5, 1.25])


def make(d=1, m=2, points=5, **options):
    """Data on shared random points."""
    rng = np.random.default_rng(0)
    x, u = rng.uniform(size=(points, d)), rng.normal(size=(3, points, m))
    return lb.WaveData.from_arrays(TIMES, x, u, [f"f{j}" for j in range(m)], **options)


def make_ragged(d=2, m=2, **options):
    """Data whose points differ in number and place, with areas and patches."""
    rng = np.random.default_rng(1)
    counts, patches = (4, 6, 3), (1, 2, 0)
    return lb.WaveData.from_arrays(
        TIMES,
        [rng.uniform(size=(n, d)) for n in counts],
        [rng.normal(size=(n, m)) for n in counts],
        [f"f{j}" for j in range(m)],
        area=[rng.uniform(0.1, 1.0, size=n) for n in counts],
        patches=[rng.uniform(size=(n, d, 2)) for n in patches],
        units=["Pa", "m s-1"][:m],
        domain=[[0.0, 1.0]] * d,
        name="ragged",
        setup={"solver": "none", "cells": [2, 3]},
        **options,
    )


def assert_equal(a, b):
    """Everything that defines wave data agrees, bit by bit."""
    assert (a.fields, a.units, a.name, a.setup) == (b.fields, b.units, b.name, b.setup)
    assert np.array_equal(a.domain, b.domain)
    assert a.sha256 == b.sha256
    assert a.shared == b.shared
    for one, other in zip(a, b, strict=True):
        for key in ("t", "x", "u", "area", "patches"):
            left, right = getattr(one, key), getattr(other, key)
            assert (left is None) == (right is None), key
            assert left is None or np.array_equal(left, right), key


def travelling_bump(points=60, times=11, name="bump"):
    x, t = np.linspace(-1, 1, points), np.linspace(0, 1, times)
    return lb.WaveData.from_arrays(t, x, np.exp(-20 * (x[None] + 0.3 - 0.6 * t[:, None]) ** 2), name=name)


def family(speeds=(0.2, 0.5, 0.4, 0.8, 1.1), times=17, points=60):
    """Runs of a bump that travels at other speeds, not in their order."""
    x, t = np.linspace(-1, 1, points), np.linspace(0, 1, times)
    runs = [lb.WaveData.from_arrays(t, x, np.exp(-20 * (x + 0.5 - c * t[:, None]) ** 2), ["height"], units=["m"],
                                    name="bumps") for c in speeds]
    return lb.WaveData.from_runs(runs, {"speed": speeds})


def ragged_bump():
    rng = np.random.default_rng(0)
    t = np.linspace(0, 1, 7)
    x = [rng.uniform(-1, 1, (40 + 5 * k, 2)) for k in range(len(t))]
    return lb.WaveData.from_arrays(t, x, [np.exp(-5 * (p[:, :1] - 0.5 * s) ** 2) for p, s in zip(x, t, strict=True)])


DATA = travelling_bump()


def smoke(**changes):
    return lb.fit(DATA, "smoke", progress=False, **({"epochs": 12} | changes))


def weights(fit):
    return torch.cat([p.detach().flatten() for p in fit.model.parameters()])


class Near:
    """A base field at points, without a model."""

    def __init__(self, x, base):
        self.x, self.base = x, base


def pair(base, after, x=X):
    x = x[:, None] if x.ndim == 1 else x
    return Moved(Near(x, base), after[None]), after


def square(f, low=0.0, high=1.0):
    side = low + (np.arange(CELLS) + 0.5) * (high - low) / CELLS
    x1, x2 = np.meshgrid(side, side, indexing="ij")
    return f(x1, x2).ravel(), np.stack([x1.ravel(), x2.ravel()], 1)
