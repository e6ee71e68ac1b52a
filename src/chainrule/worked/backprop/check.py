"""The gradient in two other ways: by differences of the loss, and by the engine.

A network of linear pieces with a squared loss is, as a function of one parameter, made of
parabolas, and the central difference of a parabola is its derivative: with fractions that check is
exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.engine import params
from chainrule.engine.activations import Identity
from chainrule.engine.network import loss_and_gradient, quiet
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.worked.backprop.calculation import Step, loss_at
from chainrule.worked.backprop.example import Example, Key, Parameters
from chainrule.worked.numbers import Value, size, to_float

EXACT_STEP = Fraction(1, 10**30)  # so small that a kink in between is a kink at the place itself
FLOAT_STEP = 1e-6
# Of the largest number, or of 1. With fractions nothing is lost but where two parabolas meet.
EXACT_TOLERANCE, DIFFERENCES_TOLERANCE, ENGINE_TOLERANCE = 1e-20, 1e-6, 1e-9


@dataclass(frozen=True)
class Check:
    """A gradient found in another way.

    Attributes
    ----------
    name : str
        How it was found.
    gradient : mapping from Key to number
        The derivatives.
    difference : number
        The largest difference from the chain rule's.
    tolerance : float
        How large that may be.
    at_kink : str
        What it does where there is no derivative, for the reader.
    """

    name: str
    gradient: Parameters
    difference: Value
    tolerance: float
    at_kink: str

    @property
    def agrees(self) -> bool:
        """Whether the difference is within the tolerance."""
        return self.difference <= self.tolerance


def check(step: Step) -> tuple[Check, Check]:
    """Return the gradient by differences and by the engine, compared with the step's."""
    largest = max(1.0, abs(float(step.loss)), *(abs(float(g)) for g in step.gradient.values()))
    return (
        _compared(
            "finite differences",
            step,
            differences(step.example),
            (EXACT_TOLERANCE if step.example.exact else DIFFERENCES_TOLERANCE) * largest,
            "they mix the slopes of both sides",
        ),
        _compared(
            "the engine",
            step,
            by_engine(step.example),
            ENGINE_TOLERANCE * largest,
            "the engine's rounding decides the side",
        ),
    )


def kinks(step: Step) -> list[tuple[int, Key | None]]:
    """Return where a sample meets a point without derivative: its number, and the unit.

    The unit is given as its bias's key; None is the loss itself.
    """
    found: list[tuple[int, Key | None]] = []
    for number, (sample, y) in enumerate(zip(step.samples, step.example.Y, strict=True), 1):
        for layer, f in enumerate(step.example.functions):
            zeros = [j for j, z in enumerate(sample.z[layer]) if f.kink and z == 0]
            found += [(number, Key(layer, None, j)) for j in zeros]
        if step.example.loss.at_kink(sample.a[-1], y):
            found.append((number, None))
    return found


def differences(example: Example) -> dict[Key, Value]:
    """Return the central difference of the loss by every parameter."""
    return {key: _difference(example, key) for key in example.parameters}


def _difference(example: Example, key: Key) -> Value:
    value = example.parameters[key]
    width: Value = EXACT_STEP if example.exact else FLOAT_STEP * max(1.0, abs(float(value)))
    above, below = value + width, value - width
    higher = loss_at(example, {**example.parameters, key: above})
    lower = loss_at(example, {**example.parameters, key: below})
    return (higher - lower) / (above - below)


def by_engine(example: Example) -> dict[Key, Value]:
    """Return the engine's gradient, in float64, of this example's loss.

    An output activation becomes a hidden layer with an identity matrix above it, as the engine's
    last layer is linear.
    """
    extra = not isinstance(example.functions[-1].engine, Identity)
    sizes = example.sizes + example.sizes[-1:] * extra
    functions = example.functions if extra else example.functions[:-1]
    spec = NetworkSpec(
        sizes,
        tuple(f.engine for f in functions),
        example.loss.engine,
        (0.0,) * (len(sizes) - 1),
        "float64",
    )
    parameters, gradient = params.Parameters(spec), params.Parameters(spec)
    for key, view, index in _places(example, parameters):
        view[index] = to_float("every number", example.parameters[key])
    if extra:
        np.fill_diagonal(parameters.W[-1], 1)
    work = Workspace(spec, len(example.X))
    work.x[...] = [[to_float("x", value) for value in x] for x in example.X]
    y = np.array([[to_float("y", value) for value in y] for y in example.Y])
    target = y.argmax(axis=1) if example.loss.takes_classes else y
    with quiet():
        loss_and_gradient(parameters, work, target, gradient)
    scale = example.loss.factor * (1 if example.mean else len(example.X))
    return {key: scale * float(view[index]) for key, view, index in _places(example, gradient)}


def _places(example: Example, vector: params.Parameters) -> Iterator[tuple[Key, Any, Any]]:
    for key in example.parameters:
        if key.source is None:
            yield key, vector.b[key.layer], key.unit
        else:
            yield key, vector.W[key.layer], (key.source, key.unit)


def _compared(name: str, step: Step, gradient: Parameters, tolerance: float, at_kink: str) -> Check:
    apart = [size(step.gradient[key] - value) for key, value in gradient.items()]
    return Check(name, gradient, max(apart), tolerance, at_kink)
