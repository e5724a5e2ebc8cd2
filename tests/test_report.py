"""What a fit is worth: rivals, the page of a report, figures of errors; other runtimes (torch.export, ONNX)."""

import copy
import dataclasses
import html
import json
import re
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from examples import family, ragged_bump, travelling_bump
from typer.testing import CliRunner

import lrnrbook as lb
from lrnrbook.cli import app


@pytest.fixture(scope="module")
def fit():
    return lb.fit(travelling_bump(times=21, name="a <b>wave</b>"), "smoke", epochs=200, holdout="auto", progress=False)


def standing(fields=("u",)):
    """A wave whose shape does not change: one mode is all, and the frames are linear in time but for its swing."""
    x, t = np.linspace(0, 1, 40), np.linspace(0, 1, 21)
    u = (1 + t)[:, None, None] * np.sin(np.pi * x)[:, None] * np.ones(len(fields))
    return lb.WaveData.from_arrays(t, x, u, fields)


def test_rivals_are_judged_at_the_times_kept_apart(fit):
    table = lb.compare(fit.data, fit)
    held = np.isin(fit.data.t, fit.record["holdout"])
    unseen, known = (fit.data[np.flatnonzero(which).tolist()] for which in (held, ~held))
    assert table.loc["network", "held-out error"] == pytest.approx(fit.heldout.mean)
    assert table.loc["network", "numbers stored"] == fit.record["parameters"]
    u = np.stack(fit.data.u)[..., 0]  # between frames on either side, in the middle
    between = np.stack([(u[k - 1] + u[k + 1]) / 2 for k in np.flatnonzero(held)])
    expected = np.abs(between - u[held]).sum() / np.abs(u[held]).sum()
    assert table.loc["linear", "held-out error"] == pytest.approx(expected)
    assert table.loc["linear", "numbers stored"] == np.stack(known.u).size
    (pod,) = (name for name in table.index if name.startswith("POD"))
    assert table.loc[pod, "held-out error"] <= 1.1 * lb.errors(lb.Pod(known, 16), unseen).mean
    full, k = lb.Pod(known, len(known)), int(re.search(r"\d+", pod)[0])
    off = {2**j: lb.errors(full.first(2**j), unseen).mean for j in range(12) if 2**j < len(known)}
    assert k == min(n for n in off if off[n] <= 1.1 * min(off.values()))
    assert table.loc[pod, "numbers stored"] == full.first(k).parameters and (table["ms a frame"] < 1e3).all()
    assert table.attrs["answer"].startswith("Use ")


def test_the_worst_frame_kept_apart_is_shown_and_space_and_time_have_one_mean(fit):
    axes = lb.plot_errors(fit, fit.data).axes
    held, over_time = np.isin(fit.data.t, fit.record["holdout"]), axes[0].lines[0].get_ydata()
    assert axes[2].get_title() == f"worst frame, t = {fit.data.t[held][over_time[held].argmax()]:.4g}"
    assert axes[1].lines[0].get_ydata().mean() == pytest.approx(over_time.mean(), rel=1e-6)


def test_the_answer_may_be_pod():
    fit = lb.fit(standing(), "smoke", epochs=20, holdout="auto", progress=False)
    table = lb.compare(fit.data, fit)
    assert table.attrs["answer"].startswith("Use POD: the error between frames is") and "POD, 1 modes" in table.index


def test_only_a_fit_that_kept_times_apart_can_be_compared_and_only_on_its_data(fit):
    with pytest.raises(ValueError, match="holdout='auto'"):
        lb.compare(fit.data, lb.fit(fit.data, "smoke", epochs=2, progress=False))
    with pytest.raises(ValueError, match="expected the data that it was called with"):
        lb.compare(standing(), fit)


