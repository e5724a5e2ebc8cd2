"""Whatever is given to a public function is taken, or refused in a sentence with the value and what was expected."""

import re

import numpy as np
import pytest
import torch
from examples import DATA, travelling_bump
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from test_cli import call  # noqa: F401 (a fixture)

import lrnrbook as lb

MODEL, EULER = lb.load_pretrained("euler", "page"), lb.load_data("euler")
FRAME, X, TIMES = EULER[3], [[0.1], [0.2]], np.linspace(0, 0.038, 50)
FAST = lb.FastLRNR.build(MODEL, [0.3, 0.6], rank=4, times=TIMES)
MODES, ENCODER, GAUGE = lb.hypermodes(MODEL), lb.Encoder(MODEL), lb.compiled(FAST)
FITTED = lb.fit(travelling_bump(times=21), "smoke", epochs=2, holdout="auto", progress=False)
SMALL = lb.MetaNetwork(lb.LRNR.random((1, 3, 1), 1), lb.HyperNetwork(torch.ones(4), 2, 1),
                       lb.Normalisation(((0, 1),), (0, 1), (1,)), ["u"])
ONES, S, ONE = np.ones((2, 1)), MODEL.coefficients(0.01).detach(), torch.ones(3, 1)

WRONG = {
    "None": None, "text": "text", "texts": ["a", "b"], "empty": [], "no numbers": np.zeros(0), "truth": True,
    "complex": 1j * np.ones(3), "NaN": float("nan"), "NaNs": np.full(3, np.nan), "infinite": float("inf"),
    "negative": -1, "half": 0.5,
    "huge": 10**30, "larger": 10**400, "dictionary": {"a": 1}, "object": object(), "array": np.ones((2, 3, 4, 5)),
    "masked": np.ma.masked_array([1.0, 2.0, 3.0], [0, 1, 0]), "ragged": [[1.0], [1.0, 2.0]],
}


def build(**changes):
    return lb.FastLRNR.build(**({"model": MODEL, "x": [0.3], "rank": 4, "times": TIMES} | changes))


def fit(**changes):
    return lb.fit(**({"data": DATA, "recipe": "smoke", "epochs": 1, "progress": False} | changes))


def data(**changes):
    return lb.WaveData.from_arrays(**({"t": [0, 1], "x": [0, 1], "u": np.ones((2, 2))} | changes))


def hyper(**changes):
    return lb.HyperNetwork(**({"scales": np.ones(3)} | changes))


def meta(**changes):
    return lb.MetaNetwork(**({"lrnr": MODEL.lrnr, "hyper": MODEL.hyper, "normalisation": MODEL.normalisation,
                              "fields": MODEL.fields} | changes))


def normalisation(**changes):
    return lb.Normalisation(**({"domain": ((0, 1),), "times": (0, 1), "scale": (1,)} | changes))


