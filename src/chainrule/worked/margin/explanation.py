"""From labelled points to the document that separates them, or shows that nothing does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from chainrule.errors import InvalidValueError
from chainrule.worked.document import (
    Block,
    Document,
    Formula,
    Heading,
    Inline,
    Note,
    Paragraph,
    Table,
)
from chainrule.worked.formula import (
    Equation,
    Expression,
    Power,
    Ratio,
    Symbol,
    Words,
    call,
    product,
    row,
    squared,
)
from chainrule.worked.margin.data import data_of
from chainrule.worked.margin.figure import collect_margin, figure_of
from chainrule.worked.margin.linear import Vector, combination, dot, minus
from chainrule.worked.margin.points import Points, build_points
from chainrule.worked.margin.separation import Separation, common_point, separate
from chainrule.worked.margin.soft import Soft, soft_margin
from chainrule.worked.margin.widest import Conditions, Widest, conditions, widest_margin
from chainrule.worked.margin.words import (
    F_OF_X,
    HALF,
    MARGIN,
    NORM,
    function_of,
    margins,
    numbered,
    shape,
    signed_sum,
    vector,
)
from chainrule.worked.numbers import parse_number

_MOST_TERMS = 8  # a longer sum of points is left out, as nobody adds it up
_ALPHA, _SLACK = Symbol("α"), Symbol("ξ")
_SUM_ALPHA_Y = row(Words("Σ "), _ALPHA, "·", "y")
_SUM_ALPHA_Y_X = row(_SUM_ALPHA_Y, "·", "x")


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
        blocks += [*_widest(points, widest), *_support(points, widest), *_checks(points, widest, found)]
    if soft:
        blocks += _soft(soft, after_hard=widest is not None)
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
    plain = points.classes == ("1", "-1")
    yield Table(
        ["point", "x", *([] if plain else ["label"]), "y"],
        [
            [str(i + 1), vector(x), *([] if plain else [points.label(i)]), Fraction(y)]
            for i, (x, y) in enumerate(zip(points.X, points.y, strict=True))
        ],
    )
    if not plain:
        yield Paragraph(f"The label “{points.classes[0]}” is +1, “{points.classes[1]}” is -1.")
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
    yield from _separated(points, separation) if separation.plane else _inseparable(
        points, separation
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
        yield Formula(Equation.of(row(Symbol("m")), signed_sum(mixture), point))
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
    f = row(Symbol("f"), call("", "m"))
    yield Note(
        "No: a ", shape(points.dimensions), " that separates would give ", f,
        " > 0, as the first mixture is of points with ", row(F_OF_X, ">", Fraction(0)),
        ", and ", f, " < 0 by the second. Both cannot be.",
    )  # fmt: skip


def _widest(points: Points, widest: Widest) -> Iterator[Block]:
    name = shape(points.dimensions)
    plane, alpha = widest.plane, widest.multipliers
    yield Heading("The widest margin")
    yield Paragraph(
        f"Many a {name} separates them. One keeps the largest distance from the nearest points. "
        "Scaled so that these have ",
        row(MARGIN, "=", Fraction(1)),
        ", it is the solution of",
    )
    yield Formula(_problem(()))
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
        sides = [signed_sum(mixture), vector(place)] if len(chosen) <= _MOST_TERMS else [vector(place)]
        yield Formula(Equation.of(letter, *dict.fromkeys(sides)))
    yield from _from_hulls(widest, *hulls)
    yield from margins(plane)
    if points.dimensions == 2:
        yield _figure(points, widest)


def _problem(extra: Sequence[Any]) -> Expression:
    bound = row(Fraction(1)) if not extra else row(Fraction(1), "-", _SLACK)
    return row(
        Words("minimise "), HALF, "·", squared(NORM), *extra,
        Words(" subject to "), MARGIN, "≥", bound, Words(" for every point"),
    )  # fmt: skip


def _from_hulls(widest: Widest, p: Vector, q: Vector) -> Iterator[Block]:
    plane = widest.plane
    gap = minus(p, q)
    length = squared(_norm_of(row("p", "-", "q")))
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


def _norm_of(inner: Expression) -> Expression:
    from chainrule.worked.formula import Group

    return Group(inner, "‖‖")


def _figure(points: Points, widest: Widest) -> Block:
    picture = collect_margin(points.X, points.y, widest.plane, widest.on_margin)
    description = (
        f"The points, the line, and its margin on both sides; on the margin "
        f"{_lie(widest.on_margin)}."
    )
    return figure_of(picture, description, _caption(points))


def _caption(points: Points) -> str:
    plain = points.classes == ("1", "-1")
    return "" if plain else f"+1 is “{points.classes[0]}”, −1 is “{points.classes[1]}”."


def _lie(indices: Sequence[int]) -> str:
    return f"{'lies' if len(indices) == 1 else 'lie'} {numbered(indices)}"


def _support(points: Points, widest: Widest) -> Iterator[Block]:
    alpha, others = widest.multipliers, widest.others
    yield Heading("Support vectors")
    yield Paragraph(
        "On the margin, where ", row(MARGIN, "=", Fraction(1)), f", {_lie(widest.on_margin)}: the "
        "support vectors. Each point has a multiplier ", _ALPHA,
        ", which tells how strongly it holds the margin back.",
    )  # fmt: skip
    found = points.margins(widest.plane)
    yield Table(
        ["point", "x", "y", MARGIN, _ALPHA, *([Words("another α")] if others else [])],
        [
            [str(i + 1), vector(x), Fraction(y), found[i], alpha[i], *([others[i]] if others else [])]
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
            ["dual feasibility", row(_ALPHA, "≥", zero),
             row(Words("smallest "), found.smallest_multiplier)],
            ["stationarity in w", row(_SUM_ALPHA_Y_X, "=", "w"),
             row(Words("difference "), vector(found.difference))],
            ["stationarity in b", row(_SUM_ALPHA_Y, "=", zero),
             row(Words("difference "), found.balance)],
            ["complementary slackness",
             row(_ALPHA, "·", row("(", MARGIN, "-", Fraction(1), ")"), "=", zero),
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
    yield Formula(
        Equation.of(_SUM_ALPHA_Y, signed_sum((a, None) for a, _ in signed), Fraction(0))
    )


def _soft(soft: Soft, *, after_hard: bool) -> Iterator[Block]:
    points, plane = soft.points, soft.plane
    yield Heading("The soft margin")
    yield Paragraph(
        "A soft margin may be violated" if after_hard else "As none separates, a soft margin has "
        "to do: it may be violated",
        ", by ", row(_SLACK, "≥", Fraction(0)), " for each point, at a price of ",
        Equation.of("C", soft.C), " for a unit:",
    )  # fmt: skip
    yield Formula(_problem(("+", product("C", row(Words("Σ "), _SLACK)))))
    yield Formula(function_of(plane))
    if not any(plane.w):
        yield Note(
            "w is 0: for these points and this C nothing is gained by any direction, and ", F_OF_X,
            " is the same everywhere.",
        )  # fmt: skip
    else:
        yield from margins(plane)
    found = points.margins(plane)
    yield Table(
        ["point", "x", "y", MARGIN, _SLACK, _ALPHA],
        [
            [str(i + 1), vector(x), Fraction(y), found[i], soft.slacks[i], soft.multipliers[i]]
            for i, (x, y) in enumerate(zip(points.X, points.y, strict=True))
        ],
    )
    yield from _violations(found)
    if points.dimensions == 2 and any(plane.w):
        ringed = [i for i, a in enumerate(soft.multipliers) if a > soft.C / 10**6]
        picture = collect_margin(points.X, points.y, plane, ringed)
        description = "The points, the line with the soft margin, and the margin on both sides."
        yield figure_of(picture, description, _caption(points))
    yield from _soft_checks(soft)


def _violations(found: Sequence[Fraction]) -> Iterator[Block]:
    wrong = [i for i, margin in enumerate(found) if margin < 0]
    inside = [i for i, margin in enumerate(found) if 0 <= margin < 1]
    if wrong:
        yield Paragraph(f"On the wrong side: {numbered(wrong)}.")
    if inside:
        yield Paragraph(f"On the right side, but inside the margin: {numbered(inside)}.")


def _soft_checks(soft: Soft) -> Iterator[Block]:
    yield Paragraph("The objective, and that of the dual problem, which is never larger:")
    zeta = row(Words("Σ "), _SLACK)
    yield Formula(
        Equation.of(row(HALF, "·", squared(NORM), "+", product("C", zeta)), soft.objective)
    )
    yield Formula(
        Equation.of(row(Words("Σ "), _ALPHA, "-", HALF, "·", squared(NORM)), soft.dual_objective)
    )
    if soft.exact:
        yield Note(
            "They are equal, and every condition holds exactly, so there is no better one.",
            tone="good",
        )
    elif soft.holds:
        yield Note(
            "They agree within rounding, so there is no better one but for rounding.", tone="good"
        )
    else:
        yield Note(
            "They differ by ", soft.objective - soft.dual_objective,
            ": the solver did not come to an end. Take points of like size, or a smaller C.",
            tone="bad",
        )  # fmt: skip
