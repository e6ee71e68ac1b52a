"""What the first pass keeps of a column: counts and moments, never the cells.

A tally is given a column a piece at a time, and what it ends with does not depend on how large the
pieces are, but for rounding. What takes as long for a short column as for a long one is done once
for all of them (:mod:`~chainrule.preparation.moments`). Distinct values are counted while there are
at most :data:`MOST_DISTINCT`, none of them long; beyond that the tally knows that there are more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule._types import Array
from chainrule.datasets.tables import Column, Piece
from chainrule.preparation.cells import (
    columns_to_numbers,
    is_date,
    missing,
    to_numbers,
    to_texts,
    without_point,
)
from chainrule.preparation.moments import Moments, RowSummary, summaries

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
    counts_values : bool
        Whether to look at single values: only rules of kinds and categories ask for these.

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

    def __init__(
        self, dtype: np.dtype, moments: Moments, place: int, *, counts_values: bool = True
    ) -> None:
        self.dtype, self._counts_values = dtype, counts_values
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

    def add(self, values: Array, numbers: Array, summary: RowSummary) -> None:
        """Take the column's next cells, (n,).

        Parameters
        ----------
        values : array of shape (n,)
            As they are in the table.
        numbers : array of shape (n,)
            The same as numbers.
        summary : RowSummary
            What :func:`summaries` says of these.
        """
        if self.first_missing is None and summary.n_missing:
            self.first_missing = self.n_rows + summary.first_missing
        if self.first_bad is None and summary.n_bad:
            self.first_bad = Bad(self.n_rows + summary.first_bad, values[summary.first_bad])
        self.low, self.high = min(self.low, summary.low), max(self.high, summary.high)
        if self._counts_values:
            self._add_order(numbers)
            self._add_values(values[~missing(values)] if summary.n_missing else values)
        self.n_rows += len(values)
        self.n_missing += summary.n_missing
        self.n_bad += summary.n_bad

    def _add_order(self, numbers: Array) -> None:
        if not self.counts_rows or not len(numbers):
            return
        if not self.n_rows:
            self._start = numbers[0]
        self.counts_rows = bool(self._start in (0, 1)) and np.array_equal(
            numbers, self._start + np.arange(self.n_rows, self.n_rows + len(numbers))
        )

    def _add_values(self, present: Array) -> None:
        is_text = present.dtype.kind == "O"
        if self.distinct is not None:
            self.distinct.update(present.tolist() if is_text else _counted(present))
            longest = max(map(len, self.distinct), default=0)
            if len(self.distinct) > MOST_DISTINCT or longest > LONGEST_VALUE:
                self.distinct = None
        if len(self.head) <= MOST_DISTINCT:
            more = to_texts(present[: MOST_DISTINCT + 1 - len(self.head)])
            self.head += [text[:LONGEST_VALUE] for text in more if text is not None]
        if self.all_dates:
            self.all_dates = is_text and all(map(is_date, present.tolist()))


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _counted(numbers: Array) -> dict[str, int]:
    """Return how often each of the different numbers is there, one more of them than count."""
    values, counts = (
        found[: MOST_DISTINCT + 1] for found in np.unique(numbers, return_counts=True)
    )
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
    known : collection of str
        The single columns whose kind is known, and is not a category: of these no single values
        are counted.

    Attributes
    ----------
    n_rows : int
        How many rows there were.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        pixels: Collection[str] = (),
        known: Collection[str] = (),
    ) -> None:
        single = [column for column in columns if not column.shape]
        self.n_rows = 0
        self._moments = Moments(len(single))
        self._single = {
            column.name: Tally(
                column.dtype, self._moments, place, counts_values=column.name not in known
            )
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
        self._add_single([piece.columns[name] for name in self._single], len(piece))
        for name, tally in self._wide.items():
            tally.add(piece.columns[name])

    def _add_single(self, columns: Sequence[Array], n: int) -> None:
        if not n:
            return
        numbers, bad = columns_to_numbers(columns, n)
        parts = zip(self._single.values(), columns, numbers, summaries(numbers, bad), strict=True)
        for tally, *part in parts:
            tally.add(*part)
        self._moments.add(numbers.T)  # a column's numbers lie together and are summed in pairs
