"""The explorer: sliders for time and hypermodes, live in Jupyter and alive in a built page (5.7)-(5.8).

Both hosts run one module, ``static/*.js``, which evaluates the model itself from its weights: nothing is precomputed,
and no kernel is asked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources

import anywidget
import numpy as np
import torch
import traitlets
from torch import Tensor

from lrnrbook import plots
from lrnrbook.arrays import Numbers, axis_labels, with_unit
from lrnrbook.data import WaveData
from lrnrbook.files import write_atomically
from lrnrbook.hyper import HyperNetwork
from lrnrbook.layers import FactoredLayer
from lrnrbook.model import MetaNetwork
from lrnrbook.modes import Hypermodes, hypermodes
from lrnrbook.truncation import column_norms

MOST = 6  # sliders of hypermodes, and of parameters
SIZE = 0.05  # relative change of the output at which the unit of the steps is measured
TIMES = 9  # times at which units and limits are measured
MODULE = "network drawing gpu state frames controls path gradient encode gauges words pictures explorer".split()
MODES, PARAMETERS = ([f"{kind}_{i}" for i in range(1, MOST + 1)] for kind in ("mode", "mu"))
CONTROLS = ("time", *MODES, "wide", "extended", "view", "data", "ghost", "plane",
            "speed", "rest", "gauges", "field", "third")


@cache
def static(name: str) -> bytes:
    """A file of the explorer's module."""
    return (resources.files("lrnrbook") / "static" / name).read_bytes()


@cache
def module() -> str:
    """The ES module that evaluates and draws, the same for both hosts."""
    kernel = f'const KERNEL = "{_base64(static("kernel.wasm"))}";'
    code = "\n".join([kernel, *(static(f"{name}.js").decode() for name in MODULE)])
    return re.sub(r"^\s+|^\s*//.*\n", "", code, flags=re.M)  # without indents and notes


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def own(html: str) -> str:
    """The modules within a page, by their sums: what its security policy lets run."""
    codes = re.findall(r'<script type="module"[^>]*>(.*?)</script>', html, re.S)
    return " ".join(f"'sha256-{_base64(hashlib.sha256(code.encode()).digest())}'" for code in codes)


def _part(kind: str, text: str) -> tuple[str, str]:
    """Name of something that explorers share, and its element, of which a page needs only the first with a name."""
    name = f"lrnr-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    return name, f'<{kind} class="lrnr-part" id="{name}">{text}</{kind.split()[0]}>\n'


