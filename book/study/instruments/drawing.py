"""What figures of several chapters share: colours, points, values of a field."""

from __future__ import annotations

import numpy as np
import torch

from lrnrbook.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY

OF_SET = {"euler": BLACK, "acoustics": BLUE, "burgers": RED, "advection": GREEN}
OF_MODE = (BLACK, RED, BLUE, GREEN, ORANGE, PURPLE, SKY)
POINTS, CELLS = 1600, 96


def values_at(model, x, t: float, field: str) -> np.ndarray:
    """Values of a field at points and a time, (P,)."""
    with torch.no_grad():
        return model(x, t)[0, :, model.fields.index(field)].numpy()
