"""Rivals: exact where they must be, within their bytes, chosen without midpoints, and spoken of by their numbers."""

import copy
import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import lrnrbook as lb
from lrnrbook.batches import Batches
from lrnrbook.trainer import new_model
from study.ledger.records import load_measurement
from study.ledger.verdicts import SETS
from study.rivals import (
    figures,
    grids,
    hypernetworks,
    judge,
    linear,
    measure,
    networks,
    page,
    shifted,
    sprint_tables,
    stored,
    stores,
    tables,
    words,
)
from study.rivals.methods import BYTES, RIVALS, SECONDS, TRIALS


@pytest.fixture(scope="module")
def pulses():
    """Two pulses that cross."""
    x, t = (np.arange(192) + 0.5) / 192, np.linspace(0, 1, 41)
    u = [np.exp(-(((x - 0.2 - 0.5 * s) / 0.05) ** 2)) + 0.5 * np.exp(-(((x - 0.8 + 0.5 * s) / 0.05) ** 2)) for s in t]
    return lb.WaveData.from_arrays(t, x, np.stack(u), domain=[0, 1])


@pytest.fixture(scope="module")
def record():
    return load_measurement("benchmark-rivals")


@pytest.mark.parametrize("name", ["euler", "burgers"])
def test_frames_on_the_finest_grid_give_the_data_back_at_their_own_points(name):
    data = lb.load_data(name)[::20]
    model = stores.all_frames(data)
    assert lb.errors(model, data).mean < 1e-3
    assert model.stored == 2 * sum(u.size for u in data.u)


def test_a_rival_is_judged_at_every_fourth_sample_and_at_the_midpoints():
    data = lb.load_data("euler")
    model = linear.pod(data, 20_000, 4)
    found = judge.judged(model, data, "euler")
    assert found["samples"] == pytest.approx(lb.errors(model, data[::4]).mean)
    assert found["midpoints"] == pytest.approx(lb.errors(model, lb.load_data("euler", "midpoints")).mean)


def test_coarser_grids_keep_the_mean():
    frames, coarse = (grids.Frames(lb.load_data("burgers")[::40], coarsen) for coarsen in (1, 4))
    assert coarse.values.shape[2:] == (50, 50)
    assert np.allclose(frames.values.mean((2, 3)), coarse.values.mean((2, 3)))
    with pytest.raises(ValueError, match="coarsen = 3"):
        grids.Frames(lb.load_data("burgers")[::40], 3)


@pytest.mark.parametrize("method", [name for name, rival in RIVALS.items() if not rival.trained])
def test_a_rival_keeps_to_its_bytes_and_more_of_them_make_it_no_worse(method):
    if method in ("rbf", "zfp"):
        pytest.importorskip({"rbf": "ezyrb", "zfp": "zfpy"}[method], reason="the extra `rivals`")
    data, found = lb.load_data("euler")[::2], []
    for size in (20_000, 60_000):
        model = RIVALS[method].make(data, size, **{"coarsen": 4} | {
            key: value for key, value in RIVALS[method].trials[0].items() if key != "coarsen"})
        assert 0 < model.stored <= size
        found.append(lb.errors(model, data).mean)
    assert found[1] <= 1.02 * found[0] < 0.5


def test_straight_lines_or_a_spline_go_through_stored_frames(pulses):
    few = pulses[::8]
    at, lines, spline = (stores.all_frames(few, degree).predict([few[1]])[0] for degree in (1, 1, 3))
    assert torch.equal(at, lines) and torch.allclose(lines, spline)
    slow = lb.WaveData.from_arrays(np.linspace(0, 1, 9), [0.25, 0.75], np.sin(np.linspace(0, 3, 9))[:, None] + [0, 1.0])
    lines, spline = (lb.errors(stores.all_frames(slow[::2], degree), slow).mean for degree in (1, 3))
    assert spline < 0.2 * lines


