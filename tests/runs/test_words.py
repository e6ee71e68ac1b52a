from types import SimpleNamespace

import pytest

from chainrule.explore.words import _measured
from chainrule.report.page import share
from chainrule.runs.advice import advice
from chainrule.runs.columns import missing_words
from chainrule.runs.endings import interrupted, stopped
from chainrule.runs.page import cards
from chainrule.runs.words import (
    confusions,
    evaluated,
    how_well,
    met,
    number,
    quality,
    seen,
    summary,
    undefined,
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
            "ended": "no improvement",
            "layers": [4, 8, 2],
            "history": history,
            **training,
            "parameters": parameters,
        },
        "importance": [],
        "complaints": [],
        "seen": {"compared": 200, "known": 0, "others": None},
        "unseen": {},
        "n_unseen": {},
        "imputed": {},
        "ignored": [],
    }


def test_the_summary_of_a_classifier():
    assert [text.replace("\u202f", " ") for text in summary(document())] == [
        "Learnt to tell the 2 classes of k apart by 1 column of t.csv, from 900 rows; 10 more "
        "decided when to stop.",
        "On 200 rows that training did not look at, 90.0 % of its answers are right (95 % "
        "interval: 80.0 % to 95.0 %).",
        "Always guessing one of the most frequent classes, a, is right on 50.0 %: the model is "
        "better.",
        "Most often confused: a taken for b\\n (2 of 20), b\\n taken for a (2 of 20).",
        "Training stopped after 60 of at most 100 epochs, as none of the last 21 was better on "
        "the stopping rows than the best before it by 0.0001 or more; the weights of epoch 40, the "
        "best, were kept.",
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
        "the model is better on these rows, but not so clearly that it cannot be luck."
    )


def test_without_mistakes_there_are_no_confusions():
    assert confusions({**CLASSES, "confusion": [[20, 0], [0, 20]]}) == "No row was mistaken."
    assert confusions(NUMBERS) is None


