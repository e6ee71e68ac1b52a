"""Metrics of a trial, on rows that lack some of the classes."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from chainrule.study.scoring import check_targets, score
from chainrule.study.sources import Split

X = np.random.default_rng(0).normal(size=(60, 2))
Y = np.digitize(X[:, 0], [-0.5, 0.5])
THERE = Y < 2  # the rows that judge have no class 2
SPLIT = Split(X, Y, X[THERE], Y[THERE])


def test_the_log_loss_is_over_the_classes_that_were_learnt():
    net = LogisticRegression().fit(X, Y)
    likely = net.predict_proba(X[THERE])[np.arange(THERE.sum()), Y[THERE]]
    found = score(net, SPLIT, ["neg_log_loss", "accuracy"])
    assert found["neg_log_loss"] == pytest.approx(np.log(likely).mean())
    assert found["accuracy"] == net.score(X[THERE], Y[THERE])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_a_metric_that_is_undefined_is_none():
    net = LogisticRegression().fit(X, Y)
    assert score(net, SPLIT, ["roc_auc_ovr"]) == {"roc_auc_ovr": None}


def test_metrics_of_probabilities_can_judge_rows_that_lack_a_class():
    check_targets(SPLIT, ["neg_log_loss", "roc_auc_ovr", "average_precision"], "classification")
