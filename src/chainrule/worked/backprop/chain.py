"""The formulas of a step: forward, loss, the chain rule factor by factor, the step itself.

Each function returns equations; numbers stand in them as they are calculated. A derivative by a
parameter is written as the product along each path to the loss, and their sum; with many paths it
starts from the derivative by its unit's z, which has been written out before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from chainrule.worked.backprop.calculation import Sample, Step
from chainrule.worked.backprop.example import Key
from chainrule.worked.backprop.names import Names
from chainrule.worked.formula import (
    Equation,
    Expression,
    Group,
    Operand,
    Ratio,
    Sum,
    Symbol,
    Words,
    as_ratio,
    call,
    partial,
    product,
    row,
    total,
)
from chainrule.worked.numbers import Value

MAX_PATHS = 4  # more are no longer read

ELL, LOSS, RATE, N = Symbol("ℓ"), Symbol("L"), Symbol("η"), Symbol("n")
Factor = tuple[Expression, Value]


class Chain:
    """The formulas of one sample.

    Parameters
    ----------
    step : Step
        The calculation.
    sample : Sample
        One of its samples.
    y : sequence of numbers
        Its target.
    """

    def __init__(self, step: Step, sample: Sample, y: Sequence[Value]) -> None:
        self.example = step.example
        self.names = Names.of(step.example)
        self.sample = sample
        self.y = y

    def forward(self) -> Iterator[Equation]:
        """Yield each unit's weighted sum and activation, then the loss."""
        for layer, f in enumerate(self.example.functions):
            for j in range(self.example.sizes[layer + 1]):
                yield self._weighted_sum(layer, j)
                z, a = self.names.z(layer, j), self.names.a(layer + 1, j)
                if z != a:
                    value = self.sample.a[layer + 1][j]
                    at = call(f.label, self.sample.z[layer][j])
                    yield Equation.of(a, call(f.label, z), at, value)
        if self.example.loss.output:
            yield from self._own_output(self.example.loss.output)

    def loss(self) -> Equation:
        """Return the loss of the sample."""
        outputs = range(len(self.y))
        symbols = (
            [self.names.prediction(k) for k in outputs],
            [self.names.target(k) for k in outputs],
        )
        value = self.example.loss.value
        numbers = value(self.sample.prediction, self.y)
        return Equation.of(ELL, value(*symbols), numbers, self.sample.loss)

    def backward(self) -> Iterator[Equation]:
        """Yield the loss's derivatives by outputs, activations and weighted sums, downwards."""
        loss = self.example.loss
        for k, (p, y) in enumerate(zip(self.sample.prediction, self.y, strict=True)):
            symbol = loss.slope(self.names.prediction(k), self.names.target(k))
            yield Equation.of(
                self._da(self.names.last, k), symbol, loss.slope(p, y), self.sample.da[-1][k]
            )
        for layer in reversed(range(self.names.last + 1)):
            for j in range(self.example.sizes[layer + 1]):
                if layer < self.names.last:
                    above = range(self.example.sizes[layer + 2])
                    factors = [self._through(layer, j, k) for k in above]
                    yield _equation(self._da(layer, j), factors, self.sample.da[layer][j])
                if self.names.z(layer, j) != self.names.a(layer + 1, j):
                    factors = [[self._above(layer, j), self._activation(layer, j)]]
                    yield _equation(self._dz(layer, j), factors, self.sample.dz[layer][j])

    def derivative(self, key: Key) -> Equation:
        """Return the derivative of the sample's loss by a parameter."""
        below = Fraction(1) if key.source is None else self.sample.a[key.layer][key.source]
        z, w = self.names.z(key.layer, key.unit), self.names.parameter(key)
        last = (partial(z, w), below)
        paths = [[*path, last] for path in self._paths(key.layer, key.unit)]
        return _equation(partial(ELL, w), paths, self.sample.gradient[key])

    def _paths(self, layer: int, unit: int) -> list[list[Factor]]:
        n_paths = 1
        for size in self.example.sizes[layer + 2 :]:
            n_paths *= size
        if n_paths > MAX_PATHS:
            return [[(self._dz(layer, unit), self.sample.dz[layer][unit])]]
        own = self._activation(layer, unit)
        has_own = self.names.z(layer, unit) != self.names.a(layer + 1, unit)
        if layer == self.names.last:
            return [[self._above(layer, unit), *([own] if has_own else [])]]
        return [
            [*path, self._through(layer, unit, k)[1], own]
            for k in range(self.example.sizes[layer + 2])
            for path in self._paths(layer + 1, k)
        ]

    def _through(self, layer: int, unit: int, above: int) -> list[Factor]:
        """Return the two factors from a unit to the loss by way of a unit above it."""
        z, a = self.names.z(layer + 1, above), self.names.a(layer + 1, unit)
        weight = self.example.parameters[Key(layer + 1, unit, above)]
        dz = self.sample.dz[layer + 1][above]
        return [(self._dz(layer + 1, above), dz), (partial(z, a), weight)]

    def _above(self, layer: int, unit: int) -> Factor:
        return self._da(layer, unit), self.sample.da[layer][unit]

    def _activation(self, layer: int, unit: int) -> Factor:
        z, a = self.names.z(layer, unit), self.names.a(layer + 1, unit)
        return partial(a, z), self.sample.slopes[layer][unit]

    def _da(self, layer: int, unit: int) -> Expression:
        return partial(ELL, self.names.a(layer + 1, unit))

    def _dz(self, layer: int, unit: int) -> Expression:
        return partial(ELL, self.names.z(layer, unit))

    def _weighted_sum(self, layer: int, unit: int) -> Equation:
        below = range(self.example.sizes[layer])
        keys = [Key(layer, i, unit) for i in below]
        bias = Key(layer, None, unit)
        parameters, a = self.example.parameters, self.sample.a[layer]
        names = (
            product(self.names.parameter(k), self.names.a(layer, i)) for i, k in enumerate(keys)
        )
        values = (product(parameters[k], a[i]) for i, k in enumerate(keys))
        return Equation.of(
            self.names.z(layer, unit),
            total(*names, self.names.parameter(bias)),
            total(*values, parameters[bias]),
            self.sample.z[layer][unit],
        )

    def _own_output(self, name: str) -> Iterator[Equation]:
        for k, p in enumerate(self.sample.prediction):
            z = self.names.z(self.names.last, k)
            function = row(Symbol(name, z.sub), Group(Symbol("z", "", z.sup)))
            written = function if name == "softmax" else call(name, z)
            yield Equation.of(self.names.prediction(k), written, p)


