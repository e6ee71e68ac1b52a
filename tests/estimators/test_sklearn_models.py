from __future__ import annotations

import numpy as np
import pytest
from sklearn import neural_network as theirs
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

import chainrule
from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, from_sklearn, to_sklearn
from chainrule.errors import InvalidValueError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(11)
X = RNG.normal(size=(150, 5))
CLASSES = np.array(["ape", "bee", "cat"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]
NUMBERED = np.searchsorted(["ape", "bee", "cat"], CLASSES) * 2  # 1.6 stops early on numbers alone
TABLE = (X[:, :3] > 0).astype(int)
NUMBERS = X[:, :2] @ np.array([[1.0, -1], [2, 0.5]])
OPTIONS = [
    {},
    {"activation": "tanh", "hidden_layer_sizes": (7, 4)},
    {"activation": "logistic", "alpha": 0.1},
    {"activation": "identity", "beta_1": 0.8},
    {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 1},
    {"solver": "sgd", "learning_rate": "invscaling", "nesterovs_momentum": False},
    {"solver": "lbfgs"},
    {"early_stopping": True},
]
KINDS = [
    pytest.param(theirs.MLPClassifier, NUMBERED, id="multiclass"),
    pytest.param(theirs.MLPClassifier, X[:, 0] > 0, id="binary"),
    pytest.param(theirs.MLPClassifier, TABLE, id="multilabel"),
    pytest.param(theirs.MLPRegressor, NUMBERS[:, 0], id="number"),
    pytest.param(theirs.MLPRegressor, NUMBERS, id="numbers"),
]


def outputs(model):
    return getattr(model, "predict_proba", model.predict)(X)


def check_same(a, b):
    np.testing.assert_allclose(outputs(a), outputs(b), rtol=1e-6, atol=1e-9)
    predicted = a.predict(X), b.predict(X)
    assert predicted[0].shape == predicted[1].shape
    if predicted[0].dtype.kind != "f":
        assert (predicted[0] == predicted[1]).all()


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(("kind", "y"), KINDS)
def test_predictions_and_attributes_are_taken_over(kind, y, options, tmp_path):
    given = kind(**{"max_iter": 12, "random_state": 1} | options).fit(X, y)
    taken = from_sklearn(given)
    assert type(taken).__name__ == kind.__name__
    check_same(taken, given)
    for name in ("n_iter_", "t_", "loss_", "loss_curve_", "n_outputs_", "out_activation_"):
        assert getattr(taken, name, None) == getattr(given, name, None)
    taken.save(tmp_path / "model", optimizer=True)
    check_same(chainrule.load(tmp_path / "model"), given)
    back = to_sklearn(taken)
    assert type(back) is kind
    assert back.get_params() == {
        **given.get_params(),
        "hidden_layer_sizes": (tuple(np.atleast_1d(given.hidden_layer_sizes))),
    }
    check_same(back, given)


# scikit-learn's own partial_fit fails after early stopping.
@pytest.mark.parametrize("options", OPTIONS[:-2], ids=str)
@pytest.mark.parametrize(("kind", "y"), KINDS)
def test_training_goes_on_as_scikit_learn_s_would(kind, y, options):
    given = kind(**{"max_iter": 12, "random_state": 1} | options).fit(X, y)
    taken = from_sklearn(given)
    for each in (given, taken):
        for _ in range(4):
            each.partial_fit(X, y)
    for ours, wanted in zip(taken.coefs_, given.coefs_, strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-6, atol=1e-8)
    assert taken.t_ == given.t_


def test_warm_starts_go_on_as_scikit_learn_s_would():
    given = theirs.MLPClassifier(max_iter=5, random_state=1, warm_start=True).fit(X, CLASSES)
    taken = from_sklearn(given)
    given.fit(X, CLASSES)
    taken.fit(X, CLASSES)
    np.testing.assert_allclose(taken.coefs_[0], given.coefs_[0], rtol=1e-6, atol=1e-8)
    assert len(taken.history_) == 10


def test_arrays_are_copied():
    given = theirs.MLPRegressor(max_iter=2).fit(X, NUMBERS)
    taken = from_sklearn(given)
    back = to_sklearn(taken)
    taken.coefs_[0][...] = 0
    assert given.coefs_[0].any()
    assert back.coefs_[0].any()


def test_float32_stays_float32():
    given = theirs.MLPRegressor(max_iter=2).fit(X.astype(np.float32), NUMBERS)
    assert from_sklearn(given).coefs_[0].dtype == np.float32


def test_the_best_epoch_of_early_stopping_is_known():
    given = theirs.MLPClassifier(max_iter=12, random_state=1, early_stopping=True).fit(X, NUMBERED)
    taken = from_sklearn(given)
    assert taken.best_epoch_ == int(np.argmax(given.validation_scores_)) + 1
    assert taken.history_.column("validation_accuracy") == given.validation_scores_
    given.validation_scores_ = [np.nan, *given.validation_scores_[1:]]
    assert from_sklearn(given).best_epoch_ == taken.best_epoch_ > 1


@pytest.mark.parametrize("options", [{}, {"solver": "sgd"}])
def test_what_goes_back_can_be_trained_there(options):
    model = MLPClassifier((6,), max_iter=5, random_state=0, **options).fit(X, CLASSES)
    back = to_sklearn(model)
    check_same(back, model)
    back.partial_fit(X, CLASSES)
    back.set_params(warm_start=True).fit(X, CLASSES)


@pytest.mark.parametrize(
    ("model", "y", "message"),
    [
        (MLPAutoencoder((2,)), None, "model must be an MLPClassifier or MLPRegressor to become"),
        (
            MLPClassifier((3,), dropout=0.5),
            CLASSES,
            "dropout must be 0.0 to become scikit-learn's, got 0.5: it has no such parameter; "
            "set_params(dropout=0.0) keeps the predictions",
        ),
        (
            MLPClassifier((3, 3), ["relu", "tanh"]),
            CLASSES,
            "the activation must be one of identity, logistic, tanh, relu to become scikit-learn's,"
            " got ['relu', 'tanh']: it has no other, and one for all hidden layers",
        ),
        (MLPClassifier((3,), "gelu"), CLASSES, "the activation must be one of identity, logistic"),
        (MLPClassifier((3,), solver="adamw"), CLASSES, "The 'solver' parameter of MLPClassifier"),
        (
            MLPClassifier((3,), input_scaling="minmax"),
            CLASSES,
            "input_scaling must be None to become scikit-learn's, got 'minmax': scale in a",
        ),
        (
            MLPRegressor(loss="huber"),
            NUMBERS,
            "the loss must be squared_error or poisson to become scikit-learn's, got 'huber': it",
        ),
        (
            MLPClassifier((3,)),
            TABLE + 1,
            "y must have one column of classes to become scikit-learn's, got 3 columns: fit one",
        ),
    ],
    ids=str,
)
def test_what_scikit_learn_lacks_is_named(model, y, message):
    model.set_params(max_iter=2)
    model.fit(X) if y is None else model.fit(X, y)
    with pytest.raises(ValueError, match=r"scikit-learn|solver") as error:
        to_sklearn(model)
    assert str(error.value).startswith(message)


def test_other_models_are_refused(message_of):
    assert message_of(InvalidValueError, from_sklearn, LogisticRegression()) == (
        "model must be scikit-learn's MLPClassifier or MLPRegressor, got 'LogisticRegression': "
        "pass the estimator itself, out of its pipeline or search"
    )


def test_what_is_not_fitted_is_refused():
    with pytest.raises(NotFittedError):
        from_sklearn(theirs.MLPClassifier())
    with pytest.raises(NotFittedError):
        to_sklearn(MLPClassifier())
