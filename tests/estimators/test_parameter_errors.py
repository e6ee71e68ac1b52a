"""What errors about parameters say beyond scikit-learn's words."""

from __future__ import annotations

import copy
import inspect
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils._param_validation import InvalidParameterError

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from chainrule._synonyms import VALUES
from chainrule.errors import UnknownParameterError
from chainrule.estimators.parameter_errors import Names
from chainrule.estimators.parameters import CONSTRAINTS

X = np.eye(4)


def message(kind, **params):
    with pytest.raises(InvalidParameterError) as caught:
        kind(**params).fit(X, [0, 1, 0, 1])
    return str(caught.value)


def endings(given, meant):
    """Return how the message may end: of a misspelt name, and of another library's."""
    end = f"Got {given!r} instead."
    return (f'{end} Did you mean "{meant}"?', f'{end} It is called "{meant}" here.')


MEANT = [
    ("activation", "rleu", "relu"),
    ("activation", "ReLU", "relu"),
    ("activation", "linear", "identity"),
    ("solver", "adm", "adam"),
    ("solver", "L-BFGS", "lbfgs"),
    ("learning_rate", "cosin", "cosine"),
    ("weight_init", "xavier", "glorot_uniform"),
    ("weight_init", "he", "he_normal"),
    ("input_scaling", "min-max", "minmax"),
    ("dtype", "float", "float64"),
    ("dtype", "single", None),
    ("activation", "???", None),
]


@pytest.mark.parametrize(("name", "given", "meant"), MEANT)
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor, MLPAutoencoder])
def test_a_misspelt_name_gets_a_suggestion(kind, name, given, meant):
    names = ", ".join(repr(one) for one in CONSTRAINTS[name][0].options)
    text = message(kind, **{name: given})
    assert text.startswith(
        f"The {name!r} parameter of {kind.__name__} must be a str among {{{names}}}"
    )
    assert text.endswith(endings(given, meant) if meant else f"Got {given!r} instead.")


@pytest.mark.parametrize(
    ("kind", "given", "meant"),
    [
        (MLPRegressor, "mse", "squared_error"),
        (MLPRegressor, "mean_squared_error", "squared_error"),
        (MLPRegressor, "MAE", "absolute_error"),
        (MLPRegressor, "pinball", "quantile"),
        (MLPAutoencoder, "bce", "binary_cross_entropy"),
        (MLPAutoencoder, "mse", "squared_error"),
    ],
)
def test_a_loss_by_another_name_gets_a_suggestion(kind, given, meant):
    assert message(kind, loss=given).endswith(endings(given, meant))


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor, MLPAutoencoder])
@pytest.mark.parametrize("rate", [0.01, 1, np.float32(0.5)])
def test_a_number_as_learning_rate_names_the_parameter_for_it(kind, rate):
    assert message(kind, learning_rate=rate).endswith(
        f"pass learning_rate_init={rate!r} for its size."
    )


@pytest.mark.parametrize("sizes", [(32,), [8, 4], 5])
def test_sizes_in_the_place_of_the_loss_are_told_their_name(sizes):
    with pytest.raises(InvalidParameterError) as caught:
        MLPRegressor(sizes).fit(X, [0, 1, 0, 1])
    assert str(caught.value).endswith(f"pass hidden_layer_sizes={sizes!r} by its name.")


def test_other_errors_are_scikit_learn_s():
    assert message(MLPRegressor, alpha=-1).endswith("Got -1 instead.")
    assert message(MLPRegressor, loss=None).endswith("Got None instead.")
    assert message(MLPRegressor, learning_rate=True).endswith("Got True instead.")


def test_names_copy_and_know_what_they_allow():
    names = copy.deepcopy(Names(["b", "a", "b"]))
    assert str(names) == "a str among {'b', 'a'}"
    assert names.is_satisfied_by("a")
    assert not names.is_satisfied_by("c")
    assert not names.is_satisfied_by(["a"])
    assert clone(MLPRegressor(activation="rleu")).activation == "rleu"


def test_a_parameter_given_by_its_place_and_its_name_is_told_apart():
    with pytest.raises(TypeError) as caught:
        MLPRegressor((32,), loss="mse")
    assert str(caught.value) == (
        "MLPRegressor must be given loss once, got (32,) in its place and loss='mse': pass all "
        "parameters by their names, such as hidden_layer_sizes=(32,)"
    )
    assert MLPClassifier((32,), "tanh").hidden_layer_sizes == (32,)


def test_every_other_name_stands_for_one_that_there_is():
    kinds = (MLPClassifier, MLPRegressor, MLPAutoencoder)
    known = {
        name
        for kind in kinds
        for allowed in kind._parameter_constraints.values()
        for one in allowed
        if isinstance(one, Names)
        for name in one.options
    }
    for here, *others in VALUES:
        assert here in known
        assert not known.intersection(others)


REPORT = {"N": 2, "layer_sizes": [4, 2], "lr": 0.1, "activation": "relu", "weight_init": "zero"}
REPORT |= {"epochs": 1, "batch_size": 4}


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        (MLPClassifier, "lr", 'it is called "learning_rate_init" here'),
        (MLPRegressor, "epochs", 'it is called "max_iter" here'),
        (MLPAutoencoder, "optimizer", 'it is called "solver" here'),
        (MLPClassifier, "alhpa", 'did you mean "alpha"?'),
        (NeuralNetwork, "learning_rate_init", 'it is called "lr" here'),
    ],
)
def test_a_parameter_that_an_estimator_lacks_is_answered_with_the_one_it_has(kind, name, said):
    needed = REPORT if kind is NeuralNetwork else {}
    for wrong in (lambda: kind(**{name: 1}), lambda: kind(**needed).set_params(**{name: 1})):
        with pytest.raises(UnknownParameterError) as caught:
            wrong()
        assert str(caught.value).endswith(f"got {name!r}: {said}")
        assert isinstance(caught.value, TypeError)  # as Python's
        assert isinstance(caught.value, ValueError)  # as scikit-learn's of set_params
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_of_a_parameter_that_nobody_has_all_are_listed():
    with pytest.raises(UnknownParameterError, match="choose one of hidden_layer_sizes, activation"):
        MLPClassifier(qqq=1)


def test_constructors_keep_their_signatures():
    for kind in (MLPClassifier, MLPRegressor, MLPAutoencoder, NeuralNetwork):
        own = list(inspect.signature(kind.__init__).parameters.values())[1:]
        assert list(inspect.signature(kind).parameters.values()) == own
    net = NeuralNetwork(**REPORT)
    assert (
        clone(net).get_params() == net.get_params() == pickle.loads(pickle.dumps(net)).get_params()
    )


def test_a_subclass_with_parameters_of_its_own_has_them():
    class Noisy(MLPClassifier):
        def __init__(self, noise=0.1, **others):
            super().__init__(**others)
            self.noise = noise

    class Named(MLPClassifier):
        def __init__(self, lr=0.1):
            super().__init__(learning_rate_init=lr)
            self.lr = lr

    assert Noisy(noise=0.2, alpha=3).alpha == 3
    assert Named(lr=0.5).lr == 0.5
    with pytest.raises(UnknownParameterError, match='is called "lr" here'):
        Named(learning_rate_init=0.5)
