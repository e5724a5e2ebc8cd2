"""Colours of data sets and hypermodes, and the points at which the figures of chapters 05 to 07 show them."""

from __future__ import annotations

from lrnrbook.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY

OF_SET = {"euler": BLACK, "acoustics": BLUE, "burgers": RED, "advection": GREEN}
OF_MODE = (BLACK, RED, BLUE, GREEN, ORANGE, PURPLE, SKY)
POINTS, CELLS = 1600, 96
