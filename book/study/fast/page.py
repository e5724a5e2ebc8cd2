"""What the page on fast evaluation shows: figures and numbers."""

from __future__ import annotations

from matplotlib.figure import Figure

from study.fast import figures as drawn

NETWORKS = {"LRNR": "short", "SIREN": "siren_long", "NIF": "nif", "dense, tanh": "dense_tanh"}


def figures(record: dict, speed: dict) -> dict[str, Figure]:
    """Figures of the records "benchmark-fastlrnr" and "benchmark-speed"."""
    return {
        "fig-17": drawn.plot_ranks(record),
        "pieces": drawn.plot_smooth(record),
        "states": drawn.plot_states(record, NETWORKS),
        "fits": drawn.plot_fits(record),
        "speed": drawn.plot_speed(speed),
    }


def values(speed: dict) -> dict[str, str]:
    """Numbers in the text: gain at the largest width, time of one value that is accurate to 1e-4."""
    widest = max(speed["width"], key=int)
    row = speed["width"][widest]
    one = next(value for value in speed["one value"].values() if value["error"] <= 1e-4)
    return {"widest": widest, "gain": f"{row['full']['seconds'] / row['fast']['seconds']:.0f}",
            "microseconds": f"{one['compiled']['median']:.1f}"}
