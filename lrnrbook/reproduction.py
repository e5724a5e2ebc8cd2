"""Execute the book's chapters with parameters, through papermill, and the long runs behind them."""

from __future__ import annotations

import ast
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from tqdm.auto import tqdm

from lrnrbook import ablations
from lrnrbook.storage import write_atomically, write_json

# Runs of hours, by name: called with a folder and the number of runs side by side.
LONG: dict[str, Callable[[Path, int], object]] = {"ablations": ablations.run_all}


def chapters(book: Path) -> dict[str, Path]:
    """Notebooks of the book by name.

    Raises
    ------
    ValueError
        If there are none.
    """
    found = {path.stem: path for path in sorted(Path(book).glob("*.ipynb"))}
    if not found:
        raise ValueError(f"no notebooks in {str(book)!r}: expected the folder book/ of a clone (or give --book)")
    return found


def choose(known: list[str], only: list[str] | None) -> list[str]:
    """Names asked for: a whole name, its number, or what follows the number; without any, every chapter.

    Examples
    --------
    >>> choose(["03-data", "04-training", "intro"], ["04,data"])
    ['04-training', '03-data']
    """
    if not only:
        return known
    found = []
    for word in (word.strip() for text in only for word in text.split(",")):
        matches = [name for name in [*known, *LONG] if word in (name, *name.split("-", 1))]
        if not matches:
            raise ValueError(f"{word!r} is no chapter and no long job: expected some of {', '.join([*known, *LONG])}")
        found += matches
    return list(dict.fromkeys(found))


def taken(notebook: dict) -> set[str]:
    """Names that a notebook's parameters cell sets."""
    cells = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])]
    return {target.id for cell in cells for line in ast.parse("".join(cell["source"])).body
            if isinstance(line, ast.Assign) for target in line.targets}


def execute(path: Path, out: Path, parameters: dict) -> dict:
    """Run a notebook in its own folder and keep it executed, also if a cell fails: its row of the summary."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    given = {name: value for name, value in parameters.items() if name in taken(json.loads(path.read_text()))}
    row, start, made = {"name": path.stem, "status": "done"}, time.perf_counter(), out / path.name

    def run(temporary: Path) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # papermill's own
                papermill.execute_notebook(path, temporary, given, kernel_name="python3", cwd=path.parent,
                                           progress_bar=False)
        except PapermillExecutionError as error:
            row.update(status="failed", error=f"cell {error.exec_count}: {error.ename}: {error.evalue}".splitlines()[0])

    write_atomically(made, run)
    return row | {"seconds": round(time.perf_counter() - start, 1)}


def reproduce(book, out, parameters: dict, only: list[str] | None = None, jobs: int = 2) -> list[dict]:
    """Execute chapters and long jobs one after the other; a failure is noted and the others go on.

    Parameters
    ----------
    book, out : path
        Folder of the notebooks, and the one that gets them executed, with summary.json.
    parameters : dict
        For the notebooks' parameters cells; each gets those that it has.
    only : list of str, optional
        See `choose`.
    jobs : int
        Runs side by side in long jobs.

    Returns
    -------
    list of dict
        name, status, seconds, and error where there was one.

    Raises
    ------
    ValueError
        For an unknown name, a folder without notebooks, or if papermill is not installed.
    """
    try:
        import papermill  # noqa: F401 (asked for before anything runs)
    except ImportError:
        raise ValueError('papermill is not installed: expected `pip install "lrnrbook[book]"`') from None
    known, out = chapters(book), Path(out)
    names, rows = choose(list(known), only), []
    summary = {"parameters": parameters, "rows": rows}
    for name in tqdm(names, unit="chapter"):
        if name in LONG:
            start = time.perf_counter()
            LONG[name](out.parent, jobs)
            rows.append({"name": name, "status": "done", "seconds": round(time.perf_counter() - start, 1)})
        else:
            rows.append(execute(known[name], out, parameters))
        write_json(out / "summary.json", summary)
        if "error" in rows[-1]:
            print(f"{name}: {rows[-1]['error']}", flush=True)
    return rows
