"""The study's commands: ``python -m study --help``, in the folder ``book``.

Mistakes of the user are one sentence and exit status 2, never a traceback.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lrnrbook import storage
from lrnrbook.datasets import datasets, find_dataset, load_data
from lrnrbook.files import write_json
from lrnrbook.modes import hypermodes
from lrnrbook.recipes import RECIPES
from study.evidence import reproduce, scoreboard
from study.explorer import measure as explorer_measure
from study.explorer import tables as explorer_tables
from study.far.measure import AUTOENCODERS, EXTRAPOLATION
from study.fast import measure as fast_measure
from study.fast import speed
from study.fast import tables as fast_tables
from study.hypermodes.measure import COEFFICIENTS, ENCODING, FORECASTS
from study.ingredients import ablations, pod
from study.instruments import tables
from study.ledger import measurements, models
from study.ledger.records import RECORDS, machine
from study.outside import measure as outside_measure
from study.outside import tables as outside_tables
from study.own import auto, disk
from study.rivals import measure as rivals_measure
from study.rivals import sprint_tables, sprints
from study.rivals import tables as rivals_tables
from study.sizes import again, trial
from study.sizes import measure as sizes_measure
from study.sizes import tables as sizes_tables
from study.steps.measure import TANGENTS
from study.steps.stability import STABILITY
from study.theory import measure as theory_measure
from study.training import races, search, step, train_all
from study.training import tables as training_tables
from study.training.distributed import fit_distributed
from study.waves.generate import generate
from study.waves.solver import GenerationError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
                  help="The reproduction behind the book: measure, decide claims, run the chapters, make the data.")
measure_app = typer.Typer(no_args_is_help=True, help="Measure what a notebook would take too long for; each writes a "
                                                     "record and goes on with it after a stop.")
app.add_typer(measure_app, name="measure")
data_app = typer.Typer(no_args_is_help=True, help="The data sets: generate them again with Clawpack.")
app.add_typer(data_app, name="data")

BOOK = Path(__file__).parents[1]
RUNS = BOOK.parent / "runs"
Name = Annotated[str, typer.Argument(help="Data set: " + ", ".join(datasets()))]
RecipeName = Annotated[str, typer.Option(help="Recipe: " + ", ".join(RECIPES))]
Seed = Annotated[int, typer.Option(help="Seed of weights and batches.")]
Seconds = Annotated[float, typer.Option(help="Training time of each run.")]
Out = Annotated[Path | None, typer.Option(help="Record to write, or to go on with.")]
Jobs = Annotated[int, typer.Option(min=1, help="Models side by side, one thread each.")]


@app.command("claims")
def decide(
    ids: Annotated[list[str], typer.Argument(help="Claims, as C5.1-5.", show_default="all of them")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that decide them.")] = 2,
) -> None:
    """Decide claims by their rules, and print verdicts and numbers."""
    for verdict in scoreboard.check_all(ids or None, jobs if len(ids or ()) != 1 else 1):
        print(verdict)


@app.command("train-shared")
def train_shared(name: Name, workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
                 recipe: RecipeName = "laptop", epochs: Annotated[int | None, typer.Option(min=1)] = None,
                 seed: Seed = 0) -> None:
    """Train one model by several processes that share its batches (Ray Train), with the course of the loss of one."""
    path = RUNS / f"{name}-{recipe}-{seed}.safetensors"
    RUNS.mkdir(exist_ok=True)
    result = fit_distributed(load_data(name), recipe, workers, epochs, seed, path.with_suffix(".checkpoint"))
    print(result)
    print(f"wrote {result.save(path)} and {path.with_suffix('.json').name} beside it")


@app.command("tune")
def tune_recipe(
    name: Name,
    samples: Annotated[int, typer.Option(help="Trials, counting those of earlier calls.")] = 20,
    seconds: Annotated[float, typer.Option(help="Training time of each trial.")] = 60.0,
    recipe: RecipeName = "laptop", seed: Seed = 0,
    jobs: Annotated[int, typer.Option(help="Trials side by side, one CPU each.")] = 2,
    address: Annotated[str | None, typer.Option(help="Ray cluster; by default Ray runs here.")] = None,
    out: Out = None,
) -> None:
    """Random search over the recipe's values with Ray Tune; call again to go on after a stop, or for more samples."""
    path = out or RUNS / f"tune-{name}-{recipe}-{seed}.json"
    record = search.search(find_dataset(name).name, recipe, samples, seconds, path, seed, jobs, address)
    print(search.trials_table(record).to_string(), f"\nwrote {path}")


