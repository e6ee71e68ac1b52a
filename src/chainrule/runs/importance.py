"""How much each column matters: what is lost where its values are shuffled among the rows.

It is scikit-learn's permutation importance, on held-out rows. A column may have become several
features, such as one for each category: they are shuffled together.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.inspection import permutation_importance
from sklearn.metrics import accuracy_score, r2_score

from chainrule._types import Array
from chainrule.preparation.prepared import feature_names
from chainrule.preparation.table_base import BaseTableModel
from chainrule.runs.measuring import Outputs

REPEATS = 5
LEAST_ROWS = 10
MOST_PREDICTIONS = 200_000_000  # features times rows times shuffles: a few seconds


def importance(model: BaseTableModel, sample: Outputs, seed: int) -> list[dict[str, Any]]:
    """Return by how much the accuracy, or R², falls for each column; the most important first.

    Nothing where there is only one column, an autoencoder, too few rows, or too much to compute.

    Parameters
    ----------
    model : BaseTableModel
        The model.
    sample : Outputs
        Held-out rows.
    seed : int
        Of the shuffles.
    """
    columns, (n, n_features) = model.preparation_.columns, sample.X.shape
    cost = n * n_features * len(columns) * REPEATS
    if sample.truth is None or len(columns) < 2 or n < LEAST_ROWS or cost > MOST_PREDICTIONS:
        return []
    if model.task == "regression" and not np.ptp(sample.truth):
        return []
    rows = np.repeat(np.arange(n)[:, np.newaxis], len(columns), axis=1)
    found = permutation_importance(
        _Assembled(model, sample.X),
        rows,
        sample.truth,
        scoring=lambda assembled, taken, truth: _score(model, assembled.predict(taken), truth),
        n_repeats=REPEATS,
        random_state=seed,
    )
    order = np.argsort(-found.importances_mean, kind="stable")
    return [
        {
            "name": columns[i].name,
            "loss": float(found.importances_mean[i]),
            "spread": float(found.importances_std[i]),
        }
        for i in order.tolist()
    ]


def _score(model: BaseTableModel, predicted: Array, truth: Array) -> float:
    if model.task == "classification":
        return float(accuracy_score(model.classes_[truth], predicted))
    return float(r2_score(truth, model.preparation_.in_units(predicted)))


class _Assembled(BaseEstimator):  # type: ignore[misc]
    """Predicts rows whose columns come from different rows of X, as their numbers say."""

    def __init__(self, model: BaseTableModel, X: Array) -> None:
        self.model, self.X = model, X
        self._groups = features_of_columns(model)

    def fit(self) -> None:
        """Do nothing: it is there because scikit-learn asks for it."""

    def predict(self, rows: Array) -> Array:  # (n, n_columns)
        X, unmoved = self.X.copy(), np.arange(len(self.X))[:, np.newaxis]
        for i in np.flatnonzero((rows != unmoved).any(axis=0)).tolist():
            X[:, self._groups[i]] = self.X[np.ix_(rows[:, i], self._groups[i])]
        predicted: Array = self.model.network_.predict(X)
        return predicted


def features_of_columns(model: BaseTableModel) -> list[Array]:
    """Return which columns of X each column of the table has become."""
    numbered = [replace(column, name=str(i)) for i, column in enumerate(model.preparation_.columns)]
    owners = [re.match(r"\d+", name) for name in feature_names(numbered)]
    numbers = np.array([int(owner.group()) for owner in owners if owner is not None])
    ends = np.cumsum(np.bincount(numbers, minlength=len(numbered)))
    return np.split(np.argsort(numbers, kind="stable"), ends[:-1])
