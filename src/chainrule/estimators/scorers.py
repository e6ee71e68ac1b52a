"""scikit-learn's scorers on rows that lack some of the classes.

Its measures of probabilities take from the rows which classes there are, and refuse or misread
columns of others. They are told, where they can be.
"""

from __future__ import annotations

import copy
import math
from inspect import signature
from typing import Any

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import average_precision_score, log_loss
from sklearn.metrics._scorer import _BaseScorer

from chainrule._types import Array
from chainrule._warnings import warn
from chainrule.estimators.log_loss import has_log_probabilities
from chainrule.estimators.log_loss import log_loss as exact_log_loss


def over_classes(scorer: Any, estimator: Any, y: Any) -> Any:
    """Return a scorer that takes all classes of an estimator into account, for rows with labels y.

    Log loss, Brier score, top-k accuracy and the areas under ROC curves are then those of a
    classifier that knows more classes than the rows have. The average precision is undefined there:
    NaN.

    Parameters
    ----------
    scorer : callable
        One of scikit-learn's or of ``make_scorer``; any other is returned as it is, and so is one
        of predicted labels. Log loss is taken from the logits where the estimator has them.
    estimator : estimator
        With ``classes_``, if it is a classifier.
    y : array-like of shape (n_samples,) or (n_samples, n_columns)
        Of the rows; with several columns there is nothing to change.

    Warns
    -----
    UndefinedMetricWarning
        If the score is undefined on such rows.
    """
    classes = getattr(estimator, "classes_", None)
    if not isinstance(classes, np.ndarray) or np.ndim(y) != 1:
        return scorer
    if not isinstance(scorer, _BaseScorer) or scorer._response_method == "predict":
        return scorer
    if _is_log_loss(scorer) and has_log_probabilities(estimator):
        return LogLossScorer(scorer)
    changed = copy.copy(scorer)
    missing = np.setdiff1d(classes, np.asarray(y))
    if scorer._score_func is average_precision_score and missing.size:
        warn(
            f"The average precision is undefined on rows without class {missing[0]}.",
            UndefinedMetricWarning,
        )
        changed._score_func = _undefined
    elif "labels" in signature(scorer._score_func).parameters:
        changed._kwargs = {"labels": classes, **scorer._kwargs}
    return changed


def _is_log_loss(scorer: _BaseScorer) -> bool:
    return scorer._score_func is log_loss and not scorer._kwargs


class LogLossScorer(_BaseScorer):  # type: ignore[misc]
    """Log loss from a classifier's logits, in place of a scorer of its probabilities.

    Parameters
    ----------
    scorer : scorer
        scikit-learn's.
    """

    def __init__(self, scorer: _BaseScorer) -> None:
        super().__init__(scorer._score_func, scorer._sign, {}, "predict_log_proba")

    def _score(
        self, method_caller: Any, estimator: Any, X: Any, y_true: Any, **weights: Any
    ) -> float:
        return float(self._sign * exact_log_loss(estimator, X, y_true, **weights))


def _undefined(y_true: Array, y_score: Array, *, sample_weight: Array | None = None) -> float:
    return math.nan
