"""The explorer in a real browser: in the built book with the network cut, and in live JupyterLab."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import lrnrbook as lb

pytestmark = pytest.mark.browser


def root(page, i=0):
    """The i-th explorer of a page, once it has drawn: it waits until it is near the screen."""
    waves = page.locator(".lrnr-explorer").nth(i)
    waves.scroll_into_view_if_needed()
    waves.locator("canvas.lrnr-path").wait_for()
    return waves


def picture(found):
    """What its canvases show, after it has come to rest."""
    found.page.wait_for_timeout(400)
    return found.locator("canvas.lrnr-main").evaluate("c => c.toDataURL()")


@pytest.mark.parametrize(("name", "count"), [("intro", 1), ("explorer", 4), ("your-data", 1),
                                              ("families", 1)])
def test_every_control_changes_the_picture(page, html, name, count):
    page.goto(f"file://{html}/book/{name}.html")
    for i in range(count):
        waves = root(page, i)
        assert waves.locator("> img").count() == 0 and (i or page.evaluate("performance.now()") < 20000)
        seen = [picture(waves)]
        for control in waves.locator("input[type=range]").all():
            control.fill(str(float(control.get_attribute("max")) * 0.7))
            seen.append(picture(waves))
        for box in waves.locator("[type=checkbox]:not([data-trait=wide])").all():
            box.check()
            seen.append(picture(waves))
        if waves.locator("[data-trait=view]").count():
            waves.locator("[data-trait=view]").select_option("contours")
            seen.append(picture(waves))
        assert len(set(seen)) == len(seen)
        waves.locator(".lrnr-reset").click()
        assert picture(waves) not in seen[1:]
        assert "changes" not in waves.locator(".lrnr-values").inner_text()
    assert page.problems == []


@pytest.mark.parametrize("name", ["02-architecture", "05-hypermodes", "06-tangents", "07-extrapolation", "09-outside"])
def test_chapters_open_at_what_they_ask_about(page, html, name):
    page.goto(f"file://{html}/book/{name}.html")
    waves = root(page)
    steps = [float(slider.input_value()) for slider in waves.locator("[data-trait^=mode_]").all()]
    line = waves.locator(".lrnr-values").inner_text()
    assert ("changes" in line) == any(steps) == (name not in ("05-hypermodes", "09-outside"))
    assert waves.locator("[data-trait=extended]").is_checked() == (name == "09-outside")
    waves.locator("[data-trait=mode_1]").fill("7")
    waves.locator(".lrnr-reset").click()
    assert [float(slider.input_value()) for slider in waves.locator("[data-trait^=mode_]").all()] == steps
    assert page.get_by_text("Answer").count() >= 1 and page.problems == []


def test_the_cover_plays_by_itself_over_and_over_and_only_in_view(page, html):
    page.emulate_media(reduced_motion="no-preference")
    page.goto(f"file://{html}/book/intro.html")
    waves = root(page)
    assert waves.bounding_box()["y"] < 600
    time_of = waves.locator("[data-trait=time]")
    page.wait_for_function("Number(document.querySelector('[data-trait=time]').value) > 0.002")
    assert waves.locator(".lrnr-play").inner_text() == "pause"
    time_of.fill("0.0375")
    page.wait_for_function("Number(document.querySelector('[data-trait=time]').value) < 0.01")  # begun anew
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(300)
    before = time_of.input_value()
    page.wait_for_timeout(300)
    assert time_of.input_value() == before
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    assert root(page).locator(".lrnr-play").inner_text() == "play" and page.problems == []


def test_play_advances_and_stops_at_the_end(page, html):
    page.goto(f"file://{html}/book/explorer.html")
    waves = root(page)
    time_of = waves.locator("[data-trait=time]")
    time_of.fill("0.03")
    waves.locator(".lrnr-play").click()
    before = picture(waves)
    assert waves.locator(".lrnr-play").inner_text() == "pause" and float(time_of.input_value()) > 0.03
    assert picture(waves) != before
    page.wait_for_function("document.querySelector('.lrnr-play').textContent == 'play'")
    assert float(time_of.input_value()) == pytest.approx(0.038)
    assert page.problems == []


def test_keyboard_and_names_for_readers_of_the_screen(page, html):
    page.goto(f"file://{html}/book/intro.html")
    waves = root(page)
    waves.get_by_role("slider", name="mode 2").focus()
    before = picture(waves)
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert waves.get_by_role("slider", name="mode 2").get_attribute("aria-valuetext").startswith("+")
    assert picture(waves) != before
    assert "mode 2" in waves.locator("canvas.lrnr-main").get_attribute("aria-label")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Home")  # back to mode 1, as far left as it goes
    assert waves.get_by_role("slider", name="mode 1").get_attribute("aria-valuetext") == "−10 %"
    waves.locator(".lrnr-play").focus()
    page.keyboard.press("Space")
    assert waves.locator(".lrnr-play").inner_text() == "pause"
    controls = waves.locator("input, select")
    named = controls.evaluate_all("all => all.every(e => e.labels.length == 1 && e.labels[0].textContent.trim())")
    assert named and page.problems == []


def test_values_under_the_pointer_are_the_model_s(page, html):
    page.goto(f"file://{html}/book/explorer.html")
    waves = root(page, 2)
    canvas = waves.locator("canvas.lrnr-main")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    canvas.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    text = waves.locator(".lrnr-values").inner_text()
    x1, x2, u = map(float, re.fullmatch(r"\(x₁, x₂\) = \((.*), (.*)\): u (.*)", text).groups())
    around = [[x1 + a / 96, x2 + b / 96] for a in (-0.5, 0, 0.5) for b in (-0.5, 0, 0.5)]  # within the pixel
    values = lb.load_pretrained("burgers", "page")(around, 1.5)
    assert values.min() - 2e-3 <= u <= values.max() + 2e-3


def test_dark_mode_phone_and_print(page, html):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"file://{html}/book/explorer.html")
    waves = root(page)
    light = picture(waves)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    dark = picture(waves)
    assert dark != light and waves.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(20, 24, 30)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert waves.evaluate("e => [...e.querySelectorAll('*')].every(c => c.getBoundingClientRect().right <= 390)")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    printed = waves.locator("canvas.lrnr-main").evaluate("c => c.toDataURL()")
    assert printed not in (light, dark)  # black ink, which light mode has not quite
    page.emulate_media(media="print")
    assert not waves.locator(".lrnr-play").is_visible() and waves.locator("canvas.lrnr-main").is_visible()


def test_a_static_figure_stands_in_where_there_is_no_javascript(browser, html):
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{html}/book/explorer.html")
    figures = page.locator(".lrnr-explorer > img")
    assert figures.count() == 4
    assert all(figure.bounding_box()["width"] > 300 for figure in figures.all())
    context.close()


def test_a_laptop_model_in_a_page_of_its_own(page, html, tmp_path):
    path = lb.explorer(lb.load_pretrained("burgers"), 1.5).save(html / "own.html")
    page.goto(f"file://{path}")
    waves = root(page)
    first = picture(waves)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', `<img src=x onerror='window.intruder = 1'>`)")
    page.wait_for_timeout(100)
    assert page.evaluate("window.intruder") is None and page.problems, "the policy allows the page itself alone"
    page.problems.clear()
    waves.evaluate("e => { e.explorer.speed = 1; }")  # as on a slow machine: coarse while it moves, then in full
    waves.get_by_role("slider", name="mode 1").fill("5")
    seen = []  # the page's policy forbids `wait_for_function`
    while len(seen) < 300 and (24 not in seen or seen[-1] != 96):
        seen.append(waves.evaluate("e => e.explorer.fields.n"))
        page.wait_for_timeout(20)
    assert 24 in seen and seen[-1] == 96 and picture(waves) != first and page.problems == []


NOTEBOOK = """
import json, pathlib, ipywidgets, lrnrbook as lb
waves = lb.explorer(lb.load_pretrained("euler", "page"), 0.02)
linked = ipywidgets.FloatSlider()
ipywidgets.jslink((waves, "mode_3"), (linked, "value"))
def note(change):
    pathlib.Path("seen.json").write_text(json.dumps([change["name"], change["new"]]))
    if change["name"] == "mode_2":
        waves.time = 0.03
