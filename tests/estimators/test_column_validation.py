"""Columns that hold no numbers are named, whatever the samples come in."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from chainrule import MLPAutoencoder, MLPClassifier, NeuralNetwork
from chainrule.errors import InvalidValueError
from chainrule.estimators.column_validation import check_columns

Y = [0, 1] * 10
NUMBERS = pd.DataFrame({"age": np.arange(20.0), "size": np.arange(20)})
TEXT = "the text 'b' in row 1 of column 'city': encode it"
WORDS = ["1.5", "b"] * 10
DATES = pd.date_range("2020-03-01", periods=20)
NO_NUMBERS = {
    "texts": (NUMBERS.assign(city=WORDS), TEXT),
    "categories": (NUMBERS.assign(city=pd.Categorical(WORDS)), TEXT),
    "texts of pandas": (NUMBERS.assign(city=pd.array(WORDS, dtype="string")), TEXT),
    "dates": (NUMBERS.assign(seen=DATES), "the date 2020-03-01"),
    "dates alone": (pd.DataFrame({"seen": DATES}), "the date 2020-03-01"),
    "durations": (NUMBERS.assign(took=DATES - DATES[0]), "the duration 0"),
    "an array of objects": (
        NUMBERS.assign(city=WORDS).to_numpy(),
        "the text 'b' in row 1 of column 2",
    ),
    "an array of texts": (np.array([WORDS]).T, "the text 'b' in row 1 of column 0"),
    "an array of bytes": (np.array([WORDS], "S").T, "the text b'b' in row 1 of column 0"),
    "an array of dates": (DATES.to_numpy()[:, None], "the date 2020-03-01"),
    "a list": ([[1, "b"]] * 20, "the text 'b' in row 0 of column 1"),
}


@pytest.fixture(params=NO_NUMBERS)
def wrong(request):
    return NO_NUMBERS[request.param]


def report_s_class(n_features):
    return NeuralNetwork(2, [n_features, 2], 0.1, "relu", "zero", epochs=1, batch_size=9)


@pytest.mark.parametrize("make", [MLPClassifier, MLPAutoencoder, report_s_class])
def test_fit_names_the_column_and_what_it_holds(make, wrong):
    X, said = wrong
    net = make(np.shape(X)[1]) if make is report_s_class else make((2,))
    with pytest.raises(InvalidValueError) as caught:
        net.fit(X, Y)
    assert f"X must have numbers in every column, got {said}" in str(caught.value)
    assert not hasattr(net, "n_features_in_")


def test_predictions_and_validation_data_are_checked_too():
    net = MLPClassifier((2,), n_iter_no_change=1, tol=9).fit(NUMBERS, Y)
    worse = NUMBERS.assign(size=WORDS)
    with pytest.raises(InvalidValueError, match=r"^X must have .* column 'size'"):
        net.predict(worse)
    with pytest.raises(InvalidValueError, match=r"^X_val must have .* column 'size'"):
        net.fit(NUMBERS, Y, X_val=worse, y_val=Y)


def test_other_columns_are_still_missed_first():
    net = MLPClassifier((2,), n_iter_no_change=1, tol=9).fit(NUMBERS, Y)
    with pytest.raises(ValueError, match="feature names should match"):
        net.predict(NUMBERS.assign(city=WORDS))


@pytest.mark.parametrize(
    "X", [NUMBERS, NUMBERS.astype(str), [["1", None]], np.array([[True, 2.5, {}]], object)]
)
def test_numbers_and_what_scikit_learn_speaks_of_are_left_alone(X):
    check_columns(X, "X")


def test_frames_of_other_kinds_and_columns_of_one_name_are_named_too():
    twice = pd.DataFrame([[1, "b"]] * 20, columns=["a", "a"])
    frames = [
        twice,
        pl.DataFrame({"age": range(20), "a": ["b"] * 20}),
        pa.table({"age": range(20), "a": ["b"] * 20}),
    ]
    for frame in frames:
        with pytest.raises(InvalidValueError, match="the text 'b' in row 0 of column 'a'"):
            check_columns(frame, "X")
