"""The shipped data sets: what the solver must conserve, where the blast waves meet, and files that are damaged."""

import importlib.util
import json
import shutil
import sys

import numpy as np
import pytest

from lrnrbook import datasets
from lrnrbook.data import WaveData
from lrnrbook.datasets import SPLITS, load_data, read_data
from study.waves import generate
from study.waves import solver as _solver
from study.waves.files import write_data
from study.waves.generate import GenerationError

FILE = datasets.ASSETS / "euler.npz"
GAMMA = 1.4


@pytest.fixture(scope="module")
def samples():
    return load_data("euler")


@pytest.fixture(scope="module")
def midpoints():
    return load_data("euler", split="midpoints")


@pytest.fixture(scope="module")
def frames(samples, midpoints):
    """All snapshots kept of the run, in time."""
    return sorted([*samples, *midpoints], key=lambda frame: frame.t)


# The catalogue and the splits.


def test_every_set_of_the_catalogue_is_shipped_and_described():
    for name, entry in datasets.datasets().items():
        data = load_data(name)
        assert data.name == entry.name == name
        assert data.fields == entry.fields and data.units == entry.units
        assert data.domain.tolist() == [list(axis) for axis in entry.domain]
        assert entry.title and entry.equation and entry.description
        assert json.loads(json.dumps(data.setup)) == data.setup
        assert data.setup["clawpack"] and data.setup["solver"]


def test_81_equal_times_with_zero_included(samples):
    assert len(samples) == 81
    assert samples.t[0] == 0 and samples.t[-1] == pytest.approx(0.038)
    assert np.allclose(np.diff(samples.t), 0.038 / 80, rtol=1e-12)
    assert samples.t[samples.index(0.0285)] == pytest.approx(0.0285, rel=1e-14)  # the time of Fig. 5


def test_midpoints_lie_midway_between_samples(samples, midpoints):
    after = np.searchsorted(samples.t, midpoints.t)
    assert len(midpoints) == 12
    assert np.allclose(midpoints.t, (samples.t[after - 1] + samples.t[after]) / 2, rtol=1e-12)
    assert (SPLITS["midpoints"] % 2 == 1).all() and not set(samples.t) & set(midpoints.t)
    assert midpoints.setup["split"] == "midpoints" and samples.setup["split"] == "samples"
    assert samples.sha256 != midpoints.sha256


def test_unknown_names_and_splits_are_refused():
    with pytest.raises(ValueError, match="unknown data set 'eular': known are euler"):
        load_data("eular")
    with pytest.raises(ValueError, match="unknown split 'test': known are samples, midpoints"):
        load_data("euler", split="test")


# Euler: what is known of the solution.


def test_cells_fill_the_domain(samples):
    x = samples[0].x[:, 0]
    assert samples.shared and samples.dim == 1 and len(x) == 800
    assert np.allclose(x, (np.arange(800) + 0.5) / 800, rtol=1e-15)
    assert samples[0].area.sum() == pytest.approx(1, rel=1e-12)
    assert samples[0].u.dtype == np.float64


def test_the_initial_state_is_exact(samples):
    x, (density, velocity, pressure) = samples[0].x[:, 0], samples[0].u.T
    assert (density == 1).all() and (velocity == 0).all()
    expected = np.where(x < 0.1, 1000, np.where(x < 0.9, 0.01, 100))
    assert np.allclose(pressure, expected, rtol=2**-23, atol=0)  # stored as float32


def test_mass_and_energy_are_conserved(frames):
    for frame in frames:
        density, velocity, pressure = frame.u.T
        energy = pressure / (GAMMA - 1) + density * velocity**2 / 2
        assert density @ frame.area == pytest.approx(1, rel=1e-6)
        assert energy @ frame.area == pytest.approx(275.02, rel=1e-6)


def test_momentum_is_what_the_walls_give(frames):
    """d/dt of the momentum is the pressure at the left wall less that at the right (trapezoidal rule in time)."""
    t = np.array([frame.t for frame in frames])
    momentum = np.array([frame.area @ (frame.u[:, 0] * frame.u[:, 1]) for frame in frames])
    force = np.array([frame.u[0, 2] - frame.u[-1, 2] for frame in frames])
    impulse = np.concatenate([[0], np.cumsum(np.diff(t) * (force[1:] + force[:-1]) / 2)])
    assert np.abs(impulse - momentum).max() < 0.02 * np.abs(momentum).max()


