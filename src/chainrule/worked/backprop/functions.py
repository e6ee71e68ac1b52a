"""Activations for worked examples: numbers, exact where that is possible, and formulas.

Piecewise linear activations work on fractions. The others are the engine's, in float64; what is
written here for them is how they look.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chainrule.engine.activations import ACTIVATIONS, Activation, LeakyRelu
from chainrule.worked.formula import (
    Expression,
    Group,
    Operand,
    Power,
    Ratio,
    Symbol,
    Words,
    call,
    product,
    row,
    squared,
    total,
)
from chainrule.worked.numbers import Value

Kernel = Callable[[Value], tuple[Value, Value]]  # z -> f(z), f'(z)
Written = Callable[[Expression], Expression]  # z -> a formula of it


@dataclass(frozen=True)
class Function:
    """An activation as a worked example uses it.

    Attributes
    ----------
    label : str
        How formulas call it: ``ReLU``.
    engine : Activation
        The engine's.
    at : callable
        From z to (f(z), f'(z)).
    exact : bool
        Whether ``at`` works on fractions.
    kink : bool
        Whether it has no derivative at 0.
    value, slope : callable
        From z to the formulas of f(z) and f'(z).
    """

    label: str
    engine: Activation
    at: Kernel
    exact: bool
    kink: bool
    value: Written
    slope: Written


def function_of(name: str, slope: Fraction) -> Function:
    """Return an activation by its name; ``slope`` is leaky ReLU's.

    Raises
    ------
    UnknownNameError
        If the engine has no such activation.
    """
    engine = ACTIVATIONS[name]
    if isinstance(engine, LeakyRelu):
        engine = LeakyRelu(float(slope))
    label, value, derivative = _WRITTEN.get(engine.name, _unwritten(engine.name))(Fraction(slope))
    kernel = _EXACT.get(engine.name)
    at = kernel(slope) if kernel else _by_engine(engine)
    kink = engine.name in ("relu", "leaky_relu", "selu")
    return Function(label, engine, at, kernel is not None, kink, value, derivative)


def _by_engine(engine: Activation) -> Kernel:
    def at(z: Value) -> tuple[Value, Value]:
        given = np.array([[float(z)]])
        spare = np.empty_like(given), np.empty_like(given)
        out = np.empty_like(given) if engine.needs_input else given
        slope = np.ones_like(given)
        engine.forward(given, out, spare)
        engine.backward(given, out, slope, spare)
        return float(out[0, 0]), float(slope[0, 0])

    return at


def _linear_pieces(left: Fraction) -> Kernel:
    def at(z: Value) -> tuple[Value, Value]:
        slope = Fraction(1) if z > 0 else left
        return z * slope, slope

    return at


_EXACT: dict[str, Callable[[Fraction], Kernel]] = {
    "identity": lambda slope: _linear_pieces(Fraction(1)),
    "relu": lambda slope: _linear_pieces(Fraction(0)),
    "leaky_relu": _linear_pieces,
}

# --- how they are written -----------------------------------------------------------------------


def _exp(z: Operand) -> Expression:
    return Power(Symbol("e"), row(z))


def _cases(z: Expression, right: Operand, left: Operand) -> Expression:
    return row(right, Words(" if "), z, ">", Fraction(0), Words(", else "), left)


_ONE, _ZERO = Fraction(1), Fraction(0)
_Sheet = tuple[str, Written, Written]


def _unwritten(name: str) -> Callable[[Fraction], _Sheet]:
    return lambda slope: (name, lambda z: call(name, z), lambda z: call(f"{name}'", z))


_WRITTEN: dict[str, Callable[[Fraction], _Sheet]] = {
    "identity": lambda slope: ("identity", lambda z: z, lambda z: row(_ONE)),
    "relu": lambda slope: (
        "ReLU",
        lambda z: call("max", _ZERO, z),
        lambda z: _cases(z, _ONE, _ZERO),
    ),
    "leaky_relu": lambda slope: (
        "LeakyReLU",
        lambda z: _cases(z, z, product(slope, z)),
        lambda z: _cases(z, _ONE, slope),
    ),
    "sigmoid": lambda slope: (
        "σ",
        lambda z: Ratio(row(_ONE), total(_ONE, _exp(row("−", z)))),
        lambda z: product(call("σ", z), row(_ONE, "-", call("σ", z))),
    ),
    "tanh": lambda slope: (
        "tanh",
        lambda z: Ratio(row(_exp(z), "-", _exp(row("−", z))), total(_exp(z), _exp(row("−", z)))),
        lambda z: row(_ONE, "-", squared(call("tanh", z))),
    ),
    "elu": lambda slope: (
        "ELU",
        lambda z: _cases(z, z, row(_exp(z), "-", _ONE)),
        lambda z: _cases(z, _ONE, _exp(z)),
    ),
    "selu": lambda slope: (
        "SELU",
        lambda z: _cases(z, product("λ", z), product("λ", "α", row(_exp(z), "-", _ONE))),
        lambda z: _cases(z, "λ", product("λ", "α", _exp(z))),
    ),
    "gelu": lambda slope: (
        "GELU",
        lambda z: product(z, call("Φ", z)),
        lambda z: total(call("Φ", z), product(z, call("φ", z))),
    ),
    "silu": lambda slope: (
        "SiLU",
        lambda z: product(z, call("σ", z)),
        lambda z: total(
            call("σ", z), product(z, call("σ", z), Group(row(_ONE, "-", call("σ", z))))
        ),
    ),
    "mish": lambda slope: (
        "Mish",
        lambda z: product(z, call("tanh", call("ln", total(_ONE, _exp(z))))),
        lambda z: total(
            "t", product(z, call("σ", z), row(_ONE, "-", squared("t"))), Words(" with "), "t"
        ),
    ),
    "softplus": lambda slope: (
        "softplus",
        lambda z: call("ln", total(_ONE, _exp(z))),
        lambda z: call("σ", z),
    ),
}
