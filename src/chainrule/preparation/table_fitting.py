"""One fit of an estimator of tables: rows -> parts -> preparation -> network.

What columns are is found in all rows; means, deviations and categories are learnt from the rows
that are learnt from alone. It is what a run does (:mod:`chainrule.runs.training`), in memory.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from chainrule._types import Array
from chainrule.datasets.tables import Table
from chainrule.errors import InvalidValueError, Words
from chainrule.preparation import defaults
from chainrule.preparation.column_kinds import ColumnKinds
from chainrule.preparation.inputs import Columns, names_of
from chainrule.preparation.inspection import Inspection, inspect
from chainrule.preparation.notes import Notes
from chainrule.preparation.preparation import Preparation
from chainrule.preparation.row_targets import (
    codes_of,
    label_target,
    number_target,
)
from chainrule.preparation.splitting import LEARN, STOP, RowsOf, split, split_groups
from chainrule.preparation.table_parameters import AUTO, NETWORKS, NOT_OF_THE_NETWORK
from chainrule.preparation.table_rows import Rows, columns_and_target, rows_of
from chainrule.preparation.task import Target


@dataclass(frozen=True, eq=False)
class TableFit:
    """What a fit has found.

    Attributes
    ----------
    network : MLPClassifier, MLPRegressor or MLPAutoencoder
        Fitted.
    preparation : Preparation
        Of its columns.
    kinds : ColumnKinds
        What each column was taken for.
    names : list of str
        Of the columns of X.
    named : bool
        Whether these names are the user's.
    n_without_target : int
        Rows that were left out as they have no target.
    """

    network: Any
    preparation: Preparation
    kinds: ColumnKinds
    names: list[str]
    named: bool
    n_without_target: int


def fit(estimator: Any, X: Any, y: Any, sample_weight: Any, groups: Any) -> TableFit:
    """Fit a network to a table; parameters are those of an estimator's ``fit``."""
    columns, y = columns_and_target(estimator, X, y)
    because = _said(estimator, columns)
    said = {name: kind for name, (kind, _) in because.items()}
    table = columns.table([name for name in columns.values if said.get(name) != "drop"])
    rows = rows_of(estimator.task, table, y, sample_weight, groups)
    chosen = network_settings(estimator)
    seed = _seed(estimator.random_state)
    first = inspect(rows.table, task="autoencoder", columns=said)
    parts = _parts(estimator, rows, chosen, seed)
    second = _learn_columns(estimator.task, rows, first, parts)
    preparation = _preparation(first, second, chosen)
    network = _trained(estimator, preparation, rows, parts, chosen, seed)
    kinds = ColumnKinds.found(first, second, {name: why for name, (_, why) in because.items()})
    names = list(columns.values)
    return TableFit(network, preparation, kinds, names, columns.named, rows.n_without_target)


# -- columns ---------------------------------------------------------------------------------------


def _said(estimator: Any, columns: Columns) -> dict[str, tuple[str, str]]:
    """Return the kinds that are known before, and who says so."""
    names = list(columns.values)
    found = dict.fromkeys(columns.categorical, ("category", "its type is that of categories"))
    asked = estimator.categorical_features
    if asked is not None:
        categories = names_of(_unmasked(asked, names), names, "categorical_features")
        found |= dict.fromkeys(categories, ("category", "as you said"))
    for key, kind in (estimator.columns or {}).items():
        (name,) = names_of([key], names, "columns")
        found[name] = (kind, "as you said")
    return found


def _unmasked(asked: Any, names: list[str]) -> list[Any]:
    """Return columns from a mask; names and places as they are."""
    given = np.asarray(asked)
    if given.dtype != bool:
        return list(asked)
    if given.shape != (len(names),):
        raise InvalidValueError(
            f"categorical_features as a mask must have {len(names)} values, one for each column",
            Words(f"the shape {given.shape}"),
            "pass a value for each, or names",
        )
    return list(np.flatnonzero(given))


