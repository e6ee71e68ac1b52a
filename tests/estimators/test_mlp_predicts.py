"""The short way to a prediction: the answers, errors and warnings of the long one."""

from __future__ import annotations

import copy
import pickle
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor
from chainrule.engine.backends import using
from chainrule.errors import DivergenceWarning, InvalidValueError
from chainrule.estimators import mlp
from chainrule.estimators.validation import is_plain

from ..parts import BACKENDS

pytestmark = pytest.mark.filterwarnings("ignore:Stochastic Optimizer")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)).astype(np.float32)
Y = RNG.integers(0, 3, 60)
CALLS = {
    MLPClassifier: ("predict", "predict_proba", "decision_function", "transform"),
    MLPRegressor: ("predict", "transform"),
    MLPAutoencoder: ("predict", "transform"),
}


def fitted(cls, **settings):
    model = cls(hidden_layer_sizes=(5,), max_iter=3, tol=0, random_state=0, **settings)
    return model.fit(X) if cls is MLPAutoencoder else model.fit(X, Y)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize(("cls", "call"), [(c, name) for c in CALLS for name in CALLS[c]])
def test_the_short_way_answers_as_the_long_one(monkeypatch, cls, call, dtype):
    model, samples = fitted(cls), (np.abs(X) * 20).astype(dtype)
    assert is_plain(model, samples, np.dtype(np.float32))
    short = getattr(model, call)(samples)
    monkeypatch.setattr(mlp, "is_plain", lambda *_: False)
    np.testing.assert_array_equal(short, getattr(model, call)(samples), strict=True)


