"""How hyperplanes and points are written in sentences and formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from chainrule.worked.document import Block, Formula, Paragraph
from chainrule.worked.formula import (
    Equation,
    Expression,
    Group,
    Number,
    Operand,
    Ratio,
    Root,
    Symbol,
    Words,
    as_ratio,
    listed,
    product,
    row,
    squared,
    total,
)
from chainrule.worked.margin.linear import Vector, square_root
from chainrule.worked.margin.points import Hyperplane
from chainrule.worked.numbers import is_rounded

NORM = Group(Symbol("w"), "‖‖")
HALF = Ratio(Number(Fraction(1)), Number(Fraction(2)))
F_OF_X = row(Symbol("f"), listed("x"))
MARGIN = row("y", "·", F_OF_X)
ALPHA, SLACK = Symbol("α"), Symbol("ξ")  # multipliers; by how much a soft margin is violated
_LONGEST = 12  # digits of a fraction that can still be read
_SHAPES = {1: "point", 2: "line", 3: "plane"}


def shape(dimensions: int) -> str:
    """Return what a hyperplane is called there: a point, a line, a plane."""
    return _SHAPES.get(dimensions, "hyperplane")


def vector(x: Sequence[Operand]) -> Expression:
    """Return a point or a vector; in one dimension a number."""
    return row(x[0]) if len(x) == 1 else listed(*x)


def coordinates(dimensions: int) -> list[Symbol]:
    """Return x, or x₁, x₂ and so on."""
    if dimensions == 1:
        return [Symbol("x")]
    return [Symbol("x", sub=str(k)) for k in range(1, dimensions + 1)]


def signed_sum(terms: Iterable[tuple[Fraction, Expression | None]]) -> Expression:
    """Return a sum of products of numbers and expressions, without the terms that are 0.

    Parameters
    ----------
    terms : iterable of (Fraction, Expression or None)
        None is a number on its own; a factor of 1 is left out.
    """
    items: list[Operand] = []
    for factor, expression in terms:
        if not factor:
            continue
        sign = "-" if factor < 0 else "+"
        items += [sign] if items else ["−"] * (factor < 0)
        items.append(_term(abs(factor), expression))
    return row(*items) if items else Number(Fraction(0))


def _term(factor: Fraction, expression: Expression | None) -> Expression:
    if expression is None:
        return Number(factor)
    return expression if factor == 1 else product(factor, expression)


def function_of(plane: Hyperplane) -> Equation:
    """Return f(x) = w · x + b with its numbers."""
    names = coordinates(len(plane.w))
    form = signed_sum([*zip(plane.w, names, strict=True), (plane.b, None)])
    return Equation.of(F_OF_X, row(product("w", "x"), "+", "b"), form)


def as_fractions(plane: Hyperplane) -> Iterator[Block]:
    """Yield w and b as fractions, unless decimals tell them exactly or nobody could read them."""
    numbers = (*plane.w, plane.b)
    longest = max(len(f"{abs(value.numerator)}{value.denominator}") for value in numbers)
    if longest <= _LONGEST and any(map(is_rounded, numbers)):
        w = vector([as_ratio(value) for value in plane.w])
        b = as_ratio(plane.b)
        yield Paragraph("With fractions, ", Equation.of("w", w), " and ", Equation.of("b", b), ".")


def value_at(plane: Hyperplane, x: Vector) -> Equation:
    """Return f at a point, number by number."""
    terms = [product(w, value) for w, value in zip(plane.w, x, strict=True)]
    return Equation.of(row(Symbol("f"), listed(*x)), total(*terms, plane.b), plane.value(x))


def margins(plane: Hyperplane) -> Iterator[Block]:
    """Yield ‖w‖ and the two things that are called the margin."""
    square = plane.squared_norm
    norm = square_root(square)
    inside = total(*(squared(w) for w in plane.w))
    yield Formula(without_repeats(NORM, Root(inside), Root(Number(square)), Number(norm)))
    name = shape(len(plane.w))
    yield Paragraph(
        "Two things are called the margin. The distance from the ", name, " to ",
        row(F_OF_X, "=", 1), " or to ", row(F_OF_X, "=", -1), ":",
    )  # fmt: skip
    yield _over_norm(1, square)
    yield Paragraph("and the distance between these two, the width of the gap:")
    yield _over_norm(2, square)


def problem(*price: Operand, bound: Operand = Fraction(1)) -> Iterator[Block]:
    """Yield what a margin minimises, with the price of violations if there is one."""
    yield Formula(row(Words("minimise "), HALF, "·", squared(NORM), *price))
    yield Paragraph("with ", row(MARGIN, "≥", bound), " for every point.")


def _over_norm(top: int, square: Fraction) -> Formula:
    norm = square_root(square)
    bottom = Number(norm) if norm * norm == square else Root(Number(square))
    one = Number(Fraction(top))
    return Formula(without_repeats(Ratio(one, NORM), Ratio(one, bottom), Number(top / norm)))


def without_repeats(*sides: Expression) -> Equation:
    """Return an equation without sides that say the same as the one before."""
    kept = [side for before, side in zip((None, *sides), sides, strict=False) if side != before]
    return Equation.of(*kept)


def enumerate_words(items: Sequence[str]) -> str:
    """Return ``1``, ``1 and 2``, ``1, 2 and 3``."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def numbered(indices: Sequence[int], name: str = "point") -> str:
    """Return ``point 1`` or ``points 1, 2 and 3`` for indices from 0."""
    plural = "s" * (len(indices) > 1)
    return f"{name}{plural} {enumerate_words([str(i + 1) for i in indices])}"
