"""The explorer where waves, readers and machines are not the usual ones, in a real browser."""

import json
import re
import subprocess

import numpy as np
import pytest

import lrnrbook as lb
from lrnrbook.widget import module

pytestmark = pytest.mark.browser


def channel(start=1990.0, level=101_000.0):
    """An untrained network of a wave in a long channel, in years and in pascal."""
    x = np.stack(np.meshgrid(np.linspace(0, 4, 17), np.linspace(0, 1, 5), indexing="ij"), -1).reshape(-1, 2)
    t = start + np.linspace(0, 10, 5)
    u = [level + 400 * np.sin(x[:, :1] - (time - start) / 5) for time in t]
    return lb.fit(lb.WaveData.from_arrays(t, x, u, ["pressure"]), "smoke", epochs=1, progress=False).model


@pytest.fixture
def opened(browser, tmp_path):
    """Opens an explorer on a page of its own, drawn."""
    pages = []

    def show(waves, **how):
        waves.save(tmp_path / "page.html")
        page = browser.new_page(**how)
        pages.append(page)
        page.goto(f"file://{tmp_path / 'page.html'}")
        page.locator(".lrnr-drawn").wait_for()
        return page

    yield show
    for page in pages:
        page.close()


def test_a_long_channel_is_drawn_to_scale_and_large_numbers_keep_their_digits(opened):
    page = opened(lb.explorer(channel(), 1994.7))
    assert page.locator(".lrnr-main").evaluate("e => e.clientHeight") == 460 / 4 + 50
    assert "beyond the rectangle" in page.locator(".lrnr-controls").inner_text()
    time = page.locator("[data-trait=time]")
    assert time.get_attribute("aria-valuetext") == "1994.7"
    said = page.locator(".lrnr-said").text_content()
    low, high = re.search(r"pressure from ([\d.]+) to ([\d.]+), highest at \(", said).groups()
    assert "at time 1994.7" in said and float(low) < float(high)  # three digits would make 101000 of both


def test_arrow_keys_move_a_slider_by_a_hundredth_and_only_one_voice_tells_it(opened):
    page = opened(lb.explorer(channel(), 1994.0))
    time = page.locator("[data-trait=time]")
    for key, expected in (("ArrowRight", 1994.1), ("PageUp", 1995.1), ("ArrowLeft", 1995.0), ("End", 2000.0)):
        time.press(key)
        assert float(time.input_value()) == pytest.approx(expected)
    live = page.locator(".lrnr-explorer output").evaluate_all("all => all.map((e) => e.ariaLive)")
    assert len(live) > 2 and set(live) == {"off"}


def test_a_field_at_rest_does_not_blow_up_the_relative_error(opened):
    waves = lb.explorer(lb.load_pretrained("euler", "page"), 0.0, data=lb.load_data("euler"))
    page = opened(waves)
    page.locator("[data-trait=data]").check()
    page.wait_for_function("document.querySelector('.lrnr-explorer').explorer.fields.data")
    assert page.evaluate("document.querySelector('.lrnr-explorer').explorer.fields.data.error") < 0.1


def test_what_is_printed_in_dark_mode_is_black_on_white(opened):
    page = opened(lb.explorer(lb.load_pretrained("burgers", "page")), color_scheme="dark")
    colours = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    waves = page.locator(".lrnr-explorer")
    assert waves.evaluate(colours) != ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    page.emulate_media(media="print", color_scheme="dark")
    assert waves.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]


def test_a_gauge_that_goes_hands_the_focus_on_and_python_s_gauges_are_listed(opened):
    page = opened(lb.explorer(lb.load_pretrained("euler", "page"), 0.01))
    waves = page.locator(".lrnr-explorer")
    page.locator("summary").first.click()
    waves.evaluate("e => e.explorer.state.set('gauges', [[0, 0.3, 1.0], [0, 0.6, 1.0]])")
    remove = page.locator("button[data-row]")
    assert remove.count() == 2
    remove.first.focus()
    page.keyboard.press("Enter")
    assert remove.count() == 1 and page.evaluate("document.activeElement.dataset.row") == "0"
    page.keyboard.press("Enter")
    assert remove.count() == 0 and page.evaluate("document.activeElement.className") == "lrnr-add"


def test_values_of_a_link_that_are_none_are_left_out(node, tmp_path):
    (tmp_path / "module.mjs").write_text(module())
    (tmp_path / "program.mjs").write_text("""
import { fromHash, toHash } from "./module.mjs";
const first = { time: 1, wide: false, view: "image", rest: [], gauges: [[0, 0.5, 1.25]] };
const given = { time: 0.123456, wide: true, view: "contours", rest: [0.5, -1], gauges: [[0, 0.1, 2], [1, 0.2, -3e-7]] };
const hashes = [toHash("p", given), "#wave=p&time=x&gauges=1_b", "#wave=q&time=2", ""];
console.log(JSON.stringify(hashes.map((hash) => fromHash(hash, "p", first))));
""")
    found = json.loads(subprocess.run([node, "program.mjs"], cwd=tmp_path, capture_output=True, text=True).stdout)
    assert found[0] == {"time": 0.12346, "wide": True, "view": "contours", "rest": [0.5, -1],
                        "gauges": [[0, 0.1, 2], [1, 0.2, -3e-7]]}
    assert found[1] == {"time": 1, "wide": False, "view": "image", "rest": [], "gauges": [[0, 0.5, 1.25]]}
    assert found[2:] == [None, None]


def test_names_of_fields_run_nothing(browser, tmp_path):
    model, name = lb.load_pretrained("euler", "page"), "</option></select><img src=x onerror='window.pwned = 1'>"
    model.fields = (name, "b", "c")
    (tmp_path / "page.html").write_text(f'<!doctype html><meta charset="utf-8">{lb.explorer(model).html()}')
    page = browser.new_page()
    page.goto(f"file://{tmp_path / 'page.html'}")
    page.locator(".lrnr-drawn").wait_for()
    page.locator(".lrnr-add").dispatch_event("click")
    page.locator("option", has_text="onerror").first.wait_for(state="attached")
    assert page.evaluate("window.pwned ?? 0") == 0 and page.locator(".lrnr-explorer img[src=x]").count() == 0
    page.close()
