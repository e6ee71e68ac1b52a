import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import HalvingGridSearchCV

from chainrule import MLPClassifier, MLPRegressor, NeuralNetwork
from chainrule.engine.schedules import Cosine
from chainrule.errors import InvalidValueError
from chainrule.study.halving import Checkpoints, Halving, HalvingPlan
from chainrule.study.plan import Design
from chainrule.study.sampling import Grid, Optuna
from chainrule.study.trial import TrialResult
from chainrule.training import checkpoint
from chainrule.training.callbacks import Callback

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# -- how many candidates, for how many epochs ------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 8, 9, 10, 26, 28, 100])
@pytest.mark.parametrize(("factor", "least", "most"), [(3, 5, 45), (2, 1, 9), (4, 3, 200)])
def test_rungs_are_scikit_learns(n, factor, least, most):
    class Named(ClassifierMixin, BaseEstimator):
        def __init__(self, name=0, max_iter=1):
            self.name, self.max_iter = name, max_iter

        def fit(self, X, y):
            self.classes_ = np.unique(y)
            return self

        def score(self, X, y):
            return -self.name

    search = HalvingGridSearchCV(
        Named(),
        {"name": range(n)},
        resource="max_iter",
        factor=factor,
        min_resources=least,
        max_resources=most,
        cv=2,
        refit=False,
        scoring=Named.score,
    ).fit(*make_classification(20, random_state=0))
    rungs = Halving(least, most, factor).rungs(n)
    assert [rung.candidates for rung in rungs] == search.n_candidates_
    assert [rung.epochs for rung in rungs] == search.n_resources_


@given(st.integers(1, 10**6), st.integers(2, 9), st.integers(1, 50), st.integers(1, 10**5))
@example(243, 3, 1, 243)  # log(243, 3) is 4.999999999999999
@example(1000, 10, 1, 1000)
def test_each_rung_has_a_share_of_the_candidates_and_more_epochs(n, factor, least, more):
    halving = Halving(least, least * factor + more, factor)
    rungs = halving.rungs(n)
    for k, rung in enumerate(rungs):
        assert rung.epochs == least * factor**k <= halving.max_epochs
        assert rung.candidates == -(-n // factor**k)  # the ceiling, once or many times
    k = len(rungs)
    assert n // factor**k == 0 or least * factor**k > halving.max_epochs


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Halving(0, 9),
            "min_epochs in halving must be an integer of at least 1, got 0: change it",
        ),
        (
            lambda: Halving(1, 9, 1.5),
            "factor in halving must be an integer of at least 2, got 1.5: change it",
        ),
        (
            lambda: Halving(5, 14),
            "max_epochs in halving must be at least factor times min_epochs, 15, got 14: raise it, "
            "or lower min_epochs",
        ),
        (lambda: Halving.from_toml(3), "halving must be a table, got 3: write [halving]"),
        (
            lambda: Halving.from_toml({"min_epochs": 3}),
            "halving must have max_epochs, got min_epochs: add max_epochs = …",
        ),
        (
            lambda: Halving.from_toml({"min_epoch": 3}),
            "a key of halving must be one of factor, min_epochs, max_epochs, got 'min_epoch': did "
            'you mean "min_epochs"?',
        ),
        (
            lambda: HalvingPlan(Halving(1, 9), Optuna(3, {"x": [1, 2, 3]}), DESIGN, "accuracy"),
            "halving needs candidates that are known from the start, got Optuna: use a grid, "
            "candidates or random, or drop halving",
        ),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(InvalidValueError) as caught:
        make()
    assert str(caught.value) == message


def test_from_its_table_and_back():
    table = {"factor": 3, "min_epochs": 5, "max_epochs": 45}
    assert Halving.from_toml(table) == Halving(5, 45)
    assert Halving(5, 45).to_toml() == table


