"""Random search over the values of a recipe with Ray Tune (section 4.1); needs the extra `tune`.

The choices of a trial depend on (seed, number of the trial) alone, so more samples extend a search, and one that was
interrupted goes on from its record.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from lrnrbook.datasets import load_data
from lrnrbook.files import alone, write_json
from lrnrbook.recipes import get_recipe
from lrnrbook.training import fit
from lrnrbook.truncation import truncate
from study.ledger.records import machine

# The networks compared with: hypernetworks that give all weights of SIREN or NIF.
DENSE = {"optimizer": ("adam", "soap"), "learning_rate": (3e-4, 1e-3, 3e-3), "width": (48, 64, 96),
         "depth": (4, 5), "hyper_width": (16, 32, 64), "omega": (5.0, 10.0, 30.0), "hyper_spread": (0.03, 0.3)}
# Fields of the recipe, and what they are drawn from: ("log", least, most), or choices.
SPACES: dict[str, dict[str, tuple]] = {
    "lrnr": {"lambda_sparse": ("log", 1e-8, 1e-2), "gamma": (1.0, 1.01, 1.05, 1.1), "lambda_ortho": ("log", 1e-4, 1.0),
             "width": (96, 128, 192, 256), "rank": (16, 32, 48, 64), "depth": (4, 5, 6)},
    "siren": DENSE,
    "nif": DENSE | {"bottleneck": (5, 10, 20)},
}
# Nothing is sent anywhere, little is printed, and workers are not niced, so that a trial's seconds are those of `fit`.
ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0", "RAY_AIR_NEW_OUTPUT": "0",
               "RAY_TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1", "RAY_CHDIR_TO_TRIAL_DIR": "0",
               "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


def draw(space: dict[str, tuple], seed: int, number: int) -> dict:
    """The choices of a trial.

    Examples
    --------
    >>> draw({"width": (64, 96), "lambda_ortho": ("log", 1e-3, 1e-1)}, seed=0, number=2)
    {'width': 64, 'lambda_ortho': 0.0333}
    """
    generator = random.Random(f"{seed} {number}")
    found = {}
    for name, values in space.items():
        if values[0] == "log":
            value = math.exp(generator.uniform(math.log(values[1]), math.log(values[2])))
            found[name] = float(f"{value:.3g}")
        else:
            found[name] = generator.choice(values)
    return found


def import_ray():
    """Ray, told to send nothing anywhere; a sentence where it is not installed."""
    os.environ.update(ENVIRONMENT)
    try:
        import ray
        import ray.tune
    except ImportError:
        raise ValueError('Ray is not installed: expected `pip install "lrnrbook[tune]"`') from None
    return ray


def start_ray(address: str | None, cpus: int):
    """Ray connected to a cluster, or started on this machine."""
    ray = import_ray()
    if address:
        ray.init(address=address, log_to_driver=False)
    else:
        ray.init(num_cpus=cpus, num_gpus=0, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    return ray


def trial(name: str, recipe: str, change: dict, seconds: float, seed: int) -> dict:
    """Train one choice of values, and say what came of it: errors at the samples, and what truncation leaves."""
    data = load_data(name)
    made = fit(data, recipe, seconds=seconds, seed=seed, progress=False, threads=1, **change)
    if made.stop_reason.startswith("diverged"):
        raise RuntimeError(made.stop_reason)
    row = {f"e{q}": float(np.mean([v["points"] for v in made.record["errors"]["samples"][f"q{q}"].values()]))
           for q in (1, 2)}
    row |= {key: made.record[key] for key in ("parameters", "coefficients", "kept", "steps", "seconds")}
    if made.record["recipe"]["network"] == "lrnr":
        row["ranks"] = str(truncate(made.model, 5e-5)[1])
    return row


def search(name: str, recipe: str, samples: int, seconds: float, path, seed: int = 0, jobs: int = 2,
           address: str | None = None) -> dict:
    """Run the trials that a record lacks; each is written when it ends, and one that dies loses no other.

    `samples` counts those of earlier calls; each trains for `seconds` a network of the kind of `recipe`, which says
    what is drawn from `SPACES`. `path` is a JSON record, continued if it exists; a trial that failed is tried again.
    `jobs` trials run side by side on this machine, one CPU each, or all on the Ray cluster at `address`.

    Raises ValueError if Ray is missing, a value is out of range, or the record is that of another search.
    """
    if samples < 1 or jobs < 1 or not 0 < seconds < math.inf:
        raise ValueError(f"samples = {samples}, seconds = {seconds}, jobs = {jobs}: expected positive numbers")
    path, data = Path(path), load_data(name)
    head = {"data": name, "sha256": data.sha256, "recipe": recipe, "seconds": seconds, "seed": seed}
    with alone(path):
        try:
            record = json.loads(path.read_text()) if path.exists() else head | {"machine": machine(), "rows": {}}
            todo = [n for n in range(samples) if "e1" not in record["rows"].get(str(n), {})]
        except (AttributeError, LookupError, TypeError, ValueError):
            raise ValueError(f"{str(path)!r} is no record of a search: delete it or give another path") from None
        for key, value in head.items():
            if record.get(key) != value:
                raise ValueError(f"{str(path)!r} is the record of a search with {key} {record.get(key)!r}, this one "
                                 f"has {value!r}: delete it or give another path")
        if todo:
            ray = start_ray(address, jobs)
            try:
                _run(ray, todo, SPACES[get_recipe(recipe, name).network], head, record, path)
            finally:
                ray.shutdown()
    return record


def _run(ray, todo: list[int], space: dict, head: dict, record: dict, path: Path) -> None:
    """Give the trials to Ray Tune; its callbacks write the record in this process."""
    name, recipe, seconds, seed = (head[key] for key in ("data", "recipe", "seconds", "seed"))

    def write(number: int, row: dict) -> None:
        change = draw(space, seed, number)
        record["rows"][str(number)] = {"change": change} | row
        write_json(path, record | {"date": date.today().isoformat()})
        left = sum("e1" in r for r in record["rows"].values())
        print(f"trial {number}: {row.get('failed') or format(row['e1'], '.2e')} ({left} done)", flush=True)

    class Writer(ray.tune.Callback):
        def on_trial_result(self, iteration, trials, trial, result, **info):
            if "row" in result:
                write(result["config"]["number"], result["row"])

        def on_trial_error(self, iteration, trials, trial, **info):
            error = trial.get_error()
            reason = str(getattr(error, "cause", None) or error or "it died").strip().splitlines()
            write(trial.config["number"], {"failed": reason[0] if "died" not in str(error) else "its process died"})

    def trainable(config):
        ray.tune.report({"row": trial(name, recipe, draw(space, seed, config["number"]), seconds, seed)})

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the workers do not know the study
    with tempfile.TemporaryDirectory() as folder:
        ray.tune.Tuner(
            ray.tune.with_resources(trainable, {"cpu": 1}),
            param_space={"number": ray.tune.grid_search(todo)},
            run_config=ray.tune.RunConfig(storage_path=folder, name="search", verbose=0, callbacks=[Writer()])).fit()


def trials_table(record: dict) -> pd.DataFrame:
    """Trials of a search, best first, with the truncated ranks; those that failed come last, with the reason."""
    rows = {}
    for number, row in record["rows"].items():
        change = {name: value if isinstance(value, str) else f"{value:g}" for name, value in row["change"].items()}
        found = {"kept": f"{row['kept']}/{row['coefficients']}", "E1": row["e1"], "ranks": row.get("ranks", "–"),
                 "steps": row["steps"]} if "e1" in row else {"E1": float("inf"), "ranks": row["failed"]}
        rows[number] = change | found
    frame = pd.DataFrame.from_dict(rows, orient="index").sort_values("E1")
    frame["E1"] = [f"{value:.2e}" if value < float("inf") else "failed" for value in frame["E1"]]
    return frame.astype(object).where(frame.notna(), "–")
