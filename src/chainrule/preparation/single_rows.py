"""The short way of a few records to X: for values that training had, without a table.

A table's steps take as long for one row as for thousands. Here a value is looked up or scaled by
itself, to the same bits. What needs more thought (another writing of a number, a value that is new
or too far) takes the long way, which has the words for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from chainrule._types import Array
from chainrule.preparation.cells import LARGEST
from chainrule.preparation.features import FARTHEST
from chainrule.preparation.notes import Notes
from chainrule.preparation.prepared import Prepared

MOST = 64  # records: of more the long way is the shorter one


class _Number(NamedTuple):
    """A column of numbers."""

    name: str
    mean: float
    scale: float
    far: float  # how far from the mean a number may be
    place: int  # in X
    gap: int | None  # the place that says whether it is missing


def _number(column: Prepared, place: int, gap: int) -> _Number:
    mean, scale = float(column.mean[0]), float(column.scale[0])
    return _Number(
        column.name, mean, scale, FARTHEST * scale, place, gap if column.missing else None
    )


class SingleRows:
    """Prepares records.

    Parameters
    ----------
    columns : sequence of Prepared
        What was learnt.
    known : collection of str
        The names of training's columns.
    """

    def __init__(self, columns: Iterable[Prepared], known: Collection[str]) -> None:
        columns, self._known = list(columns), known
        numbers = [column for column in columns if column.kind == "number"]
        categories = [column for column in columns if column.categories]
        self._all_single = len(numbers) + len(categories) == len(columns)
        self._width = sum(column.n_features for column in columns)
        gaps = accumulate((len(column.missing) for column in numbers), initial=len(numbers))
        self._numbers = [
            _number(column, place, gap)
            for place, (column, gap) in enumerate(zip(numbers, gaps, strict=False))
        ]
        begin = len(numbers) + sum(len(column.missing) for column in numbers)
        self._categories = []
        for column in categories:
            places = {value: begin + i for i, value in enumerate(column.values)}
            self._categories.append((column.name, places))
            begin += column.n_features

    def of(self, records: Collection[Mapping[str, Any]], notes: Notes) -> Array | None:
        """Return X of records, (n, n_features), float32; None if they need the long way."""
        if not self._all_single or len(records) > MOST:
            return None
        X: Array = np.zeros((len(records), self._width), np.float32)
        gone: list[str] = []
        for x, record in zip(X, records, strict=True):
            if not self._fill(x, record, gone):
                return None
        notes.imputed.update(gone)
        names = dict.fromkeys(name for record in records for name in record)
        notes.ignored = tuple(name for name in names if name not in self._known)
        return X

    def _fill(self, x: Array, record: Mapping[str, Any], gone: list[str]) -> bool:
        """Fill a row of zeros; return whether all of the record was plain."""
        try:
            for name, mean, scale, far, place, gap in self._numbers:
                value = record[name]
                if value is None or value != value:
                    gone.append(name)
                    if gap is not None:
                        x[gap] = 1
                    continue
                if not isinstance(value, float | int) or not abs(value) < LARGEST:
                    return False
                difference = value - mean
                if abs(difference) > far:
                    return False
                x[place] = difference / scale
            for name, places in self._categories:
                value = record[name]
                x[places[str(value) if type(value) is int else value]] = 1
        except (KeyError, TypeError, ValueError):  # no such column or value; of no plain type
            return False
        return True
