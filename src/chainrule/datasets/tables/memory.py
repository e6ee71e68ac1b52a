"""What Python users have in memory, as a table: frames, dicts of columns, arrays."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.datasets.tables.arrays import ArrayTable
from chainrule.datasets.tables.faults import fault
from chainrule.datasets.tables.header import checked_names
from chainrule.datasets.tables.table import Table
from chainrule.errors import InvalidValueError, Words, an_object


def table_of(data: Any, *, name: str = "data") -> Table:
    """Return data that is in memory as a table.

    Parameters
    ----------
    data : DataFrame, mapping from str to array-like, array-like of shape (n, ...), or Table
        A frame of pandas or polars; columns by name, each of them (n,) or wide, (n, ...); an
        array, whose columns are then called "0", "1", …, or by its own names if it is a
        structured one, or "X" if it has more than two dimensions. A table is given back.
    name : str, default "data"
        What errors call it.

    Raises
    ------
    InvalidValueError
        If it is none of these.
    DataFormatError
        If there are no rows, columns differ in length or names are missing or not unique.
    """
    if isinstance(data, Table):
        return data
    return ArrayTable(name, dict(_columns_of(name, data)))


def _columns_of(name: str, data: Any) -> Iterable[tuple[str, Array]]:
    """Yield the columns of what :func:`table_of` takes, by name."""
    names = list(data) if isinstance(data, Mapping) else getattr(data, "columns", None)
    if names is None:
        array = _array(name, data)
        if not array.ndim:
            raise _no_table(name, data)
        return array_columns(name, array)
    checked = checked_names(name, [str(one) for one in names])
    return ((one, _column(name, one, data[key])) for one, key in zip(checked, names, strict=True))


def array_columns(name: str, array: Array) -> Iterable[tuple[str, Array]]:
    """Yield the columns of an array, by name."""
    if array.dtype.names is not None and array.ndim == 1:
        names = array.dtype.names
        return (
            (one, array[key]) for one, key in zip(checked_names(name, names), names, strict=True)
        )
    if array.ndim == 2:
        return ((str(index), array[:, index]) for index in range(array.shape[1]))
    if array.ndim > 2:
        return [("X", array)]
    rule = "an array must have a row for each sample and a column for each value, or names"
    raise InvalidValueError(
        rule, Words(f"the shape {array.shape}"), "reshape it: array.reshape(-1, 1) is one column"
    )


def _no_table(name: str, value: Any) -> InvalidValueError:
    is_path = isinstance(value, str | bytes | os.PathLike)
    return InvalidValueError(
        f"{name} must be a table, a frame, a mapping from names to columns or an array",
        value if is_path else an_object(value),
        "open_table(…) opens a file" if is_path else "pass one of these",
    )


def _column(name: str, column: str, values: Any) -> Array:
    convert = getattr(values, "to_numpy", None)
    array = _array(f"{name}, column {column}", values) if convert is None else convert()
    # pandas has numbers that may be missing, and gives objects for them
    if convert is not None and array.dtype == object and _kind(values) in "biuf":
        array = convert("float64", na_value=np.nan)
    if array.ndim == 0:
        raise fault(name, f'the column "{column}" must have rows', "one value", "give a list")
    return array


def _kind(values: Any) -> str:
    return getattr(values.dtype, "kind", None) or "O"


def _array(name: str, data: Any) -> Array:
    try:
        return np.asarray(data)
    except ValueError as error:  # lists of several lengths
        raise fault(name, "it must be an array", error, "make all rows equally long") from None
