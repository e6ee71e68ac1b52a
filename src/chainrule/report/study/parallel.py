"""Parallel coordinates: an axis for each factor and one for the score, a line for each candidate.

Numbers have a linear axis, or a logarithmic one where they span two powers of ten; other values,
and lists, stand one above the other in the order in which they come.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.ticker import LogLocator, MaxNLocator

from chainrule.report.study.words import Format, name_of, value_of
from chainrule.study.effects import in_order, is_number
from chainrule.study.results import CandidateResult

MOST_LINES = 500
MOST_AXES = 10
MOST_TICKS, MOST_POWERS = 6, 10  # of numbers; other values have a tick each, up to MOST_LABELS
MOST_LABELS = 16
WIDE = 100.0  # where an axis of numbers becomes logarithmic
LONGEST_LABEL = 20
LEFT, STEP, TOP, HEIGHT = 90, 150, 40, 300  # of the drawing, in its own units


@dataclass(frozen=True)
class Axis:
    """One axis: its place, and the labels on it as (y, text)."""

    title: str
    x: float
    labels: list[tuple[float, str]]


@dataclass(frozen=True)
class Path:
    """One candidate's line.

    Attributes
    ----------
    d : str
        The line, as SVG has it.
    share : float
        Where the score is between the worst and the best shown, in [0, 1].
    title : str
        The candidate and its score, for the pointer.
    rank : int
        From 1.
    """

    d: str
    share: float
    title: str
    rank: int


@dataclass(frozen=True)
class Parallel:
    """The whole drawing; the best candidate's line is last, on top."""

    width: float
    height: float
    axes: list[Axis]
    paths: list[Path]


def collect(
    ranked: Sequence[CandidateResult], factors: Sequence[str], metric: str, written: Format
) -> Parallel | None:
    """Return the drawing of the candidates that have a score; None where it would show nothing.

    Parameters
    ----------
    ranked : sequence of CandidateResult
        Best first; at most 500 are drawn.
    factors : sequence of str
        At most 10 of those that vary are drawn.
    metric : str
        The score.
    written : callable
        Writes a score.
    """
    shown = [one for one in ranked if metric in one.metrics][:MOST_LINES]
    varied = [name for name in factors if len(_values(shown, name)) > 1][:MOST_AXES]
    if len(shown) < 2 or not varied:
        return None
    means = [one.metrics[metric].mean for one in shown]
    scales = [_scale(_values(shown, name)) for name in varied]
    score = _Numbers(min(means), max(means), log=False)
    axes = [
        Axis(
            _short(name_of(name)),
            LEFT + i * STEP,
            [(_y(share), text) for share, text in scale.labels()],
        )
        for i, (name, scale) in enumerate(zip(varied, scales, strict=True))
    ]
    last = LEFT + len(varied) * STEP
    axes.append(
        Axis(_short(name_of(metric)), last, [(_y(share), text) for share, text in score.labels()])
    )
    paths = [
        Path(
            _line([*(s.share(one.values.get(n)) for n, s in zip(varied, scales, strict=True)),
                   score.share(mean)]),
            score.share(mean) or 0.0,
            f"{rank}. {name_of(one.name)}: {metric} {written(mean)}",
            rank,
        )
        for rank, (one, mean) in enumerate(zip(shown, means, strict=True), 1)
    ]  # fmt: skip
    return Parallel(last + 90, TOP + HEIGHT + 30, axes, paths[::-1])


@dataclass(frozen=True)
class _Numbers:
    low: float
    high: float
    log: bool

    def share(self, value: Any) -> float | None:
        if not is_number(value):
            return None
        low, high, at = (math.log(v) if self.log else v for v in (self.low, self.high, value))
        return (at - low) / (high - low) if high > low else 0.5

    def labels(self) -> list[tuple[float, str]]:
        locator = LogLocator(numticks=MOST_POWERS) if self.log else MaxNLocator(MOST_TICKS)
        ticks = locator.tick_values(self.low, self.high) if self.high > self.low else [self.low]
        inside = [float(tick) for tick in ticks if self.low <= tick <= self.high]
        return [(self.share(tick) or 0.0, f"{tick:z.6g}".replace("-", "−")) for tick in inside]


@dataclass(frozen=True)
class _Names:
    values: list[str]

    def share(self, value: Any) -> float | None:
        text = value_of(value)
        if text not in self.values:
            return None
        return (self.values.index(text) + 0.5) / len(self.values)

    def labels(self) -> list[tuple[float, str]]:
        step = -(-len(self.values) // MOST_LABELS)
        return [
            ((i + 0.5) / len(self.values), _short(value))
            for i, value in enumerate(self.values)
            if i % step == 0
        ]


def _scale(values: list[Any]) -> _Numbers | _Names:
    if all(map(is_number, values)) and len(values) > MOST_TICKS:
        log = values[0] > 0 and values[-1] >= WIDE * values[0]
        return _Numbers(values[0], values[-1], log)
    return _Names([value_of(value) for value in values])


def _values(shown: Sequence[CandidateResult], name: str) -> list[Any]:
    by_number = sorted(shown, key=lambda one: one.number)
    return in_order([one.values[name] for one in by_number if name in one.values])


def _y(share: float) -> float:
    return round(TOP + HEIGHT * (1 - share), 1)


def _line(shares: Sequence[float | None]) -> str:
    """Return a line through the axes; it has a gap where a candidate lacks a factor."""
    parts, pen = [], "M"
    for i, share in enumerate(shares):
        if share is None:
            pen = "M"
            continue
        parts.append(f"{pen}{LEFT + i * STEP} {_y(share)}")
        pen = "L"
    return "".join(parts)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
