"""WaveData: what goes in comes out, what is wrong is refused in one sentence; families of waves."""

import dataclasses
import re

import numpy as np
import pytest
import torch
from examples import TIMES, assert_equal, family, make, make_ragged

from lrnrbook.data import Snapshot, WaveData

# What goes in comes out.


@pytest.mark.parametrize("d", [1, 2, 3])
def test_snapshots_hold_the_arrays(d):
    rng = np.random.default_rng(0)
    x, u = rng.uniform(size=(5, d)), rng.normal(size=(3, 5, 2))
    data = WaveData.from_arrays(TIMES, x, u, ["p", "v"], units=["Pa", "m/s"])
    assert len(data) == 3 and data.dim == d and data.shared
    assert data.domain.shape == (d, 2)
    for k, frame in enumerate(data):
        assert isinstance(frame, Snapshot)
        assert frame.t == TIMES[k]
        assert np.array_equal(frame.x, x) and np.array_equal(frame.u, u[k])
        assert frame.area is None and frame.patches is None
    assert data[-1].t == TIMES[-1]
    assert np.array_equal(data.max_abs, np.abs(u).max(axis=(0, 1)))


def test_one_dimension_and_one_field_need_no_extra_axes():
    x, u = np.linspace(0, 1, 5), np.arange(15.0).reshape(3, 5)
    short = WaveData.from_arrays(TIMES, x, u)
    long = WaveData.from_arrays(list(TIMES), x[:, None], u[:, :, None], ["u"], units=["1"], domain=[0, 1])
    assert_equal(short, long)
    assert short[0].x.shape == (5, 1) and short[0].u.shape == (5, 1)
    assert_equal(short, WaveData.from_arrays(TIMES, [x] * 3, list(u)))
    assert_equal(short, WaveData.from_arrays(TIMES, [x.copy() for _ in TIMES], u.tolist()))


def test_integers_and_float32_become_float64_and_inputs_are_copied():
    x, u = np.arange(4), np.ones((3, 4), dtype=np.float32)
    data = WaveData.from_arrays([0, 1, 2], x, u)
    u[:] = 7
    assert {data.t.dtype, data[0].x.dtype, data[0].u.dtype} == {np.dtype("f8")}
    assert data.max_abs == 1


def test_ragged_frames_keep_their_points():
    data = make_ragged()
    assert not data.shared
    assert [len(frame.x) for frame in data] == [len(frame.u) for frame in data] == [4, 6, 3]
    assert [frame.patches.shape for frame in data] == [(1, 2, 2), (2, 2, 2), (0, 2, 2)]
    assert "3 to 6 points a time" in repr(data) and "f0 [Pa]" in repr(data)


def test_default_names_and_the_bounding_box():
    data = WaveData.from_arrays(TIMES, [[0, 5], [2, 4], [1, 7]], np.zeros((3, 3, 2)))
    assert data.fields == ("u1", "u2") and data.units == ("1", "1")
    assert data.domain.tolist() == [[0, 2], [4, 7]]


def test_select_picks_and_reorders():
    data = make(m=3, units=["a", "b", "c"], area=np.full(5, 0.2))
    chosen = data.select(["f2", "f0"])
    assert chosen.fields == ("f2", "f0") and chosen.units == ("c", "a")
    assert np.array_equal(np.stack(chosen.u), np.stack(data.u)[..., [2, 0]])
    assert np.array_equal(chosen[0].area, data[0].area) and chosen.shared
    assert chosen.sha256 != data.sha256
    assert_equal(data.select(list(data.fields)), data)


def test_slices_of_times_and_the_nearest_time():
    data = make_ragged()
    late = data[1:]
    assert isinstance(late, WaveData) and late.t.tolist() == TIMES[1:].tolist()
    assert np.array_equal(late[0].patches, data[1].patches)
    assert make()[:2].shared
    assert [data.index(t) for t in (-1.0, 0.3, 99.0)] == [0, 1, 2]
    with pytest.raises(ValueError, match="at least two times"):
        data[2:]
    with pytest.raises(IndexError):
        data[3]
    assert data[np.array(1)].t == data[1].t
    for wrong in ("height", None, True, ...):
        with pytest.raises(ValueError, match="expected a whole number, or a slice"):
            data[wrong]


