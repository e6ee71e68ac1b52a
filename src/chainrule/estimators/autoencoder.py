"""The autoencoder: a network that learns to put out its input, through a narrow layer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import scipy.sparse
from sklearn.base import _fit_context
from sklearn.utils import check_array
from sklearn.utils.metaestimators import available_if

from chainrule._types import Array
from chainrule.engine.initializers import Initializer
from chainrule.engine.losses import Loss, SigmoidCrossEntropy
from chainrule.engine.network import quiet
from chainrule.engine.optimizers import Optimizer
from chainrule.engine.params import Parameters
from chainrule.engine.schedules import Schedule
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators import settings
from chainrule.estimators.fitting import Fitted, scaled_source
from chainrule.estimators.mlp import (
    BaseMLP,
    is_stochastic,
    overwrite,
    set_parameters,
)
from chainrule.estimators.parameter_errors import Names
from chainrule.estimators.parameters import documented
from chainrule.estimators.scaling import extremes
from chainrule.estimators.settings import ActivationLike
from chainrule.estimators.targets import Targets, domain_rule
from chainrule.estimators.validation import (
    check_in_dtype,
    check_unmasked,
    validated,
    validated_as,
)
from chainrule.training.callbacks import Callback
from chainrule.training.evaluator import EVALUATION_ROWS, Evaluator, check_outputs
from chainrule.training.source import Reconstruction, Source, SparseReconstruction

ROUNDING = 1e-6  # by how much scaled features may miss the range that they are scaled to
LOSSES = ("squared_error", "absolute_error", "huber", "binary_cross_entropy")


@dataclass
class ItsInput(Targets):
    """A sample is its own target."""

    loss: Loss
    n_outputs: int

    score_name = "neg_loss"

    @property
    def loss_scale(self) -> float:  # type: ignore[override]
        """Reported is the mean over the features."""
        return 1 / self.n_outputs

    @property
    def out_activation(self) -> str:  # type: ignore[override]
        """``"logistic"`` for the cross-entropy, else ``"identity"``."""
        name = self.loss.output_activation
        return "logistic" if name == "sigmoid" else name

    def encode(self, y: Any, dtype: np.dtype, name: str = "y") -> Any:
        return None

    def check_source(self, source: Source, name: str) -> None:
        lowest, highest = self.loss.domain
        if (lowest, highest) == (-math.inf, math.inf):
            return
        low, high = extremes(source.X, source.rows)
        is_scaled = source.shift is not None or source.scale is not None
        scaling = ", also as input_scaling leaves it" if is_scaled else ""
        # Which keeps the order of a feature's numbers.
        shift = 0.0 if source.shift is None else source.shift
        scale = 1.0 if source.scale is None else source.scale
        low, high = ((ends - shift) * scale for ends in (low, high))
        worst = int(np.maximum(lowest - low, high - highest).argmax())
        if max(lowest - low[worst], high[worst] - highest) > ROUNDING:
            loss = self.loss.name
            loss = "binary_cross_entropy" if loss == "sigmoid_cross_entropy" else loss
            raise InvalidValueError(
                f"{name} {domain_rule(self.loss, loss)}{scaling}",
                Words(f"{low[worst]:g} … {high[worst]:g} in feature {worst}"),
                'pass input_scaling="minmax", fitted to samples of the whole range',
            )

    def decode(self, outputs: Array) -> Array:
        return outputs

    def score(self, encoded: Any, outputs: Array, weight: Array | None, loss: float) -> float:
        return -loss


@documented
class MLPAutoencoder(BaseMLP):
    """Autoencoder: learns to reproduce X through a narrow hidden layer, the bottleneck.

    ``transform`` gives the bottleneck's activations, ``inverse_transform`` goes from there back to
    the features. The loss is measured on features as ``input_scaling`` has scaled them; what
    ``inverse_transform`` and ``reconstruct`` return is in the units of X again.

    {parameters}

    Attributes
    ----------
    bottleneck_ : int
        Which hidden layer that is, counted from 0: the first of the narrowest.
    {attributes}

    Examples
    --------
    >>> from chainrule import MLPAutoencoder
    >>> from sklearn.datasets import load_digits
    >>> X, _ = load_digits(return_X_y=True)
    >>> net = MLPAutoencoder((64, 16), max_iter=30, input_scaling="minmax", random_state=0)
    >>> net.set_params(n_iter_no_change=2, tol=0.1).fit(X).transform(X).shape
    (1797, 16)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **{k: v for k, v in BaseMLP._parameter_constraints.items() if k != "scoring"},
        "mirrored": ["boolean"],
        "loss": [Names(LOSSES), Loss],
    }
    scoring = None  # no scorer knows what to do without targets: the loss decides

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] | Array = (128, 32),
        activation: ActivationLike | Sequence[ActivationLike] = "relu",
        *,
        mirrored: bool = True,
        loss: str | Loss = "squared_error",
        solver: str | Optimizer = "adam",
        alpha: float = 0.0001,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: str | Schedule = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-6,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        weight_init: str | Initializer = "auto",
        dropout: float | Sequence[float] | Array = 0.0,
        input_dropout: float = 0.0,
        l1: float = 0.0,
        weight_decay: float | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        input_scaling: Literal["standard", "minmax", "robust"] | None = None,
        dtype: Literal["auto", "float32", "float64"] = "float32",
        callbacks: Callback | Sequence[Callback] | None = None,
        checkpoint: str | Path | None = None,
        progress: bool = False,
        n_threads: int | None = None,
    ) -> None:
        set_parameters(self, locals())

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, X_val: Any = None) -> Self:
        """Learn to reproduce samples, anew unless ``warm_start`` is set.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples. Arrays of any number type, memory maps too, are taken a batch at a time.
        y : object, optional
            Not looked at; there so that it can stand in a pipeline.
        sample_weight : array-like of shape (n_samples,), optional
            Weights.
        X_val : array-like, optional
            Validation data, measured after each epoch; nothing is then held out of ``X``.

        Returns
        -------
        MLPAutoencoder
            Itself.
        """
        return self._learn(X, sample_weight, X_val)

    @available_if(is_stochastic)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn for one epoch, going on where the last call ended.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.
        y : object, optional
            Not looked at.
        sample_weight : array-like of shape (n_samples,), optional
            Weights.

        Returns
        -------
        MLPAutoencoder
            Itself.
        """
        return self._learn(X, sample_weight, None, incremental=True)

    def _learn(self, X: Any, sample_weight: Any, X_val: Any, *, incremental: bool = False) -> Self:
        return self._fit(X, None, sample_weight, X_val, X_val, incremental=incremental)

    def _hidden_sizes(self) -> list[int]:
        given = settings.hidden_sizes(self.hidden_layer_sizes)
        if not given:
            raise InvalidValueError(
                "hidden_layer_sizes must have at least one layer, the bottleneck",
                self.hidden_layer_sizes,
                "such as (128, 32)",
            )
        return [*given, *given[-2::-1]] if self.mirrored else given

    def _validated(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        return validated(self, X, reset=reset), None

    def _checked_validation_data(self, X_val: Any, y_val: Any) -> tuple[Any, Any]:
        return validated_as(self, X_val, "X_val"), None

    def _checked_targets(self, y: Any, name: str) -> Any:
        return None

    def _targets(self, y: Any, dtype: np.dtype, classes: Any) -> Targets:
        sizes = self._hidden_sizes()
        self.bottleneck_ = sizes.index(min(sizes))
        return ItsInput(self._loss(), self.n_features_in_)

    def _known_targets(self, targets: Any, y: Any) -> Targets:
        return ItsInput(self._loss(), targets.n_outputs)

    def _loss(self) -> Loss:
        if self.loss == "binary_cross_entropy":
            return SigmoidCrossEntropy()
        loss = settings.regression_loss(self)
        if len(getattr(loss, "levels", ())) > 1:
            raise InvalidValueError("loss must have one output a feature", loss, "choose another")
        return loss

    def _make_source(self, X: Any, encoded: Any, **arguments: Any) -> Source:
        kind = SparseReconstruction if scipy.sparse.issparse(X) else Reconstruction
        return scaled_source(kind, X, None, **arguments)

    @property
    def _feature_layer(self) -> int:
        return self.bottleneck_

    def inverse_transform(self, X: Any) -> Array:
        """Return the samples that bottleneck activations stand for.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_units)
            What :meth:`transform` returns.

        Returns
        -------
        array of shape (n_samples, n_features)
            In the units of the training data.
        """
        fitted = self._known_state()
        first, spec = self.bottleneck_ + 1, fitted.params.spec
        check_unmasked(X, "X")
        Z, units = check_array(X, input_name="X", estimator=self), spec.layer_sizes[first]
        if Z.shape[1] != units:
            raise InvalidValueError(
                f"X must have {units} features, as many as the bottleneck has units",
                Z.shape[1],
                "pass what transform returns",
            )
        check_in_dtype(Z, spec.np_dtype, "X")
        decoder = Parameters(
            replace(
                spec,
                layer_sizes=spec.layer_sizes[first:],
                activations=spec.activations[first:],
                dropout=(0.0,) * (len(spec.layer_sizes) - 1 - first),
            )
        )
        overwrite(decoder, self.coefs_[first:], self.intercepts_[first:])
        outputs = Evaluator(decoder, min(len(Z), EVALUATION_ROWS)).predict(Source(Z))
        return self._unscaled(outputs, fitted)

    def reconstruct(self, X: Any) -> Array:
        """Return what the network makes of samples, in their own units; shaped like X."""
        fitted = self._known_state()
        return self._unscaled(self._outputs(X, fitted), fitted)

    def predict(self, X: Any) -> Array:
        """Return :meth:`reconstruct` of X."""
        return self.reconstruct(X)

    def _unscaled(self, outputs: Array, fitted: Fitted) -> Array:
        scaling = fitted.scaling
        if scaling is not None:
            with quiet():
                outputs /= scaling.scale.astype(outputs.dtype)
                outputs += scaling.shift.astype(outputs.dtype)
            check_outputs(outputs, fitted.params)
        return outputs

    def score(self, X: Any, y: Any = None) -> float:
        """Return the share of the variance of X that reconstructions keep: R² over all features.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples, at least two that differ.
        y : object, optional
            Not looked at.

        Returns
        -------
        float
            1 for perfect reconstructions, 0 for none better than the mean; NaN if all samples are
            equal.
        """
        self._known_state()
        X, _ = self._copy()._validated(X, None, reset=False)
        mean = sum(block.sum(axis=0) for block in _blocks(X)) / X.shape[0]
        lost = total = 0.0
        bare = self._copy(without="feature_names_in_")
        for block in _blocks(X):
            lost += float(((block - bare.reconstruct(block)) ** 2).sum())
            total += float(((block - mean) ** 2).sum())
        return 1 - lost / total if total else float("nan")


def _blocks(X: Any) -> Iterator[Array]:
    for begin in range(0, X.shape[0], EVALUATION_ROWS):
        block = X[begin : begin + EVALUATION_ROWS]
        dense: Any = block.toarray() if scipy.sparse.issparse(X) else block
        yield dense.astype(np.float64)
