import pytest
from jinja2 import UndefinedError

from chainrule.report.page import duration, percent, render, scientific


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.946, "94.60\u202f%"), (0.0, "0.00\u202f%"), (1, "100.00\u202f%"), (None, "–")],
)
def test_percent(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0\u202fs"),
        (59.94, "59.9\u202fs"),
        (61, "1\u202fmin 1\u202fs"),
        (3600, "1\u202fh 0\u202fmin"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.5, "0.5"),
        (0.012, "0.012"),
        (2.61e-4, "2.6·10⁻⁴"),
        (1.25e12, "1.2·10¹²"),
        (123.4, "123"),
        (12.34, "12"),
    ],
)
def test_scientific(value, text):
    assert scientific(value) == text


def test_a_missing_value_is_an_error():
    with pytest.raises(UndefinedError):
        render("chainrule.reproduction", "index.html")
