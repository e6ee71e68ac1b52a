"""Estimators that take tables as they are: TableClassifier, TableRegressor, TableAutoencoder.

Each is a network with the preparation of its columns before it. What ``chainrule train`` leaves,
and what a model file with a preparation has, are the same classes.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.validation import _check_n_features, check_is_fitted

from chainrule._types import Array
from chainrule._warnings import warn
from chainrule.datasets.tables import Piece, Table
from chainrule.engine.optimizers import Optimizer
from chainrule.engine.schedules import Schedule
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators import MLPClassifier, MLPRegressor
from chainrule.estimators.log_loss import LogProbabilities
from chainrule.estimators.mlp import set_parameters
from chainrule.estimators.parameter_errors import KnownParameters, remedy
from chainrule.estimators.settings import ActivationLike
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
from chainrule.preparation.table_parameters import CONSTRAINTS, documented

Auto = Literal["auto"]


class BaseTableModel(KnownParameters, BaseEstimator, ABC):  # type: ignore[misc]
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
        vars(self).pop("feature_names_in_", None)
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

    def save(self, path: Any, *, optimizer: bool = False, history: bool = True) -> None:
        """Write network and preparation to one file; see :func:`chainrule.save`.

        Parameters
        ----------
        path : path
            Of the file, such as ``"model.safetensors"``; :func:`chainrule.load` reads it.
        optimizer : bool
            Whether training is to go on later as if nothing had happened.
        history : bool
            Whether to save one row an epoch.
        """
        from chainrule.preparation.saving import save  # which knows this class

        save(self, path, optimizer=optimizer, history=history)

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
        columns = columns_of(X)
        if columns is None or not columns.named:
            return self._by_place(X, columns).table()
        if "feature_names_in_" not in vars(self):
            return self._without_names(columns).table()
        return columns.table()

    def _by_place(self, X: Any, columns: Columns | None) -> Columns:
        """Return columns that have no names, if those of training had none."""
        columns = table_fitting.array_columns(X, self) if columns is None else columns
        if "feature_names_in_" in vars(self):
            raise InvalidValueError(
                "X must have the names of its columns, as in training",
                Words("columns without names"),
                "pass a frame or a dict of columns",
            )
        _check_n_features(self, np.empty((1, len(columns.values))), reset=False)
        return columns

    def _without_names(self, columns: Columns) -> Columns:
        names = list(columns.values)
        if set(numbered_names(self.n_features_in_)) <= set(names):
            return columns
        warn(
            f"X has feature names, but {type(self).__name__} was fitted without feature names: "
            "its columns are taken in their order"
        )
        bare = dict(zip(numbered_names(len(names)), columns.values.values(), strict=True))
        return self._by_place(None, Columns(bare, named=False))

    def _truth(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return X and y for a score; y is a column of X where it is a name, or left out."""
        check_is_fitted(self)
        if y is not None and not isinstance(y, str):
            return X, y
        target = self.preparation_.target
        if isinstance(y, str) and y != target.name:
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


