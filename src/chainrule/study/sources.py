"""Where a study's rows come from: arrays as they are, or a table with its preparation.

Both have the same face. A table's kinds of columns are found once, as they are what the table is.
Everything that is learnt from values (means, scales, categories) is learnt from a split's training
rows alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import _safe_indexing
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _num_samples

from chainrule._types import Array
from chainrule.datasets.tables import Table, open_table, table_of
from chainrule.engine.checks import check_sparse
from chainrule.errors import InvalidValueError, Words
from chainrule.preparation import Inspection, Preparation, inspect
from chainrule.training.checkpoint import describe


@dataclass(frozen=True, eq=False)
class Split:
    """What a trial is trained on and judged by.

    Attributes
    ----------
    X, y : arrays of shape (n_samples, n_features), (n_samples,)
        To train on; ``y`` is None for an autoencoder.
    X_val, y_val : arrays
        To judge.
    preparation : Preparation or None
        What made them of a table.
    """

    X: Any
    y: Any
    X_val: Any
    y_val: Any
    preparation: Preparation | None = None

    @property
    def n_bytes(self) -> int:
        """What the features take."""
        parts = [getattr(X, "data", X) if issparse(X) else X for X in (self.X, self.X_val)]
        return sum(getattr(part, "nbytes", 0) for part in parts)


def is_arrays(data: Any, task: str) -> bool:
    """Return whether a study's data is (X, y), or an autoencoder's X; else it is a table."""
    if isinstance(data, tuple):
        return True
    return task == "autoencoder" and hasattr(data, "shape") and not hasattr(data, "columns")


@dataclass(frozen=True, eq=False)
class Arrays:
    """X and y in memory, as they were given: uint8 stays uint8, a sparse matrix sparse.

    Attributes
    ----------
    X, y : arrays of shape (n_samples, n_features), (n_samples,)
        All rows; ``y`` is None for an autoencoder.
    task : str
        What is learnt.
    """

    X: Any
    y: Any
    task: str
    preparation: None = None

    @classmethod
    def of(cls, data: Any, task: str, name: str = "data") -> Arrays:
        """Check a study's arrays; "auto" goes by y: whole numbers and texts are classes."""
        if not isinstance(data, tuple):
            check_sparse(data)
            return cls(data, None, task)
        if len(data) != 2:
            raise InvalidValueError(
                f"{name} must be (X, y)", Words(f"{len(data)} values"), "pass two arrays"
            )
        X, y = (value if hasattr(value, "shape") else np.asarray(value) for value in data)
        check_sparse(X)
        rows = _num_samples(X), _num_samples(y)
        if rows[0] != rows[1]:
            raise InvalidValueError(
                f"X and y of {name} must have the same number of rows",
                Words("{} and {}".format(*rows)),
                "give each row its target",
            )
        if task == "auto":
            numbers = type_of_target(y).startswith("continuous")
            task = "regression" if numbers else "classification"
        return cls(X, None if task == "autoencoder" else y, task)

    def __len__(self) -> int:
        return int(_num_samples(self.X))

    @property
    def digest(self) -> str:
        """A hash of what was given."""
        return _hash(describe((self.X, self.y)), self.task)

    @property
    def labels(self) -> Any:
        """What is to be predicted, for splits that have every class."""
        return self.y

    def split(self, train: Array, test: Array) -> Split:
        """Return copies of the rows with these numbers."""
        parts = [
            None if values is None else _safe_indexing(values, rows)
            for rows in (train, test)
            for values in (self.X, self.y)
        ]
        return Split(*parts)

    def judged_by(self, data: Any) -> tuple[Split, str]:
        """Return all rows, judged by validation data, and a hash of these; nothing is copied."""
        name = "evaluation.data"
        if not is_arrays(data, self.task):
            raise InvalidValueError(f"{name} must be arrays, as data", data, "pass (X, y)")
        other = Arrays.of(data, self.task, name)
        widths = [np.shape(arrays.X)[1:] for arrays in (self, other)]
        if widths[0] != widths[1]:
            raise InvalidValueError(
                f"{name} must have the features of data",
                Words(f"rows of shape {widths[1]} beside {widths[0]}"),
                "give both the same columns",
            )
        if self.task == "classification" and np.ndim(self.y) == 1:
            unseen = np.setdiff1d(np.asarray(other.y), np.asarray(self.y)).tolist()
            if unseen:
                raise InvalidValueError(
                    f"the classes of {name} must be among those of data",
                    unseen[0],
                    "leave these rows out, or train on some of them",
                )
        return Split(self.X, self.y, other.X, other.y), other.digest

    def everything(self) -> tuple[Any, Any, None]:
        """Return X and y of all rows, and that there is no preparation."""
        return self.X, self.y, None


