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
from sklearn.metrics import average_precision_score
from sklearn.metrics._scorer import _BaseScorer

from chainrule._types import Array
from chainrule._warnings import warn


def over_classes(scorer: Any, estimator: Any, y: Any) -> Any:
    """Return a scorer that takes all classes of an estimator into account, for rows with labels y.

    Log loss, Brier score, top-k accuracy and the areas under ROC curves are then those of a
    classifier that knows more classes than the rows have. The average precision is undefined there:
    NaN.

    Parameters
    ----------
    scorer : callable
        One of scikit-learn's or of ``make_scorer``; any other is returned as it is, and so is one
        of predicted labels.
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


def _undefined(y_true: Array, y_score: Array, *, sample_weight: Array | None = None) -> float:
    return math.nan
