from __future__ import annotations

import copy
import math
import pickle
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier

from chainrule import NeuralNetwork, load
from chainrule.engine.activations import ACTIVATIONS, Relu
from chainrule.engine.initializers import INITIALIZERS, Initializer, Zeros
from chainrule.errors import (
    DivergenceError,
    InvalidValueError,
    TrainingInterrupted,
    UnknownNameError,
)
from chainrule.training.callbacks import Callback, StopWhen


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    return X[order] / 16, y[order]


def network(**changes):
    settings = {
        "N": 3,
        "layer_sizes": [64, 32, 10],
        "lr": 0.2,
        "activation": "relu",
        "weight_init": "normal",
        "epochs": 3,
        "batch_size": 32,
        "random_state": 0,
    }
    return NeuralNetwork(**settings | changes)


def assert_same_network(one, other):
    np.testing.assert_array_equal(one.params_.flat, other.params_.flat)
    assert one.history_.column("train_loss") == other.history_.column("train_loss")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_learns_digits(digits, dtype, activation):
    X, y = digits
    lr = 1.0 if activation == "sigmoid" else 0.2
    net = network(epochs=20, activation=activation, dtype=dtype, lr=lr).fit(X[:1200], y[:1200])
    assert net.score(X[1200:], y[1200:]) > 0.9
    assert net.params_.flat.dtype == dtype
    assert net.predict_proba(X[1200:]).dtype == dtype
    np.testing.assert_allclose(net.predict_proba(X[1200:]).sum(axis=1), 1, rtol=1e-5)


class Given(Initializer):
    """Copies what it is given, layer by layer."""

    def __init__(self, coefs):
        self.left = [np.array(W) for W in coefs]

    def fill(self, W, rng):
        W[...] = self.left.pop(0)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("relu", "relu"), ("tanh", "tanh"), ("sigmoid", "logistic")]
)
@pytest.mark.parametrize("hidden", [[8], [9, 7], [5, 6, 7]])
def test_follows_scikit_learn_from_the_same_weights(digits, ours, theirs, hidden):
    X, y = digits[0][:200], digits[1][:200]
    oracle = MLPClassifier(
        hidden,
        activation=theirs,
        solver="sgd",
        alpha=0,
        batch_size=200,
        learning_rate_init=0.3,
        momentum=0,
        nesterovs_momentum=False,
        random_state=1,
    )
    oracle.partial_fit(X, y, classes=np.arange(10))  # builds it; then both start anew
    rng = np.random.default_rng(0)
    for W, b in zip(oracle.coefs_, oracle.intercepts_, strict=True):
        W[:] = rng.normal(0, 0.5, W.shape)
        b[:] = 0
    net = network(
        N=len(hidden) + 2,
        layer_sizes=[64, *hidden, 10],
        activation=ours,
        weight_init=Given(oracle.coefs_),
        lr=0.3,
        epochs=8,
        batch_size=200,
        dtype="float64",
    ).fit(X, y)
    losses = []
    for _ in range(8):
        oracle.partial_fit(X, y)
        losses.append(oracle.loss_)
    for W, theirs_W in zip(net.params_.W, oracle.coefs_, strict=True):
        np.testing.assert_allclose(W, theirs_W, rtol=1e-10, atol=1e-12)
    for b, theirs_b in zip(net.params_.b, oracle.intercepts_, strict=True):
        np.testing.assert_allclose(b, theirs_b, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(net.history_.column("train_loss"), losses, rtol=1e-10)
    np.testing.assert_allclose(net.predict_proba(X), oracle.predict_proba(X), rtol=1e-9)


def test_the_same_seed_gives_the_same_bits(digits):
    one, other = network(patience=2).fit(*digits), network(patience=2).fit(*digits)
    assert_same_network(one, other)
    assert not np.array_equal(one.params_.flat, network(random_state=1).fit(*digits).params_.flat)


def test_fitting_again_starts_anew(digits):
    net = network().fit(*digits)
    assert_same_network(copy.deepcopy(net).fit(*digits), net)


def test_the_weights_do_not_depend_on_the_validation_data(digits):
    X, y = digits
    assert_same_network(
        network(validation_fraction=0.2).fit(X, y), network().fit(X, y, X[:50], y[:50])
    )


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_takes_a_generator(digits, make):
    assert_same_network(
        network(random_state=make(5)).fit(*digits), network(random_state=make(5)).fit(*digits)
    )


def test_looking_at_a_random_state_draws_nothing_from_it():
    state = np.random.RandomState(5)
    network(random_state=state)
    assert state.randint(2**30) == np.random.RandomState(5).randint(2**30)


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))],
    ids=["deepcopy", "pickle"],
)
def test_copies_predict_the_same(digits, copied):
    net = network().fit(*digits)
    back = copied(net)
    np.testing.assert_array_equal(back.predict_proba(digits[0]), net.predict_proba(digits[0]))
    assert_same_network(back, net)
    back.params_.W[0][:] = 0
    assert net.params_.W[0].all()