# What is called, an argument of it, and which of the wrong values it takes, since for it they are right.
NUMBER = {"negative", "half", "truth"}
ARGUMENTS = [
    (lb.LRNR, "layers"), (lambda activation: lb.LRNR(MODEL.lrnr.layers, activation), "activation"),
    (lambda dims: lb.LRNR.random(dims, 2), "dims"), (lambda rank: lb.LRNR.random((1, 4, 1), rank), "rank"),
    (lambda seed: lb.LRNR.random((1, 4, 1), 2, seed=seed), "seed"), (lb.LRNR.dense, "dims"),
    (lb.DenseLayer, "shape"), (lambda omega: lb.DenseLayer((2, 2), omega), "omega", {"negative", "half"}),
    (lambda U: lb.FactoredLayer(U, ONES, ONES), "U"), (lambda V: lb.FactoredLayer(ONES, V, ONES), "V"),
    (lambda B: lb.FactoredLayer(ONES, ONES, B), "B"), (lambda weights: lb.SparseLayer(weights, ONES), "weights"),
    (lambda B: lb.SparseLayer([np.eye(2)], B), "B"),
    (lb.Encoder, "model"), (lambda count: lb.Encoder(MODEL, count), "count", {"None"}),
    (lambda fast: lb.Encoder(MODEL, fast=fast), "fast", {"None"}),
    (lambda x: ENCODER(x, FRAME.u), "x"), (lambda u: ENCODER(FRAME.x, u), "u"),
    (lambda model: lb.errors(model, EULER), "model"), (lambda data: lb.errors(MODEL, data), "data"),
    (lambda q: lb.errors(MODEL, EULER, q), "q"),
    (lambda data: lb.compare(data, None), "data"), (lambda data: lb.plot_errors(None, data), "data"),
    (lambda path: lb.report(FITTED, path), "path", {"text"}),
    (lb.explorer, "model"), (lambda t: lb.explorer(MODEL, t), "t", {"None"}),
    (lambda title: lb.explorer(MODEL, title=title), "title", {"text"}),
    *((build, name, also) for name, also in (
        ("model", set()), ("x", set()), ("rank", {"half"}),
        ("times", {"None"}), ("points", set()), ("along", set()), ("pieces", set()))),
    (FAST, "t", NUMBER), (FAST.evaluate, "s"), (lb.compiled, "fast"), (GAUGE, "t", {*NUMBER, "array"}),
    *((fit, name, also) for name, also in (
        ("data", set()), ("recipe", set()), ("epochs", {"None"}), ("seed", set()), ("device", set()),
        ("checkpoint", {"None", "text"}), ("holdout", {"None"}), ("slice_seconds", {"None"}), ("width", set()),
        ("learning_rate", {"half"}), ("batch_points", {"None"}), ("optimizer", set()))),
    (lambda seconds: fit(epochs=None, seconds=seconds), "seconds", {"None", "half"}),
    *((hyper, name, also) for name, also in (
        ("scales", set()), ("width", set()), ("depth", set()), ("output", set()), ("seed", set()),
        ("spread", {"negative", "half"}))),
    *((meta, name, also) for name, also in (
        ("lrnr", set()), ("hyper", set()), ("normalisation", set()), ("fields", set()), ("units", {"None"}))),
    (lambda x: MODEL(x, 0.01), "x"), (lambda t: MODEL(X, t), "t", NUMBER), (lambda s: MODEL.evaluate(X, s), "s"),
    (MODEL.coefficients, "t", NUMBER), (MODEL.predict, "data"),
    *((normalisation, name, also) for name, also in (
        ("domain", {"empty", "no numbers"}), ("times", set()), ("scale", {"empty", "no numbers"}),
        ("shift", {"empty", "no numbers"}), ("coordinates", set()))),
    (lambda data: lb.Pod(data, 2), "data"), (lambda modes: lb.Pod(DATA, modes), "modes"),
    (lambda weights: lb.Ranks(weights, (1,)), "weights", {"empty", "no numbers"}),
    (lb.get_recipe, "recipe"), (lb.hypermodes, "model"), (lambda times: lb.hypermodes(MODEL, times), "times",
                                                          {"None", *NUMBER}),
    (MODES.coordinates, "t", NUMBER), (MODES.coefficients, "c"), (MODES.reduced, "count"),
    (MODES.count, "tolerance", {"negative", "half"}),
    (lb.info, "path"), (lb.load, "path"), (lb.WaveData.open, "path"), (lb.load_data, "name"),
    (lambda split: lb.load_data("euler", split), "split"), (lb.load_pretrained, "name"), (lb.load_record, "name"),
    (lambda seed: lb.load_pretrained("euler", seed=seed), "seed"),
    (lambda u: lb.misfit(u, ONE, 1), "u"), (lambda target: lb.misfit(ONE, target, 1), "target"),
    (lambda q: lb.misfit(ONE, ONE, q), "q"), (lb.orthogonality_penalty, "lrnr"),
    (lambda lrnr: lb.sparsity_penalty(lrnr, S, 1.0), "lrnr"), (lambda s: lb.sparsity_penalty(MODEL.lrnr, s, 1.0), "s"),
    (lambda gamma: lb.sparsity_penalty(MODEL.lrnr, S, gamma), "gamma", {"negative", "half"}),
    (lambda model: lb.save(model, "model"), "model"), (lambda path: lb.save(MODEL, path), "path", {"text"}),
    (lambda model: lb.export(model, "model"), "model"),
    (lambda path: lb.export(SMALL, path), "path", {"text"}),
    (lb.truncate, "model"), (lambda tolerance: lb.truncate(MODEL, tolerance), "tolerance"),
    (lambda times: lb.truncate(MODEL, times=times), "times", {"None", *NUMBER}), (lb.unit_columns, "model"),
    *((data, name, also) for name, also in (
        ("t", set()), ("x", set()), ("u", set()), ("fields", {"None"}), ("area", {"None"}), ("domain", {"None"}),
        ("units", {"None"}), ("patches", {"None"}), ("setup", {"None", "dictionary"}), ("name", {"text"}),
        ("coordinates", {"None"}))),
    (lb.WaveData.from_xarray, "dataset"), (DATA.select, "fields"), (DATA.index, "t", {"negative", "half"}),
]
SAYS = "expected|is not an array of numbers|known are|is not in list|has no|got "


@pytest.mark.parametrize("case", ARGUMENTS, ids=[f"{i} {case[1]}" for i, case in enumerate(ARGUMENTS)])
def test_wrong_values_are_refused_with_the_value_and_what_was_expected(case, tmp_path, monkeypatch):
    call_it, name, right = (*case, set())[:3]
    monkeypatch.chdir(tmp_path)
    for kind, value in WRONG.items():
        try:
            call_it(**{name: value})
        except (ValueError, TypeError) as error:
            found = str(error)
            assert "\n" not in found and len(found) < 600 and re.search(SAYS, found), (kind, found)
            assert kind not in right, (kind, found)
        else:
            assert kind in right, f"{name} = {value!r} is taken"


