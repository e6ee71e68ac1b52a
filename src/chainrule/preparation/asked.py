"""What a user has asked of a table, checked before it is read: target, task, kinds of columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from chainrule._text import printable
from chainrule.datasets.tables import Column, Table
from chainrule.datasets.tables.faults import listed
from chainrule.errors import InvalidValueError, UnknownNameError, Words
from chainrule.preparation.kinds import SAYABLE
from chainrule.registry import closest

TASKS = ("auto", "classification", "regression", "autoencoder")


@dataclass(frozen=True)
class Asked:
    """What was asked, and is possible.

    Attributes
    ----------
    target : str or None
        The column to predict, or with an autoencoder to leave out.
    task : str
        One of :data:`TASKS`.
    kinds : mapping from str to str
        The kind of some columns.
    """

    target: str | None
    task: str
    kinds: Mapping[str, str]


def check_asked(table: Table, target: str | None, task: str, columns: Mapping[str, str]) -> Asked:
    """Return what was asked, or raise InvalidValueError if it cannot be."""
    names = [column.name for column in table.columns]
    these = printable(f"{table.name} ({listed(names)})")
    if task not in TASKS:
        raise unknown(f"task must be one of {', '.join(TASKS)}", task, TASKS)
    target = table.target if target is None else target
    if target is None and task != "autoencoder":
        raise InvalidValueError(
            f"the target must be a column of {these}",
            Words("none"),
            'name the column to predict, or choose the task "autoencoder"',
        )
    if target is not None and target not in names:
        rule = f"the target must be a column of {these}"
        raise unknown(rule, target, names)
    by_name = {column.name: column for column in table.columns}
    for name, kind in columns.items():
        if name not in by_name:
            rule = f"[columns] must have columns of {these}"
            raise unknown(rule, name, names)
        _check_kind(by_name[name], kind)
    if target is not None and task != "autoencoder":
        _check_target(by_name[target], columns)
    return Asked(target, task, dict(columns))


def _check_kind(column: Column, kind: str) -> None:
    is_bytes = column.dtype == np.uint8
    allowed = SAYABLE["single" if not column.shape else "bytes" if is_bytes else "wide"]
    if kind not in allowed:
        raise unknown(f"column {column.name} must be one of {', '.join(allowed)}", kind, allowed)


def _check_target(column: Column, columns: Mapping[str, str]) -> None:
    if column.shape:
        raise InvalidValueError(
            f"the target {column.name} must have one value a row",
            column.shape,
            'choose another column, or the task "autoencoder"',
        )
    if column.name in columns:
        raise InvalidValueError(
            "[columns] must not have the target",
            column.name,
            'choose the task "classification" or "regression" instead',
        )


def unknown(rule: str, name: object, names: Iterable[str]) -> UnknownNameError:
    """Return the error for a name that is none of some; its remedy has the closest."""
    close = closest(str(name), names)
    return UnknownNameError(rule, name, f'did you mean "{close}"?' if close else "choose one")