@pytest.mark.parametrize(
    "samples",
    [
        X.tolist(),
        X[::2],
        np.asfortranarray(X),
        X.astype(np.int64),
        X[:0],
        X[0],
        X[:, :3],
        np.ma.array(X),
        X * np.float32(1e19),
        X.astype(np.float64) * 1e38,
        np.where(X > 1, np.nan, X),
        np.where(X > 1, np.inf, X),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_needs_care_goes_the_long_way(samples):
    assert not is_plain(fitted(MLPClassifier), samples, np.dtype(np.float32))


def test_what_has_names_goes_the_long_way():
    pandas = pytest.importorskip("pandas")
    model = MLPClassifier((5,), max_iter=3).fit(pandas.DataFrame(X, columns=list("abcd")), Y)
    assert not is_plain(model, X, np.dtype(np.float32))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(X)


def test_threads_predict_at_once():
    model = fitted(MLPClassifier)
    parts = [X[i : i + 1 + i % 7].copy() for i in range(50)]
    wanted = [model.predict_proba(part) for part in parts]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            for got, one in zip(pool.map(model.predict_proba, parts), wanted, strict=True):
                np.testing.assert_array_equal(got, one)


def test_replaced_weights_are_used_at_once_and_buffers_are_nobody_else_s():
    model = fitted(MLPRegressor)
    model.predict(X)
    model.coefs_[1] = np.zeros_like(model.coefs_[1])
    np.testing.assert_allclose(model.predict(X), model.intercepts_[1][0])
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin._fitted._evaluators == []


@pytest.mark.parametrize("cls", CALLS)
def test_a_model_keeps_nothing_of_what_it_predicted(cls):
    model, samples = fitted(cls), X.copy()
    kept = weakref.ref(samples)
    for call in CALLS[cls]:
        getattr(model, call)(samples)
    del samples
    assert kept() is None


def overflowing(cls, dtype="float32"):
    """A model that is fitted, and samples whose eighth is too large for it."""
    model, far = fitted(cls, dtype=dtype), X.astype(dtype)
    model.coefs_[0] *= 1e20 if dtype == "float32" else 1e200
    far[7] *= 1e30 if dtype == "float32" else 1e200
    return model, far


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", [np.asarray, scipy.sparse.csr_matrix, pd.DataFrame])
@pytest.mark.parametrize("cls", list(CALLS))
def test_an_overflow_is_an_error_that_names_the_row(cls, form, dtype, backend):
    model, far = overflowing(cls, dtype)
    message = rf"X must keep the network's sums finite in {dtype}, got an overflow in row 7: scale"
    with using(backend):
        for name in (*CALLS[cls], "activations"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # frames have names
                with pytest.raises(InvalidValueError, match=message):
                    getattr(model, name)(form(far))


@pytest.mark.parametrize("cls", list(CALLS))
def test_what_is_made_of_predictions_is_the_same_error(cls):
    model, far = overflowing(cls)
    with pytest.raises(InvalidValueError, match="in row 7"):
        model.score(far, Y)
    with pytest.raises(InvalidValueError, match=r"got a loss of (nan|inf)"):
        model.loss_and_gradient(far, Y)


def test_an_overflow_on_the_way_back_from_a_bottleneck_is_an_error():
    model = fitted(MLPAutoencoder, input_scaling="standard")
    code = model.transform(X)
    model.coefs_[1] *= 1e30
    code[3] = 1e30
    with pytest.raises(InvalidValueError, match="in row 3"):
        model.inverse_transform(code)


def test_a_reconstruction_beyond_the_numbers_is_an_error():
    model = fitted(MLPAutoencoder, input_scaling="minmax")
    model._fitted.scaling.scale[:] = 1e-30  # as of samples in other units
    model.intercepts_[-1][:] = 1e20
    with pytest.raises(InvalidValueError, match="in row 0"):
        model.reconstruct(X)


def test_an_exponential_beyond_the_numbers_is_an_error():
    model = fitted(MLPRegressor, loss="poisson")
    model.intercepts_[-1][:] = 60
    assert np.isfinite(model.predict(X)).all()
    model.intercepts_[-1][:] = 200
    with pytest.raises(InvalidValueError, match="X must keep the network's sums finite"):
        model.predict(X)


def test_weights_that_are_not_finite_are_named():
    model = fitted(MLPRegressor)
    model.coefs_[0][0, 0] = np.nan
    with pytest.raises(InvalidValueError, match="weights must be finite"):
        model.predict(X)


def test_the_logarithm_of_a_probability_that_rounds_to_0_is_no_overflow():
    model = fitted(MLPClassifier)
    model.intercepts_[-1][:] = [0, 0, 1e4]
    assert (model.predict_proba(X)[:, :2] == 0).all()
    np.testing.assert_allclose(model.predict_log_proba(X)[:, :2], -1e4, rtol=1e-2)


@pytest.mark.parametrize("scoring", [None, "r2", ["r2", "neg_mean_squared_error"]])
def test_a_diverged_network_s_score_is_none_and_no_error(scoring):
    model = MLPRegressor(
        hidden_layer_sizes=(5,),
        solver="sgd",
        learning_rate_init=1e6,
        max_iter=8,
        scoring=scoring,
        activation="identity",
        early_stopping=True,
        random_state=0,
    )
    with pytest.warns(DivergenceWarning):
        model.fit(X, Y)
    assert np.isnan(model.validation_scores_[-1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_r2_of_large_numbers_is_scikit_learn_s_in_float64(dtype):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 2))
    y = (1e25 * X[:, 0] + 1e25).astype(dtype)
    model = MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", random_state=0).fit(X, y / 1e25)
    model.coefs_[0] *= 1e25  # now it predicts numbers whose squares leave float32
    model.intercepts_[0] *= 1e25
    wanted = r2_score(y.astype(np.float64), model.predict(X).astype(np.float64))
    assert model.score(X, y) == pytest.approx(wanted, rel=1e-12)
    assert wanted > 0.99


def test_r2_of_large_validation_data_is_finite():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 2))
    model = MLPRegressor(hidden_layer_sizes=(), early_stopping=True, solver="sgd", max_iter=1)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, 1e25 * X[:, 0])
    assert np.isfinite(model.validation_scores_).all()
