"""Model files in which anything may be wrong: a sentence, and never a model that is not the one that was saved."""

import copy
import ctypes
import io
import json
import re
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

import lrnrbook as lb
from lrnrbook.datasets import ASSETS, SPLITS, read_data
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
    family = lb.MetaNetwork(lrnr, lb.HyperNetwork(initial_scales(lrnr), width=7, depth=2, inputs=3),
                            lb.Normalisation(((0.0, 4.0),), (0.0, 2.0), (5.0,), (), {"a": (0.0, 2.0), "b": (3.0, 4.0)},
                                             {"t": "s", "x": "m"}),
                            ["u"], ["m"])
    return {"factored": factored, "sparse": sparse, "dense": dense, "family": family,
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


def memory(kind):
    """Bytes of this process now (VmRSS), or the most since that was last reset (VmHWM)."""
    return 1024 * int(re.search(rf"{kind}:\s+(\d+)", Path("/proc/self/status").read_text())[1])


@contextmanager
def little_memory():
    """What is done within takes few bytes, at every moment of it."""
    ctypes.CDLL(None).malloc_trim(0)  # what was freed and kept would be taken again, unseen
    Path("/proc/self/clear_refs").write_text("5")  # resets the most
    before = memory("VmRSS")
    try:
        yield
    finally:
        assert memory("VmHWM") - before < FEW_BYTES


def test_the_memory_of_a_moment_is_seen():
    with pytest.raises(AssertionError), little_memory():
        np.ones(10**7)


def test_files_of_the_first_version_load(saved, tmp_path):
    for kind in ("factored", "sparse", "fast"):
        header, tensors = copy.deepcopy(saved[kind])
        del header["hyper"]["bottleneck"]
        header["normalisation"].pop("shift", None)
        old, new = (lb.load(write(tmp_path / name, head, tensors)) for name, head in (
            ("old", header), ("new", saved[kind][0])))
        t = [0.3, 1.9]
        assert torch.equal(old(t), new(t)) if kind == "fast" else torch.equal(old([0.5], t), new([0.5], t))


def refused(path):
    """The sentence with which a file is refused, or None."""
    try:
        with little_memory():
            lb.load(path)
    except ValueError as error:
        assert "\n" not in str(error) and 20 < len(str(error)) < 1000 and str(path) in str(error)
        return str(error)
    return None


@pytest.mark.parametrize("kind", ["factored", "sparse", "dense", "family", "fast"])
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
        ours = ("bottleneck", "shift", "coordinates") + (() if kind == "family" else ("parameters",))
        assume(key not in ours)  # files of earlier versions lack them
        del part[key]
    else:
        assume(isinstance(part, dict))
        part["unknown"] = 1
    found = refused(write(tmp_path / "model", header, tensors))
    if what == "put" and above == ["layers"] or key in ("omega", "snapshots"):
        return  # a number in place of another one is no damage that can be seen
    named = what == "put" and (  # other names of fields and units of axes, or none of axes
        (isinstance(part, list) or "coordinates" in above) and isinstance(value, str) and value
        or key == "coordinates" and value == {})
    number = above and above[0] == "normalisation" and what == "put" and (
        isinstance(value, int | float) or value == [1, 2])
    assert found or named or number, (above, key, what)


@pytest.mark.parametrize("kind", ["factored", "sparse", "dense", "family", "fast"])
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
                          ({"hyper": header["hyper"] | {"width": 4000, "depth": 5}}, "weights have shapes .* sizes"),
                          ({"units": ["m", "s"]}, "units"), ({"kind": ["MetaNetwork"]}, r"\$"),
                          ({"normalisation": header["normalisation"] | {"times": [0, 0]}}, r"\[0, 0\]"),
                          ({"normalisation": header["normalisation"] | {"parameters": {"a": [2, 1]}}}, "sizes"),
                          ({"normalisation": header["normalisation"] | {"parameters": {"a": [1, 2]}}}, "sizes")):
        with pytest.raises(ValueError, match=words):
            lb.load(write(tmp_path / "model", header | change, tensors))


