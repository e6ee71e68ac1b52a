"""Scaling of features: what to subtract and multiply by, learnt from data that stays as it is.

X is read in blocks of a fixed number of bytes and is never copied or converted as a whole, so a
memory map may be larger than memory. The numbers are those of scikit-learn's StandardScaler,
MinMaxScaler and RobustScaler. To add a scaling: a function below, and one line in
:data:`SCALINGS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse

from chainrule._types import Array
from chainrule.registry import Registry
from chainrule.training.pages import Pages

BLOCK_BYTES = 2**23  # of rows, as float64
COLUMNS_BYTES = 2**26  # of whole columns, in X's own dtype
ONE_BYTE = 256  # how many values a number of one byte can have
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Scaling:
    """What becomes of each feature: (x - shift) * scale.

    Parameters
    ----------
    shift : array of shape (n_features,)
        What is subtracted, float64.
    scale : array of shape (n_features,)
        What the difference is multiplied by, float64; finite and above 0.
    """

    shift: Array
    scale: Array


def learn_scaling(name: str, X: Any, rows: Array | None = None) -> Scaling:
    """Return the scaling called ``name``, as learnt from rows of ``X``.

    Every sample counts the same: sample weights are for the loss. scikit-learn's scalers in a
    pipeline do not get them either, unless they are asked to.

    Parameters
    ----------
    name : {"standard", "minmax", "robust"}
        A name in :data:`SCALINGS`.
    X : array or CSR matrix of shape (n_samples, n_features)
        Finite numbers of any type, in any layout.
    rows : array of shape (n,), optional
        The rows to learn from, at least one; no other is looked at. All if left out.

    Raises
    ------
    UnknownNameError
        If there is no scaling of that name.
    """
    # In the order of the file: a memory map is then read from front to back.
    return SCALINGS[name](X, None if rows is None else np.sort(rows))


def standard(X: Any, rows: Array | None) -> Scaling:
    """Mean 0 and variance 1; the variance is divided by n, not by n - 1.

    A column whose variance may be rounding error alone is not stretched (Chan, Golub and LeVeque,
    "Algorithms for computing the sample variance", 1983, bound it).
    """
    mean, deviation = _mean_and_deviation(X, rows, 1.0)
    overflown = ~(np.isfinite(mean) & np.isfinite(deviation))
    if overflown.any():  # squares of such numbers are beyond float64: measure in a larger unit
        unit = 2.0**600
        again = _mean_and_deviation(X, rows, unit)
        mean = np.where(overflown, again[0] * unit, mean)
        deviation = np.where(overflown, again[1] * unit, deviation)
    error = _n_rows(X, rows) * EPS
    constant = deviation * np.sqrt(1 - error) <= error * np.abs(mean)
    return Scaling(mean, 1 / np.where(constant, 1, deviation))


def minmax(X: Any, rows: Array | None) -> Scaling:
    """From 0, the smallest number, to 1, the largest.

    As in scikit-learn, a range below 10 eps is none; eps is that of X's type, or float64's.
    """
    low, high = extremes(X, rows)
    eps = max(EPS, float(np.finfo(X.dtype).eps)) if X.dtype.kind == "f" else EPS
    return Scaling(low, _scale_of_half(high / 2 - low / 2, eps))


def extremes(X: Any, rows: Array | None) -> tuple[Array, Array]:
    """Return each feature's smallest and largest number, float64."""
    low = np.full(X.shape[1], np.inf)
    high = -low
    for block in _blocks(X, rows):
        np.minimum(low, block.min(axis=0), out=low)
        np.maximum(high, block.max(axis=0), out=high)
    return low, high


def robust(X: Any, rows: Array | None) -> Scaling:
    """Median 0 and interquartile range 1, with quantiles between two numbers interpolated.

    As in scikit-learn, a range below 10 eps of float64 is none, whatever X's type.
    """
    last = _n_rows(X, rows) - 1
    places = [last * quarter / 4 for quarter in (1, 2, 3)]
    ranks = [rank for place in places for rank in (int(place), min(int(place) + 1, last))]
    # Halves, so that no difference overflows.
    halves = _sorted_at(ranks, X, rows) / 2  # (6, n_features)
    lower, upper = halves[::2], halves[1::2]
    fractions = np.array(places)[:, np.newaxis] % 1
    first, median, third = lower + (upper - lower) * fractions
    return Scaling(2 * median, _scale_of_half(third - first, EPS))


SCALINGS: Registry[Callable[[Any, Array | None], Scaling]] = Registry(
    "input_scaling", {"standard": standard, "minmax": minmax, "robust": robust}
)


def _scale_of_half(half: Array, eps: float) -> Array:
    # Half a range, which cannot overflow, becomes 1 / range; or 1, where the range is nothing.
    scale: Array = 0.5 / np.where(half < 5 * eps, 0.5, half)
    return scale


def _n_rows(X: Any, rows: Array | None) -> int:
    return int(X.shape[0]) if rows is None else len(rows)


