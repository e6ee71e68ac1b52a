"""When a fit by steps on batches stops, which epoch it keeps, and what it says about it."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning, UndefinedMetricWarning
from sklearn.metrics import log_loss, make_scorer

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, load
from chainrule.errors import DivergenceError, DivergenceWarning, InvalidValueError
from chainrule.training.callbacks import BestWeights, Callback, EarlyStopping

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 3))
Y = X[:, 0] - 0.1 * X[:, 1] ** 2
CLASSES = np.digitize(Y, [-0.5, 0.5])
FEW = {"hidden_layer_sizes": (5,), "random_state": 0, "learning_rate_init": 0.01}


def fitted(estimator, *args, **validation):
    """Return the estimator, fitted, and what it has warned of, but for the end of all epochs."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator.fit(*args, **validation)
    return estimator, [one for one in caught if one.category is not ConvergenceWarning]


def assert_same_weights(one, other):
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        np.testing.assert_array_equal(a, b)


def weights_after(estimator, epoch, *args):
    """Return an estimator trained for so many epochs, with nothing that restores weights."""
    settings = {"early_stopping": False, "callbacks": None, "checkpoint": None, "max_iter": epoch}
    settings |= {"n_iter_no_change": np.inf}
    settings |= {"scoring": None} if "scoring" in estimator.get_params() else {}
    other = type(estimator)(**{**estimator.get_params(), **settings})
    return fitted(other, *args)[0]


# -- divergence ------------------------------------------------------------------------------------

# Each doubles its weights, or worse, in every step: the first epochs are finite, later ones not.
WILD = {"solver": "sgd", "momentum": 0, "random_state": 0, "max_iter": 100, "batch_size": 40}
WILD |= {"activation": "identity", "hidden_layer_sizes": (4,), "n_iter_no_change": np.inf}
CASES = {
    "regressor": (MLPRegressor(**WILD, learning_rate_init=1.5), (X, Y)),
    "scorer": (MLPRegressor(**WILD, learning_rate_init=1.5, scoring="r2"), (X, Y)),
    "autoencoder": (MLPAutoencoder(**WILD, learning_rate_init=2.0), (X,)),
    "classifier": (
        MLPClassifier(**{**WILD, "alpha": 40.0 * 2, "learning_rate_init": 5.0}),
        (X, CLASSES),
    ),
    "classifier's scorer": (
        MLPClassifier(
            **{**WILD, "alpha": 40.0 * 2, "learning_rate_init": 5.0}, scoring="neg_log_loss"
        ),
        (X, CLASSES),
    ),
}


def case(name, **params):
    estimator, data = CASES[name]
    return type(estimator)(**{**estimator.get_params(), **params}), data


def validation(data):
    return dict(zip(("X_val", "y_val"), data, strict=False))


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_divergence_brings_the_best_epoch_s_weights_back_and_says_so(name, own):
    model, data = case(name, early_stopping=True)
    _, said = fitted(model, *data, **(validation(data) if own else {}))
    assert [one.category for one in said] == [DivergenceWarning]
    n, best = model.n_iter_, model.best_epoch_
    assert best < n == len(model.history_) < 100
    assert f"in epoch {n}: the weights of epoch {best}, the best before, are kept" in str(
        said[0].message
    )
    scores = model.validation_scores_
    assert np.isnan(scores[-1])
    assert model.best_validation_score_ == scores[best - 1] == np.nanmax(scores)
    if own:
        assert_same_weights(model, weights_after(model, best, *data))
    assert all(np.isfinite(W).all() for W in model.coefs_)


@pytest.mark.parametrize("callback", [EarlyStopping(200), BestWeights()])
def test_so_do_callbacks_that_keep_the_best(callback):
    model, data = case("regressor", callbacks=[callback])
    _, said = fitted(model, *data)
    assert [one.category for one in said] == [DivergenceWarning]
    assert model.best_epoch_ == 1 + int(np.nanargmin(model.history_.column("train_loss")))
    assert_same_weights(model, weights_after(model, model.best_epoch_, *data))


@pytest.mark.parametrize("stopping", [False, True])
@pytest.mark.parametrize("name", ["regressor", "scorer", "autoencoder"])
def test_divergence_in_the_first_epoch_is_an_error_and_changes_nothing(name, stopping):
    model, data = case(name, learning_rate_init=1e30, early_stopping=stopping)
    own = {} if stopping else validation(data)
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        fitted(model, *data, **own)
    assert not hasattr(model, "coefs_")


def test_partial_fit_goes_on_after_a_divergence():
    model, data = case("regressor", early_stopping=True)
    fitted(model, *data)
    model.set_params(early_stopping=False, learning_rate_init=1e-3).partial_fit(*data)
    assert np.isfinite(model.predict(X)).all()


def test_a_checkpoint_of_a_fit_that_has_diverged(tmp_path):
    model, data = case("regressor", early_stopping=True, checkpoint=tmp_path / "fit")
    again = type(model)(**model.get_params())
    fitted(model, *data)
    _, said = fitted(again, *data)
    assert [one.category for one in said] == [DivergenceWarning]
    assert again.best_epoch_ == model.best_epoch_
    assert_same_weights(model, again)


