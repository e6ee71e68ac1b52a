"""A grid search of which every candidate and fold is a trial.

So it resumes, shows how it goes and runs several fits at a time, as any study. What comes of it is
the dictionary that scikit-learn's ``GridSearchCV`` calls ``cv_results_``, from the same folds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from scipy.stats import rankdata
from sklearn.metrics import get_scorer
from sklearn.model_selection import ParameterGrid, StratifiedKFold

from chainrule._types import Array
from chainrule.study.trial import Trial, TrialResult

SCORES = ("test_score", "train_score")
TIMES = ("fit_time", "score_time")


@dataclass(frozen=True)
class GridSearch:
    """Every combination of some parameters, each fitted on all folds but one, for each fold.

    Parameters
    ----------
    section : str
        The part of the study it belongs to.
    name : str
        What its configurations' names begin with, and may end with: see ``ending``.
    grid : mapping
        Parameter to the values to try.
    n_splits : int
        Folds: an unshuffled ``StratifiedKFold``'s, which ``GridSearchCV`` takes for classifiers.
    settings : mapping
        Whatever else decides a fit; copied into each trial.
    ending : tuple of str
        Further words of each configuration's name.
    """

    section: str
    name: str
    grid: Mapping[str, Sequence[Any]]
    n_splits: int
    settings: Mapping[str, Any]
    ending: tuple[str, ...] = ()

    @property
    def candidates(self) -> list[dict[str, Any]]:
        """The combinations, in scikit-learn's order."""
        return list(ParameterGrid({name: list(values) for name, values in self.grid.items()}))

    def configuration(self, candidate: Mapping[str, Any], fold: int) -> str:
        """Return what the fit of a candidate on a fold, counted from 0, is called."""
        values = (str(candidate[name]) for name in self.grid)
        return ", ".join([self.name, *values, f"fold {fold + 1}", *self.ending])

    def trials(self, seed: int, data: str) -> list[Trial]:
        """Return a trial for each candidate and fold; ``data`` is a digest of the data."""
        return [
            Trial(
                self.section,
                self.configuration(candidate, fold),
                seed,
                {**self.settings, "n_splits": self.n_splits, "fold": fold, "candidate": candidate},
                data,
            )
            for candidate in self.candidates
            for fold in range(self.n_splits)
        ]

    def cv_results(self, finished: Sequence[TrialResult]) -> dict[str, Any]:
        """Return scikit-learn's ``cv_results_`` from the finished trials of one seed.

        Scores on the training folds are in it, as with ``return_train_score=True``.
        """
        metrics = {result.configuration: result.metrics for result in finished}
        rows = [
            [metrics[self.configuration(candidate, k)] for k in range(self.n_splits)]
            for candidate in self.candidates
        ]
        table = {
            key: np.array([[fit.get(key, np.nan) for fit in row] for row in rows])
            for key in (*TIMES, *SCORES)
        }
        results: dict[str, Any] = {}
        for key in TIMES:
            results |= _mean_and_std(key, table[key])
        for name in sorted(self.grid):
            results[f"param_{name}"] = np.ma.array([c[name] for c in self.candidates])
        results["params"] = self.candidates
        for key in SCORES:
            results |= {f"split{k}_{key}": table[key][:, k] for k in range(self.n_splits)}
            results |= _mean_and_std(key, table[key])
            if key == "test_score":
                results["rank_test_score"] = _ranks(results["mean_test_score"])
        return results


def _mean_and_std(key: str, values: Array) -> dict[str, Array]:
    return {f"mean_{key}": values.mean(axis=1), f"std_{key}": values.std(axis=1)}


def _ranks(means: Array) -> Array:
    # A candidate that failed comes last, as in scikit-learn.
    worst = np.nanmin(means) - 1 if not np.isnan(means).all() else 0
    ranks: Array = rankdata(-np.nan_to_num(means, nan=worst), method="min").astype(np.int32)
    return ranks


def fit_and_score(
    estimator: Any, X: Array, y: Array, settings: Mapping[str, Any], scoring: str
) -> dict[str, float]:
    """Fit an estimator on all folds but a trial's own, and score it on both parts.

    Parameters
    ----------
    estimator : estimator
        Not fitted yet.
    X, y : arrays of shape (n_samples, n_features), (n_samples,)
        All samples.
    settings : mapping
        Of the trial: its ``n_splits`` and ``fold``.
    scoring : str
        The name of a scorer.

    Returns
    -------
    dict
        ``test_score``, ``train_score``, and ``fit_time`` and ``score_time`` in seconds.
    """
    train, test = list(StratifiedKFold(settings["n_splits"]).split(X, y))[settings["fold"]]
    scorer = get_scorer(scoring)
    begun = perf_counter()
    estimator.fit(X[train], y[train])
    fitted = perf_counter()
    test_score = scorer(estimator, X[test], y[test])
    scored = perf_counter()
    return {
        "fit_time": fitted - begun,
        "score_time": scored - fitted,
        "test_score": float(test_score),
        "train_score": float(scorer(estimator, X[train], y[train])),
    }
