"""Claims of sections 1, 3 and A on networks that must fail, slips, figures, the benchmark's record."""

import json

import numpy as np
import pytest

from study.ledger.verdicts import CANNOT, NOT, PARTLY, REPRODUCED
from study.theory import claims as cc
from study.theory import figures as plots_constructions
from study.theory import measure as benchmark_constructions
from study.theory import printed_formulas as slips
from study.theory.conservation import FLUXES, PROFILES, track
from study.theory.constructions import printed_wave
from study.theory.entropy import film_strip, front_network


def test_a_network_with_the_printed_velocity_part_fails(monkeypatch):
    assert cc.CLAIMS.checks["C3-1"]().verdict == REPRODUCED
    monkeypatch.setattr(cc, "wave_test", lambda dim, c=1.5, build=None, real=cc.wave_test: real(dim, c, printed_wave))
    assert cc.CLAIMS.checks["C3-1"]().verdict == NOT


def test_a_strip_of_frames_is_not_linear_in_time(monkeypatch):
    strip = film_strip([0, 0.5, 1], [[0, 1, 0], [0, 2, 0], [0, 3, 0]], 1.0)
    assert cc.CLAIMS.checks["C1-2"]().verdict == REPRODUCED
    monkeypatch.setattr(cc, "theorems", lambda: {"strip": strip})
    assert cc.CLAIMS.checks["C1-2"]().verdict == NOT


def rows_of(rate, count=5, shocks=(0.1,)):
    return [{"width": w, "error": w**-rate, "count": count, "shocks": list(shocks)} for w in (10, 100, 1000)]


@pytest.mark.parametrize(("fronts", "verdict"), [
    (rows_of(1.0), REPRODUCED), (rows_of(0.3), NOT), (rows_of(0.5, count=13), NOT),
    (rows_of(0.5, shocks=(3.0,)), PARTLY), (rows_of(0.5, shocks=(None, 0.1)), PARTLY)])
def test_entropy_networks_are_judged_by_rate_count_and_shocks(monkeypatch, fronts, verdict):
    bad = rows_of(0.1)
    monkeypatch.setattr(cc, "row", lambda key: {"fronts": fronts, "particles": bad, "film strip": bad})
    assert cc.CLAIMS.checks["C3-5"]().verdict == verdict


@pytest.mark.parametrize(("ratio", "verdict"), [(1.5, REPRODUCED), (5.0, PARTLY), (50.0, NOT)])
def test_learned_networks_are_judged_by_the_best_of_five(monkeypatch, ratio, verdict):
    rows = [{"e1": 0.01 * ratio * k, "built": 0.01, "built count": 4, "count": 4} for k in (1, 2, 3, 4, 5)]
    monkeypatch.setattr(cc, "learned", lambda name, theorem, activation: rows)
    assert cc.CLAIMS.checks["C3-6"]().verdict == verdict
    monkeypatch.setattr(cc, "learned", lambda name, theorem, activation: rows[:3])
    assert cc.CLAIMS.checks["C3-6"]().verdict == CANNOT


def test_slips_have_an_effect_as_printed_and_none_corrected():
    free, standing = slips.free_direction(), slips.standing_wave()
    assert free["printed"] > 5 and free["right"] < 1e-3
    assert standing["printed"] == pytest.approx(4) and standing["right"] == pytest.approx(1)
    assert slips.common_factor(1.0) < 1e-12 and slips.common_factor(2.0) == pytest.approx(0.5)
    assert slips.step_norm(1e-9)["norm"] < 1e-8 and slips.step_norm(1e-9)["change"] == 0


def test_figures_name_their_axes_and_counts():
    model = front_network(track(FLUXES["burgers"], PROFILES["mergers"], 0.1, 0.7), 0.7)
    fig = plots_constructions.plot_gallery({"Burgers": model, "again": model})
    titles = [ax.get_title() for ax in fig.axes if ax.get_title()]
    assert [title[-5:] for title in titles] == ["n = 4", "n = 5", "n = 5", "n = 4", "n = 5", "n = 5"]
    for figure in (plots_constructions.plot_sampling(), plots_constructions.plot_energy(),
                   plots_constructions.plot_learned(), plots_constructions.plot_entropy_rates()):
        assert all(ax.lines for ax in figure.axes) and figure.axes[0].get_ylabel()


def test_the_benchmark_goes_on_where_it_stopped(tmp_path, monkeypatch):
    calls = []

    def measure(k):
        calls.append(k)
        if k == 2:
            raise KeyboardInterrupt
        return {"value": k}

    monkeypatch.setattr(benchmark_constructions, "_tasks", lambda: ((f"row | {k}", measure, (k,)) for k in (1, 2, 3)))
    path = tmp_path / "record.json"
    with pytest.raises(KeyboardInterrupt):
        benchmark_constructions.measure(path)
    assert json.loads(path.read_text())["rows"] == {"row | 1": {"value": 1}}
    monkeypatch.setattr(benchmark_constructions, "_tasks", lambda: ((f"row | {k}", measure, (k,)) for k in (1, 3)))
    assert set(benchmark_constructions.measure(path)["rows"]) == {"row | 1", "row | 3"} and calls == [1, 2, 3]


def test_the_record_is_what_the_benchmark_measures():
    expected = benchmark_constructions.sampling(2, "stratified", 6)
    assert np.allclose(cc.row("sampling | 2 | stratified | 6")["h1"], expected["h1"], rtol=1e-3)
    built = benchmark_constructions.learning_problem("burgers")
    error = benchmark_constructions.error_of(built[1], built[0])
    assert cc.row("learned | burgers | Thm. 3.4 | relu | 0")["built"] == pytest.approx(error, rel=1e-6)
    known = cc.row("energy | 1 | 2 | True")
    assert np.allclose(benchmark_constructions.energy(1, 2, True)["printed"], known["printed"], rtol=1e-4)


def test_a_shock_is_found_where_the_level_is_crossed():
    x = (np.arange(100) + 0.5) / 100
    u = np.where(x < 0.4, 1.0, 0.2)
    assert benchmark_constructions.shock(x, u, 0.42, 0.1, 0.6) == pytest.approx(0.4, abs=0.01)
    assert np.isnan(benchmark_constructions.shock(x, u, 0.8, 0.1, 0.6))
