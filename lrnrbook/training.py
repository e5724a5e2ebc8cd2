"""`fit`: train an LRNR on wave data, with progress, checkpoints and a record (section 4)."""

from __future__ import annotations

import math
import os
import platform
import signal
import sys
import time
import warnings
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from threading import current_thread, main_thread

import numpy as np
import torch
from tqdm.auto import tqdm

from lrnrbook.arrays import html_table
from lrnrbook.data import WaveData
from lrnrbook.evaluation import Errors, both_errors
from lrnrbook.files import alone, write_json
from lrnrbook.hyper import folded
from lrnrbook.model import MetaNetwork
from lrnrbook.race import SHARE, candidates, epochs_in, race
from lrnrbook.recipes import Recipe, get_recipe
from lrnrbook.storage import save
from lrnrbook.trainer import Trainer
from lrnrbook.truncation import kept

CHECKPOINT_SECONDS = 20.0
RECOVERIES = 2  # times a diverging run goes back to its best weights, each time with half the rate


@dataclass
class Fit:
    """Result of `fit`.

    Attributes
    ----------
    model : MetaNetwork: with the best weights of the run
    history : dict of lists
        Columns epoch, misfit (as trained on: MSE while q = 2, l1 while q = 1), q, learning_rate, mollifier_radius,
        r_sparse, r_ortho; evaluations: epoch, relative l1 error and MSE on the data themselves; heldout: epoch, l1
        error at the times kept apart; cuts: epoch at which the mollifier shrank, misfit in the epoch before and in it;
        recoveries: epochs that diverged.
    stop_reason : str
    record : dict
        Recipe, seed, steps, seconds, device, threads, versions, data, errors, history, stop_reason; with a holdout its
        times, and `outlook`, on whether more time would help.
    heldout : Errors or None: relative l1 errors at the times that were kept apart
    data : WaveData or None: what it was called with
    """

    model: MetaNetwork
    history: dict
    stop_reason: str
    record: dict
    heldout: Errors | None = None
    data: WaveData | None = None

    def __repr__(self) -> str:
        lines = [f"{self.stop_reason}, {self.record['seconds']:.0f} s; best after epoch {self.record['best_epoch']}"]
        for place, both in self.record["errors"].items():
            where = place.replace("heldout", "times kept apart" + " before" * ("before" in self.record))
            for q, found in (both or {}).items():
                values = ", ".join(f"{field} {row['points']:.2e}" for field, row in found.items())
                lines.append(f"relative {q.replace('q', 'l')} error at the {where}: {values}")
        return "\n".join([*lines, self.record.get("outlook", "")]).rstrip()

    def _repr_html_(self) -> str:
        run, *rows = repr(self).splitlines()
        return html_table("Fit", {"run": run} | dict(row.partition(": ")[::2] for row in rows))

    def plot(self):
        """Figure of the history: misfit, errors, rate."""
        from lrnrbook.plots import plot_history

        return plot_history(self.record)

    def save(self, path) -> Path:
        """Save the model to ``path`` and the record beside it, as ``.json``."""
        path = save(self.model, path)
        write_json(path.with_name(f"{path.name.removesuffix('.safetensors')}.json"), self.record)
        return path


def resume(trainer: Trainer, path: Path, old: dict) -> None:
    """Continue from a checkpoint's state; one of another recipe, data set, domain, seed or device is refused."""
    new, old_values = trainer.identity(), old | old["recipe"]
    for name, value in (new | new.pop("recipe")).items():
        if old_values.get(name) != value:
            raise ValueError(f"checkpoint {str(path)!r} has {name} = {old_values.get(name)}, this run {value}: "
                             "expected the same (or give another path)")
    try:
        trainer.restore(old)
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise ValueError(f"checkpoint {str(path)!r} is damaged ({' '.join(str(error).split())}): delete it, or give "
                         "another path") from None


def last_checkpoint(path: Path) -> dict:
    """State in a checkpoint or, if that is damaged, in the one before it, which takes its place."""
    former = Path(f"{path}.before")
    try:
        return read_checkpoint(path)
    except ValueError as error:
        if not former.exists():
            raise
        warnings.warn(f"{error}; going on from the one before", stacklevel=3)
    os.replace(former, path)
    return read_checkpoint(path)