def test_labels_leave_out_the_dimensionless_unit():
    data = make_ragged()
    assert data.label("f0") == "f0 [Pa]"
    assert make().label("f0") == "f0"
    with pytest.raises(ValueError, match="unknown field 'q': known are f0, f1"):
        data.label("q")


def test_hash_depends_on_every_array_and_on_nothing_else():
    rng = np.random.default_rng(0)
    x, u = rng.uniform(size=(5, 1)), rng.normal(size=(3, 5, 1))
    base = WaveData.from_arrays(TIMES, x, u).sha256
    assert base == WaveData.from_arrays(TIMES, x, np.asfortranarray(u), ["other"], name="other", area=np.ones(5)).sha256
    nudge = np.nextafter(u, 9)
    changed = [
        WaveData.from_arrays(np.nextafter(TIMES, 9), x, u).sha256,
        WaveData.from_arrays(TIMES, np.nextafter(x, 9), u).sha256,
        WaveData.from_arrays(TIMES, x, nudge).sha256,
    ]
    assert len({base, *changed}) == 4


# What is wrong is refused.

X, U = np.linspace(0, 1, 4), np.ones((3, 4))
NAN_U = U.copy()
NAN_U[1, 2] = np.nan


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(t=[0.0]), r"t has shape \(1,\): expected at least two times"),
        (dict(t=[[0.0, 1.0]]), r"t has shape \(1, 2\): expected 1d"),
        (dict(t=["a", "b", "c"]), "t is not an array of numbers"),
        (dict(t=[0, np.inf, 2]), r"t\[1\] is inf: expected finite times"),
        (dict(t=[0, 2, 1]), r"t\[1\] = 2.0 is followed by t\[2\] = 1.0: expected strictly increasing"),
        (dict(t=[0, 1, 1]), r"t\[1\] = 1.0 is followed by t\[2\] = 1.0"),
        (dict(x=[0.5], u=U[:, :1]), r"domain is \[\[0.5, 0.5\]\]: expected finite bounds, each lower one below"),
        (dict(x=[]), "expected at least two points"),
        (dict(x=[0, 1, np.nan, 2]), "x is nan at time index 0, point 2: expected finite"),
        (dict(x=[X, X]), "x is a list of 2 arrays: expected one for each of the 3 times"),
        (dict(x=[X, X, X[:, None] * [1, 1]]), r"x at time index 2 has shape \(4, 2\): expected 1 column"),
        (dict(x=np.zeros((4, 1, 1))), r"x has shape \(4, 1, 1\): expected 1d or 2d"),
        (dict(u=U[:2]), r"u has shape \(2, 4\): expected 3 entries"),
        (dict(u=U[:, :3]), r"u at time index 0 has shape \(3, 1\): expected \(4, 1\), for 4 points"),
        (dict(u=[U[0], U[0][:2], U[0]]), r"u at time index 1 has shape \(2, 1\)"),
        (dict(u=U[0]), r"u has shape \(4,\): expected 2d or 3d"),
        (dict(u=U * 1j), "u is not .*: complex128 values, expected real"),
        (dict(t=np.array([0, 1, 2], "M8[s]")), "t is not an array of numbers: datetime64.s. values, expected real"),
        (dict(u=torch.ones(3, 4, requires_grad=True)), "u is not an array of numbers: Can't call numpy"),
        (dict(u=NAN_U, fields=["p"]), "field 'p' is nan at time index 1, point 2: expected finite"),
        (dict(u=np.ma.masked_invalid(NAN_U)), "field 'u' is nan at time index 1, point 2"),
        (dict(fields=["a", "b"]), r"u at time index 0 has shape \(4, 1\): expected \(4, 2\).*fields a, b"),
        (dict(u=U[:, :, None] * [1, 1], fields=["a", "a"]), "field 'a' appears more than once"),
        (dict(fields="pressure"), r"fields = 'pressure': expected Sequence\[str\]"),
        (dict(fields=[]), "expected at least one name"),
        (dict(fields=[""]), "none empty"),
        (dict(units=["m", "s"]), r"got 2 units \['m', 's'\] for 1 fields"),
        (dict(domain=[[0, 0.5]]), r"x is \[0.66.*\] at time index 0, point 2: expected a point within the domain"),
        (dict(domain=[[1, 0]]), r"domain is \[\[1.0, 0.0\]\]: expected finite bounds"),
        (dict(domain=[[0, 1], [0, 1]]), r"domain has shape \(2, 2\): expected \(1, 2\)"),
        (dict(x=np.ones(4)), r"domain is \[\[1.0, 1.0\]\]"),
        (dict(area=[1, 2, 0, 1]), "area is 0 at time index 0, point 2: expected positive"),
        (dict(area=[1, 2, -3, 1]), "area is -3 at time index 0, point 2"),
        (dict(area=[1, np.nan, 1, 1]), "area is nan at time index 0, point 1"),
        (dict(area=[1, 2]), r"area at time index 0 has shape \(2,\): expected \(4,\)"),
        (dict(patches=np.zeros((1, 2, 2))), r"patches at time index 0 have shape \(1, 2, 2\): expected \(n, 1, 2\)"),
        (dict(setup={"f": print}), "setup cannot be written as JSON"),
    ],
)
def test_wrong_input_is_refused_with_the_value(arguments, message):
    with pytest.raises(ValueError, match=message) as raised:
        WaveData.from_arrays(**{"t": TIMES, "x": X, "u": U, **arguments})
    assert "\n" not in str(raised.value)