def test_everything_public_is_among_them():
    tried = {part for case in ARGUMENTS for part in (getattr(case[0], "__qualname__", "").split(".")[0],)}
    source = open(__file__).read()
    results = {"Encoding", "Errors", "Fit", "Hypermodes", "Snapshot", "Explorer", "Recipe", "RECIPES", "pretrained"}
    assert {name for name in lb.__all__ if name not in tried and f"lb.{name}" not in source} <= results


@pytest.mark.parametrize(("option", "values"), [
    ("--epochs", ["0", "-1", "1.5", "nan", "many", "1e400", "9" * 30]), ("--seconds", ["0", "-1", "nan", "inf", "x"]),
    ("--seed", ["-1", "0.5", "9" * 30, "x"]), ("--device", ["", "cpu:x", "tpu0"]), ("--recipe", ["", "LAPTOP", "x "]),
    ("--out", ["x", "x.json", "."]), ("--width", ["0", "-3", "x"]), ("--rank", ["0", "-1", "2.5"]),
    ("--learning-rate", ["0", "-1", "nan", "inf", "x"]), ("--optimizer", ["", "sgd"]), ("--average", ["1", "nan"]),
    ("--slice", ["0", "-1", "nan", "x"]), ("--ranks-of", ["", "none", "."]),
    ("--mollifier-radius", ["-1", "nan", "x"]), ("--no-such", [""])])
def test_wrong_options_are_a_sentence_and_exit_status_2(option, values, call, tmp_path):  # noqa: F811
    for value in values:
        done = call("train", "euler", "--recipe", "smoke", "--width", "8", option, value)
        assert done.returncode == 2, (option, value, done.stdout)
        assert "Traceback" not in done.stderr and "rror" in done.stderr, (option, value, done.stderr)
        assert not list(tmp_path.rglob("*.safetensors")) and not list(tmp_path.rglob("*.checkpoint"))


@pytest.mark.parametrize("arguments", [
    ["evaluate", "eule"], ["evaluate"], ["evaluate", "euler", "--all"], ["evaluate", "euler", "--seed", "7"],
    ["evaluate", "euler", "--model", "none"], ["info"], ["info", "none"], ["info", "."], ["data", "show", ""],
    ["train", "none.csv"], ["train", "."], ["train", ""], ["train", "euler", "--seconds", "x"], ["nonsense"]],
    ids=" ".join)
def test_wrong_commands_are_a_sentence_and_exit_status_2(arguments, call):  # noqa: F811
    done = call(*arguments)
    assert done.returncode == 2 and "Traceback" not in done.stderr and "rror" in done.stderr, done


# What stays the same whatever the numbers are.

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)
QUICK = settings(max_examples=40, deadline=None, derandomize=True)


def increasing(count):
    return st.lists(st.floats(1e-3, 10), min_size=count, max_size=count).map(np.cumsum)


@st.composite
def waves(draw):
    """Two fields at some times, on a grid or at points that differ in time."""
    t, dim = draw(increasing(draw(st.integers(2, 5)))), draw(st.integers(1, 2))
    count = draw(st.integers(2, 6))
    x = draw(arrays(float, (count, dim), elements=NUMBERS, unique=True))
    counts = [count] * len(t)
    if draw(st.booleans()):
        counts = [draw(st.integers(2, count)) for _ in t]
        x = [x[:n] for n in counts]
    u = [draw(arrays(float, (n, 2), elements=NUMBERS)) for n in counts]
    box = np.stack([np.full(dim, -1e6), np.full(dim, 1e6)], axis=1)
    return lb.WaveData.from_arrays(t, x, u, ["a", "b"], units=["m", "1"], domain=box)


@QUICK
@given(waves())
def test_data_come_back_from_labelled_data_with_the_same_hash(data):
    again = lb.WaveData.from_xarray(data.to_xarray())
    assert again.sha256 == data.sha256 and (again.fields, again.units) == (data.fields, data.units)
    assert np.array_equal(again.domain, data.domain)


@QUICK
@given(waves(), st.data())
def test_times_can_be_split_and_fields_chosen_in_any_order(data, draw):
    cut = draw.draw(st.integers(0, len(data) - 2))
    part = data[cut:]
    assert part.t.tolist() == data.t[cut:].tolist() and all(a is b for a, b in zip(part.u, data.u[cut:], strict=True))
    assert data.select(["b", "a"]).select(["a", "b"]).sha256 == data.sha256
    assert data[list(range(len(data)))].sha256 == data.sha256


