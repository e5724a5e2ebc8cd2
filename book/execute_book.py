"""Execute the notebooks of the book side by side, for `make book`, which takes what they gave from the cache.

    python book/execute_book.py        in the root of the repository

The cache is emptied first, since what a notebook gives depends on the package as well.
"""

import logging
import shutil
import sys
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor

MOST_SECONDS = 120  # of a cell, as in _config.yml


def execute(root: Path) -> int:
    """Exit status 1 if a notebook in the folder `book` failed, after its traceback."""
    folder = root / "_build" / ".jupyter_cache"  # where jupyter-book looks
    shutil.rmtree(folder, ignore_errors=True)
    cache = get_cache(str(folder))
    notebooks = sorted((root / "book").glob("*.ipynb"))
    for path in notebooks:
        cache.add_nb_to_project(str(path))
    executor = load_executor("local-parallel", cache, logging.getLogger("book"))
    result = executor.run_and_cache(timeout=MOST_SECONDS)
    failed = result.excepted + result.errored
    for uri in failed:
        print(f"{uri} failed:\n{cache.get_project_record(uri).traceback or ''}", file=sys.stderr)
    print(f"{len(result.succeeded)} of {len(notebooks)} notebooks executed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(execute(Path.cwd()))