@dataclass(frozen=True, eq=False)
class TableRows:
    """The rows of a table, in memory, with what its columns are.

    Attributes
    ----------
    name : str
        What errors call it.
    columns : mapping from str to array
        By name; texts where they were texts.
    kinds : mapping from str to str
        Of the columns, the target left out.
    target : str or None
        The column to predict.
    task : str
        What is learnt.
    content : str
        A hash of the table.
    """

    name: str
    columns: Mapping[str, Array]
    kinds: Mapping[str, str]
    target: str | None
    task: str
    content: str

    @classmethod
    def of(cls, data: Any, target: str | None, task: str, kinds: Mapping[str, str]) -> TableRows:
        """Read a table, and find out what its columns are."""
        table = _table(data, "train")
        found = inspect(table, target=target, task=task, columns=kinds)
        return cls(
            table.name,
            _in_memory(table),
            _kinds(found),
            target if found.target is None else found.target.name,
            found.task,
            table.digest(),
        )

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def digest(self) -> str:
        """A hash of the table and of what its columns are."""
        return _hash(self.content, self.task, self.target, sorted(self.kinds.items()))

    @property
    def labels(self) -> Any:
        """What is to be predicted, as texts, for splits that have every class."""
        assert self.target is not None
        return np.array([str(label) for label in self.columns[self.target]])

    def split(self, train: Array, test: Array) -> Split:
        """Return the rows with these numbers, prepared as the former's values say."""
        return self._rows(train)._beside(self._rows(test)._table())

    def judged_by(self, data: Any) -> tuple[Split, str]:
        """Return all rows, judged by validation data, and a hash of these."""
        if isinstance(data, tuple):
            raise InvalidValueError(
                "evaluation.data must be a table, as data",
                Words("arrays"),
                "give a file or a frame with the same columns",
            )
        table = _table(data, "test")
        return self._beside(table), table.digest()

    def _beside(self, table: Table) -> Split:
        X, y, preparation = self.everything()
        X_val, y_val = preparation.rows(table)
        return Split(X, y, X_val, y_val, preparation)

    def everything(self) -> tuple[Any, Any, Preparation]:
        """Return X and y of all rows, and what made them."""
        table = self._table()
        found = inspect(table, target=self.target, task=self.task, columns=self.kinds)
        preparation = Preparation.learn(found)
        return *preparation.rows(table), preparation

    def _rows(self, rows: Array) -> TableRows:
        some = {name: values[rows] for name, values in self.columns.items()}
        return TableRows(self.name, some, self.kinds, self.target, self.task, self.content)

    def _table(self) -> Table:
        return table_of(dict(self.columns), name=self.name)


Source = Arrays | TableRows

# Kinds that are found and cannot be asked for: they are left out.
_KINDS_LEFT_OUT = ("constant", "identifier", "date", "text", "drop")


def _kinds(found: Inspection) -> dict[str, str]:
    return {
        column.name: "drop" if column.kind in _KINDS_LEFT_OUT else column.kind
        for column in found.columns
    }


def _table(data: Any, part: Any) -> Table:
    if isinstance(data, str | Path):
        return open_table(data, part=part)
    return table_of(data)


def _in_memory(table: Table) -> dict[str, Array]:
    pieces = list(table.pieces())
    return {
        column.name: np.concatenate([piece.columns[column.name] for piece in pieces])
        for column in table.columns
    }


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
