"""The nearest points of two convex hulls, exactly.

Their difference is the point nearest to 0 of the polytope of all differences p - q, which Wolfe's
algorithm finds in finitely many steps when nothing is rounded. It holds on to a *corral*: a few
differences whose affine hull has its nearest point inside their convex hull. The polytope has a
corner for each pair of points, but the corner that lies furthest in a direction is found in each
class alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from chainrule.worked.margin.linear import (
    ONE,
    ZERO,
    Vector,
    columns_times,
    combination,
    dot,
    minus,
    solve,
)


@dataclass(frozen=True)
class NearestPoints:
    """A point of each hull, as near to one another as there are.

    Attributes
    ----------
    p_weights, q_weights : tuple of Fraction
        The convex coefficients of each point: none negative, sum 1.
    difference : tuple of Fraction
        p - q; 0 if the hulls have a point in common.
    """

    p_weights: Vector
    q_weights: Vector
    difference: Vector


def nearest_points(P: Sequence[Vector], Q: Sequence[Vector]) -> NearestPoints:
    """Return the nearest points of the convex hulls of ``P`` and ``Q``.

    Parameters
    ----------
    P, Q : sequences of shape (n, d) and (m, d)
        The points, one at least in each.

    References
    ----------
    Philip Wolfe, "Finding the nearest point in a polytope", Mathematical Programming 11, 1976.
    """
    corral, weights = [(0, 0)], [ONE]
    while True:
        corners = [minus(P[i], Q[j]) for i, j in corral]
        x = combination(weights, corners)
        along_p, along_q = ([dot(x, point) for point in points] for points in (P, Q))
        low, high = min(along_p), max(along_q)
        if low - high >= dot(x, x):
            return _gathered(corral, weights, x, len(P), len(Q))
        corral.append((along_p.index(low), along_q.index(high)))
        weights.append(ZERO)
        corral, weights = _settle(corral, weights, P, Q)


def _settle(
    corral: list[tuple[int, int]],
    weights: list[Fraction],
    P: Sequence[Vector],
    Q: Sequence[Vector],
) -> tuple[list[tuple[int, int]], list[Fraction]]:
    """Drop corners until the nearest point of the affine hull is in the convex hull."""
    while True:
        goal = _affine_minimum([minus(P[i], Q[j]) for i, j in corral])
        # As far towards the goal as no weight becomes negative.
        step = min(
            (w / (w - g) for w, g in zip(weights, goal, strict=True) if g < 0),
            default=ONE,
        )
        weights = [w + step * (g - w) for w, g in zip(weights, goal, strict=True)]
        kept = [k for k, weight in enumerate(weights) if weight]
        corral, weights = [corral[k] for k in kept], [weights[k] for k in kept]
        if step == 1:
            return corral, weights


def _affine_minimum(corners: list[Vector]) -> Vector:
    """Return the weights, with sum 1, of the point nearest to 0 in the corners' affine hull."""
    gram = columns_times(corners, corners)
    rows = [[*row, ONE] for row in gram] + [[*([ONE] * len(corners)), ZERO]]
    solution = solve(rows, [*([ZERO] * len(corners)), ONE])
    assert solution is not None  # a corral is affinely independent
    return solution[:-1]


def _gathered(
    corral: list[tuple[int, int]], weights: list[Fraction], x: Vector, n: int, m: int
) -> NearestPoints:
    p_weights, q_weights = [ZERO] * n, [ZERO] * m
    for (i, j), weight in zip(corral, weights, strict=True):
        p_weights[i] += weight
        q_weights[j] += weight
    return NearestPoints(tuple(p_weights), tuple(q_weights), x)
