"""Waves that are too large to be loaded: read from their file chunk by chunk, with the results of those in memory."""

import shutil
import threading
import tracemalloc

import numpy as np
import pytest
import torch
import xarray as xr

import lrnrbook as lb
from lrnrbook import batches, labelled
from lrnrbook import data as data_module
from lrnrbook.trainer import Trainer
from lrnrbook.training import apart

pytestmark = pytest.mark.filterwarnings("ignore:Consolidated metadata")  # of Zarr 3, which xarray writes all the same

X, Y, T = np.linspace(0, 3, 12), np.linspace(0, 2, 10), np.linspace(0, 1, 25)
U = np.sin(X - T[:, None, None]) + Y[:, None]  # (T, Y, X)
LAKE = xr.Dataset({"eta": (("time", "y", "x"), U, {"units": "m"}),
                   "depth": (("x", "time", "y"), U.transpose(2, 0, 1) ** 2)}, {"time": T, "y": Y, "x": X})
FIELDS = ["eta", "depth"]
TINY = {"width": 16, "rank": 4, "batch_times": 4, "batch_points": 20, "progress": False}


def written(folder, ending, lake=LAKE):
    """The file, four times in a chunk."""
    path = folder / f"lake{ending}"
    chunks = {"eta": (4, 10, 12), "depth": (12, 4, 10)}
    if ending == ".zarr":
        lake.to_zarr(path, encoding={name: {"chunks": chunks[name]} for name in lake})
    else:
        lake.to_netcdf(path, encoding={name: {"chunksizes": chunks[name], "fletcher32": True} for name in lake})
    return path


@pytest.fixture
def large(monkeypatch):
    """What is loaded otherwise stays on disk; a window has seven or six times of one field."""
    monkeypatch.setattr(labelled, "IN_MEMORY", 1000)
    monkeypatch.setattr(batches, "WINDOW", 4 * 120 * 7)
    monkeypatch.setattr(data_module, "SPREAD", 10_000)


@pytest.fixture(params=[".zarr", ".nc"])
def path(tmp_path, request):
    return written(tmp_path, request.param)


def threads():
    """Threads that read windows, after they have had the time to end."""
    found = [thread for thread in threading.enumerate() if thread.name.startswith("window")]
    for thread in found:
        thread.join(60)
    return [thread for thread in found if thread.is_alive()]


def test_a_large_file_is_read_when_it_is_needed_and_gives_the_same_data(path, large):
    data, whole = lb.WaveData.open(path, FIELDS), lb.WaveData.from_xarray(LAKE, FIELDS)
    assert data.on_disk and not whole.on_disk and repr(data).endswith("120 points, on disk")
    assert (data.fields, data.units, data.u.length) == (("eta", "depth"), ("m", "1"), 4)
    assert all(np.array_equal(a, b) for a, b in zip(data.u, whole.u, strict=True))
    assert data.sha256 == whole.sha256 and np.array_equal(data.max_abs, whole.max_abs)
    for part in (lambda d: d[3:20:2], lambda d: d.select(["depth"]), lambda d: d[[1, 7, 20]].select(["depth", "eta"])):
        assert part(data).on_disk and part(data).sha256 == part(whole).sha256
    assert np.array_equal(lb.WaveData.open(path, ["eta"])[24].u, whole[24].u[:, :1])


def test_small_files_are_loaded(path):
    assert not lb.WaveData.open(path, FIELDS).on_disk


def test_slices_of_a_large_chunk_are_read_one_after_the_other(path, large, monkeypatch):
    monkeypatch.setattr(labelled, "BLOCK", 8 * 240 * 2)
    data = lb.WaveData.open(path, FIELDS)
    assert data.u.length == 2 and data.sha256 == lb.WaveData.from_xarray(LAKE, FIELDS).sha256


