from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    mean_absolute_error,
    precision_score,
    r2_score,
    recall_score,
    roc_auc_score,
    root_mean_squared_error,
)

from chainrule.datasets.tables import Piece
from chainrule.runs.measuring import (
    ClassMeasures,
    NumberMeasures,
    Outputs,
    ReconstructionMeasures,
    verdict,
)
from chainrule.runs.tables import class_table, figure_table


class Model:
    """What measures ask of a model."""

    def __init__(self, classes=None, names=None):
        self.classes_ = None if classes is None else np.array(classes)
        self.preparation_ = self
        self.feature_names = names


def in_pieces(measures, X, truth, found, size=7):
    for begin in range(0, len(found), size):
        rows = slice(begin, begin + size)
        piece = Piece({"x": X[rows]}, begin)
        some = Outputs(piece, X[rows], None if truth is None else truth[rows], found[rows])
        if isinstance(measures, ClassMeasures):
            likelihood = np.log(some.found[np.arange(len(some.truth)), some.truth].astype(float))
            some = replace(some, log_likelihood=likelihood)
        measures.add(some)
    return measures.figures()


@pytest.mark.parametrize("k", [2, 4])
def test_figures_of_classes_are_scikit_learn_s(k, rng):
    truth = rng.integers(0, k, 60)
    shares = rng.dirichlet(np.ones(k), 60).astype(np.float32)
    said = shares.argmax(axis=1)
    names = [f"c{i}" for i in range(k)]
    found = in_pieces(ClassMeasures(Model(names)), truth[:, None], truth, shares)
    assert found["n"] == 60
    assert found["accuracy"] == accuracy_score(truth, said)
    assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, said))
    assert found["macro_f1"] == pytest.approx(f1_score(truth, said, average="macro"))
    exact = shares.astype(float) / shares.astype(float).sum(axis=1, keepdims=True)
    assert found["log_loss"] == pytest.approx(log_loss(truth, exact))
    assert found["confusion"] == confusion_matrix(truth, said).tolist()
    for column, score in (("precision", precision_score), ("recall", recall_score)):
        expected = score(truth, said, average=None)
        assert [one[column] for one in found["classes"]] == pytest.approx(expected.tolist())
    constant = DummyClassifier(strategy="prior").fit(truth[:, None], truth)
    frequent = constant.predict(truth[:, None])
    assert found["baseline"]["class"] == names[frequent[0]]
    assert found["baseline"]["accuracy"] == accuracy_score(truth, frequent)
    prior = constant.predict_proba(truth[:, None])
    assert found["baseline"]["log_loss"] == pytest.approx(log_loss(truth, prior))
    area = roc_auc_score(truth, shares[:, 1]) if k == 2 else None
    assert found.get("roc_auc") == (pytest.approx(area) if k == 2 else None)


def test_the_interval_is_wilson_s():
    truth = np.zeros(100, int)
    shares = np.tile(np.float32([0.9, 0.1]), (100, 1))
    shares[:10] = [0.1, 0.9]
    low, high = in_pieces(ClassMeasures(Model(["a", "b"])), truth[:, None], truth, shares)[
        "interval"
    ]
    p, n, z = 0.9, 100, NormalDist().inv_cdf(0.975)
    middle, half = p + z**2 / (2 * n), z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
    assert (low, high) == pytest.approx(
        ((middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n))
    )


def test_a_class_without_rows_has_no_recall():
    truth = np.array([0, 0, 1])
    shares = np.float32([[0.8, 0.1, 0.1], [0.2, 0.2, 0.6], [0.1, 0.8, 0.1]])
    found = in_pieces(ClassMeasures(Model(["a", "b", "c"])), truth[:, None], truth, shares)
    assert [one["recall"] for one in found["classes"]] == [0.5, 1.0, None]
    assert found["balanced_accuracy"] == 0.75
    assert "roc_auc" not in found


