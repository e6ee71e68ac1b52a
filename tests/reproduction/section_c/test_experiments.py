from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from chainrule import MLPAutoencoder, MLPClassifier
from chainrule.errors import TrainingInterrupted
from chainrule.reproduction.section import Scope
from chainrule.reproduction.section_c import experiments
from chainrule.reproduction.section_c.data import Data
from chainrule.reproduction.section_c.experiments import execute
from chainrule.reproduction.section_c.settings import HIDDEN, MIRRORED, SETTINGS
from chainrule.reproduction.settings import values
from chainrule.training.callbacks import Callback, StopWhen

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
FULL = values(SETTINGS, False, {})


def result(done, name, seed=3):
    return next(r for r in done if (r.configuration, r.seed) == (name, seed))


def trial(planned, name, seed=3):
    return next(t for t in planned if (t.configuration, t.seed) == (name, seed))


def test_the_settings_are_the_report_s(data):
    assert FULL["C2"] == {"learning_rate": 2e-5, "batch_size": 128, "epochs": 100}
    assert (FULL["C4"]["learning_rate"], FULL["C4"]["epochs"]) == (2e-5, 100)
    assert FULL["C5"]["epochs"] == 200
    plan = experiments.trials(Scope((0,), FULL), data)
    fits = [t.configuration for t in plan if t.settings["experiment"] == "C3"]
    assert len([name for name in fits if "complete" not in name and "refit" not in name]) == 54
    assert HIDDEN == (128, 64, 32)
    assert MIRRORED == (128, 64, 32, 64, 128)


def test_every_experiment_is_run_with_every_seed_and_library(planned):
    assert len({trial.id for trial in planned}) == len(planned)
    counts = Counter((t.settings["experiment"], t.settings["library"], t.seed) for t in planned)
    for library, own in (("chainrule", 1), ("scikit-learn", 0)):
        for seed in (3, 5):
            # Ours has a few more, for the report's reasons.
            assert counts["C2", library, seed] == 4 + own
            assert counts["C4", library, seed] == 2 + 2 * own
            assert counts["C5", library, seed] == 6 + 2 * own
        # 2 batch sizes, 3 rates, 3 folds; the refit; 3 folds of the complete data; one seed only.
        assert counts["C3", library, 3] == 2 * 3 * 3 + 1 + 3
        assert counts["C3", library, 5] == 0


@pytest.mark.parametrize("name", ["C2, relu", "C4, relu", "C2, relu, scikit-learn"])
def test_a_training_that_diverges_is_a_result_with_an_error(planned, data, name):
    found = trial(planned, name)
    wild = replace(found, settings={**found.settings, "learning_rate": 1e30})
    with np.errstate(all="ignore"):
        result = execute(wild, data, [])
    assert result.error.startswith("training diverged: ")
    assert (result.metrics, result.epochs) == ({}, [])


def test_another_error_of_a_fit_is_not_hidden(planned, data):
    found = trial(planned, "C2, relu")
    wrong = replace(found, settings={**found.settings, "activation": "rleu"})
    with pytest.raises(ValueError, match="rleu"):
        execute(wrong, data, [])


@pytest.mark.parametrize("name", ["C3, refit", "C3, refit, scikit-learn"])
def test_of_the_grid_s_fits_only_divergence_is_a_result(planned, data, name):
    found = trial(planned, name)

    def of(**values):
        candidate = {**found.settings["candidate"], **values}
        changed = replace(found, settings={**found.settings, "candidate": candidate})
        return execute(changed, data, [])

    with np.errstate(all="ignore"):
        assert "ValueError: " in of(learning_rate_init=1e300).error
    with pytest.raises(RuntimeError, match=r"C3, refit.*seed 3: .*adamm"):
        of(solver="adamm")


def test_without_the_complete_data_nothing_is_trained_on_it(scope, data):
    plan = experiments.trials(scope, Data.of(data.images))
    assert not [t for t in plan if "complete" in t.configuration]


def test_an_activation_is_measured_on_the_test_images(done, data):
    found = result(done, "C2, tanh")
    net = MLPClassifier(
        (128, 64, 32),
        "tanh",
        batch_size=128,
        learning_rate_init=2e-5,
        max_iter=3,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=3,
    ).fit(data.X_train, data.images.y_train, X_val=data.X_test, y_val=data.images.y_test)
    assert found.metrics["test_accuracy"] == net.score(data.X_test, data.images.y_test)
    losses = [row.validation_loss for row in found.epochs]
    assert losses == pytest.approx(net.history_.column("validation_loss"), rel=1e-6)
    assert np.sum(found.metrics["confusion"]) == 60
    assert found.error is None


def test_an_autoencoder_is_measured_on_the_test_images(done, data):
    found = result(done, "C4, relu")
    net = MLPAutoencoder(
        (128, 64, 32),
        "relu",
        batch_size=200,
        learning_rate_init=2e-5,
        max_iter=3,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=3,
    ).fit(data.X_train, X_val=data.X_test)
    error = np.square(net.reconstruct(data.X_test) - data.X_test).mean()
    assert found.metrics["test_mse"] == pytest.approx(error, rel=1e-5)
    assert found.epochs[-1].validation_loss == pytest.approx(error / 2, rel=1e-5)


