import numpy as np
import pytest

from chainrule.datasets import Dataset, load_mnist
from chainrule.reproduction.results import configuration
from chainrule.reproduction.section import Scope
from chainrule.reproduction.section_b.experiments import (
    ABLATIONS,
    COST,
    FAULTY,
    INITIALISATIONS,
    LAYER_SIZES,
    OVERFITTING,
    SETTINGS,
    STUDIED,
    execute,
    is_studied,
    majority_share,
    network,
    trials,
)
from chainrule.study.trial import TrialResult


def trials_of(seeds, settings, data):
    return trials(Scope(seeds, {"B": settings}), data)


def find(plan, *names):
    return next(trial for trial in plan if trial.configuration == configuration(*names))


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


def test_every_configuration_is_trained_with_every_seed(data):
    plan = trials_of((3, 4), FULL, data)
    assert len(plan) == 2 * (5 * 3 + len(ABLATIONS) + 2)
    assert len({trial.id for trial in plan}) == len(plan)
    assert {trial.data for trial in plan} == {data.digest}
    assert {trial.seed for trial in plan} == {3, 4}


def test_a_trial_is_measured_on_the_test_images(data):
    settings = {**FULL, "epochs": 2, "batch_size": 20}
    trial = find(trials_of((0,), settings, data), "leaky_relu", "normal")
    result = execute(trial, data, [])
    assert result.error is None
    assert len(result.epochs) == 2
    net = network(**trial.settings["fixed"], **trial.settings["candidate"], random_state=0)
    net.fit(data.X_train, data.y_train)
    assert result.metrics["test_accuracy"] == net.score(data.X_test, data.y_test)
    assert result.metrics["test_loss"] == net.compute_loss(data.X_test, data.y_test)
    best = result.metrics["best_epoch"]
    assert result.metrics["test_accuracies"][best - 1] == result.metrics["test_accuracy"]


def test_a_trial_that_diverges_is_a_result_with_an_error(data):
    settings = {**FULL, "epochs": 5, "learning_rate": 1e12}
    trial = find(trials_of((0,), settings, data), "relu", "normal")
    result = execute(trial, data, [])
    assert result.error.startswith("DivergenceError: training diverged in epoch ")
    assert result.epochs == []
    assert "restored_accuracy" not in result.metrics  # it did not get through the first epoch


def test_a_trial_that_diverges_later_keeps_epochs_and_its_best_weights(data):
    settings = {**FULL, "epochs": 60, "learning_rate": 0.5, "batch_size": 20}
    trial = find(trials_of((0,), settings, data), FAULTY.name, "normal")
    result = execute(trial, data, [])
    assert result.error.startswith("DivergenceError: training diverged in epoch ")
    assert len(result.epochs) >= 1
    assert 0 <= result.metrics["restored_accuracy"] <= 1
    assert "test_accuracy" not in result.metrics
    assert len(result.metrics["test_accuracies"]) == len(result.epochs)


def seen(data, activation, weight_init, **changes):
    """What the probe saw of a training on all of the tiny data."""
    settings = {**FULL, "epochs": 2, "batch_size": 20, **changes}
    return execute(find(trials_of((7,), settings, data), activation, weight_init), data, []).metrics


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


@pytest.mark.parametrize("names", ABLATIONS, ids=configuration)
def test_an_ablation_is_trained_as_the_report_s_networks_are(data, names):
    settings = {**FULL, "epochs": 2, "batch_size": 20}
    plan = trials_of((0,), settings, data)
    trial, usual = find(plan, *names), find(plan, "sigmoid", "normal")
    assert trial.settings["fixed"] == usual.settings["fixed"]
    result = execute(trial, data, [])
    assert result.error is None
    assert not is_studied(result)
    assert len(result.metrics["gradient_sizes"]) == 3


def test_wide_weights_are_four_times_the_normal_ones(data):
    settings = {**FULL, "epochs": 1, "learning_rate": 1e-30}
    del settings["train_samples"]
    narrow, wide = (
        network(activation="sigmoid", weight_init=init, random_state=3, **settings)
        for init in ("normal", "wide normal")
    )
    narrow.fit(data.X_train, data.y_train)
    wide.fit(data.X_train, data.y_train)
    np.testing.assert_allclose(wide.params_.W[1], 4 * narrow.params_.W[1], rtol=1e-6)


def test_what_overfits_learns_fast_long_and_unstopped(data):
    settings = {**FULL, "epochs": 4, "batch_size": 20}
    trial = find(trials_of((0,), settings, data), *OVERFITTING)
    assert trial.settings["fixed"] == {
        **{name: settings[name] for name in ("batch_size", "clip_value", "validation_fraction")},
        "learning_rate": 0.1,
        "epochs": 10,
        "patience": None,
    }
    result = execute(trial, data, [])
    assert len(result.epochs) == 10
    assert all(row.validation_loss for row in result.epochs)
    assert not is_studied(result)


def test_the_report_s_activations_are_timed(data):
    result = execute(find(trials_of((0,), FULL, data), *COST), data, [])
    assert result.error is None
    assert result.epochs == []
    for name in ("element_seconds", "epoch_seconds", "element_ratios", "epoch_ratios"):
        assert result.metrics[name].keys() == STUDIED.keys()
        assert all(value > 0 for value in result.metrics[name].values())


def test_only_the_report_s_twelve_are_studied(data):
    runs = [TrialResult("id", t.configuration, 0) for t in trials_of((0,), FULL, data)]
    assert sum(map(is_studied, runs)) == 12


def test_the_largest_class_of_mnist_s_test_labels(data):
    assert majority_share(data) == pytest.approx(12 / 30)
    assert majority_share(load_mnist()) == 0.1135
