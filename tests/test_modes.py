"""Hypermode coordinates, the reduced hypernetwork, and how regular coefficients are."""

import dataclasses

import numpy as np
import pytest
import torch
from examples import family, ragged_bump, travelling_bump

import lrnrbook as lb
from lrnrbook.trainer import new_model
from lrnrbook.training import apart
from lrnrbook.truncation import column_norms
from study.instruments.smoothness import chebyshev_residual, line_r2, smooth
from study.instruments.states import dimension


@pytest.fixture(scope="module")
def modes():
    return lb.hypermodes(lb.load_pretrained("euler", "page").double())


def test_all_coordinates_give_the_model_back(modes):
    x, t = np.linspace(0, 1, 30), [0.0, 0.0123, 0.038]
    with torch.no_grad():
        u, v = modes.model(x, t), modes.evaluate(x, modes.coordinates(t))
    assert torch.allclose(u, v, rtol=1e-9, atol=1e-6)


def test_coordinates_at_the_snapshots_are_the_temporal_modes(modes):
    c = modes.coordinates(modes.times).detach().numpy()
    assert np.allclose(c, modes.temporal * modes.singular_values, atol=1e-9 * modes.singular_values[0])


def test_a_step_along_a_mode_changes_only_its_coordinate(modes):
    c = torch.zeros(1, 4, dtype=torch.float64)
    c[0, 2] = 0.7
    norms = modes.coefficients(c) * modes._norms(c)
    found = (norms @ torch.as_tensor(modes.basis))[0]
    assert torch.allclose(found[:4], c[0]) and found[4:].abs().max() < 1e-9


def test_the_reduced_hypernetwork_is_a_projection(modes):
    few, all_modes = modes.reduced(2), modes.reduced(modes.basis.shape[1])
    t = np.linspace(0, 0.038, 50)
    with torch.no_grad():
        s = few.coefficients(t) * modes._norms(few.coefficients(t))
        assert torch.linalg.matrix_rank(s, rtol=1e-9) == 2
        assert torch.allclose(all_modes.coefficients(t), modes.model.coefficients(t), atol=1e-9)
    errors = [lb.errors(modes.reduced(k), lb.load_data("euler")[::20]).mean for k in (2, 6, modes.count())]
    assert errors[0] > errors[1] > errors[2]
    assert modes.model.hyper is not few.hyper and few.lrnr is modes.model.lrnr


def test_wrong_numbers_of_modes_are_named(modes):
    with pytest.raises(ValueError, match="count = 0"):
        modes.reduced(0)
    with pytest.raises(ValueError, match="1000"):
        modes.coefficients(np.zeros((1, 1000)))


def test_polynomials_are_recognised_by_their_degree():
    t = np.linspace(2, 5, 200)
    values = np.stack([t, t**2, np.abs(t - 3)], 1)
    assert np.abs(chebyshev_residual(t, values, 1)[:, 0]).max() < 1e-12
    assert np.abs(chebyshev_residual(t, values, 2)[:, 1]).max() < 1e-12
    r2 = line_r2(t, values)
    assert r2[0] > 1 - 1e-12 and r2[1] < 1 - 1e-3
    assert smooth(t, values) == pytest.approx(2 / 3)
    wiggle = np.cos(11 * np.arccos(np.clip(2 * np.linspace(0, 1, 201) - 1, -1, 1)))  # what degree 10 misses
    line = np.linspace(0, 1, 201)
    assert line_r2(line, wiggle[:, None])[0] < 0.1 and line_r2(line, line[:, None])[0] == pytest.approx(1)
    assert [smooth(line, (line + a * wiggle)[:, None]) for a in (0.002, 0.04)] == [1, 0]


def test_hidden_states_are_those_of_the_network(modes):
    model, x, t = modes.model, np.array([[0.1], [0.6], [0.9]]), [0.0, 0.01, 0.02, 0.03]
    states = model.states(x, model.coefficients(t))
    last, (s1, s2) = model.lrnr.layers[-1], model.lrnr.split(model.coefficients(t))[-1]
    u = last(states[-1], s1, s2) * model.tensor(model.normalisation.scale)
    assert torch.allclose(u, model(x, t))
    assert (dimension(states[0], 1e-3) <= 4).all() and (dimension(states[0], 1e-3) >= 1).all()


