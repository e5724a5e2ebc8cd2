"""How much the tests see: one change at a time in the library's core, and whether a test fails.

    python tests/mutants.py [--each 25] [--seed 0] [--modules losses,modes] [--out mutants.json]

A copy of the repository is tested once, to learn which tests run which lines. Then, of each module, so many changes are
drawn: another comparison, another operation, another constant, a condition turned round, a statement left out. For each
the tests that run its line are run in a process forked for it, the quickest first, up to the first that fails.

`mutants.json` beside this file is the record of a run; what became of a survivor since stands in its field "now",
"killed by" a test, or "equivalent: " and why. `python tests/mutants.py --table` makes its table for the book.
"""

import argparse
import ast
import copy
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "book" / "study" / "records" / "mutants.csv"
CORE = ("arrays", "batches", "compress", "data", "datasets", "encode", "evaluation", "fast", "files", "hyper",
        "labelled", "layers", "losses", "model", "modes", "normalisation", "storage", "trainer", "training",
        "truncation")
LEFT_OUT = ("test_search", "test_distributed", "test_structure")  # long and of other modules, or of the text
FORKED = {"files", "trainer", "training"}  # what tests/test_runs.py runs in processes that are not traced
MOST_SECONDS = 40.0  # of tests for one change
OTHER = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
         ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add,
         ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Pow: ast.Mult, ast.Mod: ast.Mult,
         ast.And: ast.Or, ast.Or: ast.And}


def changed(node):
    """What may stand in a node's place: (kind, node)."""
    new = copy.deepcopy(node)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in OTHER:
        new.ops = [OTHER[type(node.ops[0])]()]
        yield "comparison", new
    elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in OTHER:
        new.op = OTHER[type(node.op)]()
        yield "operation", new
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield "operation", node.operand
    elif isinstance(node, ast.Constant) and type(node.value) in (bool, int, float):
        new.value = not node.value if isinstance(node.value, bool) else node.value + (1 if node.value < 2 else 3)
        yield "constant", new
    elif isinstance(node, ast.If | ast.IfExp):
        new.test = ast.UnaryOp(ast.Not(), node.test)
        yield "condition", new
    elif (isinstance(node, ast.AugAssign | ast.Raise) or isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
          or isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript)):
        yield "statement", ast.Pass()


def places(node, path=()):
    """Paths to what may be changed: not messages, annotations, decorators, or what is only for type checkers."""
    yield path
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases") or isinstance(node, ast.Raise | ast.JoinedStr):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        for i, part in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(part, ast.AST):
                yield from places(part, (*path, (name, i)))


def at(node, path):
    for name, i in path:
        node = getattr(node, name) if i is None else getattr(node, name)[i]
    return node


def mutants(source):
    """Every changed text of a module: (line, kind, old, new, text)."""
    tree = ast.parse(source)
    for path in places(tree):
        old = at(tree, path)
        for kind, new in changed(old) if path else ():
            whole = copy.deepcopy(tree)
            above, (name, i) = at(whole, path[:-1]), path[-1]
            if i is None:
                setattr(above, name, new)
            else:
                getattr(above, name)[i] = new
            short = [ast.unparse(ast.fix_missing_locations(a)).splitlines()[0] for a in (old, new)]
            yield old.lineno, kind, *short, ast.unparse(ast.fix_missing_locations(whole))


def tested(folder):
    """Run the tests once: seconds of each, and for each module and line the tests that run it."""
    from coverage import CoverageData

    command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "--cov=lrnrbook", "--cov-context=test",
               "--cov-report=", "--durations=0", "--durations-min=0", "-vv", "-p", "no:cacheprovider", "lrnrbook",
               "tests/study/test_networks.py",
               *(str(path) for path in sorted(folder.glob("tests/test_*.py")) if path.stem not in LEFT_OUT)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    seconds = {name: float(s) for s, name in re.findall(r"^([\d.]+)s call +(\S.*)$", done.stdout, re.M)}
    data = CoverageData(folder / ".coverage")
    data.read()
    lines = {}
    for module in CORE:
        found = data.contexts_by_lineno(str(folder / "lrnrbook" / f"{module}.py"))
        lines[module] = {line: {name.split("|")[0] for name in names if name} for line, names in found.items()}
    return seconds, lines


