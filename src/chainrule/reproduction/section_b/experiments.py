"""Section B: a network from scratch on MNIST, over activations and initialisations.

The report's setting is :data:`SETTINGS`; what the report leaves open is marked there. Fifteen
configurations: its twelve, and its faulty leaky ReLU with each initialisation as an ablation.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.datasets import Dataset
from chainrule.engine.activations import ACTIVATIONS, Activation, LeakyRelu, Scratch
from chainrule.engine.network import loss_and_gradient, quiet
from chainrule.engine.params import Parameters
from chainrule.engine.workspace import Workspace
from chainrule.errors import InvalidValueError
from chainrule.estimators import NeuralNetwork
from chainrule.estimators.validation import PIXEL_SCALE
from chainrule.reproduction.looks import measure_looks
from chainrule.reproduction.results import configuration, only_divergence
from chainrule.reproduction.section import Scope
from chainrule.reproduction.settings import NOT_STATED, REPORT, Setting, Values
from chainrule.study.data import OneSplit
from chainrule.study.evaluation import ValidationData
from chainrule.study.execute import Execute, Fit
from chainrule.study.prepare import plan_of
from chainrule.study.sampling import Grid
from chainrule.study.sources import Split
from chainrule.study.spec import Study
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.evaluator import Evaluator
from chainrule.training.source import Source

SECTION = "B"
LAYER_SIZES = (784, 256, 128, 64, 32, 10)
INITIALISATIONS = ("zero", "random", "normal")
PROBE_ROWS = 1000  # training images on which each layer is watched


SETTINGS: dict[str, Setting] = {
    "learning_rate": Setting(2e-3, 2e-3, REPORT),
    "batch_size": Setting(128, 128, REPORT),
    "epochs": Setting(40, 12, REPORT),
    "train_samples": Setting(60_000, 10_000, REPORT),
    "clip_value": Setting(1e10, 1e10, REPORT),
    "patience": Setting(10, 10, NOT_STATED),
    "validation_fraction": Setting(0.1, 0.1, NOT_STATED),
}


@dataclass(frozen=True)
class FaultyLeakyRelu(LeakyRelu):
    """The report's leaky ReLU as its code runs it: forward right, backward without a derivative.

    ``leaky_relu(x, alpha=0.01, derivative=False)`` called as ``f(z, True)`` sets alpha to 1 and
    returns max(z, 1·z) = z, so the chain rule's factor f'(z) is replaced by z itself.
    """

    name = "leaky_relu (faulty)"
    needs_input = True

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        delta *= z


STUDIED: dict[str, Activation] = {
    name: ACTIVATIONS[name] for name in ("sigmoid", "tanh", "relu", "leaky_relu")
}
FAULTY = FaultyLeakyRelu()
TRAINED = {**STUDIED, FAULTY.name: FAULTY}


def check(settings: Values) -> None:
    """Raise for settings that cannot be trained with."""
    used = settings[SECTION]
    samples, available = used["train_samples"], SETTINGS["train_samples"].full
    if not 0 < samples <= available:
        raise InvalidValueError(
            f"train_samples must be in [1, {available}] (MNIST's training images)",
            samples,
            "change it",
        )
    # Builds a network only to check it: a wrong value shows before anything is written.
    network(activation="relu", weight_init="normal", **_fixed(used))
    if not 0 < round(used["validation_fraction"] * samples) < samples:
        raise InvalidValueError(
            f"validation_fraction of {samples} train_samples must leave at least one to learn "
            "from and one to hold out",
            used["validation_fraction"],
            "change one of them",
        )


def _fixed(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name != "train_samples"}


def network(
    *,
    activation: str,
    weight_init: str,
    learning_rate: float,
    epochs: int,
    batch_size: int,
    patience: int,
    validation_fraction: float,
    clip_value: float,
    random_state: int = 0,
) -> NeuralNetwork:
    """Return the untrained network of a trial."""
    return NeuralNetwork(
        len(LAYER_SIZES),
        LAYER_SIZES,
        learning_rate,
        TRAINED[activation],
        weight_init,
        epochs,
        batch_size,
        patience=patience,
        validation_fraction=validation_fraction,
        clip_value=clip_value,
        random_state=random_state,
    )


def study(settings: Mapping[str, Any], seeds: Sequence[int], data: Dataset) -> Study:
    """Return the section as a study, judged by the test images."""
    n = settings["train_samples"]
    return Study(
        name="section B",
        data=(data.X_train[:n], data.y_train[:n]),
        task="classification",
        estimator=network,
        sampler=Grid({"activation": list(TRAINED), "weight_init": INITIALISATIONS}),
        fixed=_fixed(settings),
        seeds=seeds,
        evaluation=ValidationData((data.X_test, data.y_test)),
        metrics="score",
        callbacks=watchers,
        measure=measure,
    )


def trials(scope: Scope, data: Dataset) -> list[Trial]:
    """Return every training of the section, seed by seed."""
    settings = scope.settings[SECTION]
    planned = plan_of(study(settings, scope.seeds, data), "classification", data.digest)
    return [
        replace(
            trial,
            section=SECTION,
            configuration=configuration(*trial.settings["candidate"].values()),
            settings={**trial.settings, "train_samples": settings["train_samples"]},
        )
        for seed in scope.seeds
        for trial in planned({})
        if trial.seed == seed
    ]


def is_studied(result: TrialResult) -> bool:
    """Return whether a run is of the report's twelve configurations, and did not diverge."""
    names = {configuration(name, init) for name in STUDIED for init in INITIALISATIONS}
    return not result.error and result.configuration in names


