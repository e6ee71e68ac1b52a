"""What every optimiser must satisfy; a new entry of the table is tested without a change here."""

from __future__ import annotations

import inspect
import pickle
from dataclasses import fields

import numpy as np
import pytest

from chainrule.engine import optimizers
from chainrule.engine.network import quiet
from chainrule.engine.optimizers import OPTIMIZERS, Adam, AdamW, Momentum, Nesterov, start
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError

from ..parts import BACKENDS, STEPS


@pytest.fixture(params=list(OPTIMIZERS))
def rule(request):
    return OPTIMIZERS[request.param]


@pytest.fixture(params=BACKENDS)
def step(request):
    """What takes a step, called as ``optimizers.step`` is."""
    return STEPS[request.param]


def drawn(dtype="float64", sizes=(5, 4, 2), seed=0, scale=1.0):
    spec = NetworkSpec.of(sizes, loss="squared", dtype=dtype)
    vector = scale * np.random.default_rng(seed).normal(size=spec.n_parameters)
    return Parameters(spec, vector.astype(dtype))


def run(step, optimizer, params, state, seeds, learning_rate=0.01):
    for seed in seeds:
        gradient = drawn(params.spec.dtype, params.spec.layer_sizes, seed)
        step(optimizer, params, gradient, state, learning_rate)
    return params.flat


def test_its_docstring_gives_the_rule(rule):
    assert "w ← w" in inspect.getdoc(rule)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_walks_down_a_quadratic(step, rule, dtype):
    params, optimizer = drawn(dtype), rule()
    state, losses = start(optimizer, params), []
    for _ in range(200):
        losses.append(float(params.flat @ params.flat))
        step(optimizer, params, params, state, 0.01)  # its gradient by w is w
    assert losses[-1] < losses[0] / 2
    assert params.flat.dtype == dtype


def test_one_step_goes_against_the_gradient(step, rule):
    params, gradient, optimizer = drawn(seed=1), drawn(seed=2), rule(weight_decay=0.0)
    before = params.flat.copy()
    step(optimizer, params, gradient, start(optimizer, params), 0.01)
    np.testing.assert_array_equal(np.sign(params.flat - before), -np.sign(gradient.flat))


def test_leaves_the_gradient_alone(step, rule):
    params, gradient, optimizer = drawn(seed=1), drawn(seed=2), rule()
    step(optimizer, params, gradient, start(optimizer, params), 0.01)
    np.testing.assert_array_equal(gradient.flat, drawn(seed=2).flat)


def test_goes_on_from_a_pickled_state_to_the_bit(step, rule):
    optimizer = rule()
    through = drawn("float32")
    run(step, optimizer, through, start(optimizer, through), range(10))
    params = drawn("float32")
    state = start(optimizer, params)
    run(step, optimizer, params, state, range(5))
    optimizer, params, state = pickle.loads(pickle.dumps((optimizer, params, state)))
    run(step, optimizer, params, state, range(5, 10))
    np.testing.assert_array_equal(params.flat, through.flat)


def test_does_not_depend_on_the_blocks(rule, monkeypatch):
    optimizer, whole, pieces = rule(weight_decay=0.1), drawn(), drawn()
    run(optimizers.step, optimizer, whole, start(optimizer, whole), range(5))
    monkeypatch.setattr(optimizers, "BLOCK", 7)  # of 34 parameters, so that the last is shorter
    state = start(optimizer, pieces)
    assert [block.stop - block.start for block, _, _ in state.blocks] == [7, 7, 7, 7, 6]
    run(optimizers.step, optimizer, pieces, state, range(5))
    np.testing.assert_array_equal(whole.flat, pieces.flat)


def test_decay_shrinks_the_weights_and_not_the_biases(step, rule):
    plain, decayed = drawn(), drawn()
    one, other = rule(weight_decay=0.0), rule(weight_decay=0.5)
    step(one, plain, drawn(seed=1), start(one, plain), 0.1)
    step(other, decayed, drawn(seed=1), start(other, decayed), 0.1)
    n = plain.spec.n_weights
    np.testing.assert_allclose(
        plain.flat[:n] - decayed.flat[:n], 0.05 * drawn().flat[:n], rtol=1e-9
    )
    np.testing.assert_array_equal(plain.flat[n:], decayed.flat[n:])


