"""The estimators of tables by their task: what ``chainrule train`` leaves, and a model file has."""

from __future__ import annotations

from typing import Any

from chainrule.preparation.preparation import Preparation
from chainrule.preparation.table_autoencoder import TableAutoencoder
from chainrule.preparation.table_base import BaseTableModel
from chainrule.preparation.table_classifier import TableClassifier
from chainrule.preparation.table_regressor import TableRegressor

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
