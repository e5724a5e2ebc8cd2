"""Least possible value of R_ortho, which the figure of a training run shows."""

import pytest
import torch

import lrnrbook as lb
from study.instruments.courses import orthogonality_floor


def test_orthogonality_floor_is_reached_by_descent_and_not_undercut():
    lrnr = lb.LRNR.random((1, 6, 2), lb.Ranks((3, 4), (0, 5))).double()
    optimizer = torch.optim.LBFGS(lrnr.parameters(), max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-15)

    def closure():
        optimizer.zero_grad()
        loss = lb.orthogonality_penalty(lrnr)
        loss.backward()
        return loss

    optimizer.step(closure)
    floor = orthogonality_floor(lrnr)
    assert floor == pytest.approx(2 / 3 + 2 / 8 + 3 / 10)  # V^1 is 1 x 3, U^2 is 2 x 4, B^2 is 2 x 5
    assert float(lb.orthogonality_penalty(lrnr)) == pytest.approx(floor, rel=1e-6)


def test_orthogonality_floor_is_that_of_a_tight_frame_and_zero_where_columns_fit():
    corners = torch.arange(3) * 2 * torch.pi / 3
    frame = torch.stack([corners.cos(), corners.sin()]) * (2 / 3) ** 0.5  # A A^T = I, A^T A a projection
    lrnr = lb.LRNR([lb.FactoredLayer(frame, torch.eye(3), torch.eye(2))])
    assert orthogonality_floor(lrnr) == pytest.approx(1 / 6)
    assert float(lb.orthogonality_penalty(lrnr)) == pytest.approx(1 / 6)
    fits = lb.LRNR.random((4, 8, 5), lb.Ranks((3, 4), (0, 5)))
    assert orthogonality_floor(fits) == 0 and float(lb.orthogonality_penalty(fits)) == pytest.approx(0, abs=1e-10)