def overall(step: Step) -> Equation:
    """Return the loss of all samples."""
    terms = [sample.loss for sample in step.samples]
    sign = row(Sum(row("i", "=", 1), N), Symbol("ℓ", "i"))
    symbol = product(Ratio(row(1), N), sign) if step.example.mean else sign
    if len(terms) == 1:
        return Equation.of(LOSS, ELL, step.loss)
    return Equation.of(LOSS, symbol, _shared(step, terms), step.loss)


def gradient(step: Step, key: Key) -> Equation:
    """Return the derivative of the loss of all samples by a parameter."""
    terms = [sample.gradient[key] for sample in step.samples]
    w = Names.of(step.example).parameter(key)
    return Equation.of(partial(LOSS, w), _shared(step, terms), step.gradient[key])


def update(step: Step, key: Key) -> Equation:
    """Return a parameter after the step."""
    w = Names.of(step.example).parameter(key)
    example = step.example
    return Equation.of(
        row(Words("new "), w),
        row(w, "-", product(RATE, partial(LOSS, w))),
        row(example.parameters[key], "-", product(example.learning_rate, step.gradient[key])),
        step.updated[key],
    )


def _shared(step: Step, terms: Sequence[Value]) -> Expression:
    share = step.example.share
    if share == 1:
        return total(*terms)
    return product(as_ratio(Fraction(share)), Group(total(*terms)))


def _equation(left: Expression, paths: Sequence[Sequence[Factor]], value: Value) -> Equation:
    symbols: list[Operand] = [product(*(symbol for symbol, _ in path)) for path in paths]
    numbers: list[Operand] = [product(*(number for _, number in path)) for path in paths]
    return Equation.of(left, total(*symbols), total(*numbers), value)
