"""What the report says about margins, and how exact arithmetic judges it.

A hyperplane is the same as the report's where w and b are, both scaled so that the nearest points
have abs(f(x)) = 1. Support vectors are the points with that f, as the report counts them: some of
their multipliers may be 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from chainrule.reproduction.claims import Claim, Judgement, Verdict, always
from chainrule.reproduction.results import Results
from chainrule.worked.margin.classifier import Reading, read
from chainrule.worked.margin.linear import Vector
from chainrule.worked.margin.points import Hyperplane, Points, build_points, build_rows
from chainrule.worked.margin.reading import CLASSIFIER_EXAMPLES, MARGIN_EXAMPLES
from chainrule.worked.margin.separation import Separation, separate
from chainrule.worked.margin.widest import Conditions, Widest, conditions, widest_margin


@dataclass(frozen=True)
class Margin:
    """The report's points of A2, and what holds for them."""

    points: Points
    separation: Separation
    widest: Widest
    conditions: Conditions


@cache
def margin() -> Margin:
    """Return the exact answer to A2."""
    example = MARGIN_EXAMPLES["report"]
    points = build_points(example["X"], example["y"])
    widest = widest_margin(points)
    held = conditions(points, widest.plane, widest.multipliers)
    return Margin(points, separate(points), widest, held)


@dataclass(frozen=True)
class Given:
    """The report's classifier of A3: what it says of the samples, and of the one to predict."""

    plane: Hyperplane
    samples: Sequence[Reading]
    asked: Reading


@cache
def given() -> Given:
    """Return the exact answer to A3."""
    example = CLASSIFIER_EXAMPLES["report"]
    (w,) = build_rows("w", [example["w"]])
    plane = Hyperplane(w, Fraction(example["b"]))
    (asked,) = read(plane, build_rows("predict", example["predict"]))
    return Given(plane, read(plane, build_rows("x", example["X"])), asked)


def floats(vector: Vector) -> list[float]:
    """Return an exact vector for JSON."""
    return [float(value) for value in vector]


# What arithmetic finds for a claim: figures by the claim's own names, and the reason in words.
Found = tuple[dict[str, Any], str]


def separable() -> Found:
    """A2: whether there is a hyperplane between the classes."""
    found = margin().separation
    plane = found.plane
    how = (
        f"f(x) = w · x + b with w = ({_listed(plane.w)}) and b = {plane.b} has the sign of every "
        "label, checked in fractions."
        if plane is not None
        else "The convex hulls of the two classes have a point in common."
    )
    return {"separable": found.separable}, how


def hyperplane() -> Found:
    """A2: the widest one."""
    found = margin()
    plane = found.widest.plane
    held = "All conditions of optimality hold" if found.conditions.hold else "A condition fails"
    multipliers = _listed(found.widest.multipliers)
    note = (
        f"{held}, checked in fractions, with the multipliers {multipliers} of the six points. "
        f"The margin 1/‖w‖ is {1 / math.sqrt(plane.squared_norm):.4f}."
    )
    return {"w": floats(plane.w), "b": float(plane.b)}, note


def support_vectors() -> Found:
    """A2: the points on the margin."""
    found = margin()
    on_margin = found.widest.on_margin
    rest = [i for i in on_margin if not found.widest.multipliers[i]]
    zero = ", ".join(_point(found.points.X[i]) for i in rest)
    note = "They are the points with |f(x)| = 1" + (
        f"; the multiplier of {zero} may be 0, so that w needs only the others."
        if rest
        else ", and with these multipliers w needs all of them."
    )
    return {"points": [floats(found.points.X[i]) for i in on_margin]}, note


def margin_of_given() -> Found:
    """A3: 1/‖w‖, or the distance between the two boundaries."""
    norm = math.sqrt(given().plane.squared_norm)
    note = (
        f"‖w‖ is {norm:g}. The report writes 1/‖w‖, the distance of a boundary from the "
        f"hyperplane, which is {1 / norm:g}, and prints the distance between the two boundaries, "
        f"2/‖w‖, which is {2 / norm:g}: its formula and its figure belong to two definitions."
    )
    return {"1/‖w‖": 1 / norm, "2/‖w‖": 2 / norm}, note


def support_vectors_of_given() -> Found:
    """A3: the samples on the margin."""
    values = [reading.value for reading in given().samples]
    numbers = [i for i, reading in enumerate(given().samples, 1) if reading.on_margin]
    return {"samples": numbers}, f"f(x) of samples 1 to {len(values)}: {_listed(values)}."


def prediction() -> Found:
    """A3: f and the class at (1, 3)."""
    asked = given().asked
    note = "f(x) = w · x + b, and the class is its sign."
    return {"f": float(asked.value), "class": asked.side}, note


def _listed(values: Sequence[Fraction]) -> str:
    return ", ".join(map(str, values))


def _point(x: Vector) -> str:
    return f"({_listed(x)})"


def _judge(find: Callable[[], Found]) -> Callable[[Claim, Results], Judgement]:
    def judge(claim: Claim, results: Results) -> Judgement:
        measured, note = find()
        return Judgement(claim.id, claim.claimed, measured, [], _verdict(claim, measured), note)

    return judge


def _verdict(claim: Claim, measured: dict[str, Any]) -> Verdict:
    # Arithmetic decides: what it does not confirm, formula and figure alike, is a mistake.
    agrees = all(measured[name] == value for name, value in claim.claimed.items())
    return Verdict.REPRODUCED if agrees else Verdict.ERRATUM


_CLAIMED: tuple[tuple[str, dict[str, Any], Callable[[], Found]], ...] = (
    ("A2.separable", {"separable": True}, separable),
    ("A2.hyperplane", {"w": [-2.0, -2.0], "b": 3.0}, hyperplane),
    (
        "A2.support_vectors",
        {"points": [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 0.0]]},
        support_vectors,
    ),
    ("A3.margin", {"1/‖w‖": 1.0}, margin_of_given),
    ("A3.support_vectors", {"samples": [2, 3]}, support_vectors_of_given),
    ("A3.prediction", {"f": 3.0, "class": 1}, prediction),
)

CLAIMS = tuple(Claim(id_, claimed, always(), _judge(find)) for id_, claimed, find in _CLAIMED)
