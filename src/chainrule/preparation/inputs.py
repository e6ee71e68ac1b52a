"""What people pass as X, as columns by name: frames, dicts, records, arrays, tables, files.

Frames of pandas and polars and tables of Arrow are told by what they can do, so that none of these
packages is imported.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse

from chainrule._types import Array
from chainrule.datasets.catalogue import Part
from chainrule.datasets.tables import Table, open_table, table_of
from chainrule.datasets.tables.arrays import ArrayTable
from chainrule.datasets.tables.header import checked_names
from chainrule.errors import InvalidValueError, Words
from chainrule.preparation.asked import unknown
from chainrule.preparation.tally import MOST_DISTINCT

_SINGLE = (str, bytes, bytearray)
_CATEGORICAL = ("category", "categorical", "enum", "dictionary")  # as types of columns are called


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns by name.

    Attributes
    ----------
    values : mapping from str to array-like of shape (n, ...)
        As they were passed, but that a file's are numbers, or texts and None.
    source : Table or None
        What they were read from; None for what was in memory.
    named : bool
        Whether the names are the user's; else they are x0, x1, …
    """

    values: Mapping[str, Any]
    source: Table | None = None
    named: bool = True

    def without(self, name: str) -> Columns:
        """Return the others."""
        others = {one: values for one, values in self.values.items() if one != name}
        return Columns(others, self.source, self.named)

    def table(self, used: Collection[str]) -> Table:
        """Return them as a table; a row of a file keeps its place there.

        Parameters
        ----------
        used : collection of str
            Those that are looked at; of the others, which may be of any type, only the names are.
        """
        cells = {
            name: cells_of(values) if name in used else np.zeros(len(values))
            for name, values in self.values.items()
        }
        return table_of(cells, name="X") if self.source is None else _Read(self.source, cells)

    @property
    def categorical(self) -> list[str]:
        """Names of those whose type is that of categories, few enough to be one."""
        return [name for name, values in self.values.items() if _is_categorical(values)]


class _Read(ArrayTable):
    """Columns of a table that was read into memory."""

    def __init__(self, source: Table, arrays: Mapping[str, Array]) -> None:
        super().__init__(source.name, arrays)
        self._source = source

    def place(self, row: int) -> str:
        return self._source.place(row)


def opened(data: Any, part: Part) -> Any:
    """Return the table that a path or a bundled name leads to; other things as they are."""
    return open_table(data, part=part) if isinstance(data, str | bytes | os.PathLike) else data


def columns_of(data: Any) -> Columns | None:
    """Return the columns of what has names for them; None for what may be an array.

    Parameters
    ----------
    data : DataFrame, mapping from str to array-like, list of mappings, path or Table
        A mapping of single values is one record, a list of mappings has a record for each row.
    """
    if issparse(data):  # of which some are dicts
        return None
    data = opened(data, "train")
    if isinstance(data, Table):
        return Columns(_read(data), data)
    if isinstance(data, Mapping):
        return _of_mapping(data)
    if is_records(data):
        return Columns(_of_records(data))
    return _of_frame(data)


def _read(table: Table) -> dict[str, Array]:
    """Return all cells of a table."""
    pieces = list(table.pieces())
    if not pieces:
        raise InvalidValueError(f"{table.name} must have rows", Words("none"), "add some")
    shapes = {column.name: column.shape for column in table.columns}
    return {
        name: np.concatenate([piece.columns[name] for piece in pieces]).reshape(-1, *shapes[name])
        for name in pieces[0].columns
    }


def _of_mapping(data: Mapping[Any, Any]) -> Columns:
    if is_record(data):
        return Columns(_of_records([data]))
    names = checked_names("X", [str(name) for name in data])
    return Columns(dict(zip(names, data.values(), strict=True)))


def is_record(data: object) -> bool:
    """Return whether a mapping is one row: it has a single value."""
    return isinstance(data, Mapping) and any(map(_is_single, data.values()))


def is_records(data: object) -> bool:
    """Return whether data is a list of rows, each a mapping."""
    return isinstance(data, list | tuple) and bool(data) and isinstance(data[0], Mapping)


