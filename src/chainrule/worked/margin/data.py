"""The numbers of a margin by name, for programs."""

from __future__ import annotations

from typing import Any

from chainrule.worked.margin.linear import root_or_float
from chainrule.worked.margin.points import Hyperplane, Points
from chainrule.worked.margin.separation import Separation, common_point
from chainrule.worked.margin.soft import Soft
from chainrule.worked.margin.widest import Widest, conditions


def plane_data(plane: Hyperplane) -> dict[str, Any]:
    """Return a hyperplane and both margins; a root that is no fraction is a float."""
    data: dict[str, Any] = {"w": plane.w, "b": plane.b, "squared_norm": plane.squared_norm}
    if plane.squared_norm:
        data |= {
            "distance_to_margin": root_or_float(1 / plane.squared_norm),
            "width_of_gap": root_or_float(4 / plane.squared_norm),
        }
    return data


def data_of(
    points: Points, separation: Separation, widest: Widest | None, soft: Soft | None
) -> dict[str, Any]:
    """Return every number of an explanation, by name; points are counted from 1."""
    return {
        "points": [
            {"x": x, "label": points.label(i), "y": points.y[i]} for i, x in enumerate(points.X)
        ],
        "classes": {f"{sign:+d}": name for sign, name in points.labels.names.items()},
        "separable": separation.separable,
        "separating": separation.plane and plane_data(separation.plane),
        "common_point": separation.weights
        and {
            "x": common_point(points, separation.weights),
            "shares": separation.weights,
        },
        "widest": widest and _widest(points, widest),
        "soft": soft and _soft(soft),
    }


def _widest(points: Points, widest: Widest) -> dict[str, Any]:
    found = conditions(points, widest.plane, widest.multipliers)
    return plane_data(widest.plane) | {
        "support_vectors": [i + 1 for i in widest.on_margin],
        "functional_margins": points.margins(widest.plane),
        "multipliers": widest.multipliers,
        "other_multipliers": widest.others,
        "conditions_hold": found.hold,
    }


def _soft(soft: Soft) -> dict[str, Any]:
    data = plane_data(soft.plane) | {
        "C": soft.C,
        "multipliers": soft.multipliers,
        "slacks": soft.slacks,
        "functional_margins": soft.points.margins(soft.plane),
        "objective": soft.objective,
        "dual_objective": soft.dual_objective,
    }
    shown = data if soft.exact else _in_floats(data)
    return shown | {"exact": soft.exact, "conditions_hold": soft.exact or soft.holds}


def _in_floats(data: Any) -> Any:
    """Return data with floats: fractions that are no exact answers would only look like some."""
    if isinstance(data, dict):
        return {key: _in_floats(value) for key, value in data.items()}
    if isinstance(data, tuple):
        return tuple(map(_in_floats, data))
    return float(data)
