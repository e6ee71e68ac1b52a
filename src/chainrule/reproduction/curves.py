"""Curves over epochs, with their spread over seeds."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.report.figures import Line
from chainrule.reproduction.claims import Spread
from chainrule.study.trial import TrialResult


def curve(runs: Sequence[TrialResult], column: str) -> tuple[list[int], list[Spread]]:
    """Return epochs and the spread over seeds at each, of the seeds that trained so far."""
    longest = max((len(run.epochs) for run in runs), default=0)
    spreads = [
        Spread.of(
            [
                value
                for run in runs
                if len(run.epochs) > i and (value := run.epochs[i].value(column)) is not None
            ]
        )
        for i in range(longest)
    ]
    return list(range(1, longest + 1)), spreads


def line(runs: Sequence[TrialResult], column: str, label: str, series: int, dashed: bool) -> Line:
    """Return one curve of some runs."""
    x, spreads = curve(runs, column)
    means, lows, highs = zip(*((s.mean, s.low, s.high) for s in spreads), strict=True)
    return Line(label, series, dashed, x, means, lows, highs)
