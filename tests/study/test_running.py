import json
import sqlite3

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from chainrule import MLPClassifier, NeuralNetwork
from chainrule.errors import InvalidValueError, StoreError, UnknownNameError
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
from chainrule.study.best import fit_best
from chainrule.study.folder import StudyFolder, is_running
from chainrule.study.running import differences
from chainrule.study.store import STORE, Store
from chainrule.study.trial import Trial, TrialResult

pytestmark = pytest.mark.filterwarnings("error")
rng = np.random.default_rng(0)
X = rng.normal(size=(90, 4))
Y = np.arange(90) % 3
X[:, 0] += 3 * Y
FIXED = {"hidden_layer_sizes": [4], "max_iter": 2}
GRID = {"activation": ["relu", "tanh"], "learning_rate_init": [0.1, 0.01]}


def network(activation, random_state):
    return NeuralNetwork(3, [4, 4, 3], 0.1, activation, "normal", 1, 4, random_state=random_state)


class Ears:
    def __init__(self):
        self.trained, self.planned, self.epochs = [], [], []

    def begin(self, trials):
        self.planned.append(trials)

    def started(self, trial):
        self.trained.append((trial.configuration, trial.seed, trial.settings.get("fold")))

    def epoch(self, trial, row, epochs):
        self.epochs.append(row.epoch)

    def finished(self, trial, result):
        pass


def study(**more):
    values = {
        "name": "n",
        "data": (X, Y),
        "sampler": Grid(GRID),
        "fixed": FIXED,
        "seeds": 2,
        "evaluation": HeldOut(0.2),
    }
    return Study(**values | more)


def trained(out, **more):
    """Run a study and return what was trained."""
    ears = Ears()
    study(**more).run(out, jobs=2, listener=ears)
    return ears.trained


def figures(results):
    return [
        (trial.id, {k: v for k, v in result.metrics.items() if "time" not in k})
        for trial, result in results.pairs
    ]


def test_every_candidate_is_trained_with_every_seed_and_fold(tmp_path):
    results = study(evaluation=CrossValidation(3)).run(tmp_path, jobs=1)
    frame = results.to_pandas()
    assert len(frame) == 4 * 2 * 3
    assert not frame.duplicated(["candidate", "seed", "fold"]).any()
    assert set(frame["fold"]) == {0, 1, 2}
    assert frame["accuracy"].between(0, 1).all()


def test_the_same_study_goes_on_and_trains_nothing_twice(tmp_path):
    assert len(trained(tmp_path)) == 8
    before = figures(StudyFolder.open(tmp_path).results)
    assert trained(tmp_path) == []
    assert figures(StudyFolder.open(tmp_path).results) == before


def test_more_seeds_and_more_candidates_are_trained_in_addition(tmp_path):
    trained(tmp_path)
    assert {seed for _, seed, _ in trained(tmp_path, seeds=3)} == {2}
    # A value before the others, so that all candidates get other numbers.
    more = Grid({**GRID, "activation": ["identity", "relu", "tanh"]})
    new = trained(tmp_path, seeds=3, sampler=more, name="renamed")
    assert {name.split(",")[0] for name, _, _ in new} == {"activation=identity"}
    results = StudyFolder.open(tmp_path).results
    assert len(results.candidates()) == 6
    assert sorted(one.number for one in results.candidates()) == list(range(6))
    assert {one.number: one.name for one in results.candidates()} == {
        one.number: one.name for one in more.candidates()
    }


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        ({"fixed": {**FIXED, "max_iter": 3}}, "fixed.max_iter"),
        ({"fixed": {**FIXED, "alpha": 3}}, "fixed.alpha"),
        ({"data": (X + 1, Y)}, "data_digest"),
        ({"metrics": ["accuracy"]}, "metrics"),
        ({"evaluation": HeldOut(0.3)}, "evaluation.fraction"),
        ({"seeds": [1, 2]}, "seeds"),
        ({"sampler": Listed([{"alpha": 1}])}, "choice of candidates"),
        ({"estimator": "MLPClassifier"}, "estimator"),
    ],
)
def test_another_study_is_refused_and_changes_nothing(tmp_path, change, differing, message_of):
    trained(tmp_path)
    before = (tmp_path / STORE).read_bytes()
    message = message_of(InvalidValueError, study(**change).run, tmp_path)
    assert message == (
        f"the folder {tmp_path} must be this study's, got one that differs in {differing}: choose "
        "another --out folder, or change the study back; only seeds and candidates may be added"
    )
    kept = sqlite3.connect(tmp_path / STORE).execute("SELECT count(*) FROM trials").fetchone()
    assert kept == (8,)
    assert len(before) == (tmp_path / STORE).stat().st_size


