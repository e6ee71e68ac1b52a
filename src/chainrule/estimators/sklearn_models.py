"""Fitted MLPs of scikit-learn taken over, and given back where it has the features.

:func:`from_sklearn` takes what a training goes on with too, Adam's averages, sgd's velocities and
the best so far: the next steps are those that the given model would take, to rounding.
:func:`to_sklearn` gives weights and attributes; what its model's training goes on with starts anew.
"""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
from sklearn import neural_network as theirs
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.validation import check_is_fitted

from chainrule._types import Array
from chainrule.engine.activations import ACTIVATIONS, Activation, Identity, Relu, Sigmoid, Tanh
from chainrule.engine.losses import Loss, Poisson, SigmoidCrossEntropy, SoftmaxCrossEntropy, Squared
from chainrule.engine.optimizers import Adam, OptimizerState
from chainrule.engine.params import Parameters
from chainrule.engine.schedules import Clock
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators import settings
from chainrule.estimators.classifier import MLPClassifier
from chainrule.estimators.fitting import Fitted, best_epoch
from chainrule.estimators.measuring import score_columns
from chainrule.estimators.mlp import BaseMLP, overwrite
from chainrule.estimators.parameters import SETTLED
from chainrule.estimators.regressor import MLPRegressor
from chainrule.estimators.targets import (
    Binary,
    ClassTargets,
    Multiclass,
    Multilabel,
    Numbers,
    Targets,
)
from chainrule.training.callbacks import Convergence
from chainrule.training.history import Epoch, History, lowest

_PAIRS: dict[type, type[BaseMLP]] = {
    theirs.MLPClassifier: MLPClassifier,
    theirs.MLPRegressor: MLPRegressor,
}
_ACTIVATIONS: dict[type[Activation], str] = {
    Identity: "identity",
    Sigmoid: "logistic",
    Tanh: "tanh",
    Relu: "relu",
}
_LOSSES: dict[type[Loss], str] = {Squared: "squared_error", Poisson: "poisson"}
# What says nothing about the model, or is looked at as the fit has left it.
_NO_MATTER = ("dtype", "progress", "callbacks", "checkpoint", "input_scaling", "quantile", "loss")
_ATTRIBUTES = (
    "n_layers_",
    "n_outputs_",
    "out_activation_",
    "n_features_in_",
    "feature_names_in_",
    "classes_",
    "n_iter_",
    "t_",
    "loss_",
    "loss_curve_",
    "best_loss_",
    "validation_scores_",
    "best_validation_score_",
)


def from_sklearn(model: Any) -> MLPClassifier | MLPRegressor:
    """Return chainrule's estimator for a fitted multilayer perceptron of scikit-learn.

    It predicts what the given one does, to rounding, and has its parameters, with ``dtype="auto"``.
    ``partial_fit`` and warm starts go on from where the given one stands. Arrays are copied.

    Parameters
    ----------
    model : sklearn.neural_network.MLPClassifier or sklearn.neural_network.MLPRegressor
        Fitted.

    Raises
    ------
    NotFittedError
        If it is not fitted.
    InvalidValueError
        If it is something else.
    """
    if type(model) not in _PAIRS:
        raise InvalidValueError(
            "model must be scikit-learn's MLPClassifier or MLPRegressor",
            type(model).__name__,
            "pass the estimator itself, out of its pipeline or search",
        )
    check_is_fitted(model)
    found: Any = _PAIRS[type(model)](**model.get_params(deep=False), dtype="auto")
    dtype = model.coefs_[0].dtype
    hidden = settings.hidden_sizes(model.hidden_layer_sizes)
    targets = _targets(model, found, dtype)
    spec = NetworkSpec(
        layer_sizes=(model.coefs_[0].shape[0], *hidden, model.n_outputs_),
        activations=(ACTIVATIONS[model.activation],) * len(hidden),
        loss=targets.loss,
        dropout=(0.0,) * (len(hidden) + 1),
        dtype=dtype.name,
    )
    settled = {name: getattr(found, name) for name in SETTLED}
    fitted = Fitted(Parameters(spec), targets, loss=targets.loss, settled=settled)
    overwrite(fitted.params, model.coefs_, model.intercepts_)
    found._fitted = fitted
    found.coefs_, found.intercepts_ = list(fitted.params.W), list(fitted.params.b)
    for name in _ATTRIBUTES:
        if hasattr(model, name):
            value = getattr(model, name)
            setattr(found, name, list(value) if isinstance(value, list) else value)
    found.history_ = _history(found, targets)
    found.best_epoch_ = best_epoch(found.history_)
    if hasattr(model, "_optimizer"):
        _take_over_training(model, fitted, found)
    return found  # type: ignore[no-any-return]


def _targets(model: Any, found: Any, dtype: np.dtype) -> Targets:
    if isinstance(found, MLPRegressor):
        return Numbers(settings.regression_loss(found), int(model.n_outputs_))
    cap = -math.log(np.finfo(dtype).eps)
    if model._label_binarizer.y_type_.startswith("multilabel"):
        sparse = bool(model._label_binarizer.sparse_input_)
        return Multilabel(model.classes_, SigmoidCrossEntropy(cap=cap), sparse)
    if len(model.classes_) <= 2:
        return Binary(model.classes_, SigmoidCrossEntropy(cap=cap))
    return Multiclass(model.classes_, SoftmaxCrossEntropy(cap=cap))


def _history(found: Any, targets: Targets) -> History:
    losses = getattr(found, "loss_curve_", None) or []
    scores = getattr(found, "validation_scores_", None) or [None] * len(losses)
    name = score_columns(None, targets)[0]
    rows = [
        Epoch(
            epoch=number + 1,
            train_loss=float(loss),  # with its penalty, which is not known alone
            validation_loss=None,
            scores={} if score is None else {name: float(score)},
            learning_rate=math.nan,
            seconds=math.nan,
        )
        for number, (loss, score) in enumerate(zip(losses, scores, strict=True))
    ]
    best = lowest([-row.scores.get(name, math.nan) for row in rows])
    return History(rows, None if best is None else best + 1)