def read_checkpoint(path: Path) -> dict:
    """State in a checkpoint; tensors and plain values only, no code."""
    try:
        with zipfile.ZipFile(path) as archive:  # PyTorch would not look at the sums, and would unpack anything
            if sum(part.file_size for part in archive.infolist()) > path.stat().st_size or archive.testzip():
                raise ValueError("its sums are wrong")
        state = torch.load(path, weights_only=True, map_location="cpu")
        {**state["recipe"], **state["data"], **state["asked"]}, range(state["seed"]), state["device"]
    except Exception as error:  # whatever torch raises for a file that is none of its own
        raise ValueError(f"{str(path)!r} is no checkpoint of lrnrbook ({type(error).__name__}): "
                         "delete it, or give another path") from None
    return state


def fit(data: WaveData, recipe: str | Recipe = "laptop", seconds: float | None = None, epochs: int | None = None,
        seed: int = 0, checkpoint: str | PathLike | None = None, device: str = "cpu", progress: bool = True,
        slice_seconds: float | None = None, holdout: str | Sequence[int] | None = None, final: bool = False,
        **overrides) -> Fit:
    """Train an LRNR with its hypernetwork on a data set (section 4).

    Raises ValueError for values out of range, a checkpoint of another run, a field that is zero everywhere, or a
    mollifier on data without a uniform grid.

    Parameters
    ----------
    data : WaveData
    recipe : str or Recipe
        "laptop", "page", "smoke", "paper", your own, or "auto": "laptop" with width, rank and rate that win a race in
        a tenth of `seconds`, by the error at times kept apart (without a holdout, in the race alone).
    seconds : float, optional: time to train for: the speed is measured once and fixes the number of epochs
    epochs : int, optional: passes over the times, instead of the recipe's number
    seed : int: fixes weights and batches; the same seed gives the same result on the same machine
    checkpoint : path, optional
        Written every 20 seconds, after Ctrl-C and after SIGTERM; if it exists, the run continues from it, to the same
        result bit for bit. The one before is beside it, with ``.before``, and so is a lock while the run goes on.
    device : str
        A torch device to train on; the model comes back on the CPU. On a GPU steps are recorded as CUDA graphs, but
        for batches of ever new shapes (all points of ragged data); products are in float32, TF32 off.
    slice_seconds : float, optional
        Stop after this time, with everything in the checkpoint, and give the best weights so far; the same call goes
        on from there, and many slices give what one run gives, bit for bit.
    progress : bool: show a progress bar
    holdout : "auto" or list of int, optional
        Times that are not trained on, every eighth or by number, to say what the model is worth between the others.
        Of a family every eighth time of each run, or whole runs by number.
    final : bool, optional
        Then train once more on all times, for as many epochs (checkpoint ``.final``): errors at the times kept apart
        are those of the first network, whose record is in that of the second as "before".
    **overrides: fields of `Recipe`

    Examples
    --------
    >>> import numpy as np, lrnrbook as lb
    >>> x, t = np.linspace(-1, 1, 50), np.linspace(0, 1, 11)
    >>> data = lb.WaveData.from_arrays(t, x, np.exp(-20 * (x[None] - 0.5 * t[:, None]) ** 2))
    >>> fit = lb.fit(data, "smoke", epochs=50, progress=False)
    >>> fit.stop_reason
    'all 50 epochs done'
    """
    _check(seconds, epochs, slice_seconds, checkpoint, device)
    if (auto := recipe == "auto") and seconds is None:
        raise ValueError("recipe = 'auto', seconds = None: expected the seconds that it may take")
    if final and holdout is None:
        raise ValueError("final = True, holdout = None: expected times to keep apart first")
    everything, (data, held) = data, apart(data, holdout)
    end = time.perf_counter() + (slice_seconds or math.inf)
    if epochs is not None:
        overrides["epochs"] = epochs
    recipe = get_recipe("laptop" if auto else recipe, data.name if "split" in data.setup else "", **overrides)
    path, state = (Path(checkpoint) if checkpoint else None), None
    with ExitStack() as stack:
        if path:
            stack.enter_context(alone(path))
        stack.callback(torch.set_num_threads, torch.get_num_threads())
        torch.set_num_threads(recipe.threads)
        if path and path.exists():
            state = last_checkpoint(path)
            if seconds is not None and state["asked"]["seconds"] == seconds:
                recipe = replace(recipe, epochs=state["recipe"]["epochs"])
        asked, begun = {"seconds": seconds}, time.perf_counter()
        if auto:
            tried, trial = candidates(seconds, overrides), (data, held) if held else apart(data, "auto")
            asked["race"] = state["asked"].get("race", [{"change": tried[0]}]) if state else race(
                *trial, recipe, tried, SHARE * seconds, seed, device)
            recipe = replace(recipe, **asked["race"][0]["change"] | overrides)
        if seconds is not None and state is None:
            left = max(0.5 * seconds, seconds - (time.perf_counter() - begun))
            recipe = replace(recipe, epochs=epochs_in(left, data, recipe, seed, device))
        trainer = Trainer(data, recipe, seed, device, held)
        if state:
            resume(trainer, path, state)
        reason = run(trainer, path, {"asked": asked}, progress, end - time.perf_counter())
        found = replace(result(trainer, data, reason, held), data=everything)
        found.record |= {"race": asked["race"]} if auto else {}
    if not final or not reason.startswith("all"):
        return found
    last = fit(everything, recipe, seed=seed, checkpoint=path and f"{path}.final", device=device, progress=progress,
               slice_seconds=slice_seconds and max(1e-3, end - time.perf_counter()))
    last.record |= {"before": found.record, "outlook": found.record["outlook"]}
    last.record["errors"]["heldout"] = found.record["errors"]["heldout"]
    return replace(last, heldout=found.heldout)