@documented
class TableClassifier(LogProbabilities, ClassifierMixin, BaseTableModel):
    """A classifier of rows of a table: columns are prepared as they come, then a network learns.

    Numbers are scaled, texts and categories become columns of 0 and 1, missing values are a fact of
    their own; docs/tables.md has the rules. Parameters that are left "auto" are those that
    ``chainrule train`` takes.

    {parameters}

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
        The labels.
    n_rows_without_target_ : int
        Rows that fit has left out as they have no target.
    {attributes}

    Examples
    --------
    >>> from chainrule import TableClassifier
    >>> rows = {"size": [1.0, 2.5, 1.2, 2.8] * 9, "colour": ["red", "blue", "red", "blue"] * 9}
    >>> model = TableClassifier(random_state=0).fit(rows, ["s", "l", "s", "l"] * 9)
    >>> model.predict({"colour": "blue", "size": 2.7})
    array(['l'], dtype=object)
    """

    task = "classification"
    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **BaseTableModel._parameter_constraints,
        "class_weight": [
            one for one in MLPClassifier._parameter_constraints["class_weight"] if one is not list
        ],
    }

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] | Array | Auto = "auto",
        *,
        activation: ActivationLike | Sequence[ActivationLike] = "relu",
        solver: str | Optimizer = "auto",
        batch_size: int | Auto = "auto",
        learning_rate: str | Schedule = "constant",
        learning_rate_init: float | Auto = "auto",
        weight_decay: float | Auto | None = "auto",
        dropout: float | Sequence[float] | Array = 0.0,
        max_iter: int | Auto = "auto",
        early_stopping: bool | Auto = "auto",
        validation_fraction: float | Auto = "auto",
        n_iter_no_change: float | Auto = "auto",
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = None,
        categorical_features: Sequence[Any] | Array | None = None,
        columns: Mapping[Any, str] | None = None,
        network_params: Mapping[str, Any] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        set_parameters(self, locals())

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, groups: Any = None) -> Self:
        """Learn from rows of a table, anew.

        Parameters
        ----------
        X : DataFrame, mapping from str to array-like, list of mappings, array-like, path or Table
            A frame of pandas or polars, or Arrow's table; a dict of columns; a list of dicts, one
            for each row; an array; a file, which is read into memory.
        y : array-like of shape (n,) or str
            Labels, or the column of X that has them. The one that a file calls its target if left
            out. Rows without one are left out.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows in learning; rows of weight 0 are left out.
        groups : array-like of shape (n,), optional
            Rows of the same value stay together where rows are held out to decide when to stop.

        Returns
        -------
        TableClassifier
            Itself.

        Raises
        ------
        InvalidValueError
            If a parameter or an argument breaks a rule.
        DataFormatError
            If a cell cannot be used; it says where.
        """
        return self._fit(X, y, sample_weight, groups)

    @property
    def classes_(self) -> Array:
        """The labels, as in the training data; the columns of ``predict_proba``."""
        classes: Array = self._fitted("network_").classes_
        return classes

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, (n, n_classes); X as :meth:`predict`'s."""
        check_is_fitted(self)
        return self._each(self.network_.predict_proba, X)

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithms of the probabilities, from logits; X as :meth:`predict`'s."""
        check_is_fitted(self)
        return self._each(self.network_.predict_log_proba, X)

    def decision_function(self, X: Any) -> Array:
        """Return the logits, (n,) for two classes, else (n, n_classes); X as :meth:`predict`'s."""
        check_is_fitted(self)
        return self._each(self.network_.decision_function, X)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the share of rows whose label is predicted right.

        Parameters
        ----------
        X : as :meth:`predict`'s
            Rows.
        y : array-like of shape (n,), str or None
            Labels; a name, or nothing, if they are in the target's column of X.
        sample_weight : array-like of shape (n,), optional
            Weights.
        """
        X, y = self._truth(X, y)
        return float(super().score(X, y, sample_weight))


@documented
class TableRegressor(RegressorMixin, BaseTableModel):  # type: ignore[misc]
    """A regressor of rows of a table: columns are prepared as they come, then a network learns.

    Numbers are scaled, the target too; texts and categories become columns of 0 and 1, missing
    values are a fact of their own; docs/tables.md has the rules. Parameters that are left "auto"
    are those that ``chainrule train`` takes.

    {parameters}

    Attributes
    ----------
    n_rows_without_target_ : int
        Rows that fit has left out as they have no target.
    {attributes}

    Examples
    --------
    >>> from chainrule import TableRegressor
    >>> rows = {"size": [1.0, 2.5, 1.2, 2.8] * 9, "colour": ["red", "blue", "red", "blue"] * 9}
    >>> model = TableRegressor(random_state=0).fit(rows, [10.0, 25.0, 12.0, 28.0] * 9)
    >>> model.predict({"colour": "blue", "size": 2.5}).round()
    array([25.])
    """

    task = "regression"
    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **BaseTableModel._parameter_constraints,
        "loss": MLPRegressor._parameter_constraints["loss"],
    }

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] | Array | Auto = "auto",
        *,
        loss: Any = "squared_error",
        activation: ActivationLike | Sequence[ActivationLike] = "relu",
        solver: str | Optimizer = "auto",
        batch_size: int | Auto = "auto",
        learning_rate: str | Schedule = "constant",
        learning_rate_init: float | Auto = "auto",
        weight_decay: float | Auto | None = "auto",
        dropout: float | Sequence[float] | Array = 0.0,
        max_iter: int | Auto = "auto",
        early_stopping: bool | Auto = "auto",
        validation_fraction: float | Auto = "auto",
        n_iter_no_change: float | Auto = "auto",
        categorical_features: Sequence[Any] | Array | None = None,
        columns: Mapping[Any, str] | None = None,
        network_params: Mapping[str, Any] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        set_parameters(self, locals())

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, groups: Any = None) -> Self:
        """Learn from rows of a table, anew.

        Parameters
        ----------
        X : DataFrame, mapping from str to array-like, list of mappings, array-like, path or Table
            A frame of pandas or polars, or Arrow's table; a dict of columns; a list of dicts, one
            for each row; an array; a file, which is read into memory.
        y : array-like of shape (n,) or str
            Numbers, or the column of X that has them. The one that a file calls its target if left
            out. Rows without one are left out.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows in learning; rows of weight 0 are left out.
        groups : array-like of shape (n,), optional
            Rows of the same value stay together where rows are held out to decide when to stop.

        Returns
        -------
        TableRegressor
            Itself.

        Raises
        ------
        InvalidValueError
            If a parameter or an argument breaks a rule.
        DataFormatError
            If a cell cannot be used; it says where.
        """
        return self._fit(X, y, sample_weight, groups)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return R².

        Parameters
        ----------
        X : as :meth:`predict`'s
            Rows.
        y : array-like of shape (n,), str or None
            Numbers; a name, or nothing, if they are in the target's column of X.
        sample_weight : array-like of shape (n,), optional
            Weights.
        """
        X, y = self._truth(X, y)
        return float(super().score(X, y, sample_weight))


