"""The rivals: what each is, how it is made within a budget, what is tried for it, and what it can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from study.rivals import hypernetworks, linear, networks, shifted, stores

BYTES = (50_000, 200_000, 1_000_000)
SECONDS = (60, 300, 900)
TRIALS = 4  # of each rival; those whose time is cheap to change have each of these with two degrees
DEGREES = (1, 3)  # in time: straight lines, a cubic spline


@dataclass(frozen=True)
class Rival:
    """A method that a user would pick.

    Attributes
    ----------
    title, label : str
        In tables and sentences; in a figure.
    make : callable
        Maps (data, bytes, **options), of a network (data, bytes, seconds, **options), to a model with `predict`,
        `fields` and `stored`.
    trials : tuple of dict
        Options that are tried on samples.
    takes : tuple of four str
        Whether it takes scattered points, other times, derivatives, and times beyond the last.
    trained : bool
        Whether it takes as many seconds as it is given.
    """

    title: str
    label: str
    make: Callable
    trials: tuple[dict, ...]
    takes: tuple[str, str, str, str]
    trained: bool = False


def _grids(**more) -> tuple[dict, ...]:
    return tuple({"coarsen": coarsen} | more for coarsen in (1, 2, 4, 8))


def _degrees(*trials: dict) -> tuple[dict, ...]:
    return tuple(trial | {"degree": degree} for degree in DEGREES for trial in trials)


SPLINE = ("no, a grid", "yes, a spline", "in time", "no")
EITHER = ("no, a grid", "yes, lines or a spline", "in time, of a spline", "no")
NETWORK = ("yes", "yes, trained", "in x and t", "not measured here")
FRAMES = _degrees({"coarsen": 1, "every": 1}, {"coarsen": 2, "every": 1}, {"coarsen": 4, "every": 1},
                  {"coarsen": 4, "every": 2})
RIVALS = {
    "lrnr": Rival("LRNR", "LRNR", partial(hypernetworks.train, "laptop"), (
        {"share": 1.0}, {"share": 0.6}, {"share": 0.4}, {"share": 0.6, "learning_rate": 5e-3}),
        ("yes", "yes, trained", "in x, t and s", "a little, along hypermodes"), True),
    "pod": Rival("POD with lines or a spline in time", "POD", linear.pod, _degrees(*_grids()), EITHER),
    "rbf": Rival("POD with radial functions in time (EZyRB)", "POD-RBF", linear.pod_rbf, _grids(), SPLINE),
    "shifted": Rival("shifted POD with velocities found in the data", "shifted POD", shifted.shifted_pod, (
        {"frames": 2, "coarsen": 2}, {"frames": 2, "coarsen": 4}, {"frames": 3, "coarsen": 4},
        {"frames": 2, "coarsen": 8}), ("no, a grid", "yes, a spline", "in time", "as long as velocities stay")),
    "quadratic": Rival("a quadratic manifold", "quadratic", linear.quadratic, (
        {"coarsen": 2, "share": 0.5, "ridge": 1e-3}, {"coarsen": 4, "share": 0.5, "ridge": 1e-3},
        {"coarsen": 8, "share": 0.5, "ridge": 1e-3}, {"coarsen": 4, "share": 0.75, "ridge": 1e-3}), SPLINE),
    "zstd": Rival("frames packed by zstd, with lines or a spline", "frames, zstd", stores.zstd, FRAMES, EITHER),
    "zfp": Rival("frames packed by zfp, with lines or a spline", "frames, zfp", stores.zfp, FRAMES, EITHER),
    "coordinates": Rival("a network of (x, t) with Fourier features", "Fourier MLP", networks.coordinates, (
        {"spread": 0.5, "rate": 3e-3, "share": 1.0}, {"spread": 1.5, "rate": 3e-3, "share": 1.0},
        {"spread": 4.0, "rate": 3e-3, "share": 1.0}, {"spread": 1.5, "rate": 3e-3, "share": 0.5}), NETWORK, True),
    "siren": Rival("hypernetwork-SIREN", "SIREN", partial(hypernetworks.train, "siren"), (
        {"share": 1.0}, {"share": 1.0, "switch_threshold": 5e-3}, {"share": 0.6, "switch_threshold": 5e-3},
        {"share": 1.0, "switch_threshold": 5e-3, "learning_rate": 2e-3}), NETWORK, True),
    "nif": Rival("NIF", "NIF", partial(hypernetworks.train, "nif"), (
        {"share": 1.0}, {"share": 1.0, "switch_threshold": 5e-3}, {"share": 0.6, "switch_threshold": 5e-3},
        {"share": 1.0, "switch_threshold": 5e-3, "learning_rate": 2e-3}),
        ("yes", "yes, trained", "in x, t and its bottleneck", "not measured here"), True),
    "deeponet": Rival("DeepONet with time in its branch", "DeepONet", networks.deeponet, (
        {"spread": 0.5, "rate": 3e-3, "share": 1.0}, {"spread": 1.5, "rate": 3e-3, "share": 1.0},
        {"spread": 4.0, "rate": 3e-3, "share": 1.0}, {"spread": 1.5, "rate": 3e-3, "share": 0.5}), NETWORK, True),
    "autoencoder": Rival("a convolutional autoencoder with a latent spline", "autoencoder", networks.autoencoder, (
        {"latent": 8, "coarsen": 2, "rate": 2e-3}, {"latent": 16, "coarsen": 2, "rate": 2e-3},
        {"latent": 8, "coarsen": 1, "rate": 2e-3}, {"latent": 8, "coarsen": 2, "rate": 5e-3}), SPLINE, True),
}
