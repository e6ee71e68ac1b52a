"""C3's grid search: its studies, what is fitted for them, and the table of their scores."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.reproduction.results import Results, configuration, only_divergence
from chainrule.reproduction.section import Scope
from chainrule.reproduction.section_c.data import Data, scaled
from chainrule.reproduction.section_c.libraries import LIBRARIES, OURS
from chainrule.reproduction.section_c.settings import BEST, HIDDEN, SCORE, SECTION
from chainrule.reproduction.section_c.trainings import ending, parameters, samples_of
from chainrule.reproduction.settings import Values
from chainrule.study.cv_results import cv_results as study_cv_results
from chainrule.study.data import OneSplit, StudyData, divide
from chainrule.study.evaluation import CrossValidation, Evaluation, ValidationData
from chainrule.study.execute import Execute
from chainrule.study.prepare import plan_of
from chainrule.study.sampling import Grid, Listed, Sampler
from chainrule.study.sources import Arrays, Split
from chainrule.study.spec import Study
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback


def searches(
    settings: Values, library: str, seeds: Sequence[int] = (0,), complete: bool = False
) -> dict[str, Study]:
    """Return C3's studies: the grid, and what else somebody may call the score of its best."""
    used, own = settings["C3"], LIBRARIES[library]
    fixed = parameters(used, 0, hidden_layer_sizes=HIDDEN, activation="tanh", **own.fixed)
    del fixed["random_state"]  # each seed sets its own
    factors = {
        "solver": used["solver"],
        "batch_size": used["batch_size"],
        "learning_rate_init": used["learning_rate"],
    }
    # GridSearchCV's folds.
    folds = CrossValidation(used["folds"], shuffle=False)
    plans: dict[str, tuple[Sampler, Evaluation]] = {
        "grid": (Grid(factors), folds),
        # On all training images, as GridSearchCV fits the best in the end.
        "refit": (Listed([BEST]), ValidationData("fashion-mnist-report")),
    }
    if complete:
        plans["complete"] = (Listed([BEST]), folds)
    return {
        name: Study(
            name=f"C3, {name}",
            data="fashion-mnist-report",
            task="classification",
            estimator=own.classifier,
            sampler=sampler,
            fixed=fixed,
            seeds=seeds,
            evaluation=evaluation,
            metrics=SCORE,
        )
        for name, (sampler, evaluation) in plans.items()
    }


def search_trials(
    settings: Values, library: str, seed: int, digest: str, complete: str | None = None
) -> dict[str, list[Trial]]:
    """Return the trials of each of C3's studies, called as the page calls them.

    Parameters
    ----------
    settings : mapping
        Of all experiments.
    library : str
        Whose.
    seed : int
        One.
    digest, complete : str
        Of the bundled images, and of all of them; None where these are not here.
    """
    samples = {"complete": settings["C3"]["complete_samples"]}
    return {
        name: [
            replace(
                trial,
                section=SECTION,
                configuration=_search_name(name, trial, library),
                settings={
                    **trial.settings,
                    "experiment": "C3",
                    "library": library,
                    "search": name,
                    "train_samples": samples.get(name, settings["C"]["train_samples"]),
                },
            )
            for trial in plan_of(
                study, "classification", (complete or "") if name == "complete" else digest
            )({})
        ]
        for name, study in searches(settings, library, (seed,), complete is not None).items()
    }


def _search_name(search: str, trial: Trial, library: str) -> str:
    values = trial.settings["candidate"]
    candidate = [values[name] for name in BEST] if search == "grid" else [search]
    fold = [f"fold {trial.settings['fold'] + 1}"] if "fold" in trial.settings else []
    return configuration("C3", *candidate, *fold, *ending(library))


def grid_trials(scope: Scope, library: str, seed: int, data: Data) -> list[Trial]:
    """Return the trials of all of C3's studies of one seed; none of a seed beyond C3's."""
    if seed not in scope.seeds[: scope.settings["C3"]["seeds"]]:
        return []
    complete = None if data.complete is None else data.complete.digest
    found = search_trials(scope.settings, library, seed, data.images.digest, complete)
    return [trial for trials in found.values() for trial in trials]


def _rows(trial: Trial, data: Data) -> StudyData:
    n, search = trial.settings["train_samples"], trial.settings["search"]
    if search == "refit":
        samples = samples_of(trial, data, validation=True)
        split = Split(samples.X, samples.y, samples.X_val, samples.y_val)
        return OneSplit("classification", trial.data, split)
    X, y = data.X_train, data.images.y_train
    if search == "complete":
        assert data.complete is not None
        X, y = scaled(data.complete.X_train), data.complete.y_train
    evaluation = CrossValidation(trial.settings["evaluation"]["folds"], shuffle=False)
    rows = Arrays(X[:n], y[:n], "classification")
    return divide(rows, evaluation, rows.task, trial.data)


def fit(trial: Trial, data: Data, callbacks: Sequence[Callback]) -> TrialResult:
    """Fit and score, as a study does."""
    key = ("rows", trial.settings["search"], trial.data, trial.settings["train_samples"])
    rows = data.kept.get(
        (*key, trial.settings["evaluation"].get("folds")), lambda: _rows(trial, data)
    )
    run = Execute(LIBRARIES[trial.settings["library"]].classifier)
    return only_divergence(run(trial, rows, callbacks))


def cv_results(results: Results, library: str = OURS) -> dict[int, dict[str, Any]]:
    """Return scikit-learn's ``cv_results_`` of each seed whose search is finished."""
    trials = search_trials(results.settings, library, 0, "")["grid"]
    pairs = [(trial, run) for trial in trials for run in results.runs(trial.configuration)]
    counts = Counter(run.seed for _, run in pairs)
    return {
        seed: study_cv_results([pair for pair in pairs if pair[1].seed == seed], SCORE)
        for seed in results.seeds
        if counts[seed] == len(trials)
    }


def best_params(table: dict[str, Any]) -> dict[str, object]:
    """Return the candidate of the highest mean score."""
    best: dict[str, object] = table["params"][int(np.argmin(table["rank_test_score"]))]
    return best


def fold_scores(table: Mapping[str, Any]) -> Array:
    """Return the scores on test folds, a row a candidate and a column a fold."""
    n_folds = sum(re.fullmatch(r"split\d+_test_score", name) is not None for name in table)
    return np.column_stack([table[f"split{k}_test_score"] for k in range(n_folds)])
