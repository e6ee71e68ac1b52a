"""The regressor of tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import RegressorMixin, _fit_context

from chainrule._types import Array
from chainrule.engine.losses import Loss
from chainrule.engine.optimizers import Optimizer
from chainrule.engine.schedules import Schedule
from chainrule.estimators import MLPRegressor
from chainrule.estimators.mlp import set_parameters
from chainrule.estimators.settings import ActivationLike
from chainrule.preparation.table_base import Auto, BaseTableModel
from chainrule.preparation.table_parameters import documented


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
        loss: str | Loss = "squared_error",
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
