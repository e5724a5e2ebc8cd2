"""What two features do together: raw times and parameters, a checkpoint and another domain, axes in another order."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from examples import family
from typer.testing import CliRunner

import lrnrbook as lb
from lrnrbook.batches import Batches
from lrnrbook.cli import app
from lrnrbook.hyper import folded
from lrnrbook.plots import look
from lrnrbook.truncation import Pruning


def pulse(scale=1.0, shift=0.0, **options):
    """A pulse that travels, (11, 40)."""
    t, x = np.linspace(0, 1, 11), np.linspace(0, 1, 40)
    return lb.WaveData.from_arrays(t, x, shift + scale * np.exp(-200 * (x - 0.2 - 0.5 * t[:, None]) ** 2), **options)


def test_folded_times_leave_parameters_as_they_are():
    hyper = lb.HyperNetwork(torch.ones(4), 3, 2, inputs=2, times=(0.0, 10.0))
    z = torch.tensor([[0.3, 0.7], [-1.0, -0.2]])
    before = hyper(z)
    assert torch.allclose(folded(hyper)(z), before, atol=1e-5)


def test_a_family_in_raw_times_is_saved_as_good_as_it_was_trained():
    data = family()
    fit = lb.fit(data, "smoke", epochs=40, hyper_time="raw", progress=False)
    best = min(row[1] for row in fit.history["evaluations"] if row[1] is not None)
    assert lb.errors(fit.model, data).mean == pytest.approx(best, rel=0.1)


def test_a_checkpoint_of_another_domain_is_refused(tmp_path):
    path = tmp_path / "pulse.checkpoint"
    lb.fit(pulse(domain=[0, 1]), "smoke", epochs=2, checkpoint=path, progress=False)
    with pytest.raises(ValueError, match=r"has domain = .*0\.0, 1\.0.* this run .*-1\.0, 2\.0"):
        lb.fit(pulse(domain=[-1, 2]), "smoke", epochs=2, checkpoint=path, progress=False)


def test_axes_of_a_file_of_ours_keep_their_order():
    x = np.random.default_rng(0).random((6, 2))
    data = lb.WaveData.from_arrays([0, 1], x, np.ones((2, 6)), domain=[[0, 1], [0, 5]])
    stored = data.to_xarray()
    assert lb.WaveData.from_xarray(stored, axes=["x1", "x2"]).sha256 == data.sha256
    with pytest.raises(ValueError, match=r"axes = \['x2', 'x1'\]: expected \['x1', 'x2'\], in the order of the file"):
        lb.WaveData.from_xarray(stored, axes=["x2", "x1"])


def test_runs_with_axes_in_another_order_do_not_belong_together():
    x, u = np.random.default_rng(0).random((6, 2)), np.random.default_rng(1).random((4, 6))
    names = [{"t": "s", "x": "m", "y": "m"}, {"t": "s", "y": "m", "x": "m"}]
    runs = [lb.WaveData.from_arrays(np.arange(4), x, u, coordinates=one) for one in names]
    with pytest.raises(ValueError, match="run 1 has coordinates .*'y': 'm', 'x': 'm'"):
        lb.WaveData.from_runs(runs, {"mu": [0, 1]})


def test_errors_of_long_series_are_measured_at_more_than_one_point():
    data = lb.WaveData.from_arrays(np.arange(5000), np.linspace(0, 1, 20), np.ones((5000, 20)))
    batches = Batches(data, lb.get_recipe("smoke"), 0, torch.device("cpu"))
    assert batches.measured[0].shape == (5000, 17, 1)


def test_the_first_look_at_a_snapshot_is_at_points_from_everywhere(monkeypatch):
    """Not at the first of them, which are those at the left if they are sorted."""
    encoder, x, seen = lb.Encoder(lb.load_pretrained("euler", "page"), 6), np.linspace(0, 1, 200), []
    evaluate = encoder._evaluate
    monkeypatch.setattr(encoder, "_evaluate", lambda x, s: (seen.append(x), evaluate(x, s))[1])
    found = encoder(x, encoder.model(x, 0.03)[0].detach())
    assert len(seen[0]) < 200 and np.ptp(seen[0].numpy()) > 0.9
    assert found.time == pytest.approx(0.03, abs=5e-4)


@pytest.mark.parametrize("given", [
    np.linspace(0, 1, 5)[::-1], np.linspace(0, 1, 5).astype(">f8"), pd.Series(np.linspace(0, 1, 5), index=range(3, 8))])
def test_points_may_come_in_any_array(given):
    model = lb.load_pretrained("euler", "page")
    plain = np.ascontiguousarray(np.array(given, float))
    assert torch.equal(model(given, 0.01), model(plain, 0.01))
    fast = lb.FastLRNR.build(model, given, 4, 0.038 * plain[::-1])
    t = (0.038 * np.linspace(0, 1, 5))[::-1]
    assert torch.equal(fast.x[:, 0], torch.as_tensor(plain)) and torch.equal(fast(t), fast(t.copy()))


def test_a_compressed_network_has_its_own_hypernetwork():
    model = lb.load_pretrained("euler", "page").double()
    fast = lb.FastLRNR.build(model, [0.3], rank=4, times=np.linspace(0, 0.038, 50))
    before = model([0.3], 0.01)
    fast.float()
    assert torch.equal(model([0.3], 0.01), before)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 1e5), (1e25, 0.0)])
def test_the_error_of_a_compressed_network_is_that_of_the_wave(scale, shift):
    """Neither a large mean nor a large unit changes how many snapshots are taken, or the estimate."""
    model = lb.load_pretrained("burgers", "page")
    other = copy.deepcopy(model)
    other.normalisation = lb.Normalisation(
        model.normalisation.domain, model.times, tuple(scale * a for a in model.normalisation.scale),
        (shift,) * bool(shift))
    fast, moved = (lb.FastLRNR.build(one, [[0.1, 0.2], [0.7, 0.5]], 12) for one in (model, other))
    assert moved.snapshots == fast.snapshots
    assert moved.error([0.5, 1.0]) == pytest.approx(fast.error([0.5, 1.0]), rel=1e-2)


def test_axes_of_small_waves_fit_them():
    (low, high), = look(1e-21 * np.sin(np.linspace(0, 6, 50))[None, :, None], 1)["limits"]
    assert 1e-21 < high < 1.4e-21 and -1.4e-21 < low < -1e-21


def test_a_weight_that_is_zero_stays_zero():
    layer = lb.SparseLayer([np.eye(2), np.zeros((2, 2))], np.ones((2, 1)))
    box = lb.Normalisation(((0, 1), (0, 1)), (0, 1), (1, 1))
    model = lb.MetaNetwork(lb.LRNR([layer]), lambda t: torch.ones(len(t), 3), box, ["a", "b"])
    assert torch.allclose(lb.unit_columns(model)([[0.2, 0.3]], 0.5), model([[0.2, 0.3]], 0.5))


def test_cells_that_leave_a_hole_are_no_grid():
    """Squares of which another one is missing at each time: POD has no value there."""
    grid = np.stack(np.meshgrid(*[(np.arange(4) + 0.5) / 4] * 2, indexing="ij"), -1).reshape(-1, 2)
    x = [np.delete(grid, k, 0) for k in (5, 6)]
    data = lb.WaveData.from_arrays([0, 1], x, [np.ones(15)] * 2, area=[np.full(15, 1 / 16)] * 2, domain=[[0, 1]] * 2)
    with pytest.raises(ValueError, match="15 cells do not fill the domain"):
        lb.Pod(data, 1)


def test_without_pruning_nothing_counts_as_pruned():
    model = lb.load_pretrained("euler", "page")
    pruning = Pruning(model, 0.0, 0.1)
    assert not pruning.advance(0.55) and bool(pruning.alive.all())
    assert Pruning(model, 0.1, 0.1).advance(0.55)


def test_the_nearest_frame_of_a_family_is_one_of_its_first_run():
    data = lb.WaveData.from_arrays([0, 1, 0, 0.5, 1], [0, 1], np.ones((5, 2)), parameters={"m": [0, 0, 1, 1, 1]})
    assert data.index(0.6) == 1


def test_a_field_may_be_called_area():
    data = pulse(fields=["area"])
    assert data.plot().axes[1].get_ylabel() == "area"


def test_all_runs_of_a_family_are_drawn_in_the_same_colours():
    axes = family().plot().axes
    drawn = [ax.collections[0] for ax in axes if ax.collections and ax.get_title()]
    assert len(drawn) == 3 and len({one.get_clim() for one in drawn}) == 1


def test_the_values_of_one_gauge_are_written(tmp_path):
    model, out = tmp_path / "gauge.safetensors", tmp_path / "gauge.nc"
    lb.save(lb.FastLRNR.build(lb.load_pretrained("euler", "page"), [0.7], 8, np.linspace(0, 0.038, 101)), model)
    done = CliRunner().invoke(app, ["predict", str(model), "-o", str(out), "--times", "7"])
    assert done.exit_code == 0, done.output
    with xr.open_dataset(out) as dataset:
        assert dataset.pressure.shape == (7, 1) and dataset.x.item() == 0.7


def test_one_gauge_can_be_learnt_but_has_no_grid_to_blur_on():
    t = np.linspace(0, 1, 5)
    gauge = lb.WaveData.from_arrays(t, [0.5], np.sin(t)[:, None] + 2, domain=[[0, 1]])
    with pytest.raises(ValueError, match="a mollifier needs one equally spaced grid"):
        lb.fit(gauge, "smoke", epochs=1, mollifier_radius=0.1, progress=False)
    assert lb.fit(gauge, "smoke", epochs=2, progress=False).model([0.5], 0.2).shape == (1, 1, 1)
