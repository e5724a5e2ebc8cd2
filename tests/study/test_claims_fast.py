"""Claims about FastLRNR: their rules on records made for the purpose; tables and figures of the shipped records."""

import numpy as np
import pytest
import torch

import lrnrbook as lb
from study.fast import claims as claims_fast
from study.fast import figures as plots_fast
from study.fast import measure as benchmark_fast
from study.fast import tables as tables_fast
from study.instruments.states import dimension
from study.instruments.tables import WAVES
from study.ledger.records import load_measurement
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, SETS


def speed(slope=0.0, gain=1.0, operations=1000, backward=10.0):
    """Record of networks whose fast version grows like M^slope and gains `gain` of what is counted."""
    row = {}
    for m in (256, 1024, 4096):
        fast = 1e-3 * (m / 256) ** slope
        row[str(m)] = {"fast": {"seconds": fast}, "full": {"seconds": gain * fast * m / 32},
                       "value": [m * operations // 32, operations]}
    return {"width": row, "gradients": {"M 1200, r 150, rank 64": {"full": backward, "fast": 1.0}}}


def gradients(error):
    keys = [f"rank {k}, {p}, along {a} hypermodes" for a in (0, 9) for p in ("1 piece", "4 pieces") for k in (48, 64)]
    rows = {key: {"values": 1e-3 if "48" in key else 1e-5, "t": error, "modes": error, "s": 1.0} for key in keys}
    return {"gradients": {f"{name}, laptop": rows for name in SETS}, "fits": {f"{name}, laptop": {
        "chebyshev": {"51": {"together": 1e-5}}} for name in SETS}, "rows": {}}


@pytest.fixture
def records(monkeypatch):
    def use(**changes):
        made = {"benchmark-speed": changes["speed"], "benchmark-fastlrnr": changes.get("fast", gradients(1e-4))}
        monkeypatch.setattr(claims_fast, "load_measurement", made.__getitem__)
        monkeypatch.setattr(claims_fast, "needed", lambda *_: None)
    return use


@pytest.mark.parametrize(("slope", "verdict"), [(0.0, REPRODUCED), (-0.05, REPRODUCED),
                                                (0.3, PARTLY)])
def test_cost_must_not_know_the_width(records, slope, verdict):
    records(speed=speed(slope))
    assert claims_fast.c1_4().verdict == verdict


@pytest.mark.parametrize(("error", "backward", "verdict"), [
    (1e-4, 10.0, REPRODUCED), (1e-2, 10.0, PARTLY), (1e-4, 2.0, PARTLY), (1e-2, 2.0, NOT)])
def test_gradients_must_be_right_and_fast(records, error, backward, verdict):
    records(speed=speed(backward=backward), fast=gradients(error))
    assert claims_fast.c1_5().verdict == verdict


@pytest.mark.parametrize(("gain", "verdict"), [(0.9, REPRODUCED), (0.3, PARTLY)])
def test_time_must_follow_the_operations(records, gain, verdict):
    records(speed=speed(gain=gain))
    assert claims_fast.c6_6().verdict == verdict


def test_tables_say_what_the_records_say():
    fast, timed = load_measurement("benchmark-fastlrnr"), load_measurement("benchmark-speed")
    row = fast["rows"]["euler, laptop, float64, deim, 1 piece"]["48"]
    assert tables_fast.errors(fast, ", 1 piece").loc["euler, deim", "rank 48"].startswith(
        f"{np.median(row['errors']):.2e}"[:4])
    full, quick = (timed["width"]["8192"][kind]["seconds"] for kind in ("full", "fast"))
    assert tables_fast.width(timed).loc[8192, "time, full / fast"] == f"{full / quick:.1f}"
    for table in (tables_fast.paper, tables_fast.one_value, tables_fast.gradients, tables_fast.build):
        assert len(table(timed)) >= 2
    found = tables_fast.gradient_errors(fast, ranks=(48,))
    rows = [fast["gradients"][f"{name}, laptop"]["rank 48, 1 piece, along 0 hypermodes"]["t"] for name in SETS]
    assert float(found.loc["laptop, rank 48, 1 piece, states alone", "t"]) == pytest.approx(
        np.prod(rows) ** 0.25, rel=0.01) and len(found) == 8
    assert list(tables_fast.fits(fast).index) == list(SETS)


def test_states_are_counted_and_drawn():
    record = load_measurement("benchmark-fastlrnr")
    row = record["states"]["euler, short"]
    middle = np.median(row["counts"], axis=1)
    drawn = [sum(v > 1e-4 for v in layer) for layer in row["values"]]
    assert np.abs(middle - drawn).max() <= 3, "of the median of the values, and median of the counts"
    fig = plots_fast.plot_states(record, {"LRNR": "short", "NIF": "nif"})
    assert len(fig.axes) == 4 and [len(ax.lines) for ax in fig.axes] == [3] * 4


@pytest.mark.parametrize("plot", [plots_fast.plot_ranks, plots_fast.plot_smooth, plots_fast.plot_fits])
def test_figures_show_every_set(plot):
    fig = plot(load_measurement("benchmark-fastlrnr"))
    assert [ax.get_title() for ax in fig.axes] == [WAVES[name] for name in SETS]
    assert all(len(ax.lines) >= 5 for ax in fig.axes) and fig.axes[0].get_legend()


def test_speed_over_width_and_rank():
    left, right = plots_fast.plot_speed(load_measurement("benchmark-speed")).axes
    assert [len(line.get_xdata()) for line in left.lines] == [4, 6, 6, 1] and len(right.lines) == 1


def test_states_of_the_record_are_those_of_the_shipped_models():
    found = benchmark_fast._dimensions(None, ("euler", "page"))["euler, page"]
    model = lb.load_pretrained("euler", "page").double()
    with torch.no_grad():
        z = model.states([[0.5]], model.coefficients(np.linspace(*model.times, 201)))[1]
    assert found["counts"][1][4] == int(dimension(z, 1e-4)[0])  # the fifth of nine points is in the middle
    again = benchmark_fast._dimensions(None, ("euler", "short"))["euler, short"]
    assert again["counts"] == load_measurement("benchmark-fastlrnr")["states"]["euler, short"]["counts"]


def test_networks_to_compare_with_are_trained_once(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark_fast, "load_record", lambda *_: {"epochs": 1})
    monkeypatch.setitem(benchmark_fast.VARIANTS, "smooth", ("smoke", {"hyper_output": "linear"}, "short"))
    model, e2 = benchmark_fast._trained(tmp_path, ("euler", "smooth"))
    path = tmp_path / "euler-smooth-0.safetensors"
    before = path.stat().st_mtime_ns
    again, same = benchmark_fast._trained(tmp_path, ("euler", "smooth"))
    assert model.hyper.output == "linear" and e2 == same > 0 and path.stat().st_mtime_ns == before
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
