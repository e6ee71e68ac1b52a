"""Line figures as inline SVG that follows the page's colours.

A figure is two functions: ``collect(results) -> data``, which is tested on values, and
``draw(data, axes)``. :func:`to_svg` runs the second. Colours are the page's: matplotlib gets
stand-ins (:data:`INK`, :data:`SERIES`), which become CSS variables in the SVG, so that one drawing
serves light, dark and print.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Any, TypeVar

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

Data = TypeVar("Data")

INK, FAINT, GRID = "#010101", "#020202", "#030303"
SERIES = ("#040101", "#040202", "#040303", "#040404", "#040505")
_VARIABLES = {INK: "--ink", FAINT: "--faint", GRID: "--grid"} | {
    color: f"--series-{number}" for number, color in enumerate(SERIES, 1)
}

_STYLE: Any = {
    "svg.fonttype": "none",  # text stays text: it can be searched, and takes the page's font
    "svg.hashsalt": "chainrule",  # the same drawing gives the same bytes
    "text.parse_math": False,  # a name with $ in it is a name
    "font.size": 10,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "text.color": INK,
    "lines.linewidth": 1.8,
    # Fixed margins: measuring text for a tight layout takes longer than all of the drawing.
    "figure.subplot.left": 0.13,
    "figure.subplot.right": 0.98,
    "figure.subplot.bottom": 0.17,
    "figure.subplot.top": 0.96,
}


@dataclass(frozen=True)
class Line:
    """One curve over epochs, with its spread over seeds.

    Attributes
    ----------
    label : str
        What the legend says.
    series : int
        Which of the colours, from 0.
    dashed : bool
        Whether the line is dashed.
    x, mean, low, high : sequence of float
        Epochs, and at each the mean, smallest and largest value of the seeds that got so far.
    """

    label: str
    series: int
    dashed: bool
    x: Sequence[float]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def draw_lines(lines: Sequence[Line], axes: Axes) -> None:
    """Draw curves with their bands; no ticks between epochs."""
    axes.xaxis.set_major_locator(MaxNLocator(nbins="auto", steps=[1, 2, 5, 10], integer=True))
    for line in lines:
        color = SERIES[line.series]
        axes.plot(line.x, line.mean, color=color, linestyle="--" if line.dashed else "-")
        if list(line.low) != list(line.high):
            axes.fill_between(line.x, line.low, line.high, color=color, alpha=0.15, linewidth=0)


def percent_ticks(axes: Axes) -> None:
    """Write the vertical axis' shares as percentages, none of them rounded: ``2.5 %``."""
    axes.yaxis.set_major_formatter(lambda share, _: f"{round(100 * share, 6):zg} %")


def to_svg(
    draw: Callable[[Data, Axes], None],
    data: Data,
    *,
    description: str,
    size: tuple[float, float] = (4.6, 2.8),
) -> Markup:
    """Draw a figure and return it as an ``<svg>`` element.

    Parameters
    ----------
    draw : callable
        (data, axes) -> None.
    data : object
        From the figure's ``collect``.
    description : str
        What the figure shows, for readers who cannot see it.
    size : tuple of float
        Width and height in inches; the page scales it to its column.
    """
    with rc_context(_STYLE):
        figure = Figure(figsize=size)
        draw(data, figure.add_subplot())
        text = StringIO()
        # No date and no maker: the same results give the same page.
        figure.savefig(
            text, format="svg", transparent=True, metadata={"Date": None, "Creator": None}
        )
    return _inline(text.getvalue(), description)


def _inline(document: str, description: str) -> Markup:
    svg = document[document.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    for color, variable in _VARIABLES.items():
        svg = svg.replace(color, f"var({variable})")
    # The drawing's own fonts give way to the page's; older matplotlibs write them as "font: …".
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg)
    svg = re.sub(r"font-family: [^;\"]*;?", "", svg)
    label = escape(description, quote=True)
    return Markup(svg.replace("<svg", f'<svg role="img" aria-label="{label}"', 1))
