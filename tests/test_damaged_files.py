"""Model files in which anything may be wrong: a sentence, and never a model that is not the one that was saved."""

import copy
import json
import resource

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

import lrnrbook as lb
from lrnrbook.hyper import initial_scales

MANY = settings(max_examples=150, deadline=None, derandomize=True,
                suppress_health_check=[HealthCheck.function_scoped_fixture])
WRONG = [None, True, "text", "", -1, 0, 3, 0.5, 10**12, 1e308, float("nan"), float("inf"), [], [None], [1, 2], {},
         {"a": 1}, [[]], [[0, 1]] * 3, "x" * 10**5]
FEW_BYTES = 50e6


def networks():
    """One model of each kind of layer, and a compressed one."""
    box = lb.Normalisation(((0.0, 4.0),), (0.0, 2.0), (5.0,))
    lrnr = lb.LRNR.random((1, 6, 6, 1), lb.Ranks((1, 2, 3), (3, 0, 1)), "sine")
    sparse = lb.LRNR([lb.FactoredLayer(torch.randn(6, 2), torch.randn(1, 2), torch.randn(6, 1)),
                      lb.SparseLayer([torch.eye(6), torch.diag(torch.ones(5), 1)], torch.randn(6, 0)),
                      lb.FactoredLayer(torch.randn(1, 3), torch.randn(6, 3), torch.randn(1, 1))], "relu")
    dense = lb.LRNR.dense((1, 4, 1))
    factored, sparse, dense = (
        lb.MetaNetwork(net, lb.HyperNetwork(initial_scales(net), width=7, depth=2, output="linear", bottleneck=rows),
                       box, ["u"], ["m"]) for net, rows in ((lrnr, 0), (sparse, 0), (dense, 3)))
    return {"factored": factored, "sparse": sparse, "dense": dense,
            "fast": lb.FastLRNR.build(factored, [0.5, 1.0], rank=2)}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Kind -> path, header and tensors of a good file."""
    folder = tmp_path_factory.mktemp("good")
    found = {}
    for kind, model in networks().items():
        path = lb.save(model, folder / kind)
        found[kind] = lb.info(path), load_file(path)
        assert lb.load(path) is not None
    return found


def places(value, path=()):
    """Paths to everything in a header."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*path, key))


def write(path, header, tensors):
    save_file(tensors, path, metadata={"lrnrbook": json.dumps(header)})
    return path


def refused(path):
    """The sentence with which a file is refused, or None."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        lb.load(path)
    except ValueError as error:
        assert "\n" not in str(error) and 20 < len(str(error)) < 1000 and str(path) in str(error)
        return str(error)
    finally:
        assert 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) < FEW_BYTES
    return None


@pytest.mark.parametrize("kind", ["factored", "sparse", "dense", "fast"])
@MANY
@given(data=st.data())
def test_a_header_with_anything_in_any_place_is_refused(saved, tmp_path, kind, data):
    header, tensors = copy.deepcopy(saved[kind])
    *above, key = data.draw(st.sampled_from([path for path in places(header) if path and path[0] != "provenance"]))
    part = header
    for step in above:
        part = part[step]
    what = data.draw(st.sampled_from(["put", "delete", "add"]))
    if what == "put":
        value = data.draw(st.sampled_from(WRONG))
        assume(value != part[key] or type(value) is not type(part[key]))
        part[key] = value
    elif what == "delete":
        assume(key not in ("bottleneck", "shift"))  # files of earlier versions lack them
        del part[key]
    else:
        assume(isinstance(part, dict))
        part["unknown"] = 1
    found = refused(write(tmp_path / "model", header, tensors))
    if what == "put" and above == ["layers"] or key in ("omega", "snapshots"):
        return  # a number in place of another one is no damage that can be seen
    named = isinstance(part, list) and what == "put" and isinstance(value, str) and value  # another name of a field
    number = above and above[0] in ("normalisation",) and what == "put" and isinstance(value, int | float)
    assert found or named or number, (above, key, what)


@pytest.mark.parametrize("kind", ["factored", "sparse", "dense", "fast"])
@MANY
@given(data=st.data())
def test_tensors_of_another_shape_type_or_number_are_refused(saved, tmp_path, kind, data):
    header, tensors = copy.deepcopy(saved[kind])
    name = data.draw(st.sampled_from(sorted(tensors)))
    old = tensors[name]
    what = data.draw(st.sampled_from(["missing", "extra", "longer", "flat", "integers", "nan", "double"]))
    assume(what not in ("nan", "integers") or old.is_floating_point() and old.numel())
    assume(what != "double" or kind == "factored" and name.startswith("lrnr"))
    assume(what != "flat" or old.ndim != 1 and old.numel() != 1)
    if what == "missing":
        del tensors[name]
    elif what == "extra":
        tensors[name + ".more"] = torch.ones(2)
    else:
        tensors[name] = {"longer": lambda: torch.cat([old, old[:1]]) if len(old) else torch.ones(1, *old.shape[1:]),
                         "flat": lambda: old.reshape(-1), "integers": lambda: torch.ones(old.shape, dtype=torch.int32),
                         "nan": lambda: torch.full_like(old, float("nan")), "double": old.double}[what]()
    assert refused(write(tmp_path / "model", header, tensors)), (name, what)


def test_a_header_that_is_deep_or_no_json_is_refused(saved, tmp_path):
    _, tensors = saved["factored"]
    for text in ("[" * 10**5 + "]" * 10**5, "{", "[]", "3", "null", '"format"', '{"format": NaN}', '{"format": "1"}'):
        path = tmp_path / "model"
        save_file(tensors, path, metadata={"lrnrbook": text})
        assert refused(path)


def test_what_does_not_fit_is_named(saved, tmp_path):
    header, tensors = saved["factored"]
    for change, words in (({"colour": 3}, "'colour'"), ({"activation": "cosine"}, r"\$\.activation"),
                          ({"hyper": header["hyper"] | {"depth": 10**7}}, r"\$\.hyper\.depth"),
                          ({"units": ["m", "s"]}, "units"), ({"kind": ["MetaNetwork"]}, r"\$"),
                          ({"normalisation": header["normalisation"] | {"times": [0, 0]}}, r"\[0, 0\]")):
        with pytest.raises(ValueError, match=words):
            lb.load(write(tmp_path / "model", header | change, tensors))
