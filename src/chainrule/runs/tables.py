"""Figures as tables of texts: the same in terminal and report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chainrule.report.page import percent
from chainrule.runs.words import name, number

Table = tuple[list[str], list[list[str]]]

# What figures are called, and how they are written; the baseline has some of them.
_FIGURES: dict[str, tuple[str, Callable[[float], str]]] = {
    "accuracy": ("accuracy", percent),
    "balanced_accuracy": ("balanced accuracy", percent),
    "macro_f1": ("F1, mean over classes", percent),
    "log_loss": ("log loss", number),
    "roc_auc": ("area under the ROC curve", number),
    "r2": ("R²", number),
    "rmse": ("root mean square error", number),
    "mae": ("mean absolute error", number),
    "mse": ("mean square error", number),
}


def figure_table(figures: Mapping[str, Any]) -> Table:
    """Return each figure beside the baseline's; a dash stands for one that is undefined."""
    rows = [
        [words, _of(figures, key, written), _of(figures["baseline"], key, written)]
        for key, (words, written) in _FIGURES.items()
        if key in figures
    ]
    return ["figure", "model", "baseline"], rows


def _of(figures: Mapping[str, Any], key: str, written: Callable[[float], str]) -> str:
    return "–" if figures.get(key) is None else written(figures[key])


def class_table(figures: Mapping[str, Any]) -> Table:
    """Return precision, recall and F1 of each class; no rows where there are no classes."""
    rows = [
        [
            name(one["name"]),
            f"{one['n']:,}",
            percent(one["precision"], 1),
            percent(one["recall"], 1),
            percent(one["f1"], 1),
        ]
        for one in figures.get("classes", [])
    ]
    return ["class", "rows", "precision", "recall", "F1"], rows
