"""What the first pass keeps of a column: counts and moments, never the cells.

A tally is given a column a piece at a time, and what it ends with does not depend on how large the
pieces are, but for rounding. Mean and deviation are learnt by scikit-learn's StandardScaler from
the cells that are there, of all columns at once: a call of it takes as long as a short column.
Distinct values are counted while there are at most :data:`MOST_DISTINCT`, none of them long; beyond
that the tally knows that there are more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.preprocessing import StandardScaler

from chainrule._types import Array
from chainrule.datasets.tables import Column, Piece
from chainrule.preparation.cells import is_date, missing, to_numbers, to_texts, without_point

MOST_DISTINCT = 1000  # values of a column that are counted
LONGEST_VALUE = 200  # characters of one


class Bad(NamedTuple):
    """A cell that is no number.

    Attributes
    ----------
    row : int
        Of the table, from 0.
    value : object
        What is there.
    """

    row: int
    value: Any


class Moments:
    """Mean and deviation of columns, learnt from pieces; a component that is missing is left out.

    Parameters
    ----------
    width : int
        How many numbers a row has.
    """

    def __init__(self, width: int) -> None:
        self._scaler = StandardScaler()
        self._learnt = {
            "mean_": np.zeros(width),
            "var_": np.zeros(width),
            "scale_": np.ones(width),
            "n_samples_seen_": np.zeros(width, np.int64),
        }

    def add(self, numbers: Array) -> None:
        """Take rows of shape (n, width), NaN where a number is missing."""
        there = ~np.isnan(numbers).all(axis=0)
        if not there.any():
            return
        with np.errstate(invalid="ignore", divide="ignore"):  # of what is not there
            self._scaler.partial_fit(numbers)
        # A column without a number in these rows stays as it was: the scaler would forget it.
        for name, before in self._learnt.items():
            self._learnt[name] = np.where(there, getattr(self._scaler, name), before)
            setattr(self._scaler, name, self._learnt[name])

    @property
    def mean(self) -> Array:
        """Of each column, shape (width,); 0 where there was no number."""
        return self._learnt["mean_"]

    @property
    def empty(self) -> Array:
        """Whether there was no number, shape (width,)."""
        unseen: Array = self._learnt["n_samples_seen_"] == 0
        return unseen

    @property
    def scale(self) -> Array:
        """What to divide by, shape (width,): the deviation, or 1 where there is none."""
        return self._learnt["scale_"]


class Tally:
    """What is known of a column of single values after some pieces.

    Parameters
    ----------
    dtype : numpy.dtype
        Of the column; object for texts.
    moments : Moments
        Of the numbers of all single columns.
    place : int
        Which of these it is.

    Attributes
    ----------
    n_rows, n_missing, n_bad : int
        Rows; rows without a value; rows with a value that is no number.
    first_bad, first_missing : Bad, int or None
        The first of these.
    distinct : Counter of str, or None
        How often each value is there; None where there are too many, or too long ones.
    head : list of str
        The first values that are there, one more than are counted at most.
    all_dates : bool
        Whether every value is a date.
    counts_rows : bool
        Whether the numbers go up by 1, from 0 or 1.
    low, high : float
        The smallest and the largest number.
    """

    def __init__(self, dtype: np.dtype, moments: Moments, place: int) -> None:
        self.dtype = dtype
        self.n_rows = self.n_missing = self.n_bad = 0
        self.first_bad: Bad | None = None
        self.first_missing: int | None = None
        self.distinct: Counter[str] | None = Counter()
        self.head: list[str] = []
        self.all_dates = self.counts_rows = True
        self.low, self.high = np.inf, -np.inf
        self._moments, self._place = moments, slice(place, place + 1)
        self._start = 0.0

    @property
    def mean(self) -> Array:
        """Of the numbers, shape (1,); 0 where there is none."""
        return self._moments.mean[self._place]

    @property
    def scale(self) -> Array:
        """Their deviation, shape (1,); 1 where they do not vary."""
        return self._moments.scale[self._place]

    @property
    def gone(self) -> Array:
        """Whether a value is missing in some row, of shape (1,)."""
        return np.array([self.n_missing > 0])

    @property
    def counts(self) -> dict[str, int] | None:
        """How often each value is there, the most frequent first, if these were counted."""
        return None if self.distinct is None else _sorted(self.distinct)

    @property
    def categories(self) -> dict[str, int]:
        """The counts of a category: ``1.0`` is ``1``, as in a frame."""
        merged: Counter[str] = Counter()
        for text, count in (self.distinct or {}).items():
            merged[without_point(text)] += count
        return _sorted(merged)

    @property
    def n_present(self) -> int:
        """How many rows have a value."""
        return self.n_rows - self.n_missing

    def add(self, values: Array) -> Array:
        """Take the column's next cells, (n,); return them as numbers, NaN where one is none."""
        gone = missing(values)
        numbers, bad = to_numbers(values)
        if self.first_missing is None and gone.any():
            self.first_missing = self.n_rows + int(gone.argmax())
        if self.first_bad is None and bad.any():
            row = int(bad.argmax())
            self.first_bad = Bad(self.n_rows + row, values[row])
        self._add_numbers(numbers)
        self._add_values(values[~gone])
        self.n_rows += len(values)
        self.n_missing += int(gone.sum())
        self.n_bad += int(bad.sum())
        return numbers

    def _add_numbers(self, numbers: Array) -> None:
        if not len(numbers):
            return
        if not self.n_rows:
            self._start = numbers[0]
            self.counts_rows = self._start in (0, 1)
        if self.counts_rows:
            rows = np.arange(self.n_rows, self.n_rows + len(numbers))
            self.counts_rows = np.array_equal(numbers, self._start + rows)
        known = numbers[~np.isnan(numbers)]
        if len(known):
            self.low = min(self.low, float(known.min()))
            self.high = max(self.high, float(known.max()))

    def _add_values(self, present: Array) -> None:
        if len(self.head) <= MOST_DISTINCT:
            more = present[: MOST_DISTINCT + 1 - len(self.head)]
            self.head += [text[:LONGEST_VALUE] for text in to_texts(more) if text is not None]
        if self.all_dates:
            texts = present.dtype.kind == "O"
            self.all_dates = texts and all(map(is_date, present.tolist()))
        if self.distinct is None:
            return
        found = _counted(present)
        self.distinct.update(found or ())
        too_long = any(len(text) > LONGEST_VALUE for text in found or ())
        if found is None or too_long or len(self.distinct) > MOST_DISTINCT:
            self.distinct = None


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _counted(present: Array) -> dict[str, int] | None:
    """Return how often each of the different values is there; None if these are too many."""
    if present.dtype.kind == "O":
        found = Counter(present.tolist())
        return found if len(found) <= MOST_DISTINCT else None
    values, counts = np.unique(present, return_counts=True)
    if len(values) > MOST_DISTINCT:
        return None
    return dict(zip(map(str, to_texts(values)), counts.tolist(), strict=True))


