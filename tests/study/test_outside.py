"""Outside the square: exact continuations have no error, classes by hand, both directions of time, shapes of waves."""

import json

import numpy as np
import pytest
import torch

import lrnrbook as lb
from study.ledger.models import pretrained
from study.ledger.records import load_measurement
from study.outside import comparison as outside_measures
from study.outside import extension as outside
from study.outside import measure as benchmark_outside
from study.outside import shapes as outside_shapes
from study.outside.extension import ENTERS, LEFT, QUIET


def squares(formula, t, cells=40, name="burgers", side=1.0):
    """A data set of `formula(x, t)` -> (P,) on the cells of the square [0, side]^2."""
    axis = (np.arange(cells) + 0.5) * side / cells
    x = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    return lb.WaveData.from_arrays(t, x, np.stack([formula(x, s) for s in t]), domain=[(0, side)] * 2, name=name,
                                   area=np.full(len(x), (side / cells) ** 2))


def periodic(x, t):
    return 2 + np.cos(2 * np.pi * (x[:, 0] - t)) * np.sin(4 * np.pi * (x[:, 1] - 2 * t))


def as_model(formula):
    return lambda x, t: formula(np.asarray(x), t)[None, :, None]


T = np.linspace(0, 0.5, 11)


def test_a_periodic_formula_has_no_error_outside():
    data = squares(periodic, T, cells=80)
    extension = outside.extend(data, every=2)
    v = extension.of(as_model(periodic))
    assert extension.shape == (72, 72) and extension.distance.max() == pytest.approx(31.5 / 80 * np.sqrt(2))
    assert np.abs(v - extension.u).max() < 1e-12
    assert outside_measures.strip_errors(extension, v).max() < 1e-12
    found = outside_measures.sides(as_model(periodic), data)
    depths = found.pop("depths")
    assert len(depths) == 5 and max(*found.values(), *depths) < 1e-12


def test_the_continuation_is_that_of_the_data_wherever_it_is_asked_for():
    data = squares(periodic, T, cells=200)
    extension = outside.extend(data, times=T[[4]])
    x = np.random.default_rng(0).uniform(-0.4, 1.4, (500, 2))
    assert np.abs(extension.at(T[4], x) - periodic(x, T[4])).max() < 2e-3
    assert extension.t == T[4] and extension.distance[80, 80] == 0 < extension.distance[79, 80]


def test_walls_mirror_and_turn_the_velocity():
    data = lb.load_data("euler")
    for field, sign in (("density", 1), ("velocity", -1)):
        u = outside.extend(data, data.t[[30]], field=field).u[0]
        n = len(data.x[0])
        outer = (len(u) - n) // 2
        assert np.array_equal(u[:outer][::-1], sign * u[outer:2 * outer])
        assert np.array_equal(u[outer + n:], sign * u[outer + n - outer:outer + n][::-1])


def test_periodic_coordinates_make_any_network_periodic():
    data = lb.load_data("burgers")[::40]
    around = outside.periodic_coordinates(data)
    assert around.dim == 4 and np.allclose(around.x[0][:, 0] ** 2 + around.x[0][:, 1] ** 2, 1)
    model = lb.fit(around, "smoke", epochs=1, progress=False).model
    v = outside.extend(data, every=10).of(benchmark_outside.as_before(model, data, benchmark_outside.PERIODIC))
    assert np.abs(v[:, :16] - v[:, 20:]).max() < 1e-5


def test_the_cone_is_distance_over_speed():
    data = squares(periodic, T, name="acoustics")
    extension = outside.extend(data)
    flags, d = outside.cone(data, extension, speed=1.0), extension.distance
    assert np.array_equal(flags[0] & ENTERS > 0, d <= 0.5) and np.array_equal(flags[0] & LEFT > 0, d == 0)
    assert np.array_equal(flags[-1], np.where(d == 0, 3, np.where(d <= 0.5, LEFT, 0)))
    assert np.array_equal(flags[6] & ENTERS > 0, d <= 0.2 + 1e-12)
    backward = outside.reverse(data)
    again = outside.cone(backward, outside.extend(backward), speed=1.0)
    assert np.array_equal(again[::-1], outside.swap(flags))


