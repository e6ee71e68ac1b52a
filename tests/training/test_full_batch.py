from __future__ import annotations

import math

import numpy as np
import pytest

from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.losses import LOSSES
from chainrule.engine.network import loss_and_gradient
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import Penalty, PenaltyPerSample
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.training.full_batch import FullBatch, lbfgs
from chainrule.training.source import Source

N = 25


@pytest.fixture(params=[4, 25, 1000], autouse=True)
def rows(request, monkeypatch):
    """Run every test with several batches, with one, and with room for more."""
    monkeypatch.setattr("chainrule.training.full_batch.ROWS", request.param)


def problem(loss="softmax_cross_entropy", weighted=False, seed=0):
    """Return (parameters, X, y, weight), the first four weights 0 if there are any."""
    rng = np.random.default_rng(seed)
    spec = NetworkSpec.of([2, 5, 3], "tanh", loss, dtype="float64")
    params = Parameters(spec).initialize(INITIALIZERS["glorot_normal"], rng)
    y = rng.integers(0, 3, N) if spec.loss.takes_classes else rng.uniform(0, 1, (N, 3))
    weight = np.r_[np.zeros(4), rng.uniform(0.5, 2, N - 4)] if weighted else None
    return params, rng.normal(size=(N, 2)), y, weight


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("penalty", [Penalty(0.1, 0.2), PenaltyPerSample(0.1, 0.2)])
def test_it_is_the_loss_of_one_batch_of_everything(loss, weighted, penalty):
    params, X, y, weight = problem(loss, weighted)
    work, wanted = Workspace(params.spec, N), Parameters(params.spec)
    work.x[:] = X
    value = loss_and_gradient(params, work, y, wanted, weight=weight)
    samples = N if weight is None else weight.sum()
    value += penalty.add(params, wanted, np.empty_like(params.weights), samples)
    objective = FullBatch(params, Source(X, y, weight=weight), penalty)
    for _ in range(2):  # nothing is left over from the first call
        assert math.isclose(objective(), value, rel_tol=1e-12)
        np.testing.assert_allclose(objective.gradient.flat, wanted.flat, rtol=1e-9, atol=1e-14)


def test_its_gradient_is_the_slope_of_its_value(rng):
    params, X, y, weight = problem("squared", weighted=True)
    source = Source(X, y, weight=weight)
    objective = FullBatch(params, source, PenaltyPerSample(l2=0.7), loss_scale=0.25)
    objective()
    gradient, h = objective.gradient.flat.copy(), 1e-6
    for _ in range(10):
        d = rng.normal(size=gradient.size)
        params.flat += h * d
        up = objective()
        params.flat -= 2 * h * d
        down = objective()
        params.flat += h * d
        assert math.isclose((up - down) / (2 * h), gradient @ d, rel_tol=1e-6, abs_tol=1e-9)


def test_the_scale_is_of_the_loss_and_not_of_the_penalty():
    params, X, y, _ = problem()
    values = [
        FullBatch(params, Source(X, y), Penalty(l2=strength), scale)()
        for strength, scale in ((0.0, 1.0), (0.3, 0.25))
    ]
    wanted = 0.25 * values[0] + 0.15 * (params.weights**2).sum()
    assert math.isclose(values[1], wanted, rel_tol=1e-12)


@pytest.mark.parametrize("penalty", [Penalty(0.1, 0.2), PenaltyPerSample(0.1, 0.2)])
def test_the_penalty_s_value_is_what_it_adds(penalty):
    params, X, y, weight = problem(weighted=True)
    source = Source(X, y, weight=weight)
    without, objective = FullBatch(params, source, Penalty()), FullBatch(params, source, penalty)
    added = objective() - without()
    gradient = objective.gradient.flat.copy()
    assert math.isclose(objective.penalty_value(), added, rel_tol=1e-9)
    np.testing.assert_array_equal(objective.gradient.flat, gradient)


def test_only_the_source_s_rows_count():
    params, X, y, weight = problem(weighted=True)
    rows = np.array([20, 3, 5, 11, 7, 1])
    part = FullBatch(params, Source(X, y, weight=weight, rows=rows), PenaltyPerSample(l2=1.0))
    whole = FullBatch(params, Source(X[rows], y[rows], weight=weight[rows]), PenaltyPerSample(l2=1))
    assert part() == whole()


def test_what_is_too_large_is_in_the_value_and_no_warning():
    params, X, y, _ = problem("squared")
    assert not math.isfinite(FullBatch(params, Source(X + np.inf, y), Penalty(0.1, 0.1))())
    params.flat[:] = 1e200
    assert not math.isfinite(FullBatch(params, Source(X, y), Penalty(0.1, 0.1))())


def minimised(**changes):
    params, X, y, _ = problem("squared")
    objective = FullBatch(params, Source(X, y), PenaltyPerSample(l2=1.0))
    seen, first = [], objective()
    settings = {"max_iter": 500, "max_fun": 5000, "tol": 1e-6} | changes

    def after_iteration(value):
        seen.append((value, params.flat.copy()))

    result = lbfgs(objective, after_iteration=after_iteration, **settings)
    return objective, result, seen, first


def test_l_bfgs_goes_down_to_where_the_gradient_is_nothing():
    objective, result, seen, first = minimised(tol=1e-4)
    assert result.status == 0
    value = objective()
    assert np.abs(objective.gradient.flat).max() <= 1e-4
    assert value == result.fun < first / 2
    np.testing.assert_array_equal(objective.params.flat, result.x)
    values = [value for value, _ in seen]
    assert values == sorted(values, reverse=True)
    assert len(seen) == result.nit


def test_after_an_iteration_the_parameters_are_its_own():
    objective, _, seen, _ = minimised(max_iter=8)
    for value, flat in seen:
        objective.params.flat[:] = flat
        assert objective() == value


@pytest.mark.parametrize("limit", [{"max_iter": 3}, {"max_fun": 4}])
def test_l_bfgs_stops_at_its_limits(limit):
    _, result, seen, _ = minimised(**limit)
    assert result.status == 1
    if "max_iter" in limit:
        assert result.nit == len(seen) == 3
    else:
        assert result.nfev < 30


def test_a_larger_tolerance_is_reached_sooner():
    nearer, later, _, _ = minimised(tol=1e-4)
    objective, sooner, _, _ = minimised(tol=1e-2)
    assert sooner.nit < later.nit
    assert nearer() < objective()
    assert 1e-4 < np.abs(objective.gradient.flat).max() <= 1e-2
