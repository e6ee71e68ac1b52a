"""Predictions into files, a piece at a time: CSV, TSV, Parquet, JSON lines.

A format is a class that is given the file, and one line in :data:`WRITERS`. In CSV and TSV, which
spreadsheets open, what would be a formula is text: see :func:`~chainrule._text.escape_formula`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

from chainrule._text import no_formulas
from chainrule._types import Array
from chainrule.errors import InvalidValueError, OutputOverflowError, Words

Columns = Mapping[str, Array]  # by name, each (n,)


class Writer(Protocol):
    """Writes pieces of the same columns."""

    def write(self, columns: Columns) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Write what comes at the end; the file stays open."""


class Delimited:
    """CSV or TSV with a header, UTF-8, lines end in a line feed."""

    def __init__(
        self, file: IO[bytes], names: list[str], delimiter: str, *, escape_formulas: bool
    ) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._table = csv.writer(self._text, delimiter=delimiter, lineterminator="\n")
        self._cells = no_formulas if escape_formulas else list
        self._table.writerow(self._cells(names))

    def write(self, columns: Columns) -> None:
        lists = [self._cells(cells(values)) for values in columns.values()]
        self._table.writerows(zip(*lists, strict=True))

    def close(self) -> None:
        self._text.detach()


class JsonLines:
    """One JSON object a line."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, columns: Columns) -> None:
        rows = zip(*map(cells, columns.values()), strict=True)
        for row in rows:
            line = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)
            self._file.write(f"{line}\n".encode())

    def close(self) -> None:
        pass


class Parquet:
    """Parquet, by pyarrow; a row group a piece."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._writer: Any = None

    def write(self, columns: Columns) -> None:
        pyarrow = _pyarrow()
        table = pyarrow.table({name: pyarrow.array(cells(x)) for name, x in columns.items()})
        if self._writer is None:
            self._writer = pyarrow.parquet.ParquetWriter(self._file, table.schema)
        self._writer.write_table(table)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def cells(values: Array) -> list[Any]:
    """Return a column as Python's own values; a float32 with no more digits than it has."""
    if values.dtype.kind == "f" and values.dtype.itemsize < 8:
        return [float(str(value)) for value in values]
    listed: list[Any] = values.tolist()
    return listed


def _pyarrow() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise InvalidValueError(
            "writing Parquet needs the pyarrow package",
            Words("none"),
            "install it with pip install pyarrow, or write CSV",
        ) from None
    return pyarrow


# Of the file, the columns, and whether to escape formulas.
WRITERS: dict[str, Callable[..., Writer]] = {
    ".csv": lambda file, names, escape=True: Delimited(file, names, ",", escape_formulas=escape),
    ".tsv": lambda file, names, escape=True: Delimited(file, names, "\t", escape_formulas=escape),
    ".parquet": lambda file, names, escape=True: Parquet(file),
    ".jsonl": lambda file, names, escape=True: JsonLines(file),
}


def writer_of(path: Path) -> Callable[..., Writer]:
    """Return what writes a file of this name.

    Raises
    ------
    InvalidValueError
        If its suffix is unknown, or its format's package is not installed.
    """
    if path.suffix.lower() not in WRITERS:
        raise InvalidValueError(
            f"the output file must end in one of {', '.join(WRITERS)}",
            str(path),
            "rename it",
        )
    if path.suffix.lower() == ".parquet":
        _pyarrow()
    return WRITERS[path.suffix.lower()]


@contextmanager
def finite_predictions(table: str) -> Iterator[Callable[[Columns], None]]:
    """Yield a check of predictions; within it, rows that are too large are spoken of by the table.

    A network counts rows from the first of a piece, which nobody sees.

    Raises
    ------
    InvalidValueError
        If a prediction is not a finite number.
    """

    def beyond() -> InvalidValueError:
        return InvalidValueError(
            f"the predictions for {table} must be finite",
            Words("one beyond the largest number"),
            "look for rows that are far from those of training",
        )

    def check(columns: Columns) -> None:
        for values in columns.values():
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                raise beyond()

    try:
        yield check
    except OutputOverflowError as error:
        raise beyond() from error
