"""Checks of what users pass in. Each error names the rule, the value and the remedy."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError

from chainrule._types import Array
from chainrule.errors import InvalidValueError

PIXEL_SCALE = 1 / 255

RandomState = int | np.random.Generator | np.random.RandomState | None


def as_generator(random_state: RandomState) -> np.random.Generator:
    """Return a generator: seeded by an integer, drawn from a RandomState, or given as it is.

    Raises
    ------
    InvalidValueError
        For anything else, and for a negative integer.
    """
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**31, size=4))
    is_seed = isinstance(random_state, Integral) and random_state >= 0
    if random_state is None or is_seed or isinstance(random_state, np.random.Generator):
        return np.random.default_rng(random_state)
    raise InvalidValueError(
        "random_state must be None, an integer of at least 0, or a NumPy generator",
        random_state,
        "pass an integer for a result that can be repeated",
    )


def check_integer(name: str, value: object, low: int, remedy: str) -> None:
    """Raise unless ``value`` is an integer of at least ``low``; True and False are not."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < low:
        raise InvalidValueError(f"{name} must be an integer of at least {low}", value, remedy)


def check_number(name: str, value: object, low: float, high: float, remedy: str) -> None:
    """Raise unless low < value < high."""
    if not isinstance(value, Real) or isinstance(value, bool) or not low < float(value) < high:
        raise InvalidValueError(f"{name} must be a number in ({low}, {high})", value, remedy)


def check_features(values: Any, n_features: int, name: str = "X") -> Array:
    """Return ``values`` as an array of shape (n_samples, n_features), n_samples ≥ 1, all finite.

    Arrays are passed on without a copy, whatever their number type; images (n, h, w) are flattened.
    """
    X = as_numbers(values, name)
    if X.ndim > 2 and int(np.prod(X.shape[1:])) == n_features:
        X = X.reshape(len(X), n_features)
    if X.ndim != 2 or X.shape[1] != n_features:
        raise InvalidValueError(
            f"{name} must have shape (n_samples, {n_features}), as layer_sizes[0] says",
            X.shape,
            f"pass {n_features} features a sample or change layer_sizes",
        )
    if len(X) == 0:
        raise InvalidValueError(f"{name} must have at least one sample", X.shape, "pass some rows")
    if X.dtype.kind == "f" and not _finite(X):
        row, column = _first_not_finite(X)
        raise InvalidValueError(
            f"{name} must be finite",
            f"{X[row, column]} in row {row}, column {column}",
            "remove or impute such rows",
        )
    return X


def check_labels(values: Any, n_samples: int, n_classes: int, name: str = "y") -> Array:
    """Return ``values`` as int64 of shape (n_samples,) with values in 0 … n_classes - 1."""
    y = as_numbers(values, name)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.shape != (n_samples,):
        raise InvalidValueError(
            f"{name} must have shape ({n_samples},), one label a sample",
            y.shape,
            "pass class numbers, not one-hot rows, for the same samples as X",
        )
    if y.dtype.kind == "f" and not (np.isfinite(y).all() and (y == np.floor(y)).all()):
        wrong = y[~(np.isfinite(y) & (y == np.floor(y)))][0]
        raise InvalidValueError(
            f"{name} must hold whole class numbers", float(wrong), "encode labels as 0, 1, 2, …"
        )
    if len(y) and (y.min() < 0 or y.max() >= n_classes):
        wrong = y.max() if y.max() >= n_classes else y.min()
        raise InvalidValueError(
            f"{name} must hold class numbers in 0 … {n_classes - 1}, as layer_sizes[-1] says",
            wrong.item(),
            f"raise layer_sizes[-1] above {n_classes} or encode labels as 0 … {n_classes - 1}",
        )
    labels: Array = y.astype(np.int64, copy=False)
    return labels


def check_is_fitted(estimator: Any, attribute: str) -> None:
    """Raise scikit-learn's NotFittedError unless ``estimator`` has the fitted attribute."""
    if not hasattr(estimator, attribute):
        name = type(estimator).__name__
        raise NotFittedError(f"this {name} is not fitted yet: call fit(X, y) first")


def as_numbers(values: Any, name: str) -> Array:
    """Return ``values`` as an array of numbers, without a copy where it is one."""
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        array = np.asarray(values, dtype=object)
    if array.dtype.kind not in "buif":
        raise InvalidValueError(
            f"{name} must be an array of numbers",
            f"dtype {array.dtype}",
            "encode texts and missing values as numbers, in rows of one length",
        )
    return array


def _finite(X: Array, rows: int = 4096) -> bool:
    # In pieces, so that a memory map is read but never held; a NaN or inf makes the sum one.
    with np.errstate(over="ignore", invalid="ignore"):
        for begin in range(0, len(X), rows):
            piece = X[begin : begin + rows]
            if not np.isfinite(piece.sum(dtype=np.float64)) and not np.isfinite(piece).all():
                return False
    return True


def _first_not_finite(X: Array) -> tuple[int, int]:
    for row, values in enumerate(X):
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            return row, int(wrong[0])
    raise AssertionError("called on a finite array")
