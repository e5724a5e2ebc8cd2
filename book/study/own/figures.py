"""A bore between two frames, as the chapter on your own waves shows it."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from lrnrbook.modes import Pod
from lrnrbook.plots import BLACK, BLUE, RED, figure


def plot_between(fit, k: int, ends: tuple[float, float]) -> Figure:
    """First field near a front at time k, which was kept apart: data, network, and the mean of the frames around it."""
    data = fit.data
    frame, x = data[k], np.linspace(*ends, 400)
    linear = Pod(data[[k - 1, k + 1]], 2).predict(data[[k, k + 1]])[0]
    with figure(1, 1, 2.8) as (fig, ((ax,),)):
        fig.set_size_inches(4.6, 2.8)  # both sides of the bore on a phone
        ax.plot(frame.x[:, 0], linear[:, 0], color=BLUE, ls="--", label="linear between the frames")
        ax.plot(frame.x[:, 0], frame.u[:, 0], "o", color=BLACK, ms=4, mfc="none", label="PyClaw")
        u = fit.model(x, frame.t).detach().numpy()
        ax.plot(x, u[0, :, 0], color=RED, label="network")
        ax.set(xlim=ends, xlabel="x [m]", ylabel=data.label(data.fields[0]), title=f"t = {frame.t:g} s, kept apart")
        ax.legend(loc="upper right")
    return fig


def jump(data, k: int, to: int) -> int:
    """Cells by which a bore moves from frame k to another: from the steepest place of the first field to that."""
    at = [int(np.abs(np.diff(data[i].u[:, 0])).argmax()) for i in (k, to)]
    return abs(at[1] - at[0])


def answer(table) -> str:
    """What the page says of a comparison: a sentence for each outcome."""
    network, pod = table["held-out error"].iloc[[0, 2]]
    if network * 1.1 < pod:
        return (f"Here the network is the better choice: its error is {pod / network:.1f} times less than that of POD "
                "at the times kept apart.")
    if pod * 1.1 < network:
        return (f"In this short run POD is the better choice: its error is {network / pod:.1f} times less than that of "
                "the network at the times kept apart.")
    return "In this short run network and POD are about equally far off at the times kept apart."
