import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule._text import (
    counted,
    encodable,
    escape_formula,
    no_formulas,
    printable,
    unescape_formula,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("café, naïve, 数字 <b>", "café, naïve, 数字 <b>"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\nlines\ttab\x00", "two\\nlines\\ttab\\x00"),
        ("right\u202eleft", "right\\u202eleft"),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_what_cannot_be_seen_is_an_escape(text, shown):
    assert printable(text) == shown


def test_long_texts_are_cut():
    assert printable("abcdef", 3) == "abc…"
    assert printable("abc", 3) == "abc"


def test_a_number_has_its_noun():
    assert [counted(n, "row") for n in (0, 1, 2, 3000)] == [
        "0 rows",
        "1 row",
        "2 rows",
        "3,000 rows",
    ]
    assert counted(1, "class", "classes") == "1 class"
    assert counted(2, "class", "classes") == "2 classes"


@given(st.text(st.characters()))
def test_everything_is_printable_and_can_be_encoded(text):
    assert printable(text).isprintable()
    printable(text).encode()


@given(st.text(st.characters()))
def test_what_utf8_has_stays_and_the_rest_is_what_json_writes(text):
    written = encodable(json.dumps(text, ensure_ascii=False))
    assert json.loads(written.encode()) == text
    is_unicode = not any("\ud800" <= one <= "\udfff" for one in text)
    assert (encodable(text) == text) == is_unicode


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "@SUM(1)",
        "-1+1",
        "+a",
        "\t=1",
        "\r=1",
        "\n=1",
        "\uff1d1",
        "'=1",
        "-inf",
    ],
)
def test_what_a_spreadsheet_may_compute_is_escaped(text):
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "a", "a=b", "'", "'a", "+", "-", "=", "-3.5", "+1e-3", "-.5", "12"]
)
def test_what_is_no_formula_stays(text):
    assert escape_formula(text) == text


@given(st.text(st.sampled_from("'=+-@\t1.ea")) | st.text())
def test_escaping_can_be_undone(text):
    assert unescape_formula(escape_formula(text)) == text


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_numbers_are_no_formulas(number):
    assert no_formulas([number, str(number)]) == [number, str(number)]
