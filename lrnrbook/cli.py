"""Command line: `lrnrbook --help`. Mistakes of the user are one sentence and exit status 2, never a traceback."""

from __future__ import annotations

import inspect
import json
import sys
import typing
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lrnrbook import (
    benchmark,
    benchmark_constructions,
    benchmark_explorer,
    benchmark_fast,
    benchmark_outside,
    benchmark_paper,
    benchmark_speed,
    measurements,
    pod,
    production,
    reproduce,
    storage,
    tables,
    tables_fast,
    tables_outside,
    tables_paper,
    tune,
)
from lrnrbook.benchmark_step import step
from lrnrbook.datasets import datasets, find_dataset, load_data
from lrnrbook.distributed import fit_distributed
from lrnrbook.evaluation import both_errors
from lrnrbook.generate import GenerationError, generate
from lrnrbook.modes import hypermodes
from lrnrbook.recipes import RECIPES, Recipe, get_recipe
from lrnrbook.training import fit
from lrnrbook.truncation import truncate

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
                  help="Low rank neural representations of hyperbolic waves: data, training, evaluation, benchmarks.")
data_app = typer.Typer(no_args_is_help=True, help="The data sets: list, show, generate again with Clawpack.")
app.add_typer(data_app, name="data")
benchmark_app = typer.Typer(no_args_is_help=True, help="Comparisons in one run; each writes a record.")
app.add_typer(benchmark_app, name="benchmark")

Name = Annotated[str, typer.Argument(help="Data set: " + ", ".join(datasets()))]
RecipeName = Annotated[str, typer.Option(help="Recipe: " + ", ".join(RECIPES))]
Seed = Annotated[int, typer.Option(help="Seed of weights and batches.")]
RUNS = Path("runs")


@data_app.command("list")
def data_list() -> None:
    """List the data sets."""
    for name, entry in datasets().items():
        print(f"{name:<10} {len(entry.domain)}d  {', '.join(entry.fields):<28} {entry.title}")


@data_app.command("show")
def data_show(name: Name) -> None:
    """Show what a data set is: equation, set-up, sizes, ranges, hash."""
    entry, data = find_dataset(name), load_data(name)
    print(f"{entry.title}\n{entry.description}\n\n{data}")
    for j, field in enumerate(data.fields):
        low, high = min(u[:, j].min() for u in data.u), max(u[:, j].max() for u in data.u)
        print(f"  {field:<10} {low:.4g} to {high:.4g}")
    print(f"sha256 {data.sha256}")
    for key, value in data.setup.items():
        print(f"{key}: {value}")


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


def train(name: str, recipe: str, seconds: float | None, seed: int, out: Path | None, restart: bool, device: str,
          slice_seconds: float | None, ranks_of: Path | None, workers: int, **overrides) -> None:
    """Train a model; interrupt it and call again to go on where it stopped.

    Model and record are written when the run ends, to runs/NAME-RECIPE-SEED unless --out says otherwise.
    """
    data = load_data(name)
    changes = {key: value for key, value in overrides.items() if value is not None}
    if ranks_of:
        changes["rank"] = truncate(storage.load(ranks_of))[1]
    path = out or RUNS / f"{name}-{recipe}-{seed}.safetensors"
    if path.suffix != ".safetensors":
        raise ValueError(f"--out {path}: expected a file name ending in .safetensors")
    checkpoint = path.with_suffix(".checkpoint")
    if restart:
        checkpoint.unlink(missing_ok=True)
    elif checkpoint.exists():
        print(f"continuing from {checkpoint} (--restart begins anew)")
    print(get_recipe(recipe, name, **changes))
    path.parent.mkdir(parents=True, exist_ok=True)
    if workers > 1:
        if seconds is not None or slice_seconds is not None or device != "cpu":
            raise ValueError(f"--workers {workers} with --seconds, --slice or --device: expected --epochs, on the CPU")
        result = fit_distributed(data, recipe, workers, seed=seed, checkpoint=checkpoint, **changes)
    else:
        result = fit(data, recipe, seconds=seconds, seed=seed, checkpoint=checkpoint, device=device,
                     slice_seconds=slice_seconds, **changes)
    print(f"{result.stop_reason}, {result.record['seconds']:.0f} s; best after epoch {result.record['best_epoch']}")
    for q, found in (result.record["errors"]["samples"] or {}).items():
        values = ", ".join(f"{field} {row['points']:.2e}" for field, row in found.items())
        print(f"relative {q.replace('q', 'l')} error at the samples: {values}")
    print(f"wrote {result.save(path)} and {path.with_suffix('.json').name} beside it")