def test_characteristics_of_constant_speed_by_hand():
    data = squares(lambda x, t: np.full(len(x), 0.4), T)
    extension = outside.extend(data)
    flags = outside.classes(data, extension)

    def flag(x1, x2, k):
        i, j = (int(np.abs(axis - a).argmin()) for axis, a in zip(extension.axes, (x1, x2), strict=True))
        return flags[k, i, j]

    # in half a unit of time everything moves by 0.2 along both axes
    assert flag(-0.15, 0.5, 0) == ENTERS and flag(-0.25, 0.5, 0) == 0 and flag(-0.15, -0.15, 0) == ENTERS
    assert flag(-0.05, 0.97, 0) == 0, "its diagonal passes the corner by"
    assert flag(1.1, 0.5, 0) == 0 and flag(1.1, 0.5, 10) == LEFT and flag(1.25, 0.5, 10) == 0
    assert flag(-0.15, 0.5, 10) == 0 and flag(-0.05, 0.5, 6) == ENTERS and flag(1.05, -0.1, 5) == 0
    assert not ((flags == 3) & (extension.distance > 0)).any()


def test_a_characteristic_that_meets_a_shock_goes_on_with_it():
    # along the diagonal 1 behind and 0 in front: the shock moves with speed 1/2
    def step(x, t):
        s = (x[:, 0] - 0.3 - t / 2) % 1
        return np.where(s > 0.7, 1.0, 0.0)

    cells = np.stack([step(np.stack([np.repeat(np.arange(200) + 0.5, 200) / 200] * 2, 1), t).reshape(200, 200)
                      for t in np.linspace(0, 0.4, 41)])
    moved = outside.displacements(np.linspace(0, 0.4, 41), cells, 1.0)
    assert moved[0, 58, 7] == pytest.approx(0.2, abs=0.02), "just behind the shock"
    assert moved[0, 40, 7] == pytest.approx(0.3, abs=0.02), "0.1 behind it: speed 1 until they meet at t = 0.2"
    assert moved[0, 70, 7] == pytest.approx(0.15, abs=0.02), "0.05 in front: at rest until t = 0.1"
    assert moved[-1].max() == 0


def test_rays_follow_the_wave_and_turn_with_time():
    def wave(x, t):  # to the right with speed 1
        return np.exp(-((((x[:, 0] - t + 0.25) % 1) - 0.5) / 0.08) ** 2)

    data = squares(wave, T, cells=80, name="acoustics")
    extension = outside.extend(data)
    flags = outside.rays(data, extension, speed=1.0)
    near = (extension.distance > 0) & (extension.distance <= 0.2)
    x1 = extension.x[:, 0].reshape(extension.shape)
    beside = (extension.x[:, 1].reshape(extension.shape) - 0.5) ** 2 < 0.2
    loud = flags != QUIET
    assert loud.any() and not loud.all()
    assert set(flags[2][near & beside & loud[2] & (x1 < 0)]) <= {ENTERS}
    assert set(flags[8][near & beside & loud[8] & (x1 > 1.0) & (x1 < 1.2)]) <= {LEFT}
    backward = outside.reverse(data)
    again = outside.rays(backward, outside.extend(backward), speed=1.0)
    assert np.mean(again[::-1] == outside.swap(flags)) > 0.999


def test_reversed_time_swaps_the_classes_of_a_comparison():
    data = squares(lambda x, t: np.full(len(x), 0.4) + 0.01 * np.cos(2 * np.pi * x[:, 0]), T)
    extension = outside.extend(data)
    flags = outside.classes(data, extension)
    v = extension.u + np.where(flags & ENTERS > 0, 0.1, np.where(flags & LEFT > 0, 0.2, 0.4))
    forward = outside_measures.compare(extension, v, flags)
    backward = outside_measures.compare(extension, v, outside.swap(flags))
    assert forward["ratio"]["left"] == pytest.approx(0.5) and forward["ratio"]["neither"] == pytest.approx(0.25)
    assert backward["ratio"]["left"] == pytest.approx(2.0) and backward["matched"]["neither"] == pytest.approx(0.5)
    assert forward["p"]["left"] < 1e-6 and backward["p"]["left"] > 1 - 1e-6
    again = outside.backwards(as_model(periodic), data)
    assert np.allclose(again(extension.x, 0.1), as_model(periodic)(extension.x, 0.4))


def test_equal_errors_make_no_class_better():
    data = squares(lambda x, t: np.full(len(x), 0.4), T)
    extension = outside.extend(data)
    v = extension.u + np.random.default_rng(1).random(extension.u.shape)
    found = outside_measures.compare(extension, v, outside.classes(data, extension))
    assert all(abs(found["ratio"][other] - 1) < 0.1 and found["p"][other] > 0.001 for other in ("neither", "left"))


