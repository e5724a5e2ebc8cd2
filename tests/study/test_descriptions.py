"""Readings: predicates see what they should in made-up perturbations, and the control lowers what chance does."""

import numpy as np
import pytest
from examples import Near, X, pair, square

from study.far import euler as far
from study.instruments import profiles
from study.instruments.descriptions import Moved, directions, flags, found_mode, read, read_time, time_flags, together
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED
from study.steps import euler
from study.steps import plane as two


def blasts(left, right):
    return np.where(left > X, 300 * np.exp((X - left) / 0.2), 1.0) + np.where(right < X, 45.0, 0.0)


def merged(at=0.694, height=800.0, width=0.006):
    """A peak with a rising slope to its left and a falling one to its right."""
    after = 0.5 * (1 + np.tanh((X - at - 0.005) / 0.001))
    left, right = 120 + 100 * np.exp(np.minimum(X - at, 0) / 0.05), 20 + 45 * np.exp(-np.maximum(X - at, 0) / 0.3)
    return left * (1 - after) + right * after + height * np.exp(-(((X - at) / width) ** 2))


def test_blast_fronts_are_found_and_their_distance():
    assert profiles.blast_fronts(X, blasts(0.4, 0.8)) == pytest.approx((0.4, 0.8), abs=1e-3)
    base = blasts(0.4, 0.8)
    assert euler.fronts_close_in(pair(base, blasts(0.41, 0.79)))
    assert not euler.fronts_close_in(pair(base, blasts(0.401, 0.799)))
    assert euler.both_fronts_move(pair(base, blasts(0.41, 0.812)))
    assert not euler.both_fronts_move(pair(base, blasts(0.41, 0.80 - 0.01)))


def test_shifts_are_measured_between_cells():
    for by in (-0.0123, 0.0004, 0.02):
        assert profiles.shift(X, merged(), merged(0.694 + by), 0.6, 0.8) == pytest.approx(by, abs=2e-4)


def test_the_peak_and_what_happens_to_it():
    base = merged()
    found = profiles.peak(X, base)
    assert found["at"] == pytest.approx(0.694, abs=2e-3) and found["left"] < found["at"] < found["right"]
    assert euler.profile_moves(pair(base, merged(0.70))) and not euler.profile_moves(pair(base, merged(0.6945)))
    taller = pair(base, merged(height=1000, width=0.005))
    shape = euler._shape(taller)
    assert shape["height"] > 0.05 and shape["width"] < -0.05 and abs(shape["peak shift"]) < 2e-3
    assert not euler.narrows_and_lowers(taller) and not euler.only_peak_moves(taller)


def ramp(start, length, by):
    return by * np.clip((X - start) / length, 0, 1)


def test_each_change_of_the_merged_peak_is_told_from_others():
    base = merged()
    at = profiles.peak(X, base)
    left, right = at["left"] - 0.004 > X, at["right"] + 0.004 < X
    assert euler.peak_and_slopes_move(pair(base, merged(0.70)))
    assert not euler.peak_and_slopes_move(pair(base, merged(height=1000)))
    rough, taller = 5 * np.sin(60 * X), merged(height=1000, width=0.005)  # see below
    drawn, away = (np.where(at["left"] - 0.002 > X, np.interp(X - by, X, base + rough) - 20, taller)
                   for by in (0.004, -0.004))
    assert euler.raises_and_narrows(pair(base + rough, drawn))
    assert not euler.raises_and_narrows(pair(base + rough, away))
    steeper = np.where(left, base + 0.2 * (base - base[left][-200]), merged(height=700, width=0.005))
    steeper[right] = base[right]
    assert euler.narrows_and_lowers(pair(base, steeper))
    assert not euler.narrows_and_lowers(pair(base, np.where(right, 1.1 * steeper, steeper)))
    assert not euler.narrows_and_lowers(pair(base, np.where(left, 0.9 * base, steeper)))
    wide = merged(height=1000, width=0.007)
    assert euler.raises_and_widens(pair(base, wide - ramp(0.75, 0.001, 15)))
    assert not euler.raises_and_widens(pair(base, wide))