@pytest.mark.parametrize(
    ("training", "text"),
    [
        (
            {"epochs": 100, "best_epoch": 90, "ended": "max_iter"},
            "Training ran all of its 100 epochs; the weights of epoch 90, the best, were kept.",
        ),
        (
            {"epochs": 100, "stops": False, "ended": "max_iter"},
            "Training ran all of its 100 epochs; nothing but the training loss said when to stop.",
        ),
        (
            {"epochs": 30, "stops": False, "parameters": {"tol": 0.5, "n_iter_no_change": 3}},
            "Training stopped after 30 of at most 100 epochs, as none of the last 4 was better in "
            "the training loss than the best before it by 0.5 or more.",
        ),
        (
            {"epochs": 2, "best_epoch": 1, "ended": "diverged"},
            "Training stopped after 2 of at most 100 epochs, as it diverged; the weights of epoch "
            "1, the best, were kept.",
        ),
        (
            {"epochs": 9, "best_epoch": 7, "ended": "interrupted"},
            "Training was interrupted after 9 of at most 100 epochs; the weights of epoch 7, the "
            "best so far, were kept.",
        ),
        (
            {"epochs": 9, "stops": False, "ended": "interrupted"},
            "Training was interrupted after 9 of at most 100 epochs; the weights are what they "
            "were at that moment.",
        ),
        (
            {
                "epochs": 9,
                "stops": False,
                "ended": "interrupted",
                "parameters": {"solver": "lbfgs"},
            },
            "L-BFGS was interrupted after 9 of at most 100 iterations.",
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
    facts = {"n_unseen": {"c\x1b": 3}, "unseen": {"c\x1b": {"\x1b": 2, "missing": 1}}}
    facts |= {"imputed": {"a": 1}, "ignored": ["p", "q"]}
    assert met(facts) == (
        "3 rows had values of c\\x1b that training had not (\\x1b, missing): they count as no "
        "category. "
        "1 missing number counts as the mean of its column. "
        "Columns that training had not were left out: p, q."
    )
    facts = {"n_unseen": {"c": 1}, "unseen": {"c": {"x": 1}}, "imputed": {}, "ignored": []}
    assert met(facts) == (
        "1 row had a value of c that training had not (x): it counts as no category."
    )
    facts = {"n_unseen": {"c": 9}, "unseen": {"c": dict.fromkeys("stuv", 2)}}
    assert "(s, t, u, …)" in met({**facts, "imputed": {}, "ignored": []})
    facts = {"n_unseen": {}, "imputed": {"a": 2, "b": 1}, "ignored": list("pqrst")}
    assert met(facts) == (
        "3 missing numbers count as the means of their columns. "
        "Columns that training had not were left out: p, q, r and 2 more."
    )


def test_an_evaluation_in_words():
    facts = {"data": "n.csv", "figures": COPIES, "n_unseen": {}, "imputed": {}, "ignored": []}
    facts |= {"learnt_from": True, "seen": None}
    texts = [
        "On 1 row of n.csv, the mean squared error of a prepared column is 0.125.",
        "Putting their mean in place of every row has 0.5: the model is better.",
        "R² is undefined, as there is but one row.",
    ]
    assert evaluated(facts) == [
        *texts,
        "This is the very file that the model was trained on: how well it does on other rows is "
        "in its report.",
    ]
    facts["seen"] = {"compared": 1, "known": 1, "others": None}
    assert evaluated(facts) == [
        *texts,
        "1 of the 1 row is a row that training looked at, or equal in every column used: there is "
        "no other to tell how well it does on new ones.",
    ]
    assert evaluated({**facts, "learnt_from": False, "seen": None}) == [
        *texts,
        "Whether training looked at some of these rows is not known: training_rows.npy, which says "
        "so, is missing beside the model or damaged.",
    ]


@pytest.mark.parametrize("val", [None, "folder/v.csv"])
def test_of_rows_that_training_looked_at_nothing_else_is_said(val):
    found = document(NUMBERS)
    found["data"]["val"] = val
    of = "" if val is None else " of v.csv"
    assert how_well(found).startswith(f"On 200 rows{of} that training did not look at, it is off")
    assert seen(found) is None
    found["seen"] = {"compared": 200, "known": 150, "others": {**NUMBERS, "mae": 7.5, "n": 50}}
    of = " held out" if val is None else of
    assert how_well(found).startswith(f"On 200 rows{of}, it is off")
    assert seen(found) == (
        "150 of the 200 rows are rows that training looked at, or equal in every column used. On "
        "the other 50, it is off by 7.5 on average (root mean square 31,234), R² is -0.120."
    )


def test_of_a_sample_no_more_is_said_than_was_compared():
    found = document()
    found["seen"] = {"compared": 20, "known": 0, "others": None}
    assert how_well(found).startswith("On 200 rows held out, ")
    found["seen"] = {"compared": 20, "known": 19, "others": {**CLASSES, "n": 1}}
    assert seen(found).startswith(
        "19 of the 20 rows that were compared are rows that training looked at, or equal in every "
        "column used. On the other, "
    )


def test_what_rows_leave_unknown():
    classes = [{"name": name, "n": 0} for name in "pqrs"] + [{"name": "t", "n": 9}]
    assert undefined({"classes": classes}) == (
        "No row is of p, q, r and 1 more: how many of such rows it finds is unknown."
    )
    assert undefined({"classes": classes[3:], "roc_auc": None}) == (
        "No row is of s: how many of such rows it finds is unknown, and there is no area under the "
        "ROC curve."
    )
    assert undefined({"classes": classes[4:]}) is None
    assert undefined({**NUMBERS, "r2": None}) == (
        "R² is undefined, as the rows are all alike in what is to be predicted."
    )
    assert undefined(NUMBERS) is None


def test_what_an_interrupted_run_is_told():
    assert interrupted(document(ended="interrupted"), "chainrule train … --resume") == (
        "interrupted after epoch 60; epoch 40, the best so far, is kept. To go on: chainrule train "
        "… --resume"
    )
    lbfgs = document(ended="interrupted", parameters={"solver": "lbfgs"})
    assert "--resume" not in interrupted(lbfgs, "chainrule train … --resume")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-0.25, "-0.25"),
        (12345.6, "12,346"),
        (1.23456e-7, "1.235e-07"),
        (1e12, "1e+12"),
    ],
)
def test_numbers_in_words(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (1.0, "100.0 %"),
        (0.9997, "more than 99.9 %"),
        (0.9993, "99.9 %"),
        (0.0003, "less than 0.1 %"),
        (0.0, "0.0 %"),
        (-0.0, "0.0 %"),
    ],
)
def test_all_is_all_and_none_is_none(part, text):
    assert share(part).replace("\u202f", " ") == text


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "–"), (3, "3 (<1 %)"), (30, "30 (3 %)"), (999, "999 (>99 %)"), (1000, "1,000 (100 %)")],
)
def test_how_much_of_a_column_is_missing(n, text):
    assert missing_words({"n_missing": n}, 1000) == text


