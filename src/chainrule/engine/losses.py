"""Losses on raw outputs: output function and loss composed, value and gradient in one pass.

The network's last layer is linear; a loss takes its raw outputs (logits, log-means, or plain
predictions). Composing the output function with the loss gives the stable forms: no logarithm
of a softmax, no overflow of an exponential.

The loss of one sample is the *sum* over its outputs; the loss of a batch is the weighted *mean*
over its samples. Value and gradient always belong together (scikit-learn divides the value by
the number of outputs, the gradient not). Sums over samples are accumulated in float64.

A step of a small network is a matter of how many calls it makes, not of arithmetic: what follows
uses NumPy's functions where its methods go through Python, and no pass that a default setting
does not need.

To add one: subclass :class:`Loss`, then one line in :data:`LOSSES`. What cannot be made from a
name alone, :class:`GroupedSoftmaxCrossEntropy`, is in no table.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from numbers import Integral
from typing import ClassVar

import numpy as np
from scipy.special import expit, xlogy

from chainrule._types import Array
from chainrule.engine.activations import exponent_limit, sigmoid
from chainrule.errors import InvalidValueError
from chainrule.registry import Registry

SHORT_ROW = 32  # outputs up to which softmax works on columns; measured
FEW = 256  # numbers up to which SciPy's expit, one slow call, beats four fast ones; measured


def _dot_rows(a: Array, b: Array) -> Array:
    """Return each row's Σ a·b, multiplied and added in float64: (n, k), (n, k) -> (n,)."""
    if a.shape[1] == 1:
        single: Array = np.multiply(a[:, 0], b[:, 0], dtype=np.float64)
        return single
    dots: Array = np.einsum("nk,nk->n", a, b, dtype=np.float64)
    return dots


