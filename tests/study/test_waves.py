"""The shipped 2d sets: grids that tile the domain, what the equations conserve and predict, files, and making them."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from lrnrbook import datasets
from lrnrbook.datasets import SPLITS, load_data, read_data
from lrnrbook.patches import cell_centres, corners, finest_grid, visible_cells
from study.waves import amrclaw as _amrclaw
from study.waves import generate
from study.waves import solver as _solver
from study.waves.files import write_data
from study.waves.generate import GenerationError

NAMES = tuple(_amrclaw.EXAMPLES)
INTEGRAL = {"acoustics": 0.4 * np.pi, "burgers": 0.325, "advection": 0.5}
FINEST = {"acoustics": 200, "burgers": 200, "advection": 320}  # cells along each axis
BOTH = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def sets():
    return {(name, split): load_data(name, split) for name in NAMES for split in SPLITS}


def frames(sets, name):
    return [*sets[name, "samples"], *sets[name, "midpoints"]]


def picture(data, t):
    frame = data[data.index(t)]
    return finest_grid(frame.x, frame.u, frame.area, data.domain)[:, :, 0]


def centres(data, n):
    axes = [lower + (np.arange(n) + 0.5) * (upper - lower) / n for lower, upper in data.domain]
    return np.meshgrid(*axes, indexing="ij")


# Grids.


@BOTH
def test_times_and_sizes(sets, name):
    data, midpoints = sets[name, "samples"], sets[name, "midpoints"]
    T = datasets.find_dataset(name).final_time
    assert len(data) == 81 and data.t[0] == 0 and data.t[-1] == T and np.allclose(np.diff(data.t), T / 80)
    assert len(midpoints) == 12 and np.allclose(midpoints.t * 160 / T, SPLITS["midpoints"])
    assert data.dim == 2 and not data.shared and len(data.patches) == 81
    assert all(u.dtype == np.float64 for u in data.u)


@BOTH
def test_cells_tile_the_domain_once(sets, name):
    """Areas add up, and on the finest grid every cell is written to: none twice, none never."""
    for frame in frames(sets, name):
        domain = sets[name, "samples"].domain
        size = np.prod(np.diff(domain))
        assert frame.area.sum() == pytest.approx(size, rel=1e-12)
        grid = finest_grid(frame.x, np.ones((len(frame.x), 1)), frame.area, domain)
        cells = np.rint(size / frame.area.min())
        assert np.isfinite(grid).all() and grid.size == cells
        assert np.isin(np.rint(np.sqrt(size / frame.area)), FINEST[name] // np.array([8, 4, 2, 1])).all()


@BOTH
def test_every_point_is_a_cell_centre_of_a_patch(sets, name):
    for frame in frames(sets, name)[::9]:
        side = np.sqrt(frame.area)
        lower, upper = frame.patches[:, :, 0], frame.patches[:, :, 1]
        inside = ((frame.x[:, None] > lower) & (frame.x[:, None] < upper)).all(axis=2)  # (P, n)
        assert inside.any(axis=1).all()
        for box, members in zip(lower, inside.T, strict=True):
            cells = (frame.x[members] - box) / side[members, None]
            assert (np.abs(cells % 1 - 0.5) < 1e-9).all()  # so also in the coarser patches around its own


@BOTH
def test_patches_lie_in_the_domain_and_follow_the_wave(sets, name):
    data = sets[name, "samples"]
    for patches in data.patches:
        assert (patches[:, :, 0] < patches[:, :, 1]).all()
        assert (patches >= data.domain[:, 0].min()).all() and (patches <= data.domain[:, 1].max()).all()
        assert (patches[0] == data.domain).all() or name != "acoustics"  # one patch of the coarsest level, or several
    assert len({len(x) for x in data.x}) > 40


# Solutions.


@BOTH
def test_integrals_are_conserved(sets, name):
    """To the precision of float32, in which the values are stored; the solver's own drift is below 1e-7."""
    found = np.array([frame.area @ frame.u[:, 0] for frame in frames(sets, name)])
    assert np.allclose(found, INTEGRAL[name], rtol=2e-7, atol=0)


