"""What was found in columns, in words: the same in terminal and report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule.runs.words import name, number

Column = Mapping[str, Any]
MOST_VALUES = 4  # categories that a line names


def kind_words(column: Column) -> str:
    """Return what a column is: ``number``, ``left out``."""
    return str(column["kind"]) if column["used"] else f"{column['kind']}, left out"


def missing_words(column: Column, n_rows: int) -> str:
    """Return how much is missing, or a dash."""
    n = column["n_missing"]
    return f"{n:,} ({_whole_percent(n / n_rows)})" if n else "–"


def _whole_percent(part: float) -> str:
    """Return a share above 0 with no digits after the point; 100 % stands for all and no less."""
    if part < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= part < 1 else f"{100 * part:.0f} %"


def range_words(column: Column) -> str:
    """Return what values there are, or why the column is left out."""
    if column["used"] and column["low"] is not None:
        return f"{number(column['low'])} to {number(column['high'])}"
    if column["used"] and column["categories"]:
        return counts_words(column["categories"], column["n_categories"])
    return name(column["reason"])


def counts_words(counts: Mapping[str, int], n_values: int) -> str:
    """Return the most frequent values with how often they are there."""
    shown = [f"{name(value)} ({n:,})" for value, n in list(counts.items())[:MOST_VALUES]]
    more = n_values - len(shown)
    return ", ".join(shown) + (f", … {more:,} more" if more > 0 else "")


def target_words(data: Mapping[str, Any]) -> str:
    """Return the task, why it is this one, and what the target has."""
    why = f"{data['task']} ({data['why']})"
    target = data["target"]
    if target is None:
        return f"Task: {why}."
    if target["classes"]:
        classes = counts_words(target["classes"], len(target["classes"]))
        return f"Task: {why}; {name(target['name'])} is to be predicted: {classes}."
    span = f"{number(target['low'])} to {number(target['high'])}"
    return f"Task: {why}; {name(target['name'])} is to be predicted: {span}."
