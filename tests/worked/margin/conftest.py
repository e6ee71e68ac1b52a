"""Small sets of labelled points, and their widest margin by trying every set of support vectors."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest


def gauss(rows, right):
    """Solve a square system with fractions; None if it is singular."""
    table = [[*map(Fraction, row), Fraction(value)] for row, value in zip(rows, right, strict=True)]
    n = len(table)
    for k in range(n):
        pivot = next((r for r in range(k, n) if table[r][k]), None)
        if pivot is None:
            return None
        table[k], table[pivot] = table[pivot], table[k]
        for r in range(n):
            if r != k:
                factor = table[r][k] / table[k][k]
                table[r] = [a - factor * b for a, b in zip(table[r], table[k], strict=True)]
    return [table[k][n] / table[k][k] for k in range(n)]


def candidate(X, y, chosen):
    """Return the w with the smallest norm, and b, that put the chosen points on the margin."""
    rows = [
        [y[i] * y[j] * sum(a * b for a, b in zip(X[i], X[j], strict=True)) for j in chosen] + [y[i]]
        for i in chosen
    ]
    solution = gauss([*rows, [*(y[j] for j in chosen), 0]], [*([1] * len(chosen)), 0])
    if solution is None:
        return None
    parts = list(zip(chosen, solution[:-1], strict=True))
    w = tuple(sum(y[i] * a * X[i][k] for i, a in parts) for k in range(len(X[0])))
    return w, solution[-1]


@pytest.fixture
def widest_by_trying():
    """Return (w, b) of the widest margin, or None if the points cannot be separated."""

    def search(X, y):
        best = None
        for size in range(2, len(X[0]) + 2):
            for chosen in combinations(range(len(X)), size):
                found = candidate(X, y, chosen)
                if found is None:
                    continue
                w, b = found
                values = [sum(c * v for c, v in zip(w, x, strict=True)) + b for x in X]
                right = all(s * value >= 1 for s, value in zip(y, values, strict=True))
                if right and (best is None or norm(w) < norm(best[0])):
                    best = found
        return best

    return search


def norm(w):
    return sum(value * value for value in w)