@pytest.mark.parametrize(
    ("make", "parameters", "message"),
    [
        (MLPClassifier, {}, None),
        (MLPClassifier, {"learning_rate": "step", "solver": "sgd"}, None),
        (MLPRegressor, {"learning_rate": Cosine(0.1, total_steps=90)}, None),
        (LogisticRegression, {"solver": "lbfgs"}, None),
        (
            MLPRegressor,
            {"max_iter": 9},
            "max_iter must be left to halving, got 9: drop it",
        ),
        (
            MLPClassifier,
            {"solver": "lbfgs"},
            "halving needs a solver that has epochs, got lbfgs in HERE: choose another solver, or "
            "drop halving",
        ),
        (
            MLPClassifier,
            {"learning_rate": "one_cycle"},
            "halving needs a learning_rate that does not depend on max_iter, got one_cycle in "
            'HERE: choose another, such as "constant" or "step", or drop halving',
        ),
        (
            NeuralNetwork,
            {},
            "halving needs an estimator with max_iter, which it raises, got NeuralNetwork: choose "
            "another, or drop halving",
        ),
    ],
)
def test_where_a_longer_training_does_not_begin_as_a_shorter_one(make, parameters, message):
    found = None
    try:
        Halving(1, 9).check(make, parameters, "HERE")
    except InvalidValueError as error:
        found = str(error)
    assert found == message


# -- which candidates go on ------------------------------------------------------------------------

SETTINGS = {"estimator": "MLPClassifier", "fixed": {}, "metrics": ["accuracy"]}
DESIGN = Design("s", SETTINGS, "data", seeds=(0, 1), folds=2)


def result(trial, **metrics):
    return TrialResult(trial.id, trial.configuration, trial.seed, metrics)


def run(plan, execute, results=None):
    """Run a plan as the runner does, and return results and the trials in the order of starting."""
    results, started = dict(results or {}), []
    while waiting := [trial for trial in plan(results) if trial.id not in results]:
        started += waiting
        results |= {trial.id: execute(trial) for trial in waiting}
    return results, started


SCORES = st.lists(st.none() | st.integers(0, 6), min_size=1, max_size=30)


