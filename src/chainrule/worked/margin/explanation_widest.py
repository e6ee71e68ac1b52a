"""The sentences about the widest margin: where it comes from, who holds it, why it is one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from chainrule.worked.document import (
    Block,
    Formula,
    Heading,
    Note,
    Paragraph,
    Table,
)
from chainrule.worked.formula import (
    Equation,
    Group,
    Ratio,
    Words,
    product,
    row,
    squared,
)
from chainrule.worked.margin.figure import collect_margin, figure_of
from chainrule.worked.margin.linear import Vector, combination, dot, minus
from chainrule.worked.margin.points import Points
from chainrule.worked.margin.widest import Conditions, Widest
from chainrule.worked.margin.words import (
    ALPHA,
    MARGIN,
    as_fractions,
    function_of,
    margins,
    numbered,
    problem,
    shape,
    signed_sum,
    vector,
)

_MOST_TERMS = 8  # a longer sum of points is left out, as nobody adds it up
_SUM_ALPHA_Y = row(Words("Σ "), ALPHA, "·", "y")
_SUM_ALPHA_Y_X = row(_SUM_ALPHA_Y, "·", "x")


def tell_widest(points: Points, widest: Widest, found: Conditions) -> Iterator[Block]:
    """Yield the explanation of the widest margin, with the check of its optimality."""
    yield from _widest(points, widest)
    yield from _support(points, widest)
    yield from _checks(points, widest, found)


def _widest(points: Points, widest: Widest) -> Iterator[Block]:
    name = shape(points.dimensions)
    plane, alpha = widest.plane, widest.multipliers
    yield Heading("The widest margin")
    yield Paragraph(
        f"There are many such {name}s. One keeps the largest distance from the nearest points. "
        "Scaled so that these have ",
        row(MARGIN, "=", Fraction(1)),
        ", it is the solution of",
    )
    yield from problem()
    yield Paragraph(
        "It lies in the middle between the nearest points of the two convex hulls, which are "
        "mixtures of points of each class:"
    )
    half = plane.squared_norm / 2
    hulls = []
    for letter, sign in (("p", 1), ("q", -1)):
        chosen = [i for i in points.of(sign) if alpha[i]]
        mixture = [(alpha[i] / half, vector(points.X[i])) for i in chosen]
        place = combination([share for share, _ in mixture], [points.X[i] for i in chosen])
        hulls.append(place)
        sides = (
            [signed_sum(mixture), vector(place)] if len(chosen) <= _MOST_TERMS else [vector(place)]
        )
        yield Formula(Equation.of(letter, *dict.fromkeys(sides)))
    yield from _from_hulls(widest, *hulls)
    yield from margins(plane)
    if points.dimensions == 2:
        yield _figure(points, widest)


def _from_hulls(widest: Widest, p: Vector, q: Vector) -> Iterator[Block]:
    plane = widest.plane
    gap = minus(p, q)
    length = squared(Group(row("p", "-", "q"), "‖‖"))
    yield Formula(
        Equation.of(
            "w",
            Ratio(product(Fraction(2), row("p", "-", "q")), length),
            Ratio(product(Fraction(2), vector(gap)), row(dot(gap, gap))),
            vector(plane.w),
        )
    )
    yield Formula(
        Equation.of(
            "b", row(Fraction(1), "-", product("w", "p")), row(Fraction(1), "-", dot(plane.w, p)),
            plane.b,
        )
    )  # fmt: skip
    yield Formula(function_of(plane))
    yield from as_fractions(plane)


def _figure(points: Points, widest: Widest) -> Block:
    picture = collect_margin(points.X, points.y, widest.plane, widest.on_margin)
    description = (
        f"The points, the line, and its margin on both sides; on the margin "
        f"{_lie(widest.on_margin)}."
    )
    return figure_of(picture, description, points.labels.explained())


def _lie(indices: Sequence[int]) -> str:
    return f"{'lies' if len(indices) == 1 else 'lie'} {numbered(indices)}"


def _support(points: Points, widest: Widest) -> Iterator[Block]:
    alpha, others = widest.multipliers, widest.others
    yield Heading("Support vectors")
    yield Paragraph(
        "On the margin, where ", row(MARGIN, "=", Fraction(1)), f", {_lie(widest.on_margin)}: the "
        "support vectors. Each point has a multiplier ", ALPHA,
        ", which tells how strongly it holds the margin back.",
    )  # fmt: skip
    found = points.margins(widest.plane)
    yield Table(
        ["point", "x", "y", MARGIN, ALPHA, *([Words("another α")] if others else [])],
        [
            [
                str(i + 1),
                vector(x),
                Fraction(y),
                found[i],
                alpha[i],
                *([others[i]] if others else []),
            ]
            for i, (x, y) in enumerate(zip(points.X, points.y, strict=True))
        ],
    )
    idle = [i for i in widest.on_margin if not alpha[i]]
    if idle:
        has, they = ("has", "it") if len(idle) == 1 else ("have", "them")
        yield Paragraph(
            f"On the margin, {numbered(idle)} {has} multiplier 0: without {they} the "
            f"{shape(points.dimensions)} would be the same."
        )
    if others:
        yield Note(
            "The multipliers are not unique: the last column satisfies every condition too, and so "
            "does every mixture of the two. The hyperplane and its margin are unique."
        )


def _checks(points: Points, widest: Widest, found: Conditions) -> Iterator[Block]:
    yield Heading("Checks")
    yield Paragraph(
        "The problem is convex, so the conditions of Karush, Kuhn and Tucker prove that no margin "
        "is wider. In exact arithmetic:"
    )
    yield from _sums(points, widest)
    zero = Fraction(0)
    yield Table(
        ["condition", "demands", "found"],
        [
            ["primal feasibility", row(MARGIN, "≥", Fraction(1)),
             row(Words("smallest "), found.smallest_margin + 1)],
            ["dual feasibility", row(ALPHA, "≥", zero),
             row(Words("smallest "), found.smallest_multiplier)],
            ["stationarity in w", row(_SUM_ALPHA_Y_X, "=", "w"),
             row(Words("difference "), vector(found.difference))],
            ["stationarity in b", row(_SUM_ALPHA_Y, "=", zero),
             row(Words("difference "), found.balance)],
            ["complementary slackness",
             row(product(ALPHA, row(MARGIN, "-", Fraction(1))), "=", zero),
             row(Words("largest "), found.slackness)],
        ],
    )  # fmt: skip
    if widest.corrections:
        yield Note(
            "Floating-point numbers had proposed too few support vectors; exact arithmetic added "
            f"points {_times(widest.corrections)}."
        )
    yield (
        Note("All conditions hold exactly.", tone="good")
        if found.hold
        else Note("A condition does not hold.", tone="bad")
    )


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"


def _sums(points: Points, widest: Widest) -> Iterator[Block]:
    alpha = widest.multipliers
    held = [i for i, a in enumerate(alpha) if a]
    if len(held) > _MOST_TERMS:
        return
    signed = [(points.y[i] * alpha[i], vector(points.X[i])) for i in held]
    yield Formula(Equation.of(_SUM_ALPHA_Y_X, signed_sum(signed), vector(widest.plane.w)))
    yield Formula(Equation.of(_SUM_ALPHA_Y, signed_sum((a, None) for a, _ in signed), Fraction(0)))
