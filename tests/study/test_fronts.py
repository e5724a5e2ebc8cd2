"""Fronts of 1d profiles against known positions."""

import numpy as np
import pytest

from study.instruments.fronts import extrema, front_errors, fronts
from study.instruments.roughness import roughness
from study.training.claims import merger_time

X = (np.arange(800) + 0.5) / 800


def steps(*positions, width=0.004):
    return sum(np.tanh((X - p) / width) for p in positions)


def test_fronts_are_found_to_a_tenth_of_a_cell():
    assert fronts(X, steps(0.3, 0.61234)) == pytest.approx([0.3, 0.61234], abs=0.1 / 800)


def test_a_weak_front_counts_only_below_its_threshold():
    u = steps(0.3) + 0.15 * steps(0.7)
    assert len(fronts(X, u)) == 1 and len(fronts(X, u, threshold=0.1)) == 2


def test_fronts_closer_than_apart_are_one():
    assert len(fronts(X, steps(0.5, 0.512, width=0.002))) == 2
    assert len(fronts(X, steps(0.5, 0.508, width=0.002))) == 1


def test_front_errors_measure_a_shift():
    assert front_errors(X, steps(0.3, 0.6), steps(0.302, 0.6)) == pytest.approx([0.002, 0], abs=2e-4)


def test_merger_time_of_fronts_that_move_at_known_speeds():
    t = np.linspace(0, 0.4, 9)
    frames = [steps(0.2 + 0.5 * s, 0.7 - 0.5 * s) for s in t]  # 0.01 apart at t = 0.49
    assert merger_time(X, t, np.array(frames)) == pytest.approx(0.49, abs=1e-3)


def test_roughness_and_extrema_count_what_is_there():
    x = np.linspace(0, 1, 400)
    u = np.sin(6 * np.pi * x)
    assert roughness(u) == pytest.approx(12, rel=1e-2) and extrema(u) == 6
    assert extrema(u + 1e-3 * np.cos(300 * x)) == 6 and extrema(np.ones(9)) == 0
    grid = np.repeat(u[:, None], 32, 1)
    assert roughness(grid) == pytest.approx(32 * roughness(u)) and extrema(grid) == pytest.approx(3, rel=0.1)
