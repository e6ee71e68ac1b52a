"""The soft margin, for points that no hyperplane separates.

Each point may violate its margin by ξ, which costs C · ξ. SciPy solves the dual problem in float64
(scikit-learn's SVC has a float32 kernel, and takes many more steps where C is large), and tells
which multipliers are 0, which C and which between; from that the rest follows by linear equations,
solved exactly. If the result satisfies every condition it is *the* solution; if not, as floats are
too coarse for the points, SciPy's numbers stay. Either way the least value lies between the dual
objective and the objective, and the gap says how good the solution is.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule._cached import cached_property
from chainrule._types import Array
from chainrule.worked.margin.linear import ZERO, Vector, dot, solve
from chainrule.worked.margin.points import Hyperplane, Points, unit_points

_AT_A_BOUND = 1e-6  # of C: a multiplier nearer to 0 or to C is there
_DENOMINATOR = 1000  # of a share that may be any
_TOLERANCE = 1e-6  # of the objective: a larger gap is no solution


@dataclass(frozen=True)
class Soft:
    """A hyperplane with a soft margin.

    Attributes
    ----------
    points : Points
        Whose.
    C : Fraction
        What a unit of ξ costs.
    multipliers : tuple of Fraction, shape (n,)
        α of each point.
    b : Fraction
        The constant; the normal is Σ α y x.
    exact : bool
        Whether every condition holds exactly.
    """

    points: Points
    C: Fraction
    multipliers: Vector
    b: Fraction
    exact: bool

    @cached_property
    def plane(self) -> Hyperplane:
        """The hyperplane."""
        return Hyperplane(self.points.combination(self.multipliers)[1], self.b)

    @cached_property
    def slacks(self) -> Vector:
        """How far each point violates its margin: ξ = max(0, 1 - y f(x))."""
        return tuple(max(ZERO, 1 - margin) for margin in self.points.margins(self.plane))

    @property
    def objective(self) -> Fraction:
        """½‖w‖² + C Σ ξ, which is to be small."""
        return self.plane.squared_norm / 2 + self.C * sum(self.slacks, ZERO)

    @property
    def dual_objective(self) -> Fraction:
        """Σ α - ½‖w‖², which is never larger than the objective if Σ α y = 0."""
        return sum(self.multipliers, ZERO) - self.plane.squared_norm / 2

    @property
    def balance(self) -> Fraction:
        """Σ α y, which is to be 0."""
        return self.points.combination(self.multipliers)[0]

    @property
    def holds(self) -> bool:
        """Whether the gap between the objectives, and the balance, are those of rounding."""
        small = Fraction(_TOLERANCE)
        gap = self.objective - self.dual_objective
        largest = max(self.multipliers)
        return abs(gap) <= small * self.objective and abs(self.balance) <= small * largest


def soft_margin(points: Points, C: Fraction) -> Soft:
    """Return the hyperplane that minimises ½‖w‖² + C Σ ξ.

    References
    ----------
    Corinna Cortes and Vladimir Vapnik, "Support-Vector Networks", Machine Learning 20, 1995.
    """
    multipliers = _proposal(points, C)
    return _exactly(points, C, multipliers) or _nearly(points, C, multipliers)


def _proposal(points: Points, C: Fraction) -> Vector:
    """Return the multipliers that SciPy finds, its floats as the fractions that they are."""
    from scipy.optimize import LinearConstraint, minimize  # slow to import

    X, _, scale = unit_points(points)
    y = np.array(points.y, dtype=np.float64)
    # In shares a = α / C, and divided by what would make the objective large.
    c = float(C * scale * scale)
    kernel = np.outer(y, y) * (X @ X.T) * (c / max(c, 1.0))
    gain = 1 / max(c, 1.0)

    def objective(a: Array, *_: Any, **__: Any) -> float:
        return float(a @ kernel @ a / 2 - gain * a.sum())

    def gradient(a: Array, *_: Any, **__: Any) -> Array:
        return np.asarray(kernel @ a - gain)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a solution that is not good enough is said to be so
        done = minimize(
            objective,
            np.zeros(len(y)),
            jac=gradient,
            method="SLSQP",
            bounds=[(0.0, 1.0)] * len(y),
            constraints=LinearConstraint(y, 0, 0),
            options={"maxiter": 1000, "ftol": 1e-16},
        )
    shares = np.clip(np.nan_to_num(done.x), 0, 1)
    return tuple(C * Fraction(float(share)) for share in shares)


def _nearly(points: Points, C: Fraction, multipliers: Vector) -> Soft:
    """Return the solution with just these multipliers, and the best b for them."""
    normal = points.combination(multipliers)[1]
    # The objective is convex and piecewise linear in b, and bends where y f(x) is 1 for some point:
    # below a bend of +1 it falls by C, above one of -1 it rises by C.
    bends = [(y - dot(normal, x), y) for x, y in zip(points.X, points.y, strict=True)]
    b = next(
        b
        for b, _ in sorted(bends)
        if sum(y < 0 and bend <= b for bend, y in bends)
        >= sum(y > 0 and bend > b for bend, y in bends)
    )
    return Soft(points, C, multipliers, b, exact=False)


def _exactly(points: Points, C: Fraction, alpha: Vector) -> Soft | None:
    """Return the exact solution with the same multipliers at 0 and at C, if that solves it."""
    near = C * Fraction(_AT_A_BOUND)
    free = [i for i, a in enumerate(alpha) if near < a < C - near]
    fixed = [C if a >= C - near else ZERO for a in alpha]
    # Where the equations leave some open, these simple values stay, and the others make up for it.
    simple = [C * (a / C).limit_denominator(_DENOMINATOR) for a in alpha]
    start = [simple[i] if i in free else a for i, a in enumerate(fixed)]
    found = _free_multipliers(points, free, start)
    if found is None:
        return None
    values = dict(zip(free, found, strict=True))
    multipliers = tuple(values.get(i, a) for i, a in enumerate(fixed))
    b = _constant(points, C, multipliers)
    return b if b is None else Soft(points, C, multipliers, b, exact=True)


def _free_multipliers(
    points: Points, free: Sequence[int], start: Sequence[Fraction]
) -> Vector | None:
    """Return the multipliers near ``start`` that put their points on the margin, and balance."""
    if not free:
        return ()
    balance, normal = points.combination(start)
    X, y = [points.X[i] for i in free], [points.y[i] for i in free]
    rows = [
        [*(s * t * dot(a, c) for c, t in zip(X, y, strict=True)), Fraction(s)]
        for a, s in zip(X, y, strict=True)
    ]
    right = [1 - s * dot(normal, a) for a, s in zip(X, y, strict=True)]
    change = solve([*rows, [*map(Fraction, y), ZERO]], [*right, -balance])
    if change is None:
        return None
    return tuple(start[i] + value for i, value in zip(free, change, strict=False))  # not b's


def _constant(points: Points, C: Fraction, multipliers: Vector) -> Fraction | None:
    """Return b for multipliers if every condition of optimality then holds; else None.

    y f(x) is at least 1 where α is 0, at most 1 where it is C, and 1 between. Where that leaves b
    an interval, its middle is taken.
    """
    balance, normal = points.combination(multipliers)
    if balance or min(multipliers) < 0 or max(multipliers) > C:
        return None
    low: list[Fraction] = []
    high: list[Fraction] = []
    for x, y, a in zip(points.X, points.y, multipliers, strict=True):
        b = y - dot(normal, x)  # where y f(x) is 1
        if a < C:
            (low if y > 0 else high).append(b)
        if a > 0:
            (high if y > 0 else low).append(b)
    # Both classes are there, so both lists have entries.
    return (max(low) + min(high)) / 2 if max(low) <= min(high) else None
