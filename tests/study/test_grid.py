import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as Theirs

from chainrule import MLPClassifier
from chainrule.study.grid import GridSearch, fit_and_score
from chainrule.study.pools.threads import ThreadPool
from chainrule.study.runner import fixed, run
from chainrule.study.store import Store
from chainrule.study.trial import TrialResult

X, y = load_digits(return_X_y=True)
X, y = X[:180] / 16, y[:180]
FIXED = {"hidden_layer_sizes": (12, 6), "activation": "tanh", "max_iter": 4, "random_state": 3}
GRID = {"solver": ["adam", "sgd"], "batch_size": [20, 60], "learning_rate_init": [0.01, 0.001]}
SEARCH = GridSearch("C", "grid", GRID, 3, {"epochs": 4})
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


class Silent:
    def begin(self, trials):
        pass

    def started(self, trial):
        pass

    def epoch(self, trial, row, epochs):
        pass

    def finished(self, trial, result):
        pass


def execute(trial, data, callbacks):
    net = MLPClassifier(
        **FIXED, **trial.settings["candidate"], dtype="float64", callbacks=list(callbacks)
    )
    metrics = fit_and_score(net, X, y, trial.settings, "neg_log_loss")
    return TrialResult(trial.id, trial.configuration, trial.seed, metrics)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    trials = SEARCH.trials(3, "digits")
    with Store(tmp_path_factory.mktemp("grid") / "s.sqlite") as store:
        run(
            fixed(trials), execute, None, store, pool=ThreadPool(2), resume=False, listener=Silent()
        )
        return SEARCH.cv_results([store.load(trial) for trial in trials])


@pytest.fixture(scope="module")
def theirs():
    search = GridSearchCV(
        Theirs(**FIXED), GRID, scoring="neg_log_loss", cv=3, return_train_score=True, refit=False
    )
    return search.fit(X, y).cv_results_


def test_the_results_have_scikit_learn_s_keys_in_its_order(ours, theirs):
    assert list(ours) == list(theirs)


def test_scores_and_ranks_are_scikit_learn_s(ours, theirs):
    for key, values in theirs.items():
        if key.endswith("_score") and "time" not in key:
            np.testing.assert_allclose(ours[key], values, rtol=0, atol=1e-6, err_msg=key)


def test_candidates_are_scikit_learn_s_in_its_order(ours, theirs):
    assert ours["params"] == theirs["params"]
    for name in GRID:
        assert list(ours[f"param_{name}"]) == list(theirs[f"param_{name}"])


def test_times_are_measured(ours):
    for key in ("mean_fit_time", "mean_score_time"):
        assert ours[key].shape == (8,)
        assert (ours[key] > 0).all()


def test_every_candidate_and_fold_is_a_trial_of_its_own():
    trials = SEARCH.trials(3, "digits")
    assert len(trials) == len({trial.id for trial in trials}) == 8 * 3
    assert trials[0].configuration == "grid, adam, 20, 0.01, fold 1"
    assert trials[0].settings["epochs"] == 4


def test_a_candidate_that_failed_is_ranked_last():
    search = GridSearch("C", "g", {"a": [1, 2, 3]}, 2, {}, ("peer",))
    finished = [
        TrialResult("", search.configuration(candidate, fold), 0, {"test_score": score})
        for candidate, score in zip(search.candidates, (-0.5, np.nan, -0.4), strict=True)
        for fold in range(2)
    ]
    assert search.configuration({"a": 1}, 0) == "g, 1, fold 1, peer"
    assert list(search.cv_results(finished)["rank_test_score"]) == [2, 3, 1]


def test_equal_candidates_share_the_better_rank():
    search = GridSearch("C", "g", {"a": [1, 2, 3]}, 2, {})
    finished = [
        TrialResult("", search.configuration(candidate, fold), 0, {"test_score": score})
        for candidate, score in zip(search.candidates, (-0.4, -0.4, -0.5), strict=True)
        for fold in range(2)
    ]
    assert list(search.cv_results(finished)["rank_test_score"]) == [1, 1, 3]
