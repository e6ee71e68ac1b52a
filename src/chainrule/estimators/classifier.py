"""The classifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils import compute_sample_weight
from sklearn.utils._param_validation import Interval
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call

from chainrule._types import Array
from chainrule.engine.initializers import Initializer
from chainrule.engine.optimizers import Optimizer
from chainrule.engine.schedules import Schedule
from chainrule.errors import InvalidValueError
from chainrule.estimators.fitting import Fitted
from chainrule.estimators.log_loss import LogProbabilities
from chainrule.estimators.measuring import Scoring
from chainrule.estimators.mlp import BaseMLP, is_stochastic, set_parameters
from chainrule.estimators.parameter_errors import Names
from chainrule.estimators.parameters import documented
from chainrule.estimators.settings import ActivationLike
from chainrule.estimators.target_validation import (
    all_labels,
    column_as_1d,
    labels_of,
    present,
)
from chainrule.estimators.targets import (
    ClassTargets,
    Multioutput,
    Targets,
    class_targets,
    has_column_classes,
)
from chainrule.estimators.validation import check_unmasked
from chainrule.training.callbacks import Callback


@documented
class MLPClassifier(LogProbabilities, ClassifierMixin, BaseMLP):  # type: ignore[misc]
    """Multilayer perceptron classifier: scikit-learn's, and what its users have asked for.

    It minimises the cross-entropy: of a softmax for three classes or more, of logistic outputs for
    two classes and for several labels at once, of one softmax a column where several columns have
    classes of their own. With ``dtype="float64"`` the same ``random_state`` gives
    scikit-learn's weights.

    {parameters}

    Attributes
    ----------
    classes_ : array of shape (n_classes,), or list of them
        The labels; one array a column for several columns.
    {attributes}

    Examples
    --------
    >>> from chainrule import MLPClassifier
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> net = MLPClassifier((64,), learning_rate_init=0.01, max_iter=20, random_state=0)
    >>> net.set_params(n_iter_no_change=3, tol=0.01).fit(X / 16, y).score(X / 16, y) > 0.98
    True
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **BaseMLP._parameter_constraints,
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "class_weight": [dict, list, Names(["balanced"]), None],
    }

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] | Array = (100,),
        activation: ActivationLike | Sequence[ActivationLike] = "relu",
        *,
        solver: str | Optimizer = "adam",
        alpha: float = 0.0001,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: str | Schedule = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-4,
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
        label_smoothing: float = 0.0,
        class_weight: dict[Any, float] | list[dict[Any, float]] | Literal["balanced"] | None = None,
        scoring: Scoring = None,
        input_scaling: Literal["standard", "minmax", "robust"] | None = None,
        dtype: Literal["auto", "float32", "float64"] = "float32",
        callbacks: Callback | Sequence[Callback] | None = None,
        checkpoint: str | Path | None = None,
        progress: bool = False,
        n_threads: int | None = None,
    ) -> None:
        set_parameters(self, locals())

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
    ) -> Self:
        """Learn from labelled samples, anew unless ``warm_start`` is set.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples. Arrays of any number type, memory maps too, are taken a batch at a time.
        y : array-like of shape (n_samples,) or (n_samples, n_columns)
            Labels; a table of 0 and 1 for several labels at once, or one column for each of
            several classifications.
        sample_weight : array-like of shape (n_samples,), optional
            Weights.
        X_val, y_val : array-like, optional
            Validation data, measured after each epoch; nothing is then held out of ``X``.

        Returns
        -------
        MLPClassifier
            Itself.
        """
        return self._fit(X, y, sample_weight, X_val, y_val)

    @available_if(is_stochastic)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Learn for one epoch, going on where the last call ended.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_columns)
            Labels.
        sample_weight : array-like of shape (n_samples,), optional
            Weights.
        classes : array-like of shape (n_classes,), optional
            All labels that will ever come, needed in the first call: the columns' numbers for a
            table of 0 and 1, a list of such arrays for several columns of classes.

        Returns
        -------
        MLPClassifier
            Itself.
        """
        if not has_column_classes(classes):
            classes = None if classes is None else all_labels(classes)
            _check_partial_fit_first_call(self._copy(), classes)  # a copy, as it sets classes_
        return self._fit(X, y, sample_weight, incremental=True, classes=classes)

    def _checked_targets(self, y: Any, name: str) -> Any:
        return labels_of(column_as_1d(y, name), name)

    def _targets(self, y: Any, dtype: np.dtype, classes: Any) -> Targets:
        targets = class_targets(
            y, classes=classes, label_smoothing=float(self.label_smoothing), dtype=dtype
        )
        if classes is not None:
            targets.check_seen(y, warm_start=self.warm_start)
        self.classes_ = targets.classes
        return targets

    def _known_targets(self, targets: Any, y: Any) -> Targets:
        targets.check_seen(y, warm_start=self.warm_start)
        loss = replace(targets.loss, label_smoothing=float(self.label_smoothing))
        known: ClassTargets = replace(targets, loss=loss)
        return known

    def _class_weight(self, y: Any, *, incremental: bool) -> Array | None:
        if self.class_weight is None:
            return None
        if incremental and self.class_weight == "balanced":
            raise InvalidValueError(
                "class_weight must be a dictionary with partial_fit, which never sees all labels",
                self.class_weight,
                "compute the weights from all labels and pass them",
            )
        weights: Array = compute_sample_weight(self.class_weight, y)
        return weights

    def predict_proba(self, X: Any) -> Any:
        """Return each class's probability.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        array of shape (n_samples, n_classes), or list of them
            In the order of ``classes_``; a list where several columns have classes of their own.
        """
        fitted = self._known_state()
        return _class_targets(fitted).probabilities(self._outputs(X, fitted))

    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithm of each class's probability, arranged as in :meth:`predict_proba`.

        It is computed from the logits: finite where a probability is rounded to 0, and below 0
        where one is rounded to 1.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        array of shape (n_samples, n_classes), or list of them
            Natural logarithms, in the order of ``classes_``.
        """
        fitted = self._known_state()
        return _class_targets(fitted).log_probabilities(self._raw(X, fitted))

    def decision_function(self, X: Any) -> Any:
        """Return the logits: what the softmax or the logistic function is applied to.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        array of shape (n_samples,) for two classes, else (n_samples, n_classes), or list of them
            In the order of ``classes_``; a list where several columns have classes of their own.
        """
        fitted = self._known_state()
        return _class_targets(fitted).logits(self._raw(X, fitted))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of samples whose labels are all predicted right.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_columns)
            Labels.
        sample_weight : array-like of shape (n_samples,), optional
            Weights.
        """
        y = present(y, "y")
        check_unmasked(sample_weight, "sample_weight")
        if getattr(getattr(y, "dtype", None), "kind", None) == "O":
            y = labels_of(np.asarray(y), "y")
        if isinstance(self._known_state().targets, Multioutput):
            predicted, given = self.predict(X), np.asarray(y)
            if given.shape != predicted.shape:
                raise InvalidValueError(
                    f"y must have the predictions' shape, {predicted.shape}",
                    given.shape,
                    "pass a label for each sample and column",
                )
            return float(np.average((predicted == given).all(axis=1), weights=sample_weight))
        return float(super().score(X, y, sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _class_targets(fitted: Fitted) -> ClassTargets:
    targets = fitted.targets
    assert isinstance(targets, ClassTargets)
    return targets