def test_clone_has_the_parameters_and_no_fit(digits):
    net = network(patience=3, clip_value=2.0).fit(*digits)
    copied = clone(net)
    assert copied.get_params() == net.get_params()
    assert not hasattr(copied, "params_")


def test_get_params_gives_what_was_passed():
    sizes = [64, 16, 10]
    net = network(layer_sizes=sizes, activation=Relu())
    assert net.get_params()["layer_sizes"] is sizes
    assert net.get_params()["activation"] == Relu()
    assert set(net.get_params()) == {
        "N", "layer_sizes", "lr", "activation", "weight_init", "epochs", "batch_size",
        "patience", "validation_fraction", "clip_value", "random_state", "dtype",
    }  # fmt: skip


def test_set_params_counts_in_the_next_fit(digits, message_of):
    net = network().set_params(N=2, layer_sizes=[64, 10]).fit(*digits)
    assert len(net.params_.W) == 1
    net.set_params(N=3)
    assert "N must be" in message_of(InvalidValueError, net.fit, *digits)


def test_works_in_cross_validation_and_grid_search(digits):
    X, y = digits[0][:500], digits[1][:500]
    assert cross_val_score(network(epochs=20), X, y, cv=3).mean() > 0.8
    search = GridSearchCV(network(epochs=10), {"lr": [1e-6, 0.3]}, cv=2).fit(X, y)
    assert search.best_params_ == {"lr": 0.3}


def test_fitted_attributes(digits):
    net = network()
    assert net.fit(*digits) is net
    np.testing.assert_array_equal(net.classes_, np.arange(10))
    assert net.n_features_in_ == 64
    assert len(net.history_) == 3
    assert net.history_.column("learning_rate") == [0.2] * 3


def test_a_class_that_is_missing_in_the_data_has_a_probability(digits):
    X, y = digits
    net = network().fit(X[y != 9], y[y != 9])
    assert net.predict_proba(X).shape == (len(X), 10)


def test_predict_is_the_most_probable_class(digits):
    net = network().fit(*digits)
    proba = net.predict_proba(digits[0])
    np.testing.assert_array_equal(net.predict(digits[0]), proba.argmax(axis=1))
    hits = net.predict(digits[0]) == digits[1]
    assert net.score(*digits) == hits.mean()
    weight = np.arange(len(hits))
    assert math.isclose(net.score(*digits, sample_weight=weight), weight @ hits / weight.sum())


def test_compute_loss_is_the_mean_cross_entropy(digits):
    net = network(dtype="float64").fit(*digits)
    proba = net.predict_proba(digits[0])
    wanted = -np.log(proba[np.arange(len(proba)), digits[1]]).mean()
    assert math.isclose(net.compute_loss(*digits), wanted, rel_tol=1e-12)


