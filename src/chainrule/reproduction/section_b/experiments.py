"""Section B: a network from scratch on MNIST, over activations and initialisations.

The report's setting is :data:`SETTINGS`; what the report leaves open is marked there. Fifteen
configurations: its twelve, and its faulty leaky ReLU with each initialisation as an ablation.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.datasets import Dataset
from chainrule.engine.activations import ACTIVATIONS, Activation, LeakyRelu, Scratch
from chainrule.engine.network import loss_and_gradient, quiet
from chainrule.engine.params import Parameters
from chainrule.engine.workspace import Workspace
from chainrule.errors import DivergenceError, InvalidValueError
from chainrule.estimators import NeuralNetwork
from chainrule.estimators.validation import PIXEL_SCALE
from chainrule.reproduction.looks import measure_looks
from chainrule.reproduction.results import configuration
from chainrule.reproduction.section import Scope
from chainrule.reproduction.settings import NOT_STATED, REPORT, Setting, Values
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.history import Epoch
from chainrule.training.loop import Evaluator
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
    network({**used, "activation": "relu", "weight_init": "normal"}, 0)
    if not 0 < round(used["validation_fraction"] * samples) < samples:
        raise InvalidValueError(
            f"validation_fraction of {samples} train_samples must leave at least one to learn "
            "from and one to hold out",
            used["validation_fraction"],
            "change one of them",
        )


def trials(scope: Scope, data: Dataset) -> list[Trial]:
    """Return every training of the section, seed by seed."""
    return [
        Trial(
            section=SECTION,
            configuration=configuration(activation, weight_init),
            seed=seed,
            settings={
                **scope.settings[SECTION],
                "activation": activation,
                "weight_init": weight_init,
            },
            data=data.digest,
        )
        for seed in scope.seeds
        for activation in TRAINED
        for weight_init in INITIALISATIONS
    ]


def execute(trial: Trial, data: Dataset, callbacks: Sequence[Callback]) -> TrialResult:
    """Train one configuration and measure it on the test images.

    Returns
    -------
    TrialResult
        Metrics ``test_accuracy``, ``test_loss``, ``best_epoch``, ``distinct_units`` (how many
        different units each hidden layer has after training), what :class:`Probe` and
        :func:`~chainrule.reproduction.looks.measure_looks` measure. A run that diverged has what
        the probe saw until then and, if it got through an epoch,
        ``restored_accuracy``: on the test images, with the weights of its best epoch, to which
        the report's early stopping would have gone back.
    """
    settings = trial.settings
    begun = perf_counter()
    X, y = data.X_train[: settings["train_samples"]], data.y_train[: settings["train_samples"]]
    net = network(settings, trial.seed)
    probe = Probe(X[:PROBE_ROWS], y[:PROBE_ROWS])
    metrics: dict[str, Any] = {}
    error, best = None, _BestSoFar()
    try:
        net.fit(X, y, callbacks=[best, probe, *callbacks])
        metrics |= {
            "test_accuracy": net.score(data.X_test, data.y_test),
            "test_loss": net.compute_loss(data.X_test, data.y_test),
            "best_epoch": net.history_.best_epoch,
            "distinct_units": distinct_units(net.params_),
            **measure_looks(net.predict_proba(data.X_test), data.y_test, net.params_.W[0]),
        }
    except DivergenceError as divergence:
        error = str(divergence)
        if best.params is not None:
            test = Source(data.X_test, data.y_test, scale=PIXEL_SCALE)
            measured = Evaluator(best.params).measure(test)
            metrics["restored_accuracy"] = measured.scores["validation_accuracy"]
    return TrialResult(
        trial_id=trial.id,
        configuration=trial.configuration,
        seed=trial.seed,
        metrics=metrics | probe.measured,
        epochs=best.epochs,
        seconds=perf_counter() - begun,
        error=error,
    )


class _BestSoFar(Callback):
    """Keeps epochs and best weights, which a network that diverges does not keep."""

    def __init__(self) -> None:
        self.epochs: list[Epoch] = []
        self.params: Parameters | None = None

    def epoch_end(self, progress: Progress) -> bool:
        self.epochs = progress.history.epochs
        losses = [row.monitored_loss for row in self.epochs]
        if losses[-1] == min(losses):
            self.params = copy.deepcopy(progress.params)
        return False


def network(settings: Mapping[str, Any], seed: int) -> NeuralNetwork:
    """Return the untrained network of a trial."""
    return NeuralNetwork(
        len(LAYER_SIZES),
        LAYER_SIZES,
        settings["learning_rate"],
        TRAINED[settings["activation"]],
        settings["weight_init"],
        settings["epochs"],
        settings["batch_size"],
        patience=settings["patience"],
        validation_fraction=settings["validation_fraction"],
        clip_value=settings["clip_value"],
        random_state=seed,
    )


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
