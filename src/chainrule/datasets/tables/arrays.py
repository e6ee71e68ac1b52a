"""Arrays as a table: what is in memory already, or mapped into it from a file.

The values stay where they are; a piece has views of them where it can. Texts and what only has a
sense as text (dates) become cells of text, numbers keep their type but for the byte order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.datasets.tables.cells import text_cells
from chainrule.datasets.tables.faults import check_unicode, fault
from chainrule.datasets.tables.table import PIECE_ROWS, Column, Piece, Table

_LAST_CHARACTER = 0x10FFFF
_NUMBERS, _TEXTS = "biuf", "OUSM"
_MISSING = ("<NA>", "NaT")  # what pandas and NumPy call what is not there


class ArrayTable(Table):
    """A table of arrays that have one row each for a sample.

    Parameters
    ----------
    name : str
        As the user gave it, or what to call it.
    arrays : mapping from str to ndarray of shape (n, ...)
        The columns.
    target : str, optional
        Which of them is the target.
    class_names : tuple of str, optional
        What the target's numbers stand for.
    digest : callable, optional
        Returns the SHA-256; by default it is taken over the values.

    Raises
    ------
    DataFormatError
        If the arrays differ in length, have no rows, or values of a type that is neither
        number nor text.
    """

    def __init__(
        self,
        name: str,
        arrays: Mapping[str, Array],
        *,
        target: str | None = None,
        class_names: tuple[str, ...] | None = None,
        digest: Callable[[], str] | None = None,
    ) -> None:
        self.name, self.target, self.class_names = name, target, class_names
        self._arrays, self._digest = dict(arrays), digest
        self.columns = tuple(
            column_of(name, one, array.dtype, array.shape[1:])
            for one, array in self._arrays.items()
        )
        self.n_rows = common_length(name, {one: len(array) for one, array in self._arrays.items()})

    def pieces(self, rows: int = PIECE_ROWS) -> Iterator[Piece]:
        step = self._rows_at_once(rows)
        for first in range(0, self.n_rows or 0, step):
            some = {name: array[first : first + step] for name, array in self._arrays.items()}
            columns = {name: values_of(self.name, array) for name, array in some.items()}
            yield Piece(columns, first)

    def place(self, row: int) -> str:
        return row_place(row)

    def digest(self) -> str:
        return _digest_of(self) if self._digest is None else self._digest()


def row_place(row: int) -> str:
    """Say where a row is in what has no lines."""
    return f"row {row} (counted from 0)"


def column_of(name: str, column: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Column:
    """Return the description of an array as a column.

    Parameters
    ----------
    name, column : str
        The table, for errors, and the column.
    dtype : dtype
        The array's.
    shape : tuple of int
        Of one row.

    Raises
    ------
    DataFormatError
        If its values are neither numbers nor text.
    """
    if dtype.kind not in _NUMBERS + _TEXTS:
        rule = f'the column "{column}" must hold numbers or text'
        raise fault(name, rule, f"values of type {dtype}", "convert it, or leave it out")
    return Column(column, shape, _dtype_of(dtype))


def common_length(name: str, lengths: Mapping[str, int]) -> int:
    """Return the number of rows of a table, from those of its columns.

    Raises
    ------
    DataFormatError
        If they differ, or are 0.
    """
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{length} in {column}" for column, length in lengths.items())
        raise fault(name, "all columns must have as many rows", found, "make them equally long")
    n_rows = next(iter(lengths.values()), 0)
    if n_rows == 0:
        raise fault(name, "there must be at least one row", "none", "give some")
    return n_rows


def values_of(name: str, array: Array) -> Array:
    """Return some rows of an array as a piece has them: numbers or text, (n,) or (n, d).

    Raises
    ------
    DataFormatError
        If it is text with characters that Unicode does not have, or halves of pairs.
    """
    flat = array.reshape(len(array), -1) if array.ndim > 1 else array
    if array.dtype.kind in _NUMBERS:
        return np.asarray(flat, _dtype_of(array.dtype))
    if array.dtype.kind == "U":  # Python ends in an error of its own for other numbers
        codes = np.array(flat, array.dtype.newbyteorder("="), order="C").view(np.uint32)
        if codes.max(initial=0) > _LAST_CHARACTER:
            rule, remedy = "its text must be Unicode", "it is damaged; get it again"
            raise fault(name, rule, f"a character 0x{codes.max():X}", remedy)
    if array.dtype.kind == "M":  # the standard library has no nanoseconds
        flat = flat.astype(str)
    texts = list(map(_text_of, flat.ravel().tolist()))
    check_unicode(name, texts, "decode its bytes as what they are")
    return text_cells(texts).reshape(flat.shape)


def _dtype_of(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype.kind in _TEXTS:
        return np.dtype(object)
    if dtype.itemsize > np.dtype(np.float64).itemsize:  # long doubles
        return np.dtype(np.float64)
    return dtype.newbyteorder("=")


def _text_of(value: Any) -> str:
    """Return a value as the text that a CSV would have; empty if it is missing."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None or str(value) in _MISSING else str(value)


def _digest_of(table: Table) -> str:
    digest = hashlib.sha256()
    for column in table.columns:
        digest.update(f"{column.name}\n{column.shape}\n{column.dtype.str}\n".encode())
    for piece in table.pieces():
        for values in piece.columns.values():
            content = repr(values.tolist()).encode() if values.dtype == object else values.tobytes()
            digest.update(content)
    return digest.hexdigest()