def test_a_study_that_ran_on_other_data_of_the_same_content_is_the_same(tmp_path):
    trained(tmp_path)
    assert trained(tmp_path, data=(X.copy(), Y.tolist())) == []


def test_differences_are_named_by_key():
    one = study().to_dict()
    assert differences(one, one) == []
    other = study(task="regression", halving=Halving(1, 3)).to_dict()
    assert differences(one, other) == ["task", "halving"]


@pytest.mark.parametrize(
    "sampler",
    [
        Random(3, {"alpha": {"low": 1e-4, "high": 1.0, "log": True}}, seed=1),
        Optuna(4, {"alpha": {"low": 1e-4, "high": 1.0, "log": True}}, seed=1, batch=2),
    ],
)
def test_results_depend_on_neither_jobs_nor_backend(tmp_path, sampler):
    one = study(sampler=sampler).run(tmp_path / "1", jobs=1)
    other = study(sampler=sampler).run(tmp_path / "2", jobs=2, backend="processes")
    assert figures(one) == figures(other)
    assert len(one.candidates()) == sampler.n


def test_halving_trains_the_better_ones_longer_and_leaves_no_checkpoints(tmp_path):
    fixed = {"hidden_layer_sizes": [4]}
    halving = Halving(min_epochs=1, max_epochs=4, factor=2)
    ears = Ears()
    results = study(fixed=fixed, halving=halving).run(tmp_path, listener=ears)
    # Two seeds of four candidates for an epoch; of two for one more; of one for two more.
    assert sorted(ears.epochs) == [1] * 8 + [2] * 4 + [3] * 2 + [4] * 2
    assert sorted(one.budget for one in results.candidates()) == [1, 1, 2, 4]
    assert not (tmp_path / "checkpoints").exists()
    best = fit_best(study(fixed=fixed, halving=halving), results)
    assert best.max_iter == 4


def test_a_trial_that_fails_is_recorded_and_the_study_goes_on(tmp_path):
    sampler = Listed([{"learning_rate_init": 0.1}, {"learning_rate_init": 1e300}])
    with np.errstate(all="ignore"):
        results = study(sampler=sampler, seeds=1).run(tmp_path)
    good, bad = results.candidates()
    assert (good.failed, bad.failed, bad.rank) == (0, 1, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"fixed": {"alpha": 1}, "sampler": Grid({"alpha": [1]})},
            "a parameter must be fixed or varied, not both, got 'alpha': drop one",
        ),
        (
            {"fixed": {"alfa": 1}},
            "fixed must set parameters of MLPClassifier, got 'alfa': did you mean \"alpha\"?",
        ),
        (
            {"sampler": Grid({"activation": ["relu", "rleu"]}), "estimator": network},
            f"candidates must be what {__name__}.network takes (activation must be one of sigmoid, "
            "tanh, relu, leaky_relu, elu, selu, gelu, silu, mish, softplus, identity, got 'rleu': "
            'did you mean "relu"?), got activation=rleu: change the value',
        ),
        (
            {"halving": Halving(1, 3)},
            "max_iter must be left to halving, got 2: drop it",
        ),
    ],
)
def test_what_is_refused_leaves_no_folder(tmp_path, change, message, message_of):
    out = tmp_path / "out"
    fixed = {} if change.get("estimator") else FIXED
    bad = study(**{"fixed": fixed} | change)
    assert message_of(InvalidValueError, bad.run, out) == message
    assert not out.exists()


def test_an_unknown_backend_is_refused(tmp_path):
    with pytest.raises(UnknownNameError, match="backend must be one of threads, processes"):
        study().run(tmp_path / "out", backend="thread")
    assert not (tmp_path / "out").exists()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path, message_of):
    path = tmp_path / "out"
    path.write_text("mine")
    message = message_of(InvalidValueError, study().run, path)
    assert message == f"out must be a folder, got '{path}': choose another"


