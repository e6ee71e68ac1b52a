"""What the constructors' annotations promise is what the check of parameters lets pass."""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from numbers import Integral
from pathlib import Path
from typing import Any, Literal, Union

import numpy as np
import pytest
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    InvalidParameterError,
    Options,
    StrOptions,
    validate_parameter_constraints,
)

from chainrule import (
    MLPAutoencoder,
    MLPClassifier,
    MLPRegressor,
    TableAutoencoder,
    TableClassifier,
    TableRegressor,
)
from chainrule._types import Array
from chainrule.engine.activations import Activation, Relu
from chainrule.engine.initializers import Initializer, UniformWithBiases
from chainrule.engine.losses import Huber, Loss
from chainrule.engine.optimizers import Lion, Optimizer
from chainrule.engine.schedules import Constant, Schedule
from chainrule.training.callbacks import Callback

ESTIMATORS = [
    MLPClassifier,
    MLPRegressor,
    MLPAutoencoder,
    TableClassifier,
    TableRegressor,
    TableAutoencoder,
]
each_parameter = pytest.mark.parametrize(
    ("cls", "name"),
    [
        pytest.param(cls, name, id=f"{cls.__name__}-{name}")
        for cls in ESTIMATORS
        for name in inspect.signature(cls).parameters
    ],
)

# Of each type that an annotation names, a value; and of each word of a constraint.
OF_TYPE = {
    Activation: Relu(),
    Initializer: UniformWithBiases(),
    Loss: Huber(),
    Optimizer: Lion(),
    Schedule: Constant(0.1),
    Callback: Callback(),
    Path: Path("net.ckpt"),
    np.random.RandomState: np.random.RandomState(0),
    str: None,  # which texts there are is the constraint's business
    int: 1,
    float: 0.5,
    bool: True,
    type(None): None,
}
OF_WORD = {
    "array-like": [(1, 2), [1], np.array([3])],
    "boolean": [True, False],
    "verbose": [True, 2],
    "random_state": [None, 0, np.random.RandomState(0)],
    callable: [lambda estimator, X, y: 0.0],
    None: [None],
    dict: [{}],
    list: [[]],
    tuple: [()],
    str: ["any text"],
}


def members(hint):
    if typing.get_origin(hint) in (Union, types.UnionType):
        return [one for part in typing.get_args(hint) for one in members(part)]
    return [hint]


def fits(value, hint):
    """Return whether a value is what an annotation says, items of containers aside."""
    kind = typing.get_origin(hint) or hint
    if len(members(hint)) > 1:
        return any(fits(value, one) for one in members(hint))
    if kind is Literal:
        return value in typing.get_args(hint)
    if kind is float:
        return isinstance(value, int | float)
    if kind is collections.abc.Callable:
        return callable(value)
    return isinstance(value, kind)


def allowed(constraint):
    """Return values that a constraint lets pass."""
    if isinstance(constraint, StrOptions | Options):
        return list(constraint.options)
    if isinstance(constraint, Interval):
        return [1 if constraint.type is Integral else 0.5]
    if isinstance(constraint, HasMethods):
        return [Callback()]
    return OF_WORD[constraint] if constraint in OF_WORD else [OF_TYPE[constraint]]


def promised(hint):
    """Return values that an annotation promises to take."""
    kind, inside = typing.get_origin(hint) or hint, typing.get_args(hint)
    if kind is Literal:
        return list(inside)
    if kind is collections.abc.Callable:
        return [len]
    if hint == Array:
        return [np.array([3])]
    if kind in (collections.abc.Sequence, list):
        return [[], ()] if kind is collections.abc.Sequence else [[]]
    if kind is tuple:
        return [(np.tanh, np.cos)]
    if kind is dict:
        return [{}]
    return [] if OF_TYPE[kind] is None and kind is str else [OF_TYPE[kind]]


def hints(cls):
    return typing.get_type_hints(cls.__init__)


@each_parameter
def test_no_annotation_is_any(cls, name):
    assert hints(cls)[name] is not Any


@each_parameter
def test_the_default_fits(cls, name):
    assert fits(inspect.signature(cls).parameters[name].default, hints(cls)[name])


@each_parameter
def test_what_passes_the_check_fits(cls, name):
    for constraint in cls._parameter_constraints[name]:
        for value in allowed(constraint):
            assert fits(value, hints(cls)[name]), (constraint, value)


@each_parameter
def test_what_fits_passes_the_check(cls, name):
    constraints = {name: cls._parameter_constraints[name]}
    for hint in members(hints(cls)[name]):
        for value in promised(hint):
            if (hint, name) != (float, "n_iter_no_change"):  # a whole number, or infinity
                validate_parameter_constraints(constraints, {name: value}, cls.__name__)


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_what_fits_no_annotation_does_not_pass(cls):
    for name, hint in hints(cls).items():
        for value in (object(), 1j):
            if name != "return" and not fits(value, hint):
                with pytest.raises(InvalidParameterError):
                    validate_parameter_constraints(
                        {name: cls._parameter_constraints[name]}, {name: value}, cls.__name__
                    )
