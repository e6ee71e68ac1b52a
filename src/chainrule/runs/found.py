"""What was found in the data: plain facts for terminal, report and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chainrule.preparation import ColumnFacts, Inspection

MOST_COUNTS = 12  # categories of a column in a report, the most frequent


@dataclass(frozen=True, eq=False)
class Found:
    """What a first pass has found, and how rows are used.

    Attributes
    ----------
    inspection : Inspection
        Of all rows of the data.
    rows : mapping from str to int
        How many are ``learnt_from``, ``stopping`` and ``held_out``.
    val : str or None
        The file of rows that are held out; None where they are part of the data.
    """

    inspection: Inspection
    rows: Mapping[str, int]
    val: str | None

    def facts(self) -> dict[str, Any]:
        """Return all of it as data for JSON."""
        inspection = self.inspection
        return {
            "name": inspection.name,
            "n_rows": inspection.n_rows,
            "rows": dict(self.rows),
            "val": self.val,
            "task": inspection.task,
            "why": inspection.why,
            "target": self._target(),
            "columns": [column_facts(column) for column in inspection.columns],
        }

    def _target(self) -> dict[str, Any] | None:
        target = self.inspection.target
        if target is None:
            return None
        return {
            "name": target.name,
            "classes": None if target.counts is None else dict(target.counts),
            "low": target.low,
            "high": target.high,
        }


def column_facts(column: ColumnFacts) -> dict[str, Any]:
    """Return what was found in a column as data for JSON."""
    counts = column.counts
    few = None if counts is None else dict(list(counts.items())[:MOST_COUNTS])
    return {
        "name": column.name,
        "kind": column.kind,
        "used": column.used,
        "reason": column.reason,
        "shape": list(column.shape),
        "n_missing": column.n_missing,
        "low": column.low,
        "high": column.high,
        "mean": None if column.low is None else float(column.mean[0]),
        "deviation": column.deviation,
        "n_categories": None if counts is None else len(counts),
        "categories": few,
    }
