"""`python -m study reproduce`: notebooks run with parameters, failures named, everything kept and summed up."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from study.__main__ import main
from study.evidence import reproduce

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "study", "reproduce", "--book", "book", "--out", "runs/reproduce"]
ENVIRONMENT = os.environ | {"COLUMNS": "120", "NO_COLOR": "1", "PYTHONPATH": str(ROOT / "book")}
PARAMETERS = 'recipe = "laptop"\nretrain = False\nfigures = ""'
DRAW = """from pathlib import Path
if figures:
    Path(figures, "fig-09.pdf").write_text("a figure")
    Path(figures, "fig-09.png").write_text("a figure")
print(recipe, retrain, Path.cwd().name)"""


def run(*arguments, cwd):
    return subprocess.run([*COMMAND, *arguments], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)


def write_notebook(path, *cells):
    """A notebook of code cells, the first one tagged "parameters" if it assigns `figures`."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    if "figures =" in cells[0]:
        notebook.cells[0].metadata["tags"] = ["parameters"]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)


def printed(path):
    """What the cells of an executed notebook printed."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return "".join(output.get("text", "") for cell in cells for output in cell.outputs)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A folder with a small book, and what a run of all of it gave."""
    folder = tmp_path_factory.mktemp("checkout")
    write_notebook(folder / "book" / "01-good.ipynb", PARAMETERS, DRAW)
    write_notebook(folder / "book" / "02-bad.ipynb", "one = 1", "print('first')", "raise OSError('no\\nluck')", "one")
    write_notebook(folder / "book" / "intro.ipynb", 'figures = ""', "print('figures:', bool(figures))")
    return folder, run("--recipe", "smoke", "--retrain", "--figures", "figures", cwd=folder)


def test_a_failing_cell_is_named_and_the_others_run(checkout):
    folder, done = checkout
    assert done.returncode == 1 and "Traceback" not in done.stdout + done.stderr
    assert "02-bad, cell [3]: OSError: no luck\n" in done.stdout
    assert "WARNING" not in done.stderr and "unknown parameter" not in done.stderr
    table = done.stdout[done.stdout.index("status"):].splitlines()
    assert [line.split()[:2] for line in table[1:4]] == [["intro", "ok"], ["01-good", "ok"], ["02-bad", "failed"]]


def test_the_summary_has_a_row_for_each_notebook(checkout):
    summary = json.loads((checkout[0] / "runs" / "reproduce" / "summary.json").read_text())
    assert (summary["recipe"], summary["retrain"]) == ("smoke", True)
    rows = summary["rows"]
    assert {name: (row["status"], row["figures"]) for name, row in rows.items()} == {
        "intro": ("ok", 0), "01-good": ("ok", 1), "02-bad": ("failed", 0)}
    assert rows["02-bad"]["error"] == "cell [3]: OSError: no luck" and rows["intro"]["error"] == ""
    assert all(0 < row["seconds"] < 100 for row in rows.values())


def test_executed_notebooks_are_kept_with_the_parameters_they_take(checkout):
    folder, out = checkout[0], checkout[0] / "runs" / "reproduce"
    assert sorted(path.name for path in out.iterdir()) == [
        "01-good.ipynb", "02-bad.ipynb", "intro.ipynb", "summary.json"]
    assert printed(out / "01-good.ipynb") == "smoke True book\n"
    assert printed(out / "intro.ipynb") == "figures: True\n"
    assert printed(out / "02-bad.ipynb") == "first\n"
    assert sorted(path.name for path in (folder / "figures").iterdir()) == ["fig-09.pdf", "fig-09.png"]


@pytest.mark.parametrize(("arguments", "words"), [
    (["--only", "03"], "no chapter '03': expected some of intro, 01-good, 02-bad, ablations"),
    (["--only", "good,goood"], "no chapter 'goood'"),
    (["--recipe", "lap"], "recipe 'lap' is not known"),
    (["--recipe", "smoke"], "no model of recipe 'smoke' is shipped: expected one of laptop, nif, page"),
    (["--book", "nowhere"], "no notebooks in 'nowhere': run this in a checkout of lrnrbook"),
    (["--only", "good", "--out", "book/01-good.ipynb"], "File exists"),
])
def test_mistakes_are_one_sentence_and_exit_status_2(arguments, words, checkout, monkeypatch, capsys):
    monkeypatch.chdir(checkout[0])
    monkeypatch.setattr(sys, "argv", ["study", *COMMAND[3:], *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr().err
    assert end.value.code == 2 and words in said and len(said.strip().splitlines()) == 1


def test_without_papermill_a_sentence_says_how_to_get_it(checkout, monkeypatch, tmp_path):
    monkeypatch.setattr(reproduce.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install 'lrnrbook\[book\]'"):
        reproduce.reproduce(reproduce.chapters(checkout[0] / "book"), [], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("only", "stems", "jobs"), [
    ([], ["intro", "01-good", "02-bad"], []),
    (["02-bad"], ["02-bad"], []),
    (["1", "Bad"], ["01-good", "02-bad"], []),
    (["bad, intro,02"], ["intro", "02-bad"], []),
    (["ablations"], [], ["ablations"]),
    (["good,ablations"], ["01-good"], ["ablations"]),
])
def test_chapters_are_named_by_file_number_or_words(only, stems, jobs, checkout):
    paths, long = reproduce.select(only, checkout[0] / "book")
    assert [path.stem for path in paths] == stems and long == jobs


def test_long_jobs_get_a_folder_and_jobs_and_may_fail(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(reproduce, "LONG", {"slow": lambda *given: calls.append(given), "broken": lambda *given: 1 / 0})
    rows = reproduce.reproduce([], ["broken", "slow"], tmp_path, jobs=3)["rows"]
    assert calls == [(tmp_path / "slow", 3)]
    assert (rows["slow"]["status"], rows["broken"]["status"]) == ("ok", "failed")
    assert rows["broken"]["error"] == "ZeroDivisionError: division by zero"


def test_ctrl_c_keeps_what_is_done(tmp_path):
    write_notebook(tmp_path / "book" / "01-quick.ipynb", "print('quick')")
    write_notebook(tmp_path / "book" / "02-slow.ipynb", "print('begun')", "open('asleep', 'w'); import time",
                   "time.sleep(100)")
    write_notebook(tmp_path / "book" / "03-after.ipynb", "print('after')")
    process = subprocess.Popen(COMMAND, cwd=tmp_path, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    while process.poll() is None and not (tmp_path / "book" / "asleep").exists():
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    output, problems = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in problems, problems
    out = tmp_path / "runs" / "reproduce"
    rows = json.loads((out / "summary.json").read_text())["rows"]
    assert [row["status"] for row in rows.values()] == ["ok", "interrupted", "not run"]
    assert printed(out / "01-quick.ipynb") == "quick\n" and printed(out / "02-slow.ipynb") == "begun\n"
    assert "interrupted" in output and not (out / "03-after.ipynb").exists()


def test_a_real_chapter_saves_the_figures_of_the_paper(tmp_path):
    done = run("--only", "03", "--figures", "figures", "--book", str(ROOT / "book"), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    row = json.loads((tmp_path / "runs" / "reproduce" / "summary.json").read_text())["rows"]["03-data"]
    saved = {path.name for path in (tmp_path / "figures").iterdir()}
    assert {f"fig-03-{name}.{kind}" for name in ("euler", "acoustics", "burgers", "advection")
            for kind in ("pdf", "png")} <= saved
    assert row["figures"] == len(saved) / 2
