"""What files and sweeps of users bring: NumPy numbers, names of columns, dates, units, grids of powers of two."""

import numpy as np
import pytest
import torch
import xarray as xr

import lrnrbook as lb
from lrnrbook.batches import Batches

T, X = np.linspace(0, 1, 17), np.linspace(0, 1, 40)
U = np.tanh(9 * (X - 0.5 * T[:, None]))
DATA = lb.WaveData.from_arrays(T, X, U)


def smoke(data=DATA, **options):
    return lb.fit(data, "smoke", **{"epochs": 4, "progress": False} | options)


def gauge(start="2024-01-01T00:00", unit="m", pressure="Pa") -> lb.WaveData:
    times = np.datetime64(start) + (3.6e6 * T).astype("timedelta64[ms]")
    return lb.WaveData.from_xarray(xr.Dataset({"p": (("time", "x"), U, {"units": pressure})},
                                              {"time": times, "x": ("x", X, {"units": unit})}))


@pytest.mark.parametrize("numbers", [
    {"learning_rate": np.float64(3e-3)}, {"learning_rate": np.float32(3e-3)}, {"seed": np.int64(1)},
    {"epochs": np.int64(3), "width": np.int64(24)}])
def test_numbers_of_numpy_are_saved_and_resumed(tmp_path, numbers):
    first, again = (smoke(checkpoint=tmp_path / "c", **numbers) for _ in range(2))
    assert first.record["seconds"] == again.record["seconds"], "the second call has read the first one's checkpoint"
    assert lb.load(first.save(tmp_path / "m.safetensors")).parameters is not None


def test_a_field_may_have_the_name_of_an_axis_or_of_time(tmp_path):
    rows = [f"{t},{x},{y},{t * x + 1},3" for t in (0, 1) for x in (0, 1) for y in (0, 2)]
    (tmp_path / "surface.csv").write_text("\n".join(["t,x,y,z,speed", *rows]))
    data = lb.WaveData.open(tmp_path / "surface.csv", ["z"])
    assert (data.fields, data.dim) == (("z",), 2) and data.x[0].tolist() == [[0, 0], [0, 2], [1, 0], [1, 2]]
    dims, grid = ("time", "lat", "lon"), {"time": T[:3], "lat": np.arange(4), "lon": np.arange(5)}
    air = xr.Dataset({name: (dims, np.ones((3, 4, 5))) for name in ("t", "u", "v")}, grid)
    assert lb.WaveData.from_xarray(air).fields == ("t", "u", "v")


def test_a_column_of_words_is_named(tmp_path):
    (tmp_path / "gauges.csv").write_text("t,x,p,where\n0,0,1,A\n1,0,2,B\n")
    with pytest.raises(ValueError, match="column 'where' is not an array of numbers"):
        lb.WaveData.open(tmp_path / "gauges.csv")


def test_depth_at_the_points_is_no_axis_unless_asked_for():
    along = {name: ("node", np.random.default_rng(0).random(6)) for name in ("lon", "lat", "bathymetry")}
    mesh = xr.Dataset({"h": (("time", "node"), np.ones((3, 6)))}, {"time": T[:3]} | along)
    with pytest.raises(ValueError, match="lon, lat, bathymetry are coordinates along one dimension"):
        lb.WaveData.from_xarray(mesh)
    assert lb.WaveData.from_xarray(mesh, axes=["lon", "lat"]).dim == 2


@pytest.mark.parametrize(("other", "words"), [
    ({"start": "2024-01-01T00:32:30"}, "the times of the model are seconds since 2024-01-01T00:00:00.0*, of the data "
                                       "seconds since 2024-01-01T00:32"),
    ({"unit": "km"}, "the units of axes of the model are s, m, of the data s, km"),
    ({"pressure": "kPa"}, "the units of fields of the model are Pa, of the data kPa")])
def test_data_of_another_date_or_unit_are_not_compared(tmp_path, other, words):
    model = lb.load(smoke(gauge()).save(tmp_path / "gauge.safetensors"))
    assert lb.errors(model, gauge())["p"] < 2
    with pytest.raises(ValueError, match=words):
        lb.errors(model, gauge(**other))


