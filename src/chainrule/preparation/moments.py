"""What is learnt of the numbers of many columns at once: a call takes as long as a short column.

Mean and deviation are learnt by scikit-learn's StandardScaler from the cells that are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from sklearn.preprocessing import StandardScaler

from chainrule._types import Array


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


class RowSummary(NamedTuple):
    """What the numbers of some rows of a column are.

    Attributes
    ----------
    n_missing, n_bad : int
        How many cells are empty, and how many are no numbers.
    first_missing, first_bad : int
        The first of these, where there is one.
    low, high : float
        The smallest and the largest; infinite where there is none.
    """

    n_missing: int
    n_bad: int
    first_missing: int
    first_bad: int
    low: float
    high: float


def summaries(numbers: Array, bad: Array) -> Iterator[RowSummary]:
    """Return what numbers of shape (k, n) are, k columns side by side, a column at a time."""
    gone = np.isnan(numbers) & ~bad
    of_columns = (
        gone.sum(axis=1),
        bad.sum(axis=1),
        gone.argmax(axis=1),
        bad.argmax(axis=1),
        np.fmin.reduce(numbers, axis=1, initial=np.inf),
        np.fmax.reduce(numbers, axis=1, initial=-np.inf),
    )
    return map(RowSummary._make, zip(*(array.tolist() for array in of_columns), strict=True))
