from __future__ import annotations

import numpy as np
import pytest

from chainrule.errors import InvalidValueError, UnknownNameError
from chainrule.worked.backprop.calculation import calculate
from chainrule.worked.backprop.example import build

GOOD = {"weights": [[[1, 2]], [[3], [4]]], "biases": [[0, 0], [0]], "x": [1, 2], "y": [3, 4]}
LARGER = "take a smaller one; fit larger ones with chainrule.NeuralNetwork"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"weights": []},
            "weights must be a list of matrices, one for each layer, got []: such as [[[0.1]]]",
        ),
        (
            {"weights": [[[1, 2]], [[3]]]},
            "weights of layer 2 must have 2 rows, one for each unit below, got 1: "
            "add or take away rows",
        ),
        (
            {"weights": [[[1, 2], [3]], [[3], [4]]]},
            "weights of layer 1 must be rows of equal length, one for each unit that they come "
            "from, got [[1, 2], [3]]: such as [[0.1, 0.2], [0.3, 0.4]]",
        ),
        (
            {"weights": [[["one", 2]], [[3], [4]]]},
            "weights of layer 1 must be a number, got 'one': write it as 0.1, -2, 1/3 or 1e-3",
        ),
        (
            {"biases": [[0, 0]]},
            "biases must be a list of 2 lists, one for each layer, got [[0, 0]]: 0 is a bias too",
        ),
        (
            {"biases": [[0], [0]]},
            "biases of layer 1 must be 2 numbers, one for each unit, got [0]: 0 is a bias too",
        ),
        ({"x": []}, "x must be a list with at least one sample, got []: such as [[1], [2]]"),
        (
            {"x": [[1, 2], [3]]},
            "sample 1 of x must have 1 number, one for each input, got [1, 2]: "
            "add or take away numbers",
        ),
        (
            {"y": [1]},
            "y must have as many samples as x, 2, got 1: give each sample its target",
        ),
        (
            {"y": [1, "1/0"]},
            "y must not be a fraction with denominator 0, got '1/0': change it",
        ),
        (
            {"x": list(range(13)), "y": list(range(13))},
            f"an example must have at most 12 samples in x to be written out, got 13: {LARGER}",
        ),
        (
            {"weights": [[[1] * 20], [[1]] * 20], "biases": [[0] * 20, [0]]},
            "an example must have at most 60 weights and biases to be written out, got 61: "
            + LARGER,
        ),
        (
            {"weights": [[[1]]] * 7},
            f"an example must have at most 6 layers of weights to be written out, got 7: {LARGER}",
        ),
        ({"learning_rate": 0}, "learning_rate must be positive, got 0: such as 0.01"),
        (
            {"activation": ["relu", "relu"]},
            "activation must be one name, or 1, one for each hidden layer, got ['relu', 'relu']: "
            "add or take away names",
        ),
        (
            {"loss": "poisson", "output_activation": "tanh"},
            'output_activation must be "identity" with the loss poisson, which has its own (exp), '
            "got 'tanh': leave it out",
        ),
        (
            {"loss": "poisson", "y": [1, "-1/2"]},
            "y must not be negative with the loss poisson, got '-1/2': change it, or take another "
            "loss",
        ),
        (
            {"loss": "sigmoid_cross_entropy", "y": [1, 2]},
            "y must be in [0, 1] with the loss sigmoid_cross_entropy, got '2': change it, or take "
            "another loss",
        ),
        (
            {"loss": "softmax_cross_entropy", "y": [0, 1]},
            "y must be a class from 0 to 0 for each sample, or its one-hot row, got 1: count "
            "classes from 0",
        ),
    ],
)
def test_bad_examples_are_refused(change, message, message_of):
    assert message_of(InvalidValueError, build, **(GOOD | change)) == message


def test_unknown_names_get_the_closest(message_of):
    for change, ending in [
        ({"activation": "rleu"}, "got 'rleu': did you mean \"relu\"?"),
        ({"output_activation": "sigmiod"}, "got 'sigmiod': did you mean \"sigmoid\"?"),
        ({"loss": "sqared"}, "got 'sqared': did you mean \"squared\"?"),
        (
            {"reduction": "men"},
            "reduction must be one of mean, sum, got 'men': did you mean \"mean\"?",
        ),
    ]:
        assert message_of(UnknownNameError, build, **(GOOD | change)).endswith(ending)


def test_arrays_are_taken():
    arrays = {name: GOOD[name] for name in ("biases", "x", "y")}
    arrays["weights"] = [np.array([[1.0, 2.0]]), np.array([[3], [4]])]
    mine, same = build(**arrays), build(**GOOD)
    assert (mine.parameters, mine.X, mine.Y) == (same.parameters, same.X, same.Y)


def test_numbers_that_leave_float64_are_refused(message_of):
    huge = {"weights": [[["1e40"]]] * 6, "biases": [[0]] * 6, "x": ["1e40"], "y": [0]}
    message = message_of(InvalidValueError, calculate, build(**huge))
    assert message == "the loss must be finite in float64, got inf: use smaller numbers"


def test_fractions_that_become_too_long_are_refused(message_of):
    fractions = iter(f"1/{10**36 + k}" for k in range(100))
    weights = [[[next(fractions) for _ in range(6)] for _ in range(6)]]
    weights.append([[next(fractions)] for _ in range(6)])
    x = [[next(fractions) for _ in range(6)] for _ in range(6)]
    example = build(weights, [[0] * 6, [0]], x, [1] * 6)
    message = message_of(InvalidValueError, calculate, example)
    assert message.startswith("fractions must stay below 20000 bits to be calculated with, got ")
    assert message.endswith(": write the numbers as decimals with fewer digits")


@pytest.mark.parametrize("y", [[2, 0], [[2], [0]], [[0, 0, 1], [1, 0, 0]], [2, ["1", 0, 0]]])
def test_a_class_may_be_given_as_its_one_hot_row(y):
    example = build([[[1, 0, -1]]], [[0, 0, 0]], [1, -1], y, loss="softmax_cross_entropy")
    assert example.Y == ((0, 0, 1), (1, 0, 0))


@pytest.mark.parametrize("row", [[1, 0], [0, 0, 0], [1, 1, 0], ["1/2", "1/2", 0], [3], ["1/2"]])
def test_what_is_no_class_is_refused(row, message_of):
    given = [[[1, 0, -1]]], [[0, 0, 0]], [1], [row]
    assert message_of(InvalidValueError, build, *given, loss="softmax_cross_entropy") == (
        "y must be a class from 0 to 2 for each sample, or its one-hot row, "
        f"got {', '.join(map(str, row))}: count classes from 0"
    )