def test_pixels_are_taken_as_255ths(digits):
    X, y = (digits[0] * 255).astype(np.uint8), digits[1]
    pixels = network().fit(X, y)
    scaled = network().fit((X / 255).astype(np.float32), y)
    np.testing.assert_allclose(pixels.params_.flat, scaled.params_.flat, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(
        pixels.predict_proba(X), scaled.predict_proba(X / 255), rtol=1e-3, atol=1e-5
    )


def test_images_are_flattened(rng):
    X, y = rng.integers(0, 256, (40, 28, 28), dtype=np.uint8), rng.integers(0, 10, 40)
    net = network(layer_sizes=[784, 8, 10])
    flat = clone(net).fit(X.reshape(40, 784), y)
    assert_same_network(net.fit(X, y), flat)
    np.testing.assert_array_equal(net.predict(X), flat.predict(X.reshape(40, 784)))


def test_lists_do(digits):
    X, y = digits[0][:50], digits[1][:50]
    assert_same_network(network().fit(X.tolist(), y.tolist()), network().fit(X, y))


def test_a_batch_size_above_the_samples_means_all_of_them(digits):
    X, y = digits[0][:50], digits[1][:50]
    assert_same_network(network(batch_size=10**9).fit(X, y), network(batch_size=50).fit(X, y))


def test_one_sample_is_enough(digits):
    net = network(epochs=1).fit(digits[0][:1], digits[1][:1])
    assert net.predict(digits[0][:1]).shape == (1,)


def test_zero_weights_learn_only_how_frequent_classes_are(digits):
    net = network(weight_init="zero", epochs=30).fit(*digits)
    proba = net.predict_proba(digits[0])
    np.testing.assert_array_equal(proba, np.broadcast_to(proba[0], proba.shape))


def test_an_initializer_and_an_activation_of_one_s_own(digits):
    net = network(weight_init=INITIALIZERS["he_normal"], activation=ACTIVATIONS["gelu"])
    assert_same_network(
        net.fit(*digits), network(weight_init="he_normal", activation="gelu").fit(*digits)
    )


def test_the_gradient_is_clipped_by_value(digits):
    net = network(weight_init=Zeros(), clip_value=1e-3, lr=1.0, epochs=1, batch_size=2000)
    net.fit(digits[0] * 1000, digits[1])
    assert np.abs(net.params_.flat).max() <= np.float32(1e-3)


def test_validation_data_is_measured_each_epoch(digits):
    X, y = digits
    net = network().fit(X[:1000], y[:1000], X[1000:], y[1000:])
    last = net.history_.epochs[-1]
    assert math.isclose(last.validation_loss, net.compute_loss(X[1000:], y[1000:]), rel_tol=1e-6)
    assert last.scores["validation_accuracy"] == net.score(X[1000:], y[1000:])
    assert None not in net.history_.column("validation_loss")


def test_patience_stops_and_restores_the_best_weights(digits):
    X, y = digits[0][:300], digits[1][:300]
    net = network(patience=2, epochs=300, lr=1.0).fit(X, y, digits[0][300:600], digits[1][300:600])
    losses = net.history_.column("validation_loss")
    assert len(losses) == net.history_.best_epoch + 2 < 300
    assert net.history_.best_epoch == int(np.argmin(losses)) + 1
    assert math.isclose(
        net.compute_loss(digits[0][300:600], digits[1][300:600]), min(losses), rel_tol=1e-6
    )


def test_patience_holds_out_a_part_without_validation_data(digits):
    X, y = digits
    seen = []

    class Watch(Callback):
        def batch_end(self, progress):
            seen.append(None)

    net = network(patience=5, epochs=1, batch_size=1, validation_fraction=0.25)
    net.fit(X[:40], y[:40], callbacks=[Watch()])
    assert len(seen) == 30
    assert net.history_.epochs[0].validation_loss > 0


def test_a_fraction_of_0_holds_out_nothing_and_the_training_loss_decides(digits):
    X, y = digits[0][:100], digits[1][:100]
    settings = {"lr": 3.0, "epochs": 60, "random_state": 0}
    net = network(patience=2, validation_fraction=0, **settings).fit(X, y)
    losses = net.history_.column("train_loss")
    assert set(net.history_.column("validation_loss")) == {None}
    assert len(losses) == net.history_.best_epoch + 2 < 60
    assert net.history_.best_epoch == 1 + int(np.argmin(losses))
    other = network(**{**settings, "epochs": net.history_.best_epoch}).fit(X, y)
    np.testing.assert_array_equal(net.params_.flat, other.params_.flat)


def test_what_is_held_out_is_not_learnt_from(digits):
    # Labels of the held-out part are all wrong, and nobody notices but the validation loss.
    X, y = digits[0][:200], digits[1][:200]
    plain = network(patience=9).fit(X, y)
    split_rng = np.random.default_rng(0).spawn(3)[0]
    held_out = split_rng.permutation(200)[:20]
    wrong = y.copy()
    wrong[held_out] = (y[held_out] + 1) % 10
    other = network(patience=9).fit(X, wrong)
    assert plain.history_.column("train_loss") == other.history_.column("train_loss")
    assert plain.history_.column("validation_loss") != other.history_.column("validation_loss")


def test_callbacks_can_stop_it(digits):
    with pytest.raises(TrainingInterrupted):
        network().fit(*digits, callbacks=[StopWhen(lambda: True)])


# ---- What is refused, whole messages -----------------------------------------------------------

INTEGER = "must be an integer of at least 1"
TABLE = "activation must be one of " + ", ".join(ACTIVATIONS)
RULES = "weight_init must be one of " + ", ".join(INITIALIZERS)
SIZES = "every entry of layer_sizes must be a positive integer"
SEED = "random_state must be None, an integer of at least 0, or a NumPy generator"
SEED_REMEDY = "pass an integer for a result that can be repeated"
N_RULE = "N must be the number of entries of layer_sizes (3), input and output included"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"N": 4}, f"{N_RULE}, got 4: pass N=3 or change layer_sizes"),
        ({"N": "3"}, f"{N_RULE}, got '3': pass N=3 or change layer_sizes"),
        ({"N": [3]}, f"{N_RULE}, got [3]: pass N=3 or change layer_sizes"),
        ({"N": None}, f"{N_RULE}, got None: pass N=3 or change layer_sizes"),
        (
            {"layer_sizes": 64},
            "layer_sizes must be a sequence of integers, got 64: such as [784, 256, 10]",
        ),
        (
            {"layer_sizes": [64], "N": 1},
            "layer_sizes must have at least two entries, input and output, got (64,): "
            "give the number of features first and the number of outputs last",
        ),
        ({"layer_sizes": [64, 0, 10]}, f"{SIZES}, got (64, 0, 10): replace 0"),
        ({"layer_sizes": [64, 2.5, 10]}, f"{SIZES}, got (64, 2.5, 10): replace 2.5"),
        ({"layer_sizes": "abc"}, f"{SIZES}, got ('a', 'b', 'c'): replace 'a'"),
        ({"lr": 0}, "lr must be a number in (0, inf), got 0: 0.001 is a usual value"),
        ({"lr": True}, "lr must be a number in (0, inf), got True: 0.001 is a usual value"),
        ({"lr": "0.1"}, "lr must be a number in (0, inf), got '0.1': 0.001 is a usual value"),
        ({"lr": math.nan}, "lr must be a number in (0, inf), got nan: 0.001 is a usual value"),
        ({"lr": [0.1]}, "lr must be a number in (0, inf), got [0.1]: 0.001 is a usual value"),
        ({"activation": "rleu"}, f"{TABLE}, got 'rleu': did you mean \"relu\"?"),
        ({"activation": ["relu"]}, f"{TABLE}, got ['relu']: did you mean \"relu\"?"),
        ({"activation": None}, f"{TABLE}, got None: choose one of these"),
        ({"activation": 3}, f"{TABLE}, got 3: choose one of these"),
        ({"weight_init": "nromal"}, f"{RULES}, got 'nromal': did you mean \"normal\"?"),
        ({"weight_init": ["zero"]}, f"{RULES}, got ['zero']: did you mean \"zero\"?"),
        ({"weight_init": 0}, f"{RULES}, got 0: choose one of these"),
        ({"epochs": 0}, f"epochs {INTEGER}, got 0: pass a larger integer"),
        ({"epochs": True}, f"epochs {INTEGER}, got True: pass a larger integer"),
        ({"epochs": 2.0}, f"epochs {INTEGER}, got 2.0: pass a larger integer"),
        ({"epochs": "2"}, f"epochs {INTEGER}, got '2': pass a larger integer"),
        ({"batch_size": 0}, f"batch_size {INTEGER}, got 0: 128 is a usual value"),
        ({"batch_size": "auto"}, f"batch_size {INTEGER}, got 'auto': 128 is a usual value"),
        ({"batch_size": True}, f"batch_size {INTEGER}, got True: 128 is a usual value"),
        ({"patience": 0}, f"patience {INTEGER}, got 0: None trains all epochs"),
        ({"patience": True}, f"patience {INTEGER}, got True: None trains all epochs"),
        ({"patience": "no"}, f"patience {INTEGER}, got 'no': None trains all epochs"),
        (
            {"clip_value": 0},
            "clip_value must be a number in (0, inf), got 0: 1e10 does not clip",
        ),
        (
            {"clip_value": None},
            "clip_value must be a number in (0, inf), got None: 1e10 does not clip",
        ),
        (
            {"validation_fraction": 1},
            "validation_fraction must be a number in (0, 1), got 1: 0.1 is usual",
        ),
        (
            {"validation_fraction": False},
            "validation_fraction must be a number in (0, 1), got False: 0.1 is usual",
        ),
        ({"random_state": -1}, f"{SEED}, got -1: {SEED_REMEDY}"),
        ({"random_state": True}, f"{SEED}, got True: {SEED_REMEDY}"),
        ({"random_state": "0"}, f"{SEED}, got '0': {SEED_REMEDY}"),
        ({"random_state": [0]}, f"{SEED}, got [0]: {SEED_REMEDY}"),
        (
            {"dtype": "float16"},
            "dtype must be one of float32, float64, got 'float16': did you mean \"float64\"?",
        ),
        (
            {"dtype": ["float32"]},
            "dtype must be one of float32, float64, got ['float32']: did you mean \"float32\"?",
        ),
    ],
)
def test_a_wrong_parameter_is_refused_at_once_and_again_in_fit(change, message, digits):
    with pytest.raises(InvalidValueError) as at_once:
        network(**change)
    assert str(at_once.value) == message
    net = network().set_params(**change)
    with pytest.raises(InvalidValueError) as in_fit:
        net.fit(*digits)
    assert str(in_fit.value) == message


