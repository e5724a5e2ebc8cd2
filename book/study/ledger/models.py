"""Which trained models the book speaks of: those of the package, and the study's own networks to compare with.

Claims and measurements speak of a `Subject`: the laptop models, unless others are chosen with `about`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from lrnrbook import storage
from lrnrbook.datasets import load_data
from lrnrbook.model import MetaNetwork
from lrnrbook.modes import Hypermodes, hypermodes
from lrnrbook.storage import load, models_in
from lrnrbook.training import fit
from lrnrbook.truncation import truncate
from study.ledger.records import load_measurement
from study.ledger.verdicts import Missing

MODELS = Path(__file__).parents[1] / "models"
FULL = "full"  # variant of the fair trial that has the paper's size
READINGS = ("printed", "restarted")  # of the plateau schedule, in the fair trial; they differ where data are blurred


def pretrained() -> list[tuple[str, str, int]]:
    """(data set, recipe, seed) of every model: of the package, of the study, and of both together.

    Examples
    --------
    >>> ("euler", "laptop", 0) in pretrained(), ("euler", "siren", 0) in pretrained()
    (True, True)
    """
    return sorted({*storage.pretrained(), *models_in(MODELS)})


def _file(name: str, recipe: str, seed: int, ending: str) -> Path:
    if (name, recipe, seed) not in pretrained():
        known = ", ".join(f"{a} ({b}, {c})" for a, b, c in pretrained())
        raise ValueError(f"no model {name!r} of recipe {recipe!r} and seed {seed}: expected one of {known}")
    path = MODELS / f"{name}-{recipe}-{seed}{ending}"
    return path if path.is_file() else storage.asset("models", path.name)


def load_pretrained(name: str, recipe: str = "laptop", seed: int = 0) -> MetaNetwork:
    """Load a model of the book, as `lrnrbook.load_pretrained` does one of the package.

    "truncated" is the laptop recipe at the truncated ranks of the laptop model, "short" one trained as long as "siren"
    and "nif", the networks compared with.
    """
    return load(_file(name, recipe, seed, ".safetensors"))


def load_record(name: str, recipe: str = "laptop", seed: int = 0) -> dict:
    """Record of the run that made a model: recipe, seed, steps, seconds, versions, history, errors."""
    return json.loads(_file(name, recipe, seed, ".json").read_text())


def in_trial(name: str, variants: Iterable[str] = READINGS) -> list[str]:
    """Variants of the fair trial whose first network of a wave comes with the book.

    Examples
    --------
    >>> in_trial("burgers")
    ['printed']
    """
    return [variant for variant in variants if (name, f"trial_{variant}", 0) in pretrained()]


def trained(name: str, recipe: str = "laptop", retrain: bool = False) -> tuple[MetaNetwork, dict]:
    """Model of a data set of `load_data`, and its record: the shipped one, or with `retrain` one trained now."""
    if retrain:
        result = fit(load_data(name), recipe)
        return result.model, result.record
    return load_pretrained(name, recipe), load_record(name, recipe)


@dataclass(frozen=True)
class Subject:
    """Models of one recipe, what their training recorded, and what was measured on them.

    Attributes
    ----------
    recipe : str
    folder : path or None
        Of NAME-RECIPE-SEED.safetensors with its record .json beside it, and of measurements MEASUREMENT-RECIPE.json;
        None for the models and records of the book.
    """

    recipe: str = "laptop"
    folder: Path | None = None

    def models(self) -> list[tuple[str, int]]:
        """(data set, seed) of every model."""
        known = pretrained() if self.folder is None else models_in(self.folder)
        return [(name, seed) for name, recipe, seed in known if recipe == self.recipe]

    def seeds(self, name: str) -> list[int]:
        """Seeds of the models of a data set."""
        return [seed for known, seed in self.models() if known == name]

    def model(self, name: str, seed: int = 0) -> MetaNetwork:
        """One of the models; `Missing` if a folder lacks it."""
        return load_pretrained(name, self.recipe, seed) if self.folder is None else load(
            self._file(f"{name}-{self.recipe}-{seed}.safetensors"))

    def record(self, name: str, seed: int = 0) -> dict:
        """Record of a model's training."""
        if self.folder is None:
            return load_record(name, self.recipe, seed)
        return json.loads(self._file(f"{name}-{self.recipe}-{seed}.json").read_text())

    def measurement(self, name: str) -> dict:
        """Record of what was measured, as "hypermodes-tangents"; `Missing` if a folder has none."""
        if self.folder is None:
            return load_measurement(name)
        return json.loads(self._file(f"{name}-{self.recipe}.json").read_text())

    def _file(self, name: str) -> Path:
        if not (self.folder / name).is_file():
            raise Missing(f"{name} in {self.folder}")
        return self.folder / name


SHIPPED = Subject()
_CURRENT: ContextVar[Subject] = ContextVar("subject", default=SHIPPED)
subject = _CURRENT.get


@contextmanager
def about(chosen: Subject) -> Iterator[None]:
    """Let claims and measurements speak of other models.

    Examples
    --------
    >>> with about(Subject("page")):
    ...     subject().seeds("euler")
    [0]
    """
    before = _CURRENT.set(chosen)
    try:
        yield
    finally:
        _CURRENT.reset(before)


def seeds_of(name: str) -> list[int]:
    """Seeds of the models of a data set; at least one."""
    seeds = subject().seeds(name)
    if not seeds:
        raise Missing(f"a model of {name}, recipe {subject().recipe}")
    return seeds


def shipped(names, recipe: str) -> list[str]:
    """Data sets for which a model of this recipe is shipped."""
    known = pretrained()
    return [name for name in names if (name, recipe, 0) in known]


def record_of(kind: str, name: str, seed: int) -> dict:
    """Row of the record "hypermodes-KIND"."""
    try:
        return subject().measurement(f"hypermodes-{kind}")["rows"][f"{name} {seed}"]
    except (Missing, KeyError):
        raise Missing(f"{kind} of {name}, seed {seed}") from None


def truncated_modes(name: str, seed: int = 0) -> Hypermodes:
    """Hypermodes of the model after truncation at 5e-5."""
    return hypermodes(truncate(subject().model(name, seed))[0])
