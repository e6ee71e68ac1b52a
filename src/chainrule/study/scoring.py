"""What a fitted estimator's metrics are, by scikit-learn's scorers, in the target's own units."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import get_scorer
from sklearn.metrics._scorer import _MultimetricScorer, _PassthroughScorer

from chainrule._types import Array
from chainrule.errors import InvalidValueError
from chainrule.estimators.scorers import over_classes
from chainrule.study.sources import Split
from chainrule.study.trial import finite


def score(
    estimator: Any, split: Split, metrics: Sequence[str], *, training: bool = False
) -> dict[str, float | None]:
    """Return metrics of a fitted estimator.

    Parameters
    ----------
    estimator : estimator
        Fitted on the split's training rows.
    split : Split
        The rows.
    metrics : sequence of str
        Names of scorers, or "score" for the estimator's own.
    training : bool
        Whether the training rows are asked for, and not those that judge.

    Returns
    -------
    dict
        A number for each; None where it is not finite: the score is undefined.
    """
    X, y = (split.X, split.y) if training else (split.X_val, split.y_val)
    scaled = _scaling(split)
    if scaled is not None:
        mean, scale = scaled
        estimator, y = InUnits(estimator, mean, scale), np.asarray(y) * scale + mean
    # One scorer for all, so that the estimator predicts once and not for each metric. Without
    # targets, X is what has to come out again.
    y = X if y is None else y
    scorers = {name: over_classes(_scorer(name, estimator), estimator, y) for name in metrics}
    found = _MultimetricScorer(scorers=scorers)(estimator, X, y)
    return {name: _finite(value) for name, value in found.items()}


def check_targets(split: Split, metrics: Sequence[str], task: str) -> None:
    """Raise InvalidValueError for a metric that cannot judge these targets.

    ``f1`` and ``roc_auc`` are of two classes, ``r2`` is of numbers: scorers say so only when they
    are asked, so one estimator that learns nothing is judged before any is trained.
    """
    if np.ndim(split.y) != 1:
        return  # estimators differ in how they give several outputs
    learner = DummyClassifier() if task == "classification" else DummyRegressor()
    for name in metrics:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                score(learner.fit(split.X, split.y), split, [name])
        except (ValueError, TypeError) as error:
            said = " ".join(str(error).split()).rstrip(".")
            raise InvalidValueError(
                f"metrics must be able to judge the study's targets ({said})",
                name,
                "choose another metric",
            ) from None


def _scorer(name: str, estimator: Any) -> Callable[..., Any]:
    scorer: Callable[..., Any] = (
        _PassthroughScorer(estimator) if name == "score" else get_scorer(name)
    )
    return scorer


def _scaling(split: Split) -> tuple[float, float] | None:
    """Return mean and scale of a target that was learnt as numbers of mean 0, or None."""
    target = None if split.preparation is None else split.preparation.target
    if target is None or target.classes is not None:
        return None
    return target.mean, target.scale


def predicts_numbers(estimator: Any, X: Any) -> bool:
    """Whether what an estimator predicts is finite, as far as that can be known."""
    try:
        found = np.asarray(getattr(estimator, "predict_proba", estimator.predict)(X))
    except (ValueError, AttributeError):  # it says so itself
        return True
    return found.dtype.kind != "f" or bool(np.isfinite(found).all())


def _finite(value: Any) -> float | None:
    return finite(float(value))


class InUnits(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A fitted regressor whose predictions are in the target's units.

    Parameters
    ----------
    estimator : estimator
        Predicts (number - mean) / scale.
    mean, scale : float
        Of the target.
    """

    def __init__(self, estimator: Any, mean: float, scale: float) -> None:
        self.estimator, self.mean, self.scale = estimator, mean, scale

    def predict(self, X: Any) -> Array:
        """Return predictions in the target's units."""
        return np.asarray(self.estimator.predict(X), np.float64) * self.scale + self.mean

    def __sklearn_is_fitted__(self) -> bool:
        return True
