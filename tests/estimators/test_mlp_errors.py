"""What chainrule's MLPs refuse, in scikit-learn's words, and what a refused call leaves behind."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
import warnings
from dataclasses import fields, is_dataclass

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn import neural_network as theirs
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.utils._param_validation import InvalidParameterError

import chainrule
from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from chainrule.engine import memory
from chainrule.engine.losses import SigmoidCrossEntropy
from chainrule.errors import InvalidValueError, NotEnoughMemoryError, TrainingInterrupted
from chainrule.training.callbacks import Callback, StopWhen

NAMES = ("MLPClassifier", "MLPRegressor")
each_class = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(name="X")
def samples(rng):
    return rng.normal(size=(30, 3))


def target(name, X):
    return (X[:, 0] > 0).astype(int) + (X[:, 1] > 0) if name == "MLPClassifier" else X @ [1, 2, 3]


def make(name, module=chainrule, **params):
    own = {"dtype": "float64"} if module is chainrule else {}
    return getattr(module, name)(**{"max_iter": 2, "random_state": 0, **own, **params})


def error_of(call, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call(*args, **kwargs)
        except Exception as error:
            return error
    return None


def assert_refused_alike(call, *, message=True):
    """Make a call with each module; ours must fail as scikit-learn's does."""
    ours, wanted = error_of(call, chainrule), error_of(call, theirs)
    assert wanted is not None
    assert isinstance(ours, type(wanted)), repr(ours)
    if message:
        assert str(ours) == str(wanted)


# -- parameters ------------------------------------------------------------------------------------

INVALID = {
    "hidden_layer_sizes": [0, -1, 2.5, "a", None, (0,), (3, -1), [0], np.array([3, 0])],
    "alpha": [-1, "a", None, np.nan, np.inf],
    "batch_size": [0, -1, 2.5, "x", None],
    "learning_rate_init": [0, -1, "a", None, np.nan, np.inf],
    "power_t": [-1, "a", None, np.nan],
    "max_iter": [0, -1, 2.5, "a", None, np.inf],
    "shuffle": ["a", 2, None],
    "random_state": ["a", -1, 2.5],
    "tol": [-1, "a", None, np.nan],
    "verbose": ["a", -1, None],
    "warm_start": ["a", 2, None],
    "momentum": [-0.1, 1.1, "a", None, np.nan],
    "nesterovs_momentum": ["a", 2, None],
    "early_stopping": ["a", 2, None],
    "validation_fraction": [-0.1, 1, 1.1, "a", None],
    "beta_1": [-0.1, 1, "a", None],
    "beta_2": [-0.1, 1, "a", None],
    "epsilon": [0, -1, "a", None],
    "n_iter_no_change": [0, -1, 2.5, "a", None, np.nan],
    "max_fun": [0, -1, 2.5, "a", None],
}
# What chainrule takes more of: the words are its own.
MORE = {"activation", "solver", "learning_rate", "loss"}


@each_class
@pytest.mark.parametrize(
    ("parameter", "value"), [(name, value) for name, values in INVALID.items() for value in values]
)
def test_an_invalid_parameter_is_refused_in_scikit_learn_s_words(X, name, parameter, value):
    def fit(module):
        make(name, module, **{parameter: value}).fit(X, target(name, X))

    assert_refused_alike(fit)


def test_every_parameter_of_scikit_learn_has_an_invalid_value_above():
    for name in NAMES:
        assert getattr(theirs, name)().get_params().keys() <= INVALID.keys() | MORE


@each_class
@pytest.mark.parametrize("parameter", sorted(MORE))
@pytest.mark.parametrize("value", ["no such name", 1, None])
def test_a_name_that_neither_knows_is_refused_with_the_names_there_are(X, name, parameter, value):
    if parameter == "loss" and name == "MLPClassifier":
        return
    error = error_of(make(name, **{parameter: value}).fit, X, target(name, X))
    assert type(error) is InvalidParameterError
    assert f"The '{parameter}' parameter of {name} must be" in str(error)
    assert f"Got {value!r} instead." in str(error)


@each_class
@pytest.mark.parametrize("sizes", [(2.5,), [3, 2.5], np.array([2.5]), True, (True,)])
def test_a_number_of_units_must_be_an_integer(X, name, sizes):
    def fit(module):
        make(name, module, hidden_layer_sizes=sizes).fit(X, target(name, X))

    assert isinstance(error_of(fit, theirs), TypeError)
    assert isinstance(error_of(fit, chainrule), TypeError | ValueError)


@each_class
@pytest.mark.parametrize("given", [np.array(5), np.array([5], dtype=object), [np.array(5)]])
def test_an_array_without_dimensions_is_its_number(X, name, given):
    net = quiet(make(name, hidden_layer_sizes=given, dropout=np.array(0.1)).fit, X, target(name, X))
    assert [W.shape[1] for W in net.coefs_[:-1]] == [5]


def test_a_number_of_units_in_an_array_without_dimensions_must_be_one_too(X, message_of):
    net = make("MLPRegressor", hidden_layer_sizes=np.array(2.5))
    assert message_of(InvalidValueError, net.fit, X, X[:, 0]) == (
        "hidden_layer_sizes must be an integer or a sequence of integers, got array(2.5): "
        "such as (100,)"
    )


QUANTILES = ([0.9, 0.1], [0.5, 0.5], ["a"], [], [[0.1], [0.9]], [0.5, 1.0], [None])


@pytest.mark.parametrize("quantile", QUANTILES, ids=str)
def test_quantiles_must_be_increasing_numbers(X, quantile, message_of):
    net = make("MLPRegressor", loss="quantile", quantile=quantile)
    message = message_of(InvalidValueError, net.fit, X, X[:, 0])
    assert message.startswith("quantile must be one number in (0, 1), or several in increasing")


@each_class
def test_partial_fit_and_initialize_check_parameters_too(X, name):
    y = target(name, X)
    classes = {"classes": [0, 1, 2]} if name == "MLPClassifier" else {}
    assert_refused_alike(lambda module: make(name, module, alpha=-1).partial_fit(X, y, **classes))
    assert type(error_of(make(name, alpha=-1).initialize, X, y)) is InvalidParameterError


@each_class
def test_any_random_state_that_scikit_learn_takes_is_taken(X, name):
    for kind in (np.random.MT19937, np.random.PCG64, np.random.Philox, np.random.SFC64):
        weights = []
        for module in (chainrule, theirs):
            state = np.random.RandomState(kind(3))
            with pytest.warns(ConvergenceWarning):
                net = make(name, module, random_state=state).fit(X, target(name, X))
            weights.append(net.coefs_[0])
        np.testing.assert_allclose(*weights, rtol=1e-6)


# -- data ------------------------------------------------------------------------------------------

