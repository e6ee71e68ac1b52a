"""Prepared columns as one fitted scikit-learn ColumnTransformer, made from what was learnt.

Its transformers are scikit-learn's: numbers go through a StandardScaler and a SimpleImputer with
indicators, categories through a OneHotEncoder, bytes through a MaxAbsScaler whose largest number is
255. They are fitted on two made-up rows with the right categories and gaps, and then given the
means and deviations, so that a model file holds numbers and texts alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, OneHotEncoder, StandardScaler

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


GROUPS = {"number": "numbers", "block": "numbers", "category": "categories", "pixels": "pixels"}


def make_transformer(columns: Sequence[Prepared]) -> ColumnTransformer:
    """Return the fitted transformer of a table whose columns lie side by side."""
    places = _places(columns)
    kinds = {
        "numbers": make_pipeline(
            StandardScaler(),
            SimpleImputer(strategy="constant", fill_value=0.0, add_indicator=True),
        ),
        "categories": OneHotEncoder(
            categories=[column.values for column in columns if column.categories],
            handle_unknown="ignore",
            sparse_output=False,
            dtype=np.float32,
        ),
        "pixels": MaxAbsScaler(),
    }
    transformer = ColumnTransformer(
        [(name, kinds[name], places[name]) for name in kinds if places[name]],
        sparse_threshold=0,
    )
    transformer.fit(_made_up_rows(columns))
    if places["numbers"]:
        _set_moments(transformer.named_transformers_["numbers"][0], columns)
    return transformer


def feature_names(columns: Sequence[Prepared]) -> list[str]:
    """Return the names of X's columns, in the transformer's order."""
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


def _places(columns: Sequence[Prepared]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {name: [] for name in ("numbers", "categories", "pixels")}
    begin = 0
    for column in columns:
        places[GROUPS[column.kind]] += range(begin, begin + column.width)
        begin += column.width
    return places


def _made_up_rows(columns: Sequence[Prepared]) -> Array:
    return beside([_made_up(column) for column in columns])


def _made_up(column: Prepared) -> Array:
    if column.kind == "category":
        return np.full((2, 1), column.categories[0], object)
    if column.kind == "pixels":
        return np.full((2, column.width), BRIGHTEST, np.uint8)
    numbers = np.zeros((2, column.width))
    numbers[0, list(column.missing)] = np.nan
    return numbers


def beside(parts: Sequence[Array]) -> Array:
    """Return columns side by side: numbers if all are, else objects."""
    if len(parts) == 1:
        return parts[0]
    if any(part.dtype.kind == "O" for part in parts):
        parts = [part.astype(object) for part in parts]
    return np.concatenate(parts, axis=1)


def _set_moments(scaler: StandardScaler, columns: Sequence[Prepared]) -> None:
    numbers = [column for column in columns if column.is_numbers]
    scaler.mean_ = np.concatenate([column.mean for column in numbers])
    scaler.scale_ = np.concatenate([column.scale for column in numbers])
    scaler.var_ = scaler.scale_**2
