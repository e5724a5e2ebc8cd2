"""Runs that are killed, ended, doubled, or find their disk full or their checkpoint damaged."""

import ctypes
import io
import multiprocessing
import os
import random
import resource
import signal
import sys
import threading
import time
import warnings
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from examples import DATA, smoke, weights
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_damaged_files import MANY, little_memory
from typer.testing import CliRunner

import lrnrbook as lb
from lrnrbook import training
from lrnrbook.cli import app, main
from lrnrbook.files import alone
from lrnrbook.trainer import Trainer
from lrnrbook.training import read_checkpoint

FORK = multiprocessing.get_context("fork")  # a process that need not import everything anew
EPOCHS = 300


def resumable(path, kept):
    """A run that writes checkpoints as often as it may, and says up to which epoch."""
    training.CHECKPOINT_SECONDS = 0.0
    save = Trainer.save_checkpoint

    def counted(trainer, *given):
        save(trainer, *given)
        kept.value = trainer.epoch

    Trainer.save_checkpoint = counted
    lb.fit(DATA, "smoke", epochs=EPOCHS, checkpoint=path, progress=False)


@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_a_run_killed_again_and_again_ends_with_the_weights_of_an_uninterrupted_one(tmp_path, kills):
    path, kept, reached = tmp_path / "run.checkpoint", FORK.Value("i", 0), [0]
    random.seed()
    for _ in range(kills):
        begun = path.stat().st_mtime_ns if path.exists() else 0
        process = FORK.Process(target=resumable, args=(path, kept))
        process.start()
        while process.exitcode is None and (not path.exists() or path.stat().st_mtime_ns == begun):
            time.sleep(0.005)  # until it trains and writes
        time.sleep(random.uniform(0, 0.9 / kills))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, "it ended before the kill: more epochs are needed"
        reached.append(read_checkpoint(path)["epoch"])
        assert reached[-1] >= kept.value
    assert reached == sorted(reached) and 0 < reached[-1] < EPOCHS
    resumed, straight = smoke(epochs=EPOCHS, checkpoint=path), smoke(epochs=EPOCHS)
    assert torch.equal(weights(resumed), weights(straight))
    assert resumed.history == straight.history


def test_checkpoints_are_as_far_apart_as_the_pause_and_an_epoch(tmp_path, monkeypatch):
    clock, saved, save = iter(range(10**6)), [], Trainer.save_checkpoint

    def noted(trainer, *given):
        save(trainer, *given)
        saved.append(trainer.epoch)

    monkeypatch.setattr(Trainer, "save_checkpoint", noted)
    monkeypatch.setattr(training.time, "perf_counter", lambda: 0.5 * next(clock))  # half a second each time
    smoke(epochs=120, checkpoint=tmp_path / "run.checkpoint")
    seconds = 1.5  # it is read three times in an epoch
    assert saved[0] == 0 and saved[-1] == 120 and len(saved) > 5
    assert max(np.diff(saved)) * seconds <= training.CHECKPOINT_SECONDS + seconds


def begin(folder, *arguments, before=lambda: None):
    """The command line in a forked process, what it says in files of the folder."""
    def run():
        os.chdir(folder)
        before()
        sys.argv = ["lrnrbook", *arguments]
        sys.stdout, sys.stderr = (open(folder / name, "w", buffering=1) for name in ("stdout", "stderr"))
        warnings.simplefilter("ignore")
        main()

    for name in ("stdout", "stderr"):
        (folder / name).write_text("")
    process = FORK.Process(target=run)
    process.start()
    return process


def ended(process, folder):
    """Status of the command line, and what it said on stderr beside its bar."""
    process.join(60)
    lines = [line for line in (folder / "stderr").read_text().splitlines() if "%|" not in line and line]
    return process.exitcode, "\n".join(lines)


@pytest.fixture
def folder(tmp_path):
    """A folder with data to train on."""
    np.savez(tmp_path / "pulse.npz", t=DATA.t, x=DATA.x[0], u=np.stack(DATA.u))
    return tmp_path


TRAIN = ("train", "pulse.npz", "--recipe", "smoke", "--width", "8", "--epochs")


@pytest.fixture
def started(folder):
    """A run of the command line that has written its first checkpoint: process, checkpoint."""
    process = begin(folder, *TRAIN, "100000")
    checkpoint = folder / "runs" / "pulse-smoke-0.checkpoint"
    while process.is_alive() and not checkpoint.exists():
        time.sleep(0.02)
    assert process.is_alive(), (folder / "stderr").read_text()
    yield process, checkpoint
    process.kill()
    process.join()