def _with_recipe_options(command):
    """The command with an option for every field of `Recipe`, in place of its **overrides."""
    option = typer.Option(rich_help_panel="Instead of the recipe's", show_default=False)
    hints = typing.get_type_hints(Recipe) | {"rank": int}
    options = {name: Annotated[hint | None, option] for name, hint in hints.items()}
    own = {
        "name": (Name, inspect.Parameter.empty), "recipe": (RecipeName, "laptop"),
        "seconds": (Annotated[float | None, typer.Option(help="Train for so long, instead of --epochs.")], None),
        "seed": (Seed, 0),
        "out": (Annotated[Path | None, typer.Option(help="Model file to write, NAME.safetensors.")], None),
        "restart": (Annotated[bool, typer.Option("--restart", help="Ignore the checkpoint of an earlier run.")], False),
        "device": (Annotated[str, typer.Option(help="Torch device.")], "cpu"),
        "slice_seconds": (Annotated[float | None, typer.Option(
            "--slice", help="Stop and save after so many seconds; the same command goes on.")], None),
        "ranks_of": (Annotated[Path | None, typer.Option(help="Take the truncated ranks of this model file.")], None),
        "workers": (Annotated[int, typer.Option(min=1, help="Processes that share the batches (extra `tune`).")], 1),
    }
    everything = own | {key: (hint, None) for key, hint in options.items()}
    command.__signature__ = inspect.Signature([
        inspect.Parameter(key, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=hint)
        for key, (hint, default) in everything.items()])
    command.__annotations__ = {key: hint for key, (hint, _) in everything.items()}
    return command


app.command("train")(_with_recipe_options(train))


@app.command("train-all")
def train_all(
    recipe: RecipeName = "laptop",
    seed: Seed = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Runs side by side.")] = 2,
) -> None:
    """Train a model of every data set, evaluate each, and print a summary; call again to go on after a stop."""
    records = production.train_all(list(datasets()), recipe, seed, jobs, RUNS)
    print(tables.models(records).to_string())


@app.command("tune")
def tune_recipe(
    name: Name,
    samples: Annotated[int, typer.Option(help="Trials, counting those of earlier calls.")] = 20,
    seconds: Annotated[float, typer.Option(help="Training time of each trial.")] = 60.0,
    recipe: RecipeName = "laptop",
    seed: Seed = 0,
    jobs: Annotated[int, typer.Option(help="Trials side by side, one CPU each.")] = 2,
    address: Annotated[str | None, typer.Option(help="Ray cluster; by default Ray runs here.")] = None,
    out: Annotated[Path | None, typer.Option(help="Record to write, or to go on with.")] = None,
) -> None:
    """Random search over the recipe's values with Ray Tune; call again to go on after a stop, or for more samples."""
    path = out or RUNS / f"tune-{name}-{recipe}-{seed}.json"
    record = tune.search(find_dataset(name).name, recipe, samples, seconds, path, seed, jobs, address)
    print(tables.search(record).to_string(), f"\nwrote {path}")


@app.command()
def evaluate(
    name: Annotated[str, typer.Argument(help="Data set, or empty with --all.")] = "",
    recipe: RecipeName = "laptop",
    seed: Seed = 0,
    model: Annotated[Path | None, typer.Option(help="Model file, instead of the shipped one.")] = None,
    record: Annotated[bool, typer.Option("--record", help="Add them to the record of --model.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every shipped model.")] = False,
) -> None:
    """Print relative l1 and l2 errors at the samples and at the midpoints, unweighted and area-weighted.

    With --record they go into the record beside --model, with figures of merit of its fronts and its hypermodes.
    """
    if bool(name) == everything:
        raise ValueError("expected a data set or --all, and not both")
    if everything and (model or record):
        raise ValueError("--all evaluates the shipped models: expected no --model and no --record")
    if record and not model:
        raise ValueError("--record needs --model: the records of shipped models are not changed")
    for data_name, kind, number in storage.pretrained() if everything else [(find_dataset(name).name, recipe, seed)]:
        network = storage.load(model) if model else storage.load_pretrained(data_name, kind, number)
        print(f"{data_name}, {model or f'{kind}, seed {number}'}: {network.ranks}")
        _print_errors(network, data_name)
    if record:
        path = model.with_suffix(".json")
        storage.write_json(path, json.loads(path.read_text()) | production.evaluated(network, data_name))
        print(f"wrote {path}")


