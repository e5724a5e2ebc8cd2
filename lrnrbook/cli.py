"""Command line: `lrnrbook --help`. Mistakes of the user are one sentence and exit status 2, never a traceback."""

import inspect
import json
import re
import sys
import typing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from lrnrbook import storage
from lrnrbook.arrays import bounding_box
from lrnrbook.data import WaveData
from lrnrbook.datasets import datasets, find_dataset, load_data
from lrnrbook.evaluation import both_errors
from lrnrbook.fast import FastLRNR
from lrnrbook.files import alone, write_atomically
from lrnrbook.model import BLOCK
from lrnrbook.recipes import RECIPES, VALUES, Recipe, get_recipe
from lrnrbook.report import report
from lrnrbook.training import Fit, fit
from lrnrbook.truncation import truncate

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
                  help="Low rank neural representations of hyperbolic waves: data, training, evaluation.")
data_app = typer.Typer(no_args_is_help=True, help="The data sets that come with the package: list, show.")
app.add_typer(data_app, name="data")

RecipeName = Annotated[str, typer.Option(help="Recipe: " + ", ".join(RECIPES))]
Seed = Annotated[int, typer.Option(help="Seed of weights and batches.")]
Select = Annotated[list[str] | None, typer.Option(help="Of a file, DIMENSION=INDEX, for each that is no axis.")]


@data_app.command("list")
def data_list() -> None:
    """List the data sets."""
    for name, entry in datasets().items():
        print(f"{name:<10} {len(entry.domain)}d  {', '.join(entry.fields):<28} {entry.title}")


@data_app.command("show")
def data_show(name: Annotated[str, typer.Argument(help="Data set: " + ", ".join(datasets()))]) -> None:
    """Show what a data set is: equation, set-up, sizes, ranges, hash."""
    entry, data = find_dataset(name), load_data(name)
    print(f"{entry.title}\n{entry.description}\n\n{data}")
    for j, field in enumerate(data.fields):
        low, high = min(u[:, j].min() for u in data.u), max(u[:, j].max() for u in data.u)
        print(f"  {field:<10} {low:.4g} to {high:.4g}")
    print(f"sha256 {data.sha256}", *(f"{key}: {value}" for key, value in data.setup.items()), sep="\n")


def _data(name: str, select: list[str] | None, fields=None) -> WaveData:
    """A data set by its name, or a file; all fields, or these."""
    known = name in datasets() or not Path(name).suffix
    if not all(re.fullmatch(r"[^=]+=-?\d{1,9}", one) and not known for one in select or ()):
        raise ValueError(f"--select {' '.join(select)}: expected a file, and DIMENSION=INDEX, as level=0")
    if known:
        return load_data(name).select(fields) if fields else load_data(name)
    return WaveData.open(name, fields, select={dim: int(k) for dim, k in (one.split("=") for one in select or ())})


def _with_recipe_options(command):
    """The command with an option for every field of `Recipe`, in place of its **overrides."""
    said = {name: rule["description"] for name, rule in VALUES.schema["properties"].items()}
    *own, _ = inspect.signature(command, eval_str=True).parameters.values()
    options = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[
        hint | None, typer.Option(help=said[name], rich_help_panel="Instead of the recipe's", show_default=False)])
        for name, hint in (typing.get_type_hints(Recipe) | {"rank": int}).items()]
    command.__signature__ = inspect.Signature([*own, *options])
    command.__annotations__ = {part.name: part.annotation for part in (*own, *options)}
    return command


@app.command("train")
@_with_recipe_options
def train(
    name: Annotated[str, typer.Argument(help=f"File (.nc, .h5, .zarr, .npz, .csv), or {', '.join(datasets())}")],
    recipe: Annotated[str, typer.Option(help="Recipe: auto (with --seconds), " + ", ".join(RECIPES))] = "laptop",
    seconds: Annotated[float | None, typer.Option(help="Train for so long, instead of --epochs.")] = None,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Model file to write, NAME.safetensors.")] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Ignore the checkpoint of an earlier run.")] = False,
    device: Annotated[str, typer.Option(help="Torch device.")] = "cpu",
    slice_seconds: Annotated[float | None, typer.Option(
        "--slice", help="Stop and save after so many seconds; the same command goes on.")] = None,
    ranks_of: Annotated[Path | None, typer.Option(help="Take the truncated ranks of this model file.")] = None,
    holdout: Annotated[bool, typer.Option("--holdout", help="Keep every eighth time apart, as a test.")] = False,
    final: Annotated[bool, typer.Option("--final", help="Keep times apart, then train on all.")] = False,
    fields: Annotated[str | None, typer.Option(help="Fields to train on, as depth,velocity.")] = None,
    select: Select = None,
    **overrides,
) -> None:
    """Train a model on a data set or a file; interrupt it and call again to go on where it stopped.

    Model and record are written when the run ends, to runs/NAME-RECIPE-SEED unless --out says otherwise.
    """
    data = _data(name, select, fields and fields.split(","))
    changes = {key: value for key, value in overrides.items() if value is not None}
    if ranks_of:
        changes["rank"] = truncate(storage.load(ranks_of))[1]
    path = out or Path("runs") / f"{data.name}-{recipe}-{seed}.safetensors"
    if path.suffix != ".safetensors":
        raise ValueError(f"--out {path}: expected a file name ending in .safetensors")
    checkpoint = path.with_suffix(".checkpoint")
    print(recipe if recipe == "auto" else get_recipe(recipe, data.name if "split" in data.setup else "", **changes))
    if restart and checkpoint.exists():
        with alone(checkpoint):
            checkpoint.unlink()
            Path(f"{checkpoint}.final").unlink(missing_ok=True)
    elif checkpoint.exists():
        print(f"continuing from {checkpoint} (--restart begins anew)")
    result = fit(data, recipe, seconds=seconds, seed=seed, checkpoint=checkpoint, device=device,
                 slice_seconds=slice_seconds, holdout="auto" if holdout or final else None, final=final, **changes)
    print(result)
    print(f"wrote {result.save(path)} and {path.with_suffix('.json').name} beside it")


