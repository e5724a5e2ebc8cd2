"""Benchmark of the explorer: time to compute and to draw in headless Chromium, from a file and without a network."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import tempfile
from datetime import date
from pathlib import Path

from lrnrbook.datasets import datasets, load_data
from lrnrbook.files import write_json
from lrnrbook.widget import explorer, module, static
from study.explorer.painting import SOFTWARE, rates
from study.ledger.models import load_pretrained
from study.ledger.records import machine

REPEATS, SECONDS = 41, 3  # of each measurement; of play
RECIPES = ("page", "laptop")
# Times of the kernel and of plain JavaScript, in turns, for one field on 96 x 96 points.
COMPARE = """
window.compare = async (model, repeats) => {
  const x = Float64Array.from({ length: 2 * 9216 }, (_, i) => ((i * 7919) % 9216) / 9216);
  const found = [];
  for (const run of [undefined, runPlain]) found.push({ net: await network(model, run), times: [] });
  for (let k = 0; k < repeats; k++)
    for (const { net, times } of found) {
      const started = performance.now();
      net.evaluate(x, net.coefficients(model.times[1] * 0.6));
      times.push(performance.now() - started);
    }
  return found.map(({ times }) => times);
};
"""
# Of an explorer in its page, in milliseconds: fields of the wave and of the wave with a step in full resolution, these
# drawn, a move of a slider until the picture stands, a fit to sixteen gauges; and frames a second while it plays.
WATCH = """
async ([repeats, seconds]) => {
  const { explorer: view } = document.querySelector(".lrnr-explorer");
  const { net, model, plane } = view;
  const full = plane ? 96 : 400;
  const drawn = (side) => { // drawing is done only when its pixels are asked for
    view.draw(side);
    view.main.getContext("2d").getImageData(0, 0, 1, 1);
  };
  const timed = (act) => Array.from({ length: repeats }, (_, k) => {
    const started = performance.now();
    act(k);
    return performance.now() - started;
  });
  const [start, end] = model.times;
  view.set({ mode_1: 5 });
  const found = { compute: timed(() => view.compute(full)), total: timed(() => drawn(full)) };
  found.drag = timed((k) => {
    view.set({ mode_2: (k % 20) / 2 });
    drawn();
  });
  const fields = model.labels.length;
  const places = Array.from({ length: plane ? 16 : Math.floor(16 / fields) }, (_, k) =>
    model.domain.map(([low, high], i) => low + (((k + 1) * (i ? 0.414 : 0.618)) % 1) * (high - low)));
  const later = net.coefficients(start + 0.7 * (end - start));
  const readings = places.flatMap((x) => net.evaluate(Float64Array.from(x), later).map(([u], k) => [k, ...x, u]));
  found.encode = Array.from({ length: repeats }, () => {
    view.set({ gauges: [...readings] });
    view.gauges.solve();
    return view.gauges.found.milliseconds;
  });
  view.put(model.first);
  let frames = 0;
  const draw = view.draw;
  view.draw = (...given) => {
    frames++;
    return draw.apply(view, given);
  };
  view.set({ playing: true });
  view.request();
  const started = performance.now();
  await new Promise((resume) => setTimeout(resume, 1000 * seconds));
  found.frames = (1000 * frames) / (performance.now() - started);
  view.set({ playing: false });
  return found;
}
"""


def measure(path) -> dict:
    """What the explorer of every shipped page and laptop model takes: medians in milliseconds, frames a second, bytes.

    Raises
    ------
    ValueError
        If playwright or Chromium is missing.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise ValueError("playwright is not installed: it comes with the extra `test`") from None
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        raise ValueError("Chromium was not found: set $CHROMIUM or put `chromium` on PATH")
    rows = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", SOFTWARE])
        for name in datasets():
            for recipe in RECIPES:
                waves = explorer(load_pretrained(name, recipe), data=load_data(name))
                file = waves.save(Path(folder) / f"{name}-{recipe}.html")
                rows[f"{name}, {recipe}"] = _one(browser, file)
        painted = {name: rates(browser, Path(folder), name) for name in datasets() if len(load_data(name).domain) > 1}
        kernel, plain = _compare(browser)
        version = browser.version
    record = {"rows": rows, "painted": painted, "kernel": kernel, "plain": plain, "repeats": REPEATS,
              "browser": f"Chromium {version}", "machine": machine(), "date": date.today().isoformat()}
    write_json(path, record)
    return record


def _compare(browser) -> tuple[float, float]:
    """Milliseconds of the compiled kernel and of plain JavaScript, page model of Burgers, 96 x 96 points."""
    page = browser.new_page()
    page.set_content(f'<script type="module">{module()}\n{static("plain.js").decode()}\n{COMPARE}</script>')
    page.wait_for_function("typeof compare == 'function'")
    model = explorer(load_pretrained("burgers", "page")).description
    kernel, plain = page.evaluate("([model, repeats]) => compare(model, repeats)", [model, REPEATS])
    page.close()
    return statistics.median(kernel), statistics.median(plain)


def _one(browser, file: Path) -> dict:
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 900})
    page = context.new_page()
    page.goto(f"file://{file}")
    page.wait_for_selector(".lrnr-drawn")
    first = page.evaluate("performance.now()")
    found = page.evaluate(WATCH, [REPEATS, SECONDS])
    context.close()
    parts = re.findall(r'class="lrnr-part" id="[^"]*">(.*?)</(?:style|script)>', file.read_text(), re.S)
    return {**{kind: statistics.median(found[kind]) for kind in ("compute", "total", "drag", "encode")},
            "frames a second": found["frames"], "first picture": first, "bytes": file.stat().st_size,
            "shared bytes": sum(map(len, parts))}