def test_of_two_runs_with_one_out_the_second_is_refused_and_sigterm_ends_the_first_with_a_checkpoint(started, folder):
    process, checkpoint = started
    train = [TRAIN[0], str(folder / TRAIN[1]), *TRAIN[2:], "9", "--out", str(checkpoint.with_suffix(".safetensors"))]
    for call in (lambda: lb.fit(DATA, "smoke", checkpoint=checkpoint, progress=False),
                 lambda: CliRunner().invoke(app, train, catch_exceptions=False),
                 lambda: CliRunner().invoke(app, [*train, "--restart"], catch_exceptions=False)):
        with pytest.raises(ValueError, match=f"in use by process {process.pid} on"):
            call()
    assert process.is_alive() and read_checkpoint(checkpoint)
    os.kill(process.pid, signal.SIGTERM)
    assert ended(process, folder) == (0, "")
    said = (folder / "stdout").read_text()
    assert read_checkpoint(checkpoint)["epoch"] == int(said.split("interrupted after epoch ")[1].split()[0]) > 0
    assert lb.load(checkpoint.with_suffix(".safetensors")).fields == ("u",)


def test_a_second_run_is_refused_without_waiting(tmp_path, monkeypatch):
    with alone(path := tmp_path / "run.checkpoint"):
        monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"it waits for {seconds} s"))
        with pytest.raises(ValueError, match="in use by process"), alone(path):
            pass


def test_a_run_that_was_killed_holds_no_lock(started, folder):
    process, checkpoint = started
    process.kill()
    process.join()
    assert checkpoint.with_name(checkpoint.name + ".lock").exists()
    assert ended(begin(folder, *TRAIN, "1", "--restart"), folder) == (0, "")


@pytest.mark.parametrize("times", [1, 2])
def test_one_ctrl_c_ends_an_epoch_and_a_second_ends_all_at_once(monkeypatch, times):
    run_epoch = Trainer.run_epoch

    def interrupted(trainer):
        for _ in range(times if trainer.epoch == 4 else 0):
            os.kill(os.getpid(), signal.SIGINT)
        return run_epoch(trainer)

    monkeypatch.setattr(Trainer, "run_epoch", interrupted)
    if times == 1:
        fit = smoke()
        assert fit.stop_reason.startswith("interrupted after epoch 5 of 12")
        assert fit.record["best_epoch"] >= 0 and len(fit.history["epoch"]) == 5
    else:
        with pytest.raises(KeyboardInterrupt):
            smoke()


def test_interrupts_mean_what_they_meant_before():
    found = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    smoke(epochs=1)
    with pytest.raises(ValueError, match="zero everywhere"):
        lb.fit(lb.WaveData.from_arrays([0, 1], [0, 0.5, 1], np.zeros((2, 3))), "smoke", progress=False)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == found


# Full disks and read-only folders.


def full_disk():
    """From here on no file may become larger than some bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


def no_override():
    """Permissions count for root too."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE: for programs begun from here
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None)
    libc.capget(header, sets)
    sets[0] &= ~2
    libc.capset(header, sets)


@pytest.mark.parametrize(("before", "mode", "words"), [(full_disk, 0o755, "File too large"),
                                                       (no_override, 0o555, "Permission denied")],
                         ids=["full", "read-only"])
def test_where_nothing_can_be_written_a_run_ends_with_a_sentence_and_what_was_there_stays(folder, before, mode, words):
    assert ended(begin(folder, *TRAIN, "3"), folder) == (0, "")
    runs = folder / "runs"
    old = {path.name: path.read_bytes() for path in runs.iterdir()}
    for more in ((), ("--restart",), ("--out", "runs/other.safetensors"), ("--out", "runs/deeper/x.safetensors")):
        runs.chmod(mode)
        status, said = ended(begin(folder, *TRAIN, "3", *more, before=before), folder)
        runs.chmod(0o755)
        assert status == 2 and words in said and len(said.splitlines()) == 1, (more, status, said)
        for path in [path for path in runs.rglob("*") if path.is_file() and path.suffix != ".lock"]:
            assert path.name in old and path.read_bytes() == old[path.name], (more, path)


