"""The rows that an estimator of tables is given: their columns, targets, weights and groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import _check_sample_weight

from chainrule._types import Array
from chainrule.datasets.tables import Table, table_of
from chainrule.errors import InvalidValueError, Words
from chainrule.preparation.inputs import Columns, columns_of, names_of, numbered_names
from chainrule.preparation.row_targets import (
    codes_of,
    labels_in_file,
    labels_in_memory,
    numbers_in_file,
    numbers_in_memory,
    one_a_row,
    without_value,
)
from chainrule.preparation.splitting import RowsOf

LEAST_ROWS = 2


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows to learn from, those without a target or a weight left out.

    Attributes
    ----------
    table : Table
        Their columns.
    y : array of shape (n,) or None
        Labels or numbers; None for an autoencoder.
    weight : array of shape (n,) or None
        Their weights.
    groups : array of int of shape (n,) or None
        The number of each row's group, from 0.
    target : str
        The target's name.
    n_without_target : int
        How many had none.
    """

    table: Table
    y: Any
    weight: Any
    groups: Any
    target: str
    n_without_target: int

    def __len__(self) -> int:
        n: int | None = self.table.n_rows
        assert n is not None
        return n


@dataclass(frozen=True, eq=False)
class PassedTarget:
    """The target as it was passed.

    Attributes
    ----------
    name : str
        Its own, or y.
    values : array-like or None
        None for an autoencoder.
    in_file : bool
        Whether they are cells of a file.
    """

    name: str
    values: Any
    in_file: bool


def array_columns(X: Any, estimator: Any) -> Columns:
    """Return the columns of an array, x0, x1, …, checked as scikit-learn does."""
    if not hasattr(X, "__len__") and not hasattr(X, "shape"):
        table_of(X, name="X")  # which has the words for what is no table
    array = check_array(X, dtype=None, ensure_all_finite=False, estimator=estimator, input_name="X")
    names = numbered_names(array.shape[1])
    return Columns({name: array[:, i] for i, name in enumerate(names)}, named=False)


def columns_and_target(estimator: Any, X: Any, y: Any) -> tuple[Columns, PassedTarget]:
    """Return the columns to learn from, and the target, of what ``fit`` was given."""
    columns = columns_of(X) or array_columns(X, estimator)
    if estimator.task == "autoencoder":
        return columns, PassedTarget("", None, in_file=False)
    if y is None and columns.source is not None:
        y = columns.source.target
    if y is None:
        raise InvalidValueError(
            f"This {type(estimator).__name__} estimator requires y to be passed, but the target y "
            "is None",
            Words("no target"),
            "pass y, or the name of its column",
        )
    if isinstance(y, str):
        (name,) = names_of([y], list(columns.values), "y")
        in_file = columns.source is not None
        return columns.without(name), PassedTarget(name, columns.values[name], in_file=in_file)
    return columns, PassedTarget(_name_of(y, columns), y, in_file=False)


def _name_of(y: Any, columns: Columns) -> str:
    """Return what the target is called in a model's file: its own name, or y."""
    own = getattr(y, "name", None)
    name = own.strip() if isinstance(own, str) and own.strip() else "y"
    while name in columns.values:
        name += "_"
    return name


def rows_of(task: str, table: Table, y: PassedTarget, sample_weight: Any, groups: Any) -> Rows:
    """Return the rows that have a target and a weight, each checked."""
    n_rows = table.n_rows
    assert n_rows is not None
    values = None if y.values is None else one_a_row(y.values, n_rows)
    gone = np.zeros(n_rows, bool) if values is None else without_value(values)
    weight = None
    if sample_weight is not None:
        weight = _check_sample_weight(sample_weight, np.empty((n_rows, 1)))
    wanted = ~gone if weight is None else ~gone & (weight != 0)  # of no weight is not there
    if wanted.sum() < LEAST_ROWS:
        raise InvalidValueError(
            f"there must be at least {LEAST_ROWS} rows with a target and a weight to learn from",
            Words(f"n_samples = {wanted.sum()}"),
            "add some",
        )
    if not wanted.all():
        table = RowsOf(table, wanted.astype(np.int8), 1)
    if groups is not None:
        groups = codes_of(one_a_row(groups, n_rows, "groups")[wanted])
    return Rows(
        table=table,
        y=None if values is None else _targets(task, values[wanted], y, table),
        weight=None if weight is None else weight[wanted],
        groups=groups,
        target=y.name,
        n_without_target=int(gone.sum()),
    )


def _targets(task: str, values: Array, y: PassedTarget, table: Table) -> Array:
    if task == "classification":
        return labels_in_file(values) if y.in_file else labels_in_memory(values, "y")
    return numbers_in_file(values, y.name, table) if y.in_file else numbers_in_memory(values, "y")
