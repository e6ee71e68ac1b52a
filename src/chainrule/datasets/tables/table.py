"""What every reader gives: a table of named columns, read in pieces, each time anew.

A table is a file that is open for reading, not its content: a pass over it holds one piece at a
time. One row is one sample. A column has one value a row, or an array a row (an image, a matrix's
row): that is one *wide* column, flattened, with the shape beside it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule._types import Array

PIECE_ROWS = 16384
"""The most rows of a piece unless told otherwise."""

PIECE_BYTES = 2**22
"""From about so many bytes on, a piece has fewer rows than it was asked for."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Its name.
    shape : tuple of int, default ()
        The shape of one row's value: () for one value, (28, 28) for an image.
    dtype : dtype, default object
        Of the arrays in the pieces. object means text: each value a str without white space
        around it, or None where it is missing. Numbers that are missing are NaN.
    """

    name: str
    shape: tuple[int, ...] = ()
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(object))

    @property
    def row_bytes(self) -> int:
        """How many bytes one row takes."""
        return self.dtype.itemsize * math.prod(self.shape)


@dataclass(frozen=True, eq=False)
class Piece:
    """Some rows of a table, in its order.

    Parameters
    ----------
    columns : mapping from str to ndarray of shape (n,) or (n, d)
        The values; (n, d) for a wide column.
    first : int
        The number of its first row in the table, from 0.
    """

    columns: Mapping[str, Array]
    first: int

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


class Table(ABC):
    """A table that is open for reading.

    Attributes
    ----------
    name : str
        As the user gave it; errors and reports say it.
    columns : tuple of Column
        What there is.
    target : str or None
        The column that the format itself calls the target, if it does.
    n_rows : int or None
        How many rows there are, where that is known without reading them.
    class_names : tuple of str or None
        If the target is a number from 0 on, what each stands for; if it is text, the texts.
    """

    name: str
    columns: tuple[Column, ...]
    target: str | None = None
    n_rows: int | None = None
    class_names: tuple[str, ...] | None = None

    @abstractmethod
    def pieces(self, rows: int = PIECE_ROWS) -> Iterator[Piece]:
        """Read the table from its first row on; every call starts anew.

        Parameters
        ----------
        rows : int, default 16384
            The most rows of a piece; fewer where rows are large, and at the end.

        Raises
        ------
        DataFormatError
            If the file is not what it claims to be; it says where.
        """

    @abstractmethod
    def place(self, row: int) -> str:
        """Say where a row is, for errors: "line 12", "row 12 (counted from 0)", a file's name."""

    @abstractmethod
    def digest(self) -> str:
        """Return the SHA-256 of the content, in hexadecimal."""

    def _rows_at_once(self, rows: int) -> int:
        """Return how many rows a piece has, so that it is not much larger than PIECE_BYTES."""
        row_bytes = sum(column.row_bytes for column in self.columns)
        return max(1, min(rows, PIECE_BYTES // max(1, row_bytes)))
