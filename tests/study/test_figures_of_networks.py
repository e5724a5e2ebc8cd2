"""Figures that compare networks and ablations: made from the shipped models and records."""

import matplotlib.pyplot as plt
import pytest

import lrnrbook as lb
from study.ingredients import figures as plots_networks
from study.ledger.models import load_pretrained
from study.ledger.records import load_measurement


@pytest.fixture(scope="module")
def models():
    return {"LRNR": load_pretrained("euler", "short"), "NIF": load_pretrained("euler", "nif")}


def test_each_network_has_a_row_and_each_time_a_column(models):
    zooms = [{"t": 0.01, "x": (0.2, 0.4)}, {"t": 0.0285, "x": (0.6, 0.8)}]
    fig = plots_networks.plot_networks(models, lb.load_data("euler"), "pressure", zooms)
    assert len(fig.axes) == 4 and fig.axes[2].get_ylabel() == "NIF" and fig.axes[2].get_xlabel() == "x"
    first, second = fig.axes[0].lines
    assert abs(first.get_ydata().max() / second.get_ydata().max() - 1) < 0.5
    assert not plt.get_fignums()


def test_singular_values_fall_from_one_and_the_low_rank_ends_them(models):
    fig = plots_networks.plot_singular_values({"euler": models})
    low, dense = (line.get_ydata() for line in fig.axes[0].lines[:2])
    assert low[0] == dense[0] == 1 and low[-1] < 1e-5 < dense[len(dense) // 2]


def test_sweeps_and_courses_show_what_the_record_says():
    record = load_measurement("ablations")
    fig = plots_networks.plot_sweeps(record, {"output": ["Adam", "linear output"]}, ("euler", "burgers"))
    rows = [record["rows"][f"linear output | euler | {seed}"] for seed in range(3)]
    kept = sum(row["kept"] / row["coefficients"] for row in rows) / 3
    assert fig.axes[0].lines[0].get_xdata()[-1] == pytest.approx(kept)
    fig = plots_networks.plot_courses(record, {"a": "long", "b": "long, MSE"}, "euler")
    assert [text.get_text() for text in fig.axes[0].get_legend().get_texts()] == ["a", "b"]
