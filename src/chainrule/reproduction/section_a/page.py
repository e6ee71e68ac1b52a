"""Section A's part of the page: the true step beside the report's, and the margins."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from chainrule.report.figures import to_svg
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_a.step_claims import QUANTITIES, by_name, rounds_to
from chainrule.worked.margin.figure import collect_margin, draw_margin
from chainrule.worked.margin.points import Hyperplane, Points, build_points
from chainrule.worked.margin.reading import CLASSIFIER_EXAMPLES, MARGIN_EXAMPLES
from chainrule.worked.report_examples import gradient_step
from chainrule.worked.report_margin import given_classifier, widest

DIGITS = 4


@dataclass(frozen=True)
class Row:
    """One number of A1; a claim's first row has its title, over as many rows as it has."""

    title: str
    span: int
    of: str
    printed: str
    true: str
    fraction: str
    report_s_way: str
    agrees: bool


def part(results: Results) -> dict[str, Any]:
    """Return what the section's template needs."""
    found, given = widest(), given_classifier()
    example, asked = CLASSIFIER_EXAMPLES["report"], MARGIN_EXAMPLES["report"]
    points = build_points(asked["X"], asked["y"])
    plane = Hyperplane(found.w, found.b)
    multipliers = dict(zip(found.support_vectors, found.multipliers, strict=True))
    return {
        "steps": steps(),
        "picture": _picture(points, plane),
        "points": [
            (x, y, plane.value(x), multipliers.get(x, Fraction(0)))
            for x, y in zip(points.X, points.y, strict=True)
        ],
        "samples": list(zip(example["X"], given.values, strict=True)),
        "asked": (example["predict"][0], given.prediction, given.predicted_class),
        "gap": given.width_of_gap,
    }


def _picture(points: Points, plane: Hyperplane) -> Markup:
    on_margin = [i for i, x in enumerate(points.X) if abs(plane.value(x)) == 1]
    return to_svg(
        draw_margin,
        collect_margin(points.X, points.y, plane, on_margin),
        description="Six points of two classes, the line between them and its margin",
        size=(4.6, 3.6),
    )


def steps() -> list[Row]:
    """Return every number of the report's gradient step beside the exact one."""
    step = gradient_step()
    rows = []
    for quantity in QUANTITIES:
        true = by_name(quantity.true(step))
        own = by_name(quantity.report_s_way(step)) if quantity.report_s_way else {}
        rows += [
            Row(
                "" if i else quantity.title,
                0 if i else len(true),
                _of(name, len(true)),
                text,
                f"{float(true[name]):.{DIGITS}f}",
                str(true[name]),
                _decimal(own.get(name)),
                rounds_to(true[name], text),
            )
            for i, (name, text) in enumerate(by_name(quantity.printed).items())
        ]
    return rows


def _of(name: str, n: int) -> str:
    if not name.isdigit():
        return name
    return f"sample {name}" if n > 1 else "all samples"


def _decimal(value: Fraction | None) -> str:
    return "" if value is None else f"{float(value):.{DIGITS}f}"
