"""Bars side by side with their spread over seeds, and the table behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from chainrule.report.curves import Panel, plain_ticks
from chainrule.report.figures import INK, SERIES, percent_ticks, to_svg
from chainrule.study.statistics import Spread

WIDTH = 0.8  # of a group of bars; the rest is the gap between groups


@dataclass(frozen=True)
class Bars:
    """One colour of bars, a bar a group.

    Attributes
    ----------
    label : str
        What the legend says.
    series : int
        Which of the colours, from 0.
    values : sequence of (Spread or None)
        One a group; None leaves its place empty.
    """

    label: str
    series: int
    values: Sequence[Spread | None]

    @classmethod
    def of(cls, label: str, series: int, values: Sequence[Sequence[float]]) -> Bars:
        """Summarise each group's values over seeds; a group without any has no bar."""
        return cls(label, series, [Spread.of(group) if group else None for group in values])


@dataclass(frozen=True)
class _Drawing:
    groups: Sequence[str]
    bars: Sequence[Bars]
    log: bool
    share: bool
    marked: float | None


def bar_panel(
    title: str,
    groups: Sequence[str],
    bars: Sequence[Bars],
    caption: str,
    *,
    log: bool = False,
    share: bool = False,
    marked: float | None = None,
    size: tuple[float, float] = (4.6, 2.8),
) -> Panel | None:
    """Draw bars, a group for each of ``groups``; None where there is nothing to draw.

    Parameters
    ----------
    title : str
        The heading; it says what the vertical axis shows.
    groups : sequence of str
        What stands under the groups.
    bars : sequence of Bars
        The colours.
    caption : str
        What to see in it.
    log : bool
        Whether the axis is logarithmic; zeros have no bar then.
    share : bool
        Whether the values are shares, shown as percentages.
    marked : float, optional
        Where a dashed line is drawn across, such as a threshold.
    size : tuple of float
        In inches.
    """
    if not any(value for one in bars for value in one.values):
        return None
    drawing = _Drawing(groups, bars, log, share, marked)
    svg = to_svg(_draw, drawing, description=title, size=size)
    form = ".1%" if share else "z.3g"
    rows = [
        [group, *("–" if (at := one.values[i]) is None else f"{at.mean:{form}}" for one in bars)]
        for i, group in enumerate(groups)
    ]
    return Panel(title, caption, svg, ["", *(one.label for one in bars)], rows)


def _draw(drawing: _Drawing, axes: Axes) -> None:
    width = WIDTH / len(drawing.bars)
    for i, one in enumerate(drawing.bars):
        left = (i - (len(drawing.bars) - 1) / 2) * width
        for group, value in enumerate(one.values):
            if value is None or (drawing.log and value.low <= 0):
                continue
            axes.bar(group + left, value.mean, 0.92 * width, color=SERIES[one.series])
            if value.high > value.low:
                axes.vlines(group + left, value.low, value.high, color=INK, linewidth=1)
    if drawing.marked is not None:
        axes.axhline(drawing.marked, color=INK, linewidth=1, linestyle="--")
    axes.set_xticks(np.arange(len(drawing.groups)), drawing.groups)
    axes.set_xlim(-0.5, len(drawing.groups) - 0.5)  # also where bars are missing
    axes.grid(visible=False, axis="x")
    if drawing.log:
        axes.set_yscale("log")
        axes.set_ylim(bottom=axes.get_ylim()[0] / 3)  # so that the smallest bar is seen to be one
        plain_ticks(axes)
    else:
        axes.axhline(0, color=INK, linewidth=0.8)
    if drawing.share:
        percent_ticks(axes)
