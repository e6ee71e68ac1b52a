"""Whole studies, from specification to results: every sampler with every evaluation.

What they must come to is worked out without them: each candidate fitted with each seed and on each
fold by itself, from its first epoch, and scored there.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.datasets import load_digits
from sklearn.metrics import get_scorer
from sklearn.model_selection import StratifiedKFold, train_test_split
from threadpoolctl import threadpool_limits

from chainrule import MLPClassifier
from chainrule.estimators.log_loss import log_loss
from chainrule.study import (
    CrossValidation,
    Grid,
    Halving,
    HeldOut,
    Listed,
    Optuna,
    Random,
    Study,
    ValidationData,
)
from chainrule.study.runner import Silent

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = (part[:120] for part in load_digits(return_X_y=True))
X_VAL, Y_VAL = (part[180:260] for part in load_digits(return_X_y=True))
SCORES = {
    "accuracy": get_scorer("accuracy"),
    "neg_log_loss": lambda net, X, y: -log_loss(net, X, y),
}
METRICS = tuple(SCORES)
SEEDS = (0, 7)
SPACE = {
    "hidden_layer_sizes": [[4], [6, 4]],
    "learning_rate_init": {"low": 1e-3, "high": 0.1, "log": True},
}
SAMPLERS = {
    "grid": Grid({"hidden_layer_sizes": [[4], [6]], "solver": ["sgd", "adam"]}),
    "grids": Grid([{"solver": ["sgd"], "momentum": [0.5, 0.9]}, {"solver": ["adam"]}]),
    "candidates": Listed([{"activation": "tanh", "alpha": 0.1}, {}]),
    "random": Random(3, SPACE, seed=1),
    "optuna": Optuna(5, SPACE, seed=1, batch=2),
}
EVALUATIONS = {
    "folds": CrossValidation(2, shuffle=False),
    "fraction": HeldOut(0.25, seed=5),
    "validation data": ValidationData((X_VAL, Y_VAL)),
}
COUNTS = {"grid": 4, "grids": 3, "candidates": 2, "random": 3, "optuna": 5}
FIXED = {"batch_size": 30, "early_stopping": True, "n_iter_no_change": 2}
HALVING = Halving(min_epochs=2, max_epochs=8, factor=2)


def study_of(sampler, evaluation, halving=None):
    fixed = FIXED if halving else {**FIXED, "max_iter": 3}
    return Study(
        name="end to end",
        data=(X, Y),
        sampler=SAMPLERS[sampler],
        fixed=fixed,
        seeds=SEEDS,
        evaluation=EVALUATIONS[evaluation],
        metrics=METRICS,
        halving=halving,
    )


def parts(evaluation):
    """Return the rows to train on and those that judge, fold by fold, as scikit-learn has them."""
    if evaluation == "folds":
        return [
            (X[train], Y[train], X[test], Y[test]) for train, test in StratifiedKFold(2).split(X, Y)
        ]
    if evaluation == "fraction":
        train, test = map(
            np.sort,
            train_test_split(np.arange(len(X)), test_size=0.25, random_state=5, stratify=Y),
        )
        return [(X[train], Y[train], X[test], Y[test])]
    return [(X, Y, X_VAL, Y_VAL)]


def expected(trial, evaluation):
    """Return the metrics and the epochs of a trial, trained from the start without the study."""
    settings = trial.settings
    X_train, y_train, X_test, y_test = parts(evaluation)[settings.get("fold", 0)]
    net = MLPClassifier(
        **FIXED,
        **settings["candidate"],
        max_iter=settings.get("epochs", 3),
        random_state=trial.seed,
    )
    with threadpool_limits(1, user_api="blas"):
        net.fit(X_train, y_train)
        scores = {name: score(net, X_test, y_test) for name, score in SCORES.items()}
        known = {f"train_{name}": score(net, X_train, y_train) for name, score in SCORES.items()}
    return {**scores, **known}, without_seconds(net.history_)


def without_seconds(rows):
    return [row._replace(seconds=0.0, scores=dict(row.scores)) for row in rows]


def found(result):
    metrics = {name: value for name, value in result.metrics.items() if "time" not in name}
    return metrics, without_seconds(result.epochs)


def outcomes(results):
    """Return all that a study found, without what took how long."""
    return {trial.id: (trial, found(result)) for trial, result in results.pairs}


class Ear(Silent):
    """Counts what runs, and interrupts after so many trials."""

    def __init__(self, last=None):
        self.epochs, self.started_trials, self.last = 0, [], last

    def started(self, trial):
        self.started_trials.append(trial.id)

    def epoch(self, trial, row, epochs):
        self.epochs += 1

    def finished(self, trial, result):
        self.last = None if self.last is None else self.last - 1
        if self.last == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("evaluation", EVALUATIONS)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_trial_is_what_it_would_be_alone(sampler, evaluation, tmp_path):
    results = study_of(sampler, evaluation).run(tmp_path / "out", jobs=2)
    folds = 2 if evaluation == "folds" else 1
    assert len(results.pairs) == COUNTS[sampler] * len(SEEDS) * folds
    for trial, result in results.pairs:
        assert result.error is None
        assert found(result) == expected(trial, evaluation)
    ranked = results.candidates()
    means = [one.metrics["accuracy"].mean for one in ranked]
    assert means == sorted(means, reverse=True)
    assert [one.rank for one in ranked] == [*rankdata(np.negative(means), method="min")]


@pytest.mark.parametrize(
    ("sampler", "halving"), [("grid", None), ("optuna", None), ("random", HALVING)]
)
def test_a_study_that_is_interrupted_again_and_again_comes_to_the_same(sampler, halving, tmp_path):
    study = study_of(sampler, "folds", halving)
    straight = study.run(tmp_path / "straight", jobs=1)
    for last in (1, 7, 11):
        with pytest.raises(KeyboardInterrupt):
            study.run(tmp_path / "out", jobs=2, listener=Ear(last))
    again = study.run(tmp_path / "out", jobs=2)
    assert outcomes(again) == outcomes(straight)
    nothing = Ear()
    assert outcomes(study.run(tmp_path / "out", listener=nothing)) == outcomes(straight)
    assert nothing.started_trials == []


@pytest.mark.parametrize(
    ("evaluation", "backend"),
    [*((evaluation, "threads") for evaluation in EVALUATIONS), ("folds", "processes")],
)
def test_what_halving_promotes_is_what_a_training_from_the_start_is(evaluation, backend, tmp_path):
    ear = Ear()
    study = study_of("grid", evaluation, HALVING)
    results = study.run(tmp_path, jobs=2, backend=backend, listener=ear)
    lengths = {}
    for trial, result in results.pairs:
        assert found(result) == expected(trial, evaluation)
        key = trial.settings["number"], trial.seed, trial.settings.get("fold")
        lengths[key] = max(lengths.get(key, 0), len(result.epochs))
    assert ear.epochs == sum(lengths.values())  # each training is one, over all rungs
    assert not (tmp_path / "checkpoints").exists()
    by_rung = {
        budget: {t.settings["number"] for t, _ in results.pairs if t.settings["epochs"] == budget}
        for budget in results.budgets
    }
    assert {budget: len(numbers) for budget, numbers in by_rung.items()} == {2: 4, 4: 2, 8: 1}
    best = results.candidates()[0]
    assert {best.number} == by_rung[8]
    assert best.budget == 8
    for lower, higher in ((2, 4), (4, 8)):  # nobody who scored less went on instead of another
        scores = {n: np.mean([*results.scores(n, budget=lower).values()]) for n in by_rung[lower]}
        dropped = by_rung[lower] - by_rung[higher]
        assert min(scores[n] for n in by_rung[higher]) >= max(scores[n] for n in dropped)


def test_a_candidate_that_diverges_does_not_go_on_and_the_study_does(tmp_path):
    sampler = Listed(
        [{"solver": "sgd", "learning_rate_init": 1e30}, {"solver": "sgd"}, {}, {"alpha": 1}]
    )
    study = Study(
        name="one diverges",
        data=(X * 1e30, Y),
        sampler=sampler,
        fixed={"batch_size": 30},
        metrics=METRICS,
        halving=HALVING,
    )
    results = study.run(tmp_path, jobs=2)
    failed = [(t.settings["number"], t.settings["epochs"]) for t, r in results.pairs if r.error]
    assert (0, 2) in failed
    assert {epochs for _, epochs in failed} == {2}


FILES = {
    "grid": "[grid]\nhidden_layer_sizes = [[4], [6]]\nsolver = ['sgd', 'adam']",
    "grids": "[[grid]]\nsolver = ['sgd']\nmomentum = [0.5, 0.9]\n[[grid]]\nsolver = ['adam']",
    "candidates": "[[candidates]]\nactivation = 'tanh'\nalpha = 0.1\n[[candidates]]",
    "random": (
        "[random]\nn = 3\nseed = 1\nhidden_layer_sizes = [[4], [6, 4]]\n"
        "learning_rate_init = {low = 1e-3, high = 0.1, log = true}"
    ),
    "optuna": (
        "[optuna]\nn = 5\nseed = 1\nbatch = 2\nhidden_layer_sizes = {choice = [[4], [6, 4]]}\n"
        "learning_rate_init = {low = 1e-3, high = 0.1, log = true}"
    ),
}


@pytest.mark.parametrize("sampler", FILES)
def test_a_file_says_the_same_as_python(sampler, tmp_path):
    file = tmp_path / "study.toml"
    table = np.column_stack([X, Y])
    header = ",".join([*(f"x{i}" for i in range(X.shape[1])), "digit"])
    np.savetxt(tmp_path / "digits.csv", table, "%d", ",", header=header, comments="")
    file.write_text(
        "name = 'end to end'\ndata = 'digits.csv'\ntarget = 'digit'\nseeds = [0, 7]\n"
        "metrics = ['accuracy', 'neg_log_loss']\n"
        f"[fixed]\nbatch_size = 30\nmax_iter = 3\n{FILES[sampler]}\n[evaluation]\nfraction = 0.25\n"
    )
    study = Study.from_toml(file)
    assert study.sampler == SAMPLERS[sampler]
    assert Study.from_dict(study.to_dict()) == study
    results = study.run(tmp_path / "out")
    assert [one.number for one in sorted(results.candidates(), key=lambda one: one.number)] == [
        *range(COUNTS[sampler])
    ]
