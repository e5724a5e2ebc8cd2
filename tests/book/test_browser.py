"""The built book in a real browser with the network cut: every page whole, quiet, and within its screen."""

import re
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote, unquote, urlparse

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
PAGES = [TOC["root"], *(entry["file"] for part in TOC["parts"] for entry in part["chapters"])]
pytestmark = pytest.mark.browser


CUT = """[...document.querySelectorAll('main table')].filter((table) => {
  let box = table;
  while (box && getComputedStyle(box).overflowX === 'visible') box = box.parentElement;
  return table.checkVisibility() && box && box.scrollWidth > box.clientWidth + 1;
}).map((table) => table.innerText.slice(0, 60))"""  # tables that are wider than the box that they scroll in


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *words):
        pass


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_quiet_fits_and_is_light(page, html, name):
    loaded = {f"file://{html}/{name}.html"}
    page.on("request", lambda request: loaded.add(request.url.partition("?")[0]))
    page.goto(f"file://{html}/{name}.html")
    assert page.problems == []
    text = page.inner_text("main")
    assert re.search(r"Traceback|System Message|WARNING|\{glue|\{cite|grad_fn|\bnan\b", text) is None
    assert page.locator(".output.stderr, .output.stream + .output.stream").count() == 0
    assert page.evaluate("[...document.querySelectorAll('.math')].every(m => m.querySelector('.katex'))")
    assert page.locator(".katex-error").count() == 0
    assert page.evaluate("[...document.querySelectorAll('div.math')].every(m => m.querySelector('.katex-display')"
                         ".getBoundingClientRect().width >= 0.6 * m.getBoundingClientRect().width)")  # so in the middle
    weights = {url: Path(unquote(urlparse(url).path)).stat().st_size for url in loaded if url.startswith("file:")}
    assert sum(weights.values()) < 2.5e6, sorted(weights.items(), key=lambda item: -item[1])[:5]
    page.evaluate("for (const image of document.images) image.loading = 'eager'")
    page.wait_for_function("[...document.images].every(i => i.complete)")
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width == 1280:  # on a phone a wide table scrolls in its own box
            assert page.evaluate(CUT) == []


def test_numbers_in_the_prose_are_those_of_the_record(page, html):
    from lrnrbook import load_record

    page.goto(f"file://{html}/book/04-training.html")
    samples = load_record("euler")["errors"]["samples"]["q1"]
    prose = " ".join(page.locator("main p").all_inner_texts())
    for row in samples.values():
        assert f"{row['points']:.2e}" in prose


def test_verdicts_are_on_their_pages(page, html):
    from study.evidence.claims import CLAIMS

    page.goto(f"file://{html}/book/claims.html")  # where they are all decided once more
    rows = page.locator(".lrnr-board > table > tbody > tr").all()
    decided = {row.locator("> th").inner_text(): row.locator(".lrnr-verdict").first.inner_text() for row in rows}
    assert set(decided) == set(CLAIMS)
    shown: dict[str, dict[str, str]] = {}
    for name in PAGES:
        page.goto(f"file://{html}/{name}.html")
        found = page.locator(".claim:has([id])").all()  # in the text: the ledger at the end has them without a name
        shown[name.removeprefix("book/")] = {
            card.locator("[id]").get_attribute("id"): card.locator("summary span").text_content() for card in found}
    for claim in CLAIMS.values():
        found = [words[claim.id] for name, words in shown.items()
                 if name.startswith(f"{claim.chapter}-") and claim.id in words]
        assert found == [decided[claim.id]], claim.id


def test_search_finds_pages_without_a_network(page, html):
    page.goto(f"file://{html}/search.html?q=hypermode")
    page.wait_for_selector("#search-results li >> text=Hypermodes")
    results = page.locator("#search-results li")
    results.nth(5).wait_for()  # they come one after the other
    assert results.count() > 5 and any("Hypermodes" in text for text in results.all_inner_texts()[:5])


@pytest.mark.parametrize(("asked", "found"), [
    ("Fig. 9", "7. Small steps"), ("figure 17", "10. Fast evaluation"), ("Fig. 3.2", "3. Four waves")])
def test_search_finds_a_figure_by_its_number(page, html, asked, found):
    page.goto(f"file://{html}/search.html?q={quote(asked)}")
    page.locator("#search-results li", has_text=found).wait_for()
    page.wait_for_timeout(1000)  # the others come one after the other
    assert page.locator("#search-results li").count() < 8


def test_results_of_a_search_show_no_raw_formulas(browser, html):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(html))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/search.html?q=hypermodes")
        page.locator("#search-results li p.context").nth(5).wait_for()  # from a server they come with some text
        text = page.inner_text("#search-results")
        page.close()
        server.shutdown()
    assert "hypermode" in text and "\\(" not in text and "\\frac" not in text


@pytest.mark.parametrize("claim", ["C2-1", "C5.2.1-3"])  # the second one is folded away on its page
def test_the_page_of_claims_leads_to_the_verdict(page, html, claim):
    page.goto(f"file://{html}/book/claims.html")
    name = re.compile(f"^{re.escape(claim)}$")
    page.locator(".lrnr-board > table > tbody > tr > th", has_text=name).locator("a").click()
    card = page.locator(f"[id='{claim}']")
    card.wait_for(state="visible")
    assert claim in card.inner_text() and page.url.endswith(f"#{claim}")
    box = card.bounding_box()
    assert -50 <= box["y"] <= 900


@pytest.mark.parametrize("name", ["claims", "differences", "notation"])
def test_text_can_be_read_in_dark_mode(page, html, name):
    page.goto(f"file://{html}/book/{name}.html")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    contrast = """() => {
      const light = (c) => { const v = c.match(/[\\d.]+/g).slice(0, 3).map((x) => x / 255)
        .map((x) => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
        return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
      const back = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
        if (!/, 0\\)|transparent/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
      return Math.min(...[...document.querySelectorAll('article :is(p, td, th, dt, dd, summary, label, a)')]
        .filter((e) => e.innerText?.trim() && e.checkVisibility()).map((e) => {
          const [a, b] = [light(getComputedStyle(e).color), light(back(e))].sort((x, y) => y - x);
          return (a + 0.05) / (b + 0.05); }));
    }"""
    assert page.evaluate(contrast) > 3
