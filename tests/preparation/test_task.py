from __future__ import annotations

import numpy as np
import pytest

from chainrule.datasets.tables import table_of
from chainrule.errors import InvalidValueError
from chainrule.preparation import Preparation, inspect

N = 60
ROW = np.arange(N)


def texts(*values):
    return np.array([values[i % len(values)] for i in range(N)], object)


TARGETS = {
    "texts": (texts("no", "yes"), "classification", "the target has texts", ["no", "yes"]),
    "bools": (ROW % 2 == 0, "classification", "the target is true or false", [False, True]),
    "few integers": (
        ROW % 10,
        "classification",
        "the target has 10 different integers",
        list(range(10)),
    ),
    "few integers as texts": (
        texts("10", "9", "-1"),
        "classification",
        "the target has 3 different integers",
        [-1, 9, 10],
    ),
    "whole floats": (
        (ROW % 2).astype(float),
        "classification",
        "the target has 2 different integers",
        [0.0, 1.0],
    ),
    "whole floats as texts": (
        texts("1.0", "2.0"),
        "classification",
        "the target has 2 different integers",
        [1.0, 2.0],
    ),
    "codes": (texts("007", "012"), "classification", "the target has texts", ["007", "012"]),
    "many integers": (ROW % 21, "regression", "the target has numbers", None),
    "numbers": (np.sqrt(ROW), "regression", "the target has numbers", None),
    "numbers as texts": (texts("1.5", "2"), "regression", "the target has numbers", None),
}


@pytest.mark.parametrize("case", TARGETS)
def test_the_task_and_why(case):
    values, task, why, classes = TARGETS[case]
    table = table_of({"x": ROW % 7, "y": values})
    found = inspect(table, target="y")
    assert (found.task, found.why) == (task, why)
    if classes is None:
        assert found.target.classes is None
        assert (found.target.low, found.target.high) == (
            min(values.astype(float)),
            max(values.astype(float)),
        )
    else:
        assert found.target.classes.tolist() == classes
        assert [type(label) for label in found.target.classes.tolist()] == list(map(type, classes))
        _, y = Preparation.learn(found).rows(table)
        assert set(y.tolist()) == set(classes)


def test_few_integers_that_are_not_there_twice_are_numbers():
    table = table_of({"x": np.arange(10) % 4, "y": np.arange(10) ** 2})
    assert inspect(table, target="y").task == "regression"


def test_another_task_may_be_asked_for():
    table = table_of({"x": ROW % 7, "y": ROW % 10})
    found = inspect(table, target="y", task="regression")
    assert (found.task, found.why, found.target.classes) == ("regression", "as asked", None)
    table = table_of({"x": ROW % 7, "y": texts("1.5", "2")})
    found = inspect(table, target="y", task="classification")
    assert (found.why, found.target.classes.tolist()) == ("as asked", [1.5, 2.0])
    assert found.target.counts == {"1.5": 30, "2": 30}


def test_an_autoencoder_takes_all_columns_and_no_target():
    table = table_of({"x": ROW % 7, "y": texts("a", "b")})
    found = inspect(table, task="autoencoder")
    assert [column.name for column in found.used] == ["x", "y"]
    assert (found.task, found.why, found.target) == ("autoencoder", "as asked", None)
    X, y = Preparation.learn(found).rows(table)
    assert X.shape == (N, 3)
    assert y is None


def test_an_autoencoder_leaves_a_named_target_out():
    table = table_of({"x": ROW % 7, "y": texts("a", "b")})
    table.target = "y"
    assert [one.name for one in inspect(table, task="autoencoder").used] == ["x"]


def test_the_file_s_own_target_is_taken():
    table = table_of({"x": ROW % 7, "y": ROW % 2})
    table.target = "y"
    assert inspect(table).target.name == "y"


def test_numbers_to_predict_are_scaled_unless_told_otherwise():
    table = table_of({"x": ROW % 7, "y": 10.0 + ROW})
    found = inspect(table, target="y")
    _, y = Preparation.learn(found).rows(table)
    np.testing.assert_allclose([y.mean(), y.std()], [0, 1], atol=1e-12)
    _, y = Preparation.learn(found, scale_target=False).rows(table)
    assert y.tolist() == (10.0 + ROW).tolist()


def test_numbers_with_decimal_commas_are_no_classes(message_of):
    table = table_of(
        {"x": ROW % 7, "y": np.array([f"{i % 25},5" for i in ROW], object)}, name="t.csv"
    )
    assert message_of(InvalidValueError, inspect, table, target="y") == (
        "the numbers of the target y of t.csv must have decimal points, got '0,5': write points, "
        'or choose the task "classification" if these are labels'
    )
    assert len(inspect(table, target="y", task="classification").target.classes) == 25


def test_one_label_written_in_two_ways(message_of):
    table = table_of({"x": ROW % 7, "y": texts("1", "1.0", "2", "2.0", "1")})
    target = inspect(table, target="y").target
    assert target.classes.tolist() == [1.0, 2.0]
    assert target.counts == {"1": 36, "2": 24}
    one = table_of({"x": ROW % 7, "y": texts("1", "1.0")})
    message = message_of(InvalidValueError, inspect, one, target="y", task="classification")
    assert "must have at least two different values, got '1' in every row" in message
