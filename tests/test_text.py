import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule._text import encodable, printable


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