X4, Y4 = np.zeros((4, 64)), np.array([0, 1, 2, 3])
NUMBERS = "encode texts and missing values as numbers, in rows of one length"


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (
            np.zeros((4, 63)),
            Y4,
            "X must have shape (n_samples, 64), as layer_sizes[0] says, got (4, 63): "
            "pass 64 features a sample or change layer_sizes",
        ),
        (
            np.zeros((0, 64)),
            [],
            "X must have at least one sample, got (0, 64): pass some rows",
        ),
        (
            np.where(np.arange(256).reshape(4, 64) == 130, np.nan, 0),
            Y4,
            "X must be finite, got nan in row 2, column 2: remove or impute such rows",
        ),
        (
            [["a"] * 64] * 4,
            Y4,
            "X must have numbers in every column, got the text 'a' in row 0 of column 0: encode "
            "it, as OneHotEncoder does, or let chainrule train prepare the table",
        ),
        (
            [[0.0] * 64, [0.0] * 63],
            Y4[:2],
            f"X must be an array of numbers, got rows of different lengths: {NUMBERS}",
        ),
        (
            X4,
            Y4[:3],
            "y must have shape (4,), one label a sample, got (3,): "
            "pass class numbers, not one-hot rows, for the same samples as X",
        ),
        (
            X4,
            np.eye(4),
            "y must have shape (4,), one label a sample, got (4, 4): "
            "pass class numbers, not one-hot rows, for the same samples as X",
        ),
        (
            X4,
            [0, 1, 2, 10],
            "y must hold class numbers in 0 … 9, as layer_sizes[-1] says, got 10: "
            "raise layer_sizes[-1] to 11 or encode labels as 0 … 9",
        ),
        (
            X4,
            [0, -1, 2, 3],
            "y must hold class numbers in 0 … 9, as layer_sizes[-1] says, got -1: "
            "encode labels as 0 … 9",
        ),
        (
            X4,
            [0, 1.5, 2, 3],
            "y must hold whole class numbers, got 1.5: encode labels as 0, 1, 2, …",
        ),
    ],
)
def test_wrong_data_is_refused_and_an_earlier_fit_is_kept(X, y, message, digits):
    net = network().fit(*digits)
    before = copy.deepcopy(net)
    with pytest.raises(InvalidValueError) as caught:
        net.fit(X, y)
    assert str(caught.value) == message
    assert_same_network(net, before)
    with pytest.raises(InvalidValueError) as caught:
        net.fit(*digits, X, y)
    assert str(caught.value) == message.replace("X must", "X_val must").replace(
        "y must", "y_val must"
    )
    assert_same_network(net, before)