def test_a_fit_on_all_frames_at_last_is_judged_by_the_network_before(tmp_path):
    data = travelling_bump(times=21)
    fit = lb.fit(data, "smoke", epochs=60, holdout="auto", final=True, progress=False)
    first = lb.fit(data, "smoke", epochs=60, holdout="auto", progress=False)
    found, before = lb.compare(data, fit), lb.compare(data, first)
    assert found["held-out error"].drop("truncated").to_dict() == pytest.approx(
        before["held-out error"].drop("truncated").to_dict())
    assert np.isnan(found.loc["truncated", "held-out error"]) and found.loc["truncated", "numbers stored"] > 0
    note = "The network's error is that of the one before: this one has seen all frames."
    assert found.attrs["answer"] == f"{before.attrs['answer']} {note}"
    page = lb.report(fit, tmp_path / "report.html").read_text("utf-8")
    assert "is that of the one before" in page and "NaN" not in page
    for one, label in ((fit, "samples"), (first, "kept apart")):
        assert [text.get_text() for text in lb.plot_errors(one, data).axes[0].get_legend().get_texts()] == [label]


def test_a_wave_in_three_dimensions_has_a_report_whose_explorer_shows_no_data(tmp_path):
    x, t = np.random.default_rng(0).random((30, 3)), np.linspace(0, 1, 17)
    data = lb.WaveData.from_arrays(t, x, np.sin(4 * x.sum(1) - t[:, None]), fields=["u"])
    fit = lb.fit(data, "smoke", epochs=2, holdout="auto", progress=False)
    assert "lrnr-explorer" in lb.report(fit, tmp_path / "report.html").read_text("utf-8")
    with pytest.raises(ValueError, match="u in 3d: expected none for a model in 3d"):
        lb.explorer(fit.model, data=data)


def test_a_report_is_one_page_of_its_own(fit, tmp_path, request):
    path = lb.report(fit, tmp_path / "report.html")
    text = path.read_text("utf-8")
    assert "<b>wave" not in text and "a &lt;b&gt;wave" in text and not re.search(r"https?://(?!www\.w3\.org)", text)
    browser = request.getfixturevalue("browser")
    page, problems = browser.new_page(), []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda asked: problems.append(asked.url) if asked.url[:5] in ("http:", "https") else None)
    page.goto(f"file://{path}")
    page.locator(".lrnr-explorer").scroll_into_view_if_needed()
    page.wait_for_selector(".lrnr-explorer canvas")
    assert page.evaluate("[...document.images].every(i => i.naturalWidth > 0 && i.alt.split(' ').length > 3)")
    assert page.locator("figure").count() == 3 and problems == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_report_and_evaluate_from_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = travelling_bump(times=21)
    data.to_xarray().to_netcdf("bump.nc")
    done = CliRunner().invoke(app, ["train", "bump.nc", "--recipe", "smoke", "--epochs", "20", "--holdout", "--out",
                                    "m.safetensors"])
    assert "twice the time" in done.stdout or "too short" in done.stdout or "would not help" in done.stdout
    done = CliRunner().invoke(app, ["report", "m.safetensors", "bump.nc"])
    assert done.exit_code == 0 and "times kept apart" in (tmp_path / "m.html").read_text("utf-8")
    done = CliRunner().invoke(app, ["evaluate", "bump.nc", "--model", "m.safetensors"])
    assert f"relative l1 error at the points: {lb.errors(lb.load('m.safetensors'), data)}" in done.stdout
    assert json.loads((tmp_path / "m.json").read_text())["outlook"]


@pytest.mark.parametrize("data", [travelling_bump(), ragged_bump(), lb.load_data("burgers")[::16]], ids="abc")
def test_figures_of_data_and_errors_show_what_there_is(data):
    fit = lb.fit(data, "smoke", epochs=3, progress=False)
    for fig in (data.plot(), fit.plot(), lb.plot_errors(fit, data)):
        fig.canvas.draw()
        assert all(ax.get_xlabel() for ax in fig.axes if ax.get_subplotspec() and ax.get_subplotspec().is_last_row())
    over_time = lb.plot_errors(fit, data).axes[0].lines[0].get_ydata()
    frame, size = data[2], np.mean([np.abs(u).mean() for u in data.u])
    off = np.abs(fit.model(frame.x, frame.t)[0].detach().numpy() - frame.u).mean() / size
    assert over_time[2] == pytest.approx(off, rel=1e-4) and not plt.get_fignums()


