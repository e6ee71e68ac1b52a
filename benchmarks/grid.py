"""The report's grid of 54 fits beside scikit-learn's: python -m benchmarks.grid.

Section C's search (18 candidates, three folds, Fashion-MNIST) as ``chainrule reproduce`` runs it,
and as ``GridSearchCV`` runs it with scikit-learn's ``MLPClassifier`` on float64 pixels, both with
two jobs, interleaved. By default on a third of the images and fewer epochs; ``--whole`` is the
report's scale. Prints seconds and the best candidate of each round, and the ratio of the medians.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import warnings
from pathlib import Path
from time import perf_counter

import sklearn.neural_network
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from chainrule.reproduction import settings
from chainrule.reproduction.section_c.experiments import HIDDEN, SCORE, search_trials
from chainrule.reproduction.section_c.libraries import OURS
from chainrule.reproduction.sections import SECTIONS
from chainrule.study.cv_results import cv_results
from chainrule.study.environment import environment
from chainrule.study.pools.threads import ThreadPool
from chainrule.study.runner import Silent, fixed, run
from chainrule.study.store import Store

JOBS = 2
SECTION = SECTIONS["C"]


class Results(Silent):
    """A listener that keeps what is finished."""

    def __init__(self) -> None:
        self.finished_ones: list = []

    def finished(self, trial, result) -> None:
        self.finished_ones.append((trial, result))


def ours(values, data) -> tuple[float, dict]:
    """Return the seconds of the search as a study, and its best candidate."""
    kept = Results()
    trials = search_trials(values, OURS, 0, data.images.digest)["grid"]
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "trials.sqlite") as store:
        begun = perf_counter()
        run(
            fixed(trials),
            SECTION.execute,
            data,
            store,
            pool=ThreadPool(JOBS),
            resume=False,
            listener=kept,
        )
        seconds = perf_counter() - begun
    results = cv_results(kept.finished_ones, SCORE)
    return seconds, results["params"][int(results["rank_test_score"].argmin())]


def theirs(values, data) -> tuple[float, dict]:
    """Return the seconds of the search with scikit-learn alone, and its best candidate."""
    own, samples = values["C3"], values["C"]["train_samples"]
    search = GridSearchCV(
        sklearn.neural_network.MLPClassifier(
            HIDDEN, "tanh", max_iter=own["epochs"], random_state=0
        ),
        {
            "solver": list(own["solver"]),
            "batch_size": list(own["batch_size"]),
            "learning_rate_init": list(own["learning_rate"]),
        },
        scoring="neg_log_loss",
        cv=own["folds"],
        n_jobs=JOBS,
        refit=False,
    )
    X = data.images.X_train[:samples].reshape(samples, -1) / 255
    begun = perf_counter()
    search.fit(X, data.images.y_train[:samples])
    seconds = perf_counter() - begun
    results = search.cv_results_
    return seconds, results["params"][int(results["rank_test_score"].argmin())]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--whole", action="store_true", help="All images and epochs, one round.")
    options = parser.parse_args()
    less = {} if options.whole else {"C.train_samples": 2667, "C3.epochs": 30}
    values = settings.values(SECTION.settings, False, less)
    data = SECTION.load(None)
    for name, value in environment().items():
        print(f"{name}: {value}")
    print(f"{values['C']['train_samples']} images, {values['C3']['epochs']} epochs, {JOBS} jobs\n")
    contestants = {"scikit-learn": theirs, "chainrule": ours}
    times: dict[str, list[float]] = {name: [] for name in contestants}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for _ in range(1 if options.whole else options.rounds):
            for name, search in contestants.items():
                seconds, best = search(values, data)
                times[name].append(seconds)
                print(f"{name}: {seconds:.1f} s, best {best}", flush=True)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    print(f"\nratio of the medians: {medians['scikit-learn'] / medians['chainrule']:.2f}")


if __name__ == "__main__":
    main()
