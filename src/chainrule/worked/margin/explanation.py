"""From labelled points to the document that separates them, or shows that nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from chainrule.errors import InvalidValueError
from chainrule.worked.document import (
    Block,
    Document,
    Formula,
    Heading,
    Note,
    Paragraph,
    Table,
)
from chainrule.worked.formula import (
    Symbol,
    listed,
    product,
    row,
)
from chainrule.worked.margin.data import data_of
from chainrule.worked.margin.explanation_soft import tell_soft
from chainrule.worked.margin.explanation_widest import tell_widest
from chainrule.worked.margin.points import Points, build_points
from chainrule.worked.margin.separation import Separation, common_point, separate
from chainrule.worked.margin.soft import soft_margin
from chainrule.worked.margin.widest import conditions, widest_margin
from chainrule.worked.margin.words import (
    F_OF_X,
    MARGIN,
    function_of,
    shape,
    signed_sum,
    vector,
    without_repeats,
)
from chainrule.worked.numbers import parse_number


def explain_max_margin(
    X: Any,
    y: Any,
    *,
    positive: Any = None,
    C: Any = None,
    title: str = "The widest margin",
) -> Document:
    """Find out whether points can be separated, and by which hyperplane with the widest margin.

    Everything is decided in exact arithmetic: floats only propose. Numbers may be texts such as
    ``"1/3"`` or ``"0.1"``, integers, floats or fractions; a float stands for its shortest decimal.

    Parameters
    ----------
    X : list of shape (n, d)
        The points; in one dimension a list of numbers will do.
    y : list of shape (n,)
        A label for each, of two that differ.
    positive : text or number, optional
        The label that is +1. Otherwise it is the greater of two numbers, the first of two texts.
    C : number, optional
        What a violation of the soft margin costs. With it, points that can be separated get a soft
        margin as well; points that cannot always get one, with 1 if it is not given.
    title : str
        The document's.

    Returns
    -------
    Document
        ``document.render("html")`` and its like are the explanation, ``document.data`` the numbers.

    Raises
    ------
    InvalidValueError
        If the parts do not fit together, or there are too many to write out.

    References
    ----------
    Corinna Cortes and Vladimir Vapnik, "Support-Vector Networks", Machine Learning 20, 1995.
    """
    points = build_points(X, y, positive)
    cost = None if C is None else _cost(C)
    separation = separate(points)
    widest = widest_margin(points) if separation.separable else None
    soft = None if widest and cost is None else soft_margin(points, cost or Fraction(1))
    found = widest and conditions(points, widest.plane, widest.multipliers)
    blocks = [*_points(points), *_separation(points, separation)]
    if widest and found:
        blocks += tell_widest(points, widest, found)
    if soft:
        blocks += tell_soft(soft, after_hard=widest is not None)
    n, name = len(points.X), shape(points.dimensions)
    lead = Paragraph(
        f"{n} points of two classes: is there a {name} between them, and which one keeps the "
        "largest distance from both?"
    )
    return Document(title, lead, blocks, data_of(points, separation, widest, soft))


def _cost(C: Any) -> Fraction:
    cost = parse_number("C", C)
    if cost <= 0:
        raise InvalidValueError("C must be greater than 0", C, "such as 1 or 100")
    return cost


def _points(points: Points) -> Iterator[Block]:
    yield Heading("The points")
    explained = points.labels.explained()
    yield Table(
        ["point", "x", *(["label"] if explained else []), "y"],
        [
            [str(i + 1), vector(x), *([points.label(i)] if explained else []), Fraction(y)]
            for i, (x, y) in enumerate(zip(points.X, points.y, strict=True))
        ],
    )
    if explained:
        yield Paragraph(explained)
    yield Paragraph(
        "Everything is calculated with exact fractions. Numbers are rounded where they are shown, "
        "and nowhere else; ≈ stands before those."
    )


def _separation(points: Points, separation: Separation) -> Iterator[Block]:
    name = shape(points.dimensions)
    yield Heading("Can they be separated?")
    yield Paragraph(
        f"A {name} ",
        row(F_OF_X, "=", product("w", "x"), "+", "b", "=", Fraction(0)),
        " separates the classes if ",
        row(MARGIN, ">", Fraction(0)),
        " for every point. A linear program (HiGHS) looks for the widest gap between them, and "
        "exact arithmetic checks its answer.",
    )
    if not separation.by_floats:
        yield Note(
            "Floating-point numbers are too coarse for these points, so the answer is that of an "
            "exact algorithm: the nearest points of the two convex hulls."
        )
    yield from (
        _separated(points, separation) if separation.plane else _inseparable(points, separation)
    )


def _separated(points: Points, separation: Separation) -> Iterator[Block]:
    plane = separation.plane
    assert plane is not None
    found = points.margins(plane)
    yield Formula(function_of(plane))
    yield Table(
        ["point", "x", "y", F_OF_X, MARGIN],
        [
            [str(i + 1), vector(x), Fraction(y), plane.value(x), margin]
            for i, (x, y, margin) in enumerate(zip(points.X, points.y, found, strict=True))
        ],
    )
    yield Note(
        "Yes: every ", MARGIN, " is positive, and the smallest is ", min(found), ".", tone="good"
    )


def _inseparable(points: Points, separation: Separation) -> Iterator[Block]:
    weights = separation.weights
    assert weights is not None
    yield Paragraph("There is none. One point is a mixture of points of both classes:")
    point = vector(common_point(points, weights))
    for sign in (1, -1):
        mixture = [(weights[i], vector(points.X[i])) for i in points.of(sign)]
        yield Formula(without_repeats(Symbol("m"), signed_sum(mixture), point))
    yield Table(
        ["class", "point", "x", "share in the mixture"],
        [
            [f"{sign:+d}", str(i + 1), vector(points.X[i]), weights[i]]
            for sign in (1, -1)
            for i in points.of(sign)
            if weights[i]
        ],
        caption="Shares are not negative, and their sum is 1 in each class.",
    )
    f = row(Symbol("f"), listed("m"))
    yield Note(
        "No: a ", shape(points.dimensions), " that separates would give ", f,
        " > 0, as the first mixture is of points with ", row(F_OF_X, ">", Fraction(0)),
        ", and ", f, " < 0 by the second. Both cannot be.",
    )  # fmt: skip
