"""In float64, chainrule's MLPs take the same steps as the installed scikit-learn's."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn import neural_network as theirs
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.fixes import parse_version

import chainrule

# Versions before 1.7 lack both, and hold out a single sample; versions before 1.9 cannot score
# strings with early stopping.
HAS_WEIGHTS = "sample_weight" in inspect.signature(theirs.MLPClassifier.fit).parameters
HAS_LOSSES = "loss" in inspect.signature(theirs.MLPRegressor).parameters
SCORES_STRINGS = parse_version(sklearn.__version__) >= parse_version("1.9")
FRACTIONS = [0.1, 0.2, 0.37, *([0.01] if HAS_WEIGHTS else [])]

CLOSE = 1e-6  # the largest difference in a layer, relative to its largest weight
KINDS = ("binary", "multiclass", "multilabel", "number", "numbers", "count", "counts")
LABELS = {
    "int": np.array([7, 3, 5, -1]),
    "str": np.array(["one", "two", "three", "four"]),
    "object": np.array(["one", "two", "three", "four"], dtype=object),
    "bool": np.array([False, True]),
    "float": np.array([1.0, 0.0, 2.0, 3.0]),
}


# -- what is drawn ---------------------------------------------------------------------------------


@dataclass
class Call:
    """One call of fit or partial_fit on some rows."""

    method: str
    rows: Any
    max_iter: int
    classes: Any = None


@dataclass
class Run:
    """Settings, data, and the calls to compare."""

    kind: str
    params: dict[str, Any]
    seed: Any
    X: Any
    y: Any
    weight: Any
    calls: list[Call] = field(repr=False)

    def estimator(self, module, **more):
        name = "MLPClassifier" if self.kind in KINDS[:3] else "MLPRegressor"
        own = np.random.RandomState(self.seed[0]) if isinstance(self.seed, tuple) else self.seed
        return getattr(module, name)(**self.params, **more, random_state=own)


@st.composite
def solvers(draw):
    solver = draw(st.sampled_from(["adam", "sgd"]))
    momentum = draw(st.sampled_from([0, 0.3, 0.9, 0.99, 1]))
    # Rates at which training is stable: what isn't makes rounding large.
    highest = 0.03 if solver == "adam" or momentum > 0.3 else 0.1
    return {
        "solver": solver,
        "learning_rate": draw(st.sampled_from(["constant", "invscaling", "adaptive"])),
        "learning_rate_init": highest * draw(st.sampled_from([0.01, 0.1, 0.3, 1.0])),
        "power_t": draw(st.sampled_from([0, 0.25, 0.5, 1.0])),
        "momentum": momentum,
        "nesterovs_momentum": draw(st.booleans()),
        "beta_1": draw(st.sampled_from([0.0, 0.5, 0.9])),
        "beta_2": draw(st.sampled_from([0.9, 0.99, 0.999])),
        "epsilon": draw(st.sampled_from([1e-8, 1e-4])),
        "alpha": draw(st.sampled_from([0, 1e-4, 0.1, 2.0])),
    }


@st.composite
def networks(draw):
    sizes = draw(st.lists(st.integers(1, 7), min_size=0, max_size=3))
    form = draw(st.sampled_from([tuple, list, np.array]))
    one_number = len(sizes) == 1 and draw(st.booleans())
    return {
        "hidden_layer_sizes": sizes[0] if one_number else form(sizes) if sizes else tuple(sizes),
        "activation": draw(st.sampled_from(["identity", "logistic", "tanh", "relu"])),
    }


@st.composite
def stops(draw):
    stopping = draw(st.booleans())
    return {
        "early_stopping": stopping,
        "validation_fraction": draw(st.sampled_from(FRACTIONS)) if stopping else 0.1,
        "n_iter_no_change": draw(st.sampled_from([1, 2, 3, 10, np.inf])),
        "tol": draw(st.sampled_from([0, 1e-4, 0.01, 0.3])),
        "shuffle": draw(st.booleans()),
        "warm_start": draw(st.booleans()),
    }


def inputs(draw, rng, n):
    width = draw(st.integers(1, 5))
    form = draw(st.sampled_from(["float", "int", "csr", "csr of int"]))
    X = rng.normal(size=(n, width))
    if form != "float":
        X *= rng.uniform(size=X.shape) < 0.6
    X = np.rint(2 * X).astype(np.int32) if "int" in form else X
    return sp.csr_matrix(X) if "csr" in form else X


def targets(draw, rng, kind, X, stopping):
    n, width = X.shape
    signal = X @ rng.normal(size=(width, 3)) / np.sqrt(width) + 0.3 * rng.normal(size=(n, 3))
    if kind == "multilabel":
        return (signal[:, : draw(st.integers(2, 3))] > 0).astype(int), None
    if kind in ("binary", "multiclass"):
        names = ["int", "float"] if stopping and not SCORES_STRINGS else list(LABELS)
        k = 2 if kind == "binary" else 3
        labels = LABELS[draw(st.sampled_from([n for n in names if k == 2 or n != "bool"]))][:k]
        which = signal[:, :k].argmax(axis=1)
        which[: 2 * k] = np.arange(2 * k) % k  # twice each, so that a part can be held out
        return labels[which], labels
    columns = signal[:, : draw(st.integers(2, 3))] if kind.endswith("s") else signal[:, 0]
    return rng.poisson(np.exp(columns / 2)) if kind.startswith("count") else columns, None


def smallest_batch(n, size):
    size = min(200, n) if size == "auto" else min(size, n)
    return n % size or size


def weights(draw, rng, n, kind, stopping, least):
    form = draw(st.sampled_from(["none", "float", "int", "some zero"])) if HAS_WEIGHTS else "none"
    if form == "none":
        return None
    weight = rng.integers(1, 4, n) if form == "int" else rng.uniform(0.2, 3, n)
    if form == "some zero" and not stopping:  # but never all of a batch
        weight[rng.permutation(n)[: min(3, least - 1)]] = 0
    return weight


def calls(draw, rng, n, params, classes):
    if params["early_stopping"]:
        # Only one fit before each start anew: see the last part of this module.
        params["warm_start"] = params["warm_start"] and draw(st.just(False))
        methods = ["fit"] * draw(st.integers(1, 2))
    else:
        methods = draw(st.lists(st.sampled_from(["fit", "partial_fit"]), min_size=1, max_size=4))
    made, iterations, fitted = [], 0, False
    for method in methods:
        # scikit-learn wants every class in every call with warm_start.
        part = method == "partial_fit" and not params["warm_start"] and draw(st.booleans())
        rows = np.sort(rng.permutation(n)[: n // 2]) if part else np.arange(n)
        iterations = max(1, min(12, iterations + draw(st.integers(1, 7))))
        first = method == "partial_fit" and not fitted
        given_classes = classes if first or draw(st.booleans()) else None
        made.append(Call(method, rows, iterations, given_classes))
        fitted = True
    return made


@st.composite
def runs(draw):
    kinds = KINDS if HAS_LOSSES else KINDS[:5]
    kind = draw(st.sampled_from(kinds))
    params = {**draw(networks()), **draw(solvers()), **draw(stops())}
    if kind.startswith("count"):
        params["loss"] = "poisson"
        params["learning_rate_init"] = min(params["learning_rate_init"], 0.02)
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n = draw(st.integers(20, 80))
    X = inputs(draw, rng, n)
    y, labels = targets(draw, rng, kind, X, params["early_stopping"])
    classes = np.arange(y.shape[1]) if kind == "multilabel" else labels
    params["batch_size"] = draw(st.sampled_from(["auto", 3, 7, 16, n, n + 5]))
    planned = calls(draw, rng, n, params, classes)
    least = min(smallest_batch(len(call.rows), params["batch_size"]) for call in planned)
    weight = weights(draw, rng, n, kind, params["early_stopping"], least)
    seed = draw(st.integers(0, 99))
    return Run(kind, params, (seed,) if draw(st.booleans()) else seed, X, y, weight, planned)


# -- how it is compared ----------------------------------------------------------------------------


def answer(estimator, run, call):
    """Make one call; return what it warned of, and its error if it failed."""
    estimator.set_params(max_iter=call.max_iter)
    rows = call.rows
    arguments = {} if run.weight is None else {"sample_weight": run.weight[rows]}
    if call.method == "partial_fit" and call.classes is not None:
        arguments["classes"] = call.classes
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            getattr(estimator, call.method)(run.X[rows], run.y[rows], **arguments)
            error = None
        except ValueError as e:
            error = str(e)
    said = [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    return said, error


def both_cannot_split(error, expected):
    """Return whether both say that nothing can be held out; ours in terms of the parameters."""
    ours = "validation_fraction of " in error or "Early stopping holds out" in error
    return ours and expected is not None and ("_size" in expected or "least populated" in expected)


def diverged(error, estimator, X):
    """Return whether training has left the numbers that can be compared, if only for a while."""
    if error is not None:
        return "non-finite" in error
    outputs = [] if hasattr(estimator, "classes_") else [estimator.predict(X)]
    sizes = [np.abs(a).max() for a in (*estimator.coefs_, estimator.loss_curve_, *outputs)]
    return not all(size < 1e6 for size in sizes)


def deviation(ours, wanted):
    """Return the largest difference in a layer, relative to its largest weight."""
    worst = 0.0
    for a, b in zip(
        ours.coefs_ + ours.intercepts_, wanted.coefs_ + wanted.intercepts_, strict=True
    ):
        assert a.shape == b.shape
        assert a.dtype == b.dtype == np.float64
        worst = max(worst, float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-300)))
    return worst


def assert_same_numbers(ours, wanted):
    if wanted is None:
        assert ours is None
    else:
        assert ours == pytest.approx(wanted, rel=1e-6, abs=1e-9, nan_ok=True)


def assert_same_answers(ours, wanted, X):
    got, expected = ours.predict(X), wanted.predict(X)
    assert got.shape == expected.shape
    assert got.dtype == expected.dtype
    if not hasattr(wanted, "classes_"):
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6 * np.abs(expected).max())
        return
    np.testing.assert_array_equal(ours.classes_, wanted.classes_)
    assert ours.classes_.dtype == wanted.classes_.dtype
    likely = wanted.predict_proba(X)
    np.testing.assert_allclose(ours.predict_proba(X), likely, rtol=1e-5, atol=1e-9)
    # Where two labels are equally likely, rounding decides.
    lead = np.abs(likely - 0.5) if got.ndim == 2 else np.ptp(np.sort(likely)[:, -2:], axis=1)
    np.testing.assert_array_equal(got[lead > 1e-6], expected[lead > 1e-6])


def compare(run):
    """Make the same calls on both; return the largest deviation of a weight, relative."""
    ours, wanted = run.estimator(chainrule, dtype="float64"), run.estimator(theirs)
    worst = 0.0
    for call in run.calls:
        said, error = answer(ours, run, call)
        expected, expected_error = answer(wanted, run, call)
        if error is not None and (
            error == expected_error or both_cannot_split(error, expected_error)
        ):
            return worst
        assume(not diverged(expected_error, wanted, run.X))
        assert error == expected_error
        assert said == expected
        worst = max(worst, deviation(ours, wanted))
        assert worst <= CLOSE
        for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_"):
            assert getattr(ours, name) == getattr(wanted, name), name
        assert ours.n_features_in_ == wanted.n_features_in_
        for name in ("loss_", "loss_curve_", "best_loss_", "validation_scores_"):
            assert_same_numbers(getattr(ours, name), getattr(wanted, name))
        assert_same_numbers(ours.best_validation_score_, wanted.best_validation_score_)
        assert_same_answers(ours, wanted, run.X)
    return worst


def test_the_trajectory_is_scikit_learn_s_whatever_the_settings(capsys):
    deviations = []

    @settings(max_examples=300, suppress_health_check=list(HealthCheck))
    @given(runs())
    def check(run):
        deviations.append(compare(run))

    check()
    with capsys.disabled():
        print(
            f"\ncompared with scikit-learn {sklearn.__version__}: {len(deviations)} settings, "
            f"largest relative deviation {max(deviations):.0e}"
        )
    assert len(deviations) >= 250


# -- what hypothesis draws too rarely --------------------------------------------------------------


def pair(name, **params):
    """Return chainrule's estimator and scikit-learn's with the same settings."""
    ours = getattr(chainrule, name)(dtype="float64", **params)
    return ours, getattr(theirs, name)(**params)


def fitted(name, X, y, **params):
    both = pair(name, **params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return [estimator.fit(X, y) for estimator in both]


@pytest.fixture
def numbers(rng):
    X = rng.normal(size=(60, 4))
    return X, np.sin(X @ rng.normal(size=(4, 3))) + 0.1 * rng.normal(size=(60, 3))


@pytest.fixture
def labels(numbers):
    X, y = numbers
    return X, y.argmax(axis=1)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("hidden", [(), 3, [4, 2]])
def test_weights_start_where_scikit_learn_s_start(labels, activation, hidden):
    params = {"hidden_layer_sizes": hidden, "activation": activation, "learning_rate_init": 1e-300}
    ours, wanted = fitted("MLPClassifier", *labels, **params, max_iter=1, random_state=0)
    assert deviation(ours, wanted) == 0
    ours.initialize(*labels)
    assert deviation(ours, wanted) < 1e-250


@pytest.mark.parametrize("exponent", range(1, 11))
def test_an_adaptive_rate_ends_in_the_same_epoch_however_it_is_rounded(numbers, exponent):
    X, y = numbers
    params = {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 1, "tol": 10.0}
    params |= {"learning_rate_init": 1e-6 * 5**exponent / 4**4, "hidden_layer_sizes": (2,)}
    ours, wanted = fitted("MLPRegressor", X, y[:, 0], random_state=0, max_iter=50, **params)
    assert ours.n_iter_ == wanted.n_iter_


@pytest.mark.parametrize("rate", [1e-6, 5e-6, 2.5e-5, 1.25e-4, 6.25e-4, 3.125e-3, 0.015625])
def test_an_adaptive_rate_of_one_millionth_is_the_last(numbers, rate):
    X, y = numbers
    params = {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 1, "tol": 10.0}
    params |= {"learning_rate_init": rate, "hidden_layer_sizes": (2,)}
    ours, wanted = fitted("MLPRegressor", X, y[:, 0], random_state=0, max_iter=50, **params)
    assert ours.n_iter_ == wanted.n_iter_


@pytest.mark.parametrize("stopping", [False, True])
@pytest.mark.parametrize("schedule", ["constant", "adaptive"])
def test_verbose_prints_what_scikit_learn_prints(numbers, capsys, schedule, stopping):
    X, y = numbers
    params = {"solver": "sgd", "learning_rate": schedule, "early_stopping": stopping, "tol": 0.1}
    params |= {"verbose": True, "n_iter_no_change": 2, "max_iter": 60, "learning_rate_init": 1e-4}
    ours, wanted = pair("MLPRegressor", random_state=1, **params)
    ours.fit(X, y[:, 0])
    said = capsys.readouterr().out
    wanted.fit(X, y[:, 0])
    assert said == capsys.readouterr().out
    assert "Stopping." in said


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel", "number"])
def test_lbfgs_goes_where_scikit_learn_s_goes(numbers, labels, kind, activation):
    X, y = numbers
    y = {
        "binary": labels[1] == 0,
        "multiclass": labels[1],
        "multilabel": (y > 0).astype(int),
        "number": y[:, 0],
    }[kind]
    name = "MLPRegressor" if kind == "number" else "MLPClassifier"
    params = {"solver": "lbfgs", "hidden_layer_sizes": (5, 3), "activation": activation}
    ours, wanted = fitted(name, X, y, **params, max_iter=8, alpha=0.1, random_state=0)
    assert deviation(ours, wanted) < CLOSE
    assert ours.n_iter_ == wanted.n_iter_
    assert ours.loss_ == pytest.approx(wanted.loss_, rel=1e-6)
    assert_same_answers(ours, wanted, X)


@pytest.mark.skipif(not HAS_WEIGHTS, reason="this scikit-learn takes no weights")
def test_lbfgs_with_weights_goes_where_scikit_learn_s_goes(labels, rng):
    weight = rng.integers(0, 4, 60)
    ours, wanted = pair("MLPClassifier", solver="lbfgs", max_iter=8, alpha=1.0, random_state=0)
    for estimator in (ours, wanted):
        with pytest.warns(ConvergenceWarning):
            estimator.fit(*labels, sample_weight=weight)
    assert deviation(ours, wanted) < CLOSE
    assert ours.loss_ == pytest.approx(wanted.loss_, rel=1e-6)


# -- where scikit-learn is at fault, and chainrule is not ------------------------------------------


def test_early_stopping_after_a_warm_start_restores_the_best_weights(numbers):
    X, _ = numbers
    y = X[:, 0] > 0
    params = {"solver": "sgd", "learning_rate_init": 0.2, "hidden_layer_sizes": (8,)}
    params |= {"early_stopping": True, "warm_start": True, "random_state": 0}
    ours, wanted = fitted("MLPClassifier", X, y, max_iter=20, **params)
    assert ours.best_validation_score_ == wanted.best_validation_score_ == 1
    before = [W.copy() for W in ours.coefs_ + ours.intercepts_]
    for estimator in (ours, wanted):
        estimator.set_params(max_iter=2)
        with pytest.warns(ConvergenceWarning):
            estimator.fit(X, y)
    for W, best in zip(ours.coefs_ + ours.intercepts_, before, strict=True):
        np.testing.assert_array_equal(W, best)
    assert deviation(ours, wanted) > 0.01  # scikit-learn's are those of the last epoch


def test_a_rate_set_between_calls_of_partial_fit_is_used(numbers):
    X, y = numbers
    for partly, change in ((True, 0.1), (False, 1.0)):
        params = {"solver": "sgd", "momentum": 0, "learning_rate_init": 1e-3, "alpha": 0}
        estimators = pair("MLPRegressor", random_state=0, shuffle=False, **params)
        moves = []
        for estimator in estimators:
            estimator.partial_fit(X, y)
            begin = estimator.coefs_[0].copy()
            if partly:
                estimator.set_params(learning_rate_init=1e-4)
            moves.append(estimator.partial_fit(X, y).coefs_[0] - begin)
        np.testing.assert_allclose(moves[0], change * moves[1], rtol=1e-6, atol=1e-12)


# With several outputs scikit-learn's gradient is too large by their number: its issue 8349.
LBFGS = {"solver": "lbfgs", "hidden_layer_sizes": (6,), "activation": "tanh", "tol": 1e-7}


def test_the_gradient_of_many_outputs_is_that_of_the_loss(numbers):
    X, y = numbers
    net = chainrule.MLPRegressor(dtype="float64", alpha=2, random_state=0, **LBFGS)
    net.initialize(X, y)
    loss, coefs, intercepts = net.loss_and_gradient(X, y)
    penalty = sum(np.square(W).sum() for W in net.coefs_)
    assert loss == pytest.approx(0.5 * np.square(net.predict(X) - y).mean() + penalty / len(X))
    step = 1e-6
    for array, gradient in zip(net.coefs_ + net.intercepts_, coefs + intercepts, strict=True):
        for place in np.ndindex(array.shape):
            values = []
            for change in (step, -2 * step):
                array[place] += change
                values.append(net.loss_and_gradient(X, y)[0])
            array[place] += step
            slope = (values[0] - values[1]) / (2 * step)
            assert gradient[place] == pytest.approx(slope, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("alpha", [0.1, 1.0])
def test_lbfgs_ends_as_low_as_scikit_learn_s_or_lower_with_many_outputs(numbers, alpha):
    params = {**LBFGS, "alpha": alpha, "max_iter": 300, "random_state": 0}
    ours, wanted = fitted("MLPRegressor", *numbers, **params)
    assert ours.loss_ <= wanted.loss_ * (1 + 1e-6)
    assert ours.loss_ == pytest.approx(ours.loss_and_gradient(*numbers)[0], rel=1e-9)


@pytest.mark.skipif(not HAS_WEIGHTS, reason="this scikit-learn takes no weights")
def test_a_batch_whose_weights_are_all_zero_is_no_step(labels):
    X, y = labels
    weight = np.repeat([1.0, 0.0], 30)
    params = {"shuffle": False, "dtype": "float64", "random_state": 0, "max_iter": 1}
    net = chainrule.MLPClassifier(batch_size=30, **params)
    with pytest.warns(ConvergenceWarning):
        net.fit(X, y, weight)
    alone = chainrule.MLPClassifier(batch_size=30, **params)
    with pytest.warns(ConvergenceWarning):
        alone.fit(X[:30], y[:30])
    assert deviation(net, alone) < 1e-12
