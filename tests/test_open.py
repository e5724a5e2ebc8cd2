"""Files of waves as people have them: NetCDF with dates and masks, HDF5, Zarr, arrays, tables; and training on one."""

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from examples import ragged_bump, travelling_bump
from scipy.spatial import Delaunay

import lrnrbook as lb
from lrnrbook.training import apart

ROOT = Path(__file__).parents[1]
X, Y, T = np.linspace(0, 3, 7), np.linspace(0, 2, 5), np.linspace(0, 1, 20)
U = np.sin(X[None, None] - T[:, None, None]) + Y[None, :, None]  # (T, Y, X)


def dataset(time=T):
    return xr.Dataset({"eta": (("time", "y", "x"), U, {"units": "m"})}, {"time": time, "y": Y, "x": X})


@pytest.mark.filterwarnings("ignore:Consolidated metadata")  # of Zarr 3, which xarray writes all the same
@pytest.mark.parametrize("ending", [".nc", ".h5", ".zarr"])
def test_labelled_files_are_read_with_units_and_names(tmp_path, ending):
    path = tmp_path / f"lake{ending}"
    if ending == ".zarr":
        dataset().to_zarr(path)
    else:
        dataset().to_netcdf(path, engine="netcdf4")
    data = lb.WaveData.open(path)
    assert (data.name, data.fields, data.units, len(data)) == ("lake", ("eta",), ("m",), 20)
    assert np.array_equal(data.u[3][:, 0], U[3].ravel()) and data.shared


def test_dates_become_seconds_and_the_unit_is_kept(tmp_path):
    dates = np.datetime64("2026-01-01T06:00") + np.arange(20) * np.timedelta64(90, "s")
    dataset(dates).to_netcdf(tmp_path / "dates.nc")
    data = lb.WaveData.open(tmp_path / "dates.nc")
    assert data.t.tolist() == (90.0 * np.arange(20)).tolist()
    assert data.setup["time"].startswith("seconds since 2026-01-01T06:00")
    assert data.coordinates == {"time": "s", "y": "1", "x": "1"}


def test_bounds_of_coordinates_texts_and_dates_are_no_fields(tmp_path):
    lake = dataset()
    lake["time"].attrs["bounds"] = "time_bnds"
    lake = lake.assign(time_bnds=(("time", "nv"), np.stack([T, T], 1)), flag=(lake.eta.dims, np.full(U.shape, "ok")),
                       seen=(lake.eta.dims, np.full(U.shape, np.datetime64("2026-01-01", "ns"))))
    assert lb.WaveData.from_xarray(lake[["time_bnds", "flag", "seen", "eta"]]).fields == ("eta",)
    for axes in ([], ["x", "x"]):
        with pytest.raises(ValueError, match="axes .* of 'eta': expected the coordinates along .*, each once"):
            lb.WaveData.from_xarray(lake, axes=axes)


def test_days_since_a_date_are_days_when_read_again(tmp_path):
    data = lb.WaveData.from_arrays(T, X, U[:, 0], coordinates={"t": "days since 2020-01-01", "x": "m"})
    data.to_xarray().to_netcdf(tmp_path / "days.nc")
    assert lb.WaveData.open(tmp_path / "days.nc").sha256 == data.sha256