BAD_X = {
    "nan": lambda X: np.where(np.arange(3) == 1, np.nan, X),
    "inf": lambda X: np.where(np.arange(3) == 1, np.inf, X),
    "nan, float32": lambda X: np.where(np.arange(3) == 1, np.nan, X).astype(np.float32),
    "inf, float32": lambda X: np.where(np.arange(3) == 1, -np.inf, X).astype(np.float32),
    "nan, sparse": lambda X: sp.csr_array(np.where(np.arange(3) == 1, np.nan, X)),
    "None among objects": lambda X: np.where(np.arange(3) == 1, None, X),
    "no samples": lambda X: X[:0],
    "no features": lambda X: X[:, :0],
    "one dimension": lambda X: X[:, 0],
    "three dimensions": lambda X: X[:, :, np.newaxis],
    "a number": lambda X: 3.0,
    "complex": lambda X: X * 1j,
    "ragged": lambda X: [[1, 2], [3]],
    "one sample less": lambda X: X[:-1],
    "one sample more": lambda X: np.vstack([X, X[:1]]),
    "a matrix": np.asmatrix,
}


@each_class
@pytest.mark.parametrize("what", BAD_X)
def test_fit_refuses_samples_in_scikit_learn_s_words(X, name, what):
    y = target(name, X)
    assert_refused_alike(lambda module: make(name, module).fit(BAD_X[what](X), y))


@each_class
@pytest.mark.parametrize(
    "container",
    [list, np.array, lambda rows: np.array(rows, dtype=object), pd.DataFrame],
    ids=["list", "texts", "objects", "frame"],
)
def test_numbers_as_texts_are_samples_in_any_container(X, name, container):
    y, X = target(name, X), X.round(3)
    texts = container(X.astype(str).tolist())
    nets = [quiet(make(name).fit, samples, y) for samples in (X, texts)]
    # A frame's numbers lie column by column, which moves a sum by a rounding.
    np.testing.assert_allclose(nets[0].coefs_[0], nets[1].coefs_[0], rtol=1e-9)
    np.testing.assert_allclose(nets[0].predict(X), nets[1].predict(texts), rtol=1e-9)


@each_class
@pytest.mark.parametrize("method", ["fit", "predict"])
def test_none_in_a_list_of_samples_is_missing(X, name, method):
    y, rows = target(name, X), X.tolist()
    rows[3][1] = None
    net = quiet(make(name).fit, X, y)
    error = error_of(getattr(net, method), rows, *([y] if method == "fit" else []))
    assert str(error).startswith("Input X contains NaN.")


MASKED = {
    "fit X": lambda net, X, y, mask: net.fit(mask(X), y),
    "fit y": lambda net, X, y, mask: net.fit(X, mask(y)),
    "fit rows": lambda net, X, y, mask: net.fit(list(mask(X)), y),
    "weights": lambda net, X, y, mask: net.fit(X, y, mask(np.ones(len(y)))),
    "X_val": lambda net, X, y, mask: net.fit(X, y, X_val=mask(X), y_val=y),
    "y_val": lambda net, X, y, mask: net.fit(X, y, X_val=X, y_val=mask(y)),
    "initialize": lambda net, X, y, mask: net.initialize(mask(X), y),
    "predict": lambda net, X, y, mask: net.predict(mask(X)),
    "transform": lambda net, X, y, mask: net.transform(mask(X)),
    "score X": lambda net, X, y, mask: net.score(mask(X), y),
    "score y": lambda net, X, y, mask: net.score(X, mask(y)),
    "score weights": lambda net, X, y, mask: net.score(X, y, mask(np.ones(len(y)))),
    "gradient": lambda net, X, y, mask: net.loss_and_gradient(X, mask(y)),
}


@each_class
@pytest.mark.parametrize("what", MASKED)
def test_masked_values_are_refused(X, name, what):
    y = target(name, X)
    net = quiet(make(name).fit, X, y)
    quiet(MASKED[what], net, X, y, np.ma.array)  # without a mask it is an array

    def mask(values):
        return np.ma.array(values, mask=np.arange(values.size).reshape(values.shape) == 1)

    error = error_of(MASKED[what], net, X, y, mask)
    assert isinstance(error, InvalidValueError), repr(error)
    assert "must have no masked values, got 1 of them" in str(error)


@each_class
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("row", [0, 14_000, -1])
def test_a_memory_map_is_searched_for_what_is_not_finite(tmp_path, name, bad, dtype, row):
    X = np.memmap(tmp_path / "X", dtype, "w+", shape=(20_000, 3))
    X[:] = np.arange(20_000)[:, np.newaxis] % 7
    X[row, 1] = bad
    y = np.arange(20_000) % 2
    assert_refused_alike(lambda module: make(name, module).fit(X, y))


@each_class
@pytest.mark.parametrize("what", [what for what in BAD_X if not what.startswith("one sample")])
@pytest.mark.parametrize("method", ["predict", "partial_fit", "score"])
def test_a_fitted_estimator_refuses_them_too(X, name, what, method):
    y = target(name, X)

    def call(module):
        net = make(name, module).fit(X, y)
        more = () if method == "predict" else (y,)
        getattr(net, method)(BAD_X[what](X), *more)

    assert_refused_alike(call)


BAD_LABELS = {
    "none": lambda X: None,
    "nan": lambda X: np.where(X[:, 0] > 0, np.nan, 1),
    "inf": lambda X: np.where(X[:, 0] > 0, np.inf, 1),
    "three dimensions": lambda X: np.zeros((30, 2, 2)),
    "a number": lambda X: 1,
    "ragged": lambda X: [[1], [2, 3]] * 15,
    "one too few": lambda X: np.zeros(29, int),
    "complex": lambda X: np.zeros(30) * 1j,
}
# scikit-learn prints all of y in these; chainrule says what kind of target it is.
OTHER_WORDS = {
    "any number": lambda X: X[:, 0],
    "columns of any number": lambda X: X[:, :2],
    "any number among objects": lambda X: X[:, 0].astype(object),
}


@pytest.mark.parametrize("what", BAD_LABELS)
def test_a_classifier_refuses_labels_in_scikit_learn_s_words(X, what):
    y = BAD_LABELS[what](X)
    assert_refused_alike(lambda module: make("MLPClassifier", module).fit(X, y))


@pytest.mark.parametrize("what", OTHER_WORDS)
def test_a_classifier_refuses_what_are_no_labels(X, what):
    y = OTHER_WORDS[what](X)
    assert_refused_alike(lambda module: make("MLPClassifier", module).fit(X, y), message=False)
    assert "Unknown label type" in str(error_of(make("MLPClassifier").fit, X, y))


LABELS_AMONG_OBJECTS = {
    "numbers": [0, 1, 2],
    "numbers of several types": [np.int8(0), 1, 2.0],
    "bools": [False, np.True_, True],
}


@pytest.mark.parametrize("what", LABELS_AMONG_OBJECTS)
@pytest.mark.parametrize("container", [lambda y: np.array(y, dtype=object), pd.Series])
def test_numbers_among_objects_are_labels(X, what, container):
    labels = LABELS_AMONG_OBJECTS[what] * 10
    y = container(np.array(labels, dtype=object))
    net = quiet(make("MLPClassifier").fit, X, y, X_val=X, y_val=y)
    np.testing.assert_array_equal(net.classes_, np.unique(labels))
    assert net.classes_.dtype.kind in "bif"
    same = quiet(make("MLPClassifier").fit, X, labels)
    np.testing.assert_array_equal(net.coefs_[0], same.coefs_[0])
    assert net.score(X, y) == same.score(X, labels)


