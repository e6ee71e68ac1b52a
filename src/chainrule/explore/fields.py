"""A table's input: a slider for each number, a list for each category, in the column's units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule._types import Array
from chainrule.explore.content import ChoiceField, Field, NumberField, Option
from chainrule.explore.subject import Subject
from chainrule.preparation import Preparation
from chainrule.preparation.prepared import BRIGHTEST, Prepared

REACH = 3.0  # deviations to either side of the mean, where no data says how far values go
ROUNDING = 4 * float(np.finfo(np.float32).eps)


def table_fields(subject: Subject, X: Array | None) -> list[Field]:
    """Return a field for each column.

    Parameters
    ----------
    subject : Subject
        The model.
    X : array of shape (n, n_features) or None
        The data's rows, as the estimator takes them; None where there is no data.
    """
    if subject.preparation is not None:
        return list(_of_columns(subject.preparation, X))
    low, high = feature_range(subject, X)
    names = subject.feature_names or [f"x[{i}]" for i in range(len(low))]
    return [
        NumberField(
            name,
            i,
            0.0,
            1.0,
            float(low[i]),
            float(high[i]),
            X is not None and _integers(X[:, i], 0.0, 1.0),
        )
        for i, name in enumerate(names)
    ]


def feature_range(subject: Subject, X: Array | None) -> tuple[Array, Array]:
    """Return each feature's smallest and largest number; without data, likely ones."""
    n_features = subject.params.spec.layer_sizes[0]
    if X is not None:
        low, high = X.min(axis=0), X.max(axis=0)
        return low.astype(np.float64), high.astype(np.float64)
    shift, scale = (np.broadcast_to(part, n_features) for part in subject.scaling(None))
    return shift - REACH / scale, shift + REACH / scale


def _of_columns(preparation: Preparation, X: Array | None) -> Iterator[Field]:
    place = {name: i for i, name in enumerate(preparation.feature_names)}
    for column in preparation.columns:
        names = _names_of(column, preparation.feature_names)
        if column.categories:
            yield _choice(column, [place[name] for name in names])
            continue
        pixels = column.kind == "pixels"
        means = np.zeros(column.width) if pixels else column.mean
        scales = np.full(column.width, float(BRIGHTEST)) if pixels else column.scale
        for part, name in enumerate(names):
            yield _number(name, place[name], float(means[part]), float(scales[part]), X, pixels)
        for part in column.missing:
            missing = f"{names[part]} is missing"
            options = [Option("no", (0.0,)), Option("yes", (1.0,))]
            yield ChoiceField(missing, (place[missing],), options)


def _names_of(column: Prepared, names: list[str]) -> list[str]:
    from chainrule.preparation.prepared import feature_names

    own = feature_names([column])
    return own if column.categories else own[: column.width]


def _choice(column: Prepared, features: list[int]) -> ChoiceField:
    unit = np.eye(len(features))
    options = [
        Option("(missing)" if value is None else value, tuple(row))
        for value, row in zip(column.values, unit.tolist(), strict=True)
    ]
    return ChoiceField(column.name, tuple(features), options)


def _number(
    name: str, feature: int, mean: float, scale: float, X: Array | None, pixels: bool
) -> NumberField:
    if pixels:
        return NumberField(name, feature, mean, scale, 0.0, float(BRIGHTEST), integer=True)
    if X is None:
        low, high = mean - REACH * scale, mean + REACH * scale
        return NumberField(name, feature, mean, scale, low, high, integer=False)
    column = X[:, feature]
    low, high = (float(end) * scale + mean for end in (column.min(), column.max()))
    integer = _integers(column, mean, scale)
    if integer:
        low, high = float(round(low)), float(round(high))
    return NumberField(name, feature, mean, scale, low, high, integer)


def _integers(column: Array, mean: float, scale: float) -> bool:
    """Return whether a column has integers alone, as far as its rounding lets it tell."""
    values = column.astype(np.float64) * scale + mean
    error = ROUNDING * float(np.abs(column).max()) * scale
    return error < 0.05 and bool((np.abs(values - np.rint(values)) <= error).all())
