"""The autoencoder of tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin, _fit_context
from sklearn.utils.validation import check_is_fitted

from chainrule._types import Array
from chainrule.engine.optimizers import Optimizer
from chainrule.engine.schedules import Schedule
from chainrule.estimators.mlp import set_parameters
from chainrule.estimators.settings import ActivationLike
from chainrule.preparation.table_base import Auto, BaseTableModel
from chainrule.preparation.table_parameters import documented


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
        columns: dict[Any, str] | None = None,
        network_params: dict[str, Any] | None = None,
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
