"""What a cell says: a number, a date, a label, or a text.

A table's column has numbers, or texts as they stand in a file, with None where nothing is. A number
is what a spreadsheet would take for one: ``12``, ``-3.5``, ``.5``, ``1e-3``. Not ``007``, which is a
code; not ``1_000``, ``1,000``, ``inf``. What a column of such cells becomes is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule._text import printable
from chainrule._types import Array

LARGEST = 1e150  # the square of a larger number is beyond float64
LONGEST_PRINTED = 40  # characters of a value in an error
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_DATE = re.compile(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9](?:[T ][0-2][0-9]:[0-5][0-9].*)?"
    r"|[0-3]?[0-9]([./])[0-3]?[0-9]\1(?:[0-9]{2}){1,2}"
)
# float() takes a text of these characters if _NUMBER does, leading zeros apart.
_PLAIN = re.compile(r"[0-9eE.+\-\n]*")
_LEADING_ZERO = re.compile(r"(?:^|\n)[+-]?0[0-9]")


def to_numbers(values: Array) -> tuple[Array, Array]:
    """Return cells as numbers, and which of them are none.

    Parameters
    ----------
    values : array of shape (n,) or (n, d)
        Numbers, or objects: texts, numbers, None.

    Returns
    -------
    numbers : array of the same shape
        float64, NaN where a cell is missing or is no number.
    bad : array of bool of the same shape
        Where a cell has something that is no finite number below 1e150.
    """
    if values.dtype.kind in "OUS":
        numbers = _numbers_of(values.ravel().tolist()).reshape(values.shape)
    elif values.dtype.kind in "buif":
        numbers = values.astype(np.float64)
    else:  # dates
        numbers = np.full(values.shape, np.nan)
    bad = ~(np.abs(numbers) < LARGEST) & ~missing(values)
    numbers[bad] = np.nan
    return numbers, bad


def _numbers_of(cells: list[Any]) -> Array:
    numbers: Array = np.full(len(cells), np.nan)
    there = [i for i, cell in enumerate(cells) if cell is not None]
    present = [cells[i] for i in there]
    numbers[there] = _all_numbers(present) or [_number_of(cell) for cell in present]
    return numbers


def _all_numbers(cells: list[Any]) -> list[float] | None:
    """Return cells as numbers, fast, or None where one of them may be none."""
    try:
        return list(map(float, cells)) if _are_plain(cells) else None
    except ValueError:
        return None


def _are_plain(cells: list[Any]) -> bool:
    try:
        joined = "\n".join(cells)
    except TypeError:  # not all are texts
        return False
    return bool(_PLAIN.fullmatch(joined)) and not _LEADING_ZERO.search(joined)


def _number_of(cell: Any) -> float:
    if isinstance(cell, str):
        return float(cell) if _NUMBER.fullmatch(cell) else np.nan
    return float(cell) if isinstance(cell, bool | int | float | np.generic) else np.nan


def missing(values: Array) -> Array:
    """Return where nothing is: None, NaN, or no time."""
    if values.dtype.kind == "O":
        # Only NaN is not equal to itself.
        flat = [cell is None or cell != cell for cell in values.ravel()]
        return np.array(flat, bool).reshape(values.shape)
    if values.dtype.kind == "M":
        return np.asarray(np.isnat(values))
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)


def to_texts(values: Array) -> list[str | None]:
    """Return cells as texts, None where missing; a number is what a file would have."""
    return [
        None if gone else _text_of(cell)
        for cell, gone in zip(values.tolist(), missing(values), strict=True)
    ]


def _text_of(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def are_integers(texts: Iterable[str]) -> bool:
    """Return whether every text is an integer as Python writes it, but for a plus sign."""
    return all(_INTEGER.fullmatch(text) for text in texts)


def is_date(text: str) -> bool:
    """Return whether a text looks like a date, with or without a time."""
    return _DATE.fullmatch(text) is not None


def printed(value: object) -> str:
    """Return a cell's value in quotes, safe to print and not too long."""
    return repr(printable(str(value), LONGEST_PRINTED))
