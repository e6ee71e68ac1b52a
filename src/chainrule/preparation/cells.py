"""What a cell says: a number, a date, a label, or a text.

A table's column has numbers, or texts as they stand in a file, with None where nothing is. A text
is a number if a spreadsheet would take it for one: ``12``, ``-3.5``, ``.5``, ``1e-3``. Not ``007``,
which is a code; not ``1_000``, ``1,000``, ``inf``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from chainrule._text import printable, unescape_formula
from chainrule._types import Array
from chainrule.errors import DataFormatError

LARGEST = 1e150  # the square of a larger number is beyond float64
LONGEST_PRINTED = 40  # characters of a value in an error
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_DATE = re.compile(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9](?:[T ][0-2][0-9]:[0-5][0-9].*)?"
    r"|[0-3]?[0-9]([./])[0-3]?[0-9]\1(?:[0-9]{2}){1,2}"
)
_WITH_POINT = re.compile(r"[+-]?(?:0|[1-9][0-9]*)\.0*")
_WITH_COMMA = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]+(?:[eE][+-]?[0-9]+)?")
# float() takes a text of these characters if _NUMBER does, leading zeros apart.
_PLAIN = re.compile(r"[0-9eE.+\-\n]*")
_LEADING_ZERO = re.compile(r"\n[+-]?0[0-9]")  # a fixed beginning makes the search quick


def to_numbers(values: Array) -> tuple[Array, Array]:
    """Return cells as numbers, and which of them are none.

    Parameters
    ----------
    values : array of shape (n,) or (n, d)
        Numbers, or objects: texts and None.

    Returns
    -------
    numbers : array of the same shape
        float64, NaN where a cell is missing or is no number.
    bad : array of bool of the same shape
        Where a cell has something that is no finite number below 1e150.
    """
    gone = missing(values)
    if values.dtype.kind == "O":
        numbers: Array = np.full(values.shape, np.nan)
        numbers[~gone] = _numbers_of(values[~gone].tolist())
    else:
        numbers = values.astype(np.float64)
    return numbers, _taken_out(numbers, gone)


def columns_to_numbers(columns: Sequence[Array], n: int) -> tuple[Array, Array]:
    """Return what :func:`to_numbers` does of several columns, their rows side by side.

    What takes as long for a short column as for a long one is done once for all of them.

    Parameters
    ----------
    columns : sequence of k arrays of shape (n,)
        Of any dtypes; there may be none.
    n : int
        How many rows they have.

    Returns
    -------
    numbers, bad : array of shape (k, n)
    """
    numbers: Array = np.full((len(columns), n), np.nan)
    gone = np.zeros(numbers.shape, bool)
    is_text = np.array([column.dtype.kind == "O" for column in columns], bool)
    for texts in (True, False):
        places = np.flatnonzero(is_text == texts)
        if not len(places):
            continue
        some = [columns[i] for i in places.tolist()]
        values = np.concatenate(some, dtype=object if texts else np.float64).reshape(len(some), n)
        gone[places] = missing(values)
        numbers[places] = _text_rows(values, gone[places]) if texts else values
    return numbers, _taken_out(numbers, gone)


def _text_rows(values: Array, gone: Array) -> Array:
    """Return texts of shape (k, n) as numbers, row by row: a row is quick if all of it is plain."""
    numbers: Array = np.full(values.shape, np.nan)
    n_gone = gone.sum(axis=1).tolist()
    for row, texts, missed, n in zip(numbers, values.tolist(), gone, n_gone, strict=True):
        if n:
            row[~missed] = _numbers_of([text for text in texts if text is not None])
        else:
            row[:] = _numbers_of(texts)
    return numbers


def _taken_out(numbers: Array, gone: Array) -> Array:
    """Return where numbers are none or too large though something is there; they become NaN."""
    bad = ~(np.abs(numbers) < LARGEST) & ~gone
    numbers[bad] = np.nan
    return bad


def _numbers_of(texts: list[str]) -> Array:
    """Return texts as numbers, NaN where one is none: fast where all are, or few are different."""
    joined = "\n".join(texts)
    if _PLAIN.fullmatch(joined) and not _LEADING_ZERO.search(f"\n{joined}"):
        with suppress(ValueError):
            return np.fromiter(map(float, texts), np.float64, len(texts))
    known = {text: float(text) if _NUMBER.fullmatch(text) else np.nan for text in set(texts)}
    return np.fromiter(map(known.__getitem__, texts), np.float64, len(texts))


def missing(values: Array) -> Array:
    """Return where nothing is: None or NaN."""
    if values.dtype.kind == "O":
        gone: Array = np.equal(values, np.array(None)).astype(bool)
        return gone
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)


def to_texts(values: Array) -> list[str | None]:
    """Return cells of shape (n,) as texts, None where missing; integers have no point."""
    if values.dtype.kind == "O":
        texts: list[str | None] = values.tolist()
        return texts
    gone = missing(values).tolist()
    return [None if no else _text_of(cell) for cell, no in zip(values.tolist(), gone, strict=True)]


def _text_of(number: Any) -> str:
    if isinstance(number, float) and number.is_integer():
        return str(int(number))
    return str(number)


def found_again(texts: Collection[str], known: Collection[str]) -> dict[str, str]:
    """Return which texts are known ones that another file writes differently.

    ``1.0`` is ``1``: pandas writes whole numbers so as soon as one of a column is missing. ``'=a``
    is ``=a``, as a table for spreadsheets has it (:func:`~chainrule._text.escape_formula`). What
    could be several known ones is none.

    Parameters
    ----------
    texts : collection of str
        Of a table, none of them known as it stands.
    known : collection of str
        Of training.
    """
    by_number: dict[Decimal, list[str]] = {}
    for one in known:
        if (number := _exact(one)) is not None:
            by_number.setdefault(number, []).append(one)
    found = {}
    for text in texts:
        number = _exact(text)
        same = [] if number is None else by_number.get(number, [])
        if (plain := unescape_formula(text)) in known:
            same = [plain]
        if len(same) == 1:
            found[text] = same[0]
    return found


def _exact(text: str) -> Decimal | None:
    """Return a text's number, without rounding; None if it is none."""
    if _NUMBER.fullmatch(text) is None:
        return None
    with suppress(InvalidOperation):  # of an exponent of many digits
        return Decimal(text)
    return None


def without_point(text: str) -> str:
    """Return the text of a whole number as a frame's 1.0 has it, "1"; others as they are."""
    return text.partition(".")[0] if _WITH_POINT.fullmatch(text) else text


def is_number_text(text: str) -> bool:
    """Return whether a text is a number, however large."""
    return _NUMBER.fullmatch(text) is not None


def has_decimal_comma(text: str) -> bool:
    """Return whether a text looks like a number with a decimal comma: ``0,5``, ``1.234,5``."""
    return _WITH_COMMA.fullmatch(text) is not None


def are_integers(texts: Iterable[str]) -> bool:
    """Return whether every text is an integer as Python writes it, but for a plus sign."""
    return all(_INTEGER.fullmatch(text) for text in texts)


def is_date(text: str) -> bool:
    """Return whether a text looks like a date, with or without a time."""
    return _DATE.fullmatch(text) is not None


def cell_error(name: str, place: str, column: str, what: str) -> DataFormatError:
    """Return the error about a cell: where it is, what is wrong, and what to do."""
    return DataFormatError(printable(f"{name}, {place}, column {column}: {what}"))


def printed(value: object) -> str:
    """Return a cell's value in quotes, safe to print and not too long."""
    return f"'{printable(str(value), LONGEST_PRINTED)}'"
