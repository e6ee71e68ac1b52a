"""What a given hyperplane says of samples: exact values, distances and classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from chainrule.worked.margin.linear import Vector, square_root
from chainrule.worked.margin.points import Hyperplane


@dataclass(frozen=True)
class Reading:
    """What a hyperplane says of a sample.

    Attributes
    ----------
    x : tuple of Fraction
        The sample.
    value : Fraction
        f(x) = w · x + b.
    squared_distance : Fraction
        (|f(x)| / ‖w‖)².
    y : int or None
        1 or -1, if the sample has a label.
    """

    x: Vector
    value: Fraction
    squared_distance: Fraction
    y: int | None = None

    @property
    def distance(self) -> Fraction:
        """|f(x)| / ‖w‖: exactly if it is a fraction, else cut off after many digits."""
        return square_root(self.squared_distance)

    @property
    def side(self) -> int:
        """The sign of f(x): the predicted class, 1 or -1; 0 on the hyperplane."""
        return (self.value > 0) - (self.value < 0)

    @property
    def functional_margin(self) -> Fraction | None:
        """Return y f(x), if the sample has a label."""
        return None if self.y is None else self.y * self.value

    @property
    def on_margin(self) -> bool:
        """Whether |f(x)| is 1."""
        return abs(self.value) == 1

    @property
    def is_support_vector(self) -> bool:
        """Whether it lies on the margin; with a label, on that of its own class."""
        return self.value == (self.y or self.side) != 0


def read(plane: Hyperplane, X: Sequence[Vector], y: Sequence[int] | None = None) -> list[Reading]:
    """Return what a hyperplane says of each sample."""
    labels: Sequence[int | None] = [None] * len(X) if y is None else y
    squared = plane.squared_norm
    return [
        Reading(x, f, f * f / squared, label)
        for x, f, label in zip(X, map(plane.value, X), labels, strict=True)
    ]
