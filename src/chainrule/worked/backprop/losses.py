"""Losses for worked examples: numbers, exact where that is possible, and formulas.

Losses of the difference ŷ - y work on fractions. Those with an output function of their own
(softmax, sigmoid, exp) are the engine's, in float64; they take the raw outputs z, and their
derivative by z is ŷ - y for all three.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chainrule.engine.losses import LOSSES, Loss
from chainrule.engine.network import quiet
from chainrule.registry import Registry
from chainrule.worked.formula import (
    Expression,
    Group,
    Operand,
    Words,
    call,
    product,
    row,
    squared,
    total,
)
from chainrule.worked.numbers import Value, size

Numbers = Sequence[Value]


@dataclass(frozen=True)
class WorkedLoss(ABC):
    """The loss of one sample.

    Attributes
    ----------
    name : str
        The name that users type.
    engine : Loss
        The engine's loss.
    factor : int
        How many times the engine's it is: the engine's squared loss has a factor ½.
    """

    name: str
    engine: Loss
    factor: int = 1

    @property
    def exact(self) -> bool:
        """Whether it works on fractions."""
        return False

    @property
    def output(self) -> str | None:
        """The output function that belongs to it, if one does."""
        return None

    @property
    def takes_classes(self) -> bool:
        """Whether a target is the index of a class."""
        return self.engine.takes_classes

    def at_kink(self, output: Numbers, y: Numbers) -> bool:
        """Return whether it has no derivative there."""
        return False

    @abstractmethod
    def predict(self, output: Numbers) -> list[Value]:
        """Return the predictions ŷ for what the last layer puts out."""

    @abstractmethod
    def at(self, output: Numbers, y: Numbers) -> tuple[Value, list[Value]]:
        """Return the loss and its derivative by each output."""

    @abstractmethod
    def value(self, prediction: Sequence[Operand], y: Sequence[Operand]) -> Expression:
        """Return the formula of the loss."""

    @abstractmethod
    def slope(self, prediction: Operand, y: Operand) -> Expression:
        """Return the formula of its derivative by one output."""


@dataclass(frozen=True)
class OfDifference(WorkedLoss):
    """Σ over outputs of a function of r = ŷ - y.

    Attributes
    ----------
    of : callable
        From r to its value and derivative.
    value_of, slope_of : callable
        From r to the formulas of both.
    kink : bool
        Whether it has no derivative where r = 0.
    """

    of: Callable[[Value], tuple[Value, Value]] = lambda r: (r * r, 2 * r)
    value_of: Callable[[Expression], Expression] = squared
    slope_of: Callable[[Expression], Expression] = lambda r: product(2, r)
    kink: bool = False

    @property
    def exact(self) -> bool:
        return True

    def at_kink(self, output: Numbers, y: Numbers) -> bool:
        return self.kink and any(a == b for a, b in zip(output, y, strict=True))

    def predict(self, output: Numbers) -> list[Value]:
        return list(output)

    def at(self, output: Numbers, y: Numbers) -> tuple[Value, list[Value]]:
        pairs = [self.of(a - b) for a, b in zip(output, y, strict=True)]
        return sum((value for value, _ in pairs), Fraction(0)), [slope for _, slope in pairs]

    def value(self, prediction: Sequence[Operand], y: Sequence[Operand]) -> Expression:
        return total(*(self.value_of(row(a, "-", b)) for a, b in zip(prediction, y, strict=True)))

    def slope(self, prediction: Operand, y: Operand) -> Expression:
        return self.slope_of(row(prediction, "-", y))


@dataclass(frozen=True)
class WithOutput(WorkedLoss):
    """A loss with an output function of its own.

    Attributes
    ----------
    value_of : callable
        From the predictions and targets to the formula.
    """

    value_of: Callable[[Sequence[Operand], Sequence[Operand]], Expression] = lambda p, y: row("ℓ")

    @property
    def output(self) -> str | None:
        return self.engine.output_activation

    def predict(self, output: Numbers) -> list[Value]:
        raw = np.array([output], dtype=np.float64)
        self.engine.predict(raw, raw)
        return [float(p) for p in raw[0]]

    def at(self, output: Numbers, y: Numbers) -> tuple[Value, list[Value]]:
        raw = np.array([output], dtype=np.float64)
        slopes, spare = np.empty_like(raw), np.empty_like(raw)
        with quiet():
            (loss,) = self.engine.samples(raw, self._target(y), slopes, spare)
        return float(loss), [float(slope) for slope in slopes[0]]

    def _target(self, y: Numbers) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
        # A class is given as its one-hot vector, as formulas show it.
        numbers = np.array([y], dtype=np.float64)
        return numbers.argmax(axis=1) if self.takes_classes else numbers

    def value(self, prediction: Sequence[Operand], y: Sequence[Operand]) -> Expression:
        return self.value_of(prediction, y)

    def slope(self, prediction: Operand, y: Operand) -> Expression:
        return row(prediction, "-", y)


def _sign(r: Value) -> Value:
    return Fraction((r > 0) - (r < 0))


def _huber(r: Value) -> tuple[Value, Value]:
    c: Value = max(min(r, Fraction(1)), Fraction(-1))
    return c * (r - c / 2), c


def _cross_entropy(p: Sequence[Operand], y: Sequence[Operand]) -> Expression:
    parts: list[Operand] = []
    for a, b in zip(p, y, strict=True):
        rest = product(Group(row(1, "-", b)), call("ln", row(1, "-", a)))
        parts += ["-" if parts else "−", product(b, call("ln", a)), "-", rest]
    return row(*parts)


def _log_likelihood(p: Sequence[Operand], y: Sequence[Operand]) -> Expression:
    parts: list[Operand] = []
    for a, b in zip(p, y, strict=True):
        parts += ["-" if parts else "−", product(b, call("ln", a))]
    return row(*parts)


def _poisson(p: Sequence[Operand], y: Sequence[Operand]) -> Expression:
    return total(
        *(
            row(a, "-", product(b, call("ln", a)), "+", product(b, call("ln", b)), "-", b)
            for a, b in zip(p, y, strict=True)
        )
    )


WORKED_LOSSES: Registry[WorkedLoss] = Registry(
    "loss",
    {
        loss.name: loss
        for loss in (
            OfDifference("squared", LOSSES["squared"], factor=2),
            OfDifference(
                "half_squared",
                LOSSES["squared"],
                of=lambda r: (r * r / 2, r),
                value_of=lambda r: product(Words("½"), squared(r)),
                slope_of=lambda r: r,
            ),
            OfDifference(
                "absolute",
                LOSSES["absolute"],
                of=lambda r: (size(r), _sign(r)),
                value_of=lambda r: Group(r, "||"),
                slope_of=lambda r: call("sign", r),
                kink=True,
            ),
            OfDifference(
                "huber",
                LOSSES["huber"],
                of=_huber,
                value_of=lambda r: call("huber", r),
                slope_of=lambda r: call("clip", r, -1, 1),
            ),
            WithOutput(
                "softmax_cross_entropy", LOSSES["softmax_cross_entropy"], value_of=_log_likelihood
            ),
            WithOutput(
                "sigmoid_cross_entropy", LOSSES["sigmoid_cross_entropy"], value_of=_cross_entropy
            ),
            WithOutput("poisson", LOSSES["poisson"], value_of=_poisson),
        )
    },
)
