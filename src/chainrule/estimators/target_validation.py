"""Checks of targets, of ``y`` as of ``y_val``: each error says which of them it is about.

Frames whose columns have several types come as tables of objects. Each column then has labels of
its own, all texts or all numbers.
"""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.exceptions import DataConversionWarning
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from chainrule._types import Array
from chainrule._warnings import warn
from chainrule.engine.checks import check_sparse
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators.validation import naming


def validated_targets(estimator: Any, y: Any, name: str) -> Any:
    """Return targets as an array, or sparse, of finite numbers or of objects; as scikit-learn."""
    check_sparse(y, name)
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


def is_table_of_objects(y: Any) -> bool:
    """Return whether y is what a frame with columns of several types becomes."""
    return isinstance(y, np.ndarray) and y.ndim == 2 and y.dtype == object


def check_columns(y: Array, name: str) -> None:
    """Raise unless each column of a table of objects has labels, all texts or all numbers."""
    for number, column in enumerate(y.T):
        kinds = {type(label) for label in column.tolist()}
        if not any(all(issubclass(kind, one) for kind in kinds) for one in (str, Real | np.bool)):
            raise InvalidValueError(
                f"column {number} of {name} must have labels that are all texts or all numbers",
                Words(" and ".join(sorted(kind.__name__ for kind in kinds))),
                "convert them or leave such samples out",
            )
        with naming(f"column {number} of {name}"):
            check_classification_targets(typed(column))


def typed(column: Array) -> Array:
    """Return labels of one type as an array of that type, where they are objects."""
    return np.array(column.tolist()) if column.dtype == object else column


def numbers_of(y: Any, name: str) -> Array:
    """Return targets as an array of numbers, float64 where they were objects."""
    if scipy.sparse.issparse(y) or y.dtype.kind not in "buifO":
        raise _no_numbers(name, Words(f"{type(y).__name__} of {y.dtype}"))
    if y.dtype != object:
        numbers: Array = y
        return numbers
    return np.array([_number(value, name) for value in y.ravel()]).reshape(y.shape)


def _number(value: Any, name: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _no_numbers(name, value) from None


def _no_numbers(name: str, given: object) -> InvalidValueError:
    return InvalidValueError(
        f"{name} must be a dense array of numbers", given, "convert it to floats"
    )