waves.observe(note, ["mode_2"])
linked.observe(lambda change: pathlib.Path("linked.json").write_text(str(change["new"])), "value")
ipywidgets.HBox([waves])
"""


@pytest.fixture
def lab(tmp_path):
    """Address of a live JupyterLab with a notebook that shows the explorer."""
    cell = {"cell_type": "code", "id": "waves", "execution_count": None, "metadata": {}, "outputs": [],
            "source": NOTEBOOK.strip().splitlines(True)}
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "waves.ipynb").write_text(json.dumps(notebook))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
               "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--allow-root", "--expose-app-in-browser",
               f"--notebook-dir={tmp_path}"]
    own = {"JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "JUPYTER_DATA_DIR": str(tmp_path / "data"),
           "PYTHONPATH": str(Path(lb.__file__).parents[1])}
    with open(tmp_path / "lab.log", "w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | own)
    address = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/api", timeout=1)
            break
        except OSError:
            time.sleep(0.5)
    yield address
    server.terminate()
    server.wait(20)


def wait_for(path, wanted, timeout=20):
    """Wait until the kernel has written what is wanted to a file."""
    for _ in range(10 * timeout):
        text = path.read_text() if path.exists() else ""
        if text and wanted(json.loads(text)):
            return
        time.sleep(0.1)
    raise AssertionError(f"{path.name} holds {text!r} after {timeout} s")


def test_live_in_jupyterlab(browser, lab, tmp_path):
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.goto(f"{lab}/doc/tree/waves.ipynb")
    page.wait_for_selector(".jp-Notebook", timeout=60000)
    page.wait_for_function("window.jupyterapp?.commands.hasCommand('notebook:run-all-cells')", timeout=60000)
    page.wait_for_selector("text=| Idle", timeout=60000)  # of the kernel, in the bar below
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(".lrnr-drawn", timeout=60000)
    waves = page.locator(".lrnr-explorer")
    assert waves.locator("canvas.lrnr-main").bounding_box()["width"] > 400  # also beside other widgets
    first = picture(waves)
    waves.get_by_role("slider", name="mode 2").focus()
    page.keyboard.press("ArrowRight")  # which JupyterLab would take
    wait_for(tmp_path / "seen.json", lambda seen: seen[0] == "mode_2" and seen[1] > 0)
    page.wait_for_function("document.querySelector('.lrnr-explorer [data-trait=time]').value == 0.03")  # set by Python
    assert picture(waves) != first and "t = 0.03" in waves.locator(".lrnr-values").inner_text()
    waves.get_by_role("slider", name="mode 3").fill("4")  # linked to a slider of ipywidgets
    wait_for(tmp_path / "linked.json", lambda value: value == 4.0)
    waves.locator(".lrnr-reset").click()
    wait_for(tmp_path / "linked.json", lambda value: value == 0.0)
    context.close()