def squares():
    """Waves of two fields in the plane, far from zero and centred."""
    x, t = np.random.default_rng(0).uniform(1e4, 1e4 + 1, (50, 2)), np.linspace(0, 2, 9)
    u = np.stack([1e5 + np.sin(x[:, 0] - t[:, None]), np.cos(x[:, 1] - t[:, None])], -1)
    return lb.WaveData.from_arrays(t, x, u, ["p", "v"], units=["Pa", "m/s"])


def assert_runs_alike(path, network, given):
    """Whether ONNX Runtime gives the network's values, for as many points and times as there are."""
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(path)
    assert [one.name for one in session.get_inputs()] == list(given)
    u = network(*given.values()).detach().numpy()
    found = session.run(None, {name: a.numpy() for name, a in given.items()})[0]
    assert found.shape == u.shape and np.abs(found - u).max() <= 1e-5 * np.abs(u).max()
    return session.get_modelmeta().custom_metadata_map


def test_axes_of_a_figure_have_the_names_of_the_coordinates():
    axes = travelling_bump().plot().axes
    assert [ax.get_xlabel() for ax in axes][:1] == ["x"] and axes[0].get_ylabel() == "t"


@pytest.mark.parametrize("data", [travelling_bump(), squares()], ids=["line", "plane"])
def test_other_runtimes_take_models_and_fast_ones_with_any_numbers_of_points_and_times(data, tmp_path):
    model = lb.fit(data, "smoke", epochs=3, progress=False).model
    fast = lb.FastLRNR.build(model, data.x[0][:4], rank=4, times=np.linspace(0, 1, 21))
    for network, names in ((model, "xt"), (fast, "t"))[: 3 - data.dim]:
        path = lb.export(network, tmp_path / "wave.onnx")
        assert [file.name for file in tmp_path.iterdir()] == ["wave.onnx"]  # whole, in one file
        for points, times in ((3, 10), (1, 1), (40, 2)):
            values = {"x": torch.as_tensor(data.x[0][:points]), "t": torch.linspace(*data.t[[0, -1]], times).double()}
            found = assert_runs_alike(path, network, {name: values[name] for name in names})
        assert {key: tuple(json.loads(found[key])) for key in ("fields", "units")} == {
            "fields": data.fields, "units": data.units}