# Checkpoints.


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A checkpoint after 6 epochs of 12, and the one before it; the weights that the run would end with."""
    folder = tmp_path_factory.mktemp("run")
    trainer = Trainer(DATA, lb.get_recipe("smoke", epochs=12), seed=0)
    path = folder / "run.checkpoint"
    for _ in range(6):
        trainer.run_epoch()
        trainer.save_checkpoint(path, {"asked": {"seconds": None}})
    former = folder / "run.checkpoint.before"
    assert (read_checkpoint(former)["epoch"], read_checkpoint(path)["epoch"]) == (5, 6)
    return SimpleNamespace(last=path.read_bytes(), former=former.read_bytes(), wanted=weights(smoke(epochs=12)))


@pytest.mark.parametrize("damage", [lambda a: b"", lambda a: a[: len(a) // 2], lambda a: a[:4000] + b"\0\1" + a[4002:],
                                    lambda a: b"\0" * len(a)], ids=["empty", "half", "a byte", "zeros"])
def test_if_a_checkpoint_is_damaged_the_one_before_is_used(two, tmp_path, damage):
    last, former, wanted = two.last, two.former, two.wanted
    path = tmp_path / "run.checkpoint"
    path.write_bytes(damage(last))
    with pytest.raises(ValueError, match="is no checkpoint of lrnrbook"):
        smoke(checkpoint=path)
    path.with_suffix(".checkpoint.before").write_bytes(former)
    with pytest.warns(UserWarning, match="going on from the one before"):
        fit = smoke(checkpoint=path)
    assert torch.equal(weights(fit), wanted) and read_checkpoint(path)["epoch"] == 12
    path.write_bytes(damage(last))
    path.with_suffix(".checkpoint.before").write_bytes(damage(former))
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="run.checkpoint' is no checkpoint"):
        smoke(checkpoint=path)


def same(a, b):
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or a != a and b != b


@MANY
@given(data=st.data())
def test_bytes_of_a_checkpoint_that_are_changed_are_found_or_mean_nothing(two, tmp_path, data):
    content = bytearray(two.last)
    begin = data.draw(st.integers(0, len(content) - 1))
    what = data.draw(st.sampled_from(["flip", "cut", "zeros", "more"]))
    if what == "flip":
        content[begin] ^= 1 << data.draw(st.integers(0, 7))
    elif what == "cut":
        del content[begin:]
    elif what == "zeros":
        end = min(begin + data.draw(st.integers(1, 4096)), len(content))
        content[begin:end] = bytes(end - begin)
    else:
        content[begin:begin] = b"x"
    path = tmp_path / "run.checkpoint"
    path.write_bytes(content)
    try:
        assert same(read_checkpoint(path), torch.load(io.BytesIO(two.last), weights_only=True))
    except ValueError as error:
        assert "is no checkpoint of lrnrbook" in str(error) and "\n" not in str(error)


WRONG = [None, True, "text", -1, 3, 0.5, float("nan"), [], [1, 2], {}, {"a": 1}, torch.ones(3)]


@settings(MANY, max_examples=60)
@given(data=st.data())
def test_a_checkpoint_of_which_a_part_is_missing_or_another_is_refused_in_a_sentence(two, tmp_path, data):
    state = torch.load(io.BytesIO(two.last), weights_only=True)
    key = data.draw(st.sampled_from(sorted(state)))
    wrong = data.draw(st.sampled_from(WRONG))
    if data.draw(st.booleans()):
        assume(key not in ("heldout", "recoveries"))  # which older ones lack
        del state[key]
    else:
        assume(type(wrong) is not type(state[key]) and key != "switch_epoch")
        state[key] = wrong
    torch.save(state, path := tmp_path / "run.checkpoint")
    trainer = Trainer(DATA, lb.get_recipe("smoke", epochs=12), seed=0)
    with pytest.raises(ValueError, match="run.checkpoint") as caught:
        training.resume(trainer, path, read_checkpoint(path))
    assert "\n" not in str(caught.value)


def test_a_checkpoint_that_unpacks_to_more_than_itself_is_refused(two, tmp_path):
    path = tmp_path / "run.checkpoint"
    with zipfile.ZipFile(io.BytesIO(two.last)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, old.read(part) if not part.filename.endswith("/0") else bytes(10**8))
    with pytest.raises(ValueError, match="no checkpoint of lrnrbook"), little_memory():
        read_checkpoint(path)


# The clock, and threads.


def test_a_clock_that_jumps_changes_nothing(tmp_path, monkeypatch):
    straight, clock, rng = smoke(epochs=40), time.time, random.Random(0)
    monkeypatch.setattr(time, "time", lambda: clock() + rng.uniform(-1, 1) * 1e9)
    path = tmp_path / "run.checkpoint"
    for _ in range(100):
        fit = lb.fit(DATA, "smoke", epochs=40, checkpoint=path, slice_seconds=0.05)
        if not fit.stop_reason.startswith("slice over"):
            break
    assert torch.equal(weights(fit), weights(straight)) and 0 <= fit.record["seconds"] < 1e6


def test_two_threads_train_what_they_train_alone_and_leave_the_settings_as_they_were():
    alone = [smoke(seed=seed, epochs=40) for seed in (0, 1)]
    found, beside = {}, torch.get_num_threads()
    generator = torch.random.get_rng_state()
    threads = [threading.Thread(target=lambda seed=seed: found.update({seed: smoke(seed=seed, epochs=40)}))
               for seed in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in (0, 1):
        assert torch.equal(weights(found[seed]), weights(alone[seed])) and found[seed].history == alone[seed].history
    assert torch.get_num_threads() == beside and torch.equal(torch.random.get_rng_state(), generator)


@pytest.mark.parametrize("fails", [False, True])
def test_the_number_of_threads_is_left_as_found(fails, monkeypatch):
    before, usual = torch.get_num_threads(), Trainer.run_epoch

    def three(trainer):
        assert torch.get_num_threads() == 3
        if fails:
            raise MemoryError
        return usual(trainer)

    monkeypatch.setattr(Trainer, "run_epoch", three)
    with pytest.raises(MemoryError) if fails else warnings.catch_warnings():
        smoke(epochs=2, threads=3)
    assert torch.get_num_threads() == before