def test_a_trial_that_does_not_fit_in_the_end_gives_way_to_the_next(monkeypatch):
    made = []

    def make(data, size, coarsen, degree):
        made.append((coarsen, len(data)))
        if coarsen == 1 and len(data) == 81:  # fits without the times that are kept apart
            raise linear.DoesNotFit
        return linear.pod(data, 200_000 // coarsen**3, 8)

    monkeypatch.setitem(RIVALS, "pod", dataclasses.replace(RIVALS["pod"], make=make, trials=(
        {"coarsen": 1, "degree": 3}, {"coarsen": 4, "degree": 3})))
    found = measure.tuned("euler", "pod", 200_000)
    assert found["best"] == found["options"] == {"coarsen": 4, "degree": 3} and made[-2:] == [(1, 81), (4, 81)]


def test_networks_of_other_seeds_are_not_told_apart():
    assert 1.1 < sprint_tables.seeds(load_measurement("benchmark-records")) < words.CLOSE


def test_all_frames_are_beaten_or_not_and_the_page_says_which():
    rows = {f"{name}, frames, {degree}": row("frames", 1e6, 1, 1e-4, 2e-3 / degree)
            for name in SETS for degree in (1, 3)}
    said = words.floor({"rows": rows})
    assert "A cubic spline in time is better on the blast waves, the ring" in said and "below either" in said
    rows["euler, lrnr, 200000, 60"] = row("lrnr", 1e5, 60, 1e-2, 1e-2)
    assert "On the blast waves no LRNR is as good as that" in words.floor({"rows": rows})


def test_what_does_not_fit_says_so():
    with pytest.raises(linear.DoesNotFit, match="100 bytes hold no mode of 2400 cells"):
        linear.pod(lb.load_data("euler"), 100, 1)
    with pytest.raises(linear.DoesNotFit, match="width 4"):
        networks.coordinates(lb.load_data("euler"), 100, 1.0, spread=1.0, rate=1e-3, share=1.0)


def test_shifted_pod_finds_the_two_velocities_and_beats_pod(pulses):
    frames = grids.Frames(pulses)
    found = shifted.velocities(frames.values, np.linspace(0, 1, 41), 2, False)
    assert np.sort(found[:, 0]) == pytest.approx([-0.5, 0.5], abs=0.02)
    ours, pod = shifted.shifted_pod(pulses, 2000, 1, 2), linear.pod(pulses, 2000, 1)
    assert lb.errors(ours, pulses).mean < 0.5 * lb.errors(pod, pulses).mean


def test_a_quadratic_manifold_is_exact_on_a_parabola():
    t, x = np.linspace(-1, 1, 21), np.linspace(0, 1, 100)
    u = t[:, None] * np.sin(2 * np.pi * x) + t[:, None] ** 2 * np.cos(2 * np.pi * x)
    data = lb.WaveData.from_arrays(t, x, u, domain=[0, 1])
    curved, flat = linear.quadratic(data, 700, 1, 0.5, 1e-9), linear.pod(data, 300, 1)
    assert lb.errors(curved, data).mean < 0.02 and lb.errors(flat, data).mean > 0.2


@pytest.mark.parametrize("method", [name for name, rival in RIVALS.items() if rival.trained])
def test_a_network_keeps_to_its_bytes(method, pulses):
    rival, coarsen = RIVALS[method], {"coarsen": 1} if method == "autoencoder" else {}
    model = rival.make(pulses, 40_000, 0.2, **rival.trials[0] | coarsen)
    assert 0 < model.stored <= 40_000 and model.fields == ("u",)
    assert all(u.shape == (192, 1) and u.isfinite().all() for u in model.predict(pulses[:3]))


@pytest.mark.parametrize("kind", [networks.Coordinates, networks.DeepONet])
def test_steps_lower_the_error(kind, pulses):
    batches, found = Batches(pulses, lb.get_recipe("laptop"), 0, torch.device("cpu")), []
    for steps in (2, 200):
        torch.manual_seed(0)
        network = networks.train(kind(1, 1, 24, 1.5), batches, steps, 3e-3)
        found.append(lb.errors(networks.PointModel(network.eval(), lb.Normalisation.of(pulses), ["u"]), pulses).mean)
    assert found[1] < 0.7 * found[0]


@pytest.mark.parametrize(("recipe", "name"), [("laptop", "euler"), ("siren", "burgers"), ("nif", "euler")])
def test_numbers_are_counted_without_building_a_network(recipe, name):
    data, recipe = lb.load_data(name)[::40], lb.get_recipe(recipe, name, width=24)
    assert hypernetworks.count(recipe, data) == sum(p.numel() for p in new_model(data, recipe).parameters())


def test_networks_are_halved_before_they_are_judged(pulses):
    model = networks.deeponet(pulses, 20_000, 0.2, spread=1.0, rate=1e-3, share=1.0)
    assert all(torch.equal(a, a.half().float()) for a in model.network.state_dict().values())


def test_fewer_bits_are_fewer_bytes_and_sixteen_change_little():
    model, data = lb.load_pretrained("burgers", "page"), lb.load_data("burgers")[::20]
    small = lb.truncate(model)[0]
    found = [stored.quantised(small, bits) for bits in (16, 12, 8)]
    sizes, errors = [size for _, size in found], [lb.errors(one, data).mean for one, _ in found]
    assert sizes == sorted(sizes, reverse=True) and errors == sorted(errors)
    assert errors[0] < 1.1 * lb.errors(model, data).mean


def test_every_rival_has_equally_many_trials_and_nothing_is_chosen_at_midpoints(monkeypatch):
    assert {len(rival.trials) / (2 if "degree" in rival.trials[0] else 1) for rival in RIVALS.values()} == {TRIALS}
    loaded = []
    monkeypatch.setattr(measure, "load_data", lambda *what: loaded.append(what) or lb.load_data(*what))
    found = measure.trials("euler", "pod", 50_000)
    assert loaded == [("euler",)]
    least = min(row["heldout"] for row in found["trials"])
    assert next(row for row in found["trials"] if row["heldout"] == least)["options"] == found["best"]


def test_measuring_goes_on_where_it_stopped(tmp_path, monkeypatch):
    made = []
    tasks = {"a": lambda: made.append("a") or {}, "b": lambda: made.append("b") or {}}
    monkeypatch.setattr(measure, "_cheap", lambda record: iter(tasks.items()))
    monkeypatch.setattr(measure, "_small", lambda record: iter(()))
    monkeypatch.setattr(measure, "_networks", lambda most, record: iter({"c": lambda: {}}.items()) if most > 60 else ())
    path = tmp_path / "record.json"
    assert measure.missing(measure.measure(path, 60)) == ["c"]
    assert measure.missing(measure.measure(path)) == [] and made == ["a", "b"]


def test_the_record_is_of_rows_that_are_wanted_and_within_their_budgets(record):
    assert set(record["rows"]) <= set(measure.wanted())
    for name in SETS:
        for method in RIVALS:
            for row in tables.rows_of(record, name, method):
                assert "shipped" in row or row["bytes"] <= row["budget"] in BYTES


def row(method, size, seconds, samples, midpoints):
    return {"bytes": size, "seconds": seconds, "samples": samples, "midpoints": midpoints}


def test_sentences_follow_the_numbers():
    rows = {f"{name}, lrnr, 200000, 60": row("lrnr", 1e5, 60, 1e-2, 1e-2) for name in SETS}
    ours = {"rows": rows}
    assert words.answer(ours, "euler") == words.NOTHING and "not been measured" in words.quick(ours)
    rows |= {f"{name}, zfp, 200000": row("zfp", 1e5, 0.1, 1e-4, 5e-2) for name in SETS}
    assert "LRNR wins by a factor of 5.0. The other method knows the samples" in words.answer(ours, "euler")
    assert words.soon(ours).startswith("After 60 seconds LRNR is better than all that needs no training")
    assert "Not trained for as long yet: Fourier MLP, SIREN, NIF, DeepONet and autoencoder." in words.answer(
        ours, "euler")
    rows["euler, siren, 200000, 60"] = row("siren", 1e5, 60, 4e-3, 5e-3)
    said = words.answer(ours, "euler")
    assert "hypernetwork-SIREN, has 5.00e-3" in said and "LRNR loses by a factor of 2.0." in said
    assert "The other method takes no more bytes and no more seconds." in said
    assert "LRNR is behind on the blast waves. Its error is 2.00 times that of the best" in words.quick(ours)
    rows["euler, lrnr, 200000, 300"] = row("lrnr", 1e5, 300, 1e-3, 1e-3)
    said = words.answer(ours, "euler")
    assert "wins" not in said and "5.0 times the seconds" in said and "LRNR has 1.00e-2 and is behind." in said
    rows["euler, siren, 200000, 60"] = row("siren", 1e5, 60, 4e-4, 5e-4)  # better, in fewer seconds
    assert "LRNR loses by a factor of 2.0." in words.answer(ours, "euler")
    del rows["euler, lrnr, 200000, 300"]
    rows["euler, siren, 200000, 60"] = row("siren", 1e5, 60, 1e-2, 1.05e-2)
    assert "They differ by a factor of 1.05" in words.answer(ours, "euler")
    assert "is level with the best" in words.quick(ours)


def test_more_seconds_are_compared_where_every_network_has_had_them():
    trained = [method for method, rival in RIVALS.items() if rival.trained]
    rows = {f"{name}, {method}, 200000, 300": row(method, 1e5, 300, 1e-3, 1e-3 if method == "lrnr" else 2e-3)
            for name in SETS for method in trained}
    said = words.later({"rows": rows})
    assert said.startswith("If every network has 300 seconds of a core and 200 kB, LRNR is ahead on the blast waves,")
    assert "yet" not in said
    del rows["euler, siren, 200000, 300"]
    said = words.later({"rows": rows})
    assert "ahead on the ring" in said
    assert said.endswith("On the blast waves not every network has been trained for 300 seconds yet.")
    assert words.later({"rows": {}}).startswith("On the blast waves, the ring of sound, the wave of Burgers and the")


def test_trials_that_misled_are_named():
    tried = {"trials": [{"heldout": 3e-2}, {"heldout": None}]}
    ours = {"rows": {"euler, siren, trials": tried, "euler, siren, 200000, 60": row("siren", 1e5, 60, 1e-2, 1e-2)}}
    assert words.misled(ours).startswith("No network is worse")
    longer = {"rows": ours["rows"] | {"euler, siren, 200000, 300": row("siren", 1e5, 300, 4e-1, 4e-1)}}
    assert words.misled(longer).endswith("look here: SIREN on the blast waves (13 times the error).")
    assert "at the samples: SIREN on the blast waves (40 times the error). What suits" in words.worsened(longer)
    assert words.worsened(ours) == "Every network is better, or as good, with more seconds."
    ours["rows"]["euler, siren, 200000, 60"]["samples"] = 8e-2
    assert "SIREN on the blast waves (2.7 times the error)" in words.misled(ours)
    longer["rows"] |= {f"burgers, siren, 200000, {n}": row("siren", 1e5, n, n / 1e3, n / 1e3) for n in (60, 300)}
    assert "SIREN on the blast waves and the wave of Burgers (up to 5.0 times the error)" in words.worsened(longer)


def test_sizes_are_compared_at_equal_seconds():
    rows = {f"{name}, lrnr, {size}, 60": row("lrnr", size, 60, 1e-2, 1e-2 if size == 200_000 else 2e-2)
            for name in SETS for size in BYTES}
    rows["burgers, lrnr, 1000000, 60"] = row("lrnr", 1e6, 60, 1e-3, 1e-3)
    said = words.sized({"rows": rows})
    assert said.startswith("If all sizes have equally many seconds, after 60 seconds LRNR is best within 200 kB on the")
    assert said.endswith(" and within 1 MB on the wave of Burgers.") and "300" not in said
    del rows["euler, lrnr, 50000, 60"]
    rows["burgers, nif, 1000000, 60"] = row("nif", 1e6, 60, 4e-3, 4e-3)
    assert words.least({"rows": rows}).endswith("that of the best other network is 0.25 on the wave of Burgers.")
    assert "blast" not in words.sized({"rows": rows}) and words.sized({"rows": {}}) == words.NOTHING


def test_sentences_on_kinds_of_rivals_follow_the_numbers(record):
    changed = copy.deepcopy(record)
    assert "better than POD in as many bytes on" not in words.shifted({"rows": {}})
    for key, found in changed["rows"].items():
        if ", shifted, " in key and "midpoints" in found:
            found["midpoints"] = 1.0
    assert words.shifted(changed) == "Shifted POD is on no wave better than POD in as many bytes."
    for key, found in changed["rows"].items():
        if ", quadratic, " in key and "midpoints" in found:
            found["midpoints"] = 1e-9
    assert "better than POD on the blast waves" in words.curved(changed)
    full = {"rows": dict.fromkeys(measure.wanted(), {})}
    assert words.gaps(full).startswith("All ") and f"networks at {SECONDS[-1]} seconds" in words.gaps({"rows": {}})
    assert words.keep({"rows": {}}).startswith("No shipped") and words.tiny({"rows": {}}).startswith("None")


def test_the_page_has_every_figure_and_every_sentence(record):
    drawn = page.figures(record)
    assert set(drawn) == {"rivals-bytes", "rivals-seconds", "rivals-small"} and not plt.get_fignums()
    labels = {text.get_text() for text in drawn["rivals-bytes"].axes[0].texts}
    assert labels >= {"LRNR", "POD", "frames, zfp"}
    said = page.values(record)
    assert all(text.endswith(".") for name, text in said.items() if len(text) > 60)
    assert tables.costs(record, 200_000).shape == (len(RIVALS), 2 * len(SETS))
    assert tables.standing(record, 200_000).shape == (len(SECONDS) * len(SETS), 3)
    assert len(tables.errors(record, 200_000)) == len(tables.strengths()) == len(RIVALS)


def test_labels_are_moved_apart_and_stay_in_order():
    values = np.random.default_rng(0).random(9)
    places = figures.spaced(values, 0.2)
    assert np.diff(np.sort(places)).min() > 0.2 - 1e-9 and (np.argsort(places) == np.argsort(values)).all()