def chosen(tests, seconds):
    """The quickest tests, up to so many seconds."""
    found, total = [], 0.0
    for name in sorted(tests, key=lambda name: seconds.get(name, 0.0)):
        total += seconds.get(name, 0.0)
        if found and total > MOST_SECONDS:
            break
        found.append(name)
    return found, total


def survives(folder, tests, limit):
    """Whether all tests pass, in a forked process."""
    child = os.fork()
    if not child:
        os.setsid()
        os.chdir(folder)
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 5))
        resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30))
        import pytest

        os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])))
    end = time.monotonic() + 8 * limit
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        if time.monotonic() > end:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return False
        time.sleep(0.05)


def table(record):
    """Rows of a record: what was changed in each module, and what became of it."""
    rows = []
    for module, row in record["modules"].items():
        now = [mutant.get("now", "").split()[0:1] for mutant in row["survivors"]]
        rows.append([module, row["sites"], row["tried"], row["killed"], now.count(["killed"]),
                     now.count(["equivalent:"]), now.count([])])
    rows.append(["all", *map(sum, zip(*(row[1:] for row in rows), strict=True))])
    for row in rows:
        row.append(round(100 * row[3] / max(row[2] - row[5], 1)))
    head = ["module", "places", "changed", "killed", "since", "same", "alive", "share (%)"]
    return "".join(",".join(map(str, row)) + "\n" for row in [head, *rows])


def run(modules, each, seed, out):
    """Draw and test changes; returns and writes the record."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "copy"
        names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for file in names.splitlines():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, folder / file)
        os.environ |= {"PYTHONPATH": f"{folder}:{folder / 'book'}", "PYTHONDONTWRITEBYTECODE": "1",
                       "OMP_NUM_THREADS": "1"}
        sys.path[:0], sys.dont_write_bytecode = [str(folder), str(folder / "book")], True
        seconds, lines = tested(folder)
        for module in ("torch", "xarray", "pandas", "scipy.linalg", "matplotlib.pyplot", "pytorch_optimizer", "typer",
                       "jsonschema", "safetensors.torch", "anywidget", "hypothesis", "pytest"):
            __import__(module)  # once, before the forks
        record = {"date": time.strftime("%Y-%m-%d"), "each": each, "seed": seed, "modules": {}}
        for module in modules:
            record["modules"][module] = row = {"sites": 0, "tried": 0, "killed": 0, "survivors": []}
            path = folder / "lrnrbook" / f"{module}.py"
            source = path.read_text()
            every = list(mutants(source))
            row["sites"] = len(every)
            for line, kind, old, new, text in random.Random(f"{seed} {module}").sample(every, min(each, len(every))):
                tests = lines[module].get(line, set()) or set().union(*lines[module].values())
                tests |= {name for name in seconds if module in FORKED and "test_runs" in name}
                tests, needed = chosen(tests, seconds)
                path.write_text(text)
                row["tried"] += 1
                if survives(folder, tests, 30 + 5 * needed):
                    row["survivors"].append({"line": line, "kind": kind, "old": old, "new": new, "tests": len(tests)})
                else:
                    row["killed"] += 1
                path.write_text(source)
                out.write_text(json.dumps(record, indent=1) + "\n")
            print(f"{module:<14} {row['killed']:>3} of {row['tried']:>3} ({row['sites']} places)", flush=True)
    rows = record["modules"].values()
    killed, tried = sum(row["killed"] for row in rows), sum(row["tried"] for row in rows)
    print(f"killed {killed} of {tried}, {100 * killed / tried:.1f} %; the survivors are in {out}")
    return record


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=25, help="changes of a module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--modules", default=",".join(CORE))
    parser.add_argument("--out", type=Path, default=Path("mutants.json"))
    parser.add_argument("--table", action="store_true", help="write the table of the record for the book")
    asked = parser.parse_args()
    if asked.table:
        TABLE.write_text(table(json.loads(Path(__file__).with_suffix(".json").read_text())))
    else:
        run(asked.modules.split(","), asked.each, asked.seed, asked.out)
