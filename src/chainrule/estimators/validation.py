"""Checks of what users pass in. Each error names the rule, the value and the remedy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from numbers import Integral, Real
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import (
    _check_feature_names,
    _get_feature_names,
    assert_all_finite,
    check_array,
    validate_data,
)

from chainrule._types import Array
from chainrule._warnings import warn
from chainrule.engine.checks import check_sparse
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators.column_validation import check_columns, naming_columns
from chainrule.training.pages import Pages

PIXEL_SCALE = 1 / 255
PIECE = 4096  # rows that are looked at together

# The first check of a process looks for plug-ins of data frames among all packages that are
# installed. That is a part of importing, not of a fit.
check_array([[0]])

PLAIN = {np.dtype(np.uint8), np.dtype(np.float32), np.dtype(np.float64)}
LARGEST = {np.dtype(name): float(np.finfo(name).max) for name in ("float32", "float64")}

RandomState = int | np.random.Generator | np.random.RandomState | None


def as_generator(random_state: RandomState) -> np.random.Generator:
    """Return a generator: seeded by an integer, drawn from a RandomState, or given as it is.

    Raises
    ------
    InvalidValueError
        For anything else, and for a negative integer.
    """
    check_random_state(random_state)
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**31, size=4))
    return np.random.default_rng(random_state)


def check_random_state(random_state: object) -> None:
    """Raise unless :func:`as_generator` takes ``random_state``; nothing is drawn from it."""
    if isinstance(random_state, Integral) and not isinstance(random_state, bool):
        allowed = int(random_state) >= 0
    else:
        generators = np.random.Generator, np.random.RandomState
        allowed = random_state is None or isinstance(random_state, generators)
    if not allowed:
        raise InvalidValueError(
            "random_state must be None, an integer of at least 0, or a NumPy generator",
            random_state,
            "pass an integer for a result that can be repeated",
        )


def check_number(name: str, value: Any, low: float, high: float, remedy: str) -> None:
    """Raise unless low < value < high."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not (is_number and low < value < high):
        raise InvalidValueError(f"{name} must be a number in ({low}, {high})", value, remedy)


def check_features(
    values: Any, n_features: int, name: str = "X", *, dtype: str = "float64"
) -> Array:
    """Return ``values`` as an array of shape (n_samples, n_features), n_samples ≥ 1.

    All numbers are finite, also in ``dtype``. Arrays are passed on without a copy, whatever their
    number type; images (n, h, w) are flattened.
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
    largest = float(np.finfo(dtype).max)
    if X.dtype.kind == "f" and not _within(X, largest):
        row, column = _first_beyond(X, largest)
        rule, remedy = f"{name} must be finite", "remove or impute such rows"
        if np.isfinite(X[row, column]):
            rule, remedy = f"{rule} in {dtype}", 'scale the features or pass dtype="float64"'
        value = Words(f"{X[row, column]} in row {row}, column {column}")
        raise InvalidValueError(rule, value, remedy)
    return X


def names_of(X: Any) -> Array | None:
    """Return the names of a frame's columns; None where they have none, or are not texts."""
    names: Array | None = _get_feature_names(X)
    return names


def check_same_names(X: Any, known: Array | None, name: str = "X") -> None:
    """Raise InvalidValueError if a frame's columns are not called as those of training."""
    names = names_of(X)
    if known is None or names is None or np.array_equal(names, known):
        return
    raise InvalidValueError(
        f"{name} must have the columns of the training data, in their order",
        Words(", ".join(map(str, names[:5])) + (", …" if len(names) > 5 else "")),
        f"pass {name}[{[str(one) for one in known[:5]]}]" if len(known) <= 5 else "reorder them",
    )


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
        highest = int(y.max())
        remedy = f"encode labels as 0 … {n_classes - 1}"
        if highest >= n_classes:
            remedy = f"raise layer_sizes[-1] to {highest + 1} or {remedy}"
        raise InvalidValueError(
            f"{name} must hold class numbers in 0 … {n_classes - 1}, as layer_sizes[-1] says",
            highest if highest >= n_classes else int(y.min()),
            remedy,
        )
    labels: Array = y.astype(np.int64, copy=False)
    return labels


