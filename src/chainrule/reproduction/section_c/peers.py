"""What other libraries gave for the same experiments, beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from chainrule.reproduction.results import Results
from chainrule.reproduction.section import Compared
from chainrule.reproduction.section_c.grid_search import cv_results, search_trials
from chainrule.reproduction.section_c.libraries import LIBRARIES, OURS
from chainrule.reproduction.section_c.settings import SCORE
from chainrule.reproduction.section_c.trainings import ending
from chainrule.study.statistics import Spread
from chainrule.study.trial import TrialResult

# A metric -> what its figure is called.
FIGURES = {
    "test_accuracy": "test_accuracy",
    "test_loss": "test_loss",
    "test_mse": "test_mse",
    SCORE: "test_score",
}


def compare(results: Results) -> list[Compared]:
    """Return a row for each configuration that a peer has run; the grid search is one row."""
    return [
        row
        for library in LIBRARIES
        if library != OURS
        for row in (*_trainings(results, library), *_search(results, library))
    ]


def _trainings(results: Results, library: str) -> list[Compared]:
    return [
        Compared(library, name, _spreads(ours), _spreads(theirs), _seconds(ours), _seconds(theirs))
        for name in results.by_configuration
        if "fold" not in name
        if (ours := results.trained(name)) and (theirs := results.trained(name, *ending(library)))
    ]


def _search(results: Results, library: str) -> list[Compared]:
    sides = []
    for side in (OURS, library):
        trials = search_trials(results.settings, side, 0, "")["grid"]
        fits = [trial.configuration for trial in trials]
        tables = cv_results(results, side).values()
        scores = [table["mean_test_score"] for table in tables]
        # Of a search of which every candidate has a fit that diverged there is no best.
        best = [float(np.nanmax(one)) for one in scores if np.isfinite(one).any()]
        if not best:
            return []
        seconds = sum(run.seconds for name in fits for run in results.trained(name))
        sides.append(({"best_score": asdict(Spread.of(best))}, seconds / len(tables)))
    (ours, our_seconds), (theirs, their_seconds) = sides
    return [Compared(library, "C3, grid search", ours, theirs, our_seconds, their_seconds)]


def _spreads(runs: Sequence[TrialResult]) -> dict[str, dict[str, float]]:
    return {
        figure: asdict(Spread.of([run.metrics[metric] for run in runs]))
        for metric, figure in FIGURES.items()
        if metric in runs[0].metrics
    }


def _seconds(runs: Sequence[TrialResult]) -> float:
    return Spread.of([run.seconds for run in runs]).mean
