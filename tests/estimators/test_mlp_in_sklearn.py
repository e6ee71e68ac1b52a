"""chainrule's MLPs where scikit-learn's stood: its checks, its tools, and the data of its users."""

from __future__ import annotations

import copy
import gc
import inspect
import pickle
import tracemalloc
import warnings

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from sklearn import config_context
from sklearn import neural_network as theirs
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

import chainrule
from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
each_class = pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])


# -- scikit-learn's checks -------------------------------------------------------------------------


EQUIVALENCES = (
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weight_equivalence_on_sparse_data",
)


def not_in_float32(estimator):
    """Return what compares to 1e-7, whatever the dtype: less than float32's spacing of numbers.

    Weighted samples and repeated ones are added up in another order, so the last digit differs.
    scikit-learn's own MLP passes in float64 and fails in float32 too, as a test below shows.
    """
    if estimator.dtype != "float32":
        return {}
    return dict.fromkeys(EQUIVALENCES, "compares to 1e-7, also in float32")


checks = parametrize_with_checks(
    [
        cls(max_iter=100, dtype=dtype)  # scikit-learn's checks take as many for its own
        for cls in (MLPClassifier, MLPRegressor)
        for dtype in ("auto", "float64", "float32")
    ],
    expected_failed_checks=not_in_float32,
)


# In a list: an older scikit-learn gives a generator, which a newer pytest will not take.
@pytest.mark.parametrize(checks.args[0], list(checks.args[1]), **checks.kwargs)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_scikit_learn_s_checks_pass(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "estimator",
    [
        MLPClassifier(solver="lbfgs", max_iter=100, dtype="auto"),
        MLPRegressor(solver="sgd", tol=0.01, random_state=42, max_iter=100, dtype="auto"),
    ],
    ids=["classifier", "regressor"],
)
def test_weights_are_repetitions_with_the_settings_scikit_learn_checks_its_own_with(estimator):
    estimator_checks.check_sample_weight_equivalence_on_dense_data(
        type(estimator).__name__, estimator
    )


@each_class
@pytest.mark.parametrize("check", EQUIVALENCES)
def test_scikit_learn_s_own_mlp_fails_in_float32_what_this_one_fails(cls, check):
    base = getattr(theirs, cls.__name__)
    if "sample_weight" not in inspect.signature(base.fit).parameters:
        pytest.skip("this scikit-learn takes no weights")

    class InFloat32(base):
        def fit(self, X, y, sample_weight=None):
            return super().fit(X.astype(np.float32), y, sample_weight)

        def _forward_pass_fast(self, X, check_input=True):
            return super()._forward_pass_fast(X.astype(np.float32), check_input)

    with pytest.raises(AssertionError, match="Not equal to tolerance rtol=1e-07"):
        getattr(estimator_checks, check)("InFloat32", InFloat32(max_iter=100))


@each_class
def test_weights_are_repetitions_in_float32_too(cls, rng):
    X, y = rng.normal(size=(15, 10)), rng.integers(0, 3, 15)
    weight = rng.integers(0, 4, 15)
    params = {"max_iter": 100, "random_state": 0, "shuffle": False, "batch_size": 50}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weighted = cls(**params).fit(X, y, sample_weight=weight)
        repeated = cls(**params).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    for a, b in zip(weighted.coefs_, repeated.coefs_, strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, atol=1e-5)


@each_class
def test_parameters_are_those_of_scikit_learn_in_its_order_with_its_defaults(cls):
    ours = inspect.signature(cls).parameters
    wanted = inspect.signature(getattr(theirs, cls.__name__)).parameters
    names = [name for name in ours if name in wanted]
    assert names == list(wanted)
    for name in names:
        assert ours[name].default == wanted[name].default, name
        assert ours[name].kind == wanted[name].kind, name
    for method in ("fit", "partial_fit", "predict", "score"):
        asked = list(inspect.signature(getattr(getattr(theirs, cls.__name__), method)).parameters)
        given = list(inspect.signature(getattr(cls, method)).parameters)
        if "sample_weight" not in asked:  # before 1.7
            given.remove("sample_weight") if "sample_weight" in given else None
        assert given[: len(asked)] == asked, method


@each_class
def test_what_fitting_leaves_behind_is_scikit_learn_s_and_more(cls):
    X, y = load_iris(return_X_y=True)
    for params in ({}, {"early_stopping": True}, {"solver": "lbfgs"}):
        wanted = getattr(theirs, cls.__name__)(max_iter=3, **params).fit(X, y)
        ours = cls(max_iter=3, **params).fit(X, y)
        public = [name for name in vars(wanted) if not name.startswith("_") and name != "loss"]
        assert set(public) <= set(vars(ours)), set(public) - set(vars(ours))
        for name in public:
            assert isinstance(getattr(ours, name), type(getattr(wanted, name)) | float), name


