"""Linear algebra with fractions: vectors are tuples, matrices sequences of rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

Vector = tuple[Fraction, ...]

ZERO, ONE = Fraction(0), Fraction(1)


def dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    """Return the scalar product."""
    return sum((x * y for x, y in zip(a, b, strict=True)), ZERO)


def combination(weights: Iterable[Fraction], vectors: Sequence[Vector]) -> Vector:
    """Return the sum of vectors, each multiplied by its weight."""
    weighted = [(w, v) for w, v in zip(weights, vectors, strict=True) if w]
    return tuple(sum((w * v[k] for w, v in weighted), ZERO) for k in range(len(vectors[0])))


def minus(a: Vector, b: Vector) -> Vector:
    """Return the difference of two vectors."""
    return tuple(x - y for x, y in zip(a, b, strict=True))


def columns_times(columns: Sequence[Vector], rows: Sequence[Vector]) -> list[list[Fraction]]:
    """Return the scalar product of each of ``columns`` with each of ``rows``."""
    return [[dot(a, b) for b in rows] for a in columns]


def solve(rows: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> Vector | None:
    """Return a solution of a linear system with any number of rows, by Gaussian elimination.

    Unknowns that the system leaves open are 0.

    Parameters
    ----------
    rows : sequence of shape (m, n)
        The equations' left sides.
    right : sequence of shape (m,)
        Their right sides.

    Returns
    -------
    tuple of shape (n,) or None
        None if there is no solution.
    """
    reduced, pivots = _reduce([[*row, value] for row, value in zip(rows, right, strict=True)])
    n = len(rows[0])
    if n in pivots:
        return None
    values = dict(zip(pivots, (row[n] for row in reduced), strict=True))
    return tuple(values.get(column, ZERO) for column in range(n))


def kernel_vector(rows: Sequence[Sequence[Fraction]]) -> Vector | None:
    """Return a vector that is not 0 and that a matrix maps to 0; None if there is none."""
    reduced, pivots = _reduce([list(row) for row in rows])
    n = len(rows[0])
    open_ = next((column for column in range(n) if column not in pivots), None)
    if open_ is None:
        return None
    values = {open_: ONE} | {
        column: -row[open_] for column, row in zip(pivots, reduced, strict=True)
    }
    return tuple(values.get(column, ZERO) for column in range(n))


def _reduce(table: list[list[Fraction]]) -> tuple[list[list[Fraction]], list[int]]:
    """Return the rows of the reduced echelon form that are not 0, and the columns of its ones."""
    pivots: list[int] = []
    for column in range(len(table[0])):
        top = len(pivots)
        found = next((r for r in range(top, len(table)) if table[r][column]), None)
        if found is None:
            continue
        table[top], table[found] = table[found], table[top]
        scale = table[top][column]
        table[top] = [value / scale for value in table[top]]
        for r, row in enumerate(table):
            if r != top and row[column]:
                factor = row[column]
                table[r] = [a - factor * b for a, b in zip(row, table[top], strict=True)]
        pivots.append(column)
    return table[: len(pivots)], pivots


# More than any format shows, so that a root is never mistaken for its own decimals.
_ROOT_DIGITS = 80


def square_root(value: Fraction) -> Fraction:
    """Return the root of a number that is not negative: exactly if it is a fraction, else cut off.

    A root that is no fraction keeps 80 significant digits at least.
    """
    bottom = value.denominator
    inside = value.numerator * bottom  # √(p/q) = √(p q) / q
    root = math.isqrt(inside)
    if root * root == inside:
        return Fraction(root, bottom)
    scale = 10**_ROOT_DIGITS
    return Fraction(math.isqrt(inside * scale * scale), scale * bottom)


def root_or_float(value: Fraction) -> Fraction | float:
    """Return the root of a number that is not negative: a fraction if it is one, else a float."""
    root = square_root(value)
    return root if root * root == value else float(root)
