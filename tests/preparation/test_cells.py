from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chainrule.preparation.cells import is_date, missing, to_numbers, to_texts

NUMBERS = {
    "12": 12,
    "-3.5": -3.5,
    "+.5": 0.5,
    "5.": 5,
    "0": 0,
    "0.25": 0.25,
    "1e-3": 1e-3,
    "1E5": 1e5,
    "-0": 0,
}
NO_NUMBERS = [
    "007",
    "-01",
    "1_000",
    "1,000",
    "inf",
    "nan",
    "1e200",
    "0x10",
    "1 2",
    "abc",
    "+",
    "١٢",
]


def cells(*values):
    return np.array(values, object)


@pytest.mark.parametrize("company", [[], ["abc"]], ids=["alone", "beside a text"])
def test_what_a_number_is(company):
    numbers, bad = to_numbers(cells(*NUMBERS, *company))
    assert numbers[: len(NUMBERS)].tolist() == list(NUMBERS.values())
    assert bad.tolist() == [False] * len(NUMBERS) + [True] * len(company)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_a_number_is_not(text):
    numbers, bad = to_numbers(cells(text, "1"))
    assert math.isnan(numbers[0])
    assert bad.tolist() == [True, False]


@given(st.lists(st.text("0123456789+-.eE_ ia", max_size=6), min_size=1))
@example(["1", "+-1"])
def test_what_a_number_is_does_not_depend_on_the_cells_beside_it(texts):
    together, bad = to_numbers(cells(*texts))
    apart = [to_numbers(cells(text, "x")) for text in texts]
    np.testing.assert_array_equal(together, [numbers[0] for numbers, _ in apart])
    assert bad.tolist() == [wrong[0] for _, wrong in apart]


def test_a_missing_cell_is_not_bad():
    numbers, bad = to_numbers(cells("1", None))
    np.testing.assert_array_equal(numbers, [1, np.nan])
    assert bad.tolist() == [False, False]
    numbers, bad = to_numbers(np.array([1, np.nan, np.inf, 1e200]))
    np.testing.assert_array_equal(numbers, [1, np.nan, np.nan, np.nan])
    assert bad.tolist() == [False, False, True, True]


def test_missing_cells_of_wide_columns():
    wide = np.array([["a", None], [None, "b"]], object)
    assert missing(wide).tolist() == [[False, True], [True, False]]
    assert missing(np.array([[1, np.nan]])).tolist() == [[False, True]]
    assert missing(np.array([1, 2])).tolist() == [False, False]


def test_numbers_as_texts_are_what_a_file_would_have():
    assert to_texts(np.array([1.0, 2.5, np.nan])) == ["1", "2.5", None]
    assert to_texts(np.array([1, -2])) == ["1", "-2"]
    assert to_texts(np.array([True, False])) == ["True", "False"]
    assert to_texts(cells("a", None)) == ["a", None]


@pytest.mark.parametrize(
    "text", ["2024-02-29", "2024-02-29T12:30:00", "2024-02-29 12:30", "1.2.2024", "12/31/99"]
)
def test_what_a_date_is(text):
    assert is_date(text)


@pytest.mark.parametrize("text", ["2024", "2024-99-01", "1.5", "12/31", "1.2/2024", "May 2024"])
def test_what_a_date_is_not(text):
    assert not is_date(text)
