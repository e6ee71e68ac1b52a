"""Losses on raw outputs: output function and loss composed, value and gradient in one pass.

The network's last layer is linear; a loss takes its raw outputs (logits, log-means, or plain
predictions). Composing the output function with the loss gives the stable forms: no logarithm
of a softmax, no overflow of an exponential.

The loss of one sample is the *sum* over its outputs; the loss of a batch is the weighted *mean*
over its samples. Value and gradient always belong together (scikit-learn divides the value by
the number of outputs, the gradient not). Sums over samples are accumulated in float64.

To add one: subclass :class:`Loss`, then one line in :data:`LOSSES`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import xlogy

from chainrule._types import Array
from chainrule.engine.activations import exponent_limit, sigmoid
from chainrule.errors import InvalidValueError
from chainrule.registry import Registry


class Loss(ABC):
    """A loss composed with the output function that belongs to it.

    Attributes
    ----------
    name : str
        The name that users type.
    output_activation : str
        What :meth:`predict` applies to the raw outputs.
    takes_classes : bool
        Whether targets are class indices, shape (n,), or numbers, shape (n, k).
    """

    name: ClassVar[str]
    output_activation: ClassVar[str] = "identity"
    takes_classes: ClassVar[bool] = False

    def predict(self, raw: Array, out: Array) -> None:
        """Write the output function of ``raw`` to ``out``; both (n, k), may be the same."""
        if out is not raw:
            np.copyto(out, raw)

    @abstractmethod
    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        """Return each sample's loss, (n,) float64, and write its gradient by ``raw`` to ``out``.

        raw, out, scratch: (n, k); y: (n,) integers or (n, k) numbers.
        """

    def value_and_gradient(
        self, raw: Array, y: Array, out: Array, scratch: Array, weight: Array | None = None
    ) -> float:
        """Return the (weighted) mean loss of a batch and write its gradient by ``raw`` to ``out``.

        Parameters
        ----------
        raw : array of shape (n, k)
            The last layer's linear outputs.
        y : array of shape (n,) or (n, k)
            Class indices, or targets in the dtype of ``raw``.
        out : array of shape (n, k)
            Receives the gradient.
        scratch : array of shape (n, k)
            Overwritten.
        weight : array of shape (n,), optional
            Sample weights, not all zero; the mean is Σ w ℓ / Σ w.
        """
        # What is too large for the dtype becomes inf without a warning; training checks for it.
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            losses = self.samples(raw, y, out, scratch)
            if weight is None:
                out *= 1 / len(raw)
                return float(losses.mean())
            share = weight / weight.sum(dtype=np.float64)
            out *= share.astype(out.dtype)[:, np.newaxis]
            return float(losses @ share)


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Loss):
    """-Σ over outputs of one_hot(y)·log softmax(raw); targets are class indices 0 … k-1.

    Uses log-sum-exp with the row's maximum taken out, so no logit overflows.
    """

    name = "softmax_cross_entropy"
    output_activation = "softmax"
    takes_classes = True

    def predict(self, raw: Array, out: Array) -> None:
        with np.errstate(over="ignore"):  # a difference of two huge logits is -inf, its exp 0
            np.subtract(raw, raw.max(axis=1, keepdims=True), out=out)
        np.exp(out, out=out)
        out /= out.sum(axis=1, keepdims=True)

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        rows = np.arange(len(raw))
        highest = raw.max(axis=1, keepdims=True)
        np.subtract(raw, highest, out=out)
        np.exp(out, out=out)
        total = out.sum(axis=1, keepdims=True)
        margin = highest[:, 0].astype(np.float64) - raw[rows, y]
        losses: Array = np.log(total[:, 0].astype(np.float64)) + margin
        out /= total
        out[rows, y] -= 1
        return losses


@dataclass(frozen=True)
class SigmoidCrossEntropy(Loss):
    """Σ over outputs of -y log σ(raw) - (1 - y) log(1 - σ(raw)); targets in [0, 1].

    Computed as raw·([raw > 0] - y) + log(1 + exp(-|raw|)), which neither overflows nor cancels.
    """

    name = "sigmoid_cross_entropy"
    output_activation = "sigmoid"

    def predict(self, raw: Array, out: Array) -> None:
        sigmoid(raw, out)

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        np.abs(raw, out=scratch)
        np.negative(scratch, out=scratch)
        np.exp(scratch, out=scratch)
        np.log1p(scratch, out=scratch)
        np.greater(raw, 0, out=out)
        out -= y
        out *= raw
        out += scratch
        losses: Array = out.sum(axis=1, dtype=np.float64)
        sigmoid(raw, out)
        out -= y
        return losses


@dataclass(frozen=True)
class Squared(Loss):
    """½ Σ over outputs of (raw - y)²; the half as in scikit-learn, its gradient is raw - y."""

    name = "squared"

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        np.subtract(raw, y, out=out)
        losses: Array = np.einsum("nk,nk->n", out, out, dtype=np.float64)
        losses *= 0.5
        return losses


@dataclass(frozen=True)
class Absolute(Loss):
    """Σ over outputs of |raw - y|; the gradient at 0 is taken as 0."""

    name = "absolute"

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        np.subtract(raw, y, out=out)
        np.abs(out, out=scratch)
        losses: Array = scratch.sum(axis=1, dtype=np.float64)
        np.sign(out, out=out)
        return losses


@dataclass(frozen=True)
class Huber(Loss):
    """Σ over outputs of ½ r² where abs(r) ≤ delta, delta·(abs(r) - ½ delta) beyond; r = raw - y.

    With c = r clipped to ±delta this is c·(r - c/2), and its gradient is c.
    Huber, "Robust estimation of a location parameter", 1964.
    """

    delta: float = 1.0

    name = "huber"

    def __post_init__(self) -> None:
        if not self.delta > 0:
            raise InvalidValueError("delta must be positive", self.delta, "the usual value is 1")

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        np.subtract(raw, y, out=scratch)
        np.clip(scratch, -self.delta, self.delta, out=out)
        np.divide(out, -2, out=out)
        scratch += out
        np.multiply(out, -2, out=out)
        scratch *= out
        losses: Array = scratch.sum(axis=1, dtype=np.float64)
        return losses


@dataclass(frozen=True)
class Poisson(Loss):
    """Σ over outputs of exp(raw) - y·raw + y·log(y) - y: half the Poisson deviance, log link.

    Targets are counts or rates, ≥ 0; the last two terms make a perfect prediction cost 0, as in
    scikit-learn. ``raw`` beyond the dtype's largest exponent saturates.
    """

    name = "poisson"
    output_activation = "exp"

    def predict(self, raw: Array, out: Array) -> None:
        np.minimum(raw, exponent_limit(raw.dtype), out=out)
        np.exp(out, out=out)

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        self.predict(raw, out)
        out -= y
        losses: Array = out.sum(axis=1, dtype=np.float64)
        np.multiply(raw, y, out=scratch)
        losses -= scratch.sum(axis=1, dtype=np.float64)
        xlogy(y, y, out=scratch)
        losses += scratch.sum(axis=1, dtype=np.float64)
        return losses


LOSSES: Registry[Loss] = Registry(
    "loss",
    {
        loss.name: loss
        for loss in (
            SoftmaxCrossEntropy(),
            SigmoidCrossEntropy(),
            Squared(),
            Absolute(),
            Huber(),
            Poisson(),
        )
    },
)
