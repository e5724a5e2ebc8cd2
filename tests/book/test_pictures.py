"""Figures with a palette, as the built book stores them."""

import importlib.util
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image

PATH = Path(__file__).parents[2] / "book" / "_extensions" / "pages.py"


def with_palette(pixels):
    spec = importlib.util.spec_from_file_location("pages", PATH)
    spec.loader.exec_module(pages := importlib.util.module_from_spec(spec))
    return pages.with_palette(Image.fromarray(pixels.astype(np.uint8)))


def test_rare_colours_are_kept():
    """A few pixels of the ends of a colour map, in a picture of its middle."""
    value = np.full((300, 300), 0.5) + 0.1 * np.random.default_rng(0).random((300, 300))
    value[:3], value[3:6] = np.linspace(0, 1, 300), 0.97
    pixels = 255 * matplotlib.colormaps["RdBu_r"](value)[..., :3]
    small = with_palette(pixels)
    off = np.abs(np.asarray(small.convert("RGB")).astype(int) - pixels.astype(np.uint8)).max(-1)
    assert small.mode == "P" and off.max() <= 32 and (off[3:6] <= 8).all()


def test_a_picture_of_too_many_colours_keeps_them():
    pixels = np.random.default_rng(0).integers(0, 256, (200, 200, 3))
    assert np.array_equal(np.asarray(with_palette(pixels)), pixels)
