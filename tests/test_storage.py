"""Model files: exact round trips, atomic writes, and nothing in a file is ever run."""

import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file

import lrnrbook as lb
from lrnrbook.model import initial_scales
from lrnrbook.storage import load_benchmark, write_atomically


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
    assert [p.name for p in path.parent.iterdir()] == ["model.safetensors"]


def test_info_reads_the_header():
    info = lb.info(lb.storage.asset("models", "euler-laptop.safetensors"))
    assert info["format"] == 1 and info["fields"] == ["density", "velocity", "pressure"]
    assert info["provenance"]["data"]["sha256"] == lb.load_data("euler").sha256


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('code was run')",))


def foreign_files(folder):
    good = lb.save(network(), folder / "good.safetensors")
    tensors = load_file(good)
    (folder / "pickle").write_bytes(pickle.dumps(Evil()))
    torch.save({"w": torch.ones(3)}, folder / "torch")
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
    with pytest.raises(ValueError, match="format 2: this version of lrnrbook reads format 1"):
        lb.info(tmp_path / "newer")


def test_a_formula_is_not_saved_and_nothing_is_written(tmp_path):
    model = network()
    model.hyper = torch.nn.Identity()
    with pytest.raises(ValueError, match="holds no code"):
        lb.save(model, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="a dict"):
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


def test_what_is_not_shipped_is_named():
    for call, words in ((lambda: lb.load_pretrained("eule"), "euler"), (lambda: load_benchmark("no"), "race-euler"),
                        (lambda: lb.load_record("euler", "big"), "laptop")):
        with pytest.raises(ValueError, match=words):
            call()
