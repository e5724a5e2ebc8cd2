"""Recipes: every choice of a training run as data (Table 1 and section 4 of the paper, and our own)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from numbers import Real

from lrnrbook.layers import Ranks


@dataclass(frozen=True)
class Recipe:
    """All choices of a training run; frozen, and overridden by `dataclasses.replace` or keywords of `fit`.

    Attributes
    ----------
    network : {"lrnr", "siren", "nif"}
        "siren" and "nif" are the networks that the paper compares with: a hypernetwork that gives every weight and
        bias, and one with a linear bottleneck before its last layer.
    width, depth : int
        M and L: width and number of layers of the LRNR (of the dense network, for "siren" and "nif").
    rank : int or Ranks
        r, one rank for all weights and biases, or the rank of each.
    hyper_width, hyper_depth : int
        M_hyper and L_hyper of the hypernetwork.
    hyper_output : {"relu", "linear"}
        Nonlinearity of the coefficients.
    activation : {"tanh", "sine", "relu", "gelu"}
    omega : float
        Factor in front of the affine maps of "siren" and "nif".
    bottleneck : int
        Width of NIF's bottleneck.
    hyper_spread : float
        Share by which the coefficients vary in time at initialisation.
    hyper_start : {"spread", "default"}
        Initial weights of the hypernetwork: coefficients near their scale, varying by `hyper_spread` of it, or
        PyTorch's default, for which about half of the coefficients are zero behind a ReLU.
    hyper_time : {"unit", "raw"}
        Time that the hypernetwork is fed while it trains: in [-1, 1], or in the units of the data.
    optimizer : {"adam", "soap"}
    precondition_every : int
        Steps between two updates of SOAP's preconditioners.
    precondition_most : int
        Sides of a weight that are longer than this are not preconditioned by SOAP.
    average : float
        Decay a step of the running mean of the weights, which is what is evaluated and kept; 0 for none.
    learning_rate : float
        Initial (plateau) or largest (cosine, trapezoid) rate.
    schedule : {"plateau", "cosine", "trapezoid", "constant"}
        "plateau" is 4.3.3: factor 0.98, patience 10 epochs, threshold 1e-3. The others depend on the step alone.
    plateau_restart : bool
        Whether the plateau schedule begins anew, at its full rate, whenever the mollifier shrinks.
    switch_rate : float
        Rate of the plateau schedule after the switch of the misfit, as a share of the initial one.
    batch_times : int
        Times a batch; an epoch passes once over all times, in random order.
    batch_points : int or None
        Random points of each time of a batch; None takes all.
    epochs : int
    lambda_sparse, gamma, lambda_ortho : float
        Weights of R_sparse (4.7), its decay rate, and weight of R_ortho (4.9).
    lambda_l1 : float
        Weight of the mean of ``|s_i|``, summed over i: plain shrinkage, for comparison with R_sparse.
    mollifier_radius : float
        w_0 of (4.12), in the units of x; 0 for none; data on one uniform grid only.
    prune : float
        Share of the coefficients that are removed for good between 10 % and 50 % of the run, see `lrnrbook.pruning`;
        needs ``hyper_output="relu"``.
    prune_below : float
        Between 50 % and 90 % of a run with `prune`, coefficients that stay below this share of the largest are removed
        too, so that truncation at this tolerance finds nothing more to cut; 0 for none.
    switch_threshold : float
        The misfit changes from MSE to l1 in the first epoch whose MSE is below it (4.13); 0 for never.
    threads : int
        CPU threads.
    """

    network: str = "lrnr"
    width: int = 192
    rank: int | Ranks = 48
    depth: int = 4
    hyper_width: int = 10
    hyper_depth: int = 3
    hyper_output: str = "relu"
    activation: str = "tanh"
    omega: float = 30.0
    bottleneck: int = 10
    hyper_spread: float = 0.3
    hyper_start: str = "spread"
    hyper_time: str = "unit"
    optimizer: str = "soap"
    precondition_every: int = 10
    precondition_most: int = 600
    average: float = 0.0
    learning_rate: float = 3e-3
    schedule: str = "cosine"
    plateau_restart: bool = False
    switch_rate: float = 1.0
    batch_times: int = 16
    batch_points: int | None = 128
    epochs: int = 3000
    lambda_sparse: float = 0.0
    gamma: float = 1.05
    lambda_ortho: float = 1e-2
    lambda_l1: float = 0.0
    mollifier_radius: float = 0.0
    prune: float = 0.0
    prune_below: float = 0.0
    switch_threshold: float = 5e-3
    threads: int = 1

    def __post_init__(self):
        choices = {"network": ("lrnr", "siren", "nif"), "hyper_output": ("relu", "linear"),
                   "hyper_start": ("spread", "default"), "hyper_time": ("unit", "raw"),
                   "plateau_restart": (False, True),
                   "activation": ("tanh", "sine", "relu", "gelu"), "optimizer": ("adam", "soap"),
                   "schedule": ("plateau", "cosine", "trapezoid", "constant")}
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                known = ", ".join(map(str, allowed))
                raise ValueError(f"{name} = {getattr(self, name)!r}: expected one of {known}")
        whole = ("width", "rank", "depth", "hyper_width", "hyper_depth", "batch_times", "batch_points", "epochs",
                 "threads", "precondition_every", "precondition_most", "bottleneck")
        for name in whole:
            value = getattr(self, name)
            given = (name == "batch_points" and value is None) or (name == "rank" and isinstance(value, Ranks))
            if not given and not (type(value) is int and value >= 1):
                raise ValueError(f"{name} = {value!r}: expected a whole number of at least 1")
        for name in ("learning_rate", "gamma", "omega", "hyper_spread", "switch_rate"):
            if not (isinstance(getattr(self, name), Real) and 0 < getattr(self, name) < float("inf")):
                raise ValueError(f"{name} = {getattr(self, name)!r}: expected a positive number")
        for name in ("lambda_sparse", "lambda_ortho", "lambda_l1", "mollifier_radius", "switch_threshold", "prune",
                     "prune_below"):
            if not (isinstance(getattr(self, name), Real) and 0 <= getattr(self, name) < float("inf")):
                raise ValueError(f"{name} = {getattr(self, name)!r}: expected a number of at least 0")
        if not (isinstance(self.average, Real) and 0 <= self.average < 1):
            raise ValueError(f"average = {self.average!r}: expected a decay from 0 to below 1")
        if self.prune >= 1 or (self.prune and (self.hyper_output, self.network) != ("relu", "lrnr")):
            raise ValueError(f"prune = {self.prune}, hyper_output = {self.hyper_output!r}, network = {self.network!r}: "
                             "expected a share below 1, an LRNR, and 'relu', which keeps a removed coefficient at zero")

    def __str__(self) -> str:
        return "\n".join(f"{name:<17} {value}" for name, value in asdict(self).items())


_PAPER = Recipe(width=2000, rank=180, depth=4, hyper_width=10, hyper_depth=3, hyper_output="relu", activation="tanh",
                optimizer="adam", learning_rate=1e-3, schedule="plateau", batch_times=1, batch_points=None,
                epochs=80_000, gamma=1.05, lambda_ortho=1e-2, mollifier_radius=0.0, switch_threshold=5e-3)
_LAPTOP = Recipe(prune=0.5)
_EULER = dict(depth=5)
# Advection's coefficients in the middle grow so large that truncation at 5e-5 would cut into its last layer.
_BELOW = dict(prune_below=1e-4)
_PAGE = dict(width=64, rank=16, prune=0.0)
_SIREN = Recipe(network="siren", width=64, depth=5, hyper_width=16, hyper_output="linear", hyper_spread=0.03,
                activation="sine", omega=10.0, learning_rate=1e-3, lambda_ortho=0.0, switch_threshold=0.0)

# What was learnt on the laptop, at Table 1's sizes. The long sides of U, V and B are too long to precondition, and the
# best rate falls with the size: about as 1 / sqrt(M r), as the norm of a step that moves every entry alike.
_FAST = dict(optimizer="soap", schedule="cosine", learning_rate=3e-4, batch_times=8, batch_points=64, epochs=3000,
             lambda_sparse=0.0, gamma=1.05, lambda_ortho=1e-2, mollifier_radius=0.0, prune=0.5, switch_threshold=5e-3)
_ALSO = {"euler": {"learning_rate": 4e-4}, "advection": _BELOW}
_PAPERS = {
    "": _PAPER,
    "euler": replace(_PAPER, width=1200, rank=150, depth=5, hyper_width=25, hyper_depth=4, batch_times=16,
                     lambda_sparse=3.65e-18, lambda_ortho=7.76e-3, gamma=1.0005, mollifier_radius=0.02,
                     switch_threshold=5e-4),
    "acoustics": replace(_PAPER, rank=190, lambda_sparse=2.35e-8, gamma=1.05),
    "burgers": replace(_PAPER, rank=170, lambda_sparse=2.71e-11, gamma=1.05),
    "advection": replace(_PAPER, rank=180, lambda_sparse=3.48e-10, gamma=1.065),
}

# The paper's recipe as it stands, at a size that a core trains in some hours; time in the units of the data.
_TRIAL = dict(width=128, rank=32, batch_points=512, epochs=40_000, hyper_start="default", hyper_time="raw")
_TRIALS = {"euler": dict(batch_points=128, epochs=80_000)}

# Recipes by name, then by data set; "" serves every other data set. Where the paper is silent (activation, output of
# the hypernetwork, epochs, initial radius) the values are ours: see the differences page.
RECIPES: dict[str, dict[str, Recipe]] = {
    "paper": _PAPERS,
    "paper-fast": {name: replace(recipe, **_FAST | _ALSO.get(name, {})) for name, recipe in _PAPERS.items()},
    "trial": {name: replace(recipe, **_TRIAL | _TRIALS.get(name, {})) for name, recipe in _PAPERS.items()},
    "laptop": {"": _LAPTOP, "euler": replace(_LAPTOP, **_EULER), "advection": replace(_LAPTOP, **_BELOW)},
    "page": {"": replace(_LAPTOP, **_PAGE), "euler": replace(_LAPTOP, **_PAGE, **_EULER)},
    # networks to compare with, tuned by races at equal seconds; the squared misfit alone, as in 4.3.2
    "siren": {"": _SIREN},
    "nif": {"": replace(_SIREN, network="nif", width=48, hyper_width=64, hyper_spread=0.3, bottleneck=10)},
    "smoke": {"": replace(_LAPTOP, width=24, rank=6, depth=3, prune=0.0, batch_times=8, batch_points=64,
                          learning_rate=6e-3, epochs=20)},
}


def get_recipe(recipe: str | Recipe, data_name: str = "", **overrides) -> Recipe:
    """Recipe by name for a data set, with single values overridden.

    Raises
    ------
    ValueError
        For an unknown recipe or field name, naming the known ones, or a value out of range.

    Examples
    --------
    >>> get_recipe("paper", "euler").rank
    150
    >>> get_recipe("laptop", width=64).width
    64
    """
    if isinstance(recipe, str):
        if recipe not in RECIPES:
            raise ValueError(f"recipe {recipe!r} is not known: expected one of {', '.join(RECIPES)}")
        table = RECIPES[recipe]
        recipe = table.get(data_name, table[""])
    known = [f.name for f in fields(Recipe)]
    for name in overrides:
        if name not in known:
            raise ValueError(f"{name!r} is not a field of a recipe: expected one of {', '.join(known)}")
    return replace(recipe, **overrides)