@app.command("reproduce")
def reproduce_book(
    recipe: RecipeName = "laptop",
    retrain: Annotated[bool, typer.Option("--retrain", help="Train the models now instead of loading them.")] = False,
    only: Annotated[list[str] | None, typer.Option(
        metavar="NAME", show_default=False, help="Chapter, by file name, number or words, or a long run: "
        + ", ".join(reproduce.LONG) + "; repeat it or put commas. By default every chapter and no long run.")] = None,
    figures: Annotated[Path | None, typer.Option(help="Save the figures here, as PDF and PNG.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for executed notebooks and summary.")] = RUNS / "reproduce",
    book: Annotated[Path, typer.Option(help="Folder of the book's notebooks.")] = BOOK,
    jobs: Annotated[int, typer.Option(min=1, help="Runs side by side, in a long run.")] = 2,
) -> None:
    """Execute the chapters of the book, with models of any recipe; exit status 1 if a cell fails."""
    notebooks, long = reproduce.select(only or [], book)
    reproduce.check_recipe(recipe, retrain)
    summary = reproduce.reproduce(notebooks, long, out, recipe, retrain, figures, jobs)
    print(f"{reproduce.table(summary).to_string()}\nwrote {out / 'summary.json'} and the executed notebooks beside it")
    states = {row["status"] for row in summary["rows"].values()}
    if states != {"ok"}:
        raise typer.Exit(130 if "interrupted" in states else 1)


@app.command("train-all")
def train_every(
    recipe: RecipeName = "laptop",
    seed: Seed = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Runs side by side.")] = 2,
) -> None:
    """Train a model of every data set, evaluate each, and print a summary; call again to go on after a stop."""
    records = train_all.train_all(list(datasets()), recipe, seed, jobs, RUNS)
    print(tables.models(records).to_string())


@app.command("evaluate")
def evaluate(name: Name, model: Annotated[Path, typer.Option(help="Model file, with its record beside it.")]) -> None:
    """Add to a model's record: errors at samples and midpoints, figures of merit of its fronts, its hypermodes."""
    path = train_all.add_to_record(storage.load(model), find_dataset(name).name, model.with_suffix(".json"))
    print(f"wrote {path}")


@app.command("ship")
def ship(files: Annotated[list[Path], typer.Argument(help="Records, as runs/benchmark-step.json.")]) -> None:
    """Copy records that were measured into the folder that the chapters read."""
    for file in files:
        if file.suffix != ".json" or not file.is_file():
            raise ValueError(f"{str(file)!r} is no record: expected a file NAME.json")
    for file in files:
        print(f"wrote {write_json(RECORDS / file.name, json.loads(file.read_text()))}")


@data_app.command("generate")
def data_generate(
    name: Name,
    out: Annotated[Path | None, typer.Option(help="File to write; by default runs/NAME.npz.")] = None,
    uniform: Annotated[int | None, typer.Option(help="Cells along each axis of one uniform grid instead.")] = None,
) -> None:
    """Solve the equations again with Clawpack (extra `data`, gfortran) and write a data file.

    The 2d sets need Clawpack's source: a copy of $CLAW if that is set, else pip downloads it. --uniform does without.
    """
    default = f"{name}.npz" if uniform is None else f"{name}-uniform-{uniform}.npz"
    print(f"wrote {generate(name, out or RUNS / default, uniform)}")


@measure_app.command("training")
def measure_training(seconds: Seconds = 120.0, seed: Seed = 0, out: Out = None) -> None:
    """The laptop recipe against Adam and against the paper's recipe, equal seconds, Euler pressure."""
    path = out or RUNS / "benchmark-training.json"
    record = races.training(seconds, path, seed)
    print(tables.race(record, 2).to_string(), f"\n{races.training_summary(record)}\nwrote {path}")


@measure_app.command("race")
def measure_race(
    what: Annotated[str, typer.Argument(help="What is varied: " + ", ".join(races.RACES))] = "recipe",
    name: Name = "euler", seconds: Seconds = 80.0, seed: Seed = 0, out: Out = None,
    jobs: Annotated[int, typer.Option(min=1, help="Runs side by side, which share the cores.")] = 2,
) -> None:
    """One run for each variant of the laptop recipe (or of "siren", "nif"), equal seconds; done ones are kept."""
    if what not in races.RACES:
        raise ValueError(f"no race {what!r}: expected one of {', '.join(races.RACES)}")
    path = out or RUNS / f"race-{what}-{name}.json"
    base = what if what in RECIPES else "laptop"
    record = races.race(load_data(name), base, races.RACES[what], seconds, path, seed, jobs)
    print(tables.race(record).to_string(), f"\nwrote {path}")


@measure_app.command("auto")
def measure_auto(seconds: Seconds = 60.0, seed: Seed = 0, out: Out = None, jobs: Jobs = 2) -> None:
    """Recipe "auto", chosen by a short race, against the laptop recipe on seven waves, equal seconds of a core."""
    path = out or RUNS / "benchmark-auto.json"
    print(auto.table(auto.measure(path, seconds, seed, jobs)).to_string(), f"\nwrote {path}")


