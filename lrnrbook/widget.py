"""The explorer: sliders for time and hypermodes, live in Jupyter and alive in a built page (5.7)-(5.8).

Both hosts run one module, ``static/*.js``, which evaluates the model itself from its weights: nothing is precomputed,
and no kernel is asked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from functools import cache
from html import escape
from importlib import resources

import anywidget
import numpy as np
import torch
import traitlets
from torch import Tensor

from lrnrbook.files import write_atomically
from lrnrbook.hyper import HyperNetwork
from lrnrbook.layers import FactoredLayer
from lrnrbook.model import MetaNetwork
from lrnrbook.modes import Hypermodes, hypermodes
from lrnrbook.truncation import column_norms

MOST = 6  # sliders of hypermodes
SIZE = 0.05  # relative change of the output at which the unit of the steps is measured
TIMES = 9  # times at which units and limits are measured
POINTS = {1: 400, 2: 96}  # a side, as in the module
LEVELS = 6  # contour lines
CONTROLS = ("time", *(f"mode_{i}" for i in range(1, MOST + 1)), "wide", "extended", "view")


@cache
def static(name: str) -> bytes:
    """A file of the explorer's module."""
    return (resources.files("lrnrbook") / "static" / name).read_bytes()


@cache
def module() -> str:
    """The ES module that evaluates and draws, the same for both hosts."""
    return "\n".join(static(f"{name}.js").decode() for name in ("network", "drawing", "explorer"))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Explorer(anywidget.AnyWidget):
    """Sliders for time and hypermodes of a model; made by `explorer`.

    Each value is a trait: read it, set it, `observe` it, or link it to other widgets by ``ipywidgets.jslink``.

    Attributes
    ----------
    time : float
        Within the model's times.
    mode_1, ..., mode_6 : float
        Steps along the first hypermodes, in per cent: 5 changes the output by 5 % (relative l1, median over time).
    wide : bool
        Sliders to 100 per cent instead of 10, for extrapolation (5.8).
    extended : bool
        The picture goes beyond the training domain by 0.4 of its size on each side.
    view : {"image", "contours"}
        What is drawn of a 2d wave.
    playing : bool
    """

    _esm = module()
    _css = static("explorer.css").decode()
    _model = traitlets.Dict().tag(sync=True)
    time = traitlets.Float().tag(sync=True)
    mode_1 = traitlets.Float().tag(sync=True)
    mode_2 = traitlets.Float().tag(sync=True)
    mode_3 = traitlets.Float().tag(sync=True)
    mode_4 = traitlets.Float().tag(sync=True)
    mode_5 = traitlets.Float().tag(sync=True)
    mode_6 = traitlets.Float().tag(sync=True)
    wide = traitlets.Bool().tag(sync=True)
    extended = traitlets.Bool().tag(sync=True)
    view = traitlets.Enum(("image", "contours"), "image").tag(sync=True)
    playing = traitlets.Bool().tag(sync=True)

    def __init__(self, modes: Hypermodes, title: str, t: float, play: bool = False, **state):
        self._modes, self._units = modes, _units(modes)
        super().__init__(_model=_description(modes, self._units, title) | {"play": play}, time=t, **state)
        self._model |= {"first": self.state}

    @traitlets.validate("time")
    def _valid_time(self, proposal):
        first, last = self._modes.model.times
        if not first <= proposal["value"] <= last:
            raise traitlets.TraitError(f"time = {proposal['value']}: expected between {first} and {last}")
        return proposal["value"]

    @traitlets.validate(*(f"mode_{i}" for i in range(1, MOST + 1)))
    def _valid_step(self, proposal):
        if not np.isfinite(proposal["value"]):
            name, value = proposal["trait"].name, proposal["value"]
            raise traitlets.TraitError(f"{name} = {value}: expected a finite step in per cent")
        return proposal["value"]

    @property
    def description(self) -> dict:
        """What the module is told of the model: sizes, numbers as base64 of float32, units, limits, colours."""
        return self._model

    @property
    def state(self) -> dict:
        """Values of all controls by name: what `first` has at the beginning, and a page opens with."""
        return {name: getattr(self, name) for name in CONTROLS}

    @property
    def steps(self) -> np.ndarray:
        """Steps along the hypermodes, in per cent: (k,), k at most 6."""
        return np.array([getattr(self, f"mode_{i + 1}") for i in range(len(self._units))])

    @property
    def coefficients(self) -> Tensor:
        """Coefficients s of what is drawn: (1, n)."""
        model = self._modes.model
        with torch.no_grad():
            return model.coefficients(self.time) + self._modes.coefficients((self.steps * self._units)[None])

    def evaluate(self, x) -> Tensor:
        """Fields of what is drawn at any points (P, d): (P, m)."""
        with torch.no_grad():
            return self._modes.model.evaluate(x, self.coefficients)[0]

    def html(self) -> str:
        """What a page needs of it: a static figure, in whose place the explorer comes where there is JavaScript."""
        model, told = self._modes.model, self._model | {"first": self.state}
        name = f"lrnr-{uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(told))}"
        from lrnrbook.plots import draw_still

        with torch.no_grad():
            u = model(_grid(model), self.time)[0].numpy()
        picture = _base64(draw_still(u, _grid(model), told))
        data = json.dumps(told).replace("<", "\\u003c")  # names come from files: none of them is markup
        alt = escape(f"{self._model['title']} at t = {self.time:.4g}")
        return (
            f'<style>{self._css}</style>\n<div class="lrnr-explorer" id="{name}">'
            f'<img alt="{alt}" src="data:image/png;base64,{picture}"></div>\n'
            f'<script type="module">\n{module()}\nmount(document.getElementById("{name}"), {data});\n</script>\n')

    def save(self, path):
        """Write a page of its own, which opens from a file and may run and load nothing but itself; atomically."""
        title, body = escape(self._model["title"]), self.html()
        code = body.split('<script type="module">')[1].rsplit("</script>", 1)[0]
        own = f"'sha256-{_base64(hashlib.sha256(code.encode()).digest())}' 'wasm-unsafe-eval'"
        policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {own}"
        page = (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1"></head>\n'
            f'<body class="lrnr-page">\n{body}</body></html>\n')
        return write_atomically(path, lambda temporary: temporary.write_text(page))

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return data | {"text/html": self.html(), "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        steps = ", ".join(f"{y:g}" for y in self.steps)
        return f"Explorer({self._model['title']}: time={self.time:g}, steps=({steps}) %)"


def explorer(model: MetaNetwork, t: float | None = None, title: str = "", play: bool = False,
             steps: dict[int, float] | None = None, extended: bool = False, view: str = "image") -> Explorer:
    """Sliders for the time and the first hypermodes of a model, as a widget and as a page without a kernel.

    Parameters
    ----------
    model : MetaNetwork
        In one or two dimensions (two: one field), of factored layers and with a `HyperNetwork`.
    t : float, optional
        Time at the start; by default 3/4 of the way.
    title : str, optional
        For screen readers and saved pages; by default the name of the data and the fields.
    play : bool
        In a page it plays by itself, over and over, unless its reader prefers less motion.
    steps : dict, optional
        Steps along modes at the start, in per cent: ``{2: 5}``. Above 10, the sliders are wide.
    extended, view
        As in `Explorer`.

    Raises
    ------
    ValueError
        If the model is of another kind, or a step of no mode.

    Examples
    --------
    >>> import lrnrbook as lb
    >>> waves = lb.explorer(lb.load_pretrained("burgers", "page"), t=1.5, steps={2: 5})
    >>> waves.mode_2 = 8.0
    >>> waves.evaluate([[0.3, 0.4]]).shape
    torch.Size([1, 1])
    """
    d, m = model.lrnr.dims[0], model.lrnr.dims[-1]
    if d > 2 or (d == 2 and m > 1):
        raise ValueError(f"the model has {d} dimensions and {m} fields: expected one dimension, or two and one field")
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
    name = model.provenance.get("data", {}).get("name", "")
    modes, steps = hypermodes(model), steps or {}
    if unknown := [i for i in steps if not 1 <= i <= min(MOST, modes.count())]:
        raise ValueError(f"a step along mode {unknown[0]}: expected modes from 1 to {min(MOST, modes.count())}")
    return Explorer(modes, title or f"{name} {', '.join(model.fields)}".strip(), t, play, extended=extended, view=view,
                    wide=any(abs(y) > 10 for y in steps.values()), **{f"mode_{i}": float(y) for i, y in steps.items()})


def _grid(model) -> np.ndarray:
    """Middles of the cells that the picture has in the training domain, (P, d)."""
    n = POINTS[len(model.domain)]
    sides = [low + (np.arange(n) + 0.5) / n * (high - low) for low, high in model.domain]
    return np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, len(sides))


