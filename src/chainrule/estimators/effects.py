"""Which parameters need another one to have an effect, and what is said where they have none.

A parameter of chainrule's own is refused then. One of scikit-learn's is left as it is where all
else is scikit-learn's too, which is silent about it: grids of such settings are common. Beyond
that, and where more is lost than a number, there is a warning.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn import neural_network as theirs

from chainrule._warnings import warn
from chainrule.errors import InvalidValueError
from chainrule.estimators.settings import OF_SGD

_SKLEARN_PARAMETERS = frozenset(
    name
    for kind in (theirs.MLPClassifier, theirs.MLPRegressor)
    for name in inspect.signature(kind).parameters
)
_SKLEARN_SOLVERS = ("lbfgs", "sgd", "adam")


@dataclass(frozen=True)
class Condition:
    """What must hold for a parameter to have an effect.

    Parameters
    ----------
    text : str
        As users write it.
    holds : callable
        Of an estimator.
    """

    text: str
    holds: Callable[[Any], bool]


def _solver(*names: str) -> Condition:
    text = " or ".join(f'"{name}"' for name in names)
    return Condition(f"solver={text}", lambda p: isinstance(p.solver, str) and p.solver in names)


_WITH_STEPS = Condition('a solver other than "lbfgs"', lambda p: p.solver != "lbfgs")
_ADAM = _solver("adam", "adamw")

CONDITIONS: dict[str, Condition] = {
    "batch_size": _WITH_STEPS,
    "learning_rate": Condition(
        'a solver other than "lbfgs"; "invscaling" and "adaptive" not with "adam" either',
        lambda p: p.solver != "lbfgs" and not (p.solver == "adam" and p.learning_rate in OF_SGD),
    ),
    "learning_rate_init": Condition(
        'learning_rate by name and a solver other than "lbfgs"',
        lambda p: p.solver != "lbfgs" and isinstance(p.learning_rate, str),
    ),
    "power_t": Condition(
        'learning_rate="invscaling" and a solver other than "lbfgs" and "adam"',
        lambda p: p.learning_rate == "invscaling" and p.solver not in ("lbfgs", "adam"),
    ),
    "shuffle": _WITH_STEPS,
    "momentum": _solver("sgd"),
    "nesterovs_momentum": _solver("sgd"),
    "early_stopping": _WITH_STEPS,
    "validation_fraction": Condition(
        'early_stopping=True and a solver other than "lbfgs"',
        lambda p: bool(p.early_stopping) and p.solver != "lbfgs",
    ),
    "beta_1": _ADAM,
    "beta_2": _ADAM,
    "epsilon": _solver("adam", "adamw", "rmsprop"),
    "n_iter_no_change": _WITH_STEPS,
    "max_fun": _solver("lbfgs"),
    "quantile": Condition('loss="quantile"', lambda p: p.loss == "quantile"),
    "dropout": _WITH_STEPS,
    "input_dropout": _WITH_STEPS,
    "l1": _WITH_STEPS,
    "weight_decay": _WITH_STEPS,
    "clip_value": _WITH_STEPS,
    "clip_norm": _WITH_STEPS,
    "callbacks": _WITH_STEPS,
    "checkpoint": _WITH_STEPS,
    "progress": _WITH_STEPS,
}


def check_effects(params: Any) -> None:
    """Raise or warn where a parameter that is set has no effect with the others.

    Raises
    ------
    InvalidValueError
        For a parameter that scikit-learn's estimators don't have.
    """
    defaults = _defaults(params.__class__)
    for name, condition in CONDITIONS.items():
        if name not in defaults or condition.holds(params):
            continue
        value = getattr(params, name)
        if _is_unused(value, defaults[name]):
            continue
        rule = f"{name} has an effect only with {condition.text}"
        if name not in _SKLEARN_PARAMETERS:
            raise InvalidValueError(rule, value, "leave it out, or change the other")
        if name == "early_stopping" or _goes_beyond_sklearn(params):
            warn(f"{rule}: {name}={value!r} has none")


@cache
def _defaults(kind: type) -> dict[str, Any]:
    return {name: one.default for name, one in inspect.signature(kind).parameters.items()}


def _is_unused(value: Any, default: Any) -> bool:
    if isinstance(value, list | tuple | np.ndarray):
        return not np.any(np.asarray(value, dtype=object))
    return bool(value == default) or not (value or default)


def _goes_beyond_sklearn(params: Any) -> bool:
    # Only texts are compared: an object of the engine is one that scikit-learn lacks.
    solver, schedule = params.solver, params.learning_rate
    known = isinstance(solver, str) and isinstance(schedule, str)
    return not known or solver not in _SKLEARN_SOLVERS or schedule not in OF_SGD
