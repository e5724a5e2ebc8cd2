"""Which trained models claims and measurements speak of: the shipped laptop models, unless others are chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from lrnrbook.model import MetaNetwork
from lrnrbook.storage import load, load_benchmark, load_pretrained, load_record, models_in, pretrained
from lrnrbook.verdicts import Missing


@dataclass(frozen=True)
class Subject:
    """Models of one recipe, what their training recorded, and what was measured on them.

    Attributes
    ----------
    recipe : str
    folder : path or None
        Of NAME-RECIPE-SEED.safetensors with its record .json beside it, and of measurements MEASUREMENT-RECIPE.json;
        None for what ships with the package.
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
            return load_benchmark(name)
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