def _is_single(value: Any) -> bool:
    has_items = hasattr(value, "__len__") and getattr(value, "ndim", 1) > 0
    return isinstance(value, _SINGLE) or not has_items


def _of_records(records: Sequence[Any]) -> dict[str, Any]:
    if not all(isinstance(record, Mapping) for record in records):
        raise InvalidValueError(
            "a list of records must have a mapping from names to values for each row",
            Words("other things too"),
            "take them out",
        )
    names = dict.fromkeys(name for record in records for name in record)
    checked = checked_names("X", [str(name) for name in names])
    return {
        one: [record.get(name) for record in records]
        for one, name in zip(checked, names, strict=True)
    }


def _of_frame(data: Any) -> Columns | None:
    # The type is asked, as a frame of pandas has attributes that are called as its columns are.
    if hasattr(type(data), "collect"):
        raise InvalidValueError(
            "X must be a frame with its rows", Words("a lazy one"), "call its collect() before"
        )
    names = _names_in(data)
    if names is None:
        return None
    texts = [str(name) for name in names]
    checked = checked_names("X", texts)
    named = not texts or any(isinstance(name, str) for name in names)
    values = [data[name] for name in names]
    if not named:  # as scikit-learn takes a frame whose columns have numbers alone
        checked = tuple(numbered_names(len(values)))
    return Columns(dict(zip(checked, values, strict=True)), named=named)


def _names_in(data: Any) -> Any:
    """Return the names of columns that data has, None if it has none."""
    if hasattr(type(data), "column_names"):  # Arrow's: there, columns are arrays
        return data.column_names
    if hasattr(type(data), "columns"):
        return data.columns
    return getattr(getattr(data, "dtype", None), "names", None)  # of a structured array


def numbered_names(n: int) -> list[str]:
    """Return what scikit-learn calls so many columns without names, "x0" the first."""
    return [f"x{i}" for i in range(n)]


# -- cells -----------------------------------------------------------------------------------------


def cells_of(values: Any) -> Any:
    """Return a column as an array, or as a frame's own column.

    Objects that are all numbers, booleans or missing become float64, NaN where one is missing.
    """
    kind = getattr(values, "dtype", None)
    if hasattr(type(values), "to_pylist") or (kind is not None and not hasattr(kind, "kind")):
        values = np.asarray(values)  # Arrow's and polars', whose types pandas' words do not fit
    listed = isinstance(values, list | tuple)
    if not listed and getattr(getattr(values, "dtype", None), "kind", None) != "O":
        return values
    objects = values if listed else np.asarray(values, object)
    items = list(values) if listed else objects.tolist()
    if not all(one is None or isinstance(one, bool | np.bool | int | float) for one in items):
        return np.array(items, object) if listed and any(map(_is_single, items)) else objects
    if any(one is None for one in items) or not listed:
        return np.array([np.nan if one is None else one for one in items], np.float64)
    return np.array(items)


def _is_categorical(values: Any) -> bool:
    kind = getattr(values, "dtype", getattr(values, "type", None))
    if not str(kind).lower().startswith(_CATEGORICAL):
        return False
    return len(set(map(str, np.asarray(values).tolist()))) <= MOST_DISTINCT


# -- what is said of columns -----------------------------------------------------------------------


def names_of(asked: Iterable[Any], names: Sequence[str], parameter: str) -> list[str]:
    """Return columns that a parameter names, or counts from 0, by name.

    Raises
    ------
    InvalidValueError
        If there is no such column.
    """
    return [_name_of(one, names, parameter) for one in asked]


def _name_of(asked: Any, names: Sequence[str], parameter: str) -> str:
    if isinstance(asked, str) and asked in names:
        return asked
    is_place = isinstance(asked, int | np.integer) and not isinstance(asked, bool)
    if is_place and 0 <= int(asked) < len(names):
        return names[int(asked)]
    raise unknown(f"{parameter} must have columns of X, by name or place", asked, names)