# -- advice ----------------------------------------------------------------------------------------


def figures(**changes):
    found = document()
    found["figures"] |= changes
    return found


def test_without_a_sign_there_is_no_advice():
    assert advice(document()) == []


def test_still_improving():
    assert advice(document(epochs=100, best_epoch=99, ended="max_iter")) == [
        "The best epoch, 99, was one of the last: more may help, --set max_iter=200."
    ]
    assert advice(document(epochs=100, best_epoch=80, ended="max_iter")) == []
    assert advice(document(epochs=100, best_epoch=99, ended="interrupted")) == []


def test_learnt_by_heart():
    history = {"train_loss": [0.1] * 100, "validation_loss": [0.3] * 100}
    assert advice(document(history=history)) == [
        "It may learn its rows by heart (loss 0.1 on them, 0.3 on the stopping rows): try more "
        "rows, --set dropout=0.2, or fewer units."
    ]
    below = {"train_loss": [-2.0] * 100, "validation_loss": [-1.9] * 100}
    assert advice(document(history=below)) == []


def test_a_rare_class_that_is_missed():
    found = figures(
        classes=[{"name": "a", "n": 190, "recall": 1.0}, {"name": "b", "n": 10, "recall": 0.2}]
    )
    assert [text.replace("\u202f", " ") for text in advice(found)] == [
        "Rare classes are missed (of b it finds 20.0 %): --set class_weight=balanced."
    ]
    found["training"]["parameters"]["class_weight"] = "balanced"
    assert advice(found) == []


def test_one_of_ten_equal_classes_is_not_rare():
    classes = [{"name": name, "n": 20, "recall": 0.4} for name in "abcdefghij"]
    assert advice(figures(classes=classes)) == []


def test_few_rows():
    assert advice(figures(n=30)) == [
        "Take the figures with care, they rest on 30 rows; another --seed holds out others."
    ]
    apart = figures(n=1)
    apart["data"]["val"] = "v.csv"
    assert advice(apart) == ["Take the figures with care, they rest on 1 row."]
    few = document()
    few["data"]["rows"]["learnt_from"] = 90
    assert advice(few) == ["More rows: 90 are few to learn from."]


def test_no_better_than_a_constant():
    assert advice(figures(verdict="not better")) == [
        "Check whether the columns can say anything about k; the report shows them."
    ]
    one_class = {**CLASSES["baseline"], "accuracy": 1.0}
    assert advice(figures(verdict="not better", baseline=one_class)) == [
        "Measure on rows of more than one class: of a single one no model beats a guess."
    ]
    sizes = {"hidden_layer_sizes": [8, 3]}
    copies = document({**COPIES, "verdict": "not better"}, parameters=sizes)
    copies["data"]["task"] = "autoencoder"
    assert advice(copies) == ["Widen the bottleneck: --set hidden_layer_sizes=16,6."]


def test_too_good_to_be_true():
    found = figures(accuracy=1.0)
    found["importance"] = [{"name": "id", "loss": 0.9, "spread": 0.0}]
    assert advice(found) == [
        "It makes no mistake: check that no column, such as id, gives the answer away."
    ]


@pytest.mark.parametrize(
    ("part", "text"), [(0.94364, "94.4"), (1, "100.0"), (0.99996, "more than 99.9"), (0, "0.0")]
)
def test_a_share_is_written_alike_in_sentences_cards_and_the_page_of_a_network(part, text):
    written = f"{text}\u202f%"
    found = {"accuracy": part, "baseline": {"accuracy": 0.5, "class": "a"}}
    assert share(part) == cards(found)[0][0] == written
    measured = SimpleNamespace(
        figures={"accuracy": part}, n=1, name="t.csv", n_learnt_from=None, learnt_from=False
    )
    assert list(_measured(measured)) == [(written, "right on 1 row of t.csv")]


def test_one_epoch_is_no_epochs():
    training = {"epochs": 1, "stops": False, "parameters": {"solver": "adam", "max_iter": 1}}
    assert "all of its 1 epoch;" in stopped({"training": {**training, "ended": "max_iter"}})
    assert "after 1 of at most 1 epoch," in stopped({"training": {**training, "ended": "diverged"}})