def test_features_that_float32_cannot_hold_are_refused_in_prediction_too(digits, message_of):
    net, X = network().fit(*digits), np.full((1, 64), 1e300)
    message = message_of(InvalidValueError, net.predict, X)
    assert message == (
        "X must be finite in float32, got 1e+300 in row 0, column 0: "
        'scale the features or pass dtype="float64"'
    )
    assert network(dtype="float64").fit(*digits).predict(X * 0).shape == (1,)


def test_validation_data_comes_in_pairs(digits, message_of):
    X, y = digits
    pair = "X_val and y_val must be given together, got"
    message = message_of(InvalidValueError, network().fit, X, y, X)
    assert message == f"{pair} X_val alone: pass y_val too"
    message = message_of(InvalidValueError, network().fit, X, y, None, y)
    assert message == f"{pair} y_val alone: pass X_val too"


@pytest.mark.parametrize(("n", "fraction"), [(4, 0.1), (1, 0.5), (4, 0.9)])
def test_a_part_to_hold_out_must_be_possible(digits, n, fraction, message_of):
    net = network(patience=1, validation_fraction=fraction)
    message = message_of(InvalidValueError, net.fit, digits[0][:n], digits[1][:n])
    assert message == (
        f"validation_fraction of {n} samples must leave at least one to learn from and one to "
        f"hold out, got {fraction}: change it, pass more samples, or pass X_val and y_val"
    )