@documented
class TableAutoencoder(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    BaseTableModel,
):
    """An autoencoder of rows of a table: a network learns to give the prepared columns back.

    {parameters}

    Attributes
    ----------
    {attributes}

    Examples
    --------
    >>> from chainrule import TableAutoencoder
    >>> rows = {"size": [1.0, 2.5, 1.2, 2.8] * 9, "colour": ["red", "blue", "red", "blue"] * 9}
    >>> TableAutoencoder([2], random_state=0).fit_transform(rows).shape
    (36, 2)
    """

    task = "autoencoder"

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] | Array | Auto = "auto",
        *,
        activation: ActivationLike | Sequence[ActivationLike] = "relu",
        solver: str | Optimizer = "auto",
        batch_size: int | Auto = "auto",
        learning_rate: str | Schedule = "constant",
        learning_rate_init: float | Auto = "auto",
        weight_decay: float | Auto | None = "auto",
        dropout: float | Sequence[float] | Array = 0.0,
        max_iter: int | Auto = "auto",
        early_stopping: bool | Auto = "auto",
        validation_fraction: float | Auto = "auto",
        n_iter_no_change: float | Auto = "auto",
        categorical_features: Sequence[Any] | Array | None = None,
        columns: Mapping[Any, str] | None = None,
        network_params: Mapping[str, Any] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        set_parameters(self, locals())

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, groups: Any = None) -> Self:
        """Learn to give rows of a table back, anew.

        Parameters
        ----------
        X : DataFrame, mapping from str to array-like, list of mappings, array-like, path or Table
            A frame of pandas or polars, or Arrow's table; a dict of columns; a list of dicts, one
            for each row; an array; a file, which is read into memory.
        y : object, optional
            Not looked at; there so that it can stand in a pipeline.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows in learning; rows of weight 0 are left out.
        groups : array-like of shape (n,), optional
            Rows of the same value stay together where rows are held out to decide when to stop.

        Returns
        -------
        TableAutoencoder
            Itself.
        """
        return self._fit(X, None, sample_weight, groups)

    def transform(self, X: Any) -> Array:
        """Return the bottleneck, (n, n_units); X as :meth:`predict`'s."""
        check_is_fitted(self)
        return self._each(self.network_.transform, X)

    @property
    def _n_features_out(self) -> int:
        return int(self.network_._n_features_out)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []  # it is the network's, whatever X has
        return tags

    def score(self, X: Any, y: Any = None) -> float:
        """Return the share of the prepared columns' variance that reconstructions keep: R².

        Parameters
        ----------
        X : as :meth:`predict`'s
            Rows.
        y : object, optional
            Not looked at.
        """
        check_is_fitted(self)
        return float(self.network_.score(self.prepare(X)))


TABLE_MODELS: dict[str, type[BaseTableModel]] = {
    one.task: one for one in (TableClassifier, TableRegressor, TableAutoencoder)
}


def table_model(network: Any, preparation: Preparation) -> Any:
    """Return the estimator that a fitted network and the preparation of its columns are.

    Parameters
    ----------
    network : MLPClassifier, MLPRegressor or MLPAutoencoder
        Fitted on what the preparation makes.
    preparation : Preparation
        Of its training data.

    Returns
    -------
    TableClassifier, TableRegressor or TableAutoencoder
        By the preparation's task.
    """
    return TABLE_MODELS[preparation.task].of(network, preparation)


def _parameters_of(
    cls: type[BaseTableModel], network: Any, preparation: Preparation
) -> dict[str, Any]:
    own = cls._get_param_names()
    given, usual = network.get_params(deep=False), type(network)().get_params(deep=False)
    left_out = {"verbose", "validation_fraction"}
    others = {
        name: value
        for name, value in given.items()
        if name not in own
        and name not in table_fitting.NOT_OF_THE_NETWORK
        and repr(value) != repr(usual[name])
    }
    kinds = {column.name: column.kind for column in preparation.columns}
    return {
        **{name: given[name] for name in own if name in given and name not in left_out},
        "columns": kinds | dict.fromkeys(preparation.left_out, "drop"),
        "network_params": others or None,
    }
