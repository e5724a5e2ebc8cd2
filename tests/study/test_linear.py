"""A moving front: closed forms against singular values, and the network that follows it."""

import numpy as np
import pytest
import torch

from study.linear.figures import plot_decay, plot_gibbs
from study.linear.fronts import best_errors, centres, front, front_network, needed, project, step_errors


def test_the_closed_form_is_what_singular_values_give():
    x = centres(1500)
    errors = best_errors(np.linalg.svd(front(x, x), compute_uv=False))
    assert np.allclose(errors[:60], step_errors(np.arange(60)), rtol=1e-2)
    assert step_errors(400) / step_errors(100) == pytest.approx(0.5, rel=1e-3)


def test_no_other_space_of_the_same_dimension_does_better():
    x, rng = centres(200), np.random.default_rng(0)
    frames = front(x, x)
    size, best = np.linalg.norm(frames), best_errors(np.linalg.svd(frames, compute_uv=False))[8]
    assert np.linalg.norm(frames - project(frames, 8)) / size == pytest.approx(best)
    cosines = np.cos(np.pi * np.arange(8)[:, None] * x)
    for basis in (rng.standard_normal((8, 200)), cosines, frames[::25]):
        q = np.linalg.qr(basis.T)[0]
        assert np.linalg.norm(frames - frames @ q @ q.T) / size >= best


def test_smooth_fronts_decay_faster_and_dimensions_are_counted():
    x = centres(400)
    counts = [needed(best_errors(np.linalg.svd(front(x, x, w), compute_uv=False)), 0.01) for w in (0.2, 0.1, 0.05)]
    assert counts == sorted(counts) and counts[0] < 12 and needed(step_errors(np.arange(50)), 0.01) is None


def test_the_network_is_the_front_and_one_coefficient_moves_it():
    x, t = centres(300), np.array([0.2, 0.55])
    s = torch.tensor([[1.0, float(at), 1.0, 1.0] for at in t])
    u = front_network(0.02)(torch.as_tensor(x, dtype=torch.float32)[:, None], s)[..., 0]
    assert np.allclose(u.detach(), front(x, t, 0.02), atol=1e-5)


def test_figures_show_every_line():
    fig = plot_gibbs(counts=(2, 5), points=200)
    assert [len(ax.lines) for ax in fig.axes] == [2, 2] and fig.axes[1].lines[1].get_ydata().max() > 1.05
    left, right = plot_decay({"euler": [3.0, 2.0, 1.0], "burgers": [3.0, 1.0, 0.5]}, points=300).axes
    assert (len(left.lines), len(right.lines)) == (5, 3)
