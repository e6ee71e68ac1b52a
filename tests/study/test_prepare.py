import numpy as np
import pytest

from chainrule.engine.activations import LeakyRelu
from chainrule.errors import InvalidValueError
from chainrule.study import Grid, Halving, HeldOut, Listed, Optuna, Study, Uniform
from chainrule.study.prepare import prepare

X = np.arange(120.0).reshape(40, 3)
LABELS = np.arange(40) % 2


def study(y=LABELS, **more):
    return Study(**{"name": "n", "data": (X, y), "sampler": Listed([{}])} | more)


def trial_of(**more):
    (trial,) = prepare(study(**more)).plan({})
    return trial


@pytest.mark.parametrize(
    ("more", "metrics"),
    [
        ({}, ("accuracy", "neg_log_loss")),
        ({"y": X[:, 0] + 0.5}, ("r2", "neg_root_mean_squared_error")),
        ({"data": X, "task": "autoencoder"}, ("score",)),
        ({"metrics": "roc_auc"}, ("roc_auc",)),
    ],
)
def test_metrics_are_the_study_s_or_usual_for_its_task(more, metrics):
    assert prepare(study(**more)).metrics == metrics


@pytest.mark.parametrize(
    ("y", "metric", "reason"),
    [
        (
            np.arange(40) % 3,
            "f1",
            "Target is multiclass but average='binary'. Please choose another average setting, one "
            "of [None, 'micro', 'macro', 'weighted']",
        ),
        (np.arange(40) % 3, "roc_auc", "multi_class must be in ('ovo', 'ovr')"),
    ],
)
def test_metrics_that_cannot_judge_the_targets_are_refused(message_of, y, metric, reason):
    assert message_of(InvalidValueError, prepare, study(y, metrics=metric)) == (
        f"metrics must be able to judge the study's targets ({reason}), got '{metric}': choose "
        "another metric"
    )


def test_a_trial_has_all_that_decides_its_result():
    trial = trial_of(fixed={"alpha": 0.5, "hidden_layer_sizes": (4,)}, seeds=[7])
    assert trial.settings == {
        "estimator": "MLPClassifier",
        "fixed": {"alpha": 0.5, "hidden_layer_sizes": [4]},
        "metrics": ["accuracy", "neg_log_loss"],
        "evaluation": {"fraction": 0.2, "seed": 0, "each_epoch": False},
        "candidate": {},
        "number": 0,
    }
    assert (trial.section, trial.seed) == ("study", 7)


def test_what_does_not_decide_changes_no_trial():
    assert trial_of(name="another").id == trial_of().id
    assert trial_of(fixed={"hidden_layer_sizes": [4]}).id == (
        trial_of(fixed={"hidden_layer_sizes": (4,)}).id
    )


def test_what_decides_makes_another_trial():
    changes = [
        {},
        {"seeds": [1]},
        {"fixed": {"alpha": 1}},
        {"fixed": {"activation": LeakyRelu(0.1)}},
        {"fixed": {"activation": LeakyRelu(0.2)}},
        {"evaluation": HeldOut(0.3)},
        {"metrics": "accuracy"},
        {"measure": len},
        {"callbacks": list},
        {"y": 1 - LABELS},
    ]
    assert len({trial_of(**change).id for change in changes}) == len(changes)


def refusal(**more):
    return lambda: prepare(study(**more))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            refusal(estimator="MLPRegressor", metrics="neg_log_loss"),
            "metrics must call methods that MLPRegressor has, got neg_log_loss, which calls "
            "predict_proba: choose another metric",
        ),
        (
            # Each value goes with the first of the other's, and two of them not with each other.
            refusal(
                sampler=Grid({"hidden_layer_sizes": [[4], [4, 4]], "dropout": [0.0, [0.1, 0.1]]})
            ),
            "candidates must be what MLPClassifier takes (dropout must be one number, or a list of "
            "1, one for each hidden layer, got [0.1, 0.1]: change it or hidden_layer_sizes), got "
            "dropout=[0.1, 0.1], hidden_layer_sizes=[4]: change the value",
        ),
        (
            refusal(sampler=Optuna(4, {"alpha": Uniform(-2.0, -1.0)}, batch=1)),
            None,
        ),
        (
            refusal(halving=Halving(1, 3), sampler=Optuna(4, {"alpha": Uniform(0.1, 0.2)})),
            "halving needs candidates that are known from the start, got Optuna: use a grid, "
            "candidates or random, or drop halving",
        ),
        (
            refusal(halving=Halving(1, 3), fixed={"solver": "lbfgs"}),
            "halving needs a solver that has epochs, got lbfgs in as is: choose another solver, or "
            "drop halving",
        ),
    ],
)
def test_what_cannot_be_run_is_refused(call, message, message_of):
    found = message_of(InvalidValueError, call)
    if message is None:  # the value is drawn
        assert found.startswith("candidates must be what MLPClassifier takes (The 'alpha' ")
    else:
        assert found == message


def test_few_rows_refuse_nothing_that_all_rows_would_not():
    y = np.zeros(3000, int)
    y[1::1000] = 1  # none of the rows that are tried
    prepared = prepare(
        study(data=(np.zeros((3000, 2)), y), fixed={"batch_size": 2000, "class_weight": {1: 2}})
    )
    assert len(prepared.plan({})) == 1
