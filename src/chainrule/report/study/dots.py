"""Dots on a common scale: means as dots, intervals as lines, single scores as ticks.

A row of a table draws them with HTML alone, so that they fit any width, and the names beside them
stay text. Here are only the places, in per cent of the scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.ticker import MaxNLocator

TICKS = 4


@dataclass(frozen=True)
class Tick:
    """A number on the scale and its place."""

    place: float
    label: str


@dataclass(frozen=True)
class Dots:
    """What one row shows, in per cent of the scale.

    Attributes
    ----------
    dot : float
        The mean's place.
    left, width : float
        The line's.
    marks : list of float
        The places of single scores.
    """

    dot: float
    left: float
    width: float
    marks: list[float]


@dataclass(frozen=True)
class Scale:
    """A part of the numbers, and where its ticks are.

    Attributes
    ----------
    low, high : float
        Its ends.
    """

    low: float
    high: float

    @classmethod
    def over(
        cls,
        values: Iterable[float],
        lines: Iterable[tuple[float | None, float | None]] = (),
    ) -> Scale:
        """Return a scale with all values on it.

        Intervals of few seeds can be very wide: they stretch it by no more than a quarter of what
        the values take on either side, and end at its edge.
        """
        values = list(values)
        low, high = min(values), max(values)
        size = (high - low) or abs(high) * 0.1 or 1.0
        ends = [end for line in lines for end in line if end is not None]
        low = min(low, max([low - size / 4, *([min(ends)] if ends else [low])]))
        high = max(high, min([high + size / 4, *([max(ends)] if ends else [high])]))
        margin = 0.04 * ((high - low) or size)
        return cls(low - margin, high + margin)

    def place(self, value: float) -> float:
        """Return where a number is, in per cent; at the edge if it is outside."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(1.0, max(0.0, share)), 2)

    def dots(
        self, mean: float, low: float | None, high: float | None, marks: Sequence[float] = ()
    ) -> Dots:
        """Return the places of a mean, its line and single scores."""
        left = self.place(mean if low is None else low)
        right = self.place(mean if high is None else high)
        return Dots(self.place(mean), left, round(right - left, 2), [self.place(m) for m in marks])

    @property
    def ticks(self) -> list[Tick]:
        """Round numbers on the scale."""
        numbers = MaxNLocator(TICKS, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high)
        inside = [float(n) for n in numbers if self.low <= n <= self.high]
        return [Tick(self.place(n), f"{n:z.6g}".replace("-", "−")) for n in inside]