def test_density_and_pressure_stay_positive(frames):
    assert min(frame.u[:, [0, 2]].min() for frame in frames) > 0


def test_the_first_shock_speed_is_that_of_the_riemann_problem(frames):
    """Left blast before the rarefaction catches up: p 1000 against 0.01, rho 1 (Toro, test 3): shock speed 23.5175."""
    early = [frame for frame in frames if 0.003 < frame.t < 0.011]
    t = [frame.t for frame in early]
    front = [frame.x[np.flatnonzero(frame.u[:400, 2] > 200)[-1], 0] for frame in early]
    assert np.polyfit(t, front, 1)[0] == pytest.approx(23.5175, rel=0.01)


def test_the_fronts_merge_where_and_when_they_should(frames):
    """The steepest fall and rise of the pressure are the two fronts; their paths cross where the blasts meet."""
    before = [frame for frame in frames if 0.022 < frame.t < 0.0276]
    t = [frame.t for frame in before]
    slopes = [np.diff(frame.u[:, 2]) for frame in before]
    x = (frames[0].x[1:, 0] + frames[0].x[:-1, 0]) / 2
    left = np.polyfit(t, [x[slope.argmin()] for slope in slopes], 2)
    right = np.polyfit(t, [x[slope.argmax()] for slope in slopes], 2)
    (merger,) = [root for root in np.roots(left - right) if 0.02 < root < 0.04]
    assert 0.0276 < merger < 0.0280
    assert np.polyval(left, merger) == pytest.approx(0.694, abs=0.002)


def test_the_pressure_peaks_after_the_merger(samples, frames):
    peaks = {frame.t: frame.u[:, 2].max() for frame in frames if frame.t > 0.022}
    assert max(p for t, p in peaks.items() if t < 0.0278) < 300
    assert min(p for t, p in peaks.items() if 0.0280 < t < 0.0290) > 700
    merged = samples[samples.index(0.0285)]
    assert merged.u[:, 2].max() == pytest.approx(960, abs=1)
    assert merged.x[merged.u[:, 2].argmax(), 0] == pytest.approx(0.697, abs=0.002)


# Files.


def test_the_file_holds_the_hash_of_its_arrays_and_no_pickle(samples, midpoints):
    with np.load(FILE, allow_pickle=False) as file:
        metadata = json.loads(str(file["metadata"]))
    assert metadata["sha256"] == {"samples": samples.sha256, "midpoints": midpoints.sha256}
    assert FILE.stat().st_size < 700_000


def rewrite(path, **changes):
    """A copy of the shipped file with some arrays changed."""
    with np.load(FILE, allow_pickle=False) as file:
        np.savez_compressed(path, **{**dict(file), **changes})


def test_changed_values_are_refused(tmp_path):
    with np.load(FILE) as file:
        u, x = file["u"].copy(), file["x"].copy()
    u[10, 400, 2] = np.nextafter(u[10, 400, 2], np.float32(9e9))
    x[0] += 1
    for changes in ({"u": u}, {"x": x}):
        rewrite(tmp_path / "changed.npz", **changes)
        with pytest.raises(
            ValueError, match=r"changed\.npz is damaged: its samples have SHA-256 [0-9a-f]{64}, expected"
        ):
            read_data(tmp_path / "changed.npz")