def test_axes_in_another_order_are_not_compared():
    plane = xr.Dataset({"h": (("time", "x", "y"), np.random.default_rng(0).random((17, 5, 6)) + 1)},
                       {"time": T, "x": np.arange(5.0), "y": np.arange(6.0)})
    model = smoke(lb.WaveData.from_xarray(plane), epochs=1).model
    with pytest.raises(ValueError, match="the axes of the model are time, x, y, of the data time, y, x"):
        lb.errors(model, lb.WaveData.from_xarray(plane.transpose("time", "y", "x")))


def test_spans_of_time_keep_their_zero():
    spans = xr.Dataset({"p": (("time", "x"), U)}, {"time": (T + 5).astype("timedelta64[s]"), "x": X})
    spans["time"] = (1e9 * (np.arange(17) + 5)).astype("timedelta64[ns]")
    data = lb.WaveData.from_xarray(spans)
    assert data.t.tolist() == (np.arange(17.0) + 5).tolist() and "time" not in data.setup


def test_points_that_errors_are_measured_at_lie_on_many_lines_of_a_grid():
    times, n = np.linspace(0, 1, 256), (256, 32)
    x = np.stack(np.meshgrid(*(np.linspace(0, 1, k) for k in n), indexing="ij"), -1).reshape(-1, 2)
    data = lb.WaveData.from_arrays(times, x, np.ones((256, len(x))))
    measured = Batches(data, lb.get_recipe("smoke"), 0, torch.device("cpu")).measured[0]
    assert len(measured[0, :, 1].unique()) == 32 and len(measured[0, :, 0].unique()) > 200


def test_the_name_of_a_file_does_not_choose_a_recipe():
    mine = lb.WaveData.from_arrays(T, X, U, name="euler")
    assert smoke(mine, epochs=1, rank=4).record["recipe"] == smoke(epochs=1, rank=4).record["recipe"]
    assert lb.fit(mine, "page", epochs=1, progress=False).record["recipe"] == vars(lb.get_recipe("page", epochs=1))


def test_a_race_that_is_resumed_refuses_other_options(tmp_path):
    auto = {"recipe": "auto", "seconds": 1, "checkpoint": tmp_path / "c", "progress": False}
    lb.fit(DATA, **auto)
    with pytest.raises(ValueError, match="has width = .*, this run 32"):
        lb.fit(DATA, width=32, **auto)


def test_pod_spreads_all_frames_over_the_finest_cells_of_all_times():
    def cells(n):
        axis = (np.arange(n) + 0.5) / n
        return np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2), np.full(n * n, 1 / n**2)

    points, areas = zip(*(cells(n) for n in (4, 4, 8) * 2), strict=True)
    data = lb.WaveData.from_arrays(np.arange(6.0), list(points), [1 + a[:, :1] * k for k, a in enumerate(points)],
                                   area=list(areas), domain=[[0, 1], [0, 1]])
    assert lb.errors(lb.Pod(data, 6), data).mean < 1e-6


def test_a_model_of_raw_times_is_saved_truncated_and_compressed_as_it_is(tmp_path):
    box = lb.Normalisation(((0.0, 1.0),), (0.0, 2.0), (1.0,))
    hyper = lb.HyperNetwork(torch.ones(8), times=(0.0, 2.0))
    model = lb.MetaNetwork(lb.LRNR.random((1, 16, 1), 2), hyper, box, ["u"])
    u = model([0.3], 0.7)
    for other in (lb.load(lb.save(model, tmp_path / "m.safetensors")), lb.unit_columns(model)):
        assert torch.allclose(other([0.3], 0.7), u, rtol=1e-4)
    assert torch.allclose(lb.FastLRNR.build(model, [0.3], 4)(0.7), u, rtol=1e-2) and hyper.times == (0.0, 2.0)


def test_what_is_kept_apart_is_named():
    with pytest.raises(ValueError, match=r"holdout = \[3, 3\] of 17 times"):
        smoke(holdout=[3, 3])
    silent = U.copy()
    silent[[3, 5]] = 0
    with pytest.raises(ValueError, match="field 'u' is zero everywhere at 2 times"):
        smoke(lb.WaveData.from_arrays(T, X, silent), holdout=[3, 5])