@each_class
def test_tags_are_scikit_learn_s(cls):
    ours = cls().__sklearn_tags__()
    wanted = getattr(theirs, cls.__name__)().__sklearn_tags__()
    wanted.input_tags.sparse = True  # before 1.7 its tags forget that they take it
    for part in ("estimator_type", "target_tags", "input_tags", "classifier_tags"):
        assert getattr(ours, part) == getattr(wanted, part), part
    assert ours.regressor_tags == wanted.regressor_tags
    assert is_classifier(cls()) is (cls is MLPClassifier)
    assert is_regressor(cls()) is (cls is MLPRegressor)


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [("float32", {"float32"}), ("float64", {"float64"}), ("auto", {"float32", "float64"})],
)
def test_the_tag_of_dtypes_that_transform_keeps_is_true(dtype, kept, rng):
    net = MLPRegressor(dtype=dtype, max_iter=1)
    assert set(net.__sklearn_tags__().transformer_tags.preserves_dtype) == kept
    for name in kept:
        X = rng.normal(size=(20, 3)).astype(name)
        assert net.fit(X, X[:, 0]).transform(X).dtype == name


# -- scikit-learn's tools --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    return X[order], y[order]


@pytest.fixture
def net():
    return MLPClassifier((16,), learning_rate_init=0.02, max_iter=60, random_state=0)


def test_in_a_pipeline(iris, net):
    model = make_pipeline(StandardScaler(), net).fit(*iris)
    assert model.score(*iris) > 0.95
    assert model.predict_proba(iris[0]).shape == (150, 3)
    weighted = make_pipeline(StandardScaler(), clone(net))
    weighted.fit(*iris, mlpclassifier__sample_weight=np.ones(150))
    assert weighted.score(*iris) > 0.95


def test_as_features_for_another_model(iris, net):
    model = make_pipeline(StandardScaler(), net, LogisticRegression()).fit(*iris)
    assert model.score(*iris) > 0.95
    names = model[:-1].get_feature_names_out()
    assert list(names[:2]) == ["mlpclassifier0", "mlpclassifier1"]
    assert len(names) == model[:-1].transform(iris[0]).shape[1] == 16


def test_features_as_a_frame(iris, net):
    pd = pytest.importorskip("pandas")
    frame = net.set_output(transform="pandas").fit(*iris).transform(iris[0])
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == [f"mlpclassifier{i}" for i in range(16)]


def test_in_a_search(iris, net):
    grid = {
        "hidden_layer_sizes": [(4,), (8, 4)],
        "alpha": [1e-4, 10.0],
        "activation": ["tanh", "gelu"],
    }
    search = GridSearchCV(net.set_params(input_scaling="standard"), grid, cv=3).fit(*iris)
    assert search.best_score_ > 0.9
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()
    assert search.best_estimator_.get_params()["alpha"] == search.best_params_["alpha"]


def test_in_cross_validation(iris, net):
    results = cross_validate(
        net, *iris, scoring=["accuracy", "neg_log_loss"], return_estimator=True
    )
    assert results["test_accuracy"].mean() > 0.9
    assert len({id(estimator) for estimator in results["estimator"]}) == 5
    assert cross_val_predict(net, *iris, cv=3, method="decision_function").shape == (150, 3)
    assert cross_val_predict(net, *iris, cv=3, method="predict_log_proba").shape == (150, 3)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda net: CalibratedClassifierCV(net, cv=3),
        lambda net: BaggingClassifier(net, 3, random_state=0),
        lambda net: StackingClassifier([("a", net), ("b", clone(net))], cv=3),
        OneVsRestClassifier,
    ],
    ids=["calibrated", "bagging", "stacking", "one-vs-rest"],
)
def test_inside_another_classifier(iris, net, wrap):
    model = wrap(net.set_params(input_scaling="standard")).fit(*iris)
    assert model.score(*iris) > 0.94
    np.testing.assert_allclose(model.predict_proba(iris[0]).sum(axis=1), 1, rtol=1e-5)


def test_inside_a_chain_of_classifiers(iris, net):
    X, y = iris
    table = np.column_stack([y == 0, y > 0]).astype(int)
    assert ClassifierChain(net).fit(X, table).score(X, table) > 0.9


