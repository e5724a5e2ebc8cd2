"""The explorer's arithmetic in node against torch, its values in Python, its page; its kernel against the source."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import traitlets

import lrnrbook as lb
from lrnrbook.encode import Encoder
from lrnrbook.hyper import initial_scales
from lrnrbook.layers import ACTIVATIONS
from lrnrbook.widget import module, static
from study.ledger.models import load_pretrained

MODELS = [("euler", "page"), ("burgers", "page"), ("acoustics", "laptop"), ("advection", "truncated")]
PROGRAM = """
import { readFileSync } from "fs";
import { network, runPlain } from "./module.mjs";
const { model, x, s, t, steps, mu } = JSON.parse(readFileSync("in.json"));
const nets = [await network(model)];
if (model.activation !== "gelu") nets.push(await network(model, runPlain));
console.log(JSON.stringify({
  u: s.map((one) => nets[0].evaluate(Float64Array.from(x), one).map((u) => [...u])),
  plain: s.map((one) => nets[1]?.evaluate(Float64Array.from(x), one).map((u) => [...u])),
  coefficients: t.map((time) => nets[0].coefficients(time, mu)),
  coordinates: t.map((time) => nets[0].coordinates(nets[0].coefficients(time, mu))),
  moved: nets[0].moved(t[1], steps, [], mu),
}));
"""


def random_model(activation="tanh", output="linear", bottleneck=0, parameters=None):
    lrnr = lb.LRNR.random((2, 30, 21, 1), lb.Ranks((2, 7, 5), (3, 0, 1)), activation, seed=3)
    hyper = lb.HyperNetwork(initial_scales(lrnr), width=6, depth=3, output=output, bottleneck=bottleneck, seed=1,
                            inputs=1 + len(parameters or {}))
    box = lb.Normalisation(((-1.0, 2.0), (0.0, 5.0)), (0.5, 2.0), (4.0,), (), parameters or {})
    return lb.MetaNetwork(lrnr, hyper, box, ["u"], ["m"])


def in_node(node, tmp_path, waves, x, s, t, steps=()):
    (tmp_path / "module.mjs").write_text(module() + static("plain.js").decode())
    (tmp_path / "program.mjs").write_text(PROGRAM)
    given = {"model": waves.description, "x": x.T.ravel().tolist(), "s": s.tolist(), "t": list(t), "steps": list(steps),
             "mu": waves.mu or []}
    (tmp_path / "in.json").write_text(json.dumps(given))
    done = subprocess.run([node, "program.mjs"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {key: np.array(value) for key, value in json.loads(done.stdout).items()}


MAKERS = {f"{name}-{recipe}": lambda n=name, r=recipe: load_pretrained(n, r) for name, recipe in MODELS}
MAKERS |= {name: lambda a=name: random_model(a) for name in ACTIVATIONS}
MAKERS["bottleneck"] = lambda: random_model(output="relu", bottleneck=4)
MAKERS["family"] = lambda: random_model(parameters={"depth": (0.25, 1.75), "slope": (-3.0, 1.0)})


@pytest.mark.parametrize("kind", MAKERS)
def test_the_module_gives_what_torch_gives(node, tmp_path, kind):
    model = MAKERS[kind]()
    rng = np.random.default_rng(0)
    low, high = model.domain.T
    x = low + (high - low) * rng.uniform(-0.4, 1.4, (203, len(low)))  # also outside, and no multiple of the block
    t = np.linspace(*model.times, 5)
    mu = [low + 0.3 * (high - low) for low, high in model.ranges.values()] or None
    waves = lb.explorer(model, mu=mu)
    modes = lb.hypermodes(model)
    with torch.no_grad():
        s = model.coefficients(t, mu)
        s = s + torch.as_tensor(rng.normal(0, 0.3, s.shape)).to(s) * s.std(0)
        u = model.evaluate(x, s).movedim(-1, 1).numpy()
        coefficients, coordinates = model.coefficients(t, mu).numpy(), modes.coordinates(t, mu).numpy()
    for i in range(len(waves.steps)):
        setattr(waves, f"mode_{i + 1}", float(3 * (-1) ** i))
    waves.time = t[1]
    found = in_node(node, tmp_path, waves, x, s.double().numpy(), t, waves.steps)
    size = np.ptp(u, axis=(0, 2), keepdims=True)
    assert (np.abs(found["u"] - u) <= 1e-4 * size).all()
    if model.lrnr.activation != "gelu":  # which plain JavaScript has not
        assert (np.abs(found["plain"] - u) <= 1e-4 * size).all()
    assert np.abs(found["coefficients"] - coefficients).max() <= 1e-5 * np.abs(coefficients).max()
    assert np.abs(found["coordinates"] - coordinates[:, : len(waves.steps)]).max() <= 1e-4 * np.abs(coordinates).max()
    ours = waves.coefficients.numpy()[0]
    assert np.abs(found["moved"] - ours).max() <= 1e-5 * np.abs(ours).max()


def test_contour_lines_lie_on_their_level_and_close(node, tmp_path):
    (tmp_path / "module.mjs").write_text(module())
    (tmp_path / "program.mjs").write_text("""
