"""Is there a hyperplane between two classes? One that is there, or the proof that none is.

A linear program looks for the direction with the largest gap. Its solution is rounded to simple
fractions, as long as these still separate; if there is none, its multipliers tell which points of
the two classes have a convex combination in common, and the coefficients are solved for exactly.
Where floats are too coarse for either, the exact nearest points of the hulls decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chainrule._types import Array
from chainrule.worked.margin.hulls import nearest_points
from chainrule.worked.margin.linear import ONE, ZERO, Vector, combination, dot, minus, solve
from chainrule.worked.margin.points import Hyperplane, Points, box

_DENOMINATORS = (1, 2, 10, 1000, 10**6)
_SUPPORT = 1e-9  # a smaller multiplier of the linear program counts as 0


@dataclass(frozen=True)
class Separation:
    """A separating hyperplane, or the proof that there is none; one of the two is None.

    Attributes
    ----------
    plane : Hyperplane or None
        Every point is strictly on its own side of it.
    weights : tuple of Fraction, shape (n,), or None
        For each class convex coefficients, whose two combinations are the same point.
    by_floats : bool
        Whether the linear program's answer passed the exact check; if not, the answer is that of
        an exact algorithm.
    """

    plane: Hyperplane | None
    weights: Vector | None
    by_floats: bool = True

    @property
    def separable(self) -> bool:
        """Whether there is a hyperplane between the classes."""
        return self.plane is not None


def separate(points: Points) -> Separation:
    """Return a hyperplane between the classes or the proof that there is none, checked exactly."""
    direction, multipliers = _linear_program(points)
    for w in _simple(direction):
        plane = plane_along(points, w)
        if plane:
            return Separation(plane, None)
    weights = _common_point(points, multipliers)
    return Separation(None, weights) if weights else separate_exactly(points)


def separate_exactly(points: Points) -> Separation:
    """Return the same by the nearest points of the two hulls, without floats."""
    plus, minus_ = points.of(1), points.of(-1)
    nearest = nearest_points([points.X[i] for i in plus], [points.X[j] for j in minus_])
    if any(nearest.difference):
        return Separation(plane_along(points, nearest.difference), None, by_floats=False)
    weights = dict(zip(plus, nearest.p_weights, strict=True))
    weights |= dict(zip(minus_, nearest.q_weights, strict=True))
    return Separation(None, tuple(weights[i] for i in range(len(points.X))), by_floats=False)


def plane_along(points: Points, w: Vector) -> Hyperplane | None:
    """Return the hyperplane with normal ``w`` in the middle of the gap; None if there is no gap."""
    along = [dot(w, x) for x in points.X]
    low = min(along[i] for i in points.of(1))
    high = max(along[j] for j in points.of(-1))
    return Hyperplane(w, -(low + high) / 2) if low > high else None


def is_common_point(points: Points, weights: Vector) -> bool:
    """Return whether the weights prove that the two hulls have a point in common."""
    sums = [sum((weights[i] for i in points.of(sign)), ZERO) for sign in (1, -1)]
    _, difference = points.combination(weights)
    return min(weights) >= 0 and sums == [1, 1] and not any(difference)


def common_point(points: Points, weights: Vector) -> Vector:
    """Return the point that the weights give for both classes."""
    plus = points.of(1)
    return combination([weights[i] for i in plus], [points.X[i] for i in plus])


def _linear_program(points: Points) -> tuple[Vector, Array]:
    """Return the direction with the largest gap, and the multipliers of the points.

    Over w in [-1, 1]ᵈ, b and t: the largest t with y (w · x + b) ≥ t for every point, in
    coordinates that fill [-1, 1].
    """
    from scipy.optimize import linprog  # takes longer to import than all of this module's work

    middle, sides = box(points.X)
    half = [side or ONE for side in sides]
    scaled = [
        [float(value / h) for value, h in zip(minus(x, middle), half, strict=True)]
        for x in points.X
    ]
    y = np.array(points.y, dtype=np.float64)[:, None]
    ones = np.ones_like(y)
    d = points.dimensions
    done = linprog(
        [*([0.0] * (d + 1)), -1.0],
        A_ub=np.hstack([-y * np.array(scaled), -y, ones]),
        b_ub=np.zeros(len(y)),
        bounds=[(-1, 1)] * d + [(None, None)] * 2,
        method="highs-ds",  # a corner, so the multipliers that are not 0 are independent
    )
    if done.status:  # whatever stopped it, exact arithmetic goes on
        return (ZERO,) * d, np.zeros(len(y))
    found = np.asarray(done.x)
    direction = tuple(Fraction(float(w)) / h for w, h in zip(found[:d], half, strict=True))
    return direction, -done.ineqlin.marginals


def _simple(direction: Vector) -> Iterator[Vector]:
    """Yield roundings of a direction, simple ones first and itself at the end."""
    largest = max(abs(w) for w in direction)
    if not largest:
        return
    scaled = [w / largest for w in direction]
    for denominator in _DENOMINATORS:
        rounded = tuple(w.limit_denominator(denominator) for w in scaled)
        if any(rounded):
            yield rounded
    yield direction


def _common_point(points: Points, multipliers: Array) -> Vector | None:
    """Return exact weights on the points whose multipliers are not 0, if they prove anything."""
    support = [i for i, value in enumerate(multipliers) if value > _SUPPORT]
    if not support:
        return None
    rows = [[Fraction(points.y[i] == sign) for i in support] for sign in (1, -1)]
    rows += [[points.y[i] * points.X[i][k] for i in support] for k in range(points.dimensions)]
    solution = solve(rows, [ONE, ONE, *([ZERO] * points.dimensions)])
    if solution is None:
        return None
    found = dict(zip(support, solution, strict=True))
    weights = tuple(found.get(i, ZERO) for i in range(len(points.X)))
    return weights if is_common_point(points, weights) else None