def test_windows_go_through_all_times_and_points_again_and_again(path, large):
    data = lb.WaveData.open(path, ["eta"])
    recipe = lb.get_recipe("smoke", epochs=16, batch_times=4, batch_points=200)
    found, scale = batches.Windows(data, recipe, 3, torch.device("cpu"), lb.Normalisation.of(data)), data.max_abs
    assert (found.windows, found.stay, found.steps, len(found.u)) == (4, 1, 2, 7 * 120)
    seen, orders = set(), []
    for epoch in range(8):
        frames = []
        for k, index in found.epoch(epoch):
            x, u = (found.x[index % len(found.x)] + 1) * torch.tensor([1.0, 1.5]), found.u[index, 0] * scale[0]
            t = (found.t[k, None] + 1) / 2
            assert torch.allclose(u, torch.sin(x[..., 1] - t) + x[..., 0], atol=1e-5)
            frames += k.tolist()
            seen |= {(int(a), int(b)) for a, row in zip(k, index % len(found.x), strict=True) for b in row}
        assert len(set(frames)) == len(frames) in (6, 7)
        orders.append(frames)
    passes = [sum(orders[:4], []), sum(orders[4:], [])]
    assert [sorted(frames) for frames in passes] == [list(range(25))] * 2 and passes[0] != passes[1]
    assert len({tuple(sorted(k // 4 for k in frames)) for frames in orders}) > 4  # other chunks together
    assert len(seen) > 0.95 * 25 * 120
    assert not threads()


def test_errors_norms_and_units_are_those_of_data_in_memory(path, large):
    data, whole = lb.WaveData.open(path, FIELDS), lb.WaveData.from_xarray(LAKE, FIELDS)
    assert lb.Normalisation.of(data) == lb.Normalisation.of(whole)
    on_disk, in_memory = (Trainer(d, lb.get_recipe("smoke"), 0) for d in (data, whole))
    assert data.spread[5].u.shape == (400, 2) and not data.spread.on_disk
    for q in (1, 2):
        assert torch.allclose(on_disk.batches.norms[q], in_memory.batches.norms[q], rtol=0.03)
        exact, sampled = (lb.errors(in_memory.model, d, q) for d in (whole, data))
        assert np.allclose(exact.values, sampled.values, rtol=0.03)
    assert [u.shape for u in in_memory.model.predict(data)] == [(120, 2)] * 25


def test_a_run_repeats_itself_and_goes_on_where_it_stopped(path, large, tmp_path):
    data = lb.WaveData.open(path, ["eta"])
    runs = [lb.fit(data, "smoke", epochs=14, seed=seed, **TINY) for seed in (0, 0, 1)]
    weights = [torch.cat([p.ravel() for p in run.model.parameters()]) for run in runs]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
    checkpoint, slices = tmp_path / "run.pt", 0
    while True:
        run, slices = lb.fit(data, "smoke", epochs=14, checkpoint=checkpoint, slice_seconds=1e-3, **TINY), slices + 1
        if run.stop_reason.startswith("all"):
            break
    assert slices > 5 and not threads()
    assert torch.equal(torch.cat([p.ravel() for p in run.model.parameters()]), weights[0])


def test_it_learns_what_data_in_memory_teach(tmp_path, large):
    path = written(tmp_path, ".nc")
    whole = lb.WaveData.from_xarray(LAKE, FIELDS).select(["eta"])
    fits = [lb.fit(data, "smoke", epochs=epochs, holdout="auto", **TINY)
            for data, epochs in ((lb.WaveData.open(path, ["eta"]), 200), (whole, 66))]
    assert fits[0].record["steps"] == pytest.approx(fits[1].record["steps"], rel=0.2)
    assert fits[0].heldout["eta"] < 0.05 and fits[0].heldout["eta"] < 2 * fits[1].heldout["eta"]
    seen, _ = apart(whole, "auto")
    assert fits[0].record["data"]["sha256"] == seen.sha256 and fits[0].record["holdout"] == fits[1].record["holdout"]


def test_training_for_some_seconds_and_the_batch_of_all_points(path, large):
    found = lb.fit(lb.WaveData.open(path, FIELDS), "smoke", seconds=1, **TINY | {"batch_points": None})
    assert found.stop_reason.startswith("all") and not threads()


def test_what_needs_all_values_is_refused(path, large):
    data = lb.WaveData.open(path, FIELDS)
    fit = lb.fit(data, "smoke", epochs=2, holdout="auto", **TINY)
    for refused in (data.to_xarray, lambda: lb.compare(data, fit), lambda: lb.report(fit, path.parent / "a.html"),
                    lambda: lb.plot_errors(fit, data), lambda: lb.modes.Pod(data, 2),
                    lambda: lb.WaveData.from_runs([data, data], {"a": [1, 2]})):
        with pytest.raises(ValueError, match="'lake' is too large to be loaded: expected a part, which from_xarray"):
            refused()
    with pytest.raises(ValueError, match="or it is too large to be loaded .set mollifier_radius=0"):
        lb.fit(data, "smoke", mollifier_radius=0.1, **TINY)
    part = lb.WaveData.from_xarray(xr.open_dataset(path, engine="zarr" if path.suffix == ".zarr" else None)[["eta"]]
                                   .isel(time=slice(0, None, 2)))
    assert not part.on_disk and len(part) == 13


@pytest.mark.parametrize("gap", [np.nan, np.inf])
def test_values_that_are_missing_are_refused_where_they_are_read(tmp_path, large, gap):
    lake = LAKE.copy(deep=True)
    lake.eta[13, 4, 4] = gap
    data = lb.WaveData.open(written(tmp_path, ".nc", lake), ["eta"])
    with pytest.raises(ValueError, match="cannot read .*lake.nc' from time index 12 on .values are missing or infin"):
        lb.fit(data, "smoke", **TINY)


@pytest.mark.parametrize("ending", [".zarr", ".nc"])
def test_a_damaged_chunk_is_refused_in_a_sentence(tmp_path, large, ending):
    path = written(tmp_path, ending)
    damaged = path / "eta" / "c" / "4" / "0" / "0" if ending == ".zarr" else path
    content = damaged.read_bytes()
    at = len(content) // 2 if ending == ".zarr" else content.index(U[17].tobytes())
    damaged.write_bytes(content[:at] + (b"" if ending == ".zarr" else b"no chunk" + content[at + 8:]))
    data = lb.WaveData.open(path, ["eta"])
    with pytest.raises(ValueError, match=r"cannot read '.*lake.*' from time index 16 on .*expected finite") as caught:
        lb.fit(data, "smoke", **TINY)
    assert "\n" not in str(caught.value)


def test_a_chunk_that_vanishes_while_it_trains_ends_the_run_and_its_thread(tmp_path, large):
    path, run = written(tmp_path, ".zarr"), {"epochs": 40, "checkpoint": tmp_path / "run.pt"}
    data = lb.WaveData.open(path, ["eta"])
    assert "slice over" in lb.fit(data, "smoke", slice_seconds=1e-3, **run, **TINY).stop_reason
    whole, chunk = Trainer(data, lb.get_recipe("smoke", epochs=40), 0), path / "eta" / "c" / "4" / "0" / "0"
    content = chunk.read_bytes()
    chunk.unlink()  # which Zarr takes for values that are missing
    with pytest.raises(ValueError, match="from time index 16 on .values are missing or infinite.: expected finite"):
        while True:
            whole.run_epoch()
    assert not threads()
    chunk.write_bytes(content)
    assert lb.fit(data, "smoke", **run, **TINY).stop_reason == "all 40 epochs done"


def test_a_folder_that_vanishes_is_a_sentence(tmp_path, large):
    path = written(tmp_path, ".zarr")
    data = lb.WaveData.open(path, FIELDS)
    shutil.rmtree(path)
    with pytest.raises(ValueError, match="cannot read .*lake.zarr"):
        data[17]


def test_a_large_file_trains_in_little_memory(tmp_path, large, monkeypatch):
    lake = xr.Dataset({"eta": (("time", "x"), np.sin(np.linspace(0, 9, 100_000) - T[:, None]))},
                      {"time": T, "x": np.linspace(0, 1, 100_000)})  # 20 MB as float64
    lake.to_zarr(tmp_path / "lake.zarr", encoding={"eta": {"chunks": (1, 100_000)}})
    monkeypatch.setattr(batches, "WINDOW", 10**6)
    tracemalloc.start()  # of NumPy, not of PyTorch
    lb.fit(lb.WaveData.open(tmp_path / "lake.zarr"), "smoke", epochs=3, **TINY)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 12e6, most
