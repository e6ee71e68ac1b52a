"""Checks of targets, of ``y`` as of ``y_val``: each error says which of them it is about.

Labels in an array of objects are all texts, which they stay, or all numbers, which become an array
of numbers. Frames whose columns have several types come as tables of objects; each column then has
labels of its own.
"""

from __future__ import annotations

import reprlib
from numbers import Real
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.exceptions import DataConversionWarning
from sklearn.utils import check_array, column_or_1d
from sklearn.utils._missing import is_pandas_na
from sklearn.utils.multiclass import check_classification_targets

from chainrule._types import Array
from chainrule._warnings import warn
from chainrule.engine.checks import check_sparse
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators.validation import check_unmasked, naming


def validated_targets(estimator: Any, y: Any, name: str) -> Any:
    """Return targets as an array, or sparse, of finite numbers or of objects; as scikit-learn."""
    check_sparse(y, name)
    y = present(y, name)
    with naming(name):
        return check_array(
            y,
            accept_sparse="csr",
            dtype=None,
            ensure_2d=False,
            input_name=name,
            estimator=estimator,
        )


def column_as_1d(y: Any, name: str) -> Any:
    """Return (n, 1) targets as (n,), with scikit-learn's warning; others as they are."""
    if y.ndim != 2 or y.shape[1] != 1:
        return y
    warn(
        f"A column-vector {name} was passed when a 1d array was expected. Please change the shape "
        f"of {name} to (n_samples,), for example using ravel().",
        DataConversionWarning,
    )
    return column_or_1d(y)


def present(y: Any, name: str) -> Any:
    """Return targets as they are, none of them masked or, among objects, missing.

    A list of texts and numbers becomes an array of objects, which NumPy would make one of texts.
    scikit-learn ignores masks, and speaks of what is missing only where it is NaN.

    Raises
    ------
    InvalidValueError
        With the place of the first that is missing.
    """
    check_unmasked(y, name)
    try:
        values = np.asarray(y)
    except ValueError:  # rows of different lengths: scikit-learn says so
        return y
    if isinstance(y, list | tuple) and values.dtype.kind == "U":
        values = np.array(y, dtype=object)
    # y as a whole may be None, which scikit-learn has words for.
    if values.dtype != object or not values.ndim or _are_texts(values):
        return y
    for place, value in np.ndenumerate(values):
        if _is_missing(value):
            column = f", column {place[1]}" if len(place) > 1 else ""
            raise InvalidValueError(
                f"{name} must have no missing values",
                Words(f"{value} in sample {place[0]}{column}"),
                "fill them in or leave such samples out",
            )
    return y if hasattr(y, "dtype") or hasattr(y, "columns") else values


def _are_texts(values: Array) -> bool:
    return all(issubclass(kind, str) for kind in set(map(type, values.ravel().tolist())))


def _is_missing(value: Any) -> bool:
    # No number that is missing, and no date, is equal to itself.
    return value is None or is_pandas_na(value) or (np.ndim(value) == 0 and value != value)


def is_table_of_objects(y: Any) -> bool:
    """Return whether y is what a frame with columns of several types becomes."""
    return isinstance(y, np.ndarray) and y.ndim == 2 and y.dtype == object


def labels_of(y: Any, name: str) -> Any:
    """Return labels, numbers among objects as an array of numbers.

    Raises
    ------
    InvalidValueError
        If objects are neither all texts nor all numbers, in a table those of each column.
    """
    if is_table_of_objects(y):
        for number, column in enumerate(y.T):
            what = f"column {number} of {name}"
            with naming(what):
                check_classification_targets(_one_kind(column, what))
        return y  # each column has numbers of its own type
    return _one_kind(y, name) if y.dtype == object else y


def all_labels(classes: Any) -> Any:
    """Return the labels that a user says there are, (n_classes,), checked as labels of samples.

    They stay as they are, for scikit-learn's errors to show, unless they were objects.
    """
    given = np.asarray(present(classes, "classes"))
    if given.ndim != 1 or not given.size:
        raise InvalidValueError(
            "classes must be labels in one dimension, at least one",
            Words(f"shape {given.shape}"),
            "such as np.unique(y)",
        )
    return labels_of(given, "classes") if given.dtype == object else classes


def _one_kind(labels: Array, name: str) -> Array:
    kind: Any = str if isinstance(labels[0], str) else Real | np.bool
    for sample, label in enumerate(labels.tolist()):
        if not isinstance(label, kind):
            raise InvalidValueError(
                f"{name} must have labels that are all texts or all numbers",
                Words(f"{reprlib.repr(label)} in sample {sample}"),
                "convert them or leave such samples out",
            )
    return labels if kind is str else typed(labels)


def typed(column: Array) -> Array:
    """Return labels of one type as an array of that type, where they are objects."""
    return np.array(column.tolist()) if column.dtype == object else column


def numbers_of(y: Any, name: str) -> Array:
    """Return targets as an array of numbers, float64 where they were objects or texts."""
    if scipy.sparse.issparse(y) or y.dtype.kind not in "buifOU":
        raise _no_numbers(name, Words(f"{type(y).__name__} of {y.dtype}"))
    if y.dtype.kind in "buif":
        numbers: Array = y
        return numbers
    return np.array([_number(value, name) for value in y.ravel().tolist()]).reshape(y.shape)


def _number(value: Any, name: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _no_numbers(name, value) from None


def _no_numbers(name: str, given: object) -> InvalidValueError:
    return InvalidValueError(
        f"{name} must be a dense array of numbers", given, "convert it to floats"
    )
