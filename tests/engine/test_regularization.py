from __future__ import annotations

import math

import numpy as np
import pytest

from chainrule.engine.network import quiet
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import ClipByNorm, ClipByValue, Penalty, PenaltyPerSample
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError

from ..parts import BACKENDS, CLIPS, PENALTIES

SPEC = NetworkSpec.of([4, 3, 2], dtype="float64")
HUGE = float(np.finfo(np.float32).max)


@pytest.fixture(params=BACKENDS)
def add(request):
    """What adds a penalty's derivative to a gradient, and returns the penalty."""
    return PENALTIES[request.param]


@pytest.fixture
def apply(add):
    """Return (value, gradient) of a penalty alone."""

    def measure(penalty, flat, *samples):
        gradient = Parameters(SPEC)
        return add(penalty, Parameters(SPEC, flat), gradient, *samples), gradient.flat

    return measure


@pytest.fixture(params=BACKENDS)
def clip(request):
    """What clips a gradient in place."""
    return CLIPS[request.param]


@pytest.mark.parametrize("kind", [Penalty, PenaltyPerSample])
@pytest.mark.parametrize("strength", [(0, 0), (0.3, 0), (0, 0.7), (0.2, 2)])
@pytest.mark.parametrize("samples", [1, 7, 0.3])
def test_penalty_s_gradient_is_the_slope_of_its_value(apply, kind, strength, samples, rng):
    penalty = kind(*strength)
    flat, h = rng.normal(size=SPEC.n_parameters), 1e-6
    _, gradient = apply(penalty, flat, samples)
    for _ in range(10):
        d = rng.normal(size=flat.size)
        up = apply(penalty, flat + h * d, samples)[0]
        down = apply(penalty, flat - h * d, samples)[0]
        assert math.isclose((up - down) / (2 * h), gradient @ d, rel_tol=1e-7, abs_tol=1e-9)


def test_penalty_is_the_formula_and_leaves_biases_alone(apply, rng):
    flat = rng.normal(size=SPEC.n_parameters)
    w = flat[: SPEC.n_weights]
    value, gradient = apply(Penalty(l1=0.3, l2=0.7), flat)
    assert math.isclose(value, 0.35 * (w**2).sum() + 0.3 * np.abs(w).sum())
    assert not gradient[SPEC.n_weights :].any()


@pytest.mark.parametrize("size", [1e17, 1e25, 1e37])
def test_a_penalty_of_weights_whose_squares_leave_float32_is_their_sum(add, size, rng):
    spec = NetworkSpec.of([80, 60, 2], dtype="float32")
    params = Parameters(spec, (size * rng.normal(size=spec.n_parameters)).astype(np.float32))
    with quiet():
        value = add(Penalty(l2=0.5), params, Parameters(spec))
    squares = params.weights.astype(np.float64) ** 2
    assert math.isclose(value, 0.25 * squares.sum(), rel_tol=1e-5)


@pytest.mark.parametrize("samples", [1, 13, 2.5])
def test_a_penalty_per_sample_is_divided_by_the_samples_and_the_other_is_not(apply, samples, rng):
    flat = rng.normal(size=SPEC.n_parameters)
    value, gradient = apply(Penalty(l1=0.3, l2=0.7), flat)
    whole = apply(Penalty(l1=0.3, l2=0.7), flat, samples)
    assert whole[0] == value
    np.testing.assert_array_equal(whole[1], gradient)
    shared = apply(PenaltyPerSample(l1=0.3, l2=0.7), flat, samples)
    assert math.isclose(shared[0], value / samples)
    np.testing.assert_allclose(shared[1], gradient / samples)


@pytest.mark.parametrize("kind", [Penalty, PenaltyPerSample])
def test_without_a_number_of_samples_there_is_one(apply, kind, rng):
    flat = rng.normal(size=SPEC.n_parameters)
    assert apply(kind(0.3, 0.7), flat)[0] == apply(kind(0.3, 0.7), flat, 1)[0] > 0


@pytest.mark.parametrize("samples", [1, 20, 7.25])
def test_a_penalty_per_sample_is_scikit_learn_s_alpha(apply, samples, rng):
    # _backprop adds (0.5 * alpha) * values / sw_sum, and _compute_loss_grad alpha * coef / sw_sum.
    flat, alpha = rng.normal(size=SPEC.n_parameters), 0.3
    w = flat[: SPEC.n_weights]
    value, gradient = apply(PenaltyPerSample(l2=alpha), flat, samples)
    assert math.isclose(value, 0.5 * alpha * np.dot(w, w) / samples, rel_tol=1e-14)
    np.testing.assert_allclose(gradient[: SPEC.n_weights], alpha * w / samples, rtol=1e-14)


def test_the_two_penalties_are_not_equal():
    assert Penalty(0.1, 0.2) != PenaltyPerSample(0.1, 0.2)
    assert PenaltyPerSample(0.1, 0.2) == PenaltyPerSample(0.1, 0.2)


