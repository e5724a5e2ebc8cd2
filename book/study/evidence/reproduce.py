"""Run the book's chapters again with other parameters, and keep what they show: notebooks, figures, a summary."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from tqdm.auto import tqdm

from lrnrbook.files import write_atomically, write_json
from lrnrbook.recipes import get_recipe
from study.ingredients import ablations
from study.ledger.models import pretrained

# Runs that take too long for a notebook, by name: each is called with a folder of its own and a number of jobs.
LONG: dict[str, Callable[[Path, int], object]] = {"ablations": ablations.run_all}


def chapters(book) -> list[Path]:
    """Notebooks of the book: the introduction, then the others by file name.

    Raises
    ------
    ValueError
        If there are none in the folder `book`.
    """
    found = sorted(Path(book).glob("*.ipynb"), key=lambda path: (path.stem != "intro", path.stem))
    if not found:
        raise ValueError(f"no notebooks in {str(book)!r}: run this in a checkout of lrnrbook, or name its book "
                         "folder with --book")
    return found


def names_of(stem: str) -> set[str]:
    """Names that a chapter answers to: of its file, its number, its words.

    Examples
    --------
    >>> sorted(names_of("04-training"))
    ['04', '04-training', '4', 'training']
    >>> sorted(names_of("your-data"))
    ['your-data']
    """
    number, _, words = stem.lower().partition("-")
    numbered = words and (number.isdigit() or len(number) == 1)
    return {stem.lower()} | ({number, number.lstrip("0") or "0", words} if numbered else set())


def select(only: list[str], book) -> tuple[list[Path], list[str]]:
    """Notebooks and long jobs that are asked for: with nothing asked for every notebook, and no long job.

    Parameters
    ----------
    only : list of str
        Names as in `names_of`, or of long jobs; one entry may hold several, with commas between.
    book : path
        Folder of the notebooks.

    Raises
    ------
    ValueError
        For an unknown name, naming the known ones.
    """
    paths, wanted = chapters(book), {name.strip().lower() for entry in only for name in entry.split(",")}
    unknown = wanted - set(LONG) - set().union(*(names_of(path.stem) for path in paths))
    if unknown:
        known = ", ".join([*(path.stem for path in paths), *LONG])
        raise ValueError(f"no chapter {min(unknown)!r}: expected some of {known}")
    return [path for path in paths if not only or wanted & names_of(path.stem)], [n for n in LONG if n in wanted]


def check_recipe(recipe: str, retrain: bool) -> None:
    """Raise a ValueError for a recipe that is not known, or of which no model is shipped and none is to be trained."""
    shipped = sorted({kind for _, kind, _ in pretrained()})
    if retrain:
        get_recipe(recipe)
    elif recipe not in shipped:
        get_recipe(recipe)
        raise ValueError(f"no model of recipe {recipe!r} is shipped: expected one of {', '.join(shipped)}, "
                         "or --retrain")


def reproduce(notebooks: list[Path], jobs_wanted: list[str], out, recipe: str = "laptop", retrain: bool = False,
              figures=None, jobs: int = 2) -> dict:
    """Execute notebooks, then long jobs; one that fails does not keep the others from running.

    Parameters
    ----------
    notebooks : list of path
    jobs_wanted : list of str
        Names in `LONG`.
    out : path
        Folder for the executed notebooks, a folder for each long job, and ``summary.json``, kept up to date.
    recipe, retrain
        Parameters of the notebooks that take them.
    figures : path, optional
        Folder for the figures, as PDF and PNG.
    jobs : int
        Runs side by side in a long job.

    Returns
    -------
    dict
        The summary: what was asked for, and a row for each notebook and job with "status" ("ok", "failed",
        "interrupted", "not run"), "seconds", "error" and "figures", the number written.

    Raises
    ------
    ValueError
        If papermill is not installed.
    """
    if notebooks and importlib.util.find_spec("papermill") is None:
        raise ValueError("papermill, which runs the notebooks, is not installed: pip install 'lrnrbook[book]'")
    out = Path(out).resolve()
    folder = Path(figures).resolve() if figures else None
    parameters = {"recipe": recipe, "retrain": retrain, "figures": str(folder or "")}
    tasks = {path.stem: lambda path=path: _execute(path, out / path.name, parameters) for path in notebooks}
    tasks |= {name: lambda name=name: LONG[name](out / name, jobs) for name in jobs_wanted}
    empty = {"status": "not run", "seconds": 0.0, "error": "", "figures": 0}
    summary = parameters | {"rows": {name: dict(empty) for name in tasks}}
    for path in filter(None, (out, folder)):
        path.mkdir(parents=True, exist_ok=True)
    with tqdm(tasks.items(), unit="chapter") as bar:
        for name, task in bar:
            bar.set_postfix_str(name)
            row = summary["rows"][name] = _run(task, folder)
            if row["error"]:
                bar.write(f"{name}, {row['error']}")
            write_json(out / "summary.json", summary)
            if row["status"] == "interrupted":
                break
    return summary


def table(summary: dict) -> pd.DataFrame:
    """A row for each notebook and job: status, seconds, number of figures."""
    frame = pd.DataFrame.from_dict(summary["rows"], orient="index")[["status", "seconds", "figures"]]
    return frame.astype({"seconds": int})


def _run(task: Callable[[], object], figures: Path | None) -> dict:
    """Row of the summary for one notebook or job."""
    start, before, status, error = time.perf_counter(), _saved(figures), "ok", ""
    try:
        task()
    except KeyboardInterrupt:
        status = "interrupted"
    except Exception as problem:  # whatever it is, the other chapters go on
        status, error = "failed", _sentence(problem)
    written = _saved(figures) - before
    return {"status": status, "seconds": round(time.perf_counter() - start, 1), "error": error, "figures": len(written)}


def _sentence(problem: Exception) -> str:
    """Which cell failed, if one did, and why."""
    name, message = type(problem).__name__, str(problem)
    where = ""
    if name == "PapermillExecutionError":
        name, message, where = problem.ename, problem.evalue, f"cell [{problem.exec_count}]: "
    message = " ".join(message.split())
    return f"{where}{name}: {message[:300]}" if message else f"{where}{name}"


def _saved(figures: Path | None) -> set[tuple[str, int]]:
    """Figures in a folder, with the time of their writing."""
    return {(path.stem, path.stat().st_mtime_ns) for path in figures.glob("*.pdf")} if figures else set()


def _execute(path: Path, target: Path, parameters: dict) -> None:
    """Execute a notebook in its own folder, as the book's build does, with those parameters that it takes.

    The executed notebook is kept as `target`, also that of a run which fails or is interrupted.
    """
    import papermill

    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # else the kernel talks about its debugger
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")  # the kernel of this environment, not the user's
    path = path.resolve()
    taken = papermill.inspect_notebook(path)
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / path.name
        try:
            papermill.execute_notebook(path, part, {name: parameters[name] for name in parameters if name in taken},
                                       kernel_name="python3", cwd=path.parent, progress_bar=False,
                                       extra_arguments=["--IPKernelApp.log_level=CRITICAL"])  # quiet, also on Ctrl-C
        finally:
            if part.exists():
                write_atomically(target, lambda temporary: shutil.copyfile(part, temporary))
