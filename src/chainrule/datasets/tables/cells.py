"""What a cell of text means: the same in every format.

White space around it does not count, and some words mean that there is no value.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from chainrule._types import Array

MISSING_WORDS = ("", "NA", "N/A", "NaN", "nan", "null", "None", "?")
"""The cells, without white space around them, that are missing values."""

_MISSING = frozenset(MISSING_WORDS)


def cells_of(texts: Iterable[str]) -> list[str | None]:
    """Return what texts mean: each stripped, or None where a value is missing."""
    cells: list[str | None] = list(map(str.strip, texts))
    if _MISSING.isdisjoint(cells):  # most columns miss nothing, and that is quick to see
        return cells
    return [None if cell in _MISSING else cell for cell in cells]


def text_cells(texts: Iterable[str]) -> Array:
    """Return texts as a column, (n,) of objects; see :func:`cells_of`."""
    return np.array(cells_of(texts), dtype=object)
