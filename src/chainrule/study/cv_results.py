"""The results of a cross-validated study as scikit-learn's ``GridSearchCV`` has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import rankdata

from chainrule._types import Array
from chainrule.study.trial import TIMES, Trial, TrialResult

PARTS = {"test": "", "train": "train_"}  # scikit-learn's name of a part -> what metrics begin with

Pairs = Sequence[tuple[Trial, TrialResult]]


def cv_results(pairs: Pairs, metrics: str | Sequence[str]) -> dict[str, Any]:
    """Return what ``GridSearchCV`` calls ``cv_results_``, with scores on the training folds.

    Parameters
    ----------
    pairs : sequence of (Trial, TrialResult)
        One seed's trials, all candidates and folds; a failed one counts as NaN.
    metrics : str or sequence of str
        As ``GridSearchCV``'s ``scoring``: one is called "score", several go by their names.

    Returns
    -------
    dict
        Arrays with an entry for each candidate, in the order of their numbers.
    """
    fits, candidates = _by_candidate(pairs)
    table: dict[str, Any] = {}
    for name in TIMES:
        table |= _mean_and_std(name, _values(fits, name))
    for name in sorted({name for candidate in candidates for name in candidate}):
        table[f"param_{name}"] = np.ma.array(
            [candidate.get(name) for candidate in candidates],
            mask=[name not in candidate for candidate in candidates],
        )
    table["params"] = candidates
    names = {metrics: "score"} if isinstance(metrics, str) else {name: name for name in metrics}
    for metric, name in names.items():
        for part, prefix in PARTS.items():
            table |= _scores(
                f"{part}_{name}", _values(fits, prefix + metric), ranked=part == "test"
            )
    return table


def _by_candidate(pairs: Pairs) -> tuple[list[list[TrialResult]], list[dict[str, Any]]]:
    fits: dict[int, dict[int, TrialResult]] = {}
    candidates: dict[int, dict[str, Any]] = {}
    for trial, result in pairs:
        number = trial.settings["number"]
        fits.setdefault(number, {})[trial.settings["fold"]] = result
        candidates[number] = dict(trial.settings["candidate"])
    order = sorted(candidates)
    return (
        [[fits[number][fold] for fold in sorted(fits[number])] for number in order],
        [candidates[number] for number in order],
    )


def _values(fits: list[list[TrialResult]], name: str) -> Array:
    rows = [[result.metrics.get(name) for result in row] for row in fits]
    return np.array(rows, dtype=float)  # None is NaN


def _scores(name: str, values: Array, *, ranked: bool) -> dict[str, Array]:
    table = {f"split{k}_{name}": column for k, column in enumerate(values.T)}
    table |= _mean_and_std(name, values)
    if ranked:
        table[f"rank_{name}"] = _ranks(table[f"mean_{name}"])
    return table


def _mean_and_std(name: str, values: Array) -> dict[str, Array]:
    return {f"mean_{name}": values.mean(axis=1), f"std_{name}": values.std(axis=1)}


def _ranks(means: Array) -> Array:
    # A candidate that failed comes last, as in scikit-learn.
    worst = np.nanmin(means) - 1 if not np.isnan(means).all() else 0
    ranks: Array = rankdata(-np.nan_to_num(means, nan=worst), method="min").astype(np.int32)
    return ranks