@torch.no_grad()
def _units(modes: Hypermodes) -> np.ndarray:
    """Steps along the first hypermodes that change the output by one per cent, as measured at `SIZE`: (k,)."""
    model, count = modes.model, min(MOST, modes.count())
    x = _grid(model)[:: 1 if len(model.domain) == 1 else 7]
    times = np.linspace(*model.times, TIMES)[1:]
    s = model.coefficients(times)
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
    model, k = modes.model, len(units)
    net, hyper = model.lrnr, model.hyper
    along = modes.coefficients(torch.eye(k)) * model.tensor(units)[:, None]  # (k, n)
    onto = column_norms(net)[:, None] * model.tensor(modes.basis[:, :k])  # (n, k)
    numbers = [a for layer in net.layers for a in (layer.U, layer.V, layer.B)]
    numbers += [a for layer in hyper.layers for a in (layer.weight, layer.bias)] + [along, onto.T]
    packed = np.concatenate([a.detach().cpu().numpy().astype("<f4").ravel() for a in numbers])
    u = model(_grid(model), np.linspace(*model.times, TIMES)).double().numpy()
    limits, (low, high) = _limits(u, len(model.domain)), np.quantile(u[..., 0], [0.005, 0.995])
    signed = limits[0][0] == -limits[0][1]
    from lrnrbook.plots import colour_map

    colours = colour_map(signed)(np.linspace(0, 1, 64))[:, :3]
    tanh = hyper.depth - 1
    kinds = ["tanh"] * tanh + ["linear"] * (len(hyper.layers) - tanh - 1) + [hyper.output]
    return {
        "title": title, "kernel": _base64(static("kernel.wasm")), "numbers": _base64(packed.tobytes()),
        "activation": net.activation, "modes": k,
        "layers": [{"inputs": a.shape[1], "outputs": a.shape[0], "r1": a.ranks[0], "r2": a.ranks[1]}
                   for a in net.layers],
        "hyper": [{"inputs": a.in_features, "outputs": a.out_features, "activation": kind}
                  for a, kind in zip(hyper.layers, kinds, strict=True)],
        "domain": model.domain.tolist(), "times": list(model.times), "scale": list(model.normalisation.scale),
        "shift": list(model.normalisation.shift) or [0.0] * len(model.fields),
        "signed": signed, "labels": [field if unit == "1" else f"{field} [{unit}]"
                   for field, unit in zip(model.fields, model.units, strict=True)],
        "limits": limits, "levels": np.linspace(low, high, LEVELS + 2)[1:-1].tolist(),
        "colours": (255 * colours).round().astype(int).tolist(),
    }


def _limits(u: np.ndarray, dimensions: int) -> list[list[float]]:
    """Ends of the axis of values of each field u (T, P, m); colours of both signs lie evenly about zero."""
    low, high = u.min((0, 1)), u.max((0, 1))
    if dimensions == 1:
        margin = 0.08 * np.maximum(high - low, 1e-12)
        return np.stack([low - margin, high + margin], 1).tolist()
    if low[0] < -0.1 * high[0]:
        most = float(max(-low[0], high[0]))
        return [[-most, most]]
    return [[float(low[0]), float(high[0])]]
