"""The command line as a user runs it: real processes, their output and exit status."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
import xarray
from examples import family
from typer.testing import CliRunner

import lrnrbook as lb
from lrnrbook import storage
from lrnrbook.cli import app, main
from lrnrbook.trainer import new_model

COMMAND = [sys.executable, "-c", "from lrnrbook.cli import main; main()"]
ENVIRONMENT = os.environ | {"COLUMNS": "120", "NO_COLOR": "1"}


def run(*arguments, cwd):
    return subprocess.run([*COMMAND, *arguments], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """The command in this process, in an empty folder: status, output, problems."""
    def run_here(*arguments):
        monkeypatch.setattr(sys, "argv", ["lrnrbook", *arguments])
        try:
            main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        said = capsys.readouterr()
        return SimpleNamespace(returncode=status, stdout=said.out, stderr=said.err)

    for name, value in (("COLUMNS", "120"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return run_here


def test_help_names_the_commands_and_the_recipe_fields(call, tmp_path):
    text = run("--help", cwd=tmp_path).stdout
    assert all(word in text for word in ("data", "train", "evaluate", "info", "predict"))
    text = call("train", "--help").stdout
    assert all(f"--{name}" in text for name in ("width", "batch-points", "lambda-sparse", "switch-threshold", "seed"))


def test_data_list_and_show(call):
    assert "euler" in call("data", "list").stdout
    text = call("data", "show", "euler").stdout
    assert "solid walls" in text and "sha256" in text and "clawpack: 5.11.0" in text
    text = call("data", "show", "acoustics").stdout
    assert "2d" in text and "points a time" in text and "acoustics_2d_radial" in text


@pytest.mark.parametrize(("arguments", "words"), [
    (["train", "eulre"], "unknown data set 'eulre': known are euler"),
    (["train", "euler", "--recipe", "lap"], "recipe 'lap' is not known"),
    (["train", "euler", "--recipe", "auto"], "recipe = 'auto', seconds = None: expected the seconds"),
    (["train", "euler", "--width", "0"], "width = 0: expected a whole number from 1 to 1e9"),
    (["train", "euler", "--optimizer", "sgd"], "optimizer = 'sgd'"),
    (["train", "euler", "--recipe", "smoke", "--seconds", "1", "--epochs", "2"], "both given"),
    (["train", "euler", "--out", "model.pt"], ".safetensors"),
    (["train", "euler", "--recipe", "smoke", "--device", "nonsense"], "device 'nonsense'"),
    (["evaluate", "euler", "--model", "none.safetensors"], "is not a file"),
    (["evaluate", "none.nc", "--model", str(storage.asset("models", "euler-page-0.safetensors"))], "is not there"),
    (["info", "README"], "is not a file"),
    (["predict", "euler", "-o", "wave.zarr"], "wave.zarr: expected a file name ending in .nc"),
    (["predict", "eulre", "-o", "wave.nc"], "no model 'eulre'"),
    (["predict", "none.safetensors", "-o", "wave.nc"], "is not a file"),
    (["predict", "euler", "-o", "wave.nc", "--times", "1:2"], "'1:2': expected a count from 2 to a million"),
    (["predict", "euler", "-o", "wave.nc", "--times", "0,soon"], "'0,soon': expected numbers with commas"),
    (["predict", "euler", "-o", "wave.nc", "--mu", "low"], "'low': expected numbers with commas"),
    (["predict", "euler", "-o", "wave.nc", "--times", "0.02,0.01"], "expected strictly increasing times"),
    (["predict", "euler", "-o", "wave.nc", "--grid", "9", "--grid", "9"], "--grid 9 --grid 9: expected one, or 1"),
    (["data", "show", "euler2"], "unknown data set"),
])
def test_mistakes_are_one_sentence_and_exit_status_2(arguments, words, call, tmp_path):
    done = call(*arguments)
    assert done.returncode == 2 and words in done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.rglob("*.*"))


def test_a_mistake_in_a_process_of_its_own(tmp_path):
    done = run("train", "eulre", cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.startswith("Error: unknown data set 'eulre'")


def test_train_evaluate_and_info_of_the_result(call, tmp_path):
    done = call("train", "euler", "--recipe", "smoke", "--epochs", "3", "--width", "20")
    assert done.returncode == 0, done.stderr
    assert "all 3 epochs done" in done.stdout and "pressure" in done.stdout
    path = tmp_path / "runs" / "euler-smoke-0.safetensors"
    assert json.loads(call("info", str(path)).stdout)["provenance"]["recipe"]["width"] == 20
    done = call("evaluate", "euler", "--model", str(path))
    assert done.stdout.count("at the midpoints") == 2 and done.stdout.count("pressure") == 5


def test_ctrl_c_keeps_the_best_model_and_a_second_call_goes_on(call, tmp_path):
    arguments = ["train", "euler", "--recipe", "smoke", "--epochs", "100000", "--width", "8"]
    process = subprocess.Popen([*COMMAND, *arguments], cwd=tmp_path, env=ENVIRONMENT, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # as in a terminal
    checkpoint = tmp_path / "runs" / "euler-smoke-0.checkpoint"
    while process.poll() is None and not checkpoint.exists():
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    output, problems = process.communicate(timeout=60)
    assert process.returncode == 0 and "interrupted after epoch" in output and "Traceback" not in problems
    assert call("info", "runs/euler-smoke-0.safetensors").returncode == 0
    again = call(*arguments[:-1], "9")
    assert again.returncode == 2 and "width = 8, this run 9" in again.stderr


def test_the_recorded_errors_are_those_of_the_shipped_model():
    done = CliRunner().invoke(app, ["evaluate", "euler"])
    recorded = storage.load_record("euler")["errors"]["midpoints"]["q1"]["density"]["points"]
    assert f"relative l1 error at the midpoints: density {recorded:.2e} (" in done.stdout


def test_a_model_is_trained_at_the_truncated_ranks_of_another(call, tmp_path):
    other = storage.asset("models", "burgers-page-0.safetensors")
    done = call("train", "burgers", "--recipe", "smoke", "--epochs", "2", "--depth", "4", "--ranks-of", str(other))
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "runs" / "burgers-smoke-0.json").read_text())
    assert record["coefficients"] == storage.load_record("burgers", "page")["kept"]
    assert len(record["recipe"]["rank"]["weights"]) == 4


def test_a_file_is_trained_on_with_times_kept_apart(call, tmp_path):
    x, t = np.linspace(-1, 1, 30), np.linspace(0, 1, 20)
    np.savez(tmp_path / "pulse.npz", t=t, x=x, u=np.exp(-20 * (x[None] - 0.5 * t[:, None]) ** 2))
    done = call("train", "pulse.npz", "--recipe", "smoke", "--epochs", "3", "--holdout")
    assert done.returncode == 0, done.stderr
    assert "relative l1 error at the times kept apart: u" in done.stdout
    assert storage.info(tmp_path / "runs" / "pulse-smoke-0.safetensors")["provenance"]["data"]["name"] == "pulse"
    done = call("train", "none.nc")
    assert done.returncode == 2 and "Error: 'none.nc' is not there: expected a file of wave data" in done.stderr


def test_predict_writes_what_the_model_gives_with_cf_attributes(call, tmp_path):
    said = call("predict", "burgers", "-o", "wave.nc", "--times", "0:2.5:4", "--grid", "70", "--grid", "0,0.2,0.5,0.7")
    assert said.returncode == 0, said.stderr
    model, (x1, x2) = lb.load_pretrained("burgers"), (np.linspace(0, 1, 70), [0, 0.2, 0.5, 0.7])
    with xarray.open_dataset("wave.nc") as wave:
        assert dict(wave.sizes) == {"t": 4, "x1": 70, "x2": 4} and wave.Conventions.startswith("CF-")
        assert [wave[name].attrs["axis"] for name in ("t", "x1", "x2")] == ["T", "X", "Y"]
        assert wave.t.standard_name == "time" and (wave.u.units, wave.u.long_name) == ("1", "u")
        assert "lrnrbook predict burgers" in wave.history
        assert json.loads(wave.provenance)["data"]["name"] == "burgers"
        for k, i, j in ((0, 3, 1), (3, 69, 3)):
            u = float(model([[x1[i], x2[j]]], wave.t[k].item()).detach())
            assert wave.u.sel(x1=x1[i], x2=x2[j]).isel(t=k).item() == pytest.approx(u, rel=1e-4)
    assert len(lb.WaveData.open("wave.nc")[0].x) == 280
    model = lb.load_pretrained("euler", "page")
    fast = lb.FastLRNR.build(model, [0.1, 0.3, 0.6], rank=8, times=np.linspace(0, 0.038, 99))
    lb.save(fast, "fast.safetensors")
    assert call("predict", "fast.safetensors", "-o", "fast.nc", "--times", "5").returncode == 0
    data = lb.WaveData.open("fast.nc")
    assert np.allclose(np.stack(data.u), fast(data.t).detach(), atol=1e-3) and data.fields == fast.fields
    runs = dataclasses.replace(family(), coordinates={"time": "s", "x": "m"})
    lb.save(model := new_model(runs, lb.get_recipe("smoke")), "family.safetensors")
    assert call("predict", "family.safetensors", "-o", "one.nc", "--times", "3", "--mu", "0.7").returncode == 0
    data = lb.WaveData.open("one.nc")
    assert data.coordinates == runs.coordinates and data.units == ("m",)
    assert np.allclose(data.u[1], model(data.x[1], data.t[1], 0.7)[0].detach(), atol=1e-6)
    refused = call("predict", "family.safetensors", "-o", "one.nc")
    assert refused.returncode == 2 and "expected values of speed" in refused.stderr
    refused = call("predict", "fast.safetensors", "-o", "fast.nc", "--grid", "9")
    assert refused.returncode == 2 and "points of a FastLRNR are fixed" in refused.stderr


def test_fields_and_a_level_of_a_file_are_chosen(call, tmp_path):
    x, t = np.linspace(-1, 1, 30), np.linspace(0, 1, 20)
    wave = np.exp(-20 * (x - 0.5 * t[:, None]) ** 2)[:, None] * np.array([1.0, 2.0])[:, None]
    names = {name: (("t", "level", "x"), k * wave) for k, name in enumerate("abc", 1)}
    xarray.Dataset(names, {"t": t, "level": [0, 1], "x": x}).to_netcdf("deep.nc")
    arguments = ["--recipe", "smoke", "--epochs", "2", "--holdout", "--fields", "c,a", "--select", "level=1"]
    done = call("train", "deep.nc", *arguments, "--out", "m.safetensors")
    assert done.returncode == 0, done.stderr
    header = storage.info("m.safetensors")
    assert header["fields"] == ["c", "a"]
    assert header["normalisation"]["scale"] == [3 * wave[:, 1].max(), wave[:, 1].max()]
    chosen = ["--select", "level=1"]
    assert "at the points: c " in call("evaluate", "deep.nc", "--model", "m.safetensors", *chosen).stdout
    assert "wrote m.html" in call("report", "m.safetensors", "deep.nc", *chosen).stdout
    for wrong, words in ((["--fields", "d"], "unknown field 'd'"), (["--select", "level"], "--select level: expected"),
                         (["--select", "level=2"], "select has 'level' = 2"), (["--select", "z=0"], "select has 'z'")):
        done = call("train", "deep.nc", "--recipe", "smoke", *wrong)
        assert done.returncode == 2 and words in done.stderr and not (tmp_path / "runs").exists(), done.stderr
    done = call("train", "euler", "--recipe", "smoke", "--epochs", "2", "--fields", "pressure")
    assert "pressure" in done.stdout and "density" not in done.stdout
    assert "--select level=0: expected a file" in call("train", "euler", *chosen[:1], "level=0").stderr


def test_final_trains_once_more_and_restart_forgets_both_runs(call, tmp_path):
    x, t = np.linspace(-1, 1, 30), np.linspace(0, 1, 20)
    np.savez(tmp_path / "pulse.npz", t=t, x=x, u=np.exp(-20 * (x[None] - 0.5 * t[:, None]) ** 2))
    arguments = ["train", "pulse.npz", "--recipe", "smoke", "--epochs", "3", "--final"]
    done = call(*arguments)
    assert done.returncode == 0 and "at the times kept apart before: u" in done.stdout, done.stderr
    record = json.loads((tmp_path / "runs" / "pulse-smoke-0.json").read_text())
    assert len(record["before"]["holdout"]) == 2 and "holdout" not in record
    checkpoint = tmp_path / "runs" / "pulse-smoke-0.checkpoint"
    there = checkpoint.read_bytes()
    done = call(*arguments, "--width", "0", "--restart")
    assert done.returncode == 2 and "width = 0" in done.stderr and checkpoint.read_bytes() == there
    (tmp_path / "runs" / "pulse-smoke-0.json").write_text('{"a": 1}')
    done = call("report", "runs/pulse-smoke-0.safetensors", "pulse.npz")
    assert done.returncode == 2 and "pulse-smoke-0.json' is no record of a run: expected" in done.stderr
    assert call(*arguments, "--width", "9", "--restart").returncode == 0
