"""What a change of a parameter between two fits does, for every parameter there is."""

from __future__ import annotations

import copy
import inspect
import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor
from chainrule.engine.initializers import VarianceScaling
from chainrule.errors import InvalidValueError
from chainrule.estimators.parameters import SETTLED
from chainrule.training.callbacks import Callback

X, Y = (values[:120] for values in load_digits(return_X_y=True))
X = X / 16
ESTIMATORS = [MLPClassifier, MLPRegressor, MLPAutoencoder]
SCORERS = {MLPClassifier: "f1_micro", MLPRegressor: "neg_mean_absolute_error"}


@pytest.fixture(autouse=True)
def _short_fits_are_no_news():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


class Shout(Callback):
    def train_begin(self, progress):
        print("here I am")


# parameter -> (the other parameters of both fits, its value in the second)
TAKES_EFFECT = {
    "activation": ({}, "tanh"),
    "solver": ({}, "sgd"),
    "alpha": ({}, 1.0),
    "batch_size": ({}, 7),
    "learning_rate": ({}, "cosine"),
    "learning_rate_init": ({}, 0.1),
    "power_t": ({"solver": "sgd", "learning_rate": "invscaling"}, 0.1),
    "max_iter": ({}, 5),
    "shuffle": ({"batch_size": 10}, False),
    "random_state": ({"batch_size": 10}, 1),
    "tol": ({"max_iter": 9, "n_iter_no_change": 1}, 10.0),
    "verbose": ({}, True),
    "warm_start": ({}, False),
    "momentum": ({"solver": "sgd"}, 0.1),
    "nesterovs_momentum": ({"solver": "sgd"}, False),
    "early_stopping": ({}, True),
    "validation_fraction": ({"early_stopping": True}, 0.3),
    "beta_1": ({}, 0.5),
    "beta_2": ({}, 0.5),
    "epsilon": ({}, 1.0),
    "n_iter_no_change": ({"max_iter": 9, "tol": 10.0}, 2),
    "max_fun": ({"solver": "lbfgs"}, 2),
    "loss": ({}, "huber"),
    "quantile": ({"loss": "quantile"}, 0.9),
    "dropout": ({}, 0.5),
    "input_dropout": ({}, 0.5),
    "l1": ({}, 1.0),
    "weight_decay": ({}, 0.5),
    "clip_value": ({"solver": "sgd"}, 1e-3),
    "clip_norm": ({"solver": "sgd"}, 1e-3),
    "label_smoothing": ({}, 0.5),
    "class_weight": ({}, {label: label + 1.0 for label in range(10)}),
    "scoring": ({"early_stopping": True}, SCORERS),
    "callbacks": ({}, [Shout()]),
    "checkpoint": ({}, "net.ckpt"),
    "progress": ({}, True),
    "n_threads": ({"batch_size": 60, "dtype": "float32"}, 3),
}
IS_REFUSED = {
    "hidden_layer_sizes": ({}, (6, 5)),
    "mirrored": ({"hidden_layer_sizes": (6, 4)}, False),
    "weight_init": ({}, "he_normal"),
    "input_scaling": ({}, "standard"),
    "dtype": ({}, "float64"),
}


def cases(table):
    return [
        pytest.param(cls, name, id=f"{cls.__name__}-{name}")
        for cls in ESTIMATORS
        for name in inspect.signature(cls).parameters
        if name in table
    ]


def fitted(cls, **params):
    params = {"hidden_layer_sizes": (6,), "max_iter": 3, "random_state": 0} | params
    net = cls(warm_start=True, **params)
    return fit(net)


def fit(net):
    return net.fit(X) if isinstance(net, MLPAutoencoder) else net.fit(X, Y)


def goes_on(net):
    more = {"classes": range(10)} if isinstance(net, MLPClassifier) else {}
    return net.partial_fit(X, Y, **more)


