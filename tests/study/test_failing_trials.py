"""Studies of which some trials come to nothing: they say so, go on, and never rank them best."""

import numpy as np
import pytest
from sklearn.metrics import r2_score
from sklearn.neural_network import MLPRegressor as Theirs

from chainrule.study import Grid, Halving, HeldOut, Listed, Optuna, Study, ValidationData
from chainrule.study.prepare import prepare

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning"),
    pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning"),
]
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
Y = X[:, 0] + 0.1 * rng.normal(size=60)
TOO_LARGE = [10**14]  # more than a process can address: refused at once, whatever the machine
CANDIDATES = [
    {"hidden_layer_sizes": TOO_LARGE},
    {"hidden_layer_sizes": [4], "solver": "sgd", "learning_rate_init": 1e30},
    {"hidden_layer_sizes": [4]},
]


def study(**changes):
    given = {"name": "n", "data": (X, Y), "sampler": Listed(CANDIDATES), "metrics": ["r2"]}
    return Study(**{**given, **changes})


def errors_of(results):
    return {trial.settings["number"]: result.error for trial, result in results.pairs}


@pytest.mark.parametrize(
    ("changes", "backend"),
    [
        ({"fixed": {"max_iter": 2}}, "threads"),
        ({"fixed": {"max_iter": 2}}, "processes"),
        ({"halving": Halving(1, 2, 2)}, "threads"),
    ],
    ids=["threads", "processes", "halving"],
)
def test_what_diverges_or_does_not_fit_into_memory_is_its_trial_s_error(changes, backend, tmp_path):
    results = study(**changes).run(tmp_path, jobs=1, backend=backend)
    errors = errors_of(results)
    assert "allocate" in errors[0] or "memory" in errors[0]
    assert "finite" in errors[1]
    assert errors[2] is None
    assert [(one.number, one.rank, one.undefined) for one in results.candidates()] == [
        (2, 1, 0),
        (0, None, 0),
        (1, None, 0),
    ]


@pytest.mark.parametrize("metric", ["r2", "neg_mean_squared_error"])
def test_predictions_that_are_no_numbers_are_called_a_divergence(metric):
    class Diverged(Theirs):
        def predict(self, X):
            return np.full(len(X), np.nan)

    changes = {"estimator": Diverged, "sampler": Grid({"alpha": [0.0]}), "fixed": {"max_iter": 2}}
    ready = prepare(study(**changes, metrics=[metric]))
    (trial,) = ready.plan({})
    assert ready.execute(trial, ready.data, []).error == (
        "InvalidValueError: predictions must be finite, got NaN or infinity: the training "
        "diverged: lower the learning rate, or scale X and y"
    )


def test_a_search_is_told_that_a_candidate_failed(tmp_path):
    sampler = Optuna(3, {"hidden_layer_sizes": [TOO_LARGE, [2], [4]]}, batch=1)
    results = study(sampler=sampler, fixed={"max_iter": 2}).run(tmp_path, jobs=1)
    failed = [one for one in results.candidates() if one.rank is None]
    assert [one.values["hidden_layer_sizes"] for one in failed] == [TOO_LARGE]


def test_a_score_that_is_undefined_is_counted_and_its_trial_has_the_others(tmp_path):
    # R² of one row is undefined; its squared error is not.
    metrics = ["r2", "neg_mean_squared_error"]
    judged = ValidationData((X[:1], Y[:1]))
    sampler = Grid({"alpha": [0.0, 1.0]})
    fixed = {"hidden_layer_sizes": [2], "max_iter": 2}
    found = study(evaluation=judged, metrics=metrics, sampler=sampler, fixed=fixed)
    results = found.run(tmp_path, jobs=1)
    assert np.isnan(r2_score(Y[:1], Y[:1]))
    assert results.undefined() == 2
    assert [(one.rank, one.undefined) for one in results.candidates()] == [(None, 1)] * 2
    assert [one.rank for one in results.candidates("neg_mean_squared_error")] in ([1, 2], [1, 1])


def measured(found):
    ready = prepare(
        study(
            sampler=Grid({"alpha": [0.0]}),
            fixed={"hidden_layer_sizes": [2], "max_iter": 2},
            measure=lambda fit: found,
            evaluation=HeldOut(0.2),
        )
    )
    (trial,) = ready.plan({})
    return ready.execute(trial, ready.data, [])


def test_what_measure_finds_is_kept_as_json_has_it():
    found = {
        "a": np.float32(0.5),
        "b": np.arange(2),
        "c": [np.nan, (1,)],
        "d": -0.0,
        "e": {"f": "g"},
    }
    metrics = measured(found).metrics
    assert {name: metrics[name] for name in found} == {
        "a": 0.5, "b": [0, 1], "c": [None, [1]], "d": 0.0, "e": {"f": "g"},
    }  # fmt: skip
    assert str(metrics["d"]) == "0.0"


def test_what_json_cannot_hold_is_the_trial_s_error():
    assert measured({"a": object()}).error.startswith(
        "InvalidValueError: a of measure must be made of numbers, texts, lists and dictionaries"
    )