# -- undefined scores ------------------------------------------------------------------------------

ONE = CLASSES == 2
UNDEFINED = {
    "one row": (MLPRegressor(**FEW), Y, slice(1)),
    "one class": (MLPClassifier(**FEW, scoring="roc_auc"), ONE, ONE),
    "a class is lacking": (MLPClassifier(**FEW, scoring="roc_auc_ovr"), CLASSES, CLASSES < 2),
    "no positives": (MLPClassifier(**FEW, scoring="average_precision"), ONE, ~ONE),
    "minus infinity": (MLPRegressor(**FEW, scoring=lambda e, X, y: -np.inf), Y, slice(9)),
}


@pytest.mark.parametrize("name", UNDEFINED)
def test_where_the_score_is_undefined_the_validation_loss_decides(name):
    model, y, rows = UNDEFINED[name]
    model = type(model)(**model.get_params()).set_params(early_stopping=True, n_iter_no_change=3)
    model.set_params(learning_rate_init=0.1)
    _, said = fitted(model, X, y, X_val=X[rows], y_val=y[rows])
    losses = model.history_.column("validation_loss")
    assert model.best_epoch_ == 1 + int(np.argmin(losses))
    assert_same_weights(model, weights_after(model, model.best_epoch_, X, y))
    assert model.n_iter_ < 200
    assert not model.best_validation_score_ > -np.inf
    assert not np.isfinite(model.validation_scores_).any()
    assert {one.category for one in said} <= {UndefinedMetricWarning}
    assert sum("the validation loss decided" in str(one.message) for one in said) == 1
    assert len(said) == 1 + (name == "no positives")  # whose scorer is told before the first epoch
    assert model._fitted.convergence.stale == 4


@pytest.mark.parametrize("early_stopping", [True, False])
def test_what_a_scorer_warns_of_in_every_epoch_is_told_once(early_stopping):
    def ill_defined(estimator, X, y):
        for number in range(2):
            warnings.warn(f"set to {number}", UndefinedMetricWarning, stacklevel=1)
        return 0.0

    model = MLPRegressor(**FEW, scoring=ill_defined, early_stopping=early_stopping, max_iter=5)
    _, said = fitted(model, X, Y, X_val=X, y_val=Y)
    assert [str(one.message) for one in said] == ["set to 0", "set to 1"]
    assert {one.filename for one in said} == {__file__}


def test_an_undefined_score_that_decides_nothing_is_told_once():
    model = MLPClassifier(**FEW, scoring="roc_auc", max_iter=4)
    _, said = fitted(model, X, ONE, X_val=X[ONE], y_val=ONE[ONE])
    assert [one.category for one in said] == [UndefinedMetricWarning]


def test_a_part_held_out_that_lacks_a_rare_class():
    model = MLPClassifier(**FEW, early_stopping=True, scoring="roc_auc", max_iter=5)
    _, said = fitted(model, X, np.arange(80) < 3)
    assert model.best_epoch_ == 1 + int(np.argmin(model.history_.column("validation_loss")))
    assert sum("the validation loss decided" in str(one.message) for one in said) == 1


def test_a_score_decides_as_soon_as_it_is_defined():
    answers = iter([np.nan, np.nan, 0.25, np.nan, 0.75, 0.5])
    model = MLPRegressor(**FEW, early_stopping=True, scoring=lambda *_: next(answers), max_iter=6)
    _, said = fitted(model, X, Y)
    assert (model.best_epoch_, model.best_validation_score_, said) == (5, 0.75, [])