def test_points_on_the_boundary_may_be_off_by_rounding():
    x = np.array([0.0, 0.1 + 0.2])
    assert WaveData.from_arrays(TIMES, x, np.ones((3, 2)), domain=[0, 0.3])[0].x[1, 0] > 0.3


def test_select_refuses_unknown_and_repeated_fields():
    with pytest.raises(ValueError, match="unknown field 'q': known are f0, f1"):
        make().select(["f0", "q"])
    with pytest.raises(ValueError, match="'f0' appears more than once"):
        make().select(["f0", "f0"])
    with pytest.raises(ValueError, match="fields = 'f0': expected"):
        make().select("f0")


def test_points_are_checked_in_data_made_from_others_too():
    data = make()
    with pytest.raises(ValueError, match="x is nan at time index 0, point 2: expected finite coordinates"):
        dataclasses.replace(data, x=(np.where(np.arange(5)[:, None] == 2, np.nan, data.x[0]),) * 3)


@pytest.mark.parametrize("width", [1e-3, 1e3])
def test_a_point_may_be_outside_the_domain_by_rounding_and_no_more(width):
    def data(beyond):
        return WaveData.from_arrays([0, 1], [0.0, width * (1 + beyond)], np.ones((2, 2)), domain=(0.0, width))

    assert len(data(1e-10)) == 2
    with pytest.raises(ValueError, match="expected a point within the domain"):
        data(1e-8)


def test_times_are_chosen_by_flags_and_arrays_as_in_numpy():
    data = WaveData.from_arrays(np.linspace(0, 1, 6), [0, 1, 2], np.arange(18.0).reshape(6, 3))
    late = data.t > 0.5
    for k in (late, late.tolist(), np.array([3, 4, 5]), [-3, -2, -1]):
        assert data[k].t.tolist() == data.t[3:].tolist() and [u[0, 0] for u in data[k].u] == [9, 12, 15]


# Families of waves.


