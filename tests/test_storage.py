"""Model files: exact round trips, atomic writes, and nothing in a file is ever run."""

import json
import pickle
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import lrnrbook as lb
from lrnrbook import storage
from lrnrbook.files import write_atomically, write_json
from lrnrbook.hyper import initial_scales
from study.ledger.records import plain


def network(sparse=False):
    if sparse:
        layers = [lb.FactoredLayer(torch.randn(6, 2), torch.randn(1, 2), torch.randn(6, 1)),
                  lb.SparseLayer([torch.eye(6), torch.diag(torch.ones(5), 1)], torch.randn(6, 0)),
                  lb.FactoredLayer(torch.randn(1, 3), torch.randn(6, 3), torch.randn(1, 1))]
        lrnr = lb.LRNR(layers, "relu")
    else:
        lrnr = lb.LRNR.random((1, 6, 6, 1), lb.Ranks((1, 2, 3), (3, 0, 1)), "sine")
    hyper = lb.HyperNetwork(initial_scales(lrnr), width=7, depth=2, output="linear")
    model = lb.MetaNetwork(lrnr, hyper, lb.Normalisation(((0.0, 4.0),), (0.0, 2.0), (5.0,)), ["u"], ["m"])
    model.provenance = {"seed": 3}
    return model


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_saved_model_gives_the_same_values_bit_for_bit(tmp_path, sparse, dtype):
    model = network(sparse).to(dtype)
    path = lb.save(model, tmp_path / "folder" / "model.safetensors")
    again = lb.load(path)
    x, t = torch.linspace(0, 4, 30), [0.0, 0.7, 2.0]
    assert torch.equal(model(x, t), again(x, t)) and again(x, t).dtype == dtype
    assert (again.fields, again.units, again.provenance, again.ranks) == (("u",), ("m",), {"seed": 3}, model.ranks)
    assert (again.normalisation, again.lrnr.activation) == (model.normalisation, model.lrnr.activation)
    assert (again.hyper.width, again.hyper.depth, again.hyper.output) == (7, 2, "linear")
    assert [p.name for p in path.parent.iterdir()] == ["model.safetensors"]


def test_sparse_entries_that_became_zero_and_factors_that_share_memory_are_kept(tmp_path):
    model = network(sparse=True)
    with torch.no_grad():
        model.lrnr.layers[1].values[2] = 0.0
    again = lb.load(lb.save(model, tmp_path / "zero"))
    assert torch.equal(again.lrnr.layers[1].values, model.lrnr.layers[1].values)
    a = torch.eye(2)
    lrnr = lb.LRNR([lb.FactoredLayer(a, a, a)])
    box = lb.Normalisation(((0, 1), (0, 1)), (0, 1), (1, 1))
    model = lb.MetaNetwork(lrnr, lb.HyperNetwork(torch.ones(4)), box, ["a", "b"])
    assert torch.equal(lb.load(lb.save(model, tmp_path / "shared")).lrnr.U[0], a)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_factors_in_half_precision_take_half_the_bytes_and_change_little(tmp_path, dtype):
    model = lb.unit_columns(lb.load_pretrained("euler")).to(dtype)
    whole, half = lb.save(model.float(), tmp_path / "whole"), lb.save(model.to(dtype), tmp_path / "half", half=True)
    assert half.stat().st_size < 0.53 * whole.stat().st_size
    again, x, t = lb.load(half), torch.linspace(0, 1, 50), [0.01, 0.03]
    assert {a.dtype for a in again.state_dict().values()} == {torch.float32}
    change = (again(x, t) - model(x, t)).norm() / model(x, t).norm()
    assert 0 < change < 1e-3


def test_half_precision_is_refused_where_it_would_lose_the_model(tmp_path):
    large = network()
    with torch.no_grad():
        large.lrnr.layers[1].U[0, 0] = 1e5
    for model, words in ((large, "65504"), (network(sparse=True), "factored")):
        with pytest.raises(ValueError, match=words):
            lb.save(model, tmp_path / "model", half=True)
    assert not any(tmp_path.iterdir())


def test_info_needs_no_weights(tmp_path):
    path = lb.save(network(), tmp_path / "model")
    whole = lb.info(path)
    assert whole["ranks"] == {"weights": [1, 2, 3], "biases": [3, 0, 1]} and whole["provenance"] == {"seed": 3}
    assert not any(isinstance(value, torch.Tensor) for value in whole.values())
    assert len(json.dumps(whole)) < 1000


def test_info_reads_the_header():
    info = lb.info(lb.storage.asset("models", "euler-laptop-0.safetensors"))
    assert info["format"] == 1 and info["fields"] == ["density", "velocity", "pressure"]
    assert info["provenance"]["data"]["sha256"] == lb.load_data("euler").sha256


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('code was run')",))


