"""Draw your own wave, in a real browser: the page computes what `track`, `front_network` and `lax_oleinik` do."""

import numpy as np
import pytest

from study.theory.conservation import FLUXES, Profile, lax_oleinik, track
from study.theory.constructions import values
from study.theory.entropy import front_network
from study.theory.own_wave import SIZES, OwnWave

pytestmark = pytest.mark.browser
TOLD = """e => { const w = e.ownWave, net = w.network(w.size); return {
  x: w.profile.x, u: w.profile.u, time: w.time, until: w.until, exact: [...w.exact], errors: w.errors,
  fronts: net.fronts.map((f) => [f.x0, f.speed, f.jump, f.born, Math.min(f.died, 1e9)]), width: net.width,
  points: [...X], values: [...evaluate(net, X, net.coefficients(w.time))],
  changed: [...evaluate(net, X, [0.9, 1.1, w.time + 0.05, 1.2, 0.7])] }; }"""


@pytest.fixture
def own(browser, tmp_path):
    """The piece in a page of its own, without a network."""
    path = tmp_path / "own.html"
    shown = "Object.assign(window, { X, evaluate });\nownWave(document"
    body = OwnWave()._repr_html_().replace("ownWave(document", shown)
    path.write_text(f'<!doctype html><meta name="viewport" content="width=device-width">{body}')
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900}, has_touch=True)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(f"file://{path}")
    page.wait_for_selector(".lrnr-own.lrnr-drawn")
    yield page.locator(".lrnr-own")
    assert page.problems == []
    context.close()


def drawn(own):
    """Wait until what was changed has been drawn."""
    own.page.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")


def settle(own):
    """Wait until the errors at all widths are there."""
    drawn(own)
    own.page.wait_for_function("Array.from(document.querySelector('.lrnr-own').ownWave.errors).every(e => e >= 0)")
    own.page.wait_for_function("document.querySelector('.lrnr-said').textContent")
    return own.evaluate(TOLD)


def sketch(own, heights, left=0.15, right=0.75):
    """Draw through heights with the mouse, from left to right."""
    canvas = own.locator(".lrnr-draw")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    axes = own.evaluate("({ ownWave: { axes } }) => [axes.x(0), axes.x(1), axes.y(0), axes.y(1)]")
    places = [(box["x"] + axes[0] + x * (axes[1] - axes[0]), box["y"] + axes[2] + u * (axes[3] - axes[2]))
              for x, u in zip(np.linspace(left, right, len(heights)), heights, strict=True)]
    own.page.mouse.move(*places[0])
    own.page.mouse.down()
    for place in places:
        own.page.mouse.move(*place)
    own.page.mouse.up()


@pytest.mark.parametrize("law", FLUXES)
def test_a_sketch_has_the_fronts_and_values_of_python(own, law):
    own.locator("[name=law]").select_option(law)
    sketch(own, 0.8 * np.sin(np.linspace(0, 9, 30)) * np.linspace(1, 0.3, 30))
    told = settle(own)
    profile, flux, delta = Profile.of(told["x"], told["u"]), FLUXES[law], 1 / SIZES[4]
    assert profile.variation > 3 and own.locator("[name=start]").input_value() == ""
    fronts = track(flux, profile, delta, told["until"])
    ours = np.stack([fronts.x0, fronts.speed, fronts.jump, fronts.born, np.minimum(fronts.died, 1e9)], 1)
    theirs = np.array(told["fronts"])
    assert ours.shape == theirs.shape and len(fronts.mergers(2 * delta)) > 1
    for column in (4, 3, 0):  # in one order, whatever meets at the same time
        ours, theirs = (a[np.argsort(a[:, column].round(9), kind="stable")] for a in (ours, theirs))
    assert np.abs(ours - theirs).max() < 1e-9
    model, x, t = front_network(fronts, told["until"]), np.array(told["points"]), told["time"]
    assert told["width"] == max(model.lrnr.dims)
    assert own.locator(".lrnr-n").inner_text() == str(model.ranks.total) == "5"
    assert np.abs(values(model, x, t) - told["values"]).max() < 1e-8
    other = model.evaluate(x, [[0.9, 1.1, t + 0.05, 1.2, 0.7]])[0, :, 0].numpy()  # all five are coefficients
    assert np.abs(other - told["changed"]).max() < 1e-8
    exact = lax_oleinik(flux, profile, x, t)
    assert np.abs(exact - told["exact"]).mean() < 1e-4
    assert told["errors"][4] == pytest.approx(np.abs(values(model, x, t) - exact).mean(), abs=1e-4)


