"""What was learnt of a column that becomes part of X, and the names of X's columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainrule._types import Array

BRIGHTEST = 255


@dataclass(frozen=True, eq=False)
class Prepared:
    """A column that becomes part of X.

    Attributes
    ----------
    name : str
        Of the column.
    kind : {"number", "category", "pixels", "block"}
        What it is.
    shape : tuple of int
        Of one row's value; () for a single one.
    missing : tuple of int
        Which of a row's values were missing in some row, by their place in it.
    categories : tuple of str
        Of a category: the values, sorted. Empty for other kinds.
    mean, scale : array of shape (width,)
        Of numbers: what is subtracted, and what it is then divided by. Empty for other kinds.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    missing: tuple[int, ...]
    categories: tuple[str, ...]
    mean: Array
    scale: Array

    @property
    def width(self) -> int:
        """How many values a row of it has."""
        return math.prod(self.shape)

    @property
    def is_numbers(self) -> bool:
        """Whether it has numbers, one or several a row."""
        return self.kind in ("number", "block")

    @property
    def n_features(self) -> int:
        """How many columns of X it becomes."""
        return (len(self.categories) or self.width) + len(self.missing)

    @property
    def values(self) -> list[str | None]:
        """The categories, and None where some were missing."""
        return [*self.categories, *[None for _ in self.missing]]


def feature_names(columns: Sequence[Prepared]) -> list[str]:
    """Return the names of X's columns, in their order."""
    numbers = [column for column in columns if column.is_numbers]
    names = [name for column in numbers for name in _components(column)]
    names += [
        f"{name} is missing"
        for column in numbers
        for name in [_components(column)[place] for place in column.missing]
    ]
    names += [
        f"{column.name} is missing" if value is None else f"{column.name} = {value}"
        for column in columns
        for value in (column.values if column.categories else [])
    ]
    pixels = [column for column in columns if column.kind == "pixels"]
    return names + [name for column in pixels for name in _components(column)]


def _components(column: Prepared) -> list[str]:
    if not column.shape:
        return [column.name]
    indices = np.ndindex(*column.shape)
    return [f"{column.name}[{', '.join(map(str, index))}]" for index in indices]
