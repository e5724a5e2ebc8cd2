"""What the chapter on far steps says, a sentence for each outcome."""

from __future__ import annotations

import numpy as np

from study.far.coherence import MOST, SIZES
from study.instruments.pages import listed, spread
from study.ledger.models import record_of, seeds_of
from study.ledger.verdicts import NOT, PARTLY, REPRODUCED, SETS

COHERENT = {
    REPRODUCED: "On the waves with shocks nine tenths of the far steps stay coherent, up to a change as large as the "
                "field itself.",
    PARTLY: "Most far steps stay coherent. The share falls with the size of the step, and on most waves a good part of "
            "the largest steps is no longer coherent.",
    NOT: "On a wave with shocks more than four far steps in ten are incoherent.",
}
OTHERS = {
    REPRODUCED: "In the median of their steps both other models lose coherence when they are pushed as far, on both "
                "waves.",
    PARTLY: "In the median of its steps one of the two other models loses coherence on both waves when it is pushed "
            "as far, and the other one does not.",
    NOT: "In the median of its steps each of the two other models stays coherent on at least one of the two waves when "
         "it is pushed as far.",
}
NEW = {
    REPRODUCED: "By the distance to the nearest frame, at least half of the modes lead to fields that "
                "no training frame resembles.",
    PARTLY: "By the distance to the nearest frame, some modes lead to fields that no training frame resembles, on at "
            "least half of the waves.",
    NOT: "By the distance to the nearest frame, hardly any mode leads to a field that no training frame resembles.",
}

# What the page calls each sentence, and the claim whose verdict chooses it.
SAID = {
    "coherent": ("C5.3-1", COHERENT),
    "others": ("C5.3-2", OTHERS),
    "new": ("C5.3-3", NEW),
}
GONE = 0.1  # of the largest total variation of the training frames: below this a wave has vanished


def vanished() -> str:
    """How many of the largest steps leave nothing of a wave, which the measure of coherence does not see."""
    shares = [np.mean([row["variation"] < GONE for seed in seeds_of(name)
                       for row in _largest(record_of("extrapolation", name, seed)["steps"])]) for name in SETS]
    return (f"Such a share is an upper bound, since a field that has vanished counts as coherent too: of the largest "
            f"steps {spread([100 * share for share in shares])} %, depending on the wave, leave less than a tenth of "
            "the variation.")


def along_paths() -> str:
    """What the models do in the largest steps along their own paths, on both waves."""
    waves = ("euler", "burgers")
    paths = [record_of("extrapolation", name, 0)["path"] for name in waves]
    rows = {"SIREN": [row for path in paths for row in _largest(path["SIREN"])],
            "the autoencoder": [row for name in waves for row in _largest(record_of("autoencoders", name, 0)["path"])]}
    ours = [row["variation"] > MOST for path in paths for row in path["LRNR"] if row["eta"] is not None]
    over = [f"{sum(row['variation'] > MOST for row in found)} of {len(found)} of {kind}"
            for kind, found in rows.items()]
    return (f"Along its own path LRNR crosses the line in {sum(ours) or 'none'} of its {len(ours)} steps. Of the "
            f"largest steps of the others {listed(over)} do, which the median over all sizes does not show.")


def _largest(rows: list[dict]) -> list[dict]:
    return [row for row in rows if row["size"] == max(SIZES) and row["eta"] is not None]
