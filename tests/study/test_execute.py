import pickle
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error
from sklearn.neural_network import MLPClassifier as Theirs

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor
from chainrule.datasets.tables import table_of
from chainrule.errors import DivergenceError, TrainingInterrupted
from chainrule.preparation import Preparation, inspect
from chainrule.study import Grid, Halving, HeldOut, Study, ValidationData
from chainrule.study.halving import Checkpoints
from chainrule.study.prepare import prepare
from chainrule.training.callbacks import Callback, StopWhen

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X, Y = load_digits(return_X_y=True)
X, Y = X[:300] / 16, Y[:300]
FIXED = {"hidden_layer_sizes": [8], "max_iter": 3}


def prepared(**more):
    values = {
        "name": "n",
        "data": (X, Y),
        "sampler": Grid({"activation": ["tanh"]}),
        "fixed": FIXED,
        "seeds": [5],
        "evaluation": HeldOut(0.2),
    }
    return prepare(Study(**values | more))


def result_of(ready, callbacks=()):
    (trial,) = ready.plan({})
    return ready.execute(trial, ready.data, list(callbacks))


def test_metrics_are_of_the_rows_that_judge_and_of_those_trained_on():
    ready = prepared()
    result = result_of(ready)
    split = ready.data.split(None)
    net = MLPClassifier([8], "tanh", max_iter=3, random_state=5).fit(split.X, split.y)
    assert result.metrics == {
        "accuracy": accuracy_score(split.y_val, net.predict(split.X_val)),
        "neg_log_loss": pytest.approx(
            -log_loss(split.y_val, net.predict_proba(split.X_val)), rel=1e-5
        ),
        "train_accuracy": accuracy_score(split.y, net.predict(split.X)),
        "train_neg_log_loss": pytest.approx(
            -log_loss(split.y, net.predict_proba(split.X)), rel=1e-5
        ),
        "fit_time": result.metrics["fit_time"],
        "score_time": result.metrics["score_time"],
    }
    assert result.metrics["fit_time"] > 0
    assert [row.train_loss for row in result.epochs] == net.history_.column("train_loss")
    assert result.epochs[0].validation_loss is None
    assert result.error is None


def test_each_epoch_is_measured_where_that_is_asked_for():
    result = result_of(prepared(evaluation=HeldOut(0.2, each_epoch=True)))
    assert all(row.validation_loss > 0 for row in result.epochs)


def test_any_class_with_scikit_learn_s_api_will_do():
    result = result_of(prepared(estimator=Theirs))
    ready = prepared(estimator=Theirs)
    split = ready.data.split(None)
    net = Theirs([8], "tanh", max_iter=3, random_state=5).fit(split.X, split.y)
    assert result.metrics["accuracy"] == net.score(split.X_val, split.y_val)
    assert [row.train_loss for row in result.epochs] == net.loss_curve_


def test_an_autoencoder_is_judged_by_what_comes_out_again():
    metrics = ["score", "neg_mean_squared_error"]
    ready = prepared(data=X, task="autoencoder", metrics=metrics)
    split = ready.data.split(None)
    net = MLPAutoencoder([8], "tanh", max_iter=3, random_state=5).fit(split.X)
    found = result_of(ready).metrics
    error = mean_squared_error(split.X_val, net.reconstruct(split.X_val))
    assert found["neg_mean_squared_error"] == pytest.approx(-error)
    assert found["score"] == net.score(split.X_val)


def test_a_table_s_regression_is_judged_in_the_target_s_units():
    X, y = load_diabetes(return_X_y=True)
    table = {f"x{i}": column for i, column in enumerate(X.T)} | {"y": 1000 + 50 * y}
    metrics = ["neg_mean_squared_error", "score"]
    ready = prepared(data=table, target="y", evaluation=ValidationData(table), metrics=metrics)
    found = result_of(ready).metrics
    preparation = Preparation.learn(inspect(table_of(table), target="y"))
    Z, scaled = preparation.rows(table_of(table))
    net = MLPRegressor(hidden_layer_sizes=[8], activation="tanh", max_iter=3, random_state=5).fit(
        Z, scaled
    )
    scale = preparation.target.scale
    wanted = scale**2 * mean_squared_error(scaled, net.predict(Z))
    assert found["neg_mean_squared_error"] == pytest.approx(-wanted, rel=1e-6)
    assert found["score"] == pytest.approx(net.score(Z, scaled), rel=1e-6)


