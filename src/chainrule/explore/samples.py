"""Which rows go into the page: the most confident mistakes, something of every kind, the rest even.

A few hundred rows have to stand for all of them. A fifth of the places is for the most confident
mistakes; then each confusion that occurs gets its most confident row, so that no cell of the matrix
is without one; the rest is shared between the classes as in the data, evenly over its length.
"""

from __future__ import annotations

import numpy as np

from chainrule._types import Array

SHARE_OF_MISTAKES = 0.2


def chosen(most: int, n_rows: int, strata: Array | None, badness: Array | None) -> Array:
    """Return the numbers of the rows to show, sorted.

    Parameters
    ----------
    most : int
        How many, at most.
    n_rows : int
        How many there are.
    strata : array of shape (n_rows, 2) of int, or None
        Of each row its true class, and what it was taken for. None where there are no classes.
    badness : array of shape (n_rows,) or None
        How wrong each row is; only those above 0 are mistakes. None where there is no truth.
    """
    if most >= n_rows:
        return np.arange(n_rows)
    taken: dict[int, None] = {}
    worst = np.empty(0, int) if badness is None else np.argsort(-badness, kind="stable")
    if badness is not None:
        worst = worst[badness[worst] > 0]
        taken |= dict.fromkeys(worst[: int(SHARE_OF_MISTAKES * most)].tolist())
    if strata is not None:
        first_of_each = np.unique(strata[worst], axis=0, return_index=True)[1]
        for row in worst[np.sort(first_of_each)].tolist():
            if len(taken) < most:
                taken[row] = None
    groups = np.zeros(n_rows, int) if strata is None else strata[:, 0]
    _fill(taken, most, groups)
    return np.sort(np.fromiter(taken, int, len(taken)))


def _fill(taken: dict[int, None], most: int, groups: Array) -> None:
    """Take more rows, as many of each group as it has of all, evenly over the data."""
    left = np.setdiff1d(np.arange(len(groups)), np.fromiter(taken, int, len(taken)))
    in_order = left[np.argsort(groups[left], kind="stable")]  # group after group
    places = np.linspace(0, len(in_order), most - len(taken), endpoint=False).astype(int)
    taken |= dict.fromkeys(in_order[places].tolist())