def test_what_rows_of_one_class_leave_undefined():
    truth, shares = np.array([0, 0]), np.float32([[0.8, 0.2], [0.6, 0.4]])
    found = in_pieces(ClassMeasures(Model(["a", "b"])), truth[:, None], truth, shares)
    assert found["roc_auc"] is None
    assert found["log_loss"] == pytest.approx(-np.log([0.8, 0.6]).mean())
    assert str(found["baseline"]["log_loss"]) == "0.0"  # and not -0.0
    assert found["macro_f1"] == 1.0  # of the class that is there
    assert found["classes"][1] == {
        "name": "b",
        "n": 0,
        "precision": None,
        "recall": None,
        "f1": None,
    }
    undefined = {row[0]: row[1:] for row in figure_table(found)[1]}
    assert undefined["area under the ROC curve"] == ["–", "–"]
    assert class_table(found)[1][1] == ["b", "0", "–", "–", "–"]


def test_a_class_that_is_never_answered_has_no_precision():
    truth, shares = np.array([0, 1]), np.float32([[0.8, 0.2], [0.6, 0.4]])
    found = in_pieces(ClassMeasures(Model(["a", "b"])), truth[:, None], truth, shares)
    answered = {"name": "b", "n": 1, "precision": None, "recall": 0.0, "f1": 0.0}
    assert found["classes"][1] == answered


@settings(max_examples=25)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_the_log_loss_is_over_all_classes_whatever_the_rows_have(truth, seed):
    shares = np.random.default_rng(seed).dirichlet(np.ones(4), len(truth)).astype(np.float32)
    rows = np.array(truth)
    found = in_pieces(ClassMeasures(Model(list("abcd"))), rows[:, None], rows, shares, size=3)
    of_truth = shares.astype(float) / shares.astype(float).sum(axis=1, keepdims=True)
    expected = -np.log(np.clip(of_truth[np.arange(len(rows)), rows], 1e-15, 1)).mean()
    assert found["log_loss"] == pytest.approx(expected)


def test_figures_of_numbers_are_scikit_learn_s(rng):
    truth = rng.normal(50, 10, 40)
    guess = truth + rng.normal(0, 3, 40)
    found = in_pieces(NumberMeasures(Model()), truth[:, None], truth, guess)
    mean = DummyRegressor().fit(truth[:, None], truth).predict(truth[:, None])
    assert found["r2"] == pytest.approx(r2_score(truth, guess))
    assert found["rmse"] == pytest.approx(root_mean_squared_error(truth, guess))
    assert found["mae"] == pytest.approx(mean_absolute_error(truth, guess))
    assert found["baseline"] == {
        "mean": pytest.approx(mean[0]),
        "rmse": pytest.approx(root_mean_squared_error(truth, mean)),
        "mae": pytest.approx(mean_absolute_error(truth, mean)),
    }
    assert found["verdict"] == "better"


@pytest.mark.parametrize("truth", [[3.0], [3.0, 3.0]])
def test_without_variation_there_is_no_r2(truth):
    truth = np.array(truth)
    found = in_pieces(NumberMeasures(Model()), truth[:, None], truth, truth + 1)
    assert found["r2"] is None
    assert found["verdict"] == "not better"


def test_figures_of_reconstructions_are_scikit_learn_s(rng):
    X = rng.normal(3, 1, (50, 4))
    X[:, 3] = 2
    guess = X + rng.normal(0, 0.5, X.shape)
    found = in_pieces(ReconstructionMeasures(Model(names=list("abcd"))), X, None, guess)
    lost, whole = ((X - guess) ** 2).sum(), ((X - X.mean(axis=0)) ** 2).sum()
    assert found["r2"] == pytest.approx(1 - lost / whole)
    assert found["mse"] == pytest.approx(lost / X.size)
    assert found["baseline"]["mse"] == pytest.approx(whole / X.size)
    expected = r2_score(X[:, :3], guess[:, :3], multioutput="raw_values")
    assert [one["r2"] for one in found["features"][:3]] == pytest.approx(expected.tolist())
    assert found["features"][3] == {"name": "d", "r2": None}
    assert found["verdict"] == "better"


@pytest.mark.parametrize(
    ("wins", "losses", "gain", "said"),
    [
        (30, 2, None, "better"),
        (3, 0, None, "perhaps"),
        (6, 0, None, "better"),  # 2^-6 is below 0.025
        (5, 0, None, "perhaps"),
        (2, 30, None, "not better"),
        (5, 5, None, "not better"),
        (0, 0, None, "not better"),
        (30, 2, -1.0, "not better"),
        (2, 30, 1.0, "perhaps"),
    ],
)
def test_what_rows_say_beside_the_baseline(wins, losses, gain, said):
    assert verdict(wins=wins, losses=losses, gain=gain) == said
