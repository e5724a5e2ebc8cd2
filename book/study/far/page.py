"""What the page on far steps shows: figures, and what was seen of the paper's descriptions."""

from __future__ import annotations

from matplotlib.figure import Figure

from lrnrbook.modes import Hypermodes
from study.far import figures as drawn
from study.far import words
from study.instruments.sentences import said
from study.ledger.records import load_measurement

TIMES = {"acoustics": 0.38, "burgers": 1.5, "advection": 1.8}
DESCRIBED = {1: "C5.3-4", 2: "C5.3-4", 3: "C5.3-5", 4: "C5.3-6", 5: "C5.3-5"}  # mode of Fig. 16 -> observation


def figures(modes: dict[str, Hypermodes]) -> dict[str, Figure]:
    """Figures of far steps, and of those of other models."""
    steps = load_measurement("hypermodes-extrapolation")["rows"]
    coders = load_measurement("hypermodes-autoencoders")["rows"]
    groups = {
        name: {
            "LRNR, modes": steps[f"{name} 0"]["steps"],
            "LRNR, path": steps[f"{name} 0"]["path"]["LRNR"],
            "SIREN, path": steps[f"{name} 0"]["path"]["SIREN"],
            "autoencoder, path": coders[f"{name} 0"]["path"],
        }
        for name in ("euler", "burgers")
    }
    return {
        "fig-16": drawn.plot_extrapolation_1d(modes["euler"], "pressure", 0.0285, 5),
        **{f"far-{name}": drawn.plot_extrapolation_2d(modes[name], t, 4) for name, t in TIMES.items()},
        "coherence": drawn.plot_coherence(groups),
        "far-autoencoder": drawn.plot_coder_steps(coders["euler 0"]["path"], 0.0285),
    }


def values() -> dict[str, str]:
    """A sentence on what the paper says of each mode, and sentences on coherence."""
    return {f"mode-{mode}": said("extrapolation", "euler", claim, f"mode {mode}")
            for mode, claim in DESCRIBED.items()} | {"vanished": words.vanished(), "paths": words.along_paths()}
