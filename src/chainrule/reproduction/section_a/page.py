"""Section A's part of the page: the true step and the report's, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from chainrule.reproduction.results import Results
from chainrule.reproduction.section_a.claims import QUANTITIES, by_name, rounds_to
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
    return {"steps": steps()}


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
