"""The comparison of forecasts knows its floor and repeats."""

from study.hypermodes.forecasts import forecast_errors


def test_the_comparison_has_a_floor_and_repeats():
    row = forecast_errors("euler")
    assert len(row["t"]) == len(row["linear"]) == len(row["model"]) and row["model"][-1] < row["linear"][-1]
    assert row["linear"][-1] < row["persistence"][-1]
    assert row == forecast_errors("euler")