def outlook(heldout: list, epochs: int) -> str:
    """Whether twice the time would help: as much as the fifth to eighth tenth of the run after the third and fourth."""
    at, error = np.reshape(heldout, (-1, 2)).T
    early, late = (error[(at > a * epochs) & (at <= 2 * a * epochs)] for a in (0.2, 0.4))
    if not (len(early) and len(late)):
        return "The run was too short to say whether more time would help."
    ratio = float(np.median(late) / np.median(early))
    if ratio > 0.95:
        return "The error at the times kept apart has stopped falling: more time would not help."
    return ("The error at the times kept apart is still falling: twice the time would give about "
            f"{ratio * error[-1]:.1e} in place of {error[-1]:.1e}.")


def apart(data, holdout: str | Sequence[int] | None):
    """The data to train on, and those of the times, or runs of a family, that are kept apart, if any."""
    if holdout is None:
        return data, None
    auto, frames = isinstance(holdout, str) and holdout == "auto", range(1, len(data) - 1)
    known = range(len(data.spans)) if data.parameters and not auto else frames
    held = [k for span in data.spans for k in span[4:-1:8]] if auto else np.array(holdout).tolist()
    if len(set(held)) < 1 + (known == frames) or not all(isinstance(k, int) and k in known for k in held):
        raise ValueError(f"holdout = {holdout!r} of {len(data)} times: expected 'auto' with 14 times or more (6 "
                         "of a run), or numbers of two or more between the first and the last, or of runs of a family")
    held = set(held) if known == frames else {k for i in held for k in data.spans[i]}
    return data[[k for k in range(len(data)) if k not in held]], data[sorted(held)]


def _check(seconds, epochs, slice_seconds, checkpoint, device) -> None:
    """Refuse what `fit` cannot take, whatever the data and the recipe are."""
    if seconds is not None and epochs is not None:
        raise ValueError(f"seconds = {seconds} and epochs = {epochs} are both given: expected one of them")
    if seconds is not None and not 0 < seconds < math.inf:
        raise ValueError(f"seconds = {seconds}: expected a positive number")
    if slice_seconds is not None and not (0 < slice_seconds < math.inf and checkpoint):
        raise ValueError(f"slice_seconds = {slice_seconds}, checkpoint = {checkpoint}: expected a positive number and "
                         "a checkpoint to go on from")
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError):  # unknown name; a kind that this torch or machine lacks
        raise ValueError(f"device {device!r} is not there: expected a torch device of this machine, as 'cpu'") from None


