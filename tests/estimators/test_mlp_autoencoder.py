from __future__ import annotations

import copy
import pickle
import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from chainrule import MLPAutoencoder
from chainrule.errors import InvalidValueError

X, Y = (values[:400] for values in load_digits(return_X_y=True))


@pytest.fixture(autouse=True)
def _short_fits_are_no_news():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def autoencoder(**settings):
    given = {"hidden_layer_sizes": (24, 8), "max_iter": 5, "random_state": 0}
    return MLPAutoencoder(**given | {"input_scaling": "minmax"} | settings)


def test_the_decoder_mirrors_the_encoder():
    model = autoencoder().fit(X)
    assert [W.shape for W in model.coefs_] == [(64, 24), (24, 8), (8, 24), (24, 64)]
    assert model.bottleneck_ == 1
    assert model.transform(X).shape == (400, 8)


def test_hidden_layers_may_be_given_whole():
    model = autoencoder(hidden_layer_sizes=(20, 6, 10, 6), mirrored=False).fit(X)
    assert [W.shape[1] for W in model.coefs_] == [20, 6, 10, 6, 64]
    assert model.bottleneck_ == 1  # the first of the narrowest


def test_a_network_without_a_bottleneck_is_refused(message_of):
    message = message_of(InvalidValueError, autoencoder(hidden_layer_sizes=()).fit, X)
    assert message == (
        "hidden_layer_sizes must have at least one layer, the bottleneck, got (): such as (128, 32)"
    )


