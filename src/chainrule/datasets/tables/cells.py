"""What a cell of text means: the same in every format.

White space around it does not count, and some words mean that there is no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from chainrule._types import Array

MISSING_WORDS = ("", "NA", "N/A", "NaN", "nan", "null", "None", "?")
"""The cells, without white space around them, that are missing values."""

_MISSING = frozenset(MISSING_WORDS)


def text_cells(texts: Iterable[str]) -> Array:
    """Return texts as a column: stripped, None where a value is missing.

    Parameters
    ----------
    texts : iterable of str
        One a row.

    Returns
    -------
    ndarray of object, shape (n,)
    """
    return cells_of(list(map(str.strip, texts)))


def cells_of(stripped: Sequence[str]) -> Array:
    """Return what :func:`text_cells` does, of texts that are stripped already."""
    cells: Sequence[str | None] = stripped
    if not _MISSING.isdisjoint(stripped):  # most columns have none, and that is quick to see
        cells = [None if cell in _MISSING else cell for cell in stripped]
    return np.array(cells, dtype=object)