class WideTally:
    """The same of a column of rows: images, or a matrix.

    Parameters
    ----------
    width : int
        How many numbers a row has.
    pixels : bool
        Whether these are bytes: they need no moments.

    Attributes
    ----------
    n_rows, n_missing : int
        Rows; rows in which at least one number is missing.
    first_bad : Bad or None
        The first row with a number that is not finite.
    counts, categories, low, high : None, float
        Not counted.
    gone : array of bool of shape (width,)
        Which numbers are missing in some row.
    """

    def __init__(self, width: int, *, pixels: bool) -> None:
        self.n_rows = self.n_missing = 0
        self.first_bad: Bad | None = None
        self.counts = self.categories = None
        self.low, self.high = np.nan, np.nan
        self.gone = np.zeros(width, bool)
        self._moments = Moments(width)
        self._pixels = pixels

    @property
    def mean(self) -> Array:
        """Of each number, shape (width,)."""
        return self._moments.mean

    @property
    def n_empty(self) -> int:
        """How many of a row's numbers are missing in every row."""
        return 0 if self._pixels else int(self._moments.empty.sum())

    @property
    def scale(self) -> Array:
        """Their deviations, shape (width,); 1 where they do not vary."""
        return self._moments.scale

    def add(self, values: Array) -> None:
        """Take the column's next rows, an array of shape (n, width)."""
        if not self._pixels:
            self._add_numbers(values)
        self.n_rows += len(values)

    def _add_numbers(self, values: Array) -> None:
        numbers, bad = to_numbers(values)
        if self.first_bad is None and bad.any():
            row, place = np.argwhere(bad)[0].tolist()
            self.first_bad = Bad(self.n_rows + row, values[row, place])
        gone = np.isnan(numbers)
        self.gone |= gone.any(axis=0)
        self.n_missing += int(gone.any(axis=1).sum())
        self._moments.add(numbers)


class TableTally:
    """The tallies of a table's columns, by name.

    Parameters
    ----------
    columns : sequence of Column
        The table's.
    pixels : collection of str
        The columns of rows that are pixels.

    Attributes
    ----------
    n_rows : int
        How many rows there were.
    """

    def __init__(self, columns: Sequence[Column], pixels: Collection[str] = ()) -> None:
        single = [column for column in columns if not column.shape]
        self.n_rows = 0
        self._moments = Moments(len(single))
        self._single = {
            column.name: Tally(column.dtype, self._moments, place)
            for place, column in enumerate(single)
        }
        self._wide = {
            column.name: WideTally(math.prod(column.shape), pixels=column.name in pixels)
            for column in columns
            if column.shape
        }

    def __getitem__(self, name: str) -> Tally | WideTally:
        return self._single[name] if name in self._single else self._wide[name]

    def add(self, piece: Piece) -> None:
        """Take the table's next rows."""
        self.n_rows += len(piece)
        numbers = [tally.add(piece.columns[name]) for name, tally in self._single.items()]
        if numbers:  # transposed, a column's numbers lie together and are summed in pairs
            self._moments.add(np.array(numbers).T)
        for name, tally in self._wide.items():
            tally.add(piece.columns[name])
