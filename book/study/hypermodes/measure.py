"""Measurements of section 5.1 that take minutes: errors of reduced models, encoding, forecasts."""

from __future__ import annotations

from lrnrbook.datasets import load_data
from lrnrbook.evaluation import errors
from lrnrbook.modes import Pod
from study.hypermodes.encoding import encoding_errors
from study.hypermodes.forecasts import forecast_errors
from study.instruments.smoothness import smooth
from study.ledger.measurements import Measurement
from study.ledger.models import subject, truncated_modes

EVERY = 4  # of the frames, where errors of many reduced models are compared


def coefficients(name: str, seed: int) -> dict:
    """Errors of the full, the truncated and the reduced models, and of POD with as many modes; every fourth frame.

    Returns
    -------
    dict
        full, truncated: mean E1; modes: r-bar; reduced: mean E1 with 1, 2, ... hypermodes (5.6); pod: mean E1 with
        1, 2, ... modes; pod_smooth: share of its first r-bar coefficients that are smooth; its singular values.
    """
    data, model = load_data(name), subject().model(name, seed)
    some, modes, pod = data[::EVERY], truncated_modes(name, seed), Pod(data, len(data))
    counts = range(1, modes.count() + 5)
    return {"full": errors(model, some).mean, "truncated": errors(modes.model, some).mean,
            "modes": modes.count(), "reduced": [errors(modes.reduced(k), some).mean for k in counts],
            "pod": [errors(pod.first(k), some).mean for k in counts],
            "pod_smooth": smooth(pod.t, pod.first(modes.count()).coefficients),
            "pod_singular_values": (pod.singular_values / pod.singular_values[0]).tolist()}


def encoding(name: str, seed: int) -> dict:
    """Errors and times of encoding the midpoints frames."""
    return {"frames": encoding_errors(name, seed)}


def forecasting(name: str, seed: int) -> dict:
    """Errors of forecasting the coordinates of the last tenth of the times."""
    return forecast_errors(name, seed)


COEFFICIENTS = Measurement("coefficients", coefficients, every_seed=True)
ENCODING = Measurement("encoding", encoding)
FORECASTS = Measurement("forecasts", forecasting)
