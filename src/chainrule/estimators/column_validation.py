"""Columns of samples that hold no numbers: which one it is, what it holds, what to do.

scikit-learn and NumPy say that a text could not be converted, or that two types have none in
common; of a frame with fifty columns that is no help.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import numpy as np
import scipy.sparse

from chainrule._types import Array
from chainrule.errors import InvalidValueError, Words

_REMEDIES = {
    "the text": "encode it, as OneHotEncoder does, or let chainrule train prepare the table",
    "the date": "turn it into numbers, such as days since the first one",
    "the duration": "turn it into numbers, such as seconds",
}
_TIMES: dict[str, Any] = {
    "the date": date | np.datetime64,
    "the duration": timedelta | np.timedelta64,
}


# By an attribute of one kind of frame: names and values by place, as a name may be there twice.
_FRAMES: dict[str, Callable[[Any], Iterable[tuple[Any, Any]]]] = {
    "iloc": lambda X: X.items() if X.ndim == 2 else (),  # pandas
    "get_columns": lambda X: ((one.name, one) for one in X.get_columns()),  # polars
    "itercolumns": lambda X: zip(X.column_names, X.itercolumns(), strict=True),  # Arrow
}


@contextmanager
def naming_columns(X: Any, name: str) -> Iterator[None]:
    """Say which column of samples has no numbers, in place of errors that its conversion raises.

    Raises
    ------
    InvalidValueError
        If there is such a column; other errors pass.
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        if isinstance(error, TypeError) or "could not convert" in str(error):
            check_columns(X, name)
        raise


def check_columns(X: Any, name: str) -> None:
    """Raise InvalidValueError if a column of samples has texts, dates or durations."""
    for column, values in _columns(X):
        for row, cell in enumerate([] if values.dtype.kind in "buif" else values):
            kind = _kind(cell)
            if kind is not None:
                shown = reprlib.repr(_plain(cell)) if kind == "the text" else str(cell)
                raise InvalidValueError(
                    f"{name} must have numbers in every column",
                    Words(f"{kind} {shown} in row {row} of column {column!r}"),
                    _REMEDIES[kind],
                )


def _columns(X: Any) -> Iterator[tuple[Any, Array]]:
    for kind, columns in _FRAMES.items():
        if hasattr(X, kind):
            yield from ((name, np.asarray(values)) for name, values in columns(X))
            return
    if scipy.sparse.issparse(X):
        return
    try:
        array = np.asarray(X)
    except ValueError:  # rows of different lengths
        return
    yield from enumerate(array.T if array.ndim == 2 else ())


def _plain(cell: str | bytes) -> str | bytes:
    """Return a text without NumPy's type."""
    return str(cell) if isinstance(cell, str) else bytes(cell)


def _kind(cell: Any) -> str | None:
    if isinstance(cell, str | bytes):
        try:
            float(cell)
        except ValueError:
            return "the text"
        return None
    return next((kind for kind, types in _TIMES.items() if isinstance(cell, types)), None)