def test_inside_other_regressors():
    X, y = load_diabetes(return_X_y=True)
    net = MLPRegressor(solver="lbfgs", max_iter=60, alpha=1.0, random_state=0)
    net.set_params(input_scaling="standard")
    scaled = TransformedTargetRegressor(net, transformer=StandardScaler()).fit(X, y)
    assert scaled.score(X, y) > 0.5
    assert VotingRegressor([("a", scaled), ("b", clone(net))]).fit(X, y).score(X, y) > 0.4


def test_in_inspection_selection_and_learning_curves(iris, net):
    X, y = iris
    fitted = clone(net).fit(X, y)
    importance = permutation_importance(fitted, X, y, n_repeats=2, random_state=0)
    assert importance.importances_mean.argmax() in (2, 3)
    few = clone(net).set_params(max_iter=10)
    chosen = SequentialFeatureSelector(few, n_features_to_select=1, cv=2).fit(X, y)
    assert chosen.get_support().sum() == 1
    _, train, _ = learning_curve(net, X, y, cv=3, train_sizes=[0.5, 1.0])
    assert train.shape == (2, 3)
    # It makes use of partial_fit.
    _, train, _ = learning_curve(
        net, X, y, cv=3, train_sizes=[0.5, 1.0], exploit_incremental_learning=True
    )
    assert train.shape == (2, 3)


def test_behind_a_column_transformer(iris, net):
    pd = pytest.importorskip("pandas")
    X, y = iris
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame["colour"] = np.where(y == 0, "red", "blue")
    columns = ColumnTransformer(
        [("numbers", StandardScaler(), list("abcd")), ("words", OneHotEncoder(), ["colour"])]
    )
    for output in ("default", "pandas"):
        if output == "pandas":
            columns.set_params(words__sparse_output=False).set_output(transform="pandas")
        model = make_pipeline(columns, clone(net)).fit(frame, y)
        assert model.score(frame, y) > 0.95
    assert list(model[-1].feature_names_in_[:1]) == ["numbers__a"]


@pytest.mark.slow
def test_in_other_processes(iris, net):
    with joblib.parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        results = cross_validate(net, *iris, cv=2, return_estimator=True)
    alone = cross_validate(net, *iris, cv=2, return_estimator=True)
    assert results["test_score"].tolist() == alone["test_score"].tolist()
    for a, b in zip(results["estimator"], alone["estimator"], strict=True):
        np.testing.assert_array_equal(a.coefs_[0], b.coefs_[0])


# -- copies ----------------------------------------------------------------------------------------

SOLVERS = ({"solver": "adam"}, {"solver": "sgd"}, {"early_stopping": True}, {"solver": "lbfgs"})


def assert_goes_on_alike(one, other, X, y):
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    assert one.loss_ == other.loss_
    for estimator in (one, other):
        estimator.set_params(early_stopping=False)
        if estimator.solver != "lbfgs":
            estimator.partial_fit(X, y)
        estimator.set_params(warm_start=True, max_iter=2).fit(X, y)
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        np.testing.assert_array_equal(a, b)
    if one.solver != "lbfgs":
        assert one.loss_curve_ == other.loss_curve_


def assert_shares_no_memory(one, other):
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        assert not np.shares_memory(a, b)


@pytest.mark.parametrize("params", SOLVERS, ids=str)
@pytest.mark.parametrize(
    "make",
    [copy.deepcopy, *(lambda net, p=p: pickle.loads(pickle.dumps(net, p)) for p in range(2, 6))],
    ids=["deepcopy", *(f"pickle {protocol}" for protocol in range(2, 6))],
)
def test_a_copy_predicts_and_goes_on_alike(iris, make, params):
    net = MLPClassifier((5,), max_iter=5, random_state=0, **params).fit(*iris)
    other = make(net)
    assert_shares_no_memory(net, other)
    assert_goes_on_alike(net, other, *iris)


@pytest.mark.parametrize("params", SOLVERS, ids=str)
@pytest.mark.parametrize("mmap_mode", [None, "r", "r+", "c"])
def test_a_model_from_a_file_predicts_and_goes_on_alike(iris, tmp_path, mmap_mode, params):
    net = MLPClassifier((5,), max_iter=5, random_state=0, **params).fit(*iris)
    path = tmp_path / "net.joblib"
    joblib.dump(net, path)
    before = path.read_bytes()
    assert_goes_on_alike(joblib.load(path, mmap_mode=mmap_mode), net, *iris)
    assert path.read_bytes() == before