@QUICK
@given(waves())
def test_normalised_values_lie_in_the_unit_box_and_come_back(data):
    box = lb.Normalisation.of(data)
    assert box.unit_times(data.t)[[0, -1]].tolist() == pytest.approx([-1, 1])
    for x, u in zip(data.x, data.u, strict=True):
        assert box.unit_points(x).abs().max() <= 1 + 1e-9
        unit = box.unit_values(u)
        assert unit.abs().max() <= 1 + 1e-9
        assert np.allclose(box.physical(unit), u, rtol=1e-9, atol=1e-9 * np.abs(u).max())


@QUICK
@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_a_model_in_other_units_gives_the_same_wave(a, b, c, d, scale):
    x, t = np.linspace(0.1, 0.9, 7), np.linspace(0, 0.038, 4)
    box = MODEL.normalisation
    moved = lb.Normalisation(tuple((a * low + b, a * high + b) for low, high in box.domain),
                             tuple(c * t + d for t in box.times), tuple(scale * u for u in box.scale))
    other = lb.MetaNetwork(MODEL.lrnr, MODEL.hyper, moved, MODEL.fields)
    with torch.no_grad():
        u, v = MODEL(x, t), other(a * x + b, c * t + d) / scale
    assert float((u - v).norm() / u.norm()) < 1e-3  # float32


@settings(QUICK, max_examples=12)
@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.floats(1e-6, 1e6),
       st.floats(100, 1e4))
def test_data_in_other_units_train_the_same_network(a, b, c, d, scale, offset):
    def trained(a, b, c, d, scale, offset):
        moved = lb.WaveData.from_arrays(c * DATA.t + d, a * DATA.x[0] + b, scale * (np.stack(DATA.u) + offset))
        model = lb.fit(moved, "smoke", epochs=2, progress=False).model
        with torch.no_grad():
            u = model(moved.x[0], moved.t) / scale - offset
            return u, model(moved.x[0], moved.t[:3]), torch.cat([model(moved.x[0], t) for t in moved.t[:3]])

    (u, together, one_by_one), (v, *_) = trained(a, b, c, d, scale, offset), trained(1, 0, 1, 0, 1, 100)
    assert float((u - v).abs().max()) < 1e-2 * float(v.max() - v.min())  # rounded otherwise, in float32
    assert torch.allclose(together, one_by_one, rtol=1e-6)


@QUICK
@given(st.permutations(range(9)), st.permutations(range(5)))
def test_the_order_of_points_and_times_is_that_of_the_values(points, times):
    x, t = np.linspace(0, 1, 9)[:, None], np.linspace(0, 0.038, 5)
    with torch.no_grad():
        u, v = MODEL(x, t), MODEL(x[points], t[times])
        assert torch.allclose(v, u[times][:, points], rtol=1e-5, atol=1e-4 * float(u.abs().max()))
        assert torch.allclose(torch.cat([MODEL(x, t[:2]), MODEL(x, t[2:])]), u, rtol=1e-5,
                              atol=1e-4 * float(u.abs().max()))


@QUICK
@given(st.permutations(range(20)))
def test_errors_know_no_order_of_points(order):
    data = EULER[:3]
    some = np.linspace(0, 799, 20).astype(int)

    def error(index):
        some = lb.WaveData.from_arrays(data.t, data.x[0][index], [u[index] for u in data.u], data.fields,
                                       domain=data.domain)
        return lb.errors(MODEL, some)["density"]

    assert error(some[list(order)]) == pytest.approx(error(some), rel=1e-6)


@QUICK
@given(rank=st.integers(0, 3), width=st.integers(1, 5), depth=st.integers(1, 5), bottleneck=st.integers(0, 2),
       activation=st.sampled_from(["tanh", "sine", "relu", "gelu"]), output=st.sampled_from(["relu", "linear"]))
def test_any_model_comes_back_from_its_file_bit_for_bit(tmp_path_factory, rank, width, depth, bottleneck, activation,
                                                        output):
    lrnr = lb.LRNR.random((2, *[width] * (depth - 1), 1), lb.Ranks((rank + 1,) * depth, (rank,) * depth), activation)
    box = lb.Normalisation(((-1.0, 3.0), (0.0, 1.0)), (0.0, 2.0), (5.0,), (1.5,))
    model = lb.MetaNetwork(lrnr, lb.HyperNetwork(torch.ones(lrnr.ranks.total), width, depth, output,
                                                 bottleneck=bottleneck), box, ["u"], ["m"])
    again = lb.load(lb.save(model, tmp_path_factory.mktemp("model") / "model"))
    x, t = [[0.0, 0.5], [1.0, 0.1]], [0.0, 1.7]
    assert torch.equal(model(x, t), again(x, t)) and again.ranks == model.ranks