class Explorer(anywidget.AnyWidget):
    """Sliders for time and hypermodes of a model; made by `explorer`.

    Each value is a trait: read it, set it, `observe` it, or link it to other widgets by ``ipywidgets.jslink``.

    Attributes
    ----------
    time : float: within the model's times
    mu_1, ..., mu_6 : float
        Parameters of a family of waves, within their ranges.
    mode_1, ..., mode_6 : float
        Steps along the first hypermodes, in per cent: 5 changes the output by 5 % (relative l1, median over time).
    wide : bool: sliders to 100 per cent instead of 10, for extrapolation (5.8)
    extended : bool: the picture goes beyond the training domain by 0.4 of its size on each side
    view : {"image", "contours"}: what is drawn of a wave in the plane
    field : int: which field, of several in the plane
    third : float: third coordinate of the plane that is drawn of three dimensions
    data, ghost : bool
        The frame of the data that is nearest in time is drawn too, and the wave a twentieth of the times later.
    plane : int: 0: the coordinates are drawn over time; i: in the plane of modes i and i + 1
    gauges : list
        Readings ``[field, x1, ..., value]`` that a wave is fitted to; `rest` is what modes 7, 8, ... have in it.
    playing, speed : bool, float
        At speed 1, all times take six seconds.
    """

    _esm = module()
    _css = static("explorer.css").decode()
    _model = traitlets.Dict().tag(sync=True)
    time = traitlets.Float().tag(sync=True)
    locals().update({name: traitlets.Float().tag(sync=True) for name in (*MODES, *PARAMETERS)})
    wide = traitlets.Bool().tag(sync=True)
    extended = traitlets.Bool().tag(sync=True)
    view = traitlets.Enum(("image", "contours"), "image").tag(sync=True)
    data = traitlets.Bool().tag(sync=True)
    ghost = traitlets.Bool().tag(sync=True)
    plane = traitlets.Int(min=0, max=MOST - 1).tag(sync=True)
    gauges = traitlets.List().tag(sync=True)
    rest = traitlets.List(traitlets.Float()).tag(sync=True)
    speed = traitlets.Float(1.0).tag(sync=True)
    field = traitlets.Int(min=0).tag(sync=True)
    third = traitlets.Float().tag(sync=True)
    playing = traitlets.Bool().tag(sync=True)

    def __init__(self, modes: Hypermodes, title: str, t: float, play: bool = False, frames: WaveData | None = None,
                 **state):
        self._modes, self._units = modes, _units(modes)
        told = _description(modes, self._units, title) | {"play": play} | plots.frames(frames, modes.model)
        state["time"], ranges = t, modes.model.ranges
        self._ends = {"time": modes.model.times} | dict(zip(PARAMETERS, ranges.values(), strict=False))
        self._controls = (*CONTROLS, *PARAMETERS[: len(ranges)])
        told["first"] = {name: state.get(name, self.trait_defaults(name)) for name in self._controls}
        super().__init__(_model=told, **state)

    @traitlets.validate("time", *PARAMETERS)
    def _valid_place(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        first, last = self._ends.get(name, (0, 0))
        if not first <= value <= last:
            raise traitlets.TraitError(f"{name} = {value}: expected between {first} and {last}")
        return value

    @traitlets.validate(*MODES)
    def _valid_step(self, proposal):
        if not np.isfinite(proposal["value"]):
            raise traitlets.TraitError("{trait.name} = {value}: expected a finite step in per cent".format(**proposal))
        return proposal["value"]

    @property
    def description(self) -> dict:
        """What the module is told of the model: sizes, numbers as base64 of float32, units, limits, colours."""
        return self._model

    @property
    def state(self) -> dict:
        """Values of all controls by name: what `first` has at the beginning, and a page opens with."""
        return {name: getattr(self, name) for name in self._controls}

    @property
    def mu(self) -> list[float] | None:
        """Parameters of what is drawn (k,); None for a single wave."""
        return [getattr(self, name) for name in PARAMETERS[: len(self._ends) - 1]] or None

    @property
    def steps(self) -> np.ndarray:
        """Steps along the hypermodes, in per cent: (k,), k at most 6."""
        return np.array([getattr(self, f"mode_{i + 1}") for i in range(len(self._units))])

    @property
    @torch.no_grad()
    def coefficients(self) -> Tensor:
        """Coefficients s of what is drawn: (1, n)."""
        steps = np.concatenate([self.steps * self._units, self.rest])
        return self._modes.model.coefficients(self.time, self.mu) + self._modes.coefficients(steps[None])

    @torch.no_grad()
    def evaluate(self, x) -> Tensor:
        """Fields of what is drawn at any points (P, d): (P, m)."""
        return self._modes.model.evaluate(x, self.coefficients)[0]

    def html(self) -> str:
        """What a page needs of it: a static figure, in whose place the explorer comes where there is JavaScript.

        Elements of class ``lrnr-part`` hold what explorers share, named by content: later ones of a name can go.
        """
        model, told = self._modes.model, self._model | {"first": self.state}
        x = plots.grid(model, third=self.third)
        moved = " after steps along its hypermodes" if self.steps.any() else ""
        moment = plots.moment(self.time, dict(zip(model.ranges, self.mu or [], strict=True)))
        large = {key: _part('script type="text/plain"', told.pop(key)) for key in ("numbers", "frames") if key in told}
        told["parts"] = {key: name for key, (name, _) in large.items()}
        key = f"lrnr-{hashlib.sha256(module().encode()).hexdigest()[:12]}"
        place = f"lrnr-{uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(told)).hex[:12]}"
        return static("explorer.html").decode().format(
            place=place, alt=escape(f"{told['title']} at {moment}{moved}"), key=key,
            picture=_base64(plots.draw_still(self.evaluate(x).numpy(), x, told)),
            told=json.dumps(told).replace("<", "\\u003c"),  # names come from files: none of them is markup
            style=_part("style", self._css)[1], large="".join(element for _, element in large.values()),
            module=_part('script type="module"', f'{module()}\nserve("{key}");')[1])

    def save(self, path):
        """Write a page of its own, which opens from a file and may run and load nothing but itself; atomically."""
        body = self.html()
        page = static("page.html").decode().format(title=escape(self._model["title"]), own=own(body), body=body)
        return write_atomically(path, lambda temporary: temporary.write_text(page, "utf-8"))

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return data | {"text/html": self.html(), "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        steps = ", ".join(f"{y:g}" for y in self.steps)
        return f"Explorer({self._model['title']}: time={self.time:g}, steps=({steps}) %)"


def explorer(model: MetaNetwork, t: float | None = None, title: str = "", play: bool = False,
             steps: dict[int, float] | None = None, data: WaveData | None = None, field: str = "",
             mu: Numbers | Mapping | None = None, **presets) -> Explorer:
    """Sliders for the time and the first hypermodes of a model, as a widget and as a page without a kernel.

    Raises ValueError if the model is of another kind, a step of no mode, the field unknown, or the data of other
    fields.

    Parameters
    ----------
    model : MetaNetwork: in one to three dimensions, of factored layers and with a `HyperNetwork`
    t : float, optional: time at the start; by default 3/4 of the way
    title : str, optional: for screen readers and saved pages; by default the name of the data and the fields
    play : bool: in a page it plays by itself, over and over, unless its reader prefers less motion
    steps : dict, optional
        Steps along modes at the start, in per cent: ``{2: 5}``. Above 10, the sliders are wide.
    data : WaveData, optional
        Of the model's fields, not in three dimensions: a box switches on the frame nearest in time, and the relative
        l1 error there.
    field : str, optional: the one that is drawn at the start, by default the first; on a line all are
    mu : (k,) or dict, optional: of a family, the parameters at the start; by default the middles of their ranges
    presets
        Other values of an `Explorer` at the start: extended, view, plane, ghost, gauges, third.

    Examples
    --------
    >>> import lrnrbook as lb
    >>> waves = lb.explorer(lb.load_pretrained("burgers", "page"), t=1.5, steps={2: 5})
    >>> waves.mode_2 = 8.0
    >>> waves.evaluate([[0.3, 0.4]]).shape
    torch.Size([1, 1])
    """
    d = model.lrnr.dims[0]
    if d > 3:
        raise ValueError(f"the model has {d} dimensions: expected one, two or three")
    if field and field not in model.fields:
        raise ValueError(f"field = {field!r}: expected one of {', '.join(model.fields)}")
    if not all(isinstance(layer, FactoredLayer) for layer in model.lrnr.layers):
        kinds = ", ".join(type(layer).__name__ for layer in model.lrnr.layers)
        raise ValueError(f"the model has layers {kinds}: expected FactoredLayer in all of them")
    if not isinstance(model.hyper, HyperNetwork):
        raise ValueError(f"the coefficients come from a {type(model.hyper).__name__}: expected a HyperNetwork, "
                         "since a page cannot run a formula in Python")
    first, last = model.times
    t = first + 0.75 * (last - first) if t is None else float(t)
    if not first <= t <= last:
        raise ValueError(f"t = {t}: expected between {first} and {last}")
    mu = model.normalisation.middle if mu is None else mu
    model.normalisation.moments(t, mu)  # refuses what does not fit
    mu = [mu[name] for name in model.ranges] if isinstance(mu, Mapping) else [] if mu is None else np.ravel(mu).tolist()
    name = model.provenance.get("data", {}).get("name", "")
    modes, steps = hypermodes(model), steps or {}
    if unknown := [i for i in steps if not 1 <= i <= min(MOST, modes.count())]:
        raise ValueError(f"a step along mode {unknown[0]}: expected modes from 1 to {min(MOST, modes.count())}")
    if data is not None and (d > 2 or (data.fields, len(data.domain)) != (tuple(model.fields), d)):
        expected = "none for a model in 3d" if d > 2 else f"{', '.join(model.fields)} in {d}d, as the model"
        raise ValueError(f"the data have {', '.join(data.fields)} in {len(data.domain)}d: expected {expected}")
    if unknown := [name for name in presets if name not in CONTROLS[1:]]:
        raise ValueError(f"{unknown[0]} is no preset: expected some of {', '.join(CONTROLS[1:])}")
    presets = {"third": float(model.domain[2].mean()) if d > 2 else 0.0,
               "wide": any(abs(y) > 10 for y in steps.values()), **presets,
               "field": model.fields.index(field) if field else 0}
    presets |= {f"mode_{i}": float(y) for i, y in steps.items()}
    presets |= {name: float(value) for name, value in zip(PARAMETERS, mu, strict=False)}
    return Explorer(modes, title or f"{name} {', '.join(model.fields)}".strip(), t, play, data, **presets)


@torch.no_grad()
def _units(modes: Hypermodes) -> np.ndarray:
    """Steps along the first hypermodes that change the output by one per cent, as measured at `SIZE`: (k,)."""
    model, count = modes.model, min(MOST, modes.count())
    x = plots.grid(model)[:: 1 if len(model.domain) == 1 else 7]
    s = model.coefficients(*model.normalisation.sample(np.linspace(*model.times, TIMES)[1:]))
    unit = model.normalisation.unit_values
    base = unit(model.evaluate(x, s))
    steps, units = modes.coefficients(torch.eye(count)), []
    for step in steps:
        eta = float(s.norm(dim=1).mean() / step.norm()) * 1e-3
        for _ in range(6):  # secant steps towards a change of SIZE
            moved = (unit(model.evaluate(x, s + eta * step)) - base).abs().sum(1) / base.abs().sum(1)
            eta *= SIZE / max(float(moved.mean(-1).median()), 1e-12)
        units.append(eta * 0.01 / SIZE)
    return np.array(units)


@torch.no_grad()
def _description(modes: Hypermodes, units: np.ndarray, title: str) -> dict:
    """All that the module needs to know of a model; numbers as base64 of float32, by layer U, V, B, then the rest."""
    model, count = modes.model, modes.count()
    net, hyper = model.lrnr, model.hyper
    numbers = [a for layer in net.layers for a in (layer.U, layer.V, layer.B)]
    numbers += [a for layer in hyper.layers for a in (layer.weight, layer.bias)]
    numbers += [column_norms(net), model.tensor(modes.basis[:, :count].T)]
    packed = np.concatenate([a.detach().cpu().numpy().astype("<f4").ravel() for a in numbers])
    u = model(plots.grid(model), *model.normalisation.sample(np.linspace(*model.times, TIMES))).double().numpy()
    tanh = hyper.depth - 1
    kinds = ["tanh"] * tanh + ["linear"] * (len(hyper.layers) - tanh - 1) + [hyper.output]
    return {
        "title": title, "numbers": _base64(packed.tobytes()), "activation": net.activation, "modes": len(units),
        "count": count, "units": units.tolist(), "labels": list(map(with_unit, model.fields, model.units)),
        "layers": [{"inputs": a.shape[1], "outputs": a.shape[0], "r1": a.ranks[0], "r2": a.ranks[1]}
                   for a in net.layers],
        "hyper": [{"inputs": a.in_features, "outputs": a.out_features, "activation": kind}
                  for a, kind in zip(hyper.layers, kinds, strict=True)],
        "domain": model.domain.tolist(), "times": list(model.times),
        "parameters": [[name, *ends] for name, ends in model.ranges.items()], "scale": list(model.normalisation.scale),
        "shift": list(model.normalisation.shift) or [0.0] * len(model.fields),
        "axes": axis_labels(model.normalisation.coordinates, net.dims[0])[1:]} | plots.look(u, len(model.domain))