def test_the_ids_of_the_report_s_own_trainings_are_not_changed_by_ours(planned):
    """A store's trials are found again by what decides them."""
    own = {"experiment", "library", "train_samples", "learning_rate", "batch_size", "epochs"}
    assert set(trial(planned, "C4, relu").settings) == own | {"activation"}
    assert set(trial(planned, "C2, relu").settings) == own | {"activation"}


def test_dead_units_are_those_of_the_network_of_each_epoch(done, data):
    found = result(done, "C2, relu")
    kept = []

    class Keep(Callback):
        def epoch_end(self, progress):
            kept.append([(W.copy(), b.copy()) for W, b in zip(*of(progress.params), strict=True)])
            return False

    def of(params):
        return params.W, params.b

    MLPClassifier(
        (128, 64, 32),
        batch_size=128,
        learning_rate_init=2e-5,
        max_iter=3,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=3,
        dtype="float32",
        callbacks=[Keep()],
    ).fit(data.X_train, data.images.y_train)
    for epoch, layers in enumerate(kept):
        h = data.X_train
        for layer, (W, b) in enumerate(layers[:-1]):
            h = np.maximum(h @ W + b, 0)
            dead = (h.max(axis=0) == 0).mean()
            assert found.metrics["dead_share_by_layer"][layer][epoch] == pytest.approx(dead)
    assert len(found.metrics["zero_share"]) == 3
    assert "dead_share" not in result(done, "C2, leaky_relu").metrics
    assert "dead_share" not in result(done, "C2, relu, scikit-learn").metrics


def test_other_layers_are_trained_as_the_report_s(done, data):
    found = result(done, "C4, relu 135-32-135")
    net = MLPAutoencoder(
        (135, 32),  # mirrored
        "relu",
        batch_size=200,
        learning_rate_init=2e-5,
        max_iter=3,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=3,
    ).fit(data.X_train)
    error = np.square(net.reconstruct(data.X_test) - data.X_test).mean()
    assert found.metrics["test_mse"] == pytest.approx(error, rel=1e-5)
    assert 0 < found.metrics["edges_share"] < 1


def test_the_small_classifier_gets_pixels_and_principal_components(done, data):
    shapes = {
        "pixels in the small classifier": [[400, 784], [60, 784]],
        "principal components": [[400, 32], [60, 32]],
    }
    for name, wanted in shapes.items():
        assert result(done, f"C5, {name}, 0.001").metrics["shapes"] == wanted
    net = MLPClassifier(
        (32, 32), "relu", batch_size=200, max_iter=3, random_state=3, dtype="float32"
    ).fit(data.X_train, data.images.y_train)
    found = result(done, "C5, pixels in the small classifier, 0.001").metrics
    assert found["train_accuracy"] == net.score(data.X_train, data.images.y_train)
    assert found["test_accuracy"] == net.score(data.X_test, data.images.y_test)


@pytest.mark.parametrize("ending", ["", ", scikit-learn"])
def test_features_are_the_bottleneck_s(done, ending):
    for name in ("relu", "identity"):
        shapes = result(done, f"C5, {name}, 0.001{ending}").metrics["shapes"]
        assert shapes == [[400, 32], [60, 32]]
    assert result(done, f"C5, pixels, 0.001{ending}").metrics["shapes"] == [[400, 784], [60, 784]]


def test_results_do_not_depend_on_what_ran_before(planned, done, data):
    fresh = Data.of(data.images)
    again = execute(trial(planned, "C5, relu, 0.001"), fresh, []).metrics
    before = result(done, "C5, relu, 0.001").metrics
    # Here BLAS may use all its threads, in a study one: the same but for float32's rounding.
    assert again["test_loss"] == pytest.approx(before["test_loss"], rel=1e-6)
    assert again | {"test_loss": 0} == before | {"test_loss": 0}


def test_the_two_libraries_agree_but_for_rounding(done):
    for name in ("C2, tanh", "C2, relu", "C5, pixels, 0.001"):
        ours, theirs = result(done, name), result(done, f"{name}, scikit-learn")
        assert ours.metrics["test_loss"] == pytest.approx(theirs.metrics["test_loss"], rel=0.05)
    assert result(done, "C4, relu").metrics["test_mse"] == pytest.approx(
        result(done, "C4, relu, scikit-learn").metrics["test_mse"], rel=0.05
    )


@pytest.mark.parametrize(
    "name", ["C2, relu, scikit-learn", "C4, relu, scikit-learn", "C3, refit, scikit-learn"]
)
def test_a_peer_tells_of_its_epochs_and_can_be_stopped(planned, data, name):
    class Ears(Callback):
        heard = ()

        def epoch_end(self, progress):
            self.heard = (*self.heard, progress.history.epochs[-1].epoch)
            return False

    ears = Ears()
    fresh = Data.of(data.images)
    stop = StopWhen(lambda: len(ears.heard) == 1)
    with pytest.raises(TrainingInterrupted):
        execute(trial(planned, name), fresh, [ears, stop])
    assert ears.heard == (1,)
