"""From what users call targets to what a loss takes, and back.

One class for each kind of target. Each knows how many outputs the network needs, which loss
belongs to them, scikit-learn's name for the output function, and how predictions look.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from scipy.special import log_expit
from sklearn.metrics import d2_pinball_score, r2_score
from sklearn.utils.multiclass import (
    check_classification_targets,
    type_of_target,
    unique_labels,
)

from chainrule._types import Array
from chainrule.engine.losses import (
    GroupedSoftmaxCrossEntropy,
    Loss,
    Quantile,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators.log_loss import log_softmax
from chainrule.estimators.target_validation import is_table_of_objects, typed
from chainrule.training.source import Source


class Targets(ABC):
    """A kind of target.

    Attributes
    ----------
    n_outputs : int
        Of the network.
    loss : Loss
        What the network learns to lower.
    loss_scale : float
        What the loss is multiplied by where it is reported.
    out_activation : str
        scikit-learn's name of the output function.
    score_name : str
        What :meth:`score` is.
    """

    n_outputs: int
    loss: Loss
    loss_scale: float = 1.0
    out_activation: str
    score_name: str

    def check_source(  # noqa: B027 - targets of their own are checked when they are encoded
        self, source: Source, name: str
    ) -> None:
        """Raise unless samples that are their own targets, whose name is given, suit the loss."""

    def check_seen(  # noqa: B027 - numbers need none
        self, y: Any, *, warm_start: bool, name: str = "y"
    ) -> None:
        """Raise unless y, whose name is given, goes with the targets of the first call."""

    @abstractmethod
    def encode(self, y: Any, dtype: np.dtype, name: str = "y") -> Array:
        """Return targets as the loss takes them: (n,) or (n, n_columns) of ``dtype``."""

    @abstractmethod
    def decode(self, outputs: Array) -> Any:
        """Return predictions as users know them, from the output function's values."""

    @abstractmethod
    def score(self, encoded: Any, outputs: Array, weight: Array | None, loss: float) -> float:
        """Return how good finite outputs are, higher is better.

        Parameters
        ----------
        encoded : array
            What :meth:`encode` returned for the same samples.
        outputs : array of shape (n, n_outputs)
            The output function's values.
        weight : array of shape (n,) or None
            Sample weights.
        loss : float
            On the same samples.
        """


def domain_rule(loss: Loss, loss_name: str) -> str:
    """Return where targets must lie for a loss, in words."""
    low, high = loss.domain
    numbers = f"at least {low:g}" if high == math.inf else f"in [{low:g}, {high:g}]"
    return f'must be {numbers} with loss="{loss_name}"'


def _other_shape(name: str, rule: str, y: Any) -> InvalidValueError:
    # Validation data goes with y of the same call, new targets with those of an earlier one.
    when, remedy = "in the first call", "call fit to start anew"
    if name != "y":
        when, remedy = "y", "pass targets of the same kind"
    return InvalidValueError(
        f"{name} must have {rule}, as {when}", Words(f"shape {y.shape}"), remedy
    )


class ClassTargets(Targets):
    """Labels; ``classes`` is what users see as ``classes_``."""

    score_name = "accuracy"
    classes: Any

    @abstractmethod
    def hits(self, encoded: Array, outputs: Array) -> Array:
        """Return which samples are predicted right, in every output: (n,) bool."""

    @abstractmethod
    def probabilities(self, outputs: Array) -> Any:
        """Return each class's probability, as scikit-learn arranges them."""

    @abstractmethod
    def log_probabilities(self, raw: Array) -> Any:
        """Return the logarithms of :meth:`probabilities`, from the raw outputs.

        A probability that is rounded to 0 or 1 has a logarithm all the same, and the logits have
        all its digits.
        """

    def logits(self, raw: Array) -> Any:
        """Return the raw outputs, as scikit-learn arranges a decision function."""
        return raw

    def check_seen(self, y: Any, *, warm_start: bool, name: str = "y") -> None:
        """Raise unless the labels are those of the first call, or for warm start, all of them."""
        if y.ndim != 1:
            raise _other_shape(name, "one label a sample", y)
        try:
            labels, classes = unique_labels(y), self.classes
        except ValueError:
            check_classification_targets(y)  # says what kind of target y is, and does not print it
            raise
        if warm_start and set(labels) != set(classes):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {classes}, `y` has {labels}"
            )
        if np.setdiff1d(labels, classes, assume_unique=True).size:
            raise ValueError(
                f"`{name}` has classes not in `self.classes_`. "
                f"`self.classes_` has {classes}. '{name}' has {labels}."
            )

    def score(self, encoded: Any, outputs: Array, weight: Array | None, loss: float) -> float:
        return float(np.average(self.hits(encoded, outputs), weights=weight))


