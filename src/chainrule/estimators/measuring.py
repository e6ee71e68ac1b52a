"""What a network in training does on validation data: its loss, and any scorer's scores."""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import check_scoring
from sklearn.metrics._scorer import _MultimetricScorer

from chainrule._finite import all_finite
from chainrule._types import Array
from chainrule._warnings import warn
from chainrule.engine.network import quiet
from chainrule.engine.params import Parameters
from chainrule.errors import InvalidValueError
from chainrule.estimators.scorers import over_classes
from chainrule.estimators.targets import Targets
from chainrule.training.evaluator import EVALUATION_ROWS, Evaluator, Measured
from chainrule.training.source import Source

# What users may give, as scikit-learn takes it.
Scoring = str | Callable[..., Any] | Sequence[str] | dict[str, str | Callable[..., Any]] | None
Scorer = Callable[[Array, float], Sequence[float]]  # from outputs and loss to scores


def score_columns(scoring: Any, targets: Targets) -> tuple[str, ...]:
    """Return the history's columns of the scores that ``scoring`` stands for, in its order."""
    if scoring is None:
        names: Sequence[str] = (targets.score_name,)
    elif isinstance(scoring, str):
        names = (scoring,)
    else:
        names = ("score",) if callable(scoring) else tuple(scoring)
        if not names or "loss" in names:
            raise InvalidValueError(
                'scoring must name at least one score, and none of them "loss"',
                scoring,
                "change it",
            )
    return tuple(f"validation_{name}" for name in names)


def _members(scoring: Any) -> Sequence[Any]:
    if callable(scoring):
        return [scoring]
    return list(scoring.values()) if isinstance(scoring, dict) else list(scoring)


class Measure:
    """Measures validation data, each time with the parameters as they are then.

    Parameters
    ----------
    estimator : estimator
        Fitted as far as its parameters are, which are the network's own arrays.
    params : Parameters
        The network.
    targets : Targets
        Of the data.
    source : Source
        The validation data, encoded.
    X, y : arrays
        What ``source`` has rows of, as the user gave it; for the user's scorers.
    """

    def __init__(
        self, estimator: Any, params: Parameters, targets: Targets, source: Source, X: Any, y: Any
    ) -> None:
        self.params, self.targets, self.source = params, targets, source
        self.columns = score_columns(estimator.scoring, targets)
        self._decides = bool(estimator.early_stopping)
        self._told: set[tuple[type[Warning], str]] = set()
        self._evaluator = Evaluator(params, min(len(source), EVALUATION_ROWS))
        if estimator.scoring is None:
            self._score = self._own_scorer()
        else:
            self._score = _users_scorer(estimator, source, X, y)

    def __call__(self) -> Measured:
        """Return the loss, as it is reported, and the scores by column."""
        raw, loss = self._evaluator.evaluate(self.source)
        loss *= self.targets.loss_scale
        self.params.spec.loss.predict(raw, out=raw)
        if not all_finite(raw):  # no score, not even of the classes that such outputs stand for
            return Measured(loss, dict.fromkeys(self.columns, math.nan))
        return Measured(loss, dict(zip(self.columns, self._scores(raw, loss), strict=True)))

    def _scores(self, outputs: Array, loss: float) -> Sequence[float]:
        """Return the scores; what a scorer warns of in every epoch is told once."""
        if threading.current_thread() is not threading.main_thread():
            return self._score(outputs, loss)  # what is done with warnings, all threads share
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            scores = self._score(outputs, loss)
        # Where the score that decides is undefined in all epochs, the end of the fit says so.
        of_end = {UndefinedMetricWarning} if self._decides and math.isnan(scores[0]) else set()
        for one in caught:
            said = one.category, str(one.message)
            if one.category not in of_end and said not in self._told:
                self._told.add(said)
                warn(said[1], one.category)
        return scores

    def _own_scorer(self) -> Scorer:
        source, targets = self.source, self.targets
        encoded = None if source.y is None else source.y[source.rows]
        weight = None if source.weight is None else source.weight[source.rows]

        def score(outputs: Array, loss: float) -> Sequence[float]:
            with quiet():  # squares of large errors may overflow
                return [targets.score(encoded, outputs, weight, loss)]

        return score


def _users_scorer(estimator: Any, source: Source, X: Any, y: Any) -> Scorer:
    rows = source.rows
    if len(rows) < X.shape[0]:
        X, y = X[rows], y[rows]
    scorer: Any = check_scoring(estimator, scoring=estimator.scoring)
    if isinstance(scorer, _MultimetricScorer):
        scorer._scorers = {
            name: over_classes(one, estimator, y) for name, one in scorer._scorers.items()
        }
    else:
        scorer = over_classes(scorer, estimator, y)
    # A scorer of the user's may take no weights; scikit-learn's own, by name, do.
    scoring = estimator.scoring
    by_name = isinstance(scoring, str) or all(isinstance(name, str) for name in _members(scoring))
    weighted = {}
    if source.weight is not None and by_name:
        weighted = {"sample_weight": source.weight[rows]}
    # Validated data has no column names: an estimator that knows none doesn't miss them.
    n_columns = 1 if isinstance(scoring, str) or callable(scoring) else len(scoring)
    nameless = estimator._copy(without="feature_names_in_")

    def score(outputs: Array, loss: float) -> Sequence[float]:
        if not np.isfinite(outputs).all():  # a network that has diverged predicts nothing
            return [math.nan] * n_columns
        values = scorer(nameless, X, y, **weighted)
        return list(values.values()) if isinstance(values, dict) else [float(values)]

    return score
