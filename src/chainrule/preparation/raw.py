"""A piece's columns, each cell checked against those of training.

What cannot be used is an error with its place; what can, though training had it not, is counted in
:class:`~chainrule.preparation.notes.Notes`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule._text import escape_formula
from chainrule._types import Array
from chainrule.datasets.tables import Piece
from chainrule.datasets.tables.faults import fault, listed
from chainrule.errors import DataFormatError, InvalidValueError, an_object
from chainrule.preparation.cells import found_again, printed, to_numbers, to_texts
from chainrule.preparation.notes import Notes
from chainrule.preparation.prepared import Prepared
from chainrule.registry import closest

_NUMBERS = "iuf"


def check_piece(piece: object) -> None:
    """Raise InvalidValueError if something is no piece of a table."""
    if not isinstance(piece, Piece):
        raise InvalidValueError(
            "a preparation must be given a Piece of a table",
            an_object(piece),
            "rows(…) takes a table or a frame, and so do the methods of a TableClassifier",
        )


def column_of(piece: Piece, name: str, notes: Notes) -> Array:
    """Return a column, or raise if there is none; the error has the closest unknown name."""
    check_piece(piece)
    if name in piece.columns:
        return piece.columns[name]
    if (escaped := escape_formula(name)) in piece.columns:  # of a table for spreadsheets
        return piece.columns[escaped]
    close = closest(name, notes.ignored)
    remedy = f'rename the column "{close}" if it is the one' if close else "add it"
    rule = f"there must be a column {name}, as in training"
    raise fault(notes.name, rule, listed(piece.columns), remedy)


def check_columns(piece: Piece, names: Iterable[str], notes: Notes) -> None:
    """Raise unless a piece has these columns, or what a table for spreadsheets calls them."""
    there = piece.columns
    gone = [name for name in names if name not in there and escape_formula(name) not in there]
    if len(gone) > 1:
        rule = f"there must be columns {listed(gone)}, as in training"
        raise fault(notes.name, rule, listed(there), "add them")
    if gone:
        column_of(piece, gone[0], notes)


def numbers_of(values: Array, piece: Piece, name: str, notes: Notes) -> Array:
    """Return cells as numbers, NaN where missing, or raise if one is no number."""
    numbers, bad = to_numbers(values)
    if bad.any():
        row = int(np.argwhere(bad)[0, 0])
        raise no_number(values[bad][0], piece, row, name, notes)
    return numbers


def no_number(value: object, piece: Piece, row: int, name: str, notes: Notes) -> DataFormatError:
    """Return the error for a cell of a piece that is no number."""
    what = f"{printed(value)} is no number, as those of training were: mend it"
    return notes.error(piece, row, name, what)


def values_of(column: Prepared, piece: Piece, notes: Notes) -> Array:
    """Return a column's cells, or raise if a row has not as many as in training."""
    values = column_of(piece, column.name, notes)
    found = math.prod(values.shape[1:])
    if found != column.width or bool(column.shape) != (values.ndim > 1):
        rule = f"column {column.name} must have {column.width} values a row, as in training"
        raise fault(notes.name, rule, found, "pass data of the same size")
    return values


def pixels_of(column: Prepared, piece: Piece, notes: Notes) -> Array:
    """Return a column's bytes, or raise if it has something else."""
    values = values_of(column, piece, notes)
    if values.dtype != np.uint8:
        rule = f"column {column.name} must have bytes, as in training"
        raise fault(notes.name, rule, values.dtype, "pass uint8")
    return values


def labels_of(values: Array, piece: Piece, name: str, classes: Array, notes: Notes) -> Array:
    """Return a target's cells as labels of training, or raise if one is none of them."""
    codes_of = {key: code for code, key in enumerate(_keys(classes, classes.dtype))}
    keys = _keys(values, classes.dtype)
    if classes.dtype.kind not in _NUMBERS:
        others = {key for key in keys if key is not None} - codes_of.keys()
        same = found_again(others, codes_of)
        codes_of |= {text: codes_of[known] for text, known in same.items()}
    codes = [codes_of.get(key) for key in keys]
    if None in codes:
        row = codes.index(None)
        raise notes.error(
            piece,
            row,
            name,
            f"{printed(values[row])} is no class of the model ({listed(map(str, classes))}): leave "
            "such rows out, or train with them",
        )
    return classes[np.array(codes, np.intp)]


def _keys(values: Array, dtype: np.dtype) -> list[Any]:
    """Return what tells labels apart: numbers where labels are numbers, as "1" may be "1.0"."""
    return to_numbers(values)[0].tolist() if dtype.kind in _NUMBERS else to_texts(values)
