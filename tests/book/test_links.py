"""Links of the built book: what they point to is there, and nothing outside is needed to show a page."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

# Hosts that a reader may follow a link to; another one is a decision, and is written down here.
HOSTS = {"doi.org", "arxiv.org", "cfconventions.org", "www.clawpack.org", "github.com"}
RESOURCES = {"script": "src", "img": "src", "source": "src", "iframe": "src", "video": "src", "audio": "src",
             "embed": "src", "object": "data", "link": "href", "use": "href"}


class Page(HTMLParser):
    """Anchors, links and resources of a page."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.resources, self.styles, self._style = [], [], [], [], False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self._style = tag == "style"
        self.ids += [found[key] for key in ("id", "name") if found.get(key) and (key == "id" or tag == "a")]
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag in RESOURCES and found.get(RESOURCES[tag]) and found.get("rel") not in ("canonical", "author"):
            self.resources.append(found[RESOURCES[tag]])
        self.styles.append(found.get("style") or "")

    def handle_data(self, data):
        if self._style:
            self.styles.append(data)


@pytest.fixture(scope="module")
def pages(html):
    return {path: Page(path) for path in sorted(Path(html).rglob("*.html")) if "_static" not in path.parts}


def targets(pages, kind):
    """(page, address, target file, fragment) of every relative link or resource."""
    for path, page in pages.items():
        for address in getattr(page, kind):
            parts = urlsplit(address)
            if not parts.scheme and not parts.netloc:
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                yield path, address, target, unquote(parts.fragment)


def test_every_internal_link_leads_to_a_file_and_an_anchor(pages):
    broken = []
    for path, address, target, fragment in targets(pages, "links"):
        target = target / "index.html" if target.is_dir() else target
        there = target.exists() and (not fragment or target not in pages or fragment in pages[target].ids)
        if not there:
            broken.append(f"{path.name}: {address}")
    assert sorted(set(broken)) == []


def test_every_resource_is_in_the_book(pages):
    missing = [f"{path.name}: {address}" for path, address, target, _ in targets(pages, "resources")
               if not target.is_file()]
    outside = [f"{path.name}: {address}" for path, page in pages.items() for address in page.resources
               if urlsplit(address).scheme in ("http", "https") or address.startswith("//")]
    assert sorted(set(missing)) == [] and sorted(set(outside)) == []


def test_style_sheets_fetch_nothing_from_outside(pages, html):
    sheets = [text for page in pages.values() for text in page.styles]
    sheets += [path.read_text(encoding="utf-8") for path in Path(html).rglob("*.css")]
    asked = r"""(?:@import\s*|url\(\s*)["']?(?:https?:)?//[^"')\s]+"""
    assert [found for text in sheets for found in re.findall(asked, text)] == []


def test_links_to_the_outside_are_known(pages):
    hosts = {urlsplit(link).netloc for page in pages.values() for link in page.links if urlsplit(link).netloc}
    assert hosts <= HOSTS


def test_anchors_are_unique(pages):
    twice = {f"{path.name}: {name}" for path, page in pages.items()
             for name in page.ids if page.ids.count(name) > 1 and re.fullmatch(r"C[A\d][\d.]*-\d+", name)}
    assert twice == set()
