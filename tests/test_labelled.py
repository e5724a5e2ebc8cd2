"""Wave data to labelled data sets (xarray) and back, through files too."""

import numpy as np
import pytest
from examples import TIMES, assert_equal, family, make, make_ragged, ragged_bump

from lrnrbook.data import WaveData

CASES = {
    "1d": lambda: make(units=["Pa", "m s-1"], area=np.full(5, 0.2), domain=[-1, 2], name="mine", setup={"a": [1]}),
    "2d": lambda: make(d=2, patches=np.zeros((2, 2, 2))),
    "3d": lambda: make(d=3, m=1),
    "areas that change": lambda: make(area=list(np.arange(1.0, 16).reshape(3, 5))),
    "ragged 1d": lambda: make_ragged(d=1),
    "ragged 2d": make_ragged,
    "one of several fields": lambda: make_ragged().select(["f1"]),
}


@pytest.mark.parametrize("case", CASES)
def test_xarray_round_trip(case):
    data = CASES[case]()
    assert_equal(WaveData.from_xarray(data.to_xarray()), data)
    picked = WaveData.from_xarray(data.to_xarray(), [data.fields[-1]])
    assert_equal(picked, data.select([data.fields[-1]]))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("backend", ["netcdf4", "scipy", "zarr"])
def test_round_trip_through_files(case, backend, tmp_path):
    import xarray

    data = CASES[case]()
    if backend == "zarr":
        data.to_xarray().to_zarr(tmp_path / "data.zarr", consolidated=False)
        read = xarray.open_zarr(tmp_path / "data.zarr", consolidated=False, chunks=None)
    else:
        data.to_xarray().to_netcdf(tmp_path / "data.nc", engine=backend)
        read = xarray.open_dataset(tmp_path / "data.nc", engine=backend)
    with read:
        assert_equal(WaveData.from_xarray(read), data)


def grid(**options):
    """Labelled data on a tensor grid, p = x + 10 y + 100 time, as others would write it."""
    import xarray

    time, y, x = np.arange(3.0), np.array([0.0, 2.0]), np.array([0.0, 1.0, 3.0])
    p = x + 10 * y[:, None] + 100 * time[:, None, None]
    variables = {"p": (("time", "y", "x"), p, {"units": "Pa"}), "note": ((), 1.0)}
    return xarray.Dataset(variables, {"time": time, "y": y, "x": x}, **options)


def test_tensor_grids_become_points():
    data = WaveData.from_xarray(grid())
    assert data.fields == ("p",) and data.units == ("Pa",) and data[0].x.shape == (6, 2)
    for frame in data:  # columns in the order of the variable's dimensions: y, x
        assert np.array_equal(frame.u[:, 0], frame.x @ [10, 1] + 100 * frame.t)
    swapped = WaveData.from_xarray(grid(), ["p"], axes=["x", "y"])
    assert swapped.domain.tolist() == [[0, 3], [0, 2]]
    for frame in swapped:
        assert np.array_equal(frame.u[:, 0], frame.x @ [1, 10] + 100 * frame.t)


def test_the_order_of_dimensions_does_not_matter():
    assert_equal(
        WaveData.from_xarray(grid().transpose("x", "time", "y"), axes=["y", "x"]), WaveData.from_xarray(grid())
    )


def test_point_dimensions_with_a_coordinate_for_each_axis():
    points = grid().stack(point=("y", "x")).reset_index("point")
    data = WaveData.from_xarray(points, ["p"])
    assert_equal(data, WaveData.from_xarray(grid()))
    named = points.assign_coords(point=np.arange(6))
    with pytest.raises(ValueError, match=r"point, y, x are coordinates along one dimension: expected axes=\[...\]"):
        WaveData.from_xarray(named)
    assert_equal(WaveData.from_xarray(named, axes=["y", "x"]), data)


def test_areas_of_a_grid_are_taken_along():
    area = (("y", "x"), np.arange(1.0, 7).reshape(2, 3))
    data = WaveData.from_xarray(grid().assign(area=area))
    assert data[2].area.tolist() == [1, 2, 3, 4, 5, 6]
    turned = WaveData.from_xarray(grid().assign(area=area), axes=["x", "y"])
    assert turned[2].area.tolist() == [1, 4, 2, 5, 3, 6]


