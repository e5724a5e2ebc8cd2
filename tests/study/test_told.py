"""What pages say of numbers: the better method, the best of a race, the ratio of two errors."""

import pandas as pd
import pytest
from examples import travelling_bump

from study.evidence import costs, records
from study.ledger.records import load_measurement
from study.own import figures as own


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
        "mean E1 1.0e-03 after 9 s: good", "4.0 times less than the worst")


def test_ratios_of_errors_and_steps_are_the_right_way_round():
    told = records._step({"data": "x", "fraction": {"flops": 0.4},
                          "seconds": {"one thread": 1.0, "two runs side by side, one thread each": 1.25}})
    assert told[-1] == "1.60 times the steps with two runs side by side"
    rows = {key: {"e2": {"pressure": error}}
            for key, error in (("laptop recipe (SOAP)", 1e-3), ("Adam 1e-3", 4e-3), ("Adam", 2e-3))}
    assert records._training({"rows": rows, "seconds": 60})[-1] == "2.0 times less than the better Adam"
    rows = load_measurement("race-weights-euler")["rows"]
    error = {name: sum(row["e1"].values()) for name, row in rows.items()}
    ratio = error["rank x rank side preconditioned only"] / error["laptop recipe"]
    assert costs._weights()["short"] == f"{ratio:.2f}"
