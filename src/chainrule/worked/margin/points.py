"""Labelled points, and what a hyperplane says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule._text import counted
from chainrule._types import Array
from chainrule.errors import InvalidValueError
from chainrule.worked.margin.labels import Labels, build_labels
from chainrule.worked.margin.linear import ONE, Vector, dot, minus
from chainrule.worked.numbers import is_list, parse_number

# Beyond these a page is too long for anybody to follow.
MAX_POINTS = 100
MAX_DIMENSIONS = 12


@dataclass(frozen=True)
class Hyperplane:
    """The points x with f(x) = w · x + b = 0.

    Attributes
    ----------
    w : tuple of Fraction, shape (d,)
        Its normal, which points to the side of +1.
    b : Fraction
        The constant.
    """

    w: Vector
    b: Fraction

    def value(self, x: Vector) -> Fraction:
        """Return f(x)."""
        return dot(self.w, x) + self.b

    @property
    def squared_norm(self) -> Fraction:
        """Return ‖w‖²."""
        return dot(self.w, self.w)


@dataclass(frozen=True)
class Points:
    """Points of two classes, checked.

    Attributes
    ----------
    X : tuple of shape (n, d)
        The points.
    labels : Labels
        Their labels, two that differ.
    """

    X: tuple[Vector, ...]
    labels: Labels

    @property
    def y(self) -> tuple[int, ...]:
        """Return 1 or -1 for each."""
        return self.labels.y

    @property
    def dimensions(self) -> int:
        """Return d."""
        return len(self.X[0])

    def of(self, sign: int) -> list[int]:
        """Return which points are of a class, 1 or -1."""
        return [i for i, y in enumerate(self.y) if y == sign]

    def label(self, i: int) -> str:
        """Return the label of a point, as it was given."""
        return self.labels.names[self.y[i]]

    def margins(self, plane: Hyperplane) -> tuple[Fraction, ...]:
        """Return y f(x) of each point: positive where the hyperplane is right."""
        return tuple(y * plane.value(x) for x, y in zip(self.X, self.y, strict=True))

    def combination(self, weights: Sequence[Fraction]) -> tuple[Fraction, Vector]:
        """Return Σ weight · y and Σ weight · y · x."""
        signed = [y * weight for y, weight in zip(self.y, weights, strict=True)]
        columns = zip(*self.X, strict=True)
        return sum(signed, Fraction(0)), tuple(dot(signed, column) for column in columns)


def build_points(X: Any, y: Any, positive: object = None) -> Points:
    """Return checked points; the parameters are :func:`~.explanation.explain_max_margin`'s."""
    rows = build_rows("x", X)
    return Points(rows, build_labels(y, len(rows), positive))


def build_rows(name: str, X: Any, width: int | None = None) -> tuple[Vector, ...]:
    """Return checked points; in one dimension a list of numbers will do.

    Parameters
    ----------
    name : str
        What they are called in messages.
    X : list of shape (n, d)
        The points.
    width : int, optional
        d, if it is known.
    """
    X = X.to_numpy() if hasattr(X, "to_numpy") else X
    if not is_list(X) or not len(X):
        raise InvalidValueError(
            f"{name} must be a list with at least one point", X, "such as [[0, 0], [1, 1]]"
        )
    _check_at_most(f"points in {name}", len(X), MAX_POINTS)
    rows = [list(row) if is_list(row) else [row] for row in X]
    n = len(rows[0]) if width is None else width
    _check_at_most(f"coordinates of a point in {name}", n, MAX_DIMENSIONS)
    for number, row in enumerate(rows, 1):
        if len(row) != n or not n:
            reason = "one for each of w" if width else "as many as the first"
            raise InvalidValueError(
                f"point {number} of {name} must have {counted(max(n, 1), 'number')}, {reason}",
                row,
                "add or take away numbers",
            )
    return tuple(
        tuple(
            parse_number(f"coordinate {k} of point {number} of {name}", value)
            for k, value in enumerate(row, 1)
        )
        for number, row in enumerate(rows, 1)
    )


def _check_at_most(what: str, n: int, most: int) -> None:
    if n > most:
        raise InvalidValueError(
            f"an example must have at most {most} {what} to be written out",
            n,
            "take fewer; fit more with sklearn.svm.LinearSVC",
        )


def box(X: Sequence[Vector]) -> tuple[Vector, Vector]:
    """Return the middle of the points' bounding box and half its sides."""
    columns = list(zip(*X, strict=True))
    middle = tuple((max(column) + min(column)) / 2 for column in columns)
    half = tuple((max(column) - min(column)) / 2 for column in columns)
    return middle, half


def unit_points(points: Points) -> tuple[Array, Vector, Fraction]:
    """Return the points moved and scaled, all axes alike, into [-1, 1]; and by what."""
    middle, half = box(points.X)
    scale = max(half) or ONE
    moved = [[float(value / scale) for value in minus(x, middle)] for x in points.X]
    return np.array(moved), middle, scale