MISSING = {
    "None": (None, "a"),
    "NaN among texts": (np.nan, "a"),
    "pandas' NA": (pd.NA, "a"),
    "no date": (pd.NaT, "a"),
    "None among numbers": (None, 1),
}
CONTAINERS = {
    "list": list,
    "tuple": tuple,
    "objects": lambda y: np.array(y, dtype=object),
    "series": lambda y: pd.Series(np.array(y, dtype=object), dtype=object),
}


@each_class
@pytest.mark.parametrize("what", MISSING)
@pytest.mark.parametrize("container", CONTAINERS)
def test_a_missing_target_is_named_with_its_place(X, name, what, container, message_of):
    missing, other = MISSING[what]
    y = CONTAINERS[container]([other, missing] * 15)
    net, good = make(name), target(name, X)
    for which, arguments in (("y", (X, y)), ("y_val", (X, good, None, X, y))):
        message = message_of(InvalidValueError, net.fit, *arguments)
        assert message.startswith(
            f"{which} must have no missing values, got {missing} in sample 1: "
        )
    table = np.array([[1, 2]] * 30, dtype=object)
    table[7, 1] = missing
    message = message_of(InvalidValueError, net.fit, X, table)
    assert f"got {missing} in sample 7, column 1: " in message


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(
    ("values", "wrong"),
    [(["a", "b", 3], "3 in sample 2"), ([1, "b", "c"], "'b' in sample 1")],
)
def test_mixed_labels_are_named_with_their_place(X, container, values, wrong, message_of):
    y = CONTAINERS[container](values * 10)
    message = message_of(InvalidValueError, make("MLPClassifier").fit, X, y)
    assert message.startswith(
        f"y must have labels that are all texts or all numbers, got {wrong}: "
    )


def test_objects_that_are_no_labels_are_refused(X, message_of):
    message = message_of(InvalidValueError, make("MLPClassifier").fit, X, [{"a": 1}] * 30)
    assert "got {'a': 1} in sample 0" in message


@pytest.mark.parametrize("container", [list, np.array, lambda y: np.array(y, dtype=object)])
def test_numbers_as_texts_are_targets_of_a_regressor(X, container):
    numbers = X[:, 0].round(3)
    nets = [
        quiet(make("MLPRegressor").fit, X, y)
        for y in (numbers, container([str(number) for number in numbers]))
    ]
    np.testing.assert_array_equal(nets[0].coefs_[0], nets[1].coefs_[0])


BAD_NUMBERS = {
    "none": lambda X: None,
    "nan": lambda X: np.where(X[:, 0] > 0, np.nan, 1),
    "inf": lambda X: np.where(X[:, 0] > 0, np.inf, 1),
    "three dimensions": lambda X: np.zeros((30, 2, 2)),
    "a number": lambda X: 1,
    "one too few": lambda X: np.zeros(29),
    "complex": lambda X: np.zeros(30) * 1j,
}


@pytest.mark.parametrize("what", BAD_NUMBERS)
def test_a_regressor_refuses_targets_in_scikit_learn_s_words(X, what):
    y = BAD_NUMBERS[what](X)
    assert_refused_alike(lambda module: make("MLPRegressor", module).fit(X, y))


@pytest.mark.parametrize(
    "y",
    [
        np.array(["one", "two", "three"] * 10),
        np.arange(30).astype("datetime64[D]"),
        sp.csr_array(np.eye(30, 3)),
        np.array([1.0, 2.0, None] * 10, dtype=object),
    ],
    ids=["words", "dates", "sparse", "None"],
)
def test_a_regressor_refuses_targets_that_are_no_numbers(X, y):
    error = error_of(make("MLPRegressor").fit, X, y)
    assert isinstance(error, TypeError | ValueError), repr(error)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, 255])
def test_a_cross_entropy_of_numbers_takes_those_in_its_domain(X, wrong, message_of):
    net = make("MLPRegressor", loss=SigmoidCrossEntropy())
    y = (X[:, 0] > 0).astype(float)
    quiet(net.fit, X, y, X_val=X, y_val=y)
    beyond = np.r_[wrong, y[1:]]
    for name, given in (("y", (beyond,)), ("y_val", (y, None, X, beyond))):
        assert message_of(InvalidValueError, net.fit, X, *given) == (
            f'{name} must be in [0, 1] with loss="sigmoid_cross_entropy", got {float(wrong)}: '
            "choose another loss"
        )


def test_targets_below_zero_are_refused_by_poisson(X, message_of):
    net = make("MLPRegressor", loss="poisson")
    assert "y must be at least 0" in message_of(InvalidValueError, net.fit, X, X[:, 0])


@each_class
@pytest.mark.parametrize(
    "weight",
    [np.ones(29), np.ones((30, 2)), np.full(30, np.nan), np.r_[np.inf, np.ones(29)], ["a"] * 30],
    ids=["too few", "two columns", "nan", "inf", "words"],
)
def test_sample_weights_are_refused_in_scikit_learn_s_words(X, name, weight):
    if "sample_weight" not in inspect.signature(theirs.MLPClassifier.fit).parameters:
        pytest.skip("this scikit-learn takes no weights")
    y = target(name, X)
    assert_refused_alike(lambda module: make(name, module).fit(X, y, weight))


@each_class
def test_weights_that_are_all_zero_are_refused(X, name):
    with pytest.raises(ValueError, match=r"[Ss]ample.weight.* must"):
        make(name).fit(X, target(name, X), np.zeros(30))


@each_class
def test_weights_that_are_all_zero_in_the_part_held_out_are_refused(X, name):
    net = make(name, early_stopping=True)
    weight = np.r_[np.ones(3), np.zeros(27)]
    with pytest.raises(ValueError, match=r"[Ww]eight"):
        net.fit(X, target(name, X), weight)
    assert not hasattr(net, "coefs_")


@each_class
@pytest.mark.parametrize("size", [6, 30])
@pytest.mark.parametrize("fraction", [0.001, 0.1, 0.99])
def test_a_part_that_is_too_small_to_hold_out_is_refused_alike(X, name, size, fraction):
    y = target(name, X)[:size]

    def fit(module):
        params = {"early_stopping": True, "validation_fraction": fraction}
        make(name, module, **params).fit(X[:size], y)

    if (size, fraction) == (30, 0.1):
        assert type(error_of(fit, chainrule)) is type(error_of(fit, theirs))
    elif fraction in (0.0, 0.99):  # scikit-learn speaks of its split's arguments
        assert_refused_alike(fit, message=False)
        assert str(error_of(fit, chainrule)) == (
            f"validation_fraction of {size} samples must leave some samples to learn from and to "
            f"hold out, got {fraction}: change it, pass more samples, or pass X_val and y_val"
        )
    elif error_of(fit, theirs) is None:  # before 1.7 one sample was enough
        assert "The validation set is too small." in str(error_of(fit, chainrule))
    else:
        assert_refused_alike(fit)