@pytest.mark.parametrize("kind", [Penalty, PenaltyPerSample])
def test_penalty_adds_to_the_gradient(add, kind):
    gradient = Parameters(SPEC, np.ones(SPEC.n_parameters))
    params = Parameters(SPEC, np.full(SPEC.n_parameters, 2.0))
    add(kind(l1=0.5, l2=1.5), params, gradient)
    np.testing.assert_allclose(gradient.weights, 1 + 0.5 + 3.0)
    assert (gradient.flat[SPEC.n_weights :] == 1).all()


@pytest.mark.parametrize("kind", [Penalty, PenaltyPerSample])
@pytest.mark.parametrize("samples", [1, 1e-300])
def test_penalty_on_huge_weights_raises_no_warning(add, kind, samples):
    spec = NetworkSpec.of([4, 3, 2])
    params = Parameters(spec, np.full(spec.n_parameters, HUGE, np.float32))
    gradient = Parameters(spec, np.full(spec.n_parameters, -np.inf, np.float32))
    with quiet():
        add(kind(l1=9, l2=9), params, gradient, samples)
    # NaN where 9 · HUGE is rounded to inf before it meets -inf, -inf where it is not.
    assert not np.isfinite(gradient.weights).any()


@pytest.mark.parametrize("kind", [Penalty, PenaltyPerSample])
@pytest.mark.parametrize("name", ["l1", "l2"])
@pytest.mark.parametrize("value", [-1.0, math.inf, math.nan])
def test_penalty_refuses_what_it_cannot_be(kind, name, value, message_of):
    message = message_of(InvalidValueError, kind, **{name: value})
    assert message == f"{name} must be at least 0 and finite, got {value}: 0 means no penalty"


def test_clip_by_value_bounds_each_component(clip):
    g = np.array([-3.0, -0.5, 0.0, 1.0, 7.0])
    clip(ClipByValue(1), g)
    np.testing.assert_array_equal(g, [-1, -0.5, 0, 1, 1])


@pytest.mark.parametrize("limit", [1e10, 1e60, math.inf])
def test_clip_by_value_takes_a_limit_above_the_dtype(clip, limit):
    g = np.array([-HUGE, 2, np.inf], np.float32)
    clip(ClipByValue(limit), g)
    bound = np.float32(min(limit, HUGE))
    np.testing.assert_array_equal(g, [-bound, 2, bound])


def test_clip_by_norm_shortens_and_keeps_the_direction(clip, rng):
    g = rng.normal(size=50)
    before = g.copy()
    clip(ClipByNorm(0.5), g)
    assert math.isclose(np.linalg.norm(g), 0.5)
    np.testing.assert_allclose(g / 0.5, before / np.linalg.norm(before))


def test_clip_by_norm_leaves_a_short_gradient_alone(clip, rng):
    g = rng.normal(size=50)
    before = g.copy()
    clip(ClipByNorm(100), g)
    np.testing.assert_array_equal(g, before)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("share", [1e-3, 0.5, 1.0])
@pytest.mark.parametrize("limit", [1.0, 1e30])
def test_clip_by_norm_near_the_dtype_s_largest_number(clip, dtype, share, limit):
    size = float(np.finfo(dtype).max) * share
    g = np.array([size, -size, size, 0], dtype)  # its norm is beyond the dtype
    clip(ClipByNorm(limit), g)
    side = limit / math.sqrt(3)
    np.testing.assert_allclose(g, [side, -side, side, 0], rtol=1e-6)


def test_clip_by_norm_with_a_limit_above_the_norm_of_huge_numbers(clip):
    g = np.array([HUGE, HUGE], np.float32)
    clip(ClipByNorm(1e60), g)
    np.testing.assert_array_equal(g, np.array([HUGE, HUGE], np.float32))


def test_clip_by_norm_hides_no_infinity(clip):
    g = np.array([np.inf, 1], np.float32)
    with quiet():
        clip(ClipByNorm(1), g)
    assert np.isnan(g[0])


@pytest.mark.parametrize("rule", [ClipByValue, ClipByNorm])
@pytest.mark.parametrize("limit", [0, -1, math.nan])
def test_clips_refuse_a_limit_that_is_not_positive(rule, limit, message_of):
    message = message_of(InvalidValueError, rule, limit)
    assert message == f"limit must be positive, got {limit}: raise it"


def test_neither_allocates(peak_bytes):
    spec = NetworkSpec.of([500, 400])
    params, gradient = Parameters(spec), Parameters(spec)
    scratch = np.empty_like(params.weights)

    def both():
        Penalty(0.1, 0.1).add(params, gradient, scratch)
        PenaltyPerSample(0.1, 0.1).add(params, gradient, scratch, 7)
        ClipByValue(1).apply(gradient.flat)
        ClipByNorm(1).apply(gradient.flat)

    assert peak_bytes(both) < gradient.flat.nbytes / 8  # a sum in float64 has a buffer of 64 KiB
