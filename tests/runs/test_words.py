import math

import pytest

from chainrule.runs.advice import advice
from chainrule.runs.words import (
    confusions,
    evaluated,
    met,
    number,
    quality,
    stopped,
    summary,
    versus,
)

CLASSES = {
    "n": 40,
    "accuracy": 0.9,
    "interval": [0.8, 0.95],
    "baseline": {"class": "a", "accuracy": 0.5, "log_loss": 0.7},
    "verdict": "better",
    "classes": [{"name": "a", "n": 20, "recall": 0.9}, {"name": "b\n", "n": 20, "recall": 0.9}],
    "confusion": [[18, 2], [2, 18]],
}
NUMBERS = {
    "n": 40,
    "r2": -0.12,
    "rmse": 31234.5,
    "mae": 2.5,
    "baseline": {"mean": 9.0, "rmse": 30.0, "mae": 3.25},
    "verdict": "not better",
}
COPIES = {"n": 1, "r2": None, "mse": 0.125, "baseline": {"mse": 0.5}, "verdict": "better"}


def document(figures=CLASSES, **training):
    parameters = {
        "max_iter": 100,
        "n_iter_no_change": 20,
        "tol": 1e-4,
        "solver": "adamw",
        "early_stopping": True,
        "dropout": 0.0,
        "class_weight": None,
        **training.pop("parameters", {}),
    }
    history = {"train_loss": [1.0] * 100, "validation_loss": [1.1] * 100}
    return {
        "data": {
            "name": "t.csv",
            "val": None,
            "task": "classification" if "accuracy" in figures else "regression",
            "target": {"name": "k", "classes": {"a": 50, "b": 50} if figures is CLASSES else None},
            "columns": [{"used": True, "shape": []}, {"used": False, "shape": []}],
            "rows": {"learnt_from": 900, "stopping": 10, "held_out": 200},
        },
        "figures": {**figures, "n": 200},
        "training": {
            "epochs": 60,
            "best_epoch": 40,
            "stops": True,
            "layers": [4, 8, 2],
            "history": history,
            **training,
            "parameters": parameters,
        },
        "importance": [],
        "complaints": [],
        "unseen": {},
        "imputed": {},
        "ignored": [],
    }


def test_the_summary_of_a_classifier():
    assert [text.replace("\u202f", " ") for text in summary(document())] == [
        "Learnt to tell the 2 classes of k apart by 1 column of t.csv, from 900 rows; 10 more "
        "decided when to stop.",
        "On 200 rows that training did not look at, 90.0 % of its answers are right (95 % "
        "interval: 80.0 % to 95.0 %).",
        "Always guessing the most frequent class, a, is right on 50.0 %: the model is better.",
        "Most often confused: a taken for b\\n (2 of 20), b\\n taken for a (2 of 20).",
        "Training stopped after 60 of at most 100 epochs, as for 20 there was no improvement by "
        "0.0001 on the stopping rows; the weights of epoch 40, the best, were kept.",
    ]


def test_figures_of_numbers_in_words():
    assert quality(NUMBERS) == (
        "it is off by 2.5 on average (root mean square 31,234), R² is -0.120"
    )
    assert versus(NUMBERS) == (
        "Always guessing their mean, 9, is off by 3.25 on average (root mean square 30): the model "
        "is not better than that."
    )


def test_figures_of_reconstructions_in_words():
    assert quality(COPIES) == "the mean squared error of a prepared column is 0.125"
    assert (
        versus(COPIES) == "Putting their mean in place of every row has 0.5: the model is better."
    )


def test_luck_is_not_ruled_out():
    assert versus({**CLASSES, "verdict": "perhaps"}).endswith(
        "the model is better on these rows, but they are too few to rule out luck."
    )


def test_without_mistakes_there_are_no_confusions():
    assert confusions({**CLASSES, "confusion": [[20, 0], [0, 20]]}) == "No row was mistaken."
    assert confusions(NUMBERS) is None


