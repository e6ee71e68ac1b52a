import numpy as np
import pytest
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold

from chainrule import MLPClassifier
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_c.grid_search import (
    best_params,
    cv_results,
    fold_scores,
    search_trials,
)
from chainrule.reproduction.section_c.libraries import OURS
from chainrule.reproduction.section_c.settings import SETTINGS
from chainrule.reproduction.settings import values
from chainrule.study.trial import TrialResult

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
FULL = values(SETTINGS, False, {})


def test_a_fold_is_grid_search_s(done, data):
    name = "C3, adam, 64, 0.0001, fold 2"
    found = next(run for run in done if (run.configuration, run.seed) == (name, 3))
    _, (train, test), _ = StratifiedKFold(3).split(data.X_train, data.images.y_train)
    y = data.images.y_train
    net = MLPClassifier(
        (128, 64, 32),
        "tanh",
        batch_size=64,
        learning_rate_init=1e-4,
        max_iter=2,
        random_state=3,
    ).fit(data.X_train[train], y[train])
    wanted = -log_loss(y[test], net.predict_proba(data.X_train[test]))
    assert found.metrics["neg_log_loss"] == pytest.approx(wanted)
    assert len(found.epochs) == 2


def test_the_table_of_an_unfinished_search_is_not_there():
    trial = search_trials(FULL, OURS, 0, "")["grid"][0]
    runs = [TrialResult("id", trial.configuration, 0, {})]
    assert cv_results(Results.of(runs, [], FULL, None)) == {}


def test_the_best_candidate_is_the_first_of_rank_one():
    table = {"params": [{"a": 1}, {"a": 2}, {"a": 3}], "rank_test_score": np.array([2, 1, 1])}
    assert best_params(table) == {"a": 2}


def test_scores_of_folds_are_in_their_order():
    found = {f"split{k}_test_score": np.array([k, 10 * k]) for k in (10, *range(10))}
    found |= {"split0_train_score": np.zeros(2), "mean_test_score": np.zeros(2)}
    assert fold_scores(found).tolist() == [list(range(11)), list(range(0, 110, 10))]