def test_a_shallow_copy_goes_on_by_itself(iris):
    net = MLPClassifier((5,), max_iter=5, random_state=0).fit(*iris)
    before = [W.copy() for W in net.coefs_]
    copy.copy(net).partial_fit(*iris)
    for W, kept in zip(net.coefs_, before, strict=True):
        np.testing.assert_array_equal(W, kept)


def test_a_clone_has_parameters_and_no_more(iris):
    net = MLPClassifier((5,), max_iter=5, random_state=0, dropout=[0.1], scoring=None).fit(*iris)
    other = clone(net)
    assert other.get_params() == net.get_params()
    assert vars(other).keys() == net.get_params().keys()
    np.testing.assert_array_equal(other.fit(*iris).coefs_[0], net.coefs_[0])


@each_class
def test_constructors_only_set_parameters(cls):
    assert vars(cls()).keys() == inspect.signature(cls).parameters.keys()
    assert cls().set_params(alpha=3).get_params()["alpha"] == 3
    assert repr(cls(alpha=3)) == f"{cls.__name__}(alpha=3)"


@pytest.mark.parametrize(
    ("params", "vectors"),
    [
        ({"solver": "adam"}, 3),
        ({"solver": "sgd"}, 2),
        ({"solver": "lbfgs"}, 1),
        ({"solver": "adam", "early_stopping": True}, 4),  # and the best weights
    ],
    ids=str,
)
@pytest.mark.parametrize("units", [64, 1024])
def test_a_pickle_is_as_large_as_weights_and_optimiser(rng, params, vectors, units):
    X = rng.normal(size=(60, 200)).astype(np.float32)
    net = MLPRegressor(hidden_layer_sizes=(units,), max_iter=2, **params).fit(X, X[:, 0])
    net.partial_fit(X, X[:, 0]) if params == {"solver": "adam"} else None
    weights = sum(W.nbytes for W in net.coefs_ + net.intercepts_)
    assert len(pickle.dumps(net)) < 1.1 * vectors * weights + 10_000


def test_a_model_in_memory_holds_weights_once(rng):
    X = rng.normal(size=(60, 200)).astype(np.float32)
    net = MLPRegressor(hidden_layer_sizes=(64,), max_iter=2).fit(X, X[:, 0])
    bases = {id(W.base if W.base is not None else W) for W in net.coefs_ + net.intercepts_}
    assert len(bases) == 1


# -- weights that users change ---------------------------------------------------------------------


def changed_in_place(net):
    net.coefs_[0][...] = 0.5
    net.intercepts_[-1][...] = 2


def replaced(net):
    net.coefs_[0] = np.full(net.coefs_[0].shape, 0.5)
    net.intercepts_[-1] = np.full(net.intercepts_[-1].shape, 2.0)


def replaced_by_lists(net):
    net.coefs_ = [np.full_like(net.coefs_[0], 0.5), net.coefs_[1]]
    net.intercepts_ = [net.intercepts_[0], np.full_like(net.intercepts_[1], 2)]


@pytest.mark.parametrize("change", [changed_in_place, replaced, replaced_by_lists])
@pytest.mark.parametrize("keep", [lambda net: net, copy.deepcopy, copy.copy, "pickle"])
def test_changed_weights_are_used_everywhere(rng, change, keep):
    X = rng.normal(size=(50, 4))
    y = X @ [1.0, 2, 3, 4]
    params = {"hidden_layer_sizes": (3,), "solver": "sgd", "learning_rate_init": 1e-3}
    params |= {"dtype": "float64", "momentum": 0, "max_iter": 2, "shuffle": False}
    net = MLPRegressor(**params, alpha=0, activation="tanh", random_state=0).fit(X, y)
    change(net)
    net = pickle.loads(pickle.dumps(net)) if keep == "pickle" else keep(net)
    assert (net.coefs_[0] == 0.5).all()
    assert net.intercepts_[-1] == 2
    hidden = np.tanh(X @ net.coefs_[0] + net.intercepts_[0])
    np.testing.assert_allclose(net.predict(X), hidden @ net.coefs_[1][:, 0] + 2, rtol=1e-12)
    np.testing.assert_allclose(net.transform(X), hidden, rtol=1e-12)
    rate, before = 1e-3, [W.copy() for W in net.coefs_ + net.intercepts_]
    _, coefs, intercepts = net.loss_and_gradient(X, y)
    net.partial_fit(X, y)
    for W, old, g in zip(net.coefs_ + net.intercepts_, before, coefs + intercepts, strict=True):
        np.testing.assert_allclose(W, old - rate * g, rtol=1e-9)


