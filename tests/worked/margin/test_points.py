from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from chainrule.errors import InvalidValueError
from chainrule.worked.margin.labels import build_labels
from chainrule.worked.margin.points import build_points, build_rows

F = Fraction


def test_numbers_are_exact():
    rows = build_rows("x", [["0.1", "1/3"], [0.1, F(2, 7)], [np.float64(0.25), np.int64(3)]])
    assert rows == ((F(1, 10), F(1, 3)), (F(1, 10), F(2, 7)), (F(1, 4), F(3)))


def test_one_dimension_is_a_list_of_numbers():
    assert build_rows("x", [1, "2", 0.5]) == ((F(1),), (F(2),), (F(1, 2),))


def test_arrays_and_frames():
    frame = pd.DataFrame({"a": [0, 1], "b": [2, 3], "label": ["u", "v"]})
    points = build_points(frame[["a", "b"]], frame["label"])
    assert points.X == ((0, 2), (1, 3))
    assert points.y == (1, -1)
    assert build_points(np.eye(2), np.array([0, 1])).y == (-1, 1)


@pytest.mark.parametrize(
    ("y", "positive", "signs", "names"),
    [
        ([0, 1, 1], None, (-1, 1, 1), {1: "1", -1: "0"}),
        (["2", "10", 2], None, (-1, 1, -1), {1: "10", -1: "2"}),  # as numbers, not as texts
        ([1, 1.0, "-1"], None, (1, 1, -1), {1: "1", -1: "-1"}),
        (["b", "a", "b"], None, (1, -1, 1), {1: "b", -1: "a"}),
        (["b", "a", "b"], "a", (-1, 1, -1), {1: "a", -1: "b"}),
        ([0, 1, 1], "0", (1, -1, -1), {1: "0", -1: "1"}),
        (["1", "one", "1"], None, (1, -1, 1), {1: "1", -1: "one"}),
        ([True, False, True], None, (1, -1, 1), {1: "True", -1: "False"}),
        (["a\x1b[31m", " b ", "b"], None, (1, -1, -1), {1: "a�[31m", -1: "b"}),
    ],
)
def test_two_labels_become_signs(y, positive, signs, names):
    labels = build_labels(y, 3, positive)
    assert labels.y == signs
    assert labels.names == names


@pytest.mark.parametrize(
    ("label", "sign"), [(-1, -1), (0, -1), (1, 1), ("2", 1), ("yes", 1), ("-1", -1)]
)
def test_a_single_number_has_its_sign(label, sign):
    labels = build_labels([label], 1, fewest=1)
    assert labels.y == (sign,)
    assert labels.names == {sign: str(label)}


def test_which_label_is_which_is_said_unless_it_is_plain():
    assert build_labels([1, -1], 2).explained() == ""
    assert build_labels([0, 1], 2).explained() == "The label “1” is +1, “0” is -1."
    assert build_labels([-1], 1, fewest=1).explained() == ""


X = [[0, 0], [1, 1]]


@pytest.mark.parametrize(
    ("points", "labels", "message"),
    [
        ([], [], "x must be a list with at least one point, got []: such as [[0, 0], [1, 1]]"),
        ("12", [1], "x must be a list with at least one point, got '12': such as [[0, 0], [1, 1]]"),
        (
            [[0, 0], [1]],
            [1, -1],
            "point 2 of x must have 2 numbers, as many as the first, got [1]: add or take away "
            "numbers",
        ),
        (
            [[], []],
            [1, -1],
            "point 1 of x must have 1 number, as many as the first, got []: add or take away "
            "numbers",
        ),
        (
            [[0, 0], [1, float("nan")]],
            [1, -1],
            "coordinate 2 of point 2 of x must be a number, got nan: write it as 0.1, -2, 1/3 or "
            "1e-3",
        ),
        (
            [[0, float("inf")], [1, 1]],
            [1, -1],
            "coordinate 2 of point 1 of x must be a number, got inf: write it as 0.1, -2, 1/3 or "
            "1e-3",
        ),
        (
            [["a", 0], [1, 1]],
            [1, -1],
            "coordinate 1 of point 1 of x must be a number, got 'a': write it as 0.1, -2, 1/3 or "
            "1e-3",
        ),
        (
            [[0, [1]], [1, 1]],
            [1, -1],
            "coordinate 2 of point 1 of x must be a number, got [1]: write it as 0.1, -2, 1/3 or "
            "1e-3",
        ),
        (
            [[0]] * 101,
            [1],
            "an example must have at most 100 points in x to be written out, got 101: take fewer; "
            "fit more with sklearn.svm.LinearSVC",
        ),
        (
            [[0] * 13] * 2,
            [1, -1],
            "an example must have at most 12 coordinates of a point in x to be written out, got "
            "13: take fewer; fit more with sklearn.svm.LinearSVC",
        ),
        (X, [1], "y must have a label for each point, 2, got 1: add or take away labels"),
        (X, "ab", "y must have a label for each point, 2, got 'ab': add or take away labels"),
        (
            X,
            ["a", "a"],
            "y must have two different labels, got ['a']: a hyperplane has two sides; give each "
            "point one of two labels",
        ),
        (
            [*X, [2, 2]],
            ["a", 1, "c"],
            "y must have two different labels, got ['a', '1', 'c']: a hyperplane has two sides; "
            "give each point one of two labels",
        ),
        (
            X,
            ["a", " "],
            "label 2 of y must be a number or a text of at most 60 characters, got ' ': change it",
        ),
        (
            X,
            ["a", None],
            "label 2 of y must be a number or a text of at most 60 characters, got None: change it",
        ),
        (
            X,
            ["a", [1]],
            "label 2 of y must be a number or a text of at most 60 characters, got [1]: change it",
        ),
    ],
)
def test_bad_points_are_refused(points, labels, message, message_of):
    assert message_of(InvalidValueError, build_points, points, labels) == message


def test_a_positive_label_must_be_there(message_of):
    assert message_of(InvalidValueError, build_points, X, ["a", "b"], "c") == (
        "positive must be a label of y, a or b, got 'c': choose one of these"
    )


def test_a_known_width_is_demanded(message_of):
    assert message_of(InvalidValueError, build_rows, "predict", [[1]], 2) == (
        "point 1 of predict must have 2 numbers, one for each of w, got [1]: add or take away "
        "numbers"
    )
