"""What a step does to a wave in the plane: each predicate holds for a change made for it, and not for another."""

import numpy as np
import pytest
from examples import pair, square

from study.steps import plane as two

CORNERS = [(a, b) for a in (-0.7, 0.7) for b in (-0.7, 0.7)]


def bumps(places, width=0.02):
    return square(lambda a, b: sum(np.exp(-((a - p) ** 2 + (b - q) ** 2) / width) for p, q in places), -1, 1)


def added(base, x, where):
    return pair(base, base + where(*x.T), x)


def line(up):
    """A front along x1 at the height 0.5 + up(x1), high below."""
    return square(lambda a, b: 1 / (1 + np.exp((b - 0.5 - up(a)) / 0.02)))


@pytest.mark.parametrize(("holds", "base", "yes", "no"), [
    (two.enters_from_above, bumps(CORNERS), lambda a, b: b > 0.8, lambda a, b: b < 0.8),
    (two.presses_centre, bumps(CORNERS), lambda a, b: np.hypot(a, b) < 0.2,
     lambda a, b: np.hypot(a - 0.7, b - 0.7) < 0.2),
    (two.moves_connections, bumps([(-0.3, 0), (0.3, 0)]), lambda a, b: np.hypot(a, b) < 0.1,
     lambda a, b: np.hypot(a - 0.3, b) < 0.1),
    (two.acts_on_diagonal, square(lambda a, b: a + b), lambda a, b: np.abs(a - b) < 0.1,
     lambda a, b: np.abs(a - b) > 0.5)], ids=lambda value: getattr(value, "__name__", ""))
def test_a_predicate_holds_for_the_change_it_is_about(holds, base, yes, no):
    assert holds(added(*base, yes)) and not holds(added(*base, no))


def test_peaks_drawn_in_and_interfaces_twisted():
    (near, _), (far, x) = (bumps([(-p, 0.47), (p, 0.47)]) for p in (0.68, 0.7))
    assert two.draws_upper_peaks_in(pair(far, near, x)) and not two.draws_upper_peaks_in(pair(near, far, x))
    base, x = line(lambda a: 0 * a)
    turned, lifted, twisted = (line(up)[0] for up in (
        lambda a: 0.01 * (a - 0.5), lambda a: 0.01 + 0 * a, lambda a: np.where(a < 0.2, -0.005, 0.01)))
    assert two.pushes_down_and_up(pair(base, turned, x)) and not two.pushes_down_and_up(pair(turned, base, x))
    assert two.lifts_with_a_twist(pair(base, twisted, x)) and not two.lifts_with_a_twist(pair(base, lifted, x))


def test_a_change_on_one_side_of_the_interface():
    base, x = line(lambda a: 0.3 * (0.5 - a))
    right, both = (line(lambda a, f=f: 0.3 * (0.5 - a) + f(a))[0] for f in (
        lambda a: 0.02 * (a > 0.55), lambda a: 0.02 + 0 * a))
    assert two.acts_lower_right(pair(base, right, x)) and not two.acts_lower_right(pair(base, both, x))


def wedge(start=0.2, end=0.9, tip=0.0):
    """A fan along the diagonal that ends in shocks, the tip of which is higher by some share."""
    return square(lambda a, b: np.clip(np.minimum(a, b) - start, 0, 0.5) * (np.maximum(a, b) < end) * (
        1 + tip * (np.hypot(a - end, b - end) < 0.12)))


def test_the_tip_of_burgers_wave_sharpens_while_its_corners_move_in():
    base, x = wedge()
    sharper, _ = wedge(tip=0.2)
    corners, y = square(lambda a, b: np.exp(-((a - 0.2) ** 2 + (b - 0.8) ** 2) / 0.02)
                        + np.exp(-((a - 0.8) ** 2 + (b - 0.2) ** 2) / 0.02))
    inward, outward = (square(lambda a, b, d=d: np.exp(-((a - 0.2 - d) ** 2 + (b - 0.8 + d) ** 2) / 0.02)
                              + np.exp(-((a - 0.8 + d) ** 2 + (b - 0.2 - d) ** 2) / 0.02))[0] for d in (0.01, -0.01))
    assert two.sharpens_and_moves_in(pair(base, sharper, x), pair(corners, inward, y))
    assert not two.sharpens_and_moves_in(pair(base, sharper, x), pair(corners, outward, y))
    assert not two.sharpens_and_moves_in(pair(sharper, base, x), pair(corners, inward, y))


def test_the_tip_changes_with_both_corner_profiles_one_way():
    def wave(up, tip):
        return square(lambda a, b: np.exp(-((a - 0.2) ** 2 + (b - 0.8 - up) ** 2) / 0.02) + np.exp(
            -((a - 0.8) ** 2 + (b - 0.2 - up) ** 2) / 0.02)
            + (1 + tip) * (1 + np.tanh((0.15 - np.maximum(np.abs(a - 0.45), np.abs(b - 0.45))) / 0.05)) / 2)

    base, x = wave(0, 0)
    raised = pair(base, wave(0.005, 0.5)[0], x)
    assert two.reshapes_tip(raised, 1) and not two.reshapes_tip(raised, -1)


def test_only_the_middle_of_the_fan_changes():
    base, x = wedge()
    middle = added(base, x, lambda a, b: 0.02 * ((np.abs(a - 0.5) < 0.2) & (np.abs(b - 0.5) < 0.2)))
    outside = added(base, x, lambda a, b: 0.02 * (np.maximum(a, b) > 0.82))
    assert two.tilts_centre(middle) and not two.tilts_centre(outside)


def test_narrow_peaks_are_stressed_and_broad_ones_and_fronts_along_axes_are_not():
    def wave(narrow, broad):
        return square(lambda a, b: sum((1 + narrow) * np.exp(-((a - p) ** 2 + (b - 0.75) ** 2) / 0.01) for p in (-1, 1))
                      + sum((1 + broad) * np.exp(-((a - p) ** 2 + (b - q) ** 2) / 0.05)
                            for p, q in ((0, 0.75), (0, -0.75), (0.75, 0), (-0.75, 0))), -1, 1)

    base, x = wave(0, 0)
    narrow, broad = (pair(base, wave(*change)[0], x) for change in ((0.5, 0), (0, 0.5)))
    fronts, y = square(lambda a, b: np.tanh((a + 0.6) / 0.05) + np.tanh((a + b - 0.8) / 0.05), -1, 1)
    slanted = added(fronts, y, lambda a, b: np.abs(a + b - 0.8) < 0.1)
    upright = added(fronts, y, lambda a, b: np.abs(a + 0.6) < 0.1)
    assert two.stresses_narrow_peaks(narrow, slanted)
    assert not two.stresses_narrow_peaks(broad, slanted) and not two.stresses_narrow_peaks(narrow, upright)
