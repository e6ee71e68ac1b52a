"""What the estimators of tables share: a network, and the preparation of its columns before it."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.validation import _check_n_features, check_is_fitted

from chainrule._types import Array
from chainrule._warnings import warn
from chainrule.datasets.tables import Piece, Table, table_of
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators.can_save import CanSave
from chainrule.estimators.parameter_errors import KnownParameters, remedy
from chainrule.preparation import table_fitting
from chainrule.preparation.column_kinds import ColumnKinds
from chainrule.preparation.inputs import (
    Columns,
    columns_of,
    is_record,
    is_records,
    numbered_names,
    opened,
)
from chainrule.preparation.notes import Notes
from chainrule.preparation.preparation import Preparation
from chainrule.preparation.table_parameters import CONSTRAINTS, NOT_OF_THE_NETWORK
from chainrule.preparation.table_rows import array_columns

Auto = Literal["auto"]


class BaseTableModel(CanSave, KnownParameters, BaseEstimator, ABC):  # type: ignore[misc]
    """A network and the preparation of its columns, with scikit-learn's face."""

    task: ClassVar[str]
    _parameter_constraints: ClassVar[dict[str, Any]] = CONSTRAINTS

    # -- made of parts -----------------------------------------------------------------------------

    @classmethod
    def of(cls, network: Any, preparation: Preparation) -> Self:
        """Return the estimator that a fitted network and its preparation are.

        Its parameters are those of the network, and the kinds of columns are as they were, so that
        another fit has the same settings.

        Parameters
        ----------
        network : MLPClassifier, MLPRegressor or MLPAutoencoder
            Fitted on what the preparation makes.
        preparation : Preparation
            Of its training data.
        """
        model = cls(**_parameters_of(cls, network, preparation))
        columns = [column.name for column in preparation.columns]
        names = [*columns, *preparation.left_out]
        named = sorted(names) != sorted(numbered_names(len(names)))
        return model._take(network, preparation, ColumnKinds.saved(preparation), names, named)

    def _take(
        self,
        network: Any,
        preparation: Preparation,
        kinds: ColumnKinds,
        names: Sequence[str],
        named: bool,
    ) -> Self:
        """Become fitted."""
        self.network_, self.preparation_, self.columns_ = network, preparation, kinds
        self.n_features_in_ = len(names)
        self.__dict__.pop("feature_names_in_", None)
        if named:
            self.feature_names_in_ = np.array(names, object)
        self._last = _LastNotes()
        return self

    # -- fitting -----------------------------------------------------------------------------------

    def _validate_params(self) -> None:
        try:
            super()._validate_params()
        except InvalidParameterError as error:
            raise InvalidParameterError(f"{error}{remedy(self, str(error))}") from None

    def _fit(self, X: Any, y: Any, sample_weight: Any, groups: Any) -> Self:
        found = table_fitting.fit(self, X, y, sample_weight, groups)
        self.n_rows_without_target_ = found.n_without_target
        return self._take(found.network, found.preparation, found.kinds, found.names, found.named)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")

    # -- what the parts know -----------------------------------------------------------------------

    @property
    def notes_(self) -> Notes:
        """What the last prediction met and training had not."""
        notes: Notes = self._fitted("_last").notes
        return notes

    @property
    def history_(self) -> Any:
        """One row an epoch."""
        return self._fitted("network_").history_

    @property
    def n_iter_(self) -> int:
        """Epochs; iterations with L-BFGS."""
        return int(self._fitted("network_").n_iter_)

    @property
    def loss_curve_(self) -> list[float]:
        """The loss of every epoch; not with L-BFGS."""
        curve: list[float] = self._fitted("network_").loss_curve_
        return curve

    def _fitted(self, name: str) -> Any:
        if name not in vars(self):
            raise AttributeError(f"this {type(self).__name__} is not fitted: call fit before")
        return vars(self)[name]

    # -- prediction --------------------------------------------------------------------------------

    def prepare(self, X: Any) -> Array:
        """Return what the network takes, (n, n_features); X as :meth:`predict`'s."""
        return self._each(lambda prepared: prepared, X)

    def predict(self, X: Any) -> Array:
        """Return predictions.

        Parameters
        ----------
        X : DataFrame, mapping, list of mappings, array-like, path or Table
            With the columns of training, in any order; others are ignored, and noted. A frame of
            pandas or polars, or Arrow's table; a dict of columns; a dict of single values, which
            is one row; a list of such rows; an array where training had one; a file, or a bundled
            data set's name, of which it is the test part.

        Returns
        -------
        array of shape (n,), or (n, n_features) of an autoencoder
            Labels; numbers in the target's units; what an autoencoder makes of the prepared
            columns.

        Raises
        ------
        DataFormatError
            If columns are missing or a cell cannot be used; it says where.
        """
        check_is_fitted(self)
        return self.preparation_.in_units(self._each(self.network_.predict, X))

    def _writer(self) -> Callable[..., None]:
        from chainrule.preparation.saving import save  # which knows this class

        return save

    def _each(self, method: Callable[[Array], Array], X: Any) -> Array:
        """Return what a method makes of the prepared rows, a piece at a time."""
        check_is_fitted(self)
        records = [X] if is_record(X) else X if is_records(X) else None
        if records is not None and "feature_names_in_" in vars(self):
            notes = Notes()
            few = self.preparation_.records(records, notes)
            if few is not None:
                self._last.notes = notes
                return method(few)
        if isinstance(X, Piece):
            notes, pieces = Notes(), iter([X])
        else:
            table = self._table(X)
            notes, pieces = Notes(table), self.preparation_.pieces(table)
        found = [method(self.preparation_.transform(piece, notes)) for piece in pieces]
        notes.close()
        self._last.notes = notes
        return np.concatenate(found)

    def _table(self, X: Any) -> Table:
        X = opened(X, "test")
        if isinstance(X, Table):
            return X
        columns, used = columns_of(X), self.preparation_.used_names
        if "feature_names_in_" not in vars(self):
            return self._by_place(array_columns(X, self) if columns is None else columns).table(
                used
            )
        if columns is None or not columns.named:
            return self._as_an_array(X)
        return columns.table(used)

    def _by_place(self, columns: Columns) -> Columns:
        """Return columns by the names of those of training, which had none of their own."""
        names = list(columns.values)
        if columns.named and set(numbered_names(self.n_features_in_)) <= set(names):
            return columns
        if columns.named:
            warn(
                f"X has feature names, but {type(self).__name__} was fitted without feature names: "
                "its columns are taken in their order"
            )
        _check_n_features(self, np.empty((1, len(names))), reset=False)
        return Columns(dict(zip(numbered_names(len(names)), columns.values.values(), strict=True)))

    def _as_an_array(self, X: Any) -> Table:
        """Return an array as a table, if training was on a file of an array, whose names it has."""
        table = table_of(X, name="X")
        learnt = {column.name for column in self.preparation_.columns}
        if learnt <= {column.name for column in table.columns}:
            return table
        raise InvalidValueError(
            "X must have the names of its columns, as in training",
            Words("columns without names"),
            "pass a frame or a dict of columns",
        )

    def _truth(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return X and y for a score; y is a column of X where it is a name, or left out."""
        check_is_fitted(self)
        if y is not None and not isinstance(y, str):
            return X, y
        target = self.preparation_.target
        if isinstance(y, str) and target is not None and y != target.name:
            raise InvalidValueError(
                "y must be the target that was trained on, or an array", y, f'pass "{target.name}"'
            )
        table = self._table(X)
        notes = Notes(table)
        pieces = self.preparation_.pieces(table)
        return table, np.concatenate([self.preparation_.truth(piece, notes) for piece in pieces])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.categorical = tags.input_tags.allow_nan = True
        return tags


class _LastNotes:
    """Holds the notes of the last prediction, so that predicting changes no attribute."""

    def __init__(self) -> None:
        self.notes = Notes()


def _parameters_of(
    cls: type[BaseTableModel], network: Any, preparation: Preparation
) -> dict[str, Any]:
    own = cls._get_param_names()
    given, usual = network.get_params(deep=False), type(network)().get_params(deep=False)
    left_out = {"verbose", "validation_fraction"}
    others = {
        name: value
        for name, value in given.items()
        if name not in own and name not in NOT_OF_THE_NETWORK and repr(value) != repr(usual[name])
    }
    kinds = {column.name: column.kind for column in preparation.columns}
    return {
        **{name: given[name] for name in own if name in given and name not in left_out},
        "columns": kinds | dict.fromkeys(preparation.left_out, "drop"),
        "network_params": others or None,
    }
