"""The estimator of a study: from a name and parameters to one that is ready to be fitted.

Whatever has scikit-learn's API will do: a class, or a function that returns an estimator. What only
chainrule's have is used where it is there: callbacks, validation data, checkpoints.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics import get_scorer

from chainrule._synonyms import SYNONYMS, said_of
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from chainrule.estimators.mlp import BaseMLP
from chainrule.registry import Registry, meant

Make = Callable[..., Any]  # parameters by name -> an estimator that is not fitted

ESTIMATORS: Registry[type] = Registry(
    "estimator",
    {
        "MLPClassifier": MLPClassifier,
        "MLPRegressor": MLPRegressor,
        "MLPAutoencoder": MLPAutoencoder,
        "NeuralNetwork": NeuralNetwork,
    },
)
OF_TASK = {
    "classification": MLPClassifier,
    "regression": MLPRegressor,
    "autoencoder": MLPAutoencoder,
}


def find(estimator: str | Make, task: str) -> Make:
    """Return what makes a study's estimators; "auto" goes by the task."""
    if not isinstance(estimator, str):
        return estimator
    return OF_TASK[task] if estimator == "auto" else ESTIMATORS[estimator]


def task_of(estimator: str | Make) -> str | None:
    """Return the task that an estimator settles; None if it settles none."""
    if estimator == "auto":
        return None
    kind = ESTIMATORS[estimator] if isinstance(estimator, str) else estimator
    if not isinstance(kind, type):
        return None
    return next((task for parent, task in _TASKS.items() if issubclass(kind, parent)), None)


_TASKS: dict[type, str] = {
    MLPAutoencoder: "autoencoder",
    ClassifierMixin: "classification",
    RegressorMixin: "regression",
}


def parameters_of(make: Make) -> dict[str, inspect.Parameter]:
    """Return the parameters by name; whether others may be passed shows in their kinds."""
    return dict(inspect.signature(make).parameters)


def takes(function: Callable[..., Any], name: str) -> bool:
    """Return whether a function or class has a parameter of that name."""
    return name in inspect.signature(function).parameters


def build(make: Make, parameters: Mapping[str, Any], seed: int, **own: Any) -> Any:
    """Return an estimator with a seed and, of what else a study sets, what it takes.

    Parameters
    ----------
    make : callable
        The estimator's class.
    parameters : mapping
        Fixed ones and a candidate's.
    seed : int
        Its ``random_state``.
    **own : object
        Callbacks, a checkpoint's path; None for none.
    """
    given = {"random_state": seed, **own}
    taken = {k: v for k, v in given.items() if v is not None and takes(make, k)}
    return make(**taken, **parameters)


def check(make: Make, parameters: Mapping[str, Any], where: str) -> Any:
    """Return an estimator that is made of parameters and takes their values.

    Parameters
    ----------
    make : callable
        The estimator's class.
    parameters : mapping
        Fixed ones and a candidate's.
    where : str
        What an error should say they are of: the candidate in words.

    Raises
    ------
    InvalidValueError
        If there is no such parameter, or the estimator refuses a value.
    """
    check_names(make, parameters, "candidates")
    try:
        estimator = build(make, parameters, 0)
        if hasattr(estimator, "_parameter_constraints"):
            estimator._validate_params()
    except (ValueError, TypeError) as error:
        raise _refused(name_of(make), where, error) from None
    return estimator


def try_out(
    estimator: Any, parameters: Mapping[str, Any], where: str, some: tuple[Any, Any]
) -> None:
    """Build an estimator's network for a few rows (X, y), if it is one of chainrule's.

    Raises
    ------
    InvalidValueError
        If a parameter does not go with the others. What few rows lack, a class or a full batch, is
        no fault of the parameters, nor is what this machine's memory cannot hold.
    """
    if not isinstance(estimator, BaseMLP):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            estimator.initialize(*some)
        except MemoryError:
            return  # it will be the error of its trials, and the study goes on without them
        except ValueError as error:
            if str(error).partition(" ")[0] in parameters:
                raise _refused(name_of(type(estimator)), where, error) from None


def _refused(name: str, where: str, error: Exception) -> InvalidValueError:
    said = " ".join(str(error).split()).rstrip(".")
    return InvalidValueError(
        f"candidates must be what {name} takes ({said})", Words(where), "change the value"
    )


def check_metrics(estimator: Any, metrics: Sequence[str]) -> None:
    """Raise InvalidValueError if a metric calls a method that an estimator does not have."""
    for metric in metrics:
        called = "score" if metric == "score" else get_scorer(metric)._response_method
        methods = (called,) if isinstance(called, str) else tuple(called)
        if not any(hasattr(estimator, method) for method in methods):
            raise InvalidValueError(
                f"metrics must call methods that {name_of(type(estimator))} has",
                Words(f"{metric}, which calls {' or '.join(methods)}"),
                "choose another metric",
            )


def check_names(make: Make, names: Mapping[str, Any], where: str) -> None:
    """Raise InvalidValueError for a name that is no parameter, or is the study's to set."""
    known = parameters_of(make)
    anything = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    for name in names:
        is_unknown = name not in known and not anything
        remedy = said_of(name, _OURS) if is_unknown or name in _OURS else None
        if remedy is not None:
            raise InvalidValueError(
                f"{name} must be left to the study", Words(f"one in {where}"), remedy
            )
        if is_unknown:
            raise InvalidValueError(
                f"{where} must set parameters of {name_of(make)}",
                name,
                meant(name, known, SYNONYMS) or f"it has {', '.join(known)}",
            )


# What a study sets itself.
_OURS = {
    "random_state": "list seeds instead",
    "callbacks": "use the study's callbacks",
    "checkpoint": "a study goes on by itself",
    "progress": "the study's progress is shown",
}


def name_of(make: Make) -> str:
    """Return what an estimator is called: chainrule's by name, others with their module."""
    name = getattr(make, "__qualname__", repr(make))
    if ESTIMATORS.get(name) is make if name in ESTIMATORS else False:
        return str(name)
    return f"{getattr(make, '__module__', '')}.{name}"