def test_the_middle_widens_and_slopes_move_by_a_ratio():
    still, wide, close = (300.0 * ((X < 0.6 - half) | (X > 0.6 + half)) for half in (0.2, 0.22, 0.18))
    assert euler.middle_widens(pair(still, wide)) and not euler.middle_widens(pair(still, close))
    base = blasts(0.4, 0.8) + 20 * np.sin(40 * X)  # rough: of a bare exponential nobody can tell a shift from a factor
    ends = {70: (0.012, 0.001), 80: (0.004, 0.001)}
    at = {k: Moved(Near(X[:, None], base), np.stack([np.interp(X - by, X, base) for one in two for by in (one, -one)]))
          for k, two in ends.items()}
    assert euler._slope_ratio(at, (1, 1), (2, -1)) == pytest.approx(4, rel=0.2)


def test_far_steps_smooth_lower_and_sharpen():
    base = merged()
    smooth = np.convolve(np.pad(merged(0.72), 40, "edge"), np.ones(81) / 81, "valid")
    assert far.moves_and_smooths(pair(base, smooth))
    assert not far.moves_and_smooths(pair(base, merged(0.72))) and not far.moves_and_smooths(pair(smooth, base))
    assert far.lowers_and_jumps(pair(base, merged(height=600) + ramp(0.5, 0.001, 60)))
    assert not far.lowers_and_jumps(pair(base, merged(height=600)))
    assert not far.lowers_and_jumps(pair(base, merged(height=1000) + ramp(0.5, 0.001, 60)))
    narrow = merged(width=0.005)
    i = int(np.searchsorted(X, profiles.peak(X, narrow)["right"] + 0.004))
    straight = np.where(np.arange(len(X)) > i, narrow[i] - 50 * (X - X[i]), narrow)
    kink = 60 * np.clip(1 - np.abs(X - 0.665) / 0.006, 0, 1)
    assert far.sharpens_with_a_kink(pair(base, straight + kink))
    for lacks in (straight, narrow + kink):
        assert not far.sharpens_with_a_kink(pair(base, lacks))


def test_split_profiles_are_told_from_single_peaks():
    single = merged()
    double = 100 + 500 * np.exp(-(((X - 0.5) / 0.03) ** 2)) + 800 * np.exp(-(((X - 0.8) / 0.03) ** 2))
    early, late = double[None] * 0.9, single[None]
    assert far.splits(pair(single, double), early, late) and not far.splits(pair(single, single), early, late)
    assert not far.splits(pair(single, double), late, early)
    assert far.splits_to_the_right(pair(merged(0.4), double))
    level = double + 150 * np.exp(-(((X - 0.5) / 0.03) ** 2))
    assert not far.splits_to_the_right(pair(merged(0.4), level))


def test_a_reading_needs_the_mode_and_must_beat_chance():
    held = np.zeros(2 * 3 + 100, dtype=bool)
    assert read(held, 2, 3) == {"verdict": NOT, "modes": "none", "control": 0.0, "specific": True}
    held[3] = True
    assert read(held, 2, 3)["verdict"] == REPRODUCED and read(held, 2, 3)["modes"] == "-2"
    assert read(held, 1, 3)["verdict"] == PARTLY
    held[6:] = True
    assert read(held, 2, 3)["verdict"] == PARTLY and read(held, 1, 3)["verdict"] == NOT
    assert found_mode(read(held, 2, 3), 2) == (2, -1) and found_mode(read(held * 0, 2, 3), 1) == (1, 1)
    assert together([REPRODUCED, REPRODUCED]) == REPRODUCED and together([NOT, NOT]) == NOT
    with pytest.raises(ValueError, match="mode 4"):
        read(held, 4, 3)


def test_flags_take_every_direction_and_skip_those_without_a_step():
    base = np.zeros(5)
    fields = np.stack([base + 1, base - 1, base + np.nan])
    move = Moved(Near(np.zeros((5, 1)), base), fields)
    assert flags([move, move], lambda a, b: a[1].sum() > 0 and b[1].sum() > 0).tolist() == [True, False, False]


def test_directions_are_unit_and_fixed_by_the_seed():
    a = directions(4, 10)
    assert np.allclose(np.linalg.norm(a, axis=1), 1) and np.array_equal(a, directions(4, 10))
    assert a[:4].tolist() == [[1, 0, 0, 0], [-1, 0, 0, 0], [0, 1, 0, 0], [0, -1, 0, 0]]


