"""What kind of column each is, by written rules, and why, in words.

A rule is a function of what a first pass has counted; the first that says something decides, in the
order of :data:`RULES`. docs/preparation.md has the same for people.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from chainrule._text import counted
from chainrule.preparation.cells import has_decimal_comma, is_number_text, printed
from chainrule.preparation.tally import MOST_DISTINCT, Tally

NUMBERS_OF_ALL = 0.95  # of the values that are there: then the others are mistakes
FEW = 20  # fewer different texts are categories, however few rows there are
LEAST_TO_NUMBER = 20  # rows, before a column is taken to number them

USED = ("number", "category", "pixels", "block")  # what becomes columns of X
LEFT_OUT = ("constant", "identifier", "date", "text", "drop")
# What users may say of a column, by whether a row of it is one value, a row of bytes or of numbers.
SAYABLE = {
    "single": ("number", "category", "drop"),
    "bytes": ("pixels", "block", "drop"),
    "wide": ("block", "drop"),
}


class Verdict(NamedTuple):
    """What a column is.

    Attributes
    ----------
    kind : str
        In :data:`USED` or :data:`LEFT_OUT`.
    reason : str
        Why, as the end of a sentence: "7 different texts".
    """

    kind: str
    reason: str


def kind_of(tally: Tally, said: str | None = None) -> Verdict:
    """Return what a column of single values is: what was said of it, if it has any value."""
    if said is not None:
        return _empty(tally) or Verdict(said, "as you said")
    for rule in RULES:
        verdict = rule(tally)
        if verdict is not None:
            return verdict
    raise AssertionError("the last rule always says something")


def _empty(tally: Tally) -> Verdict | None:
    return None if tally.n_present else Verdict("constant", "no row has a value")


def _constant(tally: Tally) -> Verdict | None:
    if tally.distinct is None or len(tally.distinct) > 1 or tally.n_missing:
        return None
    return Verdict("constant", f"every row has {printed(*tally.distinct)}")


def _row_number(tally: Tally) -> Verdict | None:
    if not tally.counts_rows or tally.n_rows < LEAST_TO_NUMBER:
        return None
    return Verdict("identifier", "it numbers the rows")


def _number(tally: Tally) -> Verdict | None:
    if not is_number(tally):
        return None
    span = f"{tally.low:.6g} to {tally.high:.6g}"
    return Verdict("number", f"numbers from {span}")


def _date(tally: Tally) -> Verdict | None:
    return Verdict("date", "dates are not used") if tally.all_dates else None


def decimal_commas(tally: Tally) -> str | None:
    """Return the first number with a decimal comma if nearly all are numbers, many of them so."""
    with_comma = [text for text in tally.head if "," in text and has_decimal_comma(text)]
    if len(set(with_comma)) < FEW:
        return None
    n = len(with_comma) + sum(map(is_number_text, tally.head))
    return with_comma[0] if n >= NUMBERS_OF_ALL * len(tally.head) else None


def _decimal_commas(tally: Tally) -> Verdict | None:
    number = decimal_commas(tally)
    if number is None:
        return None
    what = f"looks like numbers with decimal commas ({printed(number)}): use points"
    return Verdict("text", what)


def _category(tally: Tally) -> Verdict | None:
    n = len(tally.distinct or ())
    if not n or (n >= FEW and 2 * n > tally.n_present):
        return None
    return Verdict("category", counted(n, "different value"))


def _identifier(tally: Tally) -> Verdict | None:
    if len(set(tally.head)) < len(tally.head):
        return None
    return Verdict("identifier", "no value is there twice")


def _text(tally: Tally) -> Verdict | None:
    n = f"more than {MOST_DISTINCT:,}" if tally.distinct is None else f"{len(tally.distinct):,}"
    return Verdict("text", f"{n} different or long texts are too many for categories")


RULES: list[Callable[[Tally], Verdict | None]] = [
    _empty,
    _constant,
    _row_number,
    _number,
    _date,
    _decimal_commas,
    _category,
    _identifier,
    _text,
]


def is_number(tally: Tally) -> bool:
    """Return whether nearly all values that are there are numbers."""
    return (
        tally.dtype.kind in "buif"
        or tally.n_present - tally.n_bad >= NUMBERS_OF_ALL * tally.n_present > 0
    )