@measure_app.command("step")
def measure_step(name: Name = "acoustics", out: Out = None) -> None:
    """One training step: operations and bytes counted, time measured, and the share reached of what a core can do."""
    path = out or RUNS / "benchmark-step.json"
    print(training_tables.step(step.step(name, path)).to_string(), f"\nwrote {path}")


@measure_app.command("pod")
def measure_pod(out: Out = None) -> None:
    """Proper orthogonal decomposition with as many modes as the shipped models have hypermodes, every data set."""
    path = out or RUNS / "benchmark-pod.json"
    rows = {name: pod.compare(name, hypermodes(models.load_pretrained(name)).count()) for name in datasets()}
    write_json(path, {"rows": rows, "machine": machine(), "date": date.today().isoformat()})
    print(f"wrote {path}")


@measure_app.command("disk")
def measure_disk(
    out: Out = None, folder: Annotated[Path | None, typer.Option(help="Where the set may lie for a while.")] = None,
) -> None:
    """Training on 4 GB of Zarr: memory, and the rate beside a run in memory, in turns; needs zarr and a quiet Linux."""
    path = out or RUNS / "benchmark-disk.json"
    print(*disk.told(disk.measure(path, folder)), f"wrote {path}", sep="\n")


@measure_app.command("explorer")
def measure_explorer(out: Out = None) -> None:
    """Time of the explorer in headless Chromium, every shipped page and laptop model; needs the extra `test`."""
    path = out or RUNS / "benchmark-explorer.json"
    record = explorer_measure.measure(path)
    print(explorer_tables.explorer(record).to_string(), explorer_tables.painted(record).to_string(), f"wrote {path}",
          sep="\n")


@measure_app.command("fastlrnr")
def measure_fastlrnr(
    out: Out = None, jobs: Annotated[int, typer.Option(min=1, help="Builds side by side, one thread each.")] = 2,
) -> None:
    """Error of FastLRNR against its rank, every data set and selection of rows (Fig. 17); gradients; fits beside."""
    path = out or RUNS / "benchmark-fastlrnr.json"
    print(fast_tables.errors(fast_measure.measure(path, jobs)).to_string(), f"\nwrote {path}")


@measure_app.command("speed")
def measure_speed(out: Out = None) -> None:
    """Speed of FastLRNR against width and rank, one value, gradients, break-even; alone on the machine, one thread."""
    path = out or RUNS / "benchmark-speed.json"
    print(fast_tables.width(speed.measure(path)).to_string(), f"\nwrote {path}")


@measure_app.command("sizes")
def measure_sizes(
    names: Annotated[list[str], typer.Argument(help="Data sets.", show_default="euler burgers")] = None,
    device: Annotated[str, typer.Option(help="Torch device of training and of the speeds.")] = "cpu",
    seconds: Annotated[float | None, typer.Option(help="Training time of each run, instead of the epochs.")] = None,
    slice_seconds: Annotated[float | None, typer.Option(
        "--slice", help="Stop training after so many seconds; the same command goes on.")] = None,
    only: Annotated[list[str] | None, typer.Option(
        metavar="PART", help="Some of " + ", ".join(sizes_measure.PARTS) + ".", show_default=False)] = None,
    recipe: Annotated[list[str] | None, typer.Option(
        help="Recipe to train and time; the first one's models are judged.", show_default="both")] = None,
    out: Out = None, jobs: Annotated[int, typer.Option(min=1, help="Measurements side by side.")] = 2,
) -> None:
    """Models of Table 1's sizes: train, measure, decide the claims again; parts that are done are kept."""
    path = out or RUNS / "benchmark-paper.json"
    names = [find_dataset(name).name for name in names or ("euler", "burgers")]
    record = sizes_measure.measure(path, names, only or sizes_measure.PARTS, device, seconds, slice_seconds, jobs,
                                     recipe or sizes_measure.RECIPES)
    print(f"{sizes_tables.runs(record).to_string()}\nwrote {path}; models to ship: {path.with_suffix('') / 'ship'}")


@measure_app.command("trial")
def measure_trial(
    run: Annotated[str, typer.Argument(help="Name of a run; without it, how far each is.")] = "",
    out: Annotated[Path, typer.Option(help="Folder of models, records and checkpoints.")] = models.MODELS / "trial",
    slice_seconds: Annotated[float | None, typer.Option("--slice", help="Stop after so many seconds.")] = None,
    compiled: Annotated[bool, typer.Option("--compiled", help="Compile the loss: faster, needs g++.")] = False,
    device: Annotated[str, typer.Option(help="Torch device to train on.")] = "cpu",
) -> None:
    """The paper's recipe run to its end, hours a run; each goes on after a stop, and the book gets what is finished."""
    known = trial.status(out)
    if run in known.index and known.loc[run, "done"] >= known.loc[run, "epochs"]:
        print(f"{run} is done")
    elif run:
        print(f"{run}: {(reason := trial.train(out, run, slice_seconds, compiled, device))}")
        if out == models.MODELS / "trial" and reason.startswith("all "):
            trial.ship(out, run)
    print(trial.status(out).to_string())