def test_changed_weights_start_a_warm_fit(rng):
    X = rng.normal(size=(50, 4))
    net = MLPRegressor(
        hidden_layer_sizes=(3,),
        max_iter=1,
        warm_start=True,
        learning_rate_init=1e-12,
        random_state=0,
    )
    net.fit(X, X[:, 0])
    net.coefs_[1] = np.full((3, 1), 7.0)
    net.fit(X, X[:, 0])
    np.testing.assert_allclose(net.coefs_[1], 7, rtol=1e-6)


def test_weights_of_another_shape_are_refused(rng):
    X = rng.normal(size=(50, 4))
    net = MLPRegressor(hidden_layer_sizes=(3,), max_iter=1).fit(X, X[:, 0])
    for wrong in (np.ones((3, 3)), np.ones(3), 1.0, np.ones((1, 3))):
        net.coefs_[0] = wrong
        with pytest.raises(ValueError, match="coefs_"):
            net.predict(X)


# -- frames ----------------------------------------------------------------------------------------


@pytest.fixture(params=["pandas", "polars"])
def frames(request):
    """Return a module and a function that makes a frame of an array and names."""
    module = pytest.importorskip(request.param)
    if request.param == "pandas":
        return lambda X, names: module.DataFrame(X, columns=names)
    return lambda X, names: module.DataFrame(X, schema=names)


@each_class
def test_frames_have_names(iris, frames, cls):
    X, y = iris
    X, other = frames(X, list("abcd")), frames(X, list("abce"))
    net = cls(hidden_layer_sizes=(4,), max_iter=2, random_state=0).fit(X, y)
    assert net.feature_names_in_.tolist() == list("abcd")
    np.testing.assert_array_equal(net.coefs_[0], clone(net).fit(iris[0], y).coefs_[0])
    net.predict(X)
    net.partial_fit(X, y)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        net.predict(iris[0])
    for call in (net.predict, net.transform, lambda Z: net.partial_fit(Z, y)):
        with pytest.raises(ValueError, match="The feature names should match"):
            call(other)
    assert net.feature_names_in_.tolist() == list("abcd")
    with pytest.warns(UserWarning, match="X has feature names, but"):
        cls(hidden_layer_sizes=(4,), max_iter=1).fit(iris[0], y).predict(X)


@each_class
def test_frames_without_names_forget_those_of_the_first_fit(iris, frames, cls):
    X, y = iris
    net = cls(hidden_layer_sizes=(4,), max_iter=1).fit(frames(X, list("abcd")), y).fit(X, y)
    assert not hasattr(net, "feature_names_in_")


@each_class
@pytest.mark.parametrize("params", [{}, {"scoring": "neg_mean_squared_error"}], ids=str)
def test_frames_with_early_stopping_and_validation_data_give_no_warnings(iris, frames, cls, params):
    X, y = iris
    if cls is MLPClassifier and params:
        params = {"scoring": "neg_log_loss"}
    frame = frames(X, list("abcd"))
    net = cls(hidden_layer_sizes=(4,), max_iter=3, early_stopping=True, **params)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        net.fit(frame, y)
        net.fit(frame, y, X_val=frame, y_val=y)
        net.score(frame, y)
    with pytest.raises(ValueError, match="The feature names should match"):
        net.fit(frame, y, X_val=frames(X, list("abce")), y_val=y)


def test_frames_of_mixed_numbers(iris):
    pd = pytest.importorskip("pandas")
    X, y = iris
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame["e"], frame["f"] = y > 1, np.arange(150)
    frame["g"] = pd.array(np.arange(150), dtype="Int64")
    frame["h"] = pd.array(X[:, 0], dtype="Float64")
    net = MLPClassifier((4,), max_iter=2, random_state=0, dtype="float64")
    wanted = theirs.MLPClassifier((4,), max_iter=2, random_state=0).fit(frame, y)
    np.testing.assert_allclose(net.fit(frame, y).coefs_[0], wanted.coefs_[0], rtol=1e-6)


@pytest.mark.parametrize("kind", ["str", "category", "Int64", "bool", "string"])
def test_series_of_labels(iris, kind):
    pd = pytest.importorskip("pandas")
    X, y = iris
    labels = {
        "str": pd.Series(np.array(["a", "b", "c"])[y]),
        "category": pd.Series(np.array(["a", "b", "c"])[y], dtype="category"),
        "Int64": pd.Series(y, dtype="Int64"),
        "bool": pd.Series(y > 1),
        "string": pd.Series(np.array(["a", "b", "c"])[y], dtype="string"),
    }[kind]
    ours = MLPClassifier((4,), max_iter=2, random_state=0, dtype="float64").fit(X, labels)
    wanted = theirs.MLPClassifier((4,), max_iter=2, random_state=0).fit(X, labels)
    assert ours.classes_.tolist() == wanted.classes_.tolist()
    np.testing.assert_array_equal(ours.predict(X), wanted.predict(X))
    assert ours.predict(X).dtype == wanted.predict(X).dtype


