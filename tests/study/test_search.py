"""Random search with a real Ray: a killed trial loses no other, a killed search goes on where it was."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from lrnrbook.files import alone
from study.training import search
from study.training.search import trials_table

pytest.importorskip("ray", reason="the extra `tune` is not installed")

BOOK = Path(__file__).parents[2] / "book"
COMMAND = [sys.executable, "-m", "study", "tune", "euler", "--recipe", "smoke", "--samples", "3", "--seconds", "1",
           "--jobs", "1", "--out"]


def rows(path):
    return json.loads(path.read_text())["rows"] if path.exists() else {}


def wait_for(condition, process, seconds=300):
    end = time.time() + seconds
    while time.time() < end:
        found = condition()
        if found:
            return found
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.1)
    raise AssertionError("nothing happened")


def trial_process():
    """Process of the trial that is running."""
    for process in psutil.process_iter(["cmdline"]):
        if "ray::ImplicitFunc.train" in " ".join(process.info["cmdline"] or []):
            return process
    return None


def test_a_killed_trial_and_a_killed_search_lose_nothing_else(tmp_path):
    path = tmp_path / "search.json"
    driver = subprocess.Popen([*COMMAND, str(path)], cwd=BOOK, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True)
    try:
        wait_for(trial_process, driver).kill()
        wait_for(lambda: "1" in rows(path), driver)
    finally:
        driver.send_signal(signal.SIGKILL)
        driver.wait()
    first = rows(path)
    assert "died" in first["0"]["failed"] and first["1"]["e1"] > 0, "one died, the next was tried"
    done = subprocess.run([*COMMAND, str(path)], capture_output=True, text=True, cwd=BOOK)
    assert done.returncode == 0, done.stderr
    again = rows(path)
    assert again["1"] == first["1"], "a finished trial is not run again"
    assert all(again[n]["e1"] > 0 and again[n]["ranks"].startswith("weights=") for n in "012")
    printed = [line for line in done.stdout.splitlines() if "weights=" in line]
    assert len(printed) == 3 and "Traceback" not in done.stderr
    table = trials_table(json.loads(path.read_text()))
    assert list(table["E1"].astype(float)) == sorted(table["E1"].astype(float))


def test_a_search_that_is_complete_starts_nothing(tmp_path, monkeypatch):
    path, head = tmp_path / "search.json", {"data": "euler", "recipe": "smoke", "seconds": 1.0, "seed": 0}
    record = head | {"sha256": search.load_data("euler").sha256, "rows": {"0": {"e1": 0.5, "change": {}}}}
    path.write_text(json.dumps(record))
    monkeypatch.setattr(search, "start_ray", None)
    assert search.search("euler", "smoke", 1, 1.0, path)["rows"]["0"]["e1"] == 0.5
    with pytest.raises(ValueError, match="seconds 1.0, this one has 2.0"):
        search.search("euler", "smoke", 1, 2.0, path)


@pytest.mark.parametrize("content", ["", "{", "[]", "3", "{}", '{"rows": []}', '{"rows": {"0": 3}}', "\0"])
def test_a_record_that_is_none_is_refused_and_kept(tmp_path, content):
    path = tmp_path / "search.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="search.json' is no record of a search"):
        search.search("euler", "smoke", 1, 1.0, path)
    assert path.read_text() == content


def test_two_searches_with_one_record_are_refused(tmp_path):
    with alone(path := tmp_path / "search.json"), pytest.raises(ValueError, match="in use by process"):
        search.search("euler", "smoke", 1, 1.0, path)


def test_choices_depend_on_seed_and_number_alone():
    space = search.SPACES["lrnr"]
    assert search.draw(space, 0, 5) == search.draw(space, 0, 5) != search.draw(space, 1, 5)
    drawn = [search.draw(space, 0, n) for n in range(200)]
    assert {d["width"] for d in drawn} == set(space["width"])
    assert all(1e-8 <= d["lambda_sparse"] <= 1e-2 for d in drawn)


@pytest.mark.parametrize("values, message", [((0, 1.0, 1), "samples = 0"), ((1, -1.0, 1), "seconds = -1.0")])
def test_bad_values_are_named(tmp_path, values, message):
    with pytest.raises(ValueError, match=message):
        search.search("euler", "smoke", values[0], values[1], tmp_path / "x.json", jobs=values[2])
    assert not list(tmp_path.iterdir())


def test_without_ray_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ValueError, match=r"lrnrbook\[tune\]"):
        search.import_ray()
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_failed_trials_come_last_with_their_reason():
    rows = {"0": {"change": {"width": 8}, "failed": "its process died"},
            "1": {"change": {"width": 16}, "e1": 0.5, "kept": 3, "coefficients": 4, "steps": 10, "ranks": "r"}}
    frame = trials_table({"rows": rows})
    assert list(frame.index) == ["1", "0"] and list(frame["E1"]) == ["5.00e-01", "failed"]
    assert frame.loc["0", "ranks"] == "its process died"
