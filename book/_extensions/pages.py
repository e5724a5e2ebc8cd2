"""Sphinx extension: pages say in their heads what they are about, and load no script that they do not need."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from docutils import nodes
from PIL import Image

ICONS = re.compile(r"\s*<script[^>]*scripts/fontawesome\.js[^>]*></script>")  # 1.5 MB; the font has the same icons
LONGEST = 200  # characters of a description


def setup(app) -> dict:
    """Called by Sphinx."""
    app.connect("html-page-context", _describe)
    app.connect("build-finished", _slim)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def description(doctree) -> str:
    """First paragraph of a page as plain text, cut at the end of a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if len(text) > 40:
            return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " …"
    return ""


def _describe(app, page, template, context, doctree) -> None:
    """Add a description to the head of a page."""
    if doctree is not None and (text := description(doctree)):
        tags = "".join(f'<meta {kind}="{name}" content="{escape(value, quote=True)}" />\n' for kind, name, value in (
            ("name", "description", text), ("property", "og:description", text),
            ("property", "og:title", re.sub("<[^>]*>", "", context["title"]))))
        context["metatags"] = context.get("metatags", "") + tags


def _slim(app, problem) -> None:
    """Take the icons' script out of all pages, and store figures with a palette, a third of their size."""
    if problem or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        path.write_text(ICONS.sub("", text), encoding="utf-8")
    for path in (Path(app.outdir) / "_images").glob("*.png"):
        with Image.open(path) as image:
            if image.mode != "P":
                small = image.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
                small.save(path, optimize=True)
