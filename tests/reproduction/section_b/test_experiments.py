import numpy as np
import pytest

from chainrule.datasets import Dataset, load_mnist
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.reproduction.section import Scope
from chainrule.reproduction.section_b.experiments import (
    FAULTY,
    INITIALISATIONS,
    LAYER_SIZES,
    SETTINGS,
    STUDIED,
    Probe,
    distinct_units,
    execute,
    majority_share,
    network,
    trials,
)
from chainrule.training.callbacks import Callback


def trials_of(seeds, settings, data):
    return trials(Scope(seeds, {"B": settings}), data)


FULL = {name: setting.full for name, setting in SETTINGS.items()}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (120, 784), dtype=np.uint8)
    y = np.arange(120) % 10
    return Dataset(
        name="tiny",
        X_train=X,
        y_train=y,
        X_test=X[:30],
        y_test=np.r_[y[:20], [1] * 10],
        class_names=tuple("0123456789"),
        image_shape=(28, 28),
    )


def test_the_settings_are_the_report_s():
    assert LAYER_SIZES == (784, 256, 128, 64, 32, 10)
    assert (FULL["learning_rate"], FULL["batch_size"], FULL["epochs"]) == (2e-3, 128, 40)
    assert (FULL["train_samples"], FULL["clip_value"]) == (60_000, 1e10)
    assert set(STUDIED) == {"sigmoid", "tanh", "relu", "leaky_relu"}
    assert INITIALISATIONS == ("zero", "random", "normal")
    assert STUDIED["leaky_relu"].slope == 0.01


def report_leaky_relu(x, alpha=0.01, derivative=False):
    """The function as the report defines it."""
    if derivative:
        return np.where(x > 0, 1, alpha)
    return np.where(x > 0, x, alpha * x)


def test_the_ablation_does_what_the_report_s_code_does(rng):
    z = rng.normal(size=(6, 5))
    delta = rng.normal(size=z.shape)
    a, scratch = np.empty_like(z), (np.empty_like(z), np.empty_like(z))
    FAULTY.forward(z, a, scratch)
    np.testing.assert_array_equal(a, report_leaky_relu(z))
    wanted = delta * report_leaky_relu(z, True)
    FAULTY.backward(z, a, delta, scratch)
    np.testing.assert_array_equal(delta, wanted)


def test_every_configuration_is_trained_with_every_seed(data):
    plan = trials_of((3, 4), FULL, data)
    assert len(plan) == 2 * 5 * 3
    assert len({trial.id for trial in plan}) == 30
    assert {trial.data for trial in plan} == {data.digest}
    assert {trial.seed for trial in plan} == {3, 4}


def test_a_trial_is_measured_on_the_test_images(data):
    settings = {**FULL, "epochs": 2, "batch_size": 20}
    trial = trials_of((0,), settings, data)[-1]
    result = execute(trial, data, [])
    assert result.error is None
    assert len(result.epochs) == 2
    net = network(**trial.settings["fixed"], **trial.settings["candidate"], random_state=0)
    net.fit(data.X_train, data.y_train)
    assert result.metrics["test_accuracy"] == net.score(data.X_test, data.y_test)
    assert result.metrics["test_loss"] == net.compute_loss(data.X_test, data.y_test)
    assert result.metrics["best_epoch"] in (1, 2)


def test_a_trial_that_diverges_is_a_result_with_an_error(data):
    settings = {**FULL, "epochs": 5, "learning_rate": 1e12}
    trial = next(t for t in trials_of((0,), settings, data) if t.configuration == "relu, normal")
    result = execute(trial, data, [])
    assert result.error.startswith("DivergenceError: training diverged in epoch ")
    assert result.epochs == []
    assert "restored_accuracy" not in result.metrics  # it did not get through the first epoch


def test_a_trial_that_diverges_later_keeps_epochs_and_its_best_weights(data):
    settings = {**FULL, "epochs": 60, "learning_rate": 0.5, "batch_size": 20}
    name = f"{FAULTY.name}, normal"
    trial = next(t for t in trials_of((0,), settings, data) if t.configuration == name)
    result = execute(trial, data, [])
    assert result.error.startswith("DivergenceError: training diverged in epoch ")
    assert len(result.epochs) >= 1
    assert 0 <= result.metrics["restored_accuracy"] <= 1
    assert "test_accuracy" not in result.metrics


def seen(data, activation, weight_init, **changes):
    """What the probe saw of a training on all of the tiny data."""
    settings = {**FULL, "epochs": 2, "batch_size": 20, **changes}
    plan = trials_of((7,), settings, data)
    trial = next(t for t in plan if t.configuration == f"{activation}, {weight_init}")
    return execute(trial, data, []).metrics


@pytest.mark.parametrize("activation", ["tanh", "relu", "leaky_relu"])
def test_from_zero_weights_no_weight_ever_receives_a_gradient(data, activation):
    measured = seen(data, activation, "zero")
    assert measured["gradient_norms"] == [[0.0] * 5] * 3
    assert measured["activation_stds"] == [[0.0] * 4] * 3


def test_sigmoid_passes_a_shrinking_gradient_down_and_little_that_differs_up(data):
    measured = seen(data, "sigmoid", "normal")
    norms, stds = measured["gradient_norms"][0], measured["activation_stds"][0]
    assert norms == sorted(norms)
    assert norms[0] < norms[-1] / 10
    assert stds == sorted(stds, reverse=True)


def test_the_probe_sees_the_network_that_is_trained(data):
    # One full batch and one step: the step divided by the learning rate is the first gradient.
    changes = {"epochs": 1, "batch_size": 120, "learning_rate": 1.0, "patience": None}
    settings = {**FULL, **changes, "activation": "relu", "weight_init": "normal"}
    del settings["train_samples"]
    rows = []

    class Weights(Callback):
        def train_begin(self, progress):
            rows.append([W.copy() for W in progress.params.W])

        def epoch_end(self, progress):
            rows.append([W.copy() for W in progress.params.W])
            return False

    net = network(**settings, random_state=7)
    probe = Probe(data.X_train, data.y_train)
    net.fit(data.X_train, data.y_train, callbacks=[probe, Weights()])
    steps = [np.linalg.norm(a - b) for a, b in zip(*rows, strict=True)]
    np.testing.assert_allclose(probe.measured["gradient_norms"][0], steps, rtol=1e-3)
    before, after = probe.measured["activation_stds"]
    hidden = np.maximum(data.X_train / 255 @ rows[0][0], 0)
    assert before[0] == pytest.approx(hidden.std(axis=0).mean(), rel=1e-4)
    assert before != after


def test_units_with_equal_incoming_weights_are_one():
    params = Parameters(NetworkSpec.of((3, 4, 2, 2), "relu"))
    params.W[0][...] = [[1, 1, 2, 1], [0, 0, 0, 5], [0, 0, 0, 0]]
    assert distinct_units(params) == [3, 1]


def test_the_largest_class_of_mnist_s_test_labels(data):
    assert majority_share(data) == pytest.approx(12 / 30)
    assert majority_share(load_mnist()) == 0.1135