@pytest.mark.parametrize("labels", [["no", "yes"], [3, 7], [False, True]])
def test_a_class_of_one_sample_cannot_be_held_out(X, labels):
    y = np.repeat(labels, [29, 1])

    def fit(module):
        make("MLPClassifier", module, early_stopping=True).fit(X, y)

    # scikit-learn stratifies by what it has encoded, and calls any class of one sample True.
    assert_refused_alike(fit, message=False)
    message = str(error_of(fit, chainrule))
    assert message.startswith(str(error_of(fit, theirs))[:40])
    assert f"[{labels[1]!r}]" in message or "in y has only" in message  # before 1.8 none is named
    assert "pass X_val and y_val, or more samples" in message


def test_two_classes_need_a_sample_each_in_both_parts(X):
    net = make("MLPClassifier", early_stopping=True)
    message = str(error_of(net.fit, X[:6], ["no", "yes"] * 3))
    assert message == (
        "validation_fraction of 6 samples must leave some samples of each class to learn from and "
        "to hold out, got 0.1: change it, pass more samples, or pass X_val and y_val"
    )


# -- classes ---------------------------------------------------------------------------------------


def test_one_class_only_is_learnt_and_certain(X):
    y = np.full(30, "only")
    nets = []
    for module in (chainrule, theirs):
        with pytest.warns(ConvergenceWarning):
            nets.append(make("MLPClassifier", module).fit(X, y))
        assert (nets[-1].predict(X) == "only").all()
    np.testing.assert_allclose(nets[0].coefs_[0], nets[1].coefs_[0], rtol=1e-6)
    # scikit-learn has two columns here, one of them of a class that is not in classes_.
    np.testing.assert_array_equal(nets[0].predict_proba(X), np.ones((30, 1)))
    np.testing.assert_array_equal(nets[0].predict_log_proba(X), np.zeros((30, 1)))


REFUSED_CLASSES = {
    "first call without classes": lambda net, X, y: net.partial_fit(X, y),
    "unseen in the first call": lambda net, X, y: net.partial_fit(X, y, classes=[0, 1]),
    "unseen later": lambda net, X, y: net.fit(X, y).partial_fit(X, y + 1),
    "unseen by two classes": lambda net, X, y: net.fit(X, y % 2).partial_fit(X, y),
    "words after numbers": lambda net, X, y: net.fit(X, y).partial_fit(X, y.astype(str)),
    "other classes later": lambda net, X, y: net.fit(X, y).partial_fit(X, y, classes=[0, 1]),
    "words as classes": lambda net, X, y: net.partial_fit(X, y, classes=["a", "b"]),
    "warm start with others": lambda net, X, y: warm(net).fit(X, y).fit(X, y + 1),
    "warm start with fewer": lambda net, X, y: warm(net).fit(X, y).fit(X, y % 2),
    "warm start, partial_fit": lambda net, X, y: warm(net).fit(X, y).partial_fit(X, y % 2),
    "warm start, first partial_fit": lambda net, X, y: warm(net).partial_fit(
        X, y, classes=[0, 1, 2, 3]
    ),
    "early stopping": lambda net, X, y: net.set_params(early_stopping=True).partial_fit(
        X, y, classes=[0, 1, 2]
    ),
    "lbfgs": lambda net, X, y: net.set_params(solver="lbfgs").partial_fit(X, y, classes=[0, 1, 2]),
}


def warm(net):
    return net.set_params(warm_start=True)


@pytest.mark.parametrize("what", REFUSED_CLASSES)
def test_classes_are_refused_in_scikit_learn_s_words(X, what):
    y = target("MLPClassifier", X)
    assert set(y) == {0, 1, 2}
    assert_refused_alike(
        lambda module: REFUSED_CLASSES[what](make("MLPClassifier", module, warm_start=False), X, y)
    )


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("n_labels", [2, 3, 4])
def test_partial_fit_with_a_table_after_one_class_a_sample_is_refused(X, n_classes, n_labels):
    net = quiet(make("MLPClassifier").fit, X, np.arange(30) % n_classes)
    table = (np.hstack([X, X])[:, :n_labels] > 0).astype(int)
    with pytest.raises(ValueError, match="y must have one label a sample"):
        net.partial_fit(X, table)


def test_partial_fit_with_one_class_a_sample_after_labels_is_refused(X):
    net = quiet(make("MLPClassifier").fit, X, (X > 0).astype(int))
    with pytest.raises(ValueError, match="labels"):
        net.partial_fit(X, target("MLPClassifier", X))


def test_partial_fit_with_other_labels_is_refused(X):
    net = quiet(make("MLPClassifier").fit, X, (X > 0).astype(int))
    for y in (X[:, :2] > 0, np.hstack([X, X]) > 0):
        with pytest.raises(ValueError, match="y must have 3 columns of labels"):
            net.partial_fit(X, y.astype(int))


def test_partial_fit_with_other_columns_is_refused(X):
    net = quiet(make("MLPRegressor").fit, X, X[:, :2])
    for y in (X, X[:, 0]):
        with pytest.raises(InvalidValueError, match="y must have 2 columns"):
            net.partial_fit(X, y)


def test_partial_fit_goes_on_after_a_fit_of_several_columns(X):
    y = (X > 0).astype(int) * [1, 2, 3]
    net = quiet(make("MLPClassifier").fit, X, y)
    assert net.partial_fit(X, y).predict(X).shape == (30, 3)
    with pytest.raises(ValueError, match="column"):
        net.partial_fit(X, y[:, :2])
    with pytest.raises(ValueError, match="column"):
        net.partial_fit(X, y[:, 0])


ALL_CLASSES = {
    "mixed": ([0, "a"], "classes must have labels that are all texts or all numbers, got 'a' in"),
    "missing": (["a", None], "classes must have no missing values, got None in sample 1"),
    "none": ([], "classes must be labels in one dimension, at least one, got shape (0,)"),
    "a number": (3, "classes must be labels in one dimension, at least one, got shape ()"),
    "a table": (np.eye(3), "classes must be labels in one dimension, at least one, got shape (3,"),
}


@pytest.mark.parametrize("what", ALL_CLASSES)
def test_classes_are_checked_as_labels_are(X, what, message_of):
    classes, message = ALL_CLASSES[what]
    net = make("MLPClassifier")
    y = target("MLPClassifier", X)
    assert message_of(InvalidValueError, net.partial_fit, X, y, classes=classes).startswith(message)


def test_classes_among_objects_are_those_of_labels_among_objects(X):
    y = target("MLPClassifier", X)
    net = make("MLPClassifier").partial_fit(
        X, y.astype(object), classes=np.array([0, 1, 2], dtype=object)
    )
    assert net.classes_.dtype.kind == "i"
    net.partial_fit(X, y)


# -- an output function set by hand ----------------------------------------------------------------