import { contour, ticks } from "./module.mjs";
const n = 41;
const cone = Float64Array.from({ length: n * n }, (_, k) => Math.hypot(Math.floor(k / n) - 20, (k % n) - 20));
const plane = Float64Array.from({ length: n * n }, (_, k) => Math.floor(k / n));
const found = { ring: contour(cone, n, 10.3), line: contour(plane, n, 7.25), ticks: ticks(-0.02, 1.01, 6) };
console.log(JSON.stringify(found));
""")
    found = json.loads(subprocess.run([node, "program.mjs"], cwd=tmp_path, capture_output=True, text=True).stdout)
    (ring,) = map(np.array, found["ring"])
    assert np.abs(np.hypot(*(ring - 20).T) - 10.3).max() < 0.05 and (ring[0] == ring[-1]).all()
    (line,) = map(np.array, found["line"])
    assert np.abs(line[:, 0] - 7.25).max() < 1e-12 and len(line) == 41
    assert np.allclose(found["ticks"], [0, 0.2, 0.4, 0.6, 0.8, 1])


def test_the_kernel_is_built_from_its_source(tmp_path):
    recipe = re.search(r"^COMPILE := (.*)$", (Path(__file__).parents[1] / "Makefile").read_text(), re.M)[1].split()
    source = Path(__file__).parents[1] / "lrnrbook" / "static" / "kernel.c"
    subprocess.run([sys.executable, *recipe, "-o", tmp_path / "kernel.wasm", source], check=True)
    assert (tmp_path / "kernel.wasm").read_bytes() == static("kernel.wasm")


def test_a_step_of_five_per_cent_changes_the_wave_by_about_that():
    model = lb.load_pretrained("acoustics", "page")
    waves = lb.explorer(model, 0.5)
    x = np.random.default_rng(1).uniform(-1, 1, (4000, 2))
    base = waves.evaluate(x)
    for i in range(6):
        setattr(waves, f"mode_{i + 1}", 5.0)
        change = float((waves.evaluate(x) - base).abs().sum() / base.abs().sum())
        assert 0.02 < change < 0.1
        setattr(waves, f"mode_{i + 1}", 0.0)
    assert torch.equal(waves.evaluate(x), base) and torch.equal(base, model(x, 0.5)[0].detach())


def test_presets_are_where_it_begins_and_what_a_page_opens_with():
    model = lb.load_pretrained("burgers", "page")
    waves = lb.explorer(model, 1.5, steps={2: 5, 3: -20}, extended=True, view="contours", plane=2)
    assert waves.state == {"time": 1.5, "mode_1": 0, "mode_2": 5, "mode_3": -20, "mode_4": 0, "mode_5": 0, "mode_6": 0,
                           "wide": True, "extended": True, "view": "contours", "data": False, "ghost": False,
                           "plane": 2, "speed": 1, "rest": [], "gauges": [], "field": 0,
                           "third": 0.0} == waves.description["first"]
    waves.mode_2 = 8.0
    assert '"mode_2": 8.0' in waves.html() and waves.description["first"]["mode_2"] == 5
    with pytest.raises(ValueError, match="a step along mode 7: expected modes from 1 to 6"):
        lb.explorer(model, steps={7: 5})
    with pytest.raises(ValueError, match="shadow is no preset: expected some of mode_1"):
        lb.explorer(model, shadow=True)


def test_a_preset_is_what_was_given_or_refused():
    assert lb.explorer(lb.load_pretrained("burgers", "page"), wide=True).wide
    assert not lb.explorer(lb.load_pretrained("burgers", "page"), steps={2: 20}, wide=False).wide
    with pytest.raises(ValueError, match="time is no preset"):
        lb.explorer(lb.load_pretrained("burgers", "page"), time=0.3)


def test_values_are_traits_that_refuse_nonsense():
    ipywidgets = pytest.importorskip("ipywidgets")
    waves = lb.explorer(lb.load_pretrained("burgers", "page"), 1.0)
    seen = []
    waves.observe(lambda change: seen.append(change["new"]), "mode_2")
    waves.mode_2 = 4.0
    assert seen == [4.0] and waves.steps[1] == 4.0 and "time=1" in repr(waves)
    with pytest.raises(traitlets.TraitError, match=r"time = 3.0: expected between 0.0 and 2.5"):
        waves.time = 3.0
    with pytest.raises(traitlets.TraitError, match="mode_1 = nan: expected a finite step"):
        waves.mode_1 = float("nan")
    assert waves.time == 1.0 and waves.mode_1 == 0.0
    slider = ipywidgets.FloatSlider()
    ipywidgets.jslink((slider, "value"), (waves, "mode_1"))
    assert waves in ipywidgets.HBox([slider, waves]).children


def with_formula():
    model = random_model()
    return lb.MetaNetwork(model.lrnr, model.hyper.forward, model.normalisation, ["u"])


def in_four_dimensions():
    box = lb.Normalisation(((0.0, 1.0),) * 4, (0.0, 1.0), (1.0,))
    return lb.MetaNetwork(lb.LRNR.random((4, 8, 1), 2), lb.HyperNetwork(torch.ones(8)), box, ["u"])


@pytest.mark.parametrize(("make", "words"), [
    (lambda: load_pretrained("euler", "siren"), "layers DenseLayer.*expected FactoredLayer"),
    (with_formula, "expected a HyperNetwork"), (in_four_dimensions, "4 dimensions: expected one, two or three")])
def test_other_models_get_a_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        lb.explorer(make())


def test_a_start_outside_the_times_gets_a_sentence():
    with pytest.raises(ValueError, match=r"t = 7.0: expected between 0.0 and 2.5"):
        lb.explorer(lb.load_pretrained("burgers", "page"), 7)


def test_a_page_is_whole_and_the_same_twice(tmp_path):
    waves = lb.explorer(lb.load_pretrained("burgers", "page"), 1.0)
    bundle, _ = waves._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle and bundle["text/html"] == waves.html()
    page = waves.save(tmp_path / "waves.html").read_text()
    assert waves.html() in page and '<img alt="burgers u at t = 1"' in page
    assert re.search(r'(src|href)="(?!data:)|@import|https?://(?!www.w3.org)', page) is None
    again = lb.explorer(lb.load_pretrained("burgers", "page"), 1.0)
    assert again.html() == waves.html()


def test_the_static_picture_shows_the_steps_it_begins_with():
    page = [lb.explorer(lb.load_pretrained("burgers", "page"), 1.0, steps=steps).html() for steps in ({}, {2: 10})]
    still, moved = (re.search('<img alt="(.*?)" src="(.*?)"', text).groups() for text in page)
    assert moved[0] == "burgers u at t = 1 after steps along its hypermodes" and still[1] != moved[1]
    assert still[0] == "burgers u at t = 1"


def test_names_from_a_file_are_no_markup():
    model = lb.load_pretrained("burgers", "page")
    model.fields, model.provenance = ("<script>alert(1)</script>",), {}
    page = lb.explorer(model, title='"><img src=x onerror=alert(2)>').html()
    assert "<script>alert" not in page and "<img src=x" not in page
    assert re.findall("<script (.*?)>", page.replace(" class=\"lrnr-part\"", ""))[-1] == 'type="module"'
    assert page.count("<script") == 3  # weights, module, and what starts it


def test_explorers_of_a_model_share_what_is_large():
    model = lb.load_pretrained("euler", "page")
    pages = [lb.explorer(model, t, data=lb.load_data("euler")).html() for t in (0.01, 0.02)]
    found = [re.findall(r'<(script|style)[^>]* class="lrnr-part" id="(.*?)">(.*?)</\1>', page, re.S) for page in pages]
    assert found[0] == found[1] and len(found[0]) == 4  # style, weights, frames, module
    own = [len(page) - sum(len(text) for *_, text in found[0]) for page in pages]
    assert max(own) < 0.2 * len(pages[0])


def test_frames_of_the_data_come_whole_through_the_page(node, tmp_path):
    data = lb.load_data("burgers")
    waves = lb.explorer(lb.load_pretrained("burgers", "page"), data=data)
    (tmp_path / "module.mjs").write_text(module())
    (tmp_path / "in.json").write_text(json.dumps(waves.description))
    (tmp_path / "program.mjs").write_text("""
