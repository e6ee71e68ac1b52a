"""Log loss from the logarithms of probabilities, which logits give with all their digits.

A probability is rounded to 0 or 1 long before its logarithm is: whoever takes the logarithm of what
``predict_proba`` returns has to cut the loss off somewhere, in float32 at 15.9 a sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import metrics

from chainrule._types import Array
from chainrule.errors import InvalidValueError
from chainrule.estimators.target_validation import typed


class LogProbabilities:
    """A classifier whose ``predict_log_proba`` is computed from logits."""


def log_softmax(logits: Array) -> Array:  # (n, n_classes) -> (n, n_classes)
    """Return the logarithms of a softmax over each row, in the dtype of the logits."""
    # The highest of a row is left out of the sum, so that log1p has the digits of its own loss;
    # in float64, as a difference that is rounded moves its exponential by as much.
    rows, highest = np.arange(len(logits)), logits.argmax(axis=1)
    exact = logits.astype(np.float64)
    with np.errstate(over="ignore", under="ignore"):  # a difference of huge logits is -inf
        exact -= exact[rows, highest, np.newaxis]
        others = np.exp(exact)
        others[rows, highest] = 0
        exact -= np.log1p(others.sum(axis=1, keepdims=True))
        logarithms: Array = exact.astype(logits.dtype)
    return logarithms


def has_log_probabilities(estimator: Any) -> bool:
    """Return whether an estimator, or the last step of a pipeline, computes them from logits."""
    return isinstance(getattr(estimator, "_final_estimator", estimator), LogProbabilities)


def log_loss(classifier: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
    """Return the mean log loss of a fitted classifier, over all of its classes.

    It is as exact as the classifier's logits; where it has none, scikit-learn's ``log_loss`` of its
    probabilities.

    Parameters
    ----------
    classifier : estimator
        Fitted, with ``classes_`` of one target.
    X : array-like of shape (n_samples, n_features)
        Samples.
    y : array-like of shape (n_samples,)
        Their labels, which need not be of all classes.
    sample_weight : array-like of shape (n_samples,), optional
        Weights.

    Raises
    ------
    InvalidValueError
        If a label is none of the classes.
    """
    classes = classifier.classes_
    if not has_log_probabilities(classifier):
        shares = classifier.predict_proba(X)
        return float(metrics.log_loss(y, shares, labels=classes, sample_weight=sample_weight))
    labels = typed(np.asarray(y))
    unknown = np.setdiff1d(labels, classes)
    if unknown.size:
        raise InvalidValueError(
            "y must have labels of the classifier's classes",
            unknown[0].item(),
            "leave such samples out",
        )
    logarithms = classifier.predict_log_proba(X)
    likelihood = log_likelihood(np.searchsorted(classes, labels), logarithms)
    return 0.0 - float(np.average(likelihood, weights=sample_weight))  # and never -0.0


def log_likelihood(truth: Array, log_probabilities: Array) -> Array:  # (n,), (n, n_classes) -> (n,)
    """Return the logarithm of the probability that each sample's true class was given, float64."""
    found: Array = log_probabilities[np.arange(len(truth)), truth].astype(np.float64)
    return found
