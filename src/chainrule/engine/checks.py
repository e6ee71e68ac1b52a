"""What data must be where it is lent to a network: shapes, number types, ranges, sparse structure.

The compiled loop reads and writes where it is told to; NumPy broadcasts, clips, and counts from the
end. So each array is looked at here before either has it, once for all rows that are lent, and the
errors are the same with both. Numbers that are not finite pass: the loss shows them.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from scipy.sparse import issparse

from chainrule._types import Array
from chainrule.engine.losses import Loss
from chainrule.errors import InvalidValueError, Words, an_object

NUMBERS, INTEGERS = "buif", "iu"  # kinds of dtypes
_KINDS = {NUMBERS: "numbers", INTEGERS: "integers"}
_MASKED = np.ma.MaskedArray  # whose data are not what it stands for
_INDICES = (np.dtype(np.int32), np.dtype(np.int64))  # of SciPy's sparse matrices
_UNSIGNED = {np.dtype(f"{o}i{n}"): np.dtype(f"{o}u{n}") for o in "<>" for n in (1, 2, 4, 8)}
_RESHAPE = "convert it with numpy.asarray, or reshape it"
_BUILD_ANEW = "build the matrix anew; its check_format() finds such faults too"


def check_integer(name: str, value: object, low: int, remedy: str) -> None:
    """Raise unless ``value`` is an integer of at least ``low``; True and False are not."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < low:
        raise InvalidValueError(f"{name} must be an integer of at least {low}", value, remedy)


def check_array(
    name: str,
    value: Any,
    shape: tuple[int | str, ...],
    kinds: str = NUMBERS,
    remedy: str = _RESHAPE,
) -> None:
    """Raise unless ``value`` is an array of numbers of this shape; a text is any length."""
    if (
        isinstance(value, np.ndarray)
        and value.dtype.kind in kinds
        and (value.shape == shape or _is_of(value.shape, shape))
        and not isinstance(value, _MASKED)
    ):
        return
    wanted = f"{', '.join(map(str, shape))}{',' * (len(shape) == 1)}"
    rule = f"{name} must be an array of {_KINDS[kinds]} of shape ({wanted})"
    raise InvalidValueError(rule, _described(value), remedy)


def _is_of(given: tuple[int, ...], shape: tuple[int | str, ...]) -> bool:
    return len(given) == len(shape) and all(
        isinstance(m, str) or n == m for n, m in zip(given, shape, strict=True)
    )


def _described(value: Any) -> Words:
    if isinstance(value, np.ndarray):
        kind = "masked " * isinstance(value, _MASKED)
        return Words(f"{kind}{value.dtype} of shape {value.shape}")
    return an_object(value)


def check_range(name: str, numbers: Array, end: int, remedy: str) -> None:
    """Raise unless all of these integers, (n,), are in [0, end)."""
    if not len(numbers):
        return
    dtype = numbers.dtype
    if dtype.kind == "u" or end <= 1 << (8 * dtype.itemsize - 1):
        # One pass for both ends: without its sign a negative number is too large.
        beyond = np.maximum.reduce(numbers.view(_UNSIGNED.get(dtype, dtype))) >= end
    else:
        beyond = np.minimum.reduce(numbers) < 0
    if beyond:
        first = numbers[(numbers < 0) | (numbers >= end)][0]
        raise InvalidValueError(f"{name} must be in [0, {end})", int(first), remedy)


def check_vector(name: str, value: Any, n: int, dtype: np.dtype, *, writable: bool = False) -> None:
    """Raise unless kernels may take ``value`` for n numbers, one behind the other."""
    fits = isinstance(value, np.ndarray) and (value.shape, value.dtype) == ((n,), dtype)
    fits = fits and bool(value.flags.c_contiguous and value.flags.aligned)
    if not fits or (writable and not value.flags.writeable):
        raise InvalidValueError(
            f"{name} must be a contiguous vector of {n} {dtype} numbers"
            f"{' that may be written to' if writable else ''}",
            Words(f"read-only {_described(value)}") if fits else _described(value),
            "copy it with numpy.array(…, dtype)",
        )


# -- targets ---------------------------------------------------------------------------------------


def check_targets(loss: Loss, n_outputs: int, y: Any, n: int) -> None:
    """Raise unless ``y`` has targets of n samples as the loss takes them; classes in any range."""
    kinds = INTEGERS if loss.takes_classes else NUMBERS
    remedy = (
        "encode classes as 0, 1, 2, …" if loss.takes_classes else "use y.reshape(n_samples, -1)"
    )
    check_array("y", y, (n, *loss.target_shape(n_outputs)), kinds, remedy)


def check_classes(loss: Loss, n_outputs: int, y: Array) -> None:
    """Raise unless all classes are some that the network has outputs for; others read elsewhere."""
    if loss.takes_classes:
        columns = (y,) if y.ndim == 1 else y.T
        for column, count in zip(columns, loss.class_counts(n_outputs), strict=True):
            check_range("the classes in y", column, count, "encode them anew, or add outputs")


# -- sparse matrices -------------------------------------------------------------------------------


def check_sparse(X: Any, name: str = "X") -> None:
    """Raise unless all that a sparse matrix refers to lies inside it.

    SciPy looks when a matrix is made, and not at indices that are changed or handed over: it then
    reads and writes elsewhere, as the compiled loop would. Formats without indices pass, and what
    is not sparse.
    """
    kind = getattr(X, "format", None) if issparse(X) else None
    if kind == "coo":
        _check_indices("rows", name, X.row, X.shape[0], len(X.data))
        _check_indices("columns", name, X.col, X.shape[1], len(X.data))
    elif kind in ("csr", "csc", "bsr"):
        _check_compressed(X, name)


def _check_compressed(X: Any, name: str) -> None:
    sizes = X.shape
    if X.format == "bsr":
        sizes = tuple(n // block for n, block in zip(sizes, X.blocksize, strict=True))
    n_slices, width = reversed(sizes) if X.format == "csc" else sizes
    starts, data = X.indptr, X.data
    if starts.dtype not in _INDICES or starts.shape != (n_slices + 1,):
        raise _broken("pointers", name, f"{n_slices + 1} integers", _described(starts))
    if starts[0] != 0 or (starts[1:] < starts[:-1]).any():
        raise _broken("pointers", name, "increasing from 0", Words("others"))
    if data.ndim != (3 if X.format == "bsr" else 1) or starts[-1] > len(data):
        value = Words(f"{starts[-1]} of {_described(data)}")
        raise _broken("pointers", name, "to one of its values", value)
    _check_indices("indices", name, X.indices, width, int(starts[-1]))


def _check_indices(what: str, name: str, indices: Array, end: int, n: int) -> None:
    if indices.dtype not in _INDICES or indices.ndim != 1 or len(indices) < n:
        raise _broken(what, name, f"{n} integers", _described(indices))
    check_range(f"the {what} of {name}", indices[:n], end, _BUILD_ANEW)


def _broken(what: str, name: str, rule: str, value: Words) -> InvalidValueError:
    return InvalidValueError(f"the {what} of {name} must be {rule}", value, _BUILD_ANEW)


def check_csr(X: Any) -> None:
    """Raise unless ``X`` is a CSR matrix of numbers."""
    is_sparse: bool = issparse(X)
    if not is_sparse or X.format != "csr" or X.dtype.kind not in NUMBERS:
        value = Words(f"{X.format} of {X.dtype}") if is_sparse else _described(X)
        raise InvalidValueError("X must be a CSR matrix of numbers", value, "use X.tocsr()")