def test_a_coordinate_is_positive_where_it_is_farthest_from_its_start(modes):
    c = modes.temporal - modes.temporal[:1]
    assert (c[np.abs(c).argmax(0), np.arange(c.shape[1])] > 0).all()


def test_modes_of_ragged_data_give_them_back_in_any_domain():
    data = lb.load_data("acoustics")[::40]  # on [-1, 1]^2
    assert lb.errors(lb.Pod(data, 3), data)["pressure"] < 1e-6 < 0.1 < lb.errors(lb.Pod(data, 1), data)["pressure"]


def test_modes_of_a_family_are_those_of_times_and_parameters():
    model = new_model(family(), lb.get_recipe("smoke")).double()
    modes = lb.hypermodes(model, np.tile([0.1, 0.7], 3), np.repeat([0.2, 0.5, 1.1], 2))
    s = model.coefficients(modes.times, modes.mu).detach() * column_norms(model.lrnr)
    assert np.allclose(modes.basis * modes.singular_values @ modes.temporal.T, s.T.detach(), atol=1e-12)
    whole = lb.hypermodes(model)
    assert set(whole.mu[:, 0].round(9)) >= {0.2, 0.65, 1.1} and len(whole.times) == len(whole.mu) == 801 * 10
    u, v = model([0.3, 0.4], 0.33, 0.77), whole.evaluate([0.3, 0.4], whole.coordinates(0.33, 0.77))
    assert torch.allclose(u, v, atol=1e-9)
    small, _ = lb.truncate(model, 1e-12)
    assert torch.allclose(small([0.3, 0.4], 0.33, 0.77), u)
    assert torch.allclose(lb.unit_columns(model)([0.3, 0.4], 0.33, {"speed": 0.77}), u)


def test_between_runs_of_a_family_coefficients_are_linear_too():
    data = family()
    pod = lb.Pod(data, 60)
    assert lb.errors(pod, data).mean < 1e-6
    rows = {speed: data.u[span[3]] for speed, span in zip((0.2, 0.5, 0.4, 0.8, 1.1), data.spans, strict=True)}
    between = lb.WaveData.from_arrays([data.t[3], data.t[4]], data.x[0], np.zeros((2, 60)), ["height"],
                                      parameters={"speed": [0.6, 0.6]})
    found = pod.predict(between)
    assert np.allclose(found[0], (2 * rows[0.5] + rows[0.8]) / 3, atol=1e-6)
    low = pod.predict(dataclasses.replace(between, parameters={"speed": np.array([0.1, 0.1])}))[0]
    assert np.allclose(low, rows[0.2], atol=1e-6)  # beyond all runs the nearest one


def test_pod_of_a_field_far_from_zero_is_judged_by_its_changes():
    data = travelling_bump()
    far = lb.WaveData.from_arrays(data.t, data.x[0], [1000 + u for u in data.u])
    near, same = lb.Pod(data, 4), lb.Pod(far, 5)
    assert same.normalisation.shift and np.allclose(same.predict(far[:2])[0], far.u[0], atol=0.2)
    assert 0.1 < lb.errors(same, far).mean / lb.errors(near, data).mean < 2
    quiet = dataclasses.replace(data, u=tuple(0 * u for u in data.u))
    assert not lb.Pod(quiet, 2).predict(quiet)[0].any()


def test_between_runs_pod_knows_no_units_of_parameters():
    data = family()
    errors = []
    for factor in (1.0, 1000.0):
        runs = dataclasses.replace(data, parameters={"speed": data.parameters["speed"], "rho": factor * np.repeat(
            [1.0, 3.0, 2.0, 1.0, 2.0], 17)})
        rest, held = apart(runs, [2])
        errors.append(lb.errors(lb.Pod(rest, 60), held).mean)
    assert errors[0] == pytest.approx(errors[1], rel=1e-6)


def test_pod_refuses_points_that_move_and_have_no_areas():
    with pytest.raises(ValueError, match="the points change in time: POD needs fixed ones, or cells with areas in 2d"):
        lb.Pod(ragged_bump(), 2)