def test_objects_among_the_fixed_parameters_are_used_and_tell_studies_apart():
    ids = set()
    for smooth in (0.0, 0.5):
        ready = prepared(fixed={**FIXED, "callbacks_": smooth}, estimator=Smooth)
        (trial,) = ready.plan({})
        ids.add(trial.id)
    assert len(ids) == 2
    sizes = prepared(fixed={"hidden_layer_sizes": (8,), "max_iter": 3})
    assert result_of(sizes).metrics["accuracy"] == result_of(prepared()).metrics["accuracy"]


class Smooth(MLPClassifier):
    def __init__(
        self, hidden_layer_sizes=(8,), max_iter=3, activation="relu", random_state=0, callbacks_=0.0
    ):
        super().__init__(hidden_layer_sizes, activation, max_iter=max_iter)
        self.random_state, self.callbacks_ = random_state, callbacks_


class Fails(Theirs):
    def fit(self, X, y):
        raise ArithmeticError("no\nluck")


class RunsOut(Theirs):
    def fit(self, X, y):
        raise MemoryError


def test_a_failed_training_is_a_result_with_its_error_on_one_line():
    result = result_of(prepared(estimator=Fails))
    assert (result.error, result.metrics, result.epochs) == ("ArithmeticError: no luck", {}, [])
    assert result_of(prepared(estimator=RunsOut)).error == "MemoryError"


class Count(Callback):
    def __init__(self):
        self.epochs = 0

    def epoch_end(self, progress):
        self.epochs += 1
        return False


def test_a_training_that_diverges_keeps_its_epochs():
    class Stops(Count):
        def epoch_end(self, progress):
            super().epoch_end(progress)
            if self.epochs == 2:
                raise DivergenceError(3, "the training loss", "lower the learning rate")
            return False

    result = result_of(prepared(callbacks=lambda fit: [Stops()]))
    assert result.error == (
        "DivergenceError: training diverged in epoch 3: the training loss is not finite; lower the "
        "learning rate"
    )
    assert (result.metrics, len(result.epochs)) == ({}, 2)


def count(fit):
    return [Count()]


def measure(fit):
    if fit.error is not None:
        return {"failed": str(fit.error)}
    return {"epochs": fit.callbacks[0].epochs, "layers": fit.estimator.n_layers_}


def test_a_study_s_own_callbacks_and_measures_are_used_and_can_be_pickled():
    ready = prepared(measure=measure, callbacks=count)
    ready = replace(ready, execute=pickle.loads(pickle.dumps(ready.execute)))
    found = result_of(ready).metrics
    assert (found["epochs"], found["layers"]) == (3, 3)
    failed = result_of(prepared(measure=measure, estimator=Fails))
    assert failed.metrics == {"failed": "no\nluck"}


def test_a_measure_that_fails_is_the_trial_s_error():
    result = result_of(prepared(measure=len))
    assert result.error == "TypeError: object of type 'Fit' has no len()"


def test_a_stop_reaches_the_training():
    with pytest.raises(TrainingInterrupted):
        result_of(prepared(), [StopWhen(lambda: True)])


def test_a_score_that_is_not_finite_is_none():
    class Infinite(Theirs):
        def score(self, X, y):
            return np.inf

    found = result_of(prepared(estimator=Infinite, metrics=["score"])).metrics
    assert found["score"] is None


def test_a_promoted_trial_goes_on_from_its_checkpoint_to_the_same_bits(tmp_path):
    halving = Halving(min_epochs=2, max_epochs=4, factor=2)
    sampler = Grid({"activation": ["tanh", "relu"]})
    ready = prepared(fixed={"hidden_layer_sizes": [8]}, sampler=sampler, halving=halving)
    anew, execute = ready.execute, replace(ready.execute, checkpoints=Checkpoints(tmp_path))
    first = {trial.id: execute(trial, ready.data, []) for trial in ready.plan({})}
    (promoted,) = ready.plan(first)[2:]
    seen = Count()
    found, wanted = execute(promoted, ready.data, [seen]), anew(promoted, ready.data, [])
    assert seen.epochs == 2
    assert [row.train_loss for row in found.epochs] == [row.train_loss for row in wanted.epochs]
    assert len(found.epochs) == 4
    assert found.metrics["neg_log_loss"] == wanted.metrics["neg_log_loss"]
