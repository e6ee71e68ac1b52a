"""The hyperplane with the widest margin, exactly, and the proof that it is.

scikit-learn's SVC, a careful solver that users know, proposes the support vectors: it is given a C
so large that it allows no errors. It keeps its kernel in float32, so its numbers are not used. The
nearest points of the two classes' hulls are solved for exactly on what it proposed. Any point that
turns out to be inside the margin joins them, until there is none: then the hyperplane in the middle
is the widest, and :func:`conditions` holds it against each condition of optimality.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from chainrule.worked.margin.hulls import nearest_points
from chainrule.worked.margin.linear import (
    ZERO,
    Vector,
    columns_times,
    combination,
    dot,
    kernel_vector,
    minus,
    solve,
)
from chainrule.worked.margin.points import Hyperplane, Points, unit_points

_NO_ERRORS = 1e9  # C, for points that fill [-1, 1]
_MOST_STEPS = 100_000


@dataclass(frozen=True)
class Widest:
    """The hyperplane with the widest margin.

    Attributes
    ----------
    plane : Hyperplane
        Scaled so that the nearest points have |f| = 1.
    on_margin : tuple of int
        The points with |f| = 1, from 0.
    multipliers : tuple of Fraction, shape (n,)
        α of each point. Where several choices satisfy the conditions, the one with the smallest
        sum of squares over all that satisfy the equations, if no α in it is negative.
    others : tuple of Fraction, shape (n,), or None
        Another choice, if there is one.
    corrections : int
        How many times points had to be added to those that floats proposed.
    """

    plane: Hyperplane
    on_margin: tuple[int, ...]
    multipliers: Vector
    others: Vector | None
    corrections: int


@dataclass(frozen=True)
class Conditions:
    """The conditions of optimality of Karush, Kuhn and Tucker, each as what exact arithmetic finds.

    Attributes
    ----------
    smallest_margin : Fraction
        Of y f(x) - 1 over all points: not negative.
    smallest_multiplier : Fraction
        Not negative.
    difference : tuple of Fraction
        Σ α y x - w: 0.
    balance : Fraction
        Σ α y: 0.
    slackness : Fraction
        The largest |α (y f(x) - 1)|: 0.
    """

    smallest_margin: Fraction
    smallest_multiplier: Fraction
    difference: Vector
    balance: Fraction
    slackness: Fraction

    @property
    def hold(self) -> bool:
        """Whether all do."""
        return (
            self.smallest_margin >= 0
            and self.smallest_multiplier >= 0
            and not any(self.difference)
            and not self.balance
            and not self.slackness
        )


def widest_margin(points: Points) -> Widest:
    """Return the hyperplane with the widest margin between classes that can be separated.

    Raises
    ------
    ArithmeticError
        If they cannot.

    References
    ----------
    Kristin Bennett and Erin Bredensteiner, "Duality and Geometry in SVM Classifiers", ICML 2000:
    the nearest points of the hulls are the dual of the widest margin.
    """
    working = _proposal(points)
    corrections = 0
    while True:
        plane = _between(points, working)
        margins = points.margins(plane)
        worst = [min(points.of(sign), key=margins.__getitem__) for sign in (1, -1)]
        inside = {i for i in worst if margins[i] < 1}
        if not inside:
            break
        working |= inside
        corrections += 1
    on_margin = tuple(i for i, margin in enumerate(margins) if margin == 1)
    multipliers, others = _multipliers(points, on_margin, plane)
    return Widest(plane, on_margin, multipliers, others, corrections)


def conditions(points: Points, plane: Hyperplane, multipliers: Vector) -> Conditions:
    """Return what exact arithmetic finds for each condition."""
    slack = [margin - 1 for margin in points.margins(plane)]
    balance, normal = points.combination(multipliers)
    return Conditions(
        min(slack),
        min(multipliers),
        minus(normal, plane.w),
        balance,
        max(abs(a * s) for a, s in zip(multipliers, slack, strict=True)),
    )


def _proposal(points: Points) -> set[int]:
    """Return the support vectors that scikit-learn finds, and a point of each class at least."""
    from sklearn.svm import SVC  # takes longer to import than all of this module's work

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whatever it did not reach is corrected exactly
        machine = SVC(kernel="linear", C=_NO_ERRORS, tol=1e-9, max_iter=_MOST_STEPS)
        machine.fit(unit_points(points)[0], points.y)
    return {int(i) for i in machine.support_} | {points.of(1)[0], points.of(-1)[0]}


def _between(points: Points, chosen: set[int]) -> Hyperplane:
    """Return the widest hyperplane between some of the points."""
    P, Q = ([points.X[i] for i in points.of(sign) if i in chosen] for sign in (1, -1))
    found = nearest_points(P, Q)
    distance = dot(found.difference, found.difference)
    if not distance:
        raise ArithmeticError("the classes cannot be separated")
    w = tuple(2 * value / distance for value in found.difference)
    return Hyperplane(w, 1 - dot(w, combination(found.p_weights, P)))


def _multipliers(
    points: Points, on_margin: Sequence[int], plane: Hyperplane
) -> tuple[Vector, Vector | None]:
    """Return multipliers, and others that would do as well, if there are any."""
    plus, minus_ = ([i for i in on_margin if points.y[i] == sign] for sign in (1, -1))
    order = [*plus, *minus_]
    found = nearest_points([points.X[i] for i in plus], [points.X[j] for j in minus_])
    scale = plane.squared_norm / 2  # w is that many times the difference
    corner = tuple(scale * value for value in (*found.p_weights, *found.q_weights))
    columns = [(Fraction(points.y[i]), *(points.y[i] * v for v in points.X[i])) for i in order]
    even = _least_squares(columns, (ZERO, *plane.w))
    shown = even if min(even) >= 0 else corner
    other = corner if shown != corner else _another(columns, corner)
    return _spread(points, order, shown), other and _spread(points, order, other)


def _spread(points: Points, order: Sequence[int], values: Vector) -> Vector:
    at = dict(zip(order, values, strict=True))
    return tuple(at.get(i, ZERO) for i in range(len(points.X)))


def _least_squares(columns: Sequence[Vector], right: Vector) -> Vector:
    """Return the solution of Σ value · column = right with the smallest sum of squares."""
    rows = list(zip(*columns, strict=True))
    u = solve(columns_times(rows, rows), right)
    assert u is not None  # the corner is a solution
    return tuple(dot(column, u) for column in columns)


def _another(columns: Sequence[Vector], solution: Vector) -> Vector | None:
    """Return another non-negative solution of the same equations, if there is one."""
    change = _free_change(columns, solution)
    if change is None:
        return None
    # The sum of all is fixed, so something falls, and stops the step.
    step = min(a / -c for a, c in zip(solution, change, strict=True) if c < 0)
    return tuple(a + step * c for a, c in zip(solution, change, strict=True))


def _free_change(columns: Sequence[Vector], solution: Vector) -> Vector | None:
    """Return a change that keeps the equations, and raises what is 0 or leaves it."""
    used = [k for k, value in enumerate(solution) if value]
    unused = [k for k, value in enumerate(solution) if not value]
    base = [columns[k] for k in used]
    rows = list(zip(*base, strict=True))
    change = [ZERO] * len(columns)
    kernel = kernel_vector(rows)
    if kernel is not None:
        for k, value in zip(used, kernel, strict=True):
            change[k] = value
        return tuple(change)
    if not unused:
        return None
    # A mixture of the unused columns that the used ones can undo has no part outside their span.
    gram = columns_times(base, base)
    undo = [solve(gram, [dot(b, columns[k]) for b in base]) or () for k in unused]
    outside = [
        minus(columns[k], combination(parts, base)) for k, parts in zip(unused, undo, strict=True)
    ]
    mixture = nearest_points(outside, [(ZERO,) * len(columns[0])])
    if any(mixture.difference):
        return None
    for k, weight, parts in zip(unused, mixture.p_weights, undo, strict=True):
        change[k] = weight
        for used_k, part in zip(used, parts, strict=True):
            change[used_k] -= weight * part
    return tuple(change)
