"""Columns of a table to X and y, learnt from training data and saved with the model."""

from chainrule.preparation.inspection import ColumnFacts, Inspection, inspect
from chainrule.preparation.notes import Notes
from chainrule.preparation.preparation import Preparation
from chainrule.preparation.prepared_model import PreparedModel

__all__ = ["ColumnFacts", "Inspection", "Notes", "Preparation", "PreparedModel", "inspect"]
