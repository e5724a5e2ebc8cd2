"""Models in files: one safetensors file holds weights, configuration, normalisation and provenance.

Loading reads numbers and JSON only; it never runs code from the file.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from hashlib import sha256
from importlib import resources
from importlib.util import find_spec
from itertools import pairwise
from os import PathLike
from pathlib import Path

import torch
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as as_bytes
from torch.export import Dim

from lrnrbook.compress import Factors
from lrnrbook.fast import FastLRNR
from lrnrbook.files import write_atomically
from lrnrbook.hyper import HyperNetwork, folded
from lrnrbook.layers import DenseLayer, FactoredLayer, Ranks, SparseLayer
from lrnrbook.model import LRNR, MetaNetwork
from lrnrbook.normalisation import Normalisation

FORMAT = 1
SCHEMA = Draft202012Validator(json.loads(resources.files("lrnrbook").joinpath("static/model.schema.json").read_text()))


def save(model: MetaNetwork | FastLRNR, path, half: bool = False) -> Path:
    """Save a model, or a compressed one, to one safetensors file, atomically.

    Its hypernetwork must be a `HyperNetwork`: a formula cannot be stored without running code later. With half = True
    the factors U, V, B take half the bytes, for a relative change of each entry by at most 5e-4 if columns have norm 1
    (`truncate`); they are read back in single precision.

    Examples
    --------
    >>> import tempfile, lrnrbook as lb
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = lb.save(lb.load_pretrained("euler"), folder.name + "/euler.safetensors")
    >>> lb.info(path)["fields"]
    ['density', 'velocity', 'pressure']
    """
    if not isinstance(model.hyper, HyperNetwork):
        raise ValueError(f"the coefficients come from a {type(model.hyper).__name__}: expected a HyperNetwork, since a "
                         "file holds no code (fit one to the formula, or keep the formula in your program)")
    header = {
        "format": FORMAT, "kind": type(model).__name__, "normalisation": asdict(model.normalisation),
        "hyper": {name: getattr(model.hyper, name) for name in ("width", "depth", "output", "bottleneck")},
        "fields": model.fields, "units": model.units}
    if isinstance(model, FastLRNR):
        header |= {"activation": model.activation, "ranks": asdict(model.coefficient_ranks),
                   "snapshots": model.snapshots, "pieces": len(model.factors)}
    else:
        header |= {"activation": model.lrnr.activation, "ranks": asdict(model.ranks), "provenance": model.provenance,
                   "layers": [_description(layer) for layer in model.lrnr.layers]}
    copy = torch.contiguous_format  # of its own, since factors may share memory
    state = model.state_dict() | folded(model.hyper).state_dict(prefix="hyper.")
    tensors = {name: tensor.detach().cpu().clone(memory_format=copy) for name, tensor in state.items()}
    if half:
        tensors = _halved(model, tensors)
    metadata = {"lrnrbook": json.dumps(header)}
    return write_atomically(path, lambda temporary: temporary.write_bytes(as_bytes(tensors, metadata)))


def export(model: MetaNetwork | FastLRNR, path: str | PathLike) -> Path:
    """Write a model as ONNX, for other runtimes, atomically (needs the extra `onnx`).

    Inputs are doubles in physical units, points x (P, d), but for a `FastLRNR`, times t (T,), of a family mu (T, k);
    the output is u (T, P, m). P and T are free. Names and units of the fields are in the metadata.

    Raises ValueError if onnxscript is missing, or the model has sparse layers or several pieces of time.
    """
    if not find_spec("onnxscript"):
        raise ValueError("onnxscript is not installed: expected the extra onnx (pip install onnx onnxscript)")
    fast, box, T = isinstance(model, FastLRNR), model.normalisation, Dim("T")
    if len(model.factors) > 1 if fast else any(isinstance(layer, SparseLayer) for layer in model.lrnr.layers):
        raise ValueError(f"{model} has sparse layers or several pieces of time: expected others, or pieces=1")
    inputs = {} if fast else {"x": (torch.tensor(box.domain, dtype=torch.float64).T, {0: Dim("P")})}
    inputs["t"] = (torch.linspace(*box.times, 5, dtype=torch.float64), {0: T})
    if box.parameters:
        inputs["mu"] = (torch.tensor([box.middle] * 5, dtype=torch.float64), {0: T})
    given, free = zip(*inputs.values(), strict=True)
    program = torch.onnx.export(torch.export.export(model, given, dynamic_shapes=free), input_names=list(inputs),
                                output_names=["u"], verbose=False)
    program.model.metadata_props.update(fields=json.dumps(model.fields), units=json.dumps(model.units))
    return write_atomically(path, lambda temporary: program.save(temporary, external_data=False))


def _halved(model, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Factors in half precision, the hypernetwork in single."""
    if not (isinstance(model, MetaNetwork) and all(isinstance(layer, FactoredLayer) for layer in model.lrnr.layers)):
        raise ValueError("half = True is for the factors U, V, B of a MetaNetwork: expected factored layers")
    found = {name: a.half() if name[-1] in "UVB" else a.float() for name, a in tensors.items()}
    if not all(bool(a.isfinite().all()) for a in found.values()):
        raise ValueError("half = True, but some entry of the factors is beyond 65504: expected columns of norm 1 "
                         "(lrnrbook.unit_columns)")
    return found


