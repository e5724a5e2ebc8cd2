"""A bore between two frames, and a family of them between its runs, as the chapters on your own waves show them."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lrnrbook.data import WaveData
from lrnrbook.evaluation import errors
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
        return (f"Here the network is the better choice: its error is {pod / network:.1f} times smaller than that of "
                "POD at the times kept apart.")
    if pod * 1.1 < network:
        return (f"In this short run POD is the better choice: its error is {network / pod:.1f} times smaller than that "
                "of the network at the times kept apart.")
    return "In this short run network and POD are about equally far off at the times kept apart."


def unseen(fit) -> tuple[list[int], WaveData]:
    """Numbers of the runs of a family that a fit has kept apart, and the family of the others."""
    data, held = fit.data, {tuple(row) for row in fit.record["holdout"]}
    numbers = [k for k, span in enumerate(data.spans) if tuple(data.places[span[0]]) in held]
    return numbers, data[[i for k, span in enumerate(data.spans) if k not in numbers for i in span]]


def between_runs(fit) -> Pod:
    """The runs that the network was trained on, linear between neighbours."""
    known = unseen(fit)[1]
    return Pod(known, len(known))


def errors_of_runs(fit) -> pd.DataFrame:
    """Relative l1 error of each run, mean over the fields: of the network, and of the line between its neighbours."""
    data, (numbers, _), rival = fit.data, unseen(fit), between_runs(fit)
    name, rows = next(iter(data.parameters)), []
    for k, span in enumerate(data.spans):
        run = data[span]
        rows.append((run.parameters[name][0], k in numbers, errors(fit.model, run).mean,
                     errors(rival, run).mean if k in numbers else np.nan))
    return pd.DataFrame(rows, columns=[name, "unseen", "network", "between neighbours"]).set_index(name)


def plot_unseen(fit, k: int, t: float, ends: tuple[float, float]) -> Figure:
    """First field of run k near a front: the solver, the network, and the line between the neighbouring runs."""
    data = fit.data
    span = data.spans[k]
    i = span[int(np.abs(data.t[span] - t).argmin())]
    frame, x = data[i], np.linspace(*ends, 400)
    linear = between_runs(fit).predict(data[[i, i + 1]])[0]
    with figure(1, 1, 2.8) as (fig, ((ax,),)):
        fig.set_size_inches(4.6, 2.8)  # both sides of the bore on a phone
        ax.plot(frame.x[:, 0], linear[:, 0], color=BLUE, ls="--", label="linear between the neighbouring runs")
        ax.plot(frame.x[:, 0], frame.u[:, 0], "o", color=BLACK, ms=4, mfc="none", label="PyClaw, a run never seen")
        u = fit.model(x, frame.t, frame.parameters).detach().numpy()
        ax.plot(x, u[0, :, 0], color=RED, label="network")
        (depth,) = frame.parameters.values()
        ax.set(xlim=ends, xlabel="x [m]", ylabel=data.label(data.fields[0]))
        ax.set_title(f"$h_r$ = {depth:g} m, t = {frame.t:g} s")
        ax.legend(loc="upper right")
    return fig


def plot_over_parameter(table: pd.DataFrame) -> Figure:
    """Error of each run over the parameter: trained on, unseen, and unseen between its neighbours."""
    seen, new = table[~table.unseen], table[table.unseen]
    with figure(1, 1, 2.8) as (fig, ((ax,),)):
        fig.set_size_inches(4.6, 2.8)
        ax.semilogy(seen.index, seen.network, "o", color=BLACK, mfc="none", label="network, runs trained on")
        ax.semilogy(new.index, new.network, "o", color=RED, label="network, unseen runs")
        ax.semilogy(new.index, new["between neighbours"], "s", color=BLUE, label="linear between the neighbouring runs")
        ax.set(xlabel="depth beyond the gate $h_r$ [m]", ylabel=r"relative $\ell_1$ error", ylim=(None, 6e-2))
        ax.legend(loc="upper right")
    return fig


def plot_coordinates(model, modes, count: int = 3, values: int = 7) -> Figure:
    """First hypermode coordinates over time, a curve for each of some values of the parameter."""
    t = np.linspace(*model.times, 201)
    ((name, ends),) = model.ranges.items()
    with figure(1, count, 2.4, sharex=True) as (fig, axes):
        for mu in np.linspace(*ends, values):
            c = modes.coordinates(t, mu).detach().numpy()
            colour = plt.get_cmap("viridis")(0.92 * (mu - ends[0]) / (ends[1] - ends[0]))
            for i, ax in enumerate(axes[0]):
                ax.plot(t, c[:, i], color=colour, lw=1.2)
                ax.set(title=f"$c_{i + 1}$", xlabel="t [s]")
        scale = plt.cm.ScalarMappable(plt.Normalize(*ends), plt.get_cmap("viridis"))
        fig.colorbar(scale, ax=axes[0, -1], label="$h_r$ [m]")
    return fig


def sentences(fit, table: pd.DataFrame) -> dict[str, str]:
    """What the page says of a family, with a sentence for each outcome."""
    new, known = table[table.unseen], table[~table.unseen]
    times = new["between neighbours"].mean() / new.network.mean()
    better = f"{times:.1f} times smaller than" if times > 1.1 else f"{1 / times:.1f} times" if times < 0.9 else "about"
    ratio = new.network.mean() / known.network.mean()
    alike = ("This is no more than at the runs that it was trained on" if ratio < 1.1 else
             f"This is {ratio:.1f} times the error at the runs that it was trained on")
    numbers, values = fit.record["parameters"], sum(u.size for u in unseen(fit)[1].u)
    late = [fit.data.u[span[37]][:, 0] for span in fit.data.spans]  # t = 14.8 s
    at = [int(np.abs(np.diff(h[125:])).argmax()) for h in late]  # the right half has the bore alone
    middle = [h[125] for h in late]
    return {
        "minutes": f"{fit.record['seconds'] / 60:.0f}",
        "compared": f"At unseen runs the error of the network is {100 * new.network.mean():.2g} %, {better} that of "
                    "the line between the neighbouring runs, "
                    f"{100 * new['between neighbours'].mean():.2g} %.",
        "seen": f"{alike}, {100 * known.network.mean():.2g} %.",
        "stored": f"The network holds {_digits(numbers)} numbers, the runs that it was trained on {_digits(values)}, "
                  f"{values / numbers:.0f} times as many.",
        "middle": f"{min(middle):.2f} to {max(middle):.2f}", "apart": f"{max(at) - min(at)}",
    }


def _digits(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")
