"""Waves by the graphics processor, in a browser that renders in software: pixels read back, against torch."""

import base64
import io

import numpy as np
import pytest
import torch
from conftest import CHROMIUM
from PIL import Image

import lrnrbook as lb
from lrnrbook.hyper import initial_scales
from lrnrbook.layers import ACTIVATIONS
from lrnrbook.widget import module
from study.ledger.models import load_pretrained

pytestmark = pytest.mark.browser
N = 256  # points a side
SOFTWARE = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
SENT = "(a) => btoa(Array.from(new Uint8Array(a.buffer), (b) => String.fromCharCode(b)).join(''))"
PAINT = f"""async ([model, s, field, view]) => {{
  const paint = painter();
  paint.evaluate(1, (await network(model)).chain(s), view, field);
  return ({SENT})(paint.values(1));
}}"""


def received(text):
    """Values of a picture that were sent as text: (N, N), by rows from below."""
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(N, N)


@pytest.fixture(scope="module")
def page(browser):
    """A page with the module in a browser with WebGL2."""
    drawing = browser.browser_type.launch(executable_path=CHROMIUM, args=SOFTWARE)
    page = drawing.new_page()
    page.set_content(f'<script type="module">{module()}\nObject.assign(window, {{ network, painter }});</script>')
    page.wait_for_function("window.painter")
    yield page
    drawing.close()


def random_model(activation, fields=1, dims=2):
    lrnr = lb.LRNR.random((dims, 37, 21, fields), lb.Ranks((dims, 7, 5), (3, 0, 1)), activation, seed=3)
    hyper = lb.HyperNetwork(initial_scales(lrnr), width=6, depth=3, output="linear", seed=1)
    names = ["u", "v", "w"][:fields]
    box = ((-1.0, 2.0), (0.0, 5.0), (2.0, 3.0))[:dims]
    return lb.MetaNetwork(lrnr, hyper, lb.Normalisation(box, (0.5, 2.0), (4.0, 5.0, 6.0)[:fields]), names)


MAKERS = {name: lambda a=name: random_model(a) for name in ACTIVATIONS}
MAKERS["burgers-page"] = lambda: load_pretrained("burgers", "page")


@pytest.mark.parametrize("kind", MAKERS)
def test_pixels_have_the_values_of_torch(page, kind):
    model = MAKERS[kind]()
    low, high = model.domain.T
    box = np.array([low - 0.4 * (high - low), high]).T  # beyond the square too
    sides = [a + (np.arange(N) + 0.5) / N * (b - a) for a, b in box]
    x = np.stack(np.meshgrid(*sides, indexing="xy"), -1).reshape(-1, 2)  # rows from below
    with torch.no_grad():
        s = model.coefficients(sum(model.times) / 2)
        u = model.evaluate(x, s)[0, :, 0].numpy()
    (a, b), (c, d) = (2 * (box - low[:, None]) / (high - low)[:, None] - 1)
    view = {"corner": [a, c], "across": [b - a, 0], "up": [0, d - c]}
    found = received(page.evaluate(PAINT, [lb.explorer(model).description, s[0].tolist(), 0, view]))
    scale, shift = model.normalisation.scale[0], (model.normalisation.shift or (0.0,))[0]
    assert np.abs(found.ravel() * scale + shift - u).max() <= 1e-4 * np.ptp(u)


def saved(page, tmp_path, renderer, model=None, **preset):
    """An explorer in a page of its own, drawn in a way that is asked for."""
    waves = lb.explorer(model or random_model("tanh"), **preset)
    if renderer:
        waves._model |= {"renderer": renderer}
    other = page.context.browser.new_page(viewport={"width": 700, "height": 900})
    other.goto(f"file://{waves.save(tmp_path / f'{renderer}.html')}")
    root = other.locator(".lrnr-explorer[data-renderer]")
    root.wait_for()
    other.wait_for_timeout(200)
    return waves, root