def _description(layer) -> dict:
    """What a file says of a layer, beside its tensors."""
    if isinstance(layer, FactoredLayer):
        return {"kind": "factored"}
    if isinstance(layer, SparseLayer):
        return {"kind": "sparse", "shape": layer.shape, "entries": layer.entries}
    return {"kind": "dense", "shape": layer.shape, "omega": layer.omega}


def _open(path):
    if not Path(path).is_file():
        raise ValueError(f"{str(path)!r} is not a file: expected a model saved by lrnrbook.save")
    try:
        return safe_open(path, framework="pt")
    except SafetensorError as error:
        raise ValueError(f"{str(path)!r} is not a safetensors file ({error}): expected a model saved by "
                         "lrnrbook.save") from None


def info(path) -> dict:
    """Configuration and provenance of a saved model, without its weights.

    Raises ValueError if the file is missing, not safetensors, not of lrnrbook, or of a newer format.
    """
    with _open(path) as file:
        text = (file.metadata() or {}).get("lrnrbook")
    try:
        header = json.loads(text, parse_constant=float.__new__)  # NaN and infinity, which JSON does not have, fail
        version = header["format"]
    except (TypeError, ValueError, KeyError, RecursionError):
        raise ValueError(f"{str(path)!r} holds no lrnrbook model: expected a file saved by lrnrbook.save") from None
    if version != FORMAT:
        raise ValueError(f"{str(path)!r} has format {str(version)[:40]!r}: this version of lrnrbook reads "
                         f"format {FORMAT}")
    if problem := best_match(SCHEMA.iter_errors(header)):
        raise ValueError(f"{str(path)!r} is damaged: its configuration does not fit at {problem.json_path} "
                         f"({problem.message[:200]})")
    return header


def load(path) -> MetaNetwork | FastLRNR:
    """Load what `save` has saved: a `MetaNetwork` or a `FastLRNR`.

    Raises ValueError if the file is not a model, or its weights do not fit its configuration.
    """
    header = info(path)
    with _open(path) as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    # cloned, as sums round otherwise where memory is not aligned, which in a file depends on the length of its header
    tensors = {name: a.float() if a.dtype == torch.float16 else a.clone() for name, a in tensors.items()}
    try:
        for name, a in tensors.items():
            if a.is_floating_point() == name.endswith((".rows", ".cols")) or not a.isfinite().all():
                raise ValueError(f"{name} holds {a.dtype} or what is not finite: expected real numbers, or indices")
        if len(header["units"]) != len(header["fields"]):
            raise ValueError(f"units {header['units']} for fields {header['fields']}")
        return (_build if header["kind"] == "MetaNetwork" else _build_fast)(header, tensors)
    except (KeyError, TypeError, ValueError, RuntimeError, IndexError, AttributeError) as error:
        reason = " ".join(str(error).split())  # PyTorch's runs over many lines
        raise ValueError(f"{str(path)!r} is damaged: its weights do not fit its configuration ({reason})") from None


def _build(header: dict, tensors: dict[str, torch.Tensor]) -> MetaNetwork:
    lrnr = LRNR([_layer(i, layer, tensors) for i, layer in enumerate(header["layers"])], header["activation"])
    if (list(lrnr.ranks.weights), list(lrnr.ranks.biases)) != (header["ranks"]["weights"], header["ranks"]["biases"]):
        raise ValueError(f"the weights have ranks {lrnr.ranks}, the configuration {header['ranks']}")
    hyper, normalisation = _frame(header, tensors)
    model = MetaNetwork(lrnr, hyper, normalisation, header["fields"], header["units"])
    model.load_state_dict(tensors)
    if len(found := {a.dtype for a in model.parameters()}) != 1:
        raise ValueError(f"the weights are of several types, {', '.join(map(str, found))}")
    model.provenance = header["provenance"]
    return model.eval()


