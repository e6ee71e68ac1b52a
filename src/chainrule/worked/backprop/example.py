"""What is to be explained: a network with its numbers, samples, and the step to take.

Parameters are kept in one mapping from :class:`Key` to number. Gradients, updated parameters and
finite differences have the same keys, so what follows is arithmetic on mappings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from chainrule._text import counted
from chainrule.engine.activations import LeakyRelu
from chainrule.errors import InvalidValueError, Words
from chainrule.registry import Registry
from chainrule.worked.backprop.functions import Function, function_of
from chainrule.worked.backprop.losses import WORKED_LOSSES, WorkedLoss
from chainrule.worked.numbers import Value, is_list, parse_number

# Beyond these a page is too long for anybody to follow.
MAX_LAYERS = 6
MAX_PARAMETERS = 60
MAX_SAMPLES = 12

LEAK = "0.01"  # of a leaky ReLU, as the engine's

REDUCTIONS: Registry[bool] = Registry("reduction", {"mean": True, "sum": False})


class Key(NamedTuple):
    """Which parameter: a weight from ``source`` to ``unit``, or ``unit``'s bias; all from 0."""

    layer: int
    source: int | None
    unit: int


Parameters = Mapping[Key, Value]


@dataclass(frozen=True)
class Example:
    """A network, samples and a step, checked.

    Attributes
    ----------
    sizes : tuple of int
        Widths from the input to the output.
    parameters : mapping from Key to number
        Layer by layer, weights before biases.
    X, Y : tuple of tuples of numbers
        A row for each sample; a class is a one-hot row in ``Y``.
    functions : tuple of Function
        One for each layer, the output's included.
    loss : WorkedLoss
        Of one sample.
    mean : bool
        Whether the loss of all samples is their mean, or their sum.
    learning_rate : number
        Of the step.
    title : str
        The example's name.
    """

    sizes: tuple[int, ...]
    parameters: Parameters
    X: tuple[tuple[Value, ...], ...]
    Y: tuple[tuple[Value, ...], ...]
    functions: tuple[Function, ...]
    loss: WorkedLoss
    mean: bool
    learning_rate: Value
    title: str

    @property
    def exact(self) -> bool:
        """Whether everything is calculated with fractions."""
        return self.loss.exact and all(f.exact for f in self.functions)

    @property
    def share(self) -> Value:
        """What each sample's loss is multiplied by: 1/n or 1."""
        return Fraction(1, len(self.X)) if self.mean else Fraction(1)


def build(
    weights: Any,
    biases: Any,
    x: Any,
    y: Any,
    *,
    activation: str | Sequence[str] = "relu",
    output_activation: str = "identity",
    loss: str = "squared",
    reduction: str = "mean",
    learning_rate: Any = "0.01",
    slope: Any = None,
    title: str = "One step of gradient descent",
) -> Example:
    """Return a checked example; the parameters are :func:`~.explanation.explain_backprop`'s."""
    matrices = _matrices(weights)
    sizes = (len(matrices[0]), *(len(matrix[0]) for matrix in matrices))
    n_parameters = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))
    _check_at_most("layers of weights", len(matrices), MAX_LAYERS)
    _check_at_most("weights and biases", n_parameters, MAX_PARAMETERS)
    parameters = _parameters(matrices, _vectors(biases, sizes[1:]))
    worked_loss = WORKED_LOSSES[loss]
    if worked_loss.output and output_activation != "identity":
        raise InvalidValueError(
            f'output_activation must be "identity" with the loss {loss}, which has its own '
            f"({worked_loss.output})",
            output_activation,
            "leave it out",
        )
    X = _samples("x", x, sizes[0])
    Y = _classes(y, sizes[-1]) if worked_loss.takes_classes else _samples("y", y, sizes[-1])
    if len(X) != len(Y):
        raise InvalidValueError(
            f"y must have as many samples as x, {len(X)}", len(Y), "give each sample its target"
        )
    _check_targets(loss, Y)
    rate = parse_number("learning_rate", learning_rate)
    if rate <= 0:
        raise InvalidValueError("learning_rate must be positive", learning_rate, "such as 0.01")
    names = [*_activations(activation, len(sizes) - 2), output_activation]
    leak = _leak(slope, names)
    example = Example(
        sizes,
        parameters,
        X,
        Y,
        tuple(function_of(name, leak) for name in names),
        worked_loss,
        REDUCTIONS[reduction],
        rate,
        title,
    )
    return example if example.exact else _in_floats(example)


def _leak(slope: Any, names: Sequence[str]) -> Fraction:
    if slope is not None and LeakyRelu.name not in names:
        raise InvalidValueError(
            f'slope has an effect only with the activation "{LeakyRelu.name}"',
            slope,
            "leave it out, or change the activation",
        )
    return parse_number("slope", LEAK if slope is None else slope)


def _check_at_most(what: str, n: int, most: int) -> None:
    if n > most:
        raise InvalidValueError(
            f"an example must have at most {most} {what} to be written out",
            n,
            "take a smaller one; fit larger ones with chainrule.NeuralNetwork",
        )