def device_name(device: torch.device) -> str:
    """What a record says of a device: cpu, or the name of the GPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)


def run(trainer: Trainer, path: Path | None, extra: dict, progress: bool, most: float = math.inf) -> str:
    """Train to the end, for `most` seconds, to divergence, to Ctrl-C or to SIGTERM; returns which."""
    total, saved, begun = trainer.recipe.epochs, time.perf_counter(), time.perf_counter() - trainer.seconds
    end, pause = time.perf_counter() + most, CHECKPOINT_SECONDS
    if path and not path.exists():
        trainer.save_checkpoint(path, extra)
    interval = 0.5 if sys.stderr.isatty() else 10.0  # a log file is read later
    bar = tqdm(total=total, initial=trainer.epoch, unit="epoch", disable=not progress, mininterval=interval)
    asked: list[int] = []  # signals that came

    def ask(number, _):
        if asked:  # a second one ends it at once
            raise KeyboardInterrupt
        asked.append(number)

    with bar, ExitStack() as stack:
        for number in (signal.SIGINT, signal.SIGTERM) if current_thread() is main_thread() else ():
            stack.callback(signal.signal, number, signal.signal(number, ask))
        while trainer.epoch < total:
            epoch, mean = trainer.epoch, trainer.run_epoch()
            trainer.seconds = time.perf_counter() - begun
            if not math.isfinite(mean):
                if len(trainer.recoveries) < RECOVERIES:
                    trainer.recover()
                    continue
                return f"diverged in epoch {epoch}: the misfit is {mean}; the best weights before it are kept"
            bar.update()
            bar.set_postfix_str(f"{'MSE' if trainer.q == 2 else 'l1'} {mean:.2e}, "
                                f"rate {trainer.rate:.1e}, best {trainer.best['error']:.2e}"
                                + "".join(f", kept apart {e:.2e}" for _, e in trainer.heldout[-1:]), refresh=False)
            over = bool(asked) or time.perf_counter() >= end
            if path and (over or time.perf_counter() - saved > pause or trainer.epoch == total):
                saved = time.perf_counter()
                trainer.save_checkpoint(path, extra)
                pause = max(CHECKPOINT_SECONDS, 20 * (time.perf_counter() - saved))  # a twentieth of the time at most
            if over and trainer.epoch < total:
                trainer.evaluate()
                what = "interrupted" if asked else "slice over"
                return f"{what} after epoch {trainer.epoch} of {total}" + ": the same call goes on" * bool(path)
    back = f" (diverged in {trainer.recoveries}, went back to the best weights)" if trainer.recoveries else ""
    return f"all {total} epochs done{back}"


def result(trainer: Trainer, data, reason: str, held=None) -> Fit:
    """Model with the best weights, and the record of the run."""
    model, recipe = trainer.model, trainer.recipe
    model.load_state_dict(trainer.best["weights"])
    model.hyper = folded(model.hyper)
    model.eval()
    versions = {name: version(name) for name in ("lrnrbook", "torch", "numpy", "pytorch_optimizer")}
    identity = trainer.identity() | {
        "steps": trainer.epoch * trainer.batches.steps, "epochs": trainer.epoch, "best_epoch": trainer.best["epoch"],
        "seconds": round(trainer.seconds, 1), "device": device_name(trainer.device), "threads": recipe.threads,
        "machine": platform.machine(), "versions": versions | {"python": platform.python_version()},
        "parameters": sum(p.numel() for p in model.parameters()), "coefficients": model.ranks.total,
        "kept": int(kept(model).sum()), "stop_reason": reason,
    }
    model.provenance = identity
    measured = None
    if trainer.best["epoch"] >= 0:
        measured = {f"q{q}": found.as_dict() for q, found in both_errors(model, data).items()}
    model.cpu()  # where the rest of the package works
    record = identity | {"errors": {"samples": measured}, "history": trainer.history()}
    between = None if held is None or measured is None else both_errors(model, held)
    if between:
        record |= {"holdout": (held.places if held.parameters else held.t).tolist(),
                   "outlook": outlook(trainer.heldout, recipe.epochs)}
        record["errors"]["heldout"] = {f"q{q}": found.as_dict() for q, found in between.items()}
    return Fit(model, record["history"], reason, record, between and between[1])