def _pieces(X: Any, rows: Array | None, width: int) -> Iterator[Any]:
    # Some rows at a time; as float64, `width` columns of them fill a block.
    n, step = _n_rows(X, rows), max(1, BLOCK_BYTES // (8 * width))
    pages = Pages(X)
    for begin in range(0, n, step):
        end = min(begin + step, n)
        yield X[begin:end] if rows is None else X[rows[begin:end]]
        pages.read(end - begin)


def _blocks(X: Any, rows: Array | None) -> Iterator[Array]:
    for piece in _pieces(X, rows, X.shape[1]):
        yield piece.toarray() if issparse(X) else np.asarray(piece)


def _mean_and_deviation(X: Any, rows: Array | None, unit: float) -> tuple[Array, Array]:
    # Each block's mean and sum of squares about it are merged into those of the rows before, as
    # Chan does. All are of differences from the first row, which are exact for integers and for
    # columns that hardly vary.
    count, origin = 0, np.zeros(X.shape[1])
    mean, squares = np.zeros_like(origin), np.zeros_like(origin)
    with np.errstate(over="ignore", invalid="ignore"):  # the caller looks for inf and NaN
        for block in _blocks(X, rows):
            x = block.astype(np.float64)
            x /= unit
            if not count:
                origin = x[0].copy()
            x -= origin
            block_mean = x.mean(axis=0)
            x -= block_mean
            total = count + len(x)
            step = block_mean - mean
            mean += step * (len(x) / total)
            squares += np.square(x, out=x).sum(axis=0) + step**2 * (count * len(x) / total)
            count = total
        return origin + mean, np.sqrt(squares / count)


def _sorted_at(ranks: list[int], X: Any, rows: Array | None) -> Array:
    # What each column would hold in rows `ranks` if it were sorted: (len(ranks), n_features).
    n, width = _n_rows(X, rows), X.shape[1]
    if issparse(X):
        return _sparse_sorted_at(ranks, X, rows)
    if X.dtype.itemsize == 1:
        find, step = _bytes_sorted_at, max(1, BLOCK_BYTES // (8 * ONE_BYTE))
    else:
        find, step = _dense_sorted_at, max(1, COLUMNS_BYTES // (n * X.dtype.itemsize))
    parts = [find(ranks, X[:, begin : begin + step], rows) for begin in range(0, width, step)]
    return np.concatenate(parts, axis=1)


def _dense_sorted_at(ranks: list[int], X: Array, rows: Array | None) -> Array:
    # A block of whole columns, each in one piece of memory.
    columns = np.empty((X.shape[1], _n_rows(X, rows)), X.dtype.newbyteorder("="))
    begin = 0
    for piece in _pieces(X, rows, X.shape[1]):
        columns[:, begin : begin + len(piece)] = piece.T
        begin += len(piece)
    columns.partition(sorted(set(ranks)), axis=1)
    return columns[:, ranks].T.astype(np.float64)


def _bytes_sorted_at(ranks: list[int], X: Array, rows: Array | None) -> Array:
    # Count how often each column has each value; X has bool, uint8 or int8.
    width, lowest = X.shape[1], -128 if X.dtype.kind == "i" else 0
    counts = np.zeros(width * ONE_BYTE, np.int64)
    for piece in _pieces(X, rows, width):
        cells = piece.astype(np.intp) + (np.arange(width) * ONE_BYTE - lowest)
        counts += np.bincount(cells.ravel(), minlength=len(counts))
    up_to = counts.reshape(width, ONE_BYTE).cumsum(axis=1)
    # As many values lie below number `rank` as have at most `rank` numbers up to them.
    return np.array([(up_to <= rank).sum(axis=1) + float(lowest) for rank in ranks])


def _sparse_sorted_at(ranks: list[int], X: Any, rows: Array | None) -> Array:
    # From the stored numbers alone: sorted, a column's zeros that are not stored lie between its
    # negative numbers and the others.
    n, width = _n_rows(X, rows), X.shape[1]
    stored = np.zeros(width, np.int64)
    for _, columns in _entries(X, rows, 0, width):
        stored += np.bincount(columns, minlength=width)
    starts = np.concatenate([[0], np.cumsum(stored)])
    found, begin = np.zeros((len(ranks), width)), 0
    while begin < width:  # as many columns as have so many stored numbers, or one
        end = int(np.searchsorted(starts, starts[begin] + COLUMNS_BYTES // 32, "right")) - 1
        end = max(end, begin + 1)
        pairs = list(_entries(X, rows, begin, end))
        values, columns = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        negative = np.bincount(columns[values < 0], minlength=end - begin)
        values = values[np.lexsort((values, columns))]
        first, absent = starts[begin:end] - starts[begin], n - stored[begin:end]
        for row, rank in zip(found, ranks, strict=True):
            place = np.where(rank < negative, rank, rank - absent)
            is_stored = (rank < negative) | (place >= negative)
            row[begin:end][is_stored] = values[(first + place)[is_stored]]
        begin = end
    return found


def _entries(X: Any, rows: Array | None, begin: int, end: int) -> Iterator[tuple[Array, Array]]:
    # The stored numbers of columns begin … end - 1, and the column of each, counted from begin.
    for piece in _pieces(X, rows, X.shape[1]):  # a copy, also of all rows
        piece.sum_duplicates()
        inside = (begin <= piece.indices) & (piece.indices < end)
        yield piece.data[inside], piece.indices[inside] - begin