def _learn_columns(task: str, rows: Rows, first: Inspection, parts: Array) -> Inspection:
    """Return what the rows to learn from give, of columns whose kinds are known."""
    kinds = {column.name: column.kind if column.used else "drop" for column in first.columns}
    second = inspect(RowsOf(rows.table, parts, LEARN), task="autoencoder", columns=kinds)
    if task == "autoencoder":
        return second
    return replace(second, task=task, target=_target_of(task, rows, parts))


def _preparation(first: Inspection, second: Inspection, chosen: Mapping[str, Any]) -> Preparation:
    preparation = Preparation.learn(second, scale_target=chosen.get("loss") != "poisson")
    why = {column.name: column.kind for column in first.left_out}
    return replace(preparation, left_out={**preparation.left_out, **why})


def _target_of(task: str, rows: Rows, parts: Array) -> Target:
    if task == "classification":
        return label_target(rows.y, rows.target)
    return number_target(rows.y[parts == LEARN], rows.target)


def prepared(preparation: Preparation, table: Table, notes: Notes) -> Array:
    """Return X of a table in memory, (n, n_features)."""
    pieces = [preparation.transform(piece, notes) for piece in preparation.pieces(table)]
    return np.concatenate(pieces)


# -- the network -----------------------------------------------------------------------------------


def network_settings(estimator: Any) -> dict[str, Any]:
    """Return the network's parameters that a user has set, those left out that are "auto"."""
    network = NETWORKS[estimator.task]
    own = estimator.get_params(deep=False)
    known = network._get_param_names()
    others = dict(estimator.network_params or {})
    twice = [name for name in others if name in own or name in NOT_OF_THE_NETWORK]
    if twice:
        raise InvalidValueError(
            f"network_params must have parameters that {type(estimator).__name__} lacks",
            twice[0],
            "set it there" if twice[0] in own else "leave it out",
        )
    network(**others)  # which knows their names
    found = {
        name: value
        for name, value in own.items()
        if name in known and name not in NOT_OF_THE_NETWORK and not _is_auto(value)
    }
    return {**found, **others}


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == AUTO


def _seed(random_state: Any) -> int:
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def _parts(estimator: Any, rows: Rows, chosen: Mapping[str, Any], seed: int) -> Array:
    """Return the part of each row."""
    n = len(rows)
    if not defaults.wants_stopping(chosen):
        return np.full(n, LEARN, np.int8)
    fraction = estimator.validation_fraction
    stopping = None if _is_auto(fraction) else float(fraction)
    codes = codes_of(rows.y) if estimator.task == "classification" else None
    if rows.groups is not None:
        return split_groups(rows.groups, codes, stopping=stopping, seed=seed)
    return split(n, codes, held_out=0.0, stops=True, seed=seed, stopping=stopping)


def _trained(
    estimator: Any,
    preparation: Preparation,
    rows: Rows,
    parts: Array,
    chosen: Mapping[str, Any],
    seed: int,
) -> Any:
    learn, stop = parts == LEARN, parts == STOP
    stops = bool(stop.any())
    notes = Notes(rows.table)
    X = prepared(preparation, RowsOf(rows.table, parts, LEARN), notes)
    settings = defaults.settings(preparation.task, len(X), X.shape[1], stops=stops, given=chosen)
    network = NETWORKS[preparation.task](**settings, random_state=seed, verbose=estimator.verbose)
    y = None if rows.y is None else preparation.scaled(rows.y)
    known: dict[str, Any] = {}
    if stops:
        known["X_val"] = prepared(preparation, RowsOf(rows.table, parts, STOP), notes)
        known |= {} if y is None else {"y_val": y[stop]}
    if rows.weight is not None:
        known["sample_weight"] = rows.weight[learn]
    with _end_as_planned(planned=_is_auto(estimator.max_iter)):
        network.fit(X, None if y is None else y[learn], **known)
    return network


@contextmanager
def _end_as_planned(*, planned: bool) -> Iterator[None]:
    """Keep quiet that all epochs were used where nobody has asked for so few."""
    if not planned:
        yield
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
