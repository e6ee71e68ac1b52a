"""The target of each row, as it is passed or as a file has it: labels or numbers, and where it is.

What is in memory keeps its type, as scikit-learn's estimators have it: labels that are texts stay
texts. A file has texts alone, whose labels are what :mod:`~chainrule.preparation.task` says.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sklearn.utils._missing import is_pandas_na
from sklearn.utils.multiclass import check_classification_targets

from chainrule._types import Array
from chainrule.datasets.tables import Table
from chainrule.engine.checks import check_sparse
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators import target_validation
from chainrule.estimators.target_validation import column_as_1d
from chainrule.estimators.validation import check_unmasked
from chainrule.preparation.cells import cell_error, missing, printed, to_numbers
from chainrule.preparation.moments import Moments
from chainrule.preparation.task import LABELS, Target, label_array, label_kind


def one_a_row(y: Any, n_rows: int, name: str = "y") -> Array:
    """Return what was passed for each row as an array of shape (n_rows,).

    Raises
    ------
    InvalidValueError
        If there are more or fewer, or it has another shape.
    """
    check_sparse(y, name)
    check_unmasked(y, name)
    values: Array = column_as_1d(_array(y), name)
    if values.ndim != 1:
        raise InvalidValueError(
            f"{name} should be a 1d array, with one value for each row of X",
            Words(f"an array of shape {values.shape}"),
            "pass one column",
        )
    if len(values) != n_rows:
        raise InvalidValueError(
            f"X and {name} must have as many rows",
            Words(f"{n_rows:,} and {len(values):,}"),
            f"pass a value of {name} for each row of X",
        )
    return values


def _array(y: Any) -> Array:
    if isinstance(y, list | tuple):  # NumPy would make texts of what is missing, and of numbers
        values = np.asarray(y)
        return values if values.dtype.kind in "biuf" else np.array(y, object)
    return np.asarray(y)


def without_value(values: Array) -> Array:
    """Return which targets are missing: None, NaN, what pandas calls so."""
    if values.dtype.kind != "O":
        return np.isnat(values) if values.dtype.kind in "mM" else missing(values)
    return np.array([_is_missing(value) for value in values.tolist()], bool)


def _is_missing(value: Any) -> bool:
    return value is None or is_pandas_na(value) or bool(np.ndim(value) == 0 and value != value)


# -- labels ----------------------------------------------------------------------------------------


def labels_in_memory(values: Array, name: str) -> Array:
    """Return labels in the type that they were passed in."""
    if values.dtype.kind == "f":
        _check_finite(values, name)
    labels: Array = target_validation.labels_of(values, name)
    check_classification_targets(labels)
    return labels


def labels_in_file(values: Array) -> Array:
    """Return labels of a file: texts of whole numbers are integers, of numbers floats."""
    if values.dtype.kind != "O":
        return values
    texts = values.tolist()
    _, bad = to_numbers(values)
    mean = LABELS[label_kind(set(texts), values.dtype, n_bad=int(bad.sum()))]
    labels = [mean(text) for text in texts]
    return np.array(labels, object if mean is str else None)


def label_target(labels: Array, name: str) -> Target:
    """Return what is to be known of labels.

    Raises
    ------
    InvalidValueError
        If there are not two classes.
    """
    classes = np.unique(labels) if labels.dtype != object else label_array(labels.tolist())
    if len(classes) < 2:
        raise InvalidValueError(
            f"the target {name} must have at least two classes",
            Words(f"one class, {printed(classes[0])}"),
            "pass rows of another class too",
        )
    return Target(name, classes, None, 0.0, 1.0, None, None)


def codes_of(labels: Array) -> Array:
    """Return a number for each label, in the order in which they come."""
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(one, len(numbers)) for one in labels.tolist()], np.int32)


# -- numbers ---------------------------------------------------------------------------------------


def numbers_in_memory(values: Array, name: str) -> Array:
    """Return targets as float64.

    Raises
    ------
    InvalidValueError
        If one is no finite number.
    """
    numbers = target_validation.numbers_of(values, name).astype(np.float64)
    _check_finite(numbers, name)
    return numbers


def _check_finite(numbers: Array, name: str) -> None:
    if not np.isfinite(numbers).all():
        found = numbers[~np.isfinite(numbers)][0]
        raise InvalidValueError(
            f"{name} must have finite numbers", found, "mend it, or leave such rows out"
        )


def numbers_in_file(values: Array, name: str, table: Table) -> Array:
    """Return a file's targets as float64; an error says where one is no number."""
    numbers, bad = to_numbers(values)
    if bad.any():
        row = int(bad.argmax())
        what = f"the target {printed(values[row])} is no number: mend it, or train a classifier"
        raise cell_error(table.name, table.place(row), name, what)
    return numbers


def number_target(learnt_from: Array, name: str) -> Target:
    """Return what is to be known of numbers: their mean and deviation in rows to learn from."""
    moments = Moments(1)
    moments.add(learnt_from[:, np.newaxis])
    mean, scale = float(moments.mean[0]), float(moments.scale[0])
    if not (math.isfinite(mean) and math.isfinite(scale)):
        raise InvalidValueError(
            f"the target {name} must have numbers whose squares can be added up",
            Words(f"up to {np.abs(learnt_from).max():g}"),
            "scale it down",
        )
    return Target(name, None, None, mean, scale, None, None)