def test_what_onnx_does_not_take_is_said_and_nothing_is_written(tmp_path, monkeypatch):
    model = lb.fit(travelling_bump(), "smoke", epochs=1, progress=False).model
    pieces = lb.FastLRNR.build(model, np.linspace(-1, 1, 4), rank=4, times=np.linspace(0, 1, 21), pieces=2)
    with pytest.raises(ValueError, match="several pieces of time: expected"):
        lb.export(pieces, tmp_path / "wave.onnx")
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(ValueError, match="onnxscript is not installed: expected the extra onnx"):
        lb.export(model, tmp_path / "wave.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_family_takes_its_parameters_in_other_runtimes_too(tmp_path):
    data = family()
    model = lb.fit(data, "smoke", epochs=2, progress=False).model
    fast = lb.FastLRNR.build(model, [-0.2, 0.3], rank=4, times=np.linspace(0, 1, 21))
    given = {"x": torch.as_tensor(data.x[0][:3]), "t": torch.linspace(0, 1, 4).double(),
             "mu": torch.linspace(0.2, 1.1, 4).double()[:, None]}
    for network, names in ((model, ("x", "t", "mu")), (fast, ("t", "mu"))):
        path = lb.export(network, tmp_path / "wave.onnx")
        for times in (4, 1):
            assert_runs_alike(path, network, {name: given[name][: times if name != "x" else 3] for name in names})


@pytest.mark.parametrize("holdout", ["auto", [2]])
def test_a_family_is_compared_with_what_is_linear_in_its_parameters_and_reported(holdout, tmp_path):
    data = family()
    fit = lb.fit(data, "smoke", epochs=60, holdout=holdout, progress=False)
    table = lb.compare(data, fit)
    assert table.loc["network", "held-out error"] == pytest.approx(fit.heldout.mean)
    u = np.stack(data.u)[..., 0].reshape(5, 17, 60)
    if holdout == "auto":  # between the times of its own run
        true, linear = u[:, [4, 12]], (u[:, [3, 11]] + u[:, [5, 13]]) / 2
    else:  # speed 0.4 between 0.2 and 0.5
        true, linear = u[2], (u[0] + 2 * u[1]) / 3
    expected = np.abs(true - linear).sum() / np.abs(true).sum()
    assert table.loc["linear", "held-out error"] == pytest.approx(expected, rel=1e-6)
    text = lb.report(fit, tmp_path / "report.html").read_text("utf-8")
    assert "u = model(x, t, mu)" in text and "runs of speed in [0.2, 1.1]" in text
    titles = [ax.get_title() for fig in (data.plot(), lb.plot_errors(fit, data)) for ax in fig.axes]
    assert titles[:3] == ["speed = 0.2", "speed = 0.4", "speed = 1.1"] and titles[-1].startswith("worst frame, t = ")


def test_objects_are_tables_in_a_notebook_with_names_escaped(fit):
    data = dataclasses.replace(fit.data, units=("<i>",), coordinates={"time": "s", "<r>": "m"})
    runs = family()
    model = lb.fit(runs, "smoke", epochs=1, progress=False).model
    fast = lb.FastLRNR.build(model, [-0.2, 0.3], rank=4, times=np.linspace(0, 1, 21), pieces=2)
    said = {data: {"fields": "u [<i>]", "time [s]": "0 to 1", "<r> [m]": "-1 to 1", "times": "21", "points": "60"},
            ragged_bump(): {"points": "40 to 70", "x₁": "-0.987646 to 0.999003"},
            runs: {"runs": "5", "speed": "0.2 to 1.1"},
            model: {"fields": "height [m]", "t": "0 to 1", "widths": "(1, 24, 24, 1)", "speed": "0.2 to 1.1"},
            fast: {"points": "2", "ranks": "(4, 4)", "speed": "0.2 to 1.1"}}
    for what, expected in said.items():
        rows = re.findall(r"<tr><th>(.*?)</th><td>(.*?)</td></tr>", what._repr_html_())
        found = {html.unescape(name): html.unescape(value) for name, value in rows}
        assert expected.items() <= found.items() and "<i>" not in what._repr_html_()
        assert type(what).__name__ in what._repr_html_()
    assert 0 < float(found["estimated error"]) < 1
    rows = dict(re.findall(r"<tr><th>(.*?)</th><td>(.*?)</td></tr>", fit._repr_html_()))
    assert rows["relative l1 error at the times kept apart"] == f"u {fit.heldout['u']:.2e}"
    assert rows["run"].startswith("all 200 epochs done") and len(rows) == 6


def test_networks_of_dense_layers_are_compared_too(tmp_path):
    data = travelling_bump(times=21)
    fit = lb.fit(data, "siren", epochs=2, holdout="auto", progress=False, threads=1)
    table = lb.compare(data, fit)
    assert table.loc["truncated", "held-out error"] == table.loc["network", "held-out error"]
    assert lb.report(fit, tmp_path / "report.html").stat().st_size > 1e4


def test_a_network_that_truncation_would_cut_through_is_compared_as_it_is(fit):
    model = copy.deepcopy(fit.model).requires_grad_(False)
    model.lrnr.layers[1].U.mul_(1e-9)
    with pytest.raises(ValueError, match="all weight coefficients of layer 2 are below it"):
        lb.truncate(model)
    table = lb.compare(fit.data, dataclasses.replace(fit, model=model))
    assert table.loc["truncated", "numbers stored"] == table.loc["network", "numbers stored"]


def test_figures_of_points_in_any_order_and_of_any_number_of_runs():
    data, order = travelling_bump(), np.random.default_rng(0).permutation(60)
    mixed = lb.WaveData.from_arrays(data.t, data.x[0][order], [u[order] for u in data.u])
    pictures = [fig.axes[0].collections[0].get_array() for fig in (data.plot(), mixed.plot())]
    assert np.array_equal(*pictures)
    speeds = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    titles = [ax.get_title() for ax in family(speeds).plot().axes]
    assert titles[:3] == ["speed = 0.1", "speed = 0.4", "speed = 0.6"]