def test_units_of_time_and_axes_go_with_the_data_into_files_and_models(tmp_path):
    lake = dataset()
    for name, unit in (("time", "hours"), ("x", "km"), ("y", "m")):
        lake[name].attrs["units"] = unit
    lake.to_netcdf(tmp_path / "lake.nc")
    data = lb.WaveData.open(tmp_path / "lake.nc")
    assert data.coordinates == {"time": "hours", "y": "m", "x": "km"}
    assert data.t.tolist() == T.tolist() and data.axis_labels == ["time [hours]", "y [m]", "x [km]"]
    other = lb.WaveData.open(tmp_path / "lake.nc", axes=["x", "y"])[3:9].select(["eta"])
    assert list(other.coordinates.items()) == [("time", "hours"), ("x", "km"), ("y", "m")]
    other.to_xarray().to_netcdf(tmp_path / "other.nc")
    assert list(lb.WaveData.open(tmp_path / "other.nc").coordinates) == ["time", "x", "y"]
    labelled = xr.open_dataset(tmp_path / "other.nc")
    assert labelled.t.attrs["units"] == "hours" and labelled.x1.attrs["long_name"] == "x"

    lake["time"].attrs["units"] = "hours since 2026-01-01"
    assert lb.WaveData.from_xarray(lake).coordinates == data.coordinates

    family = lb.WaveData.from_runs([data, data], {"wind": [1.0, 2.0]})
    model = lb.fit(family, "smoke", epochs=1, progress=False).model
    for network in (model, lb.truncate(model)[0], lb.FastLRNR.build(model, data.x[0][:4], rank=3, times=T)):
        again = lb.load(lb.save(network, tmp_path / "model.safetensors"))
        assert list(again.normalisation.coordinates.items()) == list(data.coordinates.items())
    assert lb.explorer(model).description["axes"] == ["y [m]", "x [km]"]
    with pytest.raises(ValueError, match="run 1 has coordinates .*: expected {'time': 'hours'"):
        lb.WaveData.from_runs([data, dataclasses.replace(data, coordinates={})], {"wind": [1.0, 2.0]})
    with pytest.raises(ValueError, match=r"coordinates = {'t': 's'}: expected name and unit of t and 1 axes"):
        lb.WaveData.from_arrays(T, X, U[:, 0], coordinates={"t": "s"})


def test_axes_of_figures_have_names_and_units():
    bump = travelling_bump(times=21)
    line = dataclasses.replace(bump, coordinates={"time": "s", "r": "m"})
    plane = dataclasses.replace(ragged_bump(), coordinates={"t": "h", "lon": "degrees_east", "lat": "degrees_north"})
    for data in (line, plane, bump):
        fit = lb.fit(data, "smoke", epochs=1, progress=False)
        figures = data.plot(), lb.plot_errors(fit, data)
        found = {text for fig in figures for ax in fig.axes for text in (ax.get_xlabel(), ax.get_ylabel())}
        assert {*data.axis_labels} <= found, found
    assert bump.axis_labels == ["t", "x"] and ragged_bump().axis_labels == ["t", "x₁", "x₂"]


def test_time_is_found_by_what_it_is_said_to_be(tmp_path):
    named = dataset().rename(time="ocean_time")
    for mark in ({"standard_name": "time"}, {"axis": "T"}):
        named["ocean_time"].attrs = mark
        named.to_netcdf(tmp_path / f"{len(mark)}.nc")
        assert np.allclose(lb.WaveData.open(tmp_path / "1.nc").t, T)


def test_land_is_left_out_and_counted(tmp_path):
    land = dataset().where((dataset().x > 0.6) | (dataset().y > 0.4))
    land.to_netcdf(tmp_path / "sea.nc", encoding={"eta": {"_FillValue": -999.0, "scale_factor": 0.001, "dtype": "i4"}})
    with pytest.warns(UserWarning, match="40 of 700 values are missing"):
        data = lb.WaveData.open(tmp_path / "sea.nc")
    assert {len(x) for x in data.x} == {33} and data.shared and np.allclose(data.u[0].max(), U[0].max(), atol=1e-3)


def test_gaps_that_move_make_ragged_data_and_an_empty_frame_is_refused():
    u = U.reshape(20, -1, 1).copy()
    x = np.stack(np.meshgrid(Y, X, indexing="ij"), -1).reshape(-1, 2)
    grid = xr.Dataset({"eta": (("t", "point"), u[..., 0])}, {"t": T, "a": ("point", x[:, 0]), "b": ("point", x[:, 1])})
    with pytest.warns(UserWarning, match="1 of 700"):
        data = lb.WaveData.from_xarray(grid.where((grid.t != T[3]) | (grid.point != 5)))
    assert [len(a) for a in data.x] == [35] * 3 + [34] + [35] * 16
    with pytest.raises(ValueError, match=r"at t = 0.157895 every point is missing"):
        lb.WaveData.from_xarray(grid.where(grid.t != T[3]))


