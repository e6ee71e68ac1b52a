"""Fitted estimators to files and back: their part of ``save`` and ``load``.

:mod:`~chainrule.persist.model_file` knows the bytes, :mod:`~chainrule.estimators.saved_model` the
document in them. Here an estimator is taken apart and put together: nothing is trained, drawn or
computed, so that predictions are equal to the bit.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from chainrule._files import as_path, check_place
from chainrule._types import Array
from chainrule._version import __version__
from chainrule.engine.optimizers import OptimizerState
from chainrule.engine.params import Parameters
from chainrule.errors import DataFormatError, InvalidValueError
from chainrule.estimators.fitting import Fitted
from chainrule.estimators.saved_model import (
    ESTIMATORS,
    NOT_SAVED,
    Contents,
    blocks,
    from_document,
    to_document,
)
from chainrule.estimators.saved_training import CURVES, LEARNT, Training, Watch
from chainrule.estimators.saved_values import NUMBERS
from chainrule.estimators.scaling import Scaling
from chainrule.estimators.targets import ClassTargets
from chainrule.estimators.validation import check_is_fitted
from chainrule.persist import checks, model_file
from chainrule.persist.model_file import Block
from chainrule.training.callbacks import Convergence
from chainrule.training.history import History


def save(model: Any, path: Any, *, optimizer: bool = False, history: bool = True) -> None:
    """Write a fitted estimator to one file; :func:`chainrule.save` has parameters and errors."""
    file = as_path(path, "the model's path")
    check_place(file, over=True)
    document, parts = taken_apart(model, optimizer=optimizer, history=history)
    model_file.write(file, document, parts)


def understand(document: Any) -> tuple[Contents, list[Block]]:
    """Return what a document from a file says, and the tensors that belong to it, or refuse it."""
    found = from_document(document)
    return found, blocks(found)


# -- apart -----------------------------------------------------------------------------------------


def taken_apart(
    model: Any, *, optimizer: bool = False, history: bool = True
) -> tuple[dict[str, Any], list[tuple[Block, Array]]]:
    """Return a fitted estimator's document and numbers; parameters are :func:`save`'s."""
    contents, arrays = _contents_of(model, optimizer=optimizer, history=history)
    return to_document(contents), list(zip(blocks(contents), arrays, strict=True))


def _contents_of(model: Any, *, optimizer: bool, history: bool) -> tuple[Contents, list[Array]]:
    name = type(model).__name__
    if type(model) not in ESTIMATORS.values():
        raise InvalidValueError(
            f"model must be one of {', '.join(ESTIMATORS)} to be saved",
            name,
            "pass the estimator itself, out of its pipeline or search",
        )
    parameters = {
        name: value for name, value in model.get_params(deep=False).items() if name not in NOT_SAVED
    }
    rows = getattr(model, "history_", None) if history else None
    if name == "NeuralNetwork":
        return _report_s(model, parameters, rows)
    if getattr(model, "callbacks", None):
        raise InvalidValueError(
            "callbacks must be None to be saved, as they are code",
            model.callbacks,
            "call set_params(callbacks=None) before",
        )
    model._validate_params()
    fitted = model._known_state()
    training, states = _training(fitted) if optimizer else (None, [])
    scaling = fitted.scaling
    learnt = [*LEARNT, *(CURVES if history else ())]
    found = Contents(
        estimator=name,
        library=__version__,
        parameters=parameters,
        spec=fitted.params.spec,
        targets=fitted.targets,
        feature_names=_feature_names(model),
        dtype_in=None,
        scaled=scaling is not None,
        settled=fitted.settled,
        learnt={name: getattr(model, name) for name in learnt if hasattr(model, name)},
        history=rows,
        training=training,
    )
    scales = [] if scaling is None else [np.concatenate([scaling.shift, scaling.scale])]
    return found, [fitted.params.flat, *scales, *states]


def _feature_names(model: Any) -> list[str] | None:
    names = getattr(model, "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]


def _report_s(
    model: Any, parameters: dict[str, Any], rows: History | None
) -> tuple[Contents, list[Array]]:
    check_is_fitted(model, "params_")
    dtype = model.dtype_in_.name
    found = Contents(
        estimator="NeuralNetwork",
        library=__version__,
        parameters=parameters,
        spec=model.params_.spec,
        targets=None,
        feature_names=_feature_names(model),
        dtype_in=dtype if dtype in NUMBERS else "float64",  # which floats does not matter
        scaled=False,
        settled={},
        learnt={},
        history=rows,
        training=None,
    )
    return found, [model.params_.flat]


def _training(fitted: Fitted) -> tuple[Training, list[Array]]:
    state, rule = fitted.state, fitted.convergence
    states = [] if state is None or not state.slots.size else [state.slots]
    watch = None
    if rule is not None:
        best = rule.snapshot.flat
        watch = Watch(rule.score, rule.best, rule.stale, rule.snapshot.epoch, best is not None)
        states += [] if best is None else [best]
    optimizer = None if state is None else fitted.optimizer
    return Training(optimizer, 0 if state is None else state.t, fitted.clock, watch), states


# -- together --------------------------------------------------------------------------------------


def put_together(contents: Contents, arrays: list[Array]) -> Any:
    """Return the estimator with these contents, and the numbers of their blocks in their order."""
    with checks.refusing("parameters"):
        model = ESTIMATORS[contents.estimator](**contents.parameters)
    params = Parameters(contents.spec, arrays.pop(0))
    if contents.estimator == "NeuralNetwork":
        dtype_in = np.dtype(str(contents.dtype_in))
        names = contents.feature_names
        named = None if names is None else np.array(names, object)
        return model.take(params, contents.history or History(), dtype_in, named)
    assert contents.targets is not None
    with checks.refusing("parameters"):
        model._validate_params()
    with checks.refusing("settled"):
        model._copy().set_params(**contents.settled)._validate_params()
    scaling = None
    if contents.scaled:
        scaling = Scaling(*arrays.pop(0).reshape(2, -1))
        if not (scaling.scale > 0).all():
            raise DataFormatError("every number of scaling.scale must be above 0")
    fitted = Fitted(
        params,
        contents.targets,
        scaling=scaling,
        loss=contents.spec.loss,
        settled=contents.settled,
    )
    if contents.training is not None:
        _go_on(fitted, contents.training, arrays, partial(Convergence, model.n_iter_no_change))
    _publish(model, fitted, contents)
    return model


def _go_on(fitted: Fitted, training: Training, arrays: list[Array], rule: Any) -> None:
    fitted.clock, optimizer = training.clock, training.optimizer
    if optimizer is not None:
        n = fitted.params.flat.size
        slots = arrays.pop(0) if optimizer.slots else np.empty(0, fitted.params.flat.dtype)
        fitted.optimizer = optimizer
        fitted.state = OptimizerState(slots.reshape(len(optimizer.slots), n), training.t)
    watch = training.watch
    if watch is not None:
        fitted.convergence = rule(0.0, score=watch.score)
        fitted.convergence.best, fitted.convergence.stale = watch.best, watch.stale
        fitted.convergence.snapshot.epoch = watch.epoch
        fitted.convergence.snapshot.flat = arrays.pop(0) if watch.has_snapshot else None


def _publish(model: Any, fitted: Fitted, contents: Contents) -> None:
    params, targets = fitted.params, fitted.targets
    model._fitted = fitted
    model.coefs_, model.intercepts_ = list(params.W), list(params.b)
    model.n_layers_ = len(params.spec.layer_sizes)
    model.n_features_in_ = params.spec.layer_sizes[0]
    model.n_outputs_, model.out_activation_ = targets.n_outputs, targets.out_activation
    if contents.feature_names is not None:
        model.feature_names_in_ = np.array(contents.feature_names, object)
    if isinstance(targets, ClassTargets):
        model.classes_ = targets.classes
    if contents.estimator == "MLPAutoencoder":
        hidden = params.spec.layer_sizes[1:-1]
        model.bottleneck_ = hidden.index(min(hidden))
    model.history_ = contents.history or History()
    for name, value in contents.learnt.items():
        setattr(model, name, value)
