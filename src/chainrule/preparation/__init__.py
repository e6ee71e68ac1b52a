"""Columns of a table to X and y, learnt from training data and saved with the model."""

from chainrule.preparation.inspection import ColumnFacts, Inspection, inspect
from chainrule.preparation.notes import Notes
from chainrule.preparation.preparation import Preparation
from chainrule.preparation.table_autoencoder import TableAutoencoder
from chainrule.preparation.table_classifier import TableClassifier
from chainrule.preparation.table_models import table_model
from chainrule.preparation.table_regressor import TableRegressor

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