def test_attributes_of_another_origin_are_not_misread():
    data = WaveData.from_xarray(grid(attrs={"domain": "ocean", "setup": "?", "name": "x"}))
    assert data.name == "data" and data.setup == {} and data.domain.tolist() == [[0, 2], [0, 3]]


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (lambda g: g.rename(time="tau"), {}, "no time coordinate 't' or 'time'.*tau, y, x"),
        (lambda g: g.assign_coords(time=["a", "b", "c"]), {}, "'time' holds <U1: expected numbers or dates"),
        (lambda g: g, dict(fields=["q"]), "unknown field 'q': the data set has p, note"),
        (lambda g: g, dict(fields="p"), "fields = 'p': expected"),
        (lambda g: g, dict(axes="x"), "axes = 'x': expected"),
        (lambda g: g, dict(fields=["note"]), r"field 'note' has dimensions \(\)"),
        (lambda g: g.drop_vars("p"), {}, "no variable depends on 'time' and space"),
        (lambda g: g.drop_vars("x"), {}, "dimension 'x' has no coordinate"),
        (lambda g: g, dict(axes=["x", "z"]), "axis 'z' is not a coordinate"),
        (lambda g: g, dict(axes=["x"]), r"axes \['x'\] lie along dimensions"),
        (lambda g: g.isel(x=[0]), {}, "expected finite bounds, each lower one below"),
        (lambda g: g.where(g.p.time != g.time[1]), {}, "every point is missing"),
        (lambda g: g.where(g.p != 121, np.inf), {}, "field 'p' is inf at time index 1, point 4"),
        (lambda g: g.isel(time=[1, 0, 2]), {}, r"t\[0\] = 1.0 is followed by t\[1\] = 0.0"),
    ],
)
def test_wrong_labelled_data_are_refused(change, arguments, message):
    with pytest.raises(ValueError, match=message):
        WaveData.from_xarray(change(grid()), **arguments)


def test_a_ragged_data_set_cut_in_time_alone_is_refused():
    with pytest.raises(ValueError, match="'row_size' adds up to 10, but 'obs' has 13 entries"):
        WaveData.from_xarray(make_ragged().to_xarray().isel(t=slice(0, 2)))


def test_a_field_dropped_from_the_labelled_data_is_no_longer_asked_for():
    data = make(d=2)
    assert_equal(WaveData.from_xarray(data.to_xarray().drop_vars("f0")), data.select(["f1"]))


def test_a_field_named_like_a_coordinate_is_refused():
    data = WaveData.from_arrays(TIMES, np.linspace(0, 1, 4), np.ones((3, 4)), ["x"])
    with pytest.raises(ValueError, match="field 'x' has the name of a coordinate"):
        data.to_xarray()


@pytest.mark.parametrize("ending", [".nc", ".zarr"])
@pytest.mark.parametrize("ragged", [False, True])
def test_a_family_comes_back_from_its_file(tmp_path, ending, ragged):
    runs = [ragged_bump(), ragged_bump()[::2]]
    data = WaveData.from_runs(runs, {"b": [1, 2], "a": [3, 3.5]}) if ragged else family()
    path = tmp_path / f"family{ending}"
    if ending == ".zarr":
        pytest.importorskip("zarr")
        data.to_xarray().to_zarr(path)
    else:
        data.to_xarray().to_netcdf(path, engine="netcdf4")
    back = WaveData.open(path)
    assert_equal(back, data)
    assert list(back.parameters) == list(data.parameters) and np.array_equal(back.places, data.places)


def test_an_empty_unit_is_none(tmp_path):
    dataset = WaveData.from_arrays([0, 1, 2], [0, 1], np.ones((3, 2)), units=[""]).to_xarray()
    dataset["x"].attrs["units"] = dataset["u"].attrs["units"] = ""
    data = WaveData.from_xarray(dataset)
    assert data.units == ("1",) and data.label("u") == "u"
