"""Section A's part of the page: the true step beside the report's, and the margins."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from chainrule.report.figures import to_svg
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_a import margin_claims
from chainrule.reproduction.section_a.margin_claims import margin
from chainrule.reproduction.section_a.step_claims import QUANTITIES, by_name, rounds_to
from chainrule.worked.margin.figure import collect_margin, draw_margin
from chainrule.worked.report_examples import gradient_step

DIGITS = 4


@dataclass(frozen=True)
class Row:
    """One number of A1."""

    claim: str
    of: str
    printed: str
    true: str
    fraction: str
    report_s_way: str
    agrees: bool


def part(results: Results) -> dict[str, Any]:
    """Return what the section's template needs."""
    found, given = margin(), margin_claims.given()
    return {
        "steps": steps(),
        "picture": margin_picture(),
        "points": [
            (point, label, found.widest.plane.value(point), multiplier)
            for point, label, multiplier in zip(
                found.points.X, found.points.y, found.widest.multipliers, strict=True
            )
        ],
        "samples": list(enumerate(given.samples, 1)),
        "asked": given.asked,
    }


def margin_picture() -> Markup:
    """Draw A2's points with the widest margin."""
    found = margin()
    picture = collect_margin(
        found.points.X, found.points.y, found.widest.plane, found.widest.on_margin
    )
    return to_svg(
        draw_margin,
        picture,
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
                quantity.id,
                _of(name, len(true)),
                text,
                f"{float(true[name]):.{DIGITS}f}",
                str(true[name]),
                _decimal(own.get(name)),
                rounds_to(true[name], text),
            )
            for name, text in by_name(quantity.printed).items()
        ]
    return rows


def _of(name: str, n: int) -> str:
    if not name.isdigit():
        return name
    return f"sample {name}" if n > 1 else "all samples"


def _decimal(value: Fraction | None) -> str:
    return "" if value is None else f"{float(value):.{DIGITS}f}"