@each_class
def test_another_output_function_is_refused(X, name, message_of):
    y = target(name, X)
    net = quiet(make(name).fit, X, y)
    before, net.out_activation_ = net.out_activation_, "tanh"
    calls = [net.predict, X], [net.score, X, y], [net.partial_fit, X, y], [net.save, "never"]
    for call, *arguments in calls:
        message = message_of(InvalidValueError, call, *arguments)
        assert message.startswith(f"out_activation_ must stay {before!r}, ")
    assert quiet(net.fit, X, y).out_activation_ == before


@pytest.mark.parametrize("kind", ["two", "three", "labels", "columns"])
def test_other_classes_are_refused(X, kind, message_of):
    three = np.arange(len(X)) % 3
    y = {
        "two": three % 2,
        "three": three,
        "labels": np.eye(3, dtype=int)[three],
        "columns": np.column_stack([three, 5 + three % 2]),
    }[kind]
    net = quiet(make("MLPClassifier").fit, X, y)
    before = net.classes_
    net.classes_ = copy.deepcopy(before)  # the same ones again
    net.predict(X)
    net.classes_ = [one + 7 for one in before]
    for call, *arguments in ([net.predict, X], [net.predict_proba, X], [net.save, "never"]):
        message = message_of(InvalidValueError, call, *arguments)
        assert message.startswith("classes_ must stay ")
        assert message.endswith(": set it back, and put others in place of predictions")
    net.classes_ = before
    again = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(again.predict(X), net.predict(X))


# -- validation data -------------------------------------------------------------------------------


@each_class
def test_validation_data_is_checked(X, name):
    y = target(name, X)
    net = make(name)
    features = "X_val must have 3 features, as X, got 2: pass data with the same columns"
    together = "X_val and y_val must be given together, got"
    number = "X_val and y_val must have the same number of samples, got"
    for X_val, y_val, message in (
        (X, None, f"{together} X_val alone: pass y_val too"),
        (None, y, f"{together} y_val alone: pass X_val too"),
        (X[:, :2], y, features),
        (sp.csr_array(X[:, :2]), y, features),
        (X[:, :2].tolist(), y, features),
        (X[:-1], y, f"{number} 29 and 30: pass a target for each sample"),
        (X, y[:-1], f"{number} 30 and 29: pass a target for each sample"),
        (np.where(X > 0, np.nan, X), y, "Input X_val contains NaN."),
        (X * np.inf, y, "Input X_val contains "),
        (X[:0], y[:0], "X_val: Found array with 0 sample(s) (shape=(0, 3))"),
        (X[0], y[:1], "X_val: Expected 2D array, got 1D array instead"),
        (
            np.full(X.shape, "word"),
            y,
            "X_val must have numbers in every column, got",
        ),
        (X, np.where(y > 0, np.nan, y), "Input y_val contains NaN."),
        (X, np.zeros((30, 2, 2)), "y_val: Found array with dim 3"),
        (X, 1, "y_val: "),
        (X, y[:0], "y_val: Found array with 0 sample(s) (shape=(0,))"),
    ):
        error = error_of(net.fit, X, y, None, X_val, y_val)
        assert isinstance(error, TypeError | ValueError), repr(error)
        assert str(error).startswith(message)


OTHER_VALIDATION_TARGETS = {
    "other classes": (
        "MLPClassifier",
        lambda X: np.arange(30) % 3,
        lambda X: np.arange(30) % 3 + 1,
        "`y_val` has classes not in `self.classes_`. `self.classes_` has [0 1 2]. "
        "'y_val' has [1 2 3].",
    ),
    "any number": (
        "MLPClassifier",
        lambda X: np.arange(30) % 3,
        lambda X: X[:, 0],
        "y_val: Unknown label type: continuous. Maybe you are trying to fit a classifier, which "
        "expects discrete classes on a regression target with continuous values.",
    ),
    "two columns for one label": (
        "MLPClassifier",
        lambda X: np.arange(30) % 3,
        lambda X: X[:, :2] > 0,
        "y_val must have one label a sample, as y, got shape (30, 2): "
        "pass targets of the same kind",
    ),
    "other labels": (
        "MLPClassifier",
        lambda X: X > 0,
        lambda X: X[:, :2] > 0,
        "y_val must have 3 columns of labels, as y, got shape (30, 2): "
        "pass targets of the same kind",
    ),
    "a column's other classes": (
        "MLPClassifier",
        lambda X: np.c_[np.arange(30) % 3, np.arange(30) % 4],
        lambda X: np.c_[np.arange(30) % 3, np.arange(30) % 5 + 1],
        "column 1 of y_val must have classes of the first call, got [4, 5]: keep to them",
    ),
    "fewer columns": (
        "MLPRegressor",
        lambda X: X,
        lambda X: X[:, :2],
        "y_val must have 3 columns, as y, got shape (30, 2): pass targets of the same kind",
    ),
    "more columns": (
        "MLPRegressor",
        lambda X: X[:, 0],
        lambda X: X,
        "y_val must have one number a sample, as y, got shape (30, 3): "
        "pass targets of the same kind",
    ),
    "words": (
        "MLPRegressor",
        lambda X: X[:, 0],
        lambda X: np.full(30, "red"),
        "y_val must be a dense array of numbers, got 'red': convert it to floats",
    ),
    "a word among objects": (
        "MLPRegressor",
        lambda X: X[:, 0],
        lambda X: np.array([1.0, "2", "red"] * 10, dtype=object),
        "y_val must be a dense array of numbers, got 'red': convert it to floats",
    ),
    "sparse": (
        "MLPRegressor",
        lambda X: X,
        sp.csr_array,
        "y_val must be a dense array of numbers, got csr_array of float64: convert it to floats",
    ),
}


@pytest.mark.parametrize("what", OTHER_VALIDATION_TARGETS)
def test_errors_about_validation_targets_name_them(X, what):
    name, of_y, of_y_val, message = OTHER_VALIDATION_TARGETS[what]
    assert str(error_of(make(name).fit, X, of_y(X), None, X, of_y_val(X))) == message


def test_numbers_beyond_the_dtype_are_named(X, message_of):
    y, far = X[:, 0], np.r_[1e300, X[1:, 0]]
    net = make("MLPRegressor", dtype="float32")
    for name, given in (("y", (far,)), ("y_val", (y, None, X, far))):
        assert message_of(InvalidValueError, net.fit, X, *given) == (
            f'{name} must be finite in float32, got 1e+300: scale y or pass dtype="float64"'
        )
    net = make("MLPRegressor", loss="poisson")
    assert message_of(InvalidValueError, net.fit, X, y**2, None, X, 0 * y - 1) == (
        'y_val must be at least 0 with loss="poisson", got -1.0: choose another loss'
    )


def test_weights_of_zero_name_what_made_them(X, message_of):
    y = target("MLPClassifier", X)
    net = make("MLPClassifier", class_weight={0: 0, 1: 0, 2: 1})
    for weight, name in ((None, "class_weight"), (y < 2, "sample_weight times class_weight")):
        labels = np.where(y == 2, 1, y) if weight is None else y
        message = message_of(InvalidValueError, net.fit, X, labels, weight)
        assert message == (
            f"{name} must have a weight that is not 0, got nothing but 0: "
            "give some samples a weight"
        )


