"""Training on one's own data, predicting, evaluating: what the three commands do, as functions.

:func:`train` takes :class:`TrainSettings` and leaves a folder: model, report, figures as JSON,
history. :func:`predict` and :func:`evaluate` take that folder, or its model file, and raw data.
"""

from chainrule.runs.evaluating import evaluate
from chainrule.runs.predicting import predict
from chainrule.runs.settings import TrainSettings
from chainrule.runs.training import Run, train

__all__ = ["Run", "TrainSettings", "evaluate", "predict", "train"]
