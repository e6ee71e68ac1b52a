"""CSV and TSV, by the standard library's parser, in bounded memory.

The first row names the columns. Every value is text: what it is a number of is for others to say.
Blank lines do not count. A quote that is opened must be closed.

The parser knows the line that it is at. A row's line is looked up by reading the file again, as
only errors ask for it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path

import numpy as np

from chainrule._types import Array
from chainrule.datasets.packing import DAMAGED
from chainrule.datasets.tables import csv_faults
from chainrule.datasets.tables.cells import text_cells
from chainrule.datasets.tables.digests import file_digest
from chainrule.datasets.tables.faults import changed, damaged, fault, listed
from chainrule.datasets.tables.header import checked_names, looks_like_values
from chainrule.datasets.tables.table import PIECE_BYTES, PIECE_ROWS, Column, Piece, Table
from chainrule.datasets.tables.text_stream import (
    EndlessRowError,
    Watched,
    ZeroByteError,
    csv_reader,
    open_text,
    rows_of,
)
from chainrule.errors import DataFormatError

_SAMPLE_LINES = 20
_BLOCK_ROWS = 256
_BLOCK_CELLS = 2**20


class DelimitedTable(Table):
    """A file of delimited text.

    Parameters
    ----------
    name : str
        As the user gave it.
    path : Path
        The file.
    delimiters : str
        What may stand between values. The first lines decide, and the first of these where they
        cannot.
    """

    def __init__(self, name: str, path: Path, delimiters: str) -> None:
        self.name, self._path = name, path
        self._delimiter = delimiters[0]
        with self._errors():
            self._delimiter = self._sniffed(delimiters)
            self._names = self._checked_header()
        self.columns = tuple(map(Column, self._names))

    def pieces(self, rows: int = PIECE_ROWS) -> Iterator[Piece]:
        with self._errors(), self._rows() as (watched, rows_left):
            if tuple(map(str.strip, next(rows_left, []))) != self._names:
                raise changed(self.name)
            first = 0
            while cells := self._columns(watched, rows_left, rows, first):
                piece = Piece(dict(zip(self._names, cells, strict=True)), first)
                yield piece
                first += len(piece)

    def place(self, row: int) -> str:
        return f"line {csv_faults.line_of_row(self._path, self._delimiter, row)}"

    def digest(self) -> str:
        return file_digest(self._path)

    @contextmanager
    def _rows(self) -> Iterator[tuple[Watched, Iterator[list[str]]]]:
        with open_text(self._path) as (watched, text):
            yield watched, rows_of(watched, csv_reader(text, self._delimiter))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what stops the reading into an error that says where."""
        try:
            yield
        except (UnicodeDecodeError, ZeroByteError):
            raise csv_faults.not_text(self.name, self._path) from None
        except (csv.Error, EndlessRowError):
            raise csv_faults.malformed(self.name, self._path, self._delimiter) from None
        except DAMAGED as error:
            raise damaged(self.name, error) from error

    def _sniffed(self, delimiters: str) -> str:
        if len(delimiters) == 1:
            return delimiters
        lines = []
        with open_text(self._path) as (watched, text):
            for line in islice(text, _SAMPLE_LINES):
                watched.since_row = 0
                lines.append(line)
        # max takes the first of equals
        return max(delimiters, key=lambda delimiter: _how_well_split(lines, delimiter))

    def _checked_header(self) -> tuple[str, ...]:
        with self._rows() as (_, rows):
            header = next(rows, [])
            if not header:
                rule = "it must have a row of columns' names and rows of values"
                raise fault(self.name, rule, "an empty file", "check that it was written")
            if looks_like_values(header):
                rule, remedy = "its first row must name the columns", "put a row of names above it"
                raise fault(self.name, rule, f"numbers ({listed(header)})", remedy, place="line 1")
            names = checked_names(self.name, header, place="line 1")
            if not next(rows, []):
                rule = "it must have at least one row below the columns' names"
                raise fault(self.name, rule, "none", "add rows, or check that it was written")
        return names

    def _columns(
        self, watched: Watched, rows: Iterator[list[str]], most: int, first: int
    ) -> list[Array]:
        """Read some rows and return them by columns; none at the end.

        They are turned a block at a time, while it is in the processor's cache.
        """
        n_columns, blocks, n_rows = len(self._names), [], 0
        at_once = max(1, min(_BLOCK_ROWS, _BLOCK_CELLS // n_columns))
        stop = watched.n_bytes + PIECE_BYTES
        while n_rows < most and watched.n_bytes < stop:
            block = list(islice(rows, min(at_once, most - n_rows)))
            if not block:
                break
            if set(map(len, block)) != {n_columns}:
                raise self._ragged(block, first + n_rows)
            cells = text_cells(chain.from_iterable(block))
            blocks.append(np.ascontiguousarray(cells.reshape(-1, n_columns).T))
            n_rows += len(block)
        return list(np.concatenate(blocks, axis=1)) if blocks else []

    def _ragged(self, block: list[list[str]], first: int) -> DataFormatError:
        n_columns = len(self._names)
        index = next(i for i, row in enumerate(block) if len(row) != n_columns)
        rule = f"every row must have {n_columns} values, one for each column"
        remedy = f'complete the row, or put quotes around a value that has a "{self._delimiter}"'
        place = self.place(first + index)
        return fault(self.name, rule, len(block[index]), remedy, place=place)


def _how_well_split(lines: list[str], delimiter: str) -> tuple[bool, int]:
    """Rate a delimiter: it should make rows of one length, and of many values."""
    try:
        rows = list(filter(None, csv_reader(lines, delimiter, strict=False)))
    except csv.Error:  # a value that is too long
        return False, 0
    if len(lines) == _SAMPLE_LINES and len(rows) > 1:
        rows.pop()  # it may go on
    lengths = list(map(len, rows)) or [0]
    return len(set(lengths)) == 1 < lengths[0], lengths[0]