import { readFileSync } from "fs";
import { frames } from "./module.mjs";
const found = await frames(JSON.parse(readFileSync("in.json")));
const k = found.nearest([1.52]);
console.log(JSON.stringify({ time: found.moments[k][0], x: [...found.x], u: [...found.values[k][0]] }));
""")
    found = json.loads(subprocess.run([node, "program.mjs"], cwd=tmp_path, capture_output=True, text=True).stdout)
    frame = data[int(np.flatnonzero(data.t == found["time"])[0])]
    x = np.reshape(found["x"], (2, -1)).T
    away = np.linalg.norm(frame.x[None] - x[::97, None], axis=2)
    nearest = away.argsort(1)[:, :3]  # the three nearest cells, weighed by nearness
    weights = 1 / (np.take_along_axis(away, nearest, 1) + 1e-12)
    expected = (weights * frame.u[nearest, 0]).sum(1) / weights.sum(1)
    assert abs(found["time"] - 1.52) < 0.07 and len(x) == 48**2
    assert np.abs(np.array(found["u"])[::97] - expected).max() < 1e-3
    with pytest.raises(ValueError, match="the data have pressure in 2d: expected u in 2d"):
        lb.explorer(lb.load_pretrained("burgers", "page"), data=lb.load_data("acoustics"))


@pytest.mark.parametrize(("name", "count"), [("euler", 5), ("burgers", 16), ("advection", 12)])
def test_gauges_are_fitted_as_the_encoder_fits_them(node, tmp_path, name, count):
    model, frame = lb.load_pretrained(name, "page"), lb.load_data(name, "midpoints")[3]
    chosen = np.random.default_rng(2).choice(len(frame.x), count, replace=False)
    x, u = frame.x[chosen], frame.u[chosen]
    ours = Encoder(model)(x, u)
    readings = [[k, *x[p].tolist(), float(u[p, k])] for p in range(count) for k in range(u.shape[1])]
    (tmp_path / "module.mjs").write_text(module())
    (tmp_path / "in.json").write_text(json.dumps({"model": lb.explorer(model).description, "readings": readings}))
    (tmp_path / "program.mjs").write_text("""
