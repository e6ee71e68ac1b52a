from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chainrule._text import escape_formula
from chainrule.preparation.cells import (
    columns_to_numbers,
    found_again,
    has_decimal_comma,
    is_date,
    missing,
    to_numbers,
    to_texts,
    without_point,
)

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


kinds = st.sampled_from([np.array(["1", None], object), np.array([None, "007"], object)]) | (
    st.sampled_from([np.array([1, 2]), np.array([np.nan, 1e200]), np.array([True, False])])
)


@given(
    st.lists(
        kinds
        | st.lists(st.sampled_from([*NUMBERS, *NO_NUMBERS, None]), min_size=2, max_size=2).map(
            lambda texts: np.array(texts, object)
        ),
        max_size=6,
    )
)
def test_columns_side_by_side_are_what_each_is_alone(columns):
    numbers, bad = columns_to_numbers(columns, len(columns[0]) if columns else 3)
    assert len(numbers) == len(bad) == len(columns)
    for column, found, wrong in zip(columns, numbers, bad, strict=True):
        alone, wrong_alone = to_numbers(column)
        np.testing.assert_array_equal(found, alone)
        assert wrong.tolist() == wrong_alone.tolist()


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


@pytest.mark.parametrize(
    ("text", "known", "found"),
    [
        ("1.0", ["1", "2"], "1"),
        ("1", ["1.0", "2.0"], "1.0"),
        ("1.50", ["1.5", "a"], "1.5"),
        ("1e3", ["1000"], "1000"),
        ("-0.0", ["0"], "0"),
        (
            "12345678901234567891.0",
            ["12345678901234567890", "12345678901234567891"],
            "12345678901234567891",
        ),
        ("1e9999999999999999999", ["1"], None),
        ("01", ["1"], None),
        ("1.00", ["1", "1.0"], None),
        ("x", ["1"], None),
        ("'=a", ["=a"], "=a"),
        ("''=a", ["'=a", "=a"], "'=a"),
        ("'a", ["a"], None),
    ],
)
def test_a_known_text_that_is_written_differently(text, known, found):
    assert found_again([text], known).get(text) == found


@given(st.lists(st.integers(-(10**30), 10**30), unique=True, max_size=5))
def test_whole_numbers_are_found_with_a_point_and_without(numbers):
    plain, pointed = ([f"{number}{end}" for number in numbers] for end in ("", ".0"))
    assert found_again(pointed, plain) == dict(zip(pointed, plain, strict=True))
    assert found_again(plain, pointed) == dict(zip(plain, pointed, strict=True))
    assert list(map(without_point, pointed)) == plain


@given(st.lists(st.text(), unique=True, max_size=5))
def test_escaped_texts_are_found(texts):
    escaped = [one for one in map(escape_formula, texts) if one not in texts]
    found = found_again(escaped, texts)
    assert [escape_formula(found[one]) for one in escaped] == escaped


@pytest.mark.parametrize("text", ["1.0", "12.", "-3.000"])
def test_whole_numbers_lose_their_point(text):
    assert without_point(text) == str(int(float(text)))


@pytest.mark.parametrize("text", ["1.5", "1.10", "007.0", "1e3", "v1.0", "1.0.0", ""])
def test_other_texts_stay_as_they_are(text):
    assert without_point(text) == text


@pytest.mark.parametrize("text", ["0,5", "-12,25", "1.234,5", "1,5e-3", "007,5"])
def test_what_has_a_decimal_comma(text):
    assert has_decimal_comma(text)


@pytest.mark.parametrize("text", ["0.5", "1,2,3", "a,5", "12,", ",5 ", "1,234.5", "12.34,5", ""])
def test_what_has_none(text):
    assert not has_decimal_comma(text)