@pytest.mark.parametrize("method", ["predict", "predict_proba", "score", "compute_loss"])
def test_an_unfitted_network_says_so(method, digits):
    data = digits if method in ("score", "compute_loss") else digits[:1]
    with pytest.raises(NotFittedError) as caught:
        getattr(network(), method)(*data)
    assert str(caught.value) == "this NeuralNetwork is not fitted yet: call fit(X, y) first"


@pytest.mark.parametrize(
    ("lr", "dtype"),
    [
        (1e6, "float32"),
        (1e30, "float32"),
        (1e300, "float32"),
        (1e100, "float64"),
        (1e300, "float64"),
    ],
)
def test_divergence_is_an_error_and_never_a_warning(digits, dtype, lr):
    # The gradient is clipped to 1e10: it takes some layers to leave the finite numbers.
    settings = {"N": 5, "layer_sizes": [64, 32, 32, 32, 10], "epochs": 20, "dtype": dtype}
    net = network().fit(*digits)
    before = copy.deepcopy(net)
    net.set_params(**settings, lr=lr, activation="identity")
    with pytest.raises(DivergenceError) as caught:
        net.fit(*digits)
    assert caught.value.epoch >= 1
    assert str(caught.value).endswith(
        "is not finite; try a lower learning rate, clip the gradient, or scale the features"
    )
    assert_same_network(net, before)


