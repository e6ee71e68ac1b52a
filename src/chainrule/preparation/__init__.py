"""Columns of a table to X and y, learnt from training data and saved with the model."""

from chainrule.preparation.inspection import ColumnFacts, Inspection, inspect
from chainrule.preparation.notes import Notes
from chainrule.preparation.preparation import Preparation
from chainrule.preparation.table_models import (
    TableAutoencoder,
    TableClassifier,
    TableRegressor,
    table_model,
)

__all__ = [
    "ColumnFacts",
    "Inspection",
    "Notes",
    "Preparation",
    "TableAutoencoder",
    "TableClassifier",
    "TableRegressor",
    "inspect",
    "table_model",
]