def _print_errors(network, data_name: str) -> None:
    for split in ("samples", "midpoints"):
        data = load_data(data_name, split)
        found = both_errors(network, data)
        for field in data.fields:
            one, two = (found[q].as_dict()[field] for q in (1, 2))
            weighted = "" if one["area"] is None else f"   area-weighted {one['area']:.2e}  {two['area']:.2e}"
            print(f"  {split:<10} {field:<10} l1 {one['points']:.2e}  l2 {two['points']:.2e}{weighted}")


@app.command("reproduce")
def reproduce_book(
    recipe: RecipeName = "laptop",
    retrain: Annotated[bool, typer.Option("--retrain", help="Train the models now instead of loading them.")] = False,
    only: Annotated[list[str] | None, typer.Option(
        metavar="NAME", show_default=False, help="Chapter, by file name, number or words, or a long run: "
        + ", ".join(reproduce.LONG) + "; repeat it or put commas. By default every chapter and no long run.")] = None,
    figures: Annotated[Path | None, typer.Option(help="Save the figures here, as PDF and PNG.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for executed notebooks and summary.")] = RUNS / "reproduce",
    book: Annotated[Path, typer.Option(help="Folder of the book's notebooks.")] = Path("book"),
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


@app.command()
def info(path: Annotated[Path, typer.Argument(help="Model file.")]) -> None:
    """Print what a model file holds, without loading its weights."""
    print(json.dumps(storage.info(path), indent=1))


Seconds = Annotated[float, typer.Option(help="Training time of each run.")]
Out = Annotated[Path | None, typer.Option(help="Record to write, or to go on with.")]


@benchmark_app.command("training")
def benchmark_training(seconds: Seconds = 120.0, seed: Seed = 0, out: Out = None) -> None:
    """The laptop recipe against Adam and against the paper's recipe, equal seconds, Euler pressure."""
    path = out or RUNS / "benchmark-training.json"
    record = benchmark.training(seconds, path, seed)
    print(tables.race(record, 2).to_string(), f"\n{benchmark.training_summary(record)}\nwrote {path}")


@benchmark_app.command("race")
def benchmark_race(
    what: Annotated[str, typer.Argument(help="What is varied: " + ", ".join(benchmark.RACES))] = "recipe",
    name: Name = "euler", seconds: Seconds = 80.0, seed: Seed = 0, out: Out = None,
    jobs: Annotated[int, typer.Option(min=1, help="Runs side by side, which share the cores.")] = 2,
) -> None:
    """One run for each variant of the laptop recipe (or of "siren", "nif"), equal seconds; done ones are kept."""
    if what not in benchmark.RACES:
        raise ValueError(f"no race {what!r}: expected one of {', '.join(benchmark.RACES)}")
    path = out or RUNS / f"race-{what}-{name}.json"
    base = what if what in RECIPES else "laptop"
    record = benchmark.race(load_data(name), base, benchmark.RACES[what], seconds, path, seed, jobs)
    print(tables.race(record).to_string(), f"\nwrote {path}")


@benchmark_app.command("step")
def benchmark_step(name: Name = "acoustics", out: Out = None) -> None:
    """One training step: operations and bytes counted, time measured, and the share reached of what a core can do."""
    path = out or RUNS / "benchmark-step.json"
    print(tables.step(step(name, path)).to_string(), f"\nwrote {path}")


@benchmark_app.command("pod")
def benchmark_pod(out: Out = None) -> None:
    """Proper orthogonal decomposition with as many modes as the shipped models have hypermodes, every data set."""
    path = out or RUNS / "benchmark-pod.json"
    rows = {name: pod.compare(name, hypermodes(storage.load_pretrained(name)).count()) for name in datasets()}
    storage.write_json(path, {"rows": rows, "machine": benchmark.machine(), "date": date.today().isoformat()})
    print(f"wrote {path}")


@benchmark_app.command("explorer")
def benchmark_in_a_page(out: Out = None) -> None:
    """Time of the explorer in headless Chromium, every shipped page and laptop model; needs the extra `test`."""
    path = out or RUNS / "benchmark-explorer.json"
    print(tables.explorer(benchmark_explorer.measure(path)).to_string(), f"\nwrote {path}")


@benchmark_app.command("fastlrnr")
def benchmark_fastlrnr(
    out: Out = None, jobs: Annotated[int, typer.Option(min=1, help="Builds side by side, one thread each.")] = 2,
) -> None:
    """Error of FastLRNR against its rank, every data set and selection of rows (Fig. 17); gradients; fits beside."""
    path = out or RUNS / "benchmark-fastlrnr.json"
    print(tables_fast.errors(benchmark_fast.measure(path, jobs)).to_string(), f"\nwrote {path}")


@benchmark_app.command("speed")
def benchmark_fast_speed(out: Out = None) -> None:
    """Speed of FastLRNR against width and rank, one value, gradients, break-even; alone on the machine, one thread."""
    path = out or RUNS / "benchmark-speed.json"
    print(tables_fast.width(benchmark_speed.measure(path)).to_string(), f"\nwrote {path}")


@benchmark_app.command("paper")
def benchmark_of_the_papers_sizes(
    names: Annotated[list[str], typer.Argument(help="Data sets.", show_default="euler burgers")] = None,
    device: Annotated[str, typer.Option(help="Torch device of training and of the speeds.")] = "cpu",
    seconds: Annotated[float | None, typer.Option(help="Training time of each run, instead of the epochs.")] = None,
    slice_seconds: Annotated[float | None, typer.Option(
        "--slice", help="Stop training after so many seconds; the same command goes on.")] = None,
    only: Annotated[list[str] | None, typer.Option(
        metavar="PART", help="Some of " + ", ".join(benchmark_paper.PARTS) + ".", show_default=False)] = None,
    recipe: Annotated[list[str] | None, typer.Option(
        help="Recipe to train and time; the first one's models are judged.", show_default="both")] = None,
    out: Out = None, jobs: Annotated[int, typer.Option(min=1, help="Measurements side by side.")] = 2,
) -> None:
    """Models of Table 1's sizes: train, measure, decide the claims again; parts that are done are kept."""
    path = out or RUNS / "benchmark-paper.json"
    names = [find_dataset(name).name for name in names or ("euler", "burgers")]
    record = benchmark_paper.measure(path, names, only or benchmark_paper.PARTS, device, seconds, slice_seconds, jobs,
                                     recipe or benchmark_paper.RECIPES)
    print(f"{tables_paper.runs(record).to_string()}\nwrote {path}; models to ship: {path.with_suffix('') / 'ship'}")


@benchmark_app.command("outside")
def benchmark_of_the_outside(out: Out = None) -> None:
    """Models outside the square (Fig. 18): the shipped ones, and small ones trained in both directions of time."""
    path = out or RUNS / "benchmark-outside.json"
    record = benchmark_outside.measure(path, path.parent / "outside")
    print(tables_outside.models(record).to_string(), f"\nwrote {path}")


@benchmark_app.command("constructions")
def benchmark_of_constructions(
    only: Annotated[str, typer.Option(help="Begin of rows' names: sampling, entropy, energy, learned, shallow.")] = "",
    out: Out = None,
) -> None:
    """Networks built by hand: sampling rates, entropy solutions, learned against built; done rows are kept."""
    path = out or RUNS / "benchmark-constructions.json"
    benchmark_constructions.measure(path, only)
    print(f"wrote {path}")


@benchmark_app.command("hypermodes")
def benchmark_hypermodes(
    kind: Annotated[str, typer.Argument(help="What is measured: " + ", ".join(measurements.KINDS))],
    out: Out = None,
    jobs: Annotated[int, typer.Option(min=1, help="Models side by side, one thread each.")] = 2,
) -> None:
    """What the hypermodes of the shipped laptop models do, a row each; done ones are kept."""
    path = out or RUNS / f"hypermodes-{kind}.json"
    measurements.measure(kind, path, jobs)
    print(f"wrote {path}")


def main() -> None:
    """Entry point of the command `lrnrbook`."""
    try:
        app()
    except (ValueError, GenerationError, production.RunsFailed, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