@dataclass
class Binary(ClassTargets):
    """One or two classes, one logistic output."""

    classes: Array
    loss: Loss

    n_outputs = 1
    out_activation = "logistic"

    def encode(self, y: Any, dtype: np.dtype, name: str = "y") -> Array:
        positive = y == self.classes[1] if len(self.classes) == 2 else np.zeros(len(y))
        encoded: Array = positive.astype(dtype)[:, np.newaxis]
        return encoded

    def decode(self, outputs: Array) -> Array:
        # With one class there is nothing else to answer.
        positive = (outputs[:, 0] > 0.5) & (len(self.classes) == 2)
        labels: Array = self.classes[positive.astype(np.intp)]
        return labels

    def hits(self, encoded: Array, outputs: Array) -> Array:
        right: Array = ((outputs > 0.5) & (len(self.classes) == 2)) == (encoded > 0.5)
        return right[:, 0]

    def probabilities(self, outputs: Array) -> Array:
        if len(self.classes) == 1:
            return np.ones_like(outputs)
        return np.hstack([1 - outputs, outputs])

    def log_probabilities(self, raw: Array) -> Array:
        if len(self.classes) == 1:
            return np.zeros_like(raw)
        logarithms: Array = log_expit(np.hstack([-raw, raw]))
        return logarithms

    def logits(self, raw: Array) -> Array:
        return raw[:, 0]


@dataclass
class Multiclass(ClassTargets):
    """Three classes or more, one of them right; softmax."""

    classes: Array
    loss: Loss

    out_activation = "softmax"

    @property
    def n_outputs(self) -> int:  # type: ignore[override]
        """One for each class."""
        return len(self.classes)

    def encode(self, y: Any, dtype: np.dtype, name: str = "y") -> Array:
        return _numbers(self.classes, y)

    def decode(self, outputs: Array) -> Array:
        labels: Array = self.classes[outputs.argmax(axis=1)]
        return labels

    def hits(self, encoded: Array, outputs: Array) -> Array:
        right: Array = outputs.argmax(axis=1) == encoded
        return right

    def probabilities(self, outputs: Array) -> Array:
        return outputs

    def log_probabilities(self, raw: Array) -> Array:
        return log_softmax(raw)


@dataclass
class Multilabel(ClassTargets):
    """Any number of labels at once, as a table of 0 and 1; logistic outputs."""

    classes: Array
    loss: Loss
    sparse: bool = False

    out_activation = "logistic"

    @property
    def n_outputs(self) -> int:  # type: ignore[override]
        """One for each label."""
        return len(self.classes)

    def encode(self, y: Any, dtype: np.dtype, name: str = "y") -> Array:
        y = np.asarray(getattr(y, "toarray", lambda: y)())
        encoded: Array = y.astype(dtype)
        return encoded

    def check_seen(self, y: Any, *, warm_start: bool, name: str = "y") -> None:
        if y.ndim != 2 or y.shape[1] != self.n_outputs:
            raise _other_shape(name, f"{self.n_outputs} columns of labels", y)
        if not _is_table_of_0_and_1(y):
            raise InvalidValueError(
                f"{name} must be a table of 0 and 1, as in the first call",
                Words("other values"),
                "encode it",
            )

    def decode(self, outputs: Array) -> Any:
        labels = (outputs > 0.5).astype(np.int64)
        return scipy.sparse.csr_matrix(labels) if self.sparse else labels

    def hits(self, encoded: Array, outputs: Array) -> Array:
        right: Array = ((outputs > 0.5) == (encoded > 0.5)).all(axis=1)
        return right

    def probabilities(self, outputs: Array) -> Array:
        return outputs

    def log_probabilities(self, raw: Array) -> Array:
        logarithms: Array = log_expit(raw)
        return logarithms


