from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.engine.activations import ACTIVATIONS
from chainrule.engine.losses import LOSSES
from chainrule.engine.network import forward, loss_and_gradient, quiet
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.errors import InvalidValueError


def build(spec, n, rng):
    """Return (params, workspace with a batch, targets), all drawn."""
    params = Parameters(spec)
    params.flat[:] = rng.normal(0, 0.7, params.flat.size)
    work = Workspace(spec, n)
    work.x[:] = rng.normal(size=work.x.shape)
    k = spec.layer_sizes[-1]
    y = rng.integers(0, k, n) if spec.loss.takes_classes else rng.uniform(0, 1, (n, k))
    return params, work, y


architectures = st.builds(
    lambda sizes, activation, loss, dropout: NetworkSpec.of(
        sizes, activation, loss, dropout=dropout, dtype="float64"
    ),
    st.lists(st.integers(1, 6), min_size=2, max_size=5),
    st.sampled_from(list(ACTIVATIONS)),
    st.sampled_from(list(LOSSES)),
    st.sampled_from([0.0, 0.4]),
)


@settings(max_examples=300)
@given(
    spec=architectures,
    n=st.integers(1, 6),
    weighted=st.booleans(),
    training=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_gradient_is_the_slope_of_the_loss(spec, n, weighted, training, seed):
    rng = np.random.default_rng(seed)
    params, work, y = build(spec, n, rng)
    weight = rng.uniform(0.1, 2, n) if weighted else None
    gradient, unused = Parameters(spec), Parameters(spec)

    def loss(flat, into):
        masks = np.random.default_rng(seed) if training else None  # the same masks each time
        return loss_and_gradient(Parameters(spec, flat), work, y, into, weight=weight, rng=masks)

    loss(params.flat, gradient)
    direction = rng.normal(size=params.flat.size)
    direction /= np.linalg.norm(direction)
    h = 1e-6
    up, down = loss(params.flat + h * direction, unused), loss(params.flat - h * direction, unused)
    measured, computed = (up - down) / (2 * h), float(gradient.flat @ direction)
    assert math.isclose(measured, computed, rel_tol=1e-5, abs_tol=1e-7 * (1 + abs(up))), (
        f"measured {measured!r}, computed {computed!r}"
    )


def test_forward_is_what_the_formulas_say(rng):
    spec = NetworkSpec.of([3, 4, 2], "tanh", "squared", dtype="float64")
    params, work, _ = build(spec, 5, rng)
    raw = forward(params, work)
    wanted = np.tanh(work.x @ params.W[0] + params.b[0]) @ params.W[1] + params.b[1]
    np.testing.assert_allclose(raw, wanted, rtol=1e-13)
    assert raw is work.z[-1]


def test_no_hidden_layer_is_a_linear_model(rng):
    spec = NetworkSpec.of([3, 2], loss="squared", dtype="float64")
    params, work, y = build(spec, 5, rng)
    gradient = Parameters(spec)
    value = loss_and_gradient(params, work, y, gradient)
    residual = work.x @ params.W[0] + params.b[0] - y
    assert math.isclose(value, 0.5 * (residual**2).sum() / 5)
    np.testing.assert_allclose(gradient.W[0], work.x.T @ residual / 5)
    np.testing.assert_allclose(gradient.b[0], residual.mean(axis=0))


def test_a_batch_is_the_mean_of_its_samples(rng):
    spec = NetworkSpec.of([3, 4, 2], "gelu", dtype="float64")
    params, work, y = build(spec, 5, rng)
    gradient, one, total = Parameters(spec), Parameters(spec), np.zeros(spec.n_parameters)
    value, X = loss_and_gradient(params, work, y, gradient), work.x.copy()
    values, single = [], Workspace(spec, 1)
    for i in range(5):
        single.x[:] = X[i]
        values.append(loss_and_gradient(params, single, y[i : i + 1], one))
        total += one.flat
    assert math.isclose(value, math.fsum(values) / 5)
    np.testing.assert_allclose(gradient.flat, total / 5, atol=1e-15)


def test_the_gradient_is_overwritten_not_added_to(rng):
    spec = NetworkSpec.of([3, 4, 2], dtype="float64")
    params, work, y = build(spec, 5, rng)
    clean, dirty = Parameters(spec), Parameters(spec, np.full(spec.n_parameters, np.nan))
    loss_and_gradient(params, work, y, clean)
    loss_and_gradient(params, work, y, dirty)
    np.testing.assert_array_equal(clean.flat, dirty.flat)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_dropout_drops_its_share_and_keeps_the_mean(activation, rng):
    spec = NetworkSpec((1, 2000, 1), (ACTIVATIONS[activation],), LOSSES["squared"], (0.0, 0.25))
    params, work = Parameters(spec), Workspace(spec, 50)
    params.b[0][:] = 1
    work.x[:] = 0
    forward(params, work, rng)
    kept = work.inputs[1] != 0
    # Five standard deviations of a share of 100,000 draws.
    assert abs(kept.mean() - 0.75) < 5 * math.sqrt(0.25 * 0.75 / kept.size)
    np.testing.assert_allclose(work.inputs[1][kept], work.a[0][kept] / 0.75, rtol=1e-6)


def test_dropout_of_the_input(rng):
    spec = NetworkSpec((400, 1), (), LOSSES["squared"], (0.5,))
    params, work = Parameters(spec), Workspace(spec, 10)
    work.x[:] = 3
    forward(params, work, rng)
    assert set(np.unique(work.inputs[0])) == {0, 6}
    assert (work.x == 3).all()


def test_nothing_is_dropped_without_a_generator(rng):
    dropped = NetworkSpec.of([3, 4, 2], dropout=0.5)
    params, work, _ = build(dropped, 5, rng)
    plain = Workspace(NetworkSpec.of([3, 4, 2]), 5)
    plain.x[:] = work.x
    np.testing.assert_array_equal(forward(params, work), forward(params, plain))


def test_another_step_draws_another_mask(rng):
    spec = NetworkSpec.of([3, 50, 2], dropout=0.5)
    params, work, _ = build(spec, 5, rng)
    forward(params, work, rng)
    first = work.masks[1].copy()
    forward(params, work, rng)
    assert not np.array_equal(first, work.masks[1])


@pytest.mark.parametrize("loss", list(LOSSES))
def test_overflow_is_reported_by_the_value_and_not_by_a_warning(loss, rng):
    spec = NetworkSpec.of([3, 4, 4, 2], "relu", loss)
    params, work, y = build(spec, 5, rng)
    y = y if spec.loss.takes_classes else y.astype(np.float32)
    params.flat *= 1e30
    with quiet():
        value = loss_and_gradient(params, work, y, Parameters(spec))
    assert not math.isfinite(value)


def test_allocates_no_array(rng, peak_bytes, cast_buffers):
    spec = NetworkSpec.of([200, 300, 300, 10], "gelu", dropout=0.5)
    params, work, y = build(spec, 500, rng)
    gradient = Parameters(spec)
    used = peak_bytes(lambda: loss_and_gradient(params, work, y, gradient, rng=rng))
    assert used < work.z[0].nbytes / 8 + cast_buffers


Y = {"softmax_cross_entropy": np.array([0, 2, 1]), "squared": np.ones((3, 3))}


@pytest.mark.parametrize(
    ("loss", "changes"),
    [
        ("squared", {"y": np.ones(3)}),  # NumPy would take it for a row
        ("squared", {"y": np.ones((1, 3))}),
        ("squared", {"y": np.ones((3, 1))}),
        ("squared", {"y": np.ones((3, 3)).tolist()}),
        ("softmax_cross_entropy", {"y": np.array([0, -1, 1])}),  # NumPy counts from the end
        ("softmax_cross_entropy", {"y": np.array([0, 3, 1])}),
        ("softmax_cross_entropy", {"y": np.array([0.0, 2, 1])}),
        ("softmax_cross_entropy", {"y": np.eye(3, dtype=int)}),
        ("squared", {"weight": np.ones((3, 1))}),
        ("squared", {"weight": np.ones(1)}),
        ("squared", {"gradient": Parameters(NetworkSpec.of([4, 3]))}),
        ("squared", {"work": Workspace(NetworkSpec.of([4, 5, 3], "tanh", "absolute"), 3)}),
    ],
)
def test_refuses_what_does_not_belong_together(loss, changes):
    spec = NetworkSpec.of([4, 5, 3], "tanh", loss)
    given = {"params": Parameters(spec), "work": Workspace(spec, 3), "y": Y[loss]}
    given["gradient"] = Parameters(spec)
    given["work"].x[...] = 1
    loss_and_gradient(**given)
    with pytest.raises(InvalidValueError):
        loss_and_gradient(**{**given, **changes})