def test_float32_follows_float64(step, rule):
    optimizer = rule()
    single, double = drawn("float32"), drawn("float64")
    run(step, optimizer, single, start(optimizer, single), range(10))
    run(step, optimizer, double, start(optimizer, double), range(10))
    np.testing.assert_allclose(single.flat, double.flat, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("power", range(-36, 37, 3))
def test_float32_follows_float64_whatever_the_gradient_s_size_or_says_so(step, rule, power):
    optimizer = rule()
    ways = []
    for dtype in ("float32", "float64"):
        params = drawn(dtype, scale=0.0)
        state = start(optimizer, params)
        with quiet():
            for seed in range(5):
                step(optimizer, params, drawn(dtype, seed=seed, scale=10.0**power), state, 0.01)
        ways.append((params.flat, state.slots))
    (single, averages), (double, _) = ways
    if np.isfinite(averages).all():
        np.testing.assert_allclose(single, double, rtol=1e-4, atol=1e-42)
    else:  # what a training looks at after an epoch
        assert power > 15
        assert "square" in rule.slots


def test_an_epsilon_that_lost_squares_would_show_beside_is_refused_in_float32(rule, message_of):
    rule().check_dtype(np.dtype("float32"))
    if "epsilon" in {field.name for field in fields(rule)}:
        small = rule(epsilon=1e-17)
        small.check_dtype(np.dtype("float64"))
        assert message_of(InvalidValueError, small.check_dtype, np.dtype("float32")) == (
            "epsilon must be at least 1e-16 in float32, in which the squares of very small "
            'gradients are 0, got 1e-17: raise it or pass dtype="float64"'
        )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [0.0, 1e-30, 1e38])
@pytest.mark.parametrize("learning_rate", [1e-3, 1e60])
def test_no_gradient_and_no_rate_raises_a_warning(rule, dtype, size, learning_rate):
    optimizer, params = rule(weight_decay=0.5), drawn(dtype)
    gradient = drawn(dtype, seed=1, scale=size)
    state = start(optimizer, params)
    with quiet():
        for _ in range(3):  # a warning would be an error here
            optimizers.step(optimizer, params, gradient, state, learning_rate)
    assert state.t == 3


def test_no_epsilon_raises_a_warning():
    settings = {"epsilon": 1e-60}  # 0 in float32
    for rule in OPTIMIZERS.values():
        if "epsilon" in {field.name for field in fields(rule)}:
            optimizer, params = rule(**settings), drawn("float32")
            state = start(optimizer, params)
            with quiet():
                optimizers.step(optimizer, params, drawn("float32", scale=1e-30), state, 0.1)
            assert state.t == 1


def test_allocates_nothing(rule, peak_bytes):
    params, gradient = drawn("float32", (500, 400, 10)), drawn("float32", (500, 400, 10), 1)
    optimizer = rule(weight_decay=0.1)
    state = start(optimizer, params)
    used = peak_bytes(lambda: optimizers.step(optimizer, params, gradient, state, 0.01))
    assert used < params.flat.nbytes / 50


SETTINGS = {
    "weight_decay": ("must be at least 0 and finite", [-1.0, float("inf"), float("nan")]),
    "momentum": ("must be in [0, 1]", [-0.1, 1 + 1e-9, float("inf"), float("nan")]),
    "beta_1": ("must be in [0, 1)", [-0.1, 1.0, float("nan")]),
    "beta_2": ("must be in [0, 1)", [-0.1, 1.0, float("nan")]),
    "rho": ("must be in [0, 1)", [-0.1, 1.0, float("nan")]),
    "epsilon": ("must be positive and finite", [0.0, -1.0, float("inf"), float("nan")]),
}


def test_refuses_what_its_settings_cannot_be(rule, message_of):
    for field in fields(rule):
        allowed, wrong = SETTINGS[field.name]
        for value in wrong:
            message = message_of(InvalidValueError, rule, **{field.name: value})
            remedy = f"its default is {field.default}"
            assert message == f"{field.name} {allowed}, got {value}: {remedy}"


@pytest.mark.parametrize("rule", [Momentum, Nesterov])
def test_a_momentum_of_1_forgets_nothing_and_of_0_everything(step, rule):
    # Velocities after steps of lr·g are lr·g times 1, 2, 3, …; Nesterov's is one step ahead.
    g, ahead = drawn(seed=1), 1 if rule is Nesterov else 0
    for momentum, moved in ((1, [1 + ahead, 2 + ahead, 3 + ahead]), (0, [1, 1, 1])):
        params, optimizer = drawn(), rule(momentum=momentum)
        state = start(optimizer, params)
        for times in moved:
            before = params.flat.copy()
            step(optimizer, params, g, state, 0.25)
            np.testing.assert_allclose(before - params.flat, times * 0.25 * g.flat, rtol=1e-9)


def test_settings_are_frozen_and_compare(rule):
    assert rule() == rule()
    assert hash(rule()) == hash(rule())
    assert rule() != rule(weight_decay=0.3)


def test_adam_and_adamw_differ_only_in_where_epsilon_is_added(step):
    for epsilon, alike in ((1e-12, True), (0.1, False)):
        one, other = Adam(epsilon=epsilon), AdamW(epsilon=epsilon, weight_decay=0.0)
        a, b = drawn(), drawn()
        run(step, one, a, start(one, a), range(5))
        run(step, other, b, start(other, b), range(5))
        assert np.allclose(a.flat, b.flat, rtol=1e-9) == alike
