"""The benchmark of waves larger than memory: its set, its processes, and what its record is told as."""

import numpy as np
import pytest
import xarray as xr

import lrnrbook as lb
from study.ledger.records import load_measurement
from study.own import disk


@pytest.fixture(scope="module")
def fronts(tmp_path_factory):
    path = tmp_path_factory.mktemp("disk") / "fronts.zarr"
    assert disk.make(path, times=48, side=12) > 1000
    return path


def test_the_set_is_two_fronts_that_move(fronts):
    dataset = xr.open_dataset(fronts, engine="zarr")
    assert dataset.u.shape == (48, 12, 12) and dataset.u.dtype == "float32"
    assert dataset.u.encoding["preferred_chunks"] == {"time": disk.CHUNK, "x": 12, "y": 12}
    x, y = dataset.x.values[:, None], dataset.y.values
    exact = np.tanh(20 * (x + 0.25)) + np.tanh(20 * (0.6 * x + 0.8 * y - 0.05))
    assert np.allclose(dataset.u.interp(time=0.5), exact, atol=0.05)
    assert np.allclose(np.diff(dataset.time), 1 / 47)


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_process_trains_in_turns_and_says_what_it_took(fronts, in_memory):
    process, pipe = disk._started(disk._run, fronts, in_memory)
    assert pipe.recv() is None  # a small file is loaded: no windows
    disk._forget(fronts)
    for epochs in (2, 1):
        pipe.send(epochs)
        points, seconds, processor = pipe.recv()
        assert points == epochs * (3 if in_memory else 48) * lb.get_recipe("laptop").batch_points
        assert seconds > 0 and processor > 0
    pipe.send(0)
    last = pipe.recv()
    process.join()
    assert last["steps"] == 3 * (1 if in_memory else 3) and 1e8 < last["peak"] < 2e9
    assert process.exitcode == 0


def test_shares_are_of_rates_and_the_sentence_follows_them():
    turns = {"disk": [[100, 2.0, 2.5], [100, 4.0, 4.0]], "memory": [[90, 1.5, 1.5], [90, 3.0, 3.0]]}
    record = {name: {"turns": rows, "peak": 1e9} for name, rows in turns.items()}
    assert disk.shares(record).tolist() == pytest.approx([50 / 60, 25 / 30])
    assert disk.shares(record, 2).tolist() == pytest.approx([40 / 60, 25 / 30])
    shipped, said = load_measurement("benchmark-disk"), disk.values()
    assert shipped["set"]["bytes"] > 4e9 and len(shipped["disk"]["turns"]) == int(said["disk-turns"])
    held = max(float(said["disk-peak"]), float(said["disk-fit"])) < 2 and float(said["disk-share"]) >= 80
    assert ("missed" in said["disk-aim"]) is not held