@dataclass
class Multioutput(ClassTargets):
    """Several columns, each with classes of its own; one softmax a column."""

    classes: list[Array]
    loss: Loss

    out_activation = "softmax"

    @property
    def n_outputs(self) -> int:  # type: ignore[override]
        """One for each class of each column."""
        return sum(len(classes) for classes in self.classes)

    def _columns(self, outputs: Array) -> list[Array]:
        stops = np.cumsum([len(classes) for classes in self.classes])
        return np.split(outputs, stops[:-1], axis=1)

    def encode(self, y: Any, dtype: np.dtype, name: str = "y") -> Array:
        columns = zip(self.classes, y.T, strict=True)
        return np.column_stack([_numbers(classes, labels) for classes, labels in columns])

    def check_seen(self, y: Any, *, warm_start: bool, name: str = "y") -> None:
        if y.shape[1:] != (len(self.classes),):
            raise _other_shape(name, f"{len(self.classes)} columns of labels", y)
        for column, (classes, labels) in enumerate(zip(self.classes, y.T, strict=True)):
            new = np.setdiff1d(typed(labels), classes)
            if new.size:
                raise InvalidValueError(
                    f"column {column} of {name} must have classes of the first call",
                    new.tolist(),
                    "keep to them",
                )

    def decode(self, outputs: Array) -> Array:
        parts = zip(self.classes, self._columns(outputs), strict=True)
        columns = [classes[part.argmax(axis=1)] for classes, part in parts]
        if len({column.dtype.kind in "USO" for column in columns}) == 2:
            # NumPy would make texts of the numbers.
            columns = [column.astype(object) for column in columns]
        return np.column_stack(columns)

    def hits(self, encoded: Array, outputs: Array) -> Array:
        best = [part.argmax(axis=1) for part in self._columns(outputs)]
        right: Array = (np.column_stack(best) == encoded).all(axis=1)
        return right

    def probabilities(self, outputs: Array) -> list[Array]:
        return self._columns(outputs)

    def log_probabilities(self, raw: Array) -> list[Array]:
        return [log_softmax(column) for column in self._columns(raw)]

    def logits(self, raw: Array) -> list[Array]:
        return self._columns(raw)


def _numbers(classes: Array, labels: Array) -> Array:
    # As small as they can be: a large X has many.
    return np.searchsorted(classes, labels).astype(np.min_scalar_type(len(classes)))


def has_column_classes(classes: Any) -> bool:
    """Return whether ``classes`` is a list of arrays, one for each column of the targets."""
    return (
        isinstance(classes, list | tuple)
        and len(classes) > 0
        and all(np.ndim(column) == 1 and not isinstance(column, str) for column in classes)
    )


def _is_table_of_0_and_1(y: Any) -> bool:
    values: Any = getattr(y, "data", y) if scipy.sparse.issparse(y) else y
    return bool(np.isin(values, (0, 1)).all())


def class_targets(
    y: Any, *, classes: Any = None, label_smoothing: float = 0.0, dtype: np.dtype
) -> ClassTargets:
    """Return the kind of target that labels are.

    Parameters
    ----------
    y : array of shape (n,) or (n, n_columns), or sparse
        Labels.
    classes : array of shape (n_classes,) or list of them, optional
        All of them, where ``y`` may lack some; one array a column for several columns.
    label_smoothing : float
        In [0, 1).
    dtype : numpy.dtype
        The network's; decides where scikit-learn caps the loss that it reports.
    """
    # A table of objects has been looked at column by column.
    kind = "multiclass-multioutput"
    if not is_table_of_objects(y):
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y")
    cap = -math.log(np.finfo(dtype).eps)
    sigmoid = SigmoidCrossEntropy(label_smoothing=label_smoothing, cap=cap)
    # A list of arrays means columns of classes, whatever the first batch happens to hold.
    has_columns = has_column_classes(classes)
    if kind == "multilabel-indicator" and not has_columns and _is_table_of_0_and_1(y):
        if classes is not None and len(unique_labels(classes)) != y.shape[1]:
            raise InvalidValueError(
                f"classes must have an entry for each of the {y.shape[1]} columns of y",
                classes,
                "pass the columns' numbers",
            )
        return Multilabel(unique_labels(y), sigmoid, scipy.sparse.issparse(y))
    if has_columns or kind in ("multilabel-indicator", "multiclass-multioutput"):
        columns = np.asarray(y).T if classes is None else classes
        found = [np.unique(typed(np.asarray(column))) for column in columns]
        sizes = tuple(len(classes) for classes in found)
        return Multioutput(found, GroupedSoftmaxCrossEntropy(sizes, label_smoothing))
    labels = unique_labels(y if classes is None else classes)
    if len(labels) <= 2:
        return Binary(labels, sigmoid)
    return Multiclass(labels, SoftmaxCrossEntropy(label_smoothing=label_smoothing, cap=cap))


