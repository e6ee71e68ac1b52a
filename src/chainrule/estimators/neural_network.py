"""The course report's class, on chainrule's engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from numbers import Integral
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from chainrule._types import Array
from chainrule._warnings import warn
from chainrule.engine.activations import Activation
from chainrule.engine.checks import check_integer
from chainrule.engine.initializers import INITIALIZERS, Initializer
from chainrule.engine.memory import within_memory
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import ClipByValue
from chainrule.engine.schedules import Constant
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators.can_save import CanSave
from chainrule.estimators.log_loss import LogProbabilities, log_softmax
from chainrule.estimators.parameter_errors import KnownParameters
from chainrule.estimators.validation import (
    PIXEL_SCALE,
    RandomState,
    as_generator,
    check_features,
    check_is_fitted,
    check_labels,
    check_number,
    check_random_state,
    check_same_names,
    check_weights,
    looks_like_pixels,
    names_of,
)
from chainrule.training.callbacks import Callback, EarlyStopping, as_callbacks
from chainrule.training.evaluator import EVALUATION_ROWS, Evaluator, sums_overflow
from chainrule.training.history import History
from chainrule.training.loop import Plan, Trainer, check_memory, train
from chainrule.training.source import Source


class NeuralNetwork(KnownParameters, LogProbabilities, CanSave, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A multilayer perceptron classifier, trained by plain mini-batch gradient descent.

    Softmax at the output, cross-entropy loss, biases start at zero, batches are shuffled anew in
    each epoch, the gradient is clipped by value.

    Parameters
    ----------
    N : int
        The number of layers, input and output included: ``len(layer_sizes)``.
    layer_sizes : sequence of int
        The width of each layer; the first is the number of features, the last of classes.
    lr : float
        The learning rate, constant.
    activation : str or Activation
        Of the hidden layers: a name in :data:`chainrule.engine.activations.ACTIVATIONS`.
    weight_init : str or Initializer
        A name in :data:`chainrule.engine.initializers.INITIALIZERS`; the report's are ``"zero"``,
        ``"random"`` and ``"normal"``.
    epochs : int
        The largest number of passes over the training data.
    batch_size : int
        Samples a step; more than there are means all of them.
    patience : int, optional
        Stop after this many epochs in a row without a better validation loss, and restore the
        weights of the best epoch. None trains all epochs and keeps the last weights.
    validation_fraction : float
        The share of the training data held out to measure the validation loss, drawn at random;
        used when ``patience`` is set and ``fit`` is given no validation data. In [0, 1); 0 holds
        out nothing, and the training loss decides.
    clip_value : float
        Each component of the gradient is brought into ± this.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None
        Seeds the held-out part, the weights and the order of the samples, each independently.
    dtype : {"float32", "float64"}
        Of parameters and arithmetic.

    Attributes
    ----------
    params_ : Parameters
        The trained weights ``W`` and biases ``b``.
    history_ : History
        One row an epoch: losses, accuracy, seconds.
    classes_ : array of shape (n_classes,)
        0 … n_classes - 1.
    n_features_in_ : int
        ``layer_sizes[0]``.
    feature_names_in_ : array of str
        Of the columns, where X was a frame; later frames must have them in this order.
    dtype_in_ : numpy.dtype
        Of the training data.

    Notes
    -----
    An ``X`` of dtype uint8 is taken for pixels and multiplied by 1/255, a batch at a time; any
    other dtype is used as it is, with a warning from ``fit`` if it looks like pixels.

    Examples
    --------
    >>> from chainrule import NeuralNetwork, load_mnist
    >>> mnist = load_mnist()
    >>> net = NeuralNetwork(3, [784, 64, 10], 0.1, "relu", "normal", 1, 128, random_state=0)
    >>> net.fit(mnist.X_train[:5000], mnist.y_train[:5000]).score(mnist.X_test, mnist.y_test) > 0.7
    True
    """

    def __init__(
        self,
        N: int,
        layer_sizes: Sequence[int],
        lr: float,
        activation: str | Activation,
        weight_init: str | Initializer,
        epochs: int,
        batch_size: int,
        *,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        clip_value: float = 1e10,
        random_state: RandomState = None,
        dtype: Literal["float32", "float64"] = "float32",
    ) -> None:
        self.N = N
        self.layer_sizes = layer_sizes
        self.lr = lr
        self.activation = activation
        self.weight_init = weight_init
        self.epochs = epochs
        self.batch_size = batch_size
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.clip_value = clip_value
        self.random_state = random_state
        self.dtype = dtype
        self._check()

    def _check(self) -> NetworkSpec:
        # At construction, so that a slip shows at once; again in fit, for set_params.
        try:
            sizes = tuple(self.layer_sizes)
        except TypeError:
            remedy = "such as [784, 256, 10]"
            raise InvalidValueError(
                "layer_sizes must be a sequence of integers", self.layer_sizes, remedy
            ) from None
        if not isinstance(self.N, Integral) or len(sizes) != self.N:
            raise InvalidValueError(
                f"N must be the number of entries of layer_sizes ({len(sizes)}), "
                "input and output included",
                self.N,
                f"pass N={len(sizes)} or change layer_sizes",
            )
        check_number("lr", self.lr, 0, math.inf, "0.001 is a usual value")
        check_integer("epochs", self.epochs, 1, "pass a larger integer")
        check_integer("batch_size", self.batch_size, 1, "128 is a usual value")
        check_number("clip_value", self.clip_value, 0, math.inf, "1e10 does not clip")
        fraction = self.validation_fraction
        if isinstance(fraction, bool) or fraction != 0:  # 0 holds out nothing
            check_number("validation_fraction", fraction, 0, 1, "0.1 is usual")
        if self.patience is not None:
            check_integer("patience", self.patience, 1, "None trains all epochs")
        check_random_state(self.random_state)
        self._initializer()
        return NetworkSpec.of(sizes, self.activation, dtype=self.dtype)

    def _initializer(self) -> Initializer:
        rule = self.weight_init
        return rule if isinstance(rule, Initializer) else INITIALIZERS[rule]

    def fit(
        self,
        X: Any,
        y: Any,
        X_val: Any = None,
        y_val: Any = None,
        *,
        callbacks: Callback | Sequence[Callback] = (),
    ) -> NeuralNetwork:
        """Train from new initial weights.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers; uint8 is taken for pixels.
        y : array-like of shape (n_samples,)
            Class numbers 0 … n_classes - 1.
        X_val, y_val : array-like, optional
            Validation data, measured after each epoch; nothing is then held out of ``X``.
        callbacks : Callback or sequence of Callback
            Called during training; objects with some of its methods too.

        Returns
        -------
        NeuralNetwork
            Itself.

        Raises
        ------
        InvalidValueError
            If a parameter or the data breaks a rule; nothing is changed then.
        DivergenceError
            If a loss or a weight stops being finite; nothing is changed then.
        NotEnoughMemoryError
            If the network does not fit into memory; nothing is changed then.
        """
        spec = self._check()
        check_memory(spec, 2)  # before weights are drawn
        split_rng, weight_rng, order_rng = as_generator(self.random_state).spawn(3)
        training, validation = self._sources(spec, X, y, X_val, y_val, split_rng)
        listeners = as_callbacks(callbacks)
        if self.patience is not None:
            listeners.insert(0, EarlyStopping(self.patience))
        with within_memory():
            params = Parameters(spec).initialize(self._initializer(), weight_rng)
            measure = None if validation is None else partial(Evaluator(params).measure, validation)
            history = train(
                Trainer(params, self._plan(len(training))),
                training,
                order_rng.permutation,
                measure=measure,
                callbacks=listeners,
            )
        return self.take(params, history, training.X.dtype, names_of(X))

    def _plan(self, samples: int) -> Plan:
        return Plan(
            epochs=self.epochs,
            batch_size=min(self.batch_size, samples),
            schedule=Constant(float(self.lr)),
            clip=ClipByValue(float(self.clip_value)),
        )

    def take(
        self,
        params: Parameters,
        history: History,
        dtype_in: np.dtype[Any],
        feature_names: Array | None = None,
    ) -> Self:
        """Become the network that a training has led to; for those who keep what it led to.

        Parameters
        ----------
        params : Parameters
            The trained weights.
        history : History
            Of the training.
        dtype_in : numpy.dtype
            Of the training data.
        feature_names : array of str, optional
            Of its columns, where it was a frame.
        """
        self.__dict__.pop("feature_names_in_", None)
        if feature_names is not None:
            self.feature_names_in_ = feature_names
        self.params_, self.history_, self.dtype_in_ = params, history, dtype_in
        self.classes_ = np.arange(params.spec.layer_sizes[-1])
        self.n_features_in_ = params.spec.layer_sizes[0]
        return self

    def _sources(
        self, spec: NetworkSpec, X: Any, y: Any, X_val: Any, y_val: Any, rng: np.random.Generator
    ) -> tuple[Source, Source | None]:
        if (X_val is None) != (y_val is None):
            given, missing = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
            raise InvalidValueError(
                "X_val and y_val must be given together",
                Words(f"{given} alone"),
                f"pass {missing} too",
            )
        source = _labelled(spec, X, y)
        if source.X.dtype != np.uint8 and looks_like_pixels(source.X):
            warn(
                f"X has whole numbers up to {source.X.max():g} of dtype {source.X.dtype}, used as "
                "they are: divide pixels by 255, or pass them as uint8."
            )
        if X_val is not None:
            check_same_names(X_val, names_of(X), "X_val")
            names = ("X_val", "y_val")
            return source, _labelled(spec, X_val, y_val, names, fitted=source.X.dtype)
        if self.patience is None or self.validation_fraction == 0:
            return source, None
        held_out = round(self.validation_fraction * len(source))
        if not 0 < held_out < len(source):
            raise InvalidValueError(
                f"validation_fraction of {len(source)} samples must leave at least one to learn "
                "from and one to hold out",
                self.validation_fraction,
                "change it, pass more samples, or pass X_val and y_val",
            )
        order = rng.permutation(len(source))
        X, y, scale = source.X, source.y, source.scale
        # Sorted, so that a memory map is read in order.
        return (
            Source(X, y, rows=np.sort(order[held_out:]), scale=scale),
            Source(X, y, rows=np.sort(order[:held_out]), scale=scale),
        )

    def predict_proba(self, X: Any) -> Array:
        """Return each class's probability, shape (n_samples, n_classes), in ``dtype``.

        Raises
        ------
        InvalidValueError
            If ``X`` breaks a rule, or is so large that the network's sums overflow.
        """
        return self._evaluated(Evaluator.predict, X)

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of each class's probability, arranged as in :meth:`predict_proba`.

        It is computed from the logits: finite where a probability is rounded to 0, and below 0
        where one is rounded to 1.
        """
        return log_softmax(self._evaluated(Evaluator.raw, X))

    def _evaluated(self, method: Callable[[Evaluator, Source], Array], X: Any) -> Array:
        source = self._seen(_source, X)
        return method(Evaluator(self.params_, min(len(source), EVALUATION_ROWS)), source)

    def _seen(self, source_of: Callable[..., Source], X: Any, *more: Any) -> Source:
        """Return data as the fitted network takes it."""
        check_is_fitted(self, "params_")
        check_same_names(X, getattr(self, "feature_names_in_", None))
        return source_of(self.params_.spec, X, *more, fitted=self.dtype_in_)

    def predict(self, X: Any) -> Array:
        """Return the most probable class of each sample, shape (n_samples,)."""
        labels: Array = self.predict_proba(X).argmax(axis=1)
        return labels

    def compute_loss(self, X: Any, y: Any) -> float:
        """Return the mean cross-entropy on (X, y), natural logarithm."""
        source = self._seen(_labelled, X, y)
        _, loss = Evaluator(self.params_).evaluate(source)
        if not math.isfinite(loss):
            raise sums_overflow(self.params_, f"a loss of {loss}")
        return loss

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of samples classified correctly, weighted if weights are given."""
        hits = self.predict(X) == check_labels(y, len(X), len(self.classes_))
        weights = None if sample_weight is None else check_weights(sample_weight, len(hits))
        return float(np.average(hits, weights=weights))


def _source(
    spec: NetworkSpec, X: Any, name: str = "X", fitted: np.dtype[Any] | None = None
) -> Source:
    X = check_features(X, spec.layer_sizes[0], name, dtype=spec.dtype)
    pixels = X.dtype == np.uint8
    both_integers = fitted is not None and fitted.kind in "iu" and X.dtype.kind in "iu"
    if both_integers and (fitted == np.uint8) != pixels:
        # uint8 is scaled and other integers are not: nobody means to change from one to the other.
        raise InvalidValueError(
            f"{name} must have the integer type of the training data, {fitted}, as only uint8 is "
            "scaled by 1/255",
            Words(str(X.dtype)),
            f'convert it with {name}.astype("{fitted}")',
        )
    return Source(X, scale=PIXEL_SCALE if pixels else None)


def _labelled(
    spec: NetworkSpec,
    X: Any,
    y: Any,
    names: tuple[str, str] = ("X", "y"),
    fitted: np.dtype[Any] | None = None,
) -> Source:
    source = _source(spec, X, names[0], fitted)
    source.y = check_labels(y, len(source), spec.layer_sizes[-1], names[1])
    return source
