"""What pages say of numbers: the better method, the best of a race, the ratio of two errors."""

import numpy as np
import pandas as pd
import pytest
from examples import travelling_bump

from lrnrbook.datasets import load_data
from study.evidence import costs, records
from study.evidence.claims import check
from study.far import words as far
from study.ingredients import page as ingredients
from study.ledger.models import load_record
from study.ledger.records import load_measurement
from study.ledger.verdicts import SETS
from study.own import figures as own
from study.training import page as training


@pytest.mark.parametrize(("network", "pod", "said"), [
    (1.0, 3.0, "network is the better choice: its error is 3.0 times"), (3.0, 1.0, "POD is the better choice"),
    (1.0, 1.05, "equally far off")])
def test_the_page_recommends_what_has_the_smaller_error(network, pod, said):
    assert said in own.answer(pd.DataFrame({"held-out error": [network, network, pod]}))


def test_a_front_jumps_by_the_cells_between_two_frames():
    data = travelling_bump()
    cells = 0.6 / (2 / 59)  # speed, over the width of a cell
    assert own.jump(data, 2, 7) == pytest.approx(0.5 * cells, abs=1) and own.jump(data, 7, 2) == own.jump(data, 2, 7)


def test_the_best_of_a_race_is_the_one_with_the_least_error():
    rows = {"good": {"e1": {"u": 1e-3}}, "bad": {"e1": {"u": 4e-3}}}
    assert records._race({"rows": rows, "seconds": 9}, "x", "euler")[1:] == (
        "mean E1 1.0e-03 after 9 s: good", "4.0 times smaller than the worst")


def test_ratios_of_errors_and_steps_are_the_right_way_round():
    told = records._step({"data": "x", "fraction": {"flops": 0.4},
                          "seconds": {"one thread": 1.0, "two runs side by side, one thread each": 1.25}})
    assert told[-1] == "1.60 times the steps with two runs side by side"
    rows = {key: {"e2": {"pressure": error}}
            for key, error in (("laptop recipe (SOAP)", 1e-3), ("Adam 1e-3", 4e-3), ("Adam", 2e-3))}
    assert records._training({"rows": rows, "seconds": 60})[-1] == "2.0 times smaller than that of the better Adam"
    rows = load_measurement("race-weights-euler")["rows"]
    error = {name: sum(row["e1"].values()) for name, row in rows.items()}
    ratio = error["rank x rank side preconditioned only"] / error["laptop recipe"]
    assert costs._weights()["short"] == f"{ratio:.2f}"


def test_why_no_rival_needs_three_times_as_many_directions():
    """SIREN and NIF are too narrow for it, and their hypernetworks too; the dense network is less accurate."""
    found = {name: str(value) for name, value in check("C6-2").numbers.items() if ": dimension, of LRNR" in name}
    assert len(found) >= 2 * len(SETS) and check("C6-2").numbers["median ratio, dense"] < 1
    for name, value in found.items():
        (_, ours), ratio = (part.split(", ") if "," in part else part for part in value.split("; "))
        wave, kind = name.split(":")[0].split(", ")
        if kind == "dense":
            assert float(ratio) > 1
        else:
            assert load_record(wave, kind)["recipe"]["width"] < 3 * float(ours)
    for name in SETS:
        most = 3 * load_record(name, "short")["modes"]
        siren, nif = (load_record(name, kind)["recipe"] for kind in ("siren", "nif"))
        assert siren["hyper_width"] + 1 < most and nif["bottleneck"] + 1 < most


def test_the_orthogonality_penalty_is_near_its_least_long_before_the_switch_and_rises():
    for kind in ("trial_printed", "trial_restarted"):
        history = load_record("euler", kind)["history"]
        epoch, penalty = np.array(history["epoch"]), np.array(history["r_ortho"])
        early = penalty[np.searchsorted(epoch, history["switch_epoch"] - 500)]
        assert early < 1.1 * penalty.min() and penalty[-1] > 1.02 * penalty.min()


def test_blurred_data_are_learnt_sooner_but_not_their_sharp_selves():
    found = {name: [float(epoch) for epoch in value.split(", ")] for name, value in check("C4.2-2").numbers.items()
             if name.startswith("epochs to MSE 0.005 on")}
    loss, data = ([found[f"epochs to MSE 0.005 on the {what}, {kind} mollifier"] for kind in ("with", "without")]
                  for what in ("loss", "data"))
    assert max(loss[0]) < 0.5 * min(loss[1]) and np.median(data[0]) > 0.95 * np.median(data[1])


def test_far_steps_are_counted_as_they_are(monkeypatch):
    def rows(*variations):
        return [{"size": 1.0, "eta": None if v is None else 1.0, "variation": v or 0.0} for v in variations]

    records = {"extrapolation": {"steps": rows(0.05, 1.0, None), "path": {"LRNR": rows(1.0, 2.0), "SIREN": rows(9.0)}},
               "autoencoders": {"path": [*rows(1.0, 2.0), {"size": 0.5, "eta": 1.0, "variation": 9.0}]}}
    monkeypatch.setattr(far, "record_of", lambda what, name, seed: records[what])
    assert "of the largest steps 50 %, depending on the wave" in far.vanished()
    assert far.along_paths().startswith("Along its own path LRNR crosses the line in 2 of its 4 steps. Of the largest "
                                        "steps of the others 2 of 2 of SIREN and 2 of 4 of the autoencoder do")


def test_runs_with_fewer_coefficients_are_compared_step_by_step():
    said = training._fewer()
    pruned, fewer = load_record("acoustics"), load_record("acoustics", "truncated")
    steps = f"{fewer['steps'] / pruned['steps']:.2f}"
    assert f" on the ring of sound, after {steps} times as many steps; " in said


def test_cuts_of_the_blur_are_counted():
    assert ingredients._cuts({"printed: changes of the kernel; of them": "16; 16; 6; -1; 0.7", "seeds": "3",
                              "restarted: changes of the kernel; of them": "16; 15; 13; -1; 0.4"}) == (
        "With the schedule as printed it rises at 16 of 16 cuts, and comes down after 6; with "
        "the restarted one it rises at 15 of 16 cuts, and comes down after 13.")


def test_more_modes_are_stable_on_burgers_wave():
    stable = {name: str(value) for name, value in check("C5.2-3").numbers.items() if "stable modes" in name}
    counts = {name.split(":")[0]: len([mode for mode in value.split(";")[0].split(",") if mode.strip().isdigit()])
              for name, value in stable.items()}
    assert counts["burgers"] > counts["euler"] >= 1


def test_waves_on_which_a_penalty_is_felt_are_named():
    what = "relative difference of s; by one rounding unit of one weight"
    numbers = {f"trial, euler: {what}": "1.0e-04; 2.0e-04", f"trial, burgers: {what}": "1.3e-05; 1.0e-06",
               f"trial, advection: {what}": "9.0e-06; 1.0e-07", f"acoustics: {what}": "1.0e-02; 1.0e-07"}
    assert ingredients._felt(numbers) == (
        "In the fair trial it moves the coefficients of the wave of Burgers, where they change by one part in 80000.")
    assert ingredients._felt({}).endswith("on no wave.")


def test_on_the_blast_waves_pod_needs_a_mode_for_every_frame():
    assert load_measurement("benchmark-pod")["rows"]["euler"]["equal"] == len(load_data("euler"))
