import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, r2_score

from chainrule import load
from chainrule.explore.measures import figures, probabilities_of, reliability
from chainrule.runs.evaluating import evaluate

from .reading import Page


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(0, 99))
def test_bins_hold_every_prediction_once(confidence, seed):
    confidence = np.array(confidence)
    hits = np.random.default_rng(seed).random(len(confidence)) < 0.5
    bins = reliability(hits, confidence)
    assert sum(one.n for one in bins) == len(confidence)
    assert sum(one.n * one.accuracy for one in bins) == pytest.approx(hits.sum())
    assert sum(one.n * one.confidence for one in bins) == pytest.approx(confidence.sum())
    for one in bins:
        assert one.low - 1e-12 <= one.confidence <= one.high + 1e-12


def test_a_bin_takes_its_lower_end_and_the_last_one_both():
    hits, confidence = np.array([True, False, True, True]), np.array([0.5, 0.55, 0.6, 1.0])
    first, second, third = reliability(hits, confidence)
    assert (first.low, first.high, first.n, first.accuracy) == (0.5, 0.6, 2, 0.5)
    assert (second.low, second.n) == (0.6, 1)
    assert (third.low, third.high, third.n) == (0.9, 1.0, 1)


def test_figures_of_classes_are_scikit_learn_s(rng):
    truth, raw = rng.integers(0, 3, 50), rng.random((50, 3))
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    found = figures("classification", truth, probabilities, np.log(probabilities))
    assert found["accuracy"] == accuracy_score(truth, probabilities.argmax(axis=1))
    assert found["log_loss"] == pytest.approx(log_loss(truth, probabilities))


def test_two_classes_have_two_probabilities():
    np.testing.assert_array_equal(probabilities_of(np.array([[0.25]])), [[0.75, 0.25]])


def test_figures_that_are_not_defined_are_none():
    assert figures("regression", np.ones((1, 1)), np.ones((1, 1)))["r2"] is None
    assert figures("autoencoder", np.ones((3, 2)), np.ones((3, 2))) == {"r2": None, "mse": 0.0}


@pytest.mark.parametrize("name", ["flowers", "petals", "copies", "bars"])
def test_figures_are_those_of_chainrule_evaluate(runs, page_of, name):
    folder, data = runs[name]
    found = Page(page_of(folder, data, samples=20)[1]).document["measured"]
    wanted = evaluate(folder, data).figures
    assert found["n"] == wanted["n"]
    assert found["learnt_from"] is True
    for figure in ("accuracy", "log_loss", "r2", "rmse", "mae", "mse"):
        assert (figure in found["figures"]) is (figure in wanted)
        if figure in wanted:
            assert found["figures"][figure] == pytest.approx(wanted[figure], rel=1e-5)
    assert found["confusion"] == wanted.get("confusion")


def test_figures_of_labels(in_memory, page_of):
    model, (X, y) = in_memory["labels"]
    page = Page(page_of(model, (X, y), samples=10)[1])
    document, said = page.document, model.predict(X)
    assert "with all labels right on 90 rows of data" in page.text
    assert document["task"] == "multilabel"
    assert document["measured"]["figures"]["accuracy"] == (said == y).all(axis=1).mean()
    assert document["measured"]["figures"]["label_accuracy"] == pytest.approx((said == y).mean())
    assert document["measured"]["confusion"] is None


def test_two_classes_are_confused_as_scikit_learn_says(in_memory, page_of):
    model, (X, y) = in_memory["two classes"]
    document = Page(page_of(model, (X, y))[1]).document
    assert document["measured"]["confusion"] == confusion_matrix(y, model.predict(X)).tolist()
    assert document["target"]["classes"] == ["down", "up"]


def test_r2_of_numbers_is_in_their_units(runs, page_of):
    folder, data = runs["petals"]
    model = load(folder / "model.safetensors")
    document = Page(page_of(folder, data)[1]).document
    assert document["measured"]["figures"]["r2"] == pytest.approx(
        r2_score(*_petals(data, model)), rel=1e-6
    )


def _petals(data, model):
    from chainrule.datasets.tables import open_table

    table = open_table(data)
    truth = np.concatenate([piece.columns["petals"] for piece in table.pieces()]).astype(float)
    return truth, model.predict(table)