def check_weights(values: Any, n_samples: int) -> Array:
    """Return ``values`` as numbers of shape (n_samples,), not negative and not all 0."""
    weights = as_numbers(values, "sample_weight")
    if weights.shape != (n_samples,):
        raise InvalidValueError(
            f"sample_weight must have shape ({n_samples},), one weight a sample",
            weights.shape,
            "pass one for each sample of X",
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise InvalidValueError(
            "sample_weight must be finite, at least 0, and above 0 somewhere",
            weights,
            "change them",
        )
    return weights


def summable(weights: Array) -> Array:
    """Return sample weights, or raise unless a mean by them can be taken, in float32 too."""
    total, least = float(weights.sum(dtype=np.float64)), float(np.finfo(np.float32).tiny)
    if not least < total < math.inf:
        raise InvalidValueError(
            f"sample_weight must have a sum above {least:.1e}", total, "change or scale the weights"
        )
    return weights


def looks_like_pixels(X: Array) -> bool:
    """Return whether X has bytes in another type than uint8: whole numbers from 0 to 255.

    Some are above 127: small counts are no pixels.
    """
    highest = 0
    for begin in range(0, len(X), PIECE):
        piece = X[begin : begin + PIECE]
        if not (piece.min() >= 0 and piece.max() <= 255 and (piece == np.floor(piece)).all()):
            return False
        highest = max(highest, int(piece.max()))
    return highest > 127


def check_is_fitted(estimator: Any, attribute: str) -> None:
    """Raise scikit-learn's NotFittedError unless ``estimator`` has the fitted attribute."""
    if not hasattr(estimator, attribute):
        name = type(estimator).__name__
        raise NotFittedError(f"this {name} is not fitted yet: call fit(X, y) first")


def as_numbers(values: Any, name: str) -> Array:
    """Return ``values`` as an array of numbers, without a copy where it is one."""
    if hasattr(values, "toarray"):
        raise InvalidValueError(
            f"{name} must be dense", Words(f"a {type(values).__name__}"), f"pass {name}.toarray()"
        )
    check_unmasked(values, name)
    try:
        array = np.asarray(values)
        what, allowed = f"dtype {array.dtype}", array.dtype.kind in "buif"
        if array.shape == () and array.dtype == object:
            what = f"a {type(values).__name__}"
    except ValueError:
        what, allowed = "rows of different lengths", False
    if not allowed:
        check_columns(values, name)
        raise InvalidValueError(
            f"{name} must be an array of numbers",
            Words(what),
            "encode texts and missing values as numbers, in rows of one length",
        )
    return array


def _within(X: Array, largest: float, rows: int = 4096) -> bool:
    # In pieces, so that a memory map is read but never held; no comparison holds for NaN.
    pieces = (X[begin : begin + rows] for begin in range(0, len(X), rows))
    return all(-largest <= float(piece.min()) and float(piece.max()) <= largest for piece in pieces)


def _first_beyond(X: Array, largest: float) -> tuple[int, int]:
    for row, values in enumerate(X):
        wrong = np.flatnonzero(~(np.abs(values.astype(np.float64)) <= largest))
        if wrong.size:
            return row, int(wrong[0])
    raise AssertionError("called on an array within bounds")


def check_unmasked(values: Any, name: str) -> None:
    """Raise if an array, or one in a list, has masked values: as a plain array it would lose them.

    Raises
    ------
    InvalidValueError
        With how many there are.
    """
    rows = values if isinstance(values, list | tuple) else [values]
    masked = sum(int(np.ma.getmaskarray(row).sum()) for row in rows if np.ma.is_masked(row))
    if masked:
        raise InvalidValueError(
            f"{name} must have no masked values", Words(f"{masked} of them"), "fill or remove them"
        )


def _as_given(X: Any, name: str) -> tuple[Any, dict[str, Any]]:
    """Return samples, lists as an array, and how scikit-learn is to check them.

    They keep their number type, which scikit-learn would make float64, a memory map as a whole
    too. What is no number yet becomes one: numbers as texts, and None, which is then missing.
    """
    check_unmasked(X, name)
    # scikit-learn converts other formats than CSR, and SciPy looks at no index.
    check_sparse(X, name)
    if isinstance(X, list | tuple):
        with suppress(ValueError):  # rows of different lengths: scikit-learn says so
            X = np.asarray(X)
    no_numbers = getattr(getattr(X, "dtype", None), "kind", None) in ("O", "S", "U")
    return X, {
        "accept_sparse": "csr",
        "dtype": np.float64 if no_numbers else "numeric",
        "ensure_all_finite": not Pages(X).mapped,
    }


def validated(estimator: Any, X: Any, y: Any = "no_validation", **checks: Any) -> Any:
    """Return X, or (X, y), as scikit-learn validates them, but in the number type they have."""
    X, how = _as_given(X, "X")
    check_sparse(y, "y")
    mapped = not how["ensure_all_finite"]
    with naming_columns(X, "X"):
        checked = validate_data(estimator, X, y, **checks, **how)
    _check_kind(checked[0] if isinstance(checked, tuple) else checked, X, "X")
    if mapped:
        check_finite(X, type(estimator).__name__)
    return checked


def is_plain(estimator: Any, X: Any, dtype: np.dtype) -> bool:
    """Return whether :func:`validated` and :func:`check_in_dtype` surely pass X on as it is.

    A contiguous array of numbers in range for a network of ``dtype``, without names: their many
    questions take longer than a small network's answer.
    """
    return (
        type(X) is np.ndarray
        and X.dtype in PLAIN
        and X.ndim == 2
        and X.flags.c_contiguous
        and X.shape[0] > 0
        and X.shape[1] == getattr(estimator, "n_features_in_", None)
        and getattr(estimator, "feature_names_in_", None) is None
        and not Pages(X).mapped  # read a piece at a time
        # No square is more than their sum; a byte is always in range.
        and (X.dtype.kind == "u" or float(np.vdot(X, X)) < LARGEST[dtype])
    )


def validated_as(estimator: Any, X: Any, name: str) -> Any:
    """Return other samples for an estimator that knows X, validated as X is; ``name`` is theirs."""
    X, how = _as_given(X, name)
    with naming(name), naming_columns(X, name):
        _check_feature_names_of(estimator, X, name)
        checked = check_array(X, input_name=name, estimator=estimator, **how)
        if not how["ensure_all_finite"]:
            check_finite(X, type(estimator).__name__, name)
    _check_kind(checked, X, name)
    if checked.shape[1] != estimator.n_features_in_:
        raise InvalidValueError(
            f"{name} must have {estimator.n_features_in_} features, as X",
            checked.shape[1],
            "pass data with the same columns",
        )
    return checked


def _check_kind(checked: Any, X: Any, name: str) -> None:
    # scikit-learn passes on dates, and frames of categories as objects.
    if checked.dtype.kind not in "buif":
        check_columns(X, name)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Put a name before errors that do not say what they are about, such as scikit-learn's."""
    try:
        yield
    except (TypeError, ValueError) as error:
        if name in str(error):
            raise
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name}: {error}") from error