def test_an_explorer_draws_the_same_wave_by_both_ways(page, tmp_path):
    pictures = []
    for renderer in ("webgl", "wasm"):
        waves, root = saved(page, tmp_path, renderer, steps={2: 5})
        assert root.get_attribute("data-renderer") == renderer
        pictures.append(Image.open(io.BytesIO(root.locator(".lrnr-main").screenshot())).convert("RGB"))
        if renderer == "webgl":
            drawn = f"e => ({SENT})(e.explorer.painter.values(1))"
            found = received(root.evaluate(drawn)).T
            root.locator("[data-trait=time]").fill("0.6")  # it follows the controls
            root.page.wait_for_timeout(100)
            later = received(root.evaluate(drawn)).T
        root.page.close()
    middles = (np.arange(N) + 0.5) / N
    x = np.stack(np.meshgrid(-1 + 3 * middles, 5 * middles, indexing="ij"), -1).reshape(-1, 2)
    u = waves.evaluate(x)[:, 0].numpy().reshape(N, N) / waves.description["scale"][0]
    assert np.abs(found - u).max() <= 1e-3 * np.ptp(u) and np.abs(later - u).max() > 0.1
    painted, plain = (np.asarray(picture, dtype=float) for picture in pictures)
    assert 0 < np.abs(painted - plain).mean() < 4  # of 255: they differ along the lines


def test_the_choice_is_made_at_the_start_and_outlives_a_lost_context(page, tmp_path):
    _, root = saved(page, tmp_path, None)
    assert root.get_attribute("data-renderer") in ("webgl", "wasm")
    root.page.close()
    _, root = saved(page, tmp_path, "webgl")
    shot = "c => c.toDataURL()"
    before = root.locator(".lrnr-main").evaluate(shot)
    root.evaluate("e => { e.explorer.painter.gl.getExtension('WEBGL_lose_context').loseContext(); }")
    root.locator("[data-trait=mode_1]").fill("8")
    root.page.wait_for_timeout(400)
    assert root.locator(".lrnr-main").evaluate(shot) != before and root.evaluate("e => e.explorer.fields.n") == 96
    root.page.close()


@pytest.mark.parametrize("renderer", ["webgl", "wasm"])
def test_three_dimensions_are_drawn_in_a_plane_and_fields_chosen(page, tmp_path, renderer):
    model = random_model("tanh", fields=2, dims=3)
    waves, root = saved(page, tmp_path, renderer, model, field="v", t=1.0)
    chosen = root.locator("[data-trait=field]")
    assert chosen.input_value() == "1" and chosen.locator("option").all_inner_texts() == ["u", "v"]
    slider = root.get_by_role("slider", name="plane x₃")
    assert [slider.get_attribute(end) for end in ("min", "max")] == ["2", "3"] and slider.input_value() == "2.5"
    shots = []
    for third, field in ((2.5, "1"), (2.9, "1"), (2.9, "0")):
        slider.fill(str(third))
        chosen.select_option(field)
        root.page.wait_for_timeout(600)
        shots.append(root.locator(".lrnr-main").screenshot())
        n = root.evaluate("e => e.explorer.painter ? 256 : e.explorer.fields.n")
        drawn = (f"e => ({SENT})(e.explorer.painter ? e.explorer.painter.values(1)"
                 f" : Float32Array.from(e.explorer.fields.base[{field}]))")
        found = np.frombuffer(base64.b64decode(root.evaluate(drawn)), "<f4").reshape(n, n)
        middles = (np.arange(n) + 0.5) / n
        x = np.stack(np.meshgrid(-1 + 3 * middles, 5 * middles, [third], indexing="ij"), -1).reshape(-1, 3)
        with torch.no_grad():
            u = model(x, 1.0)[0, :, int(field)].numpy().reshape(n, n)
        if n == 256:  # rows from below, in units
            found = found.T * model.normalisation.scale[int(field)]
        assert np.abs(found - u).max() <= 1e-3 * np.ptp(u)
    assert len(set(shots)) == 3
    root.page.close()
