"""What is measured of a network of section B as it trains, and of its layers afterwards."""

from __future__ import annotations

import copy

import numpy as np

from chainrule._types import Array
from chainrule.engine.network import loss_and_gradient, quiet
from chainrule.engine.params import Parameters
from chainrule.engine.workspace import Workspace
from chainrule.estimators.validation import PIXEL_SCALE
from chainrule.reproduction.zeros import count_zeros
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.evaluator import Evaluator
from chainrule.training.source import Source


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
        For each moment a number a layer, the first layer's first. ``gradient_norms`` and
        ``gradient_sizes``: the norm, and the mean absolute value, of the loss's derivative by the
        weights; ``activation_stds``: the standard deviation over the batch of each hidden
        unit's activation, a mean over the layer's units.
    """

    def __init__(self, X: Array, y: Array) -> None:
        self.X, self.y = X, y
        names = ("gradient_norms", "gradient_sizes", "activation_stds")
        self.measured: dict[str, list[list[float]]] = {name: [] for name in names}

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
            seen = {
                "gradient_norms": [np.linalg.norm(dW) for dW in self.gradient.W],
                # In float64: the first layer's can be too small for a sum in float32.
                "gradient_sizes": [np.abs(dW).mean(dtype=np.float64) for dW in self.gradient.W],
                "activation_stds": [a.std(axis=0, dtype=np.float64).mean() for a in self.work.a],
            }
        for name, layers in seen.items():
            self.measured[name].append([float(layer) for layer in layers])


class Zeros(Callback):
    """Counts zeros among hidden outputs over images: before training, and when it is asked.

    Parameters
    ----------
    X : array of shape (n, 784)
        Pixels from 0 to 255.

    Attributes
    ----------
    measured : dict
        For each moment a share of each hidden layer: ``zero_shares`` of its outputs that are 0,
        ``dead_shares`` of its units that are 0 for every image.
    """

    def __init__(self, X: Array) -> None:
        self.X = X
        self.measured: dict[str, list[list[float]]] = {"zero_shares": [], "dead_shares": []}

    def train_begin(self, progress: Progress) -> None:
        self.measure(progress.params)

    def measure(self, params: Parameters) -> None:
        """Count with these weights."""
        counts = count_zeros(params, self.X)
        n = len(self.X)
        self.measured["zero_shares"].append([float(zeros.mean() / n) for zeros in counts])
        self.measured["dead_shares"].append([float((zeros == n).mean()) for zeros in counts])


class AccuracyByEpoch(Callback):
    """Measures the accuracy on test images after every epoch.

    Parameters
    ----------
    X : array of shape (n, 784)
        Pixels from 0 to 255.
    y : array of shape (n,)
        Labels.

    Attributes
    ----------
    measured : dict
        ``test_accuracies``: one an epoch.
    """

    def __init__(self, X: Array, y: Array) -> None:
        self.source = Source(X, y, scale=PIXEL_SCALE)
        self.measured: dict[str, list[float]] = {"test_accuracies": []}

    def train_begin(self, progress: Progress) -> None:
        self.evaluator = Evaluator(progress.params)

    def epoch_end(self, progress: Progress) -> bool:
        self.measured["test_accuracies"].append(accuracy(self.evaluator, self.source))
        return False


def accuracy(evaluator: Evaluator, source: Source) -> float:
    """Return the share of labelled images that a network gets right."""
    return evaluator.measure(source).scores["validation_accuracy"]


def distinct_units(params: Parameters) -> list[int]:
    """Return how many units of each hidden layer have incoming weights of their own."""
    return [len(np.unique(W.T, axis=0)) for W in params.W[:-1]]
