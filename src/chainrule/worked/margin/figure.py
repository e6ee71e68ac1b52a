"""The picture of a hyperplane in the plane: points by class, the line, its margin, who lies on it.

Texts in it are the program's own: labels stand in the caption, where they are escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from chainrule._types import Array
from chainrule.report.figures import FAINT, INK, SERIES, to_svg
from chainrule.worked.document import Figure
from chainrule.worked.margin.linear import Vector
from chainrule.worked.margin.points import Hyperplane

# class -> what the legend says, marker, colour: shapes differ for those who see no colours
_STYLES = {1: ("class +1", "o", 0), -1: ("class −1", "s", 1), 0: ("to predict", "D", 2)}
_MOST_STRETCH = 8  # a box longer than that is drawn with axes of different scales
_SIZE = (4.0, 3.4)  # inches
_SIDES = (0.13, 0.15, 0.84, 0.68)  # of the axes in it: left, bottom, width, height
_BOX = np.array(_SIZE) * _SIDES[2:]
_MOST_NUMBERS = 40  # with more points their numbers would cover one another


@dataclass(frozen=True)
class Picture:
    """What is drawn, in floats.

    Attributes
    ----------
    X : ndarray of shape (n, 2)
        The points.
    names : tuple of str
        What stands beside each.
    classes : tuple of int
        1, -1, or 0 for a point whose class is asked for.
    ringed : tuple of int
        Which are support vectors, from 0.
    w : ndarray of shape (2,)
        The line's normal; 0 if there is no line.
    b : float
        Its constant.
    """

    X: Array
    names: tuple[str, ...]
    classes: tuple[int, ...]
    ringed: tuple[int, ...]
    w: Array
    b: float


def collect_margin(
    X: Sequence[Vector],
    classes: Sequence[int],
    plane: Hyperplane | None,
    ringed: Sequence[int] = (),
    names: Sequence[str] = (),
) -> Picture:
    """Return what is drawn for points and a hyperplane, if there is one."""
    return Picture(
        np.array([[float(value) for value in x] for x in X]),
        tuple(names or map(str, range(1, len(X) + 1))),
        tuple(classes),
        tuple(ringed),
        np.array([float(value) for value in plane.w] if plane else [0.0, 0.0]),
        float(plane.b) if plane else 0.0,
    )


def draw_margin(picture: Picture, axes: Axes) -> None:
    """Draw points, the line with its margin, and rings around support vectors."""
    axes.set_position(_SIDES)  # room for the legend
    centre, half = _frame(picture.X)
    if picture.w.any():
        _draw_line(picture, axes, centre, float(np.hypot(*half)))
    ringed = picture.X[list(picture.ringed)]
    if len(ringed):
        axes.plot(
            *ringed.T, "o", ms=14, mfc="none", mec=INK, mew=1.2, zorder=3, label="support vector"
        )
    classes = np.array(picture.classes)
    for sign, (label, marker, series) in _STYLES.items():
        chosen = picture.X[classes == sign]
        if len(chosen):
            axes.plot(*chosen.T, marker, ms=7, color=SERIES[series], zorder=4, label=label)
    _write_names(picture, axes)
    axes.set_xlim(centre[0] - half[0], centre[0] + half[0])
    axes.set_ylim(centre[1] - half[1], centre[1] + half[1])
    axes.set_xlabel("x₁")
    axes.text(-0.03, 1.0, "x₂", transform=axes.transAxes, ha="right", va="bottom", color=FAINT)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize=8)


def _frame(X: Array) -> tuple[Array, Array]:
    """Return the middle of the picture and half its sides: the points' box and room around it."""
    low, high = X.min(axis=0), X.max(axis=0)
    half = (high - low) / 2
    # A side of 0 gets the other one's length, or any.
    half = np.where(half > 0, half, half.max() or max(np.abs(X).max() / 10, 1.0))
    if max(half) <= _MOST_STRETCH * min(half):
        half = max(half / _BOX) * _BOX  # a right angle looks like one
    return (low + high) / 2, 1.3 * half


def _draw_line(picture: Picture, axes: Axes, centre: Array, reach: float) -> None:
    w, b = picture.w, picture.b
    norm = np.hypot(*w)
    unit = w / norm
    along = np.array([-unit[1], unit[0]])
    distance = (centre @ w + b) / norm  # of the centre from the line
    feet = {f: centre + (f / norm - distance) * unit for f in (0, 1, -1)}
    length = 2 * reach + abs(distance) + 1 / norm
    ends = {f: np.array([foot - length * along, foot + length * along]) for f, foot in feet.items()}
    axes.fill(*np.vstack([ends[1], ends[-1][::-1]]).T, color=FAINT, alpha=0.1, lw=0, zorder=1)
    axes.plot(*ends[0].T, color=INK, zorder=2, label="f(x) = 0")
    axes.plot(*ends[1].T, "--", color=FAINT, lw=1.2, zorder=2, label="f(x) = ±1")
    axes.plot(*ends[-1].T, "--", color=FAINT, lw=1.2, zorder=2)


def _write_names(picture: Picture, axes: Axes) -> None:
    if len(picture.X) > _MOST_NUMBERS:
        return
    at: dict[tuple[float, float], list[str]] = {}
    for (x, y), name in zip(picture.X.tolist(), picture.names, strict=True):
        at.setdefault((x, y), []).append(name)
    for place, names in at.items():
        axes.annotate(
            ", ".join(names), place, (9, 7), textcoords="offset points", fontsize=9, zorder=5
        )


def figure_of(picture: Picture, description: str, caption: str) -> Figure:
    """Return the picture as a block of a document."""
    svg = to_svg(draw_margin, picture, description=description, size=_SIZE)
    return Figure(svg, description, caption)
