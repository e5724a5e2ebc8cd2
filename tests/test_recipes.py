"""Recipes: Table 1 to the letter, overrides, and what is refused."""

import dataclasses

import pytest

import lrnrbook as lb
from study.instruments import tables

TABLE_1 = {  # M, r, L, M_hyper, L_hyper, batch, lambda_sparse, lambda_ortho, gamma
    "euler": (1200, 150, 5, 25, 4, 16, 3.65e-18, 7.76e-3, 1.0005),
    "acoustics": (2000, 190, 4, 10, 3, 1, 2.35e-8, 1e-2, 1.05),
    "burgers": (2000, 170, 4, 10, 3, 1, 2.71e-11, 1e-2, 1.05),
    "advection": (2000, 180, 4, 10, 3, 1, 3.48e-10, 1e-2, 1.065),
}


@pytest.mark.parametrize("name", TABLE_1)
def test_the_paper_recipe_is_table_1_and_section_4(name):
    r = lb.get_recipe("paper", name)
    assert TABLE_1[name] == (r.width, r.rank, r.depth, r.hyper_width, r.hyper_depth, r.batch_times, r.lambda_sparse,
                             r.lambda_ortho, r.gamma)
    assert (r.optimizer, r.schedule, r.learning_rate) == ("adam", "plateau", 1e-3) and r.batch_points is None
    assert r.switch_threshold == (5e-4 if name == "euler" else 5e-3)
    assert (r.mollifier_radius > 0) == (name == "euler")


def test_every_recipe_serves_every_data_set_and_prints_as_a_table():
    for name in lb.RECIPES:
        assert isinstance(lb.get_recipe(name, "my own data"), lb.Recipe)
    names = [f.name for f in dataclasses.fields(lb.Recipe)]
    assert [line.split()[0] for line in str(lb.get_recipe("laptop")).splitlines()] == names
    assert list(tables.recipes("euler", ("laptop", "siren")).index) == names
    assert list(tables.recipes("euler").index) == [name for name in names if name not in ("omega", "bottleneck")]


def test_overrides_change_one_value_and_recipes_are_frozen():
    assert lb.get_recipe("laptop", "euler", width=64) == dataclasses.replace(lb.get_recipe("laptop", "euler"), width=64)
    with pytest.raises(dataclasses.FrozenInstanceError):
        lb.get_recipe("laptop").width = 3


@pytest.mark.parametrize(("change", "words"), [
    ({"widht": 3}, "'widht' is not a field"), ({"width": 0}, "width = 0"), ({"width": 2.5}, "width = 2.5"),
    ({"batch_points": 0}, "batch_points = 0"), ({"learning_rate": -1}, "learning_rate = -1"),
    ({"learning_rate": "fast"}, "learning_rate = 'fast'"), ({"lambda_ortho": float("nan")}, "lambda_ortho = nan"),
    ({"activation": "swish"}, "activation = 'swish': expected one of tanh"),
    ({"schedule": "step"}, "schedule = 'step'"),
])
def test_values_out_of_range_are_named(change, words):
    with pytest.raises(ValueError, match=words):
        lb.get_recipe("laptop", **change)


def test_unknown_recipes_are_named():
    with pytest.raises(ValueError, match="'desktop' is not known: expected one of paper, paper-fast, trial, laptop"):
        lb.get_recipe("desktop")
    with pytest.raises(ValueError, match="'desktop'"):
        tables.recipes("euler", ("desktop",))