# -- frames of several columns of labels -----------------------------------------------------------


@pytest.fixture(name="mixed", params=["pandas", "polars", "numpy"])
def frame_of(request):
    if request.param == "numpy":
        return lambda columns: np.array(list(columns.values()), dtype=object).T
    return pytest.importorskip(request.param).DataFrame


@pytest.mark.parametrize("order", [("colour", "size"), ("size", "colour")])
def test_columns_of_several_types_have_classes_of_their_own_type(X, mixed, order):
    columns = {"colour": ["red", "green", "blue"] * 10, "size": [1, 2] * 15}
    y = mixed({name: columns[name] for name in order})
    net = make("MLPClassifier", max_iter=300, learning_rate_init=0.05, tol=0, solver="adam")
    X = np.c_[np.arange(30) % 3, np.arange(30) % 2]
    quiet(net.fit, X, y, X_val=X, y_val=y)
    classes = dict(zip(order, net.classes_, strict=True))
    assert classes["colour"].tolist() == ["blue", "green", "red"]
    assert classes["size"].tolist() == [1, 2]
    assert classes["size"].dtype.kind == "i"
    predicted = dict(zip(order, net.predict(X).T.tolist(), strict=True))
    assert predicted == columns
    assert net.score(X, y) == net.history_.column("validation_accuracy")[-1] == 1
    codes = np.c_[[np.unique(columns[name], return_inverse=True)[1] for name in order]].T
    same = quiet(make(**{**net.get_params(), "name": "MLPClassifier"}).fit, X, codes)
    np.testing.assert_array_equal(net.coefs_[0], same.coefs_[0])
    quiet(net.partial_fit, X, y)
    with pytest.raises(InvalidValueError, match="of y must have classes of the first call"):
        net.partial_fit(X, np.array([["red", "red"]] * 30, dtype=object))


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (
            ["red", 1] * 15,
            "column 1 of {} must have labels that are all texts or all numbers, got 1 in "
            "sample 1: convert them or leave such samples out",
        ),
        (
            ["red", None] * 15,
            "{} must have no missing values, got None in sample 1, column 1: fill them in or leave "
            "such samples out",
        ),
        (
            [0.5, 1.5] * 15,
            "column 1 of {}: Unknown label type: continuous. Maybe you are trying to fit a "
            "classifier, which expects discrete classes on a regression target with continuous "
            "values.",
        ),
    ],
)
def test_a_column_of_no_labels_is_refused_by_its_number(X, column, message):
    y = np.array([["red", 1]] * 30, dtype=object)
    wrong = y.copy()
    wrong[:, 1] = column
    fit = make("MLPClassifier").fit
    assert str(error_of(fit, X, wrong)) == message.format("y")
    assert str(error_of(fit, X, y, X_val=X, y_val=wrong)) == message.format("y_val")


def test_a_frame_of_words_is_refused_by_a_regressor(X, message_of, mixed):
    y = mixed({"price": [1.5] * 30, "colour": ["red"] * 30})
    assert message_of(InvalidValueError, make("MLPRegressor").fit, X, y) == (
        "y must be a dense array of numbers, got 'red': convert it to floats"
    )


@each_class
def test_scoring_needs_validation_data(X, name):
    net = make(name, scoring="accuracy")
    with pytest.raises(InvalidValueError, match="scoring needs validation data"):
        net.fit(X, target(name, X))


# -- before fit, and after -------------------------------------------------------------------------

ANSWERS = {
    "MLPClassifier": ("predict", "predict_proba", "predict_log_proba"),
    "MLPRegressor": ("predict",),
}


@pytest.mark.parametrize(("name", "method"), [(n, m) for n, ms in ANSWERS.items() for m in ms])
def test_before_fit_there_is_no_answer_and_scikit_learn_s_words(X, name, method):
    assert_refused_alike(lambda module: getattr(make(name, module), method)(X))


@each_class
def test_before_fit_there_is_no_answer(X, name):
    net, y = make(name), target(name, X)
    for call in (
        lambda: net.transform(X),
        lambda: net.activations(X),
        lambda: net.loss_and_gradient(X, y),
        lambda: net.score(X, y),
        *([lambda: net.decision_function(X)] if name == "MLPClassifier" else []),
    ):
        with pytest.raises(NotFittedError):
            call()


@pytest.mark.parametrize(("name", "method"), [(n, m) for n, ms in ANSWERS.items() for m in ms])
@pytest.mark.parametrize("width", [1, 2, 4])
def test_another_number_of_features_is_refused_in_scikit_learn_s_words(X, name, method, width):
    y = target(name, X)

    def call(module):
        getattr(make(name, module).fit(X, y), method)(np.ones((5, width)))

    assert_refused_alike(call)


@each_class
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_going_on_with_another_number_of_features_is_refused(X, name, method):
    y = target(name, X)

    def call(module):
        getattr(make(name, module, warm_start=True).fit(X, y), method)(X[:, :2], y)

    assert_refused_alike(call)


@each_class
def test_going_on_with_other_layers_is_refused(X, name):
    y = target(name, X)
    net = quiet(make(name, warm_start=True).fit, X, y).set_params(hidden_layer_sizes=(7,))
    for method in (net.fit, net.partial_fit):
        with pytest.raises(InvalidValueError, match="the layers must stay"):
            method(X, y)


# -- what a refused call leaves behind -------------------------------------------------------------


def contents(value, seen=()):
    """Return everything in an object as plain values, arrays as bytes."""
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, dict):
        return {name: contents(v, seen) for name, v in value.items()}
    if isinstance(value, list | tuple):
        return [contents(v, seen) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: contents(getattr(value, f.name), seen) for f in fields(value)}
    if hasattr(value, "__dict__") and not callable(value) and id(value) not in seen:
        return contents(vars(value), (*seen, id(value)))
    return repr(value)


def quiet(call, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*args, **kwargs)


class Fails(Callback):
    """Fails in the second epoch, or when training ends."""

    def __init__(self, when):
        self.when = when

    def train_begin(self, progress):
        if self.when == "train_begin":
            raise RuntimeError(self.when)

    def batch_end(self, progress):
        if self.when == "batch_end" and progress.epochs_done == 1:
            raise RuntimeError(self.when)

    def epoch_end(self, progress):
        if self.when == "epoch_end" and progress.epochs_done == 2:
            raise RuntimeError(self.when)
        return False

    def train_end(self, progress):
        if self.when == "train_end":
            raise RuntimeError(self.when)


