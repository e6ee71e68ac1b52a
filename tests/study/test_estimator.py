import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier as Theirs

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from chainrule.errors import InvalidValueError, UnknownNameError
from chainrule.study.estimator import (
    ESTIMATORS,
    build,
    check,
    check_metrics,
    find,
    name_of,
    task_of,
    try_out,
)

X, Y = np.arange(24.0).reshape(12, 2), np.arange(12) % 3
METRICS = ["accuracy", "neg_log_loss"]


def network(activation, random_state=None):
    return NeuralNetwork(3, [2, 4, 3], 0.1, activation, "normal", 1, 4, random_state=random_state)


def ridge(alpha):
    return Ridge(alpha=alpha)


def anything(**parameters):
    return Theirs(**parameters)


def checked(make, parameters, metrics=METRICS):
    net = check(make, parameters, "alpha=1")
    try_out(net, parameters, "alpha=1", (X, Y))
    check_metrics(net, metrics)


def test_auto_goes_by_the_task():
    assert find("auto", "classification") is MLPClassifier
    assert find("auto", "regression") is MLPRegressor
    assert find("auto", "autoencoder") is MLPAutoencoder
    assert find("NeuralNetwork", "classification") is NeuralNetwork
    assert find(Theirs, "regression") is Theirs


@pytest.mark.parametrize(
    ("estimator", "task"),
    [
        ("auto", None),
        ("MLPClassifier", "classification"),
        ("NeuralNetwork", "classification"),
        ("MLPRegressor", "regression"),
        (MLPAutoencoder, "autoencoder"),
        (LogisticRegression, "classification"),
        (Ridge, "regression"),
        (network, None),
    ],
)
def test_an_estimator_may_settle_the_task(estimator, task):
    assert task_of(estimator) == task


def test_names_tell_estimators_apart():
    assert [name_of(kind) for kind in ESTIMATORS.values()] == list(ESTIMATORS)
    assert name_of(Theirs).endswith(".MLPClassifier") != name_of(MLPClassifier)
    assert name_of(network) == f"{__name__}.network"


def test_seeds_and_callbacks_go_to_what_takes_them():
    net = build(MLPClassifier, {"max_iter": 3}, 7, callbacks=["callback"], checkpoint=None)
    assert (net.random_state, net.callbacks, net.max_iter) == (7, ["callback"], 3)
    assert build(Theirs, {}, 7, callbacks=["callback"]).random_state == 7
    assert build(ridge, {"alpha": 2}, 7).alpha == 2


@pytest.mark.parametrize(
    ("make", "parameters"),
    [
        (MLPClassifier, {"hidden_layer_sizes": [3], "batch_size": 200}),
        (Theirs, {"alpha": 0.1}),
        (network, {"activation": "relu"}),
        (anything, {"alpha": 1}),
    ],
)
def test_what_can_be_trained_passes(make, parameters):
    checked(make, parameters)


def refusal(make, parameters, metrics=METRICS):
    return lambda: checked(make, parameters, metrics)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            refusal(MLPClassifier, {"hiden_layer_sizes": [3]}),
            "candidates must set parameters of MLPClassifier, got 'hiden_layer_sizes': did you "
            'mean "hidden_layer_sizes"?',
        ),
        (
            refusal(network, {"xyz": [3]}),
            f"candidates must set parameters of {__name__}.network, got 'xyz': it has activation, "
            "random_state",
        ),
        (
            refusal(MLPClassifier, {"random_state": 3}),
            "random_state must be left to the study, got one in candidates: list seeds instead",
        ),
        (
            refusal(MLPClassifier, {"checkpoint": "a"}),
            "checkpoint must be left to the study, got one in candidates: a study goes on by "
            "itself",
        ),
        (
            refusal(MLPClassifier, {"max_iter": 0}),
            "candidates must be what MLPClassifier takes (The 'max_iter' parameter of "
            "MLPClassifier must be an int in the range [1, inf). Got 0 instead), got alpha=1: "
            "change the value",
        ),
        (
            refusal(MLPClassifier, {"hidden_layer_sizes": [0]}),
            "candidates must be what MLPClassifier takes (hidden_layer_sizes must be > 0, got "
            "[0]), got alpha=1: change the value",
        ),
        (
            refusal(MLPClassifier, {"hidden_layer_sizes": [4], "dropout": [0.1, 0.2]}),
            "candidates must be what MLPClassifier takes (dropout must be one number, or a list of "
            "1, one for each hidden layer, got [0.1, 0.2]: change it or hidden_layer_sizes), got "
            "alpha=1: change the value",
        ),
        (
            refusal(network, {}),
            f"candidates must be what {__name__}.network takes (network() missing 1 required "
            "positional argument: 'activation'), got alpha=1: change the value",
        ),
        (
            refusal(network, {"activation": "rleu"}),
            f"candidates must be what {__name__}.network takes (activation must be one of "
            "sigmoid, tanh, relu, leaky_relu, elu, selu, gelu, silu, mish, softplus, identity, got "
            "'rleu': did you mean \"relu\"?), got alpha=1: change the value",
        ),
        (
            refusal(Theirs, {"alpha": -1}),
            f"candidates must be what {name_of(Theirs)} takes (The 'alpha' parameter of "
            "MLPClassifier must be a float in the range [0.0, inf). Got -1 instead), got alpha=1: "
            "change the value",
        ),
        (
            refusal(MLPRegressor, {}, ["r2", "neg_log_loss"]),
            "metrics must call methods that MLPRegressor has, got neg_log_loss, which calls "
            "predict_proba: choose another metric",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(call, message, message_of):
    assert message_of(InvalidValueError, call) == message


def test_an_unknown_estimator_is_refused(message_of):
    assert message_of(UnknownNameError, find, "MLPClasifier", "classification") == (
        "estimator must be one of MLPClassifier, MLPRegressor, MLPAutoencoder, NeuralNetwork, got "
        "'MLPClasifier': did you mean \"MLPClassifier\"?"
    )