def test_initial_states_are_exact(sets):
    for name in NAMES:
        frame = sets[name, "samples"][0]
        x1, x2 = frame.x.T
        r = np.hypot(x1, x2)
        expected = {
            "acoustics": np.where(np.abs(r - 0.5) <= 0.2, 1 + np.cos(np.pi * (r - 0.5) / 0.2), 0),
            "burgers": np.where((0.1 < x1) & (x1 < 0.6) & (0.1 < x2) & (x2 < 0.6), 1, 0.1),
            "advection": np.where(x2 < 0.5, 1, 0),
        }[name]
        assert np.allclose(frame.u[:, 0], expected, rtol=0, atol=2e-7)


def test_sound_travels_at_speed_2_and_crosses_where_the_text_says(sets):
    data = sets["acoustics", "samples"]
    x1, _ = centres(data, 200)
    for t in (0.1125, 0.15, 0.1875):
        outward = np.where(x1[:, 0] > 0.55, picture(data, t)[:, 100], 0)
        assert x1[outward.argmax(), 0] == pytest.approx(0.5 + 2 * t, abs=0.02)
    side = picture(data, 0.375)[0]
    assert abs(x1[side.argmax(), 0]) == pytest.approx(0.75, abs=0.01)


def test_the_sound_is_symmetric(sets):
    p = picture(sets["acoustics", "samples"], 0.375)
    for mirrored in (p[::-1], p[:, ::-1], p.T):
        assert np.abs(p - mirrored).mean() < 0.02 * np.abs(p).mean()


def test_the_burgers_shock_moves_at_the_mean_of_its_sides(sets):
    """Before the rarefaction behind catches up: (1 + 0.1) / 2, from x1 = 0.6."""
    data = sets["burgers", "samples"]
    for t in (0.25, 0.5):
        row = picture(data, t)[:, int((0.35 + 0.775 * t) * 200)]  # in the middle of 0.1 + t < x2 < 0.6 + 0.55 t: u is 1
        assert (np.diff(row).argmin() + 1) / 200 == pytest.approx(0.6 + 0.55 * t, abs=0.01)
    values = np.concatenate([frame.u for frame in data])
    assert 0.09 < values.min() and values.max() < 1.05  # the limiter lets through an overshoot of 4 %


def test_the_swirl_returns_at_2_and_4(sets):
    """The flow is undone; what is left is the solver's diffusion: 1.8 and 2.1 % in l1, against 76 % at t = 1."""
    data = sets["advection", "samples"]
    start = picture(data, 0)
    away = {t: np.abs(picture(data, t) - start).mean() / start.mean() for t in (1, 2, 3, 4)}
    assert away[2] < 0.02 and away[4] < 0.025 and min(away[1], away[3]) > 0.7
    far = np.abs(centres(data, 320)[1] - 0.5) > 0.1
    assert np.abs(picture(data, 4) - start)[far].max() < 1e-3


def test_the_swirl_is_the_same_on_the_way_back_and_turned_half(sets):
    """u(x, t) = u(x, 2 - t) as the velocity is odd about t = 1, and u(x, t) = 1 - u((1, 1) - x, t)."""
    data = sets["advection", "samples"]
    for t in (0.5, 1.5, 2.5):
        u = picture(data, t)
        back = picture(data, 4 - t if t > 2 else 2 - t)
        if t <= 2:
            assert np.abs(u - back).mean() < 0.01
        assert np.abs(u + u[::-1, ::-1] - 1).mean() < 1e-3


# Files.


def test_files_are_small_whole_and_without_pickle(sets):
    assert sum(path.stat().st_size for path in datasets.ASSETS.glob("*.npz")) < 17e6
    for name in NAMES:
        with np.load(datasets.ASSETS / f"{name}.npz", allow_pickle=False) as file:
            metadata = json.loads(str(file["metadata"]))
        assert metadata["sha256"] == {split: sets[name, split].sha256 for split in SPLITS}
        assert metadata["setup"]["clawpack"] == "5.11.0" and name[:5] in metadata["setup"]["solver"]


def random_run(rng, m=1):
    """161 frames of a 4 x 6 grid with random patches on two finer levels, and values at the visible cells."""
    patches, values = [], []
    for _ in range(161):
        i, j, n, k = rng.integers(0, 3), rng.integers(0, 4), rng.integers(1, 3), rng.integers(1, 4)
        rows = [(0, 0, 0, 2, 6), (0, 2, 0, 2, 6), (1, 2 * i, 2 * j, 2 * n, 2 * min(k, 6 - j)), (2, 6 * i, 6 * j, 3, 3)]
        patches.append(np.array(rows, dtype=np.int16))
        points = len(cell_centres(patches[-1], (4, 6), (2, 3))[0])
        values.append(rng.normal(size=(points, m)).astype(np.float32))
    return patches, values, {"cells": [4, 6], "refinement": [2, 3], "solver": "none"}


