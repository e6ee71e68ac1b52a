"""A model as the page needs it: one face for every estimator, with a preparation or without."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.engine.activations import ACTIVATIONS, Activation
from chainrule.engine.losses import LOSSES, Loss
from chainrule.engine.params import Parameters
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from chainrule.estimators.targets import Multilabel
from chainrule.estimators.validation import PIXEL_SCALE, check_is_fitted
from chainrule.explore.content import Named, Task
from chainrule.persist.model_file import find_model
from chainrule.preparation import Preparation
from chainrule.preparation.table_base import BaseTableModel
from chainrule.training.evaluator import Evaluator
from chainrule.training.source import Source

BLOCK_ROWS = 4096  # that are evaluated at a time


@dataclass(frozen=True, eq=False)
class Subject:
    """A model, taken apart.

    Attributes
    ----------
    estimator : MLPClassifier, MLPRegressor, MLPAutoencoder or NeuralNetwork
        Fitted.
    preparation : Preparation or None
        Of its data; None where the estimator takes arrays.
    path : Path or None
        The model file; None for a model in memory.
    task : str
        What it does.
    params : Parameters
        Its network.
    """

    estimator: Any
    preparation: Preparation | None
    path: Path | None
    task: Task
    params: Parameters

    @property
    def classes(self) -> Array | None:
        """The labels, in the order of their numbers; None where there are none."""
        return getattr(self.estimator, "classes_", None)

    @property
    def feature_names(self) -> list[str] | None:
        """Of the columns of X, if it knows them."""
        if self.preparation is not None:
            return self.preparation.feature_names
        names = getattr(self.estimator, "feature_names_in_", None)
        return None if names is None else [str(name) for name in names]

    def scaling(self, dtype: np.dtype | None) -> tuple[Array, Array]:
        """Return what makes (X - shift) * scale the network's input; scalars or (n_features,).

        Parameters
        ----------
        dtype : numpy.dtype or None
            Of X as the estimator takes it; None where there is no data.
        """
        if isinstance(self.estimator, NeuralNetwork):
            pixels = (dtype or self.estimator.dtype_in_) == np.uint8
            return np.array(0.0), np.array(PIXEL_SCALE if pixels else 1.0)
        scaling = self.estimator._known_state().scaling
        if scaling is None:
            return np.array(0.0), np.array(1.0)
        return scaling.shift, scaling.scale

    @property
    def is_pixels(self) -> bool:
        """Whether its preparation takes one column of pixels, and nothing else."""
        columns = () if self.preparation is None else self.preparation.columns
        return len(columns) == 1 and columns[0].kind == "pixels"

    def layers(self, X: Array, params: Parameters | None = None) -> Iterator[list[Array]]:
        """Yield every layer's activations for some rows of X at a time, the outputs last.

        Parameters
        ----------
        X : array of shape (n, n_features)
            As the estimator takes it.
        params : Parameters, optional
            Other weights for the same network.
        """
        evaluator = Evaluator(params or self.params)
        for begin in range(0, len(X), BLOCK_ROWS):
            source = self._source(X[begin : begin + BLOCK_ROWS])
            hidden = [evaluator.features(source, i) for i in range(len(self.params.W) - 1)]
            yield [*hidden, evaluator.predict(source)]

    def outputs(self, X: Array, params: Parameters | None = None) -> Array:
        """Return the output function's values, (n, n_outputs); parameters as :meth:`layers`'."""
        return self._evaluated(Evaluator.predict, X, params or self.params)

    def logits(self, X: Array) -> Array:
        """Return what the output function is applied to, (n, n_outputs)."""
        return self._evaluated(Evaluator.raw, X, self.params)

    def _evaluated(
        self, method: Callable[[Evaluator, Source], Array], X: Array, params: Parameters
    ) -> Array:
        evaluator = Evaluator(params)
        return np.concatenate(
            [
                method(evaluator, self._source(X[begin : begin + BLOCK_ROWS]))
                for begin in range(0, len(X), BLOCK_ROWS)
            ]
        )

    def _source(self, X: Array) -> Source:
        if isinstance(self.estimator, NeuralNetwork):
            return Source(X, scale=PIXEL_SCALE if X.dtype == np.uint8 else None)
        # Without names, as X has none here.
        bare = self.estimator._copy(without="feature_names_in_")
        source: Source = bare._source(X, self.estimator._known_state())
        return source


def subject_of(model: Any) -> Subject:
    """Return a model, or what is in a model file or a run's folder, taken apart.

    Raises
    ------
    DataNotFoundError
        If there is no such file.
    InvalidValueError
        If it is no model, or one that a page cannot run.
    """
    path = find_model(model) if isinstance(model, str | bytes | os.PathLike) else None
    if path is not None:
        from chainrule.preparation.saving import load

        model = load(path)
    prepared = isinstance(model, BaseTableModel)
    if prepared:
        check_is_fitted(model, "network_")
    estimator = model.network_ if prepared else model
    params = _params_of(estimator)
    for activation in params.spec.activations:
        _check_activation(activation)
    task = _task_of(estimator, params.spec.loss)
    return Subject(estimator, model.preparation_ if prepared else None, path, task, params)


def _params_of(estimator: Any) -> Parameters:
    if isinstance(estimator, NeuralNetwork):
        check_is_fitted(estimator, "params_")
        params: Parameters = estimator.params_
        return params
    if not isinstance(estimator, MLPClassifier | MLPRegressor | MLPAutoencoder):
        raise InvalidValueError(
            "model must be one of MLPClassifier, MLPRegressor, MLPAutoencoder, NeuralNetwork, "
            "TableClassifier, TableRegressor, TableAutoencoder, or the path of a model file",
            Words(type(estimator).__name__),
            "pass the estimator itself, out of its pipeline or search",
        )
    return estimator._known_state().params


def _task_of(estimator: Any, loss: Loss) -> Task:
    if isinstance(estimator, MLPRegressor):
        return "regression"
    if isinstance(estimator, MLPAutoencoder):
        return "autoencoder"
    if loss.name not in LOSSES:
        raise InvalidValueError(
            "a page shows a model of one target, or of labels that are each there or not",
            Words(f"one of {len(estimator.classes_)} targets with classes of their own"),
            "train one model for each",
        )
    multilabel = isinstance(estimator, MLPClassifier) and isinstance(
        estimator._known_state().targets, Multilabel
    )
    return "multilabel" if multilabel else "classification"


def _check_activation(activation: Activation) -> None:
    if type(activation) not in {type(ACTIVATIONS[name]) for name in ACTIVATIONS}:
        raise InvalidValueError(
            "every activation must be one of chainrule's own, as a page cannot run Python",
            Words(activation.name),
            f"train with one of {', '.join(ACTIVATIONS)}",
        )


def named(part: Activation | Loss) -> Named:
    """Return an activation or a loss as the page knows it.

    How scikit-learn caps the loss that it reports is left out: gradients are of the loss without.
    """
    values = {
        field.name: getattr(part, field.name)
        for field in fields(part)  # type: ignore[arg-type]  # all of them are dataclasses
        if field.name != "cap"
    }
    finite = {k: v for k, v in values.items() if not isinstance(v, float) or math.isfinite(v)}
    return Named(part.name, finite)
