"""The first pass over a table: what its columns are, and what there is to learn of them.

:func:`inspect` reads the table once, in pieces, and keeps counts and moments
(:mod:`~chainrule.preparation.tally`); rules then say what each column is
(:mod:`~chainrule.preparation.kinds`) and what the task is (:mod:`~chainrule.preparation.task`).
An :class:`Inspection` is plain data, to be shown and to be learnt from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.datasets.tables import Column, Table, table_of
from chainrule.datasets.tables.faults import fault, listed
from chainrule.errors import InvalidValueError, Words
from chainrule.preparation.asked import Asked, check_asked
from chainrule.preparation.cells import LARGEST, cell_error, printed
from chainrule.preparation.kinds import USED, Verdict, kind_of
from chainrule.preparation.tally import MOST_DISTINCT, TableTally, Tally, WideTally
from chainrule.preparation.task import Target, target_of


@dataclass(frozen=True, eq=False)
class ColumnFacts:
    """What a column is, and what was counted in it.

    Attributes
    ----------
    name : str
        Of the column.
    kind : str
        ``"number"``, ``"category"``, ``"pixels"`` or ``"block"``; or why it is left out:
        ``"constant"``, ``"identifier"``, ``"date"``, ``"text"``, ``"drop"``.
    reason : str
        Why it is of that kind, in words.
    shape : tuple of int
        Of one row's value; () for a single one.
    n_missing : int
        Rows in which something is missing.
    counts : mapping from str to int, or None
        Of a category: how often each value is there, the most frequent first.
    low, high : float or None
        The smallest and the largest number of a column of single numbers.
    mean, scale : array of shape (width,)
        Of numbers: their mean; their deviation, or 1 where they do not vary.
    gone : array of bool of shape (width,)
        Which numbers are missing in some row.
    """

    name: str
    kind: str
    reason: str
    shape: tuple[int, ...]
    n_missing: int
    counts: Mapping[str, int] | None
    low: float | None
    high: float | None
    mean: Array
    scale: Array
    gone: Array

    @property
    def used(self) -> bool:
        """Whether it becomes part of X."""
        return self.kind in USED

    @property
    def deviation(self) -> float | None:
        """The standard deviation of a column of single numbers; 0 where they do not vary."""
        if self.low is None or self.kind != "number":
            return None
        return 0.0 if self.low == self.high else float(self.scale[0])


@dataclass(frozen=True, eq=False)
class Inspection:
    """What a first pass has found.

    Attributes
    ----------
    name : str
        Of the table.
    n_rows : int
        How many rows it has.
    columns : tuple of ColumnFacts
        In the table's order, the target left out.
    task : {"classification", "regression", "autoencoder"}
        What is to be learnt.
    why : str
        Why it is this task, in words.
    target : Target or None
        The column to predict; None for an autoencoder.
    """

    name: str
    n_rows: int
    columns: tuple[ColumnFacts, ...]
    task: str
    why: str
    target: Target | None

    @property
    def used(self) -> tuple[ColumnFacts, ...]:
        """The columns that become X."""
        return tuple(column for column in self.columns if column.used)

    @property
    def left_out(self) -> tuple[ColumnFacts, ...]:
        """The others."""
        return tuple(column for column in self.columns if not column.used)


def inspect(
    table: Any,
    *,
    target: str | None = None,
    task: str = "auto",
    columns: Mapping[str, str] | None = None,
) -> Inspection:
    """Read a table once, in bounded memory, and return what its columns are.

    Parameters
    ----------
    table : Table, DataFrame, or mapping from str to array-like
        Of training data; what :func:`~chainrule.datasets.tables.table_of` takes.
    target : str, optional
        The column to predict; the one that the file itself calls the target if left out.
    task : {"auto", "classification", "regression", "autoencoder"}
        What to learn.
    columns : mapping from str to str, optional
        The kind of some columns, by their names: ``{"zip": "category", "id": "drop"}``.

    Raises
    ------
    InvalidValueError
        If the target, the task or a kind cannot be so.
    DataFormatError
        If the table has no rows, or cells that cannot be used; it says where.
    """
    table = table_of(table)
    asked = check_asked(table, target, task, columns or {})
    wide = [column for column in table.columns if column.shape]
    pixels = {one.name for one in wide if not _is_block(one, asked)}
    known = {name for name, kind in asked.kinds.items() if kind != "category"}
    tallies = TableTally(table.columns, pixels, known)
    for piece in table.pieces():
        tallies.add(piece)
    if not tallies.n_rows:
        raise fault(table.name, "there must be at least one row", "none", "add some")
    inputs = [column for column in table.columns if column.name != asked.target]
    facts = tuple(_facts(column, tallies[column.name], asked, table) for column in inputs)
    _check_any_is_used(facts, table)
    if asked.target is None or asked.task == "autoencoder":
        return Inspection(table.name, tallies.n_rows, facts, "autoencoder", "as asked", None)
    tally = tallies[asked.target]
    assert isinstance(tally, Tally)
    found, task, why = target_of(tally, asked, table)
    return Inspection(table.name, tallies.n_rows, facts, task, why, found)


def _is_block(column: Column, asked: Asked) -> bool:
    return (asked.kinds.get(column.name) or wide_kind(column)) == "block"


def wide_kind(column: Column) -> str:
    """Return what a column of images, vectors or rows of texts is."""
    if column.dtype.kind == "O":
        return "text"
    return "pixels" if column.dtype == np.uint8 else "block"


def _facts(column: Column, tally: Tally | WideTally, asked: Asked, table: Table) -> ColumnFacts:
    said = asked.kinds.get(column.name)
    if isinstance(tally, Tally):
        verdict = kind_of(tally, said)
    else:
        verdict = _wide_verdict(column, tally, said)
    if verdict.kind in ("number", "block"):
        _check_numbers(column, tally, table)
    if verdict.kind == "category":
        _check_categories(column, tally, table)
    return _filled(column, tally, verdict)


def _wide_verdict(column: Column, tally: WideTally, said: str | None) -> Verdict:
    kind = said or wide_kind(column)
    if kind == "block" and tally.n_empty == math.prod(column.shape):
        return Verdict("constant", "no row has a value")
    if said is not None:
        return Verdict(said, "as you said")
    size = " x ".join(map(str, column.shape))
    what = {"pixels": "bytes", "block": "numbers", "text": "texts"}[kind]
    without = f", {tally.n_empty:,} of them without a value in any row" if tally.n_empty else ""
    return Verdict(kind, f"{size} {what} a row{without}")


def _filled(column: Column, tally: Tally | WideTally, verdict: Verdict) -> ColumnFacts:
    is_number = verdict.kind == "number"
    return ColumnFacts(
        name=column.name,
        kind=verdict.kind,
        reason=verdict.reason,
        shape=column.shape,
        n_missing=tally.n_missing,
        counts=tally.categories if verdict.kind == "category" else None,
        low=tally.low if is_number else None,
        high=tally.high if is_number else None,
        mean=tally.mean,
        scale=tally.scale,
        gone=tally.gone,
    )


def _check_numbers(column: Column, tally: Tally | WideTally, table: Table) -> None:
    if tally.first_bad is None:
        return
    row, value = tally.first_bad
    what, remedy = "number", f'mend it, or say {column.name} = "category" under [columns]'
    if column.dtype.kind != "O" or column.shape:
        what, remedy = f"finite number below {LARGEST:g}", "mend it, or leave it empty"
    what = f"{printed(value)} is no {what}: {remedy}"
    raise cell_error(table.name, table.place(row), column.name, what)


def _check_categories(column: Column, tally: Tally | WideTally, table: Table) -> None:
    assert isinstance(tally, Tally)
    if tally.distinct is None:
        raise InvalidValueError(
            f"column {column.name} of {table.name} must have at most {MOST_DISTINCT:,} different "
            "values, none of them long, to be a category",
            Words("more"),
            f'say {column.name} = "drop" under [columns]',
        )


def _check_any_is_used(facts: tuple[ColumnFacts, ...], table: Table) -> None:
    if any(column.used for column in facts):
        return
    found = listed(f"{one.name} ({one.kind}: {one.reason})" for one in facts) or "none"
    rule = "there must be a column to learn from"
    remedy = 'say what a column is, such as NAME = "category" under [columns]'
    raise fault(table.name, rule, found, remedy)
