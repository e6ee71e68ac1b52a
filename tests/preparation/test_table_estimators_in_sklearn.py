"""TableClassifier and its like among scikit-learn's tools: its checks, searches, inspection."""

from __future__ import annotations

import copy
import pickle

import joblib
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.metrics import RocCurveDisplay, get_scorer, log_loss
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_html_repr
from sklearn.utils.estimator_checks import parametrize_with_checks

from chainrule import TableAutoencoder, TableClassifier, TableRegressor

mpl.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
QUICK = {"hidden_layer_sizes": (16,), "max_iter": 30, "learning_rate_init": 0.01, "random_state": 0}
NOT_BY_WEIGHT = {
    "check_sample_weight_equivalence_on_dense_data": (
        "kinds, scales and the defaults by number of rows are those of rows, whatever they weigh"
    )
}

checks = parametrize_with_checks(
    [cls(**QUICK) for cls in (TableClassifier, TableRegressor, TableAutoencoder)],
    expected_failed_checks=lambda _: NOT_BY_WEIGHT,
)


@pytest.mark.parametrize(checks.args[0], list(checks.args[1]), **checks.kwargs)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_scikit_learn_s_checks_pass(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(0)
    n = 120
    frame = pd.DataFrame(
        {
            "age": rng.normal(40, 10, n).round(),
            "job": np.array(["nurse", "smith", None], object)[rng.integers(0, 3, n)],
            "noise": rng.normal(size=n),
        }
    )
    y = np.where(frame["age"] + 10 * (frame["job"] == "smith") > 44, "yes", "no").astype(object)
    frame.loc[::11, "age"] = np.nan
    return frame, y


@pytest.fixture(scope="module")
def fitted(people):
    return TableClassifier(**QUICK).fit(*people)


def test_it_is_what_it_says():
    assert is_classifier(TableClassifier())
    assert is_regressor(TableRegressor())
    for cls in (TableClassifier, TableRegressor, TableAutoencoder):
        tags = cls().__sklearn_tags__().input_tags
        assert (tags.string, tags.categorical, tags.allow_nan, tags.sparse) == (True,) * 3 + (
            False,
        )


def test_a_search_and_a_cross_validation_of_frames(people):
    search = GridSearchCV(TableClassifier(**QUICK), {"hidden_layer_sizes": [(4,), (16,)]}, cv=3)
    search.fit(*people)
    assert isinstance(search.best_estimator_, TableClassifier)
    assert search.best_score_ > 0.8
    scores = cross_val_score(TableClassifier(**QUICK), *people, cv=3, scoring="neg_log_loss")
    assert (scores < 0).all()


def test_in_a_pipeline(people, fitted):
    def doubled(frame):
        return frame.assign(noise=2 * frame["noise"])

    model = make_pipeline(FunctionTransformer(doubled), TableClassifier(**QUICK)).fit(*people)
    assert model.score(*people) > 0.8
    np.testing.assert_allclose(
        model.predict_proba(people[0]), fitted.predict_proba(people[0]), rtol=1e-3
    )


def test_what_matters_is_what_decides(people, fitted):
    found = permutation_importance(fitted, *people, n_repeats=3, random_state=0).importances_mean
    assert found[:2].min() > found[2]
    assert found[0] > 0.1


def test_partial_dependence_of_a_column(people, fitted):
    curve = partial_dependence(fitted, people[0].fillna({"age": 40.0}), ["age"], grid_resolution=5)
    averages = curve["average"][0]
    assert (np.diff(averages) > 0).all()


def test_calibrated(people):
    model = CalibratedClassifierCV(TableClassifier(**QUICK), cv=2).fit(*people)
    assert model.predict_proba(people[0]).shape == (120, 2)
    assert model.score(*people) > 0.8


def test_displays_take_it(people, fitted):
    display = RocCurveDisplay.from_estimator(fitted, *people)
    assert 0.5 < display.roc_auc <= 1
    mpl.pyplot.close(display.figure_)


def test_log_loss_is_that_of_the_logits(people, fitted):
    X, y = people
    wanted = log_loss(y, fitted.predict_proba(X))
    assert get_scorer("neg_log_loss")(fitted, X, y) == pytest.approx(-wanted, rel=1e-5)
    np.testing.assert_allclose(
        np.exp(fitted.predict_log_proba(X)), fitted.predict_proba(X), rtol=1e-5, atol=1e-6
    )
    signs = fitted.classes_[(fitted.decision_function(X) > 0).astype(int)]
    assert signs.tolist() == fitted.predict(X).tolist()


def test_weights_are_routed(people):
    X, y = people
    weight = np.where(X["noise"] > 0, 1.0, 0.0)
    alone = TableClassifier(**QUICK).fit(X[weight > 0], y[weight > 0])
    with config_context(enable_metadata_routing=True):
        model = TableClassifier(**QUICK).set_fit_request(sample_weight=True)
        pipeline = make_pipeline(FunctionTransformer(), model)
        pipeline.fit(X, y, sample_weight=weight)
    assert pipeline.predict_proba(X).tolist() == alone.predict_proba(X).tolist()


def test_features_as_a_frame(people):
    model = TableAutoencoder((2,), max_iter=3, random_state=0).set_output(transform="pandas")
    frame = model.fit_transform(people[0])
    assert list(frame.columns) == ["tableautoencoder0", "tableautoencoder1"]
    assert list(frame.index) == list(people[0].index)


@pytest.mark.parametrize("how", ["pickle", "copy", "joblib", "clone"])
def test_copies_predict_the_same(people, fitted, how, tmp_path):
    fitted.predict(people[0])
    copies = {
        "pickle": lambda: pickle.loads(pickle.dumps(fitted)),
        "copy": lambda: copy.deepcopy(fitted),
        "joblib": lambda: joblib.load(joblib.dump(fitted, tmp_path / "model")[0]),
        "clone": lambda: clone(fitted).fit(*people),
    }
    again = copies[how]()
    assert again.predict_proba(people[0]).tolist() == fitted.predict_proba(people[0]).tolist()
    assert again.columns_ == fitted.columns_


def test_what_was_predicted_is_not_pickled(people):
    model = TableClassifier(**QUICK).fit(*people)
    few = len(pickle.dumps(model))
    model.predict(pd.concat([people[0]] * 50))
    assert len(pickle.dumps(model)) < few + 1000


def test_it_has_a_picture_of_itself(fitted):
    assert "TableClassifier" in estimator_html_repr(fitted)
    assert "<td>job</td><td>category</td>" in fitted.columns_._repr_html_()


@pytest.mark.parametrize(
    "asked",
    [["job", "noise"], [1], np.array([0, 2]), [True, False, True], np.array([False, True, False])],
)
def test_categorical_features_are_those_of_gradient_boosting(people, asked):
    X, y = people
    X = X.assign(noise=X["noise"].round(), job=pd.factorize(X["job"])[0].astype(float))
    trees = HistGradientBoostingClassifier(categorical_features=asked, max_iter=1).fit(X, y)
    model = TableClassifier(**QUICK, categorical_features=asked).fit(X, y)
    assert [one.kind == "category" for one in model.columns_] == trees.is_categorical_.tolist()