def _check_feature_names_of(estimator: Any, X: Any, name: str) -> None:
    # scikit-learn's own warnings are about X, whatever is looked at.
    known, given = hasattr(estimator, "feature_names_in_"), _get_feature_names(X) is not None
    if known and given:
        _check_feature_names(estimator, X, reset=False)
    elif known != given:
        have, fitted = ("has", "without") if given else ("does not have valid", "with")
        warn(
            f"{name} {have} feature names, but {type(estimator).__name__} was fitted {fitted} "
            "feature names"
        )


def check_finite(X: Array, estimator_name: str, name: str = "X") -> None:
    """Raise scikit-learn's error for NaN or infinity in a memory map, read a piece at a time."""
    if X.dtype.kind != "f":
        return
    pages = Pages(X)
    for begin in range(0, len(X), PIECE):
        piece = X[begin : begin + PIECE]
        assert_all_finite(piece, estimator_name=estimator_name, input_name=name)
        pages.read(len(piece))


def check_in_dtype(X: Any, dtype: np.dtype, name: str) -> None:
    """Raise if a number of X is finite, but not in the network's dtype."""
    values: Any = getattr(X, "data", X) if scipy.sparse.issparse(X) else X
    if values.dtype.kind != "f" or values.dtype.itemsize <= dtype.itemsize:
        return
    largest = float(np.finfo(dtype).max)
    pages = Pages(values)
    for begin in range(0, len(values), PIECE):
        piece = values[begin : begin + PIECE]
        worst = max(float(piece.max()), -float(piece.min()))
        if worst > largest:
            raise InvalidValueError(
                f"{name} must be finite in {dtype}",
                worst,
                'scale the features or pass dtype="float64"',
            )
        pages.read(len(piece))
