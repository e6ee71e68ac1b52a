import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as Theirs

from chainrule import MLPClassifier
from chainrule.study.cv_results import cv_results
from chainrule.study.evaluation import CrossValidation
from chainrule.study.sampling import Grid, Listed
from chainrule.study.spec import Study
from chainrule.study.trial import Trial, TrialResult

X, y = load_digits(return_X_y=True)
X, y = X[:180] / 16, y[:180]
FIXED = {"hidden_layer_sizes": (12, 6), "activation": "tanh", "max_iter": 4}
GRID = {"solver": ["adam", "sgd"], "batch_size": [20, 60], "learning_rate_init": [0.01, 0.001]}
METRICS = ["neg_log_loss", "accuracy"]
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    study = Study(
        name="digits",
        data=(X, y),
        estimator=MLPClassifier,
        sampler=Grid(GRID),
        fixed={**FIXED, "dtype": "float64"},
        seeds=[3],
        evaluation=CrossValidation(3, shuffle=False),
        metrics=METRICS,
    )
    return study.run(tmp_path_factory.mktemp("grid"), jobs=2).pairs


def search(scoring):
    grid = GridSearchCV(
        Theirs(**FIXED, random_state=3),
        GRID,
        scoring=scoring,
        cv=3,
        return_train_score=True,
        refit=False,
    )
    return grid.fit(X, y).cv_results_


@pytest.fixture(scope="module")
def theirs():
    return search(METRICS)


def test_with_one_metric_the_keys_are_scikit_learn_s_in_its_order(ours):
    few = GridSearchCV(
        Theirs(random_state=3, max_iter=1), {"alpha": [0, 1]}, cv=2, return_train_score=True
    )
    wanted = list(few.fit(X, y).cv_results_)
    found = [key for key in cv_results(ours, "accuracy") if not key.startswith("split2")]
    names = ["param_batch_size", "param_learning_rate_init", "param_solver"]
    at = wanted.index("param_alpha")
    assert found == [*wanted[:at], *names, *wanted[at + 1 :]]


def test_with_several_metrics_the_keys_are_scikit_learn_s_in_its_order(ours, theirs):
    assert list(cv_results(ours, METRICS)) == list(theirs)


def test_scores_and_ranks_are_scikit_learn_s(ours, theirs):
    found = cv_results(ours, METRICS)
    compared = [key for key in theirs if "time" not in key and not key.startswith("param")]
    assert len(compared) == 2 * (2 * (3 + 2) + 1)
    for key in compared:
        np.testing.assert_allclose(found[key], theirs[key], rtol=0, atol=1e-6, err_msg=key)


def test_candidates_are_scikit_learn_s_in_its_order(ours, theirs):
    found = cv_results(ours, "accuracy")
    assert found["params"] == theirs["params"]
    for name in GRID:
        assert list(found[f"param_{name}"]) == list(theirs[f"param_{name}"])


def test_times_are_measured(ours):
    for key in ("mean_fit_time", "mean_score_time"):
        times = cv_results(ours, "accuracy")[key]
        assert times.shape == (8,)
        assert (times > 0).all()


def made(scores):
    """Return two folds of each of some candidates, both with the same score."""
    return [
        (
            Trial("study", f"a={i}", 0, {"number": i, "candidate": {"a": i}, "fold": fold}, ""),
            TrialResult("", f"a={i}", 0, {"score": score}, error=None if score else "failed"),
        )
        for i, score in enumerate(scores)
        for fold in range(2)
    ]


def test_a_candidate_that_failed_is_ranked_last():
    table = cv_results(made([-0.5, None, -0.4]), "score")
    assert list(table["rank_test_score"]) == [2, 3, 1]
    assert np.isnan(table["mean_test_score"][1])


def test_equal_candidates_share_the_better_rank():
    assert list(cv_results(made([-0.4, -0.4, -0.5]), "score")["rank_test_score"]) == [1, 1, 3]


def test_where_all_failed_all_share_a_rank():
    assert list(cv_results(made([None, None]), "score")["rank_test_score"]) == [1, 1]


def test_a_parameter_that_a_candidate_does_not_set_is_masked():
    sampler = Listed([{"a": 1}, {"b": 2}])
    pairs = [
        (
            Trial(
                "study", one.name, 0, {"number": one.number, "candidate": one.values, "fold": 0}, ""
            ),
            TrialResult("", one.name, 0, {"score": 1.0}),
        )
        for one in sampler.candidates()
    ]
    table = cv_results(pairs, "score")
    assert table["param_a"].mask.tolist() == [False, True]
    assert table["param_b"].data[1] == 2
