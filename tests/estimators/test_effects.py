"""Parameters that need another: refused, warned of, or left as scikit-learn leaves them."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pytest
from sklearn import neural_network as theirs

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor
from chainrule.engine.optimizers import Adam
from chainrule.engine.schedules import Cosine
from chainrule.errors import InvalidValueError
from chainrule.estimators.effects import CONDITIONS, check_effects

ESTIMATORS = (MLPClassifier, MLPRegressor, MLPAutoencoder)


def said_of(**params):
    """Return what is said of a regressor's parameters: warnings, by their first words."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_effects(MLPRegressor(**params))
    return [str(warning.message) for warning in caught]


REFUSED = {
    "dropout": [0.1, [0.1], np.array([0.1])],
    "input_dropout": [0.1],
    "l1": [0.1],
    "weight_decay": [0.1],
    "clip_value": [1.0],
    "clip_norm": [1.0],
    "callbacks": [[print]],
    "checkpoint": ["x"],
    "progress": [True],
}


@pytest.mark.parametrize(("name", "values"), REFUSED.items())
@pytest.mark.parametrize("kind", ESTIMATORS)
def test_what_l_bfgs_has_no_place_for_is_refused(kind, name, values, message_of):
    for value in values:
        message = message_of(
            InvalidValueError, check_effects, kind(solver="lbfgs", **{name: value})
        )
        assert message.startswith(f'{name} has an effect only with a solver other than "lbfgs"')
        assert message.endswith(": leave it out, or change the other")
        check_effects(kind(solver="sgd", **{name: value}))


@pytest.mark.parametrize("name", ["dropout", "weight_decay", "callbacks", "checkpoint"])
@pytest.mark.parametrize("unused", [None, 0.0, [], [0.0], np.zeros(2), ()])
def test_what_means_nothing_is_no_setting(name, unused):
    assert said_of(solver="lbfgs", **{name: unused}) == []


def test_quantiles_of_another_loss_are_refused(message_of):
    for value in (0.9, [0.1, 0.9], np.array([0.1, 0.9])):
        net = MLPRegressor(quantile=value)
        message = message_of(InvalidValueError, net.fit, np.eye(3), np.arange(3))
        assert message.startswith('quantile has an effect only with loss="quantile", got ')
        assert said_of(loss="quantile", quantile=value) == []


@pytest.mark.parametrize("call", ["fit", "partial_fit", "initialize"])
def test_every_way_to_weights_looks_at_them(call, message_of):
    net = MLPRegressor(quantile=0.9)
    assert "quantile" in message_of(InvalidValueError, getattr(net, call), np.eye(3), np.arange(3))


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("learning_rate", ["constant", "invscaling", "adaptive"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_nothing_is_said_where_scikit_learn_is_silent(solver, learning_rate, early_stopping):
    params = {
        "momentum": 0.5, "nesterovs_momentum": False, "beta_1": 0.5, "beta_2": 0.5,
        "epsilon": 1e-3, "power_t": 0.3, "learning_rate_init": 0.1, "shuffle": False,
        "max_fun": 3, "n_iter_no_change": 3, "batch_size": 3, "validation_fraction": 0.3,
    }  # fmt: skip
    stops = early_stopping and solver != "lbfgs"
    assert said_of(solver=solver, learning_rate=learning_rate, early_stopping=stops, **params) == []


def test_defaults_are_never_spoken_of():
    assert said_of(solver="lbfgs") == []
    for solver in ("sgd", "adam", "adamw", "rmsprop", "lion", Adam()):
        for learning_rate in ("constant", "adaptive", "cosine", Cosine(0.1, total_steps=9)):
            assert said_of(solver=solver, learning_rate=learning_rate) == []


BEYOND = {
    "momentum": {"solver": "lion", "momentum": 0.5},
    "beta_1": {"solver": "lion", "beta_1": 0.5},
    "beta_2": {"solver": "rmsprop", "beta_2": 0.5},
    "epsilon": {"solver": Adam(), "epsilon": 1e-3},
    "learning_rate_init": {"learning_rate": Cosine(0.1, total_steps=9), "learning_rate_init": 1.0},
    "power_t": {"learning_rate": "cosine", "power_t": 0.3},
    "learning_rate": {"solver": "lbfgs", "learning_rate": "cosine"},
    "early_stopping": {"solver": "lbfgs", "early_stopping": True},
}


@pytest.mark.parametrize("name", BEYOND)
def test_beyond_scikit_learn_there_is_a_warning(name):
    (message,) = said_of(**BEYOND[name])
    assert message.startswith(f"{name} has an effect only with ")
    assert message.endswith(f"{name}={BEYOND[name][name]!r} has none")


def test_the_table_names_parameters_that_there_are():
    names = set().union(*(inspect.signature(kind).parameters for kind in ESTIMATORS))
    assert names >= CONDITIONS.keys()


def test_docstrings_say_what_a_parameter_needs():
    text = " ".join(MLPRegressor.__doc__.split())
    for condition in CONDITIONS.values():
        assert f"Only with {condition.text}." in text


@pytest.mark.parametrize(
    "name", ["momentum", "beta_1", "power_t", "max_fun", "validation_fraction"]
)
def test_scikit_learn_ignores_what_the_table_says_it_does(name):
    """Where the condition fails, scikit-learn's own weights are the same with another value."""
    values = {
        "momentum": 0.1,
        "beta_1": 0.1,
        "power_t": 2.0,
        "max_fun": 3,
        "validation_fraction": 0.4,
    }
    solver = "sgd" if name in ("beta_1", "max_fun") else "adam"
    X = np.random.default_rng(0).normal(size=(20, 2))
    weights = []
    for params in ({}, {name: values[name]}):
        net = theirs.MLPRegressor(
            hidden_layer_sizes=(2,), solver=solver, max_iter=2, random_state=0, **params
        )
        assert not CONDITIONS[name].holds(net)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            weights.append(net.fit(X, X[:, 0]).coefs_[0])
    np.testing.assert_array_equal(*weights)
