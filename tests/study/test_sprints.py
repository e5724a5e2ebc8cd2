"""Sprints: equal processor time, in turns; batches that are what they say; tables and sentences of their record."""

import json
import shutil
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch._dynamo import config as dynamo

import lrnrbook as lb
from study.ledger.records import load_measurement
from study.ledger.verdicts import SETS
from study.rivals import sprint_runs, sprint_tables, sprints

SMALL = {"width": 16, "rank": 4, "batch_points": 32}


@pytest.fixture(scope="module")
def data():
    x, t = (np.arange(128) + 0.5) / 128, np.linspace(0, 1, 33)
    return lb.WaveData.from_arrays(t, x, np.stack([np.exp(-(((x - 0.2 - 0.5 * s) / 0.1) ** 2)) for s in t]))


@pytest.fixture(scope="module")
def record():
    return load_measurement("benchmark-records")


@pytest.mark.parametrize("name", ["strata of points", "strata"])
def test_strata_have_one_point_each_and_every_time_comes_once(data, name):
    batches = sprints.Sprint(data, SMALL | {"batches": name}, 0, 1.0).batches
    found = list(batches.epoch(0))
    assert sorted(torch.cat([k for k, _ in found]).tolist()) == list(range(33))
    for k, index in found:
        assert torch.equal((index - 128 * k[:, None]) // 4, torch.arange(32).expand(len(k), -1))
    if name == "strata":
        assert all((k.sort().values.diff() > 0).all() and k.sort().values.diff().max() <= 5 for k, _ in found)


def test_points_by_error_are_weighted_so_that_means_stay(data):
    batches = sprints.Sprint(data, SMALL | {"batches": "by error"}, 0, 1.0).batches
    list(batches.epoch(0))
    batches.seen[:, :] = 0.01
    batches.seen[:, 10] = 1.0
    value = torch.arange(33 * 128) % 128 / 128.0
    drawn = [(value[index], batches.weights[..., 0], (index % 128) // 2 == 10)
             for epoch in range(1, 40) for _, index in batches.epoch(epoch)]
    mean = np.mean([float((v * w).mean()) for v, w, _ in drawn])
    assert mean == pytest.approx(float(value.mean()), rel=0.02)
    assert np.mean([float(inside.float().mean()) for *_, inside in drawn]) > 10 / 64


def test_sines_are_after_the_first_layer_alone(data):
    lrnr = sprints.Sprint(data, SMALL | {"first": 2.0}, 0, 1.0).model.lrnr
    x, s = torch.rand(5, 1), torch.rand(1, lrnr.ranks.total)
    z = lrnr.layers[0](x, *lrnr.split(s)[0]).sin()
    for layer, pair in list(zip(lrnr.layers, lrnr.split(s), strict=True))[1:-1]:
        z = layer(z, *pair).tanh()
    assert torch.allclose(lrnr(x, s), lrnr.layers[-1](z, *lrnr.split(s)[-1]))


def test_neighbouring_times_are_in_a_batch(data):
    batches = sprints.Sprint(data, SMALL | {"batches": "neighbours"}, 0, 1.0).batches
    found = [sorted(k.tolist()) for k, _ in batches.epoch(0)]
    assert sorted(sum(found, [])) == list(range(33))
    for k in found:
        assert np.diff(k).max() == 1 or (k[0], k[-1]) == (0, 32) and (np.diff(k) > 1).sum() == 1
    assert found != [sorted(k.tolist()) for k, _ in batches.epoch(1)]


@torch.no_grad()
def test_products_between_are_in_bfloat16(data):
    runs = [sprints.Sprint(data, SMALL | {"first": 2.0} | more, 0, 1.0) for more in ({}, {"bfloat16": True})]
    x, s = torch.rand(5, 1), torch.rand(1, runs[0].model.lrnr.ranks.total)
    exact, rounded = (run.model.lrnr(x, s) for run in runs)
    assert rounded.dtype == torch.float32 and 1e-5 < float((rounded - exact).abs().max() / exact.abs().max()) < 0.03


@torch.no_grad()
def test_a_start_from_the_data_is_closer_to_them_and_evenly_spread(data):
    plain, fitted = (sprints.Sprint(data, sprints.TOGETHER | SMALL | more, 0, 1.0) for more in ({}, {"fitted": True}))
    assert fitted._errors(fitted.batches)[1] < 0.7 * plain._errors(plain.batches)[1] and fitted.spent > 0  # squared
    k, index = next(iter(fitted.batches.epoch(0)))
    s = fitted.model.lrnr.split(fitted.model.hyper(fitted.batches.t[k]))
    first, second, *_ = fitted.model.lrnr.layers
    before = second(torch.sin(first(fitted.batches.x[index], *s[0])), *s[1])
    assert torch.allclose(before.std((0, 1)), torch.ones(16), atol=0.02)
    assert float(before.mean((0, 1)).abs().max()) < 0.3


def test_a_grown_network_is_the_same_function_and_learns_with_all_of_it(data):
    run = sprints.Sprint(data, sprints.TOGETHER | SMALL | {"grown": 2}, 0, 1.0)
    small, x = run.model, torch.rand(7, 1)
    run._halfway()
    large, t = run.model, run.batches.t
    assert large.lrnr.dims == (1, 32, 32, 32, 1) and large.lrnr.ranks.weights == (8, 8, 8, 8)
    assert torch.allclose(large.lrnr(x, large.hyper(t)), small.lrnr(x, small.hyper(t)), atol=1e-5)
    before = [p.detach().clone() for p in large.parameters()]
    run.run_epoch(), run.run_epoch()
    assert run.parameters[0] is next(large.parameters())
    for old, new in zip(before, large.parameters(), strict=True):
        assert float((new != old).float().mean()) > 0.95


def test_rates_and_preconditioners_of_the_second_half(data, monkeypatch):
    ticks = count()
    monkeypatch.setattr(sprint_runs, "time", SimpleNamespace(process_time=lambda: next(ticks) / 100))
    run, rates, every = sprints.Sprint(data, SMALL | {"end": 1e-3, "late": 30}, 0, 1.0), [], []
    while run.spent < run.budget:
        run.advance()
        rates.append(run.rate / run.recipe.learning_rate)
        every.append(run.optimizer.param_groups[0]["precondition_frequency"])
    assert rates[10:45] == pytest.approx([1.0] * 35) and set(every[:45]) == {10} and set(every[55:]) == {30}
    assert rates[75] == pytest.approx(1e-3**0.5, rel=0.2) and 1e-3 <= rates[-1] < 1.3e-3


@pytest.mark.skipif(not shutil.which("g++"), reason="a compiled step needs g++")
@dynamo.patch(recompile_limit=2)  # one run has two steps, of one misfit each: those of another must not count
def test_a_compiled_sprint_makes_the_same_steps_and_is_not_the_last(data):
    even = data[:32]  # two batches of one shape
    runs = [sprints.Sprint(even, sprints.TOGETHER | SMALL | more, 0, 60.0)
            for more in ({"compiled": True}, {}, {"compiled": True})][1:]
    plain, compiled = ([run.run_epoch() for _ in range(3)] for run in runs)
    assert compiled == pytest.approx(plain, rel=3e-3) and plain[-1] < plain[0]
    assert runs[1].compiling > 0 == runs[0].compiling


@pytest.mark.parametrize("change", [{}, sprints.TOGETHER, {"batches": "by error"}, {"muon": 0.02}, None])
def test_a_sprint_takes_its_seconds_and_lowers_the_error(data, change, monkeypatch):
    monkeypatch.setattr(sprints, "load_data", lambda name: data)
    ticks = count()  # a clock that says the same on every machine: a hundredth of a second for an epoch
    monkeypatch.setattr(sprint_runs, "time", SimpleNamespace(process_time=lambda: next(ticks) / 100))
    rows = {}
    change = change and change | SMALL
    sprints.sprint("pulse", {"a": change}, 0, 1.0, rows.__setitem__)
    course = np.array(rows["a"]["course"])
    assert rows["a"]["seconds"] == pytest.approx(1.0, abs=0.02) and rows["a"]["steps"] >= 100
    assert (np.diff(course[:, 0]) > 0).all() and course[-1, 1] == rows["a"]["e1"] < 0.9 * course[0, 1]


def test_half_of_the_seconds_and_times_kept_apart(data, monkeypatch):
    monkeypatch.setattr(sprints, "load_data", lambda name: data)
    ticks = count()
    monkeypatch.setattr(sprint_runs, "time", SimpleNamespace(process_time=lambda: next(ticks) / 100))
    rows = {}
    sprints.sprint("pulse", {"whole": SMALL, "half": SMALL | {"share": 0.5}, "features": None}, 0, 1.0,
                   rows.__setitem__, "auto")
    assert [rows[name]["seconds"] for name in ("whole", "half", "features")] == pytest.approx([1, 0.5, 1], abs=0.02)
    assert all(0 < row["held"] < 2 and row["held"] != row["e1"] for row in rows.values())


def test_measuring_goes_on_where_it_stopped(data, tmp_path, monkeypatch):
    monkeypatch.setattr(sprints, "load_data", lambda name: data)
    monkeypatch.setattr(sprints, "ROUNDS", {
        "one": sprints.Round(0.1, ("euler", "burgers"), (0, 1), {"a": SMALL, "b": None})})
    path = tmp_path / "record.json"
    assert set(sprints.missing(sprints.measure(path, ("euler",)))) == {("one", "burgers", 0), ("one", "burgers", 1)}
    before = sprints.measure(path)
    monkeypatch.setattr(sprints, "sprint", None)  # another run would fail
    assert sprints.measure(path) == before == json.loads(path.read_text()) and not sprints.missing(before)


def test_the_record_is_of_rows_that_are_wanted(record):
    wanted = {sprints.key(what, name, seed, variant) for (what, name, seed), variants in
              sprints.missing({"rows": {}}).items() for variant in variants}
    assert set(record["rows"]) <= wanted
    for key, row in record["rows"].items():
        what, _, _, variant = key.split(", ", 3)
        assert row["change"] == sprints.ROUNDS[what].variants[variant]
        seconds = sprints.ROUNDS[what].seconds * (row["change"] or {}).get("share", 1)
        assert seconds <= row["seconds"] < 1.2 * seconds and ("held" in row) == sprints.ROUNDS[what].apart


def test_sentences_and_tables_follow_the_numbers(record):
    def row(seconds, *errors):
        course = [[seconds * (i + 1) / len(errors), error] for i, error in enumerate(errors)]
        return {"seconds": seconds, "e1": errors[-1], "course": course}

    rows = {}
    for name in SETS:
        for variant, errors in zip(sprints.LAST, ((0.1, 0.02), (0.1, 0.01), (0.02, 0.004)), strict=True):
            rows[sprints.key("final", name, 0, variant)] = row(30.0, *errors)
    ours = {"rows": rows, "date": "2026-01-01"}
    assert "with 1 of 3 seeds, it ends with 0.20 times the error" in sprint_tables.gain(ours)
    assert "better on each of them" in sprint_tables.gain(ours)
    assert "2.00 times" in sprint_tables.against(ours) and "0.40 times" in sprint_tables.against(ours)
    assert "after 0.50 of the time." in sprint_tables.sooner(ours)
    assert sprint_tables.helped(ours) == sprint_tables.NOTHING
    table = sprint_tables.records(ours)
    assert table.loc["changed LRNR", ("blast waves", f"5e{sprint_tables.HYPHEN}3")] == "30"
    assert table.loc["plain LRNR", ("blast waves", f"5e{sprint_tables.HYPHEN}3")] == f">{sprint_tables.SPACE}30"
    rows[sprints.key("final", "euler", 0, sprints.BEST)] = row(30.0, 0.5, 0.4)
    assert "no better on the blast waves" in sprint_tables.gain(ours)
    assert "never on the blast waves" in sprint_tables.sooner(ours)
    assert sprint_tables.halved(ours) == sprint_tables.NOTHING
    for name in SETS:
        rows[sprints.key("half", name, 0, "plain LRNR")] = row(60.0, 0.01) | {"held": 0.02}
        held = 0.01 if name == "euler" else 0.03
        rows[sprints.key("half", name, 0, sprints.SOONER)] = row(30.0, 0.008) | {"held": held}
    said = sprint_tables.halved(ours)
    assert "0.80 times the error" in said and "0.50 to 1.50 times at the times kept apart" in said
    assert "halved on 1 of 4" in said
    assert all(text.endswith(".") for text in map(sprint_tables.helped, (ours, record)))
    assert sprint_tables.led(ours) == sprint_tables.NOTHING and sprint_tables.led(record).endswith(".")
    for name in sprints.ROUNDS["leads"].names:
        for i, variant in enumerate(sprints.LEADS):
            rows[sprints.key("leads", name, 0, variant)] = row(40.0, 0.01 - 0.0004 * i) | {"compiling": 50.0 + i}
    said = sprint_tables.led(ours)
    assert "Of 8 such changes 6 lower the error" in said and "rate 1e-2" not in said
    assert "compiled step (0.76)" in said and "took 50 to 58 seconds." in said
    assert sprint_tables.long(ours) == sprint_tables.halved_compiled(ours) == sprint_tables.NOTHING
    for name in SETS:
        rows[sprints.key("compiled half", name, 0, "plain LRNR")] = row(50.0, 0.01) | {"held": 0.02}
        rows[sprints.key("compiled half", name, 0, sprints.COMPILED_SOONER)] = row(25.0, 0.007) | {"held": 0.018}
        rows[sprints.key("long", name, 0, sprints.FEATURES)] = row(240.0, 0.002) | {"held": 0.002}
        held = 0.003 if name == "acoustics" else 0.001
        rows[sprints.key("long", name, 0, sprints.COMPILED)] = row(240.0, 0.001) | {"held": held}
    said = sprint_tables.halved_compiled(ours)
    assert "In 25 s" in said and "halved on 4 of 4" in said
    said = sprint_tables.long(ours)
    assert "0.50 times the error" in said and "0.50 to 1.50 times at the times kept apart" in said
    assert "ahead at both on the blast waves, the wave of Burgers and the swirl (3 of 4 waves, one seed)." in said
    rows = {name: value | {"e1": 0.01 if "compiled" in name else 0.011} for name, value in rows.items()}
    assert "Of 8 such changes none lowers" in sprint_tables.led(ours | {"rows": rows})
    assert len(sprint_tables.tried(record)) == sum(len(one.variants) for one in sprints.ROUNDS.values())
