"""From the parameters that users give to the engine's parts: tables where there would be ifs.

Each of scikit-learn's names has its meaning here; an object of the engine may stand wherever a name
may. What does not go together is refused with the rule, the value and the remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from numbers import Integral
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.engine.activations import ACTIVATIONS, Activation, CallableActivation
from chainrule.engine.initializers import INITIALIZERS, Initializer, UniformWithBiases
from chainrule.engine.losses import Absolute, Huber, Loss, Poisson, Quantile, Squared
from chainrule.engine.optimizers import (
    Adam,
    AdamW,
    Lion,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)
from chainrule.engine.regularization import Clip, ClipByNorm, ClipByValue
from chainrule.engine.schedules import SCHEDULES, Adaptive, Constant, InvScaling, Schedule
from chainrule.errors import InvalidValueError

# One activation as users give it; a pair is (function, derivative).
ActivationLike = str | Activation | tuple[Callable[[Array], Array], Callable[[Array], Array]]

SOLVERS: dict[str, Callable[[Any], Optimizer]] = {
    "sgd": lambda p: (Nesterov if p.nesterovs_momentum else Momentum)(momentum=p.momentum),
    "adam": lambda p: Adam(beta_1=p.beta_1, beta_2=p.beta_2, epsilon=p.epsilon),
    "adamw": lambda p: AdamW(beta_1=p.beta_1, beta_2=p.beta_2, epsilon=p.epsilon),
    "rmsprop": lambda p: RMSprop(epsilon=p.epsilon),
    "lion": lambda p: Lion(),
}

# scikit-learn's three schedules are for sgd; its adam ignores them.
OF_SGD: dict[str, Callable[[Any], Schedule]] = {
    "constant": lambda p: Constant(p.learning_rate_init),
    "invscaling": lambda p: InvScaling(p.learning_rate_init, p.power_t),
    "adaptive": lambda p: Adaptive(p.learning_rate_init),
}

REGRESSION_LOSSES: dict[str, Callable[[Any], Loss]] = {
    "squared_error": lambda p: Squared(),
    "absolute_error": lambda p: Absolute(),
    "huber": lambda p: Huber(),
    "quantile": lambda p: Quantile(as_levels(p.quantile)),
    "poisson": lambda p: Poisson(),
}


def _as_list(given: Any) -> list[Any]:
    """Return one value, or several, as a list; an array without dimensions is its one item."""
    items = given if _is_several(given) else [given]
    return [
        item.item() if isinstance(item, np.ndarray) and not item.ndim else item for item in items
    ]


def _is_several(given: Any) -> bool:
    return isinstance(given, Iterable) and getattr(given, "ndim", 1) > 0


def hidden_sizes(given: Any) -> list[int]:
    """Return ``hidden_layer_sizes`` as a list; scikit-learn's error if one is not positive."""
    sizes = _as_list(given)
    if not all(isinstance(size, Integral) and not isinstance(size, bool) for size in sizes):
        raise InvalidValueError(
            "hidden_layer_sizes must be an integer or a sequence of integers",
            given,
            "such as (100,)",
        )
    if any(size <= 0 for size in sizes):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return [int(size) for size in sizes]


def activations(given: Any, n_layers: int) -> tuple[Activation, ...]:
    """Return one activation for each hidden layer, from one or from a list of them."""
    is_pair = isinstance(given, tuple) and len(given) == 2 and all(map(callable, given))
    if isinstance(given, str | Activation) or is_pair:
        return (_activation(given),) * n_layers
    if not isinstance(given, Sequence) or len(given) != n_layers:
        raise InvalidValueError(
            f"activation must be one name or callable pair, or a list of {n_layers}, one for each "
            "hidden layer",
            given,
            "change it or hidden_layer_sizes",
        )
    return tuple(_activation(one) for one in given)


def _activation(given: Any) -> Activation:
    if isinstance(given, Activation):
        return given
    if isinstance(given, tuple) and len(given) == 2:
        return CallableActivation(*given)
    return ACTIVATIONS[given]


def dropout(given: Any, of_input: float, n_layers: int) -> tuple[float, ...]:
    """Return the shares dropped in the input and in each hidden layer."""
    shares = _as_list(given) * (1 if _is_several(given) else n_layers)
    if len(shares) != n_layers:
        raise InvalidValueError(
            f"dropout must be one number, or a list of {n_layers}, one for each hidden layer",
            given,
            "change it or hidden_layer_sizes",
        )
    return (float(of_input), *(float(share) for share in shares))


def initializers(given: Any, hidden: Sequence[Activation], activation: Any) -> list[Initializer]:
    """Return one rule a layer; ``"auto"`` is scikit-learn's, by each layer's activation.

    The output layer goes with the last hidden one, or with what users ask for where there is none:
    scikit-learn knows only one activation.
    """
    n_layers = len(hidden) + 1
    if isinstance(given, Initializer):
        return [given] * n_layers
    if given != "auto":
        return [INITIALIZERS[given]] * n_layers
    owners = [*hidden, *hidden[-1:]] or [_activation(activation or "relu")]
    logistic = ACTIVATIONS["logistic"]
    return [UniformWithBiases(2.0 if owner == logistic else 6.0) for owner in owners]


def optimizer(params: Any) -> Optimizer:
    """Return what ``solver`` and its settings stand for."""
    given = params.solver
    chosen = given if isinstance(given, Optimizer) else SOLVERS[given](params)
    if params.weight_decay is not None:
        chosen = replace(chosen, weight_decay=float(params.weight_decay))
    return chosen


def schedule(params: Any, total_steps: int) -> Schedule:
    """Return what ``learning_rate`` stands for in a training of ``total_steps`` steps."""
    given = params.learning_rate
    if isinstance(given, Schedule):
        return given
    if given in OF_SGD:
        return OF_SGD["constant" if params.solver == "adam" else given](params)
    settings = {"total_steps": total_steps} if has_horizon(given) else {}
    return SCHEDULES[given](float(params.learning_rate_init), **settings)


def has_horizon(learning_rate: Any) -> bool:
    """Return whether the rates that ``learning_rate`` stands for depend on ``max_iter``."""
    if learning_rate not in SCHEDULES:  # a schedule itself, which says when it ends
        return False
    return any(field.name == "total_steps" for field in fields(SCHEDULES[learning_rate]))


def clip(params: Any) -> Clip | None:
    """Return what ``clip_value`` or ``clip_norm`` stands for; both is refused."""
    if params.clip_value is not None and params.clip_norm is not None:
        raise InvalidValueError(
            "clip_value and clip_norm must not be given together",
            (params.clip_value, params.clip_norm),
            "drop one of them",
        )
    if params.clip_norm is not None:
        return ClipByNorm(float(params.clip_norm))
    return None if params.clip_value is None else ClipByValue(float(params.clip_value))


def regression_loss(params: Any) -> Loss:
    """Return what the regressor's ``loss`` stands for."""
    given = params.loss
    if isinstance(given, Loss) and given.takes_classes:
        raise InvalidValueError("loss must be of numbers", given, "such as Huber(delta=2)")
    return given if isinstance(given, Loss) else REGRESSION_LOSSES[given](params)


def as_levels(quantile: Any) -> tuple[float, ...]:
    """Return one or several quantiles as a tuple."""
    try:
        levels = tuple(float(level) for level in _as_list(quantile))
        return Quantile(levels).levels
    except (TypeError, ValueError):
        raise InvalidValueError(
            "quantile must be one number in (0, 1), or several in increasing order",
            quantile,
            "such as 0.5, or [0.05, 0.5, 0.95]",
        ) from None
