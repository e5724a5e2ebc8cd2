"""Sphinx extension: pages say in their heads what they are about, and load no script that they do not need.

In the reference an entry of one line, "name : type: what it is", reads like one of two.
"""

from __future__ import annotations

import re
from functools import partial
from html import escape
from pathlib import Path

import numpy as np
from docutils import nodes
from PIL import Image
from scipy.spatial import cKDTree
from sphinx.ext.mathjax import html_visit_displaymath, html_visit_math

ICONS = re.compile(r"\s*<script[^>]*scripts/fontawesome\.js[^>]*></script>")  # 1.5 MB; the font has the same icons
STATE = re.compile(r"\s*<script type=.application/vnd\.jupyter\.widget-state\+json.>.*?</script>", re.S)  # not used
FIGURES = re.compile(r'<img ([^>]*src="([^"]*_images/[^"]*\.png)"[^>]*)>')
PRINTED = re.compile(r"\bFigs?\.\s*(\d+)(?!\d|\.\d)")  # a figure of the paper; those of the book have two numbers
PARTS = re.compile(r'<(script|style)[^>]* class="lrnr-part" id="([^"]+)">.*?</\1>\n?', re.S)  # of explorers
LONGEST = 200  # characters of a description
LEGIBLE = 0.405  # of a figure's width in dots, 200 an inch: then its text, of 8 points or more, is 9 pixels tall
COLOURS, FREQUENT = 256, 32  # of a figure, and those of them that are its most frequent colours as they are
FAR, MANY = 32, 2e-4  # so far off a colour is wrong; with a larger share of such pixels a figure keeps its own colours
PICTURE = "_static/waves.png"
ENTRY = re.compile(r"(\w[\w, .]* : (?!.*\(default:)[^:]+): (.+)")  # name, type and what it is, in one line
KATEX = ("katex/katex.min.js", "katex/auto-render.min.js", "formulas.js")


def setup(app) -> dict:
    """Called by Sphinx."""
    app.connect("config-inited", _buttons)
    app.connect("autodoc-process-docstring", _entries, priority=400)  # before napoleon
    # Formulas stand in the page as for MathJax, and KaTeX, an eighth of its size, sets them
    app.add_html_math_renderer("katex", (html_visit_math, None), (html_visit_displaymath, None))
    app.connect("doctree-resolved", _figure_words)
    app.add_js_file("search.js")
    app.connect("html-page-context", _formulas)
    app.connect("html-page-context", _describe)
    app.connect("build-finished", _slim)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _buttons(app, config) -> None:
    """No buttons for Binder and Colab as long as no repository is named."""
    if not config.html_theme_options.get("repository_url"):
        config.html_theme_options.pop("launch_buttons", None)


def _entries(app, what, name, thing, options, lines) -> None:
    """Give what an entry of one line is a line of its own, as napoleon expects it."""
    entries = [ENTRY.fullmatch(line) for line in lines]
    lines[:] = [part for line, entry in zip(lines, entries, strict=True)
                for part in ((entry[1], "    " + entry[2]) if entry else (line,))]


def description(doctree) -> str:
    """First paragraph of a page as plain text, cut at the end of a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if len(text) > 40:
            return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " …"
    return ""


def _figure_words(app, doctree, page) -> None:
    """Give a page the search words of its figures, "fig7_2" of its own and "fig9" of the paper's: see search.js."""
    numbers, words = app.env.toc_fignumbers.get(page, {}).get("figure", {}), []
    for figure in doctree.findall(nodes.figure):
        words += ["fig" + "_".join(map(str, numbers[name])) for name in figure["ids"] if name in numbers]
        for caption in figure.findall(nodes.caption):
            words += [f"fig{number}" for number in PRINTED.findall(caption.astext())]
    if words:
        doctree.append(nodes.meta(name="keywords", content=", ".join(dict.fromkeys(words))))


def _formulas(app, page, template, context, doctree) -> None:
    """Load KaTeX on pages with formulas, after their text has been shown."""
    if app.builder.format == "html" and app.env.get_domain("math").has_equations(page):
        app.builder.add_css_file("katex/katex.min.css")
        for script in KATEX:
            app.builder.add_js_file(script, defer="defer")


def _describe(app, page, template, context, doctree) -> None:
    """Add a description to the head of a page, and a picture."""
    if doctree is not None and (text := description(doctree)):
        said = {"name description": text, "property og:description": text, "property og:type": "article",
                "property og:title": re.sub("<[^>]*>", "", context["title"])}
        if home := app.config.html_baseurl:  # a picture for others to show needs its whole address
            said["property og:image"] = f"{home.rstrip('/')}/{PICTURE}"
        context["metatags"] = context.get("metatags", "") + "".join(
            '<meta {}="{}" content="{}" />\n'.format(*kind.split(" "), escape(value, quote=True))
            for kind, value in said.items())


def _late(folder: Path, found: re.Match) -> str:
    """A figure that is loaded when it is near, in a place that is kept for it, so that a long page starts at once.

    It says at which width its text can still be read, for narrow screens.
    """
    with Image.open(folder / found[2]) as image:
        place = f'loading="lazy" width="{image.width}" height="{image.height}"'
        style = f'style="--legible: {LEGIBLE * image.width:.0f}px;'
    inside = found[1].replace('style="', f"{style} ") if 'style="' in found[1] else f'{found[1]} {style}"'
    return f"<img {place} {inside}>"


def once(text: str) -> str:
    """A page in which what several explorers share stands once."""
    seen: set[str] = set()

    def first(found: re.Match) -> str:
        known = found[2] in seen
        seen.add(found[2])
        return "" if known else found[0]

    return PARTS.sub(first, text)


def _slim(app, problem) -> None:
    """Keep what a page needs: no script of icons, shared parts once, figures when they are near and with a palette."""
    if problem or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        text = FIGURES.sub(partial(_late, path.parent), text)
        path.write_text(once(STATE.sub("", ICONS.sub("", text))), encoding="utf-8")
    for path in (Path(app.outdir) / "_images").glob("*.png"):
        with Image.open(path) as image:
            if image.mode != "P":
                with_palette(image.convert("RGB")).save(path, optimize=True)


def with_palette(image: Image.Image) -> Image.Image:
    """A figure with a palette that has its rare colours too, such as the ends of a colour map; itself if that fails."""
    pixels = np.asarray(image).reshape(-1, 3) @ np.array([1 << 16, 1 << 8, 1], dtype=np.int32)
    numbers, where, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    colours = np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], -1).astype(np.uint8)
    order = np.argsort(-counts)
    palette = colours[order[:FREQUENT]]
    if len(rare := order[FREQUENT:]):
        # how often a colour is there counts by its fourth root alone
        spread = np.repeat(colours[rare], np.ceil(counts[rare] ** 0.25).astype(int), axis=0)
        few = Image.fromarray(spread[None]).quantize(COLOURS - FREQUENT, Image.Quantize.MEDIANCUT)
        palette = np.concatenate([palette, np.reshape(few.getpalette(), (-1, 3))])
    near = cKDTree(palette).query(colours)[1]
    off = np.abs(palette[near].astype(int) - colours).max(1) > FAR
    if counts[off].sum() > MANY * len(pixels):
        return image
    small = Image.fromarray(near[where].reshape(image.size[::-1]).astype(np.uint8))
    small.putpalette(palette.astype(np.uint8).tobytes())
    return small