ALL_METHODS = ("fit", "partial_fit", "initialize")
BAD_CALLS = {
    "nan in X": (ALL_METHODS, {}, lambda X, y: (np.where(X > 0, np.nan, X), y)),
    "inf in X, second column": (ALL_METHODS, {}, lambda X, y: (X * [1, np.inf, 1], y)),
    "fewer y": (ALL_METHODS, {}, lambda X, y: (X, y[:-1])),
    "y is None": (ALL_METHODS, {}, lambda X, y: (X, None)),
    "y of nan": (ALL_METHODS, {}, lambda X, y: (X, np.full(30, np.nan))),
    "three dimensions": (ALL_METHODS, {}, lambda X, y: (X[:, :, np.newaxis], y)),
    "invalid alpha": (ALL_METHODS, {"alpha": -1}, lambda X, y: (X, y)),
    "invalid units": (ALL_METHODS, {"hidden_layer_sizes": (3, 0)}, lambda X, y: (X, y)),
    "a list of activations too long": (
        ALL_METHODS,
        {"activation": ["relu", "tanh"]},
        lambda X, y: (X, y),
    ),
    "clip twice": (("fit", "partial_fit"), {"clip_value": 1, "clip_norm": 1}, lambda X, y: (X, y)),
    "scoring": (("fit",), {"scoring": "r2"}, lambda X, y: (X, y)),
    "weights": (("fit", "partial_fit"), {}, lambda X, y: (X, y, np.ones(29))),
    "zero weights": (("fit", "partial_fit"), {}, lambda X, y: (X, y, np.zeros(30))),
    "early stopping": (("partial_fit",), {"early_stopping": True}, lambda X, y: (X, y)),
    "X_val alone": (("fit",), {}, lambda X, y: (X, y, None, X)),
    "X_val of other width": (("fit",), {}, lambda X, y: (X, y, None, X[:, :2], y)),
    "y_val of nan": (("fit",), {}, lambda X, y: (X, y, None, X, np.full(30, np.nan))),
    "nothing to hold out": (
        ("fit", "initialize"),
        {"early_stopping": True, "validation_fraction": 0.01},
        lambda X, y: (X, y),
    ),
    "too large for float32": (ALL_METHODS, {"dtype": "float32"}, lambda X, y: (X * 1e60, y)),
    "divergence": (
        ("fit", "partial_fit"),
        {"learning_rate_init": 1e308, "batch_size": 1},
        lambda X, y: (X, y),
    ),
    "a stop": (
        ("fit", "partial_fit"),
        {"callbacks": [StopWhen(lambda: True)]},
        lambda X, y: (X, y),
    ),
    "a failing callback, first": (
        ("fit", "partial_fit"),
        {"callbacks": [Fails("train_begin")]},
        lambda X, y: (X, y),
    ),
    "a failing callback, batch": (
        ("fit",),
        {"callbacks": [Fails("batch_end")]},
        lambda X, y: (X, y),
    ),
    "a failing callback, epoch": (
        ("fit",),
        {"callbacks": [Fails("epoch_end")]},
        lambda X, y: (X, y),
    ),
    "a failing callback, last": (
        ("fit", "partial_fit"),
        {"callbacks": [Fails("train_end")]},
        lambda X, y: (X, y),
    ),
}


@pytest.mark.parametrize("before", ["fresh", "fitted", "to be warm started"])
@pytest.mark.parametrize(
    ("method", "what"), [(m, what) for what, (methods, *_) in BAD_CALLS.items() for m in methods]
)
@each_class
def test_a_refused_call_leaves_the_estimator_as_it_was(X, name, method, what, before):
    _, changes, arguments = BAD_CALLS[what]
    y = target(name, X)
    params = {"solver": "sgd", "hidden_layer_sizes": (4,), "max_iter": 3, "tol": 0}
    # Another dtype cannot be asked for in a network that is there.
    params["dtype"] = changes.get("dtype", "float64")
    net = make(name, **params, warm_start=before == "to be warm started")
    if before != "fresh":
        quiet(net.fit, X, y)
        net.partial_fit(X, y)
    elif method == "partial_fit" and name == "MLPClassifier":
        quiet(net.initialize, X, y)  # the first call wants classes
        if what == "early stopping":
            net = make(name, **params)
    net.set_params(**changes)
    was, kept = contents(vars(net)), dict(vars(net))
    more = {}
    if method == "partial_fit" and name == "MLPClassifier":
        more["classes"] = [0, 1, 2]
    error = error_of(getattr(net, method), *arguments(X, y), **more)
    assert error is not None
    assert not isinstance(error, AttributeError | IndexError | KeyError), repr(error)
    assert vars(net).keys() == kept.keys()
    assert all(vars(net)[key] is value for key, value in kept.items())
    assert contents(vars(net)) == was


def test_a_warning_that_is_an_error_leaves_the_estimator_as_it_was(X):
    y = target("MLPRegressor", X)
    net = make("MLPRegressor")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ConvergenceWarning):
            net.fit(X, y)
    assert not hasattr(net, "coefs_")


def test_a_divergent_training_says_so_in_scikit_learn_s_words(X):
    y = target("MLPRegressor", X)
    for solver in ("sgd", "adam"):
        params = {"solver": solver, "learning_rate_init": 1e308, "max_iter": 20}
        assert_refused_alike(
            lambda module, params=params: np.errstate(all="ignore")(
                make("MLPRegressor", module, **params).fit
            )(X, y)
        )


# -- Ctrl-C ----------------------------------------------------------------------------------------


class Interrupts(Callback):
    """Presses Ctrl-C once: after some steps, or after some epochs."""

    def __init__(self, *, batches=None, epochs=None):
        self.batches, self.epochs = batches, epochs

    def batch_end(self, progress):
        if self.batches is not None:
            self.batches -= 1
            if self.batches == 0:
                raise KeyboardInterrupt

    def epoch_end(self, progress):
        if progress.epochs_done == self.epochs:
            self.epochs = None
            raise KeyboardInterrupt
        return False


INTERRUPTED = "^Training interrupted by user.$"


@each_class
@pytest.mark.parametrize("stopping", [False, True])
@pytest.mark.parametrize(
    ("when", "epochs"),
    [({"batches": 1}, 0), ({"batches": 2}, 0), ({"batches": 17}, 5), ({"epochs": 4}, 4)],
)
def test_ctrl_c_leaves_a_model_to_go_on_with(X, name, when, epochs, stopping):
    y = target(name, X)
    net = make(name, batch_size=10, max_iter=50, early_stopping=stopping)
    net.set_params(callbacks=[Interrupts(**when)], validation_fraction=0.2)
    steps = 3
    with pytest.warns(UserWarning, match=INTERRUPTED) as caught:
        assert net.fit(X, y) is net
    assert len(caught) == 1
    assert caught[0].category is UserWarning
    assert net.n_iter_ == epochs
    assert len(net.loss_curve_) == len(net.history_) == epochs
    assert net.t_ == epochs * (24 if stopping else 30)
    assert steps * 10 == len(X)
    assert np.isfinite(net.predict_proba(X) if name == "MLPClassifier" else net.predict(X)).all()
    again = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(again.predict(X), net.predict(X))
    net.set_params(early_stopping=False, callbacks=None).partial_fit(X, y)
    assert len(net.loss_curve_) == epochs + 1


