"""The controls of the explorer in a real browser: two explorers of one model on a page, slimmed as in the book."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
import traitlets

import lrnrbook as lb
from lrnrbook.encode import Encoder
from study.own.family import MODEL, gates

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A page with two explorers of the blast waves, far apart, and one of Burgers' wave."""
    spec = importlib.util.spec_from_file_location("pages", ROOT / "book" / "_extensions" / "pages.py")
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    data = {name: lb.load_data(name) for name in ("euler", "burgers")}
    made = [lb.explorer(lb.load_pretrained("euler", "page"), 0.0285, data=data["euler"]),
            lb.explorer(lb.load_pretrained("burgers", "page"), 1.5, steps={2: 5}, data=data["burgers"], plane=2),
            lb.explorer(lb.load_pretrained("euler", "page"), 0.01, data=data["euler"])]
    body = "<div style='height: 2000px'></div>".join(waves.html() for waves in made)
    path = tmp_path_factory.mktemp("controls") / "page.html"
    slim = pages.once(body)
    assert len(slim) < len(body) - 180e3  # style, module and weights of the later ones
    path.write_text(f'<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">{slim}')
    return path


@pytest.fixture(scope="module")
def screen(browser, file):
    """The page on a desktop, shared by the tests below; nothing plays by itself."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.goto(f"file://{file}")
    yield page
    assert page.problems == []
    context.close()


def at(page, i):
    """The i-th explorer, in view and reset."""
    waves = page.locator(".lrnr-explorer").nth(i)
    waves.scroll_into_view_if_needed()
    waves.locator(".lrnr-reset").click()
    rest(page)
    return waves


def rest(page):
    """Until all is drawn and said."""
    page.wait_for_timeout(300)


def value(waves, name):
    return waves.evaluate(f"e => e.explorer.state.get('{name}')")


def test_only_explorers_in_view_run_and_weights_are_there_once(screen):
    first, last = screen.locator(".lrnr-explorer").first, screen.locator(".lrnr-explorer").last
    first.locator("canvas.lrnr-path").wait_for()
    assert last.evaluate("e => e.explorer === undefined") and last.locator("> img").count() == 1
    text = screen.content()
    assert len(re.findall('class="lrnr-part"', text)) == 6  # style, module, two models, two sets of frames
    at(screen, 2)
    assert last.evaluate("e => e.explorer.net === document.querySelector('.lrnr-explorer').explorer.net")
    first.evaluate("e => e.explorer.set({ playing: true })")  # far above
    before = value(first, "time")
    rest(screen)
    assert value(first, "time") == before
    at(screen, 0)


@pytest.mark.parametrize(("i", "name"), [(0, "euler"), (1, "burgers")])
def test_data_beside_the_network_and_their_difference(screen, i, name):
    waves = at(screen, i)
    line = waves.locator(".lrnr-values")
    assert "data" not in line.inner_text()
    waves.locator("[data-trait=data]").check()
    rest(screen)
    time, shown = map(float, re.search(r"data at t = (\S+) by (\S+)\s%", line.inner_text()).groups())
    told = waves.evaluate("({ explorer: e }) => ({ x: [...e.data.x], n: e.data.n, at: e.fields.data.moment[0] })")
    data, model = lb.load_data(name), lb.load_pretrained(name, "page")
    frame = data[int(np.abs(data.t - told["at"]).argmin())]
    x = np.reshape(told["x"], (len(data.domain), -1)).T
    away = np.linalg.norm(frame.x[None] - x[:, None], axis=2)
    nearest = away.argsort(1)[:, : x.shape[1] + 1]  # as many as make a simplex, weighed by nearness
    weights = 1 / (np.take_along_axis(away, nearest, 1) + 1e-12)
    u, v = lb.hypermodes(model), np.einsum("pk,pkm->pm", weights / weights.sum(1, keepdims=True), frame.u[nearest])
    steps = [[0, 5 * waves.evaluate("e => e.explorer.model.units[1]")]] if name == "burgers" else [[0]]
    network = model.evaluate(x, model.coefficients(frame.t) + u.coefficients(steps))[0].detach().numpy()
    ours = 100 * (np.abs(network - v).sum(0) / np.abs(v).sum(0)).mean()
    assert shown == pytest.approx(ours, rel=0.06) and time == pytest.approx(frame.t, rel=1e-2)
    assert waves.locator("[data-of=data]").is_visible()
    waves.locator("[data-trait=data]").uncheck()


def dot(waves, i):
    """Where a dot of the plot of coordinates is on the screen."""
    x, y = waves.evaluate(f"e => e.explorer.path.dots[{i}]")
    box = waves.locator("canvas.lrnr-path").bounding_box()
    return box["x"] + x, box["y"] + y


def drag(screen, start, *places):
    """Press at a place, move over others and let go at the last."""
    screen.mouse.move(*start)
    screen.mouse.down()
    for place in places:
        screen.mouse.move(*place)
    screen.mouse.up()


def test_a_dot_comes_off_its_curve_and_the_wave_follows(screen):
    waves = at(screen, 0)
    waves.locator("canvas.lrnr-path").scroll_into_view_if_needed()
    x, y = dot(waves, 2)
    drag(screen, (x, y), (x + 20, y - 12))
    rest(screen)
    assert value(waves, "mode_3") > 1 and value(waves, "time") == 0.0285
    assert "changes the wave by" in waves.locator(".lrnr-values").inner_text()
    assert abs(dot(waves, 2)[1] - (y - 12)) < 2  # it stays where it was let go
    x, y = dot(waves, 0)
    drag(screen, (x - 60, y + 70), (x - 80, y + 70))  # off the dots: the line of time
    assert value(waves, "time") < 0.0285
    waves.locator("canvas.lrnr-path").focus()
    screen.keyboard.press("PageUp")
    before = value(waves, "mode_4"), value(waves, "time")
    screen.keyboard.press("ArrowUp")
    screen.keyboard.press("ArrowRight")
    assert value(waves, "mode_4") == before[0] + 0.5 and value(waves, "time") > before[1]
    assert "mode 4" in waves.locator("canvas.lrnr-path").get_attribute("aria-label")


def test_two_coordinates_in_their_plane_and_the_wave_a_little_later(screen):
    waves = at(screen, 1)
    waves.locator("canvas.lrnr-path").scroll_into_view_if_needed()
    x, y = dot(waves, 0)
    drag(screen, (x, y), (x + 30, y + 20))
    rest(screen)
    assert value(waves, "mode_2") > 5 and value(waves, "mode_3") < 0
    assert waves.locator("[data-trait=wide]").is_checked()  # which says that the sliders now reach farther
    waves.locator("canvas.lrnr-path").focus()
    before = value(waves, "mode_3")
    screen.keyboard.press("ArrowUp")
    assert value(waves, "mode_3") == before + 0.5
    picture = waves.locator("canvas.lrnr-main").evaluate("c => c.toDataURL()")
    waves.locator("[data-trait=ghost]").check()
    rest(screen)
    assert waves.locator("canvas.lrnr-main").evaluate("c => c.toDataURL()") != picture
    found = waves.evaluate("e => [...e.explorer.fields.ghost[0]]")
    model = lb.load_pretrained("burgers", "page")
    n = round(len(found) ** 0.5)
    middles = (np.arange(n) + 0.5) / n
    later = model(np.stack(np.meshgrid(middles, middles, indexing="ij"), -1).reshape(-1, 2), 1.5 + 2.5 / 20)
    assert np.abs(later.detach().numpy()[0, :, 0] - found).max() < 1e-3


def test_play_loops_with_its_speed(screen):
    waves = at(screen, 0)
    waves.locator("[data-trait=speed]").select_option("4")
    waves.locator("[data-trait=time]").fill("0.036")
    waves.locator(".lrnr-play").click()
    screen.wait_for_function("document.querySelector('.lrnr-explorer').explorer.state.get('time') < 0.03")  # begun anew
    assert waves.locator(".lrnr-play").inner_text() == "pause"
    waves.locator(".lrnr-play").click()
    assert value(waves, "speed") == 4
    screen.emulate_media(reduced_motion="reduce")
    waves.locator("[data-trait=time]").fill("0.037")
    waves.locator(".lrnr-play").click()
    screen.wait_for_function("!document.querySelector('.lrnr-explorer').explorer.state.get('playing')")
    assert value(waves, "time") == pytest.approx(0.038)
    screen.emulate_media(reduced_motion="no-preference")


def test_a_link_holds_the_whole_state_and_reset_is_the_beginning(screen, browser, file):
    waves = at(screen, 1)
    state = "e => Object.fromEntries(e.explorer.names.map((n) => [n, e.explorer.state.get(n)]))"
    first = waves.evaluate(state)
    waves.locator("[data-trait=mode_4]").fill("-7.5")
    waves.locator("[data-trait=time]").fill("0.75")
    waves.locator("[data-trait=view]").select_option("contours")
    for name in ("extended", "data", "ghost"):
        waves.locator(f"[data-trait={name}]").check()
    waves.locator(".lrnr-fit summary").click()
    waves.locator(".lrnr-add").click()
    rest(screen)
    left = waves.evaluate(state)
    waves.locator(".lrnr-link").click()
    other = browser.new_context(offline=True, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened = other.new_page()
    opened.goto(screen.url)
    assert screen.url.startswith(f"file://{file}#wave=")
    there = opened.locator(".lrnr-explorer").nth(1)
    there.locator("canvas.lrnr-path").wait_for()
    found = there.evaluate(state)
    assert {k: v for k, v in found.items() if isinstance(v, (str, bool))} == {
        k: v for k, v in left.items() if isinstance(v, (str, bool))}
    for name in set(left) - {"view"}:
        assert np.ravel(found[name]) == pytest.approx(np.ravel(left[name]), rel=1e-4), name
    assert opened.locator(".lrnr-explorer").first.evaluate("e => e.explorer?.state.get('time') ?? 0.0285") == 0.0285
    other.close()
    waves.locator(".lrnr-reset").click()
    assert waves.evaluate(state) == first
    waves.locator(".lrnr-fit summary").click()


def test_gauges_on_the_wave_are_fitted_as_the_encoder_fits_them(screen):
    waves = at(screen, 1)
    waves.locator(".lrnr-fit summary").click()
    canvas = waves.locator("canvas.lrnr-main")
    canvas.scroll_into_view_if_needed()
    sides = ["left", "top", "width", "height"]
    left, top, width, height = waves.evaluate("(e, sides) => sides.map((k) => e.explorer.axes[0][k])", sides)
    for k in range(9):
        canvas.click(position={"x": left + width * (0.12 + 0.09 * k), "y": top + height * (0.2 + (0.37 * k) % 0.7)})
    box = canvas.bounding_box()
    x, y = box["x"] + left + width * 0.12, box["y"] + top + height * 0.2
    drag(screen, (x, y), (x, y - 20))  # up: it reads more
    rest(screen)
    gauges = np.array(value(waves, "gauges"))
    assert gauges.shape == (9, 4) and waves.locator(".lrnr-gauges li").count() == 9
    ours = Encoder(lb.load_pretrained("burgers", "page"))(gauges[:, 1:3], gauges[:, 3])
    found = waves.evaluate("e => e.explorer.gauges.found")
    away = np.abs(np.array(found["coordinates"]) - ours.coordinates.numpy())
    assert (away < 5e-3 * Encoder(lb.load_pretrained("burgers", "page")).range.numpy()).all()
    assert found["misfit"] == pytest.approx(ours.residual, rel=0.02)
    drawn = waves.evaluate("e => e.explorer.net.coordinates(e.explorer.moved(e.explorer.state.get('time')), 18)")
    assert np.abs(np.array(drawn) - found["coordinates"]).max() < 1e-3 * np.abs(drawn).max()  # what is shown
    assert re.search(r"misfit \S+ % .* 9 gauges; 18 coordinates", waves.locator(".lrnr-misfit").inner_text())
    reading = waves.locator(".lrnr-gauges li").first.get_by_label("reads")
    reading.fill("0.2")
    reading.press("Enter")
    rest(screen)
    assert value(waves, "gauges")[0][3] == 0.2  # by keyboard
    waves.get_by_role("button", name="remove gauge 1").click()
    assert len(value(waves, "gauges")) == 8
    waves.locator(".lrnr-clear").click()
    assert value(waves, "gauges") == []
    waves.locator(".lrnr-fit summary").click()


def test_a_drawn_profile_is_fitted(screen):
    waves = at(screen, 0)
    waves.locator(".lrnr-fit summary").click()
    waves.locator(".lrnr-tool").select_option("profile")
    model = lb.load_pretrained("euler", "page")
    target, x = 0.020, np.linspace(0.02, 0.98, 33)
    pressure = model(x[:, None], target)[0, :, 2].detach().numpy()
    waves.locator("canvas.lrnr-main").scroll_into_view_if_needed()
    box = waves.locator("canvas.lrnr-main").bounding_box()
    places = waves.evaluate("(e, [x, u]) => x.map((a, i) => [e.explorer.axes[2].x(a), e.explorer.axes[2].y(u[i])])",
                            [x.tolist(), pressure.tolist()])
    drag(screen, *((box["x"] + px, box["y"] + py) for px, py in places))
    rest(screen)
    assert len(value(waves, "gauges")) > 50 and value(waves, "time") == pytest.approx(target, abs=1e-3)
    waves.locator(".lrnr-fit summary").click()


def test_nothing_moves_under_the_finger_and_axes_say_when_they_change(screen):
    waves = at(screen, 0)
    waves.locator("[data-trait=wide]").check()
    boxes = """e => [...e.querySelectorAll('canvas, input, button, output, select')]
      .map((c) => [c.offsetTop, c.offsetHeight])"""
    before = waves.evaluate(boxes)
    for step in ("-100", "-33.333", "61.2", "100"):
        waves.locator("[data-trait=mode_5]").fill(step)
        waves.locator("[data-trait=data]").check()
        rest(screen)
        assert waves.evaluate(boxes) == before
        within = waves.evaluate("""e => e.explorer.fields.perturbed.map((u, k) =>
          [Math.min(...u) >= e.explorer.axes[k].y0, Math.max(...u) <= e.explorer.axes[k].y1])""")
        enlarged = waves.evaluate("e => e.explorer.enlarged")
        assert all(all(ends) or times == 8 for ends, times in zip(within, enlarged, strict=True))
    assert max(enlarged) > 1 and "times as long" in waves.locator(".lrnr-said").inner_text()


def test_the_text_alternative_says_what_happens(screen):
    waves = at(screen, 1)
    said = waves.locator(".lrnr-said")
    assert said.get_attribute("role") == "status"
    text = said.inner_text()
    sentence = r"changes the wave by (\S+) %\. u from \S+ to (\S+), highest at .*, raised most at .*, by (\S+),"
    change, high, up = re.search(sentence, text).groups()
    assert 3 < float(change) < 8 and 0.5 < float(high) < 1 and float(up) > 0.1
    assert waves.locator("canvas.lrnr-main").get_attribute("aria-label") == text
    waves.locator("[data-trait=mode_2]").fill("0")
    rest(screen)
    assert "No step." in said.inner_text()
    named = waves.locator(".lrnr-controls").locator("input, select").evaluate_all(
        "all => all.every((e) => e.labels.length === 1 && e.labels[0].textContent.trim())")
    assert named


@pytest.fixture(scope="module")
def phone(browser, file):
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
                                  device_scale_factor=2, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"file://{file}")
    yield page
    context.close()


def swipe(page, x, y, dx, dy):
    """A finger put down at a place, drawn along, and lifted."""
    send = page.context.new_cdp_session(page).send
    send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for k in range(1, 16):  # at the end it holds still, so that nothing rolls on
        point = {"x": x + dx * min(k, 10) / 10, "y": y + dy * min(k, 10) / 10}
        send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(16)
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(100)


@pytest.mark.parametrize("i", [0, 1])
def test_picture_and_sliders_fit_a_phone_together(phone, i):
    waves = phone.locator(".lrnr-explorer").nth(i)
    waves.scroll_into_view_if_needed()
    waves.locator("canvas.lrnr-path").wait_for()
    top = waves.locator("canvas.lrnr-main").bounding_box()["y"]
    last = waves.locator(".lrnr-mode").last.bounding_box()
    assert last["y"] + last["height"] - top < 700  # of 844, with a browser's bars
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_vertical_swipe_scrolls_and_a_horizontal_one_moves_the_slider(phone):
    phone.evaluate("scrollTo(0, 0)")
    waves = phone.locator(".lrnr-explorer").first
    waves.locator("canvas.lrnr-path").wait_for()
    box = waves.locator("[data-trait=mode_2]").bounding_box()
    x, y = box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2
    swipe(phone, x, y, 0, -150)
    assert phone.evaluate("scrollY") > 60 and value(waves, "mode_2") == 0
    box, scrolled = waves.locator("[data-trait=mode_2]").bounding_box(), phone.evaluate("scrollY")
    swipe(phone, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 60, 0)
    assert phone.evaluate("scrollY") == scrolled and value(waves, "mode_2") > 2
    x, y = dot(waves, 3)
    swipe(phone, x, y, 0, -25)  # a dot of the plot is dragged
    assert phone.evaluate("scrollY") == scrolled and abs(value(waves, "mode_4")) > 1


def test_a_family_has_a_slider_for_its_parameter(browser, tmp_path):
    data, model = gates(), lb.load(MODEL)
    waves = lb.explorer(model, 4.0, mu={"tailwater": 0.5}, data=data)
    page = browser.new_context(offline=True, viewport={"width": 1280, "height": 900}).new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"file://{waves.save(tmp_path / 'family.html')}")
    shown = page.locator(".lrnr-explorer")
    slider = shown.locator("[data-trait=mu_1]")
    slider.wait_for()
    assert slider.locator("xpath=..").inner_text().split()[0] == "tailwater"
    assert [float(slider.get_attribute(end)) for end in ("min", "max")] == [0.25, 1.75]
    assert slider.input_value() == "0.5"

    def drawn(mu):
        u = shown.evaluate("({ explorer: e }) => ({ x: [...e.fields.x], u: e.fields.base.map((u) => [...u]) })")
        ours = model(u["x"], 4.0, mu)[0].detach().numpy().T
        return np.abs(np.array(u["u"]) - ours).max() < 1e-4 * np.ptp(ours)

    rest(page)
    assert drawn(0.5) and "tailwater = 0.5" in shown.locator(".lrnr-values").inner_text()
    path = shown.evaluate("e => e.explorer.path.path[60]")
    slider.focus()
    slider.fill("1.33")
    rest(page)
    assert drawn(1.33) and not drawn(0.5)
    assert "tailwater 1.33" in shown.locator("canvas.lrnr-main").get_attribute("aria-label")
    assert shown.evaluate("e => e.explorer.path.path[60]") != path  # coordinates over time, of this parameter
    shown.locator("[data-trait=data]").check()
    rest(page)
    assert re.search(r"data at t = [34]\S*, tailwater = 1.35 by 0.\d+", shown.locator(".lrnr-values").inner_text())
    x = [8.0, 14.0, 20.0, 26.0, 45.0, 60.0]
    for at, u in zip(x, model(x, 6.0, 0.8)[0].detach().numpy(), strict=True):  # gauges of depth and velocity
        shown.evaluate("(e, gauges) => e.explorer.gauges.put([...e.explorer.gauges.all, ...gauges])",
                       [[k, at, float(u[k])] for k in (0, 1)])
    rest(page)
    assert value(shown, "mu_1") == pytest.approx(0.8, abs=0.02) and value(shown, "time") == pytest.approx(6.0, abs=0.15)
    shown.locator(".lrnr-reset").click()
    assert value(shown, "mu_1") == 0.5 and problems == []
    waves.mu_1 = 1.0
    assert np.allclose(waves.evaluate(x), model(x, 4.0, 1.0)[0].detach())
    with pytest.raises(traitlets.TraitError, match="mu_1 = 2.0: expected between 0.25 and 1.75"):
        waves.mu_1 = 2.0
