"""Train all models that the book rests on, several side by side, each in a process of its own with a log."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tqdm.auto import tqdm

from lrnrbook.files import write_json
from lrnrbook.storage import load
from study.instruments.figures_of_merit import evaluated

TRAIN = [sys.executable, "-c", "from lrnrbook.cli import main; main()", "train"]


class RunsFailed(RuntimeError):
    """Some of the runs ended with an error; the message names their logs."""


def train_all(names: list[str], recipe: str, seed: int, jobs: int, folder) -> dict[str, dict]:
    """Train and evaluate one model a data set; what an earlier call has done is not done again.

    Parameters
    ----------
    names : list of str
        Data sets.
    recipe : str
    seed : int
    jobs : int
        Runs side by side; a recipe says how many threads each has.
    folder : path
        Gets NAME-RECIPE-SEED.safetensors, .json, .checkpoint and .log.

    Returns
    -------
    dict
        Record of each run, by data set.

    Raises
    ------
    RunsFailed
        If a run fails, naming its log; the others go on to their end first.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    print(f"progress of each run: tail -f {folder}/*-{recipe}-{seed}.log")
    records, failed = {}, []
    with ThreadPoolExecutor(jobs) as pool, tqdm(total=len(names), unit="model") as bar:
        runs = {pool.submit(_one, name, recipe, seed, folder): name for name in names}
        for run in as_completed(runs):
            if run.result() is None:
                failed.append(str(folder / f"{runs[run]}-{recipe}-{seed}.log"))
            else:
                records[runs[run]] = run.result()
            bar.update()
    if failed:
        raise RunsFailed(f"{len(failed)} of {len(names)} runs failed: see {', '.join(sorted(failed))}")
    return {name: records[name] for name in names}


def _one(name: str, recipe: str, seed: int, folder: Path) -> dict | None:
    """Record of one run, or None if it failed."""
    path = folder / f"{name}-{recipe}-{seed}.safetensors"
    with open(path.with_suffix(".log"), "w") as log:
        command = [*TRAIN, name, "--recipe", recipe, "--seed", str(seed), "--out", str(path)]
        if subprocess.run(command, stdout=log, stderr=log).returncode:
            return None
    return json.loads(add_to_record(load(path), name, path.with_suffix(".json")).read_text())


def add_to_record(model, name: str, path) -> Path:
    """Add to a record file what `evaluated` says of a model of a data set."""
    return write_json(path, json.loads(Path(path).read_text()) | evaluated(model, name))