def test_a_family_has_its_runs_one_after_the_other():
    data = family()
    assert len(data) == 5 * 17 and data.shared and [len(span) for span in data.spans] == [17] * 5
    frame = data[20]
    assert frame.parameters == {"speed": 0.5} and frame.t == data.t[3]
    assert np.allclose(frame.u[:, 0], np.exp(-20 * (frame.x[:, 0] + 0.5 - 0.5 * frame.t) ** 2))
    run = data[data.spans[3]]
    assert set(run.parameters["speed"]) == {0.8} and np.array_equal(run.t, np.linspace(0, 1, 17))
    assert data.places.shape == (85, 2) and data.select(["height"]).parameters == data.parameters
    assert "height [m], 1d, 5 runs of speed in [0.2, 1.1], 85 times in [0, 1], 60 points" in repr(data)
    assert [frame.parameters["speed"] for frame in data][::17] == [0.2, 0.5, 0.4, 0.8, 1.1]


def test_runs_of_a_family_may_have_other_points_and_times_and_areas():
    runs = [make_ragged(), make_ragged()[[0, 2]]]
    data = WaveData.from_runs(runs, {"depth": [1, 2], "slope": [0.5, 0.5 + 1e-9]})
    assert [len(frame.x) for frame in data] == [4, 6, 3, 4, 3] and data.units == ("Pa", "m s-1")
    assert np.array_equal(data[4].area, runs[0].area[2]) and data[3].parameters == {"depth": 2.0, "slope": 0.5 + 1e-9}


def test_the_hash_knows_the_parameters():
    one, other = family((0.2, 0.5)), family((0.2, 0.5))
    assert one.sha256 == other.sha256
    assert one.sha256 != dataclasses.replace(one, parameters={"velocity": one.parameters["speed"]}).sha256
    assert one.sha256 != dataclasses.replace(one, parameters={"speed": 2 * one.parameters["speed"]}).sha256


@pytest.mark.parametrize(("runs", "parameters", "words"), [
    (lambda: [make()], {"depth": [1]}, "1 runs with 1 parameters: expected at least two runs"),
    (lambda: [make(), make()], {}, "2 runs with 0 parameters"),
    (lambda: [make(), make(m=1)], {"depth": [1, 2]}, "run 1 has fields ('f0',): expected ('f0', 'f1'), as in every"),
    (lambda: [make(), make(units=["m", "s"])], {"depth": [1, 2]}, "run 1 has units ('m', 's'): expected ('1', '1')"),
    (lambda: [make(), make(d=2)], {"depth": [1, 2]}, "run 1 has dim 2: expected 1"),
    (lambda: [family(), family()], {"depth": [1, 2]}, "run 0 has parameters {'speed'"),
    (lambda: [make(), make()], {"depth": [1, 2, 3]}, "'depth' is [1.0, 2.0, 3.0]: expected a finite number for"),
    (lambda: [make(), make()], {"depth": [1, np.nan]}, "parameter 'depth' is [1.0, nan]: expected a finite number for"),
    (lambda: [make(), make()], {"depth": [3, 3]}, "'depth' is [3.0, 3.0]: expected a finite number for each of the "
                                                  "2 runs, not the same in all of them"),
    (lambda: [make(), make()], {"depth": ["a", "b"]}, "parameter 'depth' is not an array of numbers"),
    (lambda: [make(), make()], {"": [1, 2]}, "expected a name"),
    (lambda: [make(), make()], dict.fromkeys("abcdefg", [1, 2]), "of at most six parameters"),
    (lambda: [make()] * 3, {"depth": [1, 2, 1]}, "two runs have the same values of depth"),
])
def test_runs_that_are_no_family_are_refused(runs, parameters, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        WaveData.from_runs(runs(), parameters)


def test_frames_of_a_run_stay_together_and_in_order():
    data = family((0.2, 0.5))
    with pytest.raises(ValueError, match="expected the frames of a run one after the other"):
        data[[0, 17, 1]]
    with pytest.raises(ValueError, match="expected strictly increasing times"):
        data[[0, 17, 19, 18]]