def test_one_of_several_levels_is_selected(tmp_path):
    deep = dataset().expand_dims(level=[0.0, 10.0], axis=1)
    deep["eta"] = deep.eta + deep.level
    deep.to_netcdf(tmp_path / "deep.nc")
    data = lb.WaveData.open(tmp_path / "deep.nc", select={"level": 1})
    assert np.allclose(data.u[0][:, 0], U[0].ravel() + 10)
    with pytest.raises(ValueError, match="select has 'depth' = 1: the dimensions are .*'level': 2"):
        lb.WaveData.open(tmp_path / "deep.nc", select={"depth": 1})
    for wrong in (2, 1.0, True, "0"):
        with pytest.raises(ValueError, match=f"select has 'level' = {wrong!r}: the dimensions are"):
            lb.WaveData.open(tmp_path / "deep.nc", select={"level": wrong})
    np.savez(tmp_path / "flat.npz", t=T, x=X, u=U[:, 0])
    with pytest.raises(ValueError, match="select = {'level': 0} of .*: expected a file of .nc"):
        lb.WaveData.open(tmp_path / "flat.npz", select={"level": 0})


def test_arrays_and_tables(tmp_path):
    x = np.stack(np.meshgrid(X, Y, indexing="ij"), -1).reshape(-1, 2)
    u = np.stack([np.sin(x[:, :1] - t) for t in T])
    np.savez(tmp_path / "wave.npz", t=T, x=x, u=u, fields=["p"], units=["Pa"])
    arrays = lb.WaveData.open(tmp_path / "wave.npz")
    rows = [{"time": t, "x": a, "y": b, "p": v} for t, frame in zip(T, u, strict=True)
            for (a, b), (v,) in zip(x, frame, strict=True)]
    pd.DataFrame(rows).to_csv(tmp_path / "wave.csv", index=False)
    table = lb.WaveData.open(tmp_path / "wave.csv")
    assert arrays.units == ("Pa",) and arrays.fields == table.fields == ("p",) and arrays.shared and table.shared
    assert all(np.allclose(a, b) for a, b in zip(arrays.u, table.u, strict=True))
    np.savez(tmp_path / "two.npz", t=T, x=x, u=np.concatenate([u, 2 * u], 2), fields=["p", "q"])
    one = lb.WaveData.open(tmp_path / "two.npz", ["q"])
    assert one.fields == ("q",) and np.allclose(one.u[3], 2 * u[3])
    ragged = pd.DataFrame(rows).drop(index=3)
    ragged.to_csv(tmp_path / "ragged.csv", index=False)
    assert {len(a) for a in lb.WaveData.open(tmp_path / "ragged.csv").x} == {34, 35}
    ragged.to_csv(tmp_path / "numbered.csv")  # with the number of each row, in a column without a name
    assert lb.WaveData.open(tmp_path / "numbered.csv").fields == lb.WaveData.open(tmp_path / "ragged.csv").fields


