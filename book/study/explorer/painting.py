"""Waves in the plane by WebAssembly and by WebGL2, side by side: frames a second of what a page draws."""

from __future__ import annotations

from pathlib import Path

from lrnrbook.widget import explorer
from study.ledger.models import load_pretrained

SOFTWARE = "--enable-unsafe-swiftshader"  # where there is no graphics processor, WebGL2 by the processor
POINTS = (96, 256)  # a side
# Frames a second, a frame being the wave and the wave with a step: computed by either way, and drawn as in a page.
WATCH = """
(sides) => {
  const { explorer: view } = document.querySelector(".lrnr-explorer");
  const { painter, net, model } = view;
  const rate = (act) => { // of one second, or of two frames if they take longer
    act();
    let frames = 0;
    const started = performance.now();
    do act(); while (++frames < 2 || performance.now() - started < 1000);
    return (1000 * frames) / (performance.now() - started);
  };
  const drawn = (side) => { // drawing is done only when its pixels are asked for
    view.draw(side);
    view.main.getContext("2d").getImageData(0, 0, 1, 1);
  };
  view.set({ mode_1: 5 });
  const chain = net.chain(net.coefficients(model.times[1]));
  const found = { webgl: {}, wasm: {} };
  for (const side of sides) {
    found.webgl[side] = rate(() => painter.time(chain, side ** 2 / sides.at(-1), 2));
    found.wasm[side] = rate(() => view.compute(side));
  }
  found.webgl.drawn = rate(() => drawn(24)); // the rest of the page needs few points
  view.painter = null;
  found.wasm.drawn = rate(() => drawn(sides[0]));
  const { gl } = painter;
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  return { ...found, renderer: gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER) };
}
"""


def rates(browser, folder: Path, name: str) -> dict:
    """Frames a second of a page model by both ways, who renders, and which way the page takes by itself.

    Raises
    ------
    ValueError
        If the browser has no WebGL2 that can be drawn into as floats.
    """
    waves = explorer(load_pretrained(name, "page"))
    found = {}
    for renderer in ("webgl", ""):  # asked for, or chosen
        waves._model = waves.description | {"renderer": renderer}
        page = browser.new_page(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
        page.goto(f"file://{waves.save(folder / 'painting.html')}")
        page.wait_for_selector(".lrnr-explorer[data-renderer]", timeout=120_000)
        chosen = page.locator(".lrnr-explorer").get_attribute("data-renderer")
        if renderer and chosen != renderer:
            raise ValueError(f"this browser, Chromium {browser.version}, has no WebGL2 with float targets")
        if renderer:
            found = page.evaluate(WATCH, POINTS)
        else:
            found["chosen"] = chosen
        page.close()
    return found