@dataclass
class Numbers(Targets):
    """One or several numbers a sample.

    Parameters
    ----------
    loss : Loss
        Of numbers.
    n_columns : int
        How many numbers a sample has.
    """

    loss: Loss
    n_columns: int

    @property
    def levels(self) -> tuple[float, ...]:
        """The quantiles that are predicted; empty where it is something else."""
        return self.loss.levels if isinstance(self.loss, Quantile) else ()

    @property
    def n_outputs(self) -> int:  # type: ignore[override]
        """One for each number, or for each quantile of each number."""
        return self.n_columns * max(len(self.levels), 1)

    @property
    def loss_scale(self) -> float:  # type: ignore[override]
        """scikit-learn reports the mean over the outputs, and the sum for Poisson."""
        return 1.0 if self.loss.name == "poisson" else 1 / self.n_columns

    @property
    def out_activation(self) -> str:  # type: ignore[override]
        """``"exp"`` for Poisson, else ``"identity"``."""
        return self.loss.output_activation

    @property
    def score_name(self) -> str:  # type: ignore[override]
        """R², and the explained pinball loss where several quantiles are predicted."""
        return "d2_pinball" if len(self.levels) > 1 else "r2"

    def encode(self, y: Any, dtype: np.dtype, name: str = "y") -> Array:
        y = np.asarray(y)
        y = y[:, np.newaxis] if y.ndim == 1 else y
        if y.shape[1] != self.n_columns:
            wanted = "one number a sample" if self.n_columns == 1 else f"{self.n_columns} columns"
            raise _other_shape(name, wanted, y)
        with np.errstate(over="ignore"):
            encoded: Array = y.astype(dtype)
        if not np.isfinite(encoded).all():
            raise InvalidValueError(
                f"{name} must be finite in {dtype}",
                y[~np.isfinite(encoded)][0].item(),
                'scale y or pass dtype="float64"',
            )
        low, high = self.loss.domain
        beyond = y[(y < low) | (y > high)]
        if beyond.size:
            raise InvalidValueError(
                f"{name} {domain_rule(self.loss, self.loss.name)}",
                beyond[0].item(),
                "choose another loss",
            )
        return encoded

    def _quantiles(self, outputs: Array) -> Array:
        """Return several quantiles, (n, n_columns, n_levels), in ascending order.

        The outputs are fitted one by one, and may cross. Sorted they are nearer to the truth in
        every case: Chernozhukov, Fernández-Val and Galichon, "Quantile and probability curves
        without crossing", 2010.
        """
        return np.sort(outputs.reshape(len(outputs), self.n_columns, len(self.levels)), axis=2)

    def decode(self, outputs: Array) -> Array:
        if len(self.levels) > 1:
            quantiles = self._quantiles(outputs)
            return quantiles if self.n_columns > 1 else quantiles[:, 0]
        return outputs if self.n_columns > 1 else outputs[:, 0]

    def score(self, encoded: Any, outputs: Array, weight: Array | None, loss: float) -> float:
        if len(self.levels) <= 1:
            # In float64, as squares of large numbers overflow in float32.
            wide = encoded.astype(np.float64), outputs.astype(np.float64)
            return float(r2_score(*wide, sample_weight=weight))
        parts = np.moveaxis(self._quantiles(outputs), 2, 0)
        scores = [
            d2_pinball_score(encoded, part, sample_weight=weight, alpha=level)
            for level, part in zip(self.levels, parts, strict=True)
        ]
        return float(np.mean(scores))
