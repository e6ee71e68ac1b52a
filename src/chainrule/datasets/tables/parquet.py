"""Parquet files, by pyarrow, a batch of rows at a time.

Numbers keep their type, or become float64 where some are missing; decimals become float64. Text,
categories, dates and times become text. A list of a fixed number of numbers is a wide column.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.datasets.tables.arrays import row_place
from chainrule.datasets.tables.cells import text_cells
from chainrule.datasets.tables.digests import file_digest
from chainrule.datasets.tables.faults import changed, fault
from chainrule.datasets.tables.header import checked_names
from chainrule.datasets.tables.table import PIECE_ROWS, Column, Piece, Table
from chainrule.errors import InvalidValueError, Words

# A file that says more of itself than this is not believed: pages of one value are short, but not
# that short.
_MOST_ROWS_A_BYTE = 10_000
_MOST_EXPANSION = 1_000
_SMALL = 2**28
# Otherwise a whole row group is in memory.
_IN_PIECES: dict[str, Any] = {"pre_buffer": False, "buffer_size": 2**16}


class ParquetTable(Table):
    """A Parquet file.

    Parameters
    ----------
    name : str
        As the user gave it.
    path : Path
        The file.

    Raises
    ------
    InvalidValueError
        If pyarrow is not installed.
    DataFormatError
        If it is no Parquet file, or has columns that are neither numbers nor text.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name, self._path = name, path
        _pyarrow()
        with self._file() as file:
            metadata, schema = file.metadata, file.schema_arrow
            self._schema = schema
            self._check_size(metadata)
            names = checked_names(name, schema.names)
            missing = _columns_with_missing(file)
            self.columns = tuple(
                _column(name, one, field, missing) for one, field in zip(names, schema, strict=True)
            )
            self.n_rows = metadata.num_rows

    def pieces(self, rows: int = PIECE_ROWS) -> Iterator[Piece]:
        first = 0
        with self._file() as file:
            if file.schema_arrow != self._schema:
                raise changed(self.name)
            for batch in file.iter_batches(self._rows_at_once(rows), use_threads=False):
                yield Piece(
                    {
                        column.name: self._values(column, array)
                        for column, array in zip(self.columns, batch.columns, strict=True)
                    },
                    first,
                )
                first += len(batch)
        if first != self.n_rows:
            rule = f"it must have the {self.n_rows} rows that it says"
            raise fault(self.name, rule, first, "it is damaged; get it again")

    def place(self, row: int) -> str:
        return row_place(row)

    def digest(self) -> str:
        return file_digest(self._path)

    def _check_size(self, metadata: Any) -> None:
        length = self._path.stat().st_size
        if not 0 < metadata.num_rows <= _MOST_ROWS_A_BYTE * length:
            rule = f"it must have rows, and at most {_MOST_ROWS_A_BYTE:,} for each of its bytes"
            value = f"{metadata.num_rows:,} in {length:,} bytes"
            raise fault(self.name, rule, value, "check how it was made")
        sizes = [metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)]
        most = max(_SMALL, _MOST_EXPANSION * length)
        for size in sizes:
            if not 0 <= size <= most:
                rule = f"a row group of a file of {length:,} bytes may unpack to at most {most:,}"
                raise fault(self.name, rule, f"{size:,}", "write it in smaller row groups")

    def _values(self, column: Column, array: Any) -> Array:
        if column.dtype == object:
            return text_cells("" if value is None else value for value in _texts(array))
        if array.null_count and column.dtype.kind != "f":
            raise changed(self.name)
        return _wide(array, column) if column.shape else _numbers(array, column.dtype)

    @contextmanager
    def _file(self) -> Iterator[Any]:
        pa = _pyarrow()
        from pyarrow import parquet

        try:
            with parquet.ParquetFile(self._path, **_IN_PIECES) as file:
                yield file
        except (FileNotFoundError, PermissionError):
            raise
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            rule = "it must be a whole Parquet file"
            raise fault(self.name, rule, error, "write it again, or get it again") from error


def _pyarrow() -> Any:
    try:
        import pyarrow as pa
    except ImportError:
        raise InvalidValueError(
            "reading Parquet needs the pyarrow package",
            Words("none"),
            "run pip install pyarrow",
        ) from None
    return pa


def _column(name: str, column: str, field: Any, missing: frozenset[str]) -> Column:
    types = _pyarrow().types
    kind: Any = field.type
    shape: tuple[int, ...] = ()
    if types.is_fixed_size_list(kind):
        kind, shape = kind.value_type, (kind.list_size,)
    if types.is_decimal(kind):
        return Column(column, shape, np.dtype(np.float64))
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind):
        dtype = np.dtype(kind.to_pandas_dtype())
        partly = dtype.kind != "f" and (bool(shape) or field.name in missing)
        return Column(column, shape, np.dtype(np.float64) if partly else dtype)
    is_time = types.is_date(kind) or types.is_time(kind) or types.is_timestamp(kind)
    if not shape and (_is_text(types, kind) or is_time):
        return Column(column)
    rule = f'the column "{column}" must hold numbers, text, dates or lists of equally many numbers'
    raise fault(name, rule, field.type, "leave it out when the file is written")


def _is_text(types: Any, kind: Any) -> bool:
    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind))


def _columns_with_missing(file: Any) -> frozenset[str]:
    """Return the columns of integers and truth values of which some are missing.

    They are looked at: statistics can be left out, and asking a damaged file for them makes Arrow
    end the process.
    """
    types = _pyarrow().types
    names = [
        field.name
        for field in file.schema_arrow
        if field.nullable and (types.is_integer(field.type) or types.is_boolean(field.type))
    ]
    missing: set[str] = set()
    if names:
        for batch in file.iter_batches(PIECE_ROWS, columns=names, use_threads=False):
            missing.update(one for one in names if batch.column(one).null_count)
    return frozenset(missing)


def _texts(array: Any) -> list[str | None]:
    pa = _pyarrow()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    texts: list[str | None] = array.cast(pa.string()).to_pylist()
    return texts


def _wide(array: Any, column: Column) -> Array:
    width = column.shape[0]
    inner = array.values.slice(array.offset * width, len(array) * width)
    values = _numbers(inner, column.dtype).reshape(len(array), width)
    if array.null_count:  # what is in their place is anything
        values = values.copy()
        values[array.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return values


def _numbers(array: Any, dtype: np.dtype[Any]) -> Array:
    pa = _pyarrow()
    if dtype == np.float64 and array.type != pa.float64():
        array = array.cast(pa.float64(), safe=False)
    values: Array = array.to_numpy(zero_copy_only=False)
    return values
