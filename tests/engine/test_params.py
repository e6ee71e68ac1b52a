from __future__ import annotations

import copy
import pickle

import joblib
import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

from chainrule.engine.initializers import INITIALIZERS, Initializer, UniformWithBiases
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError


@pytest.fixture
def params(rng):
    spec = NetworkSpec.of([4, 3, 2])
    return Parameters(spec).initialize(INITIALIZERS["he_normal"], rng)


def assert_is_one_vector(params):
    for view in (params.weights, *params.W, *params.b):
        assert np.shares_memory(view, params.flat)
    for k, view in enumerate((*params.W, *params.b)):
        view[...] = k
    in_order = [np.full(view.size, k) for k, view in enumerate((*params.W, *params.b))]
    np.testing.assert_array_equal(params.flat, np.concatenate(in_order))


def test_weights_come_first_and_everything_is_a_view(params):
    assert [W.shape for W in params.W] == [(4, 3), (3, 2)]
    assert [b.shape for b in params.b] == [(3,), (2,)]
    assert params.weights.size == 18
    assert_is_one_vector(params)


def test_looks_into_the_vector_it_is_given():
    spec = NetworkSpec.of([4, 2])
    flat = np.arange(10, dtype=np.float32)
    params = Parameters(spec, flat)
    assert params.flat is flat
    np.testing.assert_array_equal(params.W[0], np.arange(8).reshape(4, 2))
    np.testing.assert_array_equal(params.b[0], [8, 9])


def test_starts_at_zero():
    assert not Parameters(NetworkSpec.of([4, 3, 2])).flat.any()


def test_initialize_fills_weights_and_clears_biases(params, rng):
    params.flat[:] = np.nan
    assert params.initialize(INITIALIZERS["he_normal"], rng) is params
    assert params.weights.all()
    assert not params.flat[18:].any()


def test_each_layer_may_have_a_rule_of_its_own(params, rng):
    params.flat[:] = np.nan
    rules = (INITIALIZERS["he_normal"], INITIALIZERS["zero"])
    assert params.initialize(rules, rng) is params
    assert params.W[0].all()
    assert not params.W[1].any()
    assert not params.flat[18:].any()


def test_the_same_rule_for_each_layer_is_one_rule_for_all(params):
    rule = INITIALIZERS["he_normal"]
    one = copy.deepcopy(params).initialize(rule, np.random.default_rng(0))
    each = copy.deepcopy(params).initialize([rule, rule], np.random.default_rng(0))
    np.testing.assert_array_equal(one.flat, each.flat)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_refuses_another_number_of_rules_than_layers(params, number, rng):
    with pytest.raises(ValueError, match="zip"):
        params.initialize([INITIALIZERS["zero"]] * number, rng)


def test_a_layer_s_biases_are_drawn_after_its_weights(params):
    class Calls(Initializer):
        def fill(self, W, rng):
            drawn.append((self, "W", W.shape, rng))

        def fill_bias(self, b, fan_in, rng):
            drawn.append((self, "b", b.shape, fan_in, rng))

    drawn, rng = [], np.random.default_rng(0)
    first, second = Calls(), Calls()
    params.initialize([first, second], rng)
    assert drawn == [
        (first, "W", (4, 3), rng),
        (first, "b", (3,), 4, rng),
        (second, "W", (3, 2), rng),
        (second, "b", (2,), 3, rng),
    ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("numerator", "activation"), [(6.0, "relu"), (2.0, "logistic")])
def test_scikit_learn_s_rule_fills_as_scikit_learn_does(dtype, numerator, activation):
    params = Parameters(NetworkSpec.of([5, 4, 3], dtype=dtype))
    params.initialize(UniformWithBiases(numerator), np.random.RandomState(7))
    theirs = MLPRegressor(activation=activation)
    theirs._random_state = np.random.RandomState(7)
    for W, b in zip(params.W, params.b, strict=True):
        coef, intercept = theirs._init_coef(*W.shape, dtype)
        np.testing.assert_array_equal(W, coef)
        np.testing.assert_array_equal(b, intercept)


def through_a_file(params, tmp_path):
    joblib.dump(params, tmp_path / "params.joblib")
    return joblib.load(tmp_path / "params.joblib")


def through_a_process(params, tmp_path):
    (back,) = joblib.Parallel(n_jobs=2)([joblib.delayed(copy.copy)(params)])
    return back


@pytest.mark.parametrize(
    "send",
    [
        lambda params, _: pickle.loads(pickle.dumps(params)),
        lambda params, _: copy.deepcopy(params),
        through_a_file,
        through_a_process,
    ],
    ids=["pickle", "deepcopy", "joblib file", "joblib process"],
)
def test_copies_are_equal_apart_and_one_vector_each(params, send, tmp_path):
    back = send(params, tmp_path)
    np.testing.assert_array_equal(back.flat, params.flat)
    assert back.spec == params.spec
    assert not np.shares_memory(back.flat, params.flat)
    assert_is_one_vector(back)


@pytest.mark.parametrize(
    ("flat", "got"),
    [
        (np.zeros(9, np.float32), "float32 of shape (9,)"),
        (np.zeros((10, 1), np.float32), "float32 of shape (10, 1)"),
        (np.zeros(10), "float64 of shape (10,)"),
        (np.zeros(20, np.float32)[::2], "float32 of shape (10,)"),
        (np.frombuffer(bytes(41), np.float32, 10, offset=1), "float32 of shape (10,)"),
        ([0.0] * 10, "an object of the type list"),
    ],
)
def test_refuses_a_vector_that_does_not_fit(flat, got, message_of):
    message = message_of(InvalidValueError, Parameters, NetworkSpec.of([4, 2]), flat)
    assert message == (
        f"flat must be a contiguous vector of 10 float32 numbers, got {got}: "
        "copy it with numpy.array(…, dtype)"
    )