def _frame(header: dict, tensors: dict[str, torch.Tensor]) -> tuple[HyperNetwork, Normalisation]:
    """Hypernetwork, still without its weights, and normalisation; nothing larger than the file is made."""
    ranks, box = header["ranks"], header["normalisation"]
    n = sum(ranks["weights"]) + sum(ranks["biases"])
    kind = header["hyper"] | {"inputs": 1 + len(box.get("parameters", {}))}
    sizes = HyperNetwork.sizes(n, **{name: k for name, k in kind.items() if name != "output"})
    found = [list(a.shape) for name, a in tensors.items() if re.fullmatch(r"hyper\.layers\.\d+\.weight", name)]
    if sorted(found) != sorted([b, a] for a, b in pairwise(sizes)):
        raise ValueError(f"the hypernetwork's weights have shapes {found}: expected layers of sizes {sizes}")
    hyper = HyperNetwork(torch.zeros(n), **kind)
    hyper.to(tensors["hyper.layers.0.weight"].dtype)
    parameters = {name: tuple(ends) for name, ends in box.get("parameters", {}).items()}
    return hyper, Normalisation(tuple(map(tuple, box["domain"])), tuple(box["times"]), tuple(box["scale"]),
                                tuple(box.get("shift", ())), parameters, box.get("coordinates", {}))


def _build_fast(header: dict, tensors: dict[str, torch.Tensor]) -> FastLRNR:
    hyper, normalisation = _frame(header, tensors)
    ranks = Ranks(tuple(header["ranks"]["weights"]), tuple(header["ranks"]["biases"]))
    factors, coarse = ([Factors(*([tensors[f"{group}.{k}.{name}.{i}"] for i in range(len(ranks.weights))]
                                  for name in "VUB")) for k in range(header["pieces"])]
                       for group in ("factors", "coarse"))
    fast = FastLRNR(hyper, normalisation, header["fields"], header["units"], header["activation"], ranks, tensors["x"],
                    factors, coarse, tensors["condition"], header["snapshots"])
    fast.load_state_dict(tensors)
    pieces, points = header["pieces"], len(fast.x)
    times = torch.linspace(*fast.normalisation.times, 2 * pieces + 1)[1::2]  # one in each piece
    values, box = (pieces, points, len(fast.fields)), fast.normalisation.domain
    shapes = [values, values, (pieces, len(ranks.weights) - 1, points), (points, len(box))]
    s = fast.coefficients(times, normalisation.middle)
    found = [fast.compute(group, s, times) for group in (fast.factors, fast.coarse)]
    own = {len(a) for one in (*factors, *coarse) for a in (*one.V, *one.U[:-1], *one.B[:-1])}  # a row a point
    if [tuple(a.shape) for a in (*found, fast.condition, fast.x)] != shapes or own != {points}:
        raise ValueError("the factors are for other points, fields or pieces")
    return fast.eval()


def _layer(i: int, layer: dict, tensors: dict[str, torch.Tensor]):
    if layer["kind"] == "dense":
        return DenseLayer(layer["shape"], layer["omega"])
    names = {"factored": ("U", "V", "B"), "sparse": ("rows", "cols", "values", "B")}[layer["kind"]]
    *parts, B = (tensors[f"lrnr.layers.{i}.{name}"] for name in names)
    if layer["kind"] == "factored":
        return FactoredLayer(*parts, B)
    entries = zip(*(torch.split(a, layer["entries"]) for a in parts), strict=True)
    return SparseLayer([torch.sparse_coo_tensor(torch.stack([r, c]), v, layer["shape"], check_invariants=True)
                        for r, c, v in entries], B)


def asset(*parts: str) -> Path:
    """Path of a file shipped with the package."""
    return Path(str(resources.files("lrnrbook") / "assets")).joinpath(*parts)


def pretrained() -> list[tuple[str, str, int]]:
    """(data set, recipe, seed) of every shipped model."""
    return models_in(asset("models"))


def models_in(folder: Path) -> list[tuple[str, str, int]]:
    """(data set, recipe, seed) of every model file NAME-RECIPE-SEED.safetensors in a folder."""
    parts = [re.fullmatch(r"([^-]+)-(.+)-(\d+)", path.stem) for path in sorted(folder.glob("*.safetensors"))]
    return [(part[1], part[2], int(part[3])) for part in parts if part]


def _shipped(name: str, recipe: str, seed: int, ending: str) -> Path:
    if (name, recipe, seed) not in pretrained():
        known = ", ".join(f"{a} ({b}, {c})" for a, b, c in pretrained())
        raise ValueError(f"no model {name!r} of recipe {recipe!r} and seed {seed} is shipped (lrnrbook train makes "
                         f"one): expected one of {known}")
    path = asset("models", f"{name}-{recipe}-{seed}.{ending}")
    if f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n" not in asset("models", "SHA256SUMS").read_text():
        raise ValueError(f"{str(path)!r} is not what was shipped: expected the SHA-256 that SHA256SUMS beside it has")
    return path


def load_pretrained(name: str, recipe: str = "laptop", seed: int = 0) -> MetaNetwork:
    """Load a shipped model of a data set of `load_data`, by the recipe ("laptop", "page") and seed of its training."""
    return load(_shipped(name, recipe, seed, "safetensors"))


def load_record(name: str, recipe: str = "laptop", seed: int = 0) -> dict:
    """Record of the run that made a shipped model: recipe, seed, steps, seconds, versions, history, errors."""
    return json.loads(_shipped(name, recipe, seed, "json").read_text())