def foreign_files(folder):
    good = lb.save(network(), folder / "good.safetensors")
    tensors = load_file(good)
    (folder / "pickle").write_bytes(pickle.dumps(Evil()))
    torch.save({"w": Evil()}, folder / "torch")
    (folder / "garbage").write_bytes(b"\x00" * 100)
    (folder / "empty").write_bytes(b"")
    (folder / "truncated").write_bytes(good.read_bytes()[:-50])
    save_file(tensors, folder / "no-header")
    header = '{"format": 2, "kind": "MetaNetwork"}'
    save_file(tensors, folder / "newer", metadata={"lrnrbook": header})
    text = good.read_bytes()
    (folder / "altered").write_bytes(text.replace(b"sine", b"cosi"))
    (folder / "layers").write_bytes(text.replace(b'factored', b'sparsest'))
    return ["pickle", "torch", "garbage", "empty", "truncated", "no-header", "newer", "altered", "layers", "missing"]


def test_files_that_are_no_models_are_refused_in_a_sentence_and_never_run(tmp_path):
    for name in foreign_files(tmp_path):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (the words differ)
            lb.load(tmp_path / name)
        assert "\n" not in str(caught.value) and len(str(caught.value)) > 20, name
    with pytest.raises(ValueError, match="format '2': this version of lrnrbook reads format 1"):
        lb.info(tmp_path / "newer")


@pytest.mark.parametrize("change", [
    {"ranks": {"weights": [1, 1, 1], "biases": [3, 0, 1]}}, {"ranks": None}, {"layers": []}, {"layers": [{}]},
    {"hyper": {"width": 8, "depth": 2, "output": "linear"}}, {"hyper": {"width": 7, "depth": 2, "output": "exp"}},
    {"activation": "cosine"}, {"fields": ["u", "v"]}, {"normalisation": None},
    {"layers": [{"kind": "sparse", "shape": [6, 1], "entries": [1]}] * 3}], ids=json.dumps)
def test_a_header_that_does_not_fit_the_weights_is_refused(tmp_path, change):
    path = lb.save(network(), tmp_path / "model")
    save_file(load_file(path), path, metadata={"lrnrbook": json.dumps(lb.info(path) | change)})
    with pytest.raises(ValueError, match="^'.*model' is damaged: its (weights|configuration) do") as caught:
        lb.load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", [lambda t: t.pop("lrnr.layers.1.U"), lambda t: t.update(extra=torch.ones(1)),
                                    lambda t: t.update({"lrnr.layers.2.V": torch.ones(6, 2)})],
                         ids=["missing", "extra", "narrow"])
def test_weights_that_do_not_fit_the_header_are_refused(tmp_path, change):
    path = lb.save(network(), tmp_path / "model")
    tensors, header = load_file(path), json.dumps(lb.info(path))
    change(tensors)
    save_file(tensors, path, metadata={"lrnrbook": header})
    with pytest.raises(ValueError, match="is damaged: its weights do not fit"):
        lb.load(path)


def test_a_formula_is_not_saved_and_nothing_is_written(tmp_path):
    model = network()
    model.hyper = torch.nn.Identity()
    with pytest.raises(ValueError, match="holds no code"):
        lb.save(model, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="model = {}: expected MetaNetwork or FastLRNR"):
        lb.save({}, tmp_path / "model.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def fails(temporary):
        temporary.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, fails)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_records_hold_no_number_that_is_none(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "record.json", {"misfit": [1.0, float("nan")]})
    assert not any(tmp_path.iterdir())
    content = plain({"a": [np.float64(1.23456), float("inf"), 3], "b": (2,)})
    written = write_json(tmp_path / "deep" / "record.json", content)
    assert json.loads(written.read_text()) == {"a": [1.235, None, 3], "b": [2]}


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=["full", "interrupted"])
def test_saving_over_a_model_that_fails_keeps_the_old_model(tmp_path, monkeypatch, error):
    path = lb.save(network(), tmp_path / "model")
    before = path.read_bytes()

    def fails(tensors, metadata):
        raise error

    monkeypatch.setattr(storage, "as_bytes", fails)
    with pytest.raises(type(error)):
        lb.save(network(sparse=True), path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_shipped_models_and_records_that_were_changed_are_refused(tmp_path, monkeypatch):
    shutil.copytree(storage.asset(), tmp_path / "assets")
    monkeypatch.setattr(storage.resources, "files", lambda package: tmp_path)
    sums = (tmp_path / "assets" / "models" / "SHA256SUMS").read_text().split()[1::2]
    models = storage.pretrained()
    shipped = sorted(f"{'-'.join(map(str, m))}.{end}" for m in models for end in ("json", "safetensors"))
    assert sorted(sums) == shipped, "in lrnrbook/assets/models: sha256sum *.json *.safetensors > SHA256SUMS"
    lb.load_pretrained("euler", "page")
    for read, ending in ((lb.load_record, "json"), (lb.load_pretrained, "safetensors")):
        one, other = (storage.asset("models", f"{name}-page-0.{ending}") for name in ("burgers", "euler"))
        shutil.copy(one, other)
        with pytest.raises(ValueError, match=f"euler-page-0.{ending}' is not what was shipped"):
            read("euler", "page")


def test_what_is_not_shipped_is_named():
    for call, words in ((lambda: lb.load_pretrained("eule"), "euler"),
                        (lambda: lb.load_record("euler", "big"), "laptop")):
        with pytest.raises(ValueError, match=words):
            call()
