"""Claims about trained networks, decided again on those of another recipe that come with the book."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from lrnrbook.compress import States
from lrnrbook.files import write_json
from lrnrbook.truncation import truncate
from study.evidence.claims import CHECKS
from study.far.measure import EXTRAPOLATION
from study.fast.measure import errors_by_rank, key
from study.hypermodes.measure import COEFFICIENTS
from study.ledger import measurements
from study.ledger.models import MODELS, Subject, about
from study.ledger.records import machine, plain
from study.ledger.verdicts import CANNOT, Missing
from study.steps.measure import TANGENTS

PARTS = {what.name: what for what in (COEFFICIENTS, TANGENTS, EXTRAPOLATION)}
# Claims that are decided on trained models alone, and so can be decided again on others.
SIZED = ("C1-3", "C2-1", "C2-2", "C4.1-3", "C4.2-4", "C4.3-8", "C4.3-9", *(
    claim for claim in CHECKS if claim.startswith(("C5.0", "C5.1", "C5.2", "C5.3")) and claim != "C5.3-2"),
    "C6-3", "C6-4", "C6-5")
RANKS = (16, 32, 48, 64, 96, 128, 192)
KINDS = ("qdeim", "deim", "oversampled")  # selections of rows; the greedy "eim" looks at all states for every row
POINTS, SNAPSHOTS, UNSEEN = 9, 3201, 499  # of FastLRNR's errors


def judge(whose: Subject, parts: Sequence[str], keep: Callable[[str, dict], None], jobs: int = 2) -> None:
    """Measure models and decide what can be decided: `keep` gets each claim with its verdict, numbers and note.

    Parameters
    ----------
    whose : Subject: models in a folder, where the measurements go too
    parts : list of str: some of "errors" (of FastLRNR), "claims" and the names of `PARTS`
    """
    for name, _ in whose.models() if "errors" in parts else ():
        compressed(whose, name)
    with about(whose):
        for name, what in PARTS.items():
            if name in parts:
                measurements.measure(what, whose.folder / f"hypermodes-{name}-{whose.recipe}.json", jobs)
        for claim in tqdm(SIZED, unit="claim") if "claims" in parts else ():
            if found := decided(claim):
                keep(claim, found)


@torch.no_grad()
def compressed(whose: Subject, name: str) -> None:
    """Errors of FastLRNR of the trained model by rank, in float64, into the folder's record "benchmark-fastlrnr"."""
    torch.set_num_threads(1)
    path = whose.folder / f"benchmark-fastlrnr-{whose.recipe}.json"
    record = json.loads(path.read_text()) if path.exists() else {"rows": {}}
    if key(name, whose.recipe) in record["rows"]:
        return
    model = truncate(whose.model(name))[0].double()
    first, last = model.times
    unseen = first + (last - first) * (np.arange(UNSEEN) + 0.37) / UNSEEN
    x = points_in(model, POINTS)
    states = [States.at(model, x, np.linspace(first, last, SNAPSHOTS))]
    for points, row in errors_by_rank(model, x, states, unseen, RANKS, KINDS).items():
        record["rows"][key(name, whose.recipe, points=points)] = plain(row)
    write_json(path, record)


def points_in(model, count: int) -> np.ndarray:
    """So many points of the domain at random: (count, d)."""
    low, high = model.domain.T
    return low + (high - low) * np.random.default_rng(0).random((count, len(low)))


def decided(claim: str) -> dict | None:
    """Verdict, numbers and note of a claim about the models of `subject`, or None where a measurement is missing."""
    try:
        found = CHECKS[claim]()
    except Missing:
        return None
    return None if found.verdict == CANNOT else {
        "verdict": found.verdict, "numbers": found.numbers, "note": found.note}


def again(path, recipe: str, jobs: int = 2) -> dict:
    """Decide the claims again on the models of a recipe; measurements lie in a folder beside the record, and are kept.

    Parameters
    ----------
    path : path
        JSON record to write; delete the folder that has its name after the models have changed.
    recipe : str: as "trial_printed"

    Returns
    -------
    dict
        recipe; claims: verdict, numbers and note of each claim that could be decided.

    Raises
    ------
    ValueError
        If there are no models of this recipe.
    """
    path = Path(path)
    files = [file for file in MODELS.glob(f"*-{recipe}-*") if file.suffix in (".json", ".safetensors")]
    if not files:
        raise ValueError(f"no models of recipe {recipe!r} in {MODELS}: expected one for each wave")
    folder = path.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy2(file, folder)
    claims: dict[str, dict] = {}
    judge(Subject(recipe, folder), ("errors", *PARTS, "claims"), lambda claim, found: claims.update({claim: found}),
          jobs)
    record = plain({"recipe": recipe, "claims": claims})
    write_json(path, record | {"machine": machine(), "date": date.today().isoformat()})
    return json.loads(path.read_text())
