"""Data for a model: rows as its estimator takes them, with what is to be predicted.

A model with a preparation reads whatever ``chainrule evaluate`` reads. One without takes arrays:
its data is one wide column, or single columns of numbers, and the target.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.datasets import Dataset
from chainrule.datasets.catalogue import CATALOGUE
from chainrule.datasets.tables import Column, Piece, Table, open_table, table_of
from chainrule.datasets.tables.arrays import ArrayTable
from chainrule.datasets.tables.faults import fault, listed
from chainrule.errors import InvalidValueError, Words
from chainrule.explore.images import does_better_divided, image_shape
from chainrule.explore.subject import Subject
from chainrule.preparation import Notes
from chainrule.preparation.cells import to_texts
from chainrule.preparation.prepared import BRIGHTEST
from chainrule.preparation.raw import labels_of, numbers_of
from chainrule.runs.evaluating import was_learnt_from

Read = tuple[Array, Array | None, str | None, tuple[str, ...]]  # X, truth, target, columns


@dataclass(frozen=True, eq=False)
class Rows:
    """All rows of the data.

    Attributes
    ----------
    name : str
        Of the data.
    X : array of shape (n, n_features)
        As the estimator takes it.
    truth : array of shape (n,) or (n, n_outputs), or None
        What the loss takes: the numbers of classes, or numbers in the network's units. None where
        the data has no target; an autoencoder needs none.
    target : str or None
        The column to predict.
    place : callable
        From a row's number to where it is, in words.
    shape : tuple of int or None
        Of the images, where rows are grey images.
    class_names : tuple of str or None
        What classes that are numbers stand for.
    learnt_from : bool
        Whether the model has been trained on this very data.
    columns : tuple of str
        Those that became X, of a model without preparation.
    divided : bool or None
        Whether X is the data's bytes divided by 255; None where that was no question.
    source : str or None
        What opens the data again; None for data in memory.
    """

    name: str
    X: Array
    truth: Array | None
    target: str | None
    place: Callable[[int], str]
    shape: tuple[int, int] | None
    class_names: tuple[str, ...] | None
    learnt_from: bool
    columns: tuple[str, ...]
    divided: bool | None
    source: str | None

    def __len__(self) -> int:
        return len(self.X)


def rows_of(subject: Subject, data: Any, watched: Callable[[Table], Table]) -> Rows:
    """Return the rows of what a user has passed as data.

    Parameters
    ----------
    subject : Subject
        The model.
    data : str, path, Dataset, (X, y), Table, DataFrame, mapping or array
        A name or file as ``chainrule evaluate`` takes it, or what is in memory. Of a data set the
        test part.
    watched : callable
        From the table to one that tells somebody how reading goes.

    Raises
    ------
    ChainruleError
        If it does not fit the model; it says where and why.
    """
    table = _table_of(data)
    read = _prepared if subject.preparation is not None else _plain
    X, truth, target, columns = read(subject, watched(table))
    if not len(X):
        raise InvalidValueError(f"{table.name} must have rows", Words("none"), "add some")
    divided = does_better_divided(subject, X, truth)
    if divided:
        X = X / np.float32(BRIGHTEST)
    return Rows(
        name=_short(table.name),
        X=X,
        truth=truth,
        target=target,
        place=table.place,
        shape=image_shape(table.columns, X, subject),
        class_names=table.class_names,
        learnt_from=subject.path is not None and was_learnt_from(subject.path, table),
        columns=columns,
        divided=divided,
        source=_source(data),
    )


def _source(data: Any) -> str | None:
    """Return what opens the data again, if something does."""
    if isinstance(data, Dataset):
        return data.name if data.name in CATALOGUE else None
    return str(data) if isinstance(data, str | Path) else None


def _short(name: str) -> str:
    """Return a file's name without its folders, which are nobody's business who gets the page."""
    return name if name in CATALOGUE else Path(name).name


def _table_of(data: Any) -> Table:
    if isinstance(data, str | Path):
        return open_table(data, part="test")
    if isinstance(data, Dataset):
        arrays: dict[str, Array] = {
            "image": data.X_test.reshape(-1, *data.image_shape),
            "label": data.y_test,
        }
        return ArrayTable(data.name, arrays, target="label", class_names=data.class_names)
    if isinstance(data, tuple) and len(data) == 2:
        return ArrayTable("data", _columns_of(*data), target="y")
    return table_of(data)


def _columns_of(X: Any, y: Any) -> dict[str, Array]:
    names, values = getattr(X, "columns", None), np.asarray(X)
    if names is None:
        return {"X": values, "y": np.asarray(y)}
    columns = {str(name): values[:, i] for i, name in enumerate(names)}
    return columns | {"y": np.asarray(y)}


# -- with a preparation ----------------------------------------------------------------------------


def _prepared(subject: Subject, table: Table) -> Read:
    preparation, notes = subject.preparation, Notes(table)
    assert preparation is not None
    target = preparation.target
    if target is not None and target.name not in [column.name for column in table.columns]:
        pieces = [preparation.transform(piece, notes) for piece in preparation.pieces(table)]
        return np.concatenate(pieces), None, target.name, ()
    X, y = preparation.rows(table, notes=notes)
    if target is None or y is None:
        return X, None, None, ()
    if target.classes is not None:
        return X, np.searchsorted(target.classes, y), target.name, ()
    return X, y[:, np.newaxis], target.name, ()


# -- arrays alone ----------------------------------------------------------------------------------


def _plain(subject: Subject, table: Table) -> Read:
    n_features = subject.params.spec.layer_sizes[0]
    features = _feature_columns(subject, table, n_features)
    rest = [column for column in table.columns if column not in features]
    target = _target_column(table, rest, subject)
    notes, X, truth = Notes(table), [], []
    for piece in table.pieces():
        X.append(_numbers(features, piece, notes, n_features))
        if target is not None:
            truth.append(_truth(subject, piece, target, notes))
    y = np.concatenate(truth) if truth else None
    names = tuple(column.name for column in features)
    return np.concatenate(X), y, None if target is None else target.name, names


def _feature_columns(subject: Subject, table: Table, n_features: int) -> list[Column]:
    """Return the columns that become X: by their names if the model knows them, else by order."""
    names = subject.feature_names
    if names is not None:
        there = {column.name: column for column in table.columns}
        missing = [name for name in names if name not in there]
        if missing:
            rule = f"there must be a column {missing[0]}, as in training"
            raise fault(table.name, rule, listed(there), "add it")
        return [there[name] for name in names]
    columns = [column for column in table.columns if column.name != table.target]
    wide = [column for column in columns if math.prod(column.shape) == n_features]
    if column := next((column for column in wide if column.shape), None):
        return [column]
    single = [column for column in columns if not column.shape]
    found = sum(math.prod(column.shape) for column in columns)
    left_over = len(single) - n_features  # perhaps a target that the format does not know of
    if len(single) < len(columns) or not 0 <= left_over <= (table.target is None):
        rule = f"there must be {n_features} values a row, as in training"
        raise fault(table.name, rule, found, "pass data of the same size")
    return single[:n_features]


def _target_column(table: Table, rest: list[Column], subject: Subject) -> Column | None:
    if subject.task == "autoencoder":
        return None
    named = [column for column in rest if column.name == table.target]
    return next(iter(named or rest), None)


def _numbers(features: list[Column], piece: Piece, notes: Notes, n_features: int) -> Array:
    if len(features) == 1 and features[0].shape:
        values = piece.columns[features[0].name]
        if values.dtype.kind in "iu" or np.isfinite(values).all():
            return values
    columns = []
    for column in features:
        numbers = numbers_of(piece.columns[column.name], piece, column.name, notes)
        if np.isnan(numbers).any():
            row = int(np.argwhere(np.isnan(numbers))[0, 0])
            raise notes.error(piece, row, column.name, "a number is missing: fill it in")
        columns.append(numbers.reshape(len(piece), -1))
    return np.concatenate(columns, axis=1)


def _truth(subject: Subject, piece: Piece, target: Column, notes: Notes) -> Array:
    values = piece.columns[target.name]
    if subject.task == "classification":
        assert subject.classes is not None
        labels = labels_of(values, piece, target.name, subject.classes, notes)
        return np.searchsorted(subject.classes, labels)
    numbers = numbers_of(values, piece, target.name, notes).reshape(len(piece), -1)
    if np.isnan(numbers).any():
        row = int(np.argwhere(np.isnan(numbers))[0, 0])
        raise notes.error(piece, row, target.name, "the target is missing: fill it in")
    wanted = _n_targets(subject)
    if numbers.shape[1] != wanted:
        rule = f"the target must have {wanted} values a row, as in training"
        raise fault(notes.name, rule, numbers.shape[1], "pass data of the same kind")
    return numbers


def _n_targets(subject: Subject) -> int:
    targets = subject.estimator._known_state().targets
    return int(getattr(targets, "n_columns", targets.n_outputs))


# -- classes ---------------------------------------------------------------------------------------


def class_texts(subject: Subject, names: tuple[str, ...] | None) -> list[str] | None:
    """Return what the classes are called: as the data says where they are numbers, else as text."""
    classes = subject.classes
    if classes is None:
        return None
    labels = np.asarray(classes)
    numbered = names is not None and labels.dtype.kind in "iu" and len(labels) > 0
    if names is not None and numbered and labels.min() >= 0 and labels.max() < len(names):
        return [names[label] for label in labels.tolist()]
    return [str(text) for text in to_texts(labels)]
