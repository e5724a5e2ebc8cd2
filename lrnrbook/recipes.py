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

    What each value is stands in ``static/recipe.schema.json``, which also says what is expected of it.
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
            expected = f"one of {', '.join(map(str, rule['enum']))}" if "enum" in rule else rule["expected"]
            raise ValueError(f"{name} = {getattr(self, name)!r}: expected {expected}")
        if self.prune >= 1 or (self.prune and (self.hyper_output, self.network) != ("relu", "lrnr")):
            raise ValueError(f"prune = {self.prune}, hyper_output = {self.hyper_output!r}, network = {self.network!r}: "
                             "expected a share below 1, an LRNR, and 'relu', which keeps a removed coefficient at zero")

    def __str__(self) -> str:
        return "\n".join(f"{name:<17} {value}" for name, value in asdict(self).items())


def _described(name: str, kind: str) -> str:
    rule = VALUES.schema["properties"][name]
    values = " | ".join(map(str, rule["enum"])) if "enum" in rule else kind
    return f"    {name} : {values}\n        {rule['description']}\n"


Recipe.__doc__ += "\n    Attributes\n    ----------\n" + "".join(_described(f.name, f.type) for f in fields(Recipe))


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

    Raises ValueError for an unknown recipe or field name, naming the known ones, or a value out of range.

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
