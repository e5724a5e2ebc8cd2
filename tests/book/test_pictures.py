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
    """Two lines of red and blue in a picture of other colours; by how often they are there alone they would be lost."""
    rng, colours = np.random.default_rng(0), matplotlib.colormaps
    pixels = (255 * colours["magma"](rng.random((400, 400)))[..., :3] - rng.integers(0, 3, (400, 400, 1))).clip(0)
    pixels[:2] = 255 * colours["RdBu_r"](np.linspace(0, 1, 400))[:, :3]
    small = with_palette(pixels)
    off = np.abs(np.asarray(small.convert("RGB")).astype(int) - pixels.astype(np.uint8)).max(-1)
    assert small.mode == "P" and off.max() <= 32 and off[:2].mean() < 10


def test_a_picture_of_too_many_colours_keeps_them():
    pixels = np.random.default_rng(0).integers(0, 256, (200, 200, 3))
    assert np.array_equal(np.asarray(with_palette(pixels)), pixels)