@each_class
@pytest.mark.parametrize("stopping", [False, True])
def test_ctrl_c_in_the_first_epoch_leaves_scikit_learn_s_attributes(monkeypatch, X, name, stopping):
    y = target(name, X)
    params = {"early_stopping": stopping, "validation_fraction": 0.2}
    ours = make(name, callbacks=[Interrupts(batches=1)], **params)
    wanted = make(name, theirs, **params)

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(wanted, "_backprop", interrupt)
    for net in (ours, wanted):
        with pytest.warns(UserWarning, match=INTERRUPTED):
            net.fit(X, y)
    for attribute, value in vars(wanted).items():
        if attribute.endswith("_") and not attribute.startswith(("_", "coefs", "intercepts")):
            np.testing.assert_equal(getattr(ours, attribute), value, err_msg=attribute)
    assert np.isnan(ours.loss_)  # scikit-learn has none
    assert (ours.best_epoch_, ours.history_.epochs) == (None, [])
    assert set(vars(ours)) == set(vars(quiet(make(name, callbacks=[], **params).fit, X, y)))
    quiet(ours.set_params(warm_start=True, callbacks=None).fit, X, y)
    assert np.isfinite(ours.loss_)
    assert stopping or ours.best_loss_ == min(ours.loss_curve_)


@each_class
def test_ctrl_c_in_the_first_iteration_of_lbfgs_leaves_a_model(X, name):
    y = target(name, X)

    def interrupt(Z):
        raise KeyboardInterrupt

    net = make(name, solver="lbfgs", activation=(interrupt, np.cos))
    with pytest.warns(UserWarning, match=INTERRUPTED):
        net.fit(X, y)
    assert np.isnan(net.loss_)
    assert (net.n_iter_, net.best_epoch_, net.history_.epochs) == (0, None, [])
    net.set_params(activation="relu", warm_start=True)
    assert np.isfinite(quiet(net.fit, X, y).loss_)


@each_class
def test_ctrl_c_during_the_first_step_of_partial_fit_leaves_a_model(X, name):
    y = target(name, X)
    net = quiet(make(name).fit, X, y).set_params(callbacks=[Interrupts(batches=1)])
    before = [W.copy() for W in net.coefs_]
    with pytest.warns(UserWarning, match=INTERRUPTED):
        net.partial_fit(X, y)
    assert net.n_iter_ == 0
    assert not np.array_equal(net.coefs_[0], before[0])
    net.set_params(callbacks=None).partial_fit(X, y)
    assert net.n_iter_ == 1


def test_ctrl_c_after_a_good_epoch_restores_its_weights(X, rng):
    y = rng.normal(size=30)  # nothing to learn: it gets worse soon
    params = {"early_stopping": True, "learning_rate_init": 0.1, "n_iter_no_change": 50}
    whole = make("MLPRegressor", max_iter=20, **params)
    quiet(whole.fit, X, y)
    assert whole.best_epoch_ < 20
    cut = make("MLPRegressor", max_iter=50, **params)
    cut.set_params(callbacks=[Interrupts(epochs=20)])
    with pytest.warns(UserWarning, match=INTERRUPTED):
        cut.fit(X, y)
    for a, b in zip(whole.coefs_, cut.coefs_, strict=True):
        np.testing.assert_array_equal(a, b)
    assert cut.best_validation_score_ == whole.best_validation_score_


@each_class
def test_ctrl_c_during_lbfgs_leaves_a_model(X, name):
    y = target(name, X)
    calls = []

    def tanh(Z):
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return np.tanh(Z)

    net = make(name, solver="lbfgs", activation=(tanh, lambda Z: 1 - np.tanh(Z) ** 2), max_iter=90)
    with pytest.warns(UserWarning, match=INTERRUPTED):
        net.fit(X, y)
    assert np.isfinite(net.predict(X)).all()
    assert np.isfinite(net.loss_)
    assert 0 < net.n_iter_ < 90
    assert net.loss_ == pytest.approx(net.loss_and_gradient(X, y)[0])


@each_class
def test_callbacks_of_lbfgs_are_told_or_refused(X, name):
    class Counts(Callback):
        told = 0

        def epoch_end(self, progress):
            self.told += 1
            return False

    callback = Counts()
    net = make(name, solver="lbfgs", max_iter=5, callbacks=[callback])
    error = error_of(net.fit, X, target(name, X))
    assert isinstance(error, InvalidValueError) or callback.told == net.n_iter_


def test_other_ways_to_stop_are_errors(X):
    net = make("MLPRegressor", callbacks=[StopWhen(lambda: True)])
    with pytest.raises(TrainingInterrupted):
        net.fit(X, target("MLPRegressor", X))
    assert not hasattr(net, "coefs_")


def test_errors_survive_pickling(X):
    error = error_of(make("MLPRegressor").fit, X, X[:, 0], None, X)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert re.search("got .*: pass y_val", str(error))


# -- memory ----------------------------------------------------------------------------------------

FAR_TOO_MANY = 10**13
TOO_LARGE = [
    MLPClassifier(FAR_TOO_MANY),
    MLPClassifier(10**30),
    MLPClassifier(FAR_TOO_MANY, solver="lbfgs"),
    MLPRegressor(hidden_layer_sizes=(FAR_TOO_MANY, 3)),
    MLPAutoencoder(FAR_TOO_MANY),
    NeuralNetwork(3, [4, FAR_TOO_MANY, 2], 0.1, "relu", "normal", 1, 10),
]


@pytest.mark.parametrize("model", TOO_LARGE, ids=lambda model: type(model).__name__)
def test_a_network_that_memory_cannot_hold_is_refused(model):
    X = np.arange(40.0).reshape(10, 4)
    before = set(vars(model))
    with pytest.raises(NotEnoughMemoryError, match=r"memory must hold [0-9,]+ parameters of"):
        model.fit(X, np.arange(10) % 2)
    assert set(vars(model)) == before


@pytest.mark.parametrize(
    "model", [MLPClassifier((3,)), NeuralNetwork(3, [4, 3, 2], 0.1, "relu", "normal", 1, 10)]
)
def test_memory_that_is_refused_later_is_the_same_error(model, monkeypatch):
    def refuse(*arguments):
        raise MemoryError("Unable to allocate 24.0 GiB")

    monkeypatch.setattr("chainrule.training.loop.Workspace", refuse)
    with pytest.raises(
        NotEnoughMemoryError, match=r"needs, got 'Unable to allocate 24.0 GiB': make the layers"
    ):
        model.fit(np.arange(40.0).reshape(10, 4), np.arange(10) % 2)


def test_a_batch_that_memory_cannot_hold_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "GIB", 2**10)
    monkeypatch.setattr(memory, "machine_memory", lambda: 2**16)
    X = np.zeros((1000, 4))
    MLPRegressor(hidden_layer_sizes=100, batch_size=10, max_iter=1).partial_fit(X, X[:, 0])
    with pytest.raises(NotEnoughMemoryError):
        MLPRegressor(hidden_layer_sizes=100, batch_size=1000).partial_fit(X, X[:, 0])