# Data files.


@pytest.fixture(scope="module")
def shipped():
    """Arrays of a shipped data file."""
    with np.load(ASSETS / "euler.npz") as file:
        return dict(file)


def no_data(path, read=read_data):
    """The sentence with which a data file is refused, or None."""
    try:
        with little_memory():
            read(path)
    except ValueError as error:
        assert "\n" not in str(error) and 20 < len(str(error)) < 1000
        return str(error)
    return None


def other_array(a, data):
    """The array, changed so that it is another one."""
    kinds = ["longer", "shorter", "text", "objects", "complex", "nan", "one", "scalar"]
    what = data.draw(st.sampled_from(kinds))
    if what == "one":
        changed = np.array(a)
        changed.reshape(-1)[data.draw(st.integers(0, a.size - 1))] += 1
        return changed
    return {"longer": lambda: np.concatenate([a, a[:1]]), "shorter": lambda: a[:-1],
            "text": lambda: a.astype("U4"), "objects": lambda: a.astype(object), "complex": lambda: a + 1j,
            "nan": lambda: np.full(a.shape, np.nan), "scalar": lambda: a.reshape(-1)[0]}[what]()


@settings(MANY, max_examples=60)
@given(data=st.data())
def test_data_of_which_an_array_or_a_word_is_another_are_refused(shipped, tmp_path, data):
    arrays = dict(shipped)
    name = data.draw(st.sampled_from(sorted(arrays)))
    if data.draw(st.booleans()):
        del arrays[name]
    elif name == "metadata":
        metadata = json.loads(str(arrays[name]))
        *above, key = data.draw(st.sampled_from([path for path in places(metadata) if path and path[0] in (
            "format", "name", "sha256")]))  # the rest is words for people
        part = metadata
        for step in above:
            part = part[step]
        value = data.draw(st.sampled_from([wrong for wrong in WRONG if wrong != 1]))
        assume(value != part[key])
        part[key] = value
        arrays[name] = np.array(json.dumps(metadata))
    else:
        arrays[name] = other_array(arrays[name], data)
    with open(tmp_path / "data.npz", "wb") as file:
        np.savez(file, **arrays)
    assert no_data(tmp_path / "data.npz", lambda path: [read_data(path, split) for split in SPLITS]), name


def lying(shape):
    """Bytes of an .npy file of another shape than its header says."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return file.getvalue() + bytes(800)


@pytest.mark.parametrize("content", [bytes(2 * 10**8), lying((10**15,)), lying((10**8,)), lying((-1,)), lying((3, 4)),
                                     b"\x93NUMPY", b""],
                         ids=["bomb", "huge", "large", "negative", "small", "cut", "empty"])
def test_data_that_unpack_to_more_than_they_are_or_lie_about_their_shape_are_refused(shipped, tmp_path, content):
    np.savez(path := tmp_path / "data.npz", **{name: a for name, a in shipped.items() if name != "u"})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("u.npy", content)
    assert no_data(path)
    if content != bytes(2 * 10**8):  # where data of one's own may be as repetitive as they are
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name in "txu":
                file.writestr(f"{name}.npy", content)
        assert no_data(path, lb.WaveData.open)


def test_objects_in_a_file_are_never_built(shipped, tmp_path):
    class Evil:
        def __reduce__(self):
            return (exec, ("raise SystemExit('code was run')",))

    np.savez(path := tmp_path / "data.npz", t=np.array([Evil()]), x=np.zeros(2), u=np.zeros((2, 2)))
    assert "allow_pickle" in no_data(path, lb.WaveData.open)
    np.savez(path, **shipped | {"u": np.array([Evil()])})
    assert no_data(path)


@settings(MANY, max_examples=60)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: ("t,x,u\n" + text).encode()))
def test_tables_of_anything_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("table") / "data.csv"
    path.write_bytes(content)
    assert no_data(path, lb.WaveData.open) or len(lb.WaveData.open(path)) > 1
