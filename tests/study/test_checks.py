import numpy as np
import pandas as pd
import pytest

from chainrule import MLPClassifier
from chainrule.errors import InvalidValueError
from chainrule.study import CrossValidation, Grid, Optuna, Random, Study, ValidationData
from chainrule.study.checks import MOST_TRIALS
from chainrule.study.halving import Halving
from chainrule.study.sources import TableRows

VALUES = {"alpha": [0.1, 1.0]}
FRAME = pd.DataFrame({"alpha": [0.1, 1.0]})


def study(**changes):
    return Study(**{"name": "n", "data": "mnist", "sampler": Grid(VALUES), **changes})


def test_a_part_may_be_the_table_of_a_file():
    made = study(
        sampler=VALUES,
        evaluation={"folds": 3},
        halving={"min_epochs": 1, "max_epochs": 3},
        seeds=np.arange(2),
    )
    assert made == study(
        evaluation=CrossValidation(folds=3), halving=Halving(1, 3), seeds=np.int64(2)
    )
    assert Grid({"alpha": FRAME.alpha}) == Grid(VALUES)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("sampler", [{"alpha": 1}]),
        ("sampler", Grid),
        ("sampler", None),
        ("sampler", FRAME),
        ("evaluation", 5),
        ("halving", 3),
        ("fixed", None),
        ("fixed", [1]),
        ("columns", ["a"]),
        ("estimator", MLPClassifier()),
        ("measure", 3),
        ("callbacks", [print]),
        ("metrics", 3),
        ("metrics", ["accuracy", None]),
    ],
)
def test_what_is_no_part_is_refused_in_one_line(part, value):
    with pytest.raises(InvalidValueError, match=f"^{part} must be") as caught:
        study(**{part: value})
    assert "\n" not in str(caught.value)


def test_arrays_do_not_judge_a_table():
    rows = TableRows.of({"a": [1.0, 2.0, 4.0], "y": [1.5, 2.5, 3.25]}, "y", "regression", {})
    with pytest.raises(InvalidValueError, match="must be a table, as data, got arrays"):
        rows.judged_by((np.zeros((1, 1)), np.zeros(1)))


# Nothing of these fits into memory: what counts them may not make them.
@pytest.mark.parametrize(
    "make",
    [
        lambda: Grid({name: range(1000) for name in "abc"}),
        lambda: Grid({"alpha": range(10**9)}),
        lambda: Random(10**9, {"alpha": {"low": 0.1, "high": 1.0}}),
        lambda: Random(5, {"alpha": range(10**9)}),
        lambda: Optuna(10**9, {"alpha": {"low": 0.1, "high": 1.0}}),
        lambda: study(seeds=10**9),
        lambda: study(seeds=range(10**9)),
        lambda: study(evaluation=CrossValidation(folds=10**9)),
    ],
)
def test_a_billion_is_refused_before_anything_is_made(make):
    with pytest.raises(InvalidValueError, match=rf"at most 100,000, got {10**9:,}|{2 * 10**9:,}"):
        make()


def test_the_product_counts(message_of):
    assert len(study(seeds=MOST_TRIALS // 2).all_seeds) == MOST_TRIALS // 2
    folds = CrossValidation(folds=5)
    assert message_of(InvalidValueError, study, seeds=20_000, evaluation=folds) == (
        "a study's candidates x seeds x folds, 2 x 20,000 x 5, must be at most 100,000, "
        "got 200,000: take fewer of them"
    )


def test_validation_data_may_be_a_frame():
    assert study(evaluation=ValidationData(FRAME)).evaluation.data is FRAME