def test_damaged_bytes_are_refused(tmp_path):
    """Wherever bytes are lost or flipped: the data are unharmed, or one sentence says so."""
    whole, rng, path = FILE.read_bytes(), np.random.default_rng(0), tmp_path / "damaged.npz"
    expected = load_data("euler").sha256
    places = [*rng.integers(len(whole), size=12), *range(0, 60, 5), *range(len(whole) - 300, len(whole), 12)]
    copies = [whole[: len(whole) // 2], whole[:-1], b"", b"nonsense"]
    copies += [whole[:i] + bytes([whole[i] ^ 0x55]) + whole[i + 1 :] for i in places]
    refused = 0
    for damaged in copies:
        path.write_bytes(damaged)
        try:
            assert read_data(path).sha256 == expected
        except ValueError as error:
            assert str(path) in str(error)
            refused += 1
    assert refused > len(copies) / 2


def test_other_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match="cannot read the data file .*missing.npz: No such file"):
        read_data(tmp_path / "missing.npz")
    np.savez(tmp_path / "other.npz", a=np.arange(3))
    with pytest.raises(ValueError, match=r"other\.npz is damaged or not a data file"):
        read_data(tmp_path / "other.npz")
    np.save(tmp_path / "array.npy", np.arange(3))
    with pytest.raises(ValueError, match=r"array\.npy is damaged or not a data file"):
        read_data(tmp_path / "array.npy")
    np.savez(tmp_path / "pickle.npz", u=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match=r"pickle\.npz is damaged or not a data file"):
        read_data(tmp_path / "pickle.npz")


def test_a_later_format_is_refused(tmp_path):
    with np.load(FILE) as file:
        metadata = json.loads(str(file["metadata"]))
    rewrite(tmp_path / "later.npz", metadata=np.array(json.dumps({**metadata, "format": 2})))
    with pytest.raises(ValueError, match="its format is 2, this version reads format 1"):
        read_data(tmp_path / "later.npz")


def test_write_then_read(tmp_path):
    rng = np.random.default_rng(0)
    u = rng.normal(size=(161, 10, 3)).astype(np.float32)
    x = 2 * np.arange(10)[:, None] + 1
    path = write_data(tmp_path / "new" / "file.npz", "euler", x, u, {"cells": [10], "solver": "none"})
    assert [p.name for p in path.parent.iterdir()] == ["file.npz"]
    for split, kept in SPLITS.items():
        data = read_data(path, split)
        assert np.array_equal(np.stack(data.u), u[kept])
        assert data[0].area.tolist() == [0.1] * 10


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "euler.npz"
    shutil.copy(FILE, path)
    monkeypatch.setattr(np, "savez_compressed", lambda *a, **k: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_data(path, "euler", np.array([[1], [3]]), np.ones((161, 2, 3)), {"cells": [2]})
    assert [p.name for p in tmp_path.iterdir()] == ["euler.npz"]
    assert isinstance(read_data(path), WaveData)


# Making them again.


def test_without_clawpack_one_sentence_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(generate.shutil, "which", lambda name: None)
    with pytest.raises(GenerationError, match=r"`pip install lrnrbook\[data\]`.*gfortran is not found"):
        generate.generate("euler", tmp_path / "euler.npz")
    monkeypatch.setattr(generate.shutil, "which", lambda name: "/usr/bin/gfortran")
    with pytest.raises(GenerationError, match=r"^Clawpack is not installed: `pip install lrnrbook\[data\]`") as raised:
        generate.generate("euler", tmp_path / "euler.npz")
    assert "not found" not in str(raised.value) and not list(tmp_path.iterdir())


def test_a_solver_that_fails_is_reported_with_its_last_line(tmp_path):
    with pytest.raises(GenerationError, match="the solver stopped with exit status 1: ModuleNotFoundError: .*no_such"):
        _solver.run([sys.executable, "-c", "import no_such_module"], tmp_path)


def test_generation_of_an_unknown_set_is_refused(tmp_path):
    with pytest.raises(ValueError, match="unknown data set 'tides': known are euler"):
        generate.generate("tides", tmp_path / "x.npz")
    assert set(generate.UNIFORM) == set(datasets.datasets())


def test_generation_gives_the_shipped_data(tmp_path, monkeypatch):
    pytest.importorskip("clawpack", reason="Clawpack (extra `data`) is not installed, so the data cannot be made again")
    monkeypatch.chdir(tmp_path)
    path = generate.generate("euler", tmp_path / "made" / "euler.npz")
    assert [p.name for p in tmp_path.iterdir()] == ["made"]  # no pyclaw.log
    for split in SPLITS:
        made, shipped = read_data(path, split), load_data("euler", split)
        assert np.array_equal(made.t, shipped.t) and np.array_equal(made[0].x, shipped[0].x)
        difference = np.abs(np.stack(made.u) - np.stack(shipped.u)).max(axis=(0, 1))
        assert (difference <= 1e-6 * shipped.max_abs).all()  # other compilers round differently