def trained_network(trial: Trial, progress: Progress) -> NeuralNetwork:
    """Return the network of a trial, from what its training ended with."""
    settings = {**trial.settings["fixed"], **trial.settings["candidate"]}
    return network(**settings, random_state=trial.seed).take(
        progress.params, progress.history, np.dtype(np.uint8)
    )


def rows(settings: Mapping[str, Any], data: Dataset) -> OneSplit:
    """Return the images to train on and the test images, none of them copied."""
    n = settings["train_samples"]
    split = Split(data.X_train[:n], data.y_train[:n], data.X_test, data.y_test)
    return OneSplit("classification", data.digest, split)


def execute(trial: Trial, data: Dataset, callbacks: Sequence[Callback]) -> TrialResult:
    """Train one configuration and measure it on the test images: see :func:`measure`."""
    run = Execute(network, callbacks=watchers, measure=measure)
    return only_divergence(run(trial, rows(trial.settings, data), callbacks))


def watchers(fit: Fit) -> list[Callback]:
    """Return what watches a training: its best weights so far, and each layer on a fixed batch."""
    return [BestSoFar(), Probe(fit.split.X[:PROBE_ROWS], fit.split.y[:PROBE_ROWS])]


def measure(fit: Fit) -> dict[str, Any]:
    """Return the metrics of a training.

    Returns
    -------
    dict
        ``test_accuracy``, ``test_loss``, ``best_epoch``, ``distinct_units`` (how many
        different units each hidden layer has after training), what :class:`Probe` and
        :func:`~chainrule.reproduction.looks.measure_looks` measure. Of a run that diverged: what
        the probe saw until then and, if it got through an epoch,
        ``restored_accuracy``: on the test images, with the weights of its best epoch, to which
        the report's early stopping would have gone back.
    """
    best, probe = fit.callbacks
    assert isinstance(best, BestSoFar)
    assert isinstance(probe, Probe)
    X_test, y_test, net = fit.split.X_val, fit.split.y_val, fit.estimator
    if net is not None:
        return {
            "test_accuracy": net.score(X_test, y_test),
            "test_loss": net.compute_loss(X_test, y_test),
            "best_epoch": net.history_.best_epoch,
            "distinct_units": distinct_units(net.params_),
            **measure_looks(net.predict_proba(X_test), y_test, net.params_.W[0]),
            **probe.measured,
        }
    if best.params is None:
        return probe.measured
    measured = Evaluator(best.params).measure(Source(X_test, y_test, scale=PIXEL_SCALE))
    return {"restored_accuracy": measured.scores["validation_accuracy"], **probe.measured}


class BestSoFar(Callback):
    """Keeps the best weights, which a network that diverges does not keep."""

    def __init__(self) -> None:
        self.params: Parameters | None = None

    def epoch_end(self, progress: Progress) -> bool:
        losses = [row.monitored_loss for row in progress.history.epochs]
        if losses[-1] == min(losses):
            self.params = copy.deepcopy(progress.params)
        return False


class Probe(Callback):
    """Measures each layer on a fixed batch, before training and after every epoch.

    Parameters
    ----------
    X : array of shape (n, 784)
        Pixels from 0 to 255.
    y : array of shape (n,)
        Labels.

    Attributes
    ----------
    measured : dict
        ``gradient_norms``: for each moment, the norm of the loss's derivative by each weight
        matrix, the first layer's first; ``activation_stds``: the standard deviation over the batch
        of each hidden unit's activation, a mean over the layer's units.
    """

    def __init__(self, X: Array, y: Array) -> None:
        self.X, self.y = X, y
        self.measured: dict[str, list[list[float]]] = {"gradient_norms": [], "activation_stds": []}

    def train_begin(self, progress: Progress) -> None:
        self.params, spec = progress.params, progress.params.spec
        self.gradient, self.work = Parameters(spec), Workspace(spec, len(self.X))
        self._measure()

    def epoch_end(self, progress: Progress) -> bool:
        self._measure()
        return False

    def _measure(self) -> None:
        np.divide(self.X, 255, out=self.work.x, casting="same_kind")
        with quiet():
            loss_and_gradient(self.params, self.work, self.y, self.gradient)
            norms = [float(np.linalg.norm(dW)) for dW in self.gradient.W]
            stds = [float(a.std(axis=0, dtype=np.float64).mean()) for a in self.work.a]
        self.measured["gradient_norms"].append(norms)
        self.measured["activation_stds"].append(stds)


def distinct_units(params: Parameters) -> list[int]:
    """Return how many units of each hidden layer have incoming weights of their own."""
    return [len(np.unique(W.T, axis=0)) for W in params.W[:-1]]


def majority_share(data: Dataset) -> float:
    """Return the accuracy of always guessing the most frequent test class."""
    return float(np.bincount(data.y_test).max() / len(data.y_test))