def test_every_parameter_is_in_one_of_the_tables():
    parameters = {name for cls in ESTIMATORS for name in inspect.signature(cls).parameters}
    assert parameters == TAKES_EFFECT.keys() | IS_REFUSED.keys()
    assert not TAKES_EFFECT.keys() & IS_REFUSED.keys()
    assert IS_REFUSED.keys() >= set(SETTLED)


@pytest.mark.parametrize(("cls", "name"), cases(TAKES_EFFECT))
def test_a_parameter_that_changes_takes_effect(tmp_path, monkeypatch, capsys, cls, name):
    monkeypatch.chdir(tmp_path)
    settings, value = TAKES_EFFECT[name]
    first = fitted(cls, **settings)
    capsys.readouterr()

    def outcome(**changed):
        net = fit(copy.deepcopy(first).set_params(**changed))
        flat = np.concatenate([W.ravel() for W in net.coefs_])
        rows = [row._replace(seconds=0) for row in net.history_]
        files = sorted(path.name for path in tmp_path.iterdir())
        return flat.tobytes(), net.n_iter_, rows, *capsys.readouterr(), files

    again = outcome()
    assert again == outcome()
    assert again != outcome(**{name: value[cls] if value is SCORERS else value})


@pytest.mark.parametrize(("cls", "name"), cases(IS_REFUSED))
@pytest.mark.parametrize("again", [fit, goes_on])
def test_what_the_weights_belong_to_is_refused_and_nothing_changes(message_of, cls, name, again):
    settings, value = IS_REFUSED[name]
    net = fitted(cls, **settings)
    was = net.get_params()[name]
    net.set_params(**{name: value})
    kept, arrays = dict(vars(net)), [W.copy() for W in net.coefs_]
    message = message_of(InvalidValueError, again, net)
    if name in SETTLED:
        assert message == (
            f"{name} must stay {was!r}, as the weights to go on from belong to it, got {value!r}: "
            "set it back, or call fit with warm_start=False"
        )
    else:
        assert message.startswith("the layers must stay as they are in the weights to go on from")
    assert vars(net) == kept
    for before, after in zip(arrays, net.coefs_, strict=True):
        np.testing.assert_array_equal(before, after)
    fit(net.set_params(warm_start=False))
    again(net)
    assert net._fitted.settled["dtype"] == net.dtype


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_initialised_weights_settle_the_same(cls):
    net = cls(hidden_layer_sizes=(6,)).initialize(X, Y)
    with pytest.raises(InvalidValueError, match="dtype must stay 'float32'"):
        goes_on(net.set_params(dtype="float64"))


@pytest.mark.parametrize("send", [copy.copy, copy.deepcopy])
def test_a_rule_of_one_s_own_is_still_the_same_in_a_copy(send):
    net = fitted(MLPClassifier, weight_init=VarianceScaling(1, "in", "normal"))
    assert fit(send(net)).n_iter_ == 3


def test_auto_stays_what_the_first_data_made_of_it():
    net = fitted(MLPClassifier, dtype="auto")
    assert net.fit(X.astype(np.float32), Y).coefs_[0].dtype == np.float64


@pytest.mark.parametrize("labels", [Y, Y % 2, np.c_[Y, Y + 1] % 2, np.c_[Y % 3, Y % 4]])
def test_label_smoothing_goes_on_as_if_these_weights_had_begun_with_it(labels):
    settings = {"warm_start": True, "max_iter": 2, "random_state": 0}
    net = MLPClassifier((6,), **settings).fit(X, labels)
    other = MLPClassifier((6,), label_smoothing=0.4, **settings).initialize(X, labels)
    other.coefs_ = [W.copy() for W in net.coefs_]
    other.intercepts_ = [b.copy() for b in net.intercepts_]
    net.coefs_, net.intercepts_ = list(other.coefs_), list(other.intercepts_)  # forget adam's state
    net.set_params(label_smoothing=0.4).fit(X, labels)
    other.fit(X, labels)
    for one, two in zip(net.coefs_, other.coefs_, strict=True):
        np.testing.assert_array_equal(one, two)