def test_polars_labels(iris):
    pl = pytest.importorskip("polars")
    X, y = iris
    for labels in (pl.Series(y), pl.Series(["abc"[label] for label in y])):
        ours = MLPClassifier((4,), max_iter=2, random_state=0, dtype="float64").fit(X, labels)
        wanted = theirs.MLPClassifier((4,), max_iter=2, random_state=0).fit(X, labels)
        np.testing.assert_array_equal(ours.predict(X), wanted.predict(X))


# -- metadata routing ------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor, MLPAutoencoder])
def test_a_layer_is_no_metadata(cls):
    assert not hasattr(cls, "set_transform_request")
    assert not cls().get_metadata_routing().transform.requests


@each_class
def test_weights_and_validation_data_are_routed_through_a_pipeline(iris, cls):
    X, y = iris
    weight = np.where(y == 0, 5.0, 1.0)
    with config_context(enable_metadata_routing=True):
        net = cls(hidden_layer_sizes=(4,), max_iter=2, random_state=0)
        net.set_fit_request(sample_weight=True, X_val=True, y_val=True)
        piped = make_pipeline("passthrough", net)
        piped.fit(X, y, sample_weight=weight, X_val=X[::2], y_val=y[::2])
        routed = piped[-1]
        make_pipeline(clone(net), LogisticRegression(max_iter=1)).fit(X, y)
    alone = clone(net).fit(X, y, weight, X[::2], y[::2])
    np.testing.assert_array_equal(routed.coefs_[0], alone.coefs_[0])
    column = "validation_loss"
    assert routed.history_.column(column) == alone.history_.column(column)


# -- labels ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("params", [{}, {"early_stopping": True}, {"solver": "lbfgs"}], ids=str)
@pytest.mark.parametrize(
    "labels",
    [
        np.array(["b", "a", "c"]),
        np.array(["b", "a", "c"], dtype=object),
        np.array(["bee", "a", "sea"]),
        np.array([3, -1, 7], dtype=np.int8),
        np.array([3.0, -1.0, 7.0]),
        np.array([5, 2, 250], dtype=np.uint8),
        np.array([False, True]),
        np.array(["yes", "no"]),
        np.array([-1, 1]),
    ],
    ids=str,
)
def test_labels_of_any_kind_come_back(iris, labels, params):
    X, y = iris
    y = labels[y % len(labels)]
    ours = MLPClassifier((4,), max_iter=3, random_state=0, dtype="float64", **params).fit(X, y)
    wanted = theirs.MLPClassifier((4,), max_iter=3, random_state=0).fit(X, y)
    np.testing.assert_array_equal(ours.classes_, wanted.classes_)
    assert ours.classes_.dtype == wanted.classes_.dtype
    assert ours.predict(X).dtype == wanted.predict(X).dtype
    assert set(ours.predict(X)) <= set(labels)
    assert ours.score(X, y) == np.mean(ours.predict(X) == y)
    if not params:
        np.testing.assert_array_equal(ours.predict(X), wanted.predict(X))


def test_string_labels_longer_than_the_first_call_s_come_back(iris):
    X, y = iris
    first = np.where(y == 0, "a", "b")
    net = MLPClassifier((4,), max_iter=1)
    net.partial_fit(X, first, classes=["a", "b", "a long name"])
    net.partial_fit(X, np.array(["a", "b", "a long name"])[y])
    assert set(net.predict(X)) <= {"a", "b", "a long name"}


@pytest.mark.parametrize("make", [np.asarray, sp.csr_array, sp.csc_array, sp.coo_matrix, list])
def test_tables_of_labels(iris, make):
    X, _ = iris
    table = (X.mean(axis=0) < X).astype(int)
    table = table.tolist() if make is list else make(table)
    ours = MLPClassifier((4,), max_iter=9, random_state=0, dtype="float64")
    wanted = theirs.MLPClassifier((4,), max_iter=9, random_state=0)
    answers = [net.fit(X, table).predict(X) for net in (ours, wanted)]
    assert sp.issparse(answers[0]) is sp.issparse(answers[1])
    assert answers[0].dtype == answers[1].dtype
    dense = [answer.toarray() if sp.issparse(answer) else answer for answer in answers]
    np.testing.assert_array_equal(*dense)
    assert ours.score(X, table) == wanted.score(X, table)
    np.testing.assert_allclose(ours.predict_proba(X), wanted.predict_proba(X), rtol=1e-9)