def test_the_error_falls_with_the_width_and_the_count_stays(own):
    told = settle(own)
    assert told["errors"][-1] < 0.15 * told["errors"][0]
    shown = []
    for size in range(len(SIZES)):
        own.locator("[name=size]").fill(str(size))
        drawn(own)
        shown.append((int(own.locator("[name=size] + output").inner_text()), own.locator(".lrnr-n").inner_text()))
    widths, counts = zip(*shown, strict=True)
    assert list(widths) == sorted(set(widths)) and set(counts) == {"5"}
    own.locator("[name=time]").fill("0")
    drawn(own)
    assert "s = (1; 1, 0; 1; 1)" in own.locator(".lrnr-count").inner_text()
    told = settle(own)
    assert np.allclose(told["exact"], np.interp(told["points"], told["x"], told["u"]))


def test_own_wave_by_keyboard_and_by_touch_with_names_and_news(own):
    draw = own.get_by_role("slider", name="initial profile")
    own.locator("[name=start]").select_option("N-wave")
    before = settle(own)["u"]
    said = own.locator("[role=status]").inner_text()
    draw.focus()
    for key in ("End", "ArrowLeft", "ArrowUp", "ArrowUp"):
        own.page.keyboard.press(key)
    drawn(own)
    assert draw.get_attribute("aria-valuetext") == "u = 0.1 at x = 0.95"
    own.page.wait_for_function(f"document.querySelector('.lrnr-said').textContent != {said!r}")
    assert settle(own)["u"][76] == pytest.approx(0.1) and before[76] == 0 and "5 coefficients" in said
    box = draw.bounding_box()
    own.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 30)
    assert max(settle(own)["u"]) > 0.7 and draw.evaluate("e => getComputedStyle(e).touchAction") == "none"
    assert own.locator("input, select").evaluate_all("all => all.every(e => e.labels.length == 1)")


def test_own_wave_fits_a_phone_and_the_dark_and_has_a_picture_without_javascript(own, browser, tmp_path):
    page = own.page
    light = own.locator(".lrnr-plane").evaluate("c => c.toDataURL()")
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    drawn(own)
    assert own.locator(".lrnr-plane").evaluate("c => c.toDataURL()") != light
    assert own.evaluate("e => [...e.querySelectorAll('*')].every(c => c.getBoundingClientRect().right <= 390)")
    own.locator("[name=start]").select_option("three shocks")
    sketch(own, [0] * 60, 0, 1)  # nothing at all is a wave too
    told = settle(own)
    assert told["fronts"] == [] and max(told["errors"]) < 0.03
    context = browser.new_context(offline=True, java_script_enabled=False)
    still = context.new_page()
    still.goto(f"file://{tmp_path}/own.html")
    assert still.locator(".lrnr-own > img").bounding_box()["width"] > 300
    context.close()


def test_a_frame_that_comes_late_disturbs_nothing(browser, tmp_path):
    (tmp_path / "own.html").write_text(f"<!doctype html>{OwnWave()._repr_html_()}")
    page, problems = browser.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.add_init_script("window.requestAnimationFrame = (draw) => setTimeout(draw, 1500)")
    page.goto(f"file://{tmp_path / 'own.html'}")
    page.wait_for_function("document.querySelector('.lrnr-said')?.textContent")
    page.close()
    assert problems == []
