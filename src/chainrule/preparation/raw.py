"""A piece's columns as the transformer takes them, each cell checked against those of training.

What cannot be used is an error with its place; what can, though training had it not, is counted in
:class:`~chainrule.preparation.notes.Notes`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule._text import escape_formula
from chainrule._types import Array
from chainrule.datasets.tables import Piece
from chainrule.datasets.tables.faults import fault, listed
from chainrule.errors import InvalidValueError, an_object
from chainrule.preparation.cells import found_again, printed, to_numbers, to_texts
from chainrule.preparation.notes import Notes
from chainrule.preparation.transformer import Prepared
from chainrule.registry import closest

FARTHEST = 1e15  # deviations from the mean: in float32 the squares of larger numbers overflow soon

_NUMBERS = "iuf"


def check_piece(piece: object) -> None:
    """Raise InvalidValueError if something is no piece of a table."""
    if not isinstance(piece, Piece):
        raise InvalidValueError(
            "a preparation must be given a Piece of a table",
            an_object(piece),
            "rows(…) takes a table or a frame, and so do the methods of a PreparedModel",
        )


def column_of(piece: Piece, name: str, notes: Notes) -> Array:
    """Return a column, or raise if there is none; the error has the closest unknown name."""
    check_piece(piece)
    for one in (name, escape_formula(name)):  # a table for spreadsheets may have the latter
        if one in piece.columns:
            return piece.columns[one]
    close = closest(name, notes.ignored)
    remedy = f'rename the column "{close}" if it is the one' if close else "add it"
    rule = f"there must be a column {name}, as in training"
    raise fault(notes.name, rule, listed(piece.columns), remedy)


def _raw_numbers(column: Prepared, piece: Piece, notes: Notes) -> Array:
    values = _of_shape(column, piece, notes).reshape(len(piece), column.width)
    numbers = numbers_of(values, piece, column.name, notes)
    notes.imputed[column.name] += int(np.isnan(numbers).sum())
    far = np.abs(numbers - column.mean) > FARTHEST * column.scale
    if far.any():
        what = f"{printed(values[far][0])} is too far from the numbers of training"
        remedy = "mend it, or leave it empty"
        row = int(np.argwhere(far)[0, 0])
        raise notes.error(piece, row, column.name, f"{what}: {remedy}")
    return numbers


def numbers_of(values: Array, piece: Piece, name: str, notes: Notes) -> Array:
    """Return cells as numbers, NaN where missing, or raise if one is no number."""
    numbers, bad = to_numbers(values)
    if bad.any():
        row, value = int(np.argwhere(bad)[0, 0]), printed(values[bad][0])
        raise notes.error(
            piece, row, name, f"{value} is no number, as those of training were: mend it"
        )
    return numbers


def _raw_texts(column: Prepared, piece: Piece, notes: Notes) -> Array:
    texts = to_texts(_of_shape(column, piece, notes))
    known = set(column.values)
    if not known.issuperset(texts):
        others = {text for text in texts if text is not None} - known
        same = found_again(others, column.categories)
        texts = [text if text is None else same.get(text, text) for text in texts]
        if unseen := [text for text in texts if text not in known]:
            notes.add_unseen(column.name, unseen)
    raw: Array = np.empty((len(piece), 1), object)
    raw[:, 0] = texts
    return raw


def _raw_pixels(column: Prepared, piece: Piece, notes: Notes) -> Array:
    values = _of_shape(column, piece, notes)
    if values.dtype != np.uint8:
        rule = f"column {column.name} must have bytes, as in training"
        raise fault(notes.name, rule, values.dtype, "pass uint8")
    return values


def _of_shape(column: Prepared, piece: Piece, notes: Notes) -> Array:
    values = column_of(piece, column.name, notes)
    found = math.prod(values.shape[1:])
    if found != column.width or bool(column.shape) != (values.ndim > 1):
        rule = f"column {column.name} must have {column.width} values a row, as in training"
        raise fault(notes.name, rule, found, "pass data of the same size")
    return values


# By kind of column.
RAW: Mapping[str, Any] = {
    "number": _raw_numbers,
    "block": _raw_numbers,
    "category": _raw_texts,
    "pixels": _raw_pixels,
}


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