# -- X of any kind ---------------------------------------------------------------------------------

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "uint64"]
DTYPES += ["float16", "float32", "float64", "longdouble", ">f8", ">i4", ">f4"]


def trained(X, y, **params):
    settings = {"max_iter": 2, "random_state": 0, "dtype": "float64", "batch_size": 13}
    return MLPRegressor(hidden_layer_sizes=(4,), **settings | params).fit(X, y)


def assert_same_model(one, other, X, Z):
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.predict(X), other.predict(Z), rtol=1e-9)


WAYS_TO_FIT = ({"solver": "adam"}, {"early_stopping": True}, {"solver": "lbfgs"})


@pytest.mark.parametrize("params", WAYS_TO_FIT, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_of_any_type(rng, dtype, params):
    numbers = rng.integers(0, 2 if dtype == "bool" else 9, (60, 5))
    y = numbers @ np.arange(5.0)
    plain = trained(numbers.astype(float), y, **params)
    X = numbers.astype(dtype)
    kept = X.copy()
    assert_same_model(trained(X, y, **params), plain, X, numbers.astype(float))
    np.testing.assert_array_equal(X, kept)
    assert X.dtype == np.dtype(dtype)


@pytest.mark.parametrize("params", WAYS_TO_FIT, ids=str)
@pytest.mark.parametrize(
    "make",
    [
        np.asfortranarray,
        lambda X: np.repeat(X, 2, axis=0)[::2],
        lambda X: np.repeat(X, 2, axis=1)[:, ::2],
        lambda X: X[::-1].copy()[::-1],
        lambda X: X.tolist(),
        lambda X: X.astype(object),
        sp.csr_matrix,
        sp.csr_array,
        sp.csc_array,
        sp.coo_array,
        sp.coo_matrix,
        sp.lil_matrix,
        sp.dia_array,
        sp.dok_array,
        sp.bsr_array,
        lambda X: sp.csr_array(X.astype(np.int8)),
        lambda X: sp.csr_array(X > 0) * 1.0,
    ],
)
def test_arrays_of_any_layout(rng, make, params):
    numbers = rng.integers(0, 2, (60, 5)).astype(float)
    y = numbers @ np.arange(5.0)
    X = make(numbers)
    assert_same_model(trained(X, y, **params), trained(numbers, y, **params), X, numbers)


def test_sparse_arrays_as_they_come(rng):
    numbers = (rng.random((60, 5)) < 0.4) * rng.normal(size=(60, 5))
    y = numbers @ np.arange(5.0)
    plain = trained(numbers, y)
    X = sp.csr_array(numbers)
    twice = sp.csr_array((np.repeat(X.data / 2, 2), np.repeat(X.indices, 2), 2 * X.indptr), X.shape)
    backwards = X.copy()
    for begin, end in zip(X.indptr, X.indptr[1:], strict=False):
        backwards.data[begin:end] = X.data[begin:end][::-1]
        backwards.indices[begin:end] = X.indices[begin:end][::-1]
    backwards.has_sorted_indices = False
    wide = X.copy()
    wide.indptr, wide.indices = wide.indptr.astype(np.int64), wide.indices.astype(np.int64)
    frozen = X.copy()
    for part in (frozen.data, frozen.indices, frozen.indptr):
        part.flags.writeable = False
    for given in (twice, backwards, wide, frozen):
        before = given.copy()
        assert_same_model(trained(given, y), plain, given, numbers)
        assert (given != before).nnz == 0
        assert given.nnz == before.nnz


def test_empty_rows_and_columns_of_sparse_arrays(rng):
    numbers = np.zeros((60, 5))
    numbers[:20, 1] = rng.normal(size=20)
    y = numbers[:, 1]
    X = sp.csr_array(numbers)
    assert_same_model(trained(X, y), trained(numbers, y), X, numbers)
    nothing = sp.csr_array((60, 5))
    assert_same_model(trained(nothing, y), trained(np.zeros((60, 5)), y), nothing, 0 * numbers)


@each_class
def test_what_is_read_only_is_only_read(rng, cls):
    X, y, weight = rng.normal(size=(60, 4)), np.arange(60) % 2, np.ones(60)
    for array in (X, y, weight):
        array.flags.writeable = False
    for params in ({}, {"early_stopping": True}, {"solver": "lbfgs"}):
        net = cls(hidden_layer_sizes=(4,), max_iter=2, **params).fit(X, y, weight)
        net.predict(X)
        net.score(X, y, weight)
        net.loss_and_gradient(X, y, weight)


@each_class
def test_x_y_and_weights_are_not_changed(rng, cls):
    X, y, weight = rng.normal(size=(60, 4)), np.arange(60) % 2, rng.random(60)
    copies = X.copy(), y.copy(), weight.copy()
    for params in ({}, {"early_stopping": True}, {"solver": "lbfgs"}, {"input_scaling": "minmax"}):
        net = cls(hidden_layer_sizes=(4,), max_iter=2, **params).fit(X, y, weight)
        net.predict(X)
    for array, kept in zip((X, y, weight), copies, strict=True):
        np.testing.assert_array_equal(array, kept)


def peaks(net, X, y):
    """Return the most memory that fit and predict hold at once."""
    tracemalloc.start()
    try:
        net.fit(X, y)
        fitting = tracemalloc.get_traced_memory()[1]
        gc.collect()
        tracemalloc.reset_peak()
        net.predict(X)
        return fitting, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module", params=["uint8", "int64", "float16", "float32", "float64"])
def on_disk(request, tmp_path_factory):
    rng, shape = np.random.default_rng(0), (20_000, 600)
    path = tmp_path_factory.mktemp("maps") / "X"
    X = np.memmap(path, request.param, "w+", shape=shape)
    for begin in range(0, len(X), 1000):
        X[begin : begin + 1000] = rng.integers(0, 2, (1000, 600))
    X.flush()
    yield np.memmap(path, request.param, "r", shape=shape)
    path.unlink()


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"early_stopping": True},
        {"solver": "lbfgs"},
        {"early_stopping": True, "input_scaling": "standard"},
    ],
    ids=str,
)
def test_a_memory_map_stays_on_disk(on_disk, params):
    X, y = on_disk, np.asarray(on_disk[:, 0] > 0)
    net = MLPClassifier((2,), max_iter=1, **params)
    net.fit(X[:1000], y[:1000])  # whatever is made once is made now
    half, whole = peaks(net, X[:10_000], y[:10_000]), peaks(net, X, y)
    # Buffers are as large for half of the samples; of the others not even a byte a number is kept.
    assert max(np.subtract(whole, half)) < 0.5 * 10_000 * 600
    assert max(whole) < (3.5 * 2**23 if "input_scaling" in params else 1.5 * 2**23)