def test_the_data_as_a_model_show_their_own_shapes_outside():
    data = lb.load_data("burgers")
    extension = outside.extend(data, every=3)
    exact = as_model(lambda x, t: extension.at(t, x))
    assert list(outside_shapes.corners(exact, extension).values()) == pytest.approx([1.0] * 4)
    front, drift = outside_shapes.outgoing_front(exact, extension), outside_shapes.drift(exact, extension)
    assert front["outside"] == pytest.approx(front["inside"]) and front["lines"] > 20
    assert front["tip outside"] == pytest.approx(front["tip inside"], rel=1e-6)
    assert 0 < drift["model"] == drift["data"] < 0.2
    ratios = outside_shapes.wrinkles(exact, extension)
    assert ratios["model"] == pytest.approx(ratios["data"])
    assert min(outside_shapes.fans(exact, extension).values()) > 0.9
    empty = as_model(lambda x, t: np.full(len(x), 0.5) + 1e-3 * np.sin(40 * x[:, 0]))
    assert not np.isfinite(outside_shapes.outgoing_front(empty, extension)["outside"])


def test_bad_input_is_named():
    data = lb.load_data("burgers")[::40]
    with pytest.raises(ValueError, match="margin = 0"):
        outside.extend(data, margin=0)
    with pytest.raises(ValueError, match="every = 0"):
        outside.extend(data, every=0)
    with pytest.raises(ValueError, match="'speed'.*'?u"):
        outside.extend(data, field="speed")
    with pytest.raises(ValueError, match="no cell sizes"):
        outside.extend(lb.WaveData.from_arrays([0, 1], np.zeros((3, 2)) + np.eye(3, 2), np.ones((2, 3))))
    with pytest.raises(ValueError, match="'other'.*burgers"):
        other = squares(periodic, T, name="other")
        outside.classes(other, outside.extend(other))


def test_rows_and_small_models_that_are_there_are_not_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark_outside, "SMALL", {"width": 16, "rank": 4, "epochs": 1})
    monkeypatch.setattr(benchmark_outside, "runs", lambda: [benchmark_outside.Run("burgers", "tanh", "reversed", 0)])
    monkeypatch.setattr(benchmark_outside, "pretrained", lambda: [("burgers", "laptop", 0)])
    monkeypatch.setattr(benchmark_outside, "SETS", ("burgers",))
    monkeypatch.setattr(benchmark_outside, "load_data", lambda name: lb.load_data(name)[::10])
    monkeypatch.setattr(benchmark_outside, "CELLS", 8)
    monkeypatch.setattr(benchmark_outside, "extension_of", benchmark_outside.extension_of.__wrapped__)
    path = tmp_path / "outside.json"
    head = {"small": benchmark_outside.SMALL, "machine": {}, "rows": {"burgers, laptop, 0": {"errors": []}}}
    path.write_text(json.dumps(head))
    record = benchmark_outside.measure(path, tmp_path / "models")
    assert record["rows"]["burgers, laptop, 0"] == {"errors": []} and json.loads(path.read_text()) == record
    row = record["rows"]["burgers, tanh, reversed, 0"]
    assert row["core seconds"] > 0 and len(row["errors"]) == 4 and row["classes"]["ratio"]["left"] > 0
    made = (tmp_path / "models" / "burgers, tanh, reversed, 0.json").read_bytes()
    del record["rows"]["burgers, tanh, reversed, 0"]
    path.write_text(json.dumps(record))
    assert benchmark_outside.measure(path, tmp_path / "models")["rows"]["burgers, tanh, reversed, 0"] == row
    assert (tmp_path / "models" / "burgers, tanh, reversed, 0.json").read_bytes() == made
    path.write_text(json.dumps(head | {"small": {}}))
    with pytest.raises(ValueError, match="small models {}"):
        benchmark_outside.measure(path, tmp_path / "models")


def test_the_shipped_record_has_every_model_and_is_theirs():
    record = load_measurement("benchmark-outside")
    shipped = {f"{name}, laptop, {seed}" for name, recipe, seed in pretrained() if recipe == "laptop"}
    assert set(record["rows"]) == shipped | {run.key for run in benchmark_outside.runs()}
    assert record["small"] == benchmark_outside.SMALL
    data = lb.load_data("burgers")
    model, row = lb.load_pretrained("burgers"), record["rows"]["burgers, laptop, 0"]
    fresh = outside_measures.sides(model, data[::benchmark_outside.EVERY])
    assert row["sides"]["e1"] == pytest.approx(fresh["e1"], rel=1e-2)
    extension = outside.extend(data, [data.t[40]], every=benchmark_outside.CELLS)
    torch.set_num_threads(1)
    fresh = outside_measures.strip_errors(extension, extension.of(model))[0]
    k = int(np.abs(np.array(record["times"]["burgers"]) - data.t[40]).argmin())
    assert row["errors"][k][1] * load_scale(data) == pytest.approx(fresh[1] * extension.scale, rel=1e-2)


def load_scale(data):
    return outside.extend(data, data.t[::benchmark_outside.EVERY]).scale
