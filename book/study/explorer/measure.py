"""Benchmark of the explorer: time to compute and to draw in headless Chromium, from a file and without a network."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from datetime import date
from pathlib import Path

from lrnrbook.datasets import datasets
from lrnrbook.files import machine, write_json
from lrnrbook.widget import explorer, module, static
from study.ledger.models import load_pretrained

REPEATS = 41
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


def measure(path) -> dict:
    """Milliseconds for base and perturbed fields in full resolution, medians, of every shipped page and laptop model.

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
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in datasets():
            for recipe in RECIPES:
                file = explorer(load_pretrained(name, recipe)).save(Path(folder) / f"{name}-{recipe}.html")
                rows[f"{name}, {recipe}"] = _one(browser, file)
        kernel, plain = _compare(browser)
        version = browser.version
    record = {"rows": rows, "kernel": kernel, "plain": plain, "repeats": REPEATS, "browser": f"Chromium {version}",
              "machine": machine(), "date": date.today().isoformat()}
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
    found = page.evaluate(f"document.querySelector('.lrnr-explorer').explorer.measure({REPEATS})")
    context.close()
    return {"compute": statistics.median(found["compute"]), "total": statistics.median(found["total"]),
            "first picture": first, "bytes": file.stat().st_size}