@pytest.mark.parametrize("params", [{}, {"early_stopping": True}, {"solver": "lbfgs"}], ids=str)
def test_a_memory_map_whose_columns_come_first_stays_on_disk(tmp_path, rng, params):
    X = np.memmap(tmp_path / "X", np.uint8, "w+", shape=(10_000, 600), order="F")
    X[...] = rng.integers(0, 2, X.shape)
    y = np.asarray(X[:, 0] > 0)
    net = MLPClassifier((2,), max_iter=1, **params)
    net.fit(X[:100], y[:100])
    buffers = 1000 * 600 * (1 + 4 + 8)
    assert max(peaks(net, X, y)) < buffers + 0.4 * X.nbytes


def test_a_frame_of_one_type_is_not_copied_as_float64(rng):
    pd = pytest.importorskip("pandas")
    X = pd.DataFrame(rng.integers(0, 9, (30_000, 300)).astype(np.uint8))
    X.columns = [f"x{i}" for i in range(300)]
    y = X["x0"] > 4
    net = MLPClassifier((2,), max_iter=1).fit(X[:1000], y[:1000])
    tracemalloc.start()
    try:
        net.fit(X, y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * 30_000 * 300


def test_a_sparse_array_is_not_made_dense(rng):
    places = rng.integers(0, 20_000, 40_000), rng.integers(0, 2000, 40_000)
    X = sp.csr_array((rng.normal(size=40_000), places), shape=(20_000, 2000))
    y = np.asarray(X[:, :50].sum(axis=1) > 0).ravel()
    net = MLPClassifier((2,), max_iter=1)
    tracemalloc.start()
    try:
        net.fit(X, y).predict(X)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.1 * 20_000 * 2000 * 4


def test_the_package_s_names_are_the_classes():
    assert chainrule.MLPClassifier is MLPClassifier
    assert chainrule.MLPRegressor is MLPRegressor
    assert MLPClassifier.__module__ == "chainrule.estimators.classifier"