def test_an_undefined_score_is_saved_and_loaded(tmp_path):
    model, _ = fitted(
        MLPRegressor(**FEW, early_stopping=True, max_iter=3), X, Y, X_val=X[:1], y_val=Y[:1]
    )
    model.save(tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    assert np.isnan(loaded.best_validation_score_)
    assert loaded.best_epoch_ == model.best_epoch_
    assert np.isnan(loaded.validation_scores_).all()


class Dies(Callback):
    def __init__(self, epoch):
        self.epoch = epoch

    def epoch_begin(self, progress):
        if progress.epochs_done == self.epoch:
            raise RuntimeError


@pytest.mark.parametrize("epoch", [1, 4, 7])
def test_a_killed_fit_goes_on_with_what_decides(tmp_path, epoch):
    params = {**FEW, "early_stopping": True, "max_iter": 8, "learning_rate_init": 0.2}
    data = {"X_val": X[:1], "y_val": Y[:1]}
    whole, _ = fitted(MLPRegressor(**params), X, Y, **data)
    cut = MLPRegressor(**params, checkpoint=tmp_path / "fit", callbacks=[Dies(epoch)])
    with pytest.raises(RuntimeError):
        fitted(cut, X, Y, **data)
    on, _ = fitted(cut.set_params(callbacks=[Dies(99)]), X, Y, **data)
    assert on.best_epoch_ == whole.best_epoch_
    assert_same_weights(on, whole)


# -- rows that lack a class ------------------------------------------------------------------------

LOG_LOSS = make_scorer(log_loss, greater_is_better=False, response_method="predict_proba")
LACKING = [
    ("neg_log_loss", "validation_neg_log_loss"),
    (LOG_LOSS, "validation_score"),
    (["accuracy", "neg_log_loss"], "validation_neg_log_loss"),
    ({"loglik": LOG_LOSS}, "validation_loglik"),
]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize(("scoring", "column"), LACKING, ids=str)
@pytest.mark.parametrize("y", [CLASSES, ONE], ids=["three", "two"])
def test_the_log_loss_of_validation_rows_that_lack_a_class(y, scoring, column, solver):
    rows = y < y.max()
    stops = solver == "adam"
    model = MLPClassifier(**FEW, solver=solver, scoring=scoring, early_stopping=stops, max_iter=4)
    _, said = fitted(model, X, y, X_val=X[rows], y_val=y[rows])
    assert said == []
    losses = model.history_.column("validation_loss")  # of our own, tested elsewhere
    np.testing.assert_allclose(model.history_.column(column), -np.array(losses), rtol=1e-5)


# -- nothing held out, nothing to decide -----------------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "data"),
    [(MLPClassifier, (X, CLASSES)), (MLPRegressor, (X, Y)), (MLPAutoencoder, (X,))],
)
def test_a_fraction_of_0_holds_out_nothing(cls, data):
    stopping = cls(**FEW, early_stopping=True, validation_fraction=0, max_iter=4)
    plain = cls(**FEW, max_iter=4)
    for model in (stopping, plain):
        fitted(model, *data)
        assert model.t_ == 4 * 80
    assert_same_weights(stopping, plain)
    assert stopping.validation_scores_ is stopping.best_validation_score_ is None
    assert stopping.best_loss_ == plain.best_loss_
    again = pickle.loads(pickle.dumps(stopping))
    assert again.best_epoch_ == plain.best_epoch_


def test_a_fraction_of_0_leaves_validation_data_to_decide():
    stopping = MLPClassifier(**FEW, early_stopping=True, validation_fraction=0, max_iter=4)
    fitted(stopping, X, CLASSES, X_val=X[:20], y_val=CLASSES[:20])
    assert len(stopping.validation_scores_) == 4


def test_a_fraction_of_0_has_nothing_to_score():
    model = MLPClassifier(**FEW, early_stopping=True, validation_fraction=0, scoring="accuracy")
    with pytest.raises(InvalidValueError, match="scoring needs validation data"):
        model.fit(X, CLASSES)


@pytest.mark.parametrize(
    "params",
    [{"solver": "sgd"}, {"solver": "sgd", "early_stopping": True}, {"solver": "lbfgs"}],
)
def test_a_loss_that_is_never_finite_is_an_error(params):
    # No step: only what is measured leaves the finite numbers, and no weight.
    model = MLPRegressor(
        **{**FEW, "learning_rate_init": 1e-300}, dtype="float64", max_iter=3, **params
    )
    lbfgs = "loss must be finite in at least one epoch"
    with pytest.raises((InvalidValueError, DivergenceError), match=f"{lbfgs}|training diverged"):
        fitted(model, X, 1e200 * np.sign(Y))
    assert not hasattr(model, "coefs_")


def test_ctrl_c_in_the_first_epoch_on_other_validation_data_keeps_what_was_learnt():
    class Interrupts(Callback):
        def batch_end(self, progress):
            raise KeyboardInterrupt

    model = MLPRegressor(**FEW, early_stopping=True, warm_start=True, max_iter=2)
    fitted(model, X, Y, X_val=X[:20], y_val=Y[:20])
    model.set_params(callbacks=[Interrupts()])
    _, said = fitted(model, X, Y, X_val=X[20:], y_val=Y[20:])
    assert [str(one.message) for one in said] == ["Training interrupted by user."]
    assert (model.n_iter_, model.best_epoch_, model.best_validation_score_) == (0, None, -np.inf)


# -- a loss that leaves the finite numbers before the weights do ----------------------------------


def test_a_loss_that_is_no_number_is_a_divergence():
    model = MLPClassifier(
        (5,),
        solver="sgd",
        activation="identity",
        learning_rate_init=100,
        max_iter=10,
        random_state=0,
    )
    X = np.random.RandomState(0).randn(80, 4)
    with pytest.raises(DivergenceError, match="the training loss is not finite"):
        fitted(model, X, (X[:, 0] > 0).astype(int))
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("weight", [-1.0, 1e-300])
def test_sample_weights_have_a_sum(solver, weight):
    model = MLPClassifier((5,), solver=solver, max_iter=2)
    with pytest.raises(InvalidValueError, match="sample_weight must have a sum above"):
        model.fit(X, CLASSES, sample_weight=np.full(len(X), weight))