@app.command()
def evaluate(name: Annotated[str, typer.Argument(help="Data set, or file with --model.")],
             recipe: RecipeName = "laptop", seed: Seed = 0,
             model: Annotated[Path | None, typer.Option(help="Model file, not the shipped one.")] = None,
             select: Select = None) -> None:
    """Print relative l1 and l2 errors, of a data set at its samples and midpoints; area-weighted ones in brackets."""
    network = storage.load(model) if model else storage.load_pretrained(name, recipe, seed)
    print(network)
    for place in ("samples", "midpoints") if name in datasets() else ("points",):
        data = load_data(name, place) if name in datasets() else _data(name, select, network.fields)
        for q, found in both_errors(network, data).items():
            print(f"relative l{q} error at the {place}: {found}")


@app.command("report")
def write_report(model: Annotated[Path, typer.Argument(help="Model file, trained with --holdout.")],
                 data: Annotated[str, typer.Argument(help="What it was trained on: file or data set.")],
                 out: Annotated[Path | None, typer.Option(help="Page to write, not MODEL.html.")] = None,
                 select: Select = None) -> None:
    """Write a page on a model: errors over time and space, hypermodes, rivals, explorer."""
    network, path = storage.load(model), model.with_suffix(".json")
    record = json.loads(path.read_text())
    if not {"history", "stop_reason", "recipe"} <= {*record}:
        raise ValueError(f"{str(path)!r} is no record of a run: expected what train writes beside a model")
    fitted = Fit(network, record["history"], record["stop_reason"], record, data=_data(data, select, network.fields))
    print(f"wrote {report(fitted, out or model.with_suffix('.html'))}")


def _numbers(text: str) -> np.ndarray:
    """Numbers with commas between them."""
    try:
        return np.array([float(part) for part in text.split(",")])
    except ValueError:
        raise ValueError(f"{text!r}: expected numbers with commas between them") from None


def _steps(text: str, low: float, high: float) -> np.ndarray:
    """Numbers of an option: COUNT (from low to high), FIRST:LAST:COUNT, or some with commas."""
    *ends, count = text.split(":")
    if not ends and not count.isdecimal():
        return _numbers(text)
    first, last = _numbers(",".join(ends)) if len(ends) == 2 else (low, high)
    if len(ends) not in (0, 2) or not count.isdecimal() or not 2 <= int(count) <= 10**6:
        raise ValueError(f"{text!r}: expected a count from 2 to a million, FIRST:LAST:COUNT, or numbers with commas "
                         "between them")
    return np.linspace(first, last, int(count))


@app.command()
def predict(
    model: Annotated[str, typer.Argument(help="Model or FastLRNR file, or data set whose shipped model is meant.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="NetCDF file to write, NAME.nc.")],
    times: Annotated[str, typer.Option(help="Times: a count, FIRST:LAST:COUNT, or numbers with commas.")] = "81",
    grid: Annotated[list[str] | None, typer.Option(help="Points along an axis, as --times; once for each axis, or one "
                                                   "for all. A FastLRNR has its own.", show_default="101")] = None,
    mu: Annotated[str | None, typer.Option(help="Parameters of a family: numbers with commas.")] = None) -> None:
    """Write the wave of a model at times and on a grid, as NetCDF with CF attributes."""
    if out.suffix != ".nc":
        raise ValueError(f"--out {out}: expected a file name ending in .nc")
    network = storage.load(model) if Path(model).suffix else storage.load_pretrained(model)
    fast, box = isinstance(network, FastLRNR), network.normalisation
    sides = (grid or ["101"]) * (1 if grid and len(grid) > 1 else len(box.domain))
    if fast and grid or len(sides) != len(box.domain):
        expected = "none, as the points of a FastLRNR are fixed" if fast else f"one, or {len(box.domain)}, one an axis"
        raise ValueError(f"--grid {' --grid '.join(grid)}: expected {expected}")
    t, axes = _steps(times, *box.times), [_steps(side, *ends) for side, ends in zip(sides, box.domain, strict=True)]
    x = network.x.numpy() if fast else np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)
    blocks = np.array_split(x, len(x) // BLOCK + 1)
    at = None if mu is None else _numbers(mu)
    with torch.no_grad():
        u = network(t, at).numpy() if fast else np.stack([np.concatenate([network(part, s, at)[0] for part in blocks])
                                                          for s in t])
    dataset = WaveData.from_arrays(t, x, u, network.fields, units=network.units, name=Path(model).stem,
                                   coordinates=box.coordinates,
                                   domain=bounding_box((x, np.transpose(box.domain)))).to_xarray()
    if not fast and len(axes) > 1:
        dataset = dataset.set_index(point=[f"x{i + 1}" for i in range(len(axes))]).unstack("point")
    dataset.attrs |= {"title": f"{Path(model).stem}, predicted", "source": f"lrnrbook {version('lrnrbook')}",
                      "history": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} lrnrbook predict {model}",
                      "provenance": json.dumps(getattr(network, "provenance", {}))}
    print(f"wrote {write_atomically(out, dataset.to_netcdf)}: {dict(dataset.sizes)}")


@app.command()
def info(path: Annotated[Path, typer.Argument(help="Model file.")]) -> None:
    """Print what a model file holds, without loading its weights."""
    print(json.dumps(storage.info(path), indent=1))


def main() -> None:
    """Entry point of the command `lrnrbook`."""
    try:
        app()
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
