"""Scorers on rows that lack some classes; scikit-learn's on rows that have all are the oracle."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import get_scorer, get_scorer_names, log_loss, make_scorer

from chainrule.estimators.scorers import over_classes

X = np.random.default_rng(0).normal(size=(90, 3))
LABELS = {
    2: (X[:, 0] > 0).astype(int),
    3: np.digitize(X[:, 0] + X[:, 1], [-0.5, 0.5]),
}
FITTED = {k: LogisticRegression().fit(X, y) for k, y in LABELS.items()}


def answers(name, k):
    """Return whether a scorer knows what to do with k classes."""
    try:
        get_scorer(name)(FITTED[k], X, LABELS[k])
    except (ValueError, UndefinedMetricWarning):
        return False
    return True


OF_PROBABILITIES = [
    (name, k)
    for name in get_scorer_names()
    for k in (2, 3)
    if get_scorer(name)._response_method != "predict" and answers(name, k)
]
LOG_LOSS = make_scorer(log_loss, greater_is_better=False, response_method="predict_proba")


@pytest.mark.parametrize(("name", "k"), OF_PROBABILITIES)
def test_on_rows_of_all_classes_nothing_changes(name, k):
    scorer, classifier, y = get_scorer(name), FITTED[k], LABELS[k]
    assert over_classes(scorer, classifier, y)(classifier, X, y) == scorer(classifier, X, y)


@pytest.mark.parametrize("scorer", [get_scorer("neg_log_loss"), LOG_LOSS], ids=str)
@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("n_there", [1, 2])
def test_the_log_loss_of_rows_that_lack_a_class(scorer, k, n_there):
    classifier = FITTED[k]
    rows = np.isin(LABELS[k], classifier.classes_[:n_there])
    y = LABELS[k][rows]
    score = over_classes(scorer, classifier, y)(classifier, X[rows], y)
    likely = classifier.predict_proba(X[rows])[
        np.arange(len(y)), classifier.classes_.searchsorted(y)
    ]
    assert score == pytest.approx(np.log(likely).mean())


@pytest.mark.parametrize(("name", "k"), OF_PROBABILITIES)
def test_no_measure_of_probabilities_fails_on_rows_that_lack_a_class(name, k):
    classifier, rows = FITTED[k], LABELS[k] < k - 1
    y = LABELS[k][rows]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        score = over_classes(get_scorer(name), classifier, y)(classifier, X[rows], y)
    assert not np.isnan(score) or UndefinedMetricWarning in {one.category for one in caught}


@pytest.mark.parametrize("k", [2, 3])
def test_the_average_precision_of_rows_that_lack_a_class_is_undefined(k):
    classifier = FITTED[k]
    y = LABELS[k][:1]
    with pytest.warns(UndefinedMetricWarning, match="average precision is undefined"):
        scorer = over_classes(get_scorer("average_precision"), classifier, y)
    assert np.isnan(scorer(classifier, X[:1], y, sample_weight=np.ones(1)))


def test_a_measure_that_is_of_other_targets_is_refused_as_before():
    classifier, rows = FITTED[3], LABELS[3] < 2
    scorer = over_classes(get_scorer("roc_auc"), classifier, LABELS[3][rows])
    with pytest.raises(ValueError, match="multi_class must be in"):
        scorer(classifier, X[rows], LABELS[3][rows])


def test_labels_that_the_user_has_named_stay():
    classifier, y = FITTED[3], np.zeros(5, int)
    own = make_scorer(log_loss, response_method="predict_proba", labels=[2, 1, 0])
    assert over_classes(own, classifier, y)._kwargs == {"labels": [2, 1, 0]}


@pytest.mark.parametrize(
    ("scorer", "estimator", "y"),
    [
        (get_scorer("f1_macro"), FITTED[3], [0, 1]),  # whose labels are those to be averaged over
        (get_scorer("r2"), Ridge(), [0.0, 1.0]),
        (lambda estimator, X, y: 0.5, FITTED[3], [0, 1]),
        (get_scorer("neg_log_loss"), FITTED[3], np.eye(3)),  # several labels at once
    ],
)
def test_any_other_scorer_is_returned_as_it_is(scorer, estimator, y):
    assert over_classes(scorer, estimator, y) is scorer