@pytest.mark.filterwarnings("ignore:Consolidated metadata")
def test_what_cannot_be_read_is_a_sentence(tmp_path):
    (tmp_path / "text.nc").write_text("no data")
    (tmp_path / "notes.docx").write_text("")
    np.savez(tmp_path / "half.npz", t=T)
    pd.DataFrame({"a": [1], "b": [2]}).to_csv(tmp_path / "odd.csv", index=False)
    (tmp_path / "bad.npz").write_bytes(b"PK no zip")
    np.savez(tmp_path / "code.npz", t=np.array([{}], dtype=object), x=X, u=U)
    np.savez(tmp_path / "thin.npz", t=T, x=X, u=T)
    np.savez(tmp_path / "holes.npz", t=T, x=X[1:], u=np.where(X > X[0], U[:, 0], np.nan))
    (tmp_path / "empty.csv").write_text("t,x,u\n")
    (tmp_path / "nothing.csv").write_text("")
    (tmp_path / "latin.csv").write_bytes("t,x,h\xf6he\n".encode("latin-1"))
    (tmp_path / "folder.csv").mkdir()
    dataset().to_zarr(tmp_path / "hurt.zarr")
    (tmp_path / "hurt.zarr" / "eta" / "c" / "0" / "0" / "0").write_bytes(b"no chunk")
    pd.DataFrame({"t": [0, 0, np.nan, np.nan], "x": [0, 1, 0, 1], "u": 1.0}).to_csv(tmp_path / "gap.csv", index=False)
    pd.DataFrame({"t": ["May", "May"], "x": [0, 1], "u": [1, np.nan]}).to_csv(tmp_path / "may.csv", index=False)
    for name, words in (("bad.npz", "cannot read"), ("code.npz", "cannot read.*pickle"),
                        ("none.nc", "is not there"), ("notes.docx", "unknown ending: expected a file of wave data"),
                        ("text.nc", "cannot read"), ("half.npz", "has no array 'x'"), ("odd.csv", "has columns a, b"),
                        ("thin.npz", "u has shape"), ("holes.npz", "expected .*for 6 points"),
                        ("empty.csv", "columns t, x, u and 0 rows"), ("gap.csv", "nan"),
                        ("may.csv", "t is not an array of numbers: .*May"),
                        ("nothing.csv", "cannot read"), ("latin.csv", "cannot read"), ("folder.csv", "cannot read"),
                        ("hurt.zarr", "cannot read .*undamaged")):
        with pytest.raises(ValueError, match=words) as caught:
            lb.WaveData.open(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_times_kept_apart_are_not_trained_on_and_measured(tmp_path):
    data = lb.WaveData.from_arrays(T, X, np.sin(X[None] - T[:, None]))
    fit = lb.fit(data, "smoke", epochs=3, progress=False, holdout="auto")
    seen, held = apart(data, "auto")
    assert held.t.tolist() == T[[4, 12]].tolist() and not {*seen.t} & {*held.t} and len(seen) + len(held) == len(data)
    assert fit.record["data"]["sha256"] == seen.sha256
    assert fit.heldout["u"] == pytest.approx(lb.errors(fit.model, held)["u"])
    assert fit.record["errors"]["heldout"]["q1"]["u"]["points"] == pytest.approx(fit.heldout["u"])
    assert lb.fit(data, "smoke", epochs=1, progress=False).heldout is None
    assert apart(data, [3, 9])[1].t.tolist() == T[[3, 9]].tolist()
    for wrong in ([0, 3], [5], [3, 19], "all"):
        with pytest.raises(ValueError, match="between the first and the last"):
            lb.fit(data, "smoke", progress=False, holdout=wrong)
    with pytest.raises(ValueError, match="14 times or more"):
        lb.fit(data[:12], "smoke", progress=False, holdout="auto")


def test_the_recipe_for_vtk_reads_the_files_of_a_series(tmp_path):
    meshio = pytest.importorskip("meshio")
    x = np.stack([*map(np.ravel, np.meshgrid(X, Y)), np.zeros(35)], 1)
    triangles = Delaunay(x[:, :2]).simplices
    (row,) = (line for line in (ROOT / "book/your-data.ipynb").read_text().splitlines() if "| VTK, a file" in line)
    for ending in (".vtu", ".vtk"):
        for k, t in enumerate(T):
            mesh = meshio.Mesh(x, [("triangle", triangles)], {"eta": np.sin(x[:, 0] - t), "speed": np.ones((35, 3))})
            mesh.write(tmp_path / f"wave_{k:03}{ending}")
        given = {"files": sorted(tmp_path.glob(f"*{ending}"))}
        for step in re.findall("`(.*?)`", json.loads(row.strip(" ,")))[:4]:
            exec(step, given)
        data = lb.WaveData.from_arrays(T, given["x"], given["u"], ["eta"], coordinates={"t": "s", "x": "m", "y": "m"})
        assert data.shared and np.allclose(data.u[3][:, 0], np.sin(x[:, 0] - T[3]), atol=1e-6)
        with pytest.raises(ValueError, match="expected frames as meshio reads them, for WaveData.from_arrays"):
            lb.WaveData.open(given["files"][0])