@pytest.mark.parametrize("scaling", [None, "standard", "minmax", "robust"])
def test_there_and_back_is_reconstruct_in_the_units_of_x(scaling):
    model = autoencoder(input_scaling=scaling, dtype="float64").fit(X)
    back = model.inverse_transform(model.transform(X))
    np.testing.assert_allclose(back, model.reconstruct(X), rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(model.predict(X), model.reconstruct(X))
    varies = np.ptp(X, axis=0) > 0  # scikit-learn leaves the other columns out
    kept = r2_score(X[:, varies], back[:, varies], multioutput="variance_weighted")
    lost = ((X - back)[:, ~varies] ** 2).sum() / ((X - X.mean(axis=0)) ** 2).sum()
    assert model.score(X) == pytest.approx(kept - lost, rel=1e-9)


@pytest.mark.parametrize(
    "settings",
    [
        {"loss": "squared_error"},
        {"loss": "absolute_error"},
        {"loss": "huber"},
        {"loss": "binary_cross_entropy"},
        {"solver": "lbfgs", "max_iter": 200},
        {"activation": "tanh", "input_dropout": 0.1},
    ],
)
def test_it_learns_to_reproduce(settings):
    model = autoencoder(
        **{"max_iter": 60, "learning_rate_init": 0.01, "batch_size": 16} | settings
    ).fit(X)
    # The absolute error is content with medians, which are 0 at the rims of digits.
    assert model.score(X) > (0.1 if model.loss == "absolute_error" else 0.4)
    assert model.out_activation_ == ("logistic" if "binary" in str(settings) else "identity")


def test_the_loss_is_the_mean_over_samples_and_features():
    model = autoencoder(learning_rate_init=1e-300, max_iter=1, alpha=0, dtype="float64").fit(X)
    scaled = (X - X.min(axis=0)) / np.where(np.ptp(X, axis=0) == 0, 1, np.ptp(X, axis=0))
    put_out = model.activations(X)[-1]
    assert model.loss_ == pytest.approx(0.5 * ((scaled - put_out) ** 2).mean(), rel=1e-9)


def test_sparse_and_dense_give_the_same():
    dense, sparse = autoencoder().fit(X), autoencoder().fit(sp.csr_matrix(X))
    for a, b in zip(dense.coefs_, sparse.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    assert sparse.score(sp.csr_matrix(X)) == pytest.approx(dense.score(X), rel=1e-4)


def test_early_stopping_watches_the_loss_of_what_is_held_out():
    model = autoencoder(early_stopping=True, max_iter=8).fit(X)
    losses = model.history_.column("validation_loss")
    np.testing.assert_allclose(model.validation_scores_, [-loss for loss in losses])
    assert model.best_epoch_ == 1 + int(np.argmin(losses))


def test_validation_data_of_one_s_own():
    model = autoencoder().fit(X[:300], X_val=X[300:])
    assert len(model.history_.column("validation_loss")) == 5
    assert model.t_ == 5 * 300


def test_sample_weights_count():
    weight = np.where(Y == 0, 1.0, 0.0)
    plain, weighted = autoencoder().fit(X), autoencoder().fit(X, sample_weight=weight)
    assert not np.array_equal(plain.coefs_[0], weighted.coefs_[0])
    few = autoencoder(shuffle=False, batch_size=400).fit(X, sample_weight=weight)
    assert np.isfinite(few.loss_)


def test_before_a_classifier_in_a_pipeline():
    squeeze = autoencoder(max_iter=60, learning_rate_init=0.01, batch_size=16)
    model = make_pipeline(squeeze, LogisticRegression(max_iter=2000)).fit(X, Y)
    assert model.score(X, Y) > 0.8
    assert list(model[:-1].get_feature_names_out())[:1] == ["mlpautoencoder0"]


def test_features_have_names_and_are_frames_on_request():
    pandas = pytest.importorskip("pandas")
    model = autoencoder().fit(pandas.DataFrame(X, columns=[f"p{i}" for i in range(64)]))
    frame = model.set_output(transform="pandas").transform(
        pandas.DataFrame(X, columns=[f"p{i}" for i in range(64)])
    )
    assert list(frame.columns) == [f"mlpautoencoder{i}" for i in range(8)]


def test_other_layers_are_features_too():
    model = autoencoder().fit(X)
    for layer, activations in enumerate(model.activations(X)[:-1]):
        np.testing.assert_array_equal(model.transform(X, layer), activations)
    assert model.transform(X, -1).shape == model.transform(X, 0).shape
    frame = model.set_output(transform="pandas").transform(X, layer=0)
    assert frame.columns[-1] == f"mlpautoencoder{model.coefs_[0].shape[1] - 1}"


def test_partial_fit_goes_on():
    one = autoencoder(max_iter=3, shuffle=False).fit(X)
    other = autoencoder(shuffle=False)
    for _ in range(3):
        other.partial_fit(X)
    np.testing.assert_array_equal(one.coefs_[0], other.coefs_[0])


def test_copies_are_the_same_model():
    model = autoencoder().fit(X)
    for same in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_array_equal(same.reconstruct(X), model.reconstruct(X))
    fresh = clone(model)
    with pytest.raises(NotFittedError):
        fresh.inverse_transform(np.zeros((1, 8)))


def test_another_width_than_the_bottleneck_is_refused(message_of):
    model = autoencoder().fit(X)
    message = message_of(InvalidValueError, model.inverse_transform, np.zeros((2, 3)))
    assert message == (
        "X must have 8 features, as many as the bottleneck has units, got 3: pass what transform "
        "returns"
    )


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (lambda Z: np.where(Z[0, 0] == Z, np.nan, Z), "Input X contains NaN."),
        (lambda Z: np.where(Z[0, 0] == Z, -np.inf, Z), "Input X contains infinity"),
        (lambda Z: Z[:0], "Found array with 0 sample(s) (shape=(0, 8))"),
        (lambda Z: Z[0], "Expected 2D array, got 1D array instead"),
        (lambda Z: Z.astype(str), "dtype='numeric' is not compatible with arrays of bytes/strings"),
        (lambda Z: Z.astype(np.float64) + 1e300, "X must be finite in float32, got 1e+300"),
        (sp.csr_array, "Sparse data was passed for X, but dense data is required"),
    ],
)
def test_what_cannot_come_from_a_bottleneck_is_refused(make, wanted):
    model = autoencoder().fit(X)
    with pytest.raises((TypeError, ValueError)) as error:
        model.inverse_transform(make(model.transform(X)))
    assert str(error.value).startswith(wanted)