def _matrices(weights: Any) -> list[list[list[Fraction]]]:
    if not is_list(weights) or not len(weights):
        raise InvalidValueError(
            "weights must be a list of matrices, one for each layer", weights, "such as [[[0.1]]]"
        )
    matrices: list[list[list[Fraction]]] = []
    for number, matrix in enumerate(weights, 1):
        name = f"weights of layer {number}"
        rows = [list(row) for row in matrix if is_list(row)] if is_list(matrix) else []
        if not rows or len(rows) != len(matrix) or not rows[0] or len({*map(len, rows)}) > 1:
            raise InvalidValueError(
                f"{name} must be rows of equal length, one for each unit that they come from",
                matrix,
                "such as [[0.1, 0.2], [0.3, 0.4]]",
            )
        if matrices and len(rows) != len(matrices[-1][0]):
            raise InvalidValueError(
                f"{name} must have {len(matrices[-1][0])} rows, one for each unit below",
                len(rows),
                "add or take away rows",
            )
        matrices.append([[parse_number(name, value) for value in row] for row in rows])
    return matrices


def _vectors(biases: Any, widths: tuple[int, ...]) -> list[list[Fraction]]:
    if not is_list(biases) or len(biases) != len(widths):
        raise InvalidValueError(
            f"biases must be a list of {len(widths)} lists, one for each layer",
            biases,
            "0 is a bias too",
        )
    vectors = []
    for number, (vector, width) in enumerate(zip(biases, widths, strict=True), 1):
        name = f"biases of layer {number}"
        if not is_list(vector) or len(vector) != width:
            raise InvalidValueError(
                f"{name} must be {counted(width, 'number')}, one for each unit",
                vector,
                "0 is a bias too",
            )
        vectors.append([parse_number(name, value) for value in vector])
    return vectors


def _parameters(
    matrices: list[list[list[Fraction]]], vectors: list[list[Fraction]]
) -> dict[Key, Value]:
    parameters: dict[Key, Value] = {}
    for layer, (matrix, vector) in enumerate(zip(matrices, vectors, strict=True)):
        for i, row in enumerate(matrix):
            parameters |= {Key(layer, i, j): value for j, value in enumerate(row)}
        parameters |= {Key(layer, None, j): value for j, value in enumerate(vector)}
    return parameters


def _rows(name: str, value: Any) -> list[Any]:
    if not is_list(value) or not len(value):
        raise InvalidValueError(
            f"{name} must be a list with at least one sample", value, "such as [[1], [2]]"
        )
    _check_at_most(f"samples in {name}", len(value), MAX_SAMPLES)
    return list(value)


def _samples(name: str, value: Any, width: int) -> tuple[tuple[Fraction, ...], ...]:
    rows = _rows(name, value)
    if width == 1:  # a list of numbers will do
        rows = [row if is_list(row) else [row] for row in rows]
    for number, row in enumerate(rows, 1):
        if not is_list(row) or len(row) != width:
            raise InvalidValueError(
                f"sample {number} of {name} must have {counted(width, 'number')}, one for each "
                f"{'input' if name == 'x' else 'output'}",
                row,
                "add or take away numbers",
            )
    return tuple(tuple(parse_number(name, number) for number in row) for row in rows)


def _classes(value: Any, width: int) -> tuple[tuple[Fraction, ...], ...]:
    """Return a one-hot row for each sample, given so or as the number of its class."""
    possible = [tuple(Fraction(int(k == one)) for k in range(width)) for one in range(width)]
    one_hot = []
    for row in _rows("y", value):
        numbers = tuple(parse_number("y", n) for n in (row if is_list(row) else [row]))
        if len(numbers) == 1 and numbers[0] in range(width):
            one_hot.append(possible[int(numbers[0])])
        elif len(numbers) > 1 and numbers in possible:
            one_hot.append(numbers)
        else:
            raise InvalidValueError(
                f"y must be a class from 0 to {width - 1} for each sample, or its one-hot row",
                Words(", ".join(map(str, numbers))),
                "count classes from 0",
            )
    return tuple(one_hot)


_TARGETS = {
    "sigmoid_cross_entropy": (0, 1, "y must be in [0, 1] with the loss sigmoid_cross_entropy"),
    "poisson": (0, None, "y must not be negative with the loss poisson"),
}


def _check_targets(loss: str, Y: tuple[tuple[Fraction, ...], ...]) -> None:
    low, high, rule = _TARGETS.get(loss, (None, None, ""))
    for number in (number for row in Y for number in row):
        if (low is not None and number < low) or (high is not None and number > high):
            raise InvalidValueError(rule, str(number), "change it, or take another loss")


def _activations(names: str | Sequence[str], hidden: int) -> list[str]:
    if isinstance(names, str):
        return [names] * hidden
    if len(names) not in (1, hidden):
        raise InvalidValueError(
            f"activation must be one name, or {hidden}, one for each hidden layer",
            list(names),
            "add or take away names",
        )
    return list(names) * (hidden if len(names) == 1 else 1)


def _in_floats(example: Example) -> Example:
    """Return the example with every number in float64."""
    return Example(
        example.sizes,
        {key: float(value) for key, value in example.parameters.items()},
        tuple(tuple(map(float, row)) for row in example.X),
        tuple(tuple(map(float, row)) for row in example.Y),
        example.functions,
        example.loss,
        example.mean,
        float(example.learning_rate),
        example.title,
    )
