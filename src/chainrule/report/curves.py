"""Curves over epochs: their spread over seeds, their drawings, and the table behind each.

What the vertical axis shows is in the heading above the figure, where a narrow screen has room.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from chainrule.report.figures import Line, draw_lines, percent_ticks, to_svg
from chainrule.study.statistics import Spread
from chainrule.study.trial import TrialResult

TABLE_ROWS = 20  # at most, evenly spread; history.csv has all


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


def draw_losses(lines: Sequence[Line], axes: Axes) -> None:
    """Draw losses over epochs, from 0."""
    draw_lines(lines, axes)
    axes.set(xlabel="epoch", ylim=(0, None))


def draw_shares(lines: Sequence[Line], axes: Axes) -> None:
    """Draw shares over epochs, from 0 to 1."""
    draw_lines(lines, axes)
    axes.set(xlabel="epoch", ylim=(0, 1))
    percent_ticks(axes)


def draw_magnitudes(lines: Sequence[Line], axes: Axes) -> None:
    """Draw positive numbers over epochs on a logarithmic scale."""
    draw_lines(lines, axes)
    axes.set(xlabel="epoch", yscale="log")
    plain_ticks(axes)


def plain_ticks(axes: Axes) -> None:
    """Write numbers along a logarithmic axis, upright, as plain numbers: ``0.001``."""
    low, high = axes.get_ylim()
    axes.yaxis.set_major_formatter(_plain)
    if high < 100 * low:  # so few powers of ten that numbers between them are needed
        axes.yaxis.set_minor_locator(LogLocator(subs=(2, 3, 5)))
        axes.yaxis.set_minor_formatter(_plain)


def _plain(value: float, _: object) -> str:
    return f"{value:g}"


@dataclass(frozen=True)
class Panel:
    """A figure with its heading, its caption and the numbers behind it.

    Attributes
    ----------
    title, caption : str
        The heading; what to see in it.
    svg : Markup
        The drawing.
    header : list of str
        The table's columns.
    rows : list of lists of str
        Its cells.
    """

    title: str
    caption: str
    svg: Markup
    header: list[str]
    rows: list[list[str]]


def panel(
    title: str,
    lines: Sequence[Line],
    draw: Callable[[Sequence[Line], Axes], None],
    caption: str,
) -> Panel | None:
    """Draw curves, with a caption that says what to see in them; None where there are none."""
    if not lines:
        return None
    header, rows = table(lines)
    svg = to_svg(draw, lines, description=f"{title}, over epochs")
    return Panel(title, caption, svg, header, rows)


def ends(lines: Sequence[Line], form: str) -> str:
    """Return where curves end, in words: ``zero 2.30, normal 0.19``."""
    return ", ".join(f"{line.label} {line.mean[-1]:z{form}}" for line in lines)


def table(lines: Sequence[Line]) -> tuple[list[str], list[list[str]]]:
    """Return the means of curves by epoch, some epochs left out where there are many."""
    values = [dict(zip(line.x, line.mean, strict=True)) for line in lines]
    epochs = sorted({x for line in lines for x in line.x})
    step = -(-len(epochs) // TABLE_ROWS)
    shown = [x for x in epochs if x == epochs[-1] or (x - epochs[0]) % step == 0]
    return ["epoch", *(line.label for line in lines)], [
        [f"{x:g}", *(f"{row[x]:z.4g}" if x in row else "–" for row in values)] for x in shown
    ]