def test_patches_written_are_read_back(tmp_path):
    patches, values, setup = random_run(np.random.default_rng(0))
    path = write_data(tmp_path / "run.npz", "burgers", patches, values, setup)
    for split, kept in SPLITS.items():
        data = read_data(path, split)
        for frame, k in zip(data, kept, strict=True):
            x, side = cell_centres(patches[k], (4, 6), (2, 3))
            assert np.array_equal(frame.u, values[k])
            assert np.allclose(frame.x, x / [48, 72], rtol=1e-15)
            assert np.allclose(frame.area, side**2 / (24 * 36), rtol=1e-15)
            assert np.allclose(frame.patches, corners(patches[k], (4, 6), (2, 3)))
            assert frame.area.sum() == pytest.approx(1)


def test_of_overlapping_patches_the_finest_is_visible():
    patches = np.array([[1, 1, 1, 2, 4], [0, 0, 0, 3, 3], [2, 6, 6, 2, 2]])
    fine, coarse, finest = visible_cells(patches, (3, 3), (2, 3))
    assert finest.all() and finest.shape == (2, 2)
    assert fine.tolist() == [[True, True, True, True], [True, False, True, True]]
    assert coarse.shape == (3, 3) and coarse.sum() < 9
    assert corners(patches, (3, 3), (2, 3))[0].tolist() == [[1 / 6, 3 / 6], [1 / 6, 5 / 6]]


