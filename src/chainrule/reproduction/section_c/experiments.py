"""What section C trains: four activations, a grid search, two autoencoders, and their features.

Each experiment is one entry of :data:`EXPERIMENTS`: its trials, and what executes one. Where the
report is silent, settings are scikit-learn's defaults. What C5 builds on is C4's autoencoder of the
same seed: within a run it is trained once, and once more where a run goes on from a store.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.estimators.log_loss import log_loss
from chainrule.reproduction.looks import measure_looks, pack
from chainrule.reproduction.results import configuration, says_diverged
from chainrule.reproduction.section import Scope
from chainrule.reproduction.section_c import grid_search
from chainrule.reproduction.section_c.data import Data
from chainrule.reproduction.section_c.libraries import (
    LIBRARIES,
    OURS,
    Autoencoder,
    Classifier,
    Samples,
)
from chainrule.reproduction.section_c.measures import (
    DeadUnits,
    edges_share,
    principal_components,
    sharpness_share,
)
from chainrule.reproduction.section_c.settings import (
    ACTIVATIONS_COMPARED,
    AUTOENCODERS,
    COMPONENTS,
    FEATURE_HIDDEN,
    HIDDEN,
    INPUTS,
    LOOKED_AT,
    MIRRORED,
    NEVER_DEAD,
    OTHER_AUTOENCODERS,
    SECTION,
    SHOWN,
    SMALL_ON_PIXELS,
)
from chainrule.reproduction.section_c.trainings import ending, parameters, samples_of, steps
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback
from chainrule.training.history import Epoch


@dataclass(frozen=True)
class Experiment:
    """One experiment of the section.

    Attributes
    ----------
    trials : callable
        (scope, library, seed, data) -> list of Trial.
    execute : callable
        (trial, data, callbacks) -> TrialResult.
    """

    trials: Callable[[Scope, str, int, Data], list[Trial]]
    execute: Callable[[Trial, Data, Sequence[Callback]], TrialResult]


def trials(scope: Scope, data: Data) -> list[Trial]:
    """Return every training of the section, seed by seed."""
    return [
        trial
        for seed in scope.seeds
        for library in (OURS, *scope.peers)
        for experiment in EXPERIMENTS.values()
        for trial in experiment.trials(scope, library, seed, data)
    ]


def execute(trial: Trial, data: Data, callbacks: Sequence[Callback]) -> TrialResult:
    """Train and measure; a training that diverges is a result with an error."""
    return EXPERIMENTS[trial.settings["experiment"]].execute(trial, data, callbacks)


Measured = tuple[dict[str, Any], list[Epoch]]


def _measured(
    experiment: Callable[[Trial, Data, Sequence[Callback]], Measured],
    trial: Trial,
    data: Data,
    callbacks: Sequence[Callback],
) -> TrialResult:
    begun = perf_counter()
    metrics: dict[str, Any] = {}
    epochs: list[Epoch] = []
    error = None
    try:
        metrics, epochs = experiment(trial, data, callbacks)
    except ValueError as refusal:
        if not says_diverged(str(refusal)):
            raise
        error = f"training diverged: {refusal}"
    return TrialResult(
        trial_id=trial.id,
        configuration=trial.configuration,
        seed=trial.seed,
        metrics=metrics,
        epochs=epochs,
        seconds=perf_counter() - begun,
        error=error,
    )


def _trial(
    scope: Scope, experiment: str, library: str, seed: int, data: Data, *names: object, **more: Any
) -> Trial:
    settings = {
        "experiment": experiment,
        "library": library,
        **scope.settings["C"],
        **scope.settings[experiment],
        **more,
    }
    name = configuration(experiment, *names, *ending(library))
    return Trial(SECTION, name, seed, settings, data.images.digest)


def _classifier_metrics(net: Classifier, X: Array, y: Array) -> tuple[dict[str, Any], Array]:
    shares = net.model.predict_proba(X)
    metrics = {
        "test_accuracy": float((net.model.classes_[shares.argmax(axis=1)] == y).mean()),
        "test_loss": log_loss(net.model, X, y),
    }
    return metrics, shares


def _accuracy(net: Classifier, X: Array, y: Array) -> float:
    return float((net.model.predict(X) == y).mean())


# C2


def _activation_trials(scope: Scope, library: str, seed: int, data: Data) -> list[Trial]:
    names = (*ACTIVATIONS_COMPARED, NEVER_DEAD) if library == OURS else ACTIVATIONS_COMPARED
    return [_trial(scope, "C2", library, seed, data, name, activation=name) for name in names]


def _activation(trial: Trial, data: Data, callbacks: Sequence[Callback]) -> Measured:
    settings = trial.settings
    samples = samples_of(trial, data, validation=True)
    is_watched = (settings["library"], settings["activation"]) == (OURS, "relu")
    watching = [DeadUnits(samples.X[:LOOKED_AT])] if is_watched else []
    net = LIBRARIES[settings["library"]].fit_classifier(
        parameters(
            settings,
            trial.seed,
            hidden_layer_sizes=HIDDEN,
            activation=settings["activation"],
            **steps(settings),
        ),
        samples,
        [*callbacks, *watching],
    )
    metrics, shares = _classifier_metrics(net, data.X_test, data.images.y_test)
    metrics |= measure_looks(shares, data.images.y_test, net.model.coefs_[0])
    for watch in watching:
        metrics |= watch.metrics
    return metrics, net.epochs


# C4 and C5


def _autoencoder_trials(scope: Scope, library: str, seed: int, data: Data) -> list[Trial]:
    networks = {name: {"activation": name} for name in AUTOENCODERS}
    if library == OURS:
        networks |= OTHER_AUTOENCODERS
    return [
        _trial(scope, "C4", library, seed, data, name, **network)
        for name, network in networks.items()
    ]


def _fit_autoencoder(
    settings: Mapping[str, Any],
    trial: Trial,
    data: Data,
    callbacks: Sequence[Callback],
) -> Autoencoder:
    key = ("autoencoder", json.dumps(dict(settings), sort_keys=True), trial.seed)
    fitted: Autoencoder = data.kept.get(
        key,
        lambda: LIBRARIES[settings["library"]].fit_autoencoder(
            parameters(
                settings,
                trial.seed,
                hidden_layer_sizes=settings.get("hidden_layer_sizes", MIRRORED),
                activation=settings["activation"],
                **steps(settings),
            ),
            samples_of(trial, data, validation=True),
            callbacks,
        ),
    )
    return fitted


def _autoencoder(trial: Trial, data: Data, callbacks: Sequence[Callback]) -> Measured:
    net = _fit_autoencoder(trial.settings, trial, data, callbacks)
    again = net.reconstruct(data.X_test)
    seen = np.clip(again, 0, 1)  # as it is shown
    images, originals = (X.reshape(-1, *data.images.image_shape) for X in (seen, data.X_test))
    metrics = {
        "test_mse": float(np.square(again - data.X_test, dtype=np.float64).mean()),
        "sharpness_share": sharpness_share(images, originals),
        "edges_share": edges_share(images, originals),
        "regenerated": pack(np.rint(seen[:SHOWN] * 255).astype(np.uint8)),
    }
    return metrics, net.epochs


def _feature_trials(scope: Scope, library: str, seed: int, data: Data) -> list[Trial]:
    every = scope.settings["C5"]["learning_rate"]
    wanted = [(rate, name) for rate in every for name in INPUTS]
    if library == OURS:
        wanted += [(every[0], SMALL_ON_PIXELS), (every[0], COMPONENTS)]
    return [
        _trial(
            scope,
            "C5",
            library,
            seed,
            data,
            name,
            f"{rate:g}",
            inputs=name,
            learning_rate=rate,
            autoencoder=dict(scope.settings["C4"]) if name in AUTOENCODERS else None,
        )
        for rate, name in wanted
    ]


def _feature_inputs(
    trial: Trial, data: Data, X: Array, callbacks: Sequence[Callback]
) -> tuple[Array, Array]:
    """Return what a classifier of C5 is given of training and test images."""
    settings = trial.settings
    if settings["inputs"] in AUTOENCODERS:
        inherited = {
            "experiment": "C4",
            "library": settings["library"],
            "train_samples": settings["train_samples"],
            **settings["autoencoder"],
            "activation": settings["inputs"],
        }
        encode = _fit_autoencoder(inherited, trial, data, callbacks).encode
        return encode(X), encode(data.X_test)
    if settings["inputs"] == COMPONENTS:
        return principal_components(X, data.X_test, min(MIRRORED))
    return X, data.X_test


def _features(trial: Trial, data: Data, callbacks: Sequence[Callback]) -> Measured:
    settings = trial.settings
    samples = samples_of(trial, data, validation=False)
    Z, Z_test = _feature_inputs(trial, data, samples.X, callbacks)
    # The raw pixels get C2's network, and C5's budget: its epochs and learning rate.
    large = {"hidden_layer_sizes": HIDDEN, "activation": "tanh"}
    small = {"hidden_layer_sizes": FEATURE_HIDDEN, "activation": settings["activation"]}
    network = large if settings["inputs"] == "pixels" else small
    net = LIBRARIES[settings["library"]].fit_classifier(
        parameters(settings, trial.seed, **network, **steps(settings)),
        Samples(Z, samples.y, Z_test, data.images.y_test),
        callbacks,
    )
    metrics, _ = _classifier_metrics(net, Z_test, data.images.y_test)
    metrics["train_accuracy"] = _accuracy(net, Z, samples.y)
    return metrics | {"shapes": [list(Z.shape), list(Z_test.shape)]}, net.epochs


# C4 is first, so that C5 seldom waits for an autoencoder.
EXPERIMENTS = {
    "C4": Experiment(_autoencoder_trials, partial(_measured, _autoencoder)),
    "C2": Experiment(_activation_trials, partial(_measured, _activation)),
    "C5": Experiment(_feature_trials, partial(_measured, _features)),
    "C3": Experiment(grid_search.grid_trials, grid_search.fit),
}