@measure_app.command("again")
def measure_again(
    recipe: Annotated[str, typer.Argument(help="Recipe of models of the book, as trial_printed or paper-fast.")],
    out: Out = None, jobs: Annotated[int, typer.Option(min=1, help="Measurements side by side.")] = 2,
) -> None:
    """Decide the claims about trained networks again, on those of another recipe that come with the book."""
    path = out or RUNS / f"again-{recipe}.json"
    for claim, found in again.again(path, recipe, jobs)["claims"].items():
        print(f"{claim:10} {found['verdict']}")
    print(f"wrote {path}")


@measure_app.command("rivals")
def measure_rivals(
    out: Out = None,
    most: Annotated[float, typer.Option(help="Leave out networks that train for more seconds than this.")] = 900.0,
) -> None:
    """What a user would pick instead, at equal bytes and seconds of a core; goes on with the record of the book.

    Needs the extra `rivals` for packed frames and EZyRB.
    """
    path = out or RECORDS / "benchmark-rivals.json"
    record = rivals_measure.measure(path, most)
    left = rivals_measure.missing(record)
    print(rivals_tables.errors(record, 200_000).to_string(), f"\nmissing: {'; '.join(left) or 'nothing'}\nwrote {path}")


@measure_app.command("records")
def measure_records(
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Waves.", show_default="all")] = None,
    out: Out = None,
) -> None:
    """Ways to train an LRNR faster, in turns, equal seconds of a core; goes on with the record of the book."""
    path = out or RECORDS / "benchmark-records.json"
    record = sprints.measure(path, tuple(find_dataset(name).name for name in only) if only else sprints.SETS)
    left = ", ".join(f"{what} on {name}, seed {seed}" for what, name, seed in sprints.missing(record))
    print(sprint_tables.tried(record).to_string(), f"\nmissing: {left or 'nothing'}\nwrote {path}")


@measure_app.command("outside")
def measure_outside(out: Out = None) -> None:
    """Models outside the square (Fig. 18): the shipped ones, and small ones trained in both directions of time."""
    path = out or RUNS / "benchmark-outside.json"
    record = outside_measure.measure(path, path.parent / "outside")
    print(outside_tables.models(record).to_string(), f"\nwrote {path}")


@measure_app.command("constructions")
def measure_constructions(
    only: Annotated[str, typer.Option(help="Begin of rows' names: sampling, entropy, energy, learned, shallow.")] = "",
    out: Out = None,
) -> None:
    """Networks built by hand: sampling rates, entropy solutions, learned against built; done rows are kept."""
    path = out or RUNS / "benchmark-constructions.json"
    theory_measure.measure(path, only)
    print(f"wrote {path}")


@measure_app.command("ablations")
def measure_ablations(
    out: Annotated[Path, typer.Option(help="Folder of the record.")] = RUNS / "ablations",
    jobs: Annotated[int, typer.Option(min=1, help="Runs side by side.")] = 2,
) -> None:
    """Short runs that leave out or change one ingredient of training at a time, three seeds each."""
    ablations.run_all(out, jobs)


def _add_models_measurement(what: measurements.Measurement, about: str) -> None:
    """Add the command for what is measured on each trained model."""
    def command(out: Out = None, jobs: Jobs = 2) -> None:
        path = out or RUNS / f"hypermodes-{what.name}.json"
        measurements.measure(what, path, jobs)
        print(f"wrote {path}")

    measure_app.command(what.name, help=about + ", a row for each laptop model.")(command)


_add_models_measurement(COEFFICIENTS, "Errors of truncated and reduced models, and of POD with as many modes")
_add_models_measurement(TANGENTS, "Small steps along hypermodes: shares in du/dt, the paper's descriptions")
_add_models_measurement(STABILITY, "Small steps along hypermodes: which effects another training repeats")
_add_models_measurement(EXTRAPOLATION, "Large steps along hypermodes, and along the path")
_add_models_measurement(ENCODING, "Errors and times of encoding frames that no network has seen")
_add_models_measurement(FORECASTS, "Errors of forecasting hypermode coordinates")
_add_models_measurement(AUTOENCODERS, "A convolutional autoencoder pushed off its path")


def main() -> None:
    """Entry point of ``python -m study``."""
    try:
        app()
    except (ValueError, LookupError, GenerationError, train_all.RunsFailed, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
