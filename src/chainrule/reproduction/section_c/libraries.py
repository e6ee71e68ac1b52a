"""One way to fit chainrule's estimators and scikit-learn's, so that experiments know neither.

Both take the same parameters. scikit-learn's tell nobody how they go; a mixin listens at the
method that they call after each epoch, measures the validation data there, and passes on what
callbacks are for. They stop at the end of an epoch, not of a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.neural_network import MLPRegressor as TheirRegressor

from chainrule._types import Array
from chainrule.estimators import MLPAutoencoder, MLPClassifier
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.history import Epoch, History


@dataclass(frozen=True)
class Classifier:
    """A fitted classifier: the estimator, and its history."""

    model: Any
    epochs: list[Epoch]


@dataclass(frozen=True)
class Autoencoder:
    """A fitted autoencoder.

    Attributes
    ----------
    epochs : list of Epoch
        Its history; losses are half the mean squared error.
    encode : callable
        (n, n_pixels) -> (n, n_bottleneck).
    reconstruct : callable
        (n, n_pixels) -> (n, n_pixels).
    """

    epochs: list[Epoch]
    encode: Callable[[Array], Array]
    reconstruct: Callable[[Array], Array]


@dataclass(frozen=True)
class Samples:
    """Training and, where it is measured after each epoch, validation data."""

    X: Array
    y: Array
    X_val: Array | None = None
    y_val: Array | None = None


@dataclass(frozen=True)
class Library:
    """What fits.

    Attributes
    ----------
    classifier : type
        The estimator of a study; its ``fit`` or itself takes callbacks.
    fixed : mapping
        Parameters that it always has.
    fit_classifier : callable
        (parameters, samples, callbacks) -> Classifier.
    fit_autoencoder : callable
        (parameters, samples, callbacks) -> Autoencoder.
    """

    classifier: type
    fixed: Mapping[str, Any]
    fit_classifier: Callable[[Mapping[str, Any], Samples, Sequence[Callback]], Classifier]
    fit_autoencoder: Callable[[Mapping[str, Any], Samples, Sequence[Callback]], Autoencoder]


# --- ours -----------------------------------------------------------------------------------------


_FLOAT32: dict[str, Any] = {"dtype": "float32"}


def _fit_classifier(
    parameters: Mapping[str, Any], samples: Samples, callbacks: Sequence[Callback]
) -> Classifier:
    net = MLPClassifier(**parameters, **_FLOAT32, callbacks=list(callbacks))
    net.fit(samples.X, samples.y, X_val=samples.X_val, y_val=samples.y_val)
    return Classifier(net, net.history_.epochs)


def _fit_autoencoder(
    parameters: Mapping[str, Any], samples: Samples, callbacks: Sequence[Callback]
) -> Autoencoder:
    net = MLPAutoencoder(**parameters, mirrored=False, callbacks=list(callbacks))
    net.fit(samples.X, X_val=samples.X_val)
    return Autoencoder(net.history_.epochs, net.transform, net.reconstruct)


# --- scikit-learn's -------------------------------------------------------------------------------


class _Heard:
    """Mixed into an estimator of scikit-learn's: tells callbacks of each epoch."""

    callbacks: Sequence[Callback] = ()
    measure: Callable[[], tuple[float | None, dict[str, float]]]

    def _update_no_improvement_count(self: Any, *arguments: Any, **named: Any) -> None:
        super()._update_no_improvement_count(*arguments, **named)  # type: ignore[misc]
        loss, scores = self.measure()
        now = perf_counter()
        rate = self._optimizer.learning_rate
        row = Epoch(self.n_iter_, self.loss_, loss, scores, rate, now - self.begun)
        self.begun = now
        self.heard.epochs.append(row)
        progress = Progress(None, self.heard, self.max_iter, self.n_iter_)  # type: ignore[arg-type]
        for callback in self.callbacks:
            callback.steps_end(progress)
            callback.epoch_end(progress)

    def listen(self: Any, callbacks: Sequence[Callback], measure: Any) -> Any:
        """Tell callbacks of each epoch from now on; ``measure`` gives validation figures."""
        self.callbacks, self.measure = callbacks, measure
        self.heard, self.begun = History(), perf_counter()
        return self


class HeardClassifier(_Heard, TheirClassifier):  # type: ignore[misc]
    """scikit-learn's classifier, whose ``fit`` takes callbacks."""

    def fit(self, X: Any, y: Any, callbacks: Sequence[Callback] | None = None) -> Any:
        """Fit; with callbacks these are told of each epoch, and of no validation figures."""
        if callbacks is not None:
            self.listen(callbacks, _nothing)
        return super().fit(X, y)


class _HeardRegressor(_Heard, TheirRegressor):  # type: ignore[misc]
    pass


def _nothing() -> tuple[None, dict[str, float]]:
    return None, {}


def _fit_their_classifier(
    parameters: Mapping[str, Any], samples: Samples, callbacks: Sequence[Callback]
) -> Classifier:
    net = HeardClassifier(**parameters)

    def measure() -> tuple[float, dict[str, float]]:
        shares = net.predict_proba(samples.X_val)
        right = net.classes_[shares.argmax(axis=1)] == samples.y_val
        return log_loss(samples.y_val, shares), {"validation_accuracy": float(right.mean())}

    net.listen(callbacks, _nothing if samples.X_val is None else measure).fit(samples.X, samples.y)
    return Classifier(net, net.heard.epochs)


def _fit_their_autoencoder(
    parameters: Mapping[str, Any], samples: Samples, callbacks: Sequence[Callback]
) -> Autoencoder:
    net = _HeardRegressor(**parameters)

    def measure() -> tuple[float, dict[str, float]]:
        return float(np.square(net.predict(samples.X_val) - samples.X_val).mean()) / 2, {}

    def encode(X: Array) -> Array:
        sizes = list(net.hidden_layer_sizes)
        for W, b in list(zip(net.coefs_, net.intercepts_, strict=True))[: np.argmin(sizes) + 1]:
            X = X @ W + b
            if net.activation == "relu":
                X = np.maximum(X, 0)
        return X

    net.listen(callbacks, _nothing if samples.X_val is None else measure).fit(samples.X, samples.X)
    return Autoencoder(net.heard.epochs, encode, net.predict)


OURS, SKLEARN = "chainrule", "scikit-learn"
LIBRARIES = {
    OURS: Library(MLPClassifier, _FLOAT32, _fit_classifier, _fit_autoencoder),
    SKLEARN: Library(HeardClassifier, {}, _fit_their_classifier, _fit_their_autoencoder),
}