@pytest.mark.parametrize(
    ("training", "text"),
    [
        (
            {"epochs": 100, "best_epoch": 90},
            "Training ran all of its 100 epochs; the weights of epoch 90, the best, were kept.",
        ),
        *(
            (
                {"epochs": 2, "best_epoch": 1, "history": {"validation_loss": [1.0, last]}},
                "Training stopped after 2 of at most 100 epochs, where it diverged; the weights of "
                "epoch 1, the best, were kept.",
            )
            for last in (math.nan, math.inf, None)
        ),
        (
            {"epochs": 100, "stops": False, "parameters": {"early_stopping": False}},
            "Training ran 100 of at most 100 epochs; nothing but the training loss said when to "
            "stop.",
        ),
        (
            {"epochs": 30, "stops": False, "parameters": {"solver": "lbfgs"}},
            "L-BFGS ran 30 of at most 100 iterations.",
        ),
    ],
)
def test_why_training_ended(training, text):
    assert stopped(document(**training)) == text


def test_what_rows_had_and_training_had_not():
    facts = {"unseen": {"c\x1b": {"x": 2, "y": 1}}, "imputed": {"a": 1}, "ignored": ["p", "q"]}
    assert met(facts) == (
        "3 rows had values of c\\x1b that training had not, and count as no category. "
        "1 missing number stood for the mean of their column. "
        "Columns that training had not were left out: p, q."
    )


def test_an_evaluation_in_words():
    facts = {"data": "n.csv", "figures": COPIES, "unseen": {}, "imputed": {}, "ignored": []}
    facts["learnt_from"] = True
    assert evaluated(facts) == [
        "On 1 row of n.csv, the mean squared error of a prepared column is 0.125.",
        "Putting their mean in place of every row has 0.5: the model is better.",
        "The model has learnt from most of these very rows: how well it does on others is in its "
        "report.",
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (12345.6, "12,346"), (1.23456e-7, "1.235e-07"), (1e12, "1e+12")]
)
def test_numbers_in_words(value, text):
    assert number(value) == text


# -- advice ----------------------------------------------------------------------------------------


def figures(**changes):
    found = document()
    found["figures"] |= changes
    return found


def test_without_a_sign_there_is_no_advice():
    assert advice(document()) == []


def test_still_improving():
    assert advice(document(epochs=100, best_epoch=99)) == [
        "It was still improving when the epochs ran out: --set max_iter=200."
    ]
    assert advice(document(epochs=100, best_epoch=80)) == []


def test_learnt_by_heart():
    history = {"train_loss": [0.1] * 100, "validation_loss": [0.3] * 100}
    assert advice(document(history=history)) == [
        "It learns its rows by heart (loss 0.1 on them, 0.3 on the stopping rows): more rows, "
        "--set dropout=0.2, or fewer units."
    ]


def test_a_rare_class_that_is_missed():
    found = figures(
        classes=[{"name": "a", "n": 190, "recall": 1.0}, {"name": "b", "n": 10, "recall": 0.2}]
    )
    assert [text.replace("\u202f", " ") for text in advice(found)] == [
        "Rare classes are missed (of b it finds 20.0 %): --set class_weight=balanced."
    ]
    found["training"]["parameters"]["class_weight"] = "balanced"
    assert advice(found) == []


def test_few_rows():
    assert advice(figures(n=30)) == [
        "Take the figures with care, they rest on 30 rows; another --seed holds out others."
    ]
    few = document()
    few["data"]["rows"]["learnt_from"] = 90
    assert advice(few) == ["More rows: 90 are few to learn from."]


def test_no_better_than_a_constant():
    assert advice(figures(verdict="not better")) == [
        "Check whether the columns can say anything about k; the report shows them."
    ]


def test_too_good_to_be_true():
    found = figures(accuracy=1.0)
    found["importance"] = [{"name": "id", "loss": 0.9, "spread": 0.0}]
    assert advice(found) == [
        "It makes no mistake: check that no column, such as id, gives the answer away."
    ]