def test_bottleneck_activations_may_be_integers_lists_and_frames():
    pd = pytest.importorskip("pandas")
    model = autoencoder().fit(X)
    whole = np.arange(16).reshape(2, 8)
    wanted = model.inverse_transform(whole.astype(float))
    for given in (whole, whole.tolist(), pd.DataFrame(whole)):
        np.testing.assert_array_equal(model.inverse_transform(given), wanted)


def test_equal_samples_have_no_variance_to_keep():
    assert np.isnan(autoencoder().fit(X).score(X[[0, 0]]))


# -- the domain of a loss --------------------------------------------------------------------------

UNIT = np.random.default_rng(1).uniform(size=(60, 4))
BCE = {"loss": "binary_cross_entropy", "max_iter": 1, "tol": 1e9, "n_iter_no_change": 1}
BEYOND = {
    "pixels": ((UNIT * 255).astype(np.uint8), {}, "in feature "),
    "a little above 1": (UNIT * [1, 1, 1.2, 1], {}, " in feature 2"),
    "below 0": (UNIT - [0, 0.5, 0, 0], {}, " in feature 1"),
    "standardised": (UNIT, {"input_scaling": "standard"}, "in feature "),
    "sparse": (sp.csr_array(UNIT * 2), {}, "in feature "),
}


def bce(**params):
    return MLPAutoencoder((2,), random_state=0, **BCE | params)


@pytest.mark.parametrize("what", BEYOND)
def test_features_outside_the_domain_of_the_loss_are_refused(what, message_of):
    X, params, where = BEYOND[what]
    for call in ("fit", "partial_fit", "initialize"):
        message = message_of(InvalidValueError, getattr(bce(**params), call), X)
        assert message.startswith('X must be in [0, 1] with loss="binary_cross_entropy"')
        assert ("also as input_scaling leaves it" in message) == bool(params)
        assert where in message
        assert message.endswith(
            ': pass input_scaling="minmax", fitted to samples of the whole range'
        )


@pytest.mark.parametrize(
    "X", [UNIT, UNIT > 0.5, sp.csr_array(UNIT), MinMaxScaler().fit_transform(UNIT)]
)
def test_features_in_the_domain_are_taken(X):
    bce().fit(X, X_val=X)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_minmax_brings_features_into_the_domain(dtype):
    X = np.random.default_rng(2).normal(size=(60, 4)) * [1e-3, 1, 1e3, 1e6]
    net = bce(input_scaling="minmax", dtype=dtype).fit(X, X_val=2 * X)  # which is only measured
    bce(input_scaling="minmax", dtype=dtype, early_stopping=True).fit(X)
    with pytest.raises(InvalidValueError, match="also as input_scaling leaves it"):
        net.partial_fit(2 * X)
    with pytest.raises(InvalidValueError, match="also as input_scaling leaves it"):
        net.loss_and_gradient(2 * X)


def test_validation_data_outside_the_domain_is_refused(message_of):
    message = message_of(InvalidValueError, bce().fit, UNIT, X_val=UNIT * 255)
    assert message.startswith("X_val must be in [0, 1]")


@pytest.mark.parametrize("call", ["fit", "inverse_transform", "reconstruct", "score", "transform"])
def test_masked_values_are_refused(call, message_of):
    net = bce().fit(UNIT)
    X = UNIT[:, :2] if call == "inverse_transform" else UNIT
    masked = np.ma.array(X, mask=X > 0.9)
    message = message_of(InvalidValueError, getattr(net, call), masked)
    assert message.startswith("X must have no masked values")
