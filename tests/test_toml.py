from __future__ import annotations

from fractions import Fraction

import pytest

from chainrule._toml import parse_toml, read_toml
from chainrule.errors import DataFormatError, DataNotFoundError, InvalidValueError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.toml"


@pytest.mark.parametrize("content", ["a = 0.1\n", "\ufeffa = 0.1\r\n"])
def test_a_file_with_or_without_a_byte_order_mark(path, content):
    path.write_bytes(content.encode())
    assert read_toml(path, parse_float=Fraction) == {"a": Fraction(1, 10)}


def test_integers_are_exact_as_long_as_python_reads_them(path):
    path.write_text(f"a = {10**4000}")
    assert read_toml(path) == {"a": 10**4000}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("a = ", "Invalid value (at end of document)"),
        ("a = " + 5000 * "9", "it has an integer of more than 4,300 digits"),
        ("a = -" + 5000 * "9", "it has an integer of more than 4,300 digits"),
        ("a = " + 100_000 * "[", "its lists are nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_said(path, content, why, message_of):
    assert message_of(DataFormatError, parse_toml, content) == why
    path.write_text(content)
    assert message_of(DataFormatError, read_toml, path) == f"{path} is not TOML: {why}: mend it"


def test_what_is_not_there(path, message_of):
    message = f"there is no file {path}: give a TOML file's name"
    assert message_of(DataNotFoundError, read_toml, path) == message


def test_an_error_about_a_number_is_its_own():
    def refuse(text):
        raise InvalidValueError("it must be small", text, "change it")

    with pytest.raises(InvalidValueError):
        parse_toml("a = 1.5", parse_float=refuse)
