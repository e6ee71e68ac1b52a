"""The arithmetic: forward, backward, step; on fractions or floats alike.

With a[0] = x, layer l computes z[l] = W[l]ᵀ a[l] + b[l] and a[l + 1] = f(z[l]); the loss takes the
last a. Backward, da and dz are the derivatives of one sample's loss by a and z.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from chainrule.errors import InvalidValueError
from chainrule.worked.backprop.example import Example, Key, Parameters
from chainrule.worked.numbers import Value, to_float

_LONGEST = 20_000  # bits of a denominator; beyond, exact arithmetic takes seconds a number

Layers = list[list[Value]]


@dataclass(frozen=True)
class Sample:
    """Every number of one sample.

    Attributes
    ----------
    a : list of lists
        What each layer takes, from x on, and what the last puts out.
    z, slopes : list of lists
        Each layer's weighted sums, and its activation's derivatives there.
    prediction : list
        ŷ: the last ``a``, or what the loss's own output function makes of it.
    loss : number
        The loss of this sample.
    da, dz : list of lists
        The loss's derivatives by ``a[1:]`` and by ``z``.
    gradient : mapping from Key to number
        The loss's derivative by every parameter.
    """

    a: Layers
    z: Layers
    slopes: Layers
    prediction: list[Value]
    loss: Value
    da: Layers
    dz: Layers
    gradient: Parameters


@dataclass(frozen=True)
class Step:
    """One step of gradient descent.

    Attributes
    ----------
    example : Example
        What was asked.
    samples : list of Sample
        The pass through the network of each sample.
    loss : number
        Of all samples, their mean or sum.
    gradient, updated : mapping from Key to number
        The loss's derivatives, and the parameters after the step.
    predictions_after : list of lists
        Each sample's prediction after the step.
    losses_after : list
        Each sample's loss after the step.
    loss_after : number
        The loss of all samples after the step.
    """

    example: Example
    samples: list[Sample]
    loss: Value
    gradient: Parameters
    updated: Parameters
    predictions_after: list[list[Value]]
    losses_after: list[Value]
    loss_after: Value


def calculate(example: Example) -> Step:
    """Return every number of one step.

    Raises
    ------
    InvalidValueError
        If a number leaves float64's range, or fractions become too long.
    """
    samples = [_pass(example, x, y) for x, y in zip(example.X, example.Y, strict=True)]
    gradient: dict[Key, Value] = {
        key: example.share * _sum(sample.gradient[key] for sample in samples)
        for key in example.parameters
    }
    updated: dict[Key, Value] = {
        key: value - example.learning_rate * gradient[key]
        for key, value in example.parameters.items()
    }
    _check_length(updated.values())
    outputs = [forward(example, updated, x)[1][-1] for x in example.X]
    losses = [example.loss.at(a, y)[0] for a, y in zip(outputs, example.Y, strict=True)]
    step = Step(
        example,
        samples,
        example.share * _sum(sample.loss for sample in samples),
        gradient,
        updated,
        [example.loss.predict(a) for a in outputs],
        losses,
        example.share * _sum(losses),
    )
    for name, value in (("the loss", step.loss), ("the loss after the step", step.loss_after)):
        to_float(name, value)
    for value in gradient.values():
        to_float("the gradient", value)
    return step


def loss_at(example: Example, parameters: Parameters) -> Value:
    """Return the loss of all samples for other parameters."""
    losses = (
        example.loss.at(forward(example, parameters, x)[1][-1], y)[0]
        for x, y in zip(example.X, example.Y, strict=True)
    )
    return example.share * _sum(losses)


def forward(
    example: Example, parameters: Parameters, x: Sequence[Value]
) -> tuple[Layers, Layers, Layers]:
    """Return z, a (which begins with x) and the activations' derivatives of one sample."""
    z: Layers = []
    a: Layers = [list(x)]
    slopes: Layers = []
    for layer, f in enumerate(example.functions):
        sums = [
            _sum(value * parameters[Key(layer, i, j)] for i, value in enumerate(a[-1]))
            + parameters[Key(layer, None, j)]
            for j in range(example.sizes[layer + 1])
        ]
        _check_length(sums)
        pairs = [f.at(value) for value in sums]
        z.append(sums)
        a.append([value for value, _ in pairs])
        slopes.append([slope for _, slope in pairs])
    return z, a, slopes


def _pass(example: Example, x: Sequence[Value], y: Sequence[Value]) -> Sample:
    z, a, slopes = forward(example, example.parameters, x)
    loss, last = example.loss.at(a[-1], y)
    da: Layers = [last]
    dz: Layers = []
    for layer in reversed(range(len(z))):
        dz.insert(0, [d * slope for d, slope in zip(da[0], slopes[layer], strict=True)])
        if layer > 0:
            below = range(example.sizes[layer])
            da.insert(
                0,
                [
                    _sum(d * example.parameters[Key(layer, i, j)] for j, d in enumerate(dz[0]))
                    for i in below
                ],
            )
    gradient = {
        key: dz[key.layer][key.unit] * (1 if key.source is None else a[key.layer][key.source])
        for key in example.parameters
    }
    return Sample(a, z, slopes, example.loss.predict(a[-1]), loss, da, dz, gradient)


def _sum(values: Iterable[Value]) -> Value:
    return sum(values, Fraction(0))


def _check_length(values: Iterable[Value]) -> None:
    for value in values:
        if isinstance(value, Fraction) and value.denominator.bit_length() > _LONGEST:
            raise InvalidValueError(
                f"fractions must stay below {_LONGEST} bits to be calculated with",
                value.denominator.bit_length(),
                "write the numbers as decimals with fewer digits",
            )
