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
    """Numbers in the text: gains at the largest width and with gradients, time of one value accurate to 1e-4."""
    widest = max(speed["width"], key=int)
    row = speed["width"][widest]
    both, own = (speed["gradients"][key] for key in ("M 1200, r 150, rank 64", "euler, laptop, rank 64"))
    one = next(value for value in speed["one value"].values() if value["error"] <= 1e-4)
    return {"widest": widest, "gain": f"{row['full']['seconds'] / row['fast']['seconds']:.0f}",
            "microseconds": f"{one['compiled']['median']:.1f}",
            "gradient-gain": f"{both['full'] / both['fast']:.1f}", "gradient-own": f"{own['full'] / own['fast']:.1f}"}
