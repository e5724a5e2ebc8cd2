"""Figures of long runs by the paper's recipe."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from lrnrbook.plots import BLUE, RED, figure


def plot_schedules(runs: dict[str, dict]) -> Figure:
    """Rate, misfit and error over the epochs, for two readings of the plateau schedule; grey: the mollifier shrinks."""
    with figure(3, 1, 6.0, sharex=True) as (fig, axes):
        rate, misfit, error = axes[:, 0]
        for (label, record), colour in zip(runs.items(), (BLUE, RED), strict=True):
            history = record["history"]
            epoch, q = np.array(history["epoch"]), np.array(history["q"])
            rate.semilogy(epoch, history["learning_rate"], color=colour, label=label)
            misfit.semilogy(epoch[q == 1], np.array(history["misfit"])[q == 1], color=colour, lw=0.8)
            at, values = np.array([row[:2] for row in history["evaluations"] if row[1] is not None]).T
            error.semilogy(at, values, color=colour, marker=".", ms=3)
            for cut, *_ in history["cuts"]:
                for ax in axes[:, 0]:
                    ax.axvline(cut, color="0.85", lw=0.7, zorder=0)
        rate.set_ylabel("learning rate")
        misfit.set_ylabel("$\\ell_1$ misfit\n(blurred data)")
        error.set(ylabel="relative $\\ell_1$ error\n(data themselves)", xlabel="epoch", xlim=(0, None))
        rate.legend(loc="upper right")
    return fig