@given(SCORES, st.integers(2, 4), st.randoms())
def test_rungs_lose_and_double_no_candidate(scores, factor, random):
    plan = HalvingPlan(
        Halving(2, 2 * factor**2, factor),
        Grid({"x": list(range(len(scores)))}),
        DESIGN,
        "accuracy",
    )
    # Each epoch count has an order of its own, as learning curves cross.
    known = {}

    def execute(trial):
        key = trial.settings["number"], trial.settings["epochs"]
        fails = scores[key[0]] is None and key[1] > 2
        value = known.setdefault(key, random.randint(0, 3))
        return result(trial, **({} if fails else {"accuracy": value}))

    results, started = run(plan, execute)
    assert len(started) == len({trial.id for trial in started}) == len(results)
    left = set(range(len(scores)))
    for rung in plan.halving.rungs(len(scores)):
        trials = [trial for trial in started if trial.settings["epochs"] == rung.epochs]
        assert {trial.settings["number"] for trial in trials} == left
        assert len(left) <= rung.candidates
        each = [(t.settings["number"], t.seed, t.settings["fold"]) for t in trials]
        assert each == [(n, seed, fold) for n in sorted(left) for seed in (0, 1) for fold in (0, 1)]
        fine = [n for n in left if scores[n] is not None or rung.epochs == 2]
        ranked = sorted(fine, key=lambda n: (-known[n, rung.epochs], n))
        left = set(ranked[: -(-rung.candidates // factor)])
    # A study that was killed comes to the same trials.
    assert [trial.id for trial in plan(results)] == [trial.id for trial in started]
    some = {name: results[name] for name in list(results)[: random.randint(0, len(results))]}
    assert [trial.id for trial in plan(some)] == [t.id for t in started][: len(plan(some))]


def test_the_mean_over_seeds_and_folds_decides():
    plan = HalvingPlan(Halving(1, 9), Grid({"x": [0, 1, 2]}), DESIGN, "accuracy")
    table = {0: [1.0, 0, 0, 0], 1: [0.4, 0.4, 0.4, 0.0], 2: [0.3, 0.3, 0.3, 0.1]}

    def execute(trial):
        values = table[trial.settings["number"]]
        return result(trial, accuracy=values[2 * trial.seed + trial.settings["fold"]])

    _, started = run(plan, execute)
    on_top = [trial for trial in started if trial.settings["epochs"] == 3]
    assert {trial.settings["number"] for trial in on_top} == {1}


def test_where_all_fail_nothing_goes_on():
    plan = HalvingPlan(Halving(1, 9), Grid({"x": [0, 1, 2]}), DESIGN, "accuracy")
    results, started = run(plan, result)
    assert len(started) == 12
    assert plan.waiting(results) == []


# -- checkpoints -----------------------------------------------------------------------------------

X, Y = make_classification(90, 6, n_classes=3, n_informative=4, random_state=0)
GRID = Grid(
    {
        "hidden_layer_sizes": [[5], [7]],
        "n_iter_no_change": [1, 9],  # the former stops in the middle of a rung
        "solver": ["sgd", "adam"],
    }
)
TRAINED = Design("s", SETTINGS, "data", seeds=(0, 1))
PLAN = HalvingPlan(Halving(2, 16, 2), GRID, TRAINED, "accuracy")


class Train:
    """Executes trials with checkpoints, and counts the epochs that ran."""

    def __init__(self, folder, callbacks=()):
        self.checkpoints, self.callbacks = Checkpoints(Path(folder)), callbacks
        self.epochs = 0

    def __call__(self, trial):
        def fit(path):
            estimator = MLPClassifier(
                **trial.settings["candidate"],
                max_iter=trial.settings["epochs"],
                batch_size=30,
                early_stopping=True,
                learning_rate_init=0.05,
                random_state=trial.seed,
                checkpoint=path,
                callbacks=[self, *self.callbacks],
            )
            return estimator.fit(X, Y)

        return self.result(trial, self.checkpoints.fit(trial, fit))

    def epoch_end(self, progress):
        self.epochs += 1
        return False

    def result(self, trial, net):
        rows = [tuple(row._replace(seconds=0)) for row in net.history_]
        weights = net._fitted.params.flat.tobytes().hex()
        return result(trial, accuracy=net.score(X, Y), rows=rows, weights=weights)

    def run(self, results=None):
        """Run the plan as a study does: what is of no use any more is removed round by round."""
        return run(self.swept, self, results)[0]

    def swept(self, results):
        trials = PLAN(results)
        self.checkpoints.sweep(PLAN.waiting(results))
        return trials


@pytest.fixture(scope="module")
def from_the_start(tmp_path_factory):
    """Return every result, each trained from its first epoch."""
    train = Train(tmp_path_factory.mktemp("none") / "absent")
    results = run(PLAN, train)[0]
    assert not train.checkpoints.folder.exists()
    return results


def epochs_of(results):
    """Return how many epochs trainings have that do not begin anew on each rung."""
    last = {}
    for trial in PLAN(results):
        key = trial.settings["number"], trial.seed
        last[key] = max(last.get(key, 0), len(results[trial.id].metrics["rows"]))
    return sum(last.values())


def test_the_trainings_are_what_they_should_be(from_the_start):
    lengths = {
        (trial.settings["epochs"], len(from_the_start[trial.id].metrics["rows"]))
        for trial in PLAN(from_the_start)
    }
    # Some go on, some have stopped on the rung below, some stop early on the last.
    assert {(4, 4), (8, 3), (8, 8), (16, 13), (16, 16)} <= lengths


def test_promoted_trials_go_on_to_the_same_bits(from_the_start, tmp_path):
    train = Train(tmp_path / "checkpoints")
    assert train.run() == from_the_start
    assert train.epochs == epochs_of(from_the_start)
    assert not train.checkpoints.folder.exists()


def first_rung(train):
    train.checkpoints.folder.mkdir()
    return {trial.id: train(trial) for trial in PLAN({})}


def test_a_checkpoint_is_kept_while_it_is_of_use(from_the_start, tmp_path):
    train = Train(tmp_path / "checkpoints")
    folder = train.checkpoints.folder
    results = first_rung(train)
    (folder / ".half a file").write_text("what a killed writer has left")
    train.checkpoints.sweep(PLAN.waiting({}))
    assert len(list(folder.iterdir())) == 16
    train.checkpoints.sweep(PLAN.waiting(results))
    promoted = [t for t in PLAN(results) if t.settings["epochs"] == 4]
    assert set(folder.iterdir()) == {train.checkpoints.path(trial) for trial in promoted}
    assert len(promoted) == 8
    results |= {trial.id: train(trial) for trial in promoted}
    assert PLAN(results) == PLAN(from_the_start)[: len(PLAN(results))]


@pytest.mark.parametrize("damage", ["missing", "damaged", "cut", "further"])
def test_without_a_checkpoint_that_is_of_use_it_begins_anew(damage, from_the_start, tmp_path):
    train = Train(tmp_path / "checkpoints")
    results = first_rung(train)
    for number, path in enumerate(sorted(train.checkpoints.folder.iterdir())):
        content = path.read_bytes()
        if damage == "missing":
            path.unlink()
        elif damage == "damaged":
            middle = len(content) // 2
            path.write_bytes(content[:middle] + b"?" * 40 + content[middle + 40 :])
        elif damage == "cut":
            path.write_bytes(content[: 100 * number])
    if damage == "further":  # what a study leaves that is run anew
        trained = [trial for trial in PLAN(from_the_start) if trial.settings["epochs"] > 2]
        for trial in trained:
            train(trial)
        results, train.epochs = {}, 0
    assert train.run(results) == from_the_start
    # The eight that are promoted run their two epochs twice, and from there on go on. Where some
    # checkpoints are further, those of the eight that are dropped are as they should be.
    assert train.epochs == epochs_of(from_the_start) + (16 if results else -16)


def test_a_folder_that_cannot_be_made_decides_nothing(from_the_start, tmp_path):
    (tmp_path / "file").touch()
    assert Train(tmp_path / "file" / "checkpoints").run() == from_the_start


def test_a_checkpoint_that_cannot_be_written_decides_nothing(from_the_start, tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "replace_file", full)
    train = Train(tmp_path / "checkpoints")
    assert train.run() == from_the_start


class Die(Callback):
    """Kills its process in the middle of an epoch."""

    def __init__(self, steps):
        self.left = steps

    def batch_end(self, progress):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def dying(folder):
    """Run the plan in processes that are killed again and again; what was finished is kept."""
    checkpoint.SECONDS = 0
    results = {}
    for steps in (20, 31, 2, 29, 40, 16, 10**6):
        read, write = os.pipe()
        child = os.fork()
        if not child:
            train = Train(folder, [Die(steps)])
            with os.fdopen(write, "w") as file:

                def tell(trial, train=train, file=file):
                    told = train(trial)
                    file.write(told.to_json() + "\n")
                    file.flush()
                    return told

                run(train.swept, tell, results)
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as file:
            told = [TrialResult.from_json(line) for line in file]
        results |= {one.trial_id: one for one in told}
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), len(results))
    print(*(one.to_json() for one in results.values()), sep="\n")


def test_a_study_that_is_killed_ends_as_one_that_is_not(from_the_start, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, tmp_path / "checkpoints"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = ran.stdout.splitlines()
    counts = [tuple(map(int, line.split())) for line in lines[:7]]
    assert [status for status, _ in counts] == [-signal.SIGKILL] * 6 + [0]
    found = {one.trial_id: one for one in map(TrialResult.from_json, lines[7:])}
    expected = {name: TrialResult.from_json(one.to_json()) for name, one in from_the_start.items()}
    assert found == expected
    assert counts[5][1] < len(expected)  # it was killed before the end


if __name__ == "__main__":
    dying(Path(sys.argv[1]))