@pytest.mark.parametrize("out", ["", None, "a\0b", 3])
def test_what_is_no_path_is_refused(out, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidValueError, match=r"out must .*: name a folder"):
        study().run(out)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_trials_is_refused(tmp_path, message_of):
    trial = Trial("B", "relu, normal", 0, {}, "digest")
    with Store(tmp_path / STORE) as store:
        store.save(trial, TrialResult(trial.id, trial.configuration, 0))
    assert message_of(InvalidValueError, study().run, tmp_path) == (
        f"the folder {tmp_path} must be a study's, got one with trials of something else: choose "
        "another --out folder"
    )


def test_a_second_run_in_the_same_folder_is_refused(tmp_path, message_of):
    with Store(tmp_path / STORE):
        assert is_running(tmp_path)
        message = message_of(StoreError, study().run, tmp_path)
    assert message.startswith(f"{tmp_path / STORE} is in use by process ")
    assert not is_running(tmp_path)


class TestFolder:
    def test_it_says_what_was_planned_and_what_came_of_it(self, tmp_path):
        results = study().run(tmp_path)
        folder = StudyFolder.open(tmp_path)
        assert folder.document["name"] == "n"
        assert folder.document["metrics"] == ["accuracy", "neg_log_loss"]
        assert (folder.planned, folder.writer) == (8, None)
        assert figures(folder.results) == figures(results)

    def test_it_can_be_read_while_a_run_goes_on(self, tmp_path):
        study().run(tmp_path)
        with Store(tmp_path / STORE):
            folder = StudyFolder.open(tmp_path)
        assert folder.writer.startswith("process ")

    def test_trials_that_are_no_more_of_the_plan_are_left_out(self, tmp_path):
        study().run(tmp_path)
        with Store(tmp_path / STORE) as store:
            planned = json.loads(store.noted("planned"))
            store.note("planned", json.dumps(planned[:3]))
        assert len(StudyFolder.open(tmp_path).results.pairs) == 3

    def test_another_folder_is_refused(self, tmp_path, message_of):
        assert message_of(InvalidValueError, StudyFolder.open, tmp_path) == (
            "the folder must be one that chainrule study run has written to (with "
            f"trials.sqlite), got '{tmp_path}': give the --out folder of a study"
        )
        with Store(tmp_path / STORE):
            pass
        assert message_of(InvalidValueError, StudyFolder.open, tmp_path) == (
            f"{tmp_path / STORE} must be a study's, got trials of something else: choose another"
        )

    def test_a_study_with_arrays_cannot_be_made_again_from_it(self, tmp_path, message_of):
        study().run(tmp_path)
        folder = StudyFolder.open(tmp_path)
        message = message_of(InvalidValueError, lambda: folder.study)
        assert message.startswith("the study must be one that a file can hold, got data must be")
        assert message.endswith(": it was run from Python: use it there")


class TestBest:
    def test_it_is_trained_with_the_first_seed_on_all_rows(self, tmp_path):
        ours = study(evaluation=ValidationData((X[:9], Y[:9])), seeds=[3, 4])
        results = ours.run(tmp_path)
        best = results.candidates("train_accuracy")[0]
        net = fit_best(ours, results, "train_accuracy")
        with pytest.warns(ConvergenceWarning):
            wanted = MLPClassifier(**FIXED, **best.values, random_state=3).fit(X, Y)
        np.testing.assert_array_equal(net.coefs_[0], wanted.coefs_[0])

    def test_of_a_table_it_comes_with_its_preparation(self, tmp_path):
        table = {"size": X[:, 0], "colour": [["r", "g", "b"][k] for k in Y], "label": Y}
        ours = study(data=table, target="label")
        model = fit_best(ours, ours.run(tmp_path))
        assert model.predict({"colour": ["r", "b"], "size": [0.0, 6.0]}).shape == (2,)

    def test_without_a_score_there_is_none(self, tmp_path, message_of):
        ours = study(sampler=Listed([{"learning_rate_init": 1e300}]), seeds=1)
        with np.errstate(all="ignore"):
            results = ours.run(tmp_path)
        assert message_of(InvalidValueError, fit_best, ours, results) == (
            "the study must have a candidate with a score, got 1 trials without one: look at the "
            "errors with chainrule study show"
        )
