"""Where the paper looks at each wave (section 5.2): named times, numbers of hypermodes, points."""

from __future__ import annotations

MODES = {"euler": 5, "acoustics": 6, "burgers": 6, "advection": 6}  # hypermodes that the paper looks at
POINTS, CELLS = 4000, 96  # in one dimension; along each axis in two
CELL = 1 / 800  # of the Euler data
FRAMES = (20, 30, 40, 50, 60, 70, 80)  # of the 81 of the Euler data; the 60th is t = 0.0285
NAMED = {"euler": tuple(k * 0.038 / 80 for k in FRAMES), "acoustics": (0.04, 0.38, 0.67),
         "burgers": (0.62, 1.5, 2.5), "advection": (0.8, 1.6, 1.8, 2.4, 3.2)}  # times of section 5.2
