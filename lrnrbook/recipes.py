"""Recipes: every choice of a training run as data (Table 1 and section 4 of the paper, and our own)."""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from jsonschema import Draft202012Validator

from lrnrbook.layers import Ranks

FILES = Path(__file__).parent
VALUES = Draft202012Validator(json.loads((FILES / "static" / "recipe.schema.json").read_text()))


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
        values = {name: value for name, value in asdict(self).items() if not isinstance(getattr(self, name), Ranks)}
        for name, value in values.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{name} = {value!r}: expected a finite number")
        for error in VALUES.iter_errors(values):
            name, rule = error.path[0], error.schema
            expected = f"one of {', '.join(map(str, rule['enum']))}" if "enum" in rule else rule["description"]
            raise ValueError(f"{name} = {getattr(self, name)!r}: expected {expected}")
        if self.prune >= 1 or (self.prune and (self.hyper_output, self.network) != ("relu", "lrnr")):
            raise ValueError(f"prune = {self.prune}, hyper_output = {self.hyper_output!r}, network = {self.network!r}: "
                             "expected a share below 1, an LRNR, and 'relu', which keeps a removed coefficient at zero")

    def __str__(self) -> str:
        return "\n".join(f"{name:<17} {value}" for name, value in asdict(self).items())


def _read_recipes() -> dict[str, dict[str, Recipe]]:
    """Recipes by name, then by data set; "" serves every other data set. `like` names what a recipe starts from."""
    found: dict[str, dict[str, Recipe]] = {}
    for name, table in tomllib.loads((FILES / "assets" / "recipes.toml").read_text()).items():
        base = found.get(table.pop("like", ""), {"": Recipe()})
        sets = {key: table.pop(key) for key, part in list(table.items()) if isinstance(part, dict)}
        if table.get("batch_points") == "all":
            table["batch_points"] = None
        found[name] = {key: replace(base.get(key, base[""]), **table | sets.get(key, {}))
                       for key in dict.fromkeys(["", *base, *sets])}
    return found


RECIPES = _read_recipes()


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
