"""The page on the trials: landmarks of a run, and a sentence for each outcome."""

import math

import pandas as pd

from study.sizes import words
from study.sizes.figures import plot_schedules
from study.sizes.portraits import course


def record(floor=400, switch=150, end=2e-3, mse=4e-4):
    """A run of 1000 epochs: blur gone at 500, rate at its floor from `floor` on."""
    epoch = list(range(0, 1001, 50))
    sharp = [[500, 4e-3, 1e-3], [1000, end, mse]]
    return {"epochs": 1000, "history": {
        "epoch": epoch, "misfit": [1 / (1 + k) for k in epoch], "q": [2 if k < 150 else 1 for k in epoch],
        "learning_rate": [1e-3 if k < floor else 4.9e-7 for k in epoch],
        "mollifier_radius": [max(0, 0.02 - 4e-5 * k) for k in epoch], "switch_epoch": switch,
        "cuts": [[100, 0.1, 0.2], [300, 0.1, 0.2]], "evaluations": [[300, 8e-3, 5e-3], [400, None, None], *sharp]}}


def test_landmarks_are_where_they_were_put():
    assert course(record()) == {"switch": 150, "before": 1 / 101, "floor": 400, "sharp": 500, "mse": 4e-4,
                                "at sharp": 4e-3, "end": 2e-3}
    assert math.isinf(course(record(floor=5000))["floor"]) and math.isinf(course(record(switch=None))["switch"])


def portraits(kept="43 %", linear="92 %", modes=20, full="2.00e-3", cut="2.00e-3"):
    names, error = (words.PRINTED, words.RESTARTED), ("E1 between them", "E1 between them, truncated")
    rows = {"coefficients kept": kept, "linear coefficients": linear, "hypermodes": modes}
    ours = {"coefficients kept": "50 %", "linear coefficients": "42 %", "hypermodes": 11}
    return pd.DataFrame({"laptop": ours | dict.fromkeys(error, "2.00e-3")}
                        | dict.fromkeys(names, rows | dict.fromkeys(error, "4.00e-3"))
                        | {words.FULL: rows | dict(zip(error, (full, cut), strict=True))})


def likeness(trial, laptop, others=0.9, third=math.nan):
    rows = {}
    for name, value in (("trial_printed", trial), ("trial_restarted", trial), ("laptop", laptop)):
        last = {"mode 3": 0.95 if name == "laptop" else third}
        rows["euler", name, "own start"] = {"mode 1": 1.0, "mode 2": value} | last
        rows["euler", name, "other starts"] = {"mode 1": 1.0, "mode 2": others} | last
    return pd.DataFrame.from_dict(rows, orient="index")


def said(printed=None, restarted=None, table=None, alike=None, full=None):
    found = {words.PRINTED: printed or record(end=8e-3), words.RESTARTED: restarted or record(),
             words.FULL: full or record()}
    table = portraits() if table is None else table
    return words.sentences(found, table, likeness(0.1, 0.9) if alike is None else alike)


def test_each_outcome_has_its_sentence():
    first = said()
    assert "epochs 150 and 150, sooner than" in first["reached"] and "the best have 9.90e-3" in first["reached"]
    assert "both get there too" in first["data-reached"]
    assert "by epoch 400, when the blur has shrunk by 80 %" in first["floor"] and "4.0 times smaller" in first["gain"]
    assert "not both downwards" in said(record(end=5e-3))["steady"]
    assert "Not every run" in said(printed=record(switch=None))["reached"]
    assert "later than" in said(record(switch=6000), record(switch=7000))["reached"]
    assert "schedule restarted gets there" in said(printed=record(mse=1e-2))["data-reached"]
    assert "neither run" in said(record(mse=1e-2), record(mse=1e-2))["data-reached"]
    assert "never reaches" in said(printed=record(floor=5000))["floor"]
    assert "changes little" in said(printed=record())["gain"]
    assert "both errors fall on, by 50 %" in said(record())["steady"]
    assert first["modes-said"].startswith("Yes") and said(table=portraits(modes=12))["modes-said"].startswith("Hardly")
    assert first["kept-said"].startswith("Yes") and "Not to" in said(table=portraits(kept="80 %"))["kept-said"]
    assert first["lines"].startswith("Most") and "Not here" in said(table=portraits(linear="30 %"))["lines"]
    start = "In the run as printed and the restarted run the network has 2 temporal modes that count before training"
    assert first["start-said"].startswith(start) and "has not kept them all" in first["start-said"]
    assert "0.90 in the laptop network (0.90 with other starts). It is no larger" in first["start-said"]
    assert "still has them" in said(alike=likeness(0.9, 0.9))["start-said"]
    assert said(alike=likeness(0.9, 0.9, 0.2))["start-said"].endswith("Something of it is left in the laptop network.")
    assert said(alike=likeness(0.9, 0.9, third=0.8))["start-said"].startswith("Networks that start with all modes")


def test_the_run_of_the_papers_size_is_held_against_the_smaller_one_and_the_laptop():
    first = said()["full-said"]
    assert first.startswith("The misfit changes at epoch 150, and after the blur is gone the error falls on by 50 %.")
    assert first.endswith("2.0 times smaller than that of the smaller network (4.00e-03), and about the laptop "
                          "network's (2.00e-03).")
    assert "no more than 1.5 times smaller than" in said(table=portraits(full="3.90e-3"))["full-said"]
    assert "1.9 times larger than the laptop" in said(table=portraits(full="3.90e-3"))["full-said"]
    assert "4.0 times smaller than the laptop" in said(table=portraits(full="5.00e-4"))["full-said"]
    assert "never reaches" in said(full=record(switch=None))["full-said"]
    found = words.inside(portraits())
    assert "(at the paper's own size 43 %)" in found["kept-said"] and "size 92 %)" in found["lines"]
    assert "size" not in words.inside(portraits().drop(columns=words.FULL))["modes-said"]


def test_what_truncation_costs_is_said():
    assert "changes the error of none" in said()["cut-said"]
    dear = said(table=portraits(cut="6.00e-3"))["cut-said"]
    assert "by 3.0 in the network called \"paper's size, paper's recipe\"; the others change by less than 1 %." in dear


def test_the_figure_has_a_line_for_each_run_and_cut():
    rate, misfit, error = plot_schedules({"one": record(), "two": record()}).axes
    assert len(rate.lines) == 2 + 4 and len(misfit.lines) == 2 + 4 and len(error.get_lines()) == 2 + 4
    assert [text.get_text() for text in rate.get_legend().get_texts()] == ["one", "two"]
