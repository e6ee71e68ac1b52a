"""What the report says about margins, and how exact arithmetic judges it.

A hyperplane is the same as the report's where w and b are, both scaled so that the nearest points
have abs(f(x)) = 1. Support vectors are the points with that f, as the report counts them: some of
their multipliers may be 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from chainrule.reproduction.claims import Claim, Judgement, Verdict, always
from chainrule.reproduction.results import Results
from chainrule.worked.margin.linear import Vector
from chainrule.worked.report_margin import given_classifier, widest


def floats(vector: Vector) -> list[float]:
    """Return an exact vector for JSON."""
    return [float(value) for value in vector]


# What arithmetic finds for a claim: figures by the claim's own names, and the reason in words.
Found = tuple[dict[str, Any], str]


def separable() -> Found:
    """A2: whether there is a hyperplane between the classes."""
    return {"separable": widest().separable}, "A linear program's answer, checked in fractions."


def hyperplane() -> Found:
    """A2: the widest one."""
    found = widest()
    held = "All conditions of optimality hold" if found.optimal else "A condition fails"
    margin = 1 / float(sum(value * value for value in found.w)) ** 0.5
    note = f"{held}, checked in fractions. The margin 1/‖w‖ is {margin:.4f}."
    return {"w": floats(found.w), "b": float(found.b)}, note


def support_vectors() -> Found:
    """A2: the points on the margin."""
    found = widest()
    unique = "" if found.unique_multipliers else "; others will do as well"
    note = (
        "They are the points with |f(x)| = 1. Their multipliers are "
        f"{_listed(found.multipliers)}{unique}."
    )
    return {"points": [floats(point) for point in found.support_vectors]}, note


def margin_of_given() -> Found:
    """A3: 1/‖w‖, or the distance between the two boundaries."""
    found = given_classifier()
    near, wide = float(found.distance_to_margin), float(found.width_of_gap)
    note = (
        "The report writes 1/‖w‖, the distance of a boundary from the hyperplane, which is "
        f"{near:g}, and prints the distance between the two boundaries, 2/‖w‖, which is {wide:g}: "
        "its formula and its figure belong to two definitions."
    )
    return {"1/‖w‖": near, "2/‖w‖": wide}, note


def support_vectors_of_given() -> Found:
    """A3: the samples on the margin."""
    found = given_classifier()
    note = f"f(x) of samples 1 to {len(found.values)}: {_listed(found.values)}."
    return {"samples": list(found.support_vectors)}, note


def prediction() -> Found:
    """A3: f and the class at (1, 3)."""
    found = given_classifier()
    note = "f(x) = w · x + b, and the class is its sign."
    return {"f": float(found.prediction), "class": found.predicted_class}, note


def _listed(values: Sequence[Fraction]) -> str:
    return ", ".join(map(str, values))


def _judge(find: Callable[[], Found]) -> Callable[[Claim, Results], Judgement]:
    def judge(claim: Claim, results: Results) -> Judgement:
        measured, note = find()
        return claim.judgement(_verdict(claim, measured), note, measured)

    return judge


def _verdict(claim: Claim, measured: dict[str, Any]) -> Verdict:
    # Arithmetic decides: what it does not confirm, formula and figure alike, is a mistake.
    agrees = all(measured[name] == value for name, value in claim.claimed.items())
    return Verdict.REPRODUCED if agrees else Verdict.ERRATUM


_CLAIMED: tuple[tuple[str, str, dict[str, Any], Callable[[], Found]], ...] = (
    ("A2.separable", "A line separates the two classes.", {"separable": True}, separable),
    (
        "A2.hyperplane",
        "This line separates them with the widest margin.",
        {"w": [-2.0, -2.0], "b": 3.0},
        hyperplane,
    ),
    (
        "A2.support_vectors",
        "These points are its support vectors.",
        {"points": [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 0.0]]},
        support_vectors,
    ),
    ("A3.margin", "The given classifier's margin is 1.", {"1/‖w‖": 1.0}, margin_of_given),
    (
        "A3.support_vectors",
        "Samples 2 and 3 are its support vectors.",
        {"samples": [2, 3]},
        support_vectors_of_given,
    ),
    (
        "A3.prediction",
        "It puts the point (1, 3) into class +1.",
        {"f": 3.0, "class": 1},
        prediction,
    ),
)

CLAIMS = tuple(
    Claim(id_, title, claimed, always(), _judge(find)) for id_, title, claimed, find in _CLAIMED
)
