"""What a fit is worth: errors drawn, rivals beside it, and a page that shows them."""

from __future__ import annotations

import base64
import io
import time
from html import escape
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lrnrbook.data import WaveData
from lrnrbook.evaluation import errors
from lrnrbook.files import write_atomically
from lrnrbook.layers import FactoredLayer
from lrnrbook.modes import Pod, hypermodes
from lrnrbook.plots import BLUE, RED, draw_field, figure, moment
from lrnrbook.truncation import truncate
from lrnrbook.widget import explorer, own, static


def _apart(data: WaveData, record: dict) -> np.ndarray:
    """Which frames of the data a run has kept apart (T,)."""
    held = np.reshape(record.get("holdout", []), (-1, data.places.shape[1]))
    return (data.places[:, None] == held).all(-1).any(1)


def compare(data: WaveData, fit) -> pd.DataFrame:
    """Network, POD with coefficients linear in time, and frames linear in time at the frames kept apart, a row each.

    Of a family, linear in the parameters too: see `Pod`. Of ``final=True``, the error is that of the network before.
    POD has as few of 1, 2, 4, ... modes as come within a tenth of its least error. Columns are the relative l1 error
    (mean over the fields), numbers stored, milliseconds a frame; ``.attrs["answer"]`` says which to use.

    Raises ValueError if the fit has kept no times apart, or is one of other data.

    Parameters
    ----------
    data : WaveData: as `fit` was called with; points that change in time need areas, as `Pod` does
    fit : Fit: with a holdout
    """
    record = fit.record.get("before", fit.record)
    held = _apart(data.loaded(), record)
    if held.sum() < 2:
        raise ValueError("no times of the data were kept apart in the fit: expected one with holdout='auto'")
    known, unseen = (data[np.flatnonzero(which).tolist()] for which in (~held, held))
    if known.sha256 != record["data"]["sha256"]:
        raise ValueError(f"the fit is one of {record['data']}: expected the data that it was called with")
    pod = Pod(known, len(known))
    off = {k: errors(pod.first(k), unseen).mean for k in (2**j for j in range(12)) if k < len(known)}
    modes = min(k for k in off if off[k] <= 1.1 * min(off.values()))
    try:
        small = truncate(fit.model, 5e-5)[0]
    except ValueError:  # of dense layers, or of one that would be left without a weight
        small = fit.model
    rivals = {"network": fit.model, "truncated": small, f"POD, {modes} modes": pod.first(modes), "linear": pod}
    rows = []
    for model in rivals.values():
        numbers = model.parameters if isinstance(model, Pod) else sum(p.numel() for p in model.parameters())
        begun = time.perf_counter()
        model.predict(unseen)
        rows.append((1e3 * (time.perf_counter() - begun) / len(unseen), numbers, errors(model, unseen).mean))
    table = pd.DataFrame(rows, list(rivals), ["ms a frame", "numbers stored", "held-out error"]).iloc[:, ::-1]
    table.loc["linear", "numbers stored"] = sum(u.size for u in known.u)
    before = " The network's error is that of the one before: this one has seen all frames."
    if record is not fit.record:
        table.iloc[:2, 0] = np.mean([row["points"] for row in record["errors"]["heldout"]["q1"].values()]), np.nan
    (best, better), (error, other) = sorted(zip(table.iloc[[0, 2], 0], ("the network", "POD"), strict=True))
    times = f"{error / max(best, 1e-30):.3g}"
    answer = (f"Use {better}: the error between frames is {times} times smaller than that of {other}."
              if error > 1.1 * best else "Use what stores less: network and POD are equally far off.")
    table.attrs["answer"] = answer + before * (record is not fit.record)
    return table


def plot_errors(fit, data: WaveData) -> Figure:
    """Errors of a fit in shares of a field's mean magnitude, over time and space, and the worst frame kept apart."""
    held, values = _apart(data.loaded(), fit.record), [v.numpy() for v in fit.model.predict(data)]
    held, label = (held, "kept apart") if held.any() else (~held, "samples")
    off = [np.abs(v - u) for v, u in zip(values, data.u, strict=True)]
    size = np.mean([np.abs(u - (fit.model.normalisation.shift or 0)).mean(0) for u in data.u], axis=0)
    over_time = np.stack([a.mean(0) for a in off]) / size  # (T, m)
    k = int(np.where(held, over_time.mean(1), -1).argmax())
    over_space = (np.mean(off, axis=0) if data.shared else off[k]) / size  # (P, m)
    with figure(len(data.fields), 3, 0.5 + 2.0 * len(data.fields)) as (fig, axes):
        for j, (row, field) in enumerate(zip(axes, data.fields, strict=True)):
            for span in data.spans:
                row[0].semilogy(data.t[span], over_time[span, j], color=BLUE, lw=1.3 if len(data.spans) == 1 else 0.5)
            row[0].semilogy(data.t[held], over_time[held, j], "o", ms=3, color=RED, label=label)
            row[0].set(xlabel=data.axis_labels[0], ylabel="relative error", title=f"{field}: over time")
            row[1].set(title="over space", yscale="log" if data.dim == 1 else "linear")
            draw_field(row[1], data.x[k], over_space[:, j], data.axis_labels)
            row[2].set_title(f"worst frame, {moment(data.t[k], data[k].parameters)}", wrap=True)
            for u, label in ((data.u[k], "data"), (values[k], "network")) if data.dim == 1 else ((off[k], ""),):
                draw_field(row[2], data.x[k], u[:, j], data.axis_labels, label)
        for ax in axes[0, :: 2 if data.dim == 1 else 3]:
            ax.legend()
    return fig


def report(fit, path: str | Path) -> Path:
    """Write a page on a `Fit` with a holdout, which loads nothing: errors, `compare`, explorer, history, recipe."""
    data, model, table = fit.data, fit.model, compare(fit.data, fit)
    shown = data if data.dim < 3 else None  # the explorer draws a plane of three dimensions, without data
    waves = explorer(model, data=shown).html() if isinstance(model.lrnr.layers[0], FactoredLayer) else ""
    figures = {"waves": data.plot(), "history": fit.plot(), "errors": plot_errors(fit, data)}
    texts = {"title": data.name, "data": repr(data), "fit": repr(fit), "model": repr(model),
             "answer": table.attrs["answer"],
             "mu": ", mu" if model.ranges else "", "modes": str(hypermodes(model).count())}
    tables = {"rivals": table, "recipe": pd.Series(fit.record["recipe"]).to_frame("value")}
    parts = {name: _address(fig) for name, fig in figures.items()} | {name: escape(s) for name, s in texts.items()}
    parts |= {name: part.to_html(border=0, float_format="{:.3g}".format, na_rep="") for name, part in tables.items()}
    page = Template(static("report.html").decode()).substitute(parts | {"explorer": waves, "own": own(waves)})
    return write_atomically(path, lambda temporary: temporary.write_text(page, "utf-8"))


def _address(figure) -> str:
    """Address of an image that holds the image itself."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()