def _take_over_training(model: Any, fitted: Fitted, found: Any) -> None:
    theirs, ours = model._optimizer, settings.optimizer(found)
    n, t = fitted.params.flat.size, 0
    slots = np.empty((len(ours.slots), n), fitted.params.flat.dtype)
    if isinstance(ours, Adam):
        t = theirs.t
        for slot, values, beta in zip(
            slots, (theirs.ms, theirs.vs), (ours.beta_1, ours.beta_2), strict=True
        ):
            np.divide(_packed(values), 1 - beta, out=slot)
    else:
        slots[0] = _packed(theirs.velocities)
    fitted.optimizer, fitted.state = ours, OptimizerState(slots, t)
    plateaus = round(math.log(model.learning_rate_init / theirs.learning_rate, 5))
    adaptive = model.solver == "sgd" and model.learning_rate == "adaptive"
    fitted.clock = Clock(t, len(found.history_), int(model.t_), plateaus if adaptive else 0)
    score = score_columns(None, fitted.targets)[0] if model.early_stopping else None
    rule = Convergence(model.n_iter_no_change, model.tol, score=score, adaptive=adaptive)
    rule.best = -model.best_validation_score_ if model.early_stopping else model.best_loss_
    rule.stale = model._no_improvement_count
    if model.early_stopping:
        rule.snapshot.epoch = found.history_.best_epoch
        rule.snapshot.flat = _packed([*model._best_coefs, *model._best_intercepts])
    fitted.convergence = rule


def _packed(arrays: Any) -> Array:
    return np.concatenate([np.ravel(array) for array in arrays])


def to_sklearn(model: Any) -> Any:
    """Return scikit-learn's estimator for a fitted one, where it has the features.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted, with one activation of scikit-learn's, one of its losses, no input scaling, and
        every parameter that scikit-learn lacks at its default.

    Returns
    -------
    sklearn.neural_network.MLPClassifier or sklearn.neural_network.MLPRegressor
        With the same predictions, to rounding. Arrays are copied.

    Raises
    ------
    NotFittedError
        If it is not fitted.
    InvalidValueError
        If scikit-learn lacks something; it names the first such thing.
    """
    kinds: dict[type, Any] = {ours: theirs for theirs, ours in _PAIRS.items()}
    if type(model) not in kinds:
        raise InvalidValueError(
            "model must be an MLPClassifier or MLPRegressor to become scikit-learn's",
            type(model).__name__,
            "there is no such class in scikit-learn",
        )
    fitted = model._known_state()
    kind = kinds[type(model)]
    parameters = {
        name: value
        for name, value in model.get_params(deep=False).items()
        if name in inspect.signature(kind).parameters
    }
    _check_beyond(model, parameters)
    parameters |= _named(model, fitted, parameters)
    found = kind(**parameters)
    found._validate_params()
    for name in _ATTRIBUTES:
        if hasattr(model, name):
            setattr(found, name, getattr(model, name))
    found.coefs_ = [W.copy() for W in fitted.params.W]
    found.intercepts_ = [b.copy() for b in fitted.params.b]
    if isinstance(fitted.targets, ClassTargets):
        found._label_binarizer = _binarizer(fitted.targets)
    found._no_improvement_count = 0
    found._best_coefs, found._best_intercepts = list(found.coefs_), list(found.intercepts_)
    return found


def _lacking(what: str, value: Any, remedy: str) -> InvalidValueError:
    return InvalidValueError(f"{what} to become scikit-learn's", value, remedy)


def _check_beyond(model: Any, parameters: dict[str, Any]) -> None:
    for name, parameter in inspect.signature(type(model)).parameters.items():
        value, default = getattr(model, name), parameter.default
        if name not in parameters and name not in _NO_MATTER and value != default:
            raise _lacking(
                f"{name} must be {default!r}",
                value,
                f"it has no such parameter; set_params({name}={default!r}) keeps the predictions",
            )


def _named(model: Any, fitted: Fitted, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters by which scikit-learn knows network and targets."""
    spec, targets = fitted.params.spec, fitted.targets
    if fitted.scaling is not None:
        raise _lacking("input_scaling must be None", model.input_scaling, "scale in a pipeline")
    kinds = {type(activation) for activation in spec.activations} or {Relu}
    if len(kinds) > 1 or not kinds <= set(_ACTIVATIONS):
        raise _lacking(
            f"the activation must be one of {', '.join(_ACTIVATIONS.values())}",
            model.activation,
            "it has no other, and one for all hidden layers",
        )
    named = {"activation": _ACTIVATIONS[kinds.pop()], "hidden_layer_sizes": spec.layer_sizes[1:-1]}
    if isinstance(targets, Numbers):
        loss = _LOSSES.get(type(targets.loss))
        if loss is None or (loss != "squared_error" and "loss" not in parameters):
            raise _lacking(
                "the loss must be squared_error or poisson", model.loss, "it has no other"
            )
        if "loss" in parameters:
            named["loss"] = loss
    elif not isinstance(targets, Binary | Multiclass | Multilabel):
        columns = Words(f"{len(model.classes_)} columns")
        raise _lacking("y must have one column of classes", columns, "fit one model a column")
    return named


def _binarizer(targets: ClassTargets) -> LabelBinarizer:
    several = isinstance(targets, Multilabel)
    return LabelBinarizer().fit(
        np.eye(len(targets.classes), dtype=np.int64) if several else targets.classes
    )