def test_an_unknown_name_is_a_value_error():
    with pytest.raises(UnknownNameError) as caught:
        network(activation="rleu")
    assert isinstance(caught.value, ValueError)


def test_an_overflow_in_prediction_is_an_error_and_never_nan():
    net = NeuralNetwork(3, [2, 4, 2], 0.1, "relu", "he_normal", 1, 2, random_state=0)
    net.fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    net.params_.W[0][...] = [[10.0, -10.0, 10.0, 5.0]] * 2
    with pytest.raises(InvalidValueError, match="got an overflow in row 1: scale the features"):
        net.predict_proba([[0.0, 1.0], [1e38, 1e38]])


def test_an_overflow_in_the_loss_is_an_error_and_never_nan():
    net = NeuralNetwork(3, [2, 4, 2], 0.1, "relu", "he_normal", 1, 2, random_state=0)
    net.fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    net.params_.W[0][...] = [[10.0, -10.0, 10.0, 5.0]] * 2
    with pytest.raises(InvalidValueError, match="got a loss of nan: scale the features"):
        net.compute_loss([[1e38, 1e38]], [0])


def test_pixels_and_other_integers_are_not_mixed_up(rng):
    X, y = rng.integers(0, 256, (20, 4), dtype=np.uint8), np.arange(20) % 2
    net = NeuralNetwork(2, [4, 2], 0.1, "relu", "normal", 1, 5, random_state=0).fit(X, y)
    with pytest.raises(InvalidValueError) as error:
        net.predict(X.astype(np.int64))
    assert str(error.value) == (
        "X must have the integer type of the training data, uint8, as only uint8 is scaled by "
        '1/255, got int64: convert it with X.astype("uint8")'
    )
    np.testing.assert_allclose(net.predict_proba(X / 255), net.predict_proba(X), rtol=1e-5)
    with pytest.raises(InvalidValueError, match=r"^X_val must .* X_val\.astype"):
        net.fit(X, y, X.astype(np.int32), y)
    with pytest.warns(UserWarning, match="whole numbers up to"):
        on_integers = NeuralNetwork(2, [4, 2], 0.1, "relu", "normal", 1, 5).fit(X.astype(int), y)
    with pytest.raises(InvalidValueError, match="of the training data, int64"):
        on_integers.compute_loss(X, y)


@pytest.mark.parametrize("call", ["fit", "compute_loss", "score"])
def test_missing_labels_are_refused(call):
    net = NeuralNetwork(2, [1, 2], 0.1, "relu", "normal", 1, 2).fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(InvalidValueError, match="y must be an array of numbers"):
        getattr(net, call)([[0.0], [1.0]], None)


def test_sparse_and_masked_data_are_refused_with_a_remedy():
    net = NeuralNetwork(2, [2, 2], 0.1, "relu", "normal", 1, 2)
    with pytest.raises(InvalidValueError, match=r"X must be dense, .*: pass X\.toarray\(\)"):
        net.fit(csr_matrix(np.eye(2)), [0, 1])
    with pytest.raises(InvalidValueError, match="X must have no masked values, got 1 of them"):
        net.fit(np.ma.masked_equal([[1.0, 0.0], [0.0, 2.0]], 2.0), [0, 1])


