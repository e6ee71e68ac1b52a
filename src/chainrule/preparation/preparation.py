"""Columns of a table to X and y, as they were learnt from training data.

A :class:`Preparation` is frozen data: columns with their kinds, categories and moments, and the
target. :class:`~chainrule.preparation.features.Features` does the work. What is met on the way and
training had not, is counted in :class:`Notes`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from chainrule._cached import cached_property
from chainrule._text import escape_formula
from chainrule._types import Array
from chainrule.datasets.tables import Piece, Table, table_of
from chainrule.datasets.tables.table import PIECE_ROWS
from chainrule.preparation.cells import missing
from chainrule.preparation.features import Features
from chainrule.preparation.inspection import ColumnFacts, Inspection
from chainrule.preparation.notes import Notes
from chainrule.preparation.prepared import Prepared, feature_names
from chainrule.preparation.raw import (
    check_columns,
    check_piece,
    column_of,
    labels_of,
    numbers_of,
)
from chainrule.preparation.single_rows import SingleRows
from chainrule.preparation.spool import IN_MEMORY, Spool

X_BYTES = 2**26  # of a piece


@dataclass(frozen=True, eq=False)
class LearntTarget:
    """The column to predict.

    Attributes
    ----------
    name : str
        Of the column.
    classes : array of shape (n_classes,) or None
        Of classification: the labels, sorted.
    mean, scale : float
        Of regression: y is (number - mean) / scale.
    """

    name: str
    classes: Array | None
    mean: float
    scale: float


@dataclass(frozen=True, eq=False)
class Preparation:
    """What becomes of a table's columns.

    Attributes
    ----------
    columns : tuple of Prepared
        Those that become X, in the order of the training table.
    left_out : mapping from str to str
        The other columns, and their kinds.
    task : {"classification", "regression", "autoencoder"}
        What is learnt.
    target : LearntTarget or None
        The column to predict; None for an autoencoder.
    """

    columns: tuple[Prepared, ...]
    left_out: Mapping[str, str]
    task: str
    target: LearntTarget | None

    @classmethod
    def learn(cls, inspection: Inspection, *, scale_target: bool = True) -> Self:
        """Return the preparation of the table that was inspected.

        Parameters
        ----------
        inspection : Inspection
            Of the training data.
        scale_target : bool
            Whether numbers to predict get mean 0 and deviation 1. Not for a loss that needs counts,
            such as Poisson's.
        """
        return cls(
            columns=tuple(_learnt(column) for column in inspection.used),
            left_out={column.name: column.kind for column in inspection.left_out},
            task=inspection.task,
            target=_learnt_target(inspection, scale_target=scale_target),
        )

    @cached_property
    def _features(self) -> Features:
        return Features(self.columns)

    @cached_property
    def _known_names(self) -> set[str]:
        """Of the training table's columns, as a table for spreadsheets has them too."""
        return self.used_names | self.left_out.keys() | set(map(escape_formula, self.left_out))

    @cached_property
    def used_names(self) -> set[str]:
        """Of the columns that are looked at, the target's too, as both kinds of table have them."""
        used = {column.name for column in self.columns}
        used |= {self.target.name} if self.target else set()
        return used | set(map(escape_formula, used))

    @cached_property
    def feature_names(self) -> list[str]:
        """Of the columns of X."""
        return feature_names(self.columns)

    @property
    def n_features(self) -> int:
        """How many columns X has."""
        return sum(column.n_features for column in self.columns)

    def pieces(self, table: Table) -> Iterator[Piece]:
        """Return a table's pieces, with so few rows that X of one takes 64 MB, or is one row."""
        row_bytes = max(1, self.n_features) * np.dtype(np.float32).itemsize
        return table.pieces(max(1, min(PIECE_ROWS, X_BYTES // row_bytes)))

    # -- a piece of a table ------------------------------------------------------------------------

    def transform(self, piece: Piece, notes: Notes | None = None) -> Array:
        """Return X of shape (n, n_features), float32.

        Parameters
        ----------
        piece : Piece
            Rows of a table that has at least the columns of training, in any order.
        notes : Notes, optional
            Where to count what training had not.

        Raises
        ------
        DataFormatError
            If a column is missing, or has something else than in training; it says where.
        """
        notes = Notes() if notes is None else notes
        self._check_names(piece, notes)
        return self._features.of(piece, notes)

    def truth(self, piece: Piece, notes: Notes | None = None) -> Array:
        """Return the target as it is in the file: labels, or numbers in its units.

        Raises
        ------
        DataFormatError
            If there is no such column, a value is missing or no number, or a label is one that
            training had not; it says where.
        """
        assert self.target is not None, "an autoencoder has no target"
        notes = Notes() if notes is None else notes
        values = column_of(piece, self.target.name, notes)
        gone = missing(values)
        if gone.any():
            raise notes.error(
                piece, int(gone.argmax()), self.target.name, "the target is missing: fill it in"
            )
        if self.target.classes is None:
            return numbers_of(values, piece, self.target.name, notes)
        return labels_of(values, piece, self.target.name, self.target.classes, notes)

    def targets(self, piece: Piece, notes: Notes | None = None) -> Array:
        """Return y as an estimator learns it: labels, or numbers of mean 0 and deviation 1."""
        return self.scaled(self.truth(piece, notes))

    def scaled(self, truth: Array) -> Array:
        """Return what :meth:`targets` does, of what :meth:`truth` has returned."""
        assert self.target is not None
        if self.target.classes is not None:
            return truth
        return (truth - self.target.mean) / self.target.scale

    def in_units(self, predictions: Array) -> Array:
        """Return what an estimator predicts in the target's units; what is no number stays."""
        if self.task != "regression" or self.target is None:
            return predictions
        return np.asarray(predictions, np.float64) * self.target.scale + self.target.mean

    def rows(
        self,
        table: Any,
        folder: Path | None = None,
        *,
        notes: Notes | None = None,
        limit: int = IN_MEMORY,
    ) -> tuple[Array, Array | None]:
        """Return X and y of a whole table.

        Parameters
        ----------
        table : Table, DataFrame, or mapping from str to array-like
            With the target's column too.
        folder : Path, optional
            Where X is kept if it is large: in a file without a name, which is gone with X. The
            system's folder for temporary files if left out.
        notes : Notes, optional
            Where to count what training had not.
        limit : int
            Bytes of X that are kept in memory, half a gigabyte unless told otherwise.

        Returns
        -------
        X : array of shape (n, n_features)
            float32; a memory map where it is larger than ``limit``.
        y : array of shape (n,) or None
            As :meth:`targets` gives it; None for an autoencoder.
        """
        table = table_of(table)
        notes = Notes(table) if notes is None else notes
        targets = []
        with Spool(self.n_features, np.dtype(np.float32), folder, limit) as spool:
            for piece in self.pieces(table):
                spool.add(self.transform(piece, notes))
                if self.target is not None:
                    targets.append(self.targets(piece, notes))
            return spool.rows(), np.concatenate(targets) if targets else None

    def _check_names(self, piece: Piece, notes: Notes) -> None:
        check_piece(piece)
        notes.ignored = tuple(name for name in piece.columns if name not in self._known_names)
        check_columns(piece, [column.name for column in self.columns], notes)

    @cached_property
    def _single_rows(self) -> SingleRows:
        return SingleRows(self.columns, self._known_names)

    def records(self, records: Collection[Mapping[str, Any]], notes: Notes) -> Array | None:
        """Return X of a few records as :meth:`transform` does, sooner; None if it has to do it.

        Parameters
        ----------
        records : collection of mappings from str to object
            A single value for each column.
        notes : Notes
            Where to count what training had not.
        """
        return self._single_rows.of(records, notes)


# -- learning --------------------------------------------------------------------------------------


def _learnt(column: ColumnFacts) -> Prepared:
    is_numbers, nothing = column.kind in ("number", "block"), np.empty(0)
    return Prepared(
        name=column.name,
        kind=column.kind,
        shape=column.shape,
        missing=tuple(np.flatnonzero(column.gone).tolist()),
        categories=tuple(sorted(column.counts or ())),
        mean=column.mean if is_numbers else nothing,
        scale=column.scale if is_numbers else nothing,
    )


def _learnt_target(inspection: Inspection, *, scale_target: bool) -> LearntTarget | None:
    target = inspection.target
    if target is None:
        return None
    mean, scale = (target.mean, target.scale) if scale_target else (0.0, 1.0)
    return LearntTarget(target.name, target.classes, mean, scale)