def test_damaged_2d_files_are_refused(tmp_path):
    """Wherever bytes are flipped or lost: the data are unharmed, or one sentence says so."""
    patches, values, setup = random_run(np.random.default_rng(1))
    path = write_data(tmp_path / "run.npz", "burgers", patches, values, setup)
    whole, expected = path.read_bytes(), {split: read_data(path, split).sha256 for split in SPLITS}
    rng, refused = np.random.default_rng(2), 0
    places = rng.integers(len(whole), size=40)
    copies = [whole[: len(whole) // 2], *(whole[:i] + bytes([whole[i] ^ 0x55]) + whole[i + 1 :] for i in places)]
    for damaged in copies:
        path.write_bytes(damaged)
        for split in SPLITS:
            try:
                assert read_data(path, split).sha256 == expected[split]
            except ValueError as error:
                assert str(path) in str(error)
                refused += 1
    assert refused > len(copies)


@pytest.mark.parametrize(("key", "change"), [
    ("u", lambda a: np.roll(a, 1, axis=1)), ("u", lambda a: a[:, :-4]), ("u", lambda a: a.astype(np.float32)),
    ("patches", lambda a: a + np.int16(1)), ("patches", lambda a: a[:-1]), ("patches", lambda a: a[:, :4]),
    ("counts", lambda a: a[::-1]), ("counts", lambda a: a + 1), ("frame", lambda a: a[::-1]),
])  # fmt: skip
def test_changed_arrays_are_refused(tmp_path, key, change):
    patches, values, setup = random_run(np.random.default_rng(3))
    path = write_data(tmp_path / "run.npz", "burgers", patches, values, setup)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    np.savez(path, **arrays | {key: change(arrays[key])})
    with pytest.raises(ValueError, match=r"run\.npz is damaged"):
        read_data(path)


# Making them again.


def frame_files(folder: Path, transposed=False):
    """Write frame 0 of a made-up run as AMRClaw does: 4 x 4 cells, of which a finer patch covers four."""
    rng, ghosts, components = np.random.default_rng(0), 2, 3
    patches = [(1, 4, 4, -1.0, -1.0, 0.5), (2, 2, 4, -0.5, 0.0, 0.25)]
    text, blocks, values = "", [], []
    for number, (level, n, m, x, y, h) in enumerate(patches, start=1):
        numbers = zip((number, level, n, m, x, y, h, h),
                      ("grid_number", "AMR_level", "mx", "my", "xlow", "ylow", "dx", "dy"), strict=True)
        text += "".join(f"{value:18.9E}    {name}\n" if isinstance(value, float) else f"{value:6d}         {name}\n"
                        for value, name in numbers) + "\n"
        q = rng.normal(size=(components, n + 2 * ghosts, m + 2 * ghosts))
        blocks.append(q.ravel(order="F"))
        values.append(q[0, 2:-2, 2:-2])
    (folder / "fort.q0000").write_text(text)
    (folder / "fort.t0000").write_text("  0.0E+00    time\n     3        meqn\n     2       ngrids\n     2   nghost\n")
    np.concatenate(blocks).tofile(folder / "fort.b0000")
    return values


@pytest.mark.parametrize("transposed", [False, True])
def test_a_frame_of_amrclaw_is_read(tmp_path, transposed):
    coarse, fine = frame_files(tmp_path)
    example = _amrclaw.Example("", (4, 4), (2,), -1.0, {}, transposed=transposed)
    patches, u = _amrclaw.read_frame(tmp_path, 0, example)
    seen = np.ones((4, 4), dtype=bool)
    seen[1:2, 2:4] = False
    if transposed:
        assert patches.tolist() == [[0, 0, 0, 4, 4], [1, 4, 2, 4, 2]]
        assert np.array_equal(u[:, 0], np.concatenate([coarse.T[seen.T], fine.T.ravel()]))
    else:
        assert patches.tolist() == [[0, 0, 0, 4, 4], [1, 2, 4, 2, 4]]
        assert np.array_equal(u[:, 0], np.concatenate([coarse[seen], fine.ravel()]))


@pytest.mark.parametrize("missing", ["gfortran", "make"])
def test_without_a_tool_one_sentence_says_which(tmp_path, monkeypatch, missing):
    monkeypatch.setattr(_solver.shutil, "which", lambda name: None if name == missing else f"/usr/bin/{name}")
    with pytest.raises(GenerationError, match=rf"^{missing} is not found \(on Debian: `apt-get install {missing}`\)$"):
        generate.generate("burgers", tmp_path / "burgers.npz")
    assert not list(tmp_path.iterdir())


def test_a_source_that_is_none_or_cannot_be_had_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(_solver.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setenv("CLAW", str(tmp_path))
    with pytest.raises(GenerationError, match=r"^\$CLAW is .*: expected a tree of Clawpack's source"):
        generate.generate("burgers", tmp_path / "burgers.npz")
    monkeypatch.delenv("CLAW")
    monkeypatch.setattr(_amrclaw.sys, "executable", shutil.which("false") or "/bin/false")
    with pytest.raises(GenerationError, match="pip download stopped with exit status 1"):
        generate.generate("burgers", tmp_path / "burgers.npz")


def test_a_senseless_number_of_cells_is_refused(tmp_path):
    with pytest.raises(ValueError, match="uniform = 5: expected 10 to 4000 cells"):
        generate.generate("burgers", tmp_path / "burgers.npz", uniform=5)


def test_generation_gives_the_shipped_data(tmp_path, monkeypatch):
    if not all(map(shutil.which, ("gfortran", "make"))):
        pytest.skip("gfortran or make is missing, so the data cannot be made again")
    if not os.environ.get("CLAW"):
        pytest.skip("CLAW names no source of Clawpack; to download one takes minutes")
    monkeypatch.chdir(tmp_path)
    path = generate.generate("burgers", tmp_path / "made" / "burgers.npz")
    assert [p.name for p in tmp_path.iterdir()] == ["made"]
    for split in SPLITS:
        made, shipped = read_data(path, split), load_data("burgers", split)
        for ours, theirs in zip(made, shipped, strict=True):
            assert ours.x.shape == theirs.x.shape  # other compilers may round differently, not refine elsewhere
            assert np.abs(ours.u - theirs.u).max() < 1e-4


@BOTH
def test_a_uniform_grid_gives_nearly_the_same_solution(sets, tmp_path, monkeypatch, name):
    pytest.importorskip("clawpack", reason="Clawpack (extra `data`) is not installed")
    monkeypatch.chdir(tmp_path)
    data = read_data(generate.generate(name, tmp_path / "made" / "uniform.npz", uniform=FINEST[name]))
    assert [p.name for p in tmp_path.iterdir()] == ["made"] and data.shared and data.patches is None
    found = [frame.area @ frame.u[:, 0] for frame in data]
    assert np.allclose(found, INTEGRAL[name], rtol=2e-7, atol=0)
    for t in data.t[[0, 40, 80]]:
        ours, theirs = picture(data, t), picture(sets[name, "samples"], t)
        assert np.abs(ours - theirs).sum() < 0.05 * np.abs(theirs).sum()  # measured: at most 4.6, 0.4 and 0.2 %