def test_a_whole_number_that_is_no_integer_is_no_number_of_layers():
    with pytest.raises(
        InvalidValueError,
        match=r"N must be the number .* got 3\.0",
    ):
        NeuralNetwork(3.0, [2, 4, 2], 0.1, "relu", "normal", 1, 2)


def test_a_fraction_is_a_learning_rate():
    net = NeuralNetwork(2, [1, 2], Fraction(1, 10), "relu", "normal", 1, 2, random_state=0)
    assert net.fit([[0.0], [1.0]], [0, 1]).history_.epochs[0].learning_rate == 0.1


# -- pixels, weights and listeners that are not what they should be --------------------------------

PIXELS = np.arange(24, dtype=np.uint8).reshape(6, 4) * 11
LOOK_LIKE_PIXELS = [np.int64, np.uint16, np.float32, np.float64, ">i4"]


def of_pixels(X):
    y = np.arange(6) % 2
    NeuralNetwork(2, [4, 2], 0.1, "relu", "normal", 1, 6, random_state=0).fit(X, y, X, y)


@pytest.mark.parametrize("dtype", LOOK_LIKE_PIXELS)
def test_pixels_in_another_type_get_a_warning(dtype):
    with pytest.warns(UserWarning, match="X has whole numbers up to 253 of dtype .* as uint8"):
        of_pixels(PIXELS.astype(dtype))


@pytest.mark.parametrize(
    "X", [PIXELS, PIXELS / 255, PIXELS // 2, PIXELS + 0.5, PIXELS.astype(int) * 2, PIXELS - 1.0]
)
def test_other_numbers_get_none(X):
    of_pixels(X)


WRONG_WEIGHTS = [np.ones(5), np.ones((6, 1)), 3, ["a"] * 6, np.zeros(6), -np.ones(6), [np.nan] * 6]


@pytest.mark.parametrize("weights", WRONG_WEIGHTS, ids=str)
def test_weights_of_a_score_are_checked(digits, weights, message_of):
    X, y = digits[0][:6], digits[1][:6]
    net = network(epochs=1).fit(X, y)
    assert message_of(InvalidValueError, net.score, X, y, weights).startswith("sample_weight must")


@pytest.mark.parametrize("given", [3, print, object(), [3]])
def test_what_does_not_listen_is_refused(digits, given):
    with pytest.raises(InvalidValueError, match="callback"):
        network(epochs=1).fit(*digits, callbacks=given)


@pytest.mark.parametrize("what", ["X", "y", "X_val", "y_val"])
def test_masked_values_are_refused(digits, what, message_of):
    data = dict(zip(("X", "y", "X_val", "y_val"), digits * 2, strict=True))
    data[what] = np.ma.array(data[what], mask=data[what] == data[what].flat[0])
    message = message_of(InvalidValueError, network().fit, **data)
    assert message.startswith(f"{what} must have no masked values")


def test_columns_of_a_frame_are_those_of_training(tmp_path):
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)), columns=["a", "b", "c"])
    y = (X["a"] > 0).astype(int)
    net = NeuralNetwork(2, [3, 2], 0.1, "relu", "normal", 2, 8, random_state=0).fit(X, y)
    net.save(tmp_path / "net.safetensors")
    for one in (net, load(tmp_path / "net.safetensors")):
        assert one.feature_names_in_.tolist() == ["a", "b", "c"]
        np.testing.assert_array_equal(one.predict_proba(X), one.predict_proba(X.to_numpy()))
        for use in (one.predict, lambda X, one=one: one.compute_loss(X, y)):
            with pytest.raises(InvalidValueError, match="in their order, got b, a, c: pass X"):
                use(X[["b", "a", "c"]])
    with pytest.raises(InvalidValueError, match=r"^X_val must have the columns"):
        net.fit(X, y, X_val=X[["c", "b", "a"]], y_val=y)
    assert not hasattr(net.fit(X.to_numpy(), y), "feature_names_in_")