def _sum_of_outputs(parts: Array) -> Array:
    """Return the sum over outputs of (n, k) ``parts``, accumulated in float64: (n,)."""
    if parts.shape[1] == 1:
        single: Array = parts[:, 0].astype(np.float64)
        return single
    total: Array = np.add.reduce(parts, axis=1, dtype=np.float64)
    return total


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
    domain : tuple of float
        The lowest and the highest number that a target may be. Beyond it the loss has no minimum.
    """

    name: ClassVar[str]
    output_activation: ClassVar[str] = "identity"
    takes_classes: ClassVar[bool] = False
    domain: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    def target_shape(self, n_outputs: int) -> tuple[int, ...]:
        """Return the shape of a sample's target: () for a class, (n_outputs,) for numbers.

        Raises InvalidValueError if a network for this loss cannot have so many outputs.
        """
        return () if self.takes_classes else (n_outputs,)

    def class_counts(self, n_outputs: int) -> tuple[int, ...]:
        """Return how many classes there are, for each class of a sample's target."""
        return (n_outputs,)

    def predict(self, raw: Array, out: Array) -> None:
        """Write the output function of ``raw`` to ``out``; both (n, k), may be the same."""
        if out is not raw:
            np.copyto(out, raw)

    @abstractmethod
    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        """Return each sample's loss, (n,) float64, and write its gradient by ``raw`` to ``out``.

        raw, out, scratch: (n, k); y: (n,) integers or (n, k) numbers. Called with NumPy's
        warnings of overflow off.
        """

    def value_and_gradient(
        self, raw: Array, y: Array, out: Array, scratch: Array, weight: Array | None = None
    ) -> float:
        """Return the (weighted) mean loss of a batch and write its gradient by ``raw`` to ``out``.

        Called, as the network's functions are, with NumPy's warnings off: what is too large for the
        dtype becomes inf, and training checks for it.

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
        losses = self.samples(raw, y, out, scratch)
        if weight is None:
            out *= 1 / len(raw)
            return float(np.add.reduce(losses)) / len(raw)
        share = weight / np.add.reduce(weight, dtype=np.float64)
        out *= share.astype(out.dtype)[:, np.newaxis]
        return float(losses @ share)


def _check_cross_entropy(label_smoothing: float, cap: float = math.inf) -> None:
    """Raise InvalidValueError unless both are what a cross-entropy takes."""
    if not 0 <= label_smoothing < 1:
        raise InvalidValueError(
            "label_smoothing must be in [0, 1)", label_smoothing, "0 leaves targets as they are"
        )
    if not cap > 0:
        raise InvalidValueError("cap must be positive", cap, "math.inf leaves losses as they are")


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Loss):
    """-Σ over outputs of one_hot(y)·log softmax(raw); targets are class indices 0 … k-1.

    Uses log-sum-exp with the row's maximum taken out, so no logit overflows.

    Parameters
    ----------
    label_smoothing : float
        In [0, 1). With s the target is (1 - s)·one_hot(y) + s/k instead: Szegedy et al.,
        arXiv:1512.00567, in PyTorch's form.
    cap : float
        A sample's loss is reported as at most this; the gradient is as without. scikit-learn
        clips probabilities to [eps, 1 - eps] in the loss that it reports, which is then at most
        -log(eps): an estimator that follows it has to stop in the same epoch.
    """

    label_smoothing: float = 0.0
    cap: float = math.inf

    name = "softmax_cross_entropy"
    output_activation = "softmax"
    takes_classes = True

    def __post_init__(self) -> None:
        _check_cross_entropy(self.label_smoothing, self.cap)

    def predict(self, raw: Array, out: Array) -> None:
        with np.errstate(over="ignore"):  # a difference of two huge logits is -inf, its exp 0
            np.subtract(raw, raw.max(axis=1, keepdims=True), out=out)
        np.exp(out, out=out)
        out /= out.sum(axis=1, keepdims=True)

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        n, k = raw.shape
        s = self.label_smoothing
        at: Array | tuple[Array, Array]
        # Logits are read from z and written to e, both (k, n); [at] finds the targets' cells.
        if k <= SHORT_ROW:
            # A reduction over a row has a cost for each row: short rows are turned into columns.
            source = cells = scratch.reshape(-1)
            z = e = cells.reshape(k, n)
            e[...] = raw.T
            at = np.multiply(y, n, dtype=np.intp)
            at += np.arange(n)
        else:
            source, cells = z, e = raw.T, out.T
            at = (y, np.arange(n))
        highest = np.maximum.reduce(z, axis=0)
        losses: Array = np.subtract(highest, source[at], dtype=np.float64)
        np.subtract(z, highest, out=e)
        if s:  # Σ over outputs of target·(highest - raw)
            losses *= 1 - s
            losses -= s / k * np.add.reduce(e, axis=0, dtype=np.float64)
        np.exp(e, out=e)
        total = np.add.reduce(e, axis=0, dtype=np.float64)
        losses += np.log(total)
        if self.cap < math.inf:
            np.minimum(losses, self.cap, out=losses)
        total = total.astype(e.dtype, copy=False)
        cells[at] -= total * (1 - s) if s else total
        np.divide(e, total, out=out.T)
        if s:
            out -= s / k
        return losses


@dataclass(frozen=True)
class SigmoidCrossEntropy(Loss):
    """Σ over outputs of -y log σ(raw) - (1 - y) log(1 - σ(raw)); targets in [0, 1].

    Computed as raw·([raw > 0] - y) + log(1 + exp(-|raw|)), which neither overflows nor cancels.

    Parameters
    ----------
    label_smoothing : float
        In [0, 1). With s the target is (1 - s)·y + s/2 instead.
    cap : float
        An output's loss is reported as at most this, before the sum over outputs; the gradient
        is as without. For the reason see :class:`SoftmaxCrossEntropy`.
    """

    label_smoothing: float = 0.0
    cap: float = math.inf

    name = "sigmoid_cross_entropy"
    output_activation = "sigmoid"
    domain = (0, 1)

    def __post_init__(self) -> None:
        _check_cross_entropy(self.label_smoothing, self.cap)

    def predict(self, raw: Array, out: Array) -> None:
        sigmoid(raw, out)

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        s = self.label_smoothing
        np.abs(raw, out=scratch)
        np.negative(scratch, out=scratch)
        np.greater(raw, scratch, out=out)  # [raw > 0]
        np.exp(scratch, out=scratch)
        np.log1p(scratch, out=scratch)
        out -= y
        if s:  # [raw > 0] - target has the sign of raw, and this size
            np.abs(out, out=out)
            out *= 1 - s
            out += s / 2
            np.copysign(out, raw, out=out)
        out *= raw
        out += scratch
        if self.cap < math.inf:
            np.minimum(out, self.cap, out=out)
        losses = _sum_of_outputs(out)
        if raw.size <= FEW:
            expit(raw, out=out)
        else:
            np.negative(raw, out=out)
            np.exp(out, out=out)  # inf far down the negative tail, where σ is 0
            out += 1
            np.reciprocal(out, out=out)
        if s:
            np.multiply(y, 1 - s, out=scratch)
            scratch += s / 2
            y = scratch
        out -= y
        return losses


@dataclass(frozen=True)
class GroupedSoftmaxCrossEntropy(Loss):
    """Σ over groups of outputs of the softmax cross-entropy: several classifications at once.

    Raw outputs are (n, Σ sizes), a group beside the other; targets are class indices,
    (n, len(sizes)), one for each group; each group has its own softmax.

    Parameters
    ----------
    sizes : tuple of int
        The number of classes of each group.
    label_smoothing : float
        As of :class:`SoftmaxCrossEntropy`.
    """

    sizes: tuple[int, ...]
    label_smoothing: float = 0.0

    name = "grouped_softmax_cross_entropy"
    output_activation = "softmax"
    takes_classes = True

    def __post_init__(self) -> None:
        _check_cross_entropy(self.label_smoothing)
        sizes = self.sizes if isinstance(self.sizes, tuple | list) else ()
        if not sizes or not all(
            isinstance(size, Integral) and not isinstance(size, bool) and size > 0 for size in sizes
        ):
            raise InvalidValueError(
                "sizes must be a tuple of positive integers, at least one",
                self.sizes,
                "give the number of classes of each group, such as (3, 2)",
            )
        # Plain ints in a tuple, so that equal losses compare, hash and print alike.
        object.__setattr__(self, "sizes", tuple(int(size) for size in sizes))

    def target_shape(self, n_outputs: int) -> tuple[int, ...]:
        if n_outputs != sum(self.sizes):
            raise InvalidValueError(
                f"the number of outputs must be {sum(self.sizes)}, the sum of sizes",
                n_outputs,
                "change the network's last layer or sizes",
            )
        return (len(self.sizes),)

    def class_counts(self, n_outputs: int) -> tuple[int, ...]:
        return self.sizes

    def predict(self, raw: Array, out: Array) -> None:
        one = SoftmaxCrossEntropy()
        for group in self._groups(raw):
            one.predict(raw[:, group], out[:, group])

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        one = SoftmaxCrossEntropy(self.label_smoothing)
        losses: Array = np.zeros(len(raw))
        for j, group in enumerate(self._groups(raw)):
            part = raw[:, group]
            spare = scratch.reshape(-1)[: part.size].reshape(part.shape)  # one piece of memory
            losses += one.samples(part, y[:, j], out[:, group], spare)
        return losses

    def _groups(self, raw: Array) -> Iterator[slice]:
        self.target_shape(raw.shape[1])
        ends = (0, *accumulate(self.sizes))
        return (slice(begin, end) for begin, end in pairwise(ends))


@dataclass(frozen=True)
class Squared(Loss):
    """½ Σ over outputs of (raw - y)²; the half as in scikit-learn, its gradient is raw - y."""

    name = "squared"

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        np.subtract(raw, y, out=out)
        losses = _dot_rows(out, out)
        losses *= 0.5
        return losses


@dataclass(frozen=True)
class Absolute(Loss):
    """Σ over outputs of |raw - y|; the gradient at 0 is taken as 0."""

    name = "absolute"

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        np.subtract(raw, y, out=out)
        np.abs(out, out=scratch)
        losses = _sum_of_outputs(scratch)
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
        return _dot_rows(scratch, out)


@dataclass(frozen=True)
class Quantile(Loss):
    """Σ over outputs and levels τ of max(τ r, (τ - 1) r), r = y - raw; its gradient at 0 is 0.

    The pinball loss: its minimum is the quantile τ of y, for τ = ½ it is half the absolute error.
    y is (n, k); raw is (n, k·q) for q levels, which vary fastest: ``raw.reshape(n, k, q)``.
    Koenker and Bassett, "Regression quantiles", 1978.

    Parameters
    ----------
    levels : tuple of float
        Strictly increasing, in (0, 1); at least one.
    """

    levels: tuple[float, ...] = (0.5,)

    name = "quantile"

    def __post_init__(self) -> None:
        try:
            levels = tuple(float(level) for level in self.levels)
        except (TypeError, ValueError):
            levels = ()
        if not levels or not all(low < high for low, high in pairwise((0, *levels, 1))):
            raise InvalidValueError(
                "levels must be at least one number in (0, 1), strictly increasing",
                self.levels,
                "(0.5,) is the median, (0.05, 0.5, 0.95) adds an interval",
            )
        object.__setattr__(self, "levels", levels)

    def target_shape(self, n_outputs: int) -> tuple[int, ...]:
        levels = len(self.levels)
        if n_outputs % levels:
            raise InvalidValueError(
                f"the number of outputs must be a multiple of {levels}, the number of levels",
                n_outputs,
                "give the network's last layer an output for each target and level",
            )
        return (n_outputs // levels,)

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        split = (*y.shape, len(self.levels))  # splitting an axis is a view of any array
        np.subtract(raw.reshape(split), y[:, :, np.newaxis], out=out.reshape(split))
        # The sign of raw - y cut to [-τ, 1 - τ] is the gradient, and times raw - y the loss.
        np.sign(out, out=scratch)
        slopes = scratch.reshape(split)
        np.minimum(slopes, np.array([1 - level for level in self.levels], raw.dtype), out=slopes)
        np.maximum(slopes, np.array([-level for level in self.levels], raw.dtype), out=slopes)
        out *= scratch
        losses = _sum_of_outputs(out)
        np.copyto(out, scratch)
        return losses


@dataclass(frozen=True)
class Poisson(Loss):
    """Σ over outputs of exp(raw) - y·raw + y·log(y) - y: half the Poisson deviance, log link.

    Targets are counts or rates, ≥ 0; the last two terms make a perfect prediction cost 0, as in
    scikit-learn. ``raw`` beyond the dtype's largest exponent saturates.
    """

    name = "poisson"
    output_activation = "exp"
    domain = (0, math.inf)

    def predict(self, raw: Array, out: Array) -> None:
        np.minimum(raw, exponent_limit(raw.dtype), out=out)
        np.exp(out, out=out)

    def samples(self, raw: Array, y: Array, out: Array, scratch: Array) -> Array:
        self.predict(raw, out)
        out -= y
        losses = _sum_of_outputs(out)
        losses -= _dot_rows(raw, y)
        np.sign(y, out=scratch)
        xlogy(scratch, y, out=scratch)  # log(y), and 0 where y is 0
        losses += _dot_rows(scratch, y)
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
            Quantile(),
            Poisson(),
        )
    },
)
