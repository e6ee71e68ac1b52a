"""The course report's margins, exactly: its six points (A2) and its classifier (A3).

Verdicts are for whoever compares these with what is in print.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from chainrule.worked.margin.classification import build_plane
from chainrule.worked.margin.classifier import read
from chainrule.worked.margin.linear import Vector, square_root
from chainrule.worked.margin.points import build_points, build_rows
from chainrule.worked.margin.reading import CLASSIFIER_EXAMPLES, MARGIN_EXAMPLES
from chainrule.worked.margin.separation import separate
from chainrule.worked.margin.widest import conditions, widest_margin


@dataclass(frozen=True)
class WidestMargin:
    """The quantities of A2.

    Attributes
    ----------
    separable : bool
        Whether a line separates the points.
    w : tuple of Fraction
        The normal of the line with the widest margin.
    b : Fraction
        Its constant; the nearest points have |f| = 1.
    support_vectors : tuple of points
        Those with |f| = 1, in the report's order.
    multipliers : tuple of Fraction
        α of each of them; they are not unique.
    unique_multipliers : bool
        Whether they are.
    optimal : bool
        Whether every condition of optimality holds exactly.
    """

    separable: bool
    w: Vector
    b: Fraction
    support_vectors: tuple[Vector, ...]
    multipliers: Vector
    unique_multipliers: bool
    optimal: bool


@dataclass(frozen=True)
class GivenClassifier:
    """The quantities of A3.

    Attributes
    ----------
    values : tuple of Fraction
        f of each sample.
    distance_to_margin : Fraction
        1/‖w‖, from the line f = 0 to either boundary.
    width_of_gap : Fraction
        2/‖w‖, from one boundary to the other.
    support_vectors : tuple of int
        The samples with |f| = 1, counted from 1.
    prediction : Fraction
        f of the further point.
    predicted_class : int
        Its sign.
    """

    values: tuple[Fraction, ...]
    distance_to_margin: Fraction
    width_of_gap: Fraction
    support_vectors: tuple[int, ...]
    prediction: Fraction
    predicted_class: int


def widest() -> WidestMargin:
    """Return the quantities of A2."""
    example = MARGIN_EXAMPLES["report"]
    points = build_points(example["X"], example["y"])
    found = widest_margin(points)
    return WidestMargin(
        separable=separate(points).separable,
        w=found.plane.w,
        b=found.plane.b,
        support_vectors=tuple(points.X[i] for i in found.on_margin),
        multipliers=tuple(found.multipliers[i] for i in found.on_margin),
        unique_multipliers=found.others is None,
        optimal=conditions(points, found.plane, found.multipliers).hold,
    )


def given_classifier() -> GivenClassifier:
    """Return the quantities of A3."""
    example = CLASSIFIER_EXAMPLES["report"]
    plane = build_plane(example["w"], example["b"])
    samples = read(plane, build_rows("x", example["X"]))
    (asked,) = read(plane, build_rows("predict", example["predict"]))
    norm = square_root(plane.squared_norm)
    return GivenClassifier(
        values=tuple(sample.value for sample in samples),
        distance_to_margin=1 / norm,
        width_of_gap=2 / norm,
        support_vectors=tuple(i for i, sample in enumerate(samples, 1) if sample.on_margin),
        prediction=asked.value,
        predicted_class=asked.side,
    )
