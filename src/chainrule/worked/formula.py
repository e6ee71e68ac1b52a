"""Formulas as small trees, written once and shown as plain text, LaTeX or MathML.

A formula is made with :func:`row` and its friends from names, numbers and operators::

    Equation.of(partial("L", "w"), product(partial("L", "ŷ"), "x"), product(-2, Fraction(1, 3)))

Each node knows how to hand itself to a :class:`~chainrule.worked.notation.Notation`, which knows
how one way of writing looks. Numbers stay exact in the tree; a notation rounds them to its digits,
and :class:`Equation` then puts ≈ where a rounded number follows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from chainrule.worked.numbers import Value, is_rounded

if TYPE_CHECKING:
    from chainrule.worked.notation import Notation


class Expression(ABC):
    """A part of a formula."""

    @abstractmethod
    def write(self, notation: Notation) -> str:
        """Return the expression as ``notation`` writes it."""

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The expressions that this one is made of."""
        return ()

    def numbers(self) -> Iterator[Value]:
        """Yield every number in it."""
        for part in self.parts:
            yield from part.numbers()


@dataclass(frozen=True)
class Symbol(Expression):
    """A variable: a name with a subscript, a superscript and perhaps a hat."""

    name: str
    sub: str = ""
    sup: str = ""
    hat: bool = False

    def write(self, notation: Notation) -> str:
        return notation.symbol(self)


@dataclass(frozen=True)
class Number(Expression):
    """A number; how many digits are shown is the notation's matter."""

    value: Value

    def write(self, notation: Notation) -> str:
        return notation.number(self)

    def numbers(self) -> Iterator[Value]:
        yield self.value


@dataclass(frozen=True)
class Words(Expression):
    """Upright text in a formula: a function's name, or a few words."""

    text: str

    def write(self, notation: Notation) -> str:
        return notation.words(self)


# sign -> in plain text, with its spaces; in LaTeX
OPERATORS = {
    "+": (" + ", "+"),
    "-": (" - ", "-"),
    "·": (" · ", r"\cdot "),
    "=": (" = ", "="),
    "≈": (" ≈ ", r"\approx "),
    "≠": (" ≠ ", r"\neq "),
    "<": (" < ", "<"),
    ">": (" > ", ">"),
    "≤": (" ≤ ", r"\le "),
    "≥": (" ≥ ", r"\ge "),
    "←": (" ← ", r"\leftarrow "),
    "→": (" → ", r"\rightarrow "),
    "∈": (" ∈ ", r"\in "),
    ",": (", ", r",\ "),
    "∂": ("∂", r"\partial "),
    "−": ("-", "-"),  # before a term, not between two
}
_ARITHMETIC = {"+", "-", "·", "−"}


@dataclass(frozen=True)
class Operator(Expression):
    """A sign out of :data:`OPERATORS`."""

    sign: str

    def write(self, notation: Notation) -> str:
        return notation.operator(self)


@dataclass(frozen=True)
class Row(Expression):
    """Expressions one after the other."""

    items: tuple[Expression, ...]

    def write(self, notation: Notation) -> str:
        return notation.row(self)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.items

    @property
    def is_sum(self) -> bool:
        """Whether a factor beside it would have to stand outside parentheses."""
        return any(isinstance(item, Operator) and item.sign in "+-" for item in self.items)


@dataclass(frozen=True)
class Ratio(Expression):
    """One expression over another."""

    top: Expression
    bottom: Expression

    def write(self, notation: Notation) -> str:
        return notation.ratio(self)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.top, self.bottom


@dataclass(frozen=True)
class Power(Expression):
    """A base with an exponent."""

    base: Expression
    exponent: Expression

    def write(self, notation: Notation) -> str:
        return notation.power(self)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.base, self.exponent


@dataclass(frozen=True)
class Root(Expression):
    """A square root."""

    inner: Expression

    def write(self, notation: Notation) -> str:
        return notation.root(self)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.inner,)


BRACKETS = {"()": ("(", ")"), "[]": ("[", "]"), "||": ("|", "|"), "‖‖": ("‖", "‖")}


