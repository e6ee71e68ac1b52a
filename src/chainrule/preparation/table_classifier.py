"""The classifier of tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils.validation import check_is_fitted

from chainrule._types import Array
from chainrule.engine.optimizers import Optimizer
from chainrule.engine.schedules import Schedule
from chainrule.estimators import MLPClassifier
from chainrule.estimators.log_loss import LogProbabilities
from chainrule.estimators.mlp import set_parameters
from chainrule.estimators.settings import ActivationLike
from chainrule.preparation.table_base import Auto, BaseTableModel
from chainrule.preparation.table_parameters import documented


@documented
class TableClassifier(LogProbabilities, ClassifierMixin, BaseTableModel):  # type: ignore[misc]
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
    >>> model.predict({"colour": "blue", "size": 2.7}).tolist()
    ['l']
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
        class_weight: dict[Any, float] | Literal["balanced"] | None = None,
        categorical_features: Sequence[Any] | Array | None = None,
        columns: dict[Any, str] | None = None,
        network_params: dict[str, Any] | None = None,
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