import { readFileSync } from "fs";
import { encode, network } from "./module.mjs";
const { model, readings } = JSON.parse(readFileSync("in.json"));
console.log(JSON.stringify(encode(await network(model), model, readings)));
""")
    found = json.loads(subprocess.run([node, "program.mjs"], cwd=tmp_path, capture_output=True, text=True).stdout)
    away = np.abs(np.array(found["coordinates"]) - ours.coordinates.numpy()) / Encoder(model).range.numpy()
    assert away.max() < 5e-3  # of each coordinate's range
    assert found["misfit"] == pytest.approx(ours.residual, rel=0.02)
    assert found["time"] == pytest.approx(ours.time, abs=2e-3 * (model.times[1] - model.times[0]))


def test_gradients_in_the_page_are_those_of_torch(node, tmp_path):
    for activation in ACTIVATIONS:
        model = random_model(activation)
        s = model.coefficients([2.0])[0].detach().double()
        z, lrnr = torch.tensor([[0.3, -0.6]], dtype=torch.float64), model.lrnr.double().requires_grad_(False)
        slope = torch.func.jacrev(lambda a, net=lrnr, at=z: net(at, a[None]).flatten()[0])(s)
        (tmp_path / "module.mjs").write_text(module())
        (tmp_path / "in.json").write_text(json.dumps([lb.explorer(random_model(activation)).description, s.tolist()]))
        (tmp_path / "program.mjs").write_text("""
import { readFileSync } from "fs";
import { gradient, network } from "./module.mjs";
const [model, s] = JSON.parse(readFileSync("in.json"));
const found = gradient((await network(model)).layers, model.activation, s, [0.3, -0.6], 0);
console.log(JSON.stringify([found.value, ...found.slope]));
""")
        done = subprocess.run([node, "program.mjs"], cwd=tmp_path, capture_output=True, text=True)
        found = np.array(json.loads(done.stdout))
        assert np.abs(found[1:] - slope.numpy()).max() < 1e-5 * np.abs(slope.numpy()).max()
        assert found[0] == pytest.approx(float(lrnr(z, s[None]).flatten()[0]), rel=1e-5)
