from __future__ import annotations

import decimal as standard
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.errors import InvalidValueError
from chainrule.worked.numbers import decimal, is_rounded, parse_number, split_cells, to_float


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        ("0.1", Fraction(1, 10)),
        ("-1/3", Fraction(-1, 3)),
        (" 1e-3 ", Fraction(1, 1000)),
        (".5", Fraction(1, 2)),
        ("2.", Fraction(2)),
        (0.1, Fraction(1, 10)),
        (np.float32(0.5), Fraction(1, 2)),
        (np.int64(7), Fraction(7)),
        (Fraction(2, 7), Fraction(2, 7)),
    ],
)
def test_numbers_are_read_as_they_are_written(given, exact):
    assert parse_number("x", given) == exact


@pytest.mark.parametrize(
    "given", ["one", "", "1/2/3", "0x10", "nan", "inf", "1e999", "٣", "1" * 41, None, True, [1], 1j]
)
def test_what_is_no_number_is_refused(given, message_of):
    shown = InvalidValueError("x must be a number", given, "write it as 0.1, -2, 1/3 or 1e-3")
    assert message_of(InvalidValueError, parse_number, "x", given) == str(shown)


def test_floats_that_are_not_finite_are_refused(message_of):
    for value in (float("nan"), float("inf")):
        assert "x must be a number" in message_of(InvalidValueError, parse_number, "x", value)


def test_a_denominator_of_zero_is_refused(message_of):
    message = message_of(InvalidValueError, parse_number, "weights of layer 1", "1/0")
    assert message == (
        "weights of layer 1 must not be a fraction with denominator 0, got '1/0': change it"
    )


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (Fraction(2, 3), 4, "0.6667"),
        (Fraction(1, 8), 2, "0.13"),  # half away from zero
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(1, 10), 4, "0.1"),
        (Fraction(100), 4, "100"),
        (Fraction(1, 10**4), 4, "0.0001"),
        (Fraction(12345, 10**8), 4, "1.235e-4"),
        (Fraction(-99996, 10**8), 4, "-1e-3"),
        (Fraction(10**15), 4, "1e15"),
        (0.1, 20, "0.1"),
        (Fraction(0), 4, "0"),
    ],
)
def test_decimals(value, digits, shown):
    assert str(decimal(value, digits)) == shown


@given(st.fractions(max_denominator=10**6), st.integers(1, 12))
def test_decimals_are_rounded_as_the_standard_library_rounds(value, digits):
    shown = decimal(value, digits)
    if shown.exponent is not None:
        assert abs(Fraction(str(shown)) / value - 1) <= Fraction(1, 2 * 10 ** max(digits - 1, 1))
        return
    with standard.localcontext() as context:
        context.prec = 60
        exact = standard.Decimal(value.numerator) / standard.Decimal(value.denominator)
        rounded = exact.quantize(standard.Decimal(1).scaleb(-digits), standard.ROUND_HALF_UP)
    assert Fraction(str(shown)) == Fraction(rounded)


def test_is_rounded_tells_what_is_shown_exactly():
    assert is_rounded(Fraction(1, 3))
    assert not is_rounded(Fraction(1, 4))
    assert is_rounded(Fraction(1, 8), 2)
    assert not is_rounded(0.1)


def test_numbers_of_thousands_of_digits_are_shown():
    assert str(decimal(Fraction(10**6000, 3 * 10**6010), 4)) == "3.333e-11"


def test_what_no_float_holds_is_refused(message_of):
    message = message_of(InvalidValueError, to_float, "the loss", Fraction(10**400))
    assert message == "the loss must be finite in float64, got inf: use smaller numbers"


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("1, -2;3 4", [["1", "-2"], ["3", "4"]]),
        (" 1 ; 2 ; ", [["1"], ["2"]]),
        ("1\t2\n3", [["1", "2", "3"]]),
    ],
)
def test_words_of_a_text(text, groups):
    assert split_cells("x", text) == groups
    assert split_cells("x", text, spaces=False)[-1][-1].endswith(groups[-1][-1])


@pytest.mark.parametrize("spaces", [True, False])
@pytest.mark.parametrize("text", ["", " ", "1,,1", "1, ,1", ",1", "1,", "1;;2", ";", "1,;2", "1;;"])
def test_an_empty_place_is_refused(text, spaces, message_of):
    assert message_of(InvalidValueError, split_cells, "x", text, spaces=spaces) == (
        "x must have no empty places between commas and semicolons, "
        f"got {text!r}: write what is missing, or take a comma out"
    )