def test_time_goes_to_the_mode_that_is_best_most_of_the_times():
    rho = np.array([[0.9, 1.0, 0.3, 1.0], [0.1, 1.0, 0.4, 1.0], [0.9, 1.0, 0.2, 1.0]])
    assert time_flags(rho, 2).tolist() == [False, False, True, False]
    assert not time_flags(rho + 0.4, 2).any()


def test_mode_2_advances_time_at_two_thirds_of_the_times_or_at_half():
    rho = np.full((6, 4 + 10), 1.0)
    for times, verdict in ((6, REPRODUCED), (4, REPRODUCED), (3, PARTLY), (2, NOT)):
        rho[:, 3] = np.where(np.arange(6) < times, 0.4, 1.0)
        assert read_time(rho, 2)["verdict"] == verdict
    rho[:, 0], rho[:, 3] = 0.3, 0.4  # another mode does better: that was the first rule's concern alone
    assert [read_time(rho, 2)[key] for key in ("verdict", "before")] == [REPRODUCED, PARTLY]
    rho[:, 4:] = 0.3  # so does chance
    assert read_time(rho, 2)["verdict"] == PARTLY


def test_contours_move_by_what_the_field_was_shifted():
    base, x = square(lambda a, b: np.tanh((b - 0.5) / 0.1))
    after, _ = square(lambda a, b: np.tanh((b - 0.52) / 0.1))
    g = two.Grid(*pair(base, after, x))
    moved = g.displacement(np.abs(g.base) < 0.3)
    assert moved[1].mean() == pytest.approx(0.02, abs=0.004) and abs(moved[0]).max() < 1e-9
    assert two.along(moved, (0, 1))[1] and not two.along(moved, (1, 0))[1]


def test_activity_is_over_the_mean():
    base, x = square(lambda a, b: a + b)
    after, _ = square(lambda a, b: a + b + (a < 0.25))
    g = two.Grid(*pair(base, after, x))
    assert g.activity(g.x1 < 0.25) == pytest.approx(4) and g.acts(g.x1 < 0.25) and g.leaves(g.x1 > 0.3)
    assert two.shifts_uniformly(pair(base, base + 1, x)) and not two.shifts_uniformly(pair(base, after, x))


def test_the_interface_is_lifted_straightened_or_changed_in_a_quarter():
    def wave(height, lift=0.0):
        return square(lambda a, b: 1 / (1 + np.exp((b - 0.5 - lift - height * np.sin(2 * np.pi * a)) / 0.02)))

    base, x = wave(0.15)
    assert two.straightens(pair(base, wave(0.08)[0], x)) and not two.straightens(pair(base, wave(0.14)[0], x))
    assert two.lifts_interface(pair(base, wave(0.15, 0.01)[0], x))
    assert not two.lifts_interface(pair(base, wave(0.16)[0], x))
    left, _ = square(lambda a, b: 1 / (1 + np.exp(
        (b - 0.5 - (0.15 + 0.02 * (a < 0.5)) * np.sin(2 * np.pi * a)) / 0.02)))
    assert two.acts_upper_left(pair(base, left, x)) and not two.acts_lower_right(pair(base, left, x))


def test_fans_and_shocks_of_burgers():
    def wave(start):
        return square(lambda a, b: np.clip(np.minimum(a, b) - start, 0, 0.5) * (np.maximum(a, b) < 0.9))

    base, x = wave(0.2)
    assert two.moves_fans(pair(base, wave(0.21)[0], x))
    shocked, _ = square(lambda a, b: np.clip(np.minimum(a, b) - 0.2, 0, 0.5) * (np.maximum(a, b) < 0.93))
    assert not two.moves_fans(pair(base, shocked, x))


def test_peaks_are_found_once_each():
    base, x = square(lambda a, b: np.exp(-((a - 0.5) ** 2 + (b - 0.47) ** 2) / 0.02)
                     + np.exp(-((a + 0.5) ** 2 + (b - 0.47) ** 2) / 0.02), -1, 1)
    g = two.Grid(*pair(base, base, x))
    assert np.allclose(np.sort(g.peaks(g.base)[:, 0]), (-0.5, 0.5), atol=0.02)
    assert two.widens_peaks(pair(base, base**0.8, x)) and not two.widens_peaks(pair(base, base, x))