@dataclass(frozen=True)
class Group(Expression):
    """An expression in brackets, one of :data:`BRACKETS`."""

    inner: Expression
    brackets: str = "()"

    def write(self, notation: Notation) -> str:
        return notation.group(self)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.inner,)


@dataclass(frozen=True)
class Sum(Expression):
    """The sign of a sum with what is under and over it; the terms follow it in a :class:`Row`."""

    low: Expression
    high: Expression

    def write(self, notation: Notation) -> str:
        return notation.sum(self)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.low, self.high


@dataclass(frozen=True)
class Equation(Expression):
    """Expressions that are equal, with ≈ instead of = before a side that shows rounded numbers."""

    sides: tuple[Expression, ...]

    @classmethod
    def of(cls, *sides: Operand) -> Equation:
        """Build an equation from whatever :func:`row` takes."""
        return cls(tuple(row(side) for side in sides))

    def write(self, notation: Notation) -> str:
        return notation.equation(self)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.sides

    def relations(self, digits: int) -> list[Operator]:
        """Return the signs between the sides, for numbers with that many digits."""
        return [
            Operator("≈" if any(is_rounded(n, digits) for n in side.numbers()) else "=")
            for side in self.sides[1:]
        ]


Operand = Expression | Value | str


def row(*operands: Operand) -> Expression:
    """Return expressions one after the other.

    Parameters
    ----------
    *operands : Expression, number or str
        A text is an operator if :data:`OPERATORS` has it, and a variable's name otherwise. Negative
        numbers get parentheses after an operator of arithmetic.
    """
    items: list[Expression] = []
    for operand in operands:
        item = _expression(operand)
        after = bool(items) and isinstance(items[-1], Operator) and items[-1].sign in _ARITHMETIC
        items.append(Group(item) if after and _is_negative(item) else item)
    return items[0] if len(items) == 1 else Row(tuple(items))


def product(*factors: Operand) -> Expression:
    """Return factors with dots between them, sums in parentheses."""
    wrapped = [_factor(_expression(factor)) for factor in factors]
    return _joined("·", wrapped)


def total(*terms: Operand) -> Expression:
    """Return terms with plus signs between them."""
    return _joined("+", [_expression(term) for term in terms])


def listed(*items: Operand, brackets: str = "()") -> Expression:
    """Return items with commas between them, in brackets: a point or a vector."""
    return Group(_joined(",", [_expression(item) for item in items]), brackets)


def call(name: str, *arguments: Operand) -> Expression:
    """Return a function's name with its arguments: max(0, z)."""
    return Row((Words(name), listed(*arguments)))


def partial(of: Operand, by: Operand) -> Expression:
    """Return the sign of a partial derivative: ∂L/∂w."""
    return Ratio(row("∂", of), row("∂", by))


def squared(base: Operand) -> Expression:
    """Return the square of an expression, in parentheses unless it is a symbol."""
    return Power(_atom(_expression(base)), Number(Fraction(2)))


def as_ratio(value: Fraction) -> Expression:
    """Return an exact number as a fraction: -2/3; a whole one as it is."""
    if value.denominator == 1:
        return Number(value)
    shown = Ratio(Number(Fraction(abs(value.numerator))), Number(Fraction(value.denominator)))
    return Row((Operator("−"), shown)) if value < 0 else shown


def _expression(operand: Operand) -> Expression:
    if isinstance(operand, Expression):
        return operand
    if isinstance(operand, str):
        return Operator(operand) if operand in OPERATORS else Symbol(operand)
    return Number(operand)


def _joined(sign: str, items: list[Expression]) -> Expression:
    operands: list[Expression] = []
    for item in items:
        operands += [Operator(sign), item] if operands else [item]
    return row(*operands)


def _factor(item: Expression) -> Expression:
    return Group(item) if isinstance(item, Row) and item.is_sum else item


def _atom(item: Expression) -> Expression:
    plain = isinstance(item, Symbol | Group) or (isinstance(item, Number) and item.value >= 0)
    return item if plain else Group(item)


def _is_negative(item: Expression) -> bool:
    if isinstance(item, Row):
        return _is_negative(item.items[0])
    if isinstance(item, Operator):
        return item.sign == "−"
    return isinstance(item, Number) and item.value < 0
